//! Runs promqltest scripts (Prometheus' `.test` language) against our engine over the in-memory
//! source: `load` and `clear` change the data, every `eval` is one case.
//!
//! As in the reference, every instant case is tried again as the middle of a range query, and with
//! `@` pinned to its time from several other evaluation times.

pub(crate) mod cases;
mod command;
mod compare;
mod histogram;
mod load;
mod metric;
mod notation;
mod pinned;
mod verdict;

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context as _, Result};
use model::Tenant;
use promql::{Engine, EngineConfig, QueryError, QueryResult, RangeTimes};
use promql_syntax::ParseOptions;
use query::memory::MemorySource;
use query::{Budget, BudgetLimits, Cancel, Scope, TenantLimits};

use crate::report::Report;
use command::{Command, Eval, When};

/// Runs a script; a case that fails does not end it.
pub fn run(path: &Path, text: &str, report: &mut Report<'_>) -> Result<()> {
    let mut script = Script::new(Mode::Scripts)?;
    for (line, command) in command::parse(text) {
        match command {
            Ok(Command::Clear) => script.source = MemorySource::new(),
            Ok(Command::Load(load)) => load.run(&script.source, &script.scope),
            Ok(Command::Eval(eval)) => match script.eval(&eval) {
                Ok(()) => report.pass(),
                Err(message) => {
                    let message = format!("{}: {message}", eval.query);
                    report.fail(path, &line.to_string(), &message)?;
                }
            },
            Err(message) => report.fail(path, &line.to_string(), &message)?,
        }
    }
    Ok(())
}

struct Script {
    engine: Engine,
    source: MemorySource,
    scope: Scope,
}

/// Which of the reference's engines the cases were made with.
#[derive(Clone, Copy, Debug)]
enum Mode {
    /// That of its scripts: every extension, delayed name removal, start timestamps.
    Scripts,
    /// That of its server as it is.
    Plain,
}

/// One engine per mode for all files: its pool of threads outlives them.
fn engine(mode: Mode) -> Result<Engine> {
    static SCRIPTS: OnceLock<Engine> = OnceLock::new();
    static PLAIN: OnceLock<Engine> = OnceLock::new();
    let (cell, delayed_name_removal, parse) = match mode {
        Mode::Scripts => (&SCRIPTS, true, ParseOptions::all_features()),
        Mode::Plain => (&PLAIN, false, ParseOptions::default()),
    };
    if let Some(engine) = cell.get() {
        return Ok(engine.clone());
    }
    let config = EngineConfig {
        delayed_name_removal,
        use_start_timestamps: delayed_name_removal,
        parse,
        ..EngineConfig::default()
    };
    let engine = Engine::new(config).context("no engine")?;
    Ok(cell.get_or_init(|| engine).clone())
}

impl Script {
    fn new(mode: Mode) -> Result<Self> {
        let scope = Scope::grant(Tenant::default(), TenantLimits::default(), Vec::new());
        Ok(Self { engine: engine(mode)?, source: MemorySource::new(), scope })
    }

    fn eval(&self, eval: &Eval) -> Result<(), String> {
        let t_ms = match eval.when {
            When::Range(times) => {
                return verdict::check(eval, &eval.query, self.range(&eval.query, times));
            }
            When::Instant { t_ms } => t_ms,
        };
        self.instant_case(eval, &eval.query, t_ms)?;
        for (query, t_ms) in pinned::variants(&eval.query, t_ms) {
            self.instant_case(eval, &query, t_ms)
                .map_err(|message| format!("as {query} at {t_ms} ms: {message}"))?;
        }
        Ok(())
    }

    fn instant_case(&self, eval: &Eval, query: &str, t_ms: i64) -> Result<(), String> {
        let result = self.instant(query, t_ms);
        let scalar = matches!(&result, Ok(QueryResult { value: promql::Value::Scalar { .. }, .. }));
        let failed = result.is_err();
        verdict::check(eval, query, result)?;
        if failed || !eval.repeats_as_range() || pinned::depends_on_query(query) {
            return Ok(());
        }
        let minute = 60_000;
        let times = RangeTimes { start_ms: t_ms - minute, end_ms: t_ms + minute, step_ms: minute };
        let in_range = |message| format!("in range mode: {message}");
        let result = self.range(query, times).map_err(|error| in_range(error.to_string()))?;
        compare::middle(eval, &result.value, t_ms, scalar).map_err(in_range)
    }

    fn instant(&self, query: &str, t_ms: i64) -> Result<QueryResult, QueryError> {
        self.engine.instant(&self.source, &self.scope, query, t_ms, &budget())
    }

    fn range(&self, query: &str, times: RangeTimes) -> Result<QueryResult, QueryError> {
        self.engine.range(&self.source, &self.scope, query, times, &budget())
    }
}

fn budget() -> Budget {
    let limits = BudgetLimits { timeout: Duration::from_secs(100), ..BudgetLimits::default() };
    Budget::new(limits, Cancel::default())
}
