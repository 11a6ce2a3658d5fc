//! `deriv` and `predict_linear`: a straight line through the samples by least squares.

use super::range_function::{RangeCall, RangeFunction};
use super::window::{FloatWindows, Window};
use crate::grid::ABSENT;
use crate::kahan::Kahan;

pub(super) fn fill(call: &RangeCall, windows: &FloatWindows<'_>, out: &mut [f64]) {
    let predict = call.function == RangeFunction::PredictLinear;
    windows.fill(out, |window| {
        if window.v.len() < 2 {
            return ABSENT;
        }
        if predict {
            // Relative to the evaluation time, not to the window, which `@` and `offset` move.
            let now_ms = windows.times.grid.t_ms(window.step);
            let (slope, intercept) = line(window, now_ms);
            slope * call.scalar(0, window.step) + intercept
        } else {
            // From the first sample on, to keep the squares small.
            line(window, window.t_ms[0]).0
        }
    });
}

/// Slope per second and value at `origin_ms`.
fn line(window: &Window<'_>, origin_ms: i64) -> (f64, f64) {
    let first = window.v[0];
    if window.v.iter().all(|v| *v == first) {
        return if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) };
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
