//! The portal under load: dashboards from files, searches, `ds/query` against the engine's own
//! time, and many people who look at dashboards.

mod client;
mod users;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value, json};

use self::client::Portal;
use crate::http::{get, percent_encoded};
use crate::measure::{cpu_seconds, memory, threads_cpu_ms};
use crate::server::{Kind, Needs, Server};

#[derive(Debug, Args)]
pub(crate) struct PortalArgs {
    #[arg(long, default_value = "target/release/orrery")]
    orrery: PathBuf,
    /// Dashboard files at start
    #[arg(long, default_value_t = 1000)]
    files: usize,
    /// Dashboards to search through
    #[arg(long, default_value_t = 10_000)]
    dashboards: usize,
    /// People who look at a dashboard of 20 panels each
    #[arg(long, default_value_t = 200)]
    users: usize,
    /// How often each refreshes
    #[arg(long, default_value_t = 10)]
    refresh_seconds: u64,
    /// How long they look
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

pub(crate) fn run(args: &PortalArgs) -> anyhow::Result<()> {
    println!("| what | figure |\n| --- | --- |");
    start(args)?;
    provisioning(args)?;
    searches(args)?;
    let server = Server::start(Kind::Orrery, &args.orrery, Needs::default())?;
    let portal = Portal::of(&server)?;
    // Some of its own samples to query.
    std::thread::sleep(Duration::from_secs(20));
    ds_query(&server, &portal)?;
    users::run(args, &server, &portal)
}

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the clock of a client, not of the product")]
fn unix_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default().as_millis() as u64
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// What the portal adds to a start: with it, and without.
fn start(args: &PortalArgs) -> anyhow::Result<()> {
    let measured = |environment: &[(&str, &str)]| -> anyhow::Result<(f64, f64)> {
        let (mut ready, mut resident) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            let server =
                Server::start_with(Kind::Orrery, &args.orrery, Needs::default(), environment)?;
            ready.push(server.ready_after.as_secs_f64() * 1000.0);
            std::thread::sleep(Duration::from_secs(2));
            resident.push(memory(server.pid()).resident as f64 / 1e6);
        }
        Ok((median(ready), median(resident)))
    };
    let (ready, resident) = measured(&[])?;
    println!("| start: ready, median of 5 | {ready:.0} ms, {resident:.1} MB resident after 2 s |");
    Ok(())
}

/// A folder of provisioning files with `count` dashboards.
fn files(dir: &Path, count: usize) -> anyhow::Result<String> {
    let (provisioning, boards) = (dir.join("provisioning"), dir.join("boards"));
    fs::create_dir_all(provisioning.join("dashboards"))?;
    fs::create_dir_all(&boards)?;
    let provider = format!(
        "providers: [{{name: bench, folder: Bench, options: {{path: '{}'}}}}]",
        boards.display()
    );
    fs::write(provisioning.join("dashboards/p.yaml"), provider)?;
    for n in 0..count {
        let board = board(&format!("bench-{n}"), &format!("Board {n} of team {}", n % 97), 20);
        fs::write(boards.join(format!("{n}.json")), board.to_string())?;
    }
    Ok(provisioning.display().to_string())
}

fn board(uid: &str, title: &str, panels: usize) -> Value {
    let panel = |n: usize| {
        json!({
            "id": n + 1, "type": "timeseries", "title": format!("Panel {n}"),
            "gridPos": { "x": 12 * (n % 2), "y": 8 * (n / 2), "w": 12, "h": 8 },
            "targets": [{ "refId": "A", "expr": "up" }],
        })
    };
    json!({
        "uid": uid, "title": title, "tags": ["bench", "generated"], "schemaVersion": 42,
        "panels": (0..panels).map(panel).collect::<Vec<Value>>(),
    })
}

/// A server whose portal has `count` dashboards from files, and how long it took to have them.
fn provisioned(args: &PortalArgs, dir: &Path, count: usize) -> anyhow::Result<(Server, Duration)> {
    let folder = files(dir, count)?;
    let environment = [("ORRERY_PORTAL_PROVISIONING", folder.as_str())];
    let began = Instant::now();
    let server = Server::start_with(Kind::Orrery, &args.orrery, Needs::default(), &environment)?;
    let portal = Portal::of(&server)?;
    while portal.hits("/api/search?type=dash-db&tag=bench&limit=5000&page=1")? < count.min(5000) {
        if began.elapsed() > Duration::from_mins(5) {
            bail!("{count} dashboards are not there after five minutes");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok((server, began.elapsed()))
}

fn provisioning(args: &PortalArgs) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (server, took) = provisioned(args, dir.path(), args.files)?;
    println!(
        "| {} dashboard files: ready / all there | {} ms / {} ms, {:.2} CPU-s |",
        args.files,
        server.ready_after.as_millis(),
        took.as_millis(),
        cpu_seconds(server.pid())?
    );
    Ok(())
}

fn searches(args: &PortalArgs) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (server, _) = provisioned(args, dir.path(), args.dashboards)?;
    let portal = Portal::of(&server)?;
    let per_page = args.dashboards.min(5000);
    while portal.hits(&format!(
        "/api/search?tag=bench&limit=5000&page={}",
        args.dashboards.div_ceil(5000)
    ))? < args.dashboards - (args.dashboards.div_ceil(5000) - 1) * per_page
    {
        std::thread::sleep(Duration::from_millis(100));
    }
    for (name, path) in [
        ("first page of 1,000", "/api/search"),
        ("words", "/api/search?query=team+96&limit=100"),
        ("tag", "/api/search?tag=bench&limit=100"),
        ("newest first", "/api/search?sort=updated-desc&limit=100"),
        ("no hit", "/api/search?query=nothing"),
    ] {
        let (mut wall, mut cpu) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            let before = threads_cpu_ms(server.pid())?;
            let began = Instant::now();
            portal.get(path)?;
            wall.push(began.elapsed().as_secs_f64() * 1000.0);
            cpu.push(threads_cpu_ms(server.pid())? - before);
        }
        println!(
            "| search of {} dashboards, {name}, median of 40 | {:.1} ms, {:.1} ms CPU |",
            args.dashboards,
            median(wall),
            median(cpu)
        );
    }
    Ok(())
}

/// The same range query through `ds/query` and through the Prometheus API.
fn ds_query(server: &Server, portal: &Portal) -> anyhow::Result<()> {
    let sources: Value = serde_json::from_slice(&portal.get("/api/datasources")?)?;
    let source = sources.as_array().into_iter().flatten().find(|s| s["isDefault"] == true);
    let uid = source.context("no default data source")?["uid"].clone();
    let expr = "sum by (mode) (rate(node_cpu_seconds_total[1m]))";
    let now = unix_ms() / 15_000 * 15;
    let (start, end) = (now - 900, now);
    let body = json!({
        "from": (start * 1000).to_string(), "to": (end * 1000).to_string(),
        "queries": [{
            "refId": "A", "datasource": { "uid": uid, "type": "prometheus" }, "expr": expr,
            "range": true, "instant": false, "intervalMs": 15_000, "maxDataPoints": 1000,
        }],
    });
    let native = format!(
        "/api/v1/query_range?query={}&start={start}&end={end}&step=15",
        percent_encoded(expr)
    );
    let (mut through, mut direct) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        let began = Instant::now();
        portal.post("/api/ds/query", &body)?;
        through.push(began.elapsed().as_secs_f64() * 1000.0);
        let began = Instant::now();
        get(server.port, &native)?;
        direct.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let (through, direct) = (median(through), median(direct));
    println!(
        "| ds/query / the Prometheus API, same range query, median of 200 | {through:.2} ms / {direct:.2} ms |"
    );
    Ok(())
}
