//! Parse cases: is the query valid, of which type, and how does it print.
//!
//! They are those of Prometheus 3.14, where more was experimental than is by default now, and where
//! names in UTF-8 needed quotes.

use std::path::Path;

use anyhow::Context as _;
use promql_syntax::{Expr, ParseError, ParseOptions, parse, prettify};
use serde::Deserialize;

use crate::report::Report;

#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    query: String,
    /// Left out in the set of real queries, which are all valid.
    #[serde(default = "valid")]
    valid: bool,
    #[serde(default)]
    valid_with_experimental: bool,
    r#type: Option<String>,
    canonical: Option<String>,
    pretty: Option<String>,
}

fn valid() -> bool {
    true
}

/// Runs every case of a parsed file; one verdict each.
pub fn run(path: &Path, file: &serde_json::Value, report: &mut Report<'_>) -> anyhow::Result<()> {
    let cases: Vec<Case> = Deserialize::deserialize(&file["cases"]).context("cases")?;
    for case in &cases {
        match check(case) {
            Ok(()) => report.pass(),
            Err(message) => {
                let message = format!("{}\n{message}", case.query);
                report.fail(path, &case.id, &message)?;
            }
        }
    }
    Ok(())
}

/// Errors: what differs, in words.
fn check(case: &Case) -> Result<(), String> {
    let plain = ParseOptions {
        duration_expr: false,
        extended_range_selectors: false,
        ..ParseOptions::default()
    };
    let parsed = parse(&case.query, &plain);
    verdict(case.valid, &parsed, "by default")?;
    if let (true, Ok(expr)) = (case.valid, &parsed) {
        return check_expr(case, expr);
    }
    let experimental = ParseOptions { unquoted_utf8_names: false, ..ParseOptions::all_features() };
    let parsed = parse(&case.query, &experimental);
    verdict(case.valid_with_experimental, &parsed, "with all features")?;
    parsed.map_or(Ok(()), |expr| check_expr(case, &expr))
}

fn verdict(want: bool, parsed: &Result<Expr, ParseError>, when: &str) -> Result<(), String> {
    match (want, parsed) {
        (true, Ok(_)) | (false, Err(_)) => Ok(()),
        (true, Err(error)) => Err(format!("should be valid {when}, but {error}")),
        (false, Ok(expr)) => Err(format!("should be invalid {when}, but reads as {expr}")),
    }
}

fn check_expr(case: &Case, expr: &Expr) -> Result<(), String> {
    same("type", case.r#type.as_deref(), expr.value_type().as_str())?;
    let canonical = expr.to_string();
    same("canonical", case.canonical.as_deref(), &canonical)?;
    same("pretty", case.pretty.as_deref(), &prettify(expr))
}

fn same(what: &str, want: Option<&str>, got: &str) -> Result<(), String> {
    match want {
        Some(want) if want != got => Err(format!("{what}\nwant {want}\ngot  {got}")),
        _ => Ok(()),
    }
}
