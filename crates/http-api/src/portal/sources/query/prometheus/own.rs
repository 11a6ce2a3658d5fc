//! The engine in this process, asked without a socket.

use std::sync::Arc;

use promql::{SampleValue, Value};
use query::Scope;

use super::super::Context;
use super::super::frame::{Frame, Notice};
use super::super::outcome::Failure;
use super::plan::Plan;
use super::{Cells, Kind, Reply, Series, frames};
use crate::portal::ui::{Answer, evaluate as evaluate_blocking};

/// Waits for a turn among the evaluations of dashboards, evaluates, and makes frames of it.
pub(super) async fn evaluate(
    context: &Context,
    scope: &Scope,
    plan: &Plan,
) -> Result<Vec<Frame>, Failure> {
    let state = context.state.clone();
    let turn = Arc::clone(&state.places).acquire_owned().await;
    let turn = turn.map_err(|_| Failure::ours("the server is stopping"))?;
    let (scope, plan, cancel) = (scope.clone(), plan.clone(), context.cancel.clone());
    let evaluated = tokio::task::spawn_blocking(move || {
        let evaluated = evaluate_blocking(&state, &scope, &plan.ask(), cancel);
        drop(turn);
        all_frames(evaluated.answer?, &plan, state.config.query_values_max)
    });
    evaluated.await.map_err(|_| Failure::ours("the evaluation ended early"))?
}

fn all_frames(answer: Answer, plan: &Plan, values_max: usize) -> Result<Vec<Frame>, Failure> {
    let warnings = answer.notices.into_iter().map(|text| ("warning", text));
    let infos = answer.infos.into_iter().map(|text| ("info", text));
    let notices: Vec<Notice> =
        warnings.chain(infos).map(|(severity, text)| Notice { severity, text }).collect();
    let mut left = Allowance { left: values_max, max: values_max };
    let mut all = Vec::new();
    for value in [answer.instant, answer.range].into_iter().flatten() {
        let reply = Reply { notices: notices.clone(), ..reply(&value, &mut left)? };
        all.extend(frames(reply, &plan.naming(), plan.step_ms));
    }
    Ok(all)
}

/// Values that an answer may still have.
struct Allowance {
    left: usize,
    max: usize,
}

impl Allowance {
    fn take(&mut self, count: usize) -> Result<(), Failure> {
        self.left = self.left.checked_sub(count).ok_or_else(|| {
            Failure::bad_query(format!(
                "the answer has more than {} values (raise limits.data_source_values_max)",
                self.max
            ))
        })?;
        Ok(())
    }
}

fn reply(value: &Value, allowance: &mut Allowance) -> Result<Reply, Failure> {
    Ok(match value {
        Value::Scalar { t_ms, v } => Reply {
            kind: Kind::Scalar,
            series: vec![Series { t_ms: vec![*t_ms], v: vec![*v], ..Series::default() }],
            ..Reply::default()
        },
        Value::String { t_ms, text } => Reply {
            kind: Kind::String,
            series: vec![Series { t_ms: vec![*t_ms], ..Series::default() }],
            text: text.clone(),
            ..Reply::default()
        },
        Value::Vector { t_ms, samples } => {
            allowance.take(samples.len())?;
            let series = samples.iter().map(|sample| {
                let mut one = Series { labels: sample.labels.clone(), ..Series::default() };
                match &sample.value {
                    SampleValue::Float(v) => {
                        one.t_ms.push(*t_ms);
                        one.v.push(*v);
                    }
                    SampleValue::Histogram(h) => push_cells(&mut one.cells, *t_ms, h),
                }
                one
            });
            Reply { kind: Kind::Vector, series: series.collect(), ..Reply::default() }
        }
        Value::Matrix(all) => {
            let mut series = Vec::with_capacity(all.len());
            for one in all {
                let mut out = Series { labels: one.labels.clone(), ..Series::default() };
                out.t_ms.reserve(one.cells().len());
                out.v.reserve(one.cells().len());
                for (t_ms, v) in one.floats() {
                    out.t_ms.push(t_ms);
                    out.v.push(v);
                }
                for (t_ms, h) in one.histograms() {
                    push_cells(&mut out.cells, t_ms, h);
                }
                allowance.take(out.v.len() + out.cells.count.len())?;
                series.push(out);
            }
            Reply { kind: Kind::Matrix, series, ..Reply::default() }
        }
    })
}

fn push_cells(cells: &mut Cells, t_ms: i64, h: &model::FloatHistogram) {
    for bucket in promql::histogram::populated_buckets(h) {
        let layout = match (bucket.lower_inclusive, bucket.upper_inclusive) {
            (false, true) => 0,
            (true, false) => 1,
            (false, false) => 2,
            (true, true) => 3,
        };
        cells.push(t_ms, (bucket.lower, bucket.upper, bucket.count), layout);
    }
}
