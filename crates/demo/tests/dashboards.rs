//! Every metric, and every combination of labels, that a panel of a named dashboard asks for is
//! one that the demo makes. Panels about logs and traces are listed.

use std::fs;
use std::path::{Path, PathBuf};

use demo::World;
use model::Matcher;
use promql_syntax::ast::VectorSelector;
use promql_syntax::{Expr, ParseOptions};
use serde_json::Value;

/// Dashboard and title of the panels that ask for no metrics.
const NO_METRICS: [(&str, &str); 13] = [
    ("distributed-tracing", "Service Map"),
    ("distributed-tracing", "Slow Traces"),
    ("distributed-tracing", "Failed Traces"),
    ("log-analysis", "Lines per Second"),
    ("log-analysis", "Errors per Second"),
    ("log-analysis", "Bytes per Second"),
    ("log-analysis", "Streams"),
    ("log-analysis", "Lines by Application"),
    ("log-analysis", "Errors by Application"),
    ("log-analysis", "Loudest Applications"),
    ("log-analysis", "Bytes by Application"),
    ("log-analysis", "Error Lines"),
    ("log-analysis", "Lines"),
];
/// Folders of the named dashboards; those below `orrery` are about the host and Orrery itself.
const FOLDERS: [&str; 4] =
    ["dashboards", "dashboards/autoweave", "dashboards/macula", "docker/grafana/dashboards"];

fn boards() -> Vec<Value> {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files =
        FOLDERS.iter().flat_map(|folder| fs::read_dir(root.join(folder)).expect("a folder"));
    let mut paths: Vec<PathBuf> = files
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    paths.sort();
    let text = |path: PathBuf| fs::read_to_string(path).expect("a dashboard");
    paths.into_iter().map(|path| serde_json::from_str(&text(path)).expect("JSON")).collect()
}

fn panels(board: &Value) -> Vec<&Value> {
    let top = board["panels"].as_array().expect("panels");
    top.iter()
        .flat_map(|panel| {
            let inner = panel["panels"].as_array().map_or(&[][..], Vec::as_slice);
            std::iter::once(panel).chain(inner)
        })
        .filter(|panel| panel["type"] != "row")
        .collect()
}

/// Variables become what "All" means; durations a minute.
fn filled_in(expression: &str) -> String {
    let mut out = String::new();
    let mut parts = expression.split('$');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, rest) = part.split_at(end.unwrap_or(part.len()));
        match name {
            "__rate_interval" | "__interval" | "__range" => out.push_str("1m"),
            // What label_replace refers to.
            "" | "1" => {
                out.push('$');
                out.push_str(name);
            }
            _ => out.push_str(".*"),
        }
        out.push_str(rest);
    }
    out
}

fn selectors<'e>(expr: &'e Expr, found: &mut Vec<&'e VectorSelector>) {
    match expr {
        Expr::Aggregate(node) => selectors(&node.expr, found),
        Expr::Binary(node) => {
            selectors(&node.lhs, found);
            selectors(&node.rhs, found);
        }
        Expr::Call(node) => node.args.iter().for_each(|arg| selectors(arg, found)),
        Expr::Matrix(node) => found.push(&node.selector),
        Expr::Vector(node) => found.push(node),
        Expr::Paren(node) => selectors(&node.expr, found),
        Expr::Unary(node) => selectors(&node.expr, found),
        Expr::Subquery(node) => selectors(&node.expr, found),
        Expr::Number(_) | Expr::String(_) => {}
    }
}

fn made(world: &World, selector: &VectorSelector) -> bool {
    let matchers: Vec<Matcher> = selector
        .matchers
        .iter()
        .map(|matcher| promql::compile_matcher(matcher).expect("a matcher"))
        .collect();
    world.series().iter().any(|series| {
        matchers.iter().all(|matcher| {
            let label = series.labels.iter().find(|(name, _)| name == matcher.name());
            matcher.matches(label.map_or("", |(_, value)| value))
        })
    })
}

#[test]
fn the_demo_makes_every_metric_that_a_named_dashboard_asks_for() {
    let world = World::new(1, 15_000);
    let mut missing = Vec::new();
    let mut without_metrics = Vec::new();
    let mut asked = 0;
    let boards = boards();
    for board in &boards {
        let uid = board["uid"].as_str().expect("a uid");
        for panel in panels(board) {
            let title = panel["title"].as_str().expect("a title");
            let targets = panel["targets"].as_array().expect("targets");
            let is_promql = |target: &Value| {
                let source = &target["datasource"]["type"];
                let source = if source.is_null() { &panel["datasource"]["type"] } else { source };
                *source == "prometheus"
            };
            if !targets.iter().any(is_promql) {
                without_metrics.push((uid, title));
                continue;
            }
            for target in targets {
                let expression = filled_in(target["expr"].as_str().expect("an expression"));
                let tree = promql_syntax::parse(&expression, &ParseOptions::default());
                let tree = tree.unwrap_or_else(|error| panic!("{error:?} in {expression}"));
                let mut found = Vec::new();
                selectors(&tree, &mut found);
                asked += found.len();
                let lacking = found.into_iter().filter(|selector| !made(&world, selector));
                missing.extend(lacking.map(|selector| {
                    let span = selector.span.start..selector.span.end;
                    format!("{uid} / {title}: {}", &expression[span])
                }));
            }
        }
    }
    without_metrics.sort_unstable();
    let mut listed = NO_METRICS.to_vec();
    listed.sort_unstable();
    assert_eq!(without_metrics, listed);
    assert!(missing.is_empty(), "the demo does not make:\n  {}", missing.join("\n  "));
    assert!(asked > 150, "{asked} selectors");
}
