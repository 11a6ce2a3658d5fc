//! Sums and differences of histograms, with compensated counts: the coarser layout of the two
//! wins, wider zero buckets swallow what they cover, and custom bounds shrink to the common ones.

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{CounterResetHint, FloatHistogram, Span};

use super::buckets::{
    Packer, bounds_of, coalesce, coarser_index, common_bounds, custom_index, decode, encode,
    exponential_bound, visit,
};
use crate::kahan::Kahan;

/// Exponential and custom buckets do not mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Incompatible;

/// What happened beside the addition.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    /// One said "reset", the other "no reset".
    pub(crate) reset_collision: bool,
    /// Custom bounds differed.
    pub(crate) bounds_reconciled: bool,
}

type Counts = Vec<(i32, Kahan)>;
/// Spans and counts of the buckets of one sign.
type Side = (Vec<Span>, Vec<f64>);

/// A running sum of histograms.
#[derive(Clone, Debug)]
pub(crate) struct HistogramSum {
    hint: CounterResetHint,
    schema: i32,
    custom_values: Vec<f64>,
    zero_threshold: f64,
    zero_count: Kahan,
    count: Kahan,
    sum: Kahan,
    positive: Counts,
    negative: Counts,
}

fn exactly(v: f64) -> Kahan {
    Kahan { sum: v, lost: 0.0 }
}

impl HistogramSum {
    pub(crate) fn new(h: &FloatHistogram) -> Self {
        let counts = |spans: &[Span], buckets: &[f64]| {
            let mut counts = Counts::with_capacity(buckets.len());
            visit(spans, buckets, |index, count| counts.push((index, exactly(count))));
            counts
        };
        Self {
            positive: counts(&h.positive_spans, &h.positive_buckets),
            negative: counts(&h.negative_spans, &h.negative_buckets),
            ..Self::without_buckets(h)
        }
    }

    fn without_buckets(h: &FloatHistogram) -> Self {
        Self {
            hint: h.counter_reset_hint,
            schema: h.schema,
            custom_values: h.custom_values.clone(),
            zero_threshold: h.zero_threshold,
            zero_count: exactly(h.zero_count),
            count: exactly(h.count),
            sum: exactly(h.sum),
            positive: Counts::new(),
            negative: Counts::new(),
        }
    }

    pub(crate) fn add(&mut self, other: &FloatHistogram) -> Result<Outcome, Incompatible> {
        self.add_times(other, 1.0)
    }

    pub(crate) fn sub(&mut self, other: &FloatHistogram) -> Result<Outcome, Incompatible> {
        self.add_times(other, -1.0)
    }

    fn add_times(&mut self, other: &FloatHistogram, sign: f64) -> Result<Outcome, Incompatible> {
        if !self.has_bounds_of(other) {
            return self.combine(Self::new(other), sign);
        }
        let reset_collision = self.add_scalars(other, sign);
        merge_in_place(&mut self.positive, &other.positive_spans, &other.positive_buckets, sign);
        merge_in_place(&mut self.negative, &other.negative_spans, &other.negative_buckets, sign);
        Ok(Outcome { reset_collision, bounds_reconciled: false })
    }

    /// Whether buckets of one index are the same bucket and nothing has to be reconciled.
    fn has_bounds_of(&self, other: &FloatHistogram) -> bool {
        self.schema == other.schema
            && self.zero_threshold == other.zero_threshold
            && self.custom_values == other.custom_values
    }

    /// Adds everything but the buckets of a histogram with these bounds; whether the hints
    /// contradict each other.
    fn add_scalars(&mut self, other: &FloatHistogram, sign: f64) -> bool {
        if !self.is_custom() {
            self.zero_count.add(sign * exactly(other.zero_count).total());
        }
        self.count.add(sign * exactly(other.count).total());
        self.sum.add(sign * other.sum);
        self.adjust_hint(other.counter_reset_hint)
    }

    fn combine(&mut self, mut other: Self, sign: f64) -> Result<Outcome, Incompatible> {
        if self.is_custom() != other.is_custom() {
            return Err(Incompatible);
        }
        let mut outcome =
            Outcome { reset_collision: self.adjust_hint(other.hint), ..Outcome::default() };
        if self.is_custom() {
            if self.custom_values != other.custom_values {
                outcome.bounds_reconciled = true;
                let common = common_bounds(&self.custom_values, &other.custom_values);
                self.rebind(&common);
                other.rebind(&common);
            }
        } else {
            let schema = self.schema.min(other.schema);
            self.reconcile_zero(&mut other);
            self.reduce(schema);
            other.reduce(schema);
            self.zero_count.add(sign * other.zero_count.total());
        }
        self.count.add(sign * other.count.total());
        self.sum.add(sign * other.sum.sum);
        merge(&mut self.positive, &other.positive, sign);
        merge(&mut self.negative, &other.negative, sign);
        Ok(outcome)
    }

    fn is_custom(&self) -> bool {
        self.schema == CUSTOM_BUCKETS_SCHEMA
    }

    /// True when the hints contradict each other.
    fn adjust_hint(&mut self, other: CounterResetHint) -> bool {
        use CounterResetHint::{Gauge, Unknown};
        match (self.hint, other) {
            (mine, other) if mine == other => false,
            (Gauge, _) => false,
            (_, Gauge) => {
                self.hint = Gauge;
                false
            }
            (Unknown, _) => false,
            (_, Unknown) => {
                self.hint = Unknown;
                false
            }
            _ => {
                self.hint = Unknown;
                true
            }
        }
    }

    fn rebind(&mut self, common: &[f64]) {
        let own = std::mem::take(&mut self.custom_values);
        let moved = std::mem::take(&mut self.positive).into_iter().map(|(index, count)| {
            (custom_index(common, bounds_of(index, CUSTOM_BUCKETS_SCHEMA, &own).1), count)
        });
        self.positive = coalesce(moved, Kahan::join);
        self.custom_values = common.to_vec();
    }

    /// Makes the layout at least as coarse as `schema`.
    pub(crate) fn limit_schema(&mut self, schema: i32) {
        if !self.is_custom() && schema != CUSTOM_BUCKETS_SCHEMA {
            self.reduce(schema);
        }
    }

    fn reduce(&mut self, schema: i32) {
        if schema >= self.schema {
            return;
        }
        for side in [&mut self.positive, &mut self.negative] {
            let moved = std::mem::take(side);
            let moved =
                moved.into_iter().map(|(index, c)| (coarser_index(index, self.schema, schema), c));
            *side = coalesce(moved, Kahan::join);
        }
        self.schema = schema;
    }

    fn reconcile_zero(&mut self, other: &mut Self) {
        if self.zero_threshold.is_nan() || other.zero_threshold.is_nan() {
            // Sent by somebody who is broken: there is no common bucket to find.
            self.zero_threshold = f64::NAN;
            return;
        }
        while self.zero_threshold != other.zero_threshold {
            if self.zero_threshold > other.zero_threshold {
                other.widen_zero(self.zero_threshold);
            } else {
                self.widen_zero(other.zero_threshold);
            }
        }
    }

    /// Widens the zero bucket to at least `threshold`, further when that falls inside a populated
    /// bucket, and moves everything below into it.
    fn widen_zero(&mut self, threshold: f64) {
        let threshold = widened(&self.positive, &self.negative, self.schema, threshold);
        for side in [&mut self.positive, &mut self.negative] {
            let covered = side.partition_point(|(index, _)| {
                exponential_bound(index - 1, self.schema) < threshold
            });
            for (_, count) in side.drain(..covered) {
                self.zero_count.join(count);
            }
        }
        self.zero_threshold = threshold;
    }

    pub(crate) fn scale(&mut self, factor: f64) {
        let scale = |k: &mut Kahan| {
            k.sum *= factor;
            k.lost *= factor;
        };
        let sides = self.positive.iter_mut().chain(&mut self.negative).map(|(_, count)| count);
        sides.chain([&mut self.zero_count, &mut self.count, &mut self.sum]).for_each(scale);
    }

    pub(crate) fn overflows(&self) -> bool {
        let sides = self.positive.iter().chain(&self.negative).map(|(_, count)| count);
        sides.chain([&self.zero_count, &self.count, &self.sum]).any(|k| k.sum.is_infinite())
    }

    /// The sum, without empty buckets.
    pub(crate) fn finish(self) -> FloatHistogram {
        let totals =
            |side: &Counts| encode(side.iter().map(|(index, count)| (*index, count.total())));
        let (positive, negative) = (totals(&self.positive), totals(&self.negative));
        self.finish_with(positive, negative)
    }

    fn finish_with(self, positive: Side, negative: Side) -> FloatHistogram {
        let ((positive_spans, positive_buckets), (negative_spans, negative_buckets)) =
            (positive, negative);
        FloatHistogram {
            counter_reset_hint: self.hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: self.zero_count.total(),
            count: self.count.total(),
            sum: self.sum.total(),
            positive_spans,
            negative_spans,
            positive_buckets,
            negative_buckets,
            custom_values: self.custom_values,
        }
    }
}

/// The threshold, moved up to the edge of the populated bucket it falls into.
pub(super) fn widened(positive: &Counts, negative: &Counts, schema: i32, threshold: f64) -> f64 {
    let mut threshold = threshold;
    loop {
        let inside = |side: &Counts| {
            side.iter()
                .filter(|(_, count)| count.total() != 0.0)
                .map(|(i, _)| (exponential_bound(i - 1, schema), exponential_bound(*i, schema)))
                .find(|(lower, upper)| *lower < threshold && threshold < *upper)
                .map(|(_, upper)| upper)
        };
        match inside(positive).or_else(|| inside(negative)) {
            Some(upper) => threshold = upper,
            None => return threshold,
        }
    }
}

fn merge(into: &mut Counts, from: &Counts, sign: f64) {
    if from.is_empty() {
        return;
    }
    let mut out = Vec::with_capacity(into.len() + from.len());
    let (mut left, mut right) = (into.drain(..).peekable(), from.iter().peekable());
    loop {
        match (left.peek(), right.peek()) {
            (Some((i, _)), Some((j, _))) if i == j => {
                let (Some((index, mut count)), Some((_, other))) = (left.next(), right.next())
                else {
                    break;
                };
                count.add(sign * other.sum);
                count.lost += sign * other.lost;
                out.push((index, count));
            }
            (Some((i, _)), Some((j, _))) if i < j => out.extend(left.next()),
            (Some(_), None) => out.extend(left.next()),
            (_, Some(_)) => out.extend(right.next().map(|(index, count)| {
                (*index, Kahan { sum: sign * count.sum, lost: sign * count.lost })
            })),
            (None, None) => break,
        }
    }
    drop(left);
    *into = out;
}

/// `merge` with buckets as they are in a histogram. Those that are there already, which after a few
/// histograms of a sum nearly all are, cost no allocation.
fn merge_in_place(into: &mut Counts, spans: &[Span], buckets: &[f64], sign: f64) {
    let (mut at, mut missing) = (0, Counts::new());
    visit(spans, buckets, |index, count| {
        while into.get(at).is_some_and(|(known, _)| *known < index) {
            at += 1;
        }
        match into.get_mut(at) {
            Some((known, sum)) if *known == index => {
                sum.add(sign * count);
                at += 1;
            }
            _ => missing.push((index, exactly(sign * count))),
        }
    });
    merge(into, &missing, 1.0);
}

/// `a - b` of histograms with the same buckets, which neighbours in a series mostly are: as
/// [`HistogramSum`] computes it, without its lists. None when the buckets differ.
pub(crate) fn difference_alike(a: &FloatHistogram, b: &FloatHistogram) -> Option<FloatHistogram> {
    let alike = a.positive_spans == b.positive_spans
        && a.negative_spans == b.negative_spans
        && a.positive_buckets.len() == b.positive_buckets.len()
        && a.negative_buckets.len() == b.negative_buckets.len();
    let mut sum = HistogramSum::without_buckets(a);
    if !alike || !sum.has_bounds_of(b) {
        return None;
    }
    sum.add_scalars(b, -1.0);
    let positive = side_difference(&a.positive_spans, &a.positive_buckets, &b.positive_buckets);
    let negative = side_difference(&a.negative_spans, &a.negative_buckets, &b.negative_buckets);
    Some(sum.finish_with(positive, negative))
}

fn side_difference(spans: &[Span], a: &[f64], b: &[f64]) -> Side {
    let (mut packer, mut b) = (Packer::with_capacity(a.len()), b.iter());
    visit(spans, a, |index, a| {
        let mut count = exactly(a);
        count.add(-b.next().copied().unwrap_or_default());
        packer.push(index, count.total());
    });
    packer.finish()
}

/// Multiplies all counts; a negative factor makes a gauge of it.
pub(crate) fn scaled(h: FloatHistogram, factor: f64) -> FloatHistogram {
    let mut out = map(h, |v| v * factor);
    if factor < 0.0 {
        out.counter_reset_hint = CounterResetHint::Gauge;
    }
    out
}

/// Divides all counts; division by zero leaves no buckets.
pub(crate) fn divided(h: FloatHistogram, divisor: f64) -> FloatHistogram {
    let mut out = map(h, |v| v / divisor);
    if divisor == 0.0 {
        out.positive_spans.clear();
        out.positive_buckets.clear();
        out.negative_spans.clear();
        out.negative_buckets.clear();
    } else if divisor < 0.0 {
        out.counter_reset_hint = CounterResetHint::Gauge;
    }
    out
}

fn map(mut out: FloatHistogram, f: impl Fn(f64) -> f64) -> FloatHistogram {
    out.zero_count = f(out.zero_count);
    out.count = f(out.count);
    out.sum = f(out.sum);
    out.positive_buckets.iter_mut().for_each(|v| *v = f(*v));
    out.negative_buckets.iter_mut().for_each(|v| *v = f(*v));
    out
}

/// Equal in every count and bound, bit for bit; hints do not matter.
pub(crate) fn same(a: &FloatHistogram, b: &FloatHistogram) -> bool {
    let bits = |x: f64, y: f64| x.to_bits() == y.to_bits();
    let all_bits =
        |x: &[f64], y: &[f64]| x.len() == y.len() && x.iter().zip(y).all(|(x, y)| bits(*x, *y));
    let same_indices = |x: &[Span], y: &[Span], counts: &[f64]| {
        x == y || decode(x, counts).iter().map(|b| b.0).eq(decode(y, counts).iter().map(|b| b.0))
    };
    a.schema == b.schema
        && bits(a.count, b.count)
        && bits(a.sum, b.sum)
        && a.zero_threshold == b.zero_threshold
        && bits(a.zero_count, b.zero_count)
        && (!a.uses_custom_buckets() || a.custom_values == b.custom_values)
        && all_bits(&a.positive_buckets, &b.positive_buckets)
        && all_bits(&a.negative_buckets, &b.negative_buckets)
        && same_indices(&a.positive_spans, &b.positive_spans, &a.positive_buckets)
        && same_indices(&a.negative_spans, &b.negative_spans, &a.negative_buckets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Histograms of a few layouts, so that equal ones meet.
    fn histogram() -> impl Strategy<Value = FloatHistogram> {
        let count = prop_oneof![
            6 => (0_u32..5).prop_map(f64::from),
            2 => -1e3..1e3_f64,
            1 => prop::sample::select(vec![-0.0, f64::NAN, f64::INFINITY, f64::MAX, 1e-300]),
        ];
        let shape = (0..3_usize, 0..3_usize, 0..2_i32, 0..2_u32, any::<bool>());
        (shape, prop::collection::vec(count, 12)).prop_map(|(shape, numbers)| {
            let (positive, negative, schema, zero, custom) = shape;
            let spans = [
                vec![],
                vec![Span { offset: -1, length: 3 }],
                vec![Span { offset: 0, length: 1 }, Span { offset: 1, length: 2 }],
            ];
            let mut numbers = numbers.into_iter();
            let mut take = |n: usize| numbers.by_ref().take(n).collect::<Vec<_>>();
            let (scalars, positive_buckets) = (take(3), take(3.min(3 * positive)));
            let negative = if custom { 0 } else { negative };
            FloatHistogram {
                schema: if custom { CUSTOM_BUCKETS_SCHEMA } else { schema },
                zero_threshold: if custom { 0.0 } else { f64::from(zero) },
                count: scalars[0],
                sum: scalars[1],
                zero_count: scalars[2],
                positive_spans: spans[positive].clone(),
                positive_buckets,
                negative_spans: spans[negative].clone(),
                negative_buckets: take(3.min(3 * negative)),
                custom_values: if custom { vec![1.0, 2.0, f64::from(zero) + 3.0] } else { vec![] },
                ..FloatHistogram::default()
            }
        })
    }

    fn text(h: &FloatHistogram) -> String {
        format!("{h:?}")
    }

    /// Anybody who may write can send such a histogram; adding it must end.
    #[test]
    fn a_zero_bucket_of_any_width_is_added() {
        let of = |zero_threshold: f64| FloatHistogram {
            zero_threshold,
            count: 1.0,
            positive_spans: vec![Span { offset: 0, length: 1 }],
            positive_buckets: vec![1.0],
            ..FloatHistogram::default()
        };
        let widths = [f64::NAN, f64::INFINITY, -1.0, 0.0, 0.7, 1e300];
        for (a, b) in widths.iter().flat_map(|a| widths.map(|b| (*a, b))) {
            let mut sum = HistogramSum::new(&of(a));
            assert!(sum.add_times(&of(b), 1.0).is_ok(), "{a} {b}");
            assert_eq!(sum.finish().count, 2.0, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn the_short_ways_give_what_the_long_one_gives(
            histograms in prop::collection::vec(histogram(), 2..6), sign in any::<bool>(),
        ) {
            let sign = if sign { 1.0 } else { -1.0 };
            let (mut long, mut short) =
                (HistogramSum::new(&histograms[0]), HistogramSum::new(&histograms[0]));
            for h in &histograms[1..] {
                let outcome = long.combine(HistogramSum::new(h), sign);
                let same = short.add_times(h, sign);
                prop_assert_eq!(format!("{outcome:?}"), format!("{same:?}"));
                prop_assert_eq!(text(&long.clone().finish()), text(&short.clone().finish()));
            }
            let (a, b) = (&histograms[0], &histograms[1]);
            if let Some(difference) = difference_alike(a, b) {
                let mut long = HistogramSum::new(a);
                prop_assert!(long.combine(HistogramSum::new(b), -1.0).is_ok());
                prop_assert_eq!(text(&difference), text(&long.finish()));
            }
        }
    }
}
