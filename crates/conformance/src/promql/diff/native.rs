//! Native histograms of the data: counters with resets and growing layouts, gauges, custom bounds,
//! fractions of observations, and series that change between floats and histograms.

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{CounterResetHint, FloatHistogram, Span};

use super::data::{Point, Series, owned, stale_float, times};
use super::rng::Rng;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Counter,
    Gauge,
    Custom,
    /// Counts are no whole numbers.
    Fractions,
    /// Floats and histograms in turns.
    Mixed,
}

/// All histograms, from `start_ms` on.
pub(super) fn generate(rng: &mut Rng, start_ms: i64, all: &mut Vec<Series>) {
    for job in ["api", "db"] {
        for instance in ["0", "1", "2"] {
            for (name, shape) in [
                ("nh", Shape::Counter),
                ("nh_gauge", Shape::Gauge),
                ("nh_custom", Shape::Custom),
                ("nh_part", Shape::Fractions),
                ("mix", Shape::Mixed),
            ] {
                let labels = [("__name__", name), ("instance", instance), ("job", job)];
                all.push(series(rng, &labels, shape, start_ms));
            }
        }
    }
}

fn series(rng: &mut Rng, labels: &[(&str, &str)], shape: Shape, start_ms: i64) -> Series {
    let mut state = State::new(rng, shape);
    let mut floats = false;
    let mut value = 0.0;
    let samples = times(rng, start_ms, false).into_iter().map(|(t_ms, stale)| {
        // Not with a staleness marker: the peer loses one of floats that comes behind a histogram,
        // when floats follow it in the same request.
        if shape == Shape::Mixed && rng.percent(8) && !stale {
            floats = !floats;
        }
        if floats {
            value += rng.below(20) as f64;
            return (t_ms, Point::Float(if stale { stale_float() } else { value }));
        }
        let mut h = state.next(rng);
        if stale {
            h = FloatHistogram { sum: stale_float(), ..FloatHistogram::default() };
        }
        (t_ms, Point::Histogram(h))
    });
    Series { labels: owned(labels), samples: samples.collect() }
}

/// A histogram in the making: counts by bucket index.
struct State {
    shape: Shape,
    schema: i32,
    zero_threshold: f64,
    zero: f64,
    sum: f64,
    /// Of the buckets from index `first` on.
    first: i32,
    positive: Vec<f64>,
    negative: Vec<f64>,
    bounds: Vec<f64>,
}

impl State {
    fn new(rng: &mut Rng, shape: Shape) -> Self {
        let mut state = Self {
            shape,
            schema: rng.pick(&[0, 0, 1, 2]),
            zero_threshold: rng.pick(&[0.001, 0.001, 0.5]),
            zero: 0.0,
            sum: 0.0,
            first: rng.below(5) as i32 - 3,
            positive: vec![0.0; 3 + rng.below(4) as usize],
            negative: vec![0.0; if rng.percent(40) { 2 } else { 0 }],
            bounds: Vec::new(),
        };
        // No bucket within the zero bucket: what operations make of such histograms is not defined.
        if state.zero_threshold > 0.1 {
            state.first = state.first.max(0);
        }
        // The peer keeps empty negative buckets of a gauge as long as its chunk has had others.
        if shape == Shape::Gauge {
            state.negative.clear();
        }
        if shape == Shape::Custom {
            state.schema = CUSTOM_BUCKETS_SCHEMA;
            state.bounds = if rng.percent(70) { vec![0.5, 1.0, 5.0] } else { vec![0.5, 2.0, 5.0] };
            state.first = 0;
            state.negative.clear();
            state.zero_threshold = 0.0;
            state.positive = vec![0.0; 4];
        }
        state
    }

    fn next(&mut self, rng: &mut Rng) -> FloatHistogram {
        if rng.percent(3) || self.shape == Shape::Gauge {
            self.zero = 0.0;
            self.sum = 0.0;
            let counts = self.positive.iter_mut().chain(&mut self.negative);
            counts.for_each(|count| *count = 0.0);
        }
        if self.shape != Shape::Custom && rng.percent(1) {
            self.schema = rng.pick(&[0, 1, 2]);
        }
        if self.shape != Shape::Custom && rng.percent(2) {
            self.positive.push(0.0);
        }
        let unit = if self.shape == Shape::Fractions { 0.25 } else { 1.0 };
        for count in self.positive.iter_mut().chain(&mut self.negative) {
            // No empty buckets: the peer hands out those that other samples of a chunk have.
            let least = if *count == 0.0 { unit } else { 0.0 };
            *count += least + if rng.percent(60) { rng.below(12) as f64 * unit } else { 0.0 };
        }
        if self.shape != Shape::Custom && rng.percent(30) {
            self.zero += unit;
        }
        self.sum += (rng.below(400) as f64 - 40.0) / 8.0;
        self.histogram()
    }

    fn histogram(&self) -> FloatHistogram {
        let counts = self.positive.iter().chain(&self.negative);
        let (positive_spans, positive_buckets) = spans(self.first, &self.positive);
        let (negative_spans, negative_buckets) = spans(1, &self.negative);
        FloatHistogram {
            counter_reset_hint: if self.shape == Shape::Gauge {
                CounterResetHint::Gauge
            } else {
                CounterResetHint::Unknown
            },
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: self.zero,
            count: counts.sum::<f64>() + self.zero,
            sum: self.sum,
            positive_spans,
            negative_spans,
            positive_buckets,
            negative_buckets,
            custom_values: self.bounds.clone(),
        }
    }
}

/// Empty buckets are left out, as clients do.
fn spans(first: i32, counts: &[f64]) -> (Vec<Span>, Vec<f64>) {
    let mut spans: Vec<Span> = Vec::new();
    let mut buckets = Vec::new();
    let mut end = 0;
    for (index, count) in (first..).zip(counts) {
        if *count == 0.0 {
            continue;
        }
        match spans.last_mut() {
            Some(span) if index == end => span.length += 1,
            _ => spans.push(Span { offset: index - end, length: 1 }),
        }
        end = index + 1;
        buckets.push(*count);
    }
    (spans, buckets)
}
