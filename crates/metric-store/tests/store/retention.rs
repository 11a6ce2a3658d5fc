//! Retention by tenant, by rule and by size: what goes, when, and what is left on the disk.

use std::path::PathBuf;
use std::time::Duration;

use metric_store::{MetricStore, MetricStoreConfig, RetentionRule};
use model::{Matcher, Tenant};
use platform_sim::SimPlatform;
use query::RejectReason;

use crate::driver::{append, float, metric, open, quiet_config, read_all, scope, set_clock};

const NOW_MS: i64 = 1_735_700_000_000;
const HOUR: Duration = Duration::from_hours(1);
const HOUR_MS: i64 = 3_600_000;

fn machine() -> SimPlatform {
    let sim = SimPlatform::new(7);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    sim
}

fn parts(sim: &SimPlatform) -> Vec<PathBuf> {
    let is_part = |path: &PathBuf| path.extension().is_some_and(|e| e == "part");
    sim.files().into_iter().filter(is_part).collect()
}

fn add(store: &MetricStore, tenant: &str, name: &str, t_ms: i64) -> Option<RejectReason> {
    let point = float(&metric(name, "a"), t_ms, 1.0);
    let report = append(store, &scope(tenant), &[point], 0).unwrap();
    report.rejected.keys().next().copied()
}

fn series(store: &MetricStore, tenant: &str) -> usize {
    read_all(store, &scope(tenant)).len()
}

#[test]
fn each_tenant_has_its_own_retention() {
    let sim = machine();
    let own = |name: &str, retention| (Tenant::parse(name).unwrap(), retention);
    let config = MetricStoreConfig {
        retention: 2 * HOUR,
        retention_by_tenant: [own("long", 10 * HOUR), own("ever", Duration::ZERO)].into(),
        ..quiet_config()
    };
    let store = open(&sim.platform(), &config).unwrap();
    let too_old = Some(RejectReason::TooOld);
    assert_eq!(add(&store, "plain", "up", NOW_MS - 3 * HOUR_MS), too_old);
    assert_eq!(add(&store, "long", "up", NOW_MS - 3 * HOUR_MS), None);
    assert_eq!(add(&store, "long", "up", NOW_MS - 11 * HOUR_MS), too_old);
    assert_eq!(add(&store, "ever", "up", 0), None);
    assert_eq!(add(&store, "plain", "up", NOW_MS - HOUR_MS), None);
    store.flush().unwrap();
    sim.clock().advance(HOUR + Duration::from_mins(1));
    let seen = || ["plain", "long", "ever"].map(|tenant| series(&store, tenant));
    assert_eq!(seen(), [0, 1, 1], "not seen from that moment on");
    assert_eq!(parts(&sim).len(), 3);
    store.maintain().unwrap();
    assert_eq!((parts(&sim).len(), seen()), (2, [0, 1, 1]));
    sim.clock().advance(100 * 365 * 24 * HOUR);
    store.maintain().unwrap();
    assert_eq!((parts(&sim).len(), seen()), (1, [0, 0, 1]));
}

#[test]
fn what_a_rule_names_leaves_the_disk_when_all_of_it_is_past() {
    let sim = machine();
    let rule = |tenant: Option<&str>| RetentionRule {
        tenant: tenant.map(|name| Tenant::parse(name).unwrap()),
        matchers: vec![Matcher::equal("__name__", "debugging")],
        retention: HOUR,
    };
    let config = MetricStoreConfig { retention_rules: vec![rule(Some("t"))], ..quiet_config() };
    let store = open(&sim.platform(), &config).unwrap();
    for tenant in ["t", "u"] {
        add(&store, tenant, "debugging", NOW_MS);
        add(&store, tenant, "up", NOW_MS);
    }
    store.flush().unwrap();
    let holding = || {
        let holds = |path: &PathBuf| {
            let bytes = sim.disk().read(path).unwrap();
            bytes.windows(9).any(|window| window == b"debugging")
        };
        parts(&sim).iter().filter(|path| holds(path)).count()
    };
    store.maintain().unwrap();
    assert_eq!(holding(), 2);
    sim.clock().advance(HOUR + Duration::from_secs(1));
    assert_eq!((series(&store, "t"), series(&store, "u")), (1, 2));
    store.maintain().unwrap();
    assert_eq!(holding(), 1, "the other tenant keeps it");
    let rewritten = parts(&sim);
    store.maintain().unwrap();
    assert_eq!(parts(&sim), rewritten, "once is enough");
    assert_eq!((series(&store, "t"), series(&store, "u")), (1, 2));
}

#[test]
fn beyond_the_size_the_oldest_parts_go() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    for hour in [3, 1, 2] {
        // The newest sample counts, not the number of the part.
        add(&store, if hour == 2 { "u" } else { "t" }, "up", NOW_MS - hour * HOUR_MS);
        store.flush().unwrap();
    }
    let sizes: Vec<u64> = parts(&sim).iter().map(|path| sim.disk().len(path).unwrap()).collect();
    let log = store.stats().wal.segment_bytes;
    drop(store);
    let all = sizes.iter().sum::<u64>() + log;
    let check = |bytes_max: u64, t: usize, u: usize| {
        let config = MetricStoreConfig { retention_bytes_max: bytes_max, ..quiet_config() };
        let store = open(&sim.platform(), &config).unwrap();
        store.maintain().unwrap();
        let times = |tenant| {
            let found = read_all(&*store, &scope(tenant));
            found.values().map(std::collections::BTreeMap::len).sum::<usize>()
        };
        assert_eq!((times("t"), times("u")), (t, u), "{bytes_max} of {all}");
    };
    check(0, 2, 1);
    check(all + 1000, 2, 1);
    check(all - sizes[0] / 2, 1, 1);
    check(log + 100, 0, 0);
}
