//! The manifest on a machine that crashes: a change happens wholly or not at all, and what was
//! published is there with every byte.

mod sample;

use std::collections::BTreeMap;

use blockfile::{Change, ListSource, Manifest, ManifestError, PartEntry, PartId, ReadPartError};
use platform_sim::{
    Crash, DriveOptions, Faults, Scenario, SimPlatform, SimRng, drive, for_each_seed,
};

const DIR: &str = "/data/parts";

/// What a list of parts holds: contents by id, and the checkpoint.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    parts: BTreeMap<PartId, Vec<Vec<u8>>>,
    checkpoint: Vec<u8>,
}

struct ManifestScenario {
    rng: SimRng,
    /// What the next opening may find: the published list, and those whose publishing failed.
    candidates: Vec<Model>,
    /// The list that this life works on.
    live: Model,
}

/// Reads everything that is listed. `None` when the machine went down meanwhile.
fn read_back(sim: &SimPlatform, manifest: &Manifest) -> Option<Model> {
    let live = manifest.live();
    let mut found = Model { checkpoint: live.checkpoint.clone(), ..Model::default() };
    for entry in &live.parts {
        let pages = match manifest.open_part(entry.id) {
            Ok(part) => {
                assert_eq!(entry.bytes, part.bytes());
                assert_eq!(entry.footer_checksum, part.footer_checksum());
                assert_eq!(entry.time_max, part.summary().time_max);
                sample::pages(&part)
            }
            Err(error) => Err(error),
        };
        match pages {
            Ok(pages) => drop(found.parts.insert(entry.id, pages)),
            Err(_) if sim.is_crashed() => return None,
            Err(ReadPartError::Corrupt { .. }) if sim.has_lied() => {
                manifest.quarantine(entry.id, "found by the test").ok()?;
            }
            Err(error) => panic!("a listed part cannot be read: {error}"),
        }
    }
    Some(found)
}

impl ManifestScenario {
    fn new(seed: u64) -> Self {
        let rng = SimRng::new(seed ^ 0xb10c);
        Self { rng, candidates: vec![Model::default()], live: Model::default() }
    }

    fn recover(&mut self, sim: &SimPlatform, manifest: &Manifest, source: ListSource) -> bool {
        let Some(found) = read_back(sim, manifest) else { return false };
        if !sim.has_lied() {
            assert!(
                self.candidates.contains(&found),
                "found {:?}, want one of {:?}",
                found.parts.keys(),
                self.candidates.iter().map(|c| c.parts.keys()).collect::<Vec<_>>()
            );
            assert!(matches!(source, ListSource::New | ListSource::Current), "{source:?}");
        }
        // Opening has made durable what it found.
        self.candidates = vec![found.clone()];
        self.live = found;
        true
    }

    fn work(&mut self, sim: &SimPlatform, manifest: &Manifest) {
        for _ in 0..self.rng.below(16) {
            if sim.is_crashed() {
                return;
            }
            let ids: Vec<_> = self.live.parts.keys().copied().collect();
            match self.rng.below(10) {
                0..5 => self.flush(manifest),
                5 | 6 if ids.len() >= 2 => {
                    let count = 2 + self.rng.below(ids.len() as u64 - 1) as usize;
                    self.merge(manifest, &ids[..count]);
                }
                7 if !ids.is_empty() => {
                    let mut next = self.live.clone();
                    next.parts.remove(&ids[0]);
                    self.publish(manifest, next, vec![], vec![ids[0]]);
                }
                8 if !ids.is_empty() => {
                    if !self.quarantine(manifest, ids[0]) {
                        return; // what is listed and what is there differ until the next opening
                    }
                }
                _ => {
                    // Somebody gives up half-way.
                    if let Ok((_, mut writer)) = manifest.create_part(sample::OPTIONS) {
                        writer.add_page(&self.rng.bytes(5_000)).ok();
                    }
                }
            }
        }
    }

    fn flush(&mut self, manifest: &Manifest) {
        let pages: Vec<_> = (0..self.rng.below(4)).map(|_| self.rng.bytes(1_500)).collect();
        let Ok((id, writer)) = manifest.create_part(sample::OPTIONS) else { return };
        let Ok(part) = sample::fill(writer, &pages, vec![]) else { return };
        if self.rng.chance(6) {
            return; // complete, in place, but never published: an orphan
        }
        let mut next = self.live.clone();
        next.parts.insert(id, pages);
        next.checkpoint = self.rng.bytes(40);
        self.publish(manifest, next, vec![PartEntry::of(id, &part)], vec![]);
    }

    fn merge(&mut self, manifest: &Manifest, inputs: &[PartId]) {
        let mut next = self.live.clone();
        let pages: Vec<_> =
            inputs.iter().filter_map(|id| next.parts.remove(id)).flatten().collect();
        let Ok((id, writer)) = manifest.create_part(sample::OPTIONS) else { return };
        let Ok(part) = sample::fill(writer, &pages, inputs.to_vec()) else { return };
        next.parts.insert(id, pages);
        self.publish(manifest, next, vec![PartEntry::of(id, &part)], inputs.to_vec());
    }

    fn publish(
        &mut self,
        manifest: &Manifest,
        next: Model,
        add: Vec<PartEntry>,
        remove: Vec<PartId>,
    ) {
        let checkpoint = Some(next.checkpoint.clone());
        match manifest.publish(Change { add, remove, checkpoint }) {
            Ok(_) => {
                self.candidates = vec![next.clone()];
                self.live = next;
            }
            Err(error) => {
                assert!(!matches!(error, ManifestError::Conflict { .. }), "{error}");
                let listed: Vec<_> = manifest.live().parts.iter().map(|part| part.id).collect();
                assert!(self.live.parts.keys().eq(&listed), "a failed change is not seen");
                self.candidates.push(next);
            }
        }
    }

    fn quarantine(&mut self, manifest: &Manifest, id: PartId) -> bool {
        let result = manifest.quarantine(id, "the test says so");
        if result.is_ok() {
            self.live.parts.remove(&id);
            self.candidates = vec![self.live.clone()];
        } else {
            // The file may be moved already: then every list is without it.
            let without = self.candidates.clone().into_iter().map(|mut model| {
                model.parts.remove(&id);
                model
            });
            self.candidates.extend(without.collect::<Vec<_>>());
        }
        result.is_ok()
    }
}

impl Scenario for ManifestScenario {
    fn live(&mut self, sim: &SimPlatform) {
        for _ in 0..3 {
            match Manifest::open(sim.disk(), DIR) {
                Ok((manifest, report)) => {
                    if self.recover(sim, &manifest, report.source) {
                        self.work(sim, &manifest);
                    }
                    return;
                }
                Err(_) if sim.is_crashed() => return,
                Err(error) => {
                    assert_ne!(sim.faults(), Faults::NONE, "opening failed for no reason: {error}");
                }
            }
        }
    }

    fn crashed(&mut self, _crash: Crash, _sim: &SimPlatform) {}
}

#[test]
fn published_changes_survive_every_crash() {
    for_each_seed(0..400, |seed| {
        drive(seed, DriveOptions::default(), &mut ManifestScenario::new(seed));
    });
}

#[test]
fn short_lives_crash_inside_opening_and_publishing() {
    for_each_seed(0..400, |seed| {
        let options = DriveOptions { lives: 12, ops_max: 20, lying: false };
        drive(seed, options, &mut ManifestScenario::new(seed));
    });
}

#[test]
fn a_lying_disk_never_makes_opening_fail_or_invent() {
    for_each_seed(0..200, |seed| {
        let options = DriveOptions { lying: true, ..DriveOptions::default() };
        drive(seed, options, &mut ManifestScenario::new(seed));
    });
}
