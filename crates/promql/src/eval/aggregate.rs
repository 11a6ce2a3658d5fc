//! Aggregations over series: every group's rows are folded cell by cell into one row.

use promql_syntax::Span;
use promql_syntax::ops::AggregateOp;
use rayon::prelude::*;

use super::groups::{Groups, Key};
use super::{Evaluator, PARALLEL_CELLS_MIN, Rows, aggregate_histogram};
use crate::annotation::Note;
use crate::error::QueryError;
use crate::functions::quantile::quantile_of;
use crate::grid::{ABSENT, Grid, Row, is_absent};
use crate::kahan::{Kahan, Mean};
use crate::plan::AggregateNode;
use crate::threads::Threads;

impl<'a> Evaluator<'a> {
    pub(crate) fn aggregate(
        &self,
        node: &AggregateNode,
        span: Span,
        grid: &Grid,
    ) -> Result<Rows<'a>, QueryError> {
        let param = match (&node.param, node.op) {
            (Some(_), AggregateOp::CountValues) | (None, _) => Vec::new(),
            (Some(param), _) => self.scalar(param, grid)?,
        };
        if let Some(out) = self.fused(node, grid)? {
            return self.hold(out);
        }
        let rows = self.rows(&node.expr, grid)?;
        let out = match node.op {
            AggregateOp::CountValues => self.count_values(node, &rows, grid)?,
            AggregateOp::Topk
            | AggregateOp::Bottomk
            | AggregateOp::Limitk
            | AggregateOp::LimitRatio => self.aggregate_top(node, span, &rows, &param, grid)?,
            _ => self.fold(node, &rows, &param, grid),
        };
        drop(rows);
        self.hold(out)
    }

    fn fold(&self, node: &AggregateNode, rows: &[Row], param: &[f64], grid: &Grid) -> Vec<Row> {
        let groups = Groups::of(rows, &grouping_key(node));
        if node.op == AggregateOp::Quantile {
            let span = node.param.as_ref().map(|param| param.span).unwrap_or_default();
            self.check_quantile(param, span);
        }
        if rows.iter().any(Row::has_histograms) {
            if aggregate_histogram::understands(node.op) {
                return self.fold_mixed(node, rows, &groups, grid);
            }
            let note = Note::HistogramIgnored { aggregation: node.op.as_str() };
            self.note(&note, node.expr.span);
        }
        let folded = match node.op {
            AggregateOp::Avg => fold_cells::<Mean>(self.threads, rows, &groups, grid),
            AggregateOp::Min => fold_cells::<Least>(self.threads, rows, &groups, grid),
            AggregateOp::Max => fold_cells::<Greatest>(self.threads, rows, &groups, grid),
            AggregateOp::Count => fold_cells::<Counted>(self.threads, rows, &groups, grid),
            AggregateOp::Group => fold_cells::<One>(self.threads, rows, &groups, grid),
            AggregateOp::Stddev => fold_cells::<Deviation>(self.threads, rows, &groups, grid),
            AggregateOp::Stdvar => fold_cells::<Variance>(self.threads, rows, &groups, grid),
            AggregateOp::Quantile => fold_quantiles(self.threads, rows, &groups, param, grid),
            // The remaining operators never come here.
            _ => fold_cells::<Kahan>(self.threads, rows, &groups, grid),
        };
        let out = groups.labels.iter().zip(&groups.members).zip(folded);
        let out = out.map(|((labels, members), values)| Row {
            drop_name: members.iter().any(|row| rows[*row as usize].drop_name),
            ..Row::floats(labels.clone(), values)
        });
        out.filter(|row| !row.is_empty()).collect()
    }

    fn check_quantile(&self, param: &[f64], span: Span) {
        let note = |q: f64| self.note(&Note::InvalidQuantile(q), span);
        if param.iter().any(|q| q.is_nan()) {
            note(f64::NAN);
        }
        let greatest = param.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = param.iter().copied().fold(f64::INFINITY, f64::min);
        if greatest > 1.0 {
            note(greatest);
        }
        if least < 0.0 {
            note(least);
        }
    }
}

pub(super) fn grouping_key(node: &AggregateNode) -> Key<'_> {
    if node.without { Key::all_but(&node.grouping) } else { Key::only(&node.grouping) }
}

/// The state of one cell while values are folded into it.
pub(super) trait Accumulator: Copy + Send + Sync {
    fn first(v: f64) -> Self;
    fn add(&mut self, v: f64);
    /// Joins the fold of values that come after this one's.
    fn merge(&mut self, other: Self);
    fn value(self) -> f64;
}

fn fold_cells<A: Accumulator>(
    threads: &Threads,
    rows: &[Row],
    groups: &Groups,
    grid: &Grid,
) -> Vec<Vec<f64>> {
    let fold = |members: &[u32], from: usize, to: usize| {
        let mut cells: Vec<Option<A>> = vec![None; to - from];
        for member in members {
            let values = &rows[*member as usize].values[from..to];
            for (cell, v) in cells.iter_mut().zip(values) {
                if is_absent(*v) {
                    continue;
                }
                match cell {
                    Some(cell) => cell.add(*v),
                    None => *cell = Some(A::first(*v)),
                }
            }
        }
        cells.into_iter().map(|cell| cell.map_or(ABSENT, A::value)).collect::<Vec<f64>>()
    };
    let count = threads.count();
    if rows.len() * grid.steps < PARALLEL_CELLS_MIN || count == 1 {
        return groups.members.iter().map(|members| fold(members, 0, grid.steps)).collect();
    }
    if groups.members.len() >= 4 * count {
        let members = groups.members.par_iter();
        return threads.share(|| members.map(|members| fold(members, 0, grid.steps)).collect());
    }
    // Few groups: share out the steps instead. The order of additions stays that of the rows.
    let share = grid.steps.div_ceil(count);
    let fold_shares = |members: &Vec<u32>| {
        let starts: Vec<usize> = (0..grid.steps).step_by(share).collect();
        let parts: Vec<Vec<f64>> = starts
            .into_par_iter()
            .map(|from| fold(members, from, (from + share).min(grid.steps)))
            .collect();
        parts.concat()
    };
    threads.share(|| groups.members.iter().map(fold_shares).collect())
}

/// Steps gathered at a time: a cache line's worth.
const COLUMNS: usize = 8;

fn fold_quantiles(
    threads: &Threads,
    rows: &[Row],
    groups: &Groups,
    param: &[f64],
    grid: &Grid,
) -> Vec<Vec<f64>> {
    let fold = |members: &Vec<u32>| {
        let mut out = Vec::with_capacity(grid.steps);
        let mut columns: [Vec<f64>; COLUMNS] = Default::default();
        // Several columns per pass over the rows: each visit to a row is a cache miss.
        for from in (0..grid.steps).step_by(COLUMNS) {
            let to = (from + COLUMNS).min(grid.steps);
            for row in members.iter().map(|member| &rows[*member as usize]) {
                for (column, v) in columns.iter_mut().zip(&row.values[from..to]) {
                    if !is_absent(*v) {
                        column.push(*v);
                    }
                }
            }
            for (column, step) in columns.iter_mut().zip(from..to) {
                let q = param.get(step).copied().unwrap_or(f64::NAN);
                out.push(if column.is_empty() { ABSENT } else { quantile_of(q, column) });
                column.clear();
            }
        }
        out
    };
    if rows.len() * grid.steps < PARALLEL_CELLS_MIN {
        groups.members.iter().map(fold).collect()
    } else {
        threads.share(|| groups.members.par_iter().map(fold).collect())
    }
}

impl Accumulator for Kahan {
    fn first(v: f64) -> Self {
        Self { sum: v, lost: 0.0 }
    }

    #[inline]
    fn add(&mut self, v: f64) {
        Self::add(self, v);
    }

    fn merge(&mut self, other: Self) {
        self.join(other);
    }

    fn value(self) -> f64 {
        // Nothing is lost of an infinite sum.
        self.sum + self.lost
    }
}

impl Accumulator for Mean {
    fn first(v: f64) -> Self {
        let mut mean = Self::default();
        Self::add(&mut mean, v);
        mean
    }

    #[inline]
    fn add(&mut self, v: f64) {
        Self::add(self, v);
    }

    fn merge(&mut self, other: Self) {
        self.join(other);
    }

    fn value(self) -> f64 {
        Self::value(self)
    }
}

#[derive(Clone, Copy)]
pub(super) struct Least(f64);

impl Accumulator for Least {
    fn first(v: f64) -> Self {
        Self(v)
    }

    #[inline]
    fn add(&mut self, v: f64) {
        if self.0 > v || self.0.is_nan() {
            self.0 = v;
        }
    }

    fn merge(&mut self, other: Self) {
        self.add(other.0);
    }

    fn value(self) -> f64 {
        self.0
    }
}

#[derive(Clone, Copy)]
pub(super) struct Greatest(f64);

impl Accumulator for Greatest {
    fn first(v: f64) -> Self {
        Self(v)
    }

    #[inline]
    fn add(&mut self, v: f64) {
        if self.0 < v || self.0.is_nan() {
            self.0 = v;
        }
    }

    fn merge(&mut self, other: Self) {
        self.add(other.0);
    }

    fn value(self) -> f64 {
        self.0
    }
}

#[derive(Clone, Copy)]
pub(super) struct Counted(f64);

impl Accumulator for Counted {
    fn first(_: f64) -> Self {
        Self(1.0)
    }

    #[inline]
    fn add(&mut self, _: f64) {
        self.0 += 1.0;
    }

    fn merge(&mut self, other: Self) {
        self.0 += other.0;
    }

    fn value(self) -> f64 {
        self.0
    }
}

#[derive(Clone, Copy)]
pub(super) struct One;

impl Accumulator for One {
    fn first(_: f64) -> Self {
        Self
    }

    fn add(&mut self, _: f64) {}

    fn merge(&mut self, _: Self) {}

    fn value(self) -> f64 {
        1.0
    }
}

/// Population variance by Welford's recurrence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variance {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Accumulator for Variance {
    fn first(v: f64) -> Self {
        Self { count: 1.0, mean: v, squares: if v.is_finite() { 0.0 } else { f64::NAN } }
    }

    #[inline]
    fn add(&mut self, v: f64) {
        self.count += 1.0;
        let delta = v - self.mean;
        self.mean += delta / self.count;
        self.squares += delta * (v - self.mean);
    }

    /// Chan's formula for two parts.
    fn merge(&mut self, other: Self) {
        let count = self.count + other.count;
        let delta = other.mean - self.mean;
        self.squares += other.squares + delta * delta * self.count * other.count / count;
        self.mean += delta * other.count / count;
        self.count = count;
    }

    fn value(self) -> f64 {
        self.squares / self.count
    }
}

impl Variance {
    pub(crate) fn of(v: f64) -> Self {
        Self::first(v)
    }

    /// Of values in any number, none for none. Cost: about a nanosecond each, in two passes.
    pub(crate) fn of_values(values: &[f64]) -> Option<Self> {
        let (first, rest) = values.split_first()?;
        let count = values.len() as f64;
        let mean = sum_in_lanes(values, |v| v) / count;
        if !mean.is_finite() {
            let mut all = Self::first(*first);
            for v in rest {
                all.add(*v);
            }
            return Some(all);
        }
        // What rounding has left of the mean is in the sum of the distances from it.
        let drift = sum_in_lanes(values, |v| v - mean);
        let squares = sum_in_lanes(values, |v| (v - mean) * (v - mean));
        // Beyond all numbers both are infinite, and their difference would be none.
        let rest = if squares.is_finite() { drift * drift / count } else { 0.0 };
        let squares = if squares < rest { 0.0 } else { squares - rest };
        Some(Self { count, mean: mean + drift / count, squares })
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.merge(other);
    }

    pub(crate) fn variance(self) -> f64 {
        self.value()
    }
}

/// A sum whose additions do not wait for each other.
fn sum_in_lanes(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    const LANES: usize = 4;
    let mut sums = [0.0; LANES];
    let groups = values.chunks_exact(LANES);
    let rest: f64 = groups.remainder().iter().map(|v| of(*v)).sum();
    for group in groups {
        for (sum, v) in sums.iter_mut().zip(group) {
            *sum += of(*v);
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[derive(Clone, Copy)]
pub(super) struct Deviation(Variance);

impl Accumulator for Deviation {
    fn first(v: f64) -> Self {
        Self(Variance::first(v))
    }

    #[inline]
    fn add(&mut self, v: f64) {
        self.0.add(v);
    }

    fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }

    fn value(self) -> f64 {
        self.0.value().sqrt()
    }
}
