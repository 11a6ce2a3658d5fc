//! Compares two answers of the query API: series as sets, floats with a tolerance.

use std::collections::BTreeMap;

use serde_json::Value;

/// Relative, and for values that cancel out, absolute: the data's values are below 10^4 and the
/// servers add in different orders.
const FRACTION: f64 = 1e-9;
const MARGIN: f64 = 1e-8;

/// Errors: what differs, in words.
pub(super) fn answers(peer: &Value, ours: &Value) -> Result<(), String> {
    match (peer["status"] == "success", ours["status"] == "success") {
        (false, false) => return Ok(()),
        (false, true) => return Err(format!("only the peer refuses: {}", peer["error"])),
        (true, false) => return Err(format!("only we refuse: {}", ours["error"])),
        (true, true) => {}
    }
    let (peer, ours) = (&peer["data"], &ours["data"]);
    if peer["resultType"] != ours["resultType"] {
        return Err(format!("type {} against our {}", peer["resultType"], ours["resultType"]));
    }
    match peer["resultType"].as_str() {
        Some("vector" | "matrix") => same_sets(&sets(peer), &sets(ours)),
        _ => points(&peer["result"], &ours["result"]),
    }
}

/// Points by labels; the points of a vector are one per series.
fn sets(data: &Value) -> BTreeMap<String, Value> {
    let series = data["result"].as_array().into_iter().flatten();
    series
        .map(|series| {
            let labels: BTreeMap<&str, &Value> = series["metric"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.as_str(), value))
                .collect();
            let points = if series["values"].is_array() {
                series["values"].clone()
            } else {
                Value::Array(vec![series["value"].clone()])
            };
            (format!("{labels:?}"), points)
        })
        .collect()
}

fn same_sets(peer: &BTreeMap<String, Value>, ours: &BTreeMap<String, Value>) -> Result<(), String> {
    for (labels, want) in peer {
        let Some(got) = ours.get(labels) else {
            return Err(format!("we lack {labels} {}", cut(want)));
        };
        let (want, got) = (want.as_array(), got.as_array());
        let (want, got) = (want.map_or(&[][..], Vec::as_slice), got.map_or(&[][..], Vec::as_slice));
        for (want, got) in want.iter().zip(got) {
            points(want, got).map_err(|message| format!("{labels}: {message}"))?;
        }
        if want.len() != got.len() {
            return Err(format!("{labels}: {} points, we {}", want.len(), got.len()));
        }
    }
    match ours.iter().find(|(labels, _)| !peer.contains_key(*labels)) {
        Some((labels, got)) => Err(format!("only we have {labels} {}", cut(got))),
        None => Ok(()),
    }
}

fn cut(points: &Value) -> String {
    points.to_string().chars().take(200).collect()
}

fn points(want: &Value, got: &Value) -> Result<(), String> {
    let value = |point: &Value| point[1].as_str().and_then(|text| text.parse::<f64>().ok());
    let same = match (value(want), value(got)) {
        (Some(a), Some(b)) => same_float(a, b),
        _ => want[1] == got[1],
    };
    if same && want[0].as_f64() == got[0].as_f64() {
        Ok(())
    } else {
        Err(format!("{want}, we {got}"))
    }
}

fn same_float(a: f64, b: f64) -> bool {
    a == b
        || (a.is_nan() && b.is_nan())
        || ((a - b).abs() <= MARGIN.max(FRACTION * a.abs().min(b.abs()))
            && a.is_finite()
            && b.is_finite())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(peer: &str, ours: &str, want: Result<(), &str>) {
        let answer = |v: &str| {
            let result = json!([{"metric": {"a": "b"}, "value": [1.5, v]}]);
            json!({"status": "success", "data": {"resultType": "vector", "result": result}})
        };
        assert_eq!(answers(&answer(peer), &answer(ours)), want.map_err(str::to_owned));
    }

    #[test]
    fn floats_have_a_tolerance() {
        check("1", "1.0000000001", Ok(()));
        check("NaN", "NaN", Ok(()));
        check("+Inf", "+Inf", Ok(()));
        check("1", "1.1", Err("{\"a\": String(\"b\")}: [1.5,\"1\"], we [1.5,\"1.1\"]"));
        check("NaN", "1", Err("{\"a\": String(\"b\")}: [1.5,\"NaN\"], we [1.5,\"1\"]"));
    }
}
