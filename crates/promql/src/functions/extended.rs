//! `anchored` and `smoothed` range vectors: the window's edges get values, from the sample before
//! the window or by interpolation, so that nothing is extrapolated.

use query::SampleBuffer;

use super::changes::counts_as;
use super::range_function::{RangeCall, RangeFunction};
use super::window::{FloatWindows, Window, WindowTimes};
use crate::error::QueryError;
use crate::grid::ABSENT;
use crate::plan::Extension;

/// Which functions understand samples outside of the window.
pub(super) fn check(call: &RangeCall) -> Result<(), QueryError> {
    let Some(extension) = call.extension else { return Ok(()) };
    let allowed: &[&str] = match extension {
        Extension::Anchored => &["changes", "delta", "increase", "rate", "resets"],
        Extension::Smoothed => &["delta", "increase", "rate"],
    };
    let name = call.function.name();
    if allowed.contains(&name) {
        return Ok(());
    }
    Err(QueryError::Execution(format!(
        "{} modifier can only be used with: {} - not with {name}",
        extension.as_str(),
        allowed.join(", ")
    )))
}

pub(super) fn fill(
    call: &RangeCall,
    extension: Extension,
    windows: &FloatWindows<'_>,
    out: &mut [f64],
) {
    let function = call.function;
    windows.fill(out, |window| match function {
        RangeFunction::Changes | RangeFunction::Resets => {
            let first = first_index(window);
            if window.t_ms[window.t_ms.len() - 1] <= window.start_ms {
                return ABSENT;
            }
            let pairs = window.v[first..].windows(2);
            pairs.filter(|pair| counts_as(function, pair[0], pair[1])).count() as f64
        }
        _ => {
            let smoothed = extension == Extension::Smoothed;
            let is_counter = function != RangeFunction::Delta;
            let change = change(window, smoothed, is_counter);
            if function == RangeFunction::Rate && !crate::grid::is_absent(change) {
                change / (windows.times.range_ms as f64 / 1000.0)
            } else {
                change
            }
        }
    });
}

/// The last sample at or before the window's start, or the first there is.
fn first_index(window: &Window<'_>) -> usize {
    window.t_ms.partition_point(|t| *t <= window.start_ms).saturating_sub(1)
}

/// Indices of the outermost samples that matter and the values at the edges.
struct Edges {
    first: usize,
    last: usize,
    left: f64,
    right: f64,
}

fn edges(window: &Window<'_>, smoothed: bool, is_counter: bool) -> Option<Edges> {
    let end = window.t_ms.len() - 1;
    let first = window.t_ms[..end].partition_point(|t| *t <= window.start_ms).saturating_sub(1);
    let last =
        if smoothed { window.t_ms[..end].partition_point(|t| *t < window.end_ms) } else { end };
    if window.t_ms[last] <= window.start_ms {
        return None;
    }
    let point = |i: usize| (window.t_ms[i], window.v[i]);
    let left = if smoothed && window.t_ms[first] < window.start_ms {
        interpolate(point(first), point(first + 1), window.start_ms, is_counter)
    } else {
        window.v[first]
    };
    let right = if smoothed && last > 0 && window.t_ms[last] > window.end_ms {
        interpolate(point(last - 1), point(last), window.end_ms, is_counter)
    } else {
        window.v[last]
    };
    Some(Edges { first, last, left, right })
}

fn change(window: &Window<'_>, smoothed: bool, is_counter: bool) -> f64 {
    let Some(Edges { mut first, last, left, right }) = edges(window, smoothed, is_counter) else {
        return ABSENT;
    };
    // Nothing but samples behind the window: no change is known.
    if smoothed && window.t_ms[first] > window.end_ms {
        return ABSENT;
    }
    let mut change = right - left;
    if is_counter {
        // Resets at the edges are part of the interpolation already.
        if window.t_ms[first] <= window.start_ms {
            first += 1;
        }
        let end = if window.t_ms[last] >= window.end_ms { last } else { last + 1 };
        let mut before = left;
        for v in window.v.get(first..end).unwrap_or_default() {
            if *v < before {
                change += before;
            }
            before = *v;
        }
        if right < before {
            change += before;
        }
    }
    change
}

/// On the line between two samples; a counter that fell started again from zero.
pub(crate) fn interpolate(
    before: (i64, f64),
    after: (i64, f64),
    t_ms: i64,
    is_counter: bool,
) -> f64 {
    let from = if is_counter && after.1 < before.1 { 0.0 } else { before.1 };
    from + (after.1 - from) * (t_ms - before.0) as f64 / (after.0 - before.0) as f64
}

/// The extended range vector itself: edge values in place of the samples around the window.
pub(crate) fn extend_in_place(
    samples: &mut SampleBuffer,
    times: &WindowTimes,
    extension: Option<Extension>,
) -> Result<(), QueryError> {
    let Some(extension) = extension else { return Ok(()) };
    if !samples.histograms.is_empty() {
        return Err(QueryError::Execution(format!(
            "{} modifier is not supported with histograms",
            extension.as_str()
        )));
    }
    if samples.t_ms.is_empty() {
        return Ok(());
    }
    let (start_ms, end_ms) = times.bounds(0);
    let window = Window { step: 0, start_ms, end_ms, t_ms: &samples.t_ms, v: &samples.v, first: 0 };
    let smoothed = extension == Extension::Smoothed;
    let mut extended = SampleBuffer::default();
    if let Some(edges) = edges(&window, smoothed, false) {
        extended.push(start_ms, edges.left);
        let inner = edges.first..=edges.last;
        for (t_ms, v) in inner.map(|i| (samples.t_ms[i], samples.v[i])) {
            if t_ms > start_ms && t_ms < end_ms {
                extended.push(t_ms, v);
            }
        }
        extended.push(end_ms, edges.right);
    }
    *samples = extended;
    Ok(())
}
