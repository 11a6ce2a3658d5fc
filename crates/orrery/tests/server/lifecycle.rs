//! Starting, refusing to start, being asked for health, and stopping.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::Output;

use crate::harness::{Server, command, eventually, query, serve_command};

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[tokio::test]
async fn every_face_tells_its_health_and_a_signal_ends_with_success() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let client = crate::harness::client();
    for (face, path, want) in [
        ("prometheus", "/-/healthy", "Healthy"),
        ("prometheus", "/-/ready", "Ready"),
        ("prometheus", "/metrics", "orrery_build_info"),
        ("prometheus", "/", "<title>Prometheus"),
        ("prometheus", "/graph?g0.expr=up", "<title>Prometheus"),
        ("prometheus", "/targets", "<title>Prometheus"),
        ("portal", "/api/health", "\"ok\":true"),
        ("portal", "/metrics", "process_resident_memory_bytes"),
        ("mimir", "/ready", "ready"),
        ("mimir", "/metrics", "orrery_http_requests_total"),
        ("prometheus", "/api/v1/rules?type=alert", r#"{"status":"success","data":{"groups":[]}}"#),
        ("prometheus", "/api/v1/alerts", r#"{"status":"success","data":{"alerts":[]}}"#),
        ("prometheus", "/api/v1/alertmanagers", r#""droppedAlertmanagers":[]"#),
        ("mimir_query", "/prometheus/api/v1/rules", r#""groups":[]"#),
        ("mimir_query", "/prometheus/api/v1/alerts", r#""alerts":[]"#),
        ("mimir_query", "/prometheus/api/v1/status/buildinfo", "success"),
    ] {
        let answer = client.get(server.url(face, path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{face}{path}");
        let body = answer.text().await.unwrap();
        assert!(body.contains(want), "{face}{path} answers {body}");
    }
    server.signal("TERM");
    let (status, log) = server.wait();
    assert!(status.success(), "{status}: {log}");
    assert!(log.contains("stopped"), "{log}");
}

#[tokio::test]
async fn a_server_that_has_started_asks_itself_first() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let client = crate::harness::client();
    let asked = || async {
        let answer = client.get(server.url("prometheus", "/metrics")).send().await.unwrap();
        let text = answer.text().await.unwrap();
        let mut counts = text.lines().filter_map(|line| {
            let rest = line.strip_prefix("orrery_query_duration_seconds_count")?;
            rest.rsplit_once(' ')?.1.parse::<u32>().ok()
        });
        counts.any(|count| count > 0).then_some(())
    };
    eventually("its own questions are answered", asked).await;
}

#[tokio::test]
async fn every_face_tells_the_commit_that_the_binary_is_built_from() {
    let commit = env!("ORRERY_COMMIT");
    let checkout = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.git");
    if std::path::Path::new(checkout).exists() {
        assert_ne!(commit, "unknown");
    }
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let client = crate::harness::client();
    for (face, path) in [
        ("portal", "/api/health"),
        ("prometheus", "/api/v1/status/buildinfo"),
        ("mimir_query", "/prometheus/api/v1/status/buildinfo"),
    ] {
        let answer = client.get(server.url(face, path)).send().await.unwrap();
        let body = answer.text().await.unwrap();
        assert!(body.contains(commit), "{face}{path} answers {body}");
    }
}

#[tokio::test]
async fn this_host_is_scraped_right_after_the_start() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let client = crate::harness::client();
    for promql in ["node_cpu_seconds_total", "node_memory_MemTotal_bytes", "orrery_build_info"] {
        eventually(promql, || async {
            let found = query(&client, &server, promql).await;
            (!found.as_array()?.is_empty()).then_some(())
        })
        .await;
    }
    let up = eventually("up", || async {
        let up = query(&client, &server, "sum(up)").await;
        up[0]["value"][1].as_str().filter(|v| *v == "2").map(str::to_owned)
    });
    assert_eq!(up.await, "2", "the host and Orrery itself");
}

/// A request that never ends holds up a clean stop; the second signal does not wait for it.
#[test]
fn a_second_signal_ends_at_once() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start(data.path(), &[]);
    let mut client = TcpStream::connect(&server.addresses["prometheus"]).unwrap();
    client
        .write_all(b"POST /api/v1/write HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1")
        .unwrap();
    // An answered request on another connection: by now the first one has been taken.
    let mut other = TcpStream::connect(&server.addresses["prometheus"]).unwrap();
    other.write_all(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    std::io::read_to_string(&mut other).unwrap();
    server.signal("TERM");
    server.wait_for("stopping");
    server.signal("INT");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(130), "{log}");
}

#[test]
fn a_data_directory_in_use_is_refused_in_one_sentence() {
    let data = tempfile::tempdir().unwrap();
    let _first = Server::start(data.path(), &[]);
    let second = serve_command(data.path(), &[]).output().unwrap();
    assert!(!second.status.success());
    assert!(text(&second).contains("in use by another process"), "{}", text(&second));
}

#[test]
fn a_taken_port_is_refused_in_one_sentence() {
    let data = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = serve_command(data.path(), &["--portal-listen", &address]).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output).contains(&address), "{}", text(&output));
    assert!(text(&output).contains("already in use"), "{}", text(&output));
}

#[test]
fn a_port_offset_beyond_the_last_port_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let output = command()
        .args(["serve", "--port-offset", "60000", "--data-dir"])
        .arg(data.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(text(&output).contains("beyond 65535"), "{}", text(&output));
}

#[test]
fn an_unwritable_disk_is_refused_in_one_sentence() {
    let output = serve_command("/proc/orrery-data".as_ref(), &[]).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output).contains("/proc/orrery-data"), "{}", text(&output));
}

#[test]
fn a_wrong_configuration_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orrery.yaml");
    std::fs::write(&file, "query:\n  max_sample: 3\n").unwrap();
    for args in [vec!["check", "config"], vec!["serve", "--config"]] {
        let output = command().args(&args).arg(&file).output().unwrap();
        assert!(!output.status.success());
        let text = text(&output);
        assert!(text.contains("line 2") && text.contains("max_samples"), "{args:?}: {text}");
    }
    let unknown = command().arg("serve").env("ORRERY_QUERY_MAX_SAMPLE", "1").output().unwrap();
    assert!(!unknown.status.success());
    assert!(text(&unknown).contains("ORRERY_QUERY_MAX_SAMPLES"), "{}", text(&unknown));
}

#[test]
fn small_commands_answer() {
    let check = |args: &[&str], want: &str| {
        let output = command().args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", text(&output));
        assert!(text(&output).contains(want), "{args:?}: {}", text(&output));
    };
    check(&["version"], env!("CARGO_PKG_VERSION"));
    check(&["--version"], env!("CARGO_PKG_VERSION"));
    check(&["--help"], "--port-offset");
    check(&["completions", "bash"], "_orrery");
}
