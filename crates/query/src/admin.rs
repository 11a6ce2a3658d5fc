//! What an administrator asks of a store: to delete, to clean up, to copy.

use model::{Matcher, TimeRange};

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

/// A store of metrics as its administrator sees it. Every call blocks, and waits for whatever
/// other maintenance is under way.
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
}
