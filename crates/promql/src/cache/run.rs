//! A range query with the cache: look up, compute what is missing, put together, keep.
//!
//! The order matters: the version of the data is taken first, before anything is looked up or
//! read. What is computed afterwards is kept under that version, and what was looked up and has
//! not changed up to a later moment may be too.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use model::{Labels, TimeRange};
use promql_syntax::Expr;
use query::{Budget, MetricSource, Scope};

use super::block::{BLOCK_STEPS, Block, Fresh, Noted, copy_cells};
use super::bounds::uses_bounds;
use super::footprint::Footprint;
use super::pieces::{NOTED_RUN, Usable};
use super::{Entry, QueryKey, ResultCache, policy_text};
use crate::annotation::Annotations;
use crate::error::QueryError;
use crate::eval::{Evaluator, Settings, StepCounts, row_bytes};
use crate::grid::{Grid, Row};
use crate::plan::Node;
use crate::threads::Threads;

/// A range query.
pub(crate) struct Asked<'a> {
    pub(crate) source: &'a dyn MetricSource,
    pub(crate) scope: &'a Scope,
    pub(crate) budget: &'a Budget,
    pub(crate) threads: &'a Threads,
    pub(crate) settings: Settings,
    pub(crate) text: &'a str,
    pub(crate) expr: &'a Expr,
    pub(crate) plan: &'a Node,
    pub(crate) grid: Grid,
    /// The query ends after it starts, even if there is only one step.
    pub(crate) ends_later: bool,
}

/// Its result.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Sorted by labels; none without a value.
    pub(crate) rows: Vec<Row>,
    pub(crate) notes: Annotations,
    pub(crate) series_selected: u64,
    /// Steps that came from the cache.
    pub(crate) steps_reused: u64,
    /// When they were asked for; nothing comes from the cache then.
    pub(crate) counts: Option<Arc<StepCounts>>,
    pub(crate) sort_time: Duration,
}

/// What the query is in the cache.
struct Place {
    key: Arc<QueryKey>,
    /// Of the data, before anything was read.
    version: u64,
    footprint: Footprint,
    /// Number of the query's first step; steps are numbered from the epoch.
    first: i64,
}

/// The blocks of a query in order, and what can be used of them.
struct Found {
    blocks: Vec<(i64, Option<Arc<Block>>)>,
    usable: Usable,
}

/// Evaluates with the cache.
pub(crate) fn range(cache: &ResultCache, asked: &Asked<'_>) -> Result<Answer, QueryError> {
    let Some(place) = Place::of(asked) else {
        cache.counts.uncacheable.fetch_add(1, Relaxed);
        return asked.uncached();
    };
    let known = cache.whole(&place.key);
    let mut found = place.look_up(cache, asked);
    let split = known.map(|_| place.first);
    let runs = found.usable.missing(split);
    let mut computed = Vec::with_capacity(runs.len());
    for run in runs {
        let grid = Grid { start_ms: asked.grid.t_ms(run.start), steps: run.len(), ..asked.grid };
        computed.push((run, asked.evaluate(grid)?));
    }
    count(cache, &found.usable, asked.grid.steps);
    let runs: Vec<Run> = computed.iter().map(|(run, answer)| Run::of(run, answer)).collect();
    let answer = put_together(asked, &place, &found, computed)?;
    if runs.iter().any(|run| run.notes.is_some()) && split.is_none() {
        cache.remember(&place.key, Entry::Noted);
    }
    if !runs.is_empty() {
        cache.keep(&place.key, fresh_blocks(asked, &place, &found, &runs, &answer.rows));
    }
    Ok(answer)
}

/// The first step that may have another value than it had at version `since`; the number of steps
/// when none has. `None` for queries whose steps cannot be told apart.
pub(crate) fn first_changed(asked: &Asked<'_>, since: u64) -> Option<usize> {
    let place = Place::of(asked)?;
    let mut changes = Changes { asked, footprint: place.footprint, since: Vec::new() };
    let steps = asked.grid.steps;
    let changed = (0..steps).find(|step| !changes.unchanged(since, *step));
    Some(changed.unwrap_or(steps))
}

fn count(cache: &ResultCache, usable: &Usable, steps: usize) {
    let reused = usable.steps.iter().filter(|usable| **usable).count();
    let counts = &cache.counts;
    let outcome = match reused {
        0 => &counts.misses,
        all if all == steps => &counts.hits,
        _ => &counts.partial_hits,
    };
    outcome.fetch_add(1, Relaxed);
    counts.steps_reused.fetch_add(reused as u64, Relaxed);
    counts.steps_computed.fetch_add((steps - reused) as u64, Relaxed);
}

impl Place {
    /// Nothing when steps of the query cannot be kept, or are not worth it.
    fn of(asked: &Asked<'_>) -> Option<Self> {
        // Whoever counts samples goes without the cache.
        let Settings {
            lookback_ms,
            subquery_step_ms,
            delayed_name_removal,
            use_start_timestamps,
            count_samples: _,
            fold_ms_min: _,
        } = asked.settings;
        let step_ms = asked.grid.step_ms;
        // Names that go at the very end may join series over all steps.
        if asked.grid.steps < 2 || delayed_name_removal || uses_bounds(asked.expr) {
            return None;
        }
        let footprint = Footprint::of(asked.plan, step_ms, asked.settings)?;
        if footprint.is_empty() {
            return None;
        }
        let version = asked.source.version(asked.scope)?;
        let key = Arc::new(QueryKey {
            tenant: asked.scope.tenant().clone(),
            policy: policy_text(asked.scope),
            query: asked.expr.to_string().into(),
            step_ms,
            phase_ms: asked.grid.start_ms.rem_euclid(step_ms),
            lookback_ms,
            subquery_step_ms,
            use_start_timestamps,
        });
        let first = asked.grid.start_ms.div_euclid(step_ms);
        Some(Self { key, version, footprint, first })
    }

    /// Step of the query for a step within a block; may be outside of the query.
    fn column(&self, block: i64, step: usize) -> i64 {
        block * BLOCK_STEPS as i64 + step as i64 - self.first
    }

    /// The steps of a block that the query has, and its step at the first of them.
    fn share(&self, block: i64, steps: usize) -> (Range<usize>, usize) {
        let base = self.column(block, 0);
        let from = base.max(0);
        let to = (base + BLOCK_STEPS as i64).min(steps as i64);
        ((from - base) as usize..(to - base).max(from - base) as usize, from as usize)
    }

    fn look_up(&self, cache: &ResultCache, asked: &Asked<'_>) -> Found {
        let last = self.first + asked.grid.steps as i64 - 1;
        let per_block = BLOCK_STEPS as i64;
        let numbers = self.first.div_euclid(per_block)..=last.div_euclid(per_block);
        let blocks: Vec<(i64, Option<Arc<Block>>)> =
            numbers.map(|number| (number, cache.block(&self.key, number))).collect();
        let mut usable = Usable { steps: vec![false; asked.grid.steps], together: Vec::new() };
        let mut changes = Changes { asked, footprint: self.footprint, since: Vec::new() };
        for (number, block) in &blocks {
            let Some(block) = block else { continue };
            let (steps, column) = self.share(*number, asked.grid.steps);
            for (step, column) in steps.zip(column..) {
                let version = block.version(step);
                usable.steps[column] = version.is_some_and(|v| changes.unchanged(v, column));
            }
            for noted in &block.noted {
                self.use_together(noted, *number, asked, &mut usable);
            }
        }
        Found { blocks, usable }
    }

    /// A run with notes is used when the query has all of it and none of it has changed.
    fn use_together(&self, noted: &Noted, block: i64, asked: &Asked<'_>, usable: &mut Usable) {
        let steps = asked.grid.steps as i64;
        let from = self.column(block, noted.steps.start);
        let to = self.column(block, noted.steps.end);
        let inside = from.clamp(0, steps) as usize..to.clamp(0, steps) as usize;
        let whole = from >= 0 && to <= steps && *noted.text == *asked.text;
        if whole && usable.steps[inside.clone()].iter().all(|usable| *usable) {
            usable.together.push(inside);
        } else {
            usable.steps[inside].fill(false);
        }
    }
}

/// What has changed since some version, asked once for each.
struct Changes<'a> {
    asked: &'a Asked<'a>,
    footprint: Footprint,
    since: Vec<(u64, Changed)>,
}

struct Changed {
    /// What every step depends on.
    fixed: bool,
    ranges: Vec<TimeRange>,
}

impl Changes<'_> {
    fn unchanged(&mut self, version: u64, column: usize) -> bool {
        let known = self.since.iter().position(|(known, _)| *known == version);
        let index = known.unwrap_or_else(|| {
            self.since.push((version, self.ask(version)));
            self.since.len() - 1
        });
        let changed = &self.since[index].1;
        if changed.fixed {
            return false;
        }
        let Some(read) = self.footprint.at(self.asked.grid.t_ms(column)) else { return true };
        let next = changed.ranges.partition_point(|range| range.end_ms < read.start_ms);
        changed.ranges.get(next).is_none_or(|range| range.start_ms > read.end_ms)
    }

    fn ask(&self, version: u64) -> Changed {
        let Asked { source, scope, grid, .. } = self.asked;
        let fixed = self.footprint.fixed;
        let fixed = fixed.is_some_and(|at| !source.changed_since(scope, version, at).is_empty());
        let (first, last) = (self.footprint.at(grid.start_ms), self.footprint.at(grid.end_ms()));
        let around = first.zip(last).map(|(a, b)| TimeRange::new(a.start_ms, b.end_ms));
        let ranges = around.map(|around| source.changed_since(scope, version, around));
        Changed { fixed, ranges: ranges.unwrap_or_default() }
    }
}

impl Asked<'_> {
    /// Computes every step.
    pub(crate) fn uncached(&self) -> Result<Answer, QueryError> {
        self.evaluate(self.grid)
    }

    fn evaluate(&self, grid: Grid) -> Result<Answer, QueryError> {
        let Self { source, scope, budget, threads, settings, .. } = *self;
        let evaluator = Evaluator::new(source, scope, budget, threads, settings, &grid);
        evaluator.set_ending_later(grid.steps == 1 && self.ends_later);
        let evaluated = evaluator.root(self.plan, &grid)?;
        let sorting = Instant::now();
        let rows = evaluated.into_range_rows(threads);
        Ok(Answer {
            rows,
            notes: evaluator.notes(),
            series_selected: evaluator.series_selected(),
            steps_reused: 0,
            counts: evaluator.step_counts(),
            sort_time: sorting.elapsed(),
        })
    }
}

/// A run of computed steps, for what is kept of it.
struct Run {
    steps: Range<usize>,
    notes: Option<Annotations>,
}

impl Run {
    fn of(steps: &Range<usize>, answer: &Answer) -> Self {
        let notes = Some(&answer.notes).filter(|notes| !notes.is_empty()).cloned();
        Self { steps: steps.clone(), notes }
    }
}

/// Reused and computed steps as one result.
fn put_together(
    asked: &Asked<'_>,
    place: &Place,
    found: &Found,
    mut computed: Vec<(Range<usize>, Answer)>,
) -> Result<Answer, QueryError> {
    if let [(run, _)] = &computed[..]
        && run.len() == asked.grid.steps
    {
        return Ok(computed.pop().map(|(_, answer)| answer).unwrap_or_default());
    }
    let mut notes = Annotations::default();
    let mut rows = Assembly { asked, rows: Vec::new(), at: HashMap::new() };
    for (number, block) in &found.blocks {
        let Some(block) = block else { continue };
        let (steps, column) = place.share(*number, asked.grid.steps);
        let usable = &found.usable.steps[column..column + steps.len()];
        let pieces: Vec<(Range<usize>, usize)> = runs_of(usable)
            .map(|run| {
                let own = steps.start + run.start..steps.start + run.end;
                (block.columns(&own), column + run.start)
            })
            .collect();
        for row in block.rows.iter().filter(|_| !pieces.is_empty()) {
            rows.add(row, &pieces)?;
        }
        for noted in &block.noted {
            let column = place.column(*number, noted.steps.start);
            if found.usable.together.iter().any(|run| run.start as i64 == column) {
                notes.merge(&noted.notes);
            }
        }
    }
    let mut series_selected = 0;
    for (run, answer) in &computed {
        series_selected = answer.series_selected.max(series_selected);
        notes.merge(&answer.notes);
        for row in &answer.rows {
            rows.add(row, &[(0..run.len(), run.start)])?;
        }
    }
    let mut rows = rows.rows;
    asked.budget.take_samples(rows.iter().map(Row::weight).sum())?;
    rows.sort_unstable_by(|a, b| a.labels.cmp(&b.labels));
    let reused = found.usable.steps.iter().filter(|usable| **usable).count();
    let steps_reused = reused as u64;
    Ok(Answer { rows, notes, series_selected, steps_reused, ..Answer::default() })
}

/// Rows of the result while pieces of them come in.
struct Assembly<'a> {
    asked: &'a Asked<'a>,
    rows: Vec<Row>,
    at: HashMap<Labels, usize>,
}

impl Assembly<'_> {
    /// Adds the cells of a row: columns of the source, and where they go.
    fn add(&mut self, row: &Row, pieces: &[(Range<usize>, usize)]) -> Result<(), QueryError> {
        if !pieces.iter().any(|(from, _)| from.clone().any(|step| row.is_present(step))) {
            return Ok(());
        }
        let steps = self.asked.grid.steps;
        let index = match self.at.get(&row.labels) {
            Some(index) => *index,
            None => {
                if self.rows.len().is_multiple_of(1024) {
                    self.asked.budget.check()?;
                }
                self.asked.budget.take_bytes(row_bytes(steps))?;
                self.rows.push(Row::absent(row.labels.clone(), steps));
                self.at.insert(row.labels.clone(), self.rows.len() - 1);
                self.rows.len() - 1
            }
        };
        for (from, to) in pieces {
            copy_cells(row, from.clone(), &mut self.rows[index], *to);
        }
        Ok(())
    }
}

/// Runs of `true`.
fn runs_of(flags: &[bool]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + flags.get(from..)?.iter().position(|flag| *flag)?;
        let len = flags[start..].iter().position(|flag| !*flag).unwrap_or(flags.len() - start);
        from = start + len;
        Some(start..from)
    })
}

/// Newer blocks for those in which steps were computed.
fn fresh_blocks(
    asked: &Asked<'_>,
    place: &Place,
    found: &Found,
    runs: &[Run],
    rows: &[Row],
) -> Vec<(i64, Block)> {
    // What was reused has not changed since the version was taken, so it has this version too.
    let mut versions = vec![place.version; asked.grid.steps];
    let text: Arc<str> = asked.text.into();
    let block_of = |column: usize| (place.first + column as i64).div_euclid(BLOCK_STEPS as i64);
    let mut noted: Vec<(i64, Noted)> = Vec::new();
    for run in runs {
        let Some(notes) = &run.notes else { continue };
        let block = block_of(run.steps.start);
        if block != block_of(run.steps.end - 1) || run.steps.len() > 2 * NOTED_RUN {
            versions[run.steps.clone()].fill(0);
            continue;
        }
        let base = place.column(block, 0);
        let steps =
            (run.steps.start as i64 - base) as usize..(run.steps.end as i64 - base) as usize;
        noted.push((block, Noted { steps, notes: notes.clone(), text: Arc::clone(&text) }));
    }
    let mut out = Vec::new();
    for (number, old) in &found.blocks {
        let (steps, column) = place.share(*number, asked.grid.steps);
        let columns = column..column + steps.len();
        if !runs.iter().any(|r| r.steps.start < columns.end && columns.start < r.steps.end) {
            continue;
        }
        let reused = old.iter().flat_map(|block| &block.noted).filter(|noted| {
            let column = place.column(*number, noted.steps.start);
            found.usable.together.iter().any(|run| run.start as i64 == column)
        });
        let own = noted.iter().filter(|(block, _)| block == number).map(|(_, noted)| noted);
        let fresh = Fresh {
            footprint: place.footprint,
            steps,
            column,
            rows,
            versions: versions[columns].to_vec(),
            noted: own.chain(reused).cloned().collect(),
        };
        out.push((*number, old.as_deref().unwrap_or(&Block::default()).with(&fresh)));
    }
    out
}
