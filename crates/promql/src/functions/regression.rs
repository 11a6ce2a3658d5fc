//! `deriv` and `predict_linear`: a straight line through the samples by least squares. Lines of
//! adjacent stretches can be joined, so windows that overlap much slide.

use super::range_function::{RangeCall, RangeFunction, Scratch};
use super::sliding::Summary;
use super::window::{FloatWindows, Window};
use crate::grid::ABSENT;
use crate::kahan::Kahan;

/// Lines slide when a sample is in at least this many windows on average.
const OVERLAP_MIN: usize = 6;

pub(super) fn fill(
    call: &RangeCall,
    windows: &FloatWindows<'_>,
    scratch: &mut Scratch,
    out: &mut [f64],
) {
    let predict = call.function == RangeFunction::PredictLinear;
    let result = |window: &Window<'_>, line: &dyn Fn(i64) -> (f64, f64)| {
        if window.v.len() < 2 {
            return ABSENT;
        }
        if predict {
            // Relative to the evaluation time, not to the window, which `@` and `offset` move.
            let now_ms = windows.times.grid.t_ms(window.step);
            let (slope, intercept) = line(now_ms);
            slope * call.scalar(0, window.step) + intercept
        } else {
            // From the first sample on, to keep the squares small.
            line(window.t_ms[0]).0
        }
    };
    if windows.overlap() < OVERLAP_MIN {
        windows.fill(out, |window| result(window, &|origin_ms| line(window, origin_ms)));
        return;
    }
    find_runs(windows.v, &mut scratch.counts);
    let (runs, lines) = (&scratch.counts, &mut scratch.lines);
    lines.fill(windows, out, |joined, window, base_ms| {
        let last = window.first + window.v.len() - 1;
        let constant = runs[last] as usize <= window.first;
        result(window, &|origin_ms| {
            if constant {
                return through_equal(window.v[0]);
            }
            if joined.xy.is_nan() {
                // Infinity in the window: the reference's sums decide between infinity and NaN.
                return line(window, origin_ms);
            }
            joined.slope_and_value((origin_ms - base_ms) as f64 / 1000.0)
        })
    });
}

/// Of every sample, where the run of equal values that it ends began.
fn find_runs(v: &[f64], runs: &mut Vec<u32>) {
    runs.clear();
    let mut start = 0;
    for (i, value) in v.iter().enumerate() {
        if i > 0 && *value != v[i - 1] {
            start = i as u32;
        }
        // A NaN equals nothing, not even itself.
        runs.push(if value.is_nan() { u32::MAX } else { start });
    }
}

fn through_equal(v: f64) -> (f64, f64) {
    if v.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, v) }
}

/// Means and co-moments of times and values.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Line {
    count: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
}

impl Summary for Line {
    fn of(x: f64, v: f64) -> Self {
        // Joined means cannot say what a line through infinity is: NaN marks it.
        Self { count: 1.0, x, y: v, xx: 0.0, xy: if v.is_finite() { 0.0 } else { f64::NAN } }
    }

    fn join(&mut self, later: &Self) {
        if later.count == 0.0 {
            return;
        }
        if self.count == 0.0 {
            *self = *later;
            return;
        }
        let count = self.count + later.count;
        let (dx, dy) = (later.x - self.x, later.y - self.y);
        let weight = self.count * later.count / count;
        self.xx += later.xx + dx * dx * weight;
        self.xy += later.xy + dx * dy * weight;
        self.x += dx * later.count / count;
        self.y += dy * later.count / count;
        self.count = count;
    }
}

impl Line {
    /// Slope per second and value at `x`.
    pub(super) fn slope_and_value(&self, x: f64) -> (f64, f64) {
        let slope = self.xy / self.xx;
        (slope, self.y + slope * (x - self.x))
    }
}

/// Slope per second and value at `origin_ms`.
pub(super) fn line(window: &Window<'_>, origin_ms: i64) -> (f64, f64) {
    let first = window.v[0];
    if window.v.iter().all(|v| *v == first) {
        return through_equal(first);
    }
    let (mut x_sum, mut y_sum) = (Kahan::default(), Kahan::default());
    let (mut xy_sum, mut xx_sum) = (Kahan::default(), Kahan::default());
    for (t_ms, v) in window.t_ms.iter().zip(window.v) {
        let x = (t_ms - origin_ms) as f64 / 1000.0;
        x_sum.add(x);
        y_sum.add(*v);
        xy_sum.add(x * v);
        xx_sum.add(x * x);
    }
    let n = window.v.len() as f64;
    let plain = |k: Kahan| k.sum + k.lost;
    let (x, y) = (plain(x_sum), plain(y_sum));
    let covariance = plain(xy_sum) - x * y / n;
    let variance = plain(xx_sum) - x * x / n;
    let slope = covariance / variance;
    (slope, y / n - slope * x / n)
}
