//! Records of the metrics log: see `fuzz_bodies::wal_records`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::wal_records(bytes));
