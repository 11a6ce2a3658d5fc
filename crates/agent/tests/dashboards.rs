//! The bundled dashboards: that they are well formed, lie on the grid, and only ask for metrics
//! that the collector or Orrery itself produces.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent::{HostCollector, Roots, Settings};
use platform::HostClock;
use promql_syntax::{Expr, ParseOptions};
use serde_json::Value;

/// What Orrery says about itself, by type; the crates that count declare them.
const OWN: [(&str, &str); 22] = [
    ("orrery_build_info", "gauge"),
    ("orrery_ingest_samples_total", "counter"),
    ("orrery_ingest_rejected_samples_total", "counter"),
    ("orrery_head_samples_appended_total", "counter"),
    ("orrery_head_series", "gauge"),
    ("orrery_head_chunks_bytes", "gauge"),
    ("orrery_wal_written_bytes_total", "counter"),
    ("orrery_wal_syncs_total", "counter"),
    ("orrery_wal_sync_duration_seconds", "histogram"),
    ("orrery_parts", "gauge"),
    ("orrery_parts_bytes", "gauge"),
    ("orrery_query_duration_seconds", "histogram"),
    ("orrery_query_samples_total", "counter"),
    ("orrery_portal_queries_total", "counter"),
    ("orrery_queries_in_flight", "gauge"),
    ("orrery_http_requests_total", "counter"),
    ("orrery_http_request_duration_seconds", "histogram"),
    ("orrery_scrape_duration_seconds", "histogram"),
    ("orrery_scrape_targets", "gauge"),
    // What every scrape adds.
    ("up", "gauge"),
    ("scrape_duration_seconds", "gauge"),
    ("scrape_samples_scraped", "gauge"),
];

const PANEL_TYPES: [&str; 7] = ["timeseries", "stat", "gauge", "bargauge", "table", "text", "row"];
const COLUMNS: u64 = 24;

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn boards() -> Vec<(String, Value)> {
    let dir = project("dashboards/orrery");
    let names = ["host.json", "orrery.json"];
    let read = |name: &str| {
        let text = fs::read_to_string(dir.join(name)).expect("a bundled dashboard");
        (name.to_owned(), serde_json::from_str(&text).expect("valid JSON"))
    };
    names.into_iter().map(read).collect()
}

/// The type of every metric a dashboard may ask for. The made-up machine of the other tests has
/// one of everything, so nothing depends on the machine this runs on.
fn known_metrics() -> BTreeMap<String, String> {
    let machine = project("crates/agent/testdata/machine");
    let roots = Roots {
        proc: machine.join("proc"),
        sys: machine.join("sys"),
        rootfs: machine.join("root"),
    };
    let mut page = String::new();
    let clock = Arc::new(HostClock::new());
    HostCollector::new(roots, Settings::default(), clock).gather(&mut page);
    // Its mounts do not exist here, so what they say is taken from the stored page.
    let stored = project("crates/agent/testdata/machine.txt");
    page.push_str(&fs::read_to_string(stored).expect("the stored page"));
    let registry = telemetry::Registry::new();
    telemetry::register_process_metrics(&registry, Path::new("/proc"));
    registry.render(&mut page, telemetry::Format::Text004);

    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    types.chain(OWN).map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect()
}

/// All panels, those of collapsed rows included.
fn panels(board: &Value) -> Vec<&Value> {
    let top = board["panels"].as_array().expect("a list of panels");
    top.iter()
        .flat_map(|panel| {
            let inner = panel["panels"].as_array().map_or(&[][..], Vec::as_slice);
            std::iter::once(panel).chain(inner)
        })
        .collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} is not a text in {value}"))
}

/// Every selector of an expression, and whether a counter is wanted there: inside a rate it is,
/// elsewhere it is not.
fn selectors(expr: &Expr, in_rate: bool, found: &mut Vec<(String, bool)>) {
    match expr {
        Expr::Aggregate(node) => selectors(&node.expr, in_rate, found),
        Expr::Binary(node) => {
            selectors(&node.lhs, in_rate, found);
            selectors(&node.rhs, in_rate, found);
        }
        Expr::Call(node) => {
            let is_rate = ["rate", "irate", "increase"].contains(&node.function.name);
            for arg in &node.args {
                selectors(arg, is_rate, found);
            }
        }
        Expr::Matrix(node) => found.push((node.selector.name.clone().expect("a name"), in_rate)),
        Expr::Vector(node) => found.push((node.name.clone().expect("a name"), in_rate)),
        Expr::Paren(node) => selectors(&node.expr, in_rate, found),
        Expr::Unary(node) => selectors(&node.expr, in_rate, found),
        Expr::Subquery(node) => selectors(&node.expr, in_rate, found),
        Expr::Number(_) | Expr::String(_) => {}
    }
}

/// Replaces the dashboard's variables; panics at one that is not declared.
fn filled_in(expr: &str, variables: &BTreeSet<&str>) -> String {
    let expr = expr.replace("$__rate_interval", "1m");
    let mut out = String::new();
    let mut parts = expr.split('$');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, rest) = part.split_at(end.unwrap_or(part.len()));
        assert!(variables.contains(name), "${name} is not a variable in {expr}");
        out.push('x');
        out.push_str(rest);
    }
    out
}

fn check_expression(expr: &str, known: &BTreeMap<String, String>) {
    let tree = promql_syntax::parse(expr, &ParseOptions::default());
    let tree = tree.unwrap_or_else(|error| panic!("{error:?} in {expr}"));
    let mut found = Vec::new();
    selectors(&tree, false, &mut found);
    assert!(!found.is_empty(), "no metric in {expr}");
    for (name, in_rate) in found {
        let histogram = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| {
            let stem = name.strip_suffix(suffix)?;
            (known.get(stem)? == "histogram").then_some("counter")
        });
        let kind = histogram.or_else(|| known.get(&name).map(String::as_str));
        let kind = kind.unwrap_or_else(|| panic!("nobody produces {name}, asked for in {expr}"));
        // Untyped values of the kernel may be either.
        let fits = kind == "untyped" || (kind == "counter") == in_rate;
        // Counting cores is the one use of a counter that is no rate.
        assert!(fits || name == "node_cpu_seconds_total", "{name} is a {kind} in {expr}");
    }
}

#[test]
fn every_query_parses_and_asks_for_known_metrics() {
    let known = known_metrics();
    for (file, board) in boards() {
        let list = board["templating"]["list"].as_array().expect("variables");
        let variables: BTreeSet<&str> =
            list.iter().map(|variable| text(variable, "name")).collect();
        for variable in list {
            let query = text(&variable["query"], "query");
            let inner = query.strip_prefix("label_values(").and_then(|q| q.strip_suffix(')'));
            let (selector, _) = inner.and_then(|q| q.rsplit_once(',')).expect("two arguments");
            check_expression(&filled_in(selector, &variables), &known);
        }
        for panel in panels(&board) {
            let targets = panel["targets"].as_array().map_or(&[][..], Vec::as_slice);
            let title = text(panel, "title");
            assert_eq!(targets.is_empty(), panel["type"] == "row", "{file}: {title}");
            let mut refs = BTreeSet::new();
            for target in targets {
                assert!(refs.insert(text(target, "refId")), "{file}: {title}: refId twice");
                check_expression(&filled_in(text(target, "expr"), &variables), &known);
            }
        }
    }
}

#[test]
fn panels_are_described_and_of_the_types_every_page_can_draw() {
    for (file, board) in boards() {
        assert!(board["schemaVersion"].as_u64() >= Some(41), "{file}");
        let mut ids = BTreeSet::new();
        for panel in panels(&board) {
            let (title, kind) = (text(panel, "title"), text(panel, "type"));
            assert!(ids.insert(panel["id"].as_u64().expect("an id")), "{file}: id of {title}");
            assert!(PANEL_TYPES.contains(&kind), "{file}: {title} is a {kind}");
            if kind == "row" {
                continue;
            }
            assert!(!text(panel, "description").is_empty(), "{file}: {title}");
            assert!(!text(&panel["fieldConfig"]["defaults"], "unit").is_empty(), "{file}: {title}");
            assert_eq!(panel["datasource"]["uid"], "orrery-metrics", "{file}: {title}");
        }
    }
}

#[test]
fn panels_lie_on_the_grid_and_do_not_overlap() {
    for (file, board) in boards() {
        let mut taken = BTreeMap::new();
        for panel in panels(&board) {
            let title = text(panel, "title");
            let side = |key: &str| panel["gridPos"][key].as_u64().expect("a whole number");
            let (x, y, w, h) = (side("x"), side("y"), side("w"), side("h"));
            assert!(w > 0 && h > 0 && x + w <= COLUMNS, "{file}: {title}");
            for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                let other = taken.insert(cell, title);
                assert_eq!(other, None, "{file}: {title} at {cell:?}");
            }
        }
        let height = taken.keys().map(|(_, y)| y + 1).max().unwrap_or_default();
        let cells = u64::try_from(taken.len()).expect("a few thousand");
        assert_eq!(cells, height * COLUMNS, "{file}: there are holes in the page");
    }
}

#[test]
fn both_are_found_by_their_uid_and_name_each_other() {
    let boards = boards();
    let uids: Vec<&str> = boards.iter().map(|(_, board)| text(board, "uid")).collect();
    assert_eq!(uids, ["orrery-host", "orrery-self"]);
    let titles: Vec<&str> = boards.iter().map(|(_, board)| text(board, "title")).collect();
    assert_eq!(titles, ["This host", "Orrery itself"]);
    for (index, (file, board)) in boards.iter().enumerate() {
        let other = format!("/d/{}", uids[1 - index]);
        assert_eq!(text(&board["links"][0], "url"), other, "{file}");
    }
}

#[test]
fn the_provisioning_files_name_the_folder_and_the_source() {
    let read = |path: &str| -> Value {
        let text = fs::read_to_string(project("dashboards/orrery/provisioning").join(path));
        serde_saphyr::from_str(&text.expect("a provisioning file")).expect("valid YAML")
    };
    let file = read("dashboards/orrery.yaml");
    let provider = &file["providers"][0];
    assert_eq!(text(provider, "folder"), "Orrery");
    let folder = project("dashboards/orrery/provisioning/dashboards");
    let folder = folder.join(text(&provider["options"], "path"));
    assert!(folder.join("host.json").is_file(), "{}", folder.display());

    let file = read("datasources/orrery.yaml");
    let source = &file["datasources"][0];
    assert_eq!(text(source, "uid"), "orrery-metrics");
    assert_eq!(source["isDefault"], false, "Prometheus is, in sources.yaml");
}

/// The list above is only worth something if the crates really count under these names.
#[test]
fn every_metric_of_our_own_is_declared_in_some_crate() {
    let mut sources = String::new();
    let crates = fs::read_dir(project("crates")).expect("the crates");
    let mut folders: Vec<PathBuf> =
        crates.map(|entry| entry.expect("a crate").path().join("src")).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("a file or folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push_str(&fs::read_to_string(path).expect("source text"));
            }
        }
    }
    for (name, _) in OWN.iter().filter(|(name, _)| name.starts_with("orrery_")) {
        assert!(sources.contains(&format!("\"{name}")), "no crate declares {name}");
    }
}
