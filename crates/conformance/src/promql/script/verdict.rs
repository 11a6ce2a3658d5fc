//! Whether a query did what its case expects: failure, annotations, answer.

use promql::{QueryError, QueryResult};

use super::command::{Eval, Expect, Pattern};
use super::compare;

pub(super) fn check(
    eval: &Eval,
    query: &str,
    result: Result<QueryResult, QueryError>,
) -> Result<(), String> {
    let failure = eval.expects.iter().find_map(|expect| match expect {
        Expect::Fail(pattern) => Some(pattern),
        _ => None,
    });
    let result = match (result, failure) {
        (Ok(result), None) => result,
        (Ok(_), Some(_)) => return Err("expected an error but got none".into()),
        (Err(error), None) => return Err(format!("unexpected error: {error}")),
        (Err(error), Some(pattern)) => {
            let text = error.to_string();
            return if pattern.matches(&text) {
                Ok(())
            } else {
                Err(format!("expected error {pattern:?}, got: {text}"))
            };
        }
    };
    annotations(eval, &result)?;
    debug_assert!(!query.is_empty(), "an empty query does not parse");
    compare::result(eval, &result.value)
}

fn annotations(eval: &Eval, result: &QueryResult) -> Result<(), String> {
    let (warnings, infos) = (&result.warnings, &result.infos);
    let (mut warn_patterns, mut info_patterns) = (Vec::new(), Vec::new());
    for expect in &eval.expects {
        match expect {
            Expect::Warn(pattern) => warn_patterns.push(pattern),
            Expect::Info(pattern) => info_patterns.push(pattern),
            Expect::NoWarn if !warnings.is_empty() => {
                return Err(format!("unexpected warnings {warnings:?}"));
            }
            Expect::NoInfo if !infos.is_empty() => {
                return Err(format!("unexpected infos {infos:?}"));
            }
            Expect::SomeWarn if warnings.is_empty() => return Err("expected a warning".into()),
            Expect::SomeInfo if infos.is_empty() => return Err("expected an info".into()),
            _ => {}
        }
    }
    one_for_one("warning", &warn_patterns, warnings)?;
    one_for_one("info", &info_patterns, infos)
}

/// Every pattern has a text and, when there are patterns, every text one.
fn one_for_one(what: &str, patterns: &[&Pattern], texts: &[String]) -> Result<(), String> {
    if patterns.is_empty() {
        return Ok(());
    }
    if let Some(pattern) = patterns.iter().find(|p| !texts.iter().any(|text| p.matches(text))) {
        return Err(format!("expected {what} {pattern:?}, got {texts:?}"));
    }
    match texts.iter().find(|text| !patterns.iter().any(|pattern| pattern.matches(text))) {
        Some(text) => Err(format!("unexpected {what} {text:?}")),
        None => Ok(()),
    }
}
