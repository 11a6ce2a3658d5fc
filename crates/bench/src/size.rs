//! Which workload and how much of it, as flags.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use crate::payload::{self, Payload};
use crate::wire::Version;
use crate::workload::{Name, Shape};

#[derive(Clone, Debug, Args)]
pub(crate) struct SizeArgs {
    #[arg(long, value_enum, default_value = "m2")]
    pub(crate) workload: Name,
    /// Hosts, scrape targets, pods or services
    #[arg(long, default_value_t = 20)]
    targets: usize,
    /// Time the data covers, in minutes
    #[arg(long, default_value_t = 60)]
    minutes: u32,
    /// Seconds between two samples of a series; without it what the workload has by definition
    #[arg(long)]
    interval: Option<u32>,
    /// How many minutes ago the data ends
    #[arg(long, default_value_t = 0)]
    age: u32,
    /// With m2: values of a real exporter in place of generated ones, a file of scrapes with
    /// `# EOF` behind each; its queries are those of the generated series
    #[arg(long)]
    recording: Option<PathBuf>,
    /// Message of remote write
    #[arg(long, value_enum, default_value = "1")]
    pub(crate) remote_write: Version,
    #[arg(long, default_value_t = 4)]
    connections: usize,
}

impl SizeArgs {
    pub(crate) fn interval_ms(&self) -> i64 {
        let interval_s = self.interval.unwrap_or(self.workload.default_interval_s());
        i64::from(interval_s.max(1)) * 1000
    }

    /// With room for `live_rounds` after the end.
    pub(crate) fn shape(&self, live_rounds: usize) -> anyhow::Result<Shape> {
        #[expect(clippy::disallowed_methods, reason = "servers take samples of about now")]
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64;
        let interval_ms = self.interval_ms();
        let rounds = (i64::from(self.minutes) * 60_000 / interval_ms) as usize;
        let live_ms = live_rounds as i64 * interval_ms;
        let end_ms = now_ms - i64::from(self.age) * 60_000 - live_ms;
        // At a full minute, so that steps and rounds meet alike in every run.
        let start_ms = (end_ms - rounds as i64 * interval_ms) / 60_000 * 60_000;
        Ok(Shape { targets: self.targets, rounds, interval_ms, start_ms })
    }

    pub(crate) fn payload(&self, shape: Shape, live_rounds: usize) -> anyhow::Result<Payload> {
        let connections = self.connections.max(1);
        let source = match &self.recording {
            Some(recording) => self.workload.recorded(recording, shape)?,
            None => self.workload.source(shape),
        };
        payload::build(source, shape, live_rounds, connections, self.remote_write)
    }
}
