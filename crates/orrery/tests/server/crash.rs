//! `kill -9` under load: every sample that was acknowledged is there after the restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::harness::{Server, Written, now_ms, query, write, write_body};

/// Acknowledged writes before the server is killed, per writer.
const WRITES_MIN: usize = 60;
const WRITERS: usize = 4;
const SERIES: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_samples_survive_kill_9_under_load() {
    let data = tempfile::tempdir().unwrap();
    let mut expected = 0_usize;
    let base_ms = now_ms() - 3_600_000;
    for round in 0..3 {
        let server = Server::start(data.path(), &[]);
        let client = crate::harness::client();
        let url = server.url("prometheus", "/api/v1/write");
        let killed = Arc::new(AtomicBool::new(false));
        let (progress, mut reports) = tokio::sync::mpsc::unbounded_channel();
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (client, url) = (client.clone(), url.clone());
                let (killed, progress) = (Arc::clone(&killed), progress.clone());
                tokio::spawn(async move {
                    let mut acknowledged = 0;
                    while !killed.load(Ordering::Relaxed) {
                        let t_ms = base_ms + (round * 1_000_000 + acknowledged * 1000) as i64;
                        match write(&client, &url, body(writer, t_ms)).await {
                            Ok(204) => acknowledged += 1,
                            Ok(status) => panic!("a write was answered {status}"),
                            // The connection broke: not acknowledged, may or may not be stored.
                            Err(_) => break,
                        }
                        let _receiver_done = progress.send(());
                    }
                    acknowledged
                })
            })
            .collect();
        for _ in 0..WRITES_MIN * WRITERS {
            reports.recv().await.expect("writers go on until the server is killed");
        }
        server.kill();
        killed.store(true, Ordering::Relaxed);
        for writer in writers {
            expected += writer.await.unwrap() * SERIES;
        }

        let server = Server::start(data.path(), &[]);
        let found = query(&client, &server, "sum(count_over_time(crash_test[2h]))").await;
        let found: usize = found[0]["value"][1].as_str().unwrap().parse().unwrap();
        // A write in flight when the server died may be stored without having been acknowledged.
        let in_flight_max = (round + 1) * WRITERS * SERIES;
        assert!(
            (expected..=expected + in_flight_max).contains(&found),
            "round {round}: acknowledged {expected}, found {found}"
        );
        server.signal("TERM");
        let (status, log) = server.wait();
        assert!(status.success(), "{status}: {log}");
    }
}

fn body(writer: usize, t_ms: i64) -> Vec<u8> {
    let names: Vec<(String, String)> =
        (0..SERIES).map(|i| (writer.to_string(), i.to_string())).collect();
    let labels: Vec<[(&str, &str); 3]> = names
        .iter()
        .map(|(writer, i)| [("__name__", "crash_test"), ("i", i.as_str()), ("writer", writer)])
        .collect();
    let samples: Vec<Written<'_>> =
        labels.iter().map(|labels| (labels.as_slice(), t_ms, t_ms as f64)).collect();
    write_body(&samples)
}
