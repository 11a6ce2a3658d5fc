//! Files that rot between two lives, and copies of the store: what is in them, and what of it must
//! still be there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use metric_store::{MetricStore, MetricStoreConfig};
use model::TimeRange;
use platform_sim::SimPlatform;

use super::ledger::{Key, Ledger, TENANTS};
use super::life::{Life, is_excused};
use crate::driver::{Answer, open, quiet_config, read, scope, set_clock};

const STORE: &str = "/data/metrics";

/// A copy of the store, and what the store held when it was made.
pub(super) struct Snapshot {
    pub(super) name: String,
    pub(super) ledger: Ledger,
}

/// The parts that have rotted, with the samples that were surely there through them.
#[derive(Debug, Default)]
pub(super) struct Damage {
    parts: BTreeMap<PathBuf, BTreeSet<Key>>,
    /// Lists of parts that have rotted and were not written anew since.
    manifests: BTreeSet<PathBuf>,
}

impl Damage {
    /// Whether a damaged part lies where the store may come upon it.
    pub(super) fn is_any(&self, sim: &SimPlatform) -> bool {
        let files = sim.files();
        self.parts.keys().any(|path| files.contains(path))
    }

    /// The damaged part that an error speaks of.
    pub(super) fn named_in(&self, text: &str) -> Option<PathBuf> {
        self.parts.keys().find(|path| text.contains(&*path.to_string_lossy())).cloned()
    }

    /// What was lost is known: from here on samples may go for other reasons.
    pub(super) fn settle(&mut self) {
        self.parts.values_mut().for_each(BTreeSet::clear);
    }

    /// The store was opened: it has written the damaged lists anew.
    pub(super) fn opened(&mut self) {
        self.manifests.clear();
        self.settle();
    }

    /// What a damaged part has lost lies in quarantine under its name; where the disk does not
    /// take it there it stays where it was.
    #[track_caller]
    pub(super) fn check_named(
        &self,
        sim: &SimPlatform,
        ledger: &Ledger,
        tenant: usize,
        found: &Answer,
        now_ms: i64,
    ) {
        let found = ledger.keyed(tenant, found);
        let files = sim.files();
        let has = |wanted: &Path| files.iter().any(|path| path == wanted);
        let is_named = |path: &Path| is_set_aside(path, has) || (is_excused(sim) && has(path));
        let is_lost = |key: &&Key| {
            let is_due = key.0 == tenant && key.2 >= ledger.oldest_ms(tenant, key.1, now_ms);
            is_due && !found.contains_key(key)
        };
        let named = self.parts.iter().filter(|(path, _)| is_named(path));
        let explained: BTreeSet<&Key> = named.flat_map(|(_, held)| held).collect();
        // A part that was never listed goes without a word; others held its samples, too.
        for (path, held) in &self.parts {
            let unexplained = held.iter().filter(is_lost).find(|key| !explained.contains(key));
            let path = path.display();
            assert!(unexplained.is_none(), "{path} lost {unexplained:?} and is not named");
        }
    }

    fn holds(&self, key: &Key) -> bool {
        self.parts.values().any(|held| held.contains(key))
    }
}

fn is_set_aside(path: &Path, has: impl Fn(&Path) -> bool) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let aside = path.with_file_name("quarantine");
    has(&aside.join(name)) && has(&aside.join(format!("{name}.reason.txt")))
}

impl Life {
    /// Flips a bit or two of files at rest, and lowers what the ledger demands to what is not in
    /// these files.
    pub(super) fn rot(&mut self, sim: &SimPlatform) {
        for _ in 0..self.rng.below(3) {
            let files = sim.files();
            if files.is_empty() {
                return;
            }
            let path = &files[self.rng.below(files.len() as u64) as usize];
            let len = sim.disk().len(path).unwrap_or_default();
            // Often the ends, where the headers and footers are.
            let offset = match self.rng.below(4) {
                0 => self.rng.below(len.min(64)),
                1 => len.saturating_sub(1 + self.rng.below(80)),
                _ => self.rng.below(len),
            };
            self.expect_damage(sim, path);
            sim.flip_bit(path, offset, self.rng.below(8) as u8).ok();
        }
    }

    fn expect_damage(&mut self, sim: &SimPlatform, path: &Path) {
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(hit) = self.snapshots.iter().position(|s| is_below(path, &s.name)) {
            self.snapshots.remove(hit);
        } else if is_below(path, "quarantine") || is_below(path, "snapshots") {
            // Nobody reads them.
        } else if is_below(path, "wal") {
            self.log_damaged();
        } else if let Some(tenant) = TENANTS.iter().position(|name| is_below(path, name)) {
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("part") => {
                    let held = content(sim, path, tenant, &self.ledger);
                    let certain =
                        |key: &&Key| self.ledger.is_certain(key) || self.damage.holds(key);
                    let certain = held.iter().filter(certain).copied().collect();
                    self.damage.parts.insert(path.to_owned(), certain);
                    self.part_damaged(&held);
                }
                _ if file == "tombstones" => self.ledger.may_return(tenant),
                Some("manifest") => {
                    self.damage.manifests.insert(path.to_owned());
                    let of_tenant = |path: &&PathBuf| is_below(path, TENANTS[tenant]);
                    let lists = self.damage.manifests.iter().filter(of_tenant).count();
                    if lists > 1 || self.damage.parts.keys().any(|path| of_tenant(&path)) {
                        // Both generations: where in the log the parts end is known no more. One:
                        // the log gives back what a damaged part had lost.
                        self.ledger.may_return(tenant);
                    }
                }
                _ => {}
            }
        }
    }

    /// A snapshot shows what there was when it was made.
    pub(super) fn check_snapshots(&mut self, sim: &SimPlatform) {
        if self.snapshots.is_empty() || !self.rng.chance(3) || is_excused(sim) {
            return;
        }
        let snapshot = &self.snapshots[self.rng.below(self.snapshots.len() as u64) as usize];
        let now_ms = sim.platform().clock.unix_ms();
        let root = Path::new(STORE).join("snapshots").join(&snapshot.name);
        let files = sim.files().into_iter().filter(|path| path.starts_with(&root));
        let copied = files.map(|path| {
            let target = Path::new(STORE).join(path.strip_prefix(&root).unwrap());
            (path, target)
        });
        let machine = machine_with(sim, copied);
        set_clock(&machine, now_ms);
        let store = open(&machine.platform(), &self.config).unwrap();
        for (tenant, name) in TENANTS.iter().enumerate() {
            let found = read(&*store, &scope(name), &[], TimeRange::ALL).unwrap();
            snapshot.ledger.check(tenant, (&[], TimeRange::ALL), &found, now_ms);
        }
    }
}

fn is_below(path: &Path, dir: &str) -> bool {
    path.iter().any(|step| step == dir)
}

/// Another machine with copies of some files.
fn machine_with(sim: &SimPlatform, files: impl Iterator<Item = (PathBuf, PathBuf)>) -> SimPlatform {
    let machine = SimPlatform::new(sim.seed());
    let disk = machine.disk();
    disk.create_dir_all(Path::new(STORE)).unwrap();
    for (source, target) in files {
        disk.create_dir_all(target.parent().unwrap()).unwrap();
        let bytes = sim.disk().read(&source).unwrap();
        disk.create_new(&target).unwrap().append(&bytes).unwrap();
    }
    machine
}

/// The samples of one part, as a store shows them that has nothing but this part.
fn content(sim: &SimPlatform, path: &Path, tenant: usize, ledger: &Ledger) -> BTreeSet<Key> {
    let target = path.to_owned();
    let machine = machine_with(sim, std::iter::once((path.to_owned(), target)));
    let config = MetricStoreConfig { retention: Duration::ZERO, ..quiet_config() };
    let store: Arc<MetricStore> = open(&machine.platform(), &config).unwrap();
    // A part that rotted before shows nothing, or what is left of it.
    let found = [(); 2].map(|()| read(&*store, &scope(TENANTS[tenant]), &[], TimeRange::ALL));
    let found = found.into_iter().find_map(Result::ok).unwrap_or_default();
    ledger.keyed(tenant, &found).into_keys().collect()
}
