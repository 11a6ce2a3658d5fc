//! Instant selectors: the newest sample within the lookback at every step.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use model::{Labels, TimeRange};
use promql_syntax::Span;
use query::{SampleBuffer, SelectHints, SelectRequest, Selection};
use rayon::prelude::*;

use super::account::ReadAccount;
use super::{Evaluator, PARALLEL_ROWS_MIN, Rows, row_bytes};
use crate::error::QueryError;
use crate::grid::{ABSENT, CellValue, Grid, Row, braced};
use crate::histogram::reset::reduce_to_stats;
use crate::plan::{Selector, TimeShift};
use crate::threads::begin_alone;

/// What is known of a series before it is read.
#[derive(Debug)]
pub(crate) enum Shortcut<T> {
    /// Nothing: it has to be read.
    Read,
    /// What it maps to, if to anything.
    Known(Option<T>),
}

/// What a cell of an instant selector holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    Value,
    /// The sample's own time in seconds.
    Timestamp,
    /// When the counter behind it began, in seconds; 0 when that is not known.
    Start,
    /// The sample's own time in milliseconds; histograms are an error.
    TimestampMs,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn vector_selector(
        &self,
        selector: &Selector,
        grid: &Grid,
        span: Span,
    ) -> Result<Rows<'a>, QueryError> {
        if selector.smoothed {
            return self.smoothed_selector(selector, grid, span);
        }
        self.instant_rows(selector, grid, Show::Value)
    }

    /// One row per selected series that has a sample at any step.
    pub(crate) fn instant_rows(
        &self,
        selector: &Selector,
        grid: &Grid,
        show: Show,
    ) -> Result<Rows<'a>, QueryError> {
        let lookup = InstantRows::new(selector, *grid, self.settings.lookback_ms, show);
        let range = lookup.range();
        // An info metric that has histograms, however old, is an error; and whether a histogram
        // reset is told by the one before it.
        let tells_resets = selector.stats_only && show == Show::Value;
        let looks_back = show == Show::TimestampMs || tells_resets;
        let newest_only = grid.is_instant() && !looks_back;
        let selection = self.select_hinted(selector, range, grid, 0, newest_only)?;
        let counts = self.step_counts();
        let read =
            |labels: &dyn Fn() -> Labels, samples: &mut SampleBuffer, last: &mut LastSamples| {
                if show == Show::TimestampMs && !samples.histograms.is_empty() {
                    return Err(QueryError::Execution(format!(
                        "this should be an info metric, with float samples: {}",
                        braced(&labels())
                    )));
                }
                if selector.stats_only {
                    reduce_to_stats(&mut samples.histograms);
                }
                let row = lookup.row(samples, last);
                if let (Some(counts), Some(row)) = (&counts, &row) {
                    counts.add_row(row);
                }
                Ok(row.map(|row| Row { labels: labels(), ..row }))
            };
        self.map_rows(&*selection, range, grid, Self::no_shortcut, read)
    }

    pub(crate) fn select(
        &self,
        selector: &Selector,
        range: TimeRange,
        grid: &Grid,
        window_ms: i64,
    ) -> Result<Box<dyn Selection>, QueryError> {
        self.select_hinted(selector, range, grid, window_ms, false)
    }

    fn select_hinted(
        &self,
        selector: &Selector,
        range: TimeRange,
        grid: &Grid,
        window_ms: i64,
        newest_only: bool,
    ) -> Result<Box<dyn Selection>, QueryError> {
        let request = SelectRequest {
            matchers: selector.matchers.clone(),
            range,
            hints: SelectHints {
                step_ms: if grid.is_instant() { 0 } else { grid.step_ms },
                window_ms,
                function: selector.hints.function.clone(),
                grouping: selector.hints.grouping.clone(),
                by: selector.hints.by,
                newest_only,
            },
        };
        let selection = self.source.select(self.scope, &request, self.budget)?;
        self.count_selected(selection.len());
        Ok(selection)
    }

    /// Every series is read.
    #[expect(clippy::unnecessary_wraps, reason = "other shortcuts may fail")]
    pub(crate) fn no_shortcut<T, S>(
        _index: usize,
        _scratch: &mut S,
    ) -> Result<Shortcut<T>, QueryError> {
        Ok(Shortcut::Read)
    }

    /// [`Self::map_series`] to rows over a grid, each charged before it is made.
    pub(crate) fn map_rows<S: Default>(
        &self,
        selection: &dyn Selection,
        range: TimeRange,
        grid: &Grid,
        shortcut: impl Fn(usize, &mut S) -> Result<Shortcut<Row>, QueryError> + Sync,
        f: impl Fn(&dyn Fn() -> Labels, &mut SampleBuffer, &mut S) -> Result<Option<Row>, QueryError>
        + Sync,
    ) -> Result<Rows<'a>, QueryError> {
        let bytes = row_bytes(grid.steps);
        let samples = AtomicU64::new(0);
        let charge = |row: &Option<Row>| {
            match row {
                Some(row) => {
                    let weight = row.weight();
                    self.budget.take_samples(weight)?;
                    samples.fetch_add(weight, Relaxed);
                }
                None => self.budget.release_bytes(bytes),
            }
            Ok::<(), QueryError>(())
        };
        let charged_shortcut = |index: usize, scratch: &mut S| {
            let result = shortcut(index, scratch)?;
            if let Shortcut::Known(row) = &result {
                self.budget.take_bytes(bytes)?;
                charge(row)?;
            }
            Ok(result)
        };
        let read = |labels: &dyn Fn() -> Labels, buffer: &mut SampleBuffer, scratch: &mut S| {
            self.budget.take_bytes(bytes)?;
            let row = f(labels, buffer, scratch)?;
            charge(&row)?;
            Ok(row)
        };
        let rows = self.map_series(selection, range, charged_shortcut, read)?;
        Ok(Rows::charged(rows, self.budget, samples.into_inner(), bytes))
    }

    /// Reads every selected series and maps it, in parallel when there is much to do; series mapped to
    /// nothing are left out. `f` takes the labels lazily: decoding them costs an allocation.
    /// `S` is scratch memory that a worker keeps between series. `shortcut` is asked first, by the
    /// number of the series: what it answers is the result, and the series is not read.
    pub(crate) fn map_series<T: Send, S: Default>(
        &self,
        selection: &dyn Selection,
        range: TimeRange,
        shortcut: impl Fn(usize, &mut S) -> Result<Shortcut<T>, QueryError> + Sync,
        f: impl Fn(&dyn Fn() -> Labels, &mut SampleBuffer, &mut S) -> Result<Option<T>, QueryError>
        + Sync,
    ) -> Result<Vec<T>, QueryError> {
        type State<'b, S> = (SampleBuffer, S, ReadAccount<'b>);
        let start = || (SampleBuffer::default(), S::default(), ReadAccount::new(self.budget));
        let one = |(buffer, scratch, account): &mut State<'_, S>, index: usize| {
            account.begin()?;
            if let Shortcut::Known(result) = shortcut(index, scratch)? {
                return Ok(result);
            }
            selection.read(index, range, buffer)?;
            account.hold(buffer.len() as u64)?;
            f(&|| selection.labels(index), buffer, scratch)
        };
        let mut mapped = Vec::new();
        let mut state = start();
        let mut alone = |part: Range<usize>| {
            for index in part {
                mapped.extend(one(&mut state, index)?);
            }
            Ok::<(), QueryError>(())
        };
        if selection.len() < PARALLEL_ROWS_MIN {
            alone(0..selection.len())?;
            return Ok(mapped);
        }
        let rest = begin_alone(selection.len(), PARALLEL_ROWS_MIN / 4, alone)?;
        let first = PARALLEL_ROWS_MIN * self.threads.count();
        self.threads.share_in_batches(rest, first, |part| {
            let part = part.into_par_iter().with_min_len(PARALLEL_ROWS_MIN / 2);
            let part: Result<Vec<Option<T>>, QueryError> = part.map_init(start, one).collect();
            mapped.extend(part?.into_iter().flatten());
            Ok::<(), QueryError>(())
        })?;
        Ok(mapped)
    }
}

/// Which sample stands for each step, for the sample times it was found for: series of one target
/// are read one after the other and mostly share their times.
#[derive(Debug, Default)]
pub(crate) struct LastSamples {
    t_ms: Vec<i64>,
    /// One index per step, [`NO_SAMPLE`] where all samples are too old or too new.
    at: Vec<u32>,
}

const NO_SAMPLE: u32 = u32::MAX;

/// How an instant selector makes rows of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InstantRows {
    grid: Grid,
    time: TimeShift,
    lookback_ms: i64,
    show: Show,
}

impl InstantRows {
    pub(crate) fn new(selector: &Selector, grid: Grid, lookback_ms: i64, show: Show) -> Self {
        Self { grid, time: selector.time, lookback_ms, show }
    }

    /// Everything any step looks at.
    pub(crate) fn range(&self) -> TimeRange {
        let oldest = self.time.apply(self.grid.start_ms).saturating_sub(self.lookback_ms);
        TimeRange::new(oldest.saturating_add(1), self.time.apply(self.grid.end_ms()))
    }

    /// The row without its labels; nothing when no step has a sample.
    pub(crate) fn row(&self, samples: &SampleBuffer, last: &mut LastSamples) -> Option<Row> {
        if samples.histograms.is_empty() {
            return self.floats(samples, last);
        }
        self.mixed(samples)
    }

    fn floats(&self, samples: &SampleBuffer, last: &mut LastSamples) -> Option<Row> {
        if last.at.len() != self.grid.steps || last.t_ms != samples.t_ms {
            self.locate(&samples.t_ms, &mut last.at);
            last.t_ms.clone_from(&samples.t_ms);
        }
        let mut any = false;
        let cells = last.at.iter().map(|at| match samples.v.get(*at as usize) {
            // A staleness marker is an absent cell as it is.
            Some(v) if !model::is_stale(*v) => {
                any = true;
                let start = samples.start_ms.get(*at as usize).copied();
                self.shown(*v, samples.t_ms[*at as usize], start)
            }
            _ => ABSENT,
        });
        let values: Vec<f64> = cells.collect();
        any.then(|| Row::floats(Labels::empty(), values))
    }

    fn locate(&self, t_ms: &[i64], at: &mut Vec<u32>) {
        at.clear();
        let mut next = 0;
        for step in 0..self.grid.steps {
            let now = self.time.apply(self.grid.t_ms(step));
            while t_ms.get(next).is_some_and(|t| *t <= now) {
                next += 1;
            }
            let oldest = now.saturating_sub(self.lookback_ms);
            let last = next.checked_sub(1).filter(|last| t_ms[*last] > oldest);
            at.push(last.map_or(NO_SAMPLE, |last| last as u32));
        }
    }

    fn shown(&self, v: f64, t_ms: i64, start_ms: Option<i64>) -> f64 {
        match self.show {
            Show::Value => v,
            Show::Timestamp => t_ms as f64 / 1000.0,
            Show::TimestampMs => t_ms as f64,
            Show::Start => start_ms.unwrap_or(0) as f64 / 1000.0,
        }
    }

    fn mixed(&self, samples: &SampleBuffer) -> Option<Row> {
        let mut row = Row::absent(Labels::empty(), self.grid.steps);
        let (mut float, mut histogram, mut any) = (0, 0, false);
        // One copy per stored histogram, however many steps show it.
        let mut shared: Option<(usize, Arc<model::FloatHistogram>)> = None;
        for step in 0..self.grid.steps {
            let t_ms = self.time.apply(self.grid.t_ms(step));
            while samples.t_ms.get(float).is_some_and(|t| *t <= t_ms) {
                float += 1;
            }
            while samples.histograms.get(histogram).is_some_and(|h| h.t_ms <= t_ms) {
                histogram += 1;
            }
            let oldest = t_ms.saturating_sub(self.lookback_ms);
            let last_float = float
                .checked_sub(1)
                .map(|i| (samples.t_ms[i], samples.v[i], samples.start_ms.get(i)));
            let last_float = last_float.filter(|(t, ..)| *t > oldest);
            let last_histogram = histogram.checked_sub(1).map(|i| (i, &samples.histograms[i]));
            let last_histogram = last_histogram.filter(|(_, h)| h.t_ms > oldest);
            let histogram_newer = match (last_float, last_histogram) {
                (Some((t, ..)), Some((_, h))) => h.t_ms > t,
                (None, Some(_)) => true,
                _ => false,
            };
            let value = match (last_float, last_histogram) {
                (_, Some((i, h))) if histogram_newer => {
                    if h.h.is_stale() {
                        continue;
                    }
                    if self.show == Show::Value {
                        let known = shared.take().filter(|(index, _)| *index == i);
                        let arc = known.map_or_else(|| Arc::new(h.h.clone()), |(_, arc)| arc);
                        shared = Some((i, Arc::clone(&arc)));
                        CellValue::Histogram(arc)
                    } else {
                        CellValue::Float(self.shown(
                            0.0,
                            h.t_ms,
                            samples.histogram_start_ms.get(i).copied(),
                        ))
                    }
                }
                (Some((t, v, start)), _) if !model::is_stale(v) => {
                    CellValue::Float(self.shown(v, t, start.copied()))
                }
                _ => continue,
            };
            row.set(step, value);
            any = true;
        }
        any.then_some(row)
    }
}
