//! The lines of the answer, written straight to bytes; `histograms.rs` writes those of histograms.

use model::Labels;
use promql::{QueryStats, SampleValue, Series, Value};
use serde_json::json;

use super::histograms;
use super::legend;
use super::number::{push_int, push_value};
use super::plan::{Ask, Output};
use crate::portal::sources::{AnsweredSeries, Reply};

/// What was shown of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) series: usize,
    pub(super) samples: usize,
    /// Not to be put together from parts of different times: series are left out, or there are
    /// native histograms.
    pub(super) whole_only: bool,
}

/// Where a frame goes: to a place, of an ask.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) place: &'a Output,
    pub(super) ask: &'a Ask,
    /// First step of the whole grid, when the ask is for the tail of it.
    pub(super) whole_from_ms: Option<i64>,
    pub(super) series_max: usize,
}

impl Shown {
    fn and(self, other: Self) -> Self {
        Self {
            series: self.series + other.series,
            samples: self.samples + other.samples,
            whole_only: self.whole_only || other.whole_only || other.series > 0,
        }
    }
}

/// Appends the frame of a range query's matrix, and notices of what it leaves out.
pub(super) fn push_range(out: &mut Vec<u8>, to: Target<'_>, value: &Value) -> Shown {
    let place = to.place;
    let all: &[Series] = match value {
        Value::Matrix(series) => series,
        Value::Scalar { .. } | Value::String { .. } | Value::Vector { .. } => &[],
    };
    let total = all.iter().filter(|series| series.floats().next().is_some()).count();
    let lines = all.iter().filter(|series| series.floats().next().is_some());
    let lines = lines.map(|series| (&series.labels, series.cells()));
    let shown = push_lines(out, to, lines);
    let cut = notice_of_rest(out, place, total, shown.series);
    let shown = Shown { whole_only: cut, ..shown };
    shown.and(histograms::push_range(out, place, to.ask, value, to.series_max))
}

/// The same of a server's answer.
pub(super) fn push_range_elsewhere(out: &mut Vec<u8>, to: Target<'_>, reply: &Reply) -> Shown {
    let Target { place, ask, .. } = to;
    let lines = reply.series.iter().filter(|series| !series.v.is_empty());
    let lines = lines.map(|series| (&series.labels, on_grid(ask, series).into_iter()));
    let shown = push_lines(out, to, lines);
    let total = reply.series.iter().filter(|series| !series.v.is_empty()).count();
    let cut = notice_of_rest(out, place, total, shown.series);
    let shown = Shown { whole_only: cut, ..shown };
    shown.and(histograms::push_elsewhere(out, place, ask, (true, reply), to.series_max))
}

/// The step of the grid that a moment is; `None` beside the grid.
pub(super) fn on_step(ask: &Ask, t_ms: i64) -> Option<i64> {
    // A server elsewhere may say any time.
    let into = t_ms.saturating_sub(ask.start_ms);
    let on = into >= 0 && t_ms <= ask.end_ms && ask.step_ms > 0 && into % ask.step_ms == 0;
    on.then(|| into / ask.step_ms)
}

/// A cell per step; points that lie beside the grid were not asked for.
fn on_grid(ask: &Ask, series: &AnsweredSeries) -> Vec<Option<f64>> {
    let points = ((ask.end_ms - ask.start_ms) / ask.step_ms + 1).max(0) as usize;
    let mut cells = vec![None; points];
    for (t_ms, v) in series.t_ms.iter().zip(&series.v) {
        if let Some(step) = on_step(ask, *t_ms)
            && let Some(cell) = cells.get_mut(step as usize)
        {
            *cell = Some(*v);
        }
    }
    cells
}

fn push_lines<'a, C: Iterator<Item = Option<f64>>>(
    out: &mut Vec<u8>,
    to: Target<'_>,
    lines: impl Iterator<Item = (&'a Labels, C)>,
) -> Shown {
    let Target { place, ask, whole_from_ms, series_max } = to;
    open(out, place, if whole_from_ms.is_some() { "tail" } else { "series" });
    if let Some(from_ms) = whole_from_ms {
        out.extend_from_slice(b",\"from\":");
        push_int(out, from_ms);
    }
    grid(out, ask, ask.start_ms, None);
    let mut shown = Shown::default();
    for (labels, cells) in lines.take(series_max) {
        separate(out, shown.series);
        push_head(out, place, ask, labels);
        out.extend_from_slice(b",\"values\":[");
        for (i, cell) in cells.enumerate() {
            separate(out, i);
            push_value(out, cell);
            shown.samples += usize::from(cell.is_some());
        }
        out.extend_from_slice(b"]}");
        shown.series += 1;
    }
    close(out);
    shown
}

/// `,"time":{…},"series":[`; without a number of points, those of the query's steps.
pub(super) fn grid(out: &mut Vec<u8>, ask: &Ask, t0: i64, points: Option<i64>) {
    out.extend_from_slice(b",\"time\":{\"t0\":");
    push_int(out, t0);
    out.extend_from_slice(b",\"step\":");
    push_int(out, ask.step_ms);
    out.extend_from_slice(b",\"n\":");
    push_int(out, points.unwrap_or_else(|| (ask.end_ms - ask.start_ms) / ask.step_ms + 1));
    out.extend_from_slice(b"},\"series\":[");
}

pub(super) fn close(out: &mut Vec<u8>) {
    out.extend_from_slice(b"]}}\n");
}

/// Appends the frame of an instant query.
pub(super) fn push_instant(
    out: &mut Vec<u8>,
    place: &Output,
    ask: &Ask,
    value: &Value,
    series_max: usize,
) -> Shown {
    let empty = Labels::empty();
    let mut found: Vec<(&Labels, f64)> = Vec::new();
    match value {
        Value::Scalar { v, .. } => found.push((&empty, *v)),
        Value::String { .. } => {}
        Value::Vector { samples, .. } => {
            found.extend(samples.iter().filter_map(|sample| match &sample.value {
                SampleValue::Float(v) => Some((&sample.labels, *v)),
                SampleValue::Histogram(_) => None,
            }));
        }
        // A range vector has no one value; its newest sample is what stands at this time.
        Value::Matrix(all) => {
            found.extend(all.iter().filter_map(|one| Some((&one.labels, one.floats().last()?.1))));
        }
    }
    let shown = push_values(out, place, ask, &found, series_max);
    if let Value::String { text, .. } = value {
        push_notice(out, place, &format!("the answer is a text: {text}"));
    }
    notice_of_rest(out, place, found.len(), shown.series);
    shown.and(histograms::push_instant(out, place, ask, value, series_max))
}

/// The same of a server's answer.
pub(super) fn push_instant_elsewhere(
    out: &mut Vec<u8>,
    place: &Output,
    ask: &Ask,
    reply: &Reply,
    series_max: usize,
) -> Shown {
    let newest = reply.series.iter().filter_map(|one| Some((&one.labels, *one.v.last()?)));
    let found: Vec<(&Labels, f64)> = newest.collect();
    let shown = push_values(out, place, ask, &found, series_max);
    if !reply.text.is_empty() {
        push_notice(out, place, &format!("the answer is a text: {}", reply.text));
        return shown;
    }
    notice_of_rest(out, place, found.len(), shown.series);
    shown.and(histograms::push_elsewhere(out, place, ask, (false, reply), series_max))
}

fn push_values(
    out: &mut Vec<u8>,
    place: &Output,
    ask: &Ask,
    found: &[(&Labels, f64)],
    series_max: usize,
) -> Shown {
    open(out, place, "instant");
    out.extend_from_slice(b",\"t\":");
    push_int(out, ask.at_ms);
    out.extend_from_slice(b",\"series\":[");
    let kept = &found[..found.len().min(series_max)];
    for (i, (labels, v)) in kept.iter().enumerate() {
        separate(out, i);
        push_head(out, place, ask, labels);
        out.extend_from_slice(b",\"value\":");
        push_value(out, Some(*v));
        out.push(b'}');
    }
    out.extend_from_slice(b"]}}\n");
    Shown { series: kept.len(), samples: kept.len(), whole_only: false }
}

/// Says how many are left out, and whether any are.
fn notice_of_rest(out: &mut Vec<u8>, place: &Output, total: usize, shown: usize) -> bool {
    let cut = shown < total;
    if cut {
        let (shown, total) = (thousands(shown), thousands(total));
        push_notice(out, place, &format!("first {shown} of {total} series"));
    }
    cut
}

/// `{"id":…,"refId":…,"frame":{"kind":…`
pub(super) fn open(out: &mut Vec<u8>, place: &Output, kind: &str) {
    out.extend_from_slice(b"{\"id\":");
    push_text(out, &place.id);
    out.extend_from_slice(b",\"refId\":");
    push_text(out, &place.ref_id);
    out.extend_from_slice(b",\"frame\":{\"kind\":");
    push_text(out, kind);
}

/// `{"name":…,"labels":{…}`
pub(super) fn push_head(out: &mut Vec<u8>, place: &Output, ask: &Ask, labels: &Labels) {
    out.extend_from_slice(b"{\"name\":");
    push_text(out, &legend::name(&place.legend, labels, &ask.expr));
    out.extend_from_slice(b",\"labels\":{");
    for (i, (name, value)) in labels.iter().enumerate() {
        separate(out, i);
        push_text(out, name);
        out.push(b':');
        push_text(out, value);
    }
    out.push(b'}');
}

pub(super) fn push_notice(out: &mut Vec<u8>, place: &Output, notice: &str) {
    push_line(out, &json!({ "id": place.id, "refId": place.ref_id, "notice": notice }));
}

pub(super) fn push_error(out: &mut Vec<u8>, place: &Output, message: &str, kind: &str) {
    let error = json!({ "message": message, "type": kind });
    push_line(out, &json!({ "id": place.id, "refId": place.ref_id, "error": error }));
}

/// What an evaluation took, of whom it was asked, and how to ask for what is new since.
pub(super) struct Took<'a> {
    pub(super) ms: f64,
    /// `None` when a server elsewhere was asked, which tells nothing of its work.
    pub(super) engine: Option<&'a QueryStats>,
    /// To be sent back by a client that asks again.
    pub(super) tag: Option<String>,
}

pub(super) fn push_done(
    out: &mut Vec<u8>,
    place: &Output,
    ask: &Ask,
    took: &Took<'_>,
    shown: Shown,
) {
    let mut done = json!({
        "ms": tenths(took.ms),
        "series": shown.series,
        "samples": shown.samples,
        "stepMs": ask.step_ms,
    });
    if let Some(tag) = &took.tag {
        done["tag"] = json!(tag);
    }
    if let Some(stats) = took.engine {
        let steps = if ask.range { (ask.end_ms - ask.start_ms) / ask.step_ms + 1 } else { 0 };
        done["engine"] = json!({
            "seriesSelected": stats.series_selected,
            "samplesRead": stats.samples_read,
            "samplesPeak": stats.samples_peak,
            "steps": steps,
            "stepsCached": stats.steps_cached,
            "prepareMs": tenths(stats.prepare_time.as_secs_f64() * 1000.0),
            "evalMs": tenths(stats.eval_time.as_secs_f64() * 1000.0),
            "sortMs": tenths(stats.sort_time.as_secs_f64() * 1000.0),
        });
    }
    push_line(out, &json!({ "id": place.id, "refId": place.ref_id, "done": done }));
}

fn tenths(ms: f64) -> f64 {
    (ms * 10.0).round() / 10.0
}

fn push_line(out: &mut Vec<u8>, line: &serde_json::Value) {
    out.extend_from_slice(line.to_string().as_bytes());
    out.push(b'\n');
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    // Writing a string to a vector cannot fail.
    serde_json::to_writer(&mut *out, text).expect("strings are JSON");
}

pub(super) fn separate(out: &mut Vec<u8>, index: usize) {
    if index > 0 {
        out.push(b',');
    }
}

/// 4032 → `4,032`
pub(super) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
