//! The rules of the house, checked by machine: layers, the crate map, opening sentences, file
//! sizes, names, and who may open a store.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Lines a source file may have; declarative tables and generated code are listed by name.
const FILE_LINES_MAX: usize = 800;
const EXEMPT_FROM_SIZE: [&str; 0] = [];

/// A crate or module so named has no subject.
const NAMELESS: [&str; 6] = ["common", "util", "utils", "helpers", "manager", "misc"];

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("crates/orrery lies two folders below the root").to_owned()
}

fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".into()])
        .exec()
        .expect("cargo metadata reads the workspace")
}

fn layer(package: &Package) -> u64 {
    package.metadata["orrery"]["layer"]
        .as_u64()
        .unwrap_or_else(|| panic!("{} names no [package.metadata.orrery] layer", package.name))
}

/// Files of the project with one of the endings, whether committed yet or not.
fn sources(endings: &[&str]) -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the project's files");
    let names = String::from_utf8(listed.stdout).expect("file names are UTF-8");
    names
        .lines()
        .filter(|name| endings.iter().any(|ending| name.ends_with(ending)))
        .filter_map(|name| Some((name.to_owned(), fs::read_to_string(root().join(name)).ok()?)))
        .collect()
}

#[track_caller]
fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn no_arrow_points_up() {
    let metadata = workspace();
    let members = metadata.workspace_packages();
    let mut wrong = Vec::new();
    for package in &members {
        for dependency in &package.dependencies {
            let below = members.iter().find(|m| m.name.as_str() == dependency.name);
            let Some(below) = below.filter(|_| dependency.kind == DependencyKind::Normal) else {
                continue;
            };
            if layer(package) <= layer(below) {
                wrong.push(format!("{} must not depend on {}", package.name, below.name));
            }
        }
    }
    assert_none("arrows that do not point down", &wrong);
}

#[test]
fn the_map_lists_every_crate_on_its_layer_and_nothing_else() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there");
    let rows = map.lines().filter(|line| line.starts_with("| `"));
    let listed: BTreeSet<(String, u64)> = rows
        .filter_map(|row| {
            let mut cells = row.trim_matches('|').split('|').map(str::trim);
            let name = cells.next()?.trim_matches('`').to_owned();
            Some((name, cells.next()?.parse().ok()?))
        })
        .collect();
    let metadata = workspace();
    let real: BTreeSet<(String, u64)> =
        metadata.workspace_packages().iter().map(|p| (p.name.to_string(), layer(p))).collect();
    assert_eq!(listed, real, "ARCHITECTURE.md's map (left) differs from the workspace (right)");
}

#[test]
fn every_source_file_opens_by_saying_what_it_is() {
    let rust = sources(&[".rs"]).into_iter().filter(|(_, text)| !text.starts_with("//!"));
    let web = sources(&[".ts", ".tsx", ".mjs", ".css"])
        .into_iter()
        .filter(|(_, text)| !["/**", "/*", "//"].iter().any(|open| text.starts_with(open)));
    let silent: Vec<String> = rust.chain(web).map(|(name, _)| name).collect();
    assert_none("files without an opening comment", &silent);
}

#[test]
fn no_file_is_longer_than_it_may_be() {
    let long: Vec<String> = sources(&[".rs", ".ts", ".tsx", ".mjs", ".css"])
        .into_iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(name, lines)| *lines > FILE_LINES_MAX && !EXEMPT_FROM_SIZE.contains(&&**name))
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert_none("files longer than the limit", &long);
}

#[test]
fn every_folder_and_file_has_a_subject() {
    let vague: Vec<String> = sources(&[".rs", ".ts", ".tsx"])
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| {
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            stem.split('/').any(|part| NAMELESS.contains(&part))
        })
        .collect();
    assert_none("names without a subject", &vague);
}

/// `Scope` is the key that opens a store; only the crate that decides who is asking cuts keys.
#[test]
fn only_auth_grants_scopes() {
    let grant = ["Scope::", "grant("].concat();
    let allowed = |name: &str| {
        name.starts_with("crates/auth/")
            || name.starts_with("crates/query/src/scope.rs")
            || name.contains("/tests/")
            || name.contains("/benches/")
            || name.contains("/examples/")
            || name.starts_with("crates/conformance/")
            || name.starts_with("crates/bench/")
            || name.starts_with("crates/fuzz-bodies/")
    };
    let wrong: Vec<String> = sources(&[".rs"])
        .into_iter()
        .filter(|(name, _)| !allowed(name) && !name.ends_with("tests.rs"))
        .filter(|(_, text)| {
            // Inline test modules stand at the end of a file.
            let product = text.split("#[cfg(test)]").next().unwrap_or_default();
            product.contains(&grant)
        })
        .map(|(name, _)| name)
        .collect();
    assert_none("files that open stores on their own", &wrong);
}

/// A statement-level `matches!(…);` checks nothing, and no lint says so.
#[test]
fn no_test_forgets_its_assertion() {
    let wrong: Vec<String> = sources(&[".rs"])
        .into_iter()
        .flat_map(|(name, text)| {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let hits: Vec<String> = lines
                .windows(2)
                .enumerate()
                .filter(|(_, pair)| pair[0].is_empty() || pair[0].ends_with([';', '{', '}']))
                .filter(|(_, pair)| pair[1].starts_with("matches!(") && pair[1].ends_with(");"))
                .map(|(i, _)| format!("{name}:{}", i + 2))
                .collect();
            hits
        })
        .collect();
    assert_none("matches! whose answer nobody reads", &wrong);
}
