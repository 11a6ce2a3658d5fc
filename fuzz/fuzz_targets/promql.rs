//! Queries: see `fuzz_bodies::promql`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::promql(bytes));
