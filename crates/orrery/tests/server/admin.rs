//! The admin API: off unless asked for, by tenant, and deletions that outlive a kill.

use reqwest::{Client, Method, Response};
use serde_json::Value;

use crate::harness::{Server, client, now_ms, query, write_body};

const DELETE: &str = "/api/v1/admin/tsdb/delete_series";
const SNAPSHOT: &str = "/api/v1/admin/tsdb/snapshot";
const CLEAN: &str = "/api/v1/admin/tsdb/clean_tombstones";

async fn send(client: &Client, method: Method, url: String, tenant: Option<&str>) -> Response {
    let request = client.request(method, url);
    let request = match tenant {
        Some(tenant) => request.header("X-Scope-OrgID", tenant),
        None => request,
    };
    request.send().await.expect("answered")
}

async fn post(server: &Server, path: &str, tenant: Option<&str>) -> (u16, String) {
    let answer = send(&client(), Method::POST, server.url("prometheus", path), tenant).await;
    (answer.status().as_u16(), answer.text().await.expect("a body"))
}

async fn get(server: &Server, face: &str, path: &str) -> String {
    let answer = send(&client(), Method::GET, server.url(face, path), None).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("a body")
}

async fn write(server: &Server, name: &str, t_ms: i64, v: f64) {
    let labels: &[(&str, &str)] = &[("__name__", name)];
    let url = server.url("mimir", "/api/v1/push");
    let status = crate::harness::write(&client(), &url, write_body(&[(labels, t_ms, v)])).await;
    assert_eq!(status.expect("answered"), 204);
}

async fn count(server: &Server, name: &str) -> usize {
    let found = query(&client(), server, &format!("{name}[1h]")).await;
    found[0]["values"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn without_the_flag_nothing_is_administered() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    write(&server, "kept", now_ms(), 1.0).await;
    let want = r#"{"status":"error","errorType":"unavailable","error":"admin APIs disabled"}"#;
    for path in [format!("{DELETE}?match[]=kept"), CLEAN.to_owned(), SNAPSHOT.to_owned()] {
        assert_eq!(post(&server, &path, None).await, (503, want.to_owned()));
    }
    assert_eq!(count(&server, "kept").await, 1);
}

#[tokio::test]
async fn a_deletion_is_checked_and_outlives_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let flags = ["--web.enable-admin-api"];
    let server = Server::start(data.path(), &flags);
    let now = now_ms();
    for t_ms in [now - 3000, now - 2000, now - 1000] {
        write(&server, "gone", t_ms, 1.0).await;
        write(&server, "kept", t_ms, 1.0).await;
    }
    for (query, part) in [
        ("", "no match[] parameter provided"),
        ("?match[]=1", "invalid parameter"),
        ("?match[]=gone&start=x", "to a valid timestamp"),
    ] {
        let (status, body) = post(&server, &format!("{DELETE}{query}"), None).await;
        assert!(status == 400 && body.contains(part), "{status} {body}");
    }
    let (status, body) = post(&server, &format!("{DELETE}?match[]=gone"), Some("other")).await;
    assert!(status == 403 && body.contains("tenancy.admin_tenants"), "{status} {body}");
    assert_eq!(count(&server, "gone").await, 3);

    let end = (now - 2000) as f64 / 1000.0;
    let path = format!("{DELETE}?match[]=gone&match[]=nothing&end={end}");
    assert_eq!(post(&server, &path, None).await, (204, String::new()));
    assert_eq!((count(&server, "gone").await, count(&server, "kept").await), (1, 3));
    // Again, but after the deletion.
    write(&server, "gone", now - 3000, 5.0).await;
    server.kill();

    let server = Server::start(data.path(), &flags);
    assert_eq!((count(&server, "gone").await, count(&server, "kept").await), (2, 3));
    let url = server.url("prometheus", CLEAN);
    assert_eq!(send(&client(), Method::PUT, url, None).await.status(), 204);
    assert_eq!((count(&server, "gone").await, count(&server, "kept").await), (2, 3));
}

#[tokio::test]
async fn a_snapshot_is_opened_by_another_server() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), &["--web.enable-admin-api"]);
    write(&server, "copied", now_ms(), 4.0).await;
    let (status, body) = post(&server, &format!("{SNAPSHOT}?skip_head=maybe"), None).await;
    assert!(status == 400 && body.contains("unable to parse boolean"), "{status} {body}");
    let (status, body) = post(&server, SNAPSHOT, None).await;
    assert_eq!(status, 200, "{body}");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    let name = answer["data"]["name"].as_str().expect("a name");
    assert!(name.len() == 33 && name.contains("Z-"), "{name}");
    server.kill();

    let restored = tempfile::tempdir().expect("a folder");
    let snapshot = data.path().join("metrics/snapshots").join(name);
    std::fs::rename(snapshot, restored.path().join("metrics")).expect("moved");
    let server = Server::start(restored.path(), &[]);
    let found = query(&client(), &server, "copied").await;
    assert_eq!(found[0]["value"][1], "4");
}

#[tokio::test]
async fn the_retention_is_shown_as_it_was_given() {
    let data = tempfile::tempdir().unwrap();
    let flags = ["--storage.tsdb.retention.time=30d", "--storage.tsdb.retention.size=512MB"];
    let server = Server::start(data.path(), &flags);
    let json = |text: String| serde_json::from_str::<Value>(&text).unwrap()["data"].clone();
    let flags = json(get(&server, "prometheus", "/api/v1/status/flags").await);
    assert_eq!(flags["storage.tsdb.retention.time"], "30d");
    assert_eq!(flags["storage.tsdb.retention.size"], "512MiB");
    assert_eq!(flags["web.enable-admin-api"], "false");
    let info = json(get(&server, "prometheus", "/api/v1/status/runtimeinfo").await);
    assert_eq!(info["storageRetention"], "30d or 512MiB");
    let mimir = get(&server, "mimir", "/config").await;
    assert!(mimir.lines().any(|line| line == "compactor:"), "{mimir}");
    assert!(mimir.contains("compactor_blocks_retention_period: 30d\n"), "{mimir}");
}

#[tokio::test]
async fn the_status_pages_count_what_is_held() {
    let data = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(data.path(), &["--web.enable-admin-api"]);
    write(&server, "counted", now_ms(), 4.0).await;
    let json = |text: String| serde_json::from_str::<Value>(&text).expect("JSON")["data"].clone();
    let tsdb = json(get(&server, "prometheus", "/api/v1/status/tsdb?limit=10000").await);
    let metrics = tsdb["seriesCountByMetricName"].as_array().expect("a list");
    assert!(metrics.iter().any(|entry| entry["name"] == "counted" && entry["value"] == 1));
    assert_eq!(metrics.len(), tsdb["labelValueCountByLabelName"][0]["value"]);
    for face in ["mimir_query", "prometheus"] {
        let prefix = if face == "prometheus" { "" } else { "/prometheus" };
        let path = format!("{prefix}/api/v1/status/walreplay");
        let replay = json(get(&server, face, &path).await);
        assert_eq!(replay["current"], replay["max"]);
    }
    assert_eq!(post(&server, SNAPSHOT, None).await.0, 200);
    server.wait_for("part uploaded to the local store");
    let blocks = json(get(&server, "prometheus", "/api/v1/status/tsdb/blocks").await);
    assert!(blocks["blocks"][0]["stats"]["numSamples"].as_u64() > Some(0), "{blocks}");
    let info = json(get(&server, "prometheus", "/api/v1/status/runtimeinfo").await);
    assert_eq!(info["corruptionCount"], 0);
}
