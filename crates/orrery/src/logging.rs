//! Log lines: readable on a terminal, one JSON object a line otherwise.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::FormatTime;

use crate::config::{LogConfig, LogFormat};

/// Milliseconds in UTC, as every other component prints them.
#[derive(Clone, Copy, Debug)]
struct UtcMillis;

impl FormatTime for UtcMillis {
    fn format_time(&self, w: &mut tracing_subscriber::fmt::format::Writer<'_>) -> std::fmt::Result {
        #[expect(clippy::disallowed_methods, reason = "log lines carry real time by definition")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let stamp = jiff::Timestamp::from_millisecond(since.as_millis() as i64);
        write!(w, "{:.3}", stamp.unwrap_or_default())
    }
}

/// Installs the process-wide subscriber. Called once, before anything logs.
pub(crate) fn install(config: &LogConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.level)
        .map_err(|error| anyhow::anyhow!("log level {:?}: {error}", config.level))?;
    let terminal = std::io::stderr().is_terminal();
    let json = match config.format {
        LogFormat::Auto => !terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_timer(UtcMillis)
        .with_target(true);
    if json {
        builder.json().flatten_event(true).with_current_span(false).with_span_list(false).init();
    } else {
        builder.with_ansi(terminal).compact().init();
    }
    Ok(())
}
