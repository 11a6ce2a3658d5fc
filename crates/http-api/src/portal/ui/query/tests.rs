//! `/api/ui/query` end to end: lines, folding, limits, errors.

use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use model::Labels;
use serde_json::{Value, json};

use crate::portal::PortalConfig;
use crate::portal::sources::tests::server::{Server, make_secret_source, make_source};
use crate::portal::tests::site::{As, Site, VIEWER};

const T0: i64 = 1_700_000_000_000;

/// `up` of `hosts` machines: the machine's number, every 15 s for ten minutes.
async fn site(hosts: usize, config: PortalConfig) -> Site {
    let site = Site::with(config).await;
    let scope = site.viewer_scope().await;
    for host in 0..hosts {
        let host_name = format!("h{host:04}");
        let labels = Labels::from_pairs([("__name__", "up"), ("host", &*host_name)]);
        for step in 0..=40 {
            site.store.push(&scope, &labels, T0 + step * 15_000, host as f64);
        }
    }
    site
}

fn ask(queries: &Value) -> Value {
    json!({
        "range": { "from": T0, "to": T0 + 600_000 },
        "panels": [{ "id": "p", "maxDataPoints": 400, "queries": queries }],
    })
}

async fn lines(site: &Site, request: &Value) -> Vec<Value> {
    let answer = site.post("/api/ui/query", &VIEWER, request).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header(&header::CONTENT_TYPE), "application/x-ndjson");
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Lines by what they carry.
fn by_kind(lines: &[Value]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for line in lines {
        for kind in ["frame", "notice", "error", "done", "end"] {
            if line.get(kind).is_some() {
                *counts.entry(kind).or_default() += 1;
            }
        }
    }
    counts
}

#[tokio::test]
async fn a_range_query_is_answered_on_a_grid() {
    let site = site(2, PortalConfig::default()).await;
    let query = json!([{ "refId": "A", "expr": "up", "range": true, "legendFormat": "{{host}}" }]);
    let lines = lines(&site, &ask(&query)).await;
    let frame = &lines[0]["frame"];
    assert_eq!((&lines[0]["id"], &lines[0]["refId"]), (&json!("p"), &json!("A")));
    assert_eq!(frame["kind"], "series");
    let aligned = T0 / 15_000 * 15_000;
    assert_eq!(frame["time"], json!({ "t0": aligned, "step": 15_000, "n": 41 }));
    let series = frame["series"].as_array().unwrap();
    assert_eq!(series.len(), 2);
    assert_eq!(
        (&series[1]["name"], &series[1]["labels"]["host"]),
        (&json!("h0001"), &json!("h0001"))
    );
    let values = series[1]["values"].as_array().unwrap();
    assert_eq!((values.len(), &values[0], &values[1]), (41, &Value::Null, &json!(1)));
    let done = &lines[1]["done"];
    assert_eq!(
        (&done["series"], &done["samples"], &done["stepMs"]),
        (&json!(2), &json!(80), &json!(15_000))
    );
    assert_eq!(lines[2], json!({ "end": true }));
}

#[tokio::test]
async fn an_instant_query_has_one_value_a_series() {
    let site = site(2, PortalConfig::default()).await;
    let both = json!([{ "refId": "A", "expr": "up", "instant": true, "range": true }]);
    let lines = lines(&site, &ask(&both)).await;
    assert_eq!(by_kind(&lines), BTreeMap::from([("frame", 2), ("done", 1), ("end", 1)]));
    let frame = &lines[1]["frame"];
    assert_eq!((&frame["kind"], &frame["t"]), (&json!("instant"), &json!(T0 + 600_000)));
    assert_eq!(frame["series"][1]["value"], 1);
    assert_eq!(frame["series"][0]["name"], r#"up{host="h0000"}"#);
}

#[tokio::test]
async fn equal_queries_are_told_to_every_place() {
    let site = site(1, PortalConfig::default()).await;
    let query = |ref_id: &str| json!({ "refId": ref_id, "expr": "up", "legendFormat": ref_id });
    let lines = lines(&site, &ask(&json!([query("A"), query("B")]))).await;
    let names: Vec<&Value> =
        lines.iter().filter_map(|l| l.get("frame")).map(|f| &f["series"][0]["name"]).collect();
    assert_eq!(names, ["A", "B"]);
    let mut page = String::new();
    site.state.registry.render(&mut page, telemetry::Format::Text004);
    assert!(page.contains(r#"orrery_portal_queries_total{outcome="success"} 1"#), "{page}");
    let timed = r#"orrery_query_duration_seconds_count{endpoint="ui"} 1"#;
    assert!(page.contains(timed), "{page}");
    assert!(page.contains("orrery_queries_in_flight 0"), "{page}");
}

#[tokio::test]
async fn too_many_series_are_cut_with_a_notice() {
    let site = site(30, PortalConfig { series_max: 7, ..PortalConfig::default() }).await;
    let query =
        json!([{ "refId": "A", "expr": "up" }, { "refId": "B", "expr": "up", "instant": true }]);
    let lines = lines(&site, &ask(&query)).await;
    let notices: Vec<&Value> = lines.iter().filter_map(|line| line.get("notice")).collect();
    assert_eq!(notices, ["first 7 of 30 series", "first 7 of 30 series"]);
    for frame in lines.iter().filter_map(|line| line.get("frame")) {
        assert_eq!(frame["series"].as_array().unwrap().len(), 7);
    }
}

#[tokio::test]
async fn a_failing_query_leaves_the_others_alone() {
    let site = site(1, PortalConfig::default()).await;
    let query = json!([
        { "refId": "A", "expr": "sum(" },
        { "refId": "B", "expr": "up" },
        { "refId": "C", "expr": "up", "datasource": "far" },
    ]);
    let lines = lines(&site, &ask(&query)).await;
    assert_eq!(
        by_kind(&lines),
        BTreeMap::from([("frame", 1), ("error", 2), ("done", 1), ("end", 1)])
    );
    let kinds: BTreeMap<&str, &Value> = lines
        .iter()
        .filter(|line| line.get("error").is_some())
        .map(|line| (line["refId"].as_str().unwrap(), &line["error"]["type"]))
        .collect();
    assert_eq!(kinds, BTreeMap::from([("A", &json!("bad_data")), ("C", &json!("datasource"))]));
    assert_eq!(lines.last().unwrap(), &json!({ "end": true }));
}

/// One observation more a minute between 1 and 2, three between 2 and 4, of two hosts.
async fn histograms(config: PortalConfig) -> Site {
    let site = site(0, config).await;
    let scope = site.viewer_scope().await;
    for host in ["a", "b"] {
        let labels = Labels::from_pairs([("__name__", "took"), ("host", host)]);
        for step in 0..=40_i64 {
            let n = step as f64;
            let h = model::FloatHistogram {
                count: 4.0 * n,
                sum: 10.0 * n,
                positive_spans: vec![model::Span { offset: 1, length: 2 }],
                positive_buckets: vec![n, 3.0 * n],
                ..model::FloatHistogram::default()
            };
            let sample = model::HistogramSample { t_ms: T0 + step * 15_000, h };
            site.store.push_histogram(&scope, &labels, sample);
        }
    }
    site
}

#[tokio::test]
async fn native_histograms_come_with_their_buckets() {
    let site = histograms(PortalConfig::default()).await;
    let query = json!([{ "refId": "A", "expr": "took", "range": true, "instant": true }]);
    let lines = lines(&site, &ask(&query)).await;
    let frames: Vec<&Value> = lines
        .iter()
        .filter_map(|line| line.get("frame"))
        .filter(|frame| frame["kind"] == "histograms")
        .collect();
    let aligned = T0 / 15_000 * 15_000;
    assert_eq!(frames[0]["time"], json!({ "t0": aligned, "step": 15_000, "n": 41 }));
    let series = &frames[0]["series"][1];
    assert_eq!(
        (&series["name"], &series["labels"]["host"]),
        (&json!("took{host=\"b\"}"), &json!("b"))
    );
    // The grid begins before the data does, and the first histogram is empty.
    assert_eq!(series["points"][0], json!([1, 0, 0, []]));
    assert_eq!(series["points"][2], json!([3, 8, 20, [1, 2, 2, 2, 4, 6]]));
    assert_eq!(frames[1]["time"], json!({ "t0": T0 + 600_000, "step": 15_000, "n": 1 }));
    assert_eq!(frames[1]["series"][0]["points"], json!([[0, 160, 400, [1, 2, 40, 2, 4, 120]]]));
    let done = &lines.iter().find(|line| line.get("done").is_some()).unwrap()["done"];
    assert_eq!((&done["series"], &done["samples"]), (&json!(2), &json!(82)));
    assert_eq!(
        (&done["engine"]["seriesSelected"], &done["engine"]["steps"]),
        (&json!(4), &json!(41))
    );
}

#[tokio::test]
async fn too_many_histograms_are_cut_with_a_notice() {
    let site = histograms(PortalConfig { series_max: 1, ..PortalConfig::default() }).await;
    let query = json!([{ "refId": "A", "expr": "took", "range": true }]);
    let lines = lines(&site, &ask(&query)).await;
    let notices: Vec<&Value> = lines.iter().filter_map(|line| line.get("notice")).collect();
    assert_eq!(notices, ["first 1 of 2 histogram series"]);
}

/// A histogram of `buckets` buckets with one observation each.
fn wide_histogram(buckets: u32) -> model::FloatHistogram {
    model::FloatHistogram {
        count: f64::from(buckets),
        schema: 8,
        positive_spans: vec![model::Span { offset: 1, length: buckets }],
        positive_buckets: vec![1.0; buckets as usize],
        ..model::FloatHistogram::default()
    }
}

#[tokio::test]
async fn a_histogram_of_too_many_buckets_shows_its_newest_steps() {
    let site = site(0, PortalConfig::default()).await;
    let scope = site.viewer_scope().await;
    let labels = Labels::from_pairs([("__name__", "took")]);
    for step in 0..=40_i64 {
        let sample = model::HistogramSample { t_ms: T0 + step * 15_000, h: wide_histogram(6_000) };
        site.store.push_histogram(&scope, &labels, sample);
    }
    let query = json!([{ "refId": "A", "expr": "took", "range": true }]);
    let lines = lines(&site, &ask(&query)).await;
    let frame = lines.iter().find(|line| line["frame"]["kind"] == "histograms").unwrap();
    let points = frame["frame"]["series"][0]["points"].as_array().unwrap();
    assert_eq!((points.len(), &points[0][0], &points[32][0]), (33, &json!(8), &json!(40)));
    let notices: Vec<&Value> = lines.iter().filter_map(|line| line.get("notice")).collect();
    let notice = "only the newest 33 steps of the first of 1 histogram series: \
                  more than 200,000 buckets are not shown";
    assert_eq!(notices, [notice]);
}

/// Where one histogram alone is too large there is a reason, not a frame of nothing; one that
/// fits is shown beside it.
#[tokio::test]
async fn a_histogram_that_is_too_large_by_itself_says_so() {
    let site = site(0, PortalConfig::default()).await;
    let scope = site.viewer_scope().await;
    let push = |series: &str, buckets: u32| {
        let labels = Labels::from_pairs([("__name__", "took"), ("series", series)]);
        let sample = model::HistogramSample { t_ms: T0, h: wide_histogram(buckets) };
        site.store.push_histogram(&scope, &labels, sample);
    };
    let asked = async || {
        let query = json!([{ "refId": "A", "expr": "took", "range": true }]);
        let lines = lines(&site, &ask(&query)).await;
        let of = |name: &str| -> Vec<Value> {
            lines.iter().filter_map(|line| line.get(name)).cloned().collect()
        };
        let drawn = of("frame").iter().filter(|frame| frame["kind"] == "histograms").count();
        (drawn, of("notice"), of("error"), of("done").iter().all(|done| done["tag"].is_null()))
    };
    push("a", 210_000);
    let reason = "the newest histogram has 210,000 buckets, and no more than 200,000 can be \
                  shown: ask for a quantile with histogram_quantile(), or for fewer labels";
    let error = json!({ "message": reason, "type": "execution" });
    assert_eq!(asked().await, (0, vec![], vec![error], true));
    push("b", 10);
    let notice = "1 of 2 histogram series: 1 with more than 200,000 buckets in one histogram \
                  are not shown";
    assert_eq!(asked().await, (1, vec![json!(notice)], vec![], true));
}

#[tokio::test]
async fn requests_beyond_the_limits_are_refused_by_name() {
    let config = PortalConfig { queries_max: 1, body_bytes_max: 2000, ..PortalConfig::default() };
    let site = site(0, config).await;
    let check = async |body: &Value, status: StatusCode, want: &str| {
        let answer = site.post("/api/ui/query", &VIEWER, body).await;
        assert_eq!(answer.status, status);
        assert!(answer.text().contains(want), "{}", answer.text());
    };
    let two = json!([{ "refId": "A", "expr": "up" }, { "refId": "B", "expr": "up" }]);
    check(&ask(&two), StatusCode::BAD_REQUEST, "limits.ui_queries_max").await;
    let long = json!([{ "refId": "A", "expr": "u".repeat(3000) }]);
    check(&ask(&long), StatusCode::PAYLOAD_TOO_LARGE, "").await;
    let backwards = json!({ "range": { "from": 2, "to": 1 }, "panels": [] });
    check(&backwards, StatusCode::BAD_REQUEST, "range.from").await;
    check(&json!({ "panels": [] }), StatusCode::BAD_REQUEST, "missing field `range`").await;
    let none = json!({ "range": { "from": 1, "to": 2 }, "panels": [] });
    check(&none, StatusCode::OK, "{\"end\":true}").await;
    let stranger = site.post("/api/ui/query", &As::Nobody, &none).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_client_that_leaves_stops_its_queries() {
    let site = site(1, PortalConfig { concurrency_max: 1, ..PortalConfig::default() }).await;
    // Nothing can be evaluated while the only place is taken.
    let place = site.state.places.clone().acquire_owned().await.unwrap();
    let many: Vec<Value> =
        (0..50).map(|n| json!({ "refId": n.to_string(), "expr": format!("up + {n}") })).collect();
    let unread = site.open("/api/ui/query", &VIEWER, &ask(&json!(many))).await;
    drop(unread);
    drop(place);
    // The place comes free again only when no abandoned query holds or takes it for long.
    let all = site.state.places.acquire().await.unwrap();
    drop(all);
    let lines = lines(&site, &ask(&json!([{ "refId": "A", "expr": "up" }]))).await;
    assert_eq!(by_kind(&lines)["frame"], 1);
}

#[tokio::test]
async fn variables_get_their_options() {
    let site = site(3, PortalConfig { options_max: 2, ..PortalConfig::default() }).await;
    let check = async |query: &str, regex: &str, sort: u8, want: &[&str], truncated: bool| {
        let range = json!({ "from": T0, "to": T0 + 600_000 });
        let body = json!({ "datasource": "own", "query": query, "regex": regex, "sort": sort, "range": range });
        let answer = site.post("/api/ui/variable", &VIEWER, &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        let answer = answer.json();
        let options = answer["options"].as_array().unwrap();
        let texts: Vec<&str> = options.iter().map(|o| o["text"].as_str().unwrap()).collect();
        assert_eq!((texts.as_slice(), &answer["truncated"]), (want, &json!(truncated)), "{query}");
    };
    check("label_values(up, host)", "", 2, &["h0002", "h0001"], true).await;
    check("label_values(up{host=~\"h000[01]\"}, host)", "", 0, &["h0000", "h0001"], false).await;
    check("label_values(host)", "/h000(2)/", 0, &["2"], false).await;
    check("label_names()", "", 0, &["__name__", "host"], false).await;
    check("metrics(u)", "", 0, &["up"], false).await;
    check("query_result(up)", "/host=\"(.*?)\"} 1/", 0, &["h0001"], false).await;
    check("up{host=\"h0001\"}", "", 0, &["up{host=\"h0001\"}"], false).await;
    check("up{host=\"h0001\"}", "/(?<value>up).*\"h(?<text>.*?)\"/", 0, &["0001"], false).await;
    for query in ["label_values()", "label_values(up{, host)", ""] {
        let body = json!({ "query": query, "range": { "from": 0, "to": 1 } });
        let answer = site.post("/api/ui/variable", &VIEWER, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(!answer.json()["message"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_prometheus_elsewhere_is_drawn_like_our_own() {
    let server = Server::start(|arrived| {
        let result = if arrived.uri.ends_with("query_range") {
            json!({ "resultType": "matrix", "result": [
                { "metric": { "host": "far" }, "values": [[T0 as f64 / 1000.0 - 5.0, "1"], [T0 as f64 / 1000.0 + 10.0, "2"], [1e300, "3"], [-1e300, "4"]] },
            ] })
        } else {
            json!({ "resultType": "vector", "result": [{ "metric": { "host": "far" }, "value": [1, "7"] }] })
        };
        let body = json!({ "status": "success", "warnings": ["slow"], "data": result });
        ([("content-type", "application/json")], body.to_string()).into_response()
    })
    .await;
    let site = site(1, PortalConfig::default()).await;
    make_source(&site, "prometheus", &server.url, &json!({})).await;
    let queries = json!([
        { "refId": "A", "datasource": "far2", "expr": "up", "range": true, "instant": true, "legendFormat": "{{host}}" },
        { "refId": "B", "datasource": "own", "expr": "up", "instant": true },
    ]);
    let lines = lines(&site, &ask(&queries)).await;
    let of_a: Vec<&Value> = lines.iter().filter(|line| line["refId"] == "A").collect();
    let series = &of_a[0]["frame"];
    let aligned = T0 / 15_000 * 15_000;
    assert_eq!(series["time"], json!({ "t0": aligned, "step": 15_000, "n": 41 }));
    assert_eq!(series["series"][0]["name"], "far");
    assert_eq!(series["series"][0]["values"][0], 1);
    assert_eq!(series["series"][0]["values"][1], 2);
    assert_eq!(series["series"][0]["values"][2], Value::Null);
    assert_eq!(
        of_a[1]["frame"]["series"],
        json!([{ "name": "far", "labels": { "host": "far" }, "value": 7 }])
    );
    assert_eq!(of_a[2]["notice"], "slow");
    assert_eq!(of_a[3]["done"]["series"], 1);
    assert!(lines.iter().any(|line| line["refId"] == "B" && line.get("frame").is_some()));

    make_source(&site, "prometheus", "http://169.254.169.254", &json!({})).await;
    let queries = json!([{ "refId": "A", "datasource": "far2", "expr": "up", "range": true }]);
    let refused = &self::lines(&site, &ask(&queries)).await[0]["error"];
    assert_eq!(refused["type"], "datasource");
    assert!(refused["message"].as_str().unwrap().contains("portal.data_source_allow"));
}

#[tokio::test]
async fn histograms_of_a_prometheus_elsewhere_have_no_sum() {
    let server = Server::start(|_| {
        let histogram = json!({ "count": "3", "sum": "5", "buckets": [[0, "0.5", "1", "2"], [0, "1", "2", "1"]] });
        let at = (T0 / 15_000 * 15_000 + 15_000) / 1000;
        let body = json!({ "status": "success", "data": { "resultType": "matrix", "result": [
            { "metric": { "host": "far" }, "histograms": [[at, histogram]] },
        ] } });
        ([("content-type", "application/json")], body.to_string()).into_response()
    })
    .await;
    let site = site(0, PortalConfig::default()).await;
    make_source(&site, "prometheus", &server.url, &json!({})).await;
    let queries = json!([{ "refId": "A", "datasource": "far2", "expr": "took", "range": true }]);
    let lines = lines(&site, &ask(&queries)).await;
    assert_eq!(lines[0]["frame"]["series"], json!([]));
    assert_eq!(lines[1]["frame"]["kind"], "histograms");
    let points = &lines[1]["frame"]["series"][0]["points"];
    assert_eq!(points, &json!([[1, 3, null, [0.5, 1, 2, 1, 2, 1]]]));
    assert_eq!(lines[2]["done"].get("engine"), None);
}

#[tokio::test]
async fn a_tenants_source_of_our_own_shows_that_tenant() {
    let site = site(1, PortalConfig::default()).await;
    let settings = json!({ "httpHeaderName1": "X-Scope-OrgID" });
    let secrets = [("httpHeaderValue1", "tenant-123")];
    make_secret_source(&site, "prometheus", "http://localhost:9090", &settings, &secrets).await;
    let queries = json!([
        { "refId": "A", "datasource": "far2", "expr": "up", "instant": true },
        { "refId": "B", "datasource": "own", "expr": "up", "instant": true },
    ]);
    let lines = lines(&site, &ask(&queries)).await;
    let series = |ref_id: &str| {
        let line = lines.iter().find(|l| l["refId"] == ref_id && l.get("frame").is_some());
        line.unwrap()["frame"]["series"].as_array().unwrap().len()
    };
    assert_eq!((series("A"), series("B")), (0, 1));
}

#[tokio::test]
async fn variables_ask_a_prometheus_elsewhere() {
    let server = Server::start(|arrived| {
        let data = match arrived.uri.split('?').next().unwrap_or_default() {
            "/api/v1/labels" => json!(["__name__", "host"]),
            "/api/v1/label/host/values" => json!(["a", "b"]),
            "/api/v1/label/__name__/values" => json!(["up", "down"]),
            "/api/v1/query" => json!({ "resultType": "vector", "result": [
                { "metric": { "host": "a" }, "value": [1, "7"] },
            ] }),
            _ => return axum::http::StatusCode::NOT_FOUND.into_response(),
        };
        json!({ "status": "success", "data": data }).to_string().into_response()
    })
    .await;
    let site = site(1, PortalConfig::default()).await;
    make_source(&site, "prometheus", &server.url, &json!({})).await;
    for (query, want) in [
        ("label_names()", json!(["__name__", "host"])),
        ("label_values(up{a=\"b\"}, host)", json!(["a", "b"])),
        ("metrics(^u)", json!(["up"])),
        ("query_result(up)", json!(["{host=\"a\"} 7 1000"])),
        ("label_values(x/../../y)", Value::Null),
        ("label_values(other)", Value::Null),
    ] {
        let request =
            json!({ "datasource": "far2", "query": query, "range": { "from": 0, "to": 60_000 } });
        let answer = site.post("/api/ui/variable", &VIEWER, &request).await.json();
        let texts = answer["options"].as_array().map(|options| {
            options.iter().map(|option| option["text"].clone()).collect::<Vec<Value>>()
        });
        assert_eq!(json!(texts), want, "{query}: {answer}");
    }
    let asked: Vec<String> = server.arrived().into_iter().map(|arrived| arrived.uri).collect();
    assert_eq!(
        asked[1],
        "/api/v1/label/host/values?start=0&end=60&match%5B%5D=up%7Ba%3D%22b%22%7D"
    );
    assert!(asked.iter().all(|uri| !uri.contains("..")), "{asked:?}");
}

/// Asks for `expr` over ten minutes from `from_ms` on, with what the client has; the frame of the
/// answer, and its tag.
async fn again(site: &Site, expr: &str, from_ms: i64, have: Option<&Value>) -> (Value, Value) {
    let mut query = json!({ "refId": "A", "expr": expr, "legendFormat": "{{host}}" });
    if let Some(have) = have {
        query["have"] = have.clone();
    }
    let request = json!({
        "range": { "from": from_ms, "to": from_ms + 600_000 },
        "panels": [{ "id": "p", "maxDataPoints": 400, "queries": [query] }],
    });
    let lines = lines(site, &request).await;
    let of = |kind: &str| lines.iter().find_map(|line| line.get(kind)).cloned().unwrap_or_default();
    (of("frame"), of("done")["tag"].clone())
}

/// What a client has of a frame that it was given in whole.
fn have(frame: &Value, tag: &Value) -> Value {
    let time = |field: &str| frame["time"][field].as_i64().unwrap();
    let until = time("t0") + (time("n") - 1) * time("step");
    json!({ "from": time("t0"), "until": until, "tag": tag })
}

#[tokio::test]
async fn a_refresh_carries_what_is_new_to_the_client() {
    let site = site(2, PortalConfig::default()).await;
    let scope = site.viewer_scope().await;
    let push = |host: &str, t_ms: i64, v: f64| {
        let labels = Labels::from_pairs([("__name__", "up"), ("host", host)]);
        site.store.push(&scope, &labels, t_ms, v);
    };
    let (whole, tag) = again(&site, "up", T0, None).await;
    assert_eq!((&whole["kind"], whole["time"]["n"].as_i64()), (&json!("series"), Some(41)));
    let held = have(&whole, &tag);

    // Nothing is new: two steps, because one is no grid.
    let (tail, _) = again(&site, "up", T0, Some(&held)).await;
    assert_eq!((&tail["kind"], &tail["from"]), (&json!("tail"), &whole["time"]["t0"]));
    assert_eq!(tail["time"]["n"], 2);

    // Half a minute later, with a sample and a host more.
    push("h0001", T0 + 620_000, 9.0);
    push("later", T0 + 620_000, 5.0);
    let (tail, next) = again(&site, "up", T0 + 30_000, Some(&held)).await;
    let (t0, n) = (tail["time"]["t0"].as_i64().unwrap(), tail["time"]["n"].as_i64().unwrap());
    let until = T0.div_euclid(15_000) * 15_000 + 630_000;
    assert_eq!((t0 + (n - 1) * 15_000, tail["from"].as_i64()), (until, Some(until - 600_000)));
    assert!((2..=5).contains(&n), "{tail}");
    let names: Vec<&Value> =
        tail["series"].as_array().unwrap().iter().map(|series| &series["name"]).collect();
    assert_eq!(names, ["h0000", "h0001", "later"]);
    assert_ne!(next, tag);

    // A late sample: from there on.
    push("h0000", T0 + 307_000, 7.0);
    let (tail, _) = again(&site, "up", T0, Some(&held)).await;
    let t0 = tail["time"]["t0"].as_i64().unwrap();
    assert!((T0 + 240_000..=T0 + 310_000).contains(&t0), "{tail}");

    // Everything, when the client has something else, or less.
    let mut other = held.clone();
    other["tag"] = json!("0123456789abcdef1");
    let mut shorter = held.clone();
    shorter["from"] = json!(T0 + 60_000);
    for (expr, have) in [("up", &other), ("up", &shorter), ("up + 0", &held)] {
        assert_eq!(again(&site, expr, T0, Some(have)).await.0["kind"], "series", "{expr} {have}");
    }
}

#[tokio::test]
async fn what_depends_on_the_ends_or_is_cut_is_always_whole() {
    let site = site(9, PortalConfig { series_max: 7, ..PortalConfig::default() }).await;
    for (expr, tagged) in [("sum(up)", true), ("up", false)] {
        let (frame, tag) = again(&site, expr, T0, None).await;
        assert_eq!((&frame["kind"], tag.is_string()), (&json!("series"), tagged), "{expr}");
    }
    let (frame, tag) = again(&site, "sum(up @ end())", T0, None).await;
    let (again, _) = again(&site, "sum(up @ end())", T0, Some(&have(&frame, &tag))).await;
    assert_eq!(again["kind"], "series");
}

#[tokio::test]
async fn a_prometheus_elsewhere_is_asked_for_its_last_minutes_where_it_says_so() {
    let asked = |arrived: &str, name: &str| {
        let all = arrived.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        all.and_then(|text| text.parse::<f64>().ok()).unwrap_or_default() as i64 * 1000
    };
    let server = Server::start(|_| {
        let result =
            json!([{ "metric": { "host": "far" }, "values": [[T0 as f64 / 1000.0, "1"]] }]);
        let data = json!({ "resultType": "matrix", "result": result });
        let body = json!({ "status": "success", "data": data });
        ([("content-type", "application/json")], body.to_string()).into_response()
    })
    .await;
    let site = site(0, PortalConfig::default()).await;
    for (settings, begins_after) in [
        (json!({}), 0),
        (json!({ "incrementalQuerying": true, "incrementalQueryOverlapWindow": "2m" }), 480_000),
    ] {
        make_source(&site, "prometheus", &server.url, &settings).await;
        let ask = async |have: Value| {
            let query = json!({ "refId": "A", "datasource": "far2", "expr": "up", "have": have });
            self::lines(&site, &ask(&json!([query]))).await
        };
        let first = ask(Value::Null).await;
        let tag = first.iter().find_map(|line| line.get("done")).unwrap()["tag"].clone();
        assert_eq!(tag.is_string(), begins_after > 0);
        let tag = if tag.is_string() { tag } else { json!("") };
        let frame = &first[0]["frame"];
        ask(have(frame, &tag)).await;
        let arrived = server.arrived();
        let last = arrived.last().unwrap();
        let words = format!("{}&{}", last.uri.split('?').nth(1).unwrap_or_default(), last.body);
        let start = asked(&words, "start");
        assert_eq!(start, T0.div_euclid(15_000) * 15_000 + begins_after, "{words}");
    }
}
