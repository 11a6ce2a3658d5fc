//! Prometheus: what it reads from the outside, which are configuration, scraped texts and remote
//! writes. Tells the files of the suite apart.

mod config;
mod exposition;
mod relabel;
mod remote_write;

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use crate::report::Report;

/// Runs one file.
pub fn run_file(path: &Path, report: &mut Report<'_>) -> anyhow::Result<()> {
    let text = fs::read_to_string(path)?;
    let file: Value = serde_json::from_str(&text).context("not JSON")?;
    if path.to_str().is_some_and(|path| path.ends_with(".expect.json")) {
        return exposition::run_whole_file(path, &file, report);
    }
    let check: fn(&Path, &Value) -> Result<(), String> = match file["about"]["set"].as_str() {
        Some("metrics exposition texts") => exposition::check,
        Some("remote write receiver conformance") => remote_write::check,
        Some("remote write / read messages") => remote_write::check_message,
        Some("Prometheus server configuration files") => config::check,
        Some("relabelling") => relabel::check_rewrite,
        Some("relabel config validation") => relabel::check_rule,
        Some(set) => return Ok(report.skip(path, &format!("no runner for the set {set:?}"))?),
        None => return Ok(report.skip(path, "names no set in `about`")?),
    };
    let cases = file["cases"].as_array().context("no list of cases")?;
    for case in cases {
        let place =
            ["id", "file", "name"].iter().find_map(|key| case[*key].as_str()).unwrap_or("?");
        if case["version"] == "read" {
            report.skip(path, &format!("{place}: remote read has no decoder"))?;
            continue;
        }
        match check(path, case) {
            Ok(()) => report.pass(),
            Err(message) => report.fail(path, place, &message)?,
        }
    }
    Ok(())
}
