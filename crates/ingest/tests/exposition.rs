//! The reference's verdicts and entries over the shared exposition cases.
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::path::PathBuf;

use ingest::exposition::{Entry, Format, Parser, negotiate, parse_float};
use model::LabelsBuilder;
use serde_json::{Map, Value, json};

fn conformance(path: &str) -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/prometheus");
    let path = PathBuf::from(root).join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not here", path.display());
    None
}

fn load(path: &str) -> Option<Value> {
    let text = std::fs::read_to_string(conformance(path)?).expect("readable");
    Some(serde_json::from_str(&text).expect("JSON"))
}

fn text(bytes: &[u8]) -> Value {
    String::from_utf8_lossy(bytes).into_owned().into()
}

fn labels_of(labels: &LabelsBuilder) -> Value {
    labels.iter().map(|(n, v)| (n.to_owned(), v.into())).collect::<Map<_, _>>().into()
}

/// What our parser yields, in the shape of the cases; values are compared as numbers.
fn entries(body: &[u8], format: Format) -> (Vec<Value>, Result<(), String>) {
    let mut parser = Parser::new(body, format);
    let mut found = Vec::new();
    loop {
        let entry = match parser.next_entry() {
            Ok(Some(entry)) => entry,
            Ok(None) => return (found, Ok(())),
            Err(e) => return (found, Err(e.to_string())),
        };
        found.push(match entry {
            Entry::Type { family, metric_type } => {
                json!({"metric": text(family), "type": metric_type.as_str()})
            }
            Entry::Help { family, text: help } => json!({"metric": text(family), "help": help}),
            Entry::Unit { family, unit } => json!({"metric": text(family), "unit": unit}),
            Entry::Comment(comment) => json!({"comment": text(comment)}),
            Entry::Sample(sample) => {
                let mut labels = LabelsBuilder::default();
                if let Err(e) = parser.labels(&mut labels) {
                    return (found, Err(e.to_string()));
                }
                let mut out = json!({"labels": labels_of(&labels), "value": sample.v.to_string()});
                if let Some(t_ms) = sample.t_ms {
                    out["ts_ms"] = t_ms.into();
                }
                if let Some(exemplar) = parser.exemplar(i64::MIN) {
                    let pairs = exemplar.labels.iter().map(|(n, v)| (n.to_owned(), v.into()));
                    let labels: Map<_, _> = pairs.collect();
                    let mut e = json!({"labels": labels, "value": exemplar.v.to_string()});
                    if exemplar.t_ms != i64::MIN {
                        e["ts_ms"] = exemplar.t_ms.into();
                    }
                    out["exemplars"] = json!([e]);
                }
                if let Some(t_ms) = parser.start_time_ms() {
                    out["start_ts_ms"] = t_ms.into();
                }
                out
            }
        });
    }
}

fn same_number(a: &Value, b: &Value) -> bool {
    let number = |v: &Value| parse_float(v.as_str().unwrap_or_default().as_bytes());
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a == b || (a.is_nan() && b.is_nan()),
        _ => a == b,
    }
}

fn same(got: &Value, want: &Value) -> bool {
    match (got, want) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, got)| match (key.as_str(), b.get(key)) {
                    ("value", Some(want)) => same_number(got, want),
                    (_, Some(want)) => same(got, want),
                    (_, None) => false,
                })
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        _ => got == want,
    }
}

#[test]
fn verdicts_and_entries_are_the_references() {
    let Some(file) = load("exposition.json") else { return };
    let mut failures = Vec::new();
    let cases = file["cases"].as_array().expect("cases");
    for case in cases {
        let format = negotiate(case["content_type"].as_str(), None).expect("known type").format;
        let body = case["text"].as_str().expect("text").as_bytes();
        let (got, verdict) = entries(body, format);
        let accepts = case["prometheus_accepts"].as_bool().expect("verdict");
        if verdict.is_ok() != accepts {
            failures.push(format!("{}: {verdict:?}, want {accepts}", case["id"]));
            continue;
        }
        let Some(want) = case["entries"].as_array() else { continue };
        if got.len() != want.len() {
            failures.push(format!("{}: {} entries, want {}", case["id"], got.len(), want.len()));
        }
        for (got, want) in got.iter().zip(want).filter(|(got, want)| !same(got, want)) {
            failures.push(format!("{}: got {got}\n  want {want}", case["id"]));
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn whole_files_parse_to_the_counted_entries() {
    let Some(folder) = conformance("exposition-files") else { return };
    for file in std::fs::read_dir(folder).expect("folder").flatten() {
        let path = file.path();
        let Some(body) = path.to_str().and_then(|p| p.strip_suffix(".expect.json")) else {
            continue;
        };
        let expect = std::fs::read_to_string(&path).expect("readable");
        let expect: Value = serde_json::from_str(&expect).expect("JSON");
        let body = std::fs::read(body).expect("readable");
        let format = negotiate(expect["content_type"].as_str(), None).expect("known type").format;
        let (got, verdict) = entries(&body, format);
        assert_eq!(verdict.is_ok(), expect["prometheus_accepts"] == true, "{verdict:?}");
        assert_eq!(Some(got.len() as u64), expect["entry_count"].as_u64());
        let samples: Vec<_> = got.iter().filter(|e| e.get("labels").is_some()).collect();
        assert_eq!(Some(samples.len() as u64), expect["sample_count"].as_u64());
        for (got, want) in samples.iter().zip(expect["first_samples"].as_array().expect("list")) {
            assert!(same(got, want), "got {got}, want {want}");
        }
    }
}
