//! A dashboard of twenty panels over the last hour, refreshed every ten seconds while samples go
//! on arriving: the share of one core its queries take.

use anyhow::Context;

use crate::http::percent_encoded;
use crate::payload::Payload;
use crate::queries::{Answer, ask};
use crate::replay::send_round;
use crate::server::Server;
use crate::workload::Shape;

pub(crate) const REFRESH_S: i64 = 10;
const WINDOW_S: i64 = 3600;
const STEP_S: i64 = 15;
/// Refreshes that fill caches and do not count.
const WARM_UP: usize = 2;

const PANELS: [&str; 20] = [
    "sum by (job) (rate(node_cpu_seconds_total{mode!=\"idle\"}[5m]))",
    "1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))",
    "sum by (mode) (rate(node_cpu_seconds_total[1m]))",
    "avg by (job) (node_load1)",
    "max by (job) (node_load15)",
    "topk(5, node_load5)",
    "sum by (job) (node_memory_MemAvailable_bytes) / sum by (job) (node_memory_MemTotal_bytes)",
    "sum by (job) (node_memory_Cached_bytes)",
    "sum by (job) (rate(node_network_receive_bytes_total[5m]))",
    "sum by (job) (rate(node_network_transmit_bytes_total[5m]))",
    "topk(10, sum by (instance) (rate(node_network_receive_packets_total[5m])))",
    "sum by (device) (rate(node_disk_read_bytes_total[5m]))",
    "sum by (device) (rate(node_disk_written_bytes_total[5m]))",
    "max by (instance) (rate(node_disk_io_time_seconds_total[5m]))",
    "min by (mountpoint) (node_filesystem_avail_bytes / node_filesystem_size_bytes)",
    "histogram_quantile(0.5, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))",
    "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))",
    "sum by (handler) (rate(http_request_duration_seconds_count[5m]))",
    "sum by (job) (rate(node_context_switches_total[5m]))",
    "count by (job) (up == 1)",
];

/// What a server took for its refreshes.
pub(crate) struct Refreshed {
    /// Median over the refreshes.
    pub(crate) cpu_ms: f64,
    pub(crate) wall_ms: f64,
    /// The first refresh, with nothing cached.
    pub(crate) first_cpu_ms: f64,
    /// To the last refresh, panel by panel.
    pub(crate) answers: Vec<Answer>,
}

/// Rounds of samples that refreshes need after the shape's end.
pub(crate) fn live_rounds(refreshes: usize, interval_ms: i64) -> usize {
    let seconds = (refreshes + WARM_UP) as i64 * REFRESH_S;
    (seconds * 1000 / interval_ms) as usize + 1
}

pub(crate) fn refresh(
    server: &Server,
    payload: &Payload,
    shape: &Shape,
    refreshes: usize,
) -> anyhow::Result<Refreshed> {
    let mut costs = Vec::new();
    let mut answers = Vec::new();
    let mut sent = 0;
    for number in 0..refreshes + WARM_UP {
        let now_ms = shape.end_ms() + number as i64 * REFRESH_S * 1000;
        while shape.round_ms(shape.rounds + sent + 1) <= now_ms {
            send_round(server.port, payload.live.get(sent).context("too few live rounds")?)?;
            sent += 1;
        }
        answers.clear();
        let mut cost = (0.0, 0.0);
        for panel in PANELS {
            let (timing, answer) = ask(server, &path(panel, now_ms / 1000))?;
            cost.0 += timing.cpu_ms;
            cost.1 += timing.wall_ms;
            answers.push(answer);
        }
        costs.push(cost);
    }
    let first_cpu_ms = costs.first().map_or(f64::NAN, |cost| cost.0);
    let mut counted = costs.split_off(WARM_UP);
    let middle = counted.len() / 2;
    counted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let cpu_ms = counted.get(middle).map_or(f64::NAN, |cost| cost.0);
    counted.sort_by(|a, b| a.1.total_cmp(&b.1));
    let wall_ms = counted.get(middle).map_or(f64::NAN, |cost| cost.1);
    Ok(Refreshed { cpu_ms, wall_ms, first_cpu_ms, answers })
}

/// As dashboards ask: start and end at multiples of the step.
fn path(panel: &str, now_s: i64) -> String {
    let end = now_s / STEP_S * STEP_S;
    let start = end - WINDOW_S;
    let query = percent_encoded(panel);
    format!("/api/v1/query_range?query={query}&start={start}&end={end}&step={STEP_S}")
}
