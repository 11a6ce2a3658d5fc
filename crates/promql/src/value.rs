//! What a query answers: a scalar, a string, a vector or a matrix, with its annotations and cost.

use std::sync::Arc;
use std::time::Duration;

use model::{FloatHistogram, Labels};

use crate::grid::{Grid, Row, is_absent};

/// The answer to a query.
#[derive(Clone, Debug)]
pub struct QueryResult {
    pub value: Value,
    /// In the reference's words, with the position in the query.
    pub warnings: Vec<String>,
    pub infos: Vec<String>,
    pub stats: QueryStats,
}

/// What it cost.
#[derive(Clone, Debug, Default)]
pub struct QueryStats {
    /// Samples read from the store.
    pub samples_read: u64,
    /// Samples looked at by step; empty unless [`crate::QueryOptions::count_samples`].
    pub samples_by_step: Vec<u64>,
    /// Of these, the ones that the step before had not looked at.
    pub samples_new_by_step: Vec<u64>,
    /// Most samples held at once.
    pub samples_peak: u64,
    /// Series selected, before anything was folded.
    pub series_selected: u64,
    /// Steps of a range query that came from the result cache.
    pub steps_cached: u64,
    pub prepare_time: Duration,
    /// Evaluation, without sorting.
    pub eval_time: Duration,
    pub sort_time: Duration,
}

#[derive(Clone, Debug)]
pub enum Value {
    Scalar {
        t_ms: i64,
        v: f64,
    },
    String {
        t_ms: i64,
        text: String,
    },
    /// In the order of the evaluation: `sort` and `topk` keep theirs.
    Vector {
        t_ms: i64,
        samples: Vec<VectorSample>,
    },
    /// Sorted by labels.
    Matrix(Vec<Series>),
}

impl Value {
    /// `resultType` of the HTTP API.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Scalar { .. } => "scalar",
            Self::String { .. } => "string",
            Self::Vector { .. } => "vector",
            Self::Matrix(_) => "matrix",
        }
    }
}

/// One element of an instant vector.
#[derive(Clone, Debug)]
pub struct VectorSample {
    pub labels: Labels,
    pub value: SampleValue,
}

#[derive(Clone, Debug)]
pub enum SampleValue {
    Float(f64),
    Histogram(Arc<FloatHistogram>),
}

/// One series of a matrix.
#[derive(Clone, Debug)]
pub struct Series {
    pub labels: Labels,
    points: Points,
}

#[derive(Clone, Debug)]
enum Points {
    /// One cell per step; a range query.
    Grid { grid: Grid, row: Row },
    /// As stored; an instant query for a range vector.
    Samples { t_ms: Vec<i64>, v: Vec<f64>, histograms: Vec<(i64, Arc<FloatHistogram>)> },
}

impl Series {
    pub(crate) fn on_grid(grid: Grid, mut row: Row) -> Self {
        let labels = std::mem::take(&mut row.labels);
        Self { labels, points: Points::Grid { grid, row } }
    }

    pub(crate) fn from_samples(
        labels: Labels,
        t_ms: Vec<i64>,
        v: Vec<f64>,
        histograms: Vec<(i64, Arc<FloatHistogram>)>,
    ) -> Self {
        Self { labels, points: Points::Samples { t_ms, v, histograms } }
    }

    /// `(Unix ms, value)` of every float point, oldest first.
    pub fn floats(&self) -> impl Iterator<Item = (i64, f64)> + '_ {
        let (grid, cells, t_ms, v): (Option<&Grid>, &[f64], &[i64], &[f64]) = match &self.points {
            Points::Grid { grid, row } => (Some(grid), &row.values, &[], &[]),
            Points::Samples { t_ms, v, .. } => (None, &[], t_ms, v),
        };
        let on_grid = cells.iter().enumerate().filter_map(move |(step, v)| {
            grid.filter(|_| !is_absent(*v)).map(|grid| (grid.t_ms(step), *v))
        });
        on_grid.chain(t_ms.iter().copied().zip(v.iter().copied()))
    }

    /// `(Unix ms, histogram)` of every histogram point, oldest first.
    pub fn histograms(&self) -> impl DoubleEndedIterator<Item = (i64, &Arc<FloatHistogram>)> + '_ {
        let (on_grid, samples) = match &self.points {
            Points::Grid { grid, row } => (row.histograms.as_ref().map(|h| (grid, h)), None),
            Points::Samples { histograms, .. } => (None, Some(histograms)),
        };
        let on_grid = on_grid.into_iter().flat_map(|(grid, cells)| {
            let cells = cells.iter().enumerate();
            cells.filter_map(|(step, h)| h.as_ref().map(|h| (grid.t_ms(step), h)))
        });
        on_grid.chain(samples.into_iter().flatten().map(|(t_ms, h)| (*t_ms, h)))
    }

    /// The query's steps; none for an instant query's range vector.
    pub fn grid(&self) -> Option<&Grid> {
        match &self.points {
            Points::Grid { grid, .. } => Some(grid),
            Points::Samples { .. } => None,
        }
    }

    /// The series as a column over the query's steps: `None` where there is no float point.
    /// Empty for an instant query's range vector, which has no steps.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Option<f64>> + '_ {
        let cells: &[f64] = match &self.points {
            Points::Grid { row, .. } => &row.values,
            Points::Samples { .. } => &[],
        };
        cells.iter().map(|v| (!is_absent(*v)).then_some(*v))
    }
}
