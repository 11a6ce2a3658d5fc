//! Runs our own golden scripts, and the outside ones where they are.

use std::path::{Path, PathBuf};

use conformance::report::Report;
use conformance::{files, suite};

/// Runs everything under `paths`; the failures, if there are any.
fn run(paths: &[PathBuf]) -> Result<(), String> {
    let suite = suite("promql").expect("there is such a suite");
    let mut out = Vec::new();
    let mut report = Report::new(&mut out);
    for path in files::collect(paths, suite.extensions).expect("the paths exist") {
        (suite.run)(&path, &mut report).expect("the file is of the suite");
    }
    assert!(report.passed() > 0, "no cases under {paths:?}");
    let clean = report.finish().expect("writing to memory");
    if clean { Ok(()) } else { Err(String::from_utf8_lossy(&out).into_owned()) }
}

#[test]
fn our_golden_scripts_pass() {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../promql/testdata");
    assert_eq!(run(&[ours]), Ok(()));
}

#[test]
fn the_references_scripts_and_results_pass() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/promql");
    if !shared.exists() {
        println!("skipped: {} is not there", shared.display());
        return;
    }
    let paths = ["prometheus", "compliance", "thanos_engine_cases.json"];
    let paths: Vec<PathBuf> = paths.iter().map(|path| shared.join(path)).collect();
    assert_eq!(run(&paths), Ok(()));
}
