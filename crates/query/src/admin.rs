//! What an administrator asks of a store: to delete, to clean up, to copy.

use model::{Matcher, TimeRange};

use crate::metrics::SourceError;
use crate::scope::Scope;

/// Why an administrator's wish was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdminError {
    /// The store is starting or stopping: ask again.
    #[error("the store is not ready: {0}")]
    NotReady(String),
    /// There are as many as the setting allows.
    #[error("too many {limit}: the limit is {value} (raise {setting})")]
    Limit { limit: &'static str, value: u64, setting: &'static str },
    /// The disk refused. A deletion that failed may have taken effect, wholly or in part.
    #[error("{0}")]
    Io(String),
}

/// Counts of what a tenant has in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeadStats {
    pub series: u64,
    pub label_pairs: u64,
    pub chunks: u64,
    /// From the oldest to the newest sample; `None` without any.
    pub time: Option<TimeRange>,
    /// Names with their counts, the largest first.
    pub series_by_metric: Vec<(String, u64)>,
    pub values_by_name: Vec<(String, u64)>,
    /// Bytes of the label's name and values in all label sets.
    pub bytes_by_name: Vec<(String, u64)>,
    /// By `name=value`.
    pub series_by_pair: Vec<(String, u64)>,
}

/// A part on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartInfo {
    /// Unique for the tenant, and never given again.
    pub id: u64,
    pub time: TimeRange,
    pub samples: u64,
    pub series: u64,
    pub chunks: u64,
    /// 0 as written from memory, higher as merged.
    pub level: u8,
    /// The parts it was made of.
    pub replaces: Vec<u64>,
}

/// How far the log is replayed: numbers of its segments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplayProgress {
    pub first: u64,
    pub last: u64,
    /// Equal to `last` when it is over.
    pub current: u64,
}

/// A store of metrics as its administrator sees it. What changes something blocks, and waits for
/// whatever other maintenance is under way.
pub trait MetricAdmin: Send + Sync {
    /// Deletes the samples in the range of all series that pass one of the sets of matchers.
    ///
    /// What is there when it is called is gone when it returns, for queries at once and after any
    /// crash; it leaves the disk later. What is appended afterwards stays, whatever its timestamp.
    fn delete_series(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
    ) -> Result<(), AdminError>;

    /// Takes what is deleted off the disk. Cost: every part with deleted samples is rewritten.
    fn clean_tombstones(&self, scope: &Scope) -> Result<(), AdminError>;

    /// Copies the whole store, every tenant of it, to a place of its own beside it and returns the
    /// copy's name. The copy shows one moment, and opens as a store. With `skip_head` it lacks
    /// what is not in parts yet. Cost: the heads are written; files are linked, not copied.
    fn snapshot(&self, scope: &Scope, skip_head: bool) -> Result<String, AdminError>;

    /// Counts what the tenant has in memory, with the `limit` largest of each kind. Cost: looks at
    /// every label pair and series.
    fn head_stats(&self, scope: &Scope, limit: usize) -> Result<HeadStats, SourceError>;

    /// The tenant's parts, the oldest first. Cost: some hundred nanoseconds for each.
    fn parts(&self, scope: &Scope) -> Result<Vec<PartInfo>, SourceError>;

    fn replay_progress(&self) -> ReplayProgress;

    /// Damaged places that the replay of the log has met.
    fn corruptions(&self) -> u64;
}
