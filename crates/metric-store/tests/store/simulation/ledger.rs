//! What the store must hold: for every sample the values that it may have, now and after a crash.
//!
//! Most operations leave one possibility. One that failed leaves two, and so does a power loss
//! before a sync; what is found after a restart decides, and holds from then on.

use std::collections::{BTreeMap, BTreeSet};

use metric_store::MetricStoreConfig;
use model::{FloatHistogram, Labels, Matcher, Span, Tenant, TimeRange, stale_nan};

use crate::driver::{Answer, Point, Value, metric};

pub(super) const TENANTS: [&str; 2] = ["t", "u"];
pub(super) const INSTANCES: usize = 4;
const NAMES: [&str; 3] = ["up", "cpu", "latency"];
pub(super) const SERIES: usize = NAMES.len() * INSTANCES;

/// A generation for each deletion: what is sent again after one has another value.
pub(super) const GENERATIONS_MAX: u32 = 60;

/// Values that a sample may have: bit 0 is none, bit `g + 1` the value of generation `g`.
pub(super) type Mask = u64;
const NONE: Mask = 1;

/// Tenant and series by number, and the time.
pub(super) type Key = (usize, usize, i64);

#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// In the running store, and after the end of its process.
    pub(super) live: Mask,
    /// After a power loss.
    durable: Mask,
    /// Possible after a power loss also when a sync says otherwise: see [`Ledger::doubt`].
    doubt: Mask,
    /// Values of appends that failed: their records may be found when the log is read again.
    pending: Mask,
    ever: Mask,
    /// Surely in a part, so that damage to the log does not matter.
    in_parts: bool,
}

impl Default for Cell {
    fn default() -> Self {
        Self { live: NONE, durable: NONE, doubt: 0, pending: 0, ever: 0, in_parts: false }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Ledger {
    pub(super) cells: BTreeMap<Key, Cell>,
    pub(super) generation: u32,
    series: Vec<Labels>,
    texts: BTreeMap<String, usize>,
    config: MetricStoreConfig,
}

/// The first sample of a timestamp counts.
fn appended(before: Mask, value: Mask) -> Mask {
    if before & NONE == 0 { before } else { before & !NONE | value }
}

impl Ledger {
    pub(super) fn new(config: &MetricStoreConfig) -> Self {
        let of =
            |number: usize| metric(NAMES[number / INSTANCES], &format!("i{}", number % INSTANCES));
        let series: Vec<Labels> = (0..SERIES).map(of).collect();
        let texts = series.iter().map(ToString::to_string).zip(0..).collect();
        Self { cells: BTreeMap::new(), generation: 0, series, texts, config: config.clone() }
    }

    pub(super) fn labels(&self, series: usize) -> &Labels {
        &self.series[series]
    }

    pub(super) fn point(&self, (_, series, t_ms): Key) -> Point {
        let value = self.value(series, t_ms, self.generation);
        Point { labels: self.series[series].clone(), t_ms, value }
    }

    /// The value follows from series, time and generation, so that sending it twice is no
    /// conflict, and a value tells where it comes from.
    fn value(&self, series: usize, t_ms: i64, generation: u32) -> Value {
        let hash = self.series[series].hash64() ^ (t_ms as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let step = f64::from(generation);
        if NAMES[series / INSTANCES] == "latency" && !hash.is_multiple_of(8) {
            let h = FloatHistogram {
                schema: 3,
                count: 2.0 + step,
                sum: (t_ms % 1000) as f64,
                positive_spans: vec![Span { offset: (hash % 5) as i32, length: 2 }],
                positive_buckets: vec![1.0 + step, 1.0],
                ..FloatHistogram::default()
            };
            return Value::Histogram(Box::new(h));
        }
        let bits = match (hash >> 8) % 16 {
            0 => 0x7ff8_0000_0000_1000 | u64::from(generation),
            1 if generation == 0 => stale_nan().to_bits(),
            2 => (0.1 + step).to_bits(),
            3 if generation == 0 => (-0.0_f64).to_bits(),
            4 if generation == 0 => f64::NEG_INFINITY.to_bits(),
            _ => ((hash % 1000) as f64 + (t_ms / 1000 % 100_000) as f64 + step * 1e6).to_bits(),
        };
        Value::Float(bits)
    }

    fn mask_of(&self, (_, series, t_ms): Key, value: &Value, within: Mask) -> Option<Mask> {
        let generations = (0..=self.generation).filter(|g| within >> (g + 1) & 1 == 1);
        let mut fitting = generations.filter(|g| self.value(series, t_ms, *g) == *value);
        fitting.next().map(|generation| 1 << (generation + 1))
    }

    /// The oldest timestamp of a series that counts at `now_ms`.
    pub(super) fn oldest_ms(&self, tenant: usize, series: usize, now_ms: i64) -> i64 {
        let own = self.tenant_oldest_ms(tenant, now_ms);
        let passing = self.config.retention_rules.iter().filter(|rule| {
            let is_own = rule.tenant.as_ref().is_none_or(|t| t.as_str() == TENANTS[tenant]);
            is_own && passes(&self.series[series], &rule.matchers)
        });
        passing.map(|rule| now_ms - rule.retention.as_millis() as i64).fold(own, i64::max)
    }

    fn tenant_oldest_ms(&self, tenant: usize, now_ms: i64) -> i64 {
        let name = Tenant::parse(TENANTS[tenant]).unwrap();
        let own = self.config.retention_by_tenant.get(&name).copied();
        match own.unwrap_or(self.config.retention) {
            kept if kept.is_zero() => i64::MIN,
            kept => now_ms - kept.as_millis() as i64,
        }
    }

    /// What the store takes at `now_ms`.
    pub(super) fn accepted(&self, tenant: usize, now_ms: i64) -> TimeRange {
        TimeRange::new(self.tenant_oldest_ms(tenant, now_ms).max(-1 << 53), now_ms + 600_000)
    }

    pub(super) fn append(&mut self, keys: &[Key], now_ms: i64, done: bool) {
        let value = 1 << (self.generation + 1);
        for key in keys {
            if !self.accepted(key.0, now_ms).contains(key.2) {
                continue;
            }
            let cell = self.cells.entry(*key).or_default();
            let live = appended(cell.live, value);
            cell.ever |= value;
            if done {
                cell.in_parts &= cell.live & NONE == 0;
                cell.live = live;
            } else {
                cell.in_parts &= cell.live & NONE == 0;
                cell.live |= live;
                cell.pending |= value;
            }
            cell.durable |= live;
        }
    }

    /// Deletes; a deletion that failed may have taken effect.
    pub(super) fn delete(
        &mut self,
        tenant: usize,
        sets: &[Vec<Matcher>],
        range: TimeRange,
        done: bool,
    ) {
        let hit: Vec<bool> =
            self.series.iter().map(|l| sets.iter().any(|set| passes(l, set))).collect();
        for ((of, series, t_ms), cell) in &mut self.cells {
            if *of == tenant && hit[*series] && range.contains(*t_ms) {
                if done {
                    (cell.live, cell.durable, cell.doubt) = (NONE, NONE, 0);
                } else {
                    cell.live |= NONE;
                    cell.durable |= NONE;
                }
            }
        }
        self.generation += 1;
    }

    /// Everything is on the disk for certain.
    pub(super) fn synced(&mut self) {
        self.cells.values_mut().for_each(|cell| cell.durable = cell.live | cell.doubt);
    }

    /// Everything is in parts for certain.
    pub(super) fn flushed(&mut self) {
        for cell in self.cells.values_mut() {
            (cell.durable, cell.doubt, cell.in_parts) = (cell.live, 0, true);
        }
    }

    /// A sync has failed and the log could not even leave its marker. The kernel may show records
    /// that it will never write, and no later sync of the log proves anything about them.
    pub(super) fn doubt(&mut self) {
        let is_open = |cell: &&mut Cell| cell.durable != cell.live || cell.live.count_ones() > 1;
        for cell in self.cells.values_mut().filter(is_open) {
            cell.doubt |= cell.durable;
        }
    }

    /// What is past its retention may leave from now on, also when the clock is set back.
    pub(super) fn may_expire(&mut self, now_ms: i64) {
        let oldest: Vec<Vec<i64>> = (0..TENANTS.len())
            .map(|tenant| (0..SERIES).map(|s| self.oldest_ms(tenant, s, now_ms)).collect())
            .collect();
        for ((tenant, series, t_ms), cell) in &mut self.cells {
            if *t_ms < oldest[*tenant][*series] {
                cell.live |= NONE;
                cell.durable |= NONE;
            }
        }
    }

    /// The samples chosen may be lost.
    pub(super) fn may_lose(&mut self, lost: impl Fn(&Key, bool) -> bool) {
        for (key, cell) in &mut self.cells {
            if lost(key, cell.in_parts) {
                cell.live |= NONE;
                cell.durable |= NONE;
                cell.in_parts = false;
            }
        }
    }

    /// What was deleted or has expired may be seen again.
    pub(super) fn may_return(&mut self, tenant: usize) {
        for (_, cell) in self.cells.iter_mut().filter(|((of, ..), _)| *of == tenant) {
            cell.live |= cell.ever;
            cell.durable |= cell.ever;
        }
    }

    pub(super) fn power_lost(&mut self) {
        self.cells.values_mut().for_each(|cell| (cell.live, cell.doubt) = (cell.durable, 0));
    }

    /// The log is read again: appends that had failed may be found.
    pub(super) fn restarted(&mut self) {
        for cell in self.cells.values_mut() {
            if cell.live & NONE != 0 {
                cell.live |= cell.pending;
                cell.durable |= cell.pending;
            }
        }
    }

    /// Whether this sample is there for certain.
    pub(super) fn is_certain(&self, key: &Key) -> bool {
        self.cells.get(key).is_some_and(|cell| cell.live & NONE == 0)
    }

    /// The found samples by key. Panics: a series that was never sent.
    pub(super) fn keyed(&self, tenant: usize, found: &Answer) -> BTreeMap<Key, Value> {
        let mut keyed = BTreeMap::new();
        for (text, samples) in found {
            let Some(series) = self.texts.get(text) else { panic!("{text} was never sent") };
            let of_series = samples.iter().map(|(t_ms, v)| ((tenant, *series, *t_ms), v.clone()));
            keyed.extend(of_series);
        }
        keyed
    }

    /// Compares an answer at `now_ms` with what the samples of `tenant` in the selection may be.
    #[track_caller]
    pub(super) fn check(
        &self,
        tenant: usize,
        (matchers, range): (&[Matcher], TimeRange),
        found: &Answer,
        now_ms: i64,
    ) {
        let found = self.keyed(tenant, found);
        let selected: Vec<bool> = self.series.iter().map(|l| passes(l, matchers)).collect();
        let oldest: Vec<i64> = (0..SERIES).map(|s| self.oldest_ms(tenant, s, now_ms)).collect();
        for (key, value) in &found {
            let (_, series, t_ms) = *key;
            let name = || format!("{} {} of {}", self.series[series], t_ms, TENANTS[tenant]);
            assert!(selected[series] && range.contains(t_ms), "{} was not asked for", name());
            assert!(t_ms >= oldest[series], "{} is past its retention", name());
            let cell = self.cells.get(key).copied().unwrap_or_default();
            let is_possible = self.mask_of(*key, value, cell.live).is_some();
            let was_deleted = self.mask_of(*key, value, cell.ever).is_some();
            let what = if was_deleted { "has come back" } else { "was made up" };
            assert!(is_possible, "{} {what}: {value:?}, {cell:?}", name());
        }
        let (mut lost, mut all) = (Vec::new(), 0);
        let own = (tenant, 0, i64::MIN)..(tenant + 1, 0, i64::MIN);
        for (key, cell) in self.cells.range(own) {
            let (_, series, t_ms) = *key;
            let is_asked = selected[series] && range.contains(t_ms) && t_ms >= oldest[series];
            if is_asked && cell.live & NONE == 0 {
                all += 1;
                if !found.contains_key(key) {
                    lost.push((self.series[series].to_string(), t_ms, *cell));
                }
            }
        }
        let tenant = TENANTS[tenant];
        assert!(lost.is_empty(), "lost {} of {all} of {tenant}: {:?}", lost.len(), lost.first());
    }

    /// What was found after a restart, and is not hidden by its age, is so from now on.
    pub(super) fn settle(&mut self, tenant: usize, found: &Answer, now_ms: i64) {
        let found = self.keyed(tenant, found);
        let oldest: Vec<i64> = (0..SERIES).map(|s| self.oldest_ms(tenant, s, now_ms)).collect();
        let keys: Vec<Key> = self.cells.keys().filter(|(of, ..)| *of == tenant).copied().collect();
        for key in keys {
            if key.2 < oldest[key.1] {
                continue;
            }
            let live = self.cells[&key].live;
            let seen = found.get(&key).map_or(Some(NONE), |value| self.mask_of(key, value, live));
            if let (Some(seen), Some(cell)) = (seen, self.cells.get_mut(&key)) {
                (cell.live, cell.durable, cell.pending) = (seen, seen | cell.doubt, 0);
            }
        }
    }

    /// The same ledger as a copy of the parts alone would keep it.
    pub(super) fn of_parts(&self) -> Self {
        let mut copy = self.clone();
        copy.may_lose(|_, in_parts| !in_parts);
        copy
    }
}

pub(super) fn passes(labels: &Labels, matchers: &[Matcher]) -> bool {
    matchers.iter().all(|m| m.matches(labels.get(m.name()).unwrap_or_default()))
}

/// Things that are there or not, such as exemplars: what must be there, and what may.
#[derive(Clone, Debug)]
pub(super) struct Presence<T> {
    sent: BTreeSet<T>,
    live: BTreeSet<T>,
    durable: BTreeSet<T>,
}

impl<T: Ord + Clone + std::fmt::Debug> Presence<T> {
    pub(super) fn new() -> Self {
        Self { sent: BTreeSet::new(), live: BTreeSet::new(), durable: BTreeSet::new() }
    }

    pub(super) fn add(&mut self, thing: T, done: bool) {
        self.sent.insert(thing.clone());
        if done {
            self.live.insert(thing);
        }
    }

    pub(super) fn synced(&mut self) {
        self.durable.clone_from(&self.live);
    }

    pub(super) fn power_lost(&mut self) {
        self.live.clone_from(&self.durable);
    }

    pub(super) fn may_lose_all(&mut self) {
        self.live.clear();
        self.durable.clear();
    }

    #[track_caller]
    pub(super) fn check(&self, found: &BTreeSet<T>, what: &str) {
        let lost: Vec<&T> = self.live.difference(found).collect();
        assert!(lost.is_empty(), "lost {} {what}: {:?}", lost.len(), lost.first());
        self.check_known(found, what);
    }

    /// Nothing was made up; what is missing is not asked.
    #[track_caller]
    pub(super) fn check_known(&self, found: &BTreeSet<T>, what: &str) {
        let made_up: Vec<&T> = found.difference(&self.sent).collect();
        assert!(made_up.is_empty(), "made up {} {what}: {:?}", made_up.len(), made_up.first());
    }

    /// What was found after a restart stays.
    pub(super) fn settle(&mut self, found: &BTreeSet<T>) {
        self.live.clone_from(found);
        self.durable.clone_from(found);
    }
}
