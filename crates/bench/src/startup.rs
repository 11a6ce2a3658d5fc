//! Time from exec to ready on an empty directory, idle memory, and the size of the binary.

use std::time::Duration;

use clap::Args;

use crate::measure::{cpu_seconds, memory};
use crate::server::{Binaries, Needs, Server};

#[derive(Debug, Args)]
pub(crate) struct StartupArgs {
    #[command(flatten)]
    binaries: Binaries,
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
    for (kind, binary) in args.binaries.found() {
        let mut ready: Vec<Duration> = (1..args.rounds)
            .map(|_| {
                Server::start(kind, &binary, Needs::default()).map(|server| server.ready_after)
            })
            .collect::<anyhow::Result<_>>()?;
        let server = Server::start(kind, &binary, Needs::default())?;
        ready.push(server.ready_after);
        ready.sort();
        let before = cpu_seconds(server.pid())?;
        std::thread::sleep(Duration::from_secs(args.idle_seconds));
        let busy = cpu_seconds(server.pid())? - before;
        let resident = memory(server.pid()).resident;
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
