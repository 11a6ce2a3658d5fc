//! What the store says has changed, and when: a result that it does not name is still the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use metric_store::{Maintenance, MetricStore, MetricStoreConfig};
use model::{Matcher, TimeRange};
use platform::Platform;
use platform_sim::SimPlatform;
use query::{MetricAdmin, MetricSource};

use crate::driver::{
    Answer, append, float, metric, open, quiet_config, read, read_all, scope, set_clock,
};

const NOW_MS: i64 = 1_700_000_000_000;
const HOUR_MS: i64 = 3_600_000;

fn machine() -> SimPlatform {
    let sim = SimPlatform::new(1);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    sim
}

fn changed(store: &MetricStore, version: u64) -> Vec<TimeRange> {
    store.changed_since(&scope("t"), version, TimeRange::ALL)
}

/// An answer with the version of the data it was read from.
pub(crate) struct Remembered {
    version: u64,
    matchers: Vec<Matcher>,
    range: TimeRange,
    answer: Answer,
}

impl Remembered {
    /// Nothing when the tenant does not exist yet: there is no version to remember.
    pub(crate) fn now(
        store: &dyn MetricSource,
        matchers: &[Matcher],
        range: TimeRange,
        answer: Answer,
    ) -> Option<Self> {
        let version = store.version(&scope("t"))?;
        Some(Self { version, matchers: matchers.to_vec(), range, answer })
    }

    /// Outside of what the store says has changed, the answer is still the same.
    #[track_caller]
    pub(crate) fn check(&self, store: &dyn MetricSource) {
        let changed = store.changed_since(&scope("t"), self.version, self.range);
        let now = read(store, &scope("t"), &self.matchers, self.range).unwrap();
        let unchanged = |answer: &Answer| {
            let mut answer = answer.clone();
            for samples in answer.values_mut() {
                samples.retain(|t_ms, _| !changed.iter().any(|range| range.contains(*t_ms)));
            }
            answer.retain(|_, samples| !samples.is_empty());
            answer
        };
        assert_eq!(unchanged(&now), unchanged(&self.answer), "outside of {changed:?}");
    }
}

#[test]
fn samples_change_their_time_and_moving_them_changes_nothing() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let tenant = scope("t");
    assert_eq!(store.version(&tenant), None, "nothing to count in a tenant that is not there");
    let up = metric("up", "a");
    for i in 0..3 {
        append(&*store, &tenant, &[float(&up, NOW_MS - i * HOUR_MS, 1.0)], 0).unwrap();
        store.flush().unwrap();
    }
    let version = store.version(&tenant).unwrap();
    store.flush().unwrap();
    store.maintain().unwrap();
    assert_eq!(store.stats().parts.map(|(count, _)| count), [0, 1, 0, 0], "merged");
    assert_eq!(store.version(&tenant), Some(version));
    // Late, and so late that it is refused.
    let late = NOW_MS - HOUR_MS / 2;
    let refused = NOW_MS - 16 * 24 * HOUR_MS;
    append(&*store, &tenant, &[float(&up, late, 1.0), float(&up, refused, 1.0)], 0).unwrap();
    let found = changed(&store, version);
    assert!(matches!(found[..], [only] if only.contains(late)), "{found:?}");
    assert!(found[0].end_ms - found[0].start_ms < 60_000, "{found:?}");
    assert_eq!(changed(&store, store.version(&tenant).unwrap()), []);
    store.shutdown().unwrap();
    assert_eq!(store.version(&tenant), None, "a stopped store cannot be read either");
    assert_eq!(changed(&store, version), found);
}

#[test]
fn an_append_that_fails_half_way_is_counted() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let tenant = scope("t");
    append(&*store, &tenant, &[float(&metric("up", "a"), NOW_MS - HOUR_MS, 1.0)], 0).unwrap();
    let version = store.version(&tenant).unwrap();
    sim.set_faults(platform_sim::Faults { capacity_bytes: Some(0), ..platform_sim::Faults::NONE });
    append(&*store, &tenant, &[float(&metric("up", "a"), NOW_MS, 1.0)], 0).unwrap_err();
    assert!(changed(&store, version).iter().any(|range| range.contains(NOW_MS)));
}

#[test]
fn the_end_of_the_retention_changes_the_time_it_takes_away() {
    let sim = machine();
    let config = MetricStoreConfig { retention: Duration::from_hours(3), ..quiet_config() };
    let store = open(&sim.platform(), &config).unwrap();
    let tenant = scope("t");
    for t_ms in [NOW_MS - 2 * HOUR_MS, NOW_MS] {
        append(&*store, &tenant, &[float(&metric("up", "a"), t_ms, 1.0)], 0).unwrap();
        store.flush().unwrap();
    }
    let version = store.version(&tenant).unwrap();
    // It is seen no more from the moment on, and the part goes some time later.
    sim.clock().advance(Duration::from_hours(2));
    assert!(changed(&store, version)[0].contains(NOW_MS - 2 * HOUR_MS));
    store.maintain().unwrap();
    assert_eq!(read_all(&*store, &tenant).values().map(BTreeMap::len).sum::<usize>(), 1);
    let found = changed(&store, version);
    assert!(found.iter().any(|range| range.contains(NOW_MS - 2 * HOUR_MS)), "{found:?}");
    assert!(!found.iter().any(|range| range.contains(NOW_MS)), "{found:?}");
}

/// The argument at the top of `query::versions`, put to the test: readers take the version and
/// read while others write, cut and merge; what is not named later has not changed.
#[test]
fn what_is_read_beside_writers_is_named_when_it_missed_something() {
    let dir = tempfile::tempdir().unwrap();
    let platform = Platform::host();
    let wal = wal::WalConfig::default();
    let config = MetricStoreConfig { wal, head_bytes_max: 20_000, ..quiet_config() };
    let registry = telemetry::Registry::new();
    let store = MetricStore::open(&platform, dir.path(), config, &registry).unwrap();
    let maintenance = Maintenance::start(Arc::clone(&store), Duration::from_millis(1)).unwrap();
    let now = platform.clock.unix_ms();
    let write = |writer: i64, batch: i64| {
        let t_ms = now - (batch * 7919 % 100) * 40_000 - writer;
        let points: Vec<_> =
            (0..20).map(|i| float(&metric("up", &i.to_string()), t_ms, f64::from(i))).collect();
        while append(&*store, &scope("t"), &points, 0).is_err() {
            std::thread::yield_now();
        }
    };
    write(0, 0);
    let writing = AtomicBool::new(true);
    let everything = || read(&*store, &scope("t"), &[], TimeRange::ALL).unwrap();
    let answers: Vec<(u64, Answer)> = std::thread::scope(|threads| {
        let reader = threads.spawn(|| {
            let mut answers = Vec::new();
            // Once at least, however late this thread gets its turn.
            loop {
                let version = store.version(&scope("t")).unwrap();
                answers.push((version, everything()));
                if !writing.load(Ordering::Relaxed) {
                    return answers;
                }
            }
        });
        let write = &write;
        let writers: Vec<_> =
            (1..3).map(|w| threads.spawn(move || (0..100).for_each(|b| write(w, b)))).collect();
        for writer in writers {
            writer.join().unwrap();
        }
        writing.store(false, Ordering::Relaxed);
        reader.join().unwrap()
    });
    maintenance.stop();
    let last = everything();
    assert!(!answers.is_empty());
    for (version, answer) in answers {
        let changed = changed(&store, version);
        for (series, samples) in &last {
            let known = answer.get(series);
            for t_ms in samples.keys().filter(|t| !changed.iter().any(|c| c.contains(**t))) {
                let seen = known.is_some_and(|samples| samples.contains_key(t_ms));
                assert!(seen, "version {version} missed {series} at {t_ms}");
            }
        }
    }
}

#[test]
fn a_deletion_changes_its_range() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let tenant = scope("t");
    for t_ms in [NOW_MS - 2 * HOUR_MS, NOW_MS] {
        append(&*store, &tenant, &[float(&metric("up", "a"), t_ms, 1.0)], 0).unwrap();
    }
    let version = store.version(&tenant).unwrap();
    let range = TimeRange::new(NOW_MS - 3 * HOUR_MS, NOW_MS - HOUR_MS);
    let all_up = [vec![Matcher::equal("__name__", "up")]];
    store.delete_series(&tenant, &all_up, range).unwrap();
    let found = changed(&store, version);
    assert!(
        matches!(found[..], [only] if only.contains(range.start_ms) && only.contains(range.end_ms))
    );
    assert!(!found[0].contains(NOW_MS), "{found:?}");
    let version = store.version(&tenant).unwrap();
    store.clean_tombstones(&tenant).unwrap();
    let again = changed(&store, version);
    assert!(again.iter().all(|range| !range.contains(NOW_MS)), "{again:?}");
}
