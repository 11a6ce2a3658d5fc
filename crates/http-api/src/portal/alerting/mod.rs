//! Alerting routes, those of Grafana before version 11 among them. What provisioning files say is
//! listed ([`provisioned`]). Nothing evaluates it yet: there are no alerts and no silences, and a
//! test that reaches nobody is an error.

pub(crate) mod provisioned;
mod shapes;

use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::portal::body::JsonBody;
use crate::portal::reply::{ApiError, ApiResult, json};

/// Lists of alerts and silences: there are none.
pub(crate) async fn empty_list() -> ApiResult {
    Ok(json(&json!([])))
}

/// `GET /api/prometheus/grafana/api/v1/rules`
pub(crate) async fn rules() -> ApiResult {
    Ok(json(&json!({ "status": "success", "data": { "groups": [] } })))
}

/// `GET /api/prometheus/grafana/api/v1/alerts`
pub(crate) async fn alerts() -> ApiResult {
    Ok(json(&json!({ "status": "success", "data": { "alerts": [] } })))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Test {
    #[serde(default)]
    name: String,
}

/// `POST /api/alerts/test`: no channel can be called, and that is said.
pub(crate) async fn test(body: JsonBody<Test>) -> ApiResult {
    let Test { name } = body.read()?;
    let name: String = name.chars().take(100).collect();
    Err(ApiError::new(
        StatusCode::NOT_IMPLEMENTED,
        format!("{name:?} was not sent: this server has no notification channels"),
    ))
}
