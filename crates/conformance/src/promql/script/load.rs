//! `load`: series into the source, and with `_with_nhcb` classic histograms once more as native
//! ones with custom buckets.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{
    CounterResetHint, FloatHistogram, HistogramSample, Labels, LabelsBuilder, METRIC_NAME, Span,
};
use promql::histogram;
use query::Scope;
use query::memory::MemorySource;
use regex::Regex;

use super::command::duration_ms;
use super::notation::{self, Point};

/// Series with the time between their points.
#[derive(Debug)]
pub(super) struct Load {
    step_ms: i64,
    with_nhcb: bool,
    series: Vec<LoadSeries>,
    /// Start times of the series on the next line.
    pending: Option<Vec<Option<i64>>>,
}

#[derive(Debug)]
struct LoadSeries {
    labels: Labels,
    points: Vec<Point>,
    /// Relative to each point, milliseconds; empty when none are given.
    starts: Vec<Option<i64>>,
}

static START: LazyLock<Regex> = LazyLock::new(|| {
    let duration = r"\d+(?:ms|[smhdwy])?";
    Regex::new(&format!(
        r"^(?P<first>[+-]?{duration})(?:(?P<step>[+-]{duration})?x(?P<times>\d+))?$"
    ))
    .expect("the pattern compiles")
});

/// `_`, `_x3`, `-1m`, `-1mx3`, `-1m+10sx3`.
fn starts(text: &str) -> Result<Vec<Option<i64>>, String> {
    let mut out = Vec::new();
    for item in text.split_whitespace() {
        let invalid = || format!("invalid start time {item:?}");
        if let Some(times) = item.strip_prefix('_') {
            let times = times.strip_prefix('x').map_or(Ok(1), str::parse::<usize>);
            out.extend(std::iter::repeat_n(None, times.map_err(|_| invalid())?));
            continue;
        }
        let parts = START.captures(item).ok_or_else(invalid)?;
        let mut offset_ms = signed_ms(&parts["first"])?;
        let step_ms = parts.name("step").map_or(Ok(0), |step| signed_ms(step.as_str()))?;
        let times = parts.name("times").map_or(Ok(0), |times| times.as_str().parse::<usize>());
        for _ in 0..=times.map_err(|_| invalid())? {
            out.push(Some(offset_ms));
            offset_ms += step_ms;
        }
    }
    Ok(out)
}

fn signed_ms(text: &str) -> Result<i64, String> {
    match text.strip_prefix('-') {
        Some(duration) => duration_ms(duration).map(|ms| -ms),
        None => duration_ms(text.strip_prefix('+').unwrap_or(text)),
    }
}

impl Load {
    pub(super) fn new(step_ms: i64, with_nhcb: bool) -> Self {
        Self { step_ms, with_nhcb, series: Vec::new(), pending: None }
    }

    pub(super) fn add_line(&mut self, line: &str) -> Result<(), String> {
        if let Some((_, sequence)) = line.split_once("@st").filter(|(metric, _)| is_metric(metric))
        {
            self.pending = Some(starts(sequence)?);
            return Ok(());
        }
        let (labels, points) = notation::series(line)?;
        let starts = self.pending.take().unwrap_or_default();
        if !starts.is_empty() && starts.len() != points.len() {
            return Err(format!("{} start times for {} points", starts.len(), points.len()));
        }
        self.series.retain(|known| known.labels != labels);
        self.series.push(LoadSeries { labels, points, starts });
        Ok(())
    }

    pub(super) fn run(&self, source: &MemorySource, scope: &Scope) {
        for LoadSeries { labels, points, starts } in &self.series {
            let mut hints = Hints::default();
            for (i, point) in points.iter().enumerate() {
                let t_ms = self.step_ms * i as i64;
                if let Some(Some(offset_ms)) = starts.get(i) {
                    source.push_start(scope, labels, t_ms, t_ms + offset_ms);
                }
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
        for LoadSeries { labels, points, .. } in &self.series {
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

/// Nothing of a line but the metric is in front of `@st`.
fn is_metric(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
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
