//! Alerting routes, those of Grafana before version 11 among them. Nothing evaluates alerts yet,
//! so every list is empty, and a test that reaches nobody is an error.

use axum::body::Bytes;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::reply::{ApiError, ApiResult, json, parse_json};

/// Lists of alerts, rules, channels, silences: there are none.
pub(crate) async fn empty_list() -> ApiResult {
    Ok(json(&json!([])))
}

/// `GET /api/ruler/grafana/api/v1/rules`: groups by folder.
pub(crate) async fn empty_object() -> ApiResult {
    Ok(json(&json!({})))
}

/// `GET /api/v1/provisioning/policies`: the root of the tree, which leads nowhere.
pub(crate) async fn policies() -> ApiResult {
    Ok(json(&json!({ "receiver": "" })))
}

/// `GET /api/prometheus/grafana/api/v1/rules`
pub(crate) async fn rules() -> ApiResult {
    Ok(json(&json!({ "status": "success", "data": { "groups": [] } })))
}

/// `GET /api/prometheus/grafana/api/v1/alerts`
pub(crate) async fn alerts() -> ApiResult {
    Ok(json(&json!({ "status": "success", "data": { "alerts": [] } })))
}

#[derive(Deserialize)]
struct Test {
    #[serde(default)]
    name: String,
}

/// `POST /api/alerts/test`: no channel can be called, and that is said.
pub(crate) async fn test(body: Bytes) -> ApiResult {
    let Test { name } = parse_json(&body)?;
    let name: String = name.chars().take(100).collect();
    Err(ApiError::new(
        StatusCode::NOT_IMPLEMENTED,
        format!("{name:?} was not sent: this server has no notification channels"),
    ))
}
