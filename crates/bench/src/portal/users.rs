//! Many people, each with a session and a dashboard of 20 panels that refreshes by itself.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::Portal;
use super::{PortalArgs, median, unix_ms};
use crate::measure::{cpu_seconds, with_peak};
use crate::server::Server;

const PANELS: usize = 20;
const PASSWORD: &str = "bench password";

/// Expressions over what the server scrapes of itself and its host.
const EXPRESSIONS: [&str; 5] = [
    "sum by (mode) (rate(node_cpu_seconds_total[1m]))",
    "node_memory_MemAvailable_bytes",
    "rate(node_network_receive_bytes_total[1m])",
    "sum by (route) (rate(orrery_http_requests_total[1m]))",
    "up",
];

pub(super) fn run(args: &PortalArgs, server: &Server, admin: &Portal) -> anyhow::Result<()> {
    let mut people = Vec::with_capacity(args.users);
    for n in 0..args.users {
        let login = format!("user{n}");
        let new = json!({ "login": login, "password": PASSWORD });
        admin.post("/api/admin/users", &new)?;
        people.push(Portal::sign_in(admin.port(), &login, PASSWORD)?);
    }
    let before = cpu_seconds(server.pid())?;
    let (outcome, peak) = with_peak(server.pid(), || look(args, people));
    let used = cpu_seconds(server.pid())? - before;
    let mut times = outcome.times;
    times.sort_by(f64::total_cmp);
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    println!(
        "| {} users, {PANELS} panels every {} s, {} s | {} requests, {} errors, median {:.1} ms, p99 {p99:.1} ms, {:.1} % of a core, peak {:.0} MB |",
        args.users,
        args.refresh_seconds,
        args.seconds,
        times.len(),
        outcome.errors.len(),
        median(times.clone()),
        used / args.seconds as f64 * 100.0,
        peak.resident as f64 / 1e6,
    );
    for error in outcome.errors.iter().take(3) {
        println!("| error | {error} |");
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Outcome {
    /// Milliseconds.
    times: Vec<f64>,
    errors: Vec<String>,
}

/// Everybody refreshes on their own beat, spread over the interval.
fn look(args: &PortalArgs, people: Vec<Portal>) -> Outcome {
    let outcome = Mutex::new(Outcome::default());
    let interval = Duration::from_secs(args.refresh_seconds);
    let began = Instant::now();
    let count = people.len() as u32;
    std::thread::scope(|scope| {
        for (n, person) in people.into_iter().enumerate() {
            let outcome = &outcome;
            let first = interval * n as u32 / count;
            scope.spawn(move || {
                let mut next = began + first;
                while next < began + Duration::from_secs(args.seconds) {
                    std::thread::sleep(next.saturating_duration_since(Instant::now()));
                    let asked = Instant::now();
                    let answer = person.post("/api/ui/query", &refresh(n));
                    let ms = asked.elapsed().as_secs_f64() * 1000.0;
                    let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
                    match answer.map(|lines| check(&lines)) {
                        Ok(Ok(())) => outcome.times.push(ms),
                        Ok(Err(reason)) => outcome.errors.push(reason),
                        Err(error) => outcome.errors.push(format!("{error:#}")),
                    }
                    next += interval;
                }
            });
        }
    });
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// One tick of a dashboard over the last hour.
fn refresh(person: usize) -> Value {
    let now_ms = unix_ms();
    let panel = |n: usize| {
        // Every person looks at something a little different, so that not all is one query.
        let expr = format!("{} * {}", EXPRESSIONS[n % EXPRESSIONS.len()], 1 + person % 50);
        json!({
            "id": n.to_string(), "maxDataPoints": 600,
            "queries": [{ "refId": "A", "datasource": "", "expr": expr }],
        })
    };
    json!({
        "range": { "from": now_ms - 3_600_000, "to": now_ms },
        "panels": (0..PANELS).map(panel).collect::<Vec<Value>>(),
    })
}

/// Every panel must have been answered without an error.
fn check(lines: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(lines);
    match text.lines().find(|line| line.contains("\"error\"")) {
        Some(line) => Err(line.chars().take(200).collect()),
        None if text.contains("\"done\"") => Ok(()),
        None => Err("the answer has no end".to_owned()),
    }
}
