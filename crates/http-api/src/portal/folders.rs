//! Folders, nested: list, create, change, move, delete, and their permissions.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use portal::Access;
use portal::tables::{
    FOLDER_DEPTH_MAX, FolderRow, NewFolder, Permission, Resource, Subject, TableError,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::guard::Visitor;
use super::permissions::{Items, listed, replace};
use super::quotas;
use super::reply::{ApiError, ApiResult, json, message, rfc3339};
use super::state::PortalState;
use crate::portal::query_parameters::{Asked, PAGE, Parameter, parameters};

pub(crate) fn folder_url(uid: &str, title: &str) -> String {
    format!("/dashboards/f/{uid}/{}", portal::dashboard::slug(title))
}

parameters! {
    /// Of the list of folders.
    pub(crate) List:
    Parameter::text("parentUid", "The folder that they are in; empty for the top."),
    Parameter::choice("permission", &["View", "Edit"], "What the visitor may do with them."),
    Parameter::number("limit", "1000", "Folders on a page."),
    PAGE,
}

/// The folders at the top, or in `parentUid`.
pub(crate) async fn list(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<List>,
) -> ApiResult {
    let access = state.access(&visitor).await?;
    let (limit, skip) = pairs.page("limit", 1000)?;
    let parent = pairs.first("parentUid");
    let least =
        if pairs.first("permission") == "Edit" { Permission::Edit } else { Permission::View };
    let rows = access.listing().rows.iter().filter(|row| row.is_folder && row.folder_uid == parent);
    let seen = rows.filter(|row| access.folder(&row.uid) >= Some(least));
    let page = seen.skip(skip as usize).take(limit as usize);
    let short = page.map(|row| {
        let mut short =
            json!({ "id": row.id, "uid": row.uid, "title": row.title, "managedBy": "" });
        if !row.folder_uid.is_empty() {
            short["parentUid"] = row.folder_uid.as_str().into();
        }
        short
    });
    Ok(json(&short.collect::<Vec<Value>>()))
}

/// A folder and what the visitor may do with it.
pub(crate) async fn find(
    state: &PortalState,
    visitor: &Visitor,
    uid: &str,
    least: Permission,
) -> Result<(FolderRow, Access), ApiError> {
    let folder = state.tables.folder(visitor.org(), uid).await?;
    let folder = folder.ok_or_else(|| ApiError::not_found("folder not found"))?;
    let access = state.access(visitor).await?;
    if access.folder(uid) >= Some(least) {
        Ok((folder, access))
    } else {
        Err(ApiError::no_permission())
    }
}

pub(crate) async fn one(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    if uid == "general" {
        let access = state.access(&visitor).await?;
        return Ok(json(&general(access.by_role(), visitor.org())));
    }
    let (folder, access) = find(&state, &visitor, &uid, Permission::View).await?;
    describe(&state, &visitor, &folder, &access).await
}

pub(crate) async fn by_id(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> ApiResult {
    let folder = state.tables.folder_by_id(visitor.org(), id).await?;
    let folder = folder.ok_or_else(|| ApiError::not_found("folder not found"))?;
    let (folder, access) = find(&state, &visitor, &folder.uid, Permission::View).await?;
    describe(&state, &visitor, &folder, &access).await
}

/// Where everything lies that lies in no folder.
fn general(held: Option<Permission>, org: i64) -> Value {
    let can_edit = held >= Some(Permission::Edit);
    json!({
        "id": 0, "uid": "general", "orgId": org, "title": "Dashboards", "url": "/dashboards",
        "hasAcl": false, "canSave": can_edit, "canEdit": can_edit,
        "canAdmin": held >= Some(Permission::Admin), "canDelete": false, "version": 1,
    })
}

async fn describe(
    state: &PortalState,
    visitor: &Visitor,
    folder: &FolderRow,
    access: &Access,
) -> ApiResult {
    let logins = state.tables.logins().await?;
    let login = |id: i64| logins.get(&id).map_or("Anonymous", String::as_str);
    let held = access.folder(&folder.uid);
    let can_edit = held >= Some(Permission::Edit);
    // Outermost first.
    let mut parents: Vec<Value> = access
        .listing()
        .around(&folder.parent_uid)
        .map(|around| {
            let url = folder_url(&around.uid, &around.title);
            json!({ "uid": around.uid, "title": around.title, "url": url })
        })
        .collect();
    parents.reverse();
    let mut answer = json!({
        "id": folder.id,
        "uid": folder.uid,
        "orgId": visitor.org(),
        "title": folder.title,
        "description": folder.description,
        "url": folder_url(&folder.uid, &folder.title),
        "hasAcl": false,
        "canSave": can_edit,
        "canEdit": can_edit,
        "canAdmin": held >= Some(Permission::Admin),
        "canDelete": can_edit,
        "createdBy": login(folder.created_by),
        "created": rfc3339(folder.created_ms),
        "updatedBy": login(folder.updated_by),
        "updated": rfc3339(folder.updated_ms),
        "version": folder.version,
    });
    if !folder.parent_uid.is_empty() {
        answer["parentUid"] = folder.parent_uid.as_str().into();
        answer["parents"] = parents.into();
    }
    Ok(json(&answer))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Create {
    #[serde(default)]
    uid: String,
    title: Option<String>,
    #[serde(default)]
    parent_uid: String,
    #[serde(default)]
    description: String,
}

pub(crate) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Create>,
) -> ApiResult {
    let new: Create = body.read()?;
    let title = new.title.unwrap_or_default();
    check_title(&title)?;
    let access = state.access(&visitor).await?;
    check_parent(&access, &new.parent_uid, 1)?;
    let uid = if new.uid.is_empty() { state.new_uid()? } else { new.uid };
    check_uid(&uid)?;
    let folder = NewFolder {
        uid: &uid,
        parent_uid: &new.parent_uid,
        title: &title,
        description: &new.description,
    };
    quotas::check(&state, visitor.org(), "folder").await?;
    let now_ms = state.clock.unix_ms();
    match state.tables.insert_folder(visitor.org(), &folder, visitor.by(now_ms)).await {
        Err(TableError::Taken { .. }) => {
            let text = "a folder with the same uid already exists";
            return Err(ApiError::new(StatusCode::CONFLICT, text));
        }
        inserted => inserted?,
    };
    // Whoever made it may say who else gets in, as in Grafana.
    if access.folder(&new.parent_uid) < Some(Permission::Admin) && visitor.user() != 0 {
        let mut grants = vec![(Subject::User(visitor.user()), Permission::Admin)];
        // A folder inside a closed one stays closed; elsewhere the roles keep what they have.
        if access.follows_roles(&new.parent_uid) {
            grants.push((Subject::Role("Editor".to_owned()), Permission::Edit));
            grants.push((Subject::Role("Viewer".to_owned()), Permission::View));
        }
        let on = Resource::Folder(&uid);
        state.tables.replace_permissions(visitor.org(), on, &grants, now_ms).await?;
    }
    let (folder, access) = find(&state, &visitor, &uid, Permission::View).await?;
    describe(&state, &visitor, &folder, &access).await
}

fn check_title(title: &str) -> Result<(), ApiError> {
    match title.trim() {
        "" => Err(ApiError::bad_request("Folder title cannot be empty")),
        title if title.eq_ignore_ascii_case("general") => {
            Err(ApiError::bad_request("Folder title cannot be General"))
        }
        _ => Ok(()),
    }
}

fn check_uid(uid: &str) -> Result<(), ApiError> {
    let plain = uid.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    match uid {
        "general" => Err(ApiError::bad_request("the uid general belongs to the top")),
        _ if uid.len() > 40 => Err(ApiError::bad_request("uid too long, max 40 characters")),
        _ if !plain => Err(ApiError::bad_request("uid contains illegal characters")),
        _ => Ok(()),
    }
}

/// Whether a folder with `levels` levels may be put there.
fn check_parent(access: &Access, parent: &str, levels: usize) -> Result<(), ApiError> {
    if !parent.is_empty() && access.listing().folder(parent).is_none() {
        return Err(ApiError::bad_request("parent folder not found"));
    }
    if access.folder(parent) < Some(Permission::Edit) {
        return Err(ApiError::no_permission());
    }
    if access.listing().around(parent).count() + levels > FOLDER_DEPTH_MAX {
        let text = format!("folders nest {FOLDER_DEPTH_MAX} deep at most");
        return Err(ApiError::bad_request(text));
    }
    Ok(())
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Change {
    title: Option<String>,
    description: Option<String>,
    #[serde(default)]
    version: i64,
    #[serde(default)]
    overwrite: bool,
}

pub(crate) async fn update(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
    body: JsonBody<Change>,
) -> ApiResult {
    let change: Change = body.read()?;
    let (mut folder, _) = find(&state, &visitor, &uid, Permission::Edit).await?;
    if !change.overwrite && change.version != folder.version {
        return Err(version_mismatch());
    }
    if let Some(title) = change.title {
        check_title(&title)?;
        folder.title = title;
    }
    folder.description = change.description.unwrap_or(folder.description);
    let by = visitor.by(state.clock.unix_ms());
    if !state.tables.update_folder(visitor.org(), &folder, by).await? {
        return Err(version_mismatch());
    }
    let (folder, access) = find(&state, &visitor, &uid, Permission::View).await?;
    describe(&state, &visitor, &folder, &access).await
}

/// Writes title, description and place at once, as the next version of `folder.version`.
/// Errors: those of changing and of moving; nothing is written then.
pub(crate) async fn put(
    state: &PortalState,
    visitor: &Visitor,
    folder: &FolderRow,
) -> Result<(), ApiError> {
    check_title(&folder.title)?;
    let (present, access) = find(state, visitor, &folder.uid, Permission::Edit).await?;
    if present.parent_uid != folder.parent_uid {
        check_return(&access, &folder.uid, &folder.parent_uid)?;
    }
    let by = visitor.by(state.clock.unix_ms());
    let done = state.tables.update_folder(visitor.org(), folder, by).await?;
    if done { Ok(()) } else { Err(version_mismatch()) }
}

fn version_mismatch() -> ApiError {
    ApiError::new(StatusCode::PRECONDITION_FAILED, "the folder has been changed by someone else")
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Move {
    #[serde(default)]
    parent_uid: String,
}

pub(crate) async fn move_to(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
    body: JsonBody<Move>,
) -> ApiResult {
    let Move { parent_uid } = body.read()?;
    let (mut folder, access) = find(&state, &visitor, &uid, Permission::Edit).await?;
    check_not_inside(&access, &uid, &parent_uid)?;
    check_parent(&access, &parent_uid, levels(&access, &uid))?;
    folder.parent_uid = parent_uid;
    let by = visitor.by(state.clock.unix_ms());
    if !state.tables.update_folder(visitor.org(), &folder, by).await? {
        return Err(version_mismatch());
    }
    let (folder, access) = find(&state, &visitor, &uid, Permission::View).await?;
    describe(&state, &visitor, &folder, &access).await
}

fn check_not_inside(access: &Access, uid: &str, parent: &str) -> Result<(), ApiError> {
    if access.listing().below(uid).iter().any(|below| below == parent) {
        return Err(ApiError::bad_request("a folder cannot be moved into itself"));
    }
    Ok(())
}

/// How many folders deep a folder is, itself counted.
fn levels(access: &Access, uid: &str) -> usize {
    let listing = access.listing();
    let outside = listing.around(uid).count();
    let below = listing.below(uid);
    let deepest = below.iter().map(|uid| listing.around(uid).count()).max().unwrap_or(1);
    (deepest + 1).saturating_sub(outside)
}

/// Whether a folder, which may be gone, can be put into another one (again).
pub(crate) fn check_return(access: &Access, uid: &str, parent: &str) -> Result<(), ApiError> {
    if access.listing().folder(uid).is_none() {
        return check_parent(access, parent, 1);
    }
    check_not_inside(access, uid, parent)?;
    check_parent(access, parent, levels(access, uid))
}

/// With everything in it. Folders that hold provisioned dashboards stay: their files would bring
/// them back; so do those with library elements that dashboards use.
pub(crate) async fn delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let (folder, access) = find(&state, &visitor, &uid, Permission::Edit).await?;
    let below = access.listing().below(&uid);
    let mut inside = access.listing().rows.iter().filter(|row| below.contains(&row.folder_uid));
    if inside.any(|row| row.provisioned) {
        let text = "folder cannot be deleted: it holds provisioned dashboards";
        return Err(ApiError::bad_request(text));
    }
    let by = visitor.by(state.clock.unix_ms());
    match state.tables.delete_folders(visitor.org(), &below, by).await {
        Err(TableError::InUse) => {
            let text = "Folder could not be deleted because it contains library elements in use";
            return Err(ApiError::forbidden(text));
        }
        deleted => deleted?,
    }
    Ok(json(&json!({
        "id": folder.id,
        "title": folder.title,
        "message": format!("Folder {} deleted", folder.title),
    })))
}

/// How much lies in a folder, at all depths.
pub(crate) async fn counts(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let (_, access) = find(&state, &visitor, &uid, Permission::View).await?;
    let below = access.listing().below(&uid);
    let inside = access.listing().rows.iter().filter(|row| below.contains(&row.folder_uid));
    let (folders, dashboards): (Vec<_>, Vec<_>) = inside.partition(|row| row.is_folder);
    let panels = state.tables.library_panel_counts(visitor.org()).await?;
    let panels: i64 = below.iter().filter_map(|uid| panels.get(uid)).sum();
    Ok(json(&json!({
        "folder": folders.len(),
        "dashboard": dashboards.len(),
        "librarypanel": panels,
        "alertrule": 0,
    })))
}

pub(crate) async fn permissions(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    find(&state, &visitor, &uid, Permission::Admin).await?;
    Ok(json(&listed(&state, &visitor, Resource::Folder(&uid)).await?))
}

pub(crate) async fn set_permissions(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
    body: JsonBody<Items>,
) -> ApiResult {
    find(&state, &visitor, &uid, Permission::Admin).await?;
    replace(&state, &visitor, Resource::Folder(&uid), &body).await?;
    Ok(message("Folder permissions updated"))
}
