//! Segments of the log: see `fuzz_bodies::wal_segment`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::wal_segment(bytes));
