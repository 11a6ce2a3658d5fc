//! Compares answers with expectations: floats to six digits, histograms field by field.

use std::collections::HashSet;
use std::fmt;

use model::{FloatHistogram, Labels};
use promql::{RangeTimes, SampleValue, Series, Value, VectorSample, histogram};

use super::command::{Answer, Eval, ExpectedSeries, When};
use super::notation::Point;

/// Relative error allowed for sample values.
const TOLERANCE: f64 = 0.000_001;

pub(super) fn result(eval: &Eval, value: &Value) -> Result<(), String> {
    match (&eval.answer, value) {
        (Answer::Scalar(want), Value::Scalar { v, .. }) => same_scalar(*want, *v),
        (Answer::Text(want), Value::String { text, .. }) => {
            if want == text {
                Ok(())
            } else {
                Err(format!("expected {want:?}, got {text:?}"))
            }
        }
        (Answer::Series(want), Value::Vector { samples, .. }) => {
            vector(want, samples, eval.is_ordered())
        }
        (Answer::Series(want), Value::Matrix(series)) => match eval.when {
            When::Range(times) => matrix(want, series, times),
            When::Instant { .. } => Err("expected a vector, got a matrix".into()),
        },
        (Answer::RangeVector(times, want), Value::Matrix(series)) => matrix(want, series, *times),
        (_, value) => Err(format!("unexpected {}", value.type_name())),
    }
}

/// The step of a range query that an instant query stands for.
pub(super) fn middle(eval: &Eval, value: &Value, t_ms: i64, scalar: bool) -> Result<(), String> {
    let Value::Matrix(series) = value else { return Err("expected a matrix".into()) };
    if series.windows(2).any(|pair| pair[0].labels > pair[1].labels) {
        return Err("series are not sorted by labels".into());
    }
    let samples: Vec<VectorSample> = series.iter().filter_map(|series| at(series, t_ms)).collect();
    match (&eval.answer, &samples[..]) {
        (Answer::Scalar(want), [VectorSample { value: SampleValue::Float(v), .. }]) if scalar => {
            same_scalar(*want, *v)
        }
        (Answer::Series(want), samples) => vector(want, samples, false),
        _ => Err("expected a scalar".into()),
    }
}

fn at(series: &Series, t_ms: i64) -> Option<VectorSample> {
    let float = series.floats().find(|(t, _)| *t == t_ms).map(|(_, v)| SampleValue::Float(v));
    let histogram = || {
        let mut histograms = series.histograms();
        histograms.find(|(t, _)| *t == t_ms).map(|(_, h)| SampleValue::Histogram(h.clone()))
    };
    let value = float.or_else(histogram)?;
    Some(VectorSample { labels: series.labels.clone(), value })
}

fn same_scalar(want: f64, got: f64) -> Result<(), String> {
    if almost_equal(want, got) { Ok(()) } else { Err(format!("expected {want}, got {got}")) }
}

fn find<'w>(want: &'w [ExpectedSeries], labels: &Labels) -> Option<(usize, &'w ExpectedSeries)> {
    // Of a series written twice, the last one counts.
    want.iter().enumerate().rev().find(|(_, series)| series.labels == *labels)
}

fn vector(want: &[ExpectedSeries], got: &[VectorSample], ordered: bool) -> Result<(), String> {
    let mut seen = HashSet::new();
    for (position, sample) in got.iter().enumerate() {
        let VectorSample { labels, value } = sample;
        let Some((expected_at, series)) = find(want, labels) else {
            return Err(format!("unexpected {labels} {}", Shown(value)));
        };
        if ordered && expected_at != position {
            return Err(format!("expected {labels} at {expected_at}, not at {position}"));
        }
        let point = series.points.first().unwrap_or(&Point::Omitted);
        if !same(point, value) {
            return Err(format!("expected {labels} {point:?}, got {}", Shown(value)));
        }
        seen.insert(labels);
    }
    all_seen(want, &seen)
}

fn all_seen(want: &[ExpectedSeries], seen: &HashSet<&Labels>) -> Result<(), String> {
    match want.iter().find(|series| !seen.contains(&series.labels)) {
        Some(series) => Err(format!("missing {} {:?}", series.labels, series.points)),
        None => Ok(()),
    }
}

fn matrix(want: &[ExpectedSeries], got: &[Series], times: RangeTimes) -> Result<(), String> {
    if got.windows(2).any(|pair| pair[0].labels > pair[1].labels) {
        return Err("series are not sorted by labels".into());
    }
    let mut seen = HashSet::new();
    for series in got {
        let labels = &series.labels;
        let mut points: Vec<(i64, SampleValue)> =
            series.floats().map(|(t, v)| (t, SampleValue::Float(v))).collect();
        let histograms = series.histograms();
        points.extend(histograms.map(|(t, h)| (t, SampleValue::Histogram(h.clone()))));
        points.sort_by_key(|(t, _)| *t);
        let shown = || {
            let points = points.iter().map(|(t, value)| format!("{}@{t}", Shown(value)));
            points.collect::<Vec<_>>().join(" ")
        };
        let Some((_, expected)) = find(want, labels) else {
            return Err(format!("unexpected {labels} {}", shown()));
        };
        let at = |i: usize| times.start_ms + times.step_ms * i as i64;
        let expected: Vec<(i64, &Point)> = expected
            .points
            .iter()
            .enumerate()
            .filter(|(_, point)| !matches!(point, Point::Omitted))
            .map(|(i, point)| (at(i), point))
            .collect();
        if expected.len() != points.len() {
            return Err(format!(
                "expected {} points of {labels}, got {}: {}",
                expected.len(),
                points.len(),
                shown()
            ));
        }
        for ((want_t, point), (t, value)) in expected.iter().zip(&points) {
            if want_t != t || !same(point, value) {
                return Err(format!("expected {labels} {point:?}@{want_t}, got {}", shown()));
            }
        }
        seen.insert(labels);
    }
    all_seen(want, &seen)
}

struct Shown<'v>(&'v SampleValue);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SampleValue::Float(v) => write!(f, "{v}"),
            SampleValue::Histogram(h) => write!(f, "{h:?}"),
        }
    }
}

fn same(point: &Point, value: &SampleValue) -> bool {
    match (point, value) {
        (Point::Float(want), SampleValue::Float(v)) => almost_equal(*want, *v),
        (Point::Histogram { h, hint_given }, SampleValue::Histogram(got)) => {
            same_histogram(h, got)
                && (!hint_given || h.counter_reset_hint == got.counter_reset_hint)
        }
        _ => false,
    }
}

fn same_histogram(want: &FloatHistogram, got: &FloatHistogram) -> bool {
    let (want, got) = (histogram::compact(want.clone()), histogram::compact(got.clone()));
    let all_equal = |a: &[f64], b: &[f64]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| almost_equal(*a, *b))
    };
    want.schema == got.schema
        && almost_equal(want.count, got.count)
        && almost_equal(want.sum, got.sum)
        && want.custom_values == got.custom_values
        && want.zero_threshold == got.zero_threshold
        && almost_equal(want.zero_count, got.zero_count)
        && want.positive_spans == got.positive_spans
        && want.negative_spans == got.negative_spans
        && all_equal(&want.positive_buckets, &got.positive_buckets)
        && all_equal(&want.negative_buckets, &got.negative_buckets)
}

/// Equal but for a relative error; staleness markers equal only each other.
pub(super) fn almost_equal(a: f64, b: f64) -> bool {
    if model::is_stale(a) || model::is_stale(b) {
        return model::is_stale(a) && model::is_stale(b);
    }
    if (a.is_nan() && b.is_nan()) || a == b {
        return true;
    }
    let (diff, size) = ((a - b).abs(), a.abs() + b.abs());
    if a == 0.0 || b == 0.0 || size < f64::MIN_POSITIVE {
        return diff < TOLERANCE * f64::MIN_POSITIVE;
    }
    diff / size.min(f64::MAX) < TOLERANCE
}
