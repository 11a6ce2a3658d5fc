//! Data sources, as Grafana lists them, and their health.

use axum::extract::{Path, State};
use portal::tables::DataSourceRow;
use serde_json::{Map, Value, json};

use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json};
use super::state::PortalState;

pub(crate) async fn list(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    Ok(json(&seen_by(&state, &visitor).await?))
}

/// The entries of the list that the visitor may query.
pub(crate) async fn seen_by(
    state: &PortalState,
    visitor: &Visitor,
) -> Result<Vec<Value>, ApiError> {
    let mut rows = state.tables.data_sources(visitor.org()).await?;
    let access = state.access(visitor).await?;
    rows.retain(|row| access.data_source(&row.source.uid).is_some());
    Ok(rows.iter().map(short).collect())
}

pub(crate) async fn by_uid(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    Ok(json(&full(&find_to_query(&state, &visitor, |row| row.source.uid == uid).await?)))
}

pub(crate) async fn by_name(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> ApiResult {
    Ok(json(&full(&find_to_query(&state, &visitor, |row| row.source.name == name).await?)))
}

pub(crate) async fn by_id(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> ApiResult {
    let id: i64 = id.parse().map_err(|_| ApiError::bad_request("id is invalid"))?;
    Ok(json(&full(&find_to_query(&state, &visitor, |row| row.id == id).await?)))
}

pub(crate) async fn id_by_name(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> ApiResult {
    let row = find_to_query(&state, &visitor, |row| row.source.name == name).await?;
    Ok(json(&json!({ "id": row.id })))
}

/// The source of the visitor's organisation of which `which` is true; 404 without one.
pub(crate) async fn find(
    state: &PortalState,
    visitor: &Visitor,
    which: impl Fn(&DataSourceRow) -> bool,
) -> Result<DataSourceRow, ApiError> {
    let rows = state.tables.data_sources(visitor.org()).await?;
    let found = rows.into_iter().find(which);
    found.ok_or_else(|| ApiError::not_found("Data source not found"))
}

/// The same, when the visitor may query it; 403 when not.
pub(crate) async fn find_to_query(
    state: &PortalState,
    visitor: &Visitor,
    which: impl Fn(&DataSourceRow) -> bool,
) -> Result<DataSourceRow, ApiError> {
    let row = find(state, visitor, which).await?;
    match state.access(visitor).await?.data_source(&row.source.uid) {
        Some(_) => Ok(row),
        None => Err(ApiError::no_permission()),
    }
}

/// An entry of the list.
fn short(row: &DataSourceRow) -> Value {
    let source = &row.source;
    json!({
        "id": row.id,
        "uid": source.uid,
        "orgId": row.org_id,
        "name": source.name,
        "type": source.kind,
        "typeName": type_name(&source.kind),
        "typeLogoUrl": "",
        "access": source.access,
        "url": source.url,
        "user": source.user,
        "database": source.database,
        "basicAuth": source.basic_auth,
        "isDefault": source.is_default,
        "jsonData": json_data(&source.json_data),
        "readOnly": source.read_only,
    })
}

/// A source on its own. Secrets are told by name, never by value.
pub(crate) fn full(row: &DataSourceRow) -> Value {
    let source = &row.source;
    let secure: Map<String, Value> =
        source.secure_json_data.names().map(|name| (name.to_owned(), Value::Bool(true))).collect();
    json!({
        "id": row.id,
        "uid": source.uid,
        "orgId": row.org_id,
        "name": source.name,
        "type": source.kind,
        "typeLogoUrl": "",
        "access": source.access,
        "url": source.url,
        "user": source.user,
        "database": source.database,
        "basicAuth": source.basic_auth,
        "basicAuthUser": source.basic_auth_user,
        "withCredentials": source.with_credentials,
        "isDefault": source.is_default,
        "jsonData": json_data(&source.json_data),
        "secureJsonFields": secure,
        "version": row.version,
        "readOnly": source.read_only,
    })
}

pub(crate) fn json_data(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!({}))
}

/// `node_exporter` → `Node exporter`: what a list shows for a plug-in's id.
fn type_name(kind: &str) -> String {
    let mut letters = kind.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
