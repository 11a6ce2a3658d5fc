//! The log on a machine that crashes: what was acknowledged is found again, nothing is invented.

use std::collections::HashMap;
use std::path::Path;

use platform_sim::{
    Crash, DriveOptions, Faults, Scenario, SimPlatform, SimRng, drive, for_each_seed,
};
use wal::{Position, Wal, WalConfig, WalError};

const DIR: &str = "/data/wal";

/// One attempt to append, successful or not.
struct Attempt {
    payload: Vec<u8>,
    /// Known once the append returned or the record was replayed.
    place: Option<Position>,
    kept: Kept,
    /// A sync failed and not even a marker could be written: no promise about power losses.
    unsure: bool,
    next_replay: Next,
}

/// What the log has promised about a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kept {
    Refused,
    Acknowledged,
    Durable,
}

/// What the next replay has to say about a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Open,
    Found,
    /// An earlier replay did not find it.
    Missing,
}

struct WalScenario {
    rng: SimRng,
    /// In the order of appends; the index is in the payload.
    attempts: Vec<Attempt>,
    truncated_to: Position,
    /// Holes that a power loss has left among unsynced records stay until they are truncated.
    power_was_lost: bool,
}

impl WalScenario {
    fn new(seed: u64) -> Self {
        Self {
            rng: SimRng::new(seed ^ 0x77a1),
            attempts: Vec::new(),
            truncated_to: Position::START,
            power_was_lost: false,
        }
    }

    fn recover(&mut self, sim: &SimPlatform, recovery: &wal::Recovery) -> bool {
        let mut found: HashMap<usize, Position> = HashMap::new();
        let mut last = None;
        let report = recovery.replay(self.truncated_to, |position, kind, payload| {
            let index = u32::from_le_bytes(payload[..4].try_into().expect("four bytes")) as usize;
            let attempt = self.attempts.get(index).expect("nothing is invented");
            assert_eq!(payload, attempt.payload, "record {index} came back changed");
            assert_eq!(kind, payload[4], "record {index} has another kind");
            assert!(last < Some((position, index)), "record {index} is out of order");
            assert!(last.is_none_or(|(_, before)| before < index), "record {index} out of order");
            last = Some((position, index));
            assert!(found.insert(index, position).is_none(), "record {index} came twice");
        });
        let Ok(report) = report else { return false };
        if !self.power_was_lost {
            assert_eq!(report.damage_bytes, 0, "a process crash damages nothing: {report:?}");
        }
        for (index, attempt) in self.attempts.iter_mut().enumerate() {
            match found.get(&index) {
                Some(place) => {
                    assert!(attempt.place.is_none_or(|p| p == *place), "record {index} has moved");
                    let dead = attempt.next_replay == Next::Missing;
                    assert!(!dead || sim.has_lied(), "record {index} rose from the dead");
                    attempt.place = Some(*place);
                    attempt.kept = Kept::Durable; // opening has synced what it found
                }
                None if attempt.place.is_some_and(|p| p < self.truncated_to) => {}
                None => {
                    assert!(attempt.next_replay != Next::Found, "record {index} is lost");
                    attempt.next_replay = Next::Missing;
                    attempt.place = None;
                }
            }
        }
        true
    }

    fn work(&mut self, sim: &SimPlatform, wal: &Wal, durable_ack: bool) {
        for _ in 0..self.rng.below(80) {
            if sim.is_crashed() {
                break;
            }
            match self.rng.below(20) {
                0..14 => self.append(wal, durable_ack),
                14..18 => {
                    let synced = wal.sync_now();
                    if synced.is_ok() {
                        self.everything_is_durable();
                    }
                }
                18 => {
                    if let Ok(start) = wal.rotate() {
                        self.everything_is_durable();
                        let past = self.attempts.iter().filter_map(|a| a.place);
                        assert!(past.into_iter().all(|p| p < start), "rotation cuts behind all");
                    }
                }
                _ => {
                    if let Ok(start) = wal.rotate() {
                        self.everything_is_durable();
                        self.truncated_to = start;
                        drop(wal.truncate_before(start));
                    }
                }
            }
        }
        let failed = wal.poisoned().is_some_and(|reason| reason.contains("I/O error"));
        if failed && !has_marker(sim) {
            self.doubt_the_rest();
        }
    }

    fn append(&mut self, wal: &Wal, durable_ack: bool) {
        let mut payload = (self.attempts.len() as u32).to_le_bytes().to_vec();
        payload.push(self.rng.below(256) as u8);
        payload.extend(self.rng.bytes(2_000));
        let cut = self.rng.below(payload.len() as u64) as usize;
        let (a, b) = payload.split_at(cut);
        let result = wal.append(payload[4], &[a, &[], b]);
        assert!(!matches!(result, Err(WalError::RecordTooLarge { .. })));
        self.attempts.push(Attempt {
            place: result.as_ref().ok().copied(),
            kept: match result {
                Ok(_) if durable_ack => Kept::Durable,
                Ok(_) => Kept::Acknowledged,
                Err(_) => Kept::Refused,
            },
            unsure: false,
            next_replay: Next::Open,
            payload,
        });
    }

    fn everything_is_durable(&mut self) {
        for attempt in self.attempts.iter_mut().filter(|a| a.kept == Kept::Acknowledged) {
            attempt.kept = Kept::Durable;
        }
    }

    fn doubt_the_rest(&mut self) {
        for attempt in self.attempts.iter_mut().filter(|a| a.kept < Kept::Durable) {
            attempt.unsure = true;
        }
    }
}

fn has_marker(sim: &SimPlatform) -> bool {
    sim.files().iter().any(|path| path.extension().is_some_and(|end| end == "unsynced"))
}

impl Scenario for WalScenario {
    fn live(&mut self, sim: &SimPlatform) {
        let durable_ack = self.rng.chance(3);
        let config = WalConfig {
            segment_bytes_max: 2_000 + self.rng.below(10_000),
            durable_ack,
            background_sync: false,
            resume_after: self.truncated_to,
            ..WalConfig::default()
        };
        // Like a service manager, start again when the start fails.
        for _ in 0..3 {
            match Wal::open(sim.disk(), DIR, config) {
                Ok((wal, recovery)) => {
                    if self.recover(sim, &recovery) {
                        self.work(sim, &wal, durable_ack);
                    }
                    return;
                }
                Err(error) => {
                    let failed = format!("{error:?}").contains("I/O error");
                    if failed && !has_marker(sim) {
                        self.doubt_the_rest();
                    }
                    if sim.is_crashed() {
                        return;
                    }
                    assert_ne!(sim.faults(), Faults::NONE, "opening failed for no reason: {error}");
                }
            }
        }
    }

    fn crashed(&mut self, crash: Crash, sim: &SimPlatform) {
        self.power_was_lost |= crash == Crash::PowerLoss;
        for attempt in self.attempts.iter_mut().filter(|a| a.next_replay != Next::Missing) {
            let survives = match crash {
                Crash::Process => attempt.kept >= Kept::Acknowledged,
                Crash::PowerLoss => {
                    attempt.kept == Kept::Durable && !attempt.unsure && !sim.has_lied()
                }
            };
            if survives {
                attempt.next_replay = Next::Found;
            } else if crash == Crash::PowerLoss {
                // It may be there or not; only the next replay tells.
                attempt.next_replay = Next::Open;
                attempt.kept = Kept::Refused;
            }
        }
    }
}

#[test]
fn acknowledged_records_survive_what_they_must() {
    for_each_seed(0..400, |seed| {
        drive(seed, DriveOptions::default(), &mut WalScenario::new(seed));
    });
}

#[test]
fn short_lives_crash_inside_opening_and_rotation() {
    for_each_seed(0..400, |seed| {
        let options = DriveOptions { lives: 12, ops_max: 14, lying: false };
        drive(seed, options, &mut WalScenario::new(seed));
    });
}

#[test]
fn a_lying_disk_loses_records_but_invents_none() {
    for_each_seed(0..200, |seed| {
        let options = DriveOptions { lying: true, ..DriveOptions::default() };
        drive(seed, options, &mut WalScenario::new(seed));
    });
}

/// A record that was acknowledged but whose sync failed must be durable after the next opening,
/// even though the kernel has dropped its dirty pages.
#[test]
fn a_failed_sync_is_not_papered_over() {
    for_each_seed(0..200, |seed| {
        let sim = SimPlatform::new(seed);
        let config = WalConfig { background_sync: false, ..WalConfig::default() };
        let (wal, _) = Wal::open(sim.disk(), DIR, config).expect("open");
        wal.append(1, &[b"first"]).expect("append");
        wal.sync_now().expect("sync");
        wal.append(2, &[&[7; 5_000]]).expect("append");
        let fault = Faults { sync_error_one_in: 1, ..Faults::NONE };
        sim.set_faults(fault);
        assert!(matches!(wal.sync_now(), Err(WalError::Poisoned { .. })));
        assert!(matches!(wal.append(3, &[b"late"]), Err(WalError::Poisoned { .. })));
        assert_eq!(wal.stats().sync_failures, 1);
        sim.set_faults(Faults::NONE);
        assert!(matches!(wal.sync_now(), Err(WalError::Poisoned { .. })), "no second chance");

        sim.reopen(Crash::Process);
        drop(Wal::open(sim.disk(), DIR, config).expect("open after the process has died"));
        sim.reopen(Crash::PowerLoss);
        let (_, recovery) = Wal::open(sim.disk(), DIR, config).expect("open after the power loss");
        let mut kinds = Vec::new();
        let report = recovery.replay(Position::START, |_, kind, _| kinds.push(kind));
        assert_eq!(report.expect("replay").damage_bytes, 0);
        assert_eq!(kinds, [1, 2]);
        assert!(!has_marker(&sim));
    });
}

/// A full disk refuses records, loses none, and takes them again once there is space.
#[test]
fn a_full_disk_refuses_and_recovers() {
    let sim = SimPlatform::new(5);
    let config = WalConfig { background_sync: false, ..WalConfig::default() };
    let (wal, _) = Wal::open(sim.disk(), DIR, config).expect("open");
    let full = Faults { capacity_bytes: Some(3_000), ..Faults::NONE };
    sim.set_faults(full);
    let mut stored = 0;
    let refused = loop {
        match wal.append(1, &[&[9; 500]]) {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(refused.is_storage_full(), "{refused}");
    assert_eq!(stored, 5);
    wal.append(1, &[&[9; 200]]).expect("a smaller one fits into what is left");
    sim.set_faults(Faults::NONE);
    wal.append(1, &[&[9; 500]]).expect("space is back");
    let (_, recovery) = Wal::open(sim.disk(), DIR, config).expect("open");
    assert_eq!(recovery.torn_tail, None);
    let report = recovery.replay(Position::START, |_, _, _| ()).expect("replay");
    assert_eq!((report.records, report.damage_bytes), (7, 0));
}

/// Every single bit of a sealed and of the last segment: flipped, found, skipped, never a panic.
#[test]
fn a_flipped_bit_costs_one_record_at_most() {
    let config = WalConfig { background_sync: false, ..WalConfig::default() };
    let write = |sim: &SimPlatform| {
        let (wal, _) = Wal::open(sim.disk(), DIR, config).expect("open");
        for kind in 0..3 {
            wal.append(kind, &[&[kind; 20]]).expect("append");
        }
        wal.rotate().expect("rotate");
        for kind in 3..6 {
            wal.append(kind, &[&[kind; 20]]).expect("append");
        }
    };
    let len = 40 + 3 * 44;
    for (segment, last_lost_is_cut) in [(1, false), (2, true)] {
        for bit in 0..len * 8 {
            let sim = SimPlatform::new(bit);
            write(&sim);
            let path = Path::new(DIR).join(format!("{segment:016x}.wal"));
            sim.flip_bit(&path, bit / 8, (bit % 8) as u8).expect("flip");
            let (_, recovery) = Wal::open(sim.disk(), DIR, config).expect("open");
            let mut kinds = Vec::new();
            let report = recovery.replay(Position::START, |_, kind, payload| {
                assert_eq!(payload, [kind; 20]);
                kinds.push(kind);
            });
            let report = report.expect("replay");
            let in_header = bit / 8 < 40;
            let want = if in_header { 6 } else { 5 };
            assert_eq!(kinds.len(), want, "bit {bit} of segment {segment}");
            assert!(kinds.is_sorted());
            let in_last = bit / 8 >= 40 + 2 * 44;
            if last_lost_is_cut && in_last {
                assert!(recovery.torn_tail.is_some(), "bit {bit}");
            } else {
                assert!(report.damage_bytes > 0, "bit {bit} of segment {segment}");
                assert_eq!(report.damage[0].path, path);
            }
        }
    }
}
