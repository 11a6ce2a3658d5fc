//! Native histograms as floats: sparse exponential buckets, or custom bounds (schema −53).
//!
//! Integer histograms of the wire are converted on entry when every count is exact in a float;
//! the fields mirror the remote-write protocol so that no information is lost on the way.

/// Schema number that means "bounds are in `custom_values`".
pub const CUSTOM_BUCKETS_SCHEMA: i32 = -53;

/// A run of consecutive buckets: `offset` from the end of the previous span (absolute for the
/// first), then `length` buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub offset: i32,
    pub length: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CounterResetHint {
    #[default]
    Unknown,
    Reset,
    NotReset,
    Gauge,
}

/// Shape: `positive_buckets.len()` is the sum of `positive_spans` lengths, likewise negative;
/// buckets hold absolute counts, not deltas. `custom_values` are the upper bounds, ascending,
/// without +Inf, only for [`CUSTOM_BUCKETS_SCHEMA`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FloatHistogram {
    pub counter_reset_hint: CounterResetHint,
    pub schema: i32,
    pub zero_threshold: f64,
    pub zero_count: f64,
    pub count: f64,
    pub sum: f64,
    pub positive_spans: Vec<Span>,
    pub negative_spans: Vec<Span>,
    pub positive_buckets: Vec<f64>,
    pub negative_buckets: Vec<f64>,
    pub custom_values: Vec<f64>,
}

impl FloatHistogram {
    pub fn uses_custom_buckets(&self) -> bool {
        self.schema == CUSTOM_BUCKETS_SCHEMA
    }

    /// A histogram whose sum is the staleness marker ends its series.
    pub fn is_stale(&self) -> bool {
        crate::sample::is_stale(self.sum)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct HistogramSample {
    pub t_ms: i64,
    pub h: FloatHistogram,
}
