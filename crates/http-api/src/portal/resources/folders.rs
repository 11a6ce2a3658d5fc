//! Folders as resources. The rules are those of `/api/folders`, whose handlers do the work.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use portal::dashboard::resource::{self, Metadata, Received};
use portal::tables::{FolderRow, Permission};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

use super::selector::Selector;
use super::{Changing, FOLDERS, Listing, Page, Refusal, author, patch, seen_version, utf8, watch};
use crate::portal::body::JsonBody;
use crate::portal::folders;
use crate::portal::guard::Visitor;
use crate::portal::query_parameters::Asked;
use crate::portal::reply::{ApiError, json, rfc3339};
use crate::portal::state::PortalState;

type Collection = Path<(String, String)>;
type Object = Path<(String, String, String)>;

/// What a folder's spec holds.
#[derive(Deserialize)]
struct Posted {
    spec: Spec,
}

#[derive(Deserialize)]
struct Spec {
    title: String,
    #[serde(default)]
    description: String,
}

fn wrapped(
    folder: &FolderRow,
    version: &str,
    namespace: &str,
    logins: &HashMap<i64, String>,
) -> Value {
    let (created, updated) = (rfc3339(folder.created_ms), rfc3339(folder.updated_ms));
    let (created_by, updated_by) =
        (author(logins, folder.created_by), author(logins, folder.updated_by));
    let metadata = Metadata {
        name: &folder.uid,
        namespace,
        internal_id: folder.id,
        folder_uid: &folder.parent_uid,
        version: folder.version,
        created: &created,
        updated: &updated,
        created_by: &created_by,
        updated_by: &updated_by,
        provisioned_by: "",
        labels: BTreeMap::new(),
    };
    resource::folder(&folder.title, &folder.description, version, &metadata)
}

/// Objects by name, as far as they are there.
pub(super) async fn objects(
    state: &PortalState,
    visitor: &Visitor,
    (version, namespace): &(&str, String),
    uids: &[&str],
) -> Result<HashMap<String, String>, Refusal> {
    let logins = state.tables.logins().await.map_err(ApiError::from)?;
    let rows = state.tables.folders(visitor.org()).await.map_err(ApiError::from)?;
    let wanted: HashSet<&str> = uids.iter().copied().collect();
    let found = rows.iter().filter(|row| wanted.contains(row.uid.as_str()));
    let object = |row: &FolderRow| wrapped(row, version, namespace, &logins).to_string();
    Ok(found.map(|row| (row.uid.clone(), object(row))).collect())
}

pub(in crate::portal) async fn list(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace)): Collection,
    pairs: Asked<Listing>,
) -> Response {
    let listed = async {
        FOLDERS.check(&visitor, &version, &namespace)?;
        let selector = Selector::of(&pairs)?;
        if watch::is_wanted(&pairs) {
            let what = (FOLDERS, version.clone());
            return watch::start(state, visitor, what, (&pairs, selector)).await;
        }
        let page = Page::of(&pairs)?;
        let list_version = watch::list_version(&state, &visitor);
        let access = state.access(&visitor).await?;
        let rows = state.tables.folders(visitor.org()).await.map_err(ApiError::from)?;
        let seen = rows.iter().filter(|row| access.folder(&row.uid) >= Some(Permission::View));
        let seen = seen.filter(|row| {
            selector.names(&row.uid, &namespace) && selector.labelled(&BTreeMap::new(), row.id)
        });
        let seen: Vec<&FolderRow> = seen.collect();
        let logins = state.tables.logins().await.map_err(ApiError::from)?;
        let items = seen.iter().skip(page.skip).take(page.limit);
        let items: Vec<Value> =
            items.map(|row| wrapped(row, &version, &namespace, &logins)).collect();
        Ok(json(&json!({
            "kind": "FolderList",
            "apiVersion": format!("{}/{version}", FOLDERS.group),
            "metadata": page.metadata(seen.len(), list_version),
            "items": items,
        })))
    };
    FOLDERS.answer("", listed.await)
}

pub(in crate::portal) async fn one(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace, name)): Object,
) -> Response {
    let found = async {
        FOLDERS.check(&visitor, &version, &namespace)?;
        object(&state, &visitor, &name, (&version, &namespace), StatusCode::OK).await
    };
    FOLDERS.answer(&name, found.await)
}

async fn object(
    state: &PortalState,
    visitor: &Visitor,
    name: &str,
    (version, namespace): (&str, &str),
    code: StatusCode,
) -> Result<Response, Refusal> {
    let folder = row(state, visitor, name).await?.ok_or_else(|| FOLDERS.not_found(name))?;
    if state.access(visitor).await?.folder(name) < Some(Permission::View) {
        return Err(ApiError::no_permission().into());
    }
    let logins = state.tables.logins().await.map_err(ApiError::from)?;
    Ok((code, json(&wrapped(&folder, version, namespace, &logins))).into_response())
}

async fn row(
    state: &PortalState,
    visitor: &Visitor,
    name: &str,
) -> Result<Option<FolderRow>, Refusal> {
    Ok(state.tables.folder(visitor.org(), name).await.map_err(ApiError::from)?)
}

fn spec(text: &str, received: &Received) -> Result<Spec, Refusal> {
    let posted: Result<Posted, _> = serde_json::from_str(text);
    posted.map(|posted| posted.spec).map_err(|e| FOLDERS.invalid(&received.name, &e.to_string()))
}

/// A body as the handlers of `/api/folders` read it.
fn body<T>(value: &Value) -> JsonBody<T> {
    JsonBody::of(value.to_string())
}

pub(in crate::portal) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace)): Collection,
    pairs: Asked<Changing>,
    posted: Bytes,
) -> Response {
    let created = async {
        let text = utf8(&posted)?;
        let received = FOLDERS.received(text, None, &state.new_uid()?)?;
        let name = received.name.clone();
        make(&state, &visitor, &received, &spec(text, &received)?).await?;
        object(&state, &visitor, &name, (&version, &namespace), StatusCode::CREATED).await
    };
    FOLDERS.change((&visitor, &pairs), (&version, &namespace), "", created).await
}

async fn make(
    state: &PortalState,
    visitor: &Visitor,
    received: &Received,
    spec: &Spec,
) -> Result<(), Refusal> {
    let new = json!({
        "uid": received.name, "title": spec.title, "description": spec.description,
        "parentUid": received.folder_uid,
    });
    match folders::create(State(state.clone()), visitor.clone(), body(&new)).await {
        Ok(_) => Ok(()),
        Err(error) if error.status == StatusCode::CONFLICT => Err(FOLDERS.exists(&received.name)),
        Err(error) => Err(error.into()),
    }
}

/// Title, description and place; what is not there yet is created.
pub(in crate::portal) async fn update(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace, name)): Object,
    pairs: Asked<Changing>,
    posted: Bytes,
) -> Response {
    let updated = async {
        let text = utf8(&posted)?;
        let received = FOLDERS.received(text, Some(&name), "")?;
        let Some(folder) = row(&state, &visitor, &name).await? else {
            if seen_version(&received)?.is_some() {
                return Err(FOLDERS.not_found(&name));
            }
            make(&state, &visitor, &received, &spec(text, &received)?).await?;
            return object(&state, &visitor, &name, (&version, &namespace), StatusCode::CREATED)
                .await;
        };
        check_seen(&folder, &received)?;
        replace(&state, &visitor, &folder, (text, &received)).await?;
        object(&state, &visitor, &name, (&version, &namespace), StatusCode::OK).await
    };
    FOLDERS.change((&visitor, &pairs), (&version, &namespace), &name, updated).await
}

/// What the patch says, laid over the folder as it is.
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
    let patched = patch::retried(FOLDERS, &name, once);
    FOLDERS.change((&visitor, &pairs), place, &name, patched).await
}

async fn patch_once(
    state: &PortalState,
    visitor: &Visitor,
    name: &str,
    (version, namespace): (&str, &str),
    (headers, body): (&HeaderMap, &[u8]),
) -> Result<Response, Refusal> {
    // Before the patch is tried: its tests would tell what is in the folder.
    let (folder, _) = match folders::find(state, visitor, name, Permission::Edit).await {
        Err(error) if error.status == StatusCode::NOT_FOUND => return Err(FOLDERS.not_found(name)),
        found => found?,
    };
    let logins = state.tables.logins().await.map_err(ApiError::from)?;
    let mut present = wrapped(&folder, version, namespace, &logins);
    let bytes_max = state.config.body_bytes_max;
    patch::apply(FOLDERS, (headers, body), &mut present, (name, bytes_max))?;
    let text = patch::text(&present, bytes_max)?;
    let received = FOLDERS.received(&text, Some(name), "")?;
    check_seen(&folder, &received)?;
    replace(state, visitor, &folder, (&text, &received)).await.map_err(patch::stale)?;
    object(state, visitor, name, (version, namespace), StatusCode::OK).await
}

/// What was received names the newest version, or none.
fn check_seen(folder: &FolderRow, received: &Received) -> Result<(), Refusal> {
    match seen_version(received)? {
        Some(seen) if seen != folder.version => Err(FOLDERS.conflict(&folder.uid)),
        _ => Ok(()),
    }
}

/// Makes a folder what was received.
async fn replace(
    state: &PortalState,
    visitor: &Visitor,
    folder: &FolderRow,
    (text, received): (&str, &Received),
) -> Result<(), Refusal> {
    let Spec { title, description } = spec(text, received)?;
    let parent_uid = received.folder_uid.clone();
    let changed = FolderRow { title, description, parent_uid, ..folder.clone() };
    Ok(folders::put(state, visitor, &changed).await?)
}

pub(in crate::portal) async fn delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((version, namespace, name)): Object,
    pairs: Asked<Changing>,
) -> Response {
    let deleted = async {
        if row(&state, &visitor, &name).await?.is_none() {
            return Err(FOLDERS.not_found(&name));
        }
        folders::delete(State(state.clone()), visitor.clone(), Path(name.clone())).await?;
        Ok(json(&FOLDERS.deleted(&name)))
    };
    FOLDERS.change((&visitor, &pairs), (&version, &namespace), &name, deleted).await
}
