//! An answer of the query API in a form that compares.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use serde_json::Value;

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Points `(seconds, value)` by labels; an instant vector has one point a series.
    Series(BTreeMap<String, Vec<(f64, f64)>>),
    /// Label values or label sets.
    Names(BTreeSet<String>),
}

impl Answer {
    /// Errors: no success, or a form that is none of the above.
    pub(crate) fn parse(status: u16, body: &[u8]) -> anyhow::Result<Self> {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        if status != 200 || answer["status"] != "success" {
            let text: String = String::from_utf8_lossy(body).chars().take(160).collect();
            bail!("{status}: {text}");
        }
        let data = &answer["data"];
        if let Some(names) = data.as_array() {
            return Ok(Self::Names(names.iter().map(canonical).collect()));
        }
        let Some(series) = data["result"].as_array() else { bail!("no result") };
        Ok(Self::Series(
            series.iter().map(|one| (canonical(&one["metric"]), points(one))).collect(),
        ))
    }

    /// Series and points, or names.
    pub(crate) fn size(&self) -> String {
        match self {
            Self::Series(series) => {
                let points: usize = series.values().map(Vec::len).sum();
                format!("{} × {}", series.len(), points / series.len().max(1))
            }
            Self::Names(names) => format!("{} names", names.len()),
        }
    }
}

/// With object keys in one order.
fn canonical(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(labels) => {
            let sorted: BTreeMap<&str, &str> =
                labels.iter().map(|(n, v)| (n.as_str(), v.as_str().unwrap_or_default())).collect();
            format!("{sorted:?}")
        }
        other => other.to_string(),
    }
}

fn points(series: &Value) -> Vec<(f64, f64)> {
    let point = |point: &Value| {
        let value = point[1].as_str().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
        (point[0].as_f64().unwrap_or(f64::NAN), value)
    };
    match series["values"].as_array() {
        Some(values) => values.iter().map(point).collect(),
        None => vec![point(&series["value"])],
    }
}
