//! The result cache: finished steps of range queries, kept until the data they were computed from
//! changes.
//!
//! A query that comes again takes the steps whose samples have not changed since and computes the
//! rest: of a dashboard that is refreshed, the tail. What a step reads is known from its
//! expression (`footprint`), what has changed from the source
//! ([`query::MetricSource::changed_since`]; `query::versions` has the argument why that is enough).
//! So a late sample costs exactly the steps that look at it, and merges cost nothing.
//!
//! The answer is the one that an evaluation of the whole range gives, warnings included. Only the
//! rounding of sums may differ in the last place, as it does between evaluations whenever series
//! are read in another order.

mod block;
mod bounds;
mod file;
mod footprint;
mod names;
mod pieces;
mod run;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use model::{Matcher, Tenant};
use query::Scope;
use quick_cache::sync::Cache;
use quick_cache::{Lifecycle, OptionsBuilder, Weighter};

pub(crate) use block::Block;
pub use file::{CacheFileError, CachedData};
pub(crate) use run::{Answer, Asked, first_changed, range};

/// No block may take more than this share of the cache, and no result more than a quarter of it.
const BLOCK_SHARE: u64 = 8;
const RESULT_SHARE: u64 = 4;

/// What tells queries apart whose steps must not be mixed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct QueryKey {
    tenant: Tenant,
    /// The conditions that every visible series meets, as text.
    policy: Box<str>,
    /// As the printer writes it: equal for equal trees.
    query: Box<str>,
    step_ms: i64,
    /// Times of steps modulo the step.
    phase_ms: i64,
    lookback_ms: i64,
    subquery_step_ms: i64,
    use_start_timestamps: bool,
}

/// A query and the number of a block.
type Key = (Arc<QueryKey>, i64);

/// Stands for no block: what is known of the query as a whole.
const WHOLE: i64 = i64::MIN;

#[derive(Clone, Debug)]
enum Entry {
    Block(Arc<Block>),
    /// Results have notes: computed in short runs, so that they can be kept.
    Noted,
}

/// Counts, and evicts no more than that.
#[derive(Clone, Debug, Default)]
struct CountEvictions(Arc<AtomicU64>);

impl Lifecycle<Key, Entry> for CountEvictions {
    type RequestState = Vec<Entry>;

    fn on_evict(&self, evicted: &mut Vec<Entry>, _key: Key, entry: Entry) {
        // Freed when the lock is released.
        evicted.push(entry);
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Clone, Debug)]
struct Bytes;

impl Weighter<Key, Entry> for Bytes {
    fn weight(&self, (key, _): &Key, entry: &Entry) -> u64 {
        let held = match entry {
            Entry::Block(block) => block.bytes(),
            Entry::Noted => 0,
        };
        // The key is shared by the blocks of a query; counted with each of them.
        (size_of::<QueryKey>() + key.query.len() + key.policy.len() + 64) as u64 + held
    }
}

/// Steps of range queries over one source, bounded in bytes; what is used least goes first
/// (S3-FIFO). Give an engine that uses it no other source.
pub struct ResultCache {
    bytes_max: u64,
    entries: Cache<Key, Entry, Bytes, std::hash::RandomState, CountEvictions>,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    hits: AtomicU64,
    partial_hits: AtomicU64,
    misses: AtomicU64,
    uncacheable: AtomicU64,
    steps_reused: AtomicU64,
    steps_computed: AtomicU64,
    evictions: Arc<AtomicU64>,
}

/// A snapshot of what the cache has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Queries answered without reading a sample.
    pub hits: u64,
    /// Queries of which some steps were there.
    pub partial_hits: u64,
    /// Queries of which no step was there.
    pub misses: u64,
    /// Range queries whose steps depend on each other, or that read nothing.
    pub uncacheable: u64,
    pub steps_reused: u64,
    pub steps_computed: u64,
    /// Blocks of steps that were pushed out, or were never taken in.
    pub evictions: u64,
    pub entries: u64,
    pub bytes: u64,
    pub bytes_max: u64,
}

impl std::fmt::Debug for ResultCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResultCache").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

impl ResultCache {
    /// An empty cache of at most `bytes_max` bytes.
    pub fn new(bytes_max: u64) -> Self {
        let counts = Counts::default();
        let mut options = OptionsBuilder::new();
        // One lock: it is held for a look-up, a few times per query.
        options.shards(1).weight_capacity(bytes_max);
        options.estimated_items_capacity(usize::try_from(bytes_max / 16_384).unwrap_or(0).max(64));
        let evictions = CountEvictions(Arc::clone(&counts.evictions));
        let hasher = std::hash::RandomState::new();
        let entries = match options.build() {
            Ok(options) => Cache::with_options(options, Bytes, hasher, evictions),
            // Only for options that were not set.
            Err(_) => Cache::with(64, bytes_max, Bytes, hasher, evictions),
        };
        Self { bytes_max, entries, counts }
    }

    pub fn stats(&self) -> CacheStats {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        CacheStats {
            hits: of(&self.counts.hits),
            partial_hits: of(&self.counts.partial_hits),
            misses: of(&self.counts.misses),
            uncacheable: of(&self.counts.uncacheable),
            steps_reused: of(&self.counts.steps_reused),
            steps_computed: of(&self.counts.steps_computed),
            evictions: of(&self.counts.evictions),
            entries: self.entries.len() as u64,
            bytes: self.entries.weight(),
            bytes_max: self.bytes_max,
        }
    }

    fn block(&self, query: &Arc<QueryKey>, number: i64) -> Option<Arc<Block>> {
        match self.entries.get(&(Arc::clone(query), number)) {
            Some(Entry::Block(block)) => Some(block),
            _ => None,
        }
    }

    /// What is known of the query as a whole.
    fn whole(&self, query: &Arc<QueryKey>) -> Option<Entry> {
        self.entries.get(&(Arc::clone(query), WHOLE))
    }

    fn remember(&self, query: &Arc<QueryKey>, entry: Entry) {
        self.entries.insert((Arc::clone(query), WHOLE), entry);
    }

    /// Keeps blocks of one result, if they are not more than their share.
    fn keep(&self, query: &Arc<QueryKey>, blocks: Vec<(i64, Block)>) {
        let sizes: Vec<u64> = blocks.iter().map(|(_, block)| block.bytes()).collect();
        if sizes.iter().sum::<u64>() > self.bytes_max / RESULT_SHARE {
            return;
        }
        for ((number, block), bytes) in blocks.into_iter().zip(sizes) {
            if bytes <= self.bytes_max / BLOCK_SHARE {
                self.entries.insert((Arc::clone(query), number), Entry::Block(Arc::new(block)));
            }
        }
    }
}

/// A label policy as a part of a key: equal text for equal conditions.
fn policy_text(scope: &Scope) -> Box<str> {
    let text = |m: &Matcher| format!("{:?} {:?} {:?},", m.name(), m.op(), m.value());
    let alternatives = scope.label_policy().alternatives().iter();
    let alternatives = alternatives.map(|all| all.iter().map(text).collect::<String>());
    alternatives.collect::<Vec<String>>().join(" or ").into()
}
