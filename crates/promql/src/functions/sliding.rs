//! Sliding windows in constant time per sample, without ever subtracting: a sum that takes away
//! what leaves the window would keep the rounding errors of everything that was once in it.
//!
//! Sums use two stacks: sums of all suffixes of the older part of the window, and one running sum
//! of the newer part. When the older part is used up, the newer becomes the older.

use std::collections::VecDeque;

use super::over_time::mean;
use super::window::FloatWindows;
use crate::grid::ABSENT;
use crate::kahan::Kahan;

/// Memory for sliding sums.
#[derive(Debug, Default)]
pub(crate) struct SlidingSums {
    /// Sum of `v[i..middle]` at `i - base`.
    suffixes: Vec<Kahan>,
    base: usize,
    middle: usize,
    newer: Kahan,
    newest: usize,
}

impl SlidingSums {
    pub(crate) fn fill_sums(&mut self, windows: &FloatWindows<'_>, out: &mut [f64]) {
        self.fill(windows, out, |sum, _| sum.total());
    }

    pub(crate) fn fill_means(&mut self, windows: &FloatWindows<'_>, out: &mut [f64]) {
        self.fill(windows, out, |sum, v| {
            let count = v.len() as f64;
            if sum.sum.is_finite() { sum.sum / count + sum.lost / count } else { mean(v) }
        });
    }

    fn fill(
        &mut self,
        windows: &FloatWindows<'_>,
        out: &mut [f64],
        finish: impl Fn(Kahan, &[f64]) -> f64,
    ) {
        (self.base, self.middle, self.newest) = (0, 0, 0);
        self.newer = Kahan::default();
        for (cell, (from, to)) in out.iter_mut().zip(windows.spans) {
            let (from, to) = (*from as usize, *to as usize);
            if from == to {
                *cell = ABSENT;
                continue;
            }
            if from >= self.middle {
                self.rebuild(windows.v, from, to);
            } else {
                windows.v[self.newest.max(self.middle)..to].iter().for_each(|v| self.newer.add(*v));
                self.newest = to;
            }
            let mut sum = self.suffixes.get(from - self.base).copied().unwrap_or_default();
            sum.join(self.newer);
            *cell = finish(sum, &windows.v[from..to]);
        }
    }

    fn rebuild(&mut self, v: &[f64], from: usize, to: usize) {
        self.suffixes.clear();
        self.suffixes.resize(to - from, Kahan::default());
        let mut sum = Kahan::default();
        for i in (from..to).rev() {
            sum.add(v[i]);
            self.suffixes[i - from] = sum;
        }
        (self.base, self.middle, self.newest) = (from, to, to);
        self.newer = Kahan::default();
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
