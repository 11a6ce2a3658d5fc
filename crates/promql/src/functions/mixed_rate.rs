//! `rate`, `increase`, `delta`, `irate` and `idelta` of native histograms.

use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram};

use super::mixed::Context;
use super::range_function::RangeFunction;
use super::rate::Geometry;
use super::started;
use super::window::MixedWindow;
use crate::annotation::{Note, Operation};
use crate::grid::CellValue;
use crate::histogram::reset::is_reset;
use crate::histogram::sum::{HistogramSum, difference_alike, divided, scaled};

pub(super) fn value(context: &Context<'_>, window: &MixedWindow<'_>) -> CellValue {
    if !window.floats.v.is_empty() {
        context.note(&Note::MixedFloatsHistograms { metric: context.metric });
        return CellValue::Absent;
    }
    if context.call.extension.is_some() {
        return super::smoothed::histogram_change(context, window);
    }
    let samples = window.histograms;
    let is_counter = context.call.function != RangeFunction::Delta;
    if let Some(value) = started::histogram_rate(context, window) {
        return value;
    }
    let [first, .., last] = samples else { return CellValue::Absent };
    let Some(change) = change(context, window, is_counter) else { return CellValue::Absent };
    let bounds = (window.floats.start_ms, window.floats.end_ms);
    let geometry = Geometry::new(first.t_ms, last.t_ms, samples.len(), bounds);
    let mut factor = if is_counter && change.count > 0.0 && first.h.count >= 0.0 {
        geometry.counter_factor(first.h.count, change.count)
    } else {
        geometry.factor()
    };
    if context.call.function == RangeFunction::Rate {
        factor /= context.call.times.range_ms as f64 / 1000.0;
    }
    CellValue::Histogram(Arc::new(scaled(change, factor)))
}

/// Last minus first, plus what was lost in resets.
pub(super) fn change(
    context: &Context<'_>,
    window: &MixedWindow<'_>,
    is_counter: bool,
) -> Option<FloatHistogram> {
    let samples = window.histograms;
    let restarted = |i: usize| {
        window.resets.get(i).copied().unwrap_or_default() || started::histogram_restarted(window, i)
    };
    let [first, .., last] = samples else { return None };
    let second = &samples[1].h;
    let metric = context.metric;
    let gauge = |h: &FloatHistogram| h.counter_reset_hint == CounterResetHint::Gauge;
    if is_counter && samples.iter().any(|sample| gauge(&sample.h)) {
        context.note(&Note::NotCounter { metric });
    }
    let both_gauges = gauge(&first.h) && gauge(&last.h);
    if !is_counter && !both_gauges {
        context.note(&Note::NotGauge { metric });
    }
    // After a reset right behind the first sample, its layout does not matter either.
    let from_zero = is_counter && restarted(1);
    let zero = from_zero.then(|| empty_like(second));
    let start = zero.as_ref().unwrap_or(&first.h);
    let custom = start.uses_custom_buckets();
    let others = if is_counter { &samples[1..] } else { std::slice::from_ref(last) };
    if others.iter().any(|sample| sample.h.uses_custom_buckets() != custom) {
        context.note(&Note::MixedExponentialCustom { metric });
        return None;
    }
    let coarsened = others.iter().any(|sample| sample.h.schema < last.h.schema);
    let lost = is_counter && (2..samples.len()).any(restarted);
    if !coarsened
        && !lost
        && let Some(mut change) = difference_alike(&last.h, start)
    {
        if is_counter {
            started::note_overlaps(context, window);
        }
        change.counter_reset_hint = CounterResetHint::Gauge;
        return Some(change);
    }
    let mut sum = HistogramSum::new(&last.h);
    // The coarsest layout in the window is that of the result.
    for sample in others {
        sum.limit_schema(sample.h.schema);
    }
    let subtracted = sum.sub(start).ok()?;
    if subtracted.bounds_reconciled {
        context.note(&Note::MismatchedBounds(Operation::Subtraction));
    }
    if is_counter {
        started::note_overlaps(context, window);
        // Of a reset behind the first sample the start takes care.
        for i in (2..samples.len()).filter(|i| restarted(*i)) {
            if sum.add(&samples[i - 1].h).ok()?.bounds_reconciled {
                context.note(&Note::MismatchedBounds(Operation::Addition));
            }
        }
    }
    let mut change = sum.finish();
    change.counter_reset_hint = CounterResetHint::Gauge;
    Some(change)
}

fn empty_like(h: &FloatHistogram) -> FloatHistogram {
    FloatHistogram {
        schema: h.schema,
        custom_values: h.custom_values.clone(),
        ..FloatHistogram::default()
    }
}

/// `irate` and `idelta`: the change between the last two samples.
pub(super) fn between_two(
    context: &Context<'_>,
    (before, last): (&FloatHistogram, &FloatHistogram),
    is_rate: bool,
    elapsed_ms: i64,
    restarted: bool,
) -> CellValue {
    let metric = context.metric;
    let gauge = |h: &FloatHistogram| h.counter_reset_hint == CounterResetHint::Gauge;
    if is_rate && (gauge(before) || gauge(last)) {
        context.note(&Note::NotCounter { metric });
    }
    let both_gauges = gauge(before) && gauge(last);
    if !is_rate && !both_gauges {
        context.note(&Note::NotGauge { metric });
    }
    let mut sum = HistogramSum::new(last);
    if !is_rate || !(restarted || is_reset(last, before)) {
        match sum.sub(before) {
            Err(_) => {
                context.note(&Note::MixedExponentialCustom { metric });
                return CellValue::Absent;
            }
            Ok(outcome) if outcome.bounds_reconciled => {
                context.note(&Note::MismatchedBounds(Operation::Subtraction));
            }
            Ok(_) => {}
        }
    }
    let mut change = sum.finish();
    change.counter_reset_hint = CounterResetHint::Gauge;
    if is_rate {
        change = divided(change, elapsed_ms as f64 / 1000.0);
    }
    CellValue::Histogram(Arc::new(change))
}
