//! Grafana Live: a WebSocket that speaks centrifuge's JSON protocol and tells who listens that a
//! dashboard was saved or deleted.

mod hub;
mod protocol;
mod session;

use axum::extract::State;
use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::http::{HeaderMap, StatusCode};
use serde_json::json;

use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json};
use super::sources::same_origin;
use super::state::PortalState;

pub(crate) use hub::{Change, DashboardEvent, Place};
pub use hub::{Live, LiveLimits};

/// `GET /api/live/ws`
pub(crate) async fn connect(
    State(state): State<PortalState>,
    visitor: Visitor,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult {
    same_origin(&headers)?;
    let upgrade = upgrade.map_err(|error| ApiError::bad_request(error.body_text()))?;
    let place = state
        .live
        .admit(visitor.user())
        .map_err(|full| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, full.to_string()))?;
    let bytes_max = state.live.limits().message_bytes_max;
    let upgrade = upgrade.max_message_size(bytes_max).max_frame_size(bytes_max);
    Ok(upgrade.on_upgrade(move |socket| session::serve(state, visitor, socket, place)))
}

/// `GET /api/live/list`: channels that other servers would fill; there are none.
pub(crate) async fn list() -> ApiResult {
    Ok(json(&json!({ "channels": [] })))
}
