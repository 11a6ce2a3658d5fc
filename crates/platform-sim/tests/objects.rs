//! Objects in a directory of a machine that crashes: a put that returned is there, one that failed
//! has left the old value or the new one.

use std::collections::BTreeMap;

use platform::{Condition, DirObjects, ObjectError, Objects};
use platform_sim::{
    Crash, DriveOptions, Faults, Scenario, SimPlatform, SimRng, drive, for_each_seed,
};

struct ObjectsScenario {
    rng: SimRng,
    /// What may be stored under each key; `None` for nothing.
    possible: BTreeMap<String, Vec<Option<Vec<u8>>>>,
}

impl ObjectsScenario {
    fn verify(&mut self, sim: &SimPlatform, store: &DirObjects) -> bool {
        for (key, possible) in &mut self.possible {
            let found = match store.get(key) {
                Ok((bytes, _)) => Some(bytes),
                Err(ObjectError::NotFound { .. }) => None,
                Err(_) => return false,
            };
            assert!(possible.contains(&found) || sim.has_lied(), "{key}: {found:?}");
        }
        true
    }
}

impl Scenario for ObjectsScenario {
    fn live(&mut self, sim: &SimPlatform) {
        let Ok(store) = DirObjects::open(sim.disk(), "/objects") else { return };
        if !self.verify(sim, &store) {
            return;
        }
        while !sim.is_crashed() && !self.rng.chance(30) {
            let key = format!("tenant-{}/part-{}", self.rng.below(2), self.rng.below(3));
            let value = self.rng.coin().then(|| self.rng.bytes(2_000));
            let result = match &value {
                Some(bytes) => store.put(&key, bytes, &Condition::Always).map(|_| ()),
                None => store.delete(&key),
            };
            let possible = self.possible.entry(key).or_insert_with(|| vec![None]);
            match result {
                Ok(()) => *possible = vec![value],
                Err(_) => possible.push(value),
            }
        }
    }

    fn crashed(&mut self, _crash: Crash, sim: &SimPlatform) {
        // What is seen now may still be undone by the next power loss, unless a put renews it.
        assert_eq!(sim.faults(), Faults::NONE);
    }
}

#[test]
fn puts_are_atomic_and_durable() {
    for_each_seed(0..300, |seed| {
        let rng = SimRng::new(seed ^ 0x0b1e);
        let mut scenario = ObjectsScenario { rng, possible: BTreeMap::new() };
        drive(seed, DriveOptions { ops_max: 60, ..DriveOptions::default() }, &mut scenario);
    });
}
