//! Limits and rejections, as a sender sees them.

use model::{Labels, Tenant, TimeRange};
use platform_sim::SimPlatform;
use query::{AppendError, MetricSink, RejectReason, Scope, TenantLimits};

use crate::driver::{Value, append, float, metric, open, quiet_config, read_all, scope, set_clock};

fn machine() -> SimPlatform {
    let sim = SimPlatform::new(1);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, 1_000_000_000);
    sim
}

#[test]
fn a_duplicate_is_fine_unless_its_value_differs() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let up = metric("up", "a");
    let check = |t_ms: i64, v: f64, want: Option<RejectReason>| {
        let report = append(&*store, &scope("t"), &[float(&up, t_ms, v)], 0).unwrap();
        let reason = report.rejected.keys().next().copied();
        assert_eq!(reason, want, "{t_ms} {v}");
        assert_eq!(report.samples, u64::from(want.is_none()));
    };
    let now = 1_000_000_000;
    check(now, 1.0, None);
    check(now, 1.0, None);
    check(now, 2.0, Some(RejectReason::DuplicateTimestamp));
    check(now - 5000, 3.0, None); // late, but welcome
    check(now - 5000, 3.0, None);
    check(now - 5000, 4.0, Some(RejectReason::DuplicateTimestamp));
    check(now + 1000, 5.0, None);
    // Packed by now: taken as Prometheus takes it, and what was there first is what is read.
    check(now, 6.0, None);
    check(now + 601_000, 1.0, Some(RejectReason::TooFarInFuture));
    check(i64::MIN, 1.0, Some(RejectReason::TooOld));
    let want = [(now - 5000, 3.0_f64), (now, 1.0), (now + 1000, 5.0)];
    let want = want.map(|(t_ms, v)| (t_ms, Value::Float(v.to_bits())));
    assert_eq!(read_all(&*store, &scope("t")).into_values().next(), Some(want.into()));
}

#[test]
fn limits_name_themselves() {
    let sim = machine();
    let config = metric_store::MetricStoreConfig { series_max_total: 3, ..quiet_config() };
    let store = open(&sim.platform(), &config).unwrap();
    let limits = TenantLimits {
        series_max: 2,
        label_names_max: 3,
        label_value_bytes_max: 10,
        ..TenantLimits::default()
    };
    let tenant = |name: &str| Scope::grant(Tenant::parse(name).unwrap(), limits, vec![]);
    let check = |name: &str, labels: &Labels, want: Option<(RejectReason, &str)>| {
        let report =
            append(&*store, &tenant(name), &[float(labels, 1_000_000_000, 1.0)], 0).unwrap();
        assert_eq!(report.rejected.keys().next().copied(), want.map(|(reason, _)| reason));
        if let Some((_, setting)) = want {
            let text = report.first_rejection.unwrap();
            assert!(text.contains(setting), "{text}");
        }
    };
    let per_tenant = Some((RejectReason::SeriesLimit, "limits.series_per_tenant_max"));
    check("t1", &metric("up", "a"), None);
    check("t1", &metric("up", "b"), None);
    check("t1", &metric("up", "c"), per_tenant);
    check("t1", &metric("up", "a"), None); // known series go on
    check("t2", &metric("up", "a"), None);
    let total = Some((RejectReason::SeriesLimit, "limits.series_max"));
    check("t2", &metric("up", "b"), total);
    let long = metric("up", "a value that is long");
    check("t3", &long, Some((RejectReason::LabelLimit, "ingest.label_value_bytes_max")));
    let many = Labels::from_pairs([("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]);
    check("t3", &many, Some((RejectReason::LabelLimit, "ingest.label_count_max")));
    check("t3", &Labels::empty(), Some((RejectReason::InvalidLabels, "without labels")));
}

#[test]
fn memory_of_names_is_limited_too() {
    let sim = machine();
    let config =
        metric_store::MetricStoreConfig { series_bytes_max_total: 60_000, ..quiet_config() };
    let store = open(&sim.platform(), &config).unwrap();
    let limits = TenantLimits { series_bytes_max: 40_000, ..TenantLimits::default() };
    let fill = |name: &str, setting: &str| {
        let tenant = Scope::grant(Tenant::parse(name).unwrap(), limits, vec![]);
        for i in 0..1000 {
            let long = metric("up", &format!("{i:0100}"));
            let report = append(&*store, &tenant, &[float(&long, 1_000_000_000, 1.0)], 0).unwrap();
            if let Some(text) = report.first_rejection {
                assert!(report.rejected.contains_key(&RejectReason::SeriesLimit));
                assert!(text.contains(setting), "{text}");
                return;
            }
        }
        panic!("{name} has no limit");
    };
    fill("t1", "limits.series_bytes_per_tenant_max");
    fill("t2", "limits.series_bytes_max");
    // A series that is known already goes on.
    let known = metric("up", &format!("{:0100}", 0));
    let tenant = Scope::grant(Tenant::parse("t1").unwrap(), limits, vec![]);
    let report = append(&*store, &tenant, &[float(&known, 1_000_000_001, 1.0)], 0).unwrap();
    assert_eq!(report.samples, 1);
}

#[test]
fn a_stopped_store_says_so() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    append(&*store, &scope("t"), &[float(&metric("up", "a"), 1_000_000_000, 1.0)], 0).unwrap();
    store.shutdown().unwrap();
    assert!(!store.ready());
    let refused = append(&*store, &scope("t"), &[], 0);
    assert!(matches!(refused, Err(AppendError::NotReady(_))));
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    assert_eq!(read_all(&*store, &scope("t")).len(), 1);
}

#[test]
fn a_label_policy_hides_series() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let points = ["a", "b"].map(|i| float(&metric("up", i), 1_000_000_000, 1.0));
    append(&*store, &scope("t"), &points, 0).unwrap();
    let policy = vec![model::Matcher::equal("instance", "a")];
    let bound = Scope::grant(Tenant::parse("t").unwrap(), TenantLimits::default(), policy);
    assert_eq!(read_all(&*store, &bound).len(), 1);
    let sink: &dyn MetricSink = &*store;
    append(sink, &bound, &points, 0).unwrap();
    let source: &dyn query::MetricSource = &*store;
    let values = source
        .label_values(&bound, "instance", &[], TimeRange::ALL, 0, &query::Budget::default())
        .unwrap();
    assert_eq!(values, ["a"]);
    // What any of two alternatives lets through.
    let is = |value: &str| vec![model::Matcher::equal("instance", value)];
    let either = query::LabelPolicy::any_of(vec![is("a"), is("b")]).unwrap();
    let both = Scope::grant(Tenant::parse("t").unwrap(), TenantLimits::default(), either);
    assert_eq!(read_all(&*store, &both).len(), 2);
    let other = query::LabelPolicy::any_of(vec![is("b"), is("c")]).unwrap();
    let other = Scope::grant(Tenant::parse("t").unwrap(), TenantLimits::default(), other);
    assert_eq!(read_all(&*store, &other).len(), 1);
}
