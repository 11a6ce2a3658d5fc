//! Write-ahead log with group commit and a bounded sync window.
//!
//! Records are opaque bytes with a one-byte kind. An append that returned survives `kill -9`; it
//! survives a power loss once a sync has covered it, which is at most
//! [`WalConfig::sync_window`] later, or at once with [`WalConfig::durable_ack`]. An append that
//! failed may still be found after a restart, whole; it never spoils its neighbours. The format is
//! specified in `docs/format/wal.md`.
//!
//! ```
//! use platform::Platform;
//! use wal::{Position, Wal, WalConfig};
//!
//! # let dir = std::env::temp_dir().join(format!("wal-doc-{}", std::process::id()));
//! let disk = Platform::host().disk;
//! let (wal, recovery) = Wal::open(disk, &dir, WalConfig::default())?;
//! let checkpoint = Position::START; // kept with the data that was flushed
//! recovery.replay(checkpoint, |position, kind, payload| {
//!     // apply the record to the state in memory
//! #   let _ = (position, kind, payload);
//! })?;
//! wal.append(1, &[b"head", b"body"])?; // one record, written without joining the parts first
//!
//! // Flush: cut, write the state elsewhere with the checkpoint, then forget the old segments.
//! let checkpoint = wal.rotate()?;
//! wal.truncate_before(checkpoint)?;
//! wal.close()?;
//! # std::fs::remove_dir_all(&dir)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod format;
mod log;
mod recovery;
mod scan;
mod stats;
mod sync;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use platform::Disk;

pub use config::{OpenError, WalConfig, WalError};
pub use format::{MAGIC, Position, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES, VERSION};
pub use recovery::{Damage, Recovery, ReplayReport};
pub use stats::WalStats;

use format::{HeaderState, segment_name};
use log::{Active, Batch, FileUse, Log, State};
use stats::Counters;

/// One log: a directory of segments. All methods may be called from any thread.
///
/// The caller makes sure that a directory is open once only (the data directory's lock).
pub struct Wal {
    log: Arc<Log>,
    syncer: Option<JoinHandle<()>>,
}

impl Wal {
    /// Opens or creates the log in `dir`.
    ///
    /// Cuts a torn tail off the last segment and makes what is left durable; the records are read
    /// by [`Recovery::replay`]. New records go behind everything that was found. Cost: reads the
    /// last segment.
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: impl AsRef<Path>,
        config: WalConfig,
    ) -> Result<(Self, Recovery), OpenError> {
        let dir = dir.as_ref();
        let recovery = recovery::recover(Arc::clone(&disk), dir)?;
        let state = initial_state(&*disk, dir, &recovery, &config)?;
        let log = Arc::new(Log {
            disk,
            dir: dir.to_owned(),
            config,
            state: Mutex::new(state),
            written: Condvar::new(),
            synced: Condvar::new(),
            dirty: Condvar::new(),
            counters: Counters::default(),
        });
        let syncer = if config.background_sync {
            let log = Arc::clone(&log);
            let thread = std::thread::Builder::new().name("wal-sync".to_owned());
            let spawned = thread.spawn(move || log.keep_window());
            Some(spawned.map_err(|source| OpenError::Io { path: dir.to_owned(), source })?)
        } else {
            None
        };
        Ok((Self { log, syncer }, recovery))
    }

    /// Appends one record, whose payload is the concatenation of `payload`, and returns its place.
    ///
    /// Returns after the write, or with [`WalConfig::durable_ack`] after the sync. Concurrent
    /// calls share writes and syncs. Cost: one copy of the payload into the shared buffer, one
    /// hash over it; blocks on the disk.
    /// Errors: see [`WalError`]; a record that was refused may, except when it was too large, be
    /// found again after a restart.
    pub fn append(&self, kind: u8, payload: &[&[u8]]) -> Result<Position, WalError> {
        let (place, end) = self.log.append(kind, payload)?;
        if self.log.config.durable_ack {
            let mut state = self.log.state.lock();
            self.log.sync_to(&mut state, end)?;
        }
        Ok(place)
    }

    /// Makes every append that has returned durable.
    /// Errors: `Poisoned`; what was appended since the last sync may be lost by a power failure.
    pub fn flush_and_sync(&self) -> Result<(), WalError> {
        self.log.sync_now()
    }

    /// The same, under the name that drivers without a background thread use.
    pub fn sync_now(&self) -> Result<(), WalError> {
        self.log.sync_now()
    }

    /// Starts a new segment and returns where it starts: every append that has returned lies
    /// before it, every later one behind it. An empty segment is kept. Blocks for a sync.
    pub fn rotate(&self) -> Result<Position, WalError> {
        self.log.rotate()
    }

    /// Removes the segments that lie wholly before `position`; returns how many.
    pub fn truncate_before(&self, position: Position) -> Result<u64, WalError> {
        self.log.truncate_before(position)
    }

    /// Everything before this position is durable.
    pub fn synced_to(&self) -> Position {
        self.log.state.lock().synced_to
    }

    /// Why the log takes no more records, if so.
    pub fn poisoned(&self) -> Option<String> {
        self.log.state.lock().poison.clone()
    }

    pub fn stats(&self) -> WalStats {
        self.log.stats()
    }

    /// Calls `observe` with the time each further sync took that succeeded; only the first
    /// observer is kept. It runs under the log's lock: it must be quick and not call the log.
    pub fn observe_syncs(&self, observe: impl Fn(Duration) + Send + Sync + 'static) {
        // A second one is dropped, as documented.
        self.log.counters.sync_observer.set(Box::new(observe)).ok();
    }

    pub fn dir(&self) -> &PathBuf {
        &self.log.dir
    }

    /// Stops the thread and syncs once more.
    pub fn close(mut self) -> Result<(), WalError> {
        self.stop_thread();
        self.log.sync_now()
    }

    /// Whether there was a thread to stop.
    fn stop_thread(&mut self) -> bool {
        self.log.state.lock().closing = true;
        self.log.dirty.notify_all();
        // The thread holds no data; a panic in it has been printed.
        self.syncer.take().is_some_and(|thread| thread.join().is_ok())
    }
}

impl Drop for Wal {
    /// Like [`Wal::close`], but can only log a failure. Without the thread it does nothing.
    fn drop(&mut self) {
        if self.stop_thread()
            && let Err(error) = self.log.sync_now()
        {
            tracing::warn!(%error, "the write-ahead log could not be synced when it was closed");
        }
    }
}

impl fmt::Debug for Wal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wal").field("dir", &self.log.dir).finish_non_exhaustive()
    }
}

/// The state to append behind `recovery`: an empty last segment is taken up again, otherwise the
/// next one is created by the first append.
fn initial_state(
    disk: &dyn Disk,
    dir: &Path,
    recovery: &Recovery,
    config: &WalConfig,
) -> Result<State, OpenError> {
    let mut sealed: Vec<_> = recovery.segments.iter().map(|s| (s.sequence, s.len)).collect();
    let last = recovery.segments.last();
    let mut sequence_next = last.map_or(1, |last| last.sequence + 1);
    let mut active = None;
    let mut synced_to = Position::START;
    if let Some(last) = last {
        synced_to = Position { segment: last.sequence, offset: last.len };
        let valid = matches!(last.header, HeaderState::Valid { .. });
        let reusable = valid && last.len == SEGMENT_HEADER_BYTES as u64;
        if reusable && config.resume_after <= synced_to {
            let path = dir.join(segment_name(last.sequence));
            let file = disk.open(&path).map_err(|source| OpenError::Io { path, source })?;
            let (sequence, len) = (last.sequence, last.len);
            active = Some(Active { sequence, file, framed: len, written: len });
            sealed.pop();
        }
    }
    // A checkpoint inside a segment that is gone: the first record of its number lies before it.
    let inside = config.resume_after.offset > SEGMENT_HEADER_BYTES as u64;
    sequence_next = sequence_next.max(config.resume_after.segment + u64::from(inside));
    Ok(State {
        active,
        sealed,
        sequence_next,
        pending: Vec::new(),
        spare: Vec::new(),
        batch: Arc::new(Batch::default()),
        file_use: FileUse::Free,
        syncing: false,
        synced_to,
        dirty_since: None,
        poison: None,
        closing: false,
    })
}
