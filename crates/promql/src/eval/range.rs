//! Range vectors: the samples in the window of every step, from a selector or a subquery, and
//! the functions over them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use model::{CounterResetHint, HistogramSample, Labels, TimeRange};
use promql_syntax::Span;
use query::{SampleBuffer, Selection};
use rayon::prelude::*;

use super::{
    Evaluator, PARALLEL_ROWS_MIN, Rows, Shortcut, is_quick, merge_same_labels, share_metadata,
};
use crate::error::QueryError;
use crate::functions::folded::Pieces;
use crate::functions::range_function::{RangeCall, RangeFunction, Scratch};
use crate::functions::window::WindowTimes;
use crate::grid::{Cell, Grid, Row, has_more_metadata, without_metadata};
use crate::histogram::reset::reduce_to_stats;
use crate::plan::{CallNode, Kind, Node, RangeFrom, RangeNode, Selector};
use crate::value::Series;

impl<'a> Evaluator<'a> {
    /// A function with a range vector among its arguments.
    pub(crate) fn range_call(
        &self,
        function: RangeFunction,
        call: &CallNode,
        grid: &Grid,
    ) -> Result<Rows<'a>, QueryError> {
        let mut prepared = self.prepare_range(function, call, grid)?;
        if matches!(prepared.range.from, RangeFrom::Subquery { .. }) {
            // Counted where the subquery reads them.
            prepared.call.counts = None;
        }
        let (rows, alike) = match &prepared.range.from {
            RangeFrom::Selector(selector) => self.over_selector(&prepared, selector, grid)?,
            RangeFrom::Subquery { expr, step_ms } => {
                let step_ms = step_ms.unwrap_or(self.settings.subquery_step_ms);
                self.over_subquery(&prepared, expr, step_ms)?
            }
        };
        // Whose rows only say where there is something: they have no names to lose.
        let is_absence = function == RangeFunction::AbsentOverTime;
        if alike || is_absence || self.settings.delayed_name_removal {
            return Ok(rows);
        }
        self.hold(merge_same_labels(rows.into_vec())?)
    }

    /// Evaluates the scalar arguments and checks what does not depend on data.
    pub(super) fn prepare_range<'n>(
        &self,
        function: RangeFunction,
        call: &'n CallNode,
        grid: &Grid,
    ) -> Result<Prepared<'n>, QueryError> {
        let mut range: Option<&RangeNode> = None;
        let mut scalars = Vec::new();
        let mut scalar_span = Span::default();
        for arg in &call.args {
            match &arg.kind {
                Kind::Range(node) => range = Some(node),
                _ => {
                    if scalars.is_empty() {
                        scalar_span = arg.span;
                    }
                    scalars.push(self.scalar(arg, grid)?);
                }
            }
        }
        let Some(range) = range else {
            return Err(QueryError::Internal(format!("{} without a range", call.function.name)));
        };
        let call = RangeCall {
            function,
            scalars,
            times: window_times(range, *grid, self.settings.lookback_ms),
            span: note_span(call),
            scalar_span,
            extension: range.extension(),
            use_starts: self.settings.use_start_timestamps,
            counts: self.step_counts(),
        };
        call.check()?;
        let of_selector = matches!(range.from, RangeFrom::Selector(_));
        let piece_ms_min = self.settings.fold_ms_min;
        let pieces = if of_selector { Pieces::of(&call, piece_ms_min) } else { None };
        Ok(Prepared { call, range, watch: NameWatch::new(range), pieces })
    }

    /// Rows, and whether their labels are known to be distinct.
    fn over_selector(
        &self,
        prepared: &Prepared<'_>,
        selector: &Selector,
        grid: &Grid,
    ) -> Result<(Rows<'a>, bool), QueryError> {
        let call = &prepared.call;
        let range = call.times.read_range();
        let selection = self.select(selector, range, grid, call.times.range_ms)?;
        let delayed = self.settings.delayed_name_removal;
        let keeps_name = call.function.keeps_name();
        let distinct = AtomicBool::new(prepared.watch.is_fixed);
        let finished = |labels: &dyn Fn() -> Labels, mut row: Row| {
            prepared.warn(self, labels, &row.values);
            let full = labels();
            if has_more_metadata(&full) {
                distinct.store(false, Relaxed);
            }
            row.drop_name = !keeps_name;
            row.labels = if keeps_name || delayed { full } else { without_metadata(&full) };
            row
        };
        let folded = |index: usize, scratch: &mut Scratch| {
            Ok(match prepared.folded(&*selection, index, scratch)? {
                Shortcut::Read => Shortcut::Read,
                Shortcut::Known(values) => Shortcut::Known(values.map(|values| {
                    let row = Row::floats(Labels::empty(), values);
                    finished(&|| selection.labels(index), row)
                })),
            })
        };
        let rows = self.map_rows(
            &*selection,
            range,
            grid,
            folded,
            |labels, samples, scratch: &mut Scratch| {
                if selector.stats_only {
                    reduce_to_stats(&mut samples.histograms);
                }
                let row = call.row(self, labels, samples, scratch)?;
                Ok(row.map(|row| finished(labels, row)))
            },
        )?;
        Ok((rows, distinct.into_inner()))
    }

    fn over_subquery(
        &self,
        prepared: &Prepared<'_>,
        expr: &Node,
        step_ms: i64,
    ) -> Result<(Rows<'a>, bool), QueryError> {
        let Prepared { call, range, .. } = prepared;
        let sub_grid = subquery_grid(range, &call.times.grid, step_ms);
        let inner = self.in_subquery(&call.times, &sub_grid, || self.rows(expr, &sub_grid))?;
        let alike = share_metadata(&inner);
        let one = |(samples, scratch): &mut (SampleBuffer, Scratch), source: &Row| {
            self.budget.check()?;
            fill_from_row(source, &sub_grid, samples);
            let labels = || source.labels.clone();
            let Some(mut row) = call.row(self, &labels, samples, scratch)? else {
                return Ok(None);
            };
            prepared.warn(self, &labels, &row.values);
            let keeps_name = call.function.keeps_name();
            row.drop_name = !keeps_name || source.drop_name;
            row.labels = if keeps_name || self.settings.delayed_name_removal {
                source.labels.clone()
            } else {
                without_metadata(&source.labels)
            };
            Ok(Some(row))
        };
        let rows: Result<Vec<Option<Row>>, QueryError> = if is_quick(&inner) {
            let mut memory = <(SampleBuffer, Scratch)>::default();
            inner.iter().map(|row| one(&mut memory, row)).collect()
        } else {
            let rows = inner.par_iter().with_min_len(PARALLEL_ROWS_MIN / 4);
            self.threads.share(|| rows.map_init(Default::default, one).collect())
        };
        let rows = self.hold(rows?.into_iter().flatten().collect())?;
        Ok((rows, alike))
    }

    /// The range vector itself, for an instant query that asks for one.
    pub(crate) fn range_vector(
        &self,
        range: &RangeNode,
        grid: &Grid,
    ) -> Result<Vec<Series>, QueryError> {
        let times = window_times(range, *grid, self.settings.lookback_ms);
        let selector = match &range.from {
            RangeFrom::Selector(selector) => selector,
            RangeFrom::Subquery { expr, step_ms } => {
                let step_ms = step_ms.unwrap_or(self.settings.subquery_step_ms);
                let sub_grid = subquery_grid(range, grid, step_ms);
                let rows = self.in_subquery(&times, &sub_grid, || self.rows(expr, &sub_grid))?;
                let rows = rows.into_vec().into_iter().filter(|row| !row.is_empty());
                return Ok(rows.map(|row| Series::on_grid(sub_grid, row)).collect());
            }
        };
        let read = times.read_range();
        let selection = self.select(selector, read, grid, range.range_ms)?;
        let extension = range.extension();
        let counts = self.step_counts();
        self.map_series(&*selection, read, Self::no_shortcut, |labels, samples, ()| {
            crate::functions::window::remove_stale(samples);
            if let Some(counts) = &counts {
                counts.add_windows(&times, samples);
            }
            if extension.is_some() {
                crate::functions::extended::extend_in_place(samples, &times, extension)?;
            }
            if samples.is_empty() {
                return Ok(None);
            }
            let histograms = samples.histograms.iter().map(|h| (h.t_ms, Arc::new(h.h.clone())));
            Ok(Some(Series::from_samples(
                labels(),
                samples.t_ms.clone(),
                samples.v.clone(),
                histograms.collect(),
            )))
        })
    }
}

/// Where notes point: the first argument. The reference puts the samples of a subquery in its place,
/// and these were written nowhere.
fn note_span(call: &CallNode) -> Span {
    match call.args.first() {
        Some(Node {
            kind: Kind::Range(RangeNode { from: RangeFrom::Subquery { .. }, .. }),
            ..
        })
        | None => Span::default(),
        Some(arg) => arg.span,
    }
}

/// Steps of a subquery: multiples of its step inside the union of the windows.
fn subquery_grid(range: &RangeNode, grid: &Grid, step_ms: i64) -> Grid {
    let step_ms = step_ms.max(1);
    let oldest = range.time.apply(grid.start_ms).saturating_sub(range.range_ms);
    let newest = range.time.apply(grid.end_ms());
    let mut start_ms = step_ms * (oldest / step_ms);
    if start_ms <= oldest {
        start_ms = start_ms.saturating_add(step_ms);
    }
    Grid::between(start_ms, newest, step_ms)
}

fn window_times(range: &RangeNode, grid: Grid, lookback_ms: i64) -> WindowTimes {
    let margins = range.extension().map_or((0, 0), |e| e.margins(lookback_ms));
    WindowTimes::new(grid, range.time, range.range_ms, margins)
}

fn fill_from_row(row: &Row, grid: &Grid, samples: &mut SampleBuffer) {
    samples.clear();
    for step in 0..grid.steps {
        match row.cell(step) {
            Cell::Absent => {}
            Cell::Float(v) => samples.push(grid.t_ms(step), v),
            Cell::Histogram(h) => {
                let mut h = h.as_ref().clone();
                // Steps may skip or repeat samples, so what a sample knew of its predecessor
                // does not hold here.
                if h.counter_reset_hint != CounterResetHint::Gauge {
                    h.counter_reset_hint = CounterResetHint::Unknown;
                }
                samples.histograms.push(HistogramSample { t_ms: grid.t_ms(step), h });
            }
        }
    }
}

/// A call whose arguments are known, but for the range vector itself.
pub(super) struct Prepared<'n> {
    pub(super) call: RangeCall,
    pub(super) range: &'n RangeNode,
    watch: NameWatch,
    /// When aggregates of a store may stand for samples.
    pieces: Option<Pieces>,
}

/// What a selector says about metric names, looked at once rather than per series.
struct NameWatch {
    /// All series have one name.
    is_fixed: bool,
    warned: AtomicBool,
}

impl NameWatch {
    fn new(range: &RangeNode) -> Self {
        let is_fixed = match &range.from {
            RangeFrom::Selector(selector) => selector.name_is_fixed(),
            RangeFrom::Subquery { .. } => false,
        };
        Self { is_fixed, warned: AtomicBool::new(false) }
    }
}

impl Prepared<'_> {
    /// The values of one series without reading it, if its store can tell.
    pub(super) fn folded(
        &self,
        selection: &dyn Selection,
        index: usize,
        scratch: &mut Scratch,
    ) -> Result<Shortcut<Vec<f64>>, QueryError> {
        let Some(pieces) = &self.pieces else { return Ok(Shortcut::Read) };
        pieces.values(&self.call, selection, index, &mut scratch.folded)
    }

    /// Notes a rate of what is not named like a counter; once when there is only one name.
    pub(super) fn warn(
        &self,
        evaluator: &Evaluator<'_>,
        labels: &dyn Fn() -> Labels,
        values: &[f64],
    ) {
        if !self.call.function.is_counter_rate()
            || (self.watch.is_fixed && self.watch.warned.load(Relaxed))
        {
            return;
        }
        warn_non_counter(evaluator, &self.call, &labels(), values);
        // With one name, the first series with a value has decided it.
        if values.iter().any(|v| !crate::grid::is_absent(*v)) {
            self.watch.warned.store(true, Relaxed);
        }
    }
}

/// A rate of something that is not named like a counter: probably a mistake.
fn warn_non_counter(evaluator: &Evaluator<'_>, call: &RangeCall, labels: &Labels, values: &[f64]) {
    const SUFFIXES: [&str; 4] = ["_total", "_sum", "_count", "_bucket"];
    let Some(metric) = labels.metric_name() else { return };
    let has_floats = values.iter().any(|v| !crate::grid::is_absent(*v));
    if !has_floats || SUFFIXES.iter().any(|suffix| metric.ends_with(suffix)) {
        return;
    }
    evaluator.note(&crate::annotation::Note::PossibleNonCounter { metric }, call.span);
}

impl WindowTimes {
    /// Everything any window looks at.
    pub(crate) fn read_range(&self) -> TimeRange {
        let (start, _) = self.bounds(0);
        let (_, end) = self.bounds(self.grid.steps.saturating_sub(1));
        TimeRange::new(
            start.saturating_sub(self.before_ms).saturating_add(1),
            end.saturating_add(self.after_ms),
        )
    }
}
