//! The same work against Orrery and its peers in the same run: CPU-seconds, memory, disk, time.
//!
//! Peers that are not on the machine are left out and named. Every figure is scored on the
//! server's own CPU time, because the client shares its cores.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod measure;
mod payload;
mod proto;
mod remote_write;
mod replay;
mod server;
mod startup;

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
    /// Remote write of node-exporter-like series: samples per CPU-second, memory, disk
    RemoteWrite(remote_write::RemoteWriteArgs),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().work {
        Work::Startup(args) => startup::run(&args),
        Work::RemoteWrite(args) => remote_write::run(&args),
    }
}
