//! `rate`, `increase` and `delta` over floats: the change in a window, extrapolated to its edges.

use super::range_function::{RangeFunction, Scratch};
use super::window::{FloatWindows, Window};
use crate::grid::ABSENT;

/// Extrapolation from the sampled interval to the window. Shared with histograms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extrapolation {
    pub(crate) first_ms: i64,
    pub(crate) last_ms: i64,
    /// Samples in the window, at least 2.
    pub(crate) count: usize,
    /// `(value of the first sample, increase)` of a counter that may have started at zero.
    pub(crate) zero: Option<(f64, f64)>,
}

impl Extrapolation {
    /// What to multiply the change by, before dividing by the range.
    pub(crate) fn factor(&self, start_ms: i64, end_ms: i64) -> f64 {
        let seconds = |ms: i64| ms as f64 / 1000.0;
        let mut to_start = seconds(self.first_ms - start_ms);
        let mut to_end = seconds(end_ms - self.last_ms);
        let sampled = seconds(self.last_ms - self.first_ms);
        let average = sampled / (self.count - 1) as f64;
        // Further away than this from an edge, the series is taken to start or end inside the
        // window, half an interval beyond its outermost sample.
        let threshold = average * 1.1;
        if to_start >= threshold {
            to_start = average / 2.0;
        }
        if let Some((first, increase)) = self.zero {
            // A counter is never negative: do not extrapolate below its zero.
            let to_zero = sampled * (first / increase);
            if to_zero < to_start {
                to_start = to_zero;
            }
        }
        if to_end >= threshold {
            to_end = average / 2.0;
        }
        if sampled == 0.0 { 1.0 } else { (sampled + to_start + to_end) / sampled }
    }
}

pub(super) fn fill(
    function: RangeFunction,
    windows: &FloatWindows<'_>,
    scratch: &mut Scratch,
    out: &mut [f64],
) {
    let is_counter = function != RangeFunction::Delta;
    let per_second = function == RangeFunction::Rate;
    let range_s = windows.times.range_ms as f64 / 1000.0;
    scratch.resets.clear();
    if is_counter {
        let pairs = windows.v.windows(2).enumerate().filter(|(_, pair)| pair[1] < pair[0]);
        scratch.resets.extend(pairs.map(|(i, pair)| (i as u32 + 1, pair[0])));
    }
    let resets = &scratch.resets[..];
    let mut next_reset = 0;
    windows.fill(out, |window| {
        let count = window.v.len();
        if count < 2 {
            return ABSENT;
        }
        let mut change = window.v[count - 1] - window.v[0];
        while resets.get(next_reset).is_some_and(|(i, _)| *i as usize <= window.first) {
            next_reset += 1;
        }
        let inside =
            resets[next_reset..].iter().take_while(|(i, _)| (*i as usize) < window.first + count);
        for (_, before) in inside {
            change += before;
        }
        let mut factor = extrapolation(window, change, is_counter);
        if per_second {
            factor /= range_s;
        }
        change * factor
    });
}

fn extrapolation(window: &Window<'_>, change: f64, is_counter: bool) -> f64 {
    let count = window.v.len();
    let first = window.v[0];
    Extrapolation {
        first_ms: window.t_ms[0],
        last_ms: window.t_ms[count - 1],
        count,
        zero: (is_counter && change > 0.0 && first >= 0.0).then_some((first, change)),
    }
    .factor(window.start_ms, window.end_ms)
}
