//! Deletions one by one: what they cost, when they end, and what they survive.

use std::collections::BTreeMap;
use std::path::Path;

use metric_store::{MetricStore, MetricStoreConfig, OpenError};
use model::{Matcher, TimeRange};
use platform_sim::{Crash, Faults, SimPlatform};
use query::{AdminError, Budget, MetricAdmin, MetricSource};

use crate::driver::{
    Answer, append, float, metric, open, quiet_config, read_all, scope, set_clock,
};

const NOW_MS: i64 = 1_735_700_000_000;
const TOMBSTONES: &str = "/data/metrics/tenants/t/tombstones";

fn machine() -> SimPlatform {
    let sim = SimPlatform::new(5);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    sim
}

fn named(name: &str) -> Vec<Vec<Matcher>> {
    vec![vec![Matcher::equal("__name__", name)]]
}

fn add(store: &MetricStore, name: &str, t_ms: i64, v: f64) {
    let report = append(store, &scope("t"), &[float(&metric(name, "a"), t_ms, v)], 0).unwrap();
    assert_eq!(report.samples, 1);
}

fn times(answer: &Answer, name: &str) -> Vec<i64> {
    let found = answer.iter().find(|(series, _)| series.starts_with(&format!("{name}{{")));
    found.map(|(_, samples)| samples.keys().copied().collect()).unwrap_or_default()
}

fn parts(sim: &SimPlatform) -> usize {
    sim.files().iter().filter(|path| path.extension().is_some_and(|e| e == "part")).count()
}

fn has_tombstones(sim: &SimPlatform) -> bool {
    sim.disk().len(Path::new(TOMBSTONES)).is_ok()
}

/// Prometheus takes no sample at or before the last one of a series; here the place is free.
#[test]
fn the_same_sample_can_come_again() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    add(&store, "up", NOW_MS, 1.0);
    store.delete_series(&scope("t"), &named("up"), TimeRange::ALL).unwrap();
    assert_eq!(read_all(&*store, &scope("t")), BTreeMap::new());
    add(&store, "up", NOW_MS, 1.0);
    add(&store, "up", NOW_MS - 1000, 2.0);
    assert_eq!(times(&read_all(&*store, &scope("t")), "up"), [NOW_MS - 1000, NOW_MS]);
}

/// The last sample before a cut is remembered by what comes after it, also when that is older.
#[test]
fn a_late_sample_in_the_head_does_not_keep_a_deleted_one_alive() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    add(&store, "up", NOW_MS, 1.0);
    store.flush().unwrap();
    add(&store, "up", NOW_MS - 9000, 1.0);
    let newest = TimeRange::new(NOW_MS, NOW_MS);
    store.delete_series(&scope("t"), &named("up"), newest).unwrap();
    add(&store, "up", NOW_MS, 1.0);
    assert_eq!(times(&read_all(&*store, &scope("t")), "up"), [NOW_MS - 9000, NOW_MS]);
}

#[test]
fn a_deletion_of_nothing_leaves_no_trace_and_touches_no_head() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    store.delete_series(&scope("nobody"), &named("up"), TimeRange::ALL).unwrap();
    add(&store, "up", NOW_MS, 1.0);
    store.delete_series(&scope("t"), &named("other"), TimeRange::ALL).unwrap();
    store.delete_series(&scope("t"), &named("up"), TimeRange::new(0, NOW_MS - 1)).unwrap();
    assert_eq!(parts(&sim), 0);
    store.maintain().unwrap();
    assert!(!has_tombstones(&sim));
    assert_eq!(times(&read_all(&*store, &scope("t")), "up"), [NOW_MS]);
}

#[test]
fn other_tenants_keep_theirs() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    add(&store, "up", NOW_MS, 1.0);
    append(&*store, &scope("u"), &[float(&metric("up", "a"), NOW_MS, 1.0)], 0).unwrap();
    store.delete_series(&scope("t"), &named("up"), TimeRange::ALL).unwrap();
    assert!(read_all(&*store, &scope("t")).is_empty());
    assert_eq!(read_all(&*store, &scope("u")).len(), 1);
}

#[test]
fn cleaning_takes_the_bytes_and_the_words_off_the_disk() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    add(&store, "secret", NOW_MS, 1.0);
    add(&store, "public", NOW_MS, 1.0);
    store.delete_series(&scope("t"), &named("secret"), TimeRange::ALL).unwrap();
    assert!(has_tombstones(&sim));
    store.clean_tombstones(&scope("t")).unwrap();
    assert!(!has_tombstones(&sim));
    let part = sim.files().into_iter().find(|p| p.extension().is_some_and(|e| e == "part"));
    let bytes = sim.disk().read(&part.unwrap()).unwrap();
    let holds = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    assert!(holds(b"public") && !holds(b"secret"));
    store.delete_series(&scope("t"), &named("public"), TimeRange::ALL).unwrap();
    store.clean_tombstones(&scope("t")).unwrap();
    assert_eq!(parts(&sim), 0, "a part of nothing is no part");
}

/// The words go also where a chunk reaches over what is deleted on both sides.
#[test]
fn cleaning_takes_a_series_whose_samples_went_one_by_one() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    for t_ms in [NOW_MS - 9000, NOW_MS] {
        add(&store, "secret", t_ms, 1.0);
        add(&store, "public", t_ms, 1.0);
    }
    store.flush().unwrap();
    for t_ms in [NOW_MS - 9000, NOW_MS] {
        let only = TimeRange::new(t_ms, t_ms);
        store.delete_series(&scope("t"), &named("secret"), only).unwrap();
    }
    store.clean_tombstones(&scope("t")).unwrap();
    let names = |all: &[Vec<Matcher>]| {
        let budget = Budget::default();
        store.label_values(&scope("t"), "__name__", all, TimeRange::ALL, 0, &budget).unwrap()
    };
    store.flush().unwrap();
    assert_eq!(names(&[]), ["public"]);
    assert!(!has_tombstones(&sim));
}

#[test]
fn maintenance_rewrites_what_lost_much_and_drops_the_tombstone() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let points: Vec<_> =
        (0..40).map(|i| float(&metric("m", &i.to_string()), NOW_MS, 1.0)).collect();
    append(&*store, &scope("t"), &points, 0).unwrap();
    let instance = |i: &str| vec![vec![Matcher::equal("instance", i)]];
    store.delete_series(&scope("t"), &instance("1"), TimeRange::ALL).unwrap();
    store.maintain().unwrap();
    assert!(has_tombstones(&sim), "one of forty is left to the next merge");
    store.delete_series(&scope("t"), &instance("2"), TimeRange::ALL).unwrap();
    store.delete_series(&scope("t"), &instance("3"), TimeRange::ALL).unwrap();
    store.maintain().unwrap();
    assert!(!has_tombstones(&sim));
    assert_eq!(read_all(&*store, &scope("t")).len(), 37);
}

#[test]
fn more_deletions_than_allowed_are_refused_by_the_name_of_the_limit() {
    let sim = machine();
    let config = MetricStoreConfig { tombstones_max: 2, ..quiet_config() };
    let store = open(&sim.platform(), &config).unwrap();
    for name in ["a", "b", "c"] {
        add(&store, name, NOW_MS, 1.0);
    }
    let delete = |name| store.delete_series(&scope("t"), &named(name), TimeRange::ALL);
    delete("a").unwrap();
    delete("b").unwrap();
    let refused = delete("c").unwrap_err();
    assert!(matches!(refused, AdminError::Limit { value: 2, .. }), "{refused}");
    assert!(refused.to_string().contains("storage.tombstones_max"), "{refused}");
    assert_eq!(read_all(&*store, &scope("t")).len(), 1, "and nothing happened");
    store.clean_tombstones(&scope("t")).unwrap();
    delete("c").unwrap();
}

/// A number that was given to a part that nobody listed comes back after a crash; the tombstone
/// must not mean the new part.
#[test]
fn part_numbers_below_a_tombstone_are_not_given_out_again() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    add(&store, "up", NOW_MS, 1.0);
    store.flush().unwrap();
    add(&store, "other", NOW_MS, 1.0);
    let used: u64 = sim.files().iter().map(|path| sim.disk().len(path).unwrap()).sum();
    sim.set_faults(Faults { capacity_bytes: Some(used + 400), ..Faults::NONE });
    for _ in 0..4 {
        // Each attempt takes a number.
        let outcome = store.flush();
        assert!(outcome.is_err(), "the disk is full");
    }
    sim.set_faults(Faults::NONE);
    store.delete_series(&scope("t"), &named("up"), TimeRange::ALL).unwrap();
    drop(store);
    sim.reopen(Crash::Process);
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    add(&store, "up", NOW_MS, 2.0);
    store.flush().unwrap();
    let found = read_all(&*store, &scope("t"));
    assert_eq!((times(&found, "up"), times(&found, "other")), (vec![NOW_MS], vec![NOW_MS]));
}

/// Whatever moment the power goes: after a restart the deletion is there as a whole or not at
/// all, and there for certain once it was acknowledged.
#[test]
fn an_acknowledged_deletion_survives_and_a_half_one_is_none() {
    for (crash, after) in [Crash::Process, Crash::PowerLoss]
        .into_iter()
        .flat_map(|crash| (1..40).map(move |after| (crash, after)))
    {
        let sim = machine();
        let config = quiet_config();
        let store = open(&sim.platform(), &config).unwrap();
        for t_ms in [NOW_MS - 2000, NOW_MS - 1000] {
            add(&store, "gone", t_ms, 1.0);
            add(&store, "stays", t_ms, 1.0);
            store.flush().unwrap();
        }
        add(&store, "gone", NOW_MS, 1.0);
        store.sync().unwrap();
        sim.crash_after(after);
        let deleted = store.delete_series(&scope("t"), &named("gone"), TimeRange::ALL);
        store.clean_tombstones(&scope("t")).ok();
        drop(store);
        sim.reopen(crash);
        let store = open(&sim.platform(), &config).unwrap();
        let found = read_all(&*store, &scope("t"));
        assert_eq!(times(&found, "stays").len(), 2);
        let left = times(&found, "gone").len();
        assert!(left == 3 || left == 0, "{left} left, {crash:?} after {after} operations");
        assert!(deleted.is_err() || left == 0, "{crash:?} after {after} operations");
    }
}

#[test]
fn a_damaged_list_is_set_aside_and_a_later_one_refused() {
    let check = |damage: &dyn Fn(&mut Vec<u8>)| {
        let sim = machine();
        let store = open(&sim.platform(), &quiet_config()).unwrap();
        add(&store, "up", NOW_MS, 1.0);
        store.delete_series(&scope("t"), &named("up"), TimeRange::ALL).unwrap();
        drop(store);
        let path = Path::new(TOMBSTONES);
        let mut bytes = sim.disk().read(path).unwrap();
        damage(&mut bytes);
        sim.disk().remove(path).unwrap();
        sim.disk().create_new(path).unwrap().append(&bytes).unwrap();
        let opened = open(&sim.platform(), &quiet_config());
        let aside = sim.files().iter().any(|path| path.ends_with("quarantine/tombstones"));
        (opened, aside)
    };
    let (opened, aside) = check(&|bytes| bytes[20] ^= 1);
    assert_eq!(read_all(&*opened.unwrap(), &scope("t")).len(), 1);
    assert!(aside);
    let (opened, aside) = check(&|bytes| {
        bytes[8] = 2;
        let sum_at = bytes.len() - 8;
        let sum = codec::checksum::checksum(&bytes[..sum_at]);
        bytes[sum_at..].copy_from_slice(&sum.to_le_bytes());
    });
    assert!(matches!(opened, Err(OpenError::Unsupported { version: 2, .. })));
    assert!(!aside);
}

/// The list before the newest one has an older checkpoint, and the log is dropped only later.
#[test]
fn a_rotten_list_of_parts_does_not_bring_it_back_from_the_log() {
    let sim = machine();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    add(&store, "up", NOW_MS, 1.0);
    store.delete_series(&scope("t"), &named("up"), TimeRange::ALL).unwrap();
    drop(store);
    sim.reopen(Crash::Process);
    let lists = sim.files().into_iter().filter(|p| p.extension().is_some_and(|e| e == "manifest"));
    sim.flip_bit(&lists.max().unwrap(), 50, 3).unwrap();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    assert_eq!(read_all(&*store, &scope("t")), BTreeMap::new());
}
