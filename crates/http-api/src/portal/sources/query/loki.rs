//! Queries to Loki: lines become one frame of labels, time and line; what LogQL counts becomes
//! frames as Prometheus' are.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use axum::http::StatusCode;
use portal::tables::DataSourceRow;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Context;
use super::fetch::{self, Question};
use super::frame::{Column, Config, Field, Frame, Meta};
use super::interval::{duration_ms, in_words};
use super::outcome::{Failure, Outcome};
use super::prometheus::read::{self, BadReply};
use super::prometheus::{Kind, Naming, Series};
use super::wire::{Query, flag, integer, text};
use crate::portal::data_sources::json_data;
use crate::portal::ui::{Times, fill_in, legend_name};

/// Points of a range that Loki answers.
const SAFE_POINTS: i64 = 11_000;

/// What one query asks of a Loki.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Plan {
    expr: String,
    legend: String,
    range: bool,
    step_ms: i64,
    question: Question,
}

pub(super) async fn ask(context: &Context, row: &DataSourceRow, query: &Query) -> Outcome {
    let plan = plan(query, &json_data(&row.source.json_data))?;
    let question = plan.question.clone();
    fetch::ask(context, row, question, move |status, body| {
        if status != StatusCode::OK {
            return Err(fetch::refused(status, &words(body)));
        }
        frames(body, &plan).map_err(|bad| match bad {
            BadReply::Error(text) => Failure::downstream(StatusCode::BAD_GATEWAY, text),
            BadReply::Shape(reason) => fetch::unreadable(&reason),
        })
    })
    .await
}

fn plan(query: &Query, settings: &Value) -> Result<Plan, Failure> {
    let model = &query.model;
    let expr = text(model, "expr");
    if expr.trim().is_empty() {
        return Err(Failure::bad_query("the query has no expression (expr)"));
    }
    let range = match query.kind.as_str() {
        "range" => true,
        "instant" => false,
        // Older dashboards say it as Prometheus' do.
        "" => !flag(model, "instant") || flag(model, "range"),
        other => return Err(Failure::bad_query(format!("invalid queryType: {other}"))),
    };
    let range_ms = query.to_ms - query.from_ms;
    let interval_ms = if query.interval_ms > 0 { query.interval_ms } else { 1000 };
    let resolution = integer(model.get("resolution")).filter(|n| matches!(n, 1..=5 | 10));
    let step_ms = match duration_ms(text(model, "step")) {
        Some(step_ms) => step_ms.saturating_mul(resolution.unwrap_or(1)),
        None => interval_ms
            .saturating_mul(resolution.unwrap_or(1))
            .max(range_ms / SAFE_POINTS + i64::from(range_ms % SAFE_POINTS > 0)),
    };
    let times = Times { step_ms: interval_ms, scrape_interval_ms: interval_ms, range_ms };
    let auto_ms = if range { step_ms } else { range_ms };
    let expr = expr.replace("$__auto", &format!("{}ms", auto_ms.max(1)));
    let expr = fill_in(&expr, &times).into_owned();
    let direction = match text(model, "direction") {
        "" | "backward" | "scan" => "backward",
        "forward" => "forward",
        other => return Err(Failure::bad_query(format!("invalid queryDirection: {other}"))),
    };
    let ns = |ms: i64| format!("{ms}000000");
    let mut form = vec![("query", expr.clone()), ("direction", direction.to_owned())];
    let limit = integer(model.get("maxLines")).or_else(|| integer(settings.get("maxLines")));
    if let Some(limit) = limit.filter(|limit| *limit > 0) {
        form.push(("limit", limit.to_string()));
    }
    let path = if range {
        form.push(("start", ns(query.from_ms)));
        form.push(("end", ns(query.to_ms)));
        form.push(("step", format!("{step_ms}ms")));
        "loki/api/v1/query_range"
    } else {
        form.push(("time", ns(query.to_ms)));
        "loki/api/v1/query"
    };
    let question = Question {
        path: path.to_owned(),
        form,
        // Labels of the stream, of the line and of its metadata are told apart.
        headers: vec![("x-loki-response-encoding-flags", "categorize-labels")],
        posted: false,
    };
    Ok(Plan { expr, legend: text(model, "legendFormat").to_owned(), range, step_ms, question })
}

/// Loki's own words: a JSON object with a message, or a line.
fn words(body: &[u8]) -> String {
    let message = serde_json::from_slice::<Value>(body).ok();
    let message = message.as_ref().and_then(|value| value.get("message")).and_then(Value::as_str);
    message.map_or_else(|| String::from_utf8_lossy(body).into_owned(), str::to_owned)
}

fn frames(body: &[u8], plan: &Plan) -> Result<Vec<Frame>, BadReply> {
    let (data, _) = read::data(body)?;
    let (kind, result) = read::result(data)?;
    if kind == "streams" {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Flags {
            #[serde(default)]
            encoding_flags: Vec<String>,
        }
        let flags: Flags = read::parse(data.get().as_bytes())?;
        let categorized = flags.encoding_flags.iter().any(|flag| flag == "categorize-labels");
        let streams: Vec<Stream<'_>> = read::parse(result.get().as_bytes())?;
        return Ok(vec![lines(streams, categorized, plan)?]);
    }
    let reply = read::of_kind(&kind, result.get().as_bytes())?;
    let executed = if plan.range {
        format!("Expr: {}\nStep: {}", plan.expr, in_words(plan.step_ms))
    } else {
        format!("Expr: {}", plan.expr)
    };
    let mut frames: Vec<Frame> =
        reply.series.into_iter().map(|series| numbers(reply.kind, series, plan)).collect();
    if frames.is_empty() {
        frames.push(Frame::default());
    }
    for frame in &mut frames {
        frame.meta.executed_query_string.clone_from(&executed);
    }
    Ok(frames)
}

fn numbers(kind: Kind, series: Series, plan: &Plan) -> Frame {
    let meta_kind = if kind == Kind::Matrix { "timeseries-multi" } else { "numeric-multi" };
    let mut time = Field::new("Time", Column::Time(series.t_ms));
    time.config.interval = plan.range.then_some(plan.step_ms);
    // Loki prints an empty label set as `{}`, which says more than the expression would.
    let naming = Naming { expr: "{}", legend: &plan.legend };
    let shown = legend_name(naming.legend, &series.labels, naming.expr);
    let mut value = Field::labelled("Value", series.labels, Column::Number(series.v));
    value.config.display_name = shown;
    Frame {
        meta: Meta { kind: Some(meta_kind), type_version: [0, 1], ..Meta::default() },
        fields: vec![time, value],
        ..Frame::default()
    }
}

#[derive(Deserialize)]
struct Stream<'a> {
    #[serde(default)]
    stream: BTreeMap<String, String>,
    #[serde(default, borrow)]
    values: Vec<Line<'a>>,
}

/// Nanoseconds, the line, and labels of its own.
#[derive(Deserialize)]
struct Line<'a>(
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(default)] OfLine,
);

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OfLine {
    structured_metadata: BTreeMap<String, String>,
    parsed: BTreeMap<String, String>,
}

/// All lines of all streams, in the order of the answer.
fn lines(streams: Vec<Stream<'_>>, categorized: bool, plan: &Plan) -> Result<Frame, BadReply> {
    let (mut labels, mut times, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    let (mut times_ns, mut ids, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen: HashMap<String, usize> = HashMap::new();
    for stream in streams {
        let of_stream = Value::from(object(&stream.stream));
        let kinds_of_stream = object_of(stream.stream.keys(), "I");
        for Line(ns, line, own) in stream.values {
            let t_ns: i64 = ns
                .parse()
                .map_err(|_| BadReply::Shape(format!("{ns:?} is no time in nanoseconds")))?;
            let mut all = of_stream.clone();
            let mut kinds_of_line = kinds_of_stream.clone();
            for (kind, more) in [("S", &own.structured_metadata), ("P", &own.parsed)] {
                if let Some(all) = all.as_object_mut() {
                    all.extend(object(more));
                }
                kinds_of_line.extend(object_of(more.keys(), kind));
            }
            let sum = checksum(&ns, &line, &all);
            let count = seen.entry(sum.clone()).or_default();
            ids.push(if *count == 0 { sum } else { format!("{sum}_{count}") });
            *count += 1;
            labels.push(all);
            kinds.push(Value::from(kinds_of_line));
            times.push(t_ns);
            times_ns.push(ns.into_owned());
            texts.push(line.into_owned());
        }
    }
    let mut fields = vec![
        Field::new("labels", Column::Json(labels)),
        Field::new("Time", Column::TimeNs(times)),
        Field::new("Line", Column::Text(texts)),
        Field::new("tsNs", Column::Text(times_ns)),
    ];
    if categorized {
        let custom = Map::from_iter([("hidden".to_owned(), Value::Bool(true))]);
        let mut kinds = Field::new("labelTypes", Column::Json(kinds));
        kinds.config = Config { custom, ..Config::default() };
        fields.push(kinds);
    }
    fields.push(Field::new("id", Column::Text(ids)));
    Ok(Frame {
        meta: Meta {
            custom: Map::from_iter([("frameType".to_owned(), "LabeledTimeValues".into())]),
            executed_query_string: format!("Expr: {}", plan.expr),
            ..Meta::default()
        },
        fields,
        ..Frame::default()
    })
}

fn object(labels: &BTreeMap<String, String>) -> Map<String, Value> {
    labels.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
}

fn object_of<'a>(names: impl Iterator<Item = &'a String>, value: &str) -> Map<String, Value> {
    names.map(|name| (name.clone(), Value::from(value))).collect()
}

/// Tells lines apart for a browser that asks again. Source: FNV-1, 32 bits (Fowler, Noll, Vo).
fn checksum(ns: &str, line: &str, labels: &Value) -> String {
    let text = format!("{line}_{labels}");
    let hash = text
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| hash.wrapping_mul(0x0100_0193) ^ u32::from(byte));
    format!("{ns}_{hash:x}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::wire::{Query, Target};
    use super::{Plan, frames, plan, words};

    fn planned(model: &Value, settings: &Value) -> Result<Plan, String> {
        let query = Query {
            ref_id: "A".into(),
            target: Target::BuiltIn,
            hidden: false,
            kind: model["queryType"].as_str().unwrap_or_default().to_owned(),
            interval_ms: 15_000,
            max_data_points: 100,
            from_ms: 1_000,
            to_ms: 61_000,
            model: model.as_object().unwrap().clone(),
        };
        plan(&query, settings).map_err(|failure| failure.text)
    }

    #[test]
    fn queries_are_asked_as_grafana_asks_them() {
        let check = |model: Value, settings: Value, want: &str| {
            let plan = planned(&model, &settings).unwrap();
            let form = serde_urlencoded::to_string(&plan.question.form).unwrap();
            assert_eq!(format!("{}?{form}", plan.question.path), want);
        };
        check(
            json!({ "expr": "{a=\"b\"}", "queryType": "range", "maxLines": 10 }),
            json!({}),
            "loki/api/v1/query_range?query=%7Ba%3D%22b%22%7D&direction=backward&limit=10\
             &start=1000000000&end=61000000000&step=15000ms",
        );
        check(
            json!({ "expr": "rate({a=\"b\"}[$__auto])", "instant": true, "direction": "forward" }),
            json!({ "maxLines": "50" }),
            "loki/api/v1/query?query=rate%28%7Ba%3D%22b%22%7D%5B60000ms%5D%29&direction=forward\
             &limit=50&time=61000000000",
        );
        check(
            json!({ "expr": "x[$__interval]", "resolution": 2 }),
            json!({}),
            "loki/api/v1/query_range?query=x%5B15s%5D&direction=backward&start=1000000000\
             &end=61000000000&step=30000ms",
        );
        for (model, want) in [
            (json!({}), "no expression"),
            (json!({ "expr": ["x"] }), "no expression"),
            (json!({ "expr": "x", "queryType": "stream" }), "invalid queryType: stream"),
            (json!({ "expr": "x", "direction": "up" }), "invalid queryDirection: up"),
        ] {
            assert!(planned(&model, &json!({})).unwrap_err().contains(want), "{model}");
        }
    }

    fn shown(data: &Value) -> Value {
        let plan = planned(&json!({ "expr": "x", "legendFormat": "" }), &json!({})).unwrap();
        let body = json!({ "status": "success", "data": data }).to_string();
        let mut out = vec![b'['];
        for frame in frames(body.as_bytes(), &plan).unwrap() {
            frame.push(&mut out, "A");
        }
        out.push(b']');
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn lines_come_with_labels_time_and_id() {
        let got = shown(&json!({ "resultType": "streams", "result": [
            { "stream": { "b": "1", "a": "2" }, "values": [
                ["1700000000000000001", "one"], ["1700000000000000001", "one"],
            ] },
            { "stream": {}, "values": [["1700000001000000000", "two\n\"x\""]] },
        ] }));
        let frame = &got[0];
        let names: Vec<&str> = frame["schema"]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| field["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["labels", "Time", "Line", "tsNs", "id"]);
        assert_eq!(
            frame["schema"]["meta"],
            json!({
                "typeVersion": [0, 0],
                "custom": { "frameType": "LabeledTimeValues" },
                "executedQueryString": "Expr: x",
            })
        );
        let values = &frame["data"]["values"];
        assert_eq!(values[0], json!([{ "a": "2", "b": "1" }, { "a": "2", "b": "1" }, {}]));
        assert_eq!(
            values[1],
            json!([1_700_000_000_000_i64, 1_700_000_000_000_i64, 1_700_000_001_000_i64])
        );
        assert_eq!(frame["data"]["nanos"], json!([null, [1, 1, 0], null, null, null]));
        assert_eq!(values[2], json!(["one", "one", "two\n\"x\""]));
        assert_eq!(values[3][0], "1700000000000000001");
        let ids: Vec<&str> =
            values[4].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        assert_eq!(ids[1], format!("{}_1", ids[0]));
        assert!(ids[0].starts_with("1700000000000000001_"));
    }

    #[test]
    fn labels_of_a_line_say_where_they_are_from() {
        let got = shown(&json!({
            "resultType": "streams",
            "encodingFlags": ["categorize-labels"],
            "result": [{ "stream": { "a": "1" }, "values": [
                ["1", "x", { "structuredMetadata": { "t": "2" }, "parsed": { "p": "3" } }],
                ["2", "y", {}],
            ] }],
        }));
        let values = &got[0]["data"]["values"];
        assert_eq!(values[0], json!([{ "a": "1", "p": "3", "t": "2" }, { "a": "1" }]));
        assert_eq!(values[4], json!([{ "a": "I", "p": "P", "t": "S" }, { "a": "I" }]));
        assert_eq!(
            got[0]["schema"]["fields"][4],
            json!({
                "name": "labelTypes", "type": "other", "typeInfo": { "frame": "json.RawMessage" },
                "config": { "custom": { "hidden": true } },
            })
        );
    }

    #[test]
    fn counts_are_frames_per_series() {
        let got = shown(&json!({ "resultType": "matrix", "result": [
            { "metric": { "level": "error" }, "values": [[1, "2"], [16, "NaN"]] },
        ] }));
        assert_eq!(
            got,
            json!([{
                "schema": {
                    "refId": "A",
                    "meta": {
                        "type": "timeseries-multi",
                        "typeVersion": [0, 1],
                        "executedQueryString": "Expr: x\nStep: 15s",
                    },
                    "fields": [
                        {
                            "name": "Time", "type": "time", "typeInfo": { "frame": "time.Time" },
                            "config": { "interval": 15_000 },
                        },
                        {
                            "name": "Value", "type": "number", "typeInfo": { "frame": "float64" },
                            "labels": { "level": "error" },
                            "config": { "displayNameFromDS": "{level=\"error\"}" },
                        },
                    ],
                },
                "data": { "values": [[1000, 16_000], [2, null]], "entities": [null, { "NaN": [1] }] },
            }])
        );
    }

    #[test]
    fn words_are_lokis() {
        assert_eq!(words(br#"{"message":"parse error"}"#), "parse error");
        assert_eq!(words(b"too many"), "too many");
        assert_eq!(words(b"[1]"), "[1]");
    }
}
