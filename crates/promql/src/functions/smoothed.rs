//! `smoothed` instant selectors, and `anchored` and `smoothed` changes of native histograms:
//! values between samples by interpolation.

use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram, HistogramSample, Labels, TimeRange};
use promql_syntax::Span;
use query::SampleBuffer;

use super::extended::interpolate;
use super::mixed::Context;
use super::range_function::RangeFunction;
use super::window::{MixedWindow, remove_stale};
use crate::annotation::{Note, Operation};
use crate::error::QueryError;
use crate::eval::{Evaluator, Rows};
use crate::grid::{CellValue, Grid, Row};
use crate::histogram::reset::is_reset;
use crate::histogram::sum::{HistogramSum, Incompatible, divided, scaled};
use crate::plan::{Extension, Selector};

impl<'a> Evaluator<'a> {
    /// An instant selector that interpolates between the samples around each step.
    pub(crate) fn smoothed_selector(
        &self,
        selector: &Selector,
        grid: &Grid,
        span: Span,
    ) -> Result<Rows<'a>, QueryError> {
        let lookback_ms = self.settings.lookback_ms;
        let range = TimeRange::new(
            selector.time.apply(grid.start_ms).saturating_sub(lookback_ms).saturating_add(1),
            selector.time.apply(grid.end_ms()).saturating_add(lookback_ms),
        );
        let selection = self.select(selector, range, grid, 0)?;
        self.map_rows(&*selection, range, grid, Self::no_shortcut, |labels, samples, ()| {
            remove_stale(samples);
            let labels = labels();
            let mut row = Row::absent(Labels::empty(), grid.steps);
            for step in 0..grid.steps {
                let t_ms = selector.time.apply(grid.t_ms(step));
                let around = Around::of(samples, t_ms, lookback_ms);
                row.set(step, self.value_at(&around, t_ms, &labels, span));
            }
            row.labels = labels;
            Ok((!row.is_empty()).then_some(row))
        })
    }

    fn value_at(&self, around: &Around<'_>, t_ms: i64, labels: &Labels, span: Span) -> CellValue {
        let metric = labels.metric_name().unwrap_or_default();
        if !around.v.is_empty() && !around.histograms.is_empty() {
            self.note(&Note::MixedFloatsHistograms { metric }, span);
            return CellValue::Absent;
        }
        if !around.histograms.is_empty() {
            return self.histogram_at(around.histograms, t_ms, metric, span);
        }
        let next = around.t_ms.partition_point(|t| *t < t_ms);
        let point = |i: usize| (around.t_ms[i], around.v[i]);
        if around.t_ms.get(next) == Some(&t_ms) {
            return CellValue::Float(around.v[next]);
        }
        match next.checked_sub(1) {
            None => CellValue::Absent,
            Some(before) if next == around.v.len() => CellValue::Float(around.v[before]),
            Some(before) => CellValue::Float(interpolate(point(before), point(next), t_ms, false)),
        }
    }

    fn histogram_at(
        &self,
        samples: &[HistogramSample],
        t_ms: i64,
        metric: &str,
        span: Span,
    ) -> CellValue {
        let next = samples.partition_point(|sample| sample.t_ms < t_ms);
        if let Some(exact) = samples.get(next).filter(|sample| sample.t_ms == t_ms) {
            return CellValue::Histogram(Arc::new(exact.h.clone()));
        }
        let Some(before) = next.checked_sub(1).and_then(|i| samples.get(i)) else {
            return CellValue::Absent;
        };
        let Some(after) = samples.get(next) else {
            let mut h = before.h.clone();
            h.counter_reset_hint = CounterResetHint::Unknown;
            return CellValue::Histogram(Arc::new(h));
        };
        let gauge = |h: &FloatHistogram| h.counter_reset_hint == CounterResetHint::Gauge;
        let is_counter = !(gauge(&before.h) && gauge(&after.h));
        let mut note = |note: &Note<'_>| self.note(note, span);
        match between(before, after, t_ms, is_counter, &mut note) {
            Ok(h) => CellValue::Histogram(Arc::new(h)),
            Err(Incompatible) => {
                self.note(&Note::MixedExponentialCustom { metric }, span);
                CellValue::Absent
            }
        }
    }
}

/// Samples within the lookback on either side of a time.
struct Around<'s> {
    t_ms: &'s [i64],
    v: &'s [f64],
    histograms: &'s [HistogramSample],
}

impl<'s> Around<'s> {
    fn of(samples: &'s SampleBuffer, t_ms: i64, lookback_ms: i64) -> Self {
        let (start, end) = (t_ms.saturating_sub(lookback_ms), t_ms.saturating_add(lookback_ms));
        let from = samples.t_ms.partition_point(|t| *t <= start);
        let to = samples.t_ms.partition_point(|t| *t <= end);
        let h_from = samples.histograms.partition_point(|h| h.t_ms <= start);
        let h_to = samples.histograms.partition_point(|h| h.t_ms <= end);
        Self {
            t_ms: &samples.t_ms[from..to],
            v: &samples.v[from..to],
            histograms: &samples.histograms[h_from..h_to],
        }
    }
}

/// The histogram on the line between two samples; one that was reset grew from zero.
fn between(
    before: &HistogramSample,
    after: &HistogramSample,
    t_ms: i64,
    is_counter: bool,
    note: &mut dyn FnMut(&Note<'_>),
) -> Result<FloatHistogram, Incompatible> {
    if t_ms == before.t_ms {
        return Ok(before.h.clone());
    }
    if t_ms == after.t_ms {
        return Ok(after.h.clone());
    }
    let share = (t_ms - before.t_ms) as f64 / (after.t_ms - before.t_ms) as f64;
    if before.h.uses_custom_buckets() != after.h.uses_custom_buckets() {
        return Err(Incompatible);
    }
    if is_counter && is_reset(&after.h, &before.h) {
        return Ok(scaled(after.h.clone(), share));
    }
    let mut sum = HistogramSum::new(&after.h);
    if sum.sub(&before.h)?.bounds_reconciled {
        note(&Note::MismatchedBounds(Operation::Subtraction));
    }
    sum.scale(share);
    if sum.add(&before.h)?.bounds_reconciled {
        note(&Note::MismatchedBounds(Operation::Addition));
    }
    Ok(sum.finish())
}

/// `rate`, `increase` and `delta` of histograms in an extended window.
pub(super) fn histogram_change(context: &Context<'_>, window: &MixedWindow<'_>) -> CellValue {
    match extended_change(context, window) {
        Ok(Some(h)) => CellValue::Histogram(Arc::new(h)),
        Ok(None) => CellValue::Absent,
        Err(Incompatible) => {
            context.note(&Note::MixedExponentialCustom { metric: context.metric });
            CellValue::Absent
        }
    }
}

fn extended_change(
    context: &Context<'_>,
    window: &MixedWindow<'_>,
) -> Result<Option<FloatHistogram>, Incompatible> {
    let samples = window.histograms;
    let (start_ms, end_ms) = (window.floats.start_ms, window.floats.end_ms);
    let smoothed = context.call.extension == Some(Extension::Smoothed);
    let is_counter = context.call.function != RangeFunction::Delta;
    let metric = context.metric;
    let end = samples.len() - 1;
    let mut first = samples[..end].partition_point(|s| s.t_ms <= start_ms).saturating_sub(1);
    let last = if smoothed { samples[..end].partition_point(|s| s.t_ms < end_ms) } else { end };
    if samples[last].t_ms <= start_ms || (smoothed && samples[first].t_ms > end_ms) {
        return Ok(None);
    }
    let gauge = |h: &FloatHistogram| h.counter_reset_hint == CounterResetHint::Gauge;
    let used = &samples[first..=last];
    let custom = samples[first].h.uses_custom_buckets();
    if used.iter().any(|sample| sample.h.uses_custom_buckets() != custom) {
        return Err(Incompatible);
    }
    if is_counter && used.iter().any(|sample| gauge(&sample.h)) {
        context.note(&Note::NotCounter { metric });
    }
    let mut note = |note: &Note<'_>| context.note(note);
    let left_interpolated = smoothed && samples[first].t_ms < start_ms;
    let left = if left_interpolated {
        between(&samples[first], &samples[first + 1], start_ms, is_counter, &mut note)?
    } else {
        samples[first].h.clone()
    };
    let right = if smoothed && last > 0 && samples[last].t_ms > end_ms {
        between(&samples[last - 1], &samples[last], end_ms, is_counter, &mut note)?
    } else {
        samples[last].h.clone()
    };
    let both_gauges = gauge(&left) && gauge(&right);
    if !is_counter && !both_gauges {
        note(&Note::NotGauge { metric });
    }
    let mut sum = HistogramSum::new(&right);
    if sum.sub(&left)?.bounds_reconciled {
        note(&Note::MismatchedBounds(Operation::Subtraction));
    }
    if is_counter {
        let mut before = &left;
        // A reset inside of the interpolated edge is accounted for already.
        if left_interpolated && is_reset(&samples[first + 1].h, &samples[first].h) {
            first += 1;
            before = &samples[first].h;
        }
        if first < last {
            for sample in &samples[first + 1..last] {
                if is_reset(&sample.h, before) && sum.add(before)?.bounds_reconciled {
                    note(&Note::MismatchedBounds(Operation::Addition));
                }
                before = &sample.h;
            }
            if is_reset(&right, before) && sum.add(before)?.bounds_reconciled {
                note(&Note::MismatchedBounds(Operation::Addition));
            }
        }
    }
    let mut change = sum.finish();
    change.counter_reset_hint = CounterResetHint::Gauge;
    if context.call.function == RangeFunction::Rate {
        change = divided(change, context.call.times.range_ms as f64 / 1000.0);
    }
    Ok(Some(change))
}
