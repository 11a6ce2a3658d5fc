//! Time from exec to ready on an empty directory, idle memory, and the size of the binary.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::measure::{cpu_seconds, resident_bytes};
use crate::server::{Server, contenders};

#[derive(Debug, Args)]
pub(crate) struct StartupArgs {
    #[arg(long, default_value = "target/release/orrery")]
    orrery: PathBuf,
    #[arg(long)]
    prometheus: Option<PathBuf>,
    #[arg(long)]
    victoria_metrics: Option<PathBuf>,
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of idling before memory and CPU are read
    #[arg(long, default_value_t = 20)]
    idle_seconds: u64,
}

pub(crate) fn run(args: &StartupArgs) -> anyhow::Result<()> {
    println!(
        "| server | ready ms (median of {}) | idle RSS MB | idle CPU ms/s | binary MB |",
        args.rounds
    );
    println!("| --- | --- | --- | --- | --- |");
    let peers =
        contenders(&args.orrery, args.prometheus.as_deref(), args.victoria_metrics.as_deref());
    for (kind, binary) in peers {
        let mut ready: Vec<Duration> = (1..args.rounds)
            .map(|_| Server::start(kind, &binary).map(|server| server.ready_after))
            .collect::<anyhow::Result<_>>()?;
        let server = Server::start(kind, &binary)?;
        ready.push(server.ready_after);
        ready.sort();
        let before = cpu_seconds(server.pid())?;
        std::thread::sleep(Duration::from_secs(args.idle_seconds));
        let busy = cpu_seconds(server.pid())? - before;
        let (resident, _) = resident_bytes(server.pid())?;
        println!(
            "| {} | {} | {:.1} | {:.1} | {:.1} |",
            kind.name(),
            ready[ready.len() / 2].as_millis(),
            resident as f64 / 1e6,
            busy * 1000.0 / args.idle_seconds as f64,
            std::fs::metadata(&binary)?.len() as f64 / 1e6,
        );
    }
    Ok(())
}
