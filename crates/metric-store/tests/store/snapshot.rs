//! Snapshots: they open as stores, show one moment, and are there as a whole or not at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use metric_store::{MetricStore, MetricStoreConfig};
use model::{Exemplar, Labels, Matcher, MetricMetadata, MetricType, TimeRange};
use platform_sim::{Crash, SimPlatform};
use query::{AdminError, MetricAdmin, MetricSource};

use crate::driver::{
    append, append_with, float, metric, open, quiet_config, read_all, scope, set_clock,
};

const NOW_MS: i64 = 1_735_700_000_000;
const ROOT: &str = "/data/metrics/snapshots";

fn machine() -> SimPlatform {
    let sim = SimPlatform::new(6);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    sim
}

fn names(sim: &SimPlatform) -> Vec<String> {
    let listed = sim.disk().list(Path::new(ROOT)).unwrap_or_default();
    listed.into_iter().map(|entry| entry.name).collect()
}

fn open_copy(sim: &SimPlatform, name: &str) -> Arc<MetricStore> {
    let dir = PathBuf::from(ROOT).join(name);
    let registry = telemetry::Registry::new();
    MetricStore::open(&sim.platform(), dir, quiet_config(), &registry).unwrap()
}

fn named(name: &str) -> Vec<Vec<Matcher>> {
    vec![vec![Matcher::equal("__name__", name)]]
}

/// Two tenants, parts, a deletion, a head, and what lives in the log alone.
fn fill(store: &MetricStore) {
    for tick in 0..3 {
        let t_ms = NOW_MS - 10_000 + tick * 1000;
        let points = [float(&metric("up", "a"), t_ms, 1.0), float(&metric("gone", "a"), t_ms, 2.0)];
        append(store, &scope("t"), &points, 0).unwrap();
        append(store, &scope("u"), &points, 0).unwrap();
        store.flush().unwrap();
    }
    store.delete_series(&scope("t"), &named("gone"), TimeRange::ALL).unwrap();
    let help = MetricMetadata {
        metric_type: MetricType::Gauge,
        help: "Up?".to_owned(),
        unit: String::new(),
    };
    let labels = Labels::from_pairs([("trace_id", "abc")]);
    let exemplar = Exemplar { labels, v: 1.0, t_ms: NOW_MS };
    let point = float(&metric("up", "a"), NOW_MS, 3.0);
    append_with(store, &scope("t"), &[point], (&[(0, exemplar)], &[("idle", help)]), 0).unwrap();
}

#[test]
fn a_snapshot_opens_as_a_store_with_the_same_answers() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    fill(&store);
    let want = ["t", "u"].map(|tenant| read_all(&*store, &scope(tenant)));
    let name = store.snapshot(&scope("t"), false).unwrap();
    // Nothing that happens to the store reaches the copy.
    store.clean_tombstones(&scope("t")).unwrap();
    for tenant in ["t", "u"] {
        store.delete_series(&scope(tenant), &named("up"), TimeRange::ALL).unwrap();
        store.clean_tombstones(&scope(tenant)).unwrap();
    }
    let copy = open_copy(&sim, &name);
    assert_eq!(["t", "u"].map(|tenant| read_all(&*copy, &scope(tenant))), want);
    assert_eq!(want[0].len(), 1, "with the deletion");
    assert_eq!(copy.metadata(&scope("t"), None, 0).unwrap()["idle"][0].help, "Up?");
    assert_eq!(copy.exemplars(&scope("t"), TimeRange::ALL, |_| true).len(), 1);
    // It takes samples like any store.
    append(&*copy, &scope("t"), &[float(&metric("up", "a"), NOW_MS + 1, 1.0)], 0).unwrap();
    copy.flush().unwrap();
    copy.clean_tombstones(&scope("t")).unwrap();
    assert_eq!(read_all(&*copy, &scope("t")).values().next().unwrap().len(), 5);
}

#[test]
fn without_the_head_only_the_parts_are_copied() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    fill(&store);
    let name = store.snapshot(&scope("t"), true).unwrap();
    let copy = open_copy(&sim, &name);
    assert_eq!(read_all(&*copy, &scope("t")).values().next().unwrap().len(), 3);
    assert_eq!(read_all(&*store, &scope("t")).values().next().unwrap().len(), 4);
}

#[test]
fn more_snapshots_than_allowed_are_refused_by_the_name_of_the_limit() {
    let sim = machine();
    let config = MetricStoreConfig { snapshots_max: 1, ..quiet_config() };
    let store = open(&sim.platform(), &config).unwrap();
    store.snapshot(&scope("t"), false).unwrap();
    let refused = store.snapshot(&scope("t"), false).unwrap_err();
    assert!(matches!(refused, AdminError::Limit { value: 1, .. }), "{refused}");
    assert!(refused.to_string().contains("storage.snapshots_max"), "{refused}");
}

#[test]
fn a_crash_leaves_a_whole_snapshot_or_none() {
    let mut seen = [0, 0];
    for (crash, after) in [Crash::Process, Crash::PowerLoss]
        .into_iter()
        .flat_map(|crash| (1..120).step_by(2).map(move |after| (crash, after)))
    {
        let sim = machine();
        let store = open(&sim.platform(), &quiet_config()).unwrap();
        fill(&store);
        let want = ["t", "u"].map(|tenant| read_all(&*store, &scope(tenant)));
        store.sync().unwrap();
        sim.crash_after(after);
        let taken = store.snapshot(&scope("t"), false);
        drop(store);
        sim.reopen(crash);
        let store = open(&sim.platform(), &quiet_config()).unwrap();
        assert_eq!(["t", "u"].map(|tenant| read_all(&*store, &scope(tenant))), want);
        let names = names(&sim);
        seen[names.len()] += 1;
        assert!(taken.is_err() || names == [taken.unwrap()], "{crash:?} after {after}: {names:?}");
        for name in &names {
            assert_eq!(Path::new(name).extension(), None, "what was not finished is gone");
            let copy = open_copy(&sim, name);
            let got = ["t", "u"].map(|tenant| read_all(&*copy, &scope(tenant)));
            assert_eq!(got, want, "{crash:?} after {after}");
        }
    }
    assert!(seen[0] > 20 && seen[1] > 5, "both happen: {seen:?}");
}
