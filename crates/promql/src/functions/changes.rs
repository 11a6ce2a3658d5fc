//! `changes` and `resets` over floats: counted once per series, then differences of counts.

use super::range_function::{RangeFunction, Scratch};
use super::window::FloatWindows;

pub(super) fn fill(
    function: RangeFunction,
    windows: &FloatWindows<'_>,
    scratch: &mut Scratch,
    out: &mut [f64],
) {
    let counts = &mut scratch.counts;
    counts.clear();
    let mut count = 0;
    counts.push(count);
    for pair in windows.v.windows(2) {
        count += u32::from(counts_as(function, pair[0], pair[1]));
        counts.push(count);
    }
    windows.fill(out, |window| {
        let last = window.first + window.v.len() - 1;
        f64::from(counts[last] - counts[window.first])
    });
}

/// Whether going from `before` to `after` is a change, or a reset.
pub(crate) fn counts_as(function: RangeFunction, before: f64, after: f64) -> bool {
    if function == RangeFunction::Resets {
        after < before
    } else {
        before != after && !(before.is_nan() && after.is_nan())
    }
}
