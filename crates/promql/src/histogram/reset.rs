//! Whether a counter histogram started again between two samples.

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{CounterResetHint, FloatHistogram, HistogramSample, Span};

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
    if laid_out_alike(current, before) {
        return alike_fell(current, before);
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
        coalesce(mapped.skip_while(|(index, _)| !beyond_zero(*index)), |a, b| *a += b)
    };
    let positive = |h: &FloatHistogram| side(h, decode(&h.positive_spans, &h.positive_buckets));
    let negative = |h: &FloatHistogram| side(h, decode(&h.negative_spans, &h.negative_buckets));
    fell(&positive(current), &positive(before)) || fell(&negative(current), &negative(before))
}

/// Whether each has the same buckets, none of them within the zero bucket: what a series has from
/// scrape to scrape, nearly always.
fn laid_out_alike(current: &FloatHistogram, before: &FloatHistogram) -> bool {
    let beyond_zero = |spans: &[Span]| {
        // The bounds ascend: the first bucket decides for all.
        let first = spans.first();
        first.is_none_or(|s| exponential_bound(s.offset, current.schema) > current.zero_threshold)
    };
    current.schema == before.schema
        && current.zero_threshold == before.zero_threshold
        && current.positive_spans == before.positive_spans
        && current.negative_spans == before.negative_spans
        && current.positive_buckets.len() == before.positive_buckets.len()
        && current.negative_buckets.len() == before.negative_buckets.len()
        && current.custom_values == before.custom_values
        && (current.uses_custom_buckets()
            || (beyond_zero(&current.positive_spans) && beyond_zero(&current.negative_spans)))
}

/// `fell` for histograms of one layout, bucket by bucket.
fn alike_fell(current: &FloatHistogram, before: &FloatHistogram) -> bool {
    let fell = |current: &[f64], before: &[f64]| current.iter().zip(before).any(|(c, b)| c < b);
    current.zero_count < before.zero_count
        || fell(&current.positive_buckets, &before.positive_buckets)
        || fell(&current.negative_buckets, &before.negative_buckets)
}

/// Leaves count and sum of a series' histograms, and in the hint whether each follows its
/// predecessor: without buckets that could not be found out any more.
pub(crate) fn reduce_to_stats(samples: &mut [HistogramSample]) {
    let mut before: Option<FloatHistogram> = None;
    for sample in samples {
        let stats = FloatHistogram {
            counter_reset_hint: sample.h.counter_reset_hint,
            schema: sample.h.schema,
            count: sample.h.count,
            sum: sample.h.sum,
            ..FloatHistogram::default()
        };
        let full = std::mem::replace(&mut sample.h, stats);
        if full.is_stale() {
            continue;
        }
        if let (CounterResetHint::Unknown, Some(before)) = (full.counter_reset_hint, &before) {
            let reset = is_reset(&full, before);
            sample.h.counter_reset_hint =
                if reset { CounterResetHint::Reset } else { CounterResetHint::NotReset };
        }
        before = Some(full);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Buckets 1, 2 and 4 of schema 0, whose upper bounds are 2, 4 and 16.
    fn histogram(zero_threshold: f64, zero_count: f64, buckets: [f64; 3]) -> FloatHistogram {
        FloatHistogram {
            count: 100.0,
            zero_threshold,
            zero_count,
            positive_spans: vec![Span { offset: 1, length: 2 }, Span { offset: 1, length: 1 }],
            positive_buckets: buckets.to_vec(),
            ..FloatHistogram::default()
        }
    }

    /// Both ways must agree: one bucket more, empty, keeps the layouts apart.
    #[track_caller]
    fn check(current: &FloatHistogram, before: &FloatHistogram, want: bool) {
        assert_eq!(is_reset(current, before), want);
        let mut longer = current.clone();
        longer.positive_spans.push(Span { offset: 3, length: 1 });
        longer.positive_buckets.push(0.0);
        assert!(!laid_out_alike(&longer, before));
        assert_eq!(is_reset(&longer, before), want);
    }

    #[test]
    fn equal_layouts_are_compared_bucket_by_bucket() {
        let before = histogram(0.5, 1.0, [1.0, 2.0, 3.0]);
        assert!(laid_out_alike(&before, &before));
        check(&before, &before, false);
        check(&histogram(0.5, 1.0, [1.0, 5.0, 3.0]), &before, false);
        check(&histogram(0.5, 1.0, [1.0, 2.0, 2.0]), &before, true);
        check(&histogram(0.5, 0.0, [1.0, 2.0, 3.0]), &before, true);
    }

    #[test]
    fn buckets_within_the_zero_bucket_do_not_count() {
        let before = histogram(2.0, 1.0, [1.0, 2.0, 3.0]);
        assert!(!laid_out_alike(&before, &before));
        check(&histogram(2.0, 1.0, [0.0, 2.0, 3.0]), &before, false);
        check(&histogram(2.0, 1.0, [1.0, 1.0, 3.0]), &before, true);
    }
}
