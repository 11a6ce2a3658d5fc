//! What the fuzz targets do with their input. Any bytes must end in an error or an answer: no
//! panic, no hang, no memory beyond what the input's length and the limits explain.
//!
//! The targets in `fuzz/` call these functions under libFuzzer; `tests/corpus.rs` calls them on
//! stable Rust for every file of the corpora and for seeded mutations of it.

mod exposition;
mod mutate;
mod portal;
mod promql;
mod remote_write;
mod seal;
mod store;
mod written;

pub use exposition::exposition;
pub use mutate::Mutator;
pub use portal::{dashboard, provisioning};
pub use promql::promql;
pub use remote_write::remote_write;
pub use store::{manifest, part, tombstones, wal_records, wal_segment};
pub use written::written_corpora;

/// One target: what it is called in `fuzz/`, and what it does.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// How often a test damages each file of the corpus: what a few seconds allow.
    pub variations: u64,
}

const fn target(name: &'static str, run: fn(&[u8]), variations: u64) -> Target {
    Target { name, run, variations }
}

/// Every target, as in `fuzz/fuzz_targets` and `fuzz/corpus`.
pub const TARGETS: [Target; 10] = [
    target("promql", promql, 400),
    target("exposition", exposition, 400),
    target("remote_write", remote_write, 400),
    target("dashboard", dashboard, 200),
    target("provisioning", provisioning, 100),
    target("wal_segment", wal_segment, 25),
    target("wal_records", wal_records, 25),
    target("part", part, 25),
    target("manifest", manifest, 25),
    target("tombstones", tombstones, 50),
];
