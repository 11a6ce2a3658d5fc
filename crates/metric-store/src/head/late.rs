//! The late samples of a series: a few of them loose, the others packed into runs.
//!
//! A late sample is not looked for in the runs when it arrives, for that takes decoding one: it is
//! compared with the loose ones, and looked for when they are packed, all together. A timestamp
//! may be in a run and loose until then; as everywhere, what was there first wins. So a late sample
//! whose timestamp a run has is taken and left unread, whatever its value; Prometheus, too, compares
//! out-of-order samples with nothing but the chunk of those that is open.

use model::{HistogramSample, TimeRange};
use query::SampleBuffer;

use crate::head::run::{RUN_SAMPLES_MAX, Run, Runs, histogram_bytes};

/// Loose samples. More of them make packing cheaper, at 16 bytes for each of a series.
const LOOSE_FLOATS_MAX: usize = 64;
const LOOSE_HISTOGRAMS_MAX: usize = 60;

/// What arrived behind the last sample of its series.
#[derive(Debug, Default)]
pub(super) struct Late {
    /// In the order of their packing. They may overlap, but no timestamp is in two.
    runs: Runs,
    /// Ascending in time, as the column below; no timestamp is in both.
    floats: Vec<(i64, f64)>,
    histograms: Vec<HistogramSample>,
    /// Of the loose ones.
    histogram_bytes: usize,
}

/// A loose sample.
pub(super) enum Loose {
    Float(f64),
    Histogram,
}

impl Late {
    pub(super) fn at(&self, t_ms: i64) -> Option<Loose> {
        if let Ok(place) = self.floats.binary_search_by_key(&t_ms, |(t, _)| *t) {
            return self.floats.get(place).map(|(_, v)| Loose::Float(*v));
        }
        let place = self.histograms.binary_search_by_key(&t_ms, |sample| sample.t_ms);
        place.ok().map(|_| Loose::Histogram)
    }

    /// Adds a sample whose timestamp is not there; `true` when it is time to pack.
    pub(super) fn add_float(&mut self, t_ms: i64, v: f64) -> bool {
        let place = self.floats.partition_point(|(t, _)| *t < t_ms);
        self.floats.insert(place, (t_ms, v));
        self.floats.len() >= LOOSE_FLOATS_MAX
    }

    /// As [`Self::add_float`].
    pub(super) fn add_histogram(&mut self, sample: &HistogramSample) -> bool {
        let place = self.histograms.partition_point(|known| known.t_ms < sample.t_ms);
        self.histograms.insert(place, sample.clone());
        self.histogram_bytes += histogram_bytes(&sample.h);
        self.histograms.len() >= LOOSE_HISTOGRAMS_MAX
    }

    pub(super) fn take_floats(&mut self) -> Vec<(i64, f64)> {
        std::mem::take(&mut self.floats)
    }

    pub(super) fn take_histograms(&mut self) -> Vec<HistogramSample> {
        self.histogram_bytes = 0;
        std::mem::take(&mut self.histograms)
    }

    /// Packs samples, ascending, that are in no run; fills the last run up if they have room there.
    pub(super) fn pack_floats(&mut self, fresh: &[(i64, f64)]) {
        if let Some(both) = self.runs.last().and_then(|last| joined(last, fresh)) {
            self.runs.pop();
            self.runs.extend(Run::of_floats(&both));
        } else {
            self.runs.extend(Run::of_floats(fresh));
        }
    }

    pub(super) fn pack_histograms(&mut self, fresh: &[HistogramSample]) {
        self.runs.extend(Run::of_histograms(fresh));
    }

    pub(super) fn runs(&self) -> &[Run] {
        self.runs.as_slice()
    }

    /// The loose samples in a range.
    pub(super) fn loose(&self, range: TimeRange) -> (&[(i64, f64)], &[HistogramSample]) {
        let floats = within(&self.floats, |(t, _)| *t, range);
        (floats, within(&self.histograms, |sample| sample.t_ms, range))
    }

    /// The time of each run and of the loose ones.
    pub(super) fn ranges(&self) -> impl Iterator<Item = TimeRange> {
        let floats = self.floats.first().zip(self.floats.last());
        let floats = floats.map(|((first, _), (last, _))| TimeRange::new(*first, *last));
        let histograms = self.histograms.first().zip(self.histograms.last());
        let histograms = histograms.map(|(first, last)| TimeRange::new(first.t_ms, last.t_ms));
        self.runs().iter().map(Run::range).chain(floats).chain(histograms)
    }

    /// Bytes of heap, with those of this record. Cost: O(1).
    pub(super) fn heap_bytes(&self) -> usize {
        let floats = self.floats.capacity() * size_of::<(i64, f64)>();
        size_of::<Self>() + self.runs.heap_bytes() + floats + self.histogram_bytes
    }
}

/// The samples of a run of floats and fresh ones together, when that makes no run too long.
fn joined(run: &Run, fresh: &[(i64, f64)]) -> Option<Vec<(i64, f64)>> {
    if !run.is_floats() || run.count() + fresh.len() > usize::from(RUN_SAMPLES_MAX) {
        return None;
    }
    let mut known = SampleBuffer::default();
    run.decode(TimeRange::ALL, &mut known).ok()?;
    let mut both: Vec<(i64, f64)> = std::iter::zip(known.t_ms, known.v).collect();
    both.extend_from_slice(fresh);
    // Finds the two ascending stretches and merges them.
    both.sort_by_key(|(t, _)| *t);
    Some(both)
}

/// Those of the ascending samples that lie in the range.
fn within<T>(samples: &[T], time: impl Fn(&T) -> i64, range: TimeRange) -> &[T] {
    let from = samples.partition_point(|sample| time(sample) < range.start_ms);
    let to = samples.partition_point(|sample| time(sample) <= range.end_ms);
    samples.get(from..to).unwrap_or_default()
}

/// Takes those samples away (ascending) whose timestamps a run has.
///
/// Cost: nothing when none lies in the run's time, else it is decoded up to the last that does.
pub(super) fn drop_known<T>(
    run: &Run,
    fresh: &mut Vec<T>,
    time: impl Fn(&T) -> i64,
    scratch: &mut SampleBuffer,
) {
    let covered = within(fresh, &time, run.range());
    let Some((first, last)) = covered.first().zip(covered.last()) else { return };
    scratch.clear();
    // Damage, which only a bug can bring about, is reported by whoever reads.
    run.decode(TimeRange::new(time(first), time(last)), scratch).ok();
    fresh.retain(|sample| {
        let t_ms = time(sample);
        scratch.t_ms.binary_search(&t_ms).is_err()
            && scratch.histograms.binary_search_by_key(&t_ms, |known| known.t_ms).is_err()
    });
}
