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

/// One arena for each processor in place of four, and what is freed goes back after a second: the
/// slack of many arenas was a tenth of what a small server holds. And no page of padding for every
/// large allocation: with pages of 16 KiB, as the head has them, that is a fifth. `_RJEM_MALLOC_CONF`
/// in the environment goes before it.
#[expect(unsafe_code, reason = "the name is the one that the allocator looks for")]
// SAFETY: nothing else has the name, and it is what the allocator's manual asks for: a pointer to
// text that ends with a zero.
#[unsafe(export_name = "_rjem_malloc_conf")]
pub static MALLOC_CONF: &[u8; 62] =
    b"percpu_arena:percpu,dirty_decay_ms:1000,cache_oblivious:false\0";

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
        Some(Command::Version) => print(&format!("orrery {}\n", cli::VERSION)),
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
