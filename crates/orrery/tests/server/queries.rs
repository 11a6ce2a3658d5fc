//! The query API from outside: parameters, errors with their status codes, and a client that
//! leaves before its answer.

use serde_json::Value;

use crate::harness::{Server, client, eventually, now_ms, write, write_body};

/// Minutes of evaluation over few bytes: a long chain of operators at millions of steps.
fn slow_query() -> String {
    let chain = "sin(".repeat(150);
    format!("max_over_time(({chain}time(){})[3h:1ms])", ")".repeat(150))
        .replace("time()", "vector(time())")
}

/// The value of a metric of the server itself, by the start of its line.
async fn own_metric(client: &reqwest::Client, server: &Server, line: &str) -> Option<f64> {
    let page = client.get(server.url("prometheus", "/metrics")).send().await.ok()?;
    let page = page.text().await.ok()?;
    let line = page.lines().find_map(|found| found.strip_prefix(line))?;
    line.trim().parse().ok()
}

/// Waits for the end of the queries that a server asks itself when it has started; the only
/// instant one is the last of them.
async fn warmed_up(client: &reqwest::Client, server: &Server) {
    let instant = "orrery_query_duration_seconds_count{endpoint=\"query\"} ";
    eventually("the end of the warm-up", || async {
        own_metric(client, server, instant).await.filter(|n| *n > 0.0)
    })
    .await;
}

#[tokio::test]
async fn a_query_stops_when_its_client_leaves() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let client = client();
    warmed_up(&client, &server).await;
    let url = server.url("prometheus", "/api/v1/query");
    let form = [("query", slow_query())];
    let asking = client.post(url).form(&form).send();
    let running = async {
        eventually("the query to run", || async {
            own_metric(&client, &server, "orrery_queries_in_flight ").await.filter(|n| *n > 0.0)
        })
        .await
    };
    tokio::select! {
        answer = asking => panic!("answered before it was abandoned: {answer:?}"),
        _ = running => {}
    }
    // The request was dropped with its branch, and its connection with it.
    eventually("the query to stop", || async {
        let canceled = "orrery_query_failures_total{reason=\"canceled\"} ";
        own_metric(&client, &server, canceled).await.filter(|n| *n == 1.0)
    })
    .await;
}

#[tokio::test]
async fn a_tenant_with_too_many_waiting_queries_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let config = data.path().join("orrery.yaml");
    std::fs::write(&config, "query: {max_concurrency: 1, max_outstanding_per_tenant: 1}\n")
        .unwrap();
    let config = config.display().to_string();
    let server = Server::start(&data.path().join("data"), &["--config", &config]);
    let client = client();
    warmed_up(&client, &server).await;
    let url = server.url("prometheus", "/api/v1/query");
    let slow = slow_query();
    let ask = |query: &str| client.post(&url).form(&[("query", query)]).send();
    let until = |line: &'static str| {
        let (client, server) = (&client, &server);
        eventually(line, move || async move {
            own_metric(client, server, line).await.filter(|n| *n == 1.0)
        })
    };
    let first = tokio::spawn(ask(&slow));
    until("orrery_queries_in_flight ").await;
    let second = tokio::spawn(ask(&slow));
    until("orrery_queries_waiting ").await;
    let refused = ask("1").await.unwrap();
    assert_eq!(refused.status(), 429);
    let body: Value = serde_json::from_slice(&refused.bytes().await.unwrap()).unwrap();
    assert_eq!(body["errorType"], "too_many_requests");
    let text = body["error"].as_str().unwrap();
    assert!(text.contains("too many outstanding requests"), "{text}");
    first.abort();
    second.abort();
}

/// A server with two series of ten samples, one a minute up to now.
struct Asked {
    server: Server,
    client: reqwest::Client,
    now_s: i64,
    _data: tempfile::TempDir,
}

impl Asked {
    async fn start() -> Self {
        Self::start_with("promql-experimental-functions").await
    }

    async fn start_with(features: &str) -> Self {
        let data = tempfile::tempdir().expect("the server answers");
        let flag = format!("--enable-feature={features}");
        let server = Server::start(data.path(), &[&flag]);
        let client = client();
        let now_s = now_ms() / 1000;
        let labels: Vec<[(&str, &str); 2]> =
            ["a", "b"].map(|i| [("__name__", "m_total"), ("i", i)]).into();
        let samples: Vec<_> = (0..10)
            .flat_map(|k| {
                labels.iter().map(move |l| (&l[..], (now_s - 600 + k * 60) * 1000, k as f64))
            })
            .collect();
        let url = server.url("prometheus", "/api/v1/write");
        assert_eq!(
            write(&client, &url, write_body(&samples)).await.expect("the server answers"),
            204
        );
        Self { server, client, now_s, _data: data }
    }

    /// Status and body of a form posted below `/api/v1`.
    async fn ask(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let url = self.server.url("prometheus", &format!("/api/v1/{path}"));
        let answer = self.client.post(url).form(form).send().await.expect("the server answers");
        let status = answer.status().as_u16();
        let body: Value =
            serde_json::from_slice(&answer.bytes().await.expect("the server answers"))
                .expect("the server answers");
        (status, body)
    }
}

#[tokio::test]
async fn parameters_are_the_references() {
    let asked = Asked::start().await;
    let ask = async |path: &str, form: &[(&str, &str)]| asked.ask(path, form).await;
    let now = asked.now_s;
    let time = now.to_string();
    let at = ("time", time.as_str());

    let (_, plain) = ask("query", &[("query", "m_total"), at]).await;
    assert_eq!(plain["data"]["result"].as_array().map(Vec::len), Some(2), "{plain}");
    let (_, short) = ask("query", &[("query", "m_total"), at, ("lookback_delta", "30s")]).await;
    assert_eq!(short["data"]["result"].as_array().map(Vec::len), Some(0), "{short}");
    let (_, limited) = ask("query", &[("query", "m_total"), at, ("limit", "1")]).await;
    assert_eq!(limited["data"]["result"].as_array().map(Vec::len), Some(1), "{limited}");
    assert_eq!(limited["warnings"][0], "results truncated due to limit");

    let start = (now - 120).to_string();
    let range = [("start", start.as_str()), ("end", time.as_str()), ("step", "60")];
    let (_, stats) = ask(
        "query_range",
        &[&range[..], &[("query", "rate(m_total[2m])"), ("stats", "all")]].concat(),
    )
    .await;
    let samples = &stats["data"]["stats"]["samples"];
    let steps = samples["totalQueryableSamplesPerStep"].as_array().unwrap();
    let counts: Vec<i64> = steps.iter().filter_map(|step| step[1].as_i64()).collect();
    assert_eq!(counts, [4, 4, 2], "{samples}");
    assert_eq!(samples["totalQueryableSamples"], 10);
    assert_eq!(samples["samplesRead"], 6);
    assert_eq!(samples["seriesTouched"], 2);

    let (_, tree) = ask("parse_query", &[("query", "limitk(1, m_total)")]).await;
    assert_eq!(tree["data"]["op"], "limitk", "the feature is on: {tree}");
    let (_, pretty) = ask("format_query", &[("query", "sum  (m_total)by(i)")]).await;
    assert_eq!(pretty["data"], "sum by (i) (m_total)");
    let (_, exemplars) = ask("query_exemplars", &[("query", "m_total")]).await;
    assert_eq!(exemplars["data"], serde_json::json!([]));
}

/// Arithmetic over durations and extended ranges need no feature; naming it is no mistake.
#[tokio::test]
async fn features_that_became_part_of_the_language_are_on() {
    for features in ["exemplar-storage", "promql-duration-expr,promql-extended-range-selectors"] {
        let asked = Asked::start_with(features).await;
        let time = asked.now_s.to_string();
        for query in
            ["increase(m_total[2m * 2] anchored)", "m_total smoothed", "m_total offset (1m + 1m)"]
        {
            let (status, body) = asked.ask("query", &[("query", query), ("time", &time)]).await;
            assert_eq!(status, 200, "{query}: {body}");
            let found = body["data"]["result"].as_array().map(Vec::len);
            assert_eq!(found, Some(2), "{query}: {body}");
        }
        let (_, body) = asked.ask("query", &[("query", "m_total + fill(0) m_total")]).await;
        let text = "binop fill modifiers are experimental and not enabled";
        assert!(body["error"].as_str().is_some_and(|error| error.ends_with(text)), "{body}");
    }
}

#[tokio::test]
async fn names_need_no_quotes_where_the_feature_is_on() {
    let labels = [("__name__", "lager.größe"), ("ort.straße", "x")];
    let forms = [
        ("query", ("query", "sum by (ort.straße) (lager.größe{ort.straße!=\"\"})")),
        ("series", ("match[]", "lager.größe{ort.straße!=\"\"}")),
        ("labels", ("match[]", "lager.größe")),
        ("query_exemplars", ("query", "lager.größe")),
        ("parse_query", ("query", "lager.größe")),
    ];
    let plain = Asked::start_with("exemplar-storage").await;
    let asked = Asked::start_with("promql-unquoted-utf8-names").await;
    let url = asked.server.url("prometheus", "/api/v1/write");
    let body = write_body(&[(&labels[..], asked.now_s * 1000, 5.0)]);
    assert_eq!(write(&asked.client, &url, body).await.expect("the server answers"), 204);
    for (path, form) in forms {
        let (status, body) = plain.ask(path, &[form]).await;
        let error = body["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.contains("unexpected character: '.'"), "{path}: {body}");
        let (status, body) = asked.ask(path, &[form]).await;
        assert_eq!(status, 200, "{path}: {body}");
    }
    let (_, found) = asked.ask("query", &[forms[0].1]).await;
    assert_eq!(found["data"]["result"][0]["metric"]["ort.straße"], "x", "{found}");
    let (_, found) = asked.ask("series", &[forms[1].1]).await;
    assert_eq!(found["data"][0]["__name__"], "lager.größe", "{found}");
    let quoted = ("query", "max (m{\"ort.straße\"=\"x\"}) by (\"ö\")");
    let (_, printed) = asked.ask("format_query", &[quoted]).await;
    assert_eq!(printed["data"], "max by (ö) (m{ort.straße=\"x\"})");
    let (_, printed) = plain.ask("format_query", &[quoted]).await;
    assert_eq!(printed["data"], "max by (\"ö\") (m{\"ort.straße\"=\"x\"})");
}

#[tokio::test]
async fn errors_are_the_references() {
    let asked = Asked::start().await;
    let now = asked.now_s;
    let (start, time) = ((now - 120).to_string(), now.to_string());
    let range = [("start", start.as_str()), ("end", time.as_str()), ("step", "60")];
    let at = ("time", time.as_str());
    let check = async |path: &str, form: &[(&str, &str)], want: (u16, &str, &str)| {
        let (status, body) = asked.ask(path, form).await;
        assert_eq!((status, body["errorType"].as_str()), (want.0, Some(want.1)), "{body}");
        let text = body["error"].as_str().unwrap_or_default();
        assert!(text.starts_with(want.2), "{text:?} does not start with {:?}", want.2);
    };
    let bad = |text| (400, "bad_data", text);
    check("query", &[("query", "1 +")], bad("invalid parameter \"query\": 1:4: parse error")).await;
    check("query", &[("query", "1"), ("limit", "-1")], bad("invalid parameter \"limit\": ")).await;
    check("query", &[("query", "1"), ("time", "x")], bad("invalid parameter \"time\": invalid time value for 'time': cannot parse \"x\" to a valid timestamp")).await;
    check(
        "query",
        &[("query", "1"), ("timeout", "0")],
        bad("invalid parameter \"timeout\": timeout must be positive"),
    )
    .await;
    check(
        "query",
        &[("query", "1"), ("lookback_delta", "x")],
        bad("error parsing lookback delta duration: cannot parse \"x\""),
    )
    .await;
    check(
        "query",
        &[("query", "label_replace(m_total, \"i\", \"\", \"i\", \".*\")"), at],
        (422, "execution", "vector cannot contain metrics with the same labelset"),
    )
    .await;
    check(
        "query",
        &[("query", &slow_query()), ("timeout", "1ms")],
        (503, "timeout", "query timed out in"),
    )
    .await;
    check(
        "query_range",
        &[("query", "m_total[1m]"), range[0], range[1], range[2]],
        bad(
            "invalid parameter \"query\": invalid expression type \"range vector\" for range query",
        ),
    )
    .await;
    check(
        "query_range",
        &[("query", "1"), range[1], range[2]],
        bad("invalid parameter \"start\": cannot parse \"\" to a valid timestamp"),
    )
    .await;
    check(
        "query_range",
        &[("query", "1"), ("start", "0"), ("end", "11001"), ("step", "1")],
        bad("exceeded maximum resolution of 11,000 points per timeseries"),
    )
    .await;
    check("query_exemplars", &[("query", "1 +")], bad("1:4: parse error")).await;
    for (path, form) in [("query", "query=1"), ("query_range", "query=1&start=0&end=9&step=1")] {
        let url = asked.server.url("prometheus", &format!("/api/v1/{path}?{form}"));
        for (value, want) in [("false", 200), ("T", 200), ("maybe", 400)] {
            let request = asked.client.get(&url);
            let request = request.header("X-Prometheus-Use-Start-Timestamps", value);
            let answer = request.send().await.expect("the server answers");
            assert_eq!(answer.status(), want, "{path} {value}");
        }
    }
}
