//! Remote write: see `fuzz_bodies::remote_write`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::remote_write(bytes));
