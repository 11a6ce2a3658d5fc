//! Filling the heads from the log after a start, while queries are served already.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use model::Tenant;
use wal::Position;

use crate::config::OpenError;
use crate::head::Replay;
use crate::store::MetricStore;

/// Bytes of records between two looks at the memory that the heads take, at most.
const LOOK_EVERY_BYTES: u64 = 1 << 20;

/// The log of a store that has just been started. Until it is replayed the store takes no
/// appends, and never will when this is dropped.
#[derive(Debug)]
pub struct PendingReplay {
    store: Arc<MetricStore>,
    recovery: LogRecovery,
}

struct LogRecovery(wal::Recovery);

impl std::fmt::Debug for LogRecovery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LogRecovery")
    }
}

impl PendingReplay {
    pub(crate) fn new(store: Arc<MetricStore>, recovery: wal::Recovery) -> Self {
        Self { store, recovery: LogRecovery(recovery) }
    }

    /// Replays the log; then the store takes appends. Returns early when the store is stopped.
    ///
    /// Memory: the heads' limit, twice that while the disk takes no parts, and the names of the
    /// series in the log. Cost: about a second for ten million samples.
    /// Errors: the log cannot be read, or the heads cannot be written to parts.
    pub fn run(self) -> Result<(), OpenError> {
        let Self { store, recovery: LogRecovery(recovery) } = self;
        // Keeps maintenance out, which would cut what is not there yet.
        let _one_at_a_time = store.take_turn();
        store.replay(&recovery)
    }
}

impl MetricStore {
    fn replay(&self, recovery: &wal::Recovery) -> Result<(), OpenError> {
        let started = self.platform.clock.monotonic();
        let mut failed: Option<OpenError> = None;
        let mut open = |tenant: Tenant| match self.tenant_or_new(&tenant) {
            Ok(store) => Some((Arc::clone(&store.head), store.checkpoint())),
            Err(error) => {
                failed.get_or_insert(error);
                None
            }
        };
        let mut replay = Replay::new(&mut open, self.config.exemplars_max);
        let mut written: Result<(), OpenError> = Ok(());
        let look_every_bytes = LOOK_EVERY_BYTES.min(self.config.head_bytes_max / 16);
        let mut bytes = 0;
        let progress = &self.replay_state;
        let (first, last) = recovery.segments();
        for (place, segment) in
            [(&progress.first, first), (&progress.last, last), (&progress.current, first)]
        {
            place.store(segment, Ordering::Relaxed);
        }
        let report = recovery.replay(Position::START, |position, kind, payload| {
            progress.current.store(position.segment, Ordering::Relaxed);
            if written.is_err() || self.stopped.load(Ordering::Acquire) {
                return;
            }
            bytes += payload.len() as u64;
            if bytes >= look_every_bytes {
                bytes = 0;
                written = self.keep_to_limit(&mut replay, position);
            }
            replay.record(position, kind, payload);
        })?;
        written?;
        progress.current.store(last, Ordering::Relaxed);
        progress.damages.store(report.damage.len() as u64, Ordering::Relaxed);
        let (samples, malformed, orphaned) = (replay.samples, replay.malformed, replay.orphaned);
        if let Some(error) = failed {
            return Err(error);
        }
        if self.stopped.load(Ordering::Acquire) {
            tracing::info!(samples, "stopped before the metrics log was replayed");
            return Ok(());
        }
        let series = self.count_held();
        let was_spent = samples + malformed + orphaned + report.damage_bytes == 0;
        self.log_was_spent.store(was_spent, Ordering::Release);
        self.replaying.store(false, Ordering::Release);
        let took = self.platform.clock.monotonic().saturating_sub(started);
        if report.damage_bytes > 0 || malformed + orphaned > 0 {
            tracing::error!(
                damaged_bytes = report.damage_bytes,
                malformed,
                orphaned,
                "parts of the metrics log could not be replayed"
            );
        }
        tracing::info!(records = report.records, samples, series, ?took, "metrics log replayed");
        Ok(())
    }

    /// Writes the heads to parts when they hold more than they may. `position` is that of the
    /// next record.
    fn keep_to_limit(&self, replay: &mut Replay<'_>, position: Position) -> Result<(), OpenError> {
        self.count_held();
        let limit = self.config.head_bytes_max;
        if self.held_bytes() <= limit {
            return Ok(());
        }
        // A cut that could not be written waits to be: another one would not help.
        if self.each_tenant().iter().all(|tenant| tenant.head.epochs().frozen.is_empty()) {
            let _closed = self.gate.write();
            self.cut_at(position);
            replay.follow_cut();
        }
        match self.flush_all() {
            Ok(()) => Ok(()),
            Err(error) if self.held_bytes() <= limit.saturating_mul(2) => {
                tracing::warn!(%error, "cannot write a part while replaying");
                Ok(())
            }
            Err(error) => Err(OpenError::Flush(error)),
        }
    }

    /// Counts series and bytes of the heads anew, and returns the series.
    fn count_held(&self) -> u64 {
        let (mut series, mut bytes) = (0, 0);
        for tenant in self.each_tenant() {
            let names = tenant.head.names.read();
            series += names.len() as u64;
            bytes += names.heap_bytes_guess() as u64;
        }
        self.totals.series.store(series, Ordering::Relaxed);
        self.totals.series_bytes.store(bytes, Ordering::Relaxed);
        self.totals.chunk_bytes.store(self.held_bytes(), Ordering::Relaxed);
        series
    }
}
