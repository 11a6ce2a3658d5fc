//! `/api/ui/changes`: what settings were before each change, and taking a change back.
//!
//! An organisation's administrators see the changes of everything in it; everybody sees those of
//! their own preferences, and nobody else does, and what they themselves did to folders, dashboards,
//! library elements and playlists. Undoing takes the right that the change itself took.

use std::collections::HashMap;

use auth::{Action, Principal, Role};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use portal::Access;
use portal::tables::{ChangeRow, ChangeSearch, Permission, TableError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body::JsonBody;
use super::folders::check_return;
use super::guard::Visitor;
use super::quotas;
use super::reply::{ApiError, ApiResult, json, message};
use super::state::PortalState;
use crate::portal::query_parameters::{Asked, PAGE, Parameter, parameters};

parameters! {
    /// Of the list of changes.
    pub(crate) List:
    Parameter::text("kind", "One kind of things only, such as `folder`."),
    Parameter::number("limit", "100", "Changes on a page, at most 200."),
    PAGE,
}

/// Each change may hold a library element twice.
const LIMIT_MAX: i64 = 200;

/// Newest first. Filters: `kind`; `limit` and `page` as elsewhere.
pub(crate) async fn list(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<List>,
) -> ApiResult {
    let (limit, offset) = pairs.page_up_to(LIMIT_MAX, "limit", 100)?;
    let all = visitor.identity.role >= Role::Admin;
    let search = ChangeSearch {
        kind: pairs.first("kind").to_owned(),
        author_id: if all { 0 } else { visitor.user() },
        limit,
        offset,
    };
    let rows = state.tables.changes(visitor.org(), &search).await?;
    let ids = || rows.iter().map(|row| row.id);
    let (first, last) = (ids().min().unwrap_or(0), ids().max().unwrap_or(0));
    let parts = state.tables.change_part_counts(visitor.org(), first, last).await?;
    let shown = rows.iter().filter(|row| may_see(row, &visitor));
    let shown = shown.map(|row| describe(row, parts.get(&row.id).copied().unwrap_or(0)));
    Ok(json(&json!({ "changes": shown.collect::<Vec<Value>>() })))
}

fn may_see(row: &ChangeRow, visitor: &Visitor) -> bool {
    if row.user_id != 0 && row.kind == "preferences" {
        return row.user_id == visitor.user();
    }
    let is_own = row.author_id == visitor.user() && visitor.user() != 0;
    visitor.identity.role >= Role::Admin || (is_own && is_content(&row.kind))
}

/// What not only administrators change.
fn is_content(kind: &str) -> bool {
    matches!(kind, "folder" | "dashboard" | "library element" | "playlist")
}

/// `parts`: how many other changes are undone with this one.
fn describe(row: &ChangeRow, parts: i64) -> Value {
    let action = match (&row.before, &row.after) {
        (None, _) => "create",
        (_, None) => "delete",
        _ => "update",
    };
    json!({
        "id": row.id,
        "kind": row.kind,
        "subject": row.subject,
        "version": row.version,
        "action": action,
        "authorId": row.author_id,
        "author": row.author,
        "time": row.at_ms,
        "undoes": row.undoes,
        "parts": parts,
        "differences": differences(row),
    })
}

/// Columns that every change changes.
const BOOKKEEPING: [&str; 5] = ["version", "created_ms", "created_by", "updated_ms", "updated_by"];

/// Columns that differ, with both values; of secrets the names.
fn differences(row: &ChangeRow) -> Value {
    let nothing = Map::new();
    let (before, after) = (row.before.as_ref(), row.after.as_ref());
    let (before, after) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
    let mut found = Map::new();
    for name in before.keys().chain(after.keys()) {
        let is_bookkeeping = BOOKKEEPING.contains(&name.as_str());
        let (was, is) = (before.get(name), after.get(name));
        if was != is && !is_bookkeeping {
            found.insert(name.clone(), json!({ "before": was, "after": is }));
        }
    }
    if !row.secrets_changed.is_empty() {
        found.insert("secrets".to_owned(), json!({ "changed": row.secrets_changed }));
    }
    Value::Object(found)
}

#[derive(Default, Deserialize, JsonSchema)]
pub(crate) struct Undo {
    /// Also when it has been changed since.
    #[serde(default)]
    force: bool,
}

/// `POST /api/ui/changes/{id}/undo`
pub(crate) async fn undo(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<String>,
    body: JsonBody<Undo>,
) -> ApiResult {
    let id = id.parse().map_err(|_| ApiError::bad_request("id is invalid"))?;
    let Undo { force } = if body.is_empty() { Undo::default() } else { body.read()? };
    let found = state.tables.change(visitor.org(), id).await?;
    let row = found.filter(|row| may_see(row, &visitor));
    let row = row.ok_or_else(|| ApiError::not_found("change not found"))?;
    may_undo(&state, &visitor, &row).await?;
    has_room(&state, &visitor, &row).await?;
    let by = visitor.by(state.clock.unix_ms());
    let done = state.tables.undo_change(visitor.org(), id, force, by).await;
    match done {
        Ok(true) => Ok(message("The change is undone")),
        Ok(false) => Err(ApiError::not_found("change not found")),
        Err(TableError::VersionMismatch) => Err(ApiError::new(
            StatusCode::PRECONDITION_FAILED,
            format!("{} has been changed since; send force to undo nevertheless", row.subject),
        )),
        Err(TableError::Provisioned) => Err(ApiError::forbidden(format!(
            "the {} is provisioned: change it in its file",
            row.kind
        ))),
        Err(error) => Err(error.into()),
    }
}

/// Things that come back count as new ones.
async fn has_room(state: &PortalState, visitor: &Visitor, row: &ChangeRow) -> Result<(), ApiError> {
    if row.before.is_none() || row.after.is_some() {
        return Ok(());
    }
    let mut more: HashMap<&'static str, i64> = HashMap::new();
    let mut gone = state.tables.deleted_with_change(visitor.org(), row.id).await?;
    *gone.entry(row.kind.clone()).or_default() += 1;
    for (kind, count) in gone {
        let target = match kind.as_str() {
            "data source" => "data_source",
            "library element" => "library_element",
            "folder" => "folder",
            "dashboard" => "dashboard",
            "playlist" => "playlist",
            _ => continue,
        };
        *more.entry(target).or_default() += count;
    }
    if more.contains_key("data_source") {
        super::data_source_changes::check_room(state, visitor.org()).await?;
    }
    quotas::check_return(state, visitor.org(), &more).await
}

fn text<'s>(state: Option<&'s Map<String, Value>>, name: &str) -> &'s str {
    let value = state.and_then(|state| state.get(name));
    value.and_then(Value::as_str).unwrap_or_default()
}

fn permitted(state: &PortalState, visitor: &Visitor, action: Action) -> Result<(), ApiError> {
    Ok(state.authority.permit(&Principal::User(&visitor.identity), action)?)
}

/// The rights that the change itself needs.
async fn may_undo(state: &PortalState, visitor: &Visitor, row: &ChangeRow) -> Result<(), ApiError> {
    let of_server = visitor.identity.grafana_admin;
    match row.kind.as_str() {
        "data source" => may_undo_source(state, visitor, row).await,
        "folder" | "dashboard" | "library element" => {
            permitted(state, visitor, Action::WriteDashboards)?;
            let access = state.access(visitor).await?;
            may_undo_in_folder(&access, row)?;
            may_replace(state, visitor, &access, row).await
        }
        "playlist" => permitted(state, visitor, Action::Compose),
        // Tenant and policy decide whose data is seen.
        "organization" => {
            let differs = ["tenant", "label_policy"]
                .into_iter()
                .any(|name| text(row.before.as_ref(), name) != text(row.after.as_ref(), name));
            if differs && !of_server { Err(ApiError::no_permission()) } else { Ok(()) }
        }
        "quotas" if !of_server => Err(ApiError::no_permission()),
        _ => Ok(()),
    }
}

async fn may_undo_source(
    state: &PortalState,
    visitor: &Visitor,
    row: &ChangeRow,
) -> Result<(), ApiError> {
    if row.after.is_none() {
        return Ok(());
    }
    let access = state.access(visitor).await?;
    if access.data_source(text(row.after.as_ref(), "uid")) < Some(Permission::Edit) {
        return Err(ApiError::no_permission());
    }
    Ok(())
}

/// Somebody may have moved it or given permissions on it since: who undoes must be allowed to edit
/// it where it lies now.
async fn may_replace(
    state: &PortalState,
    visitor: &Visitor,
    access: &Access,
    row: &ChangeRow,
) -> Result<(), ApiError> {
    if row.kind == "folder" {
        return Ok(());
    }
    let place = state.tables.replaced_by_undo(visitor.org(), row.id).await?;
    let Some((uid, folder_uid)) = place else { return Ok(()) };
    let held = if row.kind == "dashboard" {
        access.dashboard(&uid, &folder_uid)
    } else {
        access.folder(&folder_uid)
    };
    if held >= Some(Permission::Edit) { Ok(()) } else { Err(ApiError::no_permission()) }
}

/// Where the change left it and where it goes back to, somebody who undoes must be allowed to
/// edit; a folder also where it lies now.
fn may_undo_in_folder(access: &Access, row: &ChangeRow) -> Result<(), ApiError> {
    let may_edit = |folder: &str| {
        let held = access.folder(folder);
        if held >= Some(Permission::Edit) { Ok(()) } else { Err(ApiError::no_permission()) }
    };
    let column = if row.kind == "folder" { "parent_uid" } else { "folder_uid" };
    let (was, is) = (text(row.before.as_ref(), column), text(row.after.as_ref(), column));
    if row.kind == "folder" {
        let uid = text(row.after.as_ref().or(row.before.as_ref()), "uid");
        if access.listing().folder(uid).is_some() {
            may_edit(uid)?;
        }
        return match &row.before {
            Some(_) if row.after.is_none() || was != is => check_return(access, uid, was),
            _ => Ok(()),
        };
    }
    if row.after.is_some() {
        may_edit(is)?;
    }
    if row.before.is_some() { may_edit(was) } else { Ok(()) }
}
