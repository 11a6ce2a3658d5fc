//! One server and one payload: what taking it costs, what settling costs, what is left on disk,
//! and how long `kill -9` keeps it away.

use std::time::{Duration, Instant};

use anyhow::bail;

use crate::flush::{Disk, disk, flush};
use crate::http::{get, json, percent_encoded};
use crate::measure::{Memory, cpu_seconds, memory, wait_until_quiet, with_peak};
use crate::payload::Payload;
use crate::replay::send_all;
use crate::server::{Kind, Server};
use crate::workload::{Name, Shape};

/// What a server did with a payload.
pub(crate) struct Ingested {
    pub(crate) wall_s: f64,
    /// Until the last acknowledgement.
    pub(crate) cpu_ack_s: f64,
    /// Then until it came to rest.
    pub(crate) cpu_settling_s: f64,
    /// And for writing and merging everything, as far as it can be asked for.
    pub(crate) cpu_flush_s: f64,
    pub(crate) at_start: Memory,
    pub(crate) at_ack: Memory,
    pub(crate) peak: Memory,
    pub(crate) settled: Memory,
    pub(crate) running_bytes: u64,
    pub(crate) settled_bytes: u64,
    pub(crate) flushed: Disk,
    pub(crate) ready_after_kill: Duration,
    /// CPU of that start, until it said that it is ready.
    pub(crate) cpu_ready_s: f64,
    /// Samples counted by query after the kill; `None` if the server cannot count them.
    pub(crate) found: Option<f64>,
}

impl Ingested {
    pub(crate) fn cpu_total_s(&self) -> f64 {
        self.cpu_ack_s + self.cpu_settling_s + self.cpu_flush_s
    }
}

/// Replays the payload into a fresh server, which stays up with everything written to its files.
pub(crate) fn ingest(
    server: &mut Server,
    payload: &Payload,
    name: Name,
    shape: &Shape,
    settle_limit: Duration,
) -> anyhow::Result<Ingested> {
    // A server goes on with its own affairs after it has said that it is ready (Orrery provisions
    // its dashboards): that memory and time is not the data's.
    wait_until_quiet(server.pid(), settle_limit)?;
    let at_start = memory(server.pid());
    let before = cpu_seconds(server.pid())?;
    let started = Instant::now();
    let (sent, peak_sending) = with_peak(server.pid(), || send_all(server.port, payload));
    let wall_s = started.elapsed().as_secs_f64();
    let after = cpu_seconds(server.pid())?;
    let at_ack = memory(server.pid());
    let sent = sent?;
    if sent != payload.samples {
        bail!("{sent} of {} samples acknowledged", payload.samples);
    }
    let running_bytes = disk(server.kind, &server.data).bytes;
    let (quiet, peak_settling) =
        with_peak(server.pid(), || wait_until_quiet(server.pid(), settle_limit));
    if !quiet? {
        println!("note: {} did not come to rest in time", server.kind.name());
    }
    let settled_cpu = cpu_seconds(server.pid())?;
    let settled = memory(server.pid());
    let settled_bytes = disk(server.kind, &server.data).bytes;
    if server.kind == Kind::VictoriaMetrics {
        // Without a log, what it holds in memory would be lost; the other two are killed as they are.
        get(server.port, "/internal/force_flush")?;
    }
    server.kill()?;
    server.start_again()?;
    let ready_after_kill = server.ready_after;
    let cpu_ready_s = cpu_seconds(server.pid())?;
    let found = stored_samples(server, payload, name, shape).ok();
    wait_until_quiet(server.pid(), settle_limit)?;
    let (cpu_flush_s, flushed) = flush(server, settle_limit)?;
    Ok(Ingested {
        wall_s,
        cpu_ack_s: after - before,
        cpu_settling_s: settled_cpu - after,
        cpu_flush_s,
        at_start,
        at_ack,
        peak: Memory {
            resident: peak_sending.resident.max(peak_settling.resident),
            anonymous: peak_sending.anonymous.max(peak_settling.anonymous),
        },
        settled,
        running_bytes,
        settled_bytes,
        flushed,
        ready_after_kill,
        cpu_ready_s,
        found,
    })
}

/// Asks the server how many of the samples it has, name by name: without their names, series of
/// several families look alike.
fn stored_samples(
    server: &Server,
    payload: &Payload,
    name: Name,
    shape: &Shape,
) -> anyhow::Result<f64> {
    let end_s = shape.end_ms() / 1000 + 1;
    let span_s = end_s - (shape.start_ms - name.out_of_order_ms()) / 1000 + 1;
    let mut found = 0.0;
    for metric in &payload.metric_names {
        let query = percent_encoded(&format!("sum(count_over_time({metric}[{span_s}s]))"));
        let answer = json(server.port, &format!("/api/v1/query?query={query}&time={end_s}"))?;
        let value = answer["data"]["result"][0]["value"][1].as_str().unwrap_or("0");
        found += value.parse().unwrap_or(0.0);
    }
    Ok(found)
}
