//! Compares two answers of the query API: series as sets, floats with a tolerance, histograms
//! bucket by bucket; warnings, infos and errors by their texts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Relative, and for values that cancel out, absolute: the data's values are below 10^4 and the
/// servers add in different orders.
const FRACTION: f64 = 1e-9;
const MARGIN: f64 = 1e-8;

/// Errors: what differs, in words. `with_texts`: the peer is of the version we follow, so that
/// annotations and errors are compared too.
pub(super) fn answers(peer: &Value, ours: &Value, with_texts: bool) -> Result<(), String> {
    match (peer["status"] == "success", ours["status"] == "success") {
        (false, false) if with_texts => return errors(peer, ours),
        (false, false) => return Ok(()),
        (false, true) => return Err(format!("only the peer refuses: {}", peer["error"])),
        (true, false) => return Err(format!("only we refuse: {}", ours["error"])),
        (true, true) => {}
    }
    if with_texts {
        for kind in ["warnings", "infos"] {
            notes(kind, &peer[kind], &ours[kind])?;
        }
    }
    let (peer, ours) = (&peer["data"], &ours["data"]);
    if peer["resultType"] != ours["resultType"] {
        return Err(format!("type {} against our {}", peer["resultType"], ours["resultType"]));
    }
    match peer["resultType"].as_str() {
        Some("vector" | "matrix") => same_sets(&sets(peer), &sets(ours)),
        _ => point(&peer["result"], &ours["result"]),
    }
}

fn errors(peer: &Value, ours: &Value) -> Result<(), String> {
    if peer["errorType"] != ours["errorType"] {
        return Err(format!("refused as {}, by us as {}", peer["errorType"], ours["errorType"]));
    }
    // Which series are named as examples depends on the order in which a store lists them.
    let stable = |error: &Value| {
        let text = error.as_str().unwrap_or_default();
        text.split(['{', '[']).next().unwrap_or_default().to_owned()
    };
    let (want, got) = (stable(&peer["error"]), stable(&ours["error"]));
    if want == got { Ok(()) } else { Err(format!("error {want:?}, ours {got:?}")) }
}

/// What is noted of a pair of elements.
const OF_PAIRS: [&str; 6] = [
    "incompatible sample types encountered for binary operator",
    "incompatible bucket layout encountered for binary operator",
    "mismatched custom buckets were reconciled during addition",
    "mismatched custom buckets were reconciled during subtraction",
    "conflicting counter resets during histogram addition",
    "conflicting counter resets during histogram subtraction",
];

const OF_CHUNKS: &str = "conflicting counter resets during histogram aggregation";

/// Beyond ten of a kind they are only counted, and which ten are shown is open.
fn notes(kind: &str, peer: &Value, ours: &Value) -> Result<(), String> {
    let texts = |notes: &Value| -> BTreeSet<String> {
        let notes = notes.as_array().into_iter().flatten().filter_map(Value::as_str);
        notes.map(stable_note).collect()
    };
    let (mut want, mut got) = (texts(peer), texts(ours));
    // The peer's chunks know which sample follows a reset; ours finds out where it matters.
    want.retain(|text| got.contains(text) || !text.contains(OF_CHUNKS));
    // Of the notes of one vector operation at one step the peer tells only the last.
    got.retain(|text| want.contains(text) || !OF_PAIRS.iter().any(|note| text.contains(note)));
    let cut = want.iter().chain(&got).any(|text| text.ends_with("annotations omitted"));
    if want == got || (cut && want.len() == got.len()) {
        return Ok(());
    }
    let only = |these: &BTreeSet<String>, those: &BTreeSet<String>| {
        these.difference(those).cloned().collect::<Vec<_>>().join("; ")
    };
    Err(format!(
        "{kind}: only the peer's [{}], only ours [{}]",
        only(&want, &got),
        only(&got, &want)
    ))
}

/// Without the largest difference of buckets that had to be fixed, whose last digits depend on the
/// order of sums, and without their number, which overflows in the peer.
fn stable_note(text: &str) -> String {
    match (text.find("with a max diff of "), text.find(" samples from ")) {
        (Some(from), Some(to)) if from < to => format!("{}…{}", &text[..from], &text[to..]),
        _ => text.to_owned(),
    }
}

/// Points by labels; the points of a vector are one per series.
fn sets(data: &Value) -> BTreeMap<String, Vec<Value>> {
    let series = data["result"].as_array().into_iter().flatten();
    series
        .map(|series| {
            let labels: BTreeMap<&str, &Value> = series["metric"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.as_str(), value))
                .collect();
            let lists = ["values", "histograms"].into_iter();
            let listed = lists.flat_map(|key| series[key].as_array().into_iter().flatten());
            let single = ["value", "histogram"].into_iter().map(|key| &series[key]);
            let mut points: Vec<Value> =
                listed.chain(single.filter(|point| !point.is_null())).cloned().collect();
            points.sort_by(|a, b| {
                let time = |point: &Value| point[0].as_f64().unwrap_or(0.0);
                time(a).total_cmp(&time(b))
            });
            (format!("{labels:?}"), points)
        })
        .collect()
}

fn same_sets(
    peer: &BTreeMap<String, Vec<Value>>,
    ours: &BTreeMap<String, Vec<Value>>,
) -> Result<(), String> {
    for (labels, want) in peer {
        let Some(got) = ours.get(labels) else {
            return Err(format!("we lack {labels} {}", cut(want)));
        };
        for (want, got) in want.iter().zip(got) {
            point(want, got).map_err(|message| format!("{labels}: {message}"))?;
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

fn cut(points: &[Value]) -> String {
    points.iter().map(Value::to_string).collect::<String>().chars().take(200).collect()
}

fn point(want: &Value, got: &Value) -> Result<(), String> {
    if same(&want[1], &got[1]) && want[0].as_f64() == got[0].as_f64() {
        Ok(())
    } else {
        Err(format!("{want}, we {got}"))
    }
}

/// Numbers, wherever they are, with tolerance; everything else exactly.
fn same(want: &Value, got: &Value) -> bool {
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok());
    match (want, got) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        // Of a histogram made of NaN it is open which empty buckets became NaN, too.
        (Value::Object(a), Value::Object(b)) if a.contains_key("count") => {
            let undefined = a.get("count").and_then(Value::as_str) == Some("NaN");
            let keys: &[&str] =
                if undefined { &["count", "sum"] } else { &["count", "sum", "buckets"] };
            keys.iter().all(|key| match (a.get(*key), b.get(*key)) {
                (Some(a), Some(b)) if *key != "buckets" => same(a, b),
                (a, b) => same(&filled(a), &filled(b)),
            })
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => match (number(want), number(got)) {
            (Some(a), Some(b)) => same_float(a, b),
            _ => want == got,
        },
    }
}

/// The buckets that have more than rounding may have left.
fn filled(buckets: Option<&Value>) -> Value {
    let count = |bucket: &&Value| bucket[3].as_str().and_then(|count| count.parse::<f64>().ok());
    let is_filled =
        |bucket: &&Value| count(bucket).is_none_or(|count| count.is_nan() || count.abs() > MARGIN);
    let buckets = buckets.and_then(Value::as_array).into_iter().flatten();
    Value::Array(buckets.filter(is_filled).cloned().collect())
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
        let got = answers(&answer(peer), &answer(ours), true);
        assert_eq!(got, want.map_err(str::to_owned));
    }

    #[test]
    fn buckets_that_are_empty_but_for_rounding_do_not_count() {
        let histogram = |buckets: &[[&str; 3]]| {
            let bucket = |[lower, upper, count]: &[&str; 3]| json!([0, lower, upper, count]);
            let buckets: Vec<Value> = buckets.iter().map(bucket).collect();
            json!({"count": "3", "sum": "5", "buckets": buckets})
        };
        let want = histogram(&[["1", "2", "3"]]);
        assert!(same(&want, &histogram(&[["1", "2", "3"], ["2", "4", "-3.8e-18"]])));
        assert!(!same(&want, &histogram(&[["1", "2", "3"], ["2", "4", "0.1"]])));
        assert!(same(&json!({"count": "0", "sum": "0"}), &json!({"count": "0", "sum": "0"})));
        assert!(!same(&want, &json!({"count": "3", "sum": "5"})));
    }

    #[test]
    fn floats_have_a_tolerance() {
        check("1", "1.0000000001", Ok(()));
        check("NaN", "NaN", Ok(()));
        check("+Inf", "+Inf", Ok(()));
        check("1", "1.1", Err("{\"a\": String(\"b\")}: [1.5,\"1\"], we [1.5,\"1.1\"]"));
        check("NaN", "1", Err("{\"a\": String(\"b\")}: [1.5,\"NaN\"], we [1.5,\"1\"]"));
    }

    #[test]
    fn texts_are_compared_without_their_examples() {
        let error =
            |text: &str| json!({"status": "error", "errorType": "execution", "error": text});
        assert_eq!(answers(&error("no {a=\"1\"}"), &error("no {a=\"2\"}"), true), Ok(()));
        assert!(answers(&error("no {a}"), &error("yes {a}"), true).is_err());
        assert_eq!(answers(&error("no {a}"), &error("yes {a}"), false), Ok(()));
        let noted = |text: &str| {
            let data = json!({"resultType": "vector", "result": []});
            json!({"status": "success", "data": data, "infos": [text]})
        };
        assert!(answers(&noted("a"), &noted("b"), true).is_err());
        let fixed =
            |how: &str| noted(&format!("fixed, with a max diff of {how} samples from 1 to 2"));
        assert_eq!(answers(&fixed("1e-20, over 3"), &fixed("2e-20, over 4"), true), Ok(()));
        assert!(answers(&fixed("1e-20, over 3"), &noted("fixed"), true).is_err());
    }
}
