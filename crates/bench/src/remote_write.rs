//! Remote write: the same pre-compressed requests into every server; scored by its CPU time.

use std::path::PathBuf;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::bail;
use clap::Args;

use crate::measure::{cpu_seconds, disk_bytes, resident_bytes};
use crate::payload::{Shape, families, family_name, generate};
use crate::replay::{Request, get, send_all};
use crate::server::{Kind, Server, contenders};

#[derive(Debug, Args)]
pub(crate) struct RemoteWriteArgs {
    #[arg(long, default_value = "target/release/orrery")]
    orrery: PathBuf,
    #[arg(long)]
    prometheus: Option<PathBuf>,
    #[arg(long)]
    victoria_metrics: Option<PathBuf>,
    #[arg(long, default_value_t = 100)]
    targets: usize,
    #[arg(long, default_value_t = 500)]
    series_per_target: usize,
    /// Scrapes per target, 15 s apart; 240 is an hour
    #[arg(long, default_value_t = 60)]
    scrapes: usize,
    #[arg(long, default_value_t = 4)]
    connections: usize,
    #[arg(long, default_value_t = 1)]
    rounds: usize,
}

pub(crate) fn run(args: &RemoteWriteArgs) -> anyhow::Result<()> {
    let shape = Shape {
        targets: args.targets,
        series_per_target: args.series_per_target,
        scrapes: args.scrapes,
        interval_ms: 15_000,
        samples_per_request: 2000,
    };
    #[expect(clippy::disallowed_methods, reason = "peers accept only samples of about now")]
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64;
    let start_ms = now_ms - shape.interval_ms * shape.scrapes as i64;
    let mut requests = Vec::new();
    generate(&shape, start_ms, |body, samples, shard| {
        requests.push(Request::remote_write(&body, samples, shard));
    })?;
    let raw: usize = requests.iter().map(|r| r.bytes.len()).sum();
    println!(
        "{} series, {} samples in {} requests, {:.1} MB on the wire",
        args.targets * args.series_per_target,
        shape.samples(),
        requests.len(),
        raw as f64 / 1e6
    );
    println!(
        "| server | samples/CPU-s | CPU s | wall s | RSS MB | RssAnon MB | disk B/sample | after stop | samples found |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let peers =
        contenders(&args.orrery, args.prometheus.as_deref(), args.victoria_metrics.as_deref());
    for _ in 0..args.rounds {
        for (kind, binary) in &peers {
            let server = Server::start(*kind, binary)?;
            row(server, &requests, args.connections, &shape)?;
        }
    }
    Ok(())
}

fn row(
    mut server: Server,
    requests: &[Request],
    connections: usize,
    shape: &Shape,
) -> anyhow::Result<()> {
    let before = cpu_seconds(server.pid())?;
    let started = Instant::now();
    let samples = send_all(server.port, requests, connections)?;
    let wall = started.elapsed().as_secs_f64();
    let cpu = cpu_seconds(server.pid())? - before;
    if samples != shape.samples() {
        bail!("{} acknowledged {samples} of {} samples", server.kind.name(), shape.samples());
    }
    let (resident, anonymous) = resident_bytes(server.pid())?;
    let found = stored_samples(&server, shape)?;
    let per_sample = |server: &Server| disk_bytes(&server.data) as f64 / samples as f64;
    let running = per_sample(&server);
    // A clean stop writes what is in memory; Prometheus alone leaves it in its log.
    server.stop()?;
    println!(
        "| {} | {:.0} | {cpu:.2} | {wall:.2} | {:.0} | {:.0} | {running:.2} | {:.2} | {found:.0} |",
        server.kind.name(),
        samples as f64 / cpu,
        resident as f64 / 1e6,
        anonymous as f64 / 1e6,
        per_sample(&server),
    );
    Ok(())
}

/// Asks the server how many of the samples it has.
fn stored_samples(server: &Server, shape: &Shape) -> anyhow::Result<f64> {
    if server.kind == Kind::VictoriaMetrics {
        // Makes what was just written searchable.
        get(server.port, "/internal/force_flush")?;
    }
    // Family by family: without their names, series of several families look alike.
    (0..families(shape))
        .map(|family| {
            let query = format!("sum(count_over_time({}%5B1d%5D))", family_name(family));
            let (_, body) = get(server.port, &format!("/api/v1/query?query={query}"))?;
            let answer: serde_json::Value = serde_json::from_slice(&body)?;
            let value = answer["data"]["result"][0]["value"][1].as_str().unwrap_or("0");
            Ok(value.parse().unwrap_or(0.0))
        })
        .sum()
}
