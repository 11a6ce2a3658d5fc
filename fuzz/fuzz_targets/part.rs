//! Part files: see `fuzz_bodies::part`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::part(bytes));
