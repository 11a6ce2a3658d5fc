//! PromQL: tells the files of the suite apart.

pub mod diff;
pub mod parse;
pub mod script;

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::report::Report;

/// Runs one file.
pub fn run_file(path: &Path, report: &mut Report<'_>) -> anyhow::Result<()> {
    let text = fs::read_to_string(path)?;
    if path.extension().is_some_and(|extension| extension == "test") {
        return script::run(path, &text, report);
    }
    let file: serde_json::Value = serde_json::from_str(&text).context("not JSON")?;
    match file["about"]["set"].as_str() {
        Some("PromQL parse" | "PromQL of real dashboards and rules") => {
            parse::run(path, &file, report)
        }
        Some(
            "PromQL evaluation, queries of the thanos-io/promql-engine tests"
            | "prometheus/compliance PromQL queries, expanded, with expected results",
        ) => script::cases::run(path, &file, report),
        Some("synthetic demo dataset for the compliance queries") => Ok(()),
        Some(set) => Ok(report.skip(path, &format!("no runner for the set {set:?}"))?),
        None => Ok(report.skip(path, "names no set in `about`")?),
    }
}
