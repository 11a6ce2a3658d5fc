//! Settings of one log and the errors of its operations.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::format::Position;

/// Settings of one log.
#[derive(Clone, Copy, Debug)]
pub struct WalConfig {
    /// A segment is closed when the next record would make it longer than this.
    pub segment_bytes_max: u64,
    /// Longest payload; at most 4 GiB - 1. A record longer than a segment gets its own.
    pub record_bytes_max: u32,
    /// What is written is synced at most this much later (by the background thread).
    pub sync_window: Duration,
    /// Appends return only after the sync that covers them.
    pub durable_ack: bool,
    /// Runs the thread that keeps the sync window; simulations turn it off and call
    /// [`Wal::sync_now`](crate::Wal::sync_now).
    pub background_sync: bool,
    /// New records stand at or after this position even when the directory was emptied, so that
    /// a checkpoint kept elsewhere never hides them.
    pub resume_after: Position,
}

impl Default for WalConfig {
    fn default() -> Self {
        Self {
            segment_bytes_max: 64 << 20,
            record_bytes_max: 64 << 20,
            sync_window: Duration::from_millis(100),
            durable_ack: false,
            background_sync: true,
            resume_after: Position::START,
        }
    }
}

/// Why a log cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A later version wrote it: run that version.
    #[error("{} has format version {version}, this program reads up to {supported}", path.display())]
    Unsupported { path: PathBuf, version: u16, supported: u16 },
    /// The environment failed; nothing was changed that a later attempt cannot cope with.
    #[error("cannot read the write-ahead log at {}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// Why something was not logged.
#[derive(Debug, thiserror::Error)]
pub enum WalError {
    /// The caller's fault; nothing was written.
    #[error("a record of {bytes} bytes is longer than record_bytes_max = {bytes_max}")]
    RecordTooLarge { bytes: u64, bytes_max: u32 },
    /// The disk refused and the log is as it was before: refuse the data and try again later.
    #[error("cannot write the write-ahead log {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// The state of the file is unknown, nothing is accepted any more: reopen the log (restart).
    /// The record of the call that got this first may or may not be found again.
    #[error("the write-ahead log is closed for writing: {reason}")]
    Poisoned { reason: String },
}

impl WalError {
    /// Whether the disk is full, which passes when space is freed.
    pub fn is_storage_full(&self) -> bool {
        matches!(self, Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull)
    }
}
