//! The same work against Orrery and its peers in the same run: CPU-seconds, memory, disk, time.
//!
//! Peers that are not on the machine are left out and named. Every figure is scored on the
//! server's own CPU time, because the client shares its cores.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod dashboard;
mod flush;
mod http;
mod ingest;
mod load;
mod measure;
mod metrics;
mod payload;
mod portal;
mod queries;
mod replay;
mod report;
mod server;
mod size;
mod startup;
mod wire;
mod workload;

use clap::{Parser, Subcommand};

/// Benchmarks against the real peers.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    work: Work,
}

#[derive(Debug, Subcommand)]
enum Work {
    /// Time to ready, idle memory, size of the binary
    Startup(startup::StartupArgs),
    /// A metrics workload: ingest, memory, disk, queries, a dashboard
    Metrics(Box<metrics::MetricsArgs>),
    /// The portal: provisioning, search, the cost of ds/query, many users at once
    Portal(portal::PortalArgs),
    /// A workload into a running server
    Load(load::LoadArgs),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().work {
        Work::Startup(args) => startup::run(&args),
        Work::Metrics(args) => metrics::run(&args),
        Work::Portal(args) => portal::run(&args),
        Work::Load(args) => load::run(&args),
    }
}
