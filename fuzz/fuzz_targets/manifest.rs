//! Lists of parts: see `fuzz_bodies::manifest`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::manifest(bytes));
