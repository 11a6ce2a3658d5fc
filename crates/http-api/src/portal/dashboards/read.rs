//! Reading dashboards, and where the home page leads.

use std::collections::HashMap;

use axum::extract::{Path, State};
use portal::dashboard::Envelope;
use portal::tables::{DashboardRow, Permission, Search};
use serde_json::{Value, json};

use crate::portal::account::effective_preferences;
use crate::portal::folders::folder_url;
use crate::portal::guard::Visitor;
use crate::portal::reply::{ApiError, ApiResult, json, json_bytes, rfc3339};
use crate::portal::state::PortalState;

/// A dashboard, and what the visitor may do with it.
pub(crate) struct Found {
    pub(crate) row: DashboardRow,
    pub(crate) permission: Permission,
}

pub(crate) fn dashboard_url(uid: &str, slug: &str) -> String {
    format!("/d/{uid}/{slug}")
}

/// By uid, or by number as the old routes have it. 404 where there is none; 403 where the visitor
/// may do less than `least`.
pub(crate) async fn find(
    state: &PortalState,
    visitor: &Visitor,
    key: &str,
    least: Permission,
) -> Result<Found, ApiError> {
    let mut row = state.tables.dashboard(visitor.org(), key).await?;
    if row.is_none()
        && let Ok(id) = key.parse()
        && let Some(uid) = state.tables.dashboard_uid_by_id(visitor.org(), id).await?
    {
        row = state.tables.dashboard(visitor.org(), &uid).await?;
    }
    let row = row.ok_or_else(|| ApiError::not_found("Dashboard not found"))?;
    let access = state.access(visitor).await?;
    match access.dashboard(&row.uid, &row.folder_uid) {
        Some(permission) if permission >= least => Ok(Found { row, permission }),
        _ => Err(ApiError::no_permission()),
    }
}

/// `/api/dashboards/uid/{uid}`: the dashboard as received, but for `id`, `uid` and `version`,
/// which are the server's.
pub(crate) async fn by_uid(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let found = find(&state, &visitor, &uid, Permission::View).await?;
    let row = &found.row;
    let envelope = Envelope::open(&row.received).map_err(|error| ApiError::internal(&error))?;
    let body = envelope.export(row.id, &row.uid, row.version);
    let body = body.map_err(|error| ApiError::internal(&error))?;
    let mut meta = meta(&found, &state.tables.logins().await?);
    let starred = state.tables.is_starred(visitor.org(), visitor.user(), &row.uid).await?;
    meta["isStarred"] = starred.into();
    Ok(json_bytes(format!(r#"{{"meta":{meta},"dashboard":{body}}}"#).into_bytes()))
}

fn meta(found: &Found, logins: &HashMap<i64, String>) -> Value {
    let Found { row, permission } = found;
    let in_folder = !row.folder_uid.is_empty();
    let can_edit = *permission >= Permission::Edit;
    let login = |id: i64| logins.get(&id).map_or("Anonymous", String::as_str);
    json!({
        "type": "db",
        "canSave": can_edit,
        "canEdit": can_edit,
        "canAdmin": *permission >= Permission::Admin,
        "canStar": true,
        "canDelete": can_edit,
        "slug": row.slug,
        "url": dashboard_url(&row.uid, &row.slug),
        "expires": "0001-01-01T00:00:00Z",
        "created": rfc3339(row.created_ms),
        "updated": rfc3339(row.updated_ms),
        "updatedBy": login(row.updated_by),
        "createdBy": login(row.created_by),
        "version": row.version,
        "hasAcl": false,
        "isFolder": false,
        "folderId": row.folder_id,
        "folderUid": row.folder_uid,
        "folderTitle": if in_folder { row.folder_title.as_str() } else { "General" },
        "folderUrl": if in_folder { folder_url(&row.folder_uid, &row.folder_title) } else { String::new() },
        "provisioned": !row.provisioned_by.is_empty(),
        "provisionedExternalId": file_name(&row.provisioned_from),
        "drifted": row.drifted,
        "annotationsPermissions": {
            "dashboard": { "canAdd": can_edit, "canEdit": can_edit, "canDelete": can_edit },
            "organization": { "canAdd": can_edit, "canEdit": can_edit, "canDelete": can_edit },
        },
    })
}

/// The visitor needs no paths of the server's disk.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// `/api/dashboards/home`: where the home page leads.
pub(crate) async fn home(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let access = state.access(&visitor).await?;
    let preferred = effective_preferences(&state, &visitor).await?.home_dashboard_uid;
    for uid in [&preferred, &state.config.home_dashboard_uid] {
        if !uid.is_empty()
            && let Some(row) = state.tables.dashboard(visitor.org(), uid).await?
            && access.dashboard(&row.uid, &row.folder_uid).is_some()
        {
            return Ok(json(&json!({ "redirectUri": dashboard_url(&row.uid, &row.slug) })));
        }
    }
    let search = Search { dashboards: true, limit: 1, page: 1, ..Search::default() };
    let found = access.listing().search(&search, |row| access.listed(row).is_some());
    let first = found.first().ok_or_else(|| ApiError::not_found("Home dashboard not found"))?;
    Ok(json(&json!({ "redirectUri": dashboard_url(&first.uid, &first.slug) })))
}
