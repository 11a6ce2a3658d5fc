//! Dashboards as resources. What is written is kept as it came, metadata included.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use portal::dashboard::resource::{self, Metadata, is_v2, wrap};
use portal::dashboard::{DashboardFormat, Envelope};
use portal::tables::{DashboardRow, Permission};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::selector::Selector;
use super::{
    Changing, DASHBOARDS, Listing, PAGE_MAX, Page, Refusal, author, patch, seen_version, utf8,
    watch,
};
use crate::portal::dashboards::{self, SaveError, Saving, find, save};
use crate::portal::guard::Visitor;
use crate::portal::query_parameters::Asked;
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
        labels: resource::labels(&row.received),
    };
    Ok(wrap(&envelope, version, &metadata).map_err(|error| internal(&error))?)
}

/// Objects by name, as far as they are there and selected.
pub(super) async fn objects(
    state: &PortalState,
    visitor: &Visitor,
    (version, namespace): &(&str, String),
    (uids, selector): (&[&str], &Selector),
) -> Result<HashMap<String, String>, Refusal> {
    let logins = state.tables.logins().await.map_err(ApiError::from)?;
    let rows = state.tables.dashboards(visitor.org(), uids).await.map_err(ApiError::from)?;
    let mut objects = HashMap::with_capacity(rows.len());
    for row in rows.iter().filter(|row| is_labelled(selector, row)) {
        objects.insert(row.uid.clone(), wrapped(row, version, namespace, &logins)?);
    }
    Ok(objects)
}

fn is_labelled(selector: &Selector, row: &DashboardRow) -> bool {
    let labels =
        if selector.needs_labels() { resource::labels(&row.received) } else { BTreeMap::new() };
    selector.labelled(&labels, row.id)
}

/// Cost: one query for a page; all visible dashboards are read where labels select that only
/// their authors know.
pub(in crate::portal) async fn list(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace)): Collection,
    pairs: Asked<Listing>,
) -> Response {
    let listed = async {
        DASHBOARDS.check(&visitor, &version, &namespace)?;
        let selector = Selector::of(&pairs)?;
        if watch::is_wanted(&pairs) {
            let what = (DASHBOARDS, version.clone());
            return watch::start(state, visitor, what, (&pairs, selector)).await;
        }
        let page = Page::of(&pairs)?;
        let list_version = watch::list_version(&state, &visitor);
        let access = state.access(&visitor).await?;
        let rows = access.listing().rows.iter().filter(|row| !row.is_folder);
        let seen = rows.filter(|row| selector.names(&row.uid, &namespace));
        let seen = seen.filter(|row| access.listed(row).is_some());
        let mut names: Vec<&str> = if selector.needs_labels() {
            seen.map(|row| row.uid.as_str()).collect()
        } else {
            let seen = seen.filter(|row| selector.labelled(&BTreeMap::new(), row.id));
            seen.map(|row| row.uid.as_str()).collect()
        };
        if selector.needs_labels() {
            names = labelled(&state, &visitor, names, &selector).await?;
        }
        let some: Vec<&str> = names.iter().skip(page.skip).take(page.limit).copied().collect();
        let place = (version.as_str(), namespace.clone());
        let mut objects = objects(&state, &visitor, &place, (&some, &selector)).await?;
        // One that was deleted meanwhile is not listed.
        let items: Vec<String> = some.iter().filter_map(|name| objects.remove(*name)).collect();
        let (group, items) = (DASHBOARDS.group, items.join(","));
        let metadata = page.metadata(names.len(), list_version);
        let text = format!(
            r#"{{"kind":"DashboardList","apiVersion":"{group}/{version}","metadata":{metadata},"items":[{items}]}}"#
        );
        Ok(json_bytes(text.into_bytes()))
    };
    DASHBOARDS.answer("", listed.await)
}

/// Those of these dashboards that a selector selects by labels of their authors.
async fn labelled<'n>(
    state: &PortalState,
    visitor: &Visitor,
    names: Vec<&'n str>,
    selector: &Selector,
) -> Result<Vec<&'n str>, Refusal> {
    let mut selected = Vec::new();
    for some in names.chunks(PAGE_MAX) {
        let rows = state.tables.dashboards(visitor.org(), some).await.map_err(ApiError::from)?;
        let found: HashSet<&str> = rows
            .iter()
            .filter(|row| is_labelled(selector, row))
            .map(|row| row.uid.as_str())
            .collect();
        selected.extend(some.iter().filter(|name| found.contains(**name)));
    }
    Ok(selected)
}

pub(in crate::portal) async fn one(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace, name)): Object,
) -> Response {
    let found = async {
        DASHBOARDS.check(&visitor, &version, &namespace)?;
        let row = seen(&state, &visitor, &name, Permission::View).await?;
        object_of(&state, &row, &version, &namespace, StatusCode::OK).await
    };
    DASHBOARDS.answer(&name, found.await)
}

async fn object_of(
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
    pairs: Asked<Changing>,
    body: Bytes,
) -> Response {
    let created = async {
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
        object_of(&state, &row, &version, &namespace, StatusCode::CREATED).await
    };
    DASHBOARDS.change((&visitor, &pairs), (&version, &namespace), "", created).await
}

/// What is not there yet is created, as Grafana does.
pub(in crate::portal) async fn update(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace, name)): Object,
    pairs: Asked<Changing>,
    body: Bytes,
) -> Response {
    let updated = async {
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
        object_of(&state, &row, &version, &namespace, code).await
    };
    DASHBOARDS.change((&visitor, &pairs), (&version, &namespace), &name, updated).await
}

/// What the patch says, laid over the newest version; one that names the version it is for is
/// refused when that is not the newest.
pub(in crate::portal) async fn patch(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace, name)): Object,
    pairs: Asked<Changing>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let place = (version.as_str(), namespace.as_str());
    let once = || patch_once(&state, &visitor, &name, place, (&headers, &body));
    let patched = patch::retried(DASHBOARDS, &name, once);
    DASHBOARDS.change((&visitor, &pairs), place, &name, patched).await
}

async fn patch_once(
    state: &PortalState,
    visitor: &Visitor,
    name: &str,
    (version, namespace): (&str, &str),
    (headers, body): (&HeaderMap, &[u8]),
) -> Result<Response, Refusal> {
    let row = seen(state, visitor, name, Permission::Edit).await?;
    let logins = state.tables.logins().await.map_err(ApiError::from)?;
    let text = wrapped(&row, version, namespace, &logins)?;
    let mut object: Value = serde_json::from_str(&text).map_err(|e| ApiError::internal(&e))?;
    if object["status"]["conversion"]["failed"] == true {
        let why = object["status"]["conversion"]["error"].as_str().unwrap_or_default();
        return Err(DASHBOARDS.invalid(name, why));
    }
    let bytes_max = state.config.body_bytes_max;
    patch::apply(DASHBOARDS, (headers, body), &mut object, (name, bytes_max))?;
    if let Some(object) = object.as_object_mut() {
        object.remove("status");
    }
    let text = patch::text(&object, bytes_max)?;
    let received = DASHBOARDS.received(&text, Some(name), "")?;
    if seen_version(&received)?.is_some_and(|seen| seen != row.version) {
        return Err(DASHBOARDS.conflict(name));
    }
    let saving = Saving {
        received: &text,
        uid: Some(name),
        folder_uid: Some(&received.folder_uid),
        message: &received.message,
        seen_version: Some(row.version),
        ..Saving::default()
    };
    let row = written(state, visitor, &saving, version, name).await.map_err(patch::stale)?;
    object_of(state, &row, version, namespace, StatusCode::OK).await
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
    pairs: Asked<Changing>,
) -> Response {
    let deleted = async {
        seen(&state, &visitor, &name, Permission::Edit).await?;
        dashboards::delete(State(state.clone()), visitor.clone(), Path(name.clone())).await?;
        Ok(json(&DASHBOARDS.deleted(&name)))
    };
    DASHBOARDS.change((&visitor, &pairs), (&version, &namespace), &name, deleted).await
}
