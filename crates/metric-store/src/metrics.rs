//! What the store tells about itself; names are documented beside the code that counts.

use std::sync::Weak;

use query::{AppendReport, RejectReason};
use telemetry::{Counter, Histogram, LATENCY_BUCKETS, Registry};

use crate::store::{MetricStore, StoreStats};

const REASONS: [RejectReason; 7] = [
    RejectReason::DuplicateTimestamp,
    RejectReason::OutOfOrder,
    RejectReason::TooOld,
    RejectReason::TooFarInFuture,
    RejectReason::InvalidLabels,
    RejectReason::SeriesLimit,
    RejectReason::LabelLimit,
];

/// Levels that get a gauge of their own; merging stops far below.
const LEVELS: [(usize, &str); 4] = [(0, "0"), (1, "1"), (2, "2"), (3, "3")];

/// Counters that appends and maintenance add to.
#[derive(Debug)]
pub(crate) struct StoreMetrics {
    rejected: Vec<(RejectReason, Counter)>,
    dropped: [(&'static str, Counter); 3],
    pub(crate) maintenance_failures: Counter,
}

impl StoreMetrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        let rejected = |reason: RejectReason| {
            let help = "Samples left out, by reason.";
            let labels = [("reason", reason.as_str())];
            (reason, registry.counter("orrery_ingest_rejected_samples_total", help, &labels))
        };
        let dropped = |reason: &'static str| {
            let help = "Parts dropped: beyond the retention in time or in size, or emptied by deletions and rules.";
            let labels = [("reason", reason)];
            (reason, registry.counter("orrery_retention_parts_dropped_total", help, &labels))
        };
        Self {
            dropped: ["time", "size", "emptied"].map(dropped),
            rejected: REASONS.into_iter().map(rejected).collect(),
            maintenance_failures: registry.counter(
                "orrery_maintenance_failures_total",
                "Maintenance steps of the metrics store that failed and will be tried again.",
                &[],
            ),
        }
    }

    pub(crate) fn count_dropped(&self, reason: &str, parts: u64) {
        if let Some((_, counter)) = self.dropped.iter().find(|(own, _)| *own == reason) {
            counter.inc_by(parts);
        }
    }

    pub(crate) fn count(&self, report: &AppendReport) {
        for (reason, count) in &report.rejected {
            if let Some((_, counter)) = self.rejected.iter().find(|(own, _)| own == reason) {
                counter.inc_by(*count);
            }
        }
    }
}

/// How long syncs of the log take.
pub(crate) fn sync_duration(registry: &Registry) -> Histogram {
    registry.histogram(
        "orrery_wal_sync_duration_seconds",
        "Time a sync of the log took.",
        &[],
        LATENCY_BUCKETS,
    )
}

type Read = fn(&StoreStats) -> f64;

/// Registers what is read from the store when a page is rendered.
pub(crate) fn register(registry: &Registry, store: &Weak<MetricStore>) {
    let gauges: [(&str, &str, Read); 6] = [
        (
            "orrery_store_ready",
            "1 when appends are taken; 0 while the log is replayed, and while stopping.",
            |s| f64::from(u8::from(s.ready)),
        ),
        ("orrery_head_series", "Series in the head.", |s| s.series as f64),
        ("orrery_head_series_bytes", "Bytes of the names of series and of their indexes.", |s| {
            s.series_bytes as f64
        }),
        ("orrery_head_chunks_bytes", "Bytes of compressed samples in the head.", |s| {
            s.chunk_bytes as f64
        }),
        ("orrery_wal_segment_bytes", "Bytes of the write-ahead log's segments.", |s| {
            s.wal.segment_bytes as f64
        }),
        ("orrery_tenants", "Tenants with metrics.", |s| s.tenants as f64),
    ];
    for (name, help, read) in gauges {
        let store = store.clone();
        registry.gauge_fn(name, help, &[], move || value(&store, read));
    }
    let counters: [(&str, &str, Read); 4] = [
        ("orrery_head_samples_appended_total", "Samples taken.", |s| s.samples_appended as f64),
        ("orrery_head_series_created_total", "Series met for the first time.", |s| {
            s.series_created as f64
        }),
        ("orrery_wal_written_bytes_total", "Bytes written to the log.", |s| s.wal.bytes as f64),
        ("orrery_wal_syncs_total", "Syncs of the log.", |s| s.wal.syncs as f64),
    ];
    for (name, help, read) in counters {
        let store = store.clone();
        registry.counter_fn(name, help, &[], move || value(&store, read));
    }
    for (level, label) in LEVELS {
        let (parts, bytes) = (store.clone(), store.clone());
        let of_level = move |store: &Weak<MetricStore>| {
            let stats = store.upgrade().map(|store| store.stats());
            stats.map(|stats| stats.parts[level]).unwrap_or_default()
        };
        let labels = [("level", label)];
        let help = "Live parts.";
        registry.gauge_fn("orrery_parts", help, &labels, move || of_level(&parts).0 as f64);
        let help = "Bytes of live parts.";
        registry.gauge_fn("orrery_parts_bytes", help, &labels, move || of_level(&bytes).1 as f64);
    }
}

fn value(store: &Weak<MetricStore>, read: Read) -> f64 {
    store.upgrade().map_or(0.0, |store| read(&store.stats()))
}
