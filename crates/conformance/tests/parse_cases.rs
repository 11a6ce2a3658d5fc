//! Runs the parse cases of the shared conformance data, where that data is present.

use std::path::PathBuf;

use conformance::report::Report;

#[test]
fn parse_cases_pass() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/promql");
    if !data.is_dir() {
        println!("skipped: no conformance data at {}", data.display());
        return;
    }
    let mut out = Vec::new();
    let mut report = Report::new(&mut out);
    for name in ["parse.json", "real_world.json"] {
        conformance::promql::run_file(&data.join(name), &mut report).unwrap();
    }
    assert!(report.passed() > 0, "the files hold no cases");
    let clean = report.finish().unwrap();
    assert!(clean, "{}", String::from_utf8_lossy(&out));
}

#[test]
fn unknown_suites_are_refused_by_name() {
    let error = conformance::suite("promqll").unwrap_err().to_string();
    assert_eq!(error, "no suite named \"promqll\"; there are: promql, prometheus, grafana");
}
