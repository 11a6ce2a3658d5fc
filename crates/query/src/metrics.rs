//! The metrics seam: how an engine reads series and how receivers append them.

use std::collections::BTreeMap;

use model::{
    Exemplar, HistogramSample, LabelSets, Labels, Matcher, MetricMetadata, SampleBatch, TimeRange,
};

use crate::budget::{Budget, BudgetError};
use crate::fold::{FoldNeeds, FoldWindow, WindowAggregate};
use crate::scope::Scope;

/// What an engine wants. All matchers must pass.
#[derive(Clone, Debug)]
pub struct SelectRequest {
    pub matchers: Vec<Matcher>,
    pub range: TimeRange,
    pub hints: SelectHints,
}

/// What the engine is going to do with the samples; a source may use it to read less and must
/// answer correctly when it ignores it.
#[derive(Clone, Debug, Default)]
pub struct SelectHints {
    /// 0 for an instant query.
    pub step_ms: i64,
    /// Width of the range selector, 0 for an instant selector.
    pub window_ms: i64,
    /// The innermost function or aggregation over the selector, e.g. `rate`; empty when none.
    pub function: String,
    pub grouping: Vec<String>,
    /// Grouping is `by` (true) or `without`.
    pub by: bool,
    /// Of what a read of a series answers, only the newest sample is looked at, of either kind and
    /// staleness markers included.
    pub newest_only: bool,
}

/// Samples of one series, oldest first; reused between series so that decoding allocates only
/// while the buffer grows. Float and histogram samples are separate columns, each strictly
/// ascending in time; a timestamp is in one of them only. Staleness markers are included.
#[derive(Clone, Debug, Default)]
pub struct SampleBuffer {
    pub t_ms: Vec<i64>,
    pub v: Vec<f64>,
    pub histograms: Vec<HistogramSample>,
    /// When the counter behind each float sample began, 0 = unknown. As long as `t_ms`, or empty
    /// when the source knows of none.
    pub start_ms: Vec<i64>,
    /// The same of the histograms.
    pub histogram_start_ms: Vec<i64>,
}

impl SampleBuffer {
    pub fn clear(&mut self) {
        self.t_ms.clear();
        self.v.clear();
        self.histograms.clear();
        self.start_ms.clear();
        self.histogram_start_ms.clear();
    }

    pub fn push(&mut self, t_ms: i64, v: f64) {
        self.t_ms.push(t_ms);
        self.v.push(v);
    }

    /// Floats plus histograms.
    pub fn len(&self) -> usize {
        self.t_ms.len() + self.histograms.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The caller asked for more than it may: 422 with this text.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// The store is still starting or already stopping: 503, try again.
    #[error("metrics store is not ready: {0}")]
    NotReady(String),
    /// Reading failed; the part is named. The rest of the store keeps serving: 500.
    #[error("cannot read metrics: {0}")]
    Io(String),
}

/// A resolved selector: which series there are. Reading their samples is a separate, parallel
/// step, so that an engine can spread it over its workers.
pub trait Selection: Send + Sync {
    /// Number of series.
    fn len(&self) -> usize;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Labels of series `index < len()`. Series are in no particular order and distinct.
    fn labels(&self, index: usize) -> Labels;

    /// Replaces the content of `out` by the samples of series `index` within `range` (a sub-range
    /// of what was selected). Charges nothing: the caller charges `out.len()` samples.
    fn read(
        &self,
        index: usize,
        range: TimeRange,
        out: &mut SampleBuffer,
    ) -> Result<(), SourceError>;

    /// Folds the float samples of series `index` into one aggregate for each window, in place of
    /// reading them; `out` is replaced and as long as `windows`, which ascend, do not overlap and
    /// lie within the range that was selected. What is not needed of an aggregate means nothing.
    ///
    /// Whole runs of samples inside a window are taken from their aggregates without being
    /// decoded, so the cost is by runs and by the samples at the edges. `Ok(false)`: not for this
    /// series (a native histogram or a NaN that is no staleness marker lies in a window, or the
    /// source keeps no aggregates); `out` means nothing, and the caller uses [`Self::read`].
    /// Charges nothing.
    fn fold(
        &self,
        index: usize,
        windows: &[FoldWindow],
        needs: FoldNeeds,
        out: &mut Vec<WindowAggregate>,
    ) -> Result<bool, SourceError> {
        let _ = (index, windows, needs);
        out.clear();
        Ok(false)
    }
}

/// A store of metrics as a query engine sees it.
pub trait MetricSource: Send + Sync {
    /// Resolves a selector: every series with the matchers that may have samples in the range.
    /// Cost: index work only; a series without a sample in the range may be included.
    fn select(
        &self,
        scope: &Scope,
        request: &SelectRequest,
        budget: &Budget,
    ) -> Result<Box<dyn Selection>, SourceError>;

    /// The version of a tenant's data: a number that grows with every change and is never 0. Take
    /// it before reading, then [`Self::changed_since`] tells later what has changed since.
    /// `None`: the source does not count changes, or cannot say yet; nothing may be kept.
    fn version(&self, _scope: &Scope) -> Option<u64> {
        None
    }

    /// The stretches within `range` whose samples may have changed since `version` was the present
    /// one: ascending, without overlap. Says too much rather than too little; what is
    /// acknowledged is said. [`crate::Versions`] is how a store knows.
    fn changed_since(&self, _scope: &Scope, _version: u64, range: TimeRange) -> Vec<TimeRange> {
        vec![range]
    }

    /// Label sets with at least one sample in the range (to the precision of the store's index)
    /// that pass any of the matcher sets (all series when there is none); sorted, at most `limit`
    /// (0 = all).
    fn series(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        limit: usize,
        budget: &Budget,
    ) -> Result<LabelSets, SourceError>;

    /// Label names in use, sorted.
    fn label_names(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        limit: usize,
        budget: &Budget,
    ) -> Result<Vec<String>, SourceError>;

    /// Values of one label, sorted.
    fn label_values(
        &self,
        scope: &Scope,
        name: &str,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        limit: usize,
        budget: &Budget,
    ) -> Result<Vec<String>, SourceError>;

    /// Exemplars in the range of series that pass any of the matcher sets, each with the labels of
    /// its series; in no particular order. None where a source keeps none.
    fn exemplars(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        budget: &Budget,
    ) -> Result<Vec<(Labels, Exemplar)>, SourceError> {
        let _ = (scope, matcher_sets, range);
        budget.check()?;
        Ok(Vec::new())
    }

    /// Metadata by metric family; several entries when sources disagree. `metric` selects one.
    fn metadata(
        &self,
        scope: &Scope,
        metric: Option<&str>,
        limit: usize,
    ) -> Result<BTreeMap<String, Vec<MetricMetadata>>, SourceError>;
}

/// Why single samples of a batch were left out, as the reference counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RejectReason {
    /// Same series and timestamp, another value.
    DuplicateTimestamp,
    OutOfOrder,
    TooOld,
    TooFarInFuture,
    InvalidLabels,
    SeriesLimit,
    LabelLimit,
}

impl RejectReason {
    /// Value of the `reason` label on `orrery_ingest_rejected_samples_total`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DuplicateTimestamp => "duplicate_timestamp",
            Self::OutOfOrder => "out_of_order",
            Self::TooOld => "too_old",
            Self::TooFarInFuture => "too_far_in_future",
            Self::InvalidLabels => "invalid_labels",
            Self::SeriesLimit => "series_limit",
            Self::LabelLimit => "label_limit",
        }
    }
}

/// What became of a batch. Everything accepted is in the write-ahead log when this is returned.
#[derive(Clone, Debug, Default)]
pub struct AppendReport {
    pub samples: u64,
    pub histograms: u64,
    pub exemplars: u64,
    /// Series met for the first time.
    pub series_created: u64,
    /// Samples left out, by reason.
    pub rejected: BTreeMap<RejectReason, u64>,
    /// The first rejection in words, naming the series.
    pub first_rejection: Option<String>,
}

/// Nothing of the batch was accepted.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Stopping or not started: 503, send again later.
    #[error("metrics store is not accepting writes: {0}")]
    NotReady(String),
    /// Too much at once: 429, send again later.
    #[error("{limit} exceeded (limit {value}, raise {setting})")]
    Overloaded { limit: &'static str, value: u64, setting: &'static str },
    /// The disk refused: 500; the batch may be sent again.
    #[error("cannot write metrics: {0}")]
    Io(String),
}

/// A store of metrics as a receiver sees it.
pub trait MetricSink: Send + Sync {
    /// Appends what can be accepted and reports the rest. Blocks for the write to the log (and
    /// for its sync with `durable-ack`); call from a thread that may block.
    fn append(&self, scope: &Scope, batch: &SampleBatch<'_>) -> Result<AppendReport, AppendError>;
}
