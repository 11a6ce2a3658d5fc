//! The simulated faults do what they say: each crash keeps exactly what it must.

use std::io::ErrorKind;
use std::path::Path;

use platform::Disk;
use platform_sim::{Crash, Faults, SimPlatform, for_each_seed, is_crashed};

const DIR: &str = "/d";

fn machine(seed: u64) -> SimPlatform {
    let sim = SimPlatform::new(seed);
    sim.disk().create_dir_all(Path::new(DIR)).expect("create dir");
    sim
}

fn path(name: &str) -> std::path::PathBuf {
    Path::new(DIR).join(name)
}

/// Creates a file whose content and name are durable.
fn store(disk: &dyn Disk, name: &str, bytes: &[u8]) {
    let file = disk.create_new(&path(name)).expect("create");
    file.append(bytes).expect("append");
    file.sync_data().expect("sync");
    disk.sync_dir(Path::new(DIR)).expect("sync dir");
}

/// How many of `seeds` machines satisfy `outcome`.
fn count(seeds: u64, outcome: impl Fn(u64) -> bool) -> u64 {
    (0..seeds).filter(|seed| outcome(*seed)).count() as u64
}

#[test]
fn a_process_crash_keeps_everything() {
    let sim = machine(1);
    let disk = sim.disk();
    disk.create_new(&path("a")).expect("create").append(b"never synced").expect("append");
    disk.rename(&path("a"), &path("b")).expect("rename");
    sim.reopen(Crash::Process);
    assert_eq!(disk.read(&path("b")).expect("read"), b"never synced");
    assert_eq!(disk.len(&path("a")).expect_err("moved").kind(), ErrorKind::NotFound);
}

#[test]
fn a_power_loss_keeps_what_was_synced_and_any_part_of_the_rest() {
    let outcome = |seed| {
        let sim = machine(seed);
        store(&*sim.disk(), "a", &[1; 1_000]);
        sim.disk().open(&path("a")).expect("open").append(&[2; 3_000]).expect("append");
        sim.reopen(Crash::PowerLoss);
        let bytes = sim.disk().read(&path("a")).expect("read");
        assert!(bytes.len() >= 1_000 && bytes[..1_000] == [1; 1_000], "seed {seed}");
        assert!(bytes[1_000..].iter().all(|byte| [0, 2].contains(byte)), "seed {seed}");
        bytes
    };
    assert!(count(200, |seed| outcome(seed).len() == 1_000) > 10, "lost wholly");
    assert!(count(200, |seed| outcome(seed) == [vec![1; 1_000], vec![2; 3_000]].concat()) > 10);
    let torn = |seed| matches!(outcome(seed).len(), 1_001..4_000);
    assert!(count(200, torn) > 10, "cut in between");
    let hole = |seed| outcome(seed)[1_000..].windows(2).any(|pair| pair == [0, 2]);
    assert!(count(200, hole) > 10, "with holes");
}

#[test]
fn names_are_lost_until_the_directory_is_synced() {
    let outcome = |seed| {
        let sim = machine(seed);
        let disk = sim.disk();
        store(&*disk, "target", b"old");
        let file = disk.create_new(&path("source")).expect("create");
        file.append(b"new").expect("append");
        file.sync_data().expect("sync");
        disk.rename(&path("source"), &path("target")).expect("rename");
        sim.reopen(Crash::PowerLoss);
        // A rename is never seen by halves: the target is the old file or the new one.
        let target = disk.read(&path("target")).expect("read");
        assert!(target == b"old" || target == b"new", "seed {seed}");
        if target == b"new" {
            assert!(disk.len(&path("source")).is_err(), "seed {seed}: one file, one name");
        }
        target == b"old"
    };
    let kept_old = count(200, outcome);
    assert!((20..180).contains(&kept_old), "{kept_old} of 200");

    for_each_seed(0..50, |seed| {
        let sim = machine(seed);
        let disk = sim.disk();
        store(&*disk, "a", b"a");
        disk.remove(&path("a")).expect("remove");
        disk.sync_dir(Path::new(DIR)).expect("sync dir");
        sim.reopen(Crash::PowerLoss);
        assert!(disk.len(&path("a")).is_err(), "a synced removal stays");
    });
}

#[test]
fn after_a_failed_sync_a_good_one_proves_nothing() {
    let lost = count(200, |seed| {
        let sim = machine(seed);
        store(&*sim.disk(), "a", b"");
        let file = sim.disk().open(&path("a")).expect("open");
        file.append(&[5; 2_000]).expect("append");
        sim.set_faults(Faults { sync_error_one_in: 1, ..Faults::NONE });
        file.sync_data().expect_err("fails");
        sim.set_faults(Faults::NONE);
        file.sync_data().expect("the second one works");
        assert_eq!(sim.disk().read(&path("a")).expect("read"), [5; 2_000], "the cache shows it");
        sim.reopen(Crash::PowerLoss);
        sim.disk().read(&path("a")).expect("read") != [5; 2_000]
    });
    assert!((20..180).contains(&lost), "{lost} of 200");
}

#[test]
fn a_lying_sync_is_known_afterwards() {
    let sim = machine(3);
    sim.set_faults(Faults { lying_sync_one_in: 1, ..Faults::NONE });
    assert!(!sim.has_lied());
    store(&*sim.disk(), "a", b"a");
    assert!(sim.has_lied());
    let lost = count(50, |seed| {
        let sim = machine(seed);
        sim.set_faults(Faults { lying_sync_one_in: 1, ..Faults::NONE });
        store(&*sim.disk(), "a", b"a");
        sim.reopen(Crash::PowerLoss);
        sim.disk().read(&path("a")).ok() != Some(b"a".to_vec())
    });
    assert!(lost > 10, "{lost} of 50");
}

#[test]
fn a_full_disk_takes_what_fits() {
    let sim = machine(1);
    sim.set_faults(Faults { capacity_bytes: Some(100), ..Faults::NONE });
    let file = sim.disk().create_new(&path("a")).expect("create");
    let full = file.append(&[1; 150]).expect_err("full");
    assert_eq!(full.kind(), ErrorKind::StorageFull);
    assert_eq!(file.len().expect("len"), 100, "half-way");
    assert_eq!(sim.disk().free_bytes(Path::new(DIR)).expect("free"), 0);
    file.truncate(40).expect("truncate");
    assert_eq!(sim.disk().free_bytes(Path::new(DIR)).expect("free"), 60);
}

#[test]
fn after_the_nth_operation_everything_fails_until_the_next_life() {
    let sim = machine(1);
    let disk = sim.disk();
    let lock = disk.lock(Path::new(DIR)).expect("lock");
    sim.crash_after(3);
    let file = disk.create_new(&path("a")).expect("1");
    file.append(b"x").expect("2");
    assert!(is_crashed(&file.sync_data().expect_err("3: the crash")));
    assert!(sim.is_crashed());
    assert!(is_crashed(&file.append(b"y").expect_err("down")));
    assert!(is_crashed(&disk.read(&path("a")).expect_err("down")));
    sim.reopen(Crash::Process);
    assert!(is_crashed(&file.append(b"y").expect_err("a handle of an earlier life")));
    assert_eq!(disk.read(&path("a")).expect("read"), b"x");
    let _again = disk.lock(Path::new(DIR)).expect("locks die with their process");
    drop(lock);
    assert!(disk.lock(Path::new(DIR)).is_err(), "and an old guard frees nothing");
}

#[test]
fn equal_seeds_run_alike() {
    let run = |seed| {
        let sim = machine(seed);
        sim.set_faults(Faults { io_error_one_in: 3, ..Faults::NONE });
        let results: Vec<bool> =
            (0..50).map(|n| sim.disk().create_new(&path(&n.to_string())).is_ok()).collect();
        sim.reopen(Crash::PowerLoss);
        (results, sim.files(), sim.platform().random.u64().expect("random"))
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
#[should_panic(expected = "seed 3 failed (repeat with ORRERY_SIM_SEEDS=3): three is bad")]
fn the_seed_is_named() {
    for_each_seed(0..5, |seed| assert!(seed != 3, "three is bad"));
}
