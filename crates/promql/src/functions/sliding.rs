//! Sliding windows in constant time per sample, without ever subtracting: a sum that takes away
//! what leaves the window would keep the rounding errors of everything that was once in it.
//!
//! Windows are cut at all their edges. What lies between two edges is summed up in one tight loop,
//! and windows are put together from that: far fewer joins than samples where a window slides by
//! many of them.
//!
//! Sums use two stacks: sums of all suffixes of the older part of the window, and one running sum
//! of the newer part. When the older part is used up, the newer becomes the older. The same goes for
//! everything that can be joined: variances, extremes, straight lines.

use std::ops::Range;

use query::lanes::{greatest, least};

use super::over_time::mean_of;
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

    /// Of consecutive samples; `origin_ms` is the time that all summaries share.
    fn of_run(origin_ms: i64, t_ms: &[i64], v: &[f64]) -> Self {
        let mut summary = Self::default();
        for (t_ms, v) in std::iter::zip(t_ms, v) {
            summary.join(&Self::of((t_ms - origin_ms) as f64 / 1000.0, *v));
        }
        summary
    }
}

impl Summary for Kahan {
    fn of(_: f64, v: f64) -> Self {
        Self { sum: v, lost: 0.0 }
    }

    fn join(&mut self, later: &Self) {
        Self::join(self, *later);
    }

    fn of_run(_: i64, _: &[i64], v: &[f64]) -> Self {
        Self::of_values(v)
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

    fn of_run(_: i64, _: &[i64], v: &[f64]) -> Self {
        Variance::of_values(v)
    }
}

/// The greatest value, or the least, as [`greatest`] and [`least`] have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extreme<const IS_GREATEST: bool>(f64);

impl<const IS_GREATEST: bool> Extreme<IS_GREATEST> {
    pub(crate) fn value(self) -> f64 {
        self.0
    }
}

impl<const IS_GREATEST: bool> Default for Extreme<IS_GREATEST> {
    fn default() -> Self {
        Self(f64::NAN)
    }
}

impl<const IS_GREATEST: bool> Summary for Extreme<IS_GREATEST> {
    fn of(_: f64, v: f64) -> Self {
        Self(v)
    }

    fn join(&mut self, later: &Self) {
        let is_better = if IS_GREATEST { later.0 > self.0 } else { later.0 < self.0 };
        if is_better || self.0.is_nan() {
            *self = *later;
        }
    }

    fn of_run(_: i64, _: &[i64], v: &[f64]) -> Self {
        Self(if IS_GREATEST { greatest(v) } else { least(v) })
    }
}

/// Memory for summaries that slide.
#[derive(Debug, Default)]
pub(crate) struct Sliding<S> {
    /// Samples at which windows begin or end, ascending; piece `i` lies between edges `i` and
    /// `i + 1`.
    edges: Vec<u32>,
    /// Summary of pieces `i..middle` at `i - base`.
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
        self.fill(windows, out, |sum, window, _| mean_of(*sum, window.v));
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
        self.cut(windows.spans);
        (self.base, self.middle, self.newest) = (0, 0, 0);
        self.newer = S::default();
        let mut pieces = 0..0;
        for (step, cell) in out.iter_mut().enumerate() {
            let window = windows.at(step);
            if window.v.is_empty() {
                *cell = ABSENT;
                continue;
            }
            pieces = self.pieces(pieces, window.first, window.first + window.v.len());
            if pieces.start >= self.middle {
                self.rebuild(windows, pieces.clone());
            } else {
                for piece in self.newest.max(self.middle)..pieces.end {
                    self.newer.join(&self.of(windows, piece));
                }
                self.newest = pieces.end;
            }
            let at = pieces.start - self.base;
            let mut summary = self.suffixes.get(at).copied().unwrap_or_default();
            summary.join(&self.newer);
            *cell = finish(&summary, &window, self.origin_ms(windows));
        }
    }

    /// Finds the edges of windows that ascend.
    fn cut(&mut self, spans: &[(u32, u32)]) {
        self.edges.clear();
        let edges = &mut self.edges;
        let mut add = |edge: u32| {
            if edges.last() != Some(&edge) {
                edges.push(edge);
            }
        };
        let mut ends = spans.iter().map(|(_, to)| *to).peekable();
        for (from, _) in spans {
            while let Some(to) = ends.next_if(|to| to <= from) {
                add(to);
            }
            add(*from);
        }
        ends.for_each(add);
    }

    /// The pieces of the samples `from..to`, which are behind those of the window before.
    fn pieces(&self, before: Range<usize>, from: usize, to: usize) -> Range<usize> {
        let seek = |mut at: usize, sample: usize| {
            while self.edges.get(at).is_some_and(|edge| (*edge as usize) < sample) {
                at += 1;
            }
            at
        };
        seek(before.start, from)..seek(before.end, to)
    }

    fn origin_ms(&self, windows: &FloatWindows<'_>) -> i64 {
        let first = self.edges.get(self.base).copied().unwrap_or_default();
        windows.t_ms.get(first as usize).copied().unwrap_or_default()
    }

    fn of(&self, windows: &FloatWindows<'_>, piece: usize) -> S {
        let samples = match self.edges.get(piece..piece + 2) {
            Some([from, to]) => *from as usize..*to as usize,
            _ => 0..0,
        };
        let t_ms = windows.t_ms.get(samples.clone()).unwrap_or_default();
        S::of_run(self.origin_ms(windows), t_ms, windows.v.get(samples).unwrap_or_default())
    }

    fn rebuild(&mut self, windows: &FloatWindows<'_>, pieces: Range<usize>) {
        (self.base, self.middle, self.newest) = (pieces.start, pieces.end, pieces.end);
        self.suffixes.clear();
        self.suffixes.resize(pieces.len(), S::default());
        let mut summary = S::default();
        for piece in pieces.rev() {
            let mut longer = self.of(windows, piece);
            longer.join(&summary);
            summary = longer;
            self.suffixes[piece - self.base] = summary;
        }
        self.newer = S::default();
    }
}
