//! `POST /api/ui/query`: one request a dashboard tick, answered line by line as queries finish.

mod frame;
mod held;
mod histograms;
mod legend;
mod number;
mod placeholders;
mod plan;
mod run;
mod step;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use crate::cache_control::is_no_store;
use crate::portal::body::JsonBody;
use crate::portal::guard::Visitor;
use crate::portal::reply::ApiResult;
use crate::portal::state::PortalState;

pub(super) use crate::evaluations::error_type;
pub(in crate::portal) use legend::name as legend_name;
pub(in crate::portal) use number::push_value as push_number;
pub(in crate::portal) use placeholders::{Times, fill_in};
pub(in crate::portal) use plan::Ask;
pub(super) use plan::{Asked, Sources};
pub(in crate::portal) use run::{Answer, evaluate};

/// A variable's query with its placeholders filled in; it has no points, so its step is that of
/// a page's width.
pub(super) fn with_times(query: &str, range_ms: i64, scrape_interval_ms: i64) -> String {
    let step_ms = step::step_ms(&step::StepRequest {
        range_ms,
        max_data_points: plan::POINTS_DEFAULT,
        asked_min_ms: None,
        scrape_interval_ms,
        points_max: plan::POINTS_DEFAULT,
    });
    let times = placeholders::Times { step_ms, scrape_interval_ms, range_ms };
    placeholders::fill_in(query, &times).into_owned()
}

/// Parses, plans (which folds equal queries), and streams the evaluation.
pub(crate) async fn query(
    State(state): State<PortalState>,
    visitor: Visitor,
    headers: HeaderMap,
    body: JsonBody<wire::QueryRequest>,
) -> ApiResult {
    let mut state = state;
    if is_no_store(&headers) {
        state.engine = Arc::new(state.engine.without_cache());
    }
    let request: wire::QueryRequest = body.read()?;
    let sources = plan::Sources::load(&state, &visitor).await?;
    let plan = plan::plan(request, &sources, &state.config)?;
    let mut response = Response::new(Body::from_stream(run::run(state, visitor, plan)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    // A proxy that gathers the answer would make every panel wait for the slowest.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}
