//! `/-/healthy` and `/-/ready`: is the process alive, and can it serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::state::PrometheusState;

pub(crate) async fn healthy() -> &'static str {
    "Prometheus Server is Healthy.\n"
}

pub(crate) async fn ready(State(state): State<PrometheusState>) -> Response {
    if state.is_ready() {
        "Prometheus Server is Ready.\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable\n").into_response()
    }
}
