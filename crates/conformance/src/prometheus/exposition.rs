//! Scraped texts: is the text accepted, and what does it hold.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use ingest::exposition::{Entry, Format, Parser, Sample, negotiate, parse_float};
use model::{Exemplar, LabelsBuilder};
use serde_json::{Map, Value, json};

use crate::report::Report;

/// Stands for "no timestamp of its own" in an exemplar.
const NO_TIMESTAMP: i64 = i64::MIN;

/// Parses the text of a case. Errors: the verdict or an entry differs.
pub(super) fn check(_: &Path, case: &Value) -> Result<(), String> {
    let body = match case["text_base64"].as_str() {
        Some(text) => base64::engine::general_purpose::STANDARD
            .decode(text)
            .map_err(|error| error.to_string())?,
        None => case["text"].as_str().ok_or("the case has no text")?.into(),
    };
    let (got, verdict) = parse(&body, format(case)?);
    same_verdict(case, &verdict)?;
    let Some(want) = case["entries"].as_array() else { return Ok(()) };
    same_entries(&got, want)?;
    same_count("entries", got.len(), want.len())
}

/// Parses a whole file that lies beside its expectation, which counts and shows the beginning.
pub(super) fn run_whole_file(
    path: &Path,
    expect: &Value,
    report: &mut Report<'_>,
) -> anyhow::Result<()> {
    let name = expect["file"].as_str().context("names no file")?;
    let body = fs::read(path.with_file_name(name)).with_context(|| name.to_owned())?;
    match check_whole_file(&body, expect) {
        Ok(()) => report.pass(),
        Err(message) => report.fail(path, name, &message)?,
    }
    Ok(())
}

fn check_whole_file(body: &[u8], expect: &Value) -> Result<(), String> {
    let (got, verdict) = parse(body, format(expect)?);
    same_verdict(expect, &verdict)?;
    let count = |key: &str| expect[key].as_u64().unwrap_or_default() as usize;
    same_count("entries", got.len(), count("entry_count"))?;
    let samples: Vec<Value> = got.into_iter().filter(|e| e.get("labels").is_some()).collect();
    same_count("samples", samples.len(), count("sample_count"))?;
    same_entries(&samples, expect["first_samples"].as_array().unwrap_or(&Vec::new()))
}

fn format(case: &Value) -> Result<Format, String> {
    let content_type = case["content_type"].as_str();
    Ok(negotiate(content_type, None).map_err(|error| error.to_string())?.format)
}

fn same_verdict(case: &Value, verdict: &Result<(), String>) -> Result<(), String> {
    match (case["prometheus_accepts"] == true, verdict) {
        (true, Err(error)) => Err(format!("should be accepted, but {error}")),
        (false, Ok(())) => {
            Err(format!("accepted, but should be refused: {}", case["prometheus_error"]))
        }
        _ => Ok(()),
    }
}

fn same_count(what: &str, got: usize, want: usize) -> Result<(), String> {
    if got == want { Ok(()) } else { Err(format!("{got} {what}, should be {want}")) }
}

/// Compares as many entries as both have.
fn same_entries(got: &[Value], want: &[Value]) -> Result<(), String> {
    match got.iter().zip(want).find(|(got, want)| !same(got, want)) {
        Some((got, want)) => Err(format!("entry\nwant {want}\ngot  {got}")),
        None => Ok(()),
    }
}

/// The entries up to the end or the first error, in the form of the cases.
fn parse(body: &[u8], format: Format) -> (Vec<Value>, Result<(), String>) {
    let mut parser = Parser::new(body, format);
    let mut found = Vec::new();
    loop {
        let entry = match parser.next_entry() {
            Ok(Some(entry)) => entry,
            Ok(None) => return (found, Ok(())),
            Err(error) => return (found, Err(error.to_string())),
        };
        let entry = match entry {
            Entry::Type { family, metric_type } => {
                Ok(json!({"metric": text(family), "type": metric_type.as_str()}))
            }
            Entry::Help { family, text: help } => Ok(json!({"metric": text(family), "help": help})),
            Entry::Unit { family, unit } => Ok(json!({"metric": text(family), "unit": unit})),
            Entry::Comment(comment) => Ok(json!({"comment": text(comment)})),
            Entry::Sample(sample) => sample_entry(&sample, &mut parser),
        };
        match entry {
            Ok(entry) => found.push(entry),
            Err(error) => return (found, Err(error)),
        }
    }
}

fn sample_entry(sample: &Sample<'_>, parser: &mut Parser<'_>) -> Result<Value, String> {
    let mut labels = LabelsBuilder::default();
    parser.labels(&mut labels).map_err(|error| error.to_string())?;
    let labels = labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    let labels: Map<String, Value> = labels.collect();
    let mut entry = json!({"labels": labels, "value": sample.v.to_string()});
    if let Some(t_ms) = sample.t_ms {
        entry["ts_ms"] = t_ms.into();
    }
    if let Some(exemplar) = parser.exemplar(NO_TIMESTAMP) {
        entry["exemplars"] = json!([exemplar_entry(&exemplar)]);
    }
    if let Some(t_ms) = parser.start_time_ms() {
        entry["start_ts_ms"] = t_ms.into();
    }
    Ok(entry)
}

fn exemplar_entry(exemplar: &Exemplar) -> Value {
    let labels = exemplar.labels.iter().map(|(name, value)| (name.to_owned(), value.into()));
    let mut entry = json!({
        "labels": labels.collect::<Map<String, Value>>(),
        "value": exemplar.v.to_string(),
    });
    if exemplar.t_ms != NO_TIMESTAMP {
        entry["ts_ms"] = exemplar.t_ms.into();
    }
    entry
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Equal, with the texts under `value` compared as numbers.
fn same(got: &Value, want: &Value) -> bool {
    match (got, want) {
        (Value::Object(got), Value::Object(want)) => {
            got.len() == want.len()
                && got.iter().all(|(key, got)| match want.get(key) {
                    Some(want) if key == "value" => same_number(got, want),
                    Some(want) => same(got, want),
                    None => false,
                })
        }
        (Value::Array(got), Value::Array(want)) => {
            got.len() == want.len() && got.iter().zip(want).all(|(got, want)| same(got, want))
        }
        _ => got == want,
    }
}

fn same_number(got: &Value, want: &Value) -> bool {
    let number = |value: &Value| parse_float(value.as_str()?.as_bytes());
    match (number(got), number(want)) {
        (Some(got), Some(want)) => got == want || got.is_nan() && want.is_nan(),
        _ => false,
    }
}
