//! The catalogue's dashboards: that they are well formed, ask questions that can be asked, and lie
//! where they are looked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use promql_syntax::ParseOptions;
use serde_json::Value;

use super::super::config_map::unwrap_config_maps;
use super::{files, write};
use crate::dashboard::{Envelope, KnownSource, KnownSources, view};

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Those of the catalogue and the templates, by path.
fn boards() -> BTreeMap<String, Value> {
    let mut texts: BTreeMap<String, String> = files()
        .into_iter()
        .map(|(name, data)| (name, String::from_utf8(data.into_owned()).unwrap()))
        .collect();
    for entry in fs::read_dir(project("dashboards/templates")).unwrap() {
        let path = entry.unwrap().path();
        texts.insert(path.display().to_string(), fs::read_to_string(path).unwrap());
    }
    let read = |(name, text): (String, String)| {
        Envelope::open(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, serde_json::from_str(&text).unwrap())
    };
    texts.into_iter().map(read).collect()
}

fn sources() -> KnownSources {
    let source = |kind: &str| KnownSource {
        uid: kind.to_owned(),
        name: kind.to_owned(),
        kind: kind.to_owned(),
        is_default: kind == "prometheus",
    };
    KnownSources::new(["loki", "prometheus", "tempo"].map(source).into())
}

/// All panels but rows, those of collapsed rows included.
fn panels(board: &Value) -> Vec<&Value> {
    let top = board["panels"].as_array().unwrap();
    let all = top.iter().flat_map(|panel| {
        let inside = panel["panels"].as_array().map_or(&[][..], Vec::as_slice);
        std::iter::once(panel).chain(inside)
    });
    all.filter(|panel| panel["type"] != "row").collect()
}

#[test]
fn the_named_dashboards_are_there_with_their_panels() {
    let boards = boards();
    let found: BTreeMap<&str, (&str, usize)> = boards
        .iter()
        .map(|(path, board)| {
            let folder = path.split('/').next().unwrap_or_default();
            (board["uid"].as_str().unwrap(), (folder, panels(board).len()))
        })
        .collect();
    assert_eq!(found.len(), boards.len(), "a uid is used twice");
    for (uid, folder, count) in [
        ("main-dashboard", "Platform", 5),
        ("system-overview", "Platform", 6),
        ("application-performance", "Platform", 7),
        ("database-performance", "Platform", 8),
        ("infrastructure-health", "Platform", 7),
        ("distributed-tracing", "Platform", 12),
        ("log-analysis", "Platform", 10),
        ("alert-overview", "Platform", 9),
        ("obi-network", "Kubernetes", 10),
        ("kubernetes-cluster", "Kubernetes", 16),
        ("node-resources", "Kubernetes", 13),
        ("autoweave-developer", "AutoWeave", 14),
        ("autoweave-operations", "AutoWeave", 15),
        ("autoweave-business", "AutoWeave", 10),
        ("macula-platform", "Macula", 13),
    ] {
        assert_eq!(found.get(uid), Some(&(folder, count)), "{uid}");
    }
}

#[test]
fn nothing_in_them_has_to_be_migrated_or_is_not_understood() {
    for (name, board) in boards() {
        let view = view(&board, &sources());
        assert_eq!(view.notices, Vec::<String>::new(), "{name}");
        assert!(board["schemaVersion"].as_u64() >= Some(39), "{name}");
        assert!(!view.description.is_empty() && !view.tags.is_empty(), "{name}");
        assert_eq!((view.refresh.as_str(), view.time.from.as_str()), ("30s", "now-1h"), "{name}");
        let first = &view.variables[0];
        assert_eq!(
            (first.name.as_str(), first.kind.as_str()),
            ("datasource", "datasource"),
            "{name}"
        );
        for panel in panels(&board) {
            let title = panel["title"].as_str().unwrap();
            assert!(
                panel["description"].as_str().is_some_and(|d| !d.is_empty()),
                "{name}: {title}"
            );
            assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{name}: {title}");
            for place in [panel].into_iter().chain(panel["targets"].as_array().unwrap()) {
                let uid = place["datasource"]["uid"].as_str().unwrap();
                assert!(["${datasource}", "${tempo}"].contains(&uid), "{name}: {title}: {uid}");
            }
        }
    }
}

/// The addresses of data links anywhere in `value`, and of the dashboard's own links.
fn addresses<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => {
            if object.contains_key("targetBlank")
                && let Some(url) = object.get("url").and_then(Value::as_str)
            {
                out.push(url);
            }
            object.values().for_each(|inner| addresses(inner, out));
        }
        Value::Array(list) => list.iter().for_each(|inner| addresses(inner, out)),
        _ => {}
    }
}

#[test]
fn links_lead_to_dashboards_that_have_the_variables_they_set() {
    let boards = boards();
    let mut variables: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for board in boards.values() {
        let declared = board["templating"]["list"].as_array().unwrap();
        let names = declared.iter().map(|variable| variable["name"].as_str().unwrap());
        variables.insert(board["uid"].as_str().unwrap(), names.collect());
    }
    let mut filtering = BTreeSet::new();
    for (name, board) in &boards {
        let mut found = Vec::new();
        addresses(board, &mut found);
        for url in found {
            let (path, search) = url.split_once('?').unwrap_or((url, ""));
            let uid = path.strip_prefix("/d/").unwrap_or_else(|| panic!("{name}: {url}"));
            let declared = variables.get(uid).unwrap_or_else(|| panic!("{name}: {url}"));
            for part in search.split('&').filter_map(|part| part.strip_prefix("var-")) {
                let variable = part.split('=').next().unwrap();
                assert!(declared.contains(variable), "{name}: {url}");
                filtering.insert((uid, variable));
            }
        }
    }
    for lead in [
        ("main-dashboard", "tenant_id"),
        ("autoweave-business", "tenant_id"),
        ("kubernetes-cluster", "namespace"),
    ] {
        assert!(filtering.contains(&lead), "no table leads to {lead:?}");
    }
}

#[test]
fn panels_lie_on_the_grid_without_holes_or_overlaps() {
    for (name, board) in boards() {
        let mut taken = BTreeMap::new();
        let mut ids = BTreeSet::new();
        for panel in board["panels"].as_array().unwrap() {
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{name}: an id is used twice");
            let side = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            let (x, y) = (side("x"), side("y"));
            for cell in (x..x + side("w")).flat_map(|x| (y..y + side("h")).map(move |y| (x, y))) {
                assert!(cell.0 < 24, "{name}: {}", panel["title"]);
                let other = taken.insert(cell, panel["title"].clone());
                assert_eq!(other, None, "{name}: {} at {cell:?}", panel["title"]);
            }
        }
        let height = taken.keys().map(|(_, y)| y + 1).max().unwrap();
        assert_eq!(taken.len(), usize::try_from(height * 24).unwrap(), "{name}: holes");
    }
}

/// Puts something in the place of every variable; panics at one that is not declared.
fn filled_in(expr: &str, declared: &BTreeSet<String>) -> String {
    let mut out = String::new();
    let mut rest = expr;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let braced = after.strip_prefix('{');
        let start = braced.unwrap_or(after);
        let end = start.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, tail) = start.split_at(end.unwrap_or(start.len()));
        rest = if braced.is_some() { tail.strip_prefix('}').unwrap_or(tail) } else { tail };
        match name {
            "__rate_interval" | "__range" => out.push_str("1m"),
            // A group of a regular expression.
            group if group.starts_with(|c: char| c.is_ascii_digit()) => out.push('x'),
            name => {
                assert!(declared.contains(name), "${name} is no variable in {expr}");
                out.push('x');
            }
        }
    }
    out.push_str(rest);
    out
}

#[test]
fn every_promql_query_parses() {
    for (name, board) in boards() {
        let list = board["templating"]["list"].as_array().unwrap();
        let declared: BTreeSet<String> =
            list.iter().map(|v| v["name"].as_str().unwrap().to_owned()).collect();
        let parse = |expr: &str| {
            let expr = filled_in(expr, &declared);
            promql_syntax::parse(&expr, &ParseOptions::default())
                .unwrap_or_else(|error| panic!("{name}: {error:?} in {expr}"));
        };
        for variable in list.iter().filter(|v| v["datasource"]["type"] == "prometheus") {
            let query = variable["query"]["query"].as_str().unwrap();
            let inner = query.strip_prefix("label_values(").and_then(|q| q.strip_suffix(')'));
            match inner.and_then(|inner| inner.rsplit_once(',')) {
                Some((selector, _)) => parse(selector),
                None => assert!(query.starts_with("metrics("), "{name}: {query}"),
            }
        }
        for panel in panels(&board) {
            for target in panel["targets"].as_array().unwrap() {
                if target["datasource"]["uid"] == "${datasource}"
                    && panel["datasource"]["type"] == "prometheus"
                {
                    parse(target["expr"].as_str().unwrap());
                }
            }
        }
    }
}

/// The main dashboard lies in a manifest and in the documentation, too;
/// `scripts/dashboard-copies.sh` writes both.
#[test]
fn the_copies_of_the_main_dashboard_agree() {
    let read = |path: &str| fs::read_to_string(project(path)).unwrap();
    let source = read("dashboards/main-dashboard.json");
    assert_eq!(read("docs/dashboards/main-dashboard.json"), source);
    let manifest = unwrap_config_maps(&read("k8s/grafana-dashboard.yaml")).unwrap().unwrap();
    let names: Vec<&str> = manifest.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["main-dashboard.json", "main.yaml"]);
    assert_eq!(manifest[0].1, source);
}

#[test]
fn files_are_laid_out_by_folder_and_stale_ones_removed() {
    let dir = tempfile::TempDir::new().unwrap();
    let root = dir.path().join("catalogue");
    write(&root).unwrap();
    let main = root.join("Platform/main-dashboard.json");
    let written = fs::metadata(&main).unwrap().modified().unwrap();
    fs::write(root.join("Platform/gone.json"), "{}").unwrap();
    fs::create_dir(root.join("Gone")).unwrap();
    fs::write(root.join("Gone/gone.json"), "{}").unwrap();
    write(&root).unwrap();
    assert_eq!(fs::metadata(&main).unwrap().modified().unwrap(), written, "an equal file stays");
    assert!(!root.join("Platform/gone.json").exists() && !root.join("Gone/gone.json").exists());
    assert!(root.join("Kubernetes/obi-network.json").is_file());
    assert!(
        !root.join("Platform/host.json").exists() && !root.join("Platform/service.json").exists()
    );
}
