//! Aggregations straight over a selector or a range function of one: every series is folded into
//! its group as soon as it is computed, so that memory is that of the groups, not of the series.
//!
//! Series are shared out in runs, whose lengths follow from the number of series; the folds of the
//! runs are joined in the order of the series. So the result does not depend on which worker was
//! first, nor on how quick they were.

use std::ops::Range;

use model::Labels;
use promql_syntax::ops::AggregateOp;
use query::{SampleBuffer, Selection};
use rayon::prelude::*;

use super::account::ReadAccount;
use super::aggregate::{
    Accumulator, Counted, Deviation, Greatest, Least, One, Variance, grouping_key,
};
use super::groups::{Key, Numbering};
use super::range::Prepared;
use super::select::{InstantRows, Show};
use super::{Evaluator, PARALLEL_ROWS_MIN, Shortcut};
use crate::error::QueryError;
use crate::functions::range_function::{RangeFunction, Scratch};
use crate::grid::{ABSENT, Grid, METADATA_LABELS, Row, has_more_metadata, is_absent};
use crate::kahan::{Kahan, Mean};
use crate::plan::{AggregateNode, Kind, Node, RangeFrom, RangeNode, Selector};
use crate::threads::begin_alone;

/// Runs per thread in a batch: enough to even out, few enough that joining is cheap.
const RUNS_PER_THREAD: usize = 4;

/// Series of the shortest run: enough that memory is set up rarely.
const RUN_MIN: usize = 32;

/// Series of the longest: few enough that a batch of runs does not hold the pool for long.
const RUN_MAX: usize = 256;

/// What computes the rows.
enum Source<'s> {
    Instant(InstantRows),
    Range(Prepared<'s>),
}

/// Memory of a worker.
struct Memory<'b> {
    account: ReadAccount<'b>,
    samples: SampleBuffer,
    range: Scratch,
    instant: super::select::LastSamples,
}

/// Folded groups of a run of series.
struct Fold<A> {
    numbering: Numbering,
    labels: Vec<Labels>,
    /// One cell per step; a group's own, so that joining moves it and copies nothing.
    cells: Vec<Box<[Option<A>]>>,
}

/// Why a run ended early.
enum Stop {
    /// There are histograms, or series that lose more than their name: the long way sorts it out.
    Unfit,
    Failed(QueryError),
}

impl<E: Into<QueryError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Evaluator<'_> {
    /// The aggregation, if it is one of these; the caller does it the long way otherwise.
    pub(super) fn fused(
        &self,
        node: &AggregateNode,
        grid: &Grid,
    ) -> Result<Option<Vec<Row>>, QueryError> {
        if node.grouping.iter().any(|name| METADATA_LABELS.contains(&name.as_str())) {
            return Ok(None);
        }
        // Whoever counts samples must count once what turns out to be unfit below.
        if self.settings.count_samples {
            return Ok(None);
        }
        match node.op {
            AggregateOp::Sum => self.fuse::<Kahan>(node, grid),
            AggregateOp::Avg => self.fuse::<Mean>(node, grid),
            AggregateOp::Min => self.fuse::<Least>(node, grid),
            AggregateOp::Max => self.fuse::<Greatest>(node, grid),
            AggregateOp::Count => self.fuse::<Counted>(node, grid),
            AggregateOp::Group => self.fuse::<One>(node, grid),
            AggregateOp::Stddev => self.fuse::<Deviation>(node, grid),
            AggregateOp::Stdvar => self.fuse::<Variance>(node, grid),
            _ => Ok(None),
        }
    }

    fn fuse<A: Accumulator>(
        &self,
        node: &AggregateNode,
        grid: &Grid,
    ) -> Result<Option<Vec<Row>>, QueryError> {
        let Some((source, selector)) = self.fusible(&node.expr, grid)? else { return Ok(None) };
        let (range, window_ms) = match &source {
            Source::Instant(rows) => (rows.range(), 0),
            Source::Range(prepared) => {
                (prepared.call.times.read_range(), prepared.call.times.range_ms)
            }
        };
        let selection = self.select(selector, range, grid, window_ms)?;
        let key = grouping_key(node);
        let count = selection.len();
        let fold = |indices| self.fold_run::<A>(&source, &*selection, indices, &key, grid);
        let folded = if count < PARALLEL_ROWS_MIN {
            fold(0..count)
        } else {
            self.fold_in_runs(count, &key, group_bytes::<A>(grid), fold)
        };
        let drop_name =
            matches!(&source, Source::Range(prepared) if !prepared.call.function.keeps_name());
        match folded {
            Ok(total) => Ok(Some(total.rows(drop_name))),
            Err(Stop::Unfit) => Ok(None),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// Folds all series, in runs, and joins the folds.
    fn fold_in_runs<A: Accumulator>(
        &self,
        count: usize,
        key: &Key<'_>,
        group_bytes: u64,
        fold: impl Fn(Range<usize>) -> Result<Fold<A>, Stop> + Sync,
    ) -> Result<Fold<A>, Stop> {
        let mut total = Fold::default();
        let mut join = |fold: Fold<A>| {
            let merged = total.join(fold, key);
            self.budget.release_bytes(merged as u64 * group_bytes);
        };
        let batch = self.threads.count() * RUNS_PER_THREAD;
        let len = count.div_ceil(batch).clamp(RUN_MIN, RUN_MAX);
        let runs = count.div_ceil(len);
        let fold = |run: usize| fold(run * len..count.min((run + 1) * len));
        let rest = if len == RUN_MIN {
            begin_alone(runs, 1, |one| fold(one.start).map(&mut join))?
        } else {
            0..runs
        };
        self.threads.share_in_batches(rest, batch, |part| {
            let folds: Result<Vec<Fold<A>>, Stop> = part.into_par_iter().map(fold).collect();
            folds?.into_iter().for_each(&mut join);
            Ok::<(), Stop>(())
        })?;
        Ok(total)
    }

    /// Plain selectors, and range functions of selectors with one name: with several, dropping
    /// the name may leave equal series, which is an error to be found.
    fn fusible<'n>(
        &self,
        expr: &'n Node,
        grid: &Grid,
    ) -> Result<Option<(Source<'n>, &'n Selector)>, QueryError> {
        match &expr.kind {
            Kind::Vector(selector) if !selector.smoothed => {
                let rows =
                    InstantRows::new(selector, *grid, self.settings.lookback_ms, Show::Value);
                Ok(Some((Source::Instant(rows), selector)))
            }
            Kind::Call(call) => {
                let function = RangeFunction::named(call.function.name)
                    .filter(|function| *function != RangeFunction::AbsentOverTime);
                let Some(function) = function else { return Ok(None) };
                let Some(selector) = call.args.iter().find_map(only_name_selector) else {
                    return Ok(None);
                };
                let prepared = self.prepare_range(function, call, grid)?;
                Ok(Some((Source::Range(prepared), selector)))
            }
            _ => Ok(None),
        }
    }

    fn fold_run<A: Accumulator>(
        &self,
        source: &Source<'_>,
        selection: &dyn Selection,
        indices: Range<usize>,
        key: &Key<'_>,
        grid: &Grid,
    ) -> Result<Fold<A>, Stop> {
        let mut fold = Fold::<A>::default();
        let mut memory = Memory {
            account: ReadAccount::new(self.budget),
            samples: SampleBuffer::default(),
            range: Scratch::default(),
            instant: super::select::LastSamples::default(),
        };
        let drops_metadata = matches!(source, Source::Range(_));
        for index in indices {
            let values = self.values(source, selection, index, &mut memory)?;
            let Some(values) = values else { continue };
            let labels = selection.labels(index);
            if drops_metadata && has_more_metadata(&labels) {
                return Err(Stop::Unfit);
            }
            let group = fold.numbering.number(key, &labels) as usize;
            if group == fold.labels.len() {
                // For the rest of the query, or until the run is joined with others.
                self.budget.take_bytes(group_bytes::<A>(grid))?;
                fold.labels.push(key.labels(&labels));
                fold.cells.push(vec![None; grid.steps].into());
            }
            for (cell, v) in fold.cells[group].iter_mut().zip(&values) {
                if is_absent(*v) {
                    continue;
                }
                match cell {
                    Some(cell) => cell.add(*v),
                    None => *cell = Some(A::first(*v)),
                }
            }
        }
        Ok(fold)
    }

    /// The values of one series over the grid; nothing when it has none.
    fn values(
        &self,
        source: &Source<'_>,
        selection: &dyn Selection,
        index: usize,
        memory: &mut Memory<'_>,
    ) -> Result<Option<Vec<f64>>, Stop> {
        memory.account.begin()?;
        if let Source::Range(prepared) = source
            && let Shortcut::Known(values) = prepared.folded(selection, index, &mut memory.range)?
        {
            if let Some(values) = &values {
                prepared.warn(self, &|| selection.labels(index), values);
            }
            return Ok(values);
        }
        let range = match source {
            Source::Instant(rows) => rows.range(),
            Source::Range(prepared) => prepared.call.times.read_range(),
        };
        selection.read(index, range, &mut memory.samples)?;
        if !memory.samples.histograms.is_empty() {
            return Err(Stop::Unfit);
        }
        memory.account.hold(memory.samples.len() as u64)?;
        let labels = || selection.labels(index);
        let row = match source {
            Source::Instant(rows) => rows.row(&memory.samples, &mut memory.instant),
            Source::Range(prepared) => {
                let samples = &mut memory.samples;
                let row = prepared.call.row(self, &labels, samples, &mut memory.range)?;
                if let Some(row) = &row {
                    prepared.warn(self, &labels, &row.values);
                }
                row
            }
        };
        Ok(row.map(|row| row.values))
    }
}

/// The selector of a range vector, if all its series have one name.
fn only_name_selector(arg: &Node) -> Option<&Selector> {
    match &arg.kind {
        Kind::Range(RangeNode { from: RangeFrom::Selector(selector), .. }) => {
            selector.name_is_fixed().then_some(selector)
        }
        _ => None,
    }
}

/// Memory of the cells of one group.
fn group_bytes<A>(grid: &Grid) -> u64 {
    (grid.steps * size_of::<Option<A>>()) as u64
}

impl<A> Default for Fold<A> {
    fn default() -> Self {
        Self { numbering: Numbering::default(), labels: Vec::new(), cells: Vec::new() }
    }
}

impl<A: Accumulator> Fold<A> {
    /// Adds the groups of series that come after those of this fold; how many were known.
    fn join(&mut self, fold: Self, key: &Key<'_>) -> usize {
        let mut merged = 0;
        for (labels, cells) in fold.labels.into_iter().zip(fold.cells) {
            let group = self.numbering.number(key, &labels) as usize;
            if group == self.labels.len() {
                self.labels.push(labels);
                self.cells.push(cells);
                continue;
            }
            for (known, cell) in self.cells[group].iter_mut().zip(cells) {
                match (known, cell) {
                    (Some(known), Some(cell)) => known.merge(cell),
                    (known @ None, cell) => *known = cell,
                    (Some(_), None) => {}
                }
            }
            merged += 1;
        }
        merged
    }

    fn rows(self, drop_name: bool) -> Vec<Row> {
        let rows = self.labels.into_iter().zip(self.cells).map(|(labels, cells)| {
            let values = cells.iter().map(|cell| cell.map_or(ABSENT, A::value)).collect();
            Row { drop_name, ..Row::floats(labels, values) }
        });
        rows.collect()
    }
}
