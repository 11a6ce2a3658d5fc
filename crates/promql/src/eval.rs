//! Evaluation of a plan: every operator turns matrices into a matrix.

mod account;
mod aggregate;
mod aggregate_histogram;
mod aggregate_top;
mod binary;
mod count_values;
mod elementwise;
mod fused;
mod groups;
mod matching;
mod range;
mod select;
mod set_ops;
mod step_counts;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use promql_syntax::Span;
use promql_syntax::text::Text;
use query::{Budget, BudgetError, MetricSource, Scope};
use rayon::prelude::*;

use crate::annotation::{Annotations, Note};
use crate::error::QueryError;
use crate::functions;
use crate::grid::{ABSENT, Cell, CellValue, Grid, Row, has_more_metadata, without_metadata};
use crate::plan::{Kind, Node};
use crate::threads::Threads;

pub(crate) use aggregate::Variance;
pub(crate) use select::{Shortcut, Show};
pub(crate) use step_counts::StepCounts;

/// The engine's settings that evaluation looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) lookback_ms: i64,
    pub(crate) subquery_step_ms: i64,
    pub(crate) delayed_name_removal: bool,
    pub(crate) use_start_timestamps: bool,
    pub(crate) count_samples: bool,
    pub(crate) fold_ms_min: i64,
}

/// Fewer series than this are not worth handing to other threads.
const PARALLEL_ROWS_MIN: usize = 64;

/// Fewer cells than this are gone through before another thread has woken up.
const PARALLEL_CELLS_MIN: usize = 1 << 15;

/// Fewer rows than this are sorted before a thread has woken up.
const PARALLEL_SORT_MIN: usize = 4096;

/// One running query.
pub(crate) struct Evaluator<'a> {
    pub(crate) source: &'a dyn MetricSource,
    pub(crate) scope: &'a Scope,
    pub(crate) budget: &'a Budget,
    pub(crate) threads: &'a Threads,
    pub(crate) settings: Settings,
    notes: Mutex<Annotations>,
    series_selected: AtomicU64,
    /// Of the grid that is evaluated now, when somebody asked for them.
    counts: Mutex<Option<Arc<StepCounts>>>,
    /// There is one step, but the query's end is later.
    ends_later: AtomicBool,
}

/// The value of an expression over a grid.
pub(crate) enum Evaluated<'a> {
    /// One value per step.
    Scalar(Vec<f64>),
    Text(Text),
    Rows(Rows<'a>),
}

/// Rows and what they were charged to the budget; letting go of them gives it back.
pub(crate) struct Rows<'a> {
    rows: Vec<Row>,
    _charge: Charge<'a>,
}

struct Charge<'a> {
    budget: &'a Budget,
    samples: u64,
    bytes: u64,
}

impl Drop for Charge<'_> {
    fn drop(&mut self) {
        self.budget.release_samples(self.samples);
        self.budget.release_bytes(self.bytes);
    }
}

impl Evaluated<'_> {
    /// The result of a range query: rows with values, sorted by labels.
    pub(crate) fn into_range_rows(self, threads: &Threads) -> Vec<Row> {
        let mut rows = match self {
            Self::Scalar(values) => vec![Row::floats(model::Labels::empty(), values)],
            Self::Rows(rows) => rows.into_vec(),
            // Refused before: strings have no range queries.
            Self::Text(_) => Vec::new(),
        };
        rows.retain(|row| !row.is_empty());
        let by_labels = |a: &Row, b: &Row| a.labels.cmp(&b.labels);
        if rows.len() < PARALLEL_SORT_MIN {
            rows.sort_unstable_by(by_labels);
        } else {
            threads.share(|| rows.par_sort_unstable_by(by_labels));
        }
        rows
    }
}

/// Memory of a row's cells, whether there is something in them or not.
pub(crate) fn row_bytes(steps: usize) -> u64 {
    (steps * size_of::<f64>()) as u64
}

impl<'a> Rows<'a> {
    /// Rows for which `samples` are charged already, and `row_bytes` for each of them.
    fn charged(rows: Vec<Row>, budget: &'a Budget, samples: u64, row_bytes: u64) -> Self {
        let bytes = rows.len() as u64 * row_bytes;
        Self { rows, _charge: Charge { budget, samples, bytes } }
    }

    /// The rows themselves; their charge is given back, so charge what is made of them.
    pub(crate) fn into_vec(self) -> Vec<Row> {
        self.rows
    }
}

impl std::ops::Deref for Rows<'_> {
    type Target = [Row];

    fn deref(&self) -> &[Row] {
        &self.rows
    }
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(
        source: &'a dyn MetricSource,
        scope: &'a Scope,
        budget: &'a Budget,
        threads: &'a Threads,
        settings: Settings,
        grid: &Grid,
    ) -> Self {
        let counts = settings.count_samples.then(|| Arc::new(StepCounts::new(grid.steps)));
        Self {
            source,
            scope,
            budget,
            threads,
            settings,
            notes: Mutex::new(Annotations::default()),
            series_selected: AtomicU64::new(0),
            counts: Mutex::new(counts),
            ends_later: AtomicBool::new(false),
        }
    }

    /// Says that what is evaluated now ends after its only step; what was said before.
    pub(crate) fn set_ending_later(&self, later: bool) -> bool {
        self.ends_later.swap(later, Ordering::Relaxed)
    }

    /// Whether this is, as the reference sees it, no evaluation at one time.
    pub(crate) fn is_range(&self, grid: &Grid) -> bool {
        !grid.is_instant() || self.ends_later.load(Ordering::Relaxed)
    }

    /// Evaluates the whole query.
    pub(crate) fn root(&self, node: &Node, grid: &Grid) -> Result<Evaluated<'a>, QueryError> {
        let value = self.eval(node, grid)?;
        if !self.settings.delayed_name_removal {
            return Ok(value);
        }
        let Evaluated::Rows(rows) = value else { return Ok(value) };
        let mut rows = rows.into_vec();
        for row in rows.iter_mut().filter(|row| row.drop_name) {
            row.labels = without_metadata(&row.labels);
        }
        self.hold(merge_same_labels(rows)?).map(Evaluated::Rows)
    }

    pub(crate) fn eval(&self, node: &Node, grid: &Grid) -> Result<Evaluated<'a>, QueryError> {
        self.budget.check()?;
        if grid.steps == 0 {
            return self.hold(Vec::new()).map(Evaluated::Rows);
        }
        // A subquery's steps are not limited as those of a query are.
        let limit = self.budget.limits().bytes_max;
        if row_bytes(grid.steps) > limit {
            return Err(BudgetError::Bytes { limit }.into());
        }
        match &node.kind {
            Kind::Number(v) => Ok(Evaluated::Scalar(vec![*v; grid.steps])),
            Kind::Text(text) => Ok(Evaluated::Text(text.clone())),
            Kind::Vector(selector) => {
                self.vector_selector(selector, grid, node.span).map(Evaluated::Rows)
            }
            Kind::Range(_) => {
                Err(QueryError::Internal("range vector outside of a function call".into()))
            }
            Kind::Call(call) => functions::call(self, call, node.span, grid),
            Kind::Aggregate(aggregate) => {
                self.aggregate(aggregate, node.span, grid).map(Evaluated::Rows)
            }
            Kind::Binary(binary) => self.binary(binary, node.span, grid),
            Kind::Negate(inner) => self.negate(inner, grid),
            Kind::Invariant(inner) => self.invariant(inner, grid),
        }
    }

    /// Evaluates at the first step and repeats the result at the others.
    fn invariant(&self, inner: &Node, grid: &Grid) -> Result<Evaluated<'a>, QueryError> {
        if grid.steps == 1 {
            let later = self.set_ending_later(false);
            let value = self.eval(inner, grid);
            self.set_ending_later(later);
            return value;
        }
        let once = Grid { steps: 1, ..*grid };
        let value = self.once_for_all(grid.steps, || self.eval(inner, &once))?;
        Ok(match value {
            Evaluated::Scalar(values) => {
                Evaluated::Scalar(vec![values.first().copied().unwrap_or(f64::NAN); grid.steps])
            }
            Evaluated::Text(text) => Evaluated::Text(text),
            Evaluated::Rows(rows) => {
                let rows = rows.into_vec().into_iter().map(|row| repeat(row, grid.steps));
                Evaluated::Rows(self.hold(rows.collect())?)
            }
        })
    }

    /// A vector-valued node.
    pub(crate) fn rows(&self, node: &Node, grid: &Grid) -> Result<Rows<'a>, QueryError> {
        match self.eval(node, grid)? {
            Evaluated::Rows(rows) => Ok(rows),
            Evaluated::Scalar(values) => {
                self.hold(vec![Row::floats(model::Labels::empty(), values)])
            }
            Evaluated::Text(_) => {
                Err(QueryError::Internal("a string where a vector is due".into()))
            }
        }
    }

    /// A scalar-valued node: one value per step.
    pub(crate) fn scalar(&self, node: &Node, grid: &Grid) -> Result<Vec<f64>, QueryError> {
        match self.eval(node, grid)? {
            Evaluated::Scalar(values) => Ok(values),
            // No steps, no values.
            Evaluated::Rows(rows) if rows.is_empty() => Ok(vec![f64::NAN; grid.steps]),
            _ => Err(QueryError::Internal("no scalar where a scalar is due".into())),
        }
    }

    /// Charges rows to the budget for as long as they are held. Every operator ends here, so this
    /// is where a query that is to stop does so on its way up.
    pub(crate) fn hold(&self, rows: Vec<Row>) -> Result<Rows<'a>, QueryError> {
        self.budget.check()?;
        let samples = if is_quick(&rows) {
            rows.iter().map(Row::weight).sum()
        } else {
            let weights = || rows.par_iter().with_min_len(PARALLEL_ROWS_MIN).map(Row::weight);
            self.threads.share(|| weights().sum())
        };
        let bytes: u64 = rows.iter().map(|row| row_bytes(row.values.len())).sum();
        self.budget.take_bytes(bytes)?;
        let charge = Charge { budget: self.budget, samples, bytes };
        // Taken even when it is too much; the charge gives it back.
        self.budget.take_samples(charge.samples)?;
        Ok(Rows { rows, _charge: charge })
    }

    pub(crate) fn note(&self, note: &Note<'_>, span: Span) {
        self.notes.lock().add(note, span);
    }

    pub(crate) fn notes(&self) -> Annotations {
        self.notes.lock().clone()
    }

    pub(crate) fn count_selected(&self, series: usize) {
        self.series_selected.fetch_add(series as u64, Ordering::Relaxed);
    }

    pub(crate) fn series_selected(&self) -> u64 {
        self.series_selected.load(Ordering::Relaxed)
    }

    /// The function changed what the series mean: their name goes, now or at the end. Series that
    /// become the same then are merged where they do not overlap.
    pub(crate) fn drop_names(&self, mut rows: Vec<Row>) -> Result<Vec<Row>, QueryError> {
        if self.settings.delayed_name_removal {
            for row in &mut rows {
                row.drop_name = true;
            }
            return Ok(rows);
        }
        let strip = |row: &mut Row| {
            if row.labels.metric_name().is_some() || has_more_metadata(&row.labels) {
                row.labels = without_metadata(&row.labels);
            }
        };
        let alike = share_metadata(&rows);
        self.each_row(&mut rows, strip);
        if alike { Ok(rows) } else { merge_same_labels(rows) }
    }

    /// Applies `f` to every row, in parallel when there are many.
    pub(crate) fn each_row(&self, rows: &mut [Row], f: impl Fn(&mut Row) + Sync + Send) {
        if is_quick(rows) {
            rows.iter_mut().for_each(f);
        } else {
            let rows = rows.par_iter_mut().with_min_len(PARALLEL_ROWS_MIN);
            self.threads.share(|| rows.for_each(f));
        }
    }
}

/// Whether rows of one grid are so few or so short that other threads are no help.
fn is_quick(rows: &[Row]) -> bool {
    let steps = rows.first().map_or(0, |row| row.values.len());
    rows.len() < PARALLEL_ROWS_MIN || rows.len() * steps < PARALLEL_CELLS_MIN
}

/// Whether all rows carry the same name and no other metadata label: distinct label sets stay
/// distinct without it.
pub(crate) fn share_metadata(rows: &[Row]) -> bool {
    let Some(first) = rows.first() else { return true };
    let name = first.labels.metric_name();
    rows.iter().all(|row| row.labels.metric_name() == name && !has_more_metadata(&row.labels))
}

fn repeat(row: Row, steps: usize) -> Row {
    let first = row.values.first().copied().unwrap_or(ABSENT);
    let histogram = row.histogram(0).cloned();
    Row {
        labels: row.labels,
        drop_name: row.drop_name,
        values: vec![first; steps],
        histograms: histogram.map(|h| vec![Some(h); steps].into()),
    }
}

/// Joins rows of equal labels. Errors: two of them have a value at the same step.
pub(crate) fn merge_same_labels(rows: Vec<Row>) -> Result<Vec<Row>, QueryError> {
    let mut at: hashbrown::HashMap<model::Labels, usize> =
        hashbrown::HashMap::with_capacity(rows.len());
    let mut merged: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        match at.entry(row.labels.clone()) {
            hashbrown::hash_map::Entry::Vacant(entry) => {
                entry.insert(merged.len());
                merged.push(row);
            }
            hashbrown::hash_map::Entry::Occupied(entry) => {
                overlay(&mut merged[*entry.get()], &row)?;
            }
        }
    }
    Ok(merged)
}

fn overlay(target: &mut Row, source: &Row) -> Result<(), QueryError> {
    // What came first decides, as it does in the reference.
    let first = |row: &Row| (0..row.values.len()).find(|step| row.is_present(*step));
    if first(source).is_some_and(|ours| first(target).is_none_or(|known| ours < known)) {
        target.drop_name = source.drop_name;
    }
    for step in 0..source.values.len() {
        let value = match source.cell(step) {
            Cell::Absent => continue,
            Cell::Float(v) => CellValue::Float(v),
            Cell::Histogram(h) => CellValue::Histogram(h.clone()),
        };
        if target.is_present(step) {
            return Err(QueryError::same_labelset());
        }
        target.set(step, value);
    }
    Ok(())
}
