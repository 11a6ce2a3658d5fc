//! Range queries that come again are answered by the result cache, until something late arrives.

use serde_json::Value;

use crate::harness::{Server, client, now_ms, write_body};

const TENANT: (&str, &str) = ("X-Scope-OrgID", "cached");
const STEP_MS: i64 = 15_000;

async fn push(server: &Server, samples: &[(i64, f64)]) {
    let labels: &[(&str, &str)] = &[("__name__", "old_total"), ("job", "test")];
    let samples: Vec<_> = samples.iter().map(|(t_ms, v)| (labels, *t_ms, *v)).collect();
    let request = client().post(server.url("mimir", "/api/v1/push")).header(TENANT.0, TENANT.1);
    let answer = request.body(write_body(&samples)).send().await.expect("answered");
    assert_eq!(answer.status(), 204);
}

/// The points of the one series, from `start_ms` over 40 steps.
async fn range(server: &Server, face: &str, start_ms: i64, no_store: bool) -> Vec<Value> {
    let prefix = if face == "prometheus" { "" } else { "/prometheus" };
    let url = server.url(face, &format!("{prefix}/api/v1/query_range"));
    let seconds = |t_ms: i64| format!("{}", t_ms / 1000);
    let form = [
        ("query", "sum(rate(old_total[2m]))".to_owned()),
        ("start", seconds(start_ms)),
        ("end", seconds(start_ms + 40 * STEP_MS)),
        ("step", seconds(STEP_MS)),
    ];
    let mut request = client().post(url).form(&form).header(TENANT.0, TENANT.1);
    if no_store {
        request = request.header("Cache-Control", "no-store");
    }
    let body = request.send().await.expect("answered").bytes().await.expect("a body");
    let json: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(json["status"], "success", "{json}");
    json["data"]["result"][0]["values"].as_array().cloned().unwrap_or_default()
}

/// Hits, partial hits, misses, and Mimir's count of hits.
async fn counts(server: &Server) -> [u64; 4] {
    let page = client().get(server.url("mimir", "/metrics")).send().await.expect("answered");
    let page = page.text().await.expect("a page");
    let value = |series: &str| {
        let line = page.lines().find_map(|line| line.strip_prefix(series));
        line.and_then(|v| v.trim().parse().ok()).unwrap_or_else(|| panic!("no {series} in\n{page}"))
    };
    let outcome = |name| value(&format!("orrery_query_cache_queries_total{{outcome=\"{name}\"}} "));
    let of_mimir = value("cortex_cache_hits{name=\"frontend.results\"} ");
    [outcome("hit"), outcome("partial"), outcome("miss"), of_mimir]
}

#[tokio::test]
async fn a_second_run_is_a_hit_and_late_data_is_seen() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let start_ms = (now_ms() - 3_600_000) / STEP_MS * STEP_MS;
    let samples: Vec<(i64, f64)> =
        (0..40).map(|i| (start_ms + i * STEP_MS, (i * i) as f64)).collect();
    push(&server, &samples).await;
    assert_eq!(counts(&server).await, [0, 0, 0, 0]);
    let first = range(&server, "mimir_query", start_ms, false).await;
    assert!(first.len() > 30, "{first:?}");
    assert_eq!(counts(&server).await, [0, 0, 1, 0]);
    // Every face has the same cache.
    assert_eq!(range(&server, "prometheus", start_ms, false).await, first);
    assert_eq!(counts(&server).await, [1, 0, 1, 1]);
    assert_eq!(range(&server, "mimir_query", start_ms, true).await, first);
    assert_eq!(counts(&server).await, [1, 0, 1, 1], "not looked at, nor counted");
    // An earlier start, so that only the tail of the old answer is of use.
    let earlier = range(&server, "mimir", start_ms - 10 * STEP_MS, false).await;
    assert_eq!(earlier[..20], first[..20]);
    assert_eq!(counts(&server).await, [1, 1, 1, 2]);
    // A sample in between, and the answer knows it at once.
    push(&server, &[(start_ms + 20 * STEP_MS + 7000, 1e6)]).await;
    let late = range(&server, "mimir_query", start_ms, false).await;
    assert_ne!(late, first);
    assert_eq!(late, range(&server, "mimir_query", start_ms, true).await);
    assert_eq!(counts(&server).await, [1, 2, 1, 3]);
}

#[tokio::test]
async fn what_was_cached_survives_a_clean_restart_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("query-cache");
    let server = Server::start(data.path(), &[]);
    let start_ms = (now_ms() - 3_600_000) / STEP_MS * STEP_MS;
    let samples: Vec<(i64, f64)> =
        (0..40).map(|i| (start_ms + i * STEP_MS, (i * i) as f64)).collect();
    push(&server, &samples).await;
    let first = range(&server, "mimir_query", start_ms, false).await;
    let stop = |server: Server| {
        server.signal("TERM");
        let (status, log) = server.wait();
        assert!(status.success(), "{status}: {log}");
        assert!(file.exists(), "{log}");
    };
    stop(server);

    let server = Server::start(data.path(), &[]);
    assert!(!file.exists());
    assert_eq!(range(&server, "mimir_query", start_ms, false).await, first);
    assert_eq!(counts(&server).await, [1, 0, 0, 1]);
    // Versions count on: late data is seen as before.
    push(&server, &[(start_ms + 20 * STEP_MS + 7000, 1e6)]).await;
    let late = range(&server, "mimir_query", start_ms, false).await;
    assert_eq!(late, range(&server, "mimir_query", start_ms, true).await);
    assert_ne!(late, first);
    assert_eq!(counts(&server).await, [1, 1, 0, 2]);
    stop(server);

    // The data goes on without the cache: what was saved then is of no use.
    let saved = std::fs::read(&file).unwrap();
    let server = Server::start(data.path(), &[]);
    push(&server, &[(start_ms + 10 * STEP_MS + 7000, 2e6)]).await;
    server.kill();
    std::fs::write(&file, &saved).unwrap();
    let server = Server::start(data.path(), &[]);
    let later = range(&server, "mimir_query", start_ms, false).await;
    assert_eq!(later, range(&server, "mimir_query", start_ms, true).await);
    assert_ne!(later, late);
    assert_eq!(counts(&server).await, [0, 0, 1, 0]);
    stop(server);

    let mut damaged = std::fs::read(&file).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    std::fs::write(&file, &damaged).unwrap();
    let mut server = Server::start(data.path(), &[]);
    assert_eq!(range(&server, "mimir_query", start_ms, false).await, later);
    assert_eq!(counts(&server).await, [0, 0, 1, 0]);
    server.signal("TERM");
    server.wait_for("stopped");
}
