//! Settings of the metrics store and the errors of opening it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use model::Tenant;

use crate::retention::RetentionRule;

/// Settings of one store; the defaults suit one machine.
#[derive(Clone, Debug)]
pub struct MetricStoreConfig {
    /// `storage.retention`: older samples are neither read nor, in the end, stored; 0 keeps all.
    pub retention: Duration,
    /// `storage.retention_by_tenant`: takes the place of `retention`.
    pub retention_by_tenant: BTreeMap<Tenant, Duration>,
    /// `storage.retention_rules`: shorter retentions for some series.
    pub retention_rules: Vec<RetentionRule>,
    /// `storage.retention_bytes_max`: parts, log and head of all tenants; beyond it the oldest
    /// parts are dropped. 0 = no limit.
    pub retention_bytes_max: u64,
    /// `storage.tombstones_max`: deletions of a tenant that are not carried out yet.
    pub tombstones_max: usize,
    /// `storage.snapshots_max`: snapshots that may lie beside the store.
    pub snapshots_max: usize,
    /// `storage.head_interval`: how much time the head collects before it is cut into parts.
    pub head_interval: Duration,
    /// `storage.head_bytes_max`: compressed samples in memory before the head is cut early.
    /// At twice this, while the disk takes no parts, appends are refused.
    pub head_bytes_max: u64,
    /// `storage.head_new_series_max`: series met since the head was last cut before it is cut
    /// early, so that those that have ended are forgotten however fast others follow; where four
    /// times as many are active, a quarter of those. 0 = no limit.
    pub head_new_series_max: u64,
    /// `limits.series_max`: active series of all tenants; 0 = no limit.
    pub series_max_total: u64,
    /// `limits.series_bytes_max`: memory of the names of all series and of the indexes over them;
    /// 0 = no limit.
    pub series_bytes_max_total: u64,
    /// Shards of a tenant's head; 0 = one per core.
    pub shards: usize,
    /// `storage.exemplars_max`: exemplars kept in memory per tenant; 0 keeps none.
    pub exemplars_max: usize,
    /// `ingest.created_timestamp_zero`: a zero is stored where a counter began, when the sender
    /// says so.
    pub created_timestamp_zero: bool,
    /// Cut the head at a graceful stop, so that the next start has
    /// nothing to replay.
    pub flush_on_shutdown: bool,
    /// Parts are not merged beyond this size.
    pub merge_bytes_max: u64,
    /// `storage.merge_memory_bytes`: what one merge may take; fewer parts are merged at once.
    pub merge_memory_bytes: u64,
    /// `storage.merge_bytes_per_second`: what merges write; 0 = as fast as the disk.
    pub merge_bytes_per_second: u64,
    /// Parts of a stretch of time that is not over that make a merge worthwhile.
    pub merge_fan_in: usize,
    /// `storage.page_cache_bytes`: unpacked pages of parts kept in memory for reads.
    pub page_cache_bytes: u64,
    pub wal: wal::WalConfig,
}

impl Default for MetricStoreConfig {
    fn default() -> Self {
        Self {
            retention: Duration::from_hours(15 * 24),
            retention_by_tenant: BTreeMap::new(),
            retention_rules: Vec::new(),
            retention_bytes_max: 0,
            tombstones_max: 10_000,
            snapshots_max: 100,
            head_interval: Duration::from_mins(30),
            head_bytes_max: 512 << 20,
            head_new_series_max: 250_000,
            series_max_total: 0,
            series_bytes_max_total: 0,
            shards: 0,
            exemplars_max: 100_000,
            created_timestamp_zero: false,
            flush_on_shutdown: true,
            merge_bytes_max: 4 << 30,
            merge_memory_bytes: 256 << 20,
            merge_bytes_per_second: 0,
            merge_fan_in: 8,
            page_cache_bytes: 64 << 20,
            wal: wal::WalConfig::default(),
        }
    }
}

impl MetricStoreConfig {
    pub(crate) fn shard_count(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        if self.shards == 0 { cores() } else { self.shards }
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
    /// A later version of this program wrote the file.
    #[error("{} has format version {version}, which this program does not read", path.display())]
    Unsupported { path: PathBuf, version: u16 },
    /// A replay that may not hold more in memory cannot write a part.
    #[error("cannot write a metrics part while replaying the log")]
    Flush(#[source] MaintainError),
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
    /// The list of deletions, or a snapshot.
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    /// The log is still to be replayed: ask again when the store is ready.
    #[error("the metrics log is still being replayed")]
    Replaying,
    /// Bytes that passed their checksum make no sense: a bug, or a part of a foreign writer.
    #[error("part {} is damaged: {what}", path.display())]
    Damaged { path: PathBuf, what: &'static str },
}
