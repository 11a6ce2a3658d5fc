//! The frame of native histograms: their buckets as they are, step by step. `frame.rs` writes the
//! lines of numbers beside it.

use model::{FloatHistogram, Labels};
use promql::histogram::populated_buckets;
use promql::{SampleValue, Value};

use super::frame::{Shown, close, grid, on_step, open, push_head, push_notice, separate};
use super::number::{push_int, push_value};
use super::plan::{Ask, Output};
use crate::portal::sources::{AnsweredSeries, Reply};

/// Buckets that a frame may have: four numbers each, so that a page holds a few megabytes at most.
const BUCKETS_MAX: usize = 200_000;

/// One histogram on its way to the page.
struct Point {
    step: i64,
    count: f64,
    /// `None` where the source tells only buckets.
    sum: Option<f64>,
    /// Lower bound, upper bound, count; from the most negative up.
    buckets: Vec<[f64; 3]>,
}

impl Point {
    fn of(step: i64, h: &FloatHistogram) -> Self {
        let buckets = populated_buckets(h).iter().map(|b| [b.lower, b.upper, b.count]).collect();
        Self { step, count: h.count, sum: Some(h.sum), buckets }
    }
}

/// Appends the frame of the histograms in a range query's answer, when it has any.
pub(super) fn push_range(
    out: &mut Vec<u8>,
    place: &Output,
    ask: &Ask,
    value: &Value,
    max: usize,
) -> Shown {
    let Value::Matrix(all) = value else { return Shown::default() };
    let series = all.iter().filter(|series| series.histograms().next().is_some()).map(|series| {
        let points =
            series.histograms().filter_map(|(t_ms, h)| Some(Point::of(on_step(ask, t_ms)?, h)));
        (&series.labels, points.collect())
    });
    push(out, place, ask, (true, series), max)
}

/// The same of an instant query's; of a range vector the newest, as with numbers.
pub(super) fn push_instant(
    out: &mut Vec<u8>,
    place: &Output,
    ask: &Ask,
    value: &Value,
    max: usize,
) -> Shown {
    let found: Vec<(&Labels, Vec<Point>)> = match value {
        Value::Vector { samples, .. } => samples
            .iter()
            .filter_map(|sample| match &sample.value {
                SampleValue::Histogram(h) => Some((&sample.labels, vec![Point::of(0, h)])),
                SampleValue::Float(_) => None,
            })
            .collect(),
        Value::Matrix(all) => all
            .iter()
            .filter_map(|one| Some((&one.labels, vec![Point::of(0, one.histograms().last()?.1)])))
            .collect(),
        Value::Scalar { .. } | Value::String { .. } => Vec::new(),
    };
    push(out, place, ask, (false, found.into_iter()), max)
}

/// The same of a server's answer, which tells buckets only.
pub(super) fn push_elsewhere(
    out: &mut Vec<u8>,
    place: &Output,
    ask: &Ask,
    (range, reply): (bool, &Reply),
    max: usize,
) -> Shown {
    let series = reply.series.iter().filter(|series| !series.cells.count.is_empty());
    let series = series.map(|series| (&series.labels, points_elsewhere(ask, range, series)));
    push(out, place, ask, (range, series), max)
}

fn points_elsewhere(ask: &Ask, range: bool, series: &AnsweredSeries) -> Vec<Point> {
    let cells = &series.cells;
    let newest = cells.t_ms.iter().copied().max().unwrap_or_default();
    let mut points: Vec<Point> = Vec::new();
    let bounds = cells.lower.iter().zip(&cells.upper).zip(&cells.count);
    for (t_ms, ((lower, upper), count)) in cells.t_ms.iter().zip(bounds) {
        let step = if range { on_step(ask, *t_ms) } else { (*t_ms == newest).then_some(0) };
        let Some(step) = step else { continue };
        if points.last().is_none_or(|point| point.step != step) {
            points.push(Point { step, count: 0.0, sum: None, buckets: Vec::new() });
        }
        if let Some(point) = points.last_mut() {
            point.count += count;
            point.buckets.push([*lower, *upper, *count]);
        }
    }
    points
}

fn push<'a>(
    out: &mut Vec<u8>,
    place: &Output,
    ask: &Ask,
    (range, series): (bool, impl Iterator<Item = (&'a Labels, Vec<Point>)>),
    max: usize,
) -> Shown {
    let mut series = series.peekable();
    let mut shown = Shown::default();
    if series.peek().is_none() {
        return shown;
    }
    open(out, place, "histograms");
    let (t0, points) = if range { (ask.start_ms, None) } else { (ask.at_ms, Some(1)) };
    grid(out, ask, t0, points);
    let (mut buckets, mut total) = (0, 0);
    for (labels, points) in series {
        total += 1;
        buckets += points.iter().map(|point| point.buckets.len()).sum::<usize>();
        if shown.series == max || (buckets > BUCKETS_MAX && shown.series > 0) {
            continue;
        }
        separate(out, shown.series);
        push_head(out, place, ask, labels);
        out.extend_from_slice(b",\"points\":[");
        for (i, point) in points.iter().enumerate() {
            separate(out, i);
            push_point(out, point);
        }
        out.extend_from_slice(b"]}");
        shown.samples += points.len();
        shown.series += 1;
    }
    close(out);
    if shown.series < total {
        let notice = format!("first {} of {total} histogram series", shown.series);
        push_notice(out, place, &notice);
    }
    shown
}

/// `[step, count, sum, [lower, upper, count, lower, …]]`
fn push_point(out: &mut Vec<u8>, point: &Point) {
    out.push(b'[');
    push_int(out, point.step);
    out.push(b',');
    push_value(out, Some(point.count));
    out.push(b',');
    push_value(out, point.sum);
    out.extend_from_slice(b",[");
    for (i, number) in point.buckets.iter().flatten().enumerate() {
        separate(out, i);
        push_value(out, Some(*number));
    }
    out.extend_from_slice(b"]]");
}
