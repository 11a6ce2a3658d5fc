//! Zeros where counters began, so that `rate` and `increase` see the first increment.
//!
//! As Prometheus does with `--enable-feature=created-timestamp-zero-ingestion`: a start that lies
//! behind the series' last sample, and not too far before the one that tells of it, becomes a
//! sample of value zero. It is logged and stored as any other.

use model::{FloatHistogram, HistogramSample, SampleBatch, TimeRange};

use crate::head::epoch::Shard;
use crate::histogram::is_consistent;
use crate::record::SamplesRecord;

/// A start further back is old news: of a counter that the head met only now, while parts may
/// hold what came between. Prometheus' head, too, takes nothing older than half a block.
const AGE_MAX_MS: i64 = 60 * 60 * 1000;

/// A zero that is to be stored for one series of a batch.
#[derive(Clone, Debug)]
pub(super) struct Zero {
    /// Index of the series in the batch.
    index: u32,
    t_ms: i64,
    /// With the layout of the histogram that follows, or `None` for a float.
    histogram: Option<HistogramSample>,
}

/// The zeros of the members (ascending indices of series) that are news and in time order.
pub(super) fn zeros(
    batch: &SampleBatch<'_>,
    members: &[u32],
    accepted: TimeRange,
    last_t: impl Fn(u32) -> i64,
) -> impl Iterator<Item = Zero> {
    batch.starts.iter().filter_map(move |(index, start_ms)| {
        members.binary_search(index).ok()?;
        let series = batch.series.get(*index as usize)?;
        let float = batch.t_ms.get(series.samples.0 as usize..series.samples.1 as usize)?.first();
        let histograms = series.histograms.0 as usize..series.histograms.1 as usize;
        let first = batch.histograms.get(histograms)?.first();
        let first_t = float.copied().or(first.map(|sample| sample.t_ms))?;
        // A zero in front of a sample that is refused would be a reset that never was.
        let kept = accepted.contains(first_t)
            && (float.is_some() || first.is_some_and(|sample| is_consistent(&sample.h)));
        let news = kept && *start_ms > last_t(*index) && *start_ms < first_t;
        let recent = first_t.saturating_sub(*start_ms) <= AGE_MAX_MS;
        let histogram = first.filter(|_| float.is_none()).map(|sample| zero_of(sample, *start_ms));
        (news && recent && accepted.contains(*start_ms)).then_some(Zero {
            index: *index,
            t_ms: *start_ms,
            histogram,
        })
    })
}

fn zero_of(sample: &HistogramSample, t_ms: i64) -> HistogramSample {
    let h = FloatHistogram {
        schema: sample.h.schema,
        zero_threshold: sample.h.zero_threshold,
        custom_values: sample.h.custom_values.clone(),
        ..FloatHistogram::default()
    };
    HistogramSample { t_ms, h }
}

/// The zero of a series of the batch.
pub(super) fn of(zeros: &[Zero], index: u32) -> Option<&Zero> {
    let at = zeros.binary_search_by_key(&index, |zero| zero.index).ok()?;
    zeros.get(at)
}

impl Zero {
    pub(super) const fn t_ms(&self) -> i64 {
        self.t_ms
    }

    pub(super) fn encode(&self, reference: u32, record: &mut SamplesRecord) {
        match &self.histogram {
            Some(sample) => record.histogram(reference, sample),
            None => {
                record.run(reference, 1);
                record.sample(self.t_ms, 0.0);
            }
        }
    }

    pub(super) fn push_float(&self, shard: &mut Shard, slot: usize) {
        if self.histogram.is_none() {
            shard.push(slot, self.t_ms, 0.0);
        }
    }

    pub(super) fn push_histogram(&self, shard: &mut Shard, slot: usize) {
        if let Some(sample) = &self.histogram {
            shard.push_histogram(slot, sample);
        }
    }
}
