//! Exemplars beside a query: one frame for all series, thinned out so that a panel can draw them.
//! A source that has none, or fails, takes nothing from the query itself.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, header};
use portal::tables::DataSourceRow;
use query::Scope;
use serde::Deserialize;

use super::super::super::own;
use super::super::Context;
use super::super::fetch::{Question, fetch};
use super::super::frame::{Column, Config, Field, Frame, Meta};
use super::super::outcome::Failure;
use super::frames::result_type;
use super::plan::Plan;
use super::read;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfSeries {
    #[serde(default)]
    series_labels: BTreeMap<String, String>,
    #[serde(default)]
    exemplars: Vec<Exemplar>,
}

#[derive(Deserialize)]
struct Exemplar {
    #[serde(default)]
    labels: BTreeMap<String, String>,
    value: String,
    timestamp: f64,
}

/// An exemplar with the labels of its series.
struct Point {
    t_ms: i64,
    v: f64,
    labels: BTreeMap<String, String>,
}

pub(super) async fn of_foreign(
    context: &Context,
    row: &DataSourceRow,
    plan: &Plan,
) -> Option<Frame> {
    let asked = fetch(context, row, plan.exemplar_question()).await;
    told(asked.map(|(_, body)| body), plan)
}

pub(super) async fn of_own(context: &Context, scope: Scope, plan: &Plan) -> Option<Frame> {
    told(ask_own(context, scope, plan.exemplar_question()).await, plan)
}

async fn ask_own(context: &Context, scope: Scope, question: Question) -> Result<Vec<u8>, Failure> {
    let form = serde_urlencoded::to_string(&question.form)
        .map_err(|error| Failure::ours(error.to_string()))?;
    let request = Request::builder()
        .method(Method::POST)
        .uri("/")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .map_err(|error| Failure::ours(error.to_string()))?;
    let answer = own::call(&context.state, scope, &question.path, request).await?;
    let max = context.state.config.data_source_response_bytes_max;
    let body = to_bytes(answer.into_body(), usize::try_from(max).unwrap_or(usize::MAX)).await;
    body.map(Vec::from).map_err(|error| Failure::ours(error.to_string()))
}

fn told(body: Result<Vec<u8>, Failure>, plan: &Plan) -> Option<Frame> {
    let points = body.map_err(|failure| failure.text).and_then(|body| {
        points(&body).map_err(|bad| match bad {
            read::BadReply::Error(text) | read::BadReply::Shape(text) => text,
        })
    });
    match points {
        Ok(points) if points.is_empty() => None,
        Ok(points) => Some(frame(&thinned(points, plan.step_ms))),
        Err(error) => {
            tracing::debug!(error, "no exemplars");
            None
        }
    }
}

fn points(body: &[u8]) -> Result<Vec<Point>, read::BadReply> {
    let (data, _) = read::data(body)?;
    let all: Option<Vec<OfSeries>> = read::parse(data.get().as_bytes())?;
    let mut points = Vec::new();
    for of_series in all.unwrap_or_default() {
        for exemplar in of_series.exemplars {
            let Ok(v) = exemplar.value.parse() else { continue };
            let mut labels = of_series.series_labels.clone();
            labels.extend(exemplar.labels);
            points.push(Point { t_ms: read::ms(exemplar.timestamp), v, labels });
        }
    }
    Ok(points)
}

/// Of each step the highest, and of the rest those that stand apart from the last one kept by two
/// standard deviations of all: what else there is would be drawn on top of them.
fn thinned(points: Vec<Point>, step_ms: i64) -> Vec<Point> {
    let count = points.len() as f64;
    let mean = points.iter().map(|point| point.v).sum::<f64>() / count;
    let variance = points.iter().map(|point| (point.v - mean).powi(2)).sum::<f64>() / count;
    let apart = 2.0 * variance.sqrt();
    let mut by_step: BTreeMap<i64, Vec<Point>> = BTreeMap::new();
    for point in points {
        by_step.entry(point.t_ms.div_euclid(step_ms)).or_default().push(point);
    }
    let mut kept = Vec::new();
    for (_, mut points) in by_step {
        points.sort_by(|a, b| b.v.total_cmp(&a.v));
        let mut last: Option<f64> = None;
        for point in points {
            if last.is_none_or(|last| last - point.v > apart) {
                last = Some(point.v);
                kept.push(point);
            }
        }
    }
    kept.sort_by_key(|point| point.t_ms);
    kept
}

fn frame(points: &[Point]) -> Frame {
    let names: BTreeSet<&String> = points.iter().flat_map(|point| point.labels.keys()).collect();
    let times = points.iter().map(|point| point.t_ms).collect();
    let values = points.iter().map(|point| point.v).collect();
    let mut fields =
        vec![Field::new("Time", Column::Time(times)), Field::new("Value", Column::Number(values))];
    for name in names {
        let column = points.iter().map(|point| point.labels.get(name).cloned().unwrap_or_default());
        fields.push(Field::new(name, Column::Text(column.collect())));
    }
    for field in &mut fields {
        field.config = Config::default();
    }
    let meta = Meta { custom: result_type("exemplar"), ..Meta::default() };
    Frame { name: "exemplar".to_owned(), meta, fields }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{frame, points, thinned};

    #[test]
    fn exemplars_of_all_series_share_a_frame() {
        let body = json!({ "status": "success", "data": [
            { "seriesLabels": { "__name__": "x", "a": "1" }, "exemplars": [
                { "labels": { "traceID": "t1" }, "value": "5", "timestamp": 2.0 },
                { "labels": { "traceID": "t0" }, "value": "5.1", "timestamp": 1.0 },
            ] },
            { "seriesLabels": { "__name__": "x" }, "exemplars": [
                { "labels": { "spanID": "s" }, "value": "100", "timestamp": 1.5 },
                { "labels": {}, "value": "what", "timestamp": 1.5 },
            ] },
        ] });
        let found = points(body.to_string().as_bytes()).unwrap();
        let mut out = Vec::new();
        frame(&thinned(found, 1000)).push(&mut out, "A");
        let got: Value = serde_json::from_slice(&out).unwrap();
        let names: Vec<&str> = got["schema"]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| field["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["Time", "Value", "__name__", "a", "spanID", "traceID"]);
        assert_eq!(got["schema"]["name"], "exemplar");
        assert_eq!(got["schema"]["meta"]["custom"], json!({ "resultType": "exemplar" }));
        assert_eq!(
            got["data"]["values"],
            json!([
                [1000, 1500, 2000],
                [5.1, 100, 5],
                ["x", "x", "x"],
                ["1", "", "1"],
                ["", "s", ""],
                ["t0", "", "t1"]
            ])
        );
    }

    #[test]
    fn a_source_without_exemplars_has_none() {
        assert!(points(br#"{"status":"success","data":null}"#).unwrap_or_default().is_empty());
        assert!(points(br#"{"status":"success","data":[]}"#).unwrap().is_empty());
        assert!(points(b"404 page not found").is_err());
    }
}
