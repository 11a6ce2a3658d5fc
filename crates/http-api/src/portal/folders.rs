//! Folders, as Grafana lists them.

use axum::extract::{Path, State};
use portal::tables::FolderRow;
use serde_json::{Value, json};

use super::reply::{ApiError, ApiResult, json, rfc3339};
use super::state::PortalState;

/// Grafana's upper bound of a page.
pub(crate) const FOLDERS_MAX: i64 = 1000;

pub(crate) async fn list(State(state): State<PortalState>) -> ApiResult {
    let folders = state.tables.folders(FOLDERS_MAX).await?;
    let short = |folder: &FolderRow| json!({ "id": folder.id, "uid": folder.uid, "title": folder.title, "managedBy": "" });
    Ok(json(&folders.iter().map(short).collect::<Vec<Value>>()))
}

pub(crate) async fn one(State(state): State<PortalState>, Path(uid): Path<String>) -> ApiResult {
    let folder = state.tables.folder_by_uid(&uid).await?;
    let folder = folder.ok_or_else(|| ApiError::not_found("folder not found"))?;
    Ok(json(&json!({
        "id": folder.id,
        "uid": folder.uid,
        "orgId": 1,
        "title": folder.title,
        "url": folder_url(&folder.uid, &folder.title),
        "hasAcl": false,
        "canSave": false,
        "canEdit": false,
        "canAdmin": false,
        "canDelete": false,
        "createdBy": "Anonymous",
        "created": rfc3339(folder.created_ms),
        "updatedBy": "Anonymous",
        "updated": rfc3339(folder.updated_ms),
        "version": 1,
    })))
}

pub(crate) fn folder_url(uid: &str, title: &str) -> String {
    format!("/dashboards/f/{uid}/{}", portal::dashboard::slug(title))
}
