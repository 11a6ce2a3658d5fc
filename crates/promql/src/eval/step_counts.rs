//! How many samples each step of a query looked at, counted when a client asks for it
//! (`stats` of the HTTP API).
//!
//! Two counts, as the reference's: `queried` is what an instant query at that step would look at,
//! so overlapping windows count a sample several times; `read` counts what was not in the window of
//! the step before.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use query::SampleBuffer;

use super::Evaluator;
use crate::error::QueryError;
use crate::functions::window::WindowTimes;
use crate::grid::{Grid, Row, histogram_weight};

/// Counts by step of one grid; workers add to them together.
#[derive(Debug)]
pub(crate) struct StepCounts {
    queried: Box<[AtomicU64]>,
    read: Box<[AtomicU64]>,
}

impl StepCounts {
    pub(crate) fn new(steps: usize) -> Self {
        let zeros = || (0..steps).map(|_| AtomicU64::new(0)).collect();
        Self { queried: zeros(), read: zeros() }
    }

    pub(crate) fn queried(&self) -> Vec<u64> {
        self.queried.iter().map(|count| count.load(Relaxed)).collect()
    }

    pub(crate) fn read(&self) -> Vec<u64> {
        self.read.iter().map(|count| count.load(Relaxed)).collect()
    }

    fn add(&self, step: usize, queried: u64, read: u64) {
        if let (Some(all), Some(new)) = (self.queried.get(step), self.read.get(step)) {
            all.fetch_add(queried, Relaxed);
            new.fetch_add(read, Relaxed);
        }
    }

    /// The row of an instant selector: one sample per cell.
    pub(crate) fn add_row(&self, row: &Row) {
        for step in 0..row.values.len() {
            if row.is_present(step) {
                let weight = row.histogram(step).map_or(1, |h| histogram_weight(h));
                self.add(step, weight, weight);
            }
        }
    }

    /// The windows of one series.
    pub(crate) fn add_windows(&self, times: &WindowTimes, samples: &SampleBuffer) {
        let mut spans = Vec::new();
        times.locate(|i| samples.t_ms.get(i).copied(), &mut spans);
        self.add_spans(&spans, |from, to| (to - from) as u64);
        if !samples.histograms.is_empty() {
            times.locate(|i| samples.histograms.get(i).map(|h| h.t_ms), &mut spans);
            let weights: Vec<u64> =
                samples.histograms.iter().map(|h| histogram_weight(&h.h)).collect();
            self.add_spans(&spans, |from, to| weights[from..to].iter().sum());
        }
    }

    /// What a subquery looked at, for the windows over its steps.
    fn add_subquery(&self, times: &WindowTimes, grid: &Grid, inner: &Self) {
        let mut spans = Vec::new();
        times.locate(|i| (i < grid.steps).then(|| grid.t_ms(i)), &mut spans);
        let (queried, read) = (sums(&inner.queried()), sums(&inner.read()));
        let mut seen = 0;
        for (step, (from, to)) in spans.iter().enumerate() {
            let (from, to) = (*from as usize, *to as usize);
            let new = from.max(seen).min(to);
            self.add(step, queried[to] - queried[from], read[to] - read[new]);
            seen = seen.max(to);
        }
    }

    fn add_spans(&self, spans: &[(u32, u32)], weight: impl Fn(usize, usize) -> u64) {
        let mut seen = 0;
        for (step, (from, to)) in spans.iter().enumerate() {
            let (from, to) = (*from as usize, *to as usize);
            let new = from.max(seen).min(to);
            self.add(step, weight(from, to), weight(new, to));
            seen = seen.max(to);
        }
    }
}

/// `out[i]` is the sum of the first `i` counts.
fn sums(counts: &[u64]) -> Vec<u64> {
    let mut total = 0;
    let running = counts.iter().map(|count| {
        total += count;
        total
    });
    std::iter::once(0).chain(running).collect()
}

/// The counts around a part of a query, and the part's own.
type OuterAndOwn = (Arc<StepCounts>, Arc<StepCounts>);

impl Evaluator<'_> {
    /// The counts in force, if anybody asked.
    pub(crate) fn step_counts(&self) -> Option<Arc<StepCounts>> {
        self.counts.lock().clone()
    }

    /// Runs `inner` with counts of its own, over `steps` steps.
    fn counted_apart<T>(
        &self,
        steps: usize,
        inner: impl FnOnce() -> Result<T, QueryError>,
    ) -> Result<(T, Option<OuterAndOwn>), QueryError> {
        let Some(outer) = self.step_counts() else { return Ok((inner()?, None)) };
        let own = Arc::new(StepCounts::new(steps));
        *self.counts.lock() = Some(Arc::clone(&own));
        let result = inner();
        *self.counts.lock() = Some(Arc::clone(&outer));
        Ok((result?, Some((outer, own))))
    }

    /// Runs what is evaluated at the steps of a subquery.
    pub(crate) fn in_subquery<T>(
        &self,
        times: &WindowTimes,
        grid: &Grid,
        inner: impl FnOnce() -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        let newest = times.bounds(times.grid.steps.saturating_sub(1)).1;
        let later = self.set_ending_later(grid.steps == 1 && grid.start_ms < newest);
        let counted = self.counted_apart(grid.steps, inner);
        self.set_ending_later(later);
        let (result, counts) = counted?;
        if let Some((outer, own)) = counts {
            outer.add_subquery(times, grid, &own);
        }
        Ok(result)
    }

    /// Runs what is evaluated once and stands for all `steps`.
    pub(crate) fn once_for_all<T>(
        &self,
        steps: usize,
        inner: impl FnOnce() -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        let (result, counts) = self.counted_apart(1, inner)?;
        if let Some((outer, own)) = counts {
            let (queried, read) = (own.queried()[0], own.read()[0]);
            for step in 0..steps {
                outer.add(step, queried, if step == 0 { read } else { 0 });
            }
        }
        Ok(result)
    }
}
