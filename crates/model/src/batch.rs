//! How samples travel from a receiver to a store: one columnar batch of borrowed data.
//!
//! A receiver hashes the *raw* bytes that name a series on its wire; the store looks the hash up
//! and decodes labels only for a series it has not met. Known series therefore cost no string
//! work and no allocation.

use crate::histogram::HistogramSample;
use crate::labels::LabelsBuilder;
use crate::metadata::{Exemplar, MetricMetadata};

/// 128-bit hash of a series' raw bytes on one wire format (and, where the wire does not carry
/// them, of the target that adds labels). Different keys may name the same series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SeriesKey(pub u128);

impl SeriesKey {
    /// `domain` keeps formats and targets apart that spell different series with equal bytes.
    pub fn of(domain: u64, raw: &[u8]) -> Self {
        Self(xxhash_rust::xxh3::xxh3_128_with_seed(raw, domain))
    }
}

/// Why raw label bytes are no valid label set; the text is the answer to the sender.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidLabels(pub String);

/// Turns raw bytes into pairs (in any order) in a cleared builder.
pub type LabelDecoder<'a> =
    &'a (dyn Fn(&[u8], &mut LabelsBuilder) -> Result<(), InvalidLabels> + Sync);

/// One series' share of a batch: `samples` and `histograms` index the batch's columns.
#[derive(Clone, Copy, Debug)]
pub struct BatchSeries<'a> {
    pub key: SeriesKey,
    pub raw: &'a [u8],
    pub samples: (u32, u32),
    pub histograms: (u32, u32),
}

/// Many samples of many series. Shape: `t_ms` and `v` have equal length, every range in `series`
/// lies within them, ranges may be empty.
#[derive(Clone, Copy)]
pub struct SampleBatch<'a> {
    pub decode: LabelDecoder<'a>,
    pub series: &'a [BatchSeries<'a>],
    pub t_ms: &'a [i64],
    pub v: &'a [f64],
    pub histograms: &'a [HistogramSample],
    /// `(index into series, when its counter began)` in Unix milliseconds, at most one a series,
    /// ascending; of series that know.
    pub starts: &'a [(u32, i64)],
    /// `(index into series, exemplar)`.
    pub exemplars: &'a [(u32, Exemplar)],
    /// `(metric family name, what is known of it)`.
    pub metadata: &'a [(&'a str, MetricMetadata)],
}

impl std::fmt::Debug for SampleBatch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SampleBatch")
            .field("series", &self.series.len())
            .field("samples", &self.t_ms.len())
            .field("histograms", &self.histograms.len())
            .finish_non_exhaustive()
    }
}
