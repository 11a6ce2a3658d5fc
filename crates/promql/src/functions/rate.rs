//! `rate`, `increase` and `delta` over floats: the change in a window, extrapolated to its edges.

use query::WindowAggregate;

use super::range_function::{RangeFunction, Scratch};
use super::window::FloatWindows;
use crate::grid::ABSENT;

/// What the times in a window say about extrapolation: the same for all series sampled together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    /// Between the first and the last sample, seconds.
    sampled_s: f64,
    /// Extrapolated before the first sample and behind the last.
    to_start_s: f64,
    to_end_s: f64,
    /// What to multiply the change by, if no zero is in the way.
    factor: f64,
}

impl Geometry {
    /// Of a window from `start_ms` (exclusive) to `end_ms` with at least 2 samples.
    pub(crate) fn new(first_ms: i64, last_ms: i64, count: usize, window: (i64, i64)) -> Self {
        let seconds = |ms: i64| ms as f64 / 1000.0;
        let mut to_start_s = seconds(first_ms - window.0);
        let mut to_end_s = seconds(window.1 - last_ms);
        let sampled_s = seconds(last_ms - first_ms);
        let average_s = sampled_s / (count - 1) as f64;
        // Further away than this from an edge, the series is taken to start or end inside the
        // window, half an interval beyond its outermost sample.
        let threshold_s = average_s * 1.1;
        if to_start_s >= threshold_s {
            to_start_s = average_s / 2.0;
        }
        if to_end_s >= threshold_s {
            to_end_s = average_s / 2.0;
        }
        let factor = extended(sampled_s, to_start_s, to_end_s);
        Self { sampled_s, to_start_s, to_end_s, factor }
    }

    /// The factor for a counter that has grown by `increase > 0` from `first >= 0`: a counter is
    /// never negative, so do not extrapolate below its zero.
    #[inline]
    pub(crate) fn counter_factor(&self, first: f64, increase: f64) -> f64 {
        // Nearly always the zero is far away, which shows without a division.
        if first * self.sampled_s > increase * self.to_start_s * (1.0 + 1e-9) {
            return self.factor;
        }
        let to_zero_s = self.sampled_s * (first / increase);
        if to_zero_s < self.to_start_s {
            extended(self.sampled_s, to_zero_s, self.to_end_s)
        } else {
            self.factor
        }
    }

    pub(crate) fn factor(&self) -> f64 {
        self.factor
    }
}

fn extended(sampled_s: f64, to_start_s: f64, to_end_s: f64) -> f64 {
    if sampled_s == 0.0 { 1.0 } else { (sampled_s + to_start_s + to_end_s) / sampled_s }
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
    if scratch.geometry.len() != windows.spans.len() {
        scratch.geometry.clear();
        scratch.geometry.extend((0..windows.spans.len()).map(|step| geometry(windows, step)));
    }
    scratch.resets.clear();
    if is_counter && windows.v.windows(2).any(|pair| pair[1] < pair[0]) {
        let pairs = windows.v.windows(2).enumerate().filter(|(_, pair)| pair[1] < pair[0]);
        scratch.resets.extend(pairs.map(|(i, pair)| (i as u32 + 1, pair[0])));
    }
    let mut resets = &scratch.resets[..];
    let steps = out.iter_mut().zip(windows.spans).zip(&scratch.geometry);
    for ((cell, (from, to)), geometry) in steps {
        if to - from < 2 {
            *cell = ABSENT;
            continue;
        }
        let first = windows.v[*from as usize];
        let mut change = windows.v[*to as usize - 1] - first;
        if !resets.is_empty() {
            while resets.first().is_some_and(|(i, _)| i <= from) {
                resets = &resets[1..];
            }
            for (_, before) in resets.iter().take_while(|(i, _)| i < to) {
                change += before;
            }
        }
        let mut factor = if is_counter && change > 0.0 && first >= 0.0 {
            geometry.counter_factor(first, change)
        } else {
            geometry.factor()
        };
        if per_second {
            factor /= range_s;
        }
        *cell = change * factor;
    }
}

/// The same from what is known of a whole window.
pub(super) fn of_aggregate(
    function: RangeFunction,
    window: &WindowAggregate,
    bounds: (i64, i64),
    range_ms: i64,
) -> f64 {
    if window.count < 2 {
        return ABSENT;
    }
    let geometry =
        Geometry::new(window.first_t_ms, window.last_t_ms, window.count as usize, bounds);
    let is_counter = function != RangeFunction::Delta;
    let change = if is_counter { window.increase() } else { window.last - window.first };
    let mut factor = if is_counter && change > 0.0 && window.first >= 0.0 {
        geometry.counter_factor(window.first, change)
    } else {
        geometry.factor()
    };
    if function == RangeFunction::Rate {
        factor /= range_ms as f64 / 1000.0;
    }
    change * factor
}

fn geometry(windows: &FloatWindows<'_>, step: usize) -> Geometry {
    let window = windows.at(step);
    match window.t_ms {
        [first, .., last] => {
            let bounds = (window.start_ms, window.end_ms);
            Geometry::new(*first, *last, window.t_ms.len(), bounds)
        }
        // Never looked at: there is no change to extrapolate.
        _ => Geometry { sampled_s: 0.0, to_start_s: 0.0, to_end_s: 0.0, factor: 1.0 },
    }
}
