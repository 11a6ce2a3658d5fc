//! `/query`, `/query_range`, `/format_query`: admission, evaluation through the engine, and the
//! limits of both.

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use promql::{Engine, QueryError, QueryOptions, QueryResult, RangeTimes};
use query::{Budget, BudgetError, Cancel, Scope};

use super::answer::{Shown, respond};
use super::params::{Params, parse_bool};
use super::state::{PrometheusState, Reader};
use super::wire::{ApiError, ErrorType, success_json};
use crate::admission::Place;
use crate::cache_control::is_no_store;
use crate::evaluations::Endpoint;

pub(crate) async fn instant(
    State(state): State<PrometheusState>,
    Reader(scope): Reader,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, ApiError> {
    let limit = params.limit()?;
    let t_ms = params.time("time", state.clock.unix_ms())?;
    let asked = Asked::read(&params, &headers, limit, (t_ms, 0))?;
    evaluate(&state, scope, Endpoint::Query, asked, move |engine, state, scope, text, budget| {
        engine.instant(&*state.source, scope, text, t_ms, budget)
    })
    .await
}

pub(crate) async fn range(
    State(state): State<PrometheusState>,
    Reader(scope): Reader,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, ApiError> {
    let limit = params.limit()?;
    let (start_ms, end_ms) = (params.required_time("start")?, params.required_time("end")?);
    if end_ms < start_ms {
        let reason = "end timestamp must not be before start time";
        return Err(ApiError::invalid_parameter("end", reason));
    }
    let step_ms = params.required_duration_ms("step")?;
    if step_ms <= 0 {
        let reason = "zero or negative query resolution step widths are not accepted. Try a positive integer";
        return Err(ApiError::invalid_parameter("step", reason));
    }
    let times = RangeTimes { start_ms, end_ms, step_ms };
    // Checked here too, because the reference says this one without naming a parameter.
    state.engine.check_points(times).map_err(|error| ApiError::bad_data(error.to_string()))?;
    let no_store = is_no_store(&headers);
    let asked = Asked::read(&params, &headers, limit, (start_ms, step_ms))?;
    evaluate(
        &state,
        scope,
        Endpoint::QueryRange,
        asked,
        move |engine, state, scope, text, budget| {
            let uncached = no_store.then(|| engine.without_cache());
            let engine = uncached.as_ref().unwrap_or(engine);
            engine.range(&*state.source, scope, text, times, budget)
        },
    )
    .await
}

pub(crate) async fn format_query(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let parsed = promql_syntax::parse(params.first("query"), &state.engine.config().parse)
        .map_err(|error| ApiError::invalid_parameter("query", &error.to_string()))?;
    Ok(success_json(&promql_syntax::prettify(&parsed).into()))
}

/// What both kinds of query have in common.
struct Asked {
    text: String,
    timeout: Option<Duration>,
    options: QueryOptions,
    shown: Shown,
}

impl Asked {
    fn read(
        params: &Params,
        headers: &HeaderMap,
        limit: usize,
        steps: (i64, i64),
    ) -> Result<Self, ApiError> {
        let timeout = params.duration_ms("timeout")?;
        if timeout.is_some_and(|ms| ms <= 0) {
            let reason = format!("timeout must be positive, got {}", params.first("timeout"));
            return Err(ApiError::invalid_parameter("timeout", &reason));
        }
        let lookback_ms = params.lookback_ms()?;
        let use_start_timestamps = use_start_timestamps(headers)?;
        let stats = params.first("stats").to_owned();
        Ok(Self {
            text: params.first("query").to_owned(),
            timeout: timeout.and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis),
            options: QueryOptions {
                lookback_ms,
                use_start_timestamps,
                count_samples: !stats.is_empty(),
            },
            shown: Shown { limit, stats, steps, queued: Duration::ZERO },
        })
    }
}

/// What a request says about start times; nothing when it leaves that to the server.
fn use_start_timestamps(headers: &HeaderMap) -> Result<Option<bool>, ApiError> {
    const NAME: &str = "X-Prometheus-Use-Start-Timestamps";
    let Some(value) = headers.get(NAME).filter(|value| !value.is_empty()) else { return Ok(None) };
    let wrong = |error| ApiError::bad_data(format!("error parsing {NAME} header: {error}"));
    parse_bool(&String::from_utf8_lossy(value.as_bytes())).map(Some).map_err(wrong)
}

/// Waits for a place among `query.max_concurrency`, then evaluates on one of the engine's threads
/// under a budget. When the client leaves, this future is dropped and the evaluation is told to stop.
async fn evaluate(
    state: &PrometheusState,
    scope: Scope,
    endpoint: Endpoint,
    asked: Asked,
    work: impl FnOnce(
        &Engine,
        &PrometheusState,
        &Scope,
        &str,
        &Budget,
    ) -> Result<QueryResult, QueryError>
    + Send
    + 'static,
) -> Result<Response, ApiError> {
    let arrived = Instant::now();
    let cancel = Cancel::default();
    let _cancel_on_drop = cancel.guard();
    let mut limits = state.config.budget;
    limits.timeout = asked.timeout.map_or(limits.timeout, |asked| asked.min(limits.timeout));
    let place = place(state, &scope, limits.timeout).await?;
    let Asked { text, options, mut shown, .. } = asked;
    shown.queued = arrived.elapsed();
    let shared = state.clone();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    state.engine.spawn(move || {
        let budget = shared.evaluations.budget(arrived, limits, cancel);
        let _running = shared.evaluations.begin();
        let started = Instant::now();
        let engine = shared.engine.with(options);
        let result = work(&engine, &shared, &scope, &text, &budget);
        shared.evaluations.finish(endpoint, started.elapsed(), budget.samples_read());
        if let Err(error) = &result {
            shared.evaluations.count_failure(error);
        }
        drop(place);
        // Nobody waits for it when the client has left.
        let _left = sender.send(result);
    })?;
    let ended = |_| ApiError::new(ErrorType::Internal, "the query ended without an answer");
    match receiver.await.map_err(ended)? {
        Ok(result) => Ok(respond(result, &shown)),
        // What is wrong with the text is wrong with the parameter.
        Err(QueryError::Parse(text)) => Err(ApiError::invalid_parameter("query", &text)),
        Err(error) => Err(error.into()),
    }
}

/// The time that a query waits counts as its own.
async fn place(
    state: &PrometheusState,
    scope: &Scope,
    timeout: Duration,
) -> Result<Place, ApiError> {
    let _waiting = state.evaluations.wait();
    match tokio::time::timeout(timeout, state.queries.admit(scope.tenant())).await {
        Ok(Ok(place)) => Ok(place),
        Ok(Err(too_many)) => Err(ApiError::new(
            ErrorType::TooManyRequests,
            format!(
                "too many outstanding requests (limit {} per tenant, raise query.max_outstanding_per_tenant)",
                too_many.limit
            ),
        )),
        Err(_elapsed) => Err(BudgetError::QueueTimeout { limit: timeout }.into()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::{ApiError, use_start_timestamps};

    #[test]
    fn a_request_may_decide_about_start_times() {
        let check = |values: &[&'static str], want: Result<Option<bool>, &str>| {
            let mut headers = HeaderMap::new();
            for value in values {
                let value = HeaderValue::from_static(value);
                headers.append("x-prometheus-use-start-timestamps", value);
            }
            let got = use_start_timestamps(&headers);
            let got = got.as_ref().map_err(ApiError::message);
            assert_eq!(got.copied(), want, "{values:?}");
        };
        check(&[], Ok(None));
        check(&[""], Ok(None));
        check(&["true"], Ok(Some(true)));
        check(&["T"], Ok(Some(true)));
        check(&["0"], Ok(Some(false)));
        check(&["False", "true"], Ok(Some(false)));
        let wrong = "error parsing X-Prometheus-Use-Start-Timestamps header: strconv.ParseBool: \
                     parsing \"yes\": invalid syntax";
        check(&["yes"], Err(wrong));
    }
}
