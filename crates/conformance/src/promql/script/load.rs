//! `load`: series into the source, and with `_with_nhcb` classic histograms once more as native
//! ones with custom buckets.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{
    CounterResetHint, FloatHistogram, HistogramSample, Labels, LabelsBuilder, METRIC_NAME, Span,
};
use promql::histogram;
use query::Scope;
use query::memory::MemorySource;

use super::notation::{self, Point};

/// Series with the time between their points.
#[derive(Debug)]
pub(super) struct Load {
    step_ms: i64,
    with_nhcb: bool,
    series: Vec<(Labels, Vec<Point>)>,
}

impl Load {
    pub(super) fn new(step_ms: i64, with_nhcb: bool) -> Self {
        Self { step_ms, with_nhcb, series: Vec::new() }
    }

    pub(super) fn add_line(&mut self, line: &str) -> Result<(), String> {
        // Start times (`metric@st …`) are not recorded by the source.
        let metric = line.split_whitespace().next().unwrap_or_default();
        if metric.ends_with("@st") {
            return Ok(());
        }
        let (labels, points) = notation::series(line)?;
        self.series.retain(|(known, _)| *known != labels);
        self.series.push((labels, points));
        Ok(())
    }

    pub(super) fn run(&self, source: &MemorySource, scope: &Scope) {
        for (labels, points) in &self.series {
            let mut hints = Hints::default();
            for (i, point) in points.iter().enumerate() {
                let t_ms = self.step_ms * i as i64;
                match point {
                    Point::Omitted => {}
                    Point::Float(v) => {
                        hints = Hints::default();
                        source.push(scope, labels, t_ms, *v);
                    }
                    Point::Histogram { h, .. } => {
                        let h = hints.stored(h);
                        source.push_histogram(scope, labels, HistogramSample { t_ms, h });
                    }
                }
            }
        }
        if self.with_nhcb {
            self.load_custom(source, scope);
        }
    }

    fn load_custom(&self, source: &MemorySource, scope: &Scope) {
        let mut histograms: BTreeMap<Labels, BTreeMap<i64, Classic>> = BTreeMap::new();
        for (labels, points) in &self.series {
            let Some((part, base)) = Part::of(labels) else { continue };
            let by_time = histograms.entry(base).or_default();
            for (i, point) in points.iter().enumerate() {
                if let Point::Float(v) = point {
                    by_time.entry(self.step_ms * i as i64).or_default().set(part, *v);
                }
            }
        }
        for (labels, by_time) in histograms {
            let mut hints = Hints::default();
            for (t_ms, classic) in by_time {
                let h = hints.stored(&classic.convert());
                source.push_histogram(scope, &labels, HistogramSample { t_ms, h });
            }
        }
    }
}

/// What a store notes of a histogram sample: how it follows the one before.
#[derive(Default)]
struct Hints {
    before: Option<Arc<FloatHistogram>>,
}

impl Hints {
    fn stored(&mut self, h: &FloatHistogram) -> FloatHistogram {
        let mut stored = h.clone();
        let follows = |before: &FloatHistogram| {
            before.counter_reset_hint != CounterResetHint::Gauge
                && !before.is_stale()
                && before.schema == h.schema
                && before.zero_threshold == h.zero_threshold
                && before.custom_values == h.custom_values
        };
        if h.counter_reset_hint != CounterResetHint::Gauge {
            // As the reference's chunks do, resets are left to be found by whoever compares.
            let unknown =
                FloatHistogram { counter_reset_hint: CounterResetHint::Unknown, ..h.clone() };
            let continues = h.counter_reset_hint != CounterResetHint::Reset
                && self.before.as_ref().is_some_and(|before| {
                    follows(before) && !histogram::is_reset(&unknown, before)
                });
            stored.counter_reset_hint =
                if continues { CounterResetHint::NotReset } else { CounterResetHint::Unknown };
        }
        self.before = Some(Arc::new(stored.clone()));
        stored
    }
}

/// Which part of a classic histogram a series is.
#[derive(Clone, Copy, Debug)]
enum Part {
    Bucket(f64),
    Count,
    Sum,
}

impl Part {
    /// The part, and the labels of the histogram.
    fn of(labels: &Labels) -> Option<(Self, Labels)> {
        let name = labels.metric_name()?;
        let (part, base) = if let Some(base) = name.strip_suffix("_bucket") {
            let bound: f64 = labels.get("le")?.parse().ok()?;
            (Self::Bucket(bound), base)
        } else if let Some(base) = name.strip_suffix("_count") {
            (Self::Count, base)
        } else {
            (Self::Sum, name.strip_suffix("_sum")?)
        };
        let mut builder = LabelsBuilder::default();
        builder.reset_to(labels);
        builder.set(METRIC_NAME, base);
        builder.remove("le");
        Some((part, builder.build()))
    }
}

/// The parts of one classic histogram sample.
#[derive(Debug, Default)]
struct Classic {
    buckets: Vec<(f64, f64)>,
    count: Option<f64>,
    sum: f64,
}

impl Classic {
    fn set(&mut self, part: Part, v: f64) {
        match part {
            Part::Bucket(bound) => self.buckets.push((bound, v)),
            Part::Count => self.count = Some(v),
            Part::Sum => self.sum = v,
        }
    }

    fn convert(mut self) -> FloatHistogram {
        self.buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.buckets.dedup_by_key(|bucket| bucket.0);
        let last = self.buckets.last().copied();
        let count = self.count.or(last.map(|(_, count)| count)).unwrap_or_default();
        if last.is_none_or(|(bound, _)| bound != f64::INFINITY) {
            self.buckets.push((f64::INFINITY, count));
        }
        let mut before = 0.0;
        let counts = self.buckets.iter().map(|(_, cumulative)| {
            let own = cumulative - before;
            before = *cumulative;
            own
        });
        let positive_buckets: Vec<f64> = counts.collect();
        histogram::compact(FloatHistogram {
            schema: CUSTOM_BUCKETS_SCHEMA,
            count,
            sum: self.sum,
            positive_spans: vec![Span { offset: 0, length: positive_buckets.len() as u32 }],
            positive_buckets,
            custom_values: self.buckets.iter().map(|b| b.0).filter(|b| b.is_finite()).collect(),
            ..FloatHistogram::default()
        })
    }
}
