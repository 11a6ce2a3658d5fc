//! Windows over the samples of one series: found with two pointers, so that all windows together
//! cost one pass over the samples and one over the steps.

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

    /// Index ranges into ascending times, one per step, margins included.
    pub(crate) fn locate(&self, times: impl Fn(usize) -> Option<i64>, out: &mut Vec<(u32, u32)>) {
        out.clear();
        let (mut from, mut to) = (0_usize, 0_usize);
        for (start, end) in &self.bounds {
            let start = start.saturating_sub(self.before_ms);
            let end = end.saturating_add(self.after_ms);
            while times(to).is_some_and(|t| t <= end) {
                to += 1;
            }
            while from < to && times(from).is_some_and(|t| t <= start) {
                from += 1;
            }
            out.push((from as u32, to as u32));
        }
    }
}

/// Float samples of one series and their windows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FloatWindows<'s> {
    pub(crate) times: &'s WindowTimes,
    pub(crate) t_ms: &'s [i64],
    pub(crate) v: &'s [f64],
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

    /// In how many windows a sample is, on average.
    pub(crate) fn overlap(&self) -> usize {
        let visits: usize = self.spans.iter().map(|(from, to)| (to - from) as usize).sum();
        visits / self.v.len().max(1)
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
