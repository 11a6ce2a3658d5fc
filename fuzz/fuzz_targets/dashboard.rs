//! Dashboards: see `fuzz_bodies::dashboard`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::dashboard(bytes));
