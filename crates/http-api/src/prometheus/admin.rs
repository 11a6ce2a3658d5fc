//! `/admin/tsdb/*`: deleting series, cleaning up after that, and snapshots, where that is switched
//! on.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::TimeRange;
use query::{MetricAdmin, Scope};
use serde_json::json;

use super::params::{Params, matchers, parse_bool};
use super::state::{Admin, PrometheusState};
use super::wire::{ApiError, ErrorType, success_json};

/// Runs an administrator's wish on a thread that may block. It goes on when the client leaves.
pub(super) async fn run<T: Send + 'static, E: Into<ApiError> + Send + 'static>(
    state: &PrometheusState,
    scope: Scope,
    wish: impl FnOnce(&dyn MetricAdmin, &Scope) -> Result<T, E> + Send + 'static,
) -> Result<T, ApiError> {
    let admin = Arc::clone(&state.admin);
    let task = tokio::task::spawn_blocking(move || wish(&*admin, &scope));
    let joined = task.await.map_err(|e| ApiError::new(ErrorType::Internal, e.to_string()))?;
    joined.map_err(Into::into)
}

/// `POST|PUT /admin/tsdb/delete_series?match[]=…&start=…&end=…`
pub(crate) async fn delete_series(
    State(state): State<PrometheusState>,
    Admin(scope): Admin,
    params: Params,
) -> Result<Response, ApiError> {
    if params.all("match[]").next().is_none() {
        return Err(ApiError::bad_data("no match[] parameter provided"));
    }
    let range = TimeRange::new(params.time("start", i64::MIN)?, params.time("end", i64::MAX)?);
    // Unlike where series are listed, a selector of everything is taken.
    let options = &state.engine.config().parse;
    let sets = params.all("match[]").map(|text| matchers("match[]", text, options));
    let sets = sets.collect::<Result<Vec<_>, _>>()?;
    run(&state, scope, move |admin, scope| admin.delete_series(scope, &sets, range)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST|PUT /admin/tsdb/clean_tombstones`
pub(crate) async fn clean_tombstones(
    State(state): State<PrometheusState>,
    Admin(scope): Admin,
) -> Result<Response, ApiError> {
    run(&state, scope, |admin, scope| admin.clean_tombstones(scope)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST|PUT /admin/tsdb/snapshot?skip_head=…`
pub(crate) async fn snapshot(
    State(state): State<PrometheusState>,
    Admin(scope): Admin,
    params: Params,
) -> Result<Response, ApiError> {
    let skip_head = match params.first("skip_head") {
        "" => false,
        text => parse_bool(text).map_err(|error| {
            let reason = format!("unable to parse boolean: {error}");
            ApiError::invalid_parameter("skip_head", &reason)
        })?,
    };
    let name = run(&state, scope, move |admin, scope| admin.snapshot(scope, skip_head)).await?;
    Ok(success_json(&json!({"name": name})))
}
