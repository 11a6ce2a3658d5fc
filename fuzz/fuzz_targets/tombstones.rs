//! Lists of deletions: see `fuzz_bodies::tombstones`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::tombstones(bytes));
