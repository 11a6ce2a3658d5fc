//! `/api/ds/query` end to end: our own engine, servers elsewhere, errors, bad input.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use model::Labels;
use serde_json::{Value, json};

use super::super::tests::server::{Server, make_secret_source, make_source};
use crate::portal::PortalConfig;
use crate::portal::tests::site::{ADMIN, Answer, As, Site, VIEWER, request};

const T0: i64 = 1_700_000_000_000;
const PATH: &str = "/api/ds/query";

/// `up` of two hosts, every 15 s for ten minutes.
async fn site(config: PortalConfig) -> Site {
    let site = Site::with(config).await;
    let scope = site.viewer_scope().await;
    for (host, v) in [("a", 0.0), ("b", 1.0)] {
        let labels = Labels::from_pairs([("__name__", "up"), ("host", host)]);
        for step in 0..=40 {
            site.store.push(&scope, &labels, T0 + step * 15_000, v);
        }
    }
    site
}

fn request_of(queries: &Value) -> Value {
    json!({ "from": T0.to_string(), "to": (T0 + 60_000).to_string(), "queries": queries })
}

async fn ask(site: &Site, queries: &Value) -> Answer {
    site.post(PATH, &VIEWER, &request_of(queries)).await
}

/// A query of our own source.
fn own(ref_id: &str, expr: &str, more: &Value) -> Value {
    let mut query = json!({
        "refId": ref_id, "datasource": { "uid": "own", "type": "prometheus" }, "expr": expr,
        "intervalMs": 30_000, "maxDataPoints": 300,
    });
    query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    query
}

#[tokio::test]
async fn a_range_is_a_frame_per_series() {
    let site = site(PortalConfig::default()).await;
    let answer = ask(
        &site,
        &json!([own("A", "up", &json!({ "range": true, "legendFormat": "on {{host}}" }))]),
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let frame = |host: &str, value: i64, executed: Option<&str>| {
        let mut meta = json!({
            "type": "timeseries-multi",
            "typeVersion": [0, 1],
            "custom": { "resultType": "matrix", "calculatedMinStep": 30_000 },
        });
        if let Some(executed) = executed {
            meta["executedQueryString"] = json!(executed);
        }
        json!({
            "schema": {
                "refId": "A",
                "meta": meta,
                "fields": [
                    {
                        "name": "Time", "type": "time", "typeInfo": { "frame": "time.Time" },
                        "config": { "interval": 30_000 },
                    },
                    {
                        "name": "up", "type": "number", "typeInfo": { "frame": "float64" },
                        "labels": { "__name__": "up", "host": host },
                        "config": { "displayNameFromDS": format!("on {host}") },
                    },
                ],
            },
            // The grid is the step's: it begins before the samples do.
            "data": { "values": [[1_700_000_010_000_i64, 1_700_000_040_000_i64], [value, value]] },
        })
    };
    let want = json!({ "results": { "A": { "status": 200, "frames": [
        frame("a", 0, Some("Expr: up\nStep: 30s")),
        frame("b", 1, None),
    ] } } });
    assert_eq!(answer.json(), want);
}

#[tokio::test]
async fn an_instant_query_is_a_number_per_series() {
    let site = site(PortalConfig::default()).await;
    let query =
        own("A", "up / 0", &json!({ "instant": true, "range": false, "legendFormat": "__auto" }));
    let answer = ask(&site, &json!([query])).await.json();
    let frames = &answer["results"]["A"]["frames"];
    assert_eq!(
        frames[0]["schema"],
        json!({
            "refId": "A",
            "meta": {
                "type": "numeric-multi",
                "typeVersion": [0, 1],
                "custom": { "resultType": "vector" },
                "executedQueryString": "Expr: up / 0\nStep: 30s",
            },
            "fields": [
                {
                    "name": "Time", "type": "time", "typeInfo": { "frame": "time.Time" },
                    "config": { "interval": 30_000 },
                },
                {
                    "name": "Value", "type": "number", "typeInfo": { "frame": "float64" },
                    "labels": { "host": "a" },
                },
            ],
        })
    );
    assert_eq!(
        frames[0]["data"],
        json!({ "values": [[T0 + 60_000], [null]], "entities": [null, { "NaN": [0] }] })
    );
    assert_eq!(
        frames[1]["data"],
        json!({ "values": [[T0 + 60_000], [null]], "entities": [null, { "Inf": [0] }] })
    );
}

#[tokio::test]
async fn scalars_strings_and_nothing_have_frames_too() {
    let site = site(PortalConfig::default()).await;
    let instant = json!({ "instant": true });
    let queries = json!([
        own("A", "1.5", &instant),
        own("B", "\"words\"", &instant),
        own("C", "none", &instant),
        own("D", "vector(1)", &json!({ "instant": true, "range": true })),
    ]);
    let answer = ask(&site, &queries).await.json();
    let part = |path: &str| answer["results"].pointer(path).unwrap_or(&Value::Null).clone();
    assert_eq!(part("/A/frames/0/data/values"), json!([[T0 + 60_000], [1.5]]));
    assert_eq!(part("/A/frames/0/schema/meta/custom/resultType"), "scalar");
    assert_eq!(part("/A/frames/0/schema/fields/1/config/displayNameFromDS"), "1.5");
    assert_eq!(part("/B/frames/0/data/values"), json!([[T0 + 60_000], ["words"]]));
    assert_eq!(part("/B/frames/0/schema/fields/1/type"), "string");
    assert_eq!(
        part("/C/frames"),
        json!([{
            "schema": {
                "refId": "C",
                "meta": { "typeVersion": [0, 0], "executedQueryString": "Expr: none\nStep: 30s" },
                "fields": [],
            },
            "data": { "values": [] },
        }])
    );
    assert_eq!(part("/D/frames/0/schema/meta/custom/resultType"), "vector");
    assert_eq!(part("/D/frames/1/schema/meta/custom/resultType"), "matrix");
}

#[tokio::test]
async fn every_query_has_its_own_error() {
    let site = site(PortalConfig::default()).await;
    let queries = json!([
        own("A", "sum(", &json!({ "instant": true })),
        own("B", "up", &json!({ "instant": true })),
        own("C", "up", &json!({ "instant": true, "hide": true })),
        own("D", "", &json!({})),
        { "refId": "E", "datasource": { "uid": "far" }, "expr": "{a=\"b\"}" },
    ]);
    let answer = ask(&site, &queries).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let results = &answer.json()["results"];
    assert_eq!(results["A"]["status"], 400);
    assert_eq!(results["A"]["errorSource"], "downstream");
    assert!(results["A"]["error"].as_str().unwrap().starts_with("bad_data: "), "{results}");
    assert_eq!(results["A"]["frames"], json!([]));
    assert_eq!((&results["B"]["status"], &results["B"]["error"]), (&json!(200), &Value::Null));
    assert_eq!(results["B"]["frames"].as_array().unwrap().len(), 2);
    assert_eq!(results["C"], Value::Null);
    assert!(results["D"]["error"].as_str().unwrap().contains("no expression"));
    assert!(!results["E"]["error"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused() {
    let site = site(PortalConfig { queries_max: 2, ..PortalConfig::default() }).await;
    let deep = format!("{{\"queries\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let up = || own("A", "up", &json!({}));
    for (body, want) in [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("{}", 400),
        (r#"{"queries":[]}"#, 400),
        (r#"{"queries":7}"#, 400),
        (r#"{"queries":["up"]}"#, 400),
        (r#"{"queries":[null]}"#, 400),
        (r#"{"queries":[{"datasource":{"uid":"none"}}]}"#, 404),
        (r#"{"queries":[{"datasource":{"uid":{"$ne":1}}}]}"#, 400),
        (&*deep, 400),
        (&*json!({ "from": "never", "queries": [up()] }).to_string(), 400),
        (&*json!({ "queries": [up(), up(), up()] }).to_string(), 400),
    ] {
        let asked = request("POST", PATH, &VIEWER, Body::from(body.to_owned()));
        let answer = site.send(asked).await;
        let start = &body[..body.len().min(80)];
        assert_eq!(answer.status.as_u16(), want, "{start}: {}", answer.text());
        assert!(answer.json()["message"].is_string(), "{start}");
    }
    let large = format!("{{\"from\":\"{}\"}}", "x".repeat(5 << 20));
    let large = site.send(request("POST", PATH, &VIEWER, Body::from(large))).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let nobody = site.post(PATH, &As::Nobody, &request_of(&json!([up()]))).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_names_it() {
    let site = site(PortalConfig { query_values_max: 3, ..PortalConfig::default() }).await;
    let answer = ask(&site, &json!([own("A", "up", &json!({ "range": true }))])).await;
    let error = answer.json()["results"]["A"]["error"].as_str().unwrap().to_owned();
    assert!(error.contains("limits.data_source_values_max"), "{error}");
}

#[tokio::test]
async fn a_prometheus_elsewhere_is_asked_with_forms() {
    let server = Server::start(|arrived| {
        let result = match arrived.uri.as_str() {
            "/p/api/v1/query" => {
                json!({ "resultType": "vector", "result": [{ "metric": { "a": "b" }, "value": [1, "2"] }] })
            }
            "/p/api/v1/query_range" => {
                json!({ "resultType": "matrix", "result": [{ "metric": {}, "values": [[1, "2"], [2, "NaN"]] }] })
            }
            _ => json!([{ "seriesLabels": {}, "exemplars": [
                { "labels": { "traceID": "t" }, "value": "1", "timestamp": 1.0 },
            ] }]),
        };
        let body = json!({ "status": "success", "warnings": ["slow"], "data": result });
        ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    })
    .await;
    let site = site(PortalConfig::default()).await;
    make_source(
        &site,
        "prometheus",
        &format!("{}/p", server.url),
        &json!({ "timeInterval": "30s" }),
    )
    .await;
    let query = json!([{
        "refId": "A", "datasource": { "uid": "far2" }, "expr": "rate(x[$__interval])",
        "instant": true, "range": true, "exemplar": true,
    }]);
    let answer = ask(&site, &query).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let frames = answer.json()["results"]["A"]["frames"].clone();
    let kinds: Vec<&Value> = frames
        .as_array()
        .unwrap()
        .iter()
        .map(|frame| &frame["schema"]["meta"]["custom"]["resultType"])
        .collect();
    assert_eq!(kinds, ["vector", "matrix", "exemplar"]);
    assert_eq!(
        frames[0]["schema"]["meta"]["notices"],
        json!([{ "severity": "warning", "text": "slow" }])
    );
    let arrived = server.arrived();
    let bodies: Vec<(&str, &str)> =
        arrived.iter().map(|arrived| (&*arrived.method, &*arrived.body)).collect();
    assert_eq!(
        bodies,
        [
            ("POST", "query=rate%28x%5B30s%5D%29&time=1700000060"),
            ("POST", "query=rate%28x%5B30s%5D%29&start=1699999980&end=1700000040&step=30"),
            ("POST", "query=rate%28x%5B30s%5D%29&start=1699999980&end=1700000040"),
        ]
    );

    make_source(&site, "prometheus", &format!("{}/p", server.url), &json!({ "httpMethod": "GET" }))
        .await;
    ask(&site, &query).await;
    let first = &server.arrived()[3];
    assert_eq!(first.method, "GET");
    assert_eq!(first.uri, "/p/api/v1/query?query=rate%28x%5B15s%5D%29&time=1700000060");
}

#[tokio::test]
async fn what_a_prometheus_elsewhere_refuses_is_told_in_its_words() {
    let server = Server::start(|arrived| match arrived.uri.as_str() {
        uri if uri.starts_with("/html") => {
            (StatusCode::BAD_GATEWAY, "<h1>away</h1>").into_response()
        }
        uri if uri.starts_with("/odd") => "what?".into_response(),
        _ => {
            let body =
                json!({ "status": "error", "errorType": "bad_data", "error": "parse error" });
            (StatusCode::BAD_REQUEST, body.to_string()).into_response()
        }
    })
    .await;
    let site = site(PortalConfig::default()).await;
    for (url, status, words) in [
        (server.url.clone(), 400, "bad_data: parse error"),
        (format!("{}/html", server.url), 502, "<h1>away</h1>"),
        (format!("{}/odd", server.url), 502, "cannot be read"),
        ("http://127.0.0.1:1".to_owned(), 502, "onnect"),
        ("http://169.254.169.254".to_owned(), 403, "portal.data_source_allow"),
    ] {
        make_source(&site, "prometheus", &url, &json!({})).await;
        let query = json!([{ "refId": "A", "datasource": { "uid": "far2" }, "expr": "up" }]);
        let answer = ask(&site, &query).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{url}");
        let result = &answer.json()["results"]["A"];
        assert_eq!(result["status"], status, "{result}");
        assert!(result["error"].as_str().unwrap().contains(words), "{result}");
    }
}

#[tokio::test]
async fn the_built_in_source_walks_at_random() {
    let site = site(PortalConfig::default()).await;
    let query = json!([{
        "refId": "A", "datasource": "-- Grafana --", "queryType": "randomWalk",
        "intervalMs": 10_000, "maxDataPoints": 100,
    }]);
    let first = ask(&site, &query).await.json();
    let values = &first["results"]["A"]["frames"][0]["data"]["values"];
    assert_eq!(values[0].as_array().unwrap().len(), 6);
    assert_eq!(values[1].as_array().unwrap().len(), 6);
    assert_eq!(ask(&site, &query).await.json(), first);
}

#[tokio::test]
async fn logs_and_traces_elsewhere_are_frames() {
    let server = Server::start(|arrived| {
        let body = match arrived.uri.split('?').next().unwrap_or_default() {
            "/loki/api/v1/query_range" => json!({ "status": "success", "data": {
                "resultType": "streams",
                "result": [{ "stream": { "app": "x" }, "values": [["1", "through grafana"]] }],
            } }),
            "/api/traces/0af7651916cd43dd8448eb211c80319c" => json!({ "batches": [{
                "resource": {}, "scopeSpans": [{ "spans": [{ "name": "GET /checkout" }] }],
            }] }),
            "/api/search" => json!({ "traces": [{ "traceID": "1", "rootTraceName": "GET /" }] }),
            _ => return (StatusCode::BAD_REQUEST, "parse error at line 1").into_response(),
        };
        ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    })
    .await;
    let site = site(PortalConfig::default()).await;
    for (kind, query, want) in [
        ("loki", json!({ "expr": "{app=\"x\"}", "queryType": "range" }), "through grafana"),
        (
            "loki",
            json!({ "expr": "{", "queryType": "instant" }),
            "400 Bad Request: parse error at line 1",
        ),
        (
            "tempo",
            json!({ "queryType": "traceId", "query": "0af7651916cd43dd8448eb211c80319c" }),
            "GET /checkout",
        ),
        ("tempo", json!({ "queryType": "traceql", "query": "{}" }), "GET /"),
        ("tempo", json!({ "queryType": "traceId", "query": "../../x" }), "is no trace id"),
        ("tempo", json!({ "queryType": "serviceMap" }), "unsupported query type: serviceMap"),
        ("graphite", json!({}), "/api/datasources/proxy/uid/far2/"),
    ] {
        make_source(&site, kind, &server.url, &json!({})).await;
        let mut query = query;
        query["datasource"] = json!({ "uid": "far2" });
        let answer = ask(&site, &json!([query])).await;
        assert!(answer.text().contains(want), "{kind} {query}: {}", answer.text());
    }
}

/// Settings and secrets of a source that asks for a tenant.
const TENANT: (&str, [(&str, &str); 1]) =
    (r#"{"httpHeaderName1":"X-Tenant-ID"}"#, [("httpHeaderValue1", "tenant-123")]);

#[tokio::test]
async fn a_tenants_source_sends_its_header_and_keeps_it() {
    let server = Server::json(json!({
        "status": "success", "data": { "resultType": "vector", "result": [] },
    }))
    .await;
    let site = site(PortalConfig::default()).await;
    let settings = serde_json::from_str(TENANT.0).unwrap();
    make_secret_source(&site, "prometheus", &server.url, &settings, &TENANT.1).await;
    let query =
        json!([{ "refId": "A", "datasource": { "uid": "far2" }, "expr": "up", "instant": true }]);
    let answer = ask(&site, &query).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    site.get("/api/datasources/proxy/uid/far2/api/v1/query?query=up", &VIEWER).await;
    let arrived = server.arrived();
    assert_eq!(arrived.len(), 2);
    for arrived in arrived {
        assert_eq!(arrived.header("x-tenant-id"), "tenant-123");
    }
    let shown = site.get("/api/datasources/uid/far2", &ADMIN).await;
    assert!(!shown.text().contains("tenant-123"), "{}", shown.text());
}

#[tokio::test]
async fn a_tenants_source_of_our_own_reads_that_tenant() {
    let site = site(PortalConfig::default()).await;
    let settings = serde_json::from_str(TENANT.0).unwrap();
    make_secret_source(&site, "prometheus", "http://localhost:9090", &settings, &TENANT.1).await;
    let path = "/api/datasources/proxy/uid/far2/api/v1/query?query=up";
    let proxied = site.get(path, &VIEWER).await;
    assert!(proxied.text().contains("tenant=tenant-123"), "{}", proxied.text());
    // The samples are another tenant's.
    let query =
        json!([{ "refId": "A", "datasource": { "uid": "far2" }, "expr": "up", "instant": true }]);
    let answer = ask(&site, &query).await.json();
    assert_eq!(answer["results"]["A"]["frames"][0]["data"]["values"], json!([]));
}

/// An expression over other queries.
fn expression(ref_id: &str, kind: &str, more: &Value) -> Value {
    let mut query = json!({
        "refId": ref_id, "datasource": { "type": "__expr__", "uid": "__expr__" }, "type": kind,
    });
    query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    query
}

#[tokio::test]
async fn expressions_compute_with_the_other_answers() {
    let site = site(PortalConfig::default()).await;
    let queries = json!([
        own("A", "up", &json!({ "range": true, "hide": true })),
        expression("B", "reduce", &json!({ "expression": "A", "reducer": "last" })),
        expression("C", "math", &json!({ "expression": "$B * 100 + ${A} - $A" })),
        expression(
            "D",
            "threshold",
            &json!({
                "expression": "B",
                "conditions": [{ "evaluator": { "type": "gt", "params": [0.5] } }],
            })
        ),
        expression(
            "E",
            "resample",
            &json!({
                "expression": "$A", "window": "30s", "downsampler": "mean", "upsampler": "pad",
            })
        ),
        expression(
            "F",
            "classic_conditions",
            &json!({ "conditions": [{
            "operator": { "type": "and" }, "query": { "params": ["A"] },
            "reducer": { "type": "max" }, "evaluator": { "type": "gt", "params": [0] },
        }] })
        ),
    ]);
    let answer = ask(&site, &queries).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let answer = answer.json();
    let part = |path: &str| answer["results"].pointer(path).unwrap_or(&Value::Null).clone();
    assert_eq!(part("/A"), Value::Null);
    assert_eq!(
        part("/B/frames/1/schema"),
        json!({
            "refId": "B",
            "meta": { "type": "numeric-multi", "typeVersion": [0, 1] },
            "fields": [{
                "name": "B", "type": "number", "typeInfo": { "frame": "float64", "nullable": true },
                "labels": { "__name__": "up", "host": "b" },
            }],
        })
    );
    assert_eq!(part("/B/frames/1/data/values"), json!([[1]]));
    assert_eq!(part("/C/frames/1/data/values/1"), json!([100, 100]));
    assert_eq!(part("/D/frames/0/data/values"), json!([[0]]));
    assert_eq!(part("/D/frames/1/data/values"), json!([[1]]));
    assert_eq!(part("/E/frames/1/data/values/1"), json!([null, 1, 1]));
    assert_eq!(part("/F/frames/0/data/values"), json!([[1]]));
    assert_eq!(
        part("/F/frames/0/schema/meta/custom/evalMatches"),
        json!([{ "metric": "", "labels": { "__name__": "up", "host": "b" }, "value": 1.0 }])
    );
}

#[tokio::test]
async fn expressions_that_cannot_be_computed_say_why() {
    let site = site(PortalConfig::default()).await;
    let reduce = |of: &str| json!({ "expression": of, "reducer": "last" });
    let math = |text: &str| json!({ "expression": text });
    let queries = json!([
        own("A", "sum(", &json!({ "range": true })),
        expression("B", "reduce", &reduce("A")),
        expression("C", "math", &math("$D + 1")),
        expression("D", "math", &math("$C + 1")),
        expression("E", "math", &math("1 +")),
        expression("F", "sql", &math("SELECT 1")),
        expression("G", "reduce", &reduce("nothing")),
        expression("H", "math", &math("1 + 1")),
        expression("I", "telepathy", &json!({})),
        expression("J", "math", &json!({ "expression": { "a": 1 } })),
    ]);
    let answer = ask(&site, &queries).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = answer.json();
    let error = |ref_id: &str| answer["results"][ref_id]["error"].as_str().unwrap_or("").to_owned();
    for (ref_id, want) in [
        ("A", "bad_data"),
        ("B", "failure of the dependent expression or query [A]"),
        ("C", "failure of the dependent expression or query [D]"),
        ("D", "depends on itself through [C]"),
        ("E", "unexpected end"),
        ("F", "SQL expressions are not supported"),
        ("G", "failure of the dependent expression or query [nothing]"),
        ("I", "is not a recognized expression type"),
        ("J", "unexpected end"),
    ] {
        assert!(error(ref_id).contains(want), "{ref_id}: {}", error(ref_id));
    }
    assert_eq!(answer["results"]["H"]["frames"][0]["data"]["values"], json!([[2]]));
}
