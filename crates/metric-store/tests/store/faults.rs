//! Crashes, power losses, failing and full disks, damaged files: nothing acknowledged is lost,
//! nothing is made up, and the rest keeps serving.

use std::collections::BTreeMap;
use std::time::Duration;

use metric_store::MetricStoreConfig;
use model::{Labels, TimeRange};
use platform_sim::{
    Crash, DriveOptions, Faults, Scenario, SimPlatform, SimRng, drive, for_each_seed,
};
use query::{AppendError, MetricSource};

use crate::driver::{
    Answer, Point, Value, append, float, metric, open, quiet_config, read, read_all, scope,
    set_clock,
};

const NOW_MS: i64 = 1_735_700_000_000;

/// Remembers what was sent, what was acknowledged, and what a power loss must leave.
struct Ledger {
    rng: SimRng,
    config: MetricStoreConfig,
    sent: BTreeMap<(String, i64), Value>,
    acknowledged: BTreeMap<(String, i64), Value>,
    durable: BTreeMap<(String, i64), Value>,
    tick: i64,
}

impl Ledger {
    fn new(seed: u64) -> Self {
        let mut rng = SimRng::new(seed);
        let mut config = quiet_config();
        config.shards = 1 + rng.below(3) as usize;
        config.wal.segment_bytes_max = 500 + rng.below(4000);
        config.wal.durable_ack = rng.chance(3);
        config.merge_fan_in = 2 + rng.below(2) as usize;
        if rng.chance(3) {
            // So small that a replay must write parts on its way.
            config.head_bytes_max = 2000;
        }
        let (sent, acknowledged, durable) = Default::default();
        Self { rng, config, sent, acknowledged, durable, tick: 0 }
    }

    /// A batch of fresh samples: mostly the next scrape, sometimes late ones.
    fn batch(&mut self) -> Vec<Point> {
        self.tick += 1;
        let late = if self.rng.chance(5) { self.rng.below(40) as i64 } else { 0 };
        let mut points = Vec::new();
        for _ in 0..self.rng.below(12) {
            let labels = metric("m", &format!("i{}", self.rng.below(12)));
            let t_ms = NOW_MS + (self.tick - late) * 1000;
            // The value follows from series and time, so that sending it twice is no conflict.
            let point = float(&labels, t_ms, value_of(&labels, t_ms));
            self.sent.insert((labels.to_string(), t_ms), point.value.clone());
            points.push(point);
        }
        points
    }

    fn work(&mut self, store: &metric_store::MetricStore) {
        match self.rng.below(12) {
            0 => drop(store.maintain()),
            1 if store.flush().is_ok() => self.durable.clone_from(&self.acknowledged),
            1 => {}
            2 | 3 => {
                if store.sync().is_ok() {
                    self.durable.clone_from(&self.acknowledged);
                }
            }
            _ => {
                let (points, domain) = (self.batch(), self.rng.below(2));
                if append(store, &scope("t"), &points, domain).is_ok() {
                    let taken =
                        points.into_iter().map(|p| ((p.labels.to_string(), p.t_ms), p.value));
                    self.acknowledged.extend(taken);
                    if self.config.wal.durable_ack {
                        self.durable.clone_from(&self.acknowledged);
                    }
                }
            }
        }
    }

    #[track_caller]
    fn check(&self, found: &Answer) {
        let mut lost = Vec::new();
        for ((series, t_ms), value) in &self.acknowledged {
            if found.get(series).and_then(|samples| samples.get(t_ms)) != Some(value) {
                lost.push(format!("{series} {t_ms}"));
            }
        }
        let all = self.acknowledged.len();
        assert!(lost.is_empty(), "lost {} of {all}: {:?}", lost.len(), lost.first());
        for (series, samples) in found {
            for (t_ms, value) in samples {
                let sent = self.sent.get(&(series.clone(), *t_ms));
                assert_eq!(sent, Some(value), "{series} {t_ms} was never sent like this");
            }
        }
    }
}

fn value_of(labels: &Labels, t_ms: i64) -> f64 {
    (labels.hash64() % 1000) as f64 + t_ms as f64 / 8.0
}

impl Scenario for Ledger {
    fn live(&mut self, sim: &SimPlatform) {
        set_clock(sim, NOW_MS + 3_600_000);
        let made = sim.platform().disk.create_dir_all("/data".as_ref());
        if made.is_err() {
            return;
        }
        let store = match open(&sim.platform(), &self.config) {
            Ok(store) => store,
            Err(error) => {
                let excused = sim.is_crashed() || sim.faults() != Faults::NONE;
                assert!(excused, "cannot open on a quiet machine: {error}");
                return;
            }
        };
        if let Ok(found) = read(&*store, &scope("t"), &[], TimeRange::ALL) {
            self.check(&found);
        } else {
            assert!(sim.is_crashed() || sim.faults() != Faults::NONE, "a quiet machine reads");
        }
        for _ in 0..40 {
            if sim.is_crashed() {
                return;
            }
            self.work(&store);
            sim.clock().advance(Duration::from_secs(self.rng.below(900)));
        }
        self.check(&read_all(&*store, &scope("t")));
    }

    fn crashed(&mut self, crash: Crash, _sim: &SimPlatform) {
        if crash == Crash::PowerLoss {
            self.acknowledged.clone_from(&self.durable);
        } else {
            // What a crash of the process left will be synced when the log is opened.
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_whatever_the_machine_does() {
    for_each_seed(0..200, |seed| {
        drive(seed, DriveOptions { lives: 4, ops_max: 160, lying: false }, &mut Ledger::new(seed));
    });
}

#[test]
fn a_disk_that_lies_about_syncs_cannot_make_recovery_fail() {
    /// Asks for nothing back but an opened store.
    struct Survivor(Ledger);
    impl Scenario for Survivor {
        fn live(&mut self, sim: &SimPlatform) {
            self.0.acknowledged.clear();
            self.0.live(sim);
        }
        fn crashed(&mut self, _crash: Crash, _sim: &SimPlatform) {
            self.0.durable.clear();
        }
    }
    for_each_seed(0..60, |seed| {
        let options = DriveOptions { lives: 4, ops_max: 160, lying: true };
        drive(seed, options, &mut Survivor(Ledger::new(seed)));
    });
}

fn machine(seed: u64) -> SimPlatform {
    let sim = SimPlatform::new(seed);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    sim
}

#[test]
fn a_full_disk_refuses_writes_and_keeps_reading() {
    let sim = machine(3);
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let tenant = scope("t");
    let up = metric("up", "a");
    append(&*store, &tenant, &[float(&up, NOW_MS, 1.0)], 0).unwrap();
    sim.set_faults(Faults { capacity_bytes: Some(0), ..Faults::NONE });
    let refused = append(&*store, &tenant, &[float(&up, NOW_MS + 1, 2.0)], 0);
    assert!(matches!(refused, Err(AppendError::Io(_))), "{refused:?}");
    let new_series = append(&*store, &tenant, &[float(&metric("new", "b"), NOW_MS, 2.0)], 0);
    assert!(new_series.is_err());
    assert!(store.flush().is_err());
    assert_eq!(read_all(&*store, &tenant).len(), 1);
    sim.set_faults(Faults::NONE);
    append(&*store, &tenant, &[float(&metric("new", "b"), NOW_MS, 2.0)], 0).unwrap();
    store.flush().unwrap();
    assert_eq!(read_all(&*store, &tenant).len(), 2);
    drop(store);
    sim.reopen(Crash::Process);
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    assert_eq!(read_all(&*store, &tenant).len(), 2);
}

#[test]
fn a_damaged_part_is_set_aside_and_the_rest_serves() {
    // Any byte of the part: its pages are found damaged when read, the rest when opened.
    for offset_permille in (0..1000).step_by(50) {
        let sim = machine(4);
        let (config, tenant) = (quiet_config(), scope("t"));
        let store = open(&sim.platform(), &config).unwrap();
        append(&*store, &tenant, &[float(&metric("old", "a"), NOW_MS, 1.0)], 0).unwrap();
        store.flush().unwrap();
        let is_part = |path: &std::path::PathBuf| path.extension().is_some_and(|e| e == "part");
        let damaged = sim.files().into_iter().find(is_part).unwrap();
        append(&*store, &tenant, &[float(&metric("new", "a"), NOW_MS, 1.0)], 0).unwrap();
        store.flush().unwrap();
        drop(store);
        sim.reopen(Crash::Process);
        let len = sim.disk().len(&damaged).unwrap();
        sim.flip_bit(&damaged, len * offset_permille / 1000, 3).unwrap();
        let store = open(&sim.platform(), &config).unwrap();
        // The query that meets the damage fails and says where; the next one is answered.
        let version = store.version(&tenant).unwrap();
        let first = read(&*store, &tenant, &[], TimeRange::ALL);
        if let Err(error) = &first {
            assert!(error.to_string().contains(".part"), "{error}");
            let changed = store.changed_since(&tenant, version, TimeRange::ALL);
            assert!(changed.iter().any(|range| range.contains(NOW_MS)), "{changed:?}");
        }
        let found = read_all(&*store, &tenant);
        assert!(found.contains_key(r#"new{instance="a", job="test"}"#), "{found:?}");
        // A flipped bit between sections hits padding and damages nothing.
        let gone = !found.contains_key(r#"old{instance="a", job="test"}"#);
        let aside = sim.files().iter().any(|path| path.to_string_lossy().contains("quarantine"));
        assert_eq!(gone, aside, "offset {offset_permille}/1000");
    }
}
