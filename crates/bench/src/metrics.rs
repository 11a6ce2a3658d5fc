//! `bench metrics`: a workload into each server alone, then its queries, then a dashboard.

use std::path::Path;
use std::time::Duration;

use clap::Args;

use crate::dashboard::{self, Refreshed};
use crate::ingest::{Ingested, ingest};
use crate::payload::Payload;
use crate::queries::{self, Repeats, Results, Times, ask_all};
use crate::report;
use crate::server::{Binaries, Kind, Needs, Server, version};
use crate::size::SizeArgs;
use crate::workload::{Name, Shape};

#[derive(Debug, Args)]
pub(crate) struct MetricsArgs {
    #[command(flatten)]
    binaries: Binaries,
    #[command(flatten)]
    size: SizeArgs,
    /// Longest wait for a server to come to rest, in seconds
    #[arg(long, default_value_t = 120)]
    settle: u64,
    #[command(flatten)]
    repeats: Repeats,
    /// Ingest only
    #[arg(long)]
    no_queries: bool,
    /// Refreshes of the dashboard (M2 only)
    #[arg(long, default_value_t = 6)]
    refreshes: usize,
}

impl MetricsArgs {
    /// Rounds that the dashboard needs after the data's end.
    fn live_rounds(&self) -> usize {
        if self.size.workload == Name::M2 && !self.no_queries && self.refreshes > 0 {
            dashboard::live_rounds(self.refreshes, self.size.interval_ms())
        } else {
            0
        }
    }
}

/// All of one server.
pub(crate) struct Outcome {
    pub(crate) kind: Kind,
    pub(crate) ingested: Ingested,
    pub(crate) results: Results,
    pub(crate) refreshed: Option<Refreshed>,
}

pub(crate) fn run(args: &MetricsArgs) -> anyhow::Result<()> {
    let servers = args.binaries.found();
    for (kind, binary) in &servers {
        println!("{}: {}", kind.name(), version(*kind, binary)?);
    }
    let live_rounds = args.live_rounds();
    let shape = args.size.shape(live_rounds)?;
    let payload = args.size.payload(shape, live_rounds)?;
    report::heading(args.size.workload, &shape, &payload, args.size.remote_write);
    let mut outcomes = Vec::new();
    for (kind, binary) in &servers {
        match one(*kind, binary, args, &shape, &payload) {
            Ok(outcome) => {
                report::ingest_row(&outcome, &payload);
                outcomes.push(outcome);
            }
            Err(error) if *kind == Kind::Orrery => return Err(error),
            Err(error) => println!("| {} | **FAIL** {error:#} |", kind.name()),
        }
    }
    report::ingest_ratios(&outcomes);
    report::dashboard(&outcomes);
    if !args.no_queries {
        let results = outcomes.into_iter().map(|o| (o.kind, o.results)).collect::<Vec<_>>();
        queries::print(queries::queries(args.size.workload), &results);
    }
    Ok(())
}

fn one(
    kind: Kind,
    binary: &Path,
    args: &MetricsArgs,
    shape: &Shape,
    payload: &Payload,
) -> anyhow::Result<Outcome> {
    let needs = Needs { out_of_order_ms: args.size.workload.out_of_order_ms() };
    let mut server = Server::start(kind, binary, needs)?;
    let limit = Duration::from_secs(args.settle);
    let ingested = ingest(&mut server, payload, args.size.workload, shape, limit)?;
    let mut results = Results::new();
    let mut refreshed = None;
    if !args.no_queries {
        let list = queries::queries(args.size.workload);
        results = ask_all(&mut server, list, Times::of(shape), args.repeats)?;
        if !payload.live.is_empty() {
            refreshed = Some(dashboard::refresh(&server, payload, shape, args.refreshes)?);
        }
    }
    Ok(Outcome { kind, ingested, results, refreshed })
}
