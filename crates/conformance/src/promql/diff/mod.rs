//! `promql-diff`: random expressions over random data, asked of the real binary and of a real
//! Prometheus through their HTTP APIs. Equal seeds and times make equal runs.
//!
//! Against a Prometheus of version 3 or later the whole language is written, with the features of
//! both switched on, and warnings, infos and errors are compared with the values. Against an older
//! one, what both have. `docs/develop/promql-diff.md` lists the deviations.

mod classic;
mod compare;
mod data;
mod language;
mod native;
mod rng;
mod server;
mod wire;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use clap::Parser;

use crate::report::Report;
use data::{INTERVAL_MS, SCRAPES, Series};
use rng::Rng;
use server::{Server, Version};

#[derive(Debug, Parser)]
#[command(
    name = "conformance promql-diff",
    about = "Compares random PromQL queries with a real Prometheus"
)]
struct Args {
    /// The binary to test
    #[arg(long, default_value = "target/release/orrery")]
    orrery: PathBuf,
    /// The peer
    #[arg(long, default_value = "prometheus")]
    prometheus: PathBuf,
    #[arg(long, default_value_t = 2000)]
    expressions: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Unix seconds of the first sample, a full hour; without it three hours ago
    #[arg(long)]
    start: Option<i64>,
    /// Asks only this, as an instant query and as a range query over all data
    #[arg(long)]
    query: Option<String>,
}

/// Parses what follows the subcommand, runs, and prints; true if nothing differed.
pub fn run(args: impl Iterator<Item = String>) -> anyhow::Result<bool> {
    let args = Args::parse_from(std::iter::once("promql-diff".to_owned()).chain(args));
    let start_ms = match args.start {
        Some(seconds) => seconds * 1000,
        None => three_hours_ago()?,
    };
    let mut rng = Rng::new(args.seed);
    let version = server::version(&args.prometheus)?;
    let classic = version.major < 3;
    let series = data::generate(&mut rng, start_ms, classic);
    let servers = Servers {
        peer: Server::prometheus(&args.prometheus, classic)?,
        ours: Server::orrery(&args.orrery, classic)?,
        version,
    };
    servers.load(&series, start_ms)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "seed {}, start {}, {} series", args.seed, start_ms / 1000, series.len())?;
    let mut report = Report::new(&mut out);
    if let Some(query) = args.query {
        let middle_ms = start_ms + SCRAPES / 2 * INTERVAL_MS + 500;
        servers.check(
            &Request { query: query.clone(), start_ms: middle_ms, range: None },
            0,
            &mut report,
        )?;
        let range = Some((SCRAPES * INTERVAL_MS / 1000 / 2, 60));
        servers.check(&Request { query, start_ms: start_ms + 500, range }, 1, &mut report)?;
    } else {
        for number in 0..args.expressions {
            let request = Request::random(&mut rng, start_ms, version);
            servers.check(&request, number, &mut report)?;
        }
    }
    Ok(report.finish()?)
}

/// At the full hour, so that a run and its repetition differ only by whole hours.
fn three_hours_ago() -> anyhow::Result<i64> {
    const HOUR_MS: i64 = 3_600_000;
    #[expect(clippy::disallowed_methods, reason = "the servers drop samples past their retention")]
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64;
    Ok((now_ms / HOUR_MS - 3) * HOUR_MS)
}

struct Request {
    query: String,
    start_ms: i64,
    /// Length and step in seconds; an instant query without.
    range: Option<(i64, i64)>,
}

impl Request {
    fn random(rng: &mut Rng, data_ms: i64, peer: Version) -> Self {
        let classic = peer.major < 3;
        // From before the first sample to after the last.
        let part_ms = if classic { 500 } else { rng.pick(&[0, 500, 123]) };
        let start_ms = data_ms + (rng.below(7500) as i64 - 100) * 1000 + part_ms;
        let instant = rng.percent(50);
        let range = (!instant).then(|| {
            let step_s = rng.pick(&[13, 30, 60, 97, 300]);
            (step_s * rng.below(40) as i64 + rng.below(13) as i64, step_s)
        });
        let query = if classic {
            classic::Writer { rng, start_ms, in_subquery: false }.query(instant)
        } else {
            language::Writer { rng, peer, start_ms }.query(instant)
        };
        Self { query, start_ms, range }
    }

    /// Path and form of the HTTP API.
    fn form(&self) -> (&'static str, String) {
        let query = percent_encoded(&self.query);
        let seconds = |ms: i64| format!("{}.{:03}", ms / 1000, ms % 1000);
        let start = seconds(self.start_ms);
        match self.range {
            None => ("/api/v1/query", format!("query={query}&time={start}")),
            Some((length_s, step_s)) => {
                let end = seconds(self.start_ms + length_s * 1000);
                let form = format!("query={query}&start={start}&end={end}&step={step_s}");
                ("/api/v1/query_range", form)
            }
        }
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().flat_map(|byte| ['%', hex_digit(byte >> 4), hex_digit(byte & 15)]).collect()
}

fn hex_digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or('0')
}

struct Servers {
    peer: Server,
    ours: Server,
    version: Version,
}

impl Servers {
    /// Gives both the same data, oldest first.
    fn load(&self, series: &[Series], start_ms: i64) -> anyhow::Result<()> {
        const PER_REQUEST_MS: i64 = 10 * INTERVAL_MS;
        let end_ms =
            series.iter().filter_map(|one| one.samples.last()).map(|(t_ms, _)| *t_ms).max();
        let end_ms = end_ms.context("no data")?;
        let mut from_ms = start_ms;
        while from_ms <= end_ms {
            let window = from_ms..from_ms + PER_REQUEST_MS;
            let samples = series.iter().flat_map(|one| {
                let samples = one.samples.iter().filter(|(t_ms, _)| window.contains(t_ms));
                samples.map(|(t_ms, point)| (&one.labels[..], *t_ms, point))
            });
            let body = snap::raw::Encoder::new().compress_vec(&wire::write_request(samples))?;
            self.peer.write(&body)?;
            self.ours.write(&body)?;
            from_ms = window.end;
        }
        Ok(())
    }

    fn check(
        &self,
        request: &Request,
        number: usize,
        report: &mut Report<'_>,
    ) -> anyhow::Result<()> {
        let (path, form) = request.form();
        let (peer, ours) = (self.peer.query(path, &form)?, self.ours.query(path, &form)?);
        match compare::answers(&peer, &ours, self.version.major >= 3) {
            Ok(()) => report.pass(),
            Err(message) => {
                let kind = path.trim_start_matches("/api/v1/");
                let times = format!("{} {:?}", request.start_ms, request.range);
                let message = format!("{}\n{kind} {times}\n{message}", request.query);
                report.fail(Path::new("promql-diff"), &number.to_string(), &message)?;
            }
        }
        Ok(())
    }
}
