//! Sums and differences of histograms, with compensated counts: the coarser layout of the two
//! wins, wider zero buckets swallow what they cover, and custom bounds shrink to the common ones.

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{CounterResetHint, FloatHistogram};

use super::buckets::{
    bounds_of, coalesce, coarser_index, common_bounds, custom_index, decode, encode,
    exponential_bound,
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
        let counts = |sparse: Vec<(i32, f64)>| {
            sparse.into_iter().map(|(index, count)| (index, exactly(count))).collect()
        };
        Self {
            hint: h.counter_reset_hint,
            schema: h.schema,
            custom_values: h.custom_values.clone(),
            zero_threshold: h.zero_threshold,
            zero_count: exactly(h.zero_count),
            count: exactly(h.count),
            sum: exactly(h.sum),
            positive: counts(decode(&h.positive_spans, &h.positive_buckets)),
            negative: counts(decode(&h.negative_spans, &h.negative_buckets)),
        }
    }

    pub(crate) fn add(&mut self, other: &FloatHistogram) -> Result<Outcome, Incompatible> {
        self.combine(Self::new(other), 1.0)
    }

    pub(crate) fn sub(&mut self, other: &FloatHistogram) -> Result<Outcome, Incompatible> {
        self.combine(Self::new(other), -1.0)
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
            |side: Counts| encode(side.into_iter().map(|(index, count)| (index, count.total())));
        let (positive_spans, positive_buckets) = totals(self.positive);
        let (negative_spans, negative_buckets) = totals(self.negative);
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

/// Multiplies all counts; a negative factor makes a gauge of it.
pub(crate) fn scaled(h: &FloatHistogram, factor: f64) -> FloatHistogram {
    let mut out = map(h, |v| v * factor);
    if factor < 0.0 {
        out.counter_reset_hint = CounterResetHint::Gauge;
    }
    out
}

/// Divides all counts; division by zero leaves no buckets.
pub(crate) fn divided(h: &FloatHistogram, divisor: f64) -> FloatHistogram {
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

fn map(h: &FloatHistogram, f: impl Fn(f64) -> f64) -> FloatHistogram {
    let mut out = h.clone();
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
    let indices = |spans: &[model::Span], counts: &[f64]| -> Vec<i32> {
        decode(spans, counts).into_iter().map(|(index, _)| index).collect()
    };
    a.schema == b.schema
        && bits(a.count, b.count)
        && bits(a.sum, b.sum)
        && a.zero_threshold == b.zero_threshold
        && bits(a.zero_count, b.zero_count)
        && (!a.uses_custom_buckets() || a.custom_values == b.custom_values)
        && all_bits(&a.positive_buckets, &b.positive_buckets)
        && all_bits(&a.negative_buckets, &b.negative_buckets)
        && indices(&a.positive_spans, &a.positive_buckets)
            == indices(&b.positive_spans, &b.positive_buckets)
        && indices(&a.negative_spans, &a.negative_buckets)
            == indices(&b.negative_spans, &b.negative_buckets)
}
