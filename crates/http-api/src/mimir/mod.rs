//! The Mimir faces: push on one port, the Prometheus API below `/prometheus` on both.

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::observe::{Observer, count_requests, metrics};
use crate::prometheus::{PrometheusState, api_router, remote_write};

/// Both Mimir ports serve the same routes: senders and queriers disagree on which is which.
pub fn router(state: &PrometheusState) -> Router {
    let observer = Observer::new("mimir", &state.registry);
    let own = Router::new()
        .route("/ready", get(ready))
        .route("/config", get(config))
        .route("/api/v1/push", post(remote_write))
        .layer(DefaultBodyLimit::max(state.write_gate.body_bytes_max()))
        .with_state(state.clone());
    let page = Router::new().route("/metrics", get(metrics)).with_state(observer.clone());
    own.merge(page)
        .nest("/prometheus", api_router(state))
        .layer(middleware::from_fn_with_state(observer, count_requests))
}

/// The effective configuration, as Mimir shows its own.
async fn config(State(state): State<PrometheusState>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], state.pages.mimir_yaml())
        .into_response()
}

async fn ready(State(state): State<PrometheusState>) -> Response {
    if state.is_ready() {
        "ready".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "starting").into_response()
    }
}
