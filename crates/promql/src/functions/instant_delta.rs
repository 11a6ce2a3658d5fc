//! `irate` and `idelta` over floats: the change between the last two samples.

use super::range_function::RangeFunction;
use super::window::FloatWindows;
use crate::grid::ABSENT;

pub(super) fn fill(function: RangeFunction, windows: &FloatWindows<'_>, out: &mut [f64]) {
    let is_rate = function == RangeFunction::Irate;
    windows.fill(out, |window| {
        let count = window.v.len();
        if count < 2 {
            return ABSENT;
        }
        let last = (window.t_ms[count - 1], window.v[count - 1]);
        last_change(is_rate, (window.t_ms[count - 2], window.v[count - 2]), last)
    });
}

/// From one sample to the next; a counter that fell started again from zero.
pub(crate) fn last_change(is_rate: bool, before: (i64, f64), last: (i64, f64)) -> f64 {
    if last.0 == before.0 {
        return ABSENT;
    }
    let change = if is_rate && last.1 < before.1 { last.1 } else { last.1 - before.1 };
    if is_rate { change / ((last.0 - before.0) as f64 / 1000.0) } else { change }
}
