//! Cases in JSON with the reference's results: a query, its times and its answer, over data in the
//! script language (`load`) or over the data set of the compliance suite.

use std::path::Path;

use anyhow::{Context as _, Result};
use model::Labels;
use promql::{QueryError, QueryResult, RangeTimes, SampleValue, Value, histogram};
use query::memory::MemorySource;
use serde_json::Value as Json;

use super::command::{self, Command};
use super::compare::almost_equal;
use super::notation::number;
use super::{Mode, Script};
use crate::report::Report;

/// Runs all cases of a file.
pub(crate) fn run(path: &Path, file: &Json, report: &mut Report<'_>) -> Result<()> {
    let cases = file["cases"].as_array().context("no cases")?;
    let mut script = Script::new(Mode::Plain)?;
    if cases.iter().all(|case| case["load"].is_null()) {
        load_data_set(&script, &path.with_file_name("demo_dataset.json"))?;
    }
    let mut loaded = String::new();
    for case in cases {
        let id = case["id"].as_str().unwrap_or("case");
        if let Some(load) = case["load"].as_str().filter(|load| *load != loaded) {
            script.source = MemorySource::new();
            load.clone_into(&mut loaded);
            for (_, command) in command::parse(load) {
                match command {
                    Ok(Command::Load(load)) => load.run(&script.source, &script.scope),
                    Ok(_) => {}
                    Err(message) => report.fail(path, id, &message)?,
                }
            }
        }
        match check(case, run_query(&script, case)) {
            Ok(()) => report.pass(),
            Err(message) => {
                let query = case["query"].as_str().unwrap_or_default();
                report.fail(path, id, &format!("{query}: {message}"))?;
            }
        }
    }
    Ok(())
}

fn load_data_set(script: &Script, path: &Path) -> Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let data: Json = serde_json::from_str(&text)?;
    let start_ms = milliseconds(&data["start_s"]);
    let step_ms = milliseconds(&data["step_s"]);
    for series in data["series"].as_array().context("no series")? {
        let labels = labels(&series["labels"]);
        let values = series["values"].as_array().context("no values")?;
        for (i, v) in values.iter().enumerate() {
            if let Some(v) = v.as_str().and_then(number) {
                script.source.push(&script.scope, &labels, start_ms + step_ms * i as i64, v);
            }
        }
    }
    Ok(())
}

fn milliseconds(seconds: &Json) -> i64 {
    (seconds.as_f64().unwrap_or_default() * 1000.0).round() as i64
}

fn labels(pairs: &Json) -> Labels {
    let pairs = pairs.as_object().into_iter().flatten();
    Labels::from_pairs(pairs.map(|(name, value)| (name, value.as_str().unwrap_or_default())))
}

fn run_query(script: &Script, case: &Json) -> Result<QueryResult, QueryError> {
    let query = case["query"].as_str().unwrap_or_default();
    if !case["time"].is_null() {
        return script.instant(query, milliseconds(&case["time"]));
    }
    let times = RangeTimes {
        start_ms: milliseconds(&case["start"]),
        end_ms: milliseconds(&case["end"]),
        step_ms: milliseconds(&case["step"]),
    };
    script.range(query, times)
}

fn check(case: &Json, result: Result<QueryResult, QueryError>) -> Result<(), String> {
    let must_fail = case["expect_error"].is_string() || case["should_fail"] == true;
    let result = match (result, must_fail) {
        (Err(_), true) => return Ok(()),
        (Ok(_), true) => return Err("expected an error".into()),
        (Err(error), false) => return Err(format!("unexpected error: {error}")),
        (Ok(result), false) => result,
    };
    if case["skip_comparison"] == true {
        return Ok(());
    }
    notes(&case["warnings"], &result.warnings)?;
    notes(&case["infos"], &result.infos)?;
    let got = series_of(&result.value)?;
    let want = expected(case)?;
    for (labels, points) in &got {
        let known = want.iter().find(|(known, _)| known == labels);
        let Some((_, expected)) = known else { return Err(format!("unexpected {labels}")) };
        same_points(expected, points).map_err(|message| {
            format!("{labels}: {message}\nwant {expected:?}\n got {points:?}")
        })?;
    }
    match want.iter().find(|(labels, _)| !got.iter().any(|(known, _)| known == labels)) {
        Some((labels, _)) => Err(format!("missing {labels}")),
        None => Ok(()),
    }
}

/// Every expected text is there. The number of samples in some of them is left out: the reference
/// counts a sample again with every step that follows it.
fn notes(want: &Json, got: &[String]) -> Result<(), String> {
    let want: Vec<&str> = want.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let known = |text: &str| text.split(", over ").next().unwrap_or_default().to_owned();
    if want.iter().all(|want| got.iter().any(|got| known(got) == known(want))) {
        Ok(())
    } else {
        Err(format!("expected notes {want:?}, got {got:?}"))
    }
}

/// A value of either kind; histograms as text.
#[derive(Clone, Debug)]
enum Point {
    Float(f64),
    Histogram(String),
}

type Series = (Labels, Vec<(i64, Point)>);

fn series_of(value: &Value) -> Result<Vec<Series>, String> {
    let point = |value: &SampleValue| match value {
        SampleValue::Float(v) => Point::Float(*v),
        SampleValue::Histogram(h) => Point::Histogram(histogram::to_text(h)),
    };
    Ok(match value {
        Value::Scalar { t_ms, v } => vec![(Labels::empty(), vec![(*t_ms, Point::Float(*v))])],
        Value::String { .. } => return Err("unexpected string".into()),
        Value::Vector { t_ms, samples } => {
            let samples = samples.iter();
            samples.map(|s| (s.labels.clone(), vec![(*t_ms, point(&s.value))])).collect()
        }
        Value::Matrix(series) => {
            let points = |series: &promql::Series| {
                let floats = series.floats().map(|(t, v)| (t, Point::Float(v)));
                let histograms = series.histograms();
                let histograms =
                    histograms.map(|(t, h)| (t, Point::Histogram(histogram::to_text(h))));
                floats.chain(histograms).collect()
            };
            series.iter().map(|series| (series.labels.clone(), points(series))).collect()
        }
    })
}

fn expected(case: &Json) -> Result<Vec<Series>, String> {
    let result = &case["result"];
    if case["result_type"] == "scalar" {
        // Written as a list of one pair, too.
        let pair = if result[0].is_array() { &result[0] } else { result };
        return Ok(vec![(Labels::empty(), vec![point(pair, false)?])]);
    }
    let mut out = Vec::new();
    for series in result.as_array().into_iter().flatten() {
        let mut points = Vec::new();
        for (key, is_histogram) in [("values", false), ("histograms", true)] {
            for pair in series[key].as_array().into_iter().flatten() {
                points.push(point(pair, is_histogram)?);
            }
        }
        for (key, is_histogram) in [("value", false), ("histogram", true)] {
            if !series[key].is_null() {
                points.push(point(&series[key], is_histogram)?);
            }
        }
        out.push((labels(&series["metric"]), points));
    }
    Ok(out)
}

fn point(pair: &Json, is_histogram: bool) -> Result<(i64, Point), String> {
    let invalid = || format!("not a point: {pair}");
    let t_ms = pair[0].as_i64().ok_or_else(invalid)?;
    let text = pair[1].as_str().ok_or_else(invalid)?;
    let value = if is_histogram {
        Point::Histogram(text.to_owned())
    } else {
        Point::Float(number(text).ok_or_else(invalid)?)
    };
    Ok((t_ms, value))
}

fn same_points(want: &[(i64, Point)], got: &[(i64, Point)]) -> Result<(), String> {
    if want.len() != got.len() {
        return Err(format!("expected {} points, got {}", want.len(), got.len()));
    }
    for ((want_t, want), (t, got)) in want.iter().zip(got) {
        let same = match (want, got) {
            (Point::Float(want), Point::Float(got)) => almost_equal(*want, *got),
            (Point::Histogram(want), Point::Histogram(got)) => same_text(want, got),
            _ => false,
        };
        if want_t != t || !same {
            return Err(format!("expected {want:?} at {want_t}, got {got:?} at {t}"));
        }
    }
    Ok(())
}

/// Equal but for the last digits of the numbers in them.
fn same_text(want: &str, got: &str) -> bool {
    let parts = |text: &str| -> Vec<String> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        let parts = text.split(move |c| !is_part(c));
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (want, got) = (parts(want), parts(got));
    want.len() == got.len()
        && want.iter().zip(&got).all(|(want, got)| match (number(want), number(got)) {
            (Some(want), Some(got)) => almost_equal(want, got),
            _ => want == got,
        })
}
