//! Settings of the metrics store and the errors of opening it.

use std::path::PathBuf;
use std::time::Duration;

/// Settings of one store; the defaults suit one machine.
#[derive(Clone, Debug)]
pub struct MetricStoreConfig {
    /// `storage.retention`: parts whose newest sample is older are dropped.
    pub retention: Duration,
    /// `storage.head_interval`: how much time the head collects before it is cut into parts.
    pub head_interval: Duration,
    /// `storage.head_bytes_max`: compressed samples in memory before the head is cut early.
    /// At twice this, while the disk takes no parts, appends are refused.
    pub head_bytes_max: u64,
    /// `limits.series_max`: active series of all tenants; 0 = no limit.
    pub series_max_total: u64,
    /// Shards of a tenant's head; 0 = one per core.
    pub shards: usize,
    /// `storage.exemplars_max`: exemplars kept in memory per tenant; 0 keeps none.
    pub exemplars_max: usize,
    /// Cut the head at a graceful stop, so that the next start has
    /// nothing to replay.
    pub flush_on_shutdown: bool,
    /// Parts are not merged beyond this size.
    pub merge_bytes_max: u64,
    /// Parts of one level that make a merge worthwhile.
    pub merge_fan_in: usize,
    pub wal: wal::WalConfig,
}

impl Default for MetricStoreConfig {
    fn default() -> Self {
        Self {
            retention: Duration::from_hours(15 * 24),
            head_interval: Duration::from_mins(30),
            head_bytes_max: 512 << 20,
            series_max_total: 0,
            shards: 0,
            exemplars_max: 100_000,
            flush_on_shutdown: true,
            merge_bytes_max: 1 << 30,
            merge_fan_in: 8,
            wal: wal::WalConfig::default(),
        }
    }
}

impl MetricStoreConfig {
    pub(crate) fn shard_count(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        if self.shards == 0 { cores() } else { self.shards }
    }

    pub(crate) fn retention_ms(&self) -> i64 {
        i64::try_from(self.retention.as_millis()).unwrap_or(i64::MAX)
    }
}

/// Why the store cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The log cannot be opened or read.
    #[error(transparent)]
    Wal(#[from] wal::OpenError),
    /// A list of parts cannot be opened.
    #[error(transparent)]
    Manifest(#[from] blockfile::ManifestError),
    /// A part cannot be opened, or a later version of this program wrote it.
    #[error(transparent)]
    Part(blockfile::ReadPartError),
    /// The directory cannot be used.
    #[error("cannot use the metrics directory {}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

/// Why a maintenance step did not get through; the next one tries again and nothing is lost.
#[derive(Debug, thiserror::Error)]
pub enum MaintainError {
    #[error(transparent)]
    Wal(#[from] wal::WalError),
    #[error(transparent)]
    WritePart(#[from] blockfile::WritePartError),
    #[error(transparent)]
    Manifest(#[from] blockfile::ManifestError),
    #[error(transparent)]
    ReadPart(#[from] blockfile::ReadPartError),
    /// Bytes that passed their checksum make no sense: a bug, or a part of a foreign writer.
    #[error("part {} is damaged: {what}", path.display())]
    Damaged { path: PathBuf, what: &'static str },
}
