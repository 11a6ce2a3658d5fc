//! A query's answer as the reference's JSON, written piece by piece while the client reads it: a
//! large result is never in memory a second time as text.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use promql::{QueryResult, QueryStats, SampleValue, Series, Value, VectorSample};
use serde_json::json;

use super::format::{
    PointStarts, push_histogram_point, push_labels, push_point, push_string, push_time,
};
use super::wire::push_notes;

/// A piece is handed out when it is at least this long, or the answer ends.
const PIECE_BYTES: usize = 64 << 10;

/// Warnings, and infos, that are shown; the rest is counted. As the reference's.
const NOTES_MAX: usize = 10;

/// What a client may ask beside the result.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    /// Elements of the result, 0 = all.
    pub(crate) limit: usize,
    /// The parameter `stats`.
    pub(crate) stats: String,
    pub(crate) queued: Duration,
    /// First step and distance of steps of the counts by step, Unix milliseconds.
    pub(crate) steps: (i64, i64),
}

/// Renders. Small answers are one body with a length; larger ones are streamed.
pub(crate) fn respond(mut result: QueryResult, shown: &Shown) -> Response {
    let mut tail = Vec::new();
    let mut warnings = std::mem::take(&mut result.warnings);
    let mut infos = std::mem::take(&mut result.infos);
    for (notes, kind) in [(&mut warnings, "warning"), (&mut infos, "info")] {
        if notes.len() > NOTES_MAX {
            let omitted = notes.len() - NOTES_MAX;
            notes.truncate(NOTES_MAX);
            notes.push(format!("{omitted} more {kind} annotations omitted"));
        }
    }
    let cut = cut(&mut result.value, shown.limit);
    if cut {
        warnings.push("results truncated due to limit".to_owned());
    }
    if !matches!(shown.stats.as_str(), "" | "true" | "all") {
        warnings.push(format!(
            "value {:?} for parameter \"stats\" is deprecated and will be rejected in the next major release, use \"true\" or \"all\"",
            shown.stats
        ));
    }
    if !shown.stats.is_empty() {
        push_stats(&mut tail, &result.stats, shown);
    }
    tail.push(b'}');
    push_notes(&mut tail, &warnings, &infos);
    tail.push(b'}');

    let mut head = Vec::with_capacity(PIECE_BYTES / 16);
    head.extend_from_slice(b"{\"status\":\"success\",\"data\":{\"resultType\":");
    push_string(&mut head, result.value.type_name());
    head.extend_from_slice(b",\"result\":");
    let mut pieces = Pieces { head, rest: Rest::of(result.value), tail };
    let first = pieces.next().unwrap_or_default();
    let json = [(header::CONTENT_TYPE, "application/json")];
    if pieces.is_done() {
        return (json, first).into_response();
    }
    let pieces = std::iter::once(first).chain(pieces);
    let body = stream::iter(pieces.map(|piece| Ok::<_, Infallible>(Bytes::from(piece))));
    (json, Body::from_stream(body)).into_response()
}

/// Returns whether elements beyond the limit were left out.
fn cut(value: &mut Value, limit: usize) -> bool {
    if limit == 0 {
        return false;
    }
    let len = match value {
        Value::Scalar { .. } | Value::String { .. } => return false,
        Value::Vector { samples, .. } => {
            let len = samples.len();
            samples.truncate(limit);
            len
        }
        Value::Matrix(series) => {
            let len = series.len();
            series.truncate(limit);
            len
        }
    };
    len > limit
}

/// What is still to be written of a result.
enum Rest {
    One(Value),
    Samples { t_ms: i64, samples: std::vec::IntoIter<VectorSample>, begun: bool },
    Series { series: std::vec::IntoIter<Series>, starts: PointStarts, begun: bool },
    Done,
}

impl Rest {
    fn of(value: Value) -> Self {
        match value {
            Value::Vector { t_ms, samples } => {
                Self::Samples { t_ms, samples: samples.into_iter(), begun: false }
            }
            Value::Matrix(series) => {
                // All series of an answer are over the same steps.
                let grid = series.first().and_then(Series::grid);
                let times = grid.into_iter().flat_map(|g| (0..g.steps).map(|step| g.t_ms(step)));
                let starts = PointStarts::of(times);
                Self::Series { series: series.into_iter(), starts, begun: false }
            }
            one => Self::One(one),
        }
    }

    /// Writes one element, or the end; false when there was nothing left.
    fn push(&mut self, out: &mut Vec<u8>) -> bool {
        let ended = match self {
            Self::Done => return false,
            Self::One(value) => {
                push_one(out, value);
                true
            }
            Self::Samples { t_ms, samples, begun } => {
                let next = samples.next();
                separate(out, begun, next.is_some());
                if let Some(sample) = &next {
                    push_sample(out, *t_ms, sample);
                }
                next.is_none()
            }
            Self::Series { series, starts, begun } => {
                let next = series.next();
                separate(out, begun, next.is_some());
                if let Some(series) = &next {
                    push_series(out, series, starts);
                }
                next.is_none()
            }
        };
        if ended {
            *self = Self::Done;
        }
        true
    }
}

/// `[` before the first element, `,` before the others, `]` behind the last.
fn separate(out: &mut Vec<u8>, begun: &mut bool, more: bool) {
    match (std::mem::replace(begun, true), more) {
        (false, true) => out.push(b'['),
        (false, false) => out.extend_from_slice(b"[]"),
        (true, true) => out.push(b','),
        (true, false) => out.push(b']'),
    }
}

struct Pieces {
    /// Empty once it has been handed out.
    head: Vec<u8>,
    rest: Rest,
    /// Empty once it has been handed out.
    tail: Vec<u8>,
}

impl Pieces {
    fn is_done(&self) -> bool {
        self.tail.is_empty()
    }
}

impl Iterator for Pieces {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.is_done() {
            return None;
        }
        let mut piece = std::mem::take(&mut self.head);
        if piece.is_empty() {
            // Not the first, so this will be filled, and some more by the element that goes beyond.
            piece.reserve(PIECE_BYTES + PIECE_BYTES / 4);
        }
        while piece.len() < PIECE_BYTES {
            if !self.rest.push(&mut piece) {
                piece.append(&mut self.tail);
                break;
            }
        }
        Some(piece)
    }
}

fn push_one(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Scalar { t_ms, v } => push_point(out, *t_ms, *v),
        Value::String { t_ms, text } => {
            out.push(b'[');
            push_time(out, *t_ms);
            out.push(b',');
            push_string(out, text);
            out.push(b']');
        }
        // Written element by element.
        Value::Vector { .. } | Value::Matrix(_) => {}
    }
}

fn push_sample(out: &mut Vec<u8>, t_ms: i64, sample: &VectorSample) {
    push_metric(out, &sample.labels);
    match &sample.value {
        SampleValue::Float(v) => {
            out.extend_from_slice(b",\"value\":");
            push_point(out, t_ms, *v);
        }
        SampleValue::Histogram(h) => {
            out.extend_from_slice(b",\"histogram\":");
            push_histogram_point(out, t_ms, h);
        }
    }
    out.push(b'}');
}

fn push_series(out: &mut Vec<u8>, series: &Series, starts: &PointStarts) {
    push_metric(out, &series.labels);
    let mut begun = false;
    if series.grid().is_some() {
        for (step, cell) in series.cells().enumerate() {
            let Some(v) = cell else { continue };
            push_separator(out, &mut begun, b",\"values\":[");
            starts.push_point(out, step, v);
        }
    } else {
        for (t_ms, v) in series.floats() {
            push_separator(out, &mut begun, b",\"values\":[");
            push_point(out, t_ms, v);
        }
    }
    if begun {
        out.push(b']');
    }
    begun = false;
    for (t_ms, h) in series.histograms() {
        push_separator(out, &mut begun, b",\"histograms\":[");
        push_histogram_point(out, t_ms, h);
    }
    if begun {
        out.push(b']');
    }
    out.push(b'}');
}

/// `first` before the first point, a comma before the others.
fn push_separator(out: &mut Vec<u8>, begun: &mut bool, first: &[u8]) {
    if std::mem::replace(begun, true) {
        out.push(b',');
    } else {
        out.extend_from_slice(first);
    }
}

fn push_metric(out: &mut Vec<u8>, labels: &model::Labels) {
    out.extend_from_slice(b"{\"metric\":");
    push_labels(out, labels);
}

/// `stats=` in the reference's shape: what was measured, in seconds and samples.
fn push_stats(out: &mut Vec<u8>, stats: &QueryStats, shown: &Shown) {
    let seconds = |duration: Duration| duration.as_secs_f64();
    let total = stats.prepare_time + stats.eval_time + stats.sort_time;
    let mut samples = json!({
        "totalQueryableSamples": stats.samples_by_step.iter().sum::<u64>(),
        "samplesRead": stats.samples_new_by_step.iter().sum::<u64>(),
        "seriesTouched": stats.series_selected,
        "peakSamples": stats.samples_peak,
    });
    if shown.stats == "all" {
        let (start_ms, step_ms) = shown.steps;
        let points = |counts: &[u64]| -> serde_json::Value {
            let points = counts.iter().zip(0_i64..).map(|(count, step)| {
                let t_ms = start_ms.saturating_add(step.saturating_mul(step_ms));
                json!([t_ms as f64 / 1000.0, count])
            });
            points.collect()
        };
        samples["totalQueryableSamplesPerStep"] = points(&stats.samples_by_step);
        samples["samplesReadPerStep"] = points(&stats.samples_new_by_step);
    }
    let json = json!({
        "timings": {
            "evalTotalTime": seconds(total),
            "resultSortTime": seconds(stats.sort_time),
            "queryPreparationTime": seconds(stats.prepare_time),
            "innerEvalTime": seconds(stats.eval_time),
            "execQueueTime": seconds(shown.queued),
            "execTotalTime": seconds(total + shown.queued),
        },
        "samples": samples,
    });
    out.extend_from_slice(b",\"stats\":");
    out.extend_from_slice(json.to_string().as_bytes());
}

#[cfg(test)]
mod tests {
    use model::Labels;
    use promql::{QueryResult, QueryStats, SampleValue, Value, VectorSample};

    use super::{Shown, respond};

    fn vector(count: usize) -> QueryResult {
        let sample = |i: usize| VectorSample {
            labels: Labels::from_pairs([("i", i.to_string().as_str())]),
            value: SampleValue::Float(i as f64),
        };
        QueryResult {
            value: Value::Vector { t_ms: 1500, samples: (0..count).map(sample).collect() },
            warnings: Vec::new(),
            infos: vec!["PromQL info: so".to_owned()],
            stats: QueryStats { samples_by_step: vec![2], ..QueryStats::default() },
        }
    }

    async fn text(result: QueryResult, shown: &Shown) -> String {
        let body = respond(result, shown).into_body();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn small_answers() {
        let plain = Shown::default();
        assert_eq!(
            text(vector(0), &plain).await,
            r#"{"status":"success","data":{"resultType":"vector","result":[]},"infos":["PromQL info: so"]}"#
        );
        let limited = Shown { limit: 1, ..Shown::default() };
        assert_eq!(
            text(vector(2), &limited).await,
            r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"i":"0"},"value":[1.500,"0"]}]},"warnings":["results truncated due to limit"],"infos":["PromQL info: so"]}"#
        );
        let scalar = QueryResult { value: Value::Scalar { t_ms: 0, v: 0.5 }, ..vector(0) };
        let got = text(scalar, &plain).await;
        assert!(got.contains(r#""resultType":"scalar","result":[0,"0.5"]}"#), "{got}");
    }

    #[tokio::test]
    async fn large_answers_are_the_same_in_pieces() {
        let got = text(vector(20_000), &Shown::default()).await;
        let json: serde_json::Value = serde_json::from_str(&got).unwrap();
        let result = json["data"]["result"].as_array().unwrap();
        assert_eq!(result.len(), 20_000);
        assert_eq!(result[19_999]["metric"]["i"], "19999");
        assert_eq!(json["infos"][0], "PromQL info: so");
    }

    #[tokio::test]
    async fn statistics_are_shown_when_asked_for() {
        let all = Shown { stats: "all".into(), steps: (1500, 0), ..Shown::default() };
        let json: serde_json::Value = serde_json::from_str(&text(vector(1), &all).await).unwrap();
        let stats = &json["data"]["stats"];
        assert_eq!(stats["samples"]["totalQueryableSamples"], 2);
        assert_eq!(stats["samples"]["totalQueryableSamplesPerStep"][0][0], 1.5);
        assert!(stats["timings"]["execQueueTime"].is_number());
        assert!(json["warnings"].is_null());
        let odd = Shown { stats: "yes".into(), ..Shown::default() };
        let json: serde_json::Value = serde_json::from_str(&text(vector(1), &odd).await).unwrap();
        assert!(json["data"]["stats"]["samples"]["totalQueryableSamplesPerStep"].is_null());
        assert!(json["warnings"][0].as_str().unwrap().contains("deprecated"));
    }
}
