//! Runs the real binary on free ports in a directory of its own, and talks to it.

#[path = "proto.rs"]
pub(crate) mod proto;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take before a test gives up; generous, because nothing waits for it
/// unless something is broken.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A running server. Its log is read line by line; addresses come from it.
pub(crate) struct Server {
    child: Child,
    log: BufReader<ChildStderr>,
    pub(crate) addresses: BTreeMap<String, String>,
}

pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orrery"));
    command.env_clear();
    command
}

/// `serve` on ports the system picks.
pub(crate) fn serve_command(data: &Path, more: &[&str]) -> Command {
    let mut command = command();
    command.arg("serve").arg("--data-dir").arg(data).args(["--log-format", "json"]);
    for face in ["portal", "prometheus", "mimir", "mimir-query"] {
        let flag = format!("--{face}-listen");
        if !more.contains(&flag.as_str()) {
            command.args([&flag, "127.0.0.1:0"]);
        }
    }
    command.args(more);
    command
}

impl Server {
    /// Starts and waits until the log says that everything is ready.
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        let mut child = serve_command(data, more)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let log = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let mut server = Self { child, log, addresses: BTreeMap::new() };
        server.wait_for("ready");
        server
    }

    /// Reads the log until it says so.
    pub(crate) fn wait_for(&mut self, message: &str) {
        while !self.next_line().is_some_and(|line| line["message"] == message) {}
    }

    fn next_line(&mut self) -> Option<Value> {
        let mut line = String::new();
        let read = self.log.read_line(&mut line).expect("the log is text");
        assert!(read > 0, "the server ended early: {:?}", self.child.wait());
        let line: Value = serde_json::from_str(&line).ok()?;
        if line["message"] == "listening" {
            let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
            self.addresses.insert(text("face"), text("address"));
        }
        Some(line)
    }

    pub(crate) fn url(&self, face: &str, path: &str) -> String {
        format!("http://{}{path}", self.addresses[face])
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(status.success(), "kill -{name} failed");
    }

    /// Waits for the end; the log is drained meanwhile so that the server never blocks on it.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.log, &mut rest).expect("the log is text");
        (self.child.wait().expect("the server was started"), rest)
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().expect("the server runs");
        self.child.wait().expect("the server was started");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already in most tests.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// `(labels, Unix ms, value)`
pub(crate) type Written<'a> = (&'a [(&'a str, &'a str)], i64, f64);

/// One remote-write body.
pub(crate) fn write_body(samples: &[Written<'_>]) -> Vec<u8> {
    let owned: Vec<Vec<(String, String)>> = samples
        .iter()
        .map(|(labels, ..)| labels.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect())
        .collect();
    let series = samples.iter().zip(&owned).map(|((_, t_ms, v), labels)| proto::Series {
        labels,
        t_ms: *t_ms,
        v: *v,
    });
    snap::raw::Encoder::new().compress_vec(&proto::write_request(series)).expect("snappy encodes")
}

/// The HTTP client of the tests. Its TLS library wants a provider even where no TLS is spoken.
pub(crate) fn client() -> reqwest::Client {
    // Fails only when another test of this program came first.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// Posts a remote-write body; the status.
pub(crate) async fn write(
    client: &reqwest::Client,
    url: &str,
    body: Vec<u8>,
) -> reqwest::Result<u16> {
    let request = client
        .post(url)
        .header("Content-Type", "application/x-protobuf")
        .header("Content-Encoding", "snappy")
        .body(body);
    Ok(request.send().await?.status().as_u16())
}

/// The `data.result` of an instant query.
pub(crate) async fn query(client: &reqwest::Client, server: &Server, promql: &str) -> Value {
    let url = server.url("prometheus", "/api/v1/query");
    let answer = client.post(url).form(&[("query", promql)]).send().await.expect("answered");
    let body = answer.bytes().await.expect("a body");
    let json: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(json["status"], "success", "{promql}: {json}");
    json["data"]["result"].clone()
}

/// Asks again until the condition holds.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    ask: impl Fn() -> F,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub(crate) fn now_ms() -> i64 {
    platform::Clock::unix_ms(&platform::HostClock::new())
}
