//! Quantiles, fractions and variance of native histograms.

use model::FloatHistogram;

use super::buckets::{Bucket, all_buckets, slots};
use crate::kahan::Kahan;

/// What NaN observations did to a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NanEffect {
    None,
    /// The quantile itself is among them.
    Result,
    /// They count as larger than everything.
    Skew,
}

/// The `q`-quantile: interpolated on a logarithmic scale, linearly in custom buckets and in the
/// zero bucket.
pub(crate) fn quantile(q: f64, h: &FloatHistogram) -> (f64, NanEffect) {
    if q < 0.0 {
        return (f64::NEG_INFINITY, NanEffect::None);
    }
    if q > 1.0 {
        return (f64::INFINITY, NanEffect::None);
    }
    if h.count == 0.0 || q.is_nan() {
        return (f64::NAN, NanEffect::None);
    }
    // From the near end, for precision; NaN observations are only known to be "above".
    let forward = h.sum.is_nan() || q < 0.5;
    let mut rank = if forward { q * h.count } else { (1.0 - q) * h.count };
    let mut slots = slots(h);
    if !forward {
        slots.reverse();
    }
    let (mut count, mut at) = (0.0, 0);
    for (i, slot) in slots.iter().enumerate() {
        at = i;
        if slot.count == 0.0 {
            continue;
        }
        count += slot.count;
        if count >= rank {
            break;
        }
    }
    let mut found = slots.get(at).map_or_else(|| Bucket::zero(h), |slot| slot.bucket(h));
    if let Some(edge) = clip(&mut found, h) {
        return (edge, NanEffect::None);
    }
    count = count.min(h.count);
    if count < rank {
        let effect = if h.sum.is_nan() { NanEffect::Result } else { NanEffect::None };
        // Without NaN observations this is rounding: the end of the last bucket.
        return (if h.sum.is_nan() { f64::NAN } else { found.upper }, effect);
    }
    rank = if forward { rank - (count - found.count) } else { count - rank };
    let mut effect = NanEffect::None;
    if h.sum.is_nan() {
        let rest: f64 = slots.iter().skip(at + 1).map(|slot| slot.count).sum();
        if count + rest < h.count {
            effect = NanEffect::Skew;
        }
    }
    (interpolate(&found, rank / found.count, h), effect)
}

/// Sets the bounds of the zero bucket and of infinite ones; an answer when there is nothing to
/// interpolate.
fn clip(bucket: &mut Bucket, h: &FloatHistogram) -> Option<f64> {
    if h.uses_custom_buckets() {
        if bucket.lower == f64::NEG_INFINITY {
            if bucket.upper <= 0.0 {
                return Some(bucket.upper);
            }
            bucket.lower = 0.0;
        } else if bucket.upper == f64::INFINITY {
            return Some(bucket.lower);
        }
    } else if bucket.lower < 0.0 && bucket.upper > 0.0 {
        clip_zero(bucket, h);
    }
    None
}

/// A histogram of one sign has nothing on the other side of zero.
fn clip_zero(bucket: &mut Bucket, h: &FloatHistogram) {
    match (h.negative_buckets.is_empty(), h.positive_buckets.is_empty()) {
        (true, false) => bucket.lower = 0.0,
        (false, true) => bucket.upper = 0.0,
        _ => {}
    }
}

fn interpolate(bucket: &Bucket, fraction: f64, h: &FloatHistogram) -> f64 {
    if h.uses_custom_buckets() || (bucket.lower <= 0.0 && bucket.upper >= 0.0) {
        return bucket.lower + (bucket.upper - bucket.lower) * fraction;
    }
    let (lower, upper) = (bucket.lower.abs().log2(), bucket.upper.abs().log2());
    if bucket.lower > 0.0 {
        (lower + (upper - lower) * fraction).exp2()
    } else {
        -(upper + (lower - upper) * (1.0 - fraction)).exp2()
    }
}

/// The share of observations between two values, and whether NaN observations were left out.
pub(crate) fn fraction(lower: f64, upper: f64, h: &FloatHistogram) -> (f64, bool) {
    if h.count == 0.0 || lower.is_nan() || upper.is_nan() {
        return (f64::NAN, false);
    }
    if lower >= upper {
        return (0.0, false);
    }
    let (mut rank, mut lower_rank, mut upper_rank) = (0.0, None, None);
    let slots = slots(h);
    for slot in &slots {
        let mut bucket = slot.bucket(h);
        let custom = h.uses_custom_buckets();
        let in_zero = !custom && bucket.lower <= 0.0 && bucket.upper >= 0.0;
        if in_zero {
            clip_zero(&mut bucket, h);
        } else if custom && bucket.lower == f64::NEG_INFINITY && bucket.upper > 0.0 {
            // As in classic histograms.
            bucket.lower = 0.0;
        }
        let linear = custom || in_zero;
        for (bound, bound_rank) in [(lower, &mut lower_rank), (upper, &mut upper_rank)] {
            if bound_rank.is_some() {
                continue;
            }
            if bucket.lower >= bound {
                *bound_rank = Some(rank);
            } else if bucket.upper > bound {
                // Nothing is known about the inside of an infinite bucket.
                let unbounded = linear && bucket.lower == f64::NEG_INFINITY;
                *bound_rank = Some(if unbounded {
                    bucket.count
                } else {
                    rank + bucket.count * bucket.fraction_below(bound, linear)
                });
            }
        }
        if lower_rank.is_some() && upper_rank.is_some() {
            break;
        }
        rank += bucket.count;
    }
    let mut count = h.count;
    let mut excluded = false;
    if h.sum.is_nan() {
        count = slots.iter().map(|slot| slot.count).sum();
        excluded = count < h.count;
    }
    let clamp = |rank: Option<f64>| rank.filter(|rank| *rank <= count).unwrap_or(count);
    ((clamp(upper_rank) - clamp(lower_rank)) / h.count, excluded)
}

/// Estimated variance: every observation at the middle of its bucket.
pub(crate) fn variance(h: &FloatHistogram) -> f64 {
    let mean = h.sum / h.count;
    let mut sum = Kahan::default();
    for bucket in all_buckets(h).into_iter().filter(|bucket| bucket.count != 0.0) {
        let middle = if h.uses_custom_buckets() {
            f64::midpoint(bucket.upper, bucket.lower)
        } else if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
            0.0
        } else {
            (bucket.upper * bucket.lower).sqrt().copysign(bucket.upper)
        };
        let delta = middle - mean;
        sum.add(bucket.count * delta * delta);
    }
    (sum.sum + sum.lost) / h.count
}
