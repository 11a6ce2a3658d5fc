//! What one query may cost, and all of them together: samples, bytes, time; and how a query is told
//! to stop.
//!
//! A limit is charged before the work it allows; the error names the limit, its value and the
//! setting that raises it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Named settings of a query's limits.
#[derive(Clone, Copy, Debug)]
pub struct BudgetLimits {
    /// `query.max_samples`: samples held in memory at once.
    pub samples_max: u64,
    /// `query.max_memory_bytes`: bytes of labels, results and buffers.
    pub bytes_max: u64,
    /// `query.timeout`
    pub timeout: Duration,
}

impl Default for BudgetLimits {
    fn default() -> Self {
        Self { samples_max: 50_000_000, bytes_max: 1 << 30, timeout: Duration::from_mins(2) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BudgetError {
    /// The text is Prometheus' own, so that clients which look for it find it.
    #[error(
        "query processing would load too many samples into memory in query execution (limit {limit}, raise query.max_samples)"
    )]
    Samples { limit: u64 },
    #[error("query would use more than {limit} bytes of memory (raise query.max_memory_bytes)")]
    Bytes { limit: u64 },
    /// Not this query's fault: it may pass when others have ended.
    #[error(
        "running queries would together use more than {limit} bytes of memory, try again later (raise query.max_total_memory_bytes)"
    )]
    TotalBytes { limit: u64 },
    #[error("query timed out in expression evaluation (limit {limit:?}, raise query.timeout)")]
    Timeout { limit: Duration },
    #[error("query timed out in query queue (limit {limit:?}, raise query.timeout)")]
    QueueTimeout { limit: Duration },
    #[error("query was canceled in expression evaluation")]
    Cancelled,
}

/// A flag shared with whoever may stop the query (a closed connection, a shutdown).
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Cancels when dropped: keep it next to a response that the client may abandon.
    pub fn guard(&self) -> CancelGuard {
        CancelGuard(self.clone())
    }
}

#[derive(Debug)]
pub struct CancelGuard(Cancel);

impl Drop for CancelGuard {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// `query.max_total_memory_bytes`: what all running queries may hold together.
#[derive(Debug)]
pub struct MemoryPool {
    limit: u64,
    used: AtomicU64,
}

impl MemoryPool {
    pub fn new(limit: u64) -> Self {
        Self { limit, used: AtomicU64::new(0) }
    }

    /// Bytes that running queries hold.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Charges the bytes, or nothing.
    fn take(&self, count: u64) -> Result<(), BudgetError> {
        let held = self.used.fetch_add(count, Ordering::Relaxed).saturating_add(count);
        if held > self.limit {
            self.release(count);
            return Err(BudgetError::TotalBytes { limit: self.limit });
        }
        Ok(())
    }

    fn release(&self, count: u64) {
        self.used.fetch_sub(count, Ordering::Relaxed);
    }
}

/// The account of one running query; shared by its worker threads. What it has not given back
/// when it is dropped goes back to the pool then.
#[derive(Debug)]
pub struct Budget {
    limits: BudgetLimits,
    deadline: Instant,
    cancel: Cancel,
    pool: Option<Arc<MemoryPool>>,
    samples_now: AtomicU64,
    samples_peak: AtomicU64,
    samples_read: AtomicU64,
    bytes: AtomicU64,
}

impl Budget {
    /// The clock starts now.
    pub fn new(limits: BudgetLimits, cancel: Cancel) -> Self {
        Self::since(Instant::now(), limits, cancel)
    }

    /// The clock has started before: a query that waited for its turn has used up part of its time.
    pub fn since(started: Instant, limits: BudgetLimits, cancel: Cancel) -> Self {
        Self {
            limits,
            deadline: started + limits.timeout,
            cancel,
            pool: None,
            samples_now: AtomicU64::new(0),
            samples_peak: AtomicU64::new(0),
            samples_read: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// Charges bytes to the pool too, which other queries share.
    #[must_use]
    pub fn within(mut self, pool: Arc<MemoryPool>) -> Self {
        self.pool = Some(pool);
        self
    }

    /// Charges samples about to be held. Pair with [`Self::release_samples`] when they are let go.
    pub fn take_samples(&self, count: u64) -> Result<(), BudgetError> {
        let held = self.samples_now.fetch_add(count, Ordering::Relaxed) + count;
        self.samples_peak.fetch_max(held, Ordering::Relaxed);
        if held > self.limits.samples_max {
            return Err(BudgetError::Samples { limit: self.limits.samples_max });
        }
        Ok(())
    }

    pub fn release_samples(&self, count: u64) {
        self.samples_now.fetch_sub(count, Ordering::Relaxed);
    }

    /// Charges bytes until [`Self::release_bytes`], or for the rest of the query. An error has
    /// charged nothing.
    pub fn take_bytes(&self, count: u64) -> Result<(), BudgetError> {
        let held = self.bytes.fetch_add(count, Ordering::Relaxed).saturating_add(count);
        let own = if held > self.limits.bytes_max {
            Err(BudgetError::Bytes { limit: self.limits.bytes_max })
        } else {
            self.pool.as_ref().map_or(Ok(()), |pool| pool.take(count))
        };
        if own.is_err() {
            self.bytes.fetch_sub(count, Ordering::Relaxed);
        }
        own
    }

    pub fn release_bytes(&self, count: u64) {
        self.bytes.fetch_sub(count, Ordering::Relaxed);
        if let Some(pool) = &self.pool {
            pool.release(count);
        }
    }

    /// Bytes charged right now.
    pub fn bytes_held(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Adds to the count of samples read from a store (a statistic, not a limit).
    pub fn count_read(&self, samples: u64) {
        self.samples_read.fetch_add(samples, Ordering::Relaxed);
    }

    /// Call once per series or morsel: an error when the query was cancelled or is out of time.
    pub fn check(&self) -> Result<(), BudgetError> {
        if self.cancel.is_cancelled() {
            return Err(BudgetError::Cancelled);
        }
        if Instant::now() > self.deadline {
            return Err(BudgetError::Timeout { limit: self.limits.timeout });
        }
        Ok(())
    }

    pub fn samples_read(&self) -> u64 {
        self.samples_read.load(Ordering::Relaxed)
    }

    /// Samples charged right now.
    pub fn samples_held(&self) -> u64 {
        self.samples_now.load(Ordering::Relaxed)
    }

    pub fn samples_peak(&self) -> u64 {
        self.samples_peak.load(Ordering::Relaxed)
    }

    pub fn limits(&self) -> &BudgetLimits {
        &self.limits
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        if let Some(pool) = &self.pool {
            pool.release(*self.bytes.get_mut());
        }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(BudgetLimits::default(), Cancel::default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Budget, BudgetError, BudgetLimits, Cancel, MemoryPool};

    #[test]
    fn queries_share_a_pool_and_give_back_what_they_held() {
        let pool = Arc::new(MemoryPool::new(100));
        let budget = || Budget::default().within(Arc::clone(&pool));
        let (first, second) = (budget(), budget());
        assert_eq!(first.take_bytes(60), Ok(()));
        let error = second.take_bytes(60).unwrap_err();
        assert_eq!(error, BudgetError::TotalBytes { limit: 100 });
        assert!(error.to_string().contains("query.max_total_memory_bytes"), "{error}");
        assert_eq!((second.bytes_held(), pool.used()), (0, 60), "a refused charge is none");
        first.release_bytes(20);
        assert_eq!(second.take_bytes(60), Ok(()));
        drop(first);
        assert_eq!(pool.used(), 60);
        drop(second);
        assert_eq!(pool.used(), 0);
    }

    #[test]
    fn a_limit_names_itself_and_released_samples_can_be_taken_again() {
        let limits = BudgetLimits { samples_max: 10, ..BudgetLimits::default() };
        let budget = Budget::new(limits, Cancel::default());
        assert_eq!(budget.take_samples(10), Ok(()));
        budget.release_samples(5);
        assert_eq!(budget.take_samples(5), Ok(()));
        let error = budget.take_samples(1).unwrap_err();
        assert!(error.to_string().contains("query.max_samples"), "{error}");
    }

    #[test]
    fn dropping_the_guard_cancels() {
        let cancel = Cancel::default();
        let budget = Budget::new(BudgetLimits::default(), cancel.clone());
        assert_eq!(budget.check(), Ok(()));
        drop(cancel.guard());
        assert_eq!(budget.check(), Err(BudgetError::Cancelled));
    }
}
