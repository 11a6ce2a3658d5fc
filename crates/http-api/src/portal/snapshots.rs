//! Snapshots: a dashboard with its data, open to whoever knows the key, until it expires. Nothing
//! is ever sent to another server.

use axum::extract::{Path, State};
use portal::tables::{NewAudit, NewSnapshot, SnapshotRow};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::guard::Visitor;
use super::limits::{check_bytes, check_name};
use super::quotas;
use super::reply::{ApiError, ApiResult, json, json_bytes, parse_json, rfc3339};
use super::state::PortalState;
use crate::portal::query_parameters::{Asked, Parameter, parameters};

const DELETED: &str =
    "Snapshot deleted. It might take an hour before it's cleared from any CDN caches.";

/// Grafana's "never": half a century.
const NEVER_MS: i64 = 50 * 365 * 24 * 3600 * 1000;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Create<'a> {
    #[serde(borrow)]
    dashboard: Option<&'a RawValue>,
    #[serde(default)]
    name: String,
    /// Seconds; 0 for never.
    #[serde(default)]
    expires: i64,
    #[serde(default)]
    external: bool,
    #[serde(default)]
    key: String,
    #[serde(default)]
    delete_key: String,
}

/// `POST /api/snapshots`
pub(crate) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Create<'static>>,
) -> ApiResult {
    let text = std::str::from_utf8(&body)
        .map_err(|_| ApiError::bad_request("bad request data: the body is not UTF-8"))?;
    let new: Create<'_> = serde_json::from_str(text)
        .map_err(|error| ApiError::bad_request(format!("bad request data: {error}")))?;
    if new.external {
        return Err(ApiError::forbidden("External dashboard creation is disabled"));
    }
    let dashboard = new.dashboard.map(RawValue::get).filter(|text| text.starts_with('{'));
    let dashboard = dashboard
        .ok_or_else(|| ApiError::bad_request("bad request data: dashboard is required"))?;
    // Reads it through once: a snapshot too deep to be read must not be kept.
    parse_json::<Value>(dashboard.as_bytes())?;
    let limits = &state.config.objects;
    let (setting, max) = ("limits.snapshot_bytes_max", limits.snapshot_bytes_max);
    check_bytes("dashboard", dashboard.len(), setting, max)?;
    check_name("name", &new.name)?;
    let now_ms = state.clock.unix_ms();
    let life_ms = if new.expires > 0 { new.expires.saturating_mul(1000) } else { NEVER_MS };
    let name = if new.name.is_empty() { "Unnamed snapshot".to_owned() } else { new.name };
    let snapshot = NewSnapshot {
        key: chosen_or_new(&state, new.key)?,
        delete_key: chosen_or_new(&state, new.delete_key)?,
        name,
        dashboard: dashboard.to_owned(),
        user_id: visitor.user(),
        expires_ms: now_ms.saturating_add(life_ms.min(NEVER_MS)),
    };
    let room = quotas::room(&state, visitor.org(), "snapshot", limits.snapshots()).await?;
    let id = state.tables.insert_snapshot(visitor.org(), &snapshot, room, now_ms).await?;
    let root = state.config.root_url.trim_end_matches('/');
    Ok(json(&json!({
        "id": id,
        "key": snapshot.key,
        "deleteKey": snapshot.delete_key,
        "url": format!("{root}/dashboard/snapshot/{}", snapshot.key),
        "deleteUrl": format!("{root}/api/snapshots-delete/{}", snapshot.delete_key),
    })))
}

/// A key that cannot be guessed, unless the client has chosen one.
fn chosen_or_new(state: &PortalState, chosen: String) -> Result<String, ApiError> {
    if chosen.is_empty() {
        // Three uids of 70 random bits each.
        return Ok(format!("{}{}{}", state.new_uid()?, state.new_uid()?, state.new_uid()?));
    }
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if chosen.len() > 100 || !chosen.bytes().all(is_plain) {
        return Err(ApiError::bad_request("a key has letters, digits, - and _, 100 at most"));
    }
    Ok(chosen)
}

fn not_found() -> ApiError {
    ApiError::not_found("Dashboard snapshot not found")
}

/// `GET /api/snapshots/{key}`: for everybody, signed in or not.
pub(crate) async fn get(State(state): State<PortalState>, Path(key): Path<String>) -> ApiResult {
    let row = state.tables.snapshot(&key, state.clock.unix_ms()).await?.ok_or_else(not_found)?;
    let meta = json!({
        "type": "snapshot",
        "isSnapshot": true,
        "canSave": false,
        "canEdit": false,
        "canAdmin": false,
        "canStar": false,
        "canDelete": false,
        "slug": "",
        "url": "",
        "expires": rfc3339(row.snapshot.expires_ms),
        "created": rfc3339(row.created_ms),
        "updated": rfc3339(row.updated_ms),
        "updatedBy": "",
        "createdBy": "",
        "version": 0,
        "hasAcl": false,
        "isFolder": false,
        "folderId": 0,
        "folderUid": "",
        "folderTitle": "",
        "folderUrl": "",
        "provisioned": false,
        "provisionedExternalId": "",
    });
    let body = format!(r#"{{"meta":{meta},"dashboard":{}}}"#, row.snapshot.dashboard);
    Ok(json_bytes(body.into_bytes()))
}

parameters! {
    /// Of the list of snapshots.
    pub(crate) List:
    Parameter::text("query", "A part of the name."),
    Parameter::number("limit", "1000", "How many at most, up to 5000."),
}

/// `GET /api/dashboard/snapshots`: one's own; administrators see those of the organisation.
pub(crate) async fn list(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<List>,
) -> ApiResult {
    let limit = pairs.number::<i64>("limit", 1000)?.clamp(1, 5000);
    let now_ms = state.clock.unix_ms();
    let rows = state.tables.snapshots(visitor.org(), pairs.first("query"), limit, now_ms).await?;
    let found: Vec<Value> =
        rows.iter().filter(|row| may_delete(row, &visitor)).map(short).collect();
    Ok(json(&found))
}

/// Whoever made it, and administrators of its organisation.
fn may_delete(row: &SnapshotRow, visitor: &Visitor) -> bool {
    let is_own = row.snapshot.user_id == visitor.user() && visitor.user() != 0;
    row.org_id == visitor.org() && (is_own || visitor.identity.role == auth::Role::Admin)
}

fn short(row: &SnapshotRow) -> Value {
    json!({
        "id": row.id,
        "name": row.snapshot.name,
        "key": row.snapshot.key,
        "orgId": row.org_id,
        "userId": row.snapshot.user_id,
        "external": false,
        "externalUrl": "",
        "expires": rfc3339(row.snapshot.expires_ms),
        "created": rfc3339(row.created_ms),
        "updated": rfc3339(row.updated_ms),
    })
}

/// `DELETE /api/snapshots/{key}`
pub(crate) async fn delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> ApiResult {
    let row = state.tables.snapshot(&key, state.clock.unix_ms()).await?;
    let row = row.filter(|row| row.org_id == visitor.org()).ok_or_else(not_found)?;
    if !may_delete(&row, &visitor) {
        return Err(ApiError::forbidden("Access denied to this snapshot"));
    }
    state.tables.delete_snapshot(row.id).await?;
    Ok(json(&json!({ "message": DELETED, "id": row.id })))
}

/// `GET /api/snapshots-delete/{deleteKey}`: the key is the right, no sign-in is needed.
pub(crate) async fn delete_by_key(
    State(state): State<PortalState>,
    Path(key): Path<String>,
) -> ApiResult {
    let row = state.tables.snapshot_to_delete(&key, state.clock.unix_ms()).await?;
    let row = row.ok_or_else(not_found)?;
    state.tables.delete_snapshot(row.id).await?;
    let entry = NewAudit {
        org_id: row.org_id,
        action: "delete",
        kind: "snapshot",
        resource: &row.snapshot.name,
        outcome: "done",
        detail: "by its delete key",
        ..NewAudit::default()
    };
    state.audit(&entry).await;
    Ok(json(&json!({ "message": DELETED, "id": row.id })))
}

/// `GET /api/snapshot/shared-options`
pub(crate) async fn shared_options() -> ApiResult {
    Ok(json(&json!({
        "snapshotEnabled": true,
        "externalEnabled": false,
        "externalSnapshotName": "",
        "externalSnapshotURL": "",
    })))
}
