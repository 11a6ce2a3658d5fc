//! Sliding windows in constant time per sample, without ever subtracting: a sum that takes away
//! what leaves the window would keep the rounding errors of everything that was once in it.
//!
//! Sums use two stacks: sums of all suffixes of the older part of the window, and one running sum
//! of the newer part. When the older part is used up, the newer becomes the older. The same goes for
//! everything that can be joined: variances, straight lines.

use std::collections::VecDeque;

use super::over_time::mean;
use super::window::{FloatWindows, Window};
use crate::eval::Variance;
use crate::grid::ABSENT;
use crate::kahan::Kahan;

/// What a stretch of samples comes to.
pub(crate) trait Summary: Copy + Default {
    /// Of one sample, `x` seconds after some time that all summaries share.
    fn of(x: f64, v: f64) -> Self;
    /// Adds the summary of a stretch that comes later.
    fn join(&mut self, later: &Self);
}

impl Summary for Kahan {
    fn of(_: f64, v: f64) -> Self {
        Self { sum: v, lost: 0.0 }
    }

    fn join(&mut self, later: &Self) {
        Self::join(self, *later);
    }
}

impl Summary for Option<Variance> {
    fn of(_: f64, v: f64) -> Self {
        Some(Variance::of(v))
    }

    fn join(&mut self, later: &Self) {
        match (self.as_mut(), later) {
            (Some(own), Some(later)) => own.join(*later),
            (None, later) => *self = *later,
            (Some(_), None) => {}
        }
    }
}

/// Memory for summaries that slide.
#[derive(Debug, Default)]
pub(crate) struct Sliding<S> {
    /// Summary of samples `i..middle` at `i - base`.
    suffixes: Vec<S>,
    base: usize,
    middle: usize,
    newer: S,
    newest: usize,
}

impl Sliding<Kahan> {
    pub(crate) fn fill_sums(&mut self, windows: &FloatWindows<'_>, out: &mut [f64]) {
        self.fill(windows, out, |sum, _, _| sum.total());
    }

    pub(crate) fn fill_means(&mut self, windows: &FloatWindows<'_>, out: &mut [f64]) {
        self.fill(windows, out, |sum, window, _| {
            let count = window.v.len() as f64;
            let whole = sum.sum.is_finite();
            if whole { sum.sum / count + sum.lost / count } else { mean(window.v) }
        });
    }
}

impl<S: Summary> Sliding<S> {
    /// `finish` makes the result of a window's summary; its last argument is the time that the
    /// summaries count from, Unix milliseconds.
    pub(crate) fn fill(
        &mut self,
        windows: &FloatWindows<'_>,
        out: &mut [f64],
        finish: impl Fn(&S, &Window<'_>, i64) -> f64,
    ) {
        (self.base, self.middle, self.newest) = (0, 0, 0);
        self.newer = S::default();
        for (step, cell) in out.iter_mut().enumerate() {
            let window = windows.at(step);
            let (from, to) = (window.first, window.first + window.v.len());
            if from == to {
                *cell = ABSENT;
                continue;
            }
            if from >= self.middle {
                self.rebuild(windows, from, to);
            } else {
                for i in self.newest.max(self.middle)..to {
                    self.newer.join(&self.of(windows, i));
                }
                self.newest = to;
            }
            let mut summary = self.suffixes.get(from - self.base).copied().unwrap_or_default();
            summary.join(&self.newer);
            *cell = finish(&summary, &window, windows.t_ms[self.base]);
        }
    }

    fn of(&self, windows: &FloatWindows<'_>, i: usize) -> S {
        S::of((windows.t_ms[i] - windows.t_ms[self.base]) as f64 / 1000.0, windows.v[i])
    }

    fn rebuild(&mut self, windows: &FloatWindows<'_>, from: usize, to: usize) {
        (self.base, self.middle, self.newest) = (from, to, to);
        self.suffixes.clear();
        self.suffixes.resize(to - from, S::default());
        let mut summary = S::default();
        for i in (from..to).rev() {
            let mut longer = self.of(windows, i);
            longer.join(&summary);
            summary = longer;
            self.suffixes[i - from] = summary;
        }
        self.newer = S::default();
    }
}

/// Extremes by a queue of candidates: a sample that is no better than a newer one can never be
/// the answer again. `yields(kept, v)`: the kept sample gives way to the newer `v`.
pub(crate) fn fill_extremes(
    windows: &FloatWindows<'_>,
    candidates: &mut VecDeque<u32>,
    yields: impl Fn(f64, f64) -> bool,
    out: &mut [f64],
) {
    candidates.clear();
    let mut next = 0;
    for (cell, (from, to)) in out.iter_mut().zip(windows.spans) {
        if from == to {
            *cell = ABSENT;
            continue;
        }
        next = next.max(*from);
        for i in next..*to {
            let v = windows.v[i as usize];
            if v.is_nan() {
                continue;
            }
            while candidates.back().is_some_and(|back| yields(windows.v[*back as usize], v)) {
                candidates.pop_back();
            }
            candidates.push_back(i);
        }
        next = next.max(*to);
        while candidates.front().is_some_and(|front| front < from) {
            candidates.pop_front();
        }
        *cell = candidates.front().map_or(f64::NAN, |front| windows.v[*front as usize]);
    }
}
