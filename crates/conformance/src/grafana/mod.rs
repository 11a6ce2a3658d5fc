//! Grafana: dashboards and provisioning files of others, against the facts that a `MANIFEST.json`
//! beside or above them states, or against what can be counted in the file itself.

mod counted;
mod dashboards;
mod manifest;
mod provisioning;

use std::fs;
use std::path::Path;

use self::manifest::Manifest;
use crate::report::Report;

/// Runs one file. A manifest stands for the files that it lists and that are not there.
pub fn run_file(path: &Path, report: &mut Report<'_>) -> anyhow::Result<()> {
    if path.file_name().is_some_and(|name| name == manifest::NAME) {
        return Ok(manifest::missing_files(path, report)?);
    }
    let text = fs::read_to_string(path)?;
    let facts = Manifest::facts_of(path);
    let failures = if is_dashboard(path, &text) {
        dashboards::check(&text, facts.as_ref())
    } else {
        provisioning::check(path, &text, facts.as_ref())
    };
    if failures.is_empty() {
        report.pass();
    }
    for failure in failures {
        report.fail(path, failure.place, &failure.reason)?;
    }
    Ok(())
}

/// One thing that does not hold, and what it is about.
#[derive(Debug)]
struct Failure {
    place: &'static str,
    reason: String,
}

/// JSON with a dashboard's fields; alerting files may be JSON, too.
fn is_dashboard(path: &Path, text: &str) -> bool {
    if path.extension().is_none_or(|extension| extension != "json") {
        return false;
    }
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text.trim_start_matches('\u{feff}'))
    else {
        return true;
    };
    let provisioned = [
        "groups",
        "contactPoints",
        "policies",
        "muteTimes",
        "templates",
        "datasources",
        "providers",
        "apps",
    ];
    !provisioned.iter().any(|key| value.get(key).is_some_and(serde_json::Value::is_array))
}
