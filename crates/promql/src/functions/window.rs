//! Windows over the samples of one series, found with two pointers that leap from step to step.

use model::HistogramSample;
use query::SampleBuffer;

use crate::grid::{ABSENT, Grid};
use crate::plan::TimeShift;

/// The windows `(t - range, t]` of every step, and how much wider than them is read.
#[derive(Clone, Debug)]
pub(crate) struct WindowTimes {
    pub(crate) grid: Grid,
    pub(crate) range_ms: i64,
    pub(crate) before_ms: i64,
    pub(crate) after_ms: i64,
    /// Start (exclusive) and end (inclusive) of every step's window, without margins.
    bounds: Box<[(i64, i64)]>,
}

impl WindowTimes {
    pub(crate) fn new(grid: Grid, time: TimeShift, range_ms: i64, margins: (i64, i64)) -> Self {
        let bounds = (0..grid.steps).map(|step| {
            let end = time.apply(grid.t_ms(step));
            (end.saturating_sub(range_ms), end)
        });
        Self { grid, range_ms, before_ms: margins.0, after_ms: margins.1, bounds: bounds.collect() }
    }

    /// Start (exclusive) and end (inclusive) of a step's window.
    pub(crate) fn bounds(&self, step: usize) -> (i64, i64) {
        self.bounds.get(step).copied().unwrap_or((0, 0))
    }

    /// Index ranges into ascending times, one per step, margins included. Cost: a few looks a step
    /// where the pace is even, else a logarithm of what lies between two steps.
    pub(crate) fn locate(&self, times: impl Fn(usize) -> Option<i64>, out: &mut Vec<(u32, u32)>) {
        out.clear();
        let (mut first, mut behind) = (Edge::default(), Edge::default());
        for (start, end) in &self.bounds {
            behind.advance(&times, end.saturating_add(self.after_ms));
            first.advance(&times, start.saturating_sub(self.before_ms));
            out.push((first.at.min(behind.at) as u32, behind.at as u32));
        }
    }
}

/// An edge of the windows on its way through a series' times.
#[derive(Default)]
struct Edge {
    /// The first sample behind the edge.
    at: usize,
    /// How far it went at the last step: mostly how far it goes at the next.
    stride: usize,
}

impl Edge {
    /// Goes on to the first time after `t_ms`.
    fn advance(&mut self, times: &impl Fn(usize) -> Option<i64>, t_ms: i64) {
        let is_before = |i: usize| times(i).is_some_and(|t| t <= t_ms);
        let from = self.at;
        let guess = from + self.stride;
        // Times below `known` are before the edge, the one at `beyond` is not.
        let (mut known, mut beyond) = (from, guess);
        if is_before(guess) {
            known = guess + 1;
            let mut stride = 1;
            while is_before(known + stride - 1) {
                known += stride;
                stride *= 2;
            }
            beyond = known + stride - 1;
        } else if guess > from && is_before(guess - 1) {
            known = guess;
        }
        while known < beyond {
            let middle = known + (beyond - known) / 2;
            if is_before(middle) {
                known = middle + 1;
            } else {
                beyond = middle;
            }
        }
        self.at = known;
        self.stride = known - from;
    }
}

/// Float samples of one series and their windows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FloatWindows<'s> {
    pub(crate) times: &'s WindowTimes,
    pub(crate) t_ms: &'s [i64],
    pub(crate) v: &'s [f64],
    /// When the counters behind the samples began (0 = unknown); empty when that does not matter.
    pub(crate) starts: &'s [i64],
    /// One index range per step.
    pub(crate) spans: &'s [(u32, u32)],
}

/// One window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window<'s> {
    pub(crate) step: usize,
    /// Exclusive; without margin.
    pub(crate) start_ms: i64,
    /// Inclusive; without margin.
    pub(crate) end_ms: i64,
    pub(crate) t_ms: &'s [i64],
    pub(crate) v: &'s [f64],
    /// Index of the first sample in the series.
    pub(crate) first: usize,
}

impl<'s> FloatWindows<'s> {
    pub(crate) fn at(&self, step: usize) -> Window<'s> {
        let (from, to) = self.spans.get(step).copied().unwrap_or_default();
        let (from, to) = (from as usize, to as usize);
        let (start_ms, end_ms) = self.times.bounds(step);
        Window {
            step,
            start_ms,
            end_ms,
            t_ms: self.t_ms.get(from..to).unwrap_or_default(),
            v: self.v.get(from..to).unwrap_or_default(),
            first: from,
        }
    }

    /// The start times of a window's samples.
    pub(crate) fn starts_of(&self, window: &Window<'_>) -> &'s [i64] {
        self.starts.get(window.first..window.first + window.v.len()).unwrap_or_default()
    }

    /// In how many windows a sample is, on average.
    pub(crate) fn overlap(&self) -> usize {
        self.visits() / self.v.len().max(1)
    }

    /// Samples of all windows together.
    pub(crate) fn visits(&self) -> usize {
        self.spans.iter().map(|(from, to)| (to - from) as usize).sum()
    }

    /// Samples of the longest window.
    pub(crate) fn longest(&self) -> usize {
        self.spans.iter().map(|(from, to)| (to - from) as usize).max().unwrap_or(0)
    }

    /// Sets the cell of every window that is not empty; `f` answers [`ABSENT`] for no result.
    pub(crate) fn fill(&self, out: &mut [f64], mut f: impl FnMut(&Window<'s>) -> f64) {
        for (step, cell) in out.iter_mut().enumerate() {
            let window = self.at(step);
            *cell = if window.v.is_empty() { ABSENT } else { f(&window) };
        }
    }
}

/// A window that may hold histograms too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MixedWindow<'s> {
    pub(crate) floats: Window<'s>,
    pub(crate) histograms: &'s [HistogramSample],
    /// Of every histogram whether its counter started again since the one before; for `rate` and
    /// `increase` only.
    pub(crate) resets: &'s [bool],
    /// Start times of the floats, empty when they do not matter.
    pub(crate) float_starts: &'s [i64],
    pub(crate) histogram_starts: &'s [i64],
}

/// Staleness markers end a series for instant selectors; for windows they are not there.
pub(crate) fn remove_stale(samples: &mut SampleBuffer) {
    // A whole stretch at a time, which compares several values at once.
    let any_stale = |v: &[f64]| v.iter().fold(false, |any, v| any | model::is_stale(*v));
    if samples.v.chunks(64).any(any_stale) {
        let mut kept = 0;
        for i in 0..samples.v.len() {
            if !model::is_stale(samples.v[i]) {
                samples.t_ms[kept] = samples.t_ms[i];
                samples.v[kept] = samples.v[i];
                if let Some(start) = samples.start_ms.get(i).copied() {
                    samples.start_ms[kept] = start;
                }
                kept += 1;
            }
        }
        samples.t_ms.truncate(kept);
        samples.v.truncate(kept);
        samples.start_ms.truncate(kept);
    }
    if samples.histograms.iter().any(|h| h.h.is_stale()) {
        let mut stale =
            samples.histograms.iter().map(|h| h.h.is_stale()).collect::<Vec<_>>().into_iter();
        samples.histogram_start_ms.retain(|_| !stale.next().unwrap_or(false));
        samples.histograms.retain(|h| !h.h.is_stale());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::WindowTimes;
    use crate::grid::Grid;
    use crate::plan::TimeShift;

    proptest! {
        #[test]
        fn windows_are_found_wherever_they_lie(
            paces in prop::collection::vec((1_i64..60, 1_usize..30), 0..8),
            (start, step, steps) in (-200_i64..900, 1_i64..120, 1_usize..40),
            (range, before, after) in (0_i64..300, 0_i64..50, 0_i64..50),
        ) {
            let mut t = 0;
            let next = |pace: i64| { t += pace; t };
            let times: Vec<i64> = paces.iter().flat_map(|(pace, n)| vec![*pace; *n]).map(next).collect();
            let grid = Grid { start_ms: start, step_ms: step, steps };
            let windows = WindowTimes::new(grid, TimeShift::default(), range, (before, after));
            let mut found = vec![(7, 7)];
            windows.locate(|i| times.get(i).copied(), &mut found);
            let behind = |t_ms: i64| times.iter().filter(|t| **t <= t_ms).count() as u32;
            let want = (0..steps).map(|i| {
                let end = grid.t_ms(i);
                (behind(end - range - before).min(behind(end + after)), behind(end + after))
            });
            prop_assert_eq!(found, want.collect::<Vec<_>>());
        }
    }
}
