//! The runner of Grafana's files: what it passes, what it fails and why; and the outside
//! collection, where it is.

use std::fs;
use std::path::{Path, PathBuf};

use conformance::report::Report;
use conformance::{files, suite};

/// The closing line and the failures of everything below a folder.
fn run(folder: &Path) -> String {
    let suite = suite("grafana").expect("there is such a suite");
    let mut out = Vec::new();
    let mut report = Report::new(&mut out);
    for path in files::collect(&[folder.to_owned()], suite.extensions).expect("the folder exists") {
        (suite.run)(&path, &mut report).expect("the file can be read");
    }
    report.finish().expect("writing to memory");
    String::from_utf8(out).expect("text").replace(&format!("{}/", folder.display()), "")
}

const BOARD: &str = r#"{"title": "T", "uid": "u", "schemaVersion": 16, "panels": [
    {"id": 1, "type": "row", "panels": [{"id": 2, "type": "graph", "targets": [{"expr": "up"}]}]}, {"id": 3, "type": "singlestat"}
], "templating": {"list": [{"name": "v", "type": "query"}]}}"#;

#[test]
fn facts_are_compared_and_files_without_facts_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("board.json", BOARD);
    write("wrapped.json", &format!("{{\"dashboard\": {BOARD}}}"));
    write(
        "more/map.yaml",
        "kind: ConfigMap\ndata:\n  a.yaml: |\n    providers: [{name: p, options: {path: /x}}]\n",
    );
    assert_eq!(run(folder.path()), "3 passed, 0 failed\n");
    write(
        "MANIFEST.json",
        r#"{"dashboards": [
            {"file": "board.json", "title": "T", "uid": "u", "schemaVersion": 16, "targets": 2, "panels_by_type": {"row": 1, "graph": 1, "singlestat": 1}, "variables": [{"name": "v", "type": "custom"}], "datasources": {"loki": 1}},
            {"file": "wrapped.json", "title": "T", "uid": "u", "wrapped": true, "targets": 1, "panels_by_type": {"row": 1, "graph": 1, "singlestat": 1}},
            {"file": "gone.json"}
        ], "files": [{"file": "more/map.yaml", "kinds": ["apps"], "valid": true}, {"file": "more/bad.yaml", "kinds": ["apps"], "valid": false}]}"#,
    );
    write("more/bad.yaml", "apps: [{name: none}]\n");
    write("broken.json", "{\"title\":\n nope}");
    write("alerting.json", r#"{"groups": [{"name": "g"}]}"#);
    assert_eq!(
        run(folder.path()),
        "FAIL MANIFEST.json:gone.json: is listed, but not there\n\
         FAIL alerting.json:file: should be valid, but line 1: rule group \"g\" has no folder\n\
         FAIL board.json:manifest targets: want 2\n    got  1\n\
         FAIL board.json:manifest variables: want {\"v custom\": 1}\n    got  {\"v query\": 1}\n\
         FAIL board.json:manifest datasources: want 1 targets of \"loki\"\n    got  0\n\
         FAIL broken.json:import: expected ident at line 2 column 3\n\
         FAIL more/map.yaml:file: kinds\n    want [\"apps\"]\n    got  [\"providers\"]\n\
         2 passed, 7 failed\n"
    );
}

#[test]
fn the_outside_collection_passes() {
    let shared =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/grafana");
    if !shared.exists() {
        println!("skipped: {} is not there", shared.display());
        return;
    }
    let out = run(&shared);
    assert!(out.ends_with(" passed, 0 failed\n"), "{out}");
}
