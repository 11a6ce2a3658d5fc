//! The metrics engine: head, write-ahead log, part files, recovery, selection.
//!
//! A batch is resolved to series references by the hashes of its raw names, logged, and appended
//! to compressed chunks in memory ([`MetricSink`](query::MetricSink)). Every half hour the head is
//! cut: its samples become an immutable part, and the log before the cut is dropped. Queries
//! ([`MetricSource`](query::MetricSource)) see parts and head as one. Every step that a background
//! thread takes is a method ([`MetricStore::maintain`]), so a simulation can drive it.
//!
//! **Invariant:** what was acknowledged is in the log or in a listed part, at every moment.
//! **Invariant:** of several samples of a series with one timestamp the first one counts.

mod admin;
mod changes;
mod chunk;
mod compact;
mod config;
mod cursor;
mod delete;
mod flush;
mod fold;
mod head;
mod histogram;
mod identity;
mod maintenance;
mod merge;
mod merge_plan;
mod metrics;
mod overview;
mod part;
mod record;
mod replay;
mod retention;
mod sieve;
mod snapshot;
mod source;
mod store;
mod tenant;
mod tombstone_file;
mod tombstones;
mod unite;

pub use config::{MaintainError, MetricStoreConfig, OpenError};
pub use maintenance::Maintenance;
pub use replay::PendingReplay;
pub use retention::RetentionRule;
pub use store::{MetricStore, StoreStats};
