//! Series × step: the steps of an evaluation, and one series' values over them.
//!
//! A cell without a float holds [`ABSENT`], a NaN that no sample and no arithmetic yields, so
//! that presence needs no second array. Histograms live in a parallel column that most rows
//! do not have; a cell has a float or a histogram, never both.

use std::sync::Arc;

use model::{FloatHistogram, Labels, LabelsBuilder};

/// The staleness marker doubles as "no value here": selectors never let it through, and arithmetic
/// on it turns it into a quiet NaN.
pub(crate) const ABSENT: f64 = f64::from_bits(model::STALE_NAN_BITS);

pub(crate) fn is_absent(v: f64) -> bool {
    model::is_stale(v)
}

/// Evaluation times `start_ms + i * step_ms`, `i < steps`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub start_ms: i64,
    pub step_ms: i64,
    pub steps: usize,
}

impl Grid {
    pub(crate) fn instant(t_ms: i64) -> Self {
        Self { start_ms: t_ms, step_ms: 1, steps: 1 }
    }

    /// Steps from `start_ms` to at most `end_ms`; none when the end is before the start.
    pub(crate) fn between(start_ms: i64, end_ms: i64, step_ms: i64) -> Self {
        let step_ms = step_ms.max(1);
        let span = end_ms.saturating_sub(start_ms);
        let steps = if span < 0 { 0 } else { (span / step_ms) as usize + 1 };
        Self { start_ms, step_ms, steps }
    }

    pub fn t_ms(&self, step: usize) -> i64 {
        self.start_ms.saturating_add(self.step_ms.saturating_mul(step as i64))
    }

    pub(crate) fn end_ms(&self) -> i64 {
        self.t_ms(self.steps.saturating_sub(1))
    }

    pub(crate) fn is_instant(&self) -> bool {
        self.steps <= 1
    }
}

/// Histogram cells of a row; same length as its values.
pub(crate) type HistogramCells = Box<[Option<Arc<FloatHistogram>>]>;

/// One series over a grid. Shape: `values.len()` and the histograms' length equal `grid.steps`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) labels: Labels,
    /// With delayed name removal: the name goes when the result is handed out.
    pub(crate) drop_name: bool,
    pub(crate) values: Vec<f64>,
    pub(crate) histograms: Option<HistogramCells>,
}

/// One cell of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    Absent,
    Float(f64),
    Histogram(&'a Arc<FloatHistogram>),
}

/// A computed cell.
#[derive(Clone, Debug)]
pub(crate) enum CellValue {
    Absent,
    Float(f64),
    Histogram(Arc<FloatHistogram>),
}

impl From<Option<f64>> for CellValue {
    fn from(v: Option<f64>) -> Self {
        v.map_or(Self::Absent, Self::Float)
    }
}

impl Row {
    pub(crate) fn floats(labels: Labels, values: Vec<f64>) -> Self {
        Self { labels, drop_name: false, values, histograms: None }
    }

    pub(crate) fn absent(labels: Labels, steps: usize) -> Self {
        Self::floats(labels, vec![ABSENT; steps])
    }

    pub(crate) fn cell(&self, step: usize) -> Cell<'_> {
        if let Some(h) = self.histogram(step) {
            return Cell::Histogram(h);
        }
        match self.values.get(step) {
            Some(v) if !is_absent(*v) => Cell::Float(*v),
            _ => Cell::Absent,
        }
    }

    pub(crate) fn histogram(&self, step: usize) -> Option<&Arc<FloatHistogram>> {
        self.histograms.as_ref()?.get(step)?.as_ref()
    }

    pub(crate) fn is_present(&self, step: usize) -> bool {
        !matches!(self.cell(step), Cell::Absent)
    }

    pub(crate) fn set(&mut self, step: usize, value: CellValue) {
        match value {
            CellValue::Absent => {
                self.values[step] = ABSENT;
                if let Some(cells) = &mut self.histograms {
                    cells[step] = None;
                }
            }
            CellValue::Float(v) => {
                self.values[step] = v;
                if let Some(cells) = &mut self.histograms {
                    cells[step] = None;
                }
            }
            CellValue::Histogram(h) => {
                self.values[step] = ABSENT;
                self.histogram_cells()[step] = Some(h);
            }
        }
    }

    pub(crate) fn histogram_cells(&mut self) -> &mut HistogramCells {
        let steps = self.values.len();
        self.histograms.get_or_insert_with(|| vec![None; steps].into())
    }

    /// Points in the row; a histogram counts as the samples its buckets would be.
    pub(crate) fn weight(&self) -> u64 {
        let floats = self.values.iter().filter(|v| !is_absent(**v)).count() as u64;
        let cells = self.histograms.iter().flat_map(|cells| cells.iter().flatten());
        floats + cells.map(|h| histogram_weight(h)).sum::<u64>()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.iter().all(|v| is_absent(*v))
            && self.histograms.iter().all(|cells| cells.iter().all(Option::is_none))
    }

    /// Whether any cell holds a histogram.
    pub(crate) fn has_histograms(&self) -> bool {
        self.histograms.iter().any(|cells| cells.iter().any(Option::is_some))
    }

    /// Removes histograms: functions of floats do not see them.
    pub(crate) fn drop_histograms(&mut self) {
        self.histograms = None;
    }
}

/// The reference charges a histogram by its size in 16-byte samples.
pub(crate) fn histogram_weight(h: &FloatHistogram) -> u64 {
    let spans = h.positive_spans.len() + h.negative_spans.len();
    let floats = h.positive_buckets.len() + h.negative_buckets.len() + h.custom_values.len();
    (168 + 8 * (spans + floats) + 8) as u64 / 16
}

/// As error messages show labels: the name is a label like any other.
pub(crate) fn braced(labels: &Labels) -> String {
    let pairs = labels.iter().map(|(name, value)| {
        let value = promql_syntax::text::quote(value.as_bytes());
        if model::labels::is_plain_label_name(name) {
            format!("{name}={value}")
        } else {
            format!("{}={value}", promql_syntax::text::quote(name.as_bytes()))
        }
    });
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
}

/// Labels that describe the metric, not the series: they go when a function changes its meaning.
pub(crate) const METADATA_LABELS: [&str; 3] = [model::METRIC_NAME, "__type__", "__unit__"];

pub(crate) fn without_metadata(labels: &Labels) -> Labels {
    labels.without(&METADATA_LABELS)
}

/// Whether there is metadata beside the name: without it, distinct series may become the same.
pub(crate) fn has_more_metadata(labels: &Labels) -> bool {
    labels.iter().any(|(name, _)| METADATA_LABELS[1..].contains(&name))
}

pub(crate) fn remove_metadata(builder: &mut LabelsBuilder) {
    for name in METADATA_LABELS {
        builder.remove(name);
    }
}
