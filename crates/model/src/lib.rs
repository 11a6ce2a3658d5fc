//! The nouns of observability that every layer shares: labels, matchers, tenants, time, samples,
//! histograms, and the batches in which they arrive.
//!
//! **Invariant:** no async, no serde, no I/O. Wire types convert at the edge that owns them.

pub mod batch;
pub mod histogram;
mod label_sets;
pub mod labels;
pub mod matcher;
pub mod metadata;
mod pattern;
pub mod re2;
pub mod sample;
pub mod tenant;
pub mod time;

pub use batch::{BatchSeries, InvalidLabels, LabelDecoder, SampleBatch, SeriesKey};
pub use histogram::{CounterResetHint, FloatHistogram, HistogramSample, Span};
pub use label_sets::LabelSets;
pub use labels::{Labels, LabelsBuilder, METRIC_NAME};
pub use matcher::{InvalidRegex, MatchOp, Matcher};
pub use metadata::{Exemplar, MetricMetadata, MetricType};
pub use sample::{STALE_NAN_BITS, Sample, is_stale, stale_nan};
pub use tenant::{InvalidTenant, Tenant};
pub use time::TimeRange;
