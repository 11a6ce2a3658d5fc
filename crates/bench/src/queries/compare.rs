//! Whether two servers say the same. Orrery must equal Prometheus point for point; a peer with
//! other rules at window edges must have the same series and the same total.

use super::Answer;

/// Sums are added in different orders.
const FRACTION: f64 = 1e-8;
/// What extrapolation at window edges may make of a total, and of the number of points.
const LOOSE: f64 = 0.05;

/// Errors: the first difference.
pub(crate) fn exactly(want: &Answer, got: &Answer) -> Result<(), String> {
    match (want, got) {
        (Answer::Names(want), Answer::Names(got)) => {
            if let Some(name) = want.symmetric_difference(got).next() {
                let (w, g) = (want.len(), got.len());
                return Err(format!("{g} names, not {w}; one differs: {name}"));
            }
        }
        (Answer::Series(want), Answer::Series(got)) => {
            for (labels, want) in want {
                let Some(got) = got.get(labels) else { return Err(format!("lacks {labels}")) };
                if want.len() != got.len() {
                    return Err(format!("{labels}: {} points, not {}", got.len(), want.len()));
                }
                for (want, got) in want.iter().zip(got) {
                    if want.0 != got.0 || !same(want.1, got.1) {
                        return Err(format!("{labels}: {got:?}, not {want:?}"));
                    }
                }
            }
            if let Some(labels) = got.keys().find(|labels| !want.contains_key(*labels)) {
                return Err(format!("has {labels}"));
            }
        }
        _ => return Err("another form".to_owned()),
    }
    Ok(())
}

fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= FRACTION * a.abs().max(b.abs())
}

/// Errors: what differs by more than window edges explain.
pub(crate) fn roughly(want: &Answer, got: &Answer) -> Result<(), String> {
    let (Answer::Series(want), Answer::Series(got)) = (want, got) else {
        return exactly(want, got);
    };
    near("series", want.len() as f64, got.len() as f64)?;
    let all = |series: &std::collections::BTreeMap<String, Vec<(f64, f64)>>| {
        let values = series.values().flatten().map(|(_, v)| *v).filter(|v| v.is_finite());
        (series.values().map(Vec::len).sum::<usize>() as f64, values.sum::<f64>())
    };
    let ((want_points, want_total), (got_points, got_total)) = (all(want), all(got));
    near("points", want_points, got_points)?;
    near("total", want_total, got_total)
}

fn near(what: &str, want: f64, got: f64) -> Result<(), String> {
    if (want - got).abs() <= LOOSE * want.abs().max(got.abs()) {
        Ok(())
    } else {
        Err(format!("{what} {got}, not {want}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(values: &[&str]) -> Answer {
        let series: Vec<String> = values
            .iter()
            .enumerate()
            .map(|(i, v)| format!(r#"{{"metric":{{"a":"{i}"}},"value":[5,"{v}"]}}"#))
            .collect();
        let body = format!(r#"{{"status":"success","data":{{"result":[{}]}}}}"#, series.join(","));
        Answer::parse(200, body.as_bytes()).unwrap()
    }

    #[track_caller]
    fn check(want: &[&str], got: &[&str], exact: bool, rough: bool) {
        let (want, got) = (answer(want), answer(got));
        assert_eq!(exactly(&want, &got).is_ok(), exact);
        assert_eq!(roughly(&want, &got).is_ok(), rough);
    }

    #[test]
    fn series_and_values_are_compared() {
        check(&["1", "NaN"], &["1.000000001", "NaN"], true, true);
        check(&["100"], &["101"], false, true);
        check(&["100"], &["110"], false, false);
        check(&["100", "1"], &["101"], false, false);
        check(&["1"], &["1", "0"], false, false);
    }
}
