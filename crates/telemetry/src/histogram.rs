//! Histograms with fixed upper bounds, counted per bucket and made cumulative when read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::instrument::AtomicF64;

/// Upper bounds in seconds for work between half a millisecond and ten seconds.
pub const LATENCY_BUCKETS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// `count` upper bounds, each `factor` times the one before; empty unless `start` > 0 and
/// `factor` > 1.
pub fn exponential_buckets(start: f64, factor: f64, count: usize) -> Vec<f64> {
    if start > 0.0 && factor > 1.0 {
        std::iter::successors(Some(start), |bound| Some(bound * factor)).take(count).collect()
    } else {
        Vec::new()
    }
}

#[derive(Debug)]
pub(crate) struct HistogramCell {
    /// Ascending, finite, without repeats; the last bucket has no bound of its own.
    bounds: Box<[f64]>,
    /// One more than `bounds`: the observations that fell into each bucket, not cumulative.
    counts: Box<[AtomicU64]>,
    sum: AtomicF64,
}

/// What a histogram held at one moment.
/// Shape: `buckets` pairs each upper bound with the count of observations at or below it and
/// ends with `+Inf`, whose count equals `count`.
pub(crate) struct HistogramReading {
    pub(crate) buckets: Vec<(f64, u64)>,
    pub(crate) sum: f64,
    pub(crate) count: u64,
}

impl HistogramCell {
    fn new(bounds: &[f64]) -> Self {
        let mut bounds: Vec<f64> = bounds.iter().copied().filter(|b| b.is_finite()).collect();
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds: bounds.into(), counts, sum: AtomicF64::default() }
    }

    /// The count is the sum of the buckets as they were read, so that the last bucket and
    /// `_count` agree even while others observe.
    pub(crate) fn read(&self) -> HistogramReading {
        let mut count = 0;
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        let buckets = bounds.zip(&self.counts).map(|(bound, cell)| {
            count += cell.load(Ordering::Relaxed);
            (bound, count)
        });
        let buckets = buckets.collect();
        HistogramReading { buckets, sum: self.sum.load(), count }
    }
}

/// Counts observations by size.
/// Cost: a scan of the bounds (fewer than twenty, in one cache line or two) and two atomic additions an observation.
#[derive(Clone, Debug)]
pub struct Histogram(pub(crate) Arc<HistogramCell>);

impl Histogram {
    pub(crate) fn new(bounds: &[f64]) -> Self {
        Self(Arc::new(HistogramCell::new(bounds)))
    }

    /// Counts one observation. NaN lands in the last bucket, as it is not at or below any bound.
    pub fn observe(&self, value: f64) {
        let cell = &*self.0;
        // Written so that NaN, which compares false, passes every bound.
        let bucket = cell.bounds.iter().position(|bound| value <= *bound);
        let bucket = bucket.unwrap_or(cell.bounds.len());
        if let Some(count) = cell.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        cell.sum.add(value);
    }

    /// Counts one observation in seconds.
    pub fn observe_duration(&self, elapsed: Duration) {
        self.observe(elapsed.as_secs_f64());
    }

    /// How many observations were counted.
    pub fn count(&self) -> u64 {
        self.0.counts.iter().map(|cell| cell.load(Ordering::Relaxed)).sum()
    }

    /// The sum of all observations.
    pub fn sum(&self) -> f64 {
        self.0.sum.load()
    }
}
