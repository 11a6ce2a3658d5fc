//! Making, changing and deleting library elements.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use portal::Access;
use portal::tables::{LibraryElementRow, NewLibraryElement, Permission, TableError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::read::{Shown, find, not_found};
use crate::portal::body::JsonBody;
use crate::portal::guard::Visitor;
use crate::portal::limits::{check_bytes, check_name, check_uid};
use crate::portal::quotas;
use crate::portal::reply::{ApiError, ApiResult, json};
use crate::portal::state::PortalState;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Posted {
    uid: Option<String>,
    folder_uid: Option<String>,
    folder_id: Option<i64>,
    name: Option<String>,
    kind: Option<i64>,
    model: Option<Map<String, Value>>,
    version: Option<i64>,
}

impl Posted {
    /// The folder that was named, when one was; the empty uid is the top.
    fn folder(&self, access: &Access) -> Result<Option<String>, ApiError> {
        let folder_not_found = || ApiError::not_found("folder not found");
        match (&self.folder_uid, self.folder_id) {
            (Some(uid), _) if uid.is_empty() || uid == "general" => Ok(Some(String::new())),
            (Some(uid), _) => {
                let found = access.listing().folder(uid);
                found.map(|folder| Some(folder.uid.clone())).ok_or_else(folder_not_found)
            }
            (None, Some(0)) => Ok(Some(String::new())),
            (None, Some(id)) if id > 0 => {
                let mut rows = access.listing().rows.iter();
                let found = rows.find(|row| row.is_folder && row.id == id);
                found.map(|folder| Some(folder.uid.clone())).ok_or_else(folder_not_found)
            }
            // Clients say -1 for "where it is".
            (None, _) => Ok(None),
        }
    }
}

/// `POST /api/library-elements`
pub(crate) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Posted>,
) -> ApiResult {
    let new: Posted = body.read()?;
    let kind = new.kind.unwrap_or(0);
    if !matches!(kind, 1 | 2) {
        return Err(ApiError::bad_request("the element kind is not supported"));
    }
    let access = state.access(&visitor).await?;
    let mut element = NewLibraryElement {
        folder_uid: new.folder(&access)?.unwrap_or_default(),
        name: new.name.unwrap_or_default(),
        kind,
        uid: match new.uid {
            Some(uid) if !uid.is_empty() => uid,
            _ => state.new_uid()?,
        },
        ..NewLibraryElement::default()
    };
    check_uid(&element.uid)?;
    check_name("name", &element.name)?;
    put_model(&state, &mut element, new.model.unwrap_or_default())?;
    editable(&access, &element.folder_uid)?;
    let room = state.config.objects.library_elements();
    let room = quotas::room(&state, visitor.org(), "library_element", room).await?;
    let by = visitor.by(state.clock.unix_ms());
    let inserted = state.tables.insert_library_element(visitor.org(), &element, room, by);
    inserted.await.map_err(refused)?;
    answer(&state, &visitor, &element.uid).await
}

/// The model, with the type and description that the element is found by.
fn put_model(
    state: &PortalState,
    element: &mut NewLibraryElement,
    mut model: Map<String, Value>,
) -> Result<(), ApiError> {
    let mut text = |name: &str| {
        let value = model.entry(name).or_insert_with(|| Value::String(String::new()));
        value.as_str().unwrap_or_default().to_owned()
    };
    element.type_name = text("type");
    element.description = text("description");
    element.model = Value::Object(model).to_string();
    let (setting, max) =
        ("limits.library_element_bytes_max", state.config.objects.library_element_bytes_max);
    check_name("type", &element.type_name)?;
    check_bytes("model", element.model.len(), setting, max)
}

fn editable(access: &Access, folder_uid: &str) -> Result<(), ApiError> {
    if access.folder(folder_uid) >= Some(Permission::Edit) {
        Ok(())
    } else {
        Err(ApiError::no_permission())
    }
}

/// Grafana's words and code for a name or uid that is taken.
fn refused(error: TableError) -> ApiError {
    match error {
        TableError::Taken { .. } => {
            ApiError::bad_request("library element with that name or UID already exists")
        }
        error => error.into(),
    }
}

async fn answer(state: &PortalState, visitor: &Visitor, uid: &str) -> ApiResult {
    let (row, access) = find(state, visitor, uid, Permission::View).await?;
    let shown = Shown::load(state, visitor, &access).await?;
    Ok(json(&json!({ "result": shown.describe(&row) })))
}

/// `PATCH /api/library-elements/{uid}`
pub(crate) async fn update(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
    body: JsonBody<Posted>,
) -> ApiResult {
    let change: Posted = body.read()?;
    let (mut row, access) = find(&state, &visitor, &uid, Permission::Edit).await?;
    if change.kind.is_some_and(|kind| !matches!(kind, 1 | 2)) {
        return Err(ApiError::bad_request("the element kind is not supported"));
    }
    if change.version != Some(row.version) {
        return Err(version_mismatch());
    }
    if let Some(folder) = change.folder(&access)? {
        row.element.folder_uid = folder;
        editable(&access, &row.element.folder_uid)?;
    }
    change_element(&state, &mut row, change)?;
    let by = visitor.by(state.clock.unix_ms());
    let updated = state.tables.update_library_element(visitor.org(), &row, by);
    if !updated.await.map_err(refused)? {
        return Err(version_mismatch());
    }
    answer(&state, &visitor, &row.element.uid).await
}

fn change_element(
    state: &PortalState,
    row: &mut LibraryElementRow,
    change: Posted,
) -> Result<(), ApiError> {
    let element = &mut row.element;
    if let Some(uid) = change.uid.filter(|uid| !uid.is_empty() && *uid != element.uid) {
        // Dashboards know it by its uid.
        check_uid(&uid)?;
        element.uid = uid;
    }
    if let Some(name) = change.name.filter(|name| !name.is_empty()) {
        check_name("name", &name)?;
        element.name = name;
    }
    match change.model {
        Some(model) => put_model(state, element, model),
        None => Ok(()),
    }
}

fn version_mismatch() -> ApiError {
    let reason = "the library element has been changed by someone else";
    ApiError::new(StatusCode::PRECONDITION_FAILED, reason)
}

/// `DELETE /api/library-elements/{uid}`: one that dashboards use stays.
pub(crate) async fn delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let (row, _) = find(&state, &visitor, &uid, Permission::Edit).await?;
    let by = visitor.by(state.clock.unix_ms());
    if !state.tables.delete_library_element(visitor.org(), &uid, by).await? {
        return Err(not_found());
    }
    Ok(json(&json!({ "id": row.id, "message": "Library element deleted" })))
}
