//! The newest samples, in memory: per tenant the names of its series and their samples by epoch.
//!
//! An epoch is what was appended between two cuts. Cutting swaps a fresh epoch in, under the
//! store's gate, so every record before the log's cut position belongs to the older epochs and
//! every later one to the new. A selection keeps the epochs it has seen alive, so nothing it
//! selected can vanish while it is read.

pub(crate) mod append;
pub(crate) mod epoch;
mod exemplars;
mod heard;
mod keys;
mod late;
pub(crate) mod names;
mod replay;
mod run;
mod series;
mod start;
mod targets;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::{Exemplar, Labels, MetricMetadata, Tenant};
use parking_lot::{Mutex, RwLock};
use wal::Position;

pub(crate) use epoch::Epoch;
pub(crate) use exemplars::Exemplars;
use heard::Heard;
pub(crate) use keys::KeyTable;
pub(crate) use names::Names;
pub(crate) use replay::Replay;
pub(crate) use series::SeriesCopy;

/// Series released under one lock: less than a millisecond.
const RELEASED_AT_ONCE: usize = 256;

/// One tenant's head.
///
/// Locks are taken in the order of the fields and none is held while waiting for an earlier one,
/// not even for a recursive read, which may queue behind a writer; shards of an epoch come last.
#[derive(Debug)]
pub(crate) struct TenantHead {
    pub(crate) tenant: Tenant,
    pub(crate) keys: RwLock<KeyTable>,
    pub(crate) names: RwLock<Names>,
    epochs: RwLock<Epochs>,
    pub(crate) metadata: RwLock<BTreeMap<String, Vec<MetricMetadata>>>,
    pub(crate) exemplars: Mutex<Exemplars>,
    pub(crate) heard: Mutex<Heard>,
}

/// Samples not yet in parts.
#[derive(Clone, Debug)]
pub(crate) struct Epochs {
    /// Cut, waiting to be written; oldest first.
    pub(crate) frozen: Vec<Frozen>,
    pub(crate) current: Arc<Epoch>,
}

/// A cut epoch and the log position behind its last record.
#[derive(Clone, Debug)]
pub(crate) struct Frozen {
    pub(crate) epoch: Arc<Epoch>,
    pub(crate) covers: Position,
}

impl Epochs {
    /// Every epoch, oldest first.
    pub(crate) fn oldest_first(&self) -> impl DoubleEndedIterator<Item = &Arc<Epoch>> {
        self.frozen.iter().map(|frozen| &frozen.epoch).chain([&self.current])
    }
}

impl TenantHead {
    /// An empty head. `naming` is a number that no earlier run has used for its references.
    pub(crate) fn new(tenant: Tenant, shard_count: usize, started: Duration, naming: u64) -> Self {
        let current = Arc::new(Epoch::new(shard_count, started, naming));
        Self {
            tenant,
            keys: RwLock::default(),
            names: RwLock::default(),
            epochs: RwLock::new(Epochs { frozen: Vec::new(), current }),
            metadata: RwLock::default(),
            exemplars: Mutex::default(),
            heard: Mutex::default(),
        }
    }

    pub(crate) fn epochs(&self) -> Epochs {
        self.epochs.read().clone()
    }

    pub(crate) fn current(&self) -> Arc<Epoch> {
        Arc::clone(&self.epochs.read().current)
    }

    /// Swaps a fresh epoch in. The caller keeps appends out.
    ///
    /// Also when nothing was appended: the definitions of references go with the log.
    pub(crate) fn cut(&self, covers: Position, now: Duration) {
        let mut epochs = self.epochs.write();
        let next = Arc::new(epochs.current.successor(now));
        let epoch = std::mem::replace(&mut epochs.current, next);
        if epoch.sample_count() > 0 {
            epochs.frozen.push(Frozen { epoch, covers });
        }
    }

    /// Makes series unknown that have no sample in any epoch, and had none at the cuts of the last
    /// `keep` either, or have ended since ([`Heard`]); with zero, all that have none now. The
    /// caller keeps appends out, and calls this right after a cut: a fresh epoch is no reason to
    /// keep a series.
    ///
    /// What is left of them is to be given back by [`Self::release`], which takes longer and needs
    /// nobody kept out: nothing leads to the references any more, and they are not given out
    /// again before. Cost: one pass over records and keys, some ten nanoseconds a series.
    pub(crate) fn forget_idle(&self, keep: Duration) -> Vec<u32> {
        let epochs = self.epochs();
        let mut used = vec![0_u64; self.names.read().capacity().div_ceil(64)];
        let newest = epochs.oldest_first().filter_map(|epoch| epoch.mark_used(&mut used)).max();
        self.heard.lock().at_cut(epochs.current.started, newest, keep, &mut used);
        let mut names = self.names.write();
        let is_used = |series: u32| used[series as usize / 64] >> (series % 64) & 1 == 1;
        let dead: Vec<u32> = names.references().filter(|series| !is_used(*series)).collect();
        for series in &dead {
            names.detach(*series);
            epochs.current.reset(*series);
        }
        drop(names);
        if !dead.is_empty() {
            self.keys.write().retain(is_used);
        }
        dead
    }

    /// Gives back what forgotten series held, and their references.
    pub(crate) fn release(&self, forgotten: &[u32], totals: &HeadTotals) {
        for some in forgotten.chunks(RELEASED_AT_ONCE) {
            let mut names = self.names.write();
            let before = names.heap_bytes_guess();
            for series in some {
                names.release(*series);
            }
            totals.change_series_bytes(before, names.heap_bytes_guess());
        }
    }

    /// Drops the oldest frozen epoch, whose samples are in a part now.
    pub(crate) fn thaw(&self, written: &Arc<Epoch>) {
        self.epochs.write().frozen.retain(|frozen| !Arc::ptr_eq(&frozen.epoch, written));
    }

    pub(crate) fn add_metadata(&self, metric: &str, metadata: MetricMetadata) -> bool {
        if self.metadata.read().get(metric).is_some_and(|known| known.contains(&metadata)) {
            return false;
        }
        let mut all = self.metadata.write();
        let known = all.entry(metric.to_owned()).or_default();
        if known.contains(&metadata) {
            return false;
        }
        known.push(metadata);
        true
    }

    /// Exemplars that pass, in order of arrival.
    pub(crate) fn exemplars_if(
        &self,
        pass: impl Fn(&Labels, &Exemplar) -> bool,
    ) -> Vec<(Labels, Exemplar)> {
        let exemplars = self.exemplars.lock();
        let passing = exemplars.iter().filter(|(series, exemplar)| pass(series, exemplar));
        passing.map(|(series, exemplar)| (series.clone(), exemplar.clone())).collect()
    }

    pub(crate) fn chunk_bytes(&self) -> u64 {
        self.epochs().oldest_first().map(|epoch| epoch.chunk_bytes()).sum()
    }

    /// Approximate bytes of heap: names, keys, records and samples.
    pub(crate) fn heap_bytes(&self) -> u64 {
        let names = self.names.read().heap_bytes() + self.keys.read().heap_bytes();
        let records: u64 = self.epochs().oldest_first().map(|epoch| epoch.record_bytes()).sum();
        names as u64 + records + self.chunk_bytes()
    }
}

/// Counters that every head adds to.
#[derive(Debug, Default)]
pub(crate) struct HeadTotals {
    /// Active series of all tenants.
    pub(crate) series: AtomicU64,
    pub(crate) samples_appended: AtomicU64,
    pub(crate) series_created: AtomicU64,
    /// What `series_created` was when the heads were last cut.
    pub(crate) created_at_cut: AtomicU64,
    /// Guessed bytes of the names and indexes of all series.
    pub(crate) series_bytes: AtomicU64,
    /// Bytes of chunks in all epochs.
    pub(crate) chunk_bytes: AtomicU64,
}

impl HeadTotals {
    /// Counts a series of all tenants, unless there are `max` (0 = no limit).
    pub(crate) fn take_series(&self, max: u64) -> bool {
        let more = |held| (max == 0 || held < max).then_some(held + 1);
        self.series.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Whether more series than this, and than a quarter of those there are, were met for the
    /// first time since the heads were cut; 0 = never.
    pub(crate) fn has_many_new(&self, max: u64) -> bool {
        let created = self.series_created.load(Ordering::Relaxed);
        let new = created.saturating_sub(self.created_at_cut.load(Ordering::Relaxed));
        max > 0 && new > max.max(self.series.load(Ordering::Relaxed) / 4)
    }

    pub(crate) fn begin_to_count_new(&self) {
        self.created_at_cut.store(self.series_created.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    pub(crate) fn change_series_bytes(&self, before: usize, after: usize) {
        self.series_bytes.fetch_add((after as u64).wrapping_sub(before as u64), Ordering::Relaxed);
    }
}
