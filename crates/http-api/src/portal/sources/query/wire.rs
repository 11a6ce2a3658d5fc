//! The request of `/api/ds/query`: an envelope with times, and queries of whatever shape their
//! data source has. What all of them have is read here; the rest when the query is run.

use portal::tables::DataSourceRow;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::times::{self, End};
use crate::portal::reply::ApiError;

#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::portal) struct Request {
    #[serde(default)]
    from: Value,
    #[serde(default)]
    to: Value,
    #[serde(default)]
    pub(super) queries: Vec<Map<String, Value>>,
}

/// One query, as far as it is alike for all sources.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub(super) ref_id: String,
    pub(super) target: Target,
    pub(super) hidden: bool,
    /// `queryType`: what of the source is asked.
    pub(super) kind: String,
    /// Milliseconds; 0 = not sent.
    pub(super) interval_ms: i64,
    pub(super) max_data_points: i64,
    /// Unix milliseconds; `from_ms` is not after `to_ms`.
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
    pub(super) model: Map<String, Value>,
}

/// Who is to answer.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Source(Box<DataSourceRow>),
    /// Other queries' answers, computed with.
    Expression,
    /// The source that is built into Grafana.
    BuiltIn,
}

impl Request {
    /// Errors: 400 for what makes no query, 404 for a data source that is not there.
    pub(super) fn queries(
        self,
        sources: &[DataSourceRow],
        now_ms: i64,
    ) -> Result<Vec<Query>, ApiError> {
        let Self { from, to, queries } = self;
        let query = |model: Map<String, Value>| {
            let own = model.get("timeRange").and_then(Value::as_object);
            let end = |own: Option<&Value>, all: &Value, end| {
                let value = own.unwrap_or(all);
                // Grafana takes the last hour when nothing is said.
                let default = if end == End::From { "now-1h" } else { "now" };
                let unsaid = value.is_null() || value.as_str().is_some_and(str::is_empty);
                let default = Value::from(default);
                times::parse(if unsaid { &default } else { value }, end, now_ms)
                    .map_err(ApiError::bad_request)
            };
            let from_ms = end(own.and_then(|own| own.get("from")), &from, End::From)?;
            let to_ms = end(own.and_then(|own| own.get("to")), &to, End::To)?;
            if from_ms > to_ms {
                return Err(ApiError::bad_request("from must not be after to"));
            }
            let number = |name: &str| integer(model.get(name)).unwrap_or_default().max(0);
            Ok(Query {
                target: target(&model, sources)?,
                ref_id: match text(&model, "refId") {
                    "" => "A".to_owned(),
                    ref_id => ref_id.to_owned(),
                },
                hidden: flag(&model, "hide"),
                kind: text(&model, "queryType").to_owned(),
                interval_ms: number("intervalMs"),
                max_data_points: number("maxDataPoints"),
                from_ms,
                to_ms,
                model,
            })
        };
        queries.into_iter().map(query).collect()
    }
}

/// `datasource` as an object with uid or id, as a uid or a name alone, or `datasourceId`.
fn target(model: &Map<String, Value>, sources: &[DataSourceRow]) -> Result<Target, ApiError> {
    let named = model.get("datasource");
    let part = |key: &str| named.and_then(|named| named.get(key));
    let uid = part("uid").or(named).and_then(Value::as_str).unwrap_or_default();
    let kind = part("type").and_then(Value::as_str).unwrap_or_default();
    let id = integer(part("id")).or_else(|| integer(model.get("datasourceId"))).unwrap_or_default();
    let missing = || ApiError::bad_request("Query does not contain a valid data source identifier");
    let found = match (uid, kind) {
        ("__expr__" | "-100", _) | (_, "__expr__") => return Ok(Target::Expression),
        ("grafana" | "-- Grafana --" | "-1", _) => return Ok(Target::BuiltIn),
        ("-- Mixed --" | "-- Dashboard --", _) => return Err(missing()),
        ("", _) if id == -100 => return Ok(Target::Expression),
        ("", _) if id == -1 => return Ok(Target::BuiltIn),
        ("", _) if id <= 0 => return Err(missing()),
        ("", _) => sources.iter().find(|row| row.id == id),
        ("default", _) => sources.iter().find(|row| row.source.is_default),
        (uid, _) => sources
            .iter()
            .find(|row| row.source.uid == uid)
            .or_else(|| sources.iter().find(|row| row.source.name == uid)),
    };
    let found = found.ok_or_else(|| ApiError::not_found("Data source not found"))?;
    Ok(Target::Source(Box::new(found.clone())))
}

pub(super) fn text<'a>(model: &'a Map<String, Value>, name: &str) -> &'a str {
    model.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn flag(model: &Map<String, Value>, name: &str) -> bool {
    model.get(name).and_then(Value::as_bool).unwrap_or_default()
}

/// A whole number, also one that was written as a fraction or as a text.
pub(super) fn integer(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|n| n as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use portal::tables::{DataSourceRow, NewDataSource};
    use serde_json::{Value, json};

    use super::{Query, Request, Target};
    use crate::portal::reply::ApiError;

    fn queries(request: Value) -> Result<Vec<Query>, ApiError> {
        let source = |id, uid: &str, name: &str, is_default| DataSourceRow {
            id,
            org_id: 1,
            version: 1,
            source: NewDataSource {
                uid: uid.into(),
                name: name.into(),
                is_default,
                ..NewDataSource::default()
            },
        };
        let sources = [source(1, "p", "Metrics", true), source(2, "l", "Logs", false)];
        let request: Request = serde_json::from_value(request).unwrap();
        request.queries(&sources, 1_000_000)
    }

    #[test]
    fn sources_are_named_in_every_way() {
        let check = |query: Value, want: &str| {
            let queries = queries(json!({ "queries": [query] })).unwrap();
            let got = match &queries[0].target {
                Target::Source(row) => row.source.uid.as_str(),
                Target::Expression => "expression",
                Target::BuiltIn => "built in",
            };
            assert_eq!(got, want, "{query}");
        };
        check(json!({ "datasource": { "uid": "p", "type": "prometheus" } }), "p");
        check(json!({ "datasource": "l" }), "l");
        check(json!({ "datasource": "Logs" }), "l");
        check(json!({ "datasource": "default" }), "p");
        check(json!({ "datasource": { "id": 2 } }), "l");
        check(json!({ "datasourceId": 2 }), "l");
        check(json!({ "datasourceId": "2" }), "l");
        check(json!({ "datasource": { "uid": "__expr__", "type": "__expr__" } }), "expression");
        check(json!({ "datasource": { "type": "__expr__" } }), "expression");
        check(json!({ "datasourceId": -100 }), "expression");
        check(json!({ "datasource": "-- Grafana --" }), "built in");
    }

    #[test]
    fn what_makes_no_query_is_refused() {
        let check = |request: Value, want: StatusCode| {
            let error = queries(request.clone()).unwrap_err();
            assert_eq!(error.status, want, "{request}: {}", error.message);
        };
        let of = |query: Value| json!({ "queries": [query] });
        check(of(json!({})), StatusCode::BAD_REQUEST);
        check(of(json!({ "datasource": null })), StatusCode::BAD_REQUEST);
        check(of(json!({ "datasource": ["p"] })), StatusCode::BAD_REQUEST);
        check(of(json!({ "datasource": "-- Mixed --" })), StatusCode::BAD_REQUEST);
        check(of(json!({ "datasource": "none" })), StatusCode::NOT_FOUND);
        check(of(json!({ "datasource": { "uid": "${ds}" } })), StatusCode::NOT_FOUND);
        check(of(json!({ "datasourceId": 77 })), StatusCode::NOT_FOUND);
        let times = |from: Value, to: Value| json!({ "from": from, "to": to, "queries": [{ "datasource": "p" }] });
        check(times(json!("x"), json!("now")), StatusCode::BAD_REQUEST);
        check(times(json!([1]), json!("now")), StatusCode::BAD_REQUEST);
        check(times(json!(2), json!(1)), StatusCode::BAD_REQUEST);
    }

    #[test]
    fn odd_types_are_read_as_far_as_they_mean_something() {
        let query = json!({
            "datasource": "p", "refId": 7, "hide": "yes", "intervalMs": "15000",
            "maxDataPoints": 300.5, "queryType": {}, "timeRange": { "from": "1", "to": 5 },
        });
        let got = &queries(json!({ "from": "now-5m", "queries": [query] })).unwrap()[0];
        assert_eq!((got.ref_id.as_str(), got.hidden), ("A", false));
        assert_eq!((got.interval_ms, got.max_data_points), (15_000, 300));
        assert_eq!((got.from_ms, got.to_ms), (1, 5));
        let query = json!({ "datasource": "p", "intervalMs": -1, "maxDataPoints": [] });
        let got = &queries(json!({ "from": null, "queries": [query] })).unwrap()[0];
        assert_eq!((got.interval_ms, got.max_data_points), (0, 0));
        assert_eq!((got.from_ms, got.to_ms), (1_000_000 - 3_600_000, 1_000_000));
    }
}
