//! Appends, queries, cuts and merges at the same time, on the real disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use metric_store::{Maintenance, MetricStore, MetricStoreConfig};
use platform::Platform;
use query::{AppendError, Budget, MetricSource};

use crate::driver::{append, float, metric, quiet_config, read_all, scope};

const WRITERS: i64 = 3;
const BATCHES: i64 = 120;

#[test]
fn everything_at_once_loses_nothing_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let platform = Platform::host();
    let wal = wal::WalConfig::default();
    let config = MetricStoreConfig { wal, head_bytes_max: 20_000, ..quiet_config() };
    let registry = telemetry::Registry::new();
    let store = MetricStore::open(&platform, dir.path(), config.clone(), &registry).unwrap();
    let maintenance = Maintenance::start(Arc::clone(&store), Duration::from_millis(1)).unwrap();
    let now = platform.clock.unix_ms();
    let writing = AtomicBool::new(true);
    std::thread::scope(|threads| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let store = &store;
                threads.spawn(move || {
                    for batch in 0..BATCHES {
                        // Half of the series are shared by all writers, at times of their own.
                        let labels = |i: i64| match i % 2 {
                            0 => metric("shared", &i.to_string()),
                            _ => metric("own", &format!("{writer}-{i}-{}", batch / 40)),
                        };
                        let t_ms = now - batch * 10 - writer;
                        let points: Vec<_> =
                            (0..30).map(|i| float(&labels(i), t_ms, i as f64)).collect();
                        // Refused while the disk is behind: a sender sends again.
                        while let Err(error) = append(&**store, &scope("t"), &points, 0) {
                            assert!(matches!(error, AppendError::Overloaded { .. }), "{error}");
                            std::thread::yield_now();
                        }
                    }
                })
            })
            .collect();
        threads.spawn(|| {
            while writing.load(Ordering::Relaxed) {
                read_all(&*store, &scope("t"));
                let all = model::TimeRange::ALL;
                let budget = Budget::default();
                store.label_values(&scope("t"), "instance", &[], all, 0, &budget).unwrap();
                let mut page = String::new();
                registry.render(&mut page, telemetry::Format::Text004);
                assert!(page.contains("orrery_head_series"));
            }
        });
        let ended: Vec<_> = writers.into_iter().map(ScopedJoinHandle::join).collect();
        writing.store(false, Ordering::Relaxed);
        assert!(ended.iter().all(Result::is_ok), "a writer panicked");
    });
    maintenance.stop();
    let count = |store: &MetricStore| -> usize {
        read_all(store, &scope("t")).values().map(std::collections::BTreeMap::len).sum()
    };
    let want = (WRITERS * BATCHES * 30) as usize;
    assert_eq!(count(&store), want);
    store.shutdown().unwrap();
    let mut page = String::new();
    registry.render(&mut page, telemetry::Format::Text004);
    let syncs = format!("orrery_wal_sync_duration_seconds_count {}\n", store.stats().wal.syncs);
    assert!(page.contains(&syncs), "{syncs} in\n{page}");
    drop(store);
    let registry = telemetry::Registry::new();
    let store = MetricStore::open(&platform, dir.path(), config, &registry).unwrap();
    assert_eq!(count(&store), want);
}
