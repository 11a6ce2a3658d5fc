//! The manifest by itself: changes, rot, quarantine, orphans.

mod sample;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use blockfile::{Change, ListSource, Manifest, ManifestError, OpenReport, PartEntry, PartId};
use platform::{Disk, HostDisk};
use platform_sim::SimPlatform;

const DIR: &str = "/parts";

fn open(sim: &SimPlatform) -> (Manifest, OpenReport) {
    Manifest::open(sim.disk(), DIR).expect("open")
}

/// Writes and lists one part; returns its id.
fn add(manifest: &Manifest, text: &str, remove: &[PartId]) -> PartId {
    let (id, writer) = manifest.create_part(sample::OPTIONS).expect("create");
    let pages = [text.as_bytes().to_vec()];
    let part = sample::fill(writer, &pages, remove.to_vec()).expect("write");
    let change = Change {
        add: vec![PartEntry::of(id, &part)],
        remove: remove.to_vec(),
        checkpoint: Some(text.as_bytes().to_vec()),
    };
    manifest.publish(change).expect("publish");
    id
}

/// The listed parts' texts and the checkpoint.
fn contents(manifest: &Manifest) -> (Vec<String>, String) {
    let live = manifest.live();
    let texts = live.parts.iter().map(|entry| {
        let part = manifest.open_part(entry.id).expect("open part");
        String::from_utf8(sample::pages(&part).expect("read").concat()).expect("text")
    });
    (texts.collect(), String::from_utf8(live.checkpoint.clone()).expect("text"))
}

fn newest_manifest(sim: &SimPlatform) -> PathBuf {
    let is_manifest = |path: &PathBuf| path.extension().is_some_and(|end| end == "manifest");
    sim.files().into_iter().rfind(is_manifest).expect("a manifest")
}

#[track_caller]
fn check(manifest: &Manifest, texts: &[&str], checkpoint: &str) {
    let (found, found_checkpoint) = contents(manifest);
    assert_eq!(found, texts);
    assert_eq!(found_checkpoint, checkpoint);
}

#[test]
fn changes_are_seen_and_kept() {
    let sim = SimPlatform::new(1);
    let (manifest, report) = open(&sim);
    assert_eq!(report.source, ListSource::New);
    let old = manifest.live();
    let a = add(&manifest, "a", &[]);
    let b = add(&manifest, "b", &[]);
    add(&manifest, "c", &[]);
    check(&manifest, &["a", "b", "c"], "c");
    assert!(old.parts.is_empty(), "a list that was taken does not change");
    add(&manifest, "ab", &[a, b]);
    check(&manifest, &["c", "ab"], "ab");
    assert!(manifest.open_part(a).is_err(), "the merged parts are deleted");
    drop(manifest);
    let (manifest, report) = open(&sim);
    assert_eq!(report.source, ListSource::Current);
    check(&manifest, &["c", "ab"], "ab");
    assert_eq!(add(&manifest, "d", &[]), PartId(4), "ids go on");
    let is_manifest = |path: &&PathBuf| path.extension().is_some_and(|end| end == "manifest");
    assert_eq!(sim.files().iter().filter(is_manifest).count(), 2, "the last and the one before");
}

#[test]
fn a_change_that_does_not_fit_is_refused() {
    let sim = SimPlatform::new(1);
    let (manifest, _) = open(&sim);
    let a = add(&manifest, "a", &[]);
    let entry = manifest.live().parts[0];
    let changes = [
        Change { remove: vec![PartId(99)], ..Change::default() },
        Change { add: vec![entry], ..Change::default() },
        Change { remove: vec![a, a], ..Change::default() },
        Change { checkpoint: Some(vec![0; (1 << 20) + 1]), ..Change::default() },
    ];
    for change in changes {
        let refused = manifest.publish(change).expect_err("refused");
        assert!(matches!(refused, ManifestError::Conflict { .. }), "{refused}");
    }
    check(&manifest, &["a"], "a");
}

/// Every bit of the newest generation: found, said, and nothing is lost but the last checkpoint.
#[test]
fn a_rotten_manifest_is_rebuilt_from_its_parts() {
    let write = || {
        let sim = SimPlatform::new(1);
        let (manifest, _) = open(&sim);
        let a = add(&manifest, "a", &[]);
        let b = add(&manifest, "b", &[]);
        add(&manifest, "ab", &[a, b]);
        add(&manifest, "c", &[]);
        sim
    };
    let sim = write();
    let len = sim.disk().len(&newest_manifest(&sim)).expect("len");
    for bit in 0..len * 8 {
        let sim = write();
        let newest = newest_manifest(&sim);
        sim.flip_bit(&newest, bit / 8, (bit % 8) as u8).expect("flip");
        let (manifest, report) = open(&sim);
        assert_eq!(report.source, ListSource::Previous, "bit {bit}");
        assert_eq!(report.manifests_damaged, [newest]);
        assert_eq!((report.adopted, report.missing), (vec![PartId(3)], vec![]));
        check(&manifest, &["ab", "c"], "ab");
        drop(manifest);
        let (manifest, report) = open(&sim);
        assert_eq!(report.source, ListSource::Current, "the repair is kept");
        check(&manifest, &["ab", "c"], "ab");
    }
}

#[test]
fn without_any_manifest_the_parts_speak_for_themselves() {
    let sim = SimPlatform::new(1);
    let (manifest, _) = open(&sim);
    let a = add(&manifest, "a", &[]);
    add(&manifest, "b", &[]);
    // A merge that was listed, and whose input a crash has left.
    let (_, writer) = manifest.create_part(sample::OPTIONS).expect("create");
    sample::fill(writer, &[b"a2".to_vec()], vec![a]).expect("write");
    drop(manifest);
    while sim.files().iter().any(|p| p.extension().is_some_and(|end| end == "manifest")) {
        sim.disk().remove(&newest_manifest(&sim)).expect("remove");
    }
    let (manifest, report) = open(&sim);
    assert_eq!(report.source, ListSource::Rebuilt);
    assert_eq!(report.adopted, [PartId(1), PartId(2)]);
    check(&manifest, &["b", "a2"], "");
    assert_eq!(add(&manifest, "c", &[]), PartId(3));
}

#[test]
fn orphans_and_leftovers_go() {
    let sim = SimPlatform::new(1);
    let (manifest, _) = open(&sim);
    add(&manifest, "a", &[]);
    let (_, writer) = manifest.create_part(sample::OPTIONS).expect("create");
    sample::fill(writer, &[b"never listed".to_vec()], vec![]).expect("write");
    for name in ["0000000000000007.part.tmp", "0000000000000009.manifest.tmp"] {
        sim.disk().create_new(&Path::new(DIR).join(name)).expect("create");
    }
    let foreign = Path::new(DIR).join("notes.txt");
    sim.disk().create_new(&foreign).expect("create");
    drop(manifest);
    let (manifest, report) = open(&sim);
    assert_eq!(report.orphans_removed.len(), 3, "{report:?}");
    check(&manifest, &["a"], "a");
    assert!(sim.files().contains(&foreign), "what is not ours stays");
}

/// What is left when a damaged part could not be moved to quarantine, as on a full disk.
#[test]
fn a_damaged_part_that_is_not_listed_is_kept_aside() {
    let sim = SimPlatform::new(1);
    let (manifest, _) = open(&sim);
    add(&manifest, "a", &[]);
    let (_, writer) = manifest.create_part(sample::OPTIONS).expect("create");
    sample::fill(writer, &[b"never listed".to_vec()], vec![]).expect("write");
    drop(manifest);
    let orphan = Path::new(DIR).join("0000000000000001.part");
    let len = sim.disk().len(&orphan).expect("len");
    sim.flip_bit(&orphan, len - 20, 3).expect("flip");
    let (manifest, report) = open(&sim);
    assert_eq!((report.quarantined, report.orphans_removed), (vec![orphan], vec![]));
    check(&manifest, &["a"], "a");
    let aside = Path::new(DIR).join("quarantine").join("0000000000000001.part");
    assert!(sim.files().contains(&aside));
}

#[test]
fn a_damaged_part_is_set_aside_and_the_rest_serves() {
    let sim = SimPlatform::new(1);
    let (manifest, _) = open(&sim);
    let a = add(&manifest, "a", &[]);
    add(&manifest, "b", &[]);
    manifest.quarantine(a, "checksum of page 0").expect("quarantine");
    manifest.quarantine(a, "twice is fine").expect("quarantine");
    check(&manifest, &["b"], "b");
    let dir = Path::new(DIR).join("quarantine");
    let part = dir.join("0000000000000000.part");
    let reason = sim.disk().read(&dir.join("0000000000000000.part.reason.txt")).expect("reason");
    assert_eq!(reason, b"checksum of page 0\n");
    assert!(sim.files().contains(&part), "the file is kept");
    drop(manifest);
    let (manifest, report) = open(&sim);
    assert_eq!((report.source, report.missing), (ListSource::Current, vec![]));
    check(&manifest, &["b"], "b");
}

#[test]
fn a_part_of_the_wrong_length_is_set_aside_at_opening() {
    let sim = SimPlatform::new(1);
    let (manifest, _) = open(&sim);
    let a = add(&manifest, "a", &[]);
    let b = add(&manifest, "b", &[]);
    add(&manifest, "c", &[]);
    sim.disk().open(&manifest.part_path(a)).expect("open").truncate(50).expect("truncate");
    sim.disk().remove(&manifest.part_path(b)).expect("remove");
    let path = manifest.part_path(a);
    drop(manifest);
    let (manifest, report) = open(&sim);
    assert_eq!((report.quarantined, report.missing), (vec![path], vec![b]));
    check(&manifest, &["c"], "c");
    let (_, report) = open(&sim);
    assert_eq!(report.missing, [], "the repair is kept");
}

#[test]
fn a_later_version_is_refused_by_name() {
    let sim = SimPlatform::new(1);
    drop(open(&sim));
    let path = newest_manifest(&sim);
    let mut bytes = sim.disk().read(&path).expect("read");
    bytes[8] = 2;
    let covered = bytes.len() - 8;
    let sum = codec::checksum::checksum(&bytes[..covered]);
    bytes[covered..].copy_from_slice(&sum.to_le_bytes());
    sim.disk().remove(&path).expect("remove");
    sim.disk().create_new(&path).expect("create").append(&bytes).expect("append");
    let refused = Manifest::open(sim.disk(), DIR).expect_err("refused");
    assert!(matches!(refused, ManifestError::Unsupported { version: 2, supported: 1, .. }));
    assert!(sim.files().contains(&path), "and left alone");
}

#[test]
fn threads_publish_one_after_the_other() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let (manifest, _) = Manifest::open(Arc::new(HostDisk), dir.path()).expect("open");
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let manifest = &manifest;
            scope.spawn(move || {
                for n in 0..5 {
                    add(manifest, &format!("{writer}{n}"), &[]);
                }
            });
        }
    });
    assert_eq!(manifest.live().parts.len(), 20);
    let generation = manifest.live().generation;
    drop(manifest);
    let (manifest, report) = Manifest::open(Arc::new(HostDisk), dir.path()).expect("open");
    assert_eq!((manifest.live().generation, report.source), (generation, ListSource::Current));
    let (mut texts, _) = contents(&manifest);
    texts.sort();
    let want: Vec<_> = (0..4).flat_map(|w| (0..5).map(move |n| format!("{w}{n}"))).collect();
    assert_eq!(texts, want);
}

fn fixture_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/v1/manifest")
}

/// The directory that the fixture was made of.
fn write_fixture(disk: Arc<dyn Disk>, dir: &Path) {
    let (manifest, _) = Manifest::open(disk, dir).expect("open");
    let a = add(&manifest, "a", &[]);
    let b = add(&manifest, "b", &[]);
    add(&manifest, "merged", &[a, b]);
    add(&manifest, "c", &[]);
}

#[test]
fn version_1_stays_readable() {
    let copy = tempfile::tempdir().expect("temporary directory");
    for entry in std::fs::read_dir(fixture_dir()).expect("fixture") {
        let entry = entry.expect("fixture");
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("copy");
    }
    let (manifest, report) = Manifest::open(Arc::new(HostDisk), copy.path()).expect("open");
    assert_eq!(report.source, ListSource::Current);
    assert_eq!((report.missing, report.orphans_removed), (vec![], vec![]));
    check(&manifest, &["merged", "c"], "c");
}

#[test]
fn version_1_is_what_is_written() {
    let dir = tempfile::tempdir().expect("temporary directory");
    write_fixture(Arc::new(HostDisk), dir.path());
    let listing = HostDisk.list(dir.path()).expect("list");
    assert_eq!(listing, HostDisk.list(&fixture_dir()).expect("list"));
    for entry in listing {
        let written = std::fs::read(dir.path().join(&entry.name)).expect("written");
        let fixture = std::fs::read(fixture_dir().join(&entry.name)).expect("fixture");
        assert!(written == fixture, "{} differs", entry.name);
    }
}
