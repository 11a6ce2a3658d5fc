//! `/query`, `/query_range`, `/format_query`: evaluation through the engine, rendered as the
//! reference's JSON.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use model::Labels;
use promql::{QueryError, QueryResult, SampleValue, Series, Value};
use query::{Budget, Cancel, Scope};

use super::format::{push_histogram_point, push_labels, push_point, push_string, push_time};
use super::params::Params;
use super::state::{PrometheusState, Reader};
use super::wire::{ApiError, ErrorType, success, success_json};
use crate::evaluations::Endpoint;

/// Points a range query may return per series, as in the reference.
const POINTS_MAX: i64 = 11_000;

pub(crate) async fn instant(
    State(state): State<PrometheusState>,
    Reader(scope): Reader,
    params: Params,
) -> Result<Response, ApiError> {
    let t_ms = params.time("time", state.clock.unix_ms())?;
    let limit = params.limit()?;
    let text = params.first("query").to_owned();
    let stats = params.first("stats").to_owned();
    let timeout = timeout(&params)?;
    let result = evaluate(&state, scope, Endpoint::Query, timeout, move |state, scope, budget| {
        state.engine.instant(&*state.source, scope, &text, t_ms, budget)
    })
    .await?;
    Ok(render(&result, limit, !stats.is_empty()))
}

pub(crate) async fn range(
    State(state): State<PrometheusState>,
    Reader(scope): Reader,
    params: Params,
) -> Result<Response, ApiError> {
    let bound = |name: &str| match params.first(name) {
        "" => Err(ApiError::invalid_parameter(name, "cannot parse \"\" to a valid timestamp")),
        _ => params.time(name, 0),
    };
    let (start_ms, end_ms) = (bound("start")?, bound("end")?);
    if end_ms < start_ms {
        let reason = "end timestamp must not be before start time";
        return Err(ApiError::invalid_parameter("end", reason));
    }
    let step_ms = params.duration_ms("step")?.ok_or_else(|| {
        ApiError::invalid_parameter("step", "cannot parse \"\" to a valid duration")
    })?;
    if step_ms <= 0 {
        let reason = "zero or negative query resolution step widths are not accepted. Try a positive integer";
        return Err(ApiError::invalid_parameter("step", reason));
    }
    if end_ms.saturating_sub(start_ms) / step_ms > POINTS_MAX {
        return Err(ApiError::bad_data(
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
        ));
    }
    let limit = params.limit()?;
    let text = params.first("query").to_owned();
    let stats = params.first("stats").to_owned();
    let timeout = timeout(&params)?;
    let result =
        evaluate(&state, scope, Endpoint::QueryRange, timeout, move |state, scope, budget| {
            let times = promql::RangeTimes { start_ms, end_ms, step_ms };
            state.engine.range(&*state.source, scope, &text, times, budget)
        })
        .await?;
    Ok(render(&result, limit, !stats.is_empty()))
}

pub(crate) async fn format_query(params: Params) -> Result<Response, ApiError> {
    let options = promql_syntax::ParseOptions::all_features();
    let parsed = promql_syntax::parse(params.first("query"), &options)
        .map_err(|error| ApiError::invalid_parameter("query", &error.to_string()))?;
    Ok(success_json(&promql_syntax::prettify(&parsed).into()))
}

fn timeout(params: &Params) -> Result<Option<Duration>, ApiError> {
    let ms = params.duration_ms("timeout")?;
    Ok(ms.and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis))
}

/// Waits for a place among `query.max_concurrency`, then evaluates on a blocking thread under a
/// budget. When the client leaves, this future is dropped and the evaluation is told to stop.
async fn evaluate(
    state: &PrometheusState,
    scope: Scope,
    endpoint: Endpoint,
    timeout: Option<Duration>,
    work: impl FnOnce(&PrometheusState, &Scope, &Budget) -> Result<QueryResult, QueryError>
    + Send
    + 'static,
) -> Result<QueryResult, ApiError> {
    let cancel = Cancel::default();
    let _cancel_on_drop = cancel.guard();
    let internal = |e: String| ApiError::new(ErrorType::Internal, e);
    let place = std::sync::Arc::clone(&state.queries).acquire_owned().await;
    let place = place.map_err(|e| internal(e.to_string()))?;
    let mut limits = state.config.budget;
    limits.timeout = timeout.map_or(limits.timeout, |asked| asked.min(limits.timeout));
    let shared = state.clone();
    let task = tokio::task::spawn_blocking(move || {
        let budget = Budget::new(limits, cancel);
        let _running = shared.evaluations.begin();
        let started = std::time::Instant::now();
        let result = work(&shared, &scope, &budget);
        shared.evaluations.finish(endpoint, started.elapsed(), budget.samples_read());
        drop(place);
        result
    });
    Ok(task.await.map_err(|e| internal(e.to_string()))??)
}

fn render(result: &QueryResult, limit: usize, with_stats: bool) -> Response {
    let mut warnings = result.warnings.clone();
    let mut data = Vec::with_capacity(4 << 10);
    data.extend_from_slice(b"{\"resultType\":");
    push_string(&mut data, result.value.type_name());
    data.extend_from_slice(b",\"result\":");
    let cut = push_value(&mut data, &result.value, limit);
    if cut {
        warnings.push("results truncated due to limit".to_owned());
    }
    if with_stats {
        push_stats(&mut data, result);
    }
    data.push(b'}');
    success(&data, &warnings, &result.infos)
}

/// Returns whether elements beyond `limit` (0 = none) were left out.
fn push_value(out: &mut Vec<u8>, value: &Value, limit: usize) -> bool {
    let take = if limit == 0 { usize::MAX } else { limit };
    match value {
        Value::Scalar { t_ms, v } => push_point(out, *t_ms, *v),
        Value::String { t_ms, text } => {
            out.push(b'[');
            push_time(out, *t_ms);
            out.push(b',');
            push_string(out, text);
            out.push(b']');
        }
        Value::Vector { t_ms, samples } => {
            push_list(out, samples.iter().take(take), |out, sample| {
                push_metric(out, &sample.labels);
                match &sample.value {
                    SampleValue::Float(v) => {
                        out.extend_from_slice(b",\"value\":");
                        push_point(out, *t_ms, *v);
                    }
                    SampleValue::Histogram(h) => {
                        out.extend_from_slice(b",\"histogram\":");
                        push_histogram_point(out, *t_ms, h);
                    }
                }
                out.push(b'}');
            });
            return samples.len() > take;
        }
        Value::Matrix(series) => {
            push_list(out, series.iter().take(take), push_series);
            return series.len() > take;
        }
    }
    false
}

fn push_series(out: &mut Vec<u8>, series: &Series) {
    push_metric(out, &series.labels);
    let mut floats = series.floats().peekable();
    if floats.peek().is_some() {
        out.extend_from_slice(b",\"values\":");
        push_list(out, floats, |out, (t_ms, v)| push_point(out, t_ms, v));
    }
    let mut histograms = series.histograms().peekable();
    if histograms.peek().is_some() {
        out.extend_from_slice(b",\"histograms\":");
        push_list(out, histograms, |out, (t_ms, h)| push_histogram_point(out, t_ms, h));
    }
    out.push(b'}');
}

fn push_metric(out: &mut Vec<u8>, labels: &Labels) {
    out.extend_from_slice(b"{\"metric\":");
    push_labels(out, labels);
}

fn push_list<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, push: impl Fn(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        push(out, item);
    }
    out.push(b']');
}

/// `stats=` in the reference's shape: what was measured, in seconds and samples.
fn push_stats(out: &mut Vec<u8>, result: &QueryResult) {
    let stats = &result.stats;
    let json = serde_json::json!({
        "timings": {
            "evalTotalTime": (stats.prepare_time + stats.eval_time).as_secs_f64(),
            "queryPreparationTime": stats.prepare_time.as_secs_f64(),
            "innerEvalTime": stats.eval_time.as_secs_f64(),
            "execTotalTime": (stats.prepare_time + stats.eval_time).as_secs_f64(),
        },
        "samples": {
            "totalQueryableSamples": stats.samples_read,
            "peakSamples": stats.samples_peak,
        },
    });
    out.extend_from_slice(b",\"stats\":");
    out.extend_from_slice(json.to_string().as_bytes());
}
