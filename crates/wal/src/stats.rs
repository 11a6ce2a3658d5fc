//! Counters of one log, for metrics.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Totals since the log was opened, and what it holds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WalStats {
    pub records: u64,
    /// Bytes of records with their headers.
    pub bytes: u64,
    /// Calls of `write`; `records / writes` is how well group commit groups.
    pub writes: u64,
    pub write_failures: u64,
    pub syncs: u64,
    pub sync_failures: u64,
    /// Time spent inside syncs.
    pub sync_ns: u64,
    /// Segment files that exist now.
    pub segments: u64,
    /// Bytes of all segment files that exist now.
    pub segment_bytes: u64,
    /// Bytes written but not synced yet.
    pub unsynced_bytes: u64,
}

/// Told how long a sync took.
pub(crate) type SyncObserver = Box<dyn Fn(Duration) + Send + Sync>;

#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) records: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) writes: AtomicU64,
    pub(crate) write_failures: AtomicU64,
    pub(crate) syncs: AtomicU64,
    pub(crate) sync_failures: AtomicU64,
    pub(crate) sync_ns: AtomicU64,
    pub(crate) sync_observer: OnceLock<SyncObserver>,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64, amount: u64) {
        counter.fetch_add(amount, Ordering::Relaxed);
    }

    pub(crate) fn synced(&self, took: Duration) {
        Self::add(&self.syncs, 1);
        Self::add(&self.sync_ns, u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
        if let Some(observe) = self.sync_observer.get() {
            observe(took);
        }
    }

    /// The totals; what the log holds now is left 0.
    pub(crate) fn totals(&self) -> WalStats {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        WalStats {
            records: of(&self.records),
            bytes: of(&self.bytes),
            writes: of(&self.writes),
            write_failures: of(&self.write_failures),
            syncs: of(&self.syncs),
            sync_failures: of(&self.sync_failures),
            sync_ns: of(&self.sync_ns),
            ..WalStats::default()
        }
    }
}
