//! Buckets of a histogram: sparse lists, bounds, and iteration from the most negative one up.

use model::FloatHistogram;
use model::Span;
use model::histogram::CUSTOM_BUCKETS_SCHEMA;

/// A bucket with its bounds; whether a bound belongs to it follows from its side of zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    pub lower: f64,
    pub upper: f64,
    pub count: f64,
    pub lower_inclusive: bool,
    pub upper_inclusive: bool,
}

/// `(index, count)`, ascending by index.
pub(crate) type Sparse = Vec<(i32, f64)>;

/// Calls `take(index, count)` for every bucket of one side.
#[inline]
pub(crate) fn visit(spans: &[Span], counts: &[f64], mut take: impl FnMut(i32, f64)) {
    let (mut rest, mut index) = (counts, 0_i32);
    for span in spans {
        index = index.wrapping_add(span.offset);
        let (own, others) = rest.split_at(rest.len().min(span.length as usize));
        for count in own {
            take(index, *count);
            index = index.wrapping_add(1);
        }
        rest = others;
    }
}

pub(crate) fn decode(spans: &[Span], counts: &[f64]) -> Sparse {
    let mut out = Vec::with_capacity(counts.len());
    visit(spans, counts, |index, count| out.push((index, count)));
    out
}

/// Collects spans of consecutive indices; empty buckets are left out.
#[derive(Debug)]
pub(crate) struct Packer {
    spans: Vec<Span>,
    counts: Vec<f64>,
    next: i32,
}

impl Packer {
    pub(crate) fn with_capacity(buckets: usize) -> Self {
        Self { spans: Vec::new(), counts: Vec::with_capacity(buckets), next: 0 }
    }

    #[inline]
    pub(crate) fn push(&mut self, index: i32, count: f64) {
        if count == 0.0 {
            return;
        }
        match self.spans.last_mut() {
            Some(span) if index == self.next => span.length += 1,
            _ => {
                let offset = index.wrapping_sub(self.next);
                self.spans.push(Span { offset, length: 1 });
            }
        }
        self.counts.push(count);
        self.next = index.wrapping_add(1);
    }

    pub(crate) fn finish(mut self) -> (Vec<Span>, Vec<f64>) {
        // A series has one for every step: room for buckets that were empty is not kept.
        if self.counts.len() * 2 < self.counts.capacity() {
            self.counts.shrink_to_fit();
        }
        (self.spans, self.counts)
    }
}

/// The buckets in a [`Packer`].
pub(crate) fn encode(buckets: impl IntoIterator<Item = (i32, f64)>) -> (Vec<Span>, Vec<f64>) {
    let buckets = buckets.into_iter();
    let mut packer = Packer::with_capacity(buckets.size_hint().0);
    for (index, count) in buckets {
        packer.push(index, count);
    }
    packer.finish()
}

/// Without empty buckets and with as few spans as possible.
#[must_use]
pub fn compact(mut h: FloatHistogram) -> FloatHistogram {
    let is_compact = |spans: &[Span], counts: &[f64]| {
        counts.iter().all(|c| *c != 0.0)
            && spans.iter().all(|s| s.length > 0)
            && spans.iter().skip(1).all(|s| s.offset > 0)
    };
    if !is_compact(&h.positive_spans, &h.positive_buckets) {
        let sparse = decode(&h.positive_spans, &h.positive_buckets);
        (h.positive_spans, h.positive_buckets) = encode(sparse);
    }
    if !is_compact(&h.negative_spans, &h.negative_buckets) {
        let sparse = decode(&h.negative_spans, &h.negative_buckets);
        (h.negative_spans, h.negative_buckets) = encode(sparse);
    }
    h
}

/// Upper bound of the positive bucket `index` of an exponential schema: `2^(index / 2^schema)`.
pub(crate) fn exponential_bound(index: i32, schema: i32) -> f64 {
    let (whole, fraction) = if schema <= 0 {
        (i64::from(index) << schema.unsigned_abs().min(31), 0.0)
    } else {
        let per_doubling = 1_i32 << schema.min(30);
        let inside = f64::from(index.rem_euclid(per_doubling)) / f64::from(per_doubling);
        (i64::from(index.div_euclid(per_doubling)), inside)
    };
    let bound = fraction.exp2() * (whole.clamp(-2000, 2000) as f64).exp2();
    // The bound of the last finite bucket would be 2^1024.
    if bound.is_infinite() && whole == 1024 && fraction == 0.0 { f64::MAX } else { bound }
}

/// `(lower, upper]` of a positive bucket.
pub(crate) fn bounds(index: i32, h: &FloatHistogram) -> (f64, f64) {
    bounds_of(index, h.schema, &h.custom_values)
}

pub(crate) fn bounds_of(index: i32, schema: i32, custom: &[f64]) -> (f64, f64) {
    if schema != CUSTOM_BUCKETS_SCHEMA {
        return (
            exponential_bound(index.wrapping_sub(1), schema),
            exponential_bound(index, schema),
        );
    }
    let bound = |i: i32| usize::try_from(i).ok().and_then(|i| custom.get(i)).copied();
    let lower =
        if index <= 0 { f64::NEG_INFINITY } else { bound(index - 1).unwrap_or(f64::INFINITY) };
    (lower, bound(index).unwrap_or(f64::INFINITY))
}

impl Bucket {
    pub(crate) fn positive(index: i32, count: f64, h: &FloatHistogram) -> Self {
        let (lower, upper) = bounds(index, h);
        Self { lower, upper, count, lower_inclusive: lower < 0.0, upper_inclusive: upper > 0.0 }
    }

    pub(crate) fn negative(index: i32, count: f64, h: &FloatHistogram) -> Self {
        let (lower, upper) = bounds(index, h);
        Self { lower: -upper, upper: -lower, count, lower_inclusive: true, upper_inclusive: false }
    }

    pub(crate) fn zero(h: &FloatHistogram) -> Self {
        Self {
            lower: -h.zero_threshold,
            upper: h.zero_threshold,
            count: h.zero_count,
            lower_inclusive: true,
            upper_inclusive: true,
        }
    }

    /// Which share of the bucket lies at or below `v`, strictly inside of its finite bounds.
    pub(crate) fn fraction_below(&self, v: f64, linear: bool) -> f64 {
        if linear {
            return (v - self.lower) / (self.upper - self.lower);
        }
        let (lower, upper) = (self.lower.abs().log2(), self.upper.abs().log2());
        let v_log = v.abs().log2();
        if v > 0.0 {
            (v_log - lower) / (upper - lower)
        } else {
            1.0 - (v_log - upper) / (lower - upper)
        }
    }
}

/// A bucket with a slot in the histogram whose bounds are not computed yet: that is what costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// `None`: the zero bucket.
    side: Option<(Side, i32)>,
    pub(crate) count: f64,
}

#[derive(Clone, Copy, Debug)]
enum Side {
    Negative,
    Positive,
}

impl Slot {
    /// The bucket; one that reaches into the zero bucket ends at its edge.
    pub(crate) fn bucket(&self, h: &FloatHistogram) -> Bucket {
        match self.side {
            None => Bucket::zero(h),
            Some((Side::Negative, index)) => {
                let mut bucket = Bucket::negative(index, self.count, h);
                if bucket.upper < 0.0 && bucket.upper > -h.zero_threshold {
                    bucket.upper = -h.zero_threshold;
                }
                bucket
            }
            Some((Side::Positive, index)) => {
                let mut bucket = Bucket::positive(index, self.count, h);
                if bucket.lower > 0.0 && bucket.lower < h.zero_threshold {
                    bucket.lower = h.zero_threshold;
                }
                bucket
            }
        }
    }
}

/// All buckets with a slot in the histogram, from the most negative up; the zero bucket only when
/// it is populated.
pub(crate) fn slots(h: &FloatHistogram) -> Vec<Slot> {
    let mut out = Vec::with_capacity(h.negative_buckets.len() + h.positive_buckets.len() + 1);
    visit(&h.negative_spans, &h.negative_buckets, |index, count| {
        out.push(Slot { side: Some((Side::Negative, index)), count });
    });
    out.reverse();
    if h.zero_count > 0.0 {
        out.push(Slot { side: None, count: h.zero_count });
    }
    visit(&h.positive_spans, &h.positive_buckets, |index, count| {
        out.push(Slot { side: Some((Side::Positive, index)), count });
    });
    out
}

/// [`slots`] with their bounds.
pub(crate) fn all_buckets(h: &FloatHistogram) -> Vec<Bucket> {
    slots(h).iter().map(|slot| slot.bucket(h)).collect()
}

/// The buckets the HTTP API shows: the populated ones, from the most negative up.
pub fn populated_buckets(h: &FloatHistogram) -> Vec<Bucket> {
    slots(h).iter().filter(|slot| slot.count != 0.0).map(|slot| slot.bucket(h)).collect()
}

/// The index that holds bucket `index` in a coarser schema.
pub(crate) fn coarser_index(index: i32, schema: i32, coarser: i32) -> i32 {
    let shift = schema.saturating_sub(coarser).clamp(0, 31) as u32;
    (index.wrapping_sub(1) >> shift).wrapping_add(1)
}

/// The bucket among `bounds` that holds what is below `upper`.
pub(crate) fn custom_index(bounds: &[f64], upper: f64) -> i32 {
    bounds.partition_point(|bound| *bound < upper) as i32
}

/// Bounds that both lists have.
pub(crate) fn common_bounds(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().copied().filter(|bound| b.contains(bound)).collect()
}

/// Adds up neighbours that a mapping of indices has made equal.
pub(crate) fn coalesce<T>(
    sparse: impl IntoIterator<Item = (i32, T)>,
    mut add: impl FnMut(&mut T, T),
) -> Vec<(i32, T)> {
    let mut out: Vec<(i32, T)> = Vec::new();
    for (index, value) in sparse {
        match out.last_mut() {
            Some((last, sum)) if *last == index => add(sum, value),
            _ => out.push((index, value)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{coarser_index, decode, encode, exponential_bound};
    use model::Span;

    #[test]
    fn spans_and_lists_say_the_same() {
        let spans = [Span { offset: -2, length: 2 }, Span { offset: 3, length: 1 }];
        let sparse = decode(&spans, &[1.0, 2.0, 3.0]);
        assert_eq!(sparse, [(-2, 1.0), (-1, 2.0), (3, 3.0)]);
        assert_eq!(encode(sparse), (spans.to_vec(), vec![1.0, 2.0, 3.0]));
        assert_eq!(encode([(0, 1.0), (1, 0.0), (2, 1.0)]).0.len(), 2);
    }

    #[test]
    fn bounds_are_powers_of_two_roots() {
        assert_eq!(exponential_bound(0, 0), 1.0);
        assert_eq!(exponential_bound(3, 0), 8.0);
        assert_eq!(exponential_bound(-1, 0), 0.5);
        assert_eq!(exponential_bound(1, -1), 4.0);
        assert!((exponential_bound(1, 1) - 2_f64.sqrt()).abs() < 1e-15);
        assert_eq!(exponential_bound(1024, 0), f64::MAX);
        assert_eq!(coarser_index(3, 1, 0), 2);
        assert_eq!(coarser_index(1, 1, 0), 1);
        assert_eq!(coarser_index(0, 1, 0), 0);
    }
}
