//! Every target over its corpus, over what the code writes today, and over seeded damage to both.

use std::path::{Path, PathBuf};

use fuzz_bodies::{Mutator, TARGETS, Target, written_corpora};
use platform_sim::for_each_seed;

fn corpus_dir(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target)
}

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let listed = std::fs::read_dir(corpus_dir(target.name)).expect("every target has a corpus");
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.expect("it lists").path()).collect();
    paths.sort();
    let mut files: Vec<Vec<u8>> =
        paths.iter().map(|path| std::fs::read(path).expect("it reads")).collect();
    assert!(!files.is_empty(), "the corpus of {} is empty", target.name);
    let written = written_corpora().into_iter().filter(|(name, ..)| *name == target.name);
    files.extend(written.map(|(_, _, bytes)| bytes));
    files.sort();
    files.dedup();
    files
}

#[track_caller]
fn check(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target's name");
    let files = corpus(target);
    for file in &files {
        (target.run)(file);
    }
    for_each_seed(0..target.variations, |seed| {
        let mut mutator = Mutator::new(seed, &files);
        for file in &files {
            (target.run)(&mutator.mutate(file));
        }
    });
}

#[test]
fn promql() {
    check("promql");
}

#[test]
fn exposition() {
    check("exposition");
}

#[test]
fn remote_write() {
    check("remote_write");
}

#[test]
fn dashboard() {
    check("dashboard");
}

#[test]
fn provisioning() {
    check("provisioning");
}

#[test]
fn wal_segment() {
    check("wal_segment");
}

#[test]
fn wal_records() {
    check("wal_records");
}

#[test]
fn part() {
    check("part");
}

#[test]
fn manifest() {
    check("manifest");
}

#[test]
fn tombstones() {
    check("tombstones");
}

#[test]
fn every_target_is_a_program_and_has_a_corpus() {
    let fuzz = corpus_dir("");
    let manifest = std::fs::read_to_string(fuzz.join("../Cargo.toml")).expect("it is there");
    for target in TARGETS {
        let program = format!("path = \"fuzz_targets/{}.rs\"", target.name);
        assert!(manifest.contains(&program), "fuzz/Cargo.toml lacks {}", target.name);
        assert!(corpus_dir(target.name).is_dir(), "{} has no corpus", target.name);
    }
}
