//! One life of a store: it is opened, checked against the ledger, and worked until the script
//! ends or the machine goes down.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use metric_store::{MaintainError, MetricStore, MetricStoreConfig, RetentionRule};
use model::{Exemplar, Labels, MatchOp, Matcher, MetricMetadata, MetricType, Tenant, TimeRange};
use platform_sim::{Crash, Faults, Scenario, SimPlatform, SimRng};
use query::{AdminError, AppendError, MetricAdmin, MetricSource};

use super::damage::{Damage, Snapshot};
use super::ledger::{GENERATIONS_MAX, INSTANCES, Key, Ledger, Presence, SERIES, TENANTS};
use crate::driver::{Answer, Point, append_with, open, quiet_config, read, scope};
use crate::versions::Remembered;

const OPERATIONS: u32 = 40;
const SNAPSHOTS_MAX: usize = 3;

/// What may happen beside crashes and failing disks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    /// Bits of files at rest flip between two lives.
    pub(super) rot: bool,
    /// Syncs say that they worked and did nothing.
    pub(super) lying: bool,
}

/// A store, and what is known of it.
pub(super) struct Life {
    pub(super) rng: SimRng,
    pub(super) config: MetricStoreConfig,
    pub(super) ledger: Ledger,
    exemplars: Presence<(usize, String, i64)>,
    metadata: Presence<(usize, String, String)>,
    pub(super) snapshots: Vec<Snapshot>,
    pub(super) damage: Damage,
    trouble: Trouble,
    /// What could go wrong in the life that has just ended.
    faults: Faults,
    /// See [`Ledger::doubt`].
    in_doubt: bool,
}

impl Life {
    pub(super) fn new(seed: u64, trouble: Trouble) -> Self {
        let mut rng = SimRng::new(seed);
        let config = config(&mut rng);
        Self {
            ledger: Ledger::new(&config),
            rng,
            config,
            exemplars: Presence::new(),
            metadata: Presence::new(),
            snapshots: Vec::new(),
            damage: Damage::default(),
            trouble,
            faults: Faults::NONE,
            in_doubt: false,
        }
    }

    /// Whether a sync may have failed without leaving the log's marker.
    fn is_doubtful(&self, sim: &SimPlatform) -> bool {
        let marked =
            sim.files().iter().any(|path| path.extension().is_some_and(|e| e == "unsynced"));
        !marked && self.faults.sync_error_one_in + self.faults.io_error_one_in > 0
    }

    /// Before the log is opened again without a power loss: see [`Ledger::doubt`].
    fn doubt_syncs(&mut self, sim: &SimPlatform) {
        if self.is_doubtful(sim) {
            self.ledger.doubt();
            self.in_doubt = true;
        }
    }

    /// A part may be dropped although the log did not take its metadata.
    fn forgive_metadata(&mut self) {
        if self.faults != Faults::NONE {
            self.metadata.may_lose_all();
        }
    }

    /// Everything known is lost: what a disk leaves that had lied.
    fn trust_nothing(&mut self) {
        self.ledger.may_lose(|_, _| true);
        (0..TENANTS.len()).for_each(|tenant| self.ledger.may_return(tenant));
        self.exemplars.may_lose_all();
        self.metadata.may_lose_all();
        self.snapshots.clear();
    }

    pub(super) fn log_damaged(&mut self) {
        self.ledger.may_lose(|_, in_parts| !in_parts);
        // What a damaged part has lost was in the log, too, until now.
        self.damage.settle();
        self.exemplars.may_lose_all();
        self.metadata.may_lose_all();
    }

    pub(super) fn part_damaged(&mut self, lost: &BTreeSet<Key>) {
        self.ledger.may_lose(|key, _| lost.contains(key));
        self.metadata.may_lose_all();
    }

    fn open(&mut self, sim: &SimPlatform) -> Option<Arc<MetricStore>> {
        self.ledger.restarted();
        let now_ms = sim.platform().clock.unix_ms();
        self.ledger.may_expire(now_ms);
        match open(&sim.platform(), &self.config) {
            Ok(store) => Some(store),
            Err(error) => {
                assert!(is_excused(sim), "cannot open on a quiet machine: {error}");
                None
            }
        }
    }

    /// Reads, and reads again when a damaged part was met; `None` when the machine does not let
    /// it.
    fn read(
        &self,
        sim: &SimPlatform,
        store: &MetricStore,
        tenant: usize,
        (matchers, range): (&[Matcher], TimeRange),
    ) -> Option<Answer> {
        let mut met = BTreeSet::new();
        loop {
            match read(store, &scope(TENANTS[tenant]), matchers, range) {
                Ok(answer) => return Some(answer),
                Err(error) => {
                    let text = error.to_string();
                    if let Some(part) = self.damage.named_in(&text) {
                        assert!(met.insert(part), "read twice from a damaged part: {text}");
                        continue;
                    }
                    assert!(is_excused(sim), "cannot read on a quiet machine: {text}");
                    return None;
                }
            }
        }
    }

    /// Compares what a restart has left with the ledger. False: the machine did not let it.
    fn take_stock(&mut self, sim: &SimPlatform, store: &MetricStore) -> bool {
        let now_ms = sim.platform().clock.unix_ms();
        self.check_memory(store);
        let everything: (&[Matcher], _) = (&[], TimeRange::ALL);
        let mut answers = Vec::new();
        for tenant in 0..TENANTS.len() {
            let Some(found) = self.read(sim, store, tenant, everything) else { return false };
            self.ledger.check(tenant, everything, &found, now_ms);
            answers.push(found);
        }
        for (tenant, found) in answers.iter().enumerate() {
            self.damage.check_named(sim, &self.ledger, tenant, found, now_ms);
            self.ledger.settle(tenant, found, now_ms);
        }
        self.damage.opened();
        let (exemplars, metadata) = extras(store);
        self.exemplars.check(&exemplars, "exemplars");
        if self.trouble.rot {
            // A part that rots takes its metadata along whenever that is found.
            self.metadata.check_known(&metadata, "metadata");
        } else {
            self.metadata.check(&metadata, "metadata");
        }
        self.exemplars.settle(&exemplars);
        self.metadata.settle(&metadata);
        true
    }

    /// The head's limit holds, also right after a replay of a log that is longer.
    fn check_memory(&self, store: &MetricStore) {
        let held_bytes = store.stats().chunk_bytes;
        let limit_bytes = self.config.head_bytes_max.saturating_mul(2).saturating_add(20_000);
        assert!(held_bytes <= limit_bytes, "{held_bytes} bytes in the head, not {limit_bytes}");
    }

    fn check_now(&self, sim: &SimPlatform, store: &MetricStore) {
        let now_ms = sim.platform().clock.unix_ms();
        for tenant in 0..TENANTS.len() {
            let everything: (&[Matcher], _) = (&[], TimeRange::ALL);
            if let Some(found) = self.read(sim, store, tenant, everything) {
                self.ledger.check(tenant, everything, &found, now_ms);
            }
        }
    }

    fn work(&mut self, sim: &SimPlatform, store: &MetricStore) {
        let now_ms = sim.platform().clock.unix_ms();
        match self.rng.below(36) {
            0..3 => self.maintain(sim, store),
            3..5 => {
                let flushed = store.flush();
                self.ledger.may_expire(now_ms);
                self.note(sim, flushed.is_ok(), "flush");
                if flushed.is_ok() {
                    self.all_flushed();
                }
            }
            5..8 => {
                let synced = store.sync();
                self.note(sim, synced.is_ok(), "sync");
                if synced.is_ok() {
                    self.all_synced();
                }
            }
            8..10 => self.delete(sim, store),
            10 => {
                let tenant = self.rng.below(TENANTS.len() as u64) as usize;
                let cleaned = store.clean_tombstones(&scope(TENANTS[tenant]));
                self.ledger.may_expire(now_ms);
                self.note(sim, cleaned.is_ok(), "clean");
            }
            11 => self.snapshot(sim, store),
            12..15 => {
                let tenant = self.rng.below(TENANTS.len() as u64) as usize;
                let (matchers, range) = (self.matchers(), self.range(now_ms));
                if let Some(found) = self.read(sim, store, tenant, (&matchers, range)) {
                    self.ledger.check(tenant, (&matchers, range), &found, now_ms);
                }
            }
            15 => self.jump(sim),
            _ => self.append(sim, store),
        }
    }

    /// On a quiet machine with healthy files every step must work.
    fn note(&self, sim: &SimPlatform, is_ok: bool, what: &str) {
        assert!(
            is_ok || is_excused(sim) || self.damage.is_any(sim),
            "{what} fails on a quiet machine"
        );
    }

    fn all_synced(&mut self) {
        self.ledger.synced();
        self.exemplars.synced();
        self.metadata.synced();
    }

    fn all_flushed(&mut self) {
        self.ledger.flushed();
        self.all_synced();
    }

    fn maintain(&mut self, sim: &SimPlatform, store: &MetricStore) {
        let before = store.stats();
        let maintained = store.maintain();
        self.ledger.may_expire(sim.platform().clock.unix_ms());
        let part_bytes: u64 = before.parts.iter().map(|(_, bytes)| bytes).sum();
        let bytes = part_bytes + before.wal.segment_bytes + before.chunk_bytes;
        if self.config.retention_bytes_max > 0 && bytes > self.config.retention_bytes_max {
            self.ledger.may_lose(|_, _| true);
        }
        self.note(sim, maintained.is_ok(), "maintain");
    }

    fn append(&mut self, sim: &SimPlatform, store: &MetricStore) {
        let now_ms = sim.platform().clock.unix_ms();
        let tenant = self.rng.below(TENANTS.len() as u64) as usize;
        let keys = self.keys(tenant, now_ms);
        let points: Vec<Point> = keys.iter().map(|key| self.ledger.point(*key)).collect();
        let mut exemplars = Vec::new();
        if let Some(key) = keys.first().filter(|_| self.rng.chance(4)) {
            let labels = Labels::from_pairs([("trace_id", "abc")]);
            exemplars.push((0, Exemplar { labels, v: 0.5, t_ms: key.2 }));
        }
        let help = format!("Help {}.", self.rng.below(2));
        let family = ["up", "idle"][self.rng.below(2) as usize];
        let known = MetricMetadata {
            metric_type: MetricType::Gauge,
            help: help.clone(),
            unit: String::new(),
        };
        let metadata = if self.rng.chance(5) { vec![(family, known)] } else { Vec::new() };
        let domain = self.rng.below(2);
        let extras = (exemplars.as_slice(), metadata.as_slice());
        let appended = append_with(store, &scope(TENANTS[tenant]), &points, extras, domain);
        if let Err(AppendError::Overloaded { .. } | AppendError::NotReady(_)) = appended {
            return;
        }
        let done = appended.is_ok();
        self.note(sim, done, "append");
        self.ledger.append(&keys, now_ms, done);
        let accepted = self.ledger.accepted(tenant, now_ms);
        for (_, exemplar) in exemplars {
            let series = self.ledger.labels(keys[0].1).to_string();
            // Without a sample that is taken the series may have no name yet.
            let is_named = accepted.contains(exemplar.t_ms);
            self.exemplars.add((tenant, series, exemplar.t_ms), done && is_named);
        }
        for (family, known) in metadata {
            self.metadata.add((tenant, family.to_owned(), known.help), done);
        }
        if done && self.config.wal.durable_ack {
            self.all_synced();
        }
    }

    /// Mostly the next scrape, sometimes late, backfilled or from the future, also too much so.
    fn keys(&mut self, tenant: usize, now_ms: i64) -> Vec<Key> {
        let second = now_ms / 1000 * 1000;
        let behind_ms = match self.rng.below(10) {
            0 => self.rng.below(600) as i64 * 1000,
            1 => self.rng.below(200_000) as i64 * 1000,
            2 => -(self.rng.below(1200) as i64) * 1000,
            _ => 0,
        };
        let times = 1 + self.rng.below(3);
        let mut keys = Vec::new();
        for _ in 0..self.rng.below(10) {
            let series = self.rng.below(SERIES as u64) as usize;
            let t_ms = second - behind_ms - self.rng.below(times) as i64 * 1000;
            keys.push((tenant, series, t_ms));
        }
        // Within a batch floats come before histograms, and equal samples are one.
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn matchers(&mut self) -> Vec<Matcher> {
        let instance = format!("i{}", self.rng.below(INSTANCES as u64));
        match self.rng.below(6) {
            0 => vec![],
            1 => vec![Matcher::new("__name__", MatchOp::Regex, "u.|la.*").unwrap()],
            2 => vec![Matcher::new("instance", MatchOp::NotEqual, instance).unwrap()],
            3 => vec![Matcher::equal("__name__", "up"), Matcher::equal("instance", instance)],
            _ => vec![Matcher::equal("instance", instance)],
        }
    }

    fn range(&mut self, now_ms: i64) -> TimeRange {
        if self.rng.chance(3) {
            return TimeRange::ALL;
        }
        let start = now_ms - self.rng.below(7_200_000) as i64;
        TimeRange::new(start, start + self.rng.below(3_600_000) as i64)
    }

    fn delete(&mut self, sim: &SimPlatform, store: &MetricStore) {
        if self.ledger.generation >= GENERATIONS_MAX {
            return;
        }
        let now_ms = sim.platform().clock.unix_ms();
        let tenant = self.rng.below(TENANTS.len() as u64) as usize;
        let range = self.range(now_ms);
        let sets: Vec<_> = (0..=self.rng.below(2)).map(|_| self.matchers()).collect();
        let deleted = store.delete_series(&scope(TENANTS[tenant]), &sets, range);
        self.ledger.may_expire(now_ms);
        match &deleted {
            Err(AdminError::NotReady(_) | AdminError::Limit { .. }) => {}
            _ => self.ledger.delete(tenant, &sets, range, deleted.is_ok()),
        }
        self.note(sim, deleted.is_ok(), "delete");
    }

    fn snapshot(&mut self, sim: &SimPlatform, store: &MetricStore) {
        if self.snapshots.len() >= SNAPSHOTS_MAX {
            return;
        }
        let skip_head = self.rng.chance(4);
        let taken = store.snapshot(&scope(TENANTS[0]), skip_head);
        self.ledger.may_expire(sim.platform().clock.unix_ms());
        self.note(sim, taken.is_ok(), "snapshot");
        if let Ok(name) = taken {
            if !skip_head {
                self.all_flushed();
            }
            let ledger = if skip_head { self.ledger.of_parts() } else { self.ledger.clone() };
            self.snapshots.push(Snapshot { name, ledger });
        }
    }

    /// The wall clock is set: mostly by some minutes, sometimes far beyond every retention.
    fn jump(&mut self, sim: &SimPlatform) {
        let back = self.rng.coin();
        let by_ms = match self.rng.below(6) {
            0 => self.rng.below(30 * 86_400_000) as i64,
            1 | 2 => self.rng.below(7_200_000) as i64,
            _ => self.rng.below(300_000) as i64,
        };
        sim.clock().jump_ms(if back { -by_ms } else { by_ms });
    }

    /// The machine does its work again, and so does the store; but after some errors the log waits
    /// for a restart.
    fn get_well(&mut self, sim: &SimPlatform, store: &MetricStore) {
        sim.set_faults(Faults::NONE);
        let flushed = store.flush();
        self.ledger.may_expire(sim.platform().clock.unix_ms());
        match flushed {
            Ok(()) => {
                self.all_flushed();
                self.maintain(sim, store);
            }
            Err(MaintainError::Wal(_)) => sim.set_faults(self.faults),
            Err(_) => self.note(sim, false, "flush"),
        }
    }

    /// Stops and starts in the middle of a life.
    fn restart(&mut self, sim: &SimPlatform, store: Arc<MetricStore>) -> Option<Arc<MetricStore>> {
        let stopped = store.shutdown();
        self.ledger.may_expire(sim.platform().clock.unix_ms());
        self.note(sim, stopped.is_ok(), "shutdown");
        match stopped {
            Ok(()) if self.config.flush_on_shutdown => self.all_flushed(),
            Ok(()) => self.all_synced(),
            Err(_) => self.doubt_syncs(sim),
        }
        self.forgive_metadata();
        drop(store);
        let store = self.open(sim)?;
        self.take_stock(sim, &store).then_some(store)
    }
}

impl Scenario for Life {
    fn live(&mut self, sim: &SimPlatform) {
        if self.rng.chance(6) {
            let read_error_one_in = 20 + self.rng.below(200) as u32;
            sim.set_faults(Faults { read_error_one_in, ..sim.faults() });
        }
        self.faults = sim.faults();
        if sim.platform().disk.create_dir_all("/data".as_ref()).is_err() {
            return;
        }
        let Some(mut store) = self.open(sim) else { return };
        if !self.take_stock(sim, &store) {
            return;
        }
        self.check_snapshots(sim);
        let mut remembered: Vec<Remembered> = Vec::new();
        for operation in 0..OPERATIONS {
            if sim.is_crashed() {
                return;
            }
            if self.rng.chance(40) {
                remembered.clear();
                let Some(next) = self.restart(sim, store) else { return };
                store = next;
            }
            if operation == OPERATIONS / 2 && self.rng.chance(3) {
                self.get_well(sim, &store);
            }
            self.work(sim, &store);
            sim.clock().advance(Duration::from_secs(self.rng.below(400)));
            let is_calm = !is_excused(sim) && !self.damage.is_any(sim);
            if is_calm && remembered.len() < 3 && self.rng.chance(10) {
                let (matchers, range) = (self.matchers(), TimeRange::ALL);
                let found = read(&*store, &scope("t"), &matchers, range).unwrap();
                remembered.extend(Remembered::now(&*store, &matchers, range, found));
            }
            if is_calm {
                for answer in &remembered {
                    answer.check(&*store);
                }
            }
        }
        self.check_now(sim, &store);
        self.check_memory(&store);
    }

    fn crashed(&mut self, crash: Crash, sim: &SimPlatform) {
        self.forgive_metadata();
        if crash == Crash::PowerLoss {
            self.ledger.power_lost();
            self.exemplars.power_lost();
            self.metadata.power_lost();
            if std::mem::take(&mut self.in_doubt) {
                self.exemplars.may_lose_all();
                self.metadata.may_lose_all();
            }
            if sim.has_lied() {
                self.trust_nothing();
            }
        } else {
            self.doubt_syncs(sim);
        }
        if self.trouble.rot {
            self.rot(sim);
        }
    }
}

pub(super) fn is_excused(sim: &SimPlatform) -> bool {
    sim.is_crashed() || sim.faults() != Faults::NONE
}

type Extras = (BTreeSet<(usize, String, i64)>, BTreeSet<(usize, String, String)>);

/// Exemplars and metadata of all tenants.
fn extras(store: &MetricStore) -> Extras {
    let (mut exemplars, mut metadata) = (BTreeSet::new(), BTreeSet::new());
    for (tenant, name) in TENANTS.iter().enumerate() {
        for (series, exemplar) in store.exemplars(&scope(name), TimeRange::ALL, |_| true) {
            exemplars.insert((tenant, series.to_string(), exemplar.t_ms));
        }
        for (family, known) in store.metadata(&scope(name), None, 0).unwrap_or_default() {
            metadata.extend(known.into_iter().map(|m| (tenant, family.clone(), m.help)));
        }
    }
    (exemplars, metadata)
}

fn config(rng: &mut SimRng) -> MetricStoreConfig {
    let mut config = quiet_config();
    config.shards = 1 + rng.below(3) as usize;
    config.wal.segment_bytes_max = 500 + rng.below(4000);
    config.wal.durable_ack = rng.chance(4);
    config.merge_fan_in = 2 + rng.below(2) as usize;
    config.head_interval = Duration::from_mins(5 + rng.below(60));
    config.flush_on_shutdown = rng.coin();
    let hours = [0, 1, 6, 360][rng.below(4) as usize];
    config.retention = Duration::from_hours(hours);
    let tenant = |name: &str| Tenant::parse(name).unwrap();
    if rng.chance(3) {
        config.retention_by_tenant.insert(tenant("u"), Duration::from_hours(3));
    }
    if rng.chance(3) {
        config.retention_rules.push(RetentionRule {
            tenant: rng.coin().then(|| tenant("t")),
            matchers: vec![Matcher::equal("__name__", "up")],
            retention: Duration::from_mins(30),
        });
    }
    if rng.chance(3) {
        // So small that a replay must write parts on its way.
        config.head_bytes_max = 2000;
    }
    if rng.chance(6) {
        config.retention_bytes_max = 20_000 + rng.below(40_000);
    }
    config
}
