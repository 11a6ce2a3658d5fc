//! Framing against arbitrary records and arbitrary damage, and the committed files of version 1.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::{Disk, HostDisk};
use platform_sim::SimPlatform;
use proptest::prelude::*;
use wal::{
    OpenError, Position, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES, Wal, WalConfig, WalError,
};

const QUIET: WalConfig = WalConfig {
    segment_bytes_max: 4_000,
    record_bytes_max: 100_000,
    sync_window: std::time::Duration::from_millis(100),
    durable_ack: false,
    background_sync: false,
    resume_after: Position::START,
};

fn write(disk: &Arc<dyn Disk>, records: &[(u8, Vec<u8>)]) {
    let (wal, _) = Wal::open(Arc::clone(disk), "/wal", QUIET).expect("open");
    for (kind, payload) in records {
        wal.append(*kind, &[payload]).expect("append");
    }
}

fn read(disk: &Arc<dyn Disk>) -> (Vec<(u8, Vec<u8>)>, u64) {
    let (_, recovery) = Wal::open(Arc::clone(disk), "/wal", QUIET).expect("open");
    let mut found = Vec::new();
    let report = recovery.replay(Position::START, |_, kind, payload| {
        found.push((kind, payload.to_vec()));
    });
    let lost = recovery.torn_tail.map_or(0, |tail| tail.bytes);
    (found, lost + report.expect("replay").damage_bytes)
}

fn records() -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
    prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..3_000)), 0..12)
}

/// True when `part` can be made of `whole` by leaving records out.
fn is_subsequence(part: &[(u8, Vec<u8>)], whole: &[(u8, Vec<u8>)]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|record| rest.any(|other| other == record))
}

proptest! {
    #[test]
    fn records_come_back(records in records()) {
        let disk = SimPlatform::new(1).disk();
        write(&disk, &records);
        prop_assert_eq!(read(&disk), (records, 0));
    }

    #[test]
    fn any_cut_keeps_the_records_before_it(records in records(), cut in any::<prop::sample::Index>()) {
        let sim = SimPlatform::new(1);
        write(&sim.disk(), &records);
        let Some(last) = sim.files().pop() else { return Ok(()) };
        let file = sim.disk().open(&last).expect("open");
        let len = file.len().expect("len");
        let kept = cut.index(len as usize + 1) as u64;
        file.truncate(kept).expect("truncate");
        let (found, _) = read(&sim.disk());
        prop_assert!(records.starts_with(&found), "a cut leaves a beginning");
        // Reading mends: a second opening finds the same and nothing to complain about.
        prop_assert_eq!(read(&sim.disk()), (found, 0));
    }

    #[test]
    fn any_damage_leaves_only_true_records(
        records in records(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_u8..8), 1..20),
    ) {
        let sim = SimPlatform::new(1);
        write(&sim.disk(), &records);
        for (file, at, bit) in flips {
            let files = sim.files();
            let Some(path) = (!files.is_empty()).then(|| file.get(&files)) else { return Ok(()) };
            let len = sim.disk().len(path).expect("len") as usize;
            sim.flip_bit(path, at.index(len.max(1)) as u64, bit).ok();
        }
        let (found, _) = read(&sim.disk());
        prop_assert!(is_subsequence(&found, &records), "damage invents nothing");
    }

    #[test]
    fn any_file_is_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..4_000)) {
        let disk = SimPlatform::new(1).disk();
        disk.create_dir_all(Path::new("/wal")).expect("create dir");
        let file = disk.create_new(Path::new("/wal/0000000000000001.wal")).expect("create");
        file.append(&bytes).expect("append");
        let (found, _) = read(&disk);
        prop_assert!(found.is_empty());
    }
}

#[test]
fn limits_and_lone_giants() {
    let disk = SimPlatform::new(1).disk();
    let (wal, _) = Wal::open(Arc::clone(&disk), "/wal", QUIET).expect("open");
    let too_large = wal.append(1, &[&vec![0; 60_000], &vec![0; 40_001]]);
    assert!(matches!(
        too_large,
        Err(WalError::RecordTooLarge { bytes: 100_001, bytes_max: 100_000 })
    ));
    let first = wal.append(1, &[]).expect("an empty record is a record");
    assert_eq!(first, Position { segment: 1, offset: SEGMENT_HEADER_BYTES as u64 });
    let giant = wal.append(2, &[&vec![7; 50_000]]).expect("longer than a segment");
    assert_eq!(giant, Position { segment: 2, offset: SEGMENT_HEADER_BYTES as u64 });
    let after = wal.append(3, &[b"x"]).expect("append");
    assert_eq!(after.segment, 3);
    let stats = wal.stats();
    assert_eq!(stats.records, 3);
    assert_eq!(stats.bytes, 3 * RECORD_HEADER_BYTES as u64 + 50_001);
    assert_eq!(stats.segment_bytes, stats.bytes + 3 * SEGMENT_HEADER_BYTES as u64);
    assert_eq!(read(&disk).0.len(), 3);
}

#[test]
fn positions_are_never_used_twice() {
    let sim = SimPlatform::new(1);
    let (wal, _) = Wal::open(sim.disk(), "/wal", QUIET).expect("open");
    wal.append(1, &[b"flushed"]).expect("append");
    let checkpoint = wal.rotate().expect("rotate");
    assert_eq!(wal.rotate().expect("rotate"), checkpoint, "an empty segment is kept");
    wal.truncate_before(checkpoint).expect("truncate");
    drop(wal);
    let (wal, recovery) = Wal::open(sim.disk(), "/wal", QUIET).expect("open");
    assert!(recovery.is_empty());
    assert!(wal.append(1, &[b"later"]).expect("append") >= checkpoint);
    drop(wal);

    // Somebody has emptied the directory; the checkpoint is kept elsewhere.
    for path in sim.files() {
        sim.disk().remove(&path).expect("remove");
    }
    for resume_after in [checkpoint, Position { segment: 9, offset: 1_234 }] {
        let config = WalConfig { resume_after, ..QUIET };
        let (wal, _) = Wal::open(sim.disk(), "/wal", config).expect("open");
        assert!(wal.append(1, &[b"new"]).expect("append") >= resume_after);
    }
}

#[test]
fn a_missing_segment_is_counted() {
    let sim = SimPlatform::new(1);
    let (wal, _) = Wal::open(sim.disk(), "/wal", QUIET).expect("open");
    for _ in 0..3 {
        wal.append(1, &[b"x"]).expect("append");
        wal.rotate().expect("rotate");
    }
    drop(wal);
    sim.disk().remove(Path::new("/wal/0000000000000002.wal")).expect("remove");
    let (_, recovery) = Wal::open(sim.disk(), "/wal", QUIET).expect("open");
    let from = |segment| Position { segment, offset: 0 };
    for (start, want) in [(Position::START, 1), (from(2), 1), (from(3), 0)] {
        let report = recovery.replay(start, |_, _, _| ()).expect("replay");
        assert_eq!(report.missing_segments, want, "from {start}");
    }
}

#[test]
fn a_later_version_is_refused_by_name() {
    let sim = SimPlatform::new(1);
    write(&sim.disk(), &[(1, b"x".to_vec())]);
    let path = sim.files().pop().expect("a segment");
    let mut bytes = sim.disk().read(&path).expect("read");
    bytes[8] = 2;
    let sum = codec::checksum::checksum(&bytes[..32]);
    bytes[32..40].copy_from_slice(&sum.to_le_bytes());
    sim.disk().remove(&path).expect("remove");
    sim.disk().create_new(&path).expect("create").append(&bytes).expect("append");
    let refused = Wal::open(sim.disk(), "/wal", QUIET).err().expect("refused");
    assert!(matches!(refused, OpenError::Unsupported { version: 2, supported: 1, .. }));
    assert_eq!(
        refused.to_string(),
        "/wal/0000000000000001.wal has format version 2, this program reads up to 1"
    );
}

/// What the fixture holds; `testdata/v1` was written by version 1 and never changes.
fn fixture_records() -> Vec<(u8, Vec<u8>)> {
    vec![
        (1, b"first".to_vec()),
        (2, vec![]),
        (255, (0..=255).collect()),
        (3, vec![0xAB; 3_900]),
        (4, b"last".to_vec()),
    ]
}

fn fixture_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/v1")
}

#[test]
fn version_1_stays_readable() {
    let copy = tempfile::tempdir().expect("temporary directory");
    for entry in std::fs::read_dir(fixture_dir()).expect("fixture") {
        let entry = entry.expect("fixture");
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("copy");
    }
    let (_, recovery) = Wal::open(Arc::new(HostDisk), copy.path(), QUIET).expect("open");
    let mut found = Vec::new();
    let report = recovery.replay(Position::START, |_, kind, payload| {
        found.push((kind, payload.to_vec()));
    });
    assert!(found == fixture_records(), "{} records", found.len());
    assert_eq!(report.expect("replay").damage_bytes, 0);
}

/// Equal input gives equal bytes; a difference means that the format has changed and needs a new
/// version with fixtures of its own.
#[test]
fn version_1_is_what_is_written() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let (wal, _) = Wal::open(Arc::new(HostDisk), dir.path(), QUIET).expect("open");
    for (kind, payload) in fixture_records() {
        wal.append(kind, &[&payload]).expect("append");
    }
    drop(wal);
    for name in ["0000000000000001.wal", "0000000000000002.wal"] {
        let written = std::fs::read(dir.path().join(name)).expect("written");
        let fixture = std::fs::read(fixture_dir().join(name)).expect("fixture");
        assert!(written == fixture, "{name} differs");
    }
}
