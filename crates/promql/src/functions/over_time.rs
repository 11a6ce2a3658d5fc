//! The `*_over_time` family over floats. Sums, deviations and extremes slide over windows that
//! overlap; the rest looks at every window on its own.

use query::lanes::{greatest, least};

use super::quantile::{SlidingQuantile, quantile_of};
use super::range_function::{RangeCall, RangeFunction, Scratch};
use super::window::{FloatWindows, Window};
use crate::annotation::Note;
use crate::eval::{Evaluator, Variance};
use crate::kahan::{Kahan, Mean};

/// Whether quantiles slide. Every sample that comes or goes moves others: half of the window's for
/// each of the `len / overlap` that go, and again for those that come, so `len² / overlap` in all,
/// against `len` for a window by itself. An estimate: moving a value costs a sixteenth of
/// selecting among them.
fn quantile_slides(overlap: usize, len: usize) -> bool {
    overlap >= (len / 16).max(32)
}

/// Whether to sum up what lies between the edges of windows, once, and put windows together from
/// that. A step joins some four sums, and one join costs about as much as four samples. A sample is
/// summed up twice, for the newer part of a window and for the older.
pub(super) fn joining_pays(windows: &FloatWindows<'_>) -> bool {
    windows.visits() > 2 * windows.v.len() + 16 * windows.spans.len()
}

pub(super) fn fill(
    call: &RangeCall,
    evaluator: &Evaluator<'_>,
    windows: &FloatWindows<'_>,
    scratch: &mut Scratch,
    out: &mut [f64],
) {
    let seconds = |ms: i64| ms as f64 / 1000.0;
    let join = joining_pays(windows);
    match call.function {
        RangeFunction::Sum if join => scratch.sums.fill_sums(windows, out),
        RangeFunction::Avg if join => scratch.sums.fill_means(windows, out),
        RangeFunction::Max if join => scratch.greatest.fill(windows, out, |max, _, _| max.value()),
        RangeFunction::Min if join => scratch.least.fill(windows, out, |min, _, _| min.value()),
        RangeFunction::Sum => windows.fill(out, |w| sum(w.v)),
        RangeFunction::Avg => windows.fill(out, |w| mean(w.v)),
        RangeFunction::Max => windows.fill(out, |w| greatest(w.v)),
        RangeFunction::Min => windows.fill(out, |w| least(w.v)),
        RangeFunction::TsOfMax => {
            windows.fill(out, |w| seconds(time_of(w, |v, best| v >= best)));
        }
        RangeFunction::TsOfMin => {
            windows.fill(out, |w| seconds(time_of(w, |v, best| v <= best)));
        }
        RangeFunction::Count => windows.fill(out, |w| w.v.len() as f64),
        RangeFunction::First => windows.fill(out, |w| w.v[0]),
        RangeFunction::Last => windows.fill(out, |w| w.v[w.v.len() - 1]),
        RangeFunction::TsOfFirst => windows.fill(out, |w| seconds(w.t_ms[0])),
        RangeFunction::TsOfLast => windows.fill(out, |w| seconds(w.t_ms[w.t_ms.len() - 1])),
        RangeFunction::Stddev if join => {
            scratch.spreads.fill(windows, out, |spread, _, _| variance_of(spread.as_ref()).sqrt());
        }
        RangeFunction::Stdvar if join => {
            scratch.spreads.fill(windows, out, |spread, _, _| variance_of(spread.as_ref()));
        }
        RangeFunction::Stddev => windows.fill(out, |w| variance(w.v).sqrt()),
        RangeFunction::Stdvar => windows.fill(out, |w| variance(w.v)),
        RangeFunction::Mad => {
            windows.fill(out, |w| median_deviation(w.v, &mut scratch.values));
        }
        RangeFunction::Quantile => {
            let mut sliding = SlidingQuantile::new(&mut scratch.values);
            let slide_quantiles = quantile_slides(windows.overlap(), windows.longest());
            windows.fill(out, |w| {
                let q = call.scalar(0, w.step);
                if !(0.0..=1.0).contains(&q) {
                    evaluator.note(&Note::InvalidQuantile(q), call.span);
                }
                if slide_quantiles {
                    return sliding.at(q, w, windows.v);
                }
                sliding.once(q, w.v)
            });
        }
        // Being there is all that counts.
        _ => windows.fill(out, |_| 1.0),
    }
}

pub(super) fn sum(v: &[f64]) -> f64 {
    Kahan::of_values(v).total()
}

pub(super) fn mean(v: &[f64]) -> f64 {
    mean_of(Kahan::of_values(v), v)
}

/// The mean of values whose sum is known; a sum that overflows is not looked at.
pub(super) fn mean_of(sum: Kahan, v: &[f64]) -> f64 {
    if sum.sum.is_finite() {
        let count = v.len() as f64;
        return sum.sum / count + sum.lost / count;
    }
    let mut mean = Mean::default();
    for v in v {
        mean.add(*v);
    }
    mean.value()
}

/// Time of the most extreme sample; of a NaN only when there is nothing else.
fn time_of(window: &Window<'_>, better: impl Fn(f64, f64) -> bool) -> i64 {
    let mut best = (window.t_ms[0], window.v[0]);
    for (t_ms, v) in window.t_ms.iter().zip(window.v) {
        if better(*v, best.1) || best.1.is_nan() {
            best = (*t_ms, *v);
        }
    }
    best.0
}

/// Population variance.
pub(super) fn variance(v: &[f64]) -> f64 {
    variance_of(Variance::of_values(v).as_ref())
}

fn variance_of(spread: Option<&Variance>) -> f64 {
    spread.map_or(f64::NAN, |spread| spread.variance())
}

fn median_deviation(v: &[f64], values: &mut Vec<f64>) -> f64 {
    // A NaN makes median and deviation undefined.
    if v.iter().any(|v| v.is_nan()) {
        return f64::NAN;
    }
    values.clear();
    values.extend_from_slice(v);
    let median = quantile_of(0.5, values);
    for v in values.iter_mut() {
        *v = (*v - median).abs();
    }
    quantile_of(0.5, values)
}
