//! A real Prometheus server sends to us: it scrapes itself and remote-writes what it got.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use crate::harness::{Server, eventually, query};

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[tokio::test]
async fn a_prometheus_server_remote_writes_what_it_scrapes() {
    if Command::new("prometheus").arg("--version").output().is_err() {
        println!("skipped: no prometheus on this machine");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("orrery"), &[]);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = folder.path().join("prometheus.yml");
    let write_url = server.url("prometheus", "/api/v1/write");
    let text = format!(
        "global: {{scrape_interval: 1s, external_labels: {{sender: real}}}}\n\
         scrape_configs: [{{job_name: self, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}]\n\
         remote_write: [{{url: '{write_url}', queue_config: {{batch_send_deadline: 1s}}}}]\n"
    );
    std::fs::write(&config, text).unwrap();
    let _prometheus = Ended(
        Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("tsdb").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus starts"),
    );
    let client = crate::harness::client();
    let counted = |promql: &'static str| {
        let (client, server) = (&client, &server);
        async move {
            let found = query(client, server, promql).await;
            found[0]["value"][1].as_str()?.parse::<f64>().ok()
        }
    };
    eventually("samples of its own scrape", || async {
        counted("count_over_time(up{job=\"self\",sender=\"real\"}[5m])").await.filter(|n| *n >= 3.0)
    })
    .await;
    let series = counted("count({sender=\"real\"})").await.expect("series were counted");
    assert!(series > 100.0, "a Prometheus exposes hundreds of series, found {series}");
    // The sender's own view: nothing was refused.
    let url = format!("http://127.0.0.1:{port}/api/v1/query");
    let promql = "sum(prometheus_remote_storage_samples_failed_total) or vector(0)";
    let answer = client.post(&url).form(&[("query", promql)]).send().await.unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(answer["data"]["result"][0]["value"][1], "0", "{answer}");
}
