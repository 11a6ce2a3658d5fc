//! `/api/health`: whether the portal can serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::reply::json;
use super::state::PortalState;

/// Grafana's three keys, our own version, and `ok` for those who look for one word. 503 without the tables.
pub(crate) async fn health(State(state): State<PortalState>) -> Response {
    let ping = state.tables.ping().await;
    if let Err(error) = &ping {
        tracing::error!(%error, cause = ?error, "the portal's database does not answer");
    }
    let ok = ping.is_ok();
    let body = json(&json!({
        "commit": state.config.commit,
        "database": if ok { "ok" } else { "failing" },
        "version": state.config.version,
        "orreryVersion": state.config.orrery_version,
        "ok": ok,
    }));
    (if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, body).into_response()
}
