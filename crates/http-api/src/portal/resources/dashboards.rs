//! Dashboards as resources. What is written is kept as it came, metadata included.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use portal::dashboard::resource::{Metadata, is_v2, wrap};
use portal::dashboard::{DashboardFormat, Envelope};
use portal::tables::{DashboardRow, Permission};
use std::collections::HashMap;

use super::{DASHBOARDS, Page, Refusal, author, seen_version, utf8};
use crate::portal::dashboards::{self, SaveError, Saving, find, save};
use crate::portal::guard::Visitor;
use crate::portal::reply::{ApiError, json, json_bytes, rfc3339};
use crate::portal::state::PortalState;

type Collection = Path<(String, String)>;
type Object = Path<(String, String, String)>;

fn wrapped(
    row: &DashboardRow,
    version: &str,
    namespace: &str,
    logins: &HashMap<i64, String>,
) -> Result<String, Refusal> {
    let internal = |error: &(dyn std::error::Error + 'static)| ApiError::internal(error);
    let envelope = Envelope::open(&row.received).map_err(|error| internal(&error))?;
    let (created, updated) = (rfc3339(row.created_ms), rfc3339(row.updated_ms));
    let (created_by, updated_by) = (author(logins, row.created_by), author(logins, row.updated_by));
    let metadata = Metadata {
        name: &row.uid,
        namespace,
        internal_id: row.id,
        folder_uid: &row.folder_uid,
        version: row.version,
        created: &created,
        updated: &updated,
        created_by: &created_by,
        updated_by: &updated_by,
        provisioned_by: &row.provisioned_by,
    };
    Ok(wrap(&envelope, version, &metadata).map_err(|error| internal(&error))?)
}

pub(in crate::portal) async fn list(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace)): Collection,
    uri: Uri,
) -> Response {
    let listed = async {
        DASHBOARDS.check(&visitor, &version, &namespace)?;
        let page = Page::of(&uri)?;
        let access = state.access(&visitor).await?;
        let rows = access.listing().rows.iter().filter(|row| !row.is_folder);
        let seen: Vec<_> = rows.filter(|row| access.listed(row).is_some()).collect();
        let newest_ms = seen.iter().map(|row| row.updated_ms).max().unwrap_or(0);
        let logins = state.tables.logins().await.map_err(ApiError::from)?;
        let mut items = Vec::new();
        for listed in seen.iter().skip(page.skip).take(page.limit) {
            // One that was deleted meanwhile is not listed.
            let row = state.tables.dashboard(visitor.org(), &listed.uid).await;
            if let Some(row) = row.map_err(ApiError::from)? {
                items.push(wrapped(&row, &version, &namespace, &logins)?);
            }
        }
        let (group, items) = (DASHBOARDS.group, items.join(","));
        let metadata = page.metadata(seen.len(), newest_ms);
        let text = format!(
            r#"{{"kind":"DashboardList","apiVersion":"{group}/{version}","metadata":{metadata},"items":[{items}]}}"#
        );
        Ok(json_bytes(text.into_bytes()))
    };
    DASHBOARDS.answer("", listed.await)
}

pub(in crate::portal) async fn one(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace, name)): Object,
) -> Response {
    let found = async {
        DASHBOARDS.check(&visitor, &version, &namespace)?;
        let row = seen(&state, &visitor, &name, Permission::View).await?;
        object(&state, &row, &version, &namespace, StatusCode::OK).await
    };
    DASHBOARDS.answer(&name, found.await)
}

async fn object(
    state: &PortalState,
    row: &DashboardRow,
    version: &str,
    namespace: &str,
    code: StatusCode,
) -> Result<Response, Refusal> {
    let logins = state.tables.logins().await.map_err(ApiError::from)?;
    let text = wrapped(row, version, namespace, &logins)?;
    Ok((code, json_bytes(text.into_bytes())).into_response())
}

async fn seen(
    state: &PortalState,
    visitor: &Visitor,
    name: &str,
    least: Permission,
) -> Result<DashboardRow, Refusal> {
    match find(state, visitor, name, least).await {
        Ok(found) => Ok(found.row),
        Err(error) if error.status == StatusCode::NOT_FOUND => Err(DASHBOARDS.not_found(name)),
        Err(error) => Err(error.into()),
    }
}

pub(in crate::portal) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace)): Collection,
    body: Bytes,
) -> Response {
    let created = async {
        DASHBOARDS.check(&visitor, &version, &namespace)?;
        let text = utf8(&body)?;
        let received = DASHBOARDS.received(text, None, &state.new_uid()?)?;
        let present = state.tables.dashboard(visitor.org(), &received.name).await;
        if present.map_err(ApiError::from)?.is_some() {
            return Err(DASHBOARDS.exists(&received.name));
        }
        let saving = Saving {
            received: text,
            uid: Some(&received.name),
            folder_uid: Some(&received.folder_uid),
            message: &received.message,
            ..Saving::default()
        };
        let row = written(&state, &visitor, &saving, &version, &received.name).await?;
        object(&state, &row, &version, &namespace, StatusCode::CREATED).await
    };
    DASHBOARDS.answer("", created.await)
}

/// What is not there yet is created, as Grafana does.
pub(in crate::portal) async fn update(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace, name)): Object,
    body: Bytes,
) -> Response {
    let updated = async {
        DASHBOARDS.check(&visitor, &version, &namespace)?;
        let text = utf8(&body)?;
        let received = DASHBOARDS.received(text, Some(&name), "")?;
        let present = state.tables.dashboard(visitor.org(), &name).await.map_err(ApiError::from)?;
        let seen_version = seen_version(&received)?;
        if present.is_none() && seen_version.is_some() {
            return Err(DASHBOARDS.not_found(&name));
        }
        let saving = Saving {
            received: text,
            uid: Some(&name),
            folder_uid: Some(&received.folder_uid),
            message: &received.message,
            seen_version,
            ..Saving::default()
        };
        let row = written(&state, &visitor, &saving, &version, &name).await?;
        let code = if present.is_some() { StatusCode::OK } else { StatusCode::CREATED };
        object(&state, &row, &version, &namespace, code).await
    };
    DASHBOARDS.answer(&name, updated.await)
}

/// Saves a resource whose spec is of the version's format.
async fn written(
    state: &PortalState,
    visitor: &Visitor,
    saving: &Saving<'_>,
    version: &str,
    name: &str,
) -> Result<DashboardRow, Refusal> {
    let envelope = Envelope::open(saving.received);
    let envelope = envelope.map_err(|error| DASHBOARDS.invalid(name, &error.to_string()))?;
    let wanted = if is_v2(version) { DashboardFormat::V2 } else { DashboardFormat::Classic };
    if envelope.api_version.is_none() && envelope.body == saving.received.trim() {
        return Err(DASHBOARDS.invalid(name, "spec: Required value"));
    }
    if envelope.format != wanted {
        let what = format!("spec: the format is not that of {version}");
        return Err(DASHBOARDS.invalid(name, &what));
    }
    match save(state, visitor, saving).await {
        Ok((_, row)) => Ok(row),
        Err(SaveError::VersionMismatch) => Err(DASHBOARDS.conflict(name)),
        Err(SaveError::Api(error)) => Err(error.into()),
    }
}

pub(in crate::portal) async fn delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace, name)): Object,
) -> Response {
    let deleted = async {
        DASHBOARDS.check(&visitor, &version, &namespace)?;
        seen(&state, &visitor, &name, Permission::Edit).await?;
        dashboards::delete(State(state), visitor, Path(name.clone())).await?;
        Ok(json(&DASHBOARDS.deleted(&name)))
    };
    DASHBOARDS.answer(&name, deleted.await)
}
