//! `POST /api/dashboards/calculate-diff`: what differs between two versions, saved or not.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use portal::dashboard::{Envelope, basic_html, diff, json_html, summary};
use portal::tables::Permission;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::dashboards::{find, stored};
use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json};
use super::state::PortalState;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Calculate {
    base: Side,
    new: Side,
    /// `basic` or `json` as HTML, `delta` as JSON.
    #[serde(default)]
    diff_type: String,
}

/// A saved version, or what somebody has on the screen.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Side {
    #[serde(default)]
    dashboard_id: i64,
    #[serde(default, alias = "dashboardUID")]
    dashboard_uid: String,
    /// 0 = the newest.
    #[serde(default)]
    version: i64,
    #[serde(default)]
    unsaved_dashboard: Option<Value>,
}

pub(crate) async fn calculate(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Calculate>,
) -> ApiResult {
    let asked: Calculate = body.read()?;
    let old = side(&state, &visitor, asked.base).await?;
    let new = side(&state, &visitor, asked.new).await?;
    // Long dashboards take their time; other visitors do not wait for it.
    let kind = asked.diff_type;
    let compared = tokio::task::spawn_blocking(move || match kind.as_str() {
        "basic" => Ok(html(basic_html(&summary(&old, &new)))),
        "json" | "" => Ok(html(json_html(&diff(&old, &new)))),
        "delta" => Ok(json(&json!({
            "changes": diff(&old, &new), "summary": summary(&old, &new),
        }))),
        other => Err(ApiError::bad_request(format!("unknown diffType {other:?}"))),
    });
    compared.await.map_err(|error| ApiError::internal(&error))?
}

fn html(text: String) -> axum::response::Response {
    let kind = HeaderValue::from_static("text/html; charset=UTF-8");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

async fn side(state: &PortalState, visitor: &Visitor, side: Side) -> Result<Value, ApiError> {
    if let Some(unsaved) = side.unsaved_dashboard.filter(Value::is_object) {
        return Ok(unsaved);
    }
    let key = if side.dashboard_uid.is_empty() {
        side.dashboard_id.to_string()
    } else {
        side.dashboard_uid
    };
    let row = find(state, visitor, &key, Permission::View).await?.row;
    let received = match side.version {
        0 => row.received,
        version if version == row.version => row.received,
        version => stored(state, &row, version).await?.received,
    };
    let envelope = Envelope::open(&received).map_err(|error| ApiError::internal(&error))?;
    serde_json::from_str(envelope.body).map_err(|error| ApiError::internal(&error))
}
