//! Series that come and go: what they took in memory is given back, whatever their total.

use std::collections::BTreeSet;
use std::time::Duration;

use metric_store::MetricStoreConfig;
use model::{Labels, Matcher, TimeRange};
use platform_sim::SimPlatform;
use query::{Budget, MetricAdmin, MetricSource, RejectReason};

use crate::driver::{append, float, metric, open, quiet_config, read, scope, set_clock};

const NOW_MS: i64 = 1_735_700_000_000;
const ACTIVE: u64 = 600;
const REPLACED: u64 = 100;
const ROUNDS: u64 = 40;

/// Pods with thirty labels, a kilobyte in all; twenty series each.
fn labels(i: u64) -> Labels {
    let pod = i / 20;
    let own =
        (0..10).map(|l| (format!("own_label_{l}"), format!("{pod:08x}-value-of-this-pod-{l}")));
    let shared = (0..16).map(|l| (format!("shared_label_{l}"), format!("the-same-everywhere-{l}")));
    let name = [
        ("__name__".to_owned(), format!("metric_{}_total", i % 20)),
        ("instance".to_owned(), format!("10.0.{}.{}:8080", pod / 250, pod % 250)),
        ("job".to_owned(), "pods".to_owned()),
        ("pod".to_owned(), format!("deployment-{pod:06}")),
    ];
    Labels::from_pairs(own.chain(shared).chain(name))
}

#[test]
fn memory_follows_the_active_series_and_not_their_total() {
    let sim = SimPlatform::new(1);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    let interval = Duration::from_mins(10);
    // Two intervals' series are held at a time; the limit would bite if more were counted.
    let series_max_total = ACTIVE + 2 * REPLACED;
    let config = MetricStoreConfig { head_interval: interval, series_max_total, ..quiet_config() };
    let store = open(&sim.platform(), &config).unwrap();
    let tenant = scope("t");
    let mut settled = 0;
    for round in 0..ROUNDS {
        let first = round * REPLACED;
        let t_ms = sim.platform().clock.unix_ms();
        for minute in 0..3 {
            let point = |i: u64| float(&labels(i), t_ms + minute, i as f64);
            let points: Vec<_> = (first..first + ACTIVE).map(point).collect();
            let report = append(&*store, &tenant, &points, 0).unwrap();
            assert_eq!(report.rejected, [].into(), "{:?}", report.first_rejection);
        }
        sim.clock().advance(interval);
        store.maintain().unwrap();
        let stats = store.stats();
        assert!(stats.series <= series_max_total, "{} in round {round}", stats.series);
        match round {
            0..=3 => settled = settled.max(store.heap_bytes()),
            _ => assert!(store.heap_bytes() <= settled + settled / 10, "round {round}"),
        }
    }
    let (created, counted) = (store.stats().series_created, store.stats().series_bytes);
    assert_eq!(created, ACTIVE + (ROUNDS - 1) * REPLACED);
    assert!(counted <= settled, "{counted} counted of {settled}");
    // References went from series to series; every one still has its own samples.
    let found = read(&*store, &tenant, &[], TimeRange::ALL).unwrap();
    assert_eq!(found.len() as u64, created);
    for i in (0..created).step_by(37) {
        let samples = &found[&labels(i).to_string()];
        let value = crate::driver::Value::Float((i as f64).to_bits());
        assert!(samples.values().all(|sample| *sample == value), "series {i}");
    }
    // Everybody leaves.
    for _ in 0..2 {
        sim.clock().advance(interval);
        store.maintain().unwrap();
    }
    assert_eq!((store.stats().series, store.stats().series_bytes), (0, 0));
    assert!(store.heap_bytes() < settled / 4, "{} of {settled}", store.heap_bytes());
}

#[test]
fn a_rush_of_new_series_does_not_wait_for_the_interval() {
    let sim = SimPlatform::new(1);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    let head_new_series_max = 2 * REPLACED;
    let config = MetricStoreConfig { head_new_series_max, ..quiet_config() };
    let store = open(&sim.platform(), &config).unwrap();
    let tenant = scope("t");
    for round in 0..ROUNDS {
        // A backfill: ten minutes of samples a moment.
        let t_ms = NOW_MS - (ROUNDS - round) as i64 * 600_000;
        let first = round * REPLACED;
        let points: Vec<_> =
            (first..first + ACTIVE).map(|i| float(&labels(i), t_ms, i as f64)).collect();
        append(&*store, &tenant, &points, 0).unwrap();
        store.maintain().unwrap();
        // What came since the cut before the last one, and what is going on.
        let most = ACTIVE + 2 * (head_new_series_max + REPLACED);
        assert!(store.stats().series <= most, "{} in round {round}", store.stats().series);
    }
    let found = read(&*store, &tenant, &[], TimeRange::ALL).unwrap();
    assert_eq!(found.len() as u64, ACTIVE + (ROUNDS - 1) * REPLACED);
}

/// Scrapes of more series than make the head be cut, spread over a minute.
#[test]
fn series_that_go_on_are_not_forgotten_by_a_rush() {
    let sim = SimPlatform::new(1);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    let config = MetricStoreConfig { head_new_series_max: REPLACED, ..quiet_config() };
    let store = open(&sim.platform(), &config).unwrap();
    let tenant = scope("t");
    for minute in 0..5 {
        for tenth in 0..10 {
            let t_ms = sim.platform().clock.unix_ms();
            let targets = tenth * ACTIVE / 10..(tenth + 1) * ACTIVE / 10;
            let points: Vec<_> = targets.map(|i| float(&labels(i), t_ms, i as f64)).collect();
            append(&*store, &tenant, &points, 0).unwrap();
            store.maintain().unwrap();
            sim.clock().advance(Duration::from_secs(6));
        }
        assert_eq!(store.stats().series_created, ACTIVE, "in minute {minute}");
    }
    // What is deleted is not kept for what was heard of it.
    store.delete_series(&tenant, &[vec![Matcher::equal("job", "pods")]], TimeRange::ALL).unwrap();
    let t_ms = sim.platform().clock.unix_ms();
    let points: Vec<_> =
        (ACTIVE..ACTIVE + 2 * REPLACED).map(|i| float(&labels(i), t_ms, 1.0)).collect();
    append(&*store, &tenant, &points, 0).unwrap();
    store.maintain().unwrap();
    assert_eq!(store.stats().series, 2 * REPLACED);
}

/// Between an append and the cut that forgets its series, a selection reads what it selected.
#[test]
fn a_selection_never_reads_a_successor() {
    let sim = SimPlatform::new(1);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let tenant = scope("t");
    let at = |name: &str, t_ms: i64, v: f64| float(&metric(name, "a"), t_ms, v);
    append(&*store, &tenant, &[at("old", NOW_MS, 1.0)], 0).unwrap();
    let request = query::SelectRequest {
        matchers: vec![Matcher::equal("__name__", "old")],
        range: TimeRange::ALL,
        hints: query::SelectHints::default(),
    };
    let selected = store.select(&tenant, &request, &Budget::default()).unwrap();
    store.flush().unwrap();
    store.flush().unwrap();
    append(&*store, &tenant, &[at("new", NOW_MS + 1, 2.0)], 0).unwrap();
    let mut out = query::SampleBuffer::default();
    selected.read(0, TimeRange::ALL, &mut out).unwrap();
    assert_eq!((out.t_ms, out.v), (vec![NOW_MS], vec![1.0]));
}

#[test]
fn no_thread_slips_past_a_limit() {
    let sim = SimPlatform::new(1);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    let config = MetricStoreConfig { series_max_total: 500, ..quiet_config() };
    let store = open(&sim.platform(), &config).unwrap();
    let created = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|threads| {
        for thread in 0..4 {
            let (store, created) = (&store, &created);
            threads.spawn(move || {
                let tenant = scope(&format!("t{thread}"));
                let mut reasons = BTreeSet::new();
                for i in 0..300 {
                    let point = float(&metric("m", &i.to_string()), NOW_MS, 1.0);
                    let report = append(&**store, &tenant, &[point], 0).unwrap();
                    created.fetch_add(report.series_created, std::sync::atomic::Ordering::Relaxed);
                    reasons.extend(report.rejected.into_keys());
                }
                assert!(reasons.iter().all(|reason| *reason == RejectReason::SeriesLimit));
            });
        }
    });
    assert_eq!(created.into_inner(), 500);
    assert_eq!(store.stats().series, 500);
}
