//! Start times of counters: a sample that says when its counter began shows resets that its value
//! hides, and stands for a zero at that time.

use std::sync::Arc;

use super::mixed::Context;
use super::mixed_rate;
use super::range_function::RangeFunction;
use super::rate::Geometry;
use super::window::MixedWindow;
use crate::annotation::Note;
use crate::grid::CellValue;
use crate::histogram;
use crate::histogram::sum::scaled;

/// When a sample was taken, and when its counter began (0 = unknown).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct At {
    pub(super) t_ms: i64,
    pub(super) start_ms: i64,
}

impl At {
    /// Whether the counter is known to have begun after a time.
    pub(super) fn began_after(self, t_ms: i64) -> bool {
        self.start_ms != 0 && self.start_ms > t_ms && self.start_ms < self.t_ms
    }

    /// The start, if it is not after a time.
    pub(super) fn start_until(self, t_ms: i64) -> i64 {
        if self.start_ms > t_ms { 0 } else { self.start_ms }
    }
}

/// Whether the later sample's counter began after the earlier sample.
pub(super) fn is_reset(before: At, after: At) -> bool {
    // No start, a start after the sample, or OpenTelemetry's "unknown": the sample's own time.
    if after.start_ms == 0 || after.start_ms >= after.t_ms || after.start_ms < before.t_ms {
        return false;
    }
    if after.start_ms > before.t_ms {
        return true;
    }
    // It began exactly at the earlier sample: a delta, unless that sample's own start is unknown,
    // which is how a counter of unknown start goes on.
    before.start_ms != 0 && before.start_ms < before.t_ms
}

/// The same in extended windows, for which starts matter since version 3.16. Since then equal starts
/// are no reset, not even where they lie behind the earlier sample, which is not valid; elsewhere we
/// follow the scripts of 3.14, where they are one.
pub(super) fn is_reset_in_extended(before: At, after: At) -> bool {
    before.start_ms != after.start_ms && is_reset(before, after)
}

/// Starts that go back behind the sample before, but not to the same start.
fn overlaps(before: At, after: At) -> bool {
    after.start_ms != 0 && after.start_ms < before.t_ms && after.start_ms != before.start_ms
}

fn float_at(window: &MixedWindow<'_>, i: usize) -> At {
    let t_ms = window.floats.t_ms.get(i).copied().unwrap_or_default();
    At { t_ms, start_ms: window.float_starts.get(i).copied().unwrap_or_default() }
}

fn histogram_at(window: &MixedWindow<'_>, i: usize) -> At {
    let t_ms = window.histograms.get(i).map_or(0, |h| h.t_ms);
    At { t_ms, start_ms: window.histogram_starts.get(i).copied().unwrap_or_default() }
}

/// Whether histogram `i` of a window began after the one before it.
pub(super) fn histogram_restarted(window: &MixedWindow<'_>, i: usize) -> bool {
    i > 0 && is_reset(histogram_at(window, i - 1), histogram_at(window, i))
}

pub(super) fn note_overlaps(context: &Context<'_>, window: &MixedWindow<'_>) {
    let at = |i: usize| histogram_at(window, i);
    if (1..window.histograms.len()).any(|i| overlaps(at(i - 1), at(i))) {
        context.note(&Note::StartOverlap { metric: context.metric });
    }
}

/// The factor from the change since `first.start_ms` to the whole window, if the counter began
/// inside of it: nothing is extrapolated before that.
fn factor_since_start(first: At, last_ms: i64, count: usize, window: (i64, i64)) -> Option<f64> {
    if !first.began_after(window.0) {
        return None;
    }
    let seconds = |ms: i64| ms as f64 / 1000.0;
    let average_s =
        if count > 1 { seconds(last_ms - first.t_ms) / (count - 1) as f64 } else { 0.0 };
    let sampled_s = seconds(last_ms - first.start_ms);
    let mut to_end_s = seconds(window.1 - last_ms);
    if to_end_s >= average_s * 1.1 {
        to_end_s = average_s / 2.0;
    }
    Some((sampled_s + to_end_s) / sampled_s)
}

fn per_second(context: &Context<'_>, factor: f64) -> f64 {
    if context.call.function == RangeFunction::Rate {
        factor / (context.call.times.range_ms as f64 / 1000.0)
    } else {
        factor
    }
}

/// `rate` and `increase` of floats with start times.
pub(super) fn float_rate(context: &Context<'_>, window: &MixedWindow<'_>) -> CellValue {
    let (v, t_ms) = (window.floats.v, window.floats.t_ms);
    let ([first, ..], [.., last], [.., last_ms]) = (v, v, t_ms) else { return CellValue::Absent };
    let mut change = last - first;
    let mut overlap = false;
    for i in 1..v.len() {
        let (before, after) = (float_at(window, i - 1), float_at(window, i));
        overlap |= overlaps(before, after);
        if v[i] < v[i - 1] || is_reset(before, after) {
            change += v[i - 1];
        }
    }
    if overlap {
        context.note(&Note::StartOverlap { metric: context.metric });
    }
    let bounds = (window.floats.start_ms, window.floats.end_ms);
    let started = factor_since_start(float_at(window, 0), *last_ms, v.len(), bounds);
    let factor = match started {
        Some(factor) => {
            change += first;
            factor
        }
        None if v.len() < 2 => return CellValue::Absent,
        None => {
            let geometry = Geometry::new(t_ms[0], *last_ms, v.len(), bounds);
            if change > 0.0 && *first >= 0.0 {
                geometry.counter_factor(*first, change)
            } else {
                geometry.factor()
            }
        }
    };
    CellValue::Float(change * per_second(context, factor))
}

/// `rate` and `increase` of histograms whose first sample began inside the window; nothing when
/// it did not, and they are computed as ever.
pub(super) fn histogram_rate(context: &Context<'_>, window: &MixedWindow<'_>) -> Option<CellValue> {
    if window.histogram_starts.is_empty() {
        return None;
    }
    let (first, last) = (window.histograms.first()?, window.histograms.last()?);
    let bounds = (window.floats.start_ms, window.floats.end_ms);
    let count = window.histograms.len();
    let factor = factor_since_start(histogram_at(window, 0), last.t_ms, count, bounds)?;
    let since_start = if count > 1 {
        let change = mixed_rate::change(context, window, true);
        change.and_then(|change| histogram::add(&change, &first.h))
    } else {
        Some(first.h.clone())
    };
    let scaled = since_start.map(|h| scaled(h, per_second(context, factor)));
    Some(scaled.map_or(CellValue::Absent, |h| CellValue::Histogram(Arc::new(h))))
}
