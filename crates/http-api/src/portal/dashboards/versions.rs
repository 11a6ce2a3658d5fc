//! Versions of a dashboard: the list, one of them, and going back.

use std::collections::HashMap;

use axum::extract::{Path, State};
use portal::dashboard::Envelope;
use portal::tables::{DashboardRow, Permission, VersionRow};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::save::answer;
use super::{Saving, find, save};
use crate::portal::body::JsonBody;
use crate::portal::guard::Visitor;
use crate::portal::query_parameters::{Asked, Parameter, parameters};
use crate::portal::reply::{ApiError, ApiResult, json, rfc3339};
use crate::portal::state::PortalState;

parameters! {
    /// Of the list of versions.
    pub(crate) Versions:
    Parameter::number("limit", "1000", "How many at most."),
    Parameter::number("start", "0", "How many newer ones are passed over."),
}

pub(crate) async fn versions(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(key): Path<String>,
    pairs: Asked<Versions>,
) -> ApiResult {
    let row = find(&state, &visitor, &key, Permission::View).await?.row;
    let limit = pairs.number("limit", 1000)?.clamp(1, 1000);
    let start: i64 = pairs.number("start", 0)?;
    let found = state.tables.dashboard_versions(row.id, limit, start.max(0)).await?;
    let logins = state.tables.logins().await?;
    let list: Vec<Value> = found.iter().map(|version| describe(version, &row, &logins)).collect();
    Ok(json(&json!({ "continueToken": "", "versions": list })))
}

/// One version, with its dashboard in `data`.
pub(crate) async fn version(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((key, number)): Path<(String, i64)>,
) -> ApiResult {
    let row = find(&state, &visitor, &key, Permission::View).await?.row;
    let found = stored(&state, &row, number).await?;
    let logins = state.tables.logins().await?;
    let mut answer = describe(&found, &row, &logins);
    let body = Envelope::open(&found.received).map_err(|error| ApiError::internal(&error))?.body;
    let body: Value = serde_json::from_str(body).map_err(|error| ApiError::internal(&error))?;
    answer["data"] = body;
    Ok(json(&answer))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Restore {
    version: i64,
}

/// Saves an old version again, as the newest.
pub(crate) async fn restore(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(key): Path<String>,
    body: JsonBody<Restore>,
) -> ApiResult {
    let Restore { version } = body.read()?;
    let row = find(&state, &visitor, &key, Permission::Edit).await?.row;
    let found = stored(&state, &row, version).await?;
    let saving = Saving {
        received: &found.received,
        uid: Some(&row.uid),
        message: &format!("Restored from version {version}"),
        restored_from: version,
        ..Saving::default()
    };
    answer(save(&state, &visitor, &saving).await)
}

pub(crate) async fn stored(
    state: &PortalState,
    row: &DashboardRow,
    version: i64,
) -> Result<VersionRow, ApiError> {
    let found = state.tables.dashboard_version(row.id, version).await?;
    found.ok_or_else(|| ApiError::not_found("Dashboard version not found"))
}

fn describe(version: &VersionRow, row: &DashboardRow, logins: &HashMap<i64, String>) -> Value {
    json!({
        "id": version.id,
        "dashboardId": row.id,
        "dashboardUID": row.uid,
        "uid": row.uid,
        "parentVersion": version.parent_version,
        "restoredFrom": version.restored_from,
        "version": version.version,
        "created": rfc3339(version.created_ms),
        "createdBy": logins.get(&version.created_by).map_or("", String::as_str),
        "message": version.message,
    })
}
