//! A trace by its id: one row per span, as Grafana's trace panel takes it.

use serde_json::{Value, json};

use super::super::fetch::Question;
use super::super::frame::{Column, Field, Frame, Meta};
use super::super::wire::Query;
use super::otlp::{attributes, id, list, text, whole};

/// Whether a text can be a trace's id: hex digits only, at most sixteen bytes.
pub(super) fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `id` has passed [`is_id`].
pub(super) fn question(query: &Query, id: &str) -> Question {
    let mut form = Vec::new();
    // Grafana sends the range where the source says so; without it all blocks are searched, which
    // finds traces that ended after the panel's range.
    if query.model.get("useTimeRange").and_then(Value::as_bool) == Some(true) {
        form.push(("start", (query.from_ms / 1000).to_string()));
        form.push(("end", (query.to_ms / 1000).to_string()));
    }
    Question { path: format!("api/traces/{id}"), form, ..Question::default() }
}

/// The columns of the table, filled span by span.
#[derive(Default)]
struct Rows {
    texts: [Vec<String>; TEXTS.len()],
    status_code: Vec<i64>,
    start_ms: Vec<f64>,
    duration_ms: Vec<f64>,
    jsons: [Vec<Value>; JSONS.len()],
}

const TEXTS: [&str; 10] = [
    "traceID",
    "spanID",
    "parentSpanID",
    "operationName",
    "serviceName",
    "kind",
    "statusMessage",
    "instrumentationLibraryName",
    "instrumentationLibraryVersion",
    "traceState",
];

const JSONS: [&str; 4] = ["serviceTags", "logs", "references", "tags"];

/// A trace in OTLP's JSON: `batches`, `resourceSpans`, or either of them in `trace`.
pub(super) fn frame(value: &Value) -> Frame {
    let trace = value.get("trace").unwrap_or(value);
    let mut rows = Rows::default();
    for batch in list(trace, "batches").chain(list(trace, "resourceSpans")) {
        let resource = &batch["resource"];
        let tags = attributes(resource);
        let service = tags.iter().find(|tag| tag["key"] == "service.name");
        let service = service.and_then(|tag| tag["value"].as_str()).unwrap_or_default();
        // Tempo before 2.0 named scopes after OTLP's first versions.
        let scopes = list(batch, "scopeSpans").chain(list(batch, "instrumentationLibrarySpans"));
        for of_scope in scopes {
            let scope = of_scope.get("scope").or_else(|| of_scope.get("instrumentationLibrary"));
            let scope = scope.unwrap_or(&Value::Null);
            for span in list(of_scope, "spans") {
                rows.push(span, scope, service, &tags);
            }
        }
    }
    rows.into_frame()
}

impl Rows {
    fn push(&mut self, span: &Value, scope: &Value, service: &str, tags: &[Value]) {
        let trace_id = id(span, "traceId", 16);
        let status = &span["status"];
        let texts = [
            // As Grafana shows the ids of systems that have 64 bits.
            trace_id.strip_prefix("0000000000000000").unwrap_or(&trace_id).to_owned(),
            id(span, "spanId", 8),
            id(span, "parentSpanId", 8),
            text(span, "name").to_owned(),
            service.to_owned(),
            kind(&span["kind"]).to_owned(),
            text(status, "message").to_owned(),
            text(scope, "name").to_owned(),
            text(scope, "version").to_owned(),
            text(span, "traceState").to_owned(),
        ];
        for (column, value) in self.texts.iter_mut().zip(texts) {
            column.push(value);
        }
        let (start, end) = (whole(span, "startTimeUnixNano"), whole(span, "endTimeUnixNano"));
        self.status_code.push(status_code(&status["code"]));
        self.start_ms.push(start as f64 / 1e6);
        self.duration_ms.push(end.saturating_sub(start) as f64 / 1e6);
        let jsons =
            [Value::from(tags.to_vec()), logs(span), references(span), attributes(span).into()];
        for (column, value) in self.jsons.iter_mut().zip(jsons) {
            column.push(value);
        }
    }

    fn into_frame(self) -> Frame {
        let texts = TEXTS.iter().zip(self.texts);
        let mut fields: Vec<Field> =
            texts.map(|(name, column)| Field::new(*name, Column::Text(column))).collect();
        fields.insert(6, Field::new("statusCode", Column::Whole(self.status_code)));
        let [service_tags, logs, references, tags] = self.jsons;
        let json = |name: &str, column| Field::new(name, Column::Json(column));
        fields.push(json(JSONS[0], service_tags));
        fields.push(Field::new("startTime", Column::Number(self.start_ms)));
        fields.push(Field::new("duration", Column::Number(self.duration_ms)));
        fields.push(json(JSONS[1], logs));
        fields.push(json(JSONS[2], references));
        fields.push(json(JSONS[3], tags));
        let meta = Meta { shown_as: Some("trace"), ..Meta::default() };
        Frame { name: "Trace".to_owned(), meta, fields }
    }
}

fn kind(value: &Value) -> &'static str {
    match (value.as_str().unwrap_or_default(), value.as_i64().unwrap_or_default()) {
        ("SPAN_KIND_INTERNAL", _) | (_, 1) => "internal",
        ("SPAN_KIND_SERVER", _) | (_, 2) => "server",
        ("SPAN_KIND_CLIENT", _) | (_, 3) => "client",
        ("SPAN_KIND_PRODUCER", _) | (_, 4) => "producer",
        ("SPAN_KIND_CONSUMER", _) | (_, 5) => "consumer",
        _ => "",
    }
}

fn status_code(value: &Value) -> i64 {
    match value.as_str() {
        Some("STATUS_CODE_OK") => 1,
        Some("STATUS_CODE_ERROR") => 2,
        _ => value.as_i64().unwrap_or_default(),
    }
}

fn logs(span: &Value) -> Value {
    let log = |event: &Value| {
        let name = text(event, "name");
        let mut fields = Vec::new();
        if !name.is_empty() {
            fields.push(json!({ "key": "message", "value": name }));
        }
        fields.extend(attributes(event));
        json!({ "timestamp": whole(event, "timeUnixNano") as f64 / 1e6, "name": name, "fields": fields })
    };
    list(span, "events").map(log).collect::<Vec<Value>>().into()
}

fn references(span: &Value) -> Value {
    let reference = |link: &Value| {
        json!({
            "traceID": id(link, "traceId", 16).trim_start_matches('0'),
            "spanID": id(link, "spanId", 8),
            "tags": attributes(link),
        })
    };
    list(span, "links").map(reference).collect::<Vec<Value>>().into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{frame, is_id};

    #[test]
    fn ids_are_hex_digits() {
        for (text, want) in [
            ("0af7651916cd43dd8448eb211c80319c", true),
            ("1", true),
            ("", false),
            ("../x", false),
            ("{}", false),
            ("0af7651916cd43dd8448eb211c80319c0", false),
        ] {
            assert_eq!(is_id(text), want, "{text}");
        }
    }

    #[test]
    fn a_trace_is_a_row_per_span() {
        let trace = json!({ "batches": [{
            "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": "shop" } }] },
            "scopeSpans": [{
                "scope": { "name": "lib", "version": "1" },
                "spans": [{
                    "traceId": "AAAAAAAAAAABAgMEBQYHCA==", "spanId": "AQIDBAUGBwg=",
                    "name": "GET /checkout", "kind": "SPAN_KIND_SERVER",
                    "startTimeUnixNano": "1700000000000500000", "endTimeUnixNano": "1700000000002000000",
                    "attributes": [{ "key": "http.status_code", "value": { "intValue": "500" } }],
                    "status": { "code": "STATUS_CODE_ERROR", "message": "no" },
                    "events": [{ "timeUnixNano": "1700000000001000000", "name": "retry", "attributes": [] }],
                    "links": [{ "traceId": "AAAAAAAAAAABAgMEBQYHCA==", "spanId": "AQIDBAUGBwg=" }],
                }],
            }],
        }] });
        let mut out = Vec::new();
        frame(&trace).push(&mut out, "A");
        let got: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(got["schema"]["meta"]["preferredVisualisationType"], "trace");
        let names = got["schema"]["fields"].as_array().unwrap().iter();
        let names: Vec<&str> = names.map(|field| field["name"].as_str().unwrap()).collect();
        let row: Vec<(&str, &Value)> = names
            .into_iter()
            .zip(got["data"]["values"].as_array().unwrap().iter().map(|v| &v[0]))
            .collect();
        assert_eq!(
            json!(row),
            json!([
                ["traceID", "0102030405060708"],
                ["spanID", "0102030405060708"],
                ["parentSpanID", ""],
                ["operationName", "GET /checkout"],
                ["serviceName", "shop"],
                ["kind", "server"],
                ["statusCode", 2],
                ["statusMessage", "no"],
                ["instrumentationLibraryName", "lib"],
                ["instrumentationLibraryVersion", "1"],
                ["traceState", ""],
                ["serviceTags", [{ "key": "service.name", "value": "shop" }]],
                ["startTime", 1_700_000_000_000.5],
                ["duration", 1.5],
                ["logs", [{ "timestamp": 1_700_000_000_001.0, "name": "retry", "fields": [{ "key": "message", "value": "retry" }] }]],
                ["references", [{ "traceID": "102030405060708", "spanID": "0102030405060708", "tags": [] }]],
                ["tags", [{ "key": "http.status_code", "value": 500 }]],
            ])
        );
    }

    #[test]
    fn what_is_no_trace_has_no_rows() {
        for value in [
            json!({}),
            json!([]),
            json!({ "batches": 7 }),
            json!({ "batches": [{ "scopeSpans": [{ "spans": {} }] }] }),
        ] {
            let frame = frame(&value);
            assert_eq!(frame.fields.len(), 17);
        }
    }
}
