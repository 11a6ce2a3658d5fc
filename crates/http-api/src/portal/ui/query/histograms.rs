//! The frame of native histograms: their buckets as they are, step by step. `frame.rs` writes the
//! lines of numbers beside it.

use model::{FloatHistogram, Labels};
use promql::histogram::populated_buckets;
use promql::{SampleValue, Value};

use super::frame::{
    Shown, close, grid, on_step, open, push_error, push_head, push_notice, separate, thousands,
};
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
        let points = series.histograms().rev();
        let points = points.filter_map(|(t_ms, h)| Some(Point::of(on_step(ask, t_ms)?, h)));
        (&series.labels, points)
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
    let found: Vec<(&Labels, &FloatHistogram)> = match value {
        Value::Vector { samples, .. } => samples
            .iter()
            .filter_map(|sample| match &sample.value {
                SampleValue::Histogram(h) => Some((&sample.labels, &**h)),
                SampleValue::Float(_) => None,
            })
            .collect(),
        Value::Matrix(all) => all
            .iter()
            .filter_map(|one| Some((&one.labels, &**one.histograms().next_back()?.1)))
            .collect(),
        Value::Scalar { .. } | Value::String { .. } => Vec::new(),
    };
    let series =
        found.into_iter().map(|(labels, h)| (labels, std::iter::once_with(|| Point::of(0, h))));
    push(out, place, ask, (false, series), max)
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

/// From the newest to the oldest.
fn points_elsewhere(
    ask: &Ask,
    range: bool,
    series: &AnsweredSeries,
) -> impl Iterator<Item = Point> {
    let cells = &series.cells;
    let newest = cells.t_ms.iter().copied().max().unwrap_or_default();
    let mut end = cells.t_ms.len();
    cells.t_ms.chunk_by(|a, b| a == b).rev().filter_map(move |same| {
        let at = end - same.len()..end;
        end = at.start;
        let t_ms = *same.first()?;
        let step = if range { on_step(ask, t_ms) } else { (t_ms == newest).then_some(0) };
        let bounds = cells.lower[at.clone()].iter().zip(&cells.upper[at.clone()]);
        let buckets = bounds.zip(&cells.count[at]);
        let buckets: Vec<[f64; 3]> = buckets.map(|((l, u), count)| [*l, *u, *count]).collect();
        let count = buckets.iter().map(|[_, _, count]| count).sum();
        Some(Point { step: step?, count, sum: None, buckets })
    })
}

/// What there is room for of a series.
struct Fitting {
    /// The newest ones, oldest first.
    points: Vec<Point>,
    /// Buckets of the newest point that found no room.
    refused: Option<usize>,
}

/// No more points than have room for their buckets.
fn fitting(newest_first: impl Iterator<Item = Point>, room: usize) -> Fitting {
    let (mut points, mut left, mut refused) = (Vec::new(), room, None);
    for point in newest_first {
        let Some(rest) = left.checked_sub(point.buckets.len()) else {
            refused = Some(point.buckets.len());
            break;
        };
        left = rest;
        points.push(point);
    }
    points.reverse();
    Fitting { points, refused }
}

/// Series come with their points, the newest first, which are made as they are asked for. Of the
/// first series as many points are shown as there is room for, of others all or none. A series
/// whose newest point alone is too large gives its place to the next.
fn push<'a, P: Iterator<Item = Point>>(
    out: &mut Vec<u8>,
    place: &Output,
    ask: &Ask,
    (range, series): (bool, impl Iterator<Item = (&'a Labels, P)>),
    max: usize,
) -> Shown {
    let mut series = series.peekable();
    let mut shown = Shown::default();
    if series.peek().is_none() {
        return shown;
    }
    let before = out.len();
    open(out, place, "histograms");
    let (t0, points) = if range { (ask.start_ms, None) } else { (ask.at_ms, Some(1)) };
    grid(out, ask, t0, points);
    let (mut room, mut total, mut is_cut) = (BUCKETS_MAX, 0, false);
    // Series without any point that fits, and the buckets of their largest.
    let (mut oversized, mut largest) = (0, 0);
    for (labels, newest_first) in series {
        total += 1;
        if shown.series == max || room == 0 {
            continue;
        }
        let Fitting { points, refused } = fitting(newest_first, room);
        if let Some(buckets) = refused.filter(|_| points.is_empty() && shown.series == 0) {
            oversized += 1;
            largest = largest.max(buckets);
            continue;
        }
        room -= points.iter().map(|point| point.buckets.len()).sum::<usize>();
        if refused.is_some() {
            room = 0;
            if shown.series > 0 {
                continue;
            }
            is_cut = true;
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
    let most = thousands(BUCKETS_MAX);
    if shown.series == 0 && oversized > 0 {
        // Nothing to draw: the reason stands in its place.
        out.truncate(before);
        let message = format!(
            "the newest histogram has {} buckets, and no more than {most} can be shown: \
             ask for a quantile with histogram_quantile(), or for fewer labels",
            thousands(largest)
        );
        push_error(out, place, &message, "execution");
        shown.whole_only = true;
    } else if oversized > 0 {
        let notice = format!(
            "{} of {total} histogram series: {oversized} with more than {most} buckets in one \
             histogram are not shown",
            shown.series
        );
        push_notice(out, place, &notice);
    } else if is_cut {
        let newest = thousands(shown.samples);
        let notice = format!(
            "only the newest {newest} steps of the first of {total} histogram series: \
             more than {most} buckets are not shown"
        );
        push_notice(out, place, &notice);
    } else if shown.series < total {
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
