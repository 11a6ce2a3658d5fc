//! `anchored` and `smoothed` range vectors: the window's edges get values, from the sample before
//! the window or by interpolation, so that nothing is extrapolated. A counter whose start is known
//! was zero then.
//!
//! Source: Prometheus v3.16, `promql/functions.go`, `extendedRate`.

use query::SampleBuffer;

use super::changes::counts_as;
use super::range_function::{RangeCall, RangeFunction};
use super::started::{At, is_reset_in_extended};
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
    let is_counter = function != RangeFunction::Delta;
    windows.fill(out, |window| {
        let floats = Floats {
            window,
            starts: windows.starts_of(window),
            lookback_start_ms: window.start_ms.saturating_sub(windows.times.before_ms),
            smoothed: extension == Extension::Smoothed,
            is_counter,
        };
        match function {
            RangeFunction::Changes | RangeFunction::Resets => floats.count(function),
            _ => {
                let change = floats.change();
                if function == RangeFunction::Rate && !crate::grid::is_absent(change) {
                    change / (windows.times.range_ms as f64 / 1000.0)
                } else {
                    change
                }
            }
        }
    });
}

/// The float samples of a window that is not empty and of the lookback around it.
struct Floats<'w> {
    window: &'w Window<'w>,
    /// When the counters behind the samples began; may be empty.
    starts: &'w [i64],
    lookback_start_ms: i64,
    smoothed: bool,
    is_counter: bool,
}

/// The value at an edge of the window, and when the counter behind it began.
#[derive(Clone, Copy)]
struct Edge {
    v: f64,
    start_ms: i64,
}

/// Indices of the outermost samples that matter and the values at the edges.
struct Edges {
    first: usize,
    last: usize,
    left: Edge,
    right: Edge,
}

impl Floats<'_> {
    fn point(&self, i: usize) -> (i64, f64) {
        (self.window.t_ms[i], self.window.v[i])
    }

    fn at(&self, i: usize) -> At {
        let start_ms = self.starts.get(i).copied().unwrap_or_default();
        At { t_ms: self.window.t_ms[i], start_ms }
    }

    /// Changes or resets, from the last sample at or before the window's start, or else the first.
    fn count(&self, function: RangeFunction) -> f64 {
        let Window { t_ms, v, start_ms, .. } = *self.window;
        let first = t_ms.partition_point(|t| *t <= start_ms).saturating_sub(1);
        if t_ms[t_ms.len() - 1] <= start_ms {
            return ABSENT;
        }
        let restarted = |i: usize| {
            function == RangeFunction::Resets && is_reset_in_extended(self.at(i - 1), self.at(i))
        };
        let counts = |i: &usize| counts_as(function, v[i - 1], v[*i]) || restarted(*i);
        (first + 1..v.len()).filter(counts).count() as f64
    }

    fn edges(&self) -> Option<Edges> {
        let Window { t_ms, start_ms, end_ms, .. } = *self.window;
        let end = t_ms.len() - 1;
        let first = t_ms[..end].partition_point(|t| *t <= start_ms).saturating_sub(1);
        let last = if self.smoothed { t_ms[..end].partition_point(|t| *t < end_ms) } else { end };
        if t_ms[last] <= start_ms {
            return None;
        }
        Some(Edges { first, last, left: self.left(first), right: self.right(last) })
    }

    /// At the window's start, where `first` is the last sample until then, or the first of all.
    fn left(&self, first: usize) -> Edge {
        let start_ms = self.window.start_ms;
        let (at, (t_ms, v)) = (self.at(first), self.point(first));
        if t_ms == start_ms {
            return Edge { v, start_ms: at.start_ms };
        }
        let known = Edge { v, start_ms: at.start_until(start_ms) };
        if t_ms > start_ms {
            return Edge { v: self.before_first(start_ms), ..known };
        }
        let v = self.between(first, start_ms);
        match self.restart(first, start_ms) {
            Some(began_ms) if began_ms <= start_ms => Edge { v, start_ms: began_ms },
            _ => Edge { v, ..known },
        }
    }

    /// At the window's end, where `last` is the first sample from then on, or the last of all.
    fn right(&self, last: usize) -> Edge {
        let end_ms = self.window.end_ms;
        let (at, (t_ms, v)) = (self.at(last), self.point(last));
        let known = Edge { v, start_ms: at.start_until(end_ms) };
        if t_ms <= end_ms {
            return known;
        }
        let Some(before) = last.checked_sub(1) else {
            return Edge { v: self.before_first(end_ms), ..known };
        };
        let v = self.between(before, end_ms);
        match self.restart(before, end_ms) {
            Some(began_ms) if began_ms > end_ms => Edge { v, start_ms: self.at(before).start_ms },
            _ => Edge { v, ..known },
        }
    }

    /// At a time before the first sample: that sample's value, unless its counter is known to have
    /// begun within the lookback, at zero.
    fn before_first(&self, t_ms: i64) -> f64 {
        let (at, first) = (self.at(0), self.point(0));
        if !self.is_counter || !at.began_after(self.lookback_start_ms) {
            return first.1;
        }
        if self.smoothed && !at.began_after(t_ms) {
            return interpolate((at.start_ms, 0.0), first, t_ms, true);
        }
        0.0
    }

    /// At a time between sample `i` and the next.
    fn between(&self, i: usize, t_ms: i64) -> f64 {
        let (mut from, mut to) = (self.point(i), self.point(i + 1));
        match self.restart(i, t_ms) {
            Some(began_ms) if began_ms > t_ms => to = (began_ms, 0.0),
            Some(began_ms) => from = (began_ms, 0.0),
            None => {}
        }
        if self.smoothed { interpolate(from, to, t_ms, self.is_counter) } else { from.1 }
    }

    /// When the counter began again between sample `i` and the next, or between `t_ms` and the
    /// next.
    fn restart(&self, i: usize, t_ms: i64) -> Option<i64> {
        let (before, after) = (self.at(i), self.at(i + 1));
        let restarted = after.began_after(t_ms) || is_reset_in_extended(before, after);
        (self.is_counter && restarted).then_some(after.start_ms)
    }

    fn change(&self) -> f64 {
        let Some(Edges { first, last, left, right }) = self.edges() else { return ABSENT };
        let Window { start_ms, end_ms, .. } = *self.window;
        // Nothing but samples behind the window: no change is known, unless a counter began that
        // has grown until its first sample.
        let earliest = self.at(first);
        let grows = self.is_counter
            && earliest.began_after(self.lookback_start_ms)
            && !earliest.began_after(end_ms);
        if self.smoothed && earliest.t_ms > end_ms && !grows {
            return ABSENT;
        }
        let change = right.v - left.v;
        if !self.is_counter {
            return change;
        }
        // Resets at the edges are part of the interpolation already.
        let from = if earliest.t_ms <= start_ms { first + 1 } else { first };
        let to = if self.window.t_ms[last] >= end_ms { last } else { last + 1 };
        let mut before = (At { t_ms: start_ms, start_ms: left.start_ms }, left.v);
        let mut lost = 0.0;
        let inner = (from..to).map(|i| (self.at(i), self.window.v[i]));
        let end = (At { t_ms: end_ms, start_ms: right.start_ms }, right.v);
        for after in inner.chain(std::iter::once(end)) {
            if after.1 < before.1 || is_reset_in_extended(before.0, after.0) {
                lost += before.1;
            }
            before = after;
        }
        change + lost
    }
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
    // As of a gauge: starts do not matter.
    let floats = Floats {
        window: &window,
        starts: &[],
        lookback_start_ms: start_ms,
        smoothed: extension == Extension::Smoothed,
        is_counter: false,
    };
    let mut extended = SampleBuffer::default();
    if let Some(edges) = floats.edges() {
        extended.push(start_ms, edges.left.v);
        for (t_ms, v) in (edges.first..=edges.last).map(|i| floats.point(i)) {
            if t_ms > start_ms && t_ms < end_ms {
                extended.push(t_ms, v);
            }
        }
        extended.push(end_ms, edges.right.v);
    }
    *samples = extended;
    Ok(())
}
