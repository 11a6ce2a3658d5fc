//! Whether a counter histogram started again between two samples.

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{CounterResetHint, FloatHistogram, HistogramSample};

use super::buckets::{
    Sparse, bounds_of, coalesce, coarser_index, common_bounds, custom_index, decode,
    exponential_bound,
};
use super::sum::widened;
use crate::kahan::Kahan;

/// A reset shows in the hint, in any count that fell, or in a layout that got finer.
pub(crate) fn is_reset(current: &FloatHistogram, before: &FloatHistogram) -> bool {
    match current.counter_reset_hint {
        CounterResetHint::Reset => return true,
        CounterResetHint::NotReset => return false,
        CounterResetHint::Unknown | CounterResetHint::Gauge => {}
    }
    if current.count < before.count {
        return true;
    }
    if current.uses_custom_buckets() {
        if !before.uses_custom_buckets() {
            return true;
        }
        if current.custom_values != before.custom_values {
            let common = common_bounds(&current.custom_values, &before.custom_values);
            return fell(&rebound(current, &common), &rebound(before, &common));
        }
    }
    if current.schema > before.schema || current.zero_threshold < before.zero_threshold {
        return true;
    }
    let Some(before_zero) = zero_at(before, current.zero_threshold) else { return true };
    if current.zero_count < before_zero {
        return true;
    }
    let side = |h: &FloatHistogram, sparse: Sparse| {
        let mapped = sparse.into_iter().map(|(i, c)| {
            let custom = current.schema == CUSTOM_BUCKETS_SCHEMA;
            (if custom { i } else { coarser_index(i, h.schema, current.schema) }, c)
        });
        let beyond_zero = |index: i32| {
            current.schema == CUSTOM_BUCKETS_SCHEMA
                || exponential_bound(index, current.schema) > current.zero_threshold
        };
        coalesce(mapped.filter(|(index, _)| beyond_zero(*index)), |a, b| *a += b)
    };
    let positive = |h: &FloatHistogram| side(h, decode(&h.positive_spans, &h.positive_buckets));
    let negative = |h: &FloatHistogram| side(h, decode(&h.negative_spans, &h.negative_buckets));
    fell(&positive(current), &positive(before)) || fell(&negative(current), &negative(before))
}

/// Leaves count and sum of a series' histograms, and in the hint whether each follows its
/// predecessor: without buckets that could not be found out any more.
pub(crate) fn reduce_to_stats(samples: &mut [HistogramSample]) {
    let mut before: Option<FloatHistogram> = None;
    for sample in samples {
        let h = &sample.h;
        let mut hint = h.counter_reset_hint;
        if !h.is_stale() {
            if let (CounterResetHint::Unknown, Some(before)) = (hint, &before) {
                let reset = is_reset(h, before);
                hint = if reset { CounterResetHint::Reset } else { CounterResetHint::NotReset };
            }
            before = Some(FloatHistogram { counter_reset_hint: hint, ..h.clone() });
        }
        sample.h = FloatHistogram {
            counter_reset_hint: hint,
            schema: h.schema,
            count: h.count,
            sum: h.sum,
            ..FloatHistogram::default()
        };
    }
}

fn rebound(h: &FloatHistogram, common: &[f64]) -> Sparse {
    let moved = decode(&h.positive_spans, &h.positive_buckets).into_iter().map(|(index, count)| {
        (custom_index(common, bounds_of(index, CUSTOM_BUCKETS_SCHEMA, &h.custom_values).1), count)
    });
    coalesce(moved, |a, b| *a += b)
}

/// Whether any bucket holds less than before.
fn fell(current: &Sparse, before: &Sparse) -> bool {
    let mut current = current.iter().peekable();
    before.iter().any(|(index, count)| {
        while current.next_if(|(i, _)| i < index).is_some() {}
        match current.peek() {
            Some((i, now)) if i == index => *now < *count,
            // What is not there any more has fallen, even from below zero.
            _ => *count != 0.0,
        }
    })
}

/// Count of the zero bucket if its threshold were `threshold`; none when a populated bucket
/// crosses that.
fn zero_at(h: &FloatHistogram, threshold: f64) -> Option<f64> {
    if threshold == h.zero_threshold {
        return Some(h.zero_count);
    }
    let counts = |sparse: Sparse| -> Vec<(i32, Kahan)> {
        sparse.into_iter().map(|(i, c)| (i, Kahan { sum: c, lost: 0.0 })).collect()
    };
    let positive = counts(decode(&h.positive_spans, &h.positive_buckets));
    let negative = counts(decode(&h.negative_spans, &h.negative_buckets));
    if widened(&positive, &negative, h.schema, threshold) != threshold {
        return None;
    }
    let below = positive
        .iter()
        .chain(&negative)
        .filter(|(index, _)| exponential_bound(index - 1, h.schema) < threshold);
    Some(h.zero_count + below.map(|(_, count)| count.sum).sum::<f64>())
}
