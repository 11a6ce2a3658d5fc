//! `</` and `>/`: keep only the observations below or above a value, as far as buckets tell.

use model::FloatHistogram;

use super::buckets::{Bucket, Sparse, compact, decode, encode};

/// Which observations stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Below,
    Above,
}

/// Kept count, and where the kept observations are on average.
struct Kept {
    count: f64,
    middle: f64,
}

/// The histogram of the observations on one side of `bound`. Count and sum change only when a
/// bucket does.
pub(crate) fn trim(h: &FloatHistogram, bound: f64, keep: Keep) -> FloatHistogram {
    let mut out = h.clone();
    let custom = h.uses_custom_buckets();
    let (mut count, mut sum, mut trimmed) = (0.0, 0.0, false);
    let mut side = |sparse: Sparse, positive: bool| {
        let (mut any, mut kept_buckets) = (false, Sparse::new());
        for (index, bucket_count) in sparse.into_iter().filter(|(_, c)| *c != 0.0) {
            any = true;
            let bucket = if positive {
                Bucket::positive(index, bucket_count, h)
            } else {
                Bucket::negative(index, bucket_count, h)
            };
            let kept = trim_bucket(&bucket, bound, keep, positive, custom);
            count += kept.count;
            sum += kept.middle * kept.count;
            trimmed |= kept.count != bucket_count;
            kept_buckets.push((index, kept.count));
        }
        (any, encode(kept_buckets))
    };
    let (has_positive, positive) = side(decode(&h.positive_spans, &h.positive_buckets), true);
    let (has_negative, negative) = side(decode(&h.negative_spans, &h.negative_buckets), false);
    if h.zero_count > 0.0 {
        let kept = trim_zero(h, bound, keep, has_negative, has_positive);
        trimmed |= kept.count != h.zero_count;
        count += kept.count;
        sum += kept.middle * kept.count;
        out.zero_count = kept.count;
    }
    if !trimmed {
        return h.clone();
    }
    (out.positive_spans, out.positive_buckets) = positive;
    (out.negative_spans, out.negative_buckets) = negative;
    (out.count, out.sum) = (count, sum);
    compact(out)
}

fn trim_bucket(bucket: &Bucket, bound: f64, keep: Keep, positive: bool, custom: bool) -> Kept {
    let (all, some) = match keep {
        Keep::Below => (bucket.upper <= bound, bucket.lower < bound),
        Keep::Above => (bucket.lower >= bound, bucket.upper > bound),
    };
    if all {
        let middle = middle(bucket.lower, bucket.upper, positive, custom);
        return Kept { count: bucket.count, middle };
    }
    if !some {
        return Kept { count: 0.0, middle: 0.0 };
    }
    if bucket.lower == f64::NEG_INFINITY || bucket.upper == f64::INFINITY {
        return trim_infinite(bucket, bound, keep);
    }
    let below = bucket.count * bucket.fraction_below(bound, custom);
    match keep {
        Keep::Below => Kept { count: below, middle: middle(bucket.lower, bound, positive, custom) },
        Keep::Above => {
            let middle = middle(bound, bucket.upper, positive, custom);
            Kept { count: bucket.count - below, middle }
        }
    }
}

/// The bound lies in a bucket without an end: its observations are at no known place, so all or
/// none of them stay; a first bucket below a positive bound is taken to start at zero.
fn trim_infinite(bucket: &Bucket, bound: f64, keep: Keep) -> Kept {
    let (lower, upper, count) = (bucket.lower, bucket.upper, bucket.count);
    let nothing = Kept { count: 0.0, middle: 0.0 };
    let starts_at_zero = lower == f64::NEG_INFINITY && upper > 0.0 && upper.is_finite();
    match keep {
        Keep::Below if starts_at_zero && bound > 0.0 => {
            Kept { count: count * bound / upper, middle: bound / 2.0 }
        }
        Keep::Below if lower == f64::NEG_INFINITY && upper <= 0.0 => Kept { count, middle: bound },
        Keep::Above if starts_at_zero && bound >= 0.0 => {
            Kept { count: count * (1.0 - bound / upper), middle: f64::midpoint(bound, upper) }
        }
        Keep::Above if upper == f64::INFINITY && lower.is_finite() && bound >= lower => {
            Kept { count, middle: bound }
        }
        _ => nothing,
    }
}

fn trim_zero(
    h: &FloatHistogram,
    bound: f64,
    keep: Keep,
    has_negative: bool,
    has_positive: bool,
) -> Kept {
    let Bucket { mut lower, mut upper, count, .. } = Bucket::zero(h);
    match (has_negative, has_positive) {
        (true, false) => upper = 0.0,
        (false, true) => lower = 0.0,
        _ => {}
    }
    let all = Kept { count, middle: f64::midpoint(lower, upper) };
    let nothing = Kept { count: 0.0, middle: 0.0 };
    match keep {
        Keep::Below if bound <= lower => nothing,
        Keep::Below if bound >= upper => all,
        Keep::Below => Kept {
            count: count * ((bound - lower) / (upper - lower)),
            middle: f64::midpoint(lower, bound),
        },
        Keep::Above if bound <= lower => all,
        Keep::Above if bound >= upper => nothing,
        Keep::Above => Kept {
            count: count * ((upper - bound) / (upper - lower)),
            middle: f64::midpoint(bound, upper),
        },
    }
}

/// The geometric mean, or the arithmetic one in custom buckets.
fn middle(lower: f64, upper: f64, positive: bool, linear: bool) -> f64 {
    if lower.is_infinite() {
        return match upper {
            upper if upper.is_infinite() => 0.0,
            upper if upper > 0.0 => upper / 2.0,
            upper => upper,
        };
    }
    if upper.is_infinite() {
        return lower;
    }
    if linear {
        return f64::midpoint(lower, upper);
    }
    let mean = (lower * upper).abs().sqrt();
    if positive { mean } else { -mean }
}
