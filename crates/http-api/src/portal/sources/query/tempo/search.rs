//! Searches for traces: a table of traces, or of the spans that were found in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::fetch::Question;
use super::super::frame::{Column, Field, Frame, Meta};
use super::super::wire::{Query, integer};
use super::otlp::{list, plain, text, whole};

/// Traces of a search that does not say; Grafana's number.
const LIMIT: i64 = 20;
/// Spans per trace, likewise.
const SPANS: i64 = 3;

pub(super) fn question(query: &Query, words: &str) -> Question {
    let number = |name: &str, default: i64| {
        integer(query.model.get(name)).filter(|n| *n > 0).unwrap_or(default).to_string()
    };
    let words = if words.is_empty() { "{}" } else { words };
    let form = vec![
        ("q", words.to_owned()),
        ("limit", number("limit", LIMIT)),
        ("spss", number("spss", SPANS)),
        ("start", (query.from_ms / 1000).to_string()),
        ("end", (query.to_ms / 1000).to_string()),
    ];
    Question { path: "api/search".to_owned(), form, ..Question::default() }
}

pub(super) fn traces(value: &Value) -> Frame {
    let all: Vec<&Value> = list(value, "traces").collect();
    let texts = |name: &str| Column::Text(all.iter().map(|t| text(t, name).to_owned()).collect());
    let starts = all.iter().map(|trace| whole(trace, "startTimeUnixNano")).collect();
    let durations = all.iter().map(|trace| Some(whole(trace, "durationMs") as f64)).collect();
    let mut duration = Field::new("traceDuration", Column::Sparse(durations));
    "ms".clone_into(&mut duration.config.unit);
    let fields = vec![
        Field::new("traceID", texts("traceID")),
        Field::new("startTime", Column::TimeNs(starts)),
        Field::new("traceService", texts("rootServiceName")),
        Field::new("traceName", texts("rootTraceName")),
        duration,
    ];
    let meta = Meta { shown_as: Some("table"), ..Meta::default() };
    Frame { name: "Traces".to_owned(), meta, fields }
}

/// A span with the trace that it was found in.
struct Found<'a> {
    trace: &'a Value,
    span: &'a Value,
    attributes: BTreeMap<&'a str, String>,
}

pub(super) fn spans(value: &Value) -> Frame {
    let mut found: Vec<Found<'_>> = Vec::new();
    for trace in list(value, "traces") {
        // Older servers have one set of spans, later ones several and the one beside them.
        let several: Vec<&Value> = list(trace, "spanSets").collect();
        let sets = if several.is_empty() { vec![&trace["spanSet"]] } else { several };
        for set in sets {
            for span in list(set, "spans") {
                let attributes = list(span, "attributes").chain(list(set, "attributes"));
                let attributes = attributes.map(|a| (text(a, "key"), shown(&plain(&a["value"]))));
                found.push(Found { trace, span, attributes: attributes.collect() });
            }
        }
    }
    let of_trace =
        |name: &str| Column::Text(found.iter().map(|f| text(f.trace, name).to_owned()).collect());
    let of_span =
        |name: &str| Column::Text(found.iter().map(|f| text(f.span, name).to_owned()).collect());
    let starts = found.iter().map(|f| whole(f.span, "startTimeUnixNano")).collect();
    let durations = found.iter().map(|f| Some(whole(f.span, "durationNanos") as f64)).collect();
    let mut duration = Field::new("duration", Column::Sparse(durations));
    "ns".clone_into(&mut duration.config.unit);
    let mut fields = vec![
        Field::new("traceIdHidden", of_trace("traceID")),
        Field::new("traceService", of_trace("rootServiceName")),
        Field::new("traceName", of_trace("rootTraceName")),
        Field::new("spanID", of_span("spanID")),
        Field::new("time", Column::TimeNs(starts)),
        Field::new("name", of_span("name")),
    ];
    let names: BTreeSet<&str> = found.iter().flat_map(|f| f.attributes.keys().copied()).collect();
    for name in names {
        let column = found.iter().map(|f| f.attributes.get(name).cloned().unwrap_or_default());
        fields.push(Field::new(name, Column::Text(column.collect())));
    }
    fields.push(duration);
    let meta = Meta { shown_as: Some("table"), ..Meta::default() };
    Frame { name: "Spans".to_owned(), meta, fields }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{spans, traces};

    #[test]
    fn searches_are_tables() {
        let found = json!({ "traces": [{
            "traceID": "1a", "rootServiceName": "shop", "rootTraceName": "GET /",
            "startTimeUnixNano": "1700000000000000001", "durationMs": 12,
            "spanSets": [{ "spans": [
                { "spanID": "5", "name": "db", "startTimeUnixNano": "1700000000000000000", "durationNanos": "3000",
                  "attributes": [{ "key": "db.rows", "value": { "intValue": "7" } }] },
                { "spanID": "6", "startTimeUnixNano": "1700000000000000000" },
            ] }],
        }] });
        let columns = |frame: super::Frame| {
            let mut out = Vec::new();
            frame.push(&mut out, "A");
            let got: Value = serde_json::from_slice(&out).unwrap();
            let names = got["schema"]["fields"].as_array().unwrap().iter();
            let names: Vec<Value> = names.map(|field| field["name"].clone()).collect();
            json!(names.iter().zip(got["data"]["values"].as_array().unwrap()).collect::<Vec<_>>())
        };
        assert_eq!(
            columns(traces(&found)),
            json!([
                ["traceID", ["1a"]],
                ["startTime", [1_700_000_000_000_i64]],
                ["traceService", ["shop"]],
                ["traceName", ["GET /"]],
                ["traceDuration", [12]],
            ])
        );
        assert_eq!(
            columns(spans(&found)),
            json!([
                ["traceIdHidden", ["1a", "1a"]],
                ["traceService", ["shop", "shop"]],
                ["traceName", ["GET /", "GET /"]],
                ["spanID", ["5", "6"]],
                ["time", [1_700_000_000_000_i64, 1_700_000_000_000_i64]],
                ["name", ["db", ""]],
                ["db.rows", ["7", ""]],
                ["duration", [3000, 0]],
            ])
        );
        for odd in [json!({}), json!([]), json!({ "traces": "no" })] {
            assert_eq!(traces(&odd).fields.len(), 5);
            assert_eq!(spans(&odd).fields.len(), 7);
        }
    }
}
