//! Parts: when the head is cut, what is merged, what is dropped, and what survives with them.

use std::time::Duration;

use metric_store::MetricStoreConfig;
use model::{Exemplar, Labels, Matcher, MetricMetadata, MetricType, TimeRange};
use platform_sim::{Crash, SimPlatform};
use query::MetricSource;

use crate::driver::{
    append, append_with, float, metric, open, quiet_config, read, read_all, scope,
};

const MINUTE: Duration = Duration::from_mins(1);

fn machine() -> SimPlatform {
    let sim = SimPlatform::new(1);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    sim
}

fn levels(store: &metric_store::MetricStore) -> [u64; 4] {
    store.stats().parts.map(|(count, _)| count)
}

#[test]
fn the_head_is_cut_on_time_merged_and_dropped_after_the_retention() {
    let sim = machine();
    let config = MetricStoreConfig { retention: Duration::from_hours(3), ..quiet_config() };
    let store = open(&sim.platform(), &config).unwrap();
    let tenant = scope("t");
    let start = sim.platform().clock.unix_ms();
    for minute in 0..100 {
        let t_ms = start + minute * 60_000;
        append(&*store, &tenant, &[float(&metric("up", "a"), t_ms, minute as f64)], 0).unwrap();
        store.maintain().unwrap();
        sim.clock().advance(MINUTE);
    }
    assert_eq!(levels(&store), [0, 1, 0, 0], "three cuts made one merge");
    let found = read_all(&*store, &tenant);
    assert_eq!(found.values().map(std::collections::BTreeMap::len).sum::<usize>(), 100);
    assert!(store.stats().wal.segment_bytes < 4000, "the log was cut with the head");
    sim.clock().advance(MINUTE * 175);
    store.maintain().unwrap();
    assert_eq!(levels(&store), [1, 0, 0, 0], "the merged part is past the retention");
    let found = read_all(&*store, &tenant);
    let oldest = found.values().filter_map(|samples| samples.keys().next()).min();
    assert_eq!(
        oldest,
        Some(&(start + 95 * 60_000)),
        "and of the other one what is younger is seen"
    );
}

#[test]
fn an_idle_series_leaves_the_head_and_its_name_can_come_back() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let tenant = scope("t");
    let now = sim.platform().clock.unix_ms();
    let (gone, stays) = (metric("gone", "a"), metric("stays", "a"));
    append(&*store, &tenant, &[float(&gone, now, 1.0), float(&stays, now, 1.0)], 0).unwrap();
    store.flush().unwrap();
    append(&*store, &tenant, &[float(&stays, now + 1, 1.0)], 0).unwrap();
    store.flush().unwrap();
    assert_eq!(store.stats().series, 1);
    let other = metric("other", "a");
    append(&*store, &tenant, &[float(&other, now + 2, 3.0), float(&gone, now + 3, 4.0)], 0)
        .unwrap();
    assert_eq!(store.stats().series, 3);
    let found = read_all(&*store, &tenant);
    let counts: Vec<_> = found.iter().map(|(name, s)| (name.split('{').next(), s.len())).collect();
    assert_eq!(counts, [(Some("gone"), 2), (Some("other"), 1), (Some("stays"), 2)]);
}

#[test]
fn a_selection_keeps_what_it_saw() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let tenant = scope("t");
    let now = sim.platform().clock.unix_ms();
    append(&*store, &tenant, &[float(&metric("up", "a"), now, 1.0)], 0).unwrap();
    let request = query::SelectRequest {
        matchers: vec![Matcher::equal("__name__", "up")],
        range: TimeRange::ALL,
        hints: query::SelectHints::default(),
    };
    let selection = store.select(&tenant, &request, &query::Budget::default()).unwrap();
    for _ in 0..3 {
        store.flush().unwrap();
        append(&*store, &tenant, &[float(&metric("other", "b"), now, 2.0)], 0).unwrap();
        store.maintain().unwrap();
    }
    let mut out = query::SampleBuffer::default();
    selection.read(0, TimeRange::ALL, &mut out).unwrap();
    assert_eq!((out.t_ms, out.v), (vec![now], vec![1.0]));
}

#[test]
fn metadata_outlives_the_log_and_the_parts() {
    let sim = machine();
    let config = MetricStoreConfig { retention: Duration::from_hours(1), ..quiet_config() };
    let tenant = scope("t");
    let up =
        MetricMetadata { metric_type: MetricType::Gauge, help: "Up?".into(), unit: String::new() };
    let store = open(&sim.platform(), &config).unwrap();
    let now = sim.platform().clock.unix_ms();
    let point = float(&metric("up", "a"), now, 1.0);
    append_with(&*store, &tenant, &[point], (&[], &[("up", up.clone())]), 0).unwrap();
    // Of this tenant nothing but metadata is known.
    append_with(&*store, &scope("u"), &[], (&[], &[("down", up.clone())]), 0).unwrap();
    for _ in 0..3 {
        store.flush().unwrap();
        sim.clock().advance(MINUTE * 50);
        store.maintain().unwrap();
        let later = sim.platform().clock.unix_ms();
        append(&*store, &tenant, &[float(&metric("up", "a"), later, 1.0)], 0).unwrap();
    }
    drop(store);
    sim.reopen(Crash::Process);
    let store = open(&sim.platform(), &config).unwrap();
    let known = |tenant: &str| store.metadata(&scope(tenant), None, 0).unwrap();
    assert_eq!(known("t").get("up"), Some(&vec![up.clone()]));
    assert_eq!(known("u").get("down"), Some(&vec![up]));
}

#[test]
fn exemplars_outlive_the_log_and_come_once() {
    let sim = machine();
    let (config, tenant) = (quiet_config(), scope("t"));
    let store = open(&sim.platform(), &config).unwrap();
    let now = sim.platform().clock.unix_ms();
    let trace = Labels::from_pairs([("trace_id", "abc")]);
    for round in 0..4 {
        let t_ms = now + round * 1000;
        // Shown by every scrape until there is a newer one.
        let exemplar = Exemplar { labels: trace.clone(), v: 0.5, t_ms: now };
        let point = float(&metric("latency_bucket", "a"), t_ms, 1.0);
        append_with(&*store, &tenant, &[point], (&[(0, exemplar)], &[]), 0).unwrap();
        store.flush().unwrap();
    }
    drop(store);
    sim.reopen(Crash::Process);
    let store = open(&sim.platform(), &config).unwrap();
    let found = store.exemplars(&tenant, TimeRange::ALL, |_| true);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1.labels, trace);
}

/// A cut takes the definitions of references with it, also when there was nothing to write.
#[test]
fn a_cut_without_samples_forgets_what_the_log_had_defined() {
    let sim = machine();
    let (config, tenant) = (quiet_config(), scope("t"));
    let store = open(&sim.platform(), &config).unwrap();
    let now = sim.platform().clock.unix_ms();
    let up = metric("up", "a");
    append(&*store, &tenant, &[float(&up, now, 1.0)], 0).unwrap();
    store.flush().unwrap();
    // Known already, so the head stays empty, but the record is logged.
    append(&*store, &tenant, &[float(&up, now, 1.0)], 0).unwrap();
    store.flush().unwrap();
    append(&*store, &tenant, &[float(&up, now + 1, 2.0)], 0).unwrap();
    drop(store);
    sim.reopen(Crash::Process);
    let store = open(&sim.platform(), &config).unwrap();
    let found = read_all(&*store, &tenant);
    assert_eq!(found.values().map(std::collections::BTreeMap::len).sum::<usize>(), 2);
}

#[test]
fn tenants_do_not_see_each_other() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let now = sim.platform().clock.unix_ms();
    for tenant in ["a", "b"] {
        append(&*store, &scope(tenant), &[float(&metric("up", tenant), now, 1.0)], 0).unwrap();
    }
    store.flush().unwrap();
    let found = read(&*store, &scope("a"), &[], TimeRange::ALL).unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), [r#"up{instance="a", job="test"}"#]);
    assert!(read_all(&*store, &scope("c")).is_empty());
}
