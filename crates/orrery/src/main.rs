//! The orrery binary: reads flags and environment, then serves, checks or asks.

mod check;
mod cli;
mod config;
mod demo_command;
mod logging;
mod query_command;
mod serve;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use cli::{CheckCommand, Cli, Command, QueryCommand};

/// Returns freed memory to the system and does not fragment under long-lived small allocations.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The commit that this is built from, or `unknown` (see `build.rs`).
const COMMIT: &str = env!("ORRERY_COMMIT");

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        None => serve::run(&cli.serve, &environment()),
        Some(Command::Serve(args)) => serve::run(&args, &environment()),
        Some(Command::Check { what: CheckCommand::Config { files } }) => check::config(&files),
        Some(Command::Query { language: QueryCommand::Promql(args) }) => query_command::run(&args),
        Some(Command::Demo(args)) => demo_command::run(&args, &environment()),
        Some(Command::Version) => {
            print(&format!("orrery {} ({COMMIT})\n", env!("CARGO_PKG_VERSION")))
        }
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "orrery", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One plain sentence, causes after colons; nothing to do if even stderr is gone.
            let _closed = writeln!(std::io::stderr(), "orrery: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The process's variables; names or values that are not UTF-8 are none of ours.
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Writes to standard output; a reader that left early is no error.
fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
