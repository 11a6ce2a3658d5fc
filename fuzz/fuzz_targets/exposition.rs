//! Text expositions: see `fuzz_bodies::exposition`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::exposition(bytes));
