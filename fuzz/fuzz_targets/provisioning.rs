//! Provisioning files: see `fuzz_bodies::provisioning`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::provisioning(bytes));
