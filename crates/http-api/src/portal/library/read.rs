//! Finding library elements, and the dashboards that use them.

use std::collections::{HashMap, HashSet};

use axum::extract::{Path, State};
use portal::Access;
use portal::tables::{LibraryElementRow, Permission};
use serde_json::{Value, json};

use crate::portal::guard::Visitor;
use crate::portal::query_parameters::{Asked, PAGE, Pairs, Parameter, parameters};
use crate::portal::reply::{ApiError, ApiResult, json, rfc3339};
use crate::portal::state::PortalState;

/// What elements are shown with.
pub(super) struct Shown<'a> {
    org: i64,
    access: &'a Access,
    logins: HashMap<i64, String>,
    connected: HashMap<String, i64>,
}

impl<'a> Shown<'a> {
    pub(super) async fn load(
        state: &PortalState,
        visitor: &Visitor,
        access: &'a Access,
    ) -> Result<Self, ApiError> {
        Ok(Self {
            org: visitor.org(),
            access,
            logins: state.tables.logins().await?,
            connected: state.tables.library_connection_counts(visitor.org()).await?,
        })
    }

    fn author(&self, id: i64) -> Value {
        let name = self.logins.get(&id).map_or("", String::as_str);
        json!({ "id": id, "name": name, "avatarUrl": "" })
    }

    pub(super) fn describe(&self, row: &LibraryElementRow) -> Value {
        let element = &row.element;
        let folder = self.access.listing().folder(&element.folder_uid);
        json!({
            "id": row.id,
            "orgId": self.org,
            "folderId": folder.map_or(0, |folder| folder.id),
            "folderUid": element.folder_uid,
            "uid": element.uid,
            "name": element.name,
            "kind": element.kind,
            "type": element.type_name,
            "description": element.description,
            "model": serde_json::from_str::<Value>(&element.model).unwrap_or_default(),
            "version": row.version,
            "meta": {
                "folderName": folder.map_or("General", |folder| folder.title.as_str()),
                "folderUid": element.folder_uid,
                "connectedDashboards": self.connected.get(&element.uid).copied().unwrap_or(0),
                "created": rfc3339(row.created_ms),
                "updated": rfc3339(row.updated_ms),
                "createdBy": self.author(row.created_by),
                "updatedBy": self.author(row.updated_by),
            },
        })
    }
}

/// The element, when the visitor may do at least this in its folder.
pub(super) async fn find(
    state: &PortalState,
    visitor: &Visitor,
    uid: &str,
    least: Permission,
) -> Result<(LibraryElementRow, Access), ApiError> {
    let row = state.tables.library_element(visitor.org(), uid).await?.ok_or_else(not_found)?;
    let access = state.access(visitor).await?;
    if access.folder(&row.element.folder_uid) >= Some(least) {
        Ok((row, access))
    } else {
        Err(ApiError::no_permission())
    }
}

pub(super) fn not_found() -> ApiError {
    ApiError::not_found("library element could not be found")
}

/// `GET /api/library-elements/{uid}`
pub(crate) async fn get(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let (row, access) = find(&state, &visitor, &uid, Permission::View).await?;
    let shown = Shown::load(&state, &visitor, &access).await?;
    Ok(json(&json!({ "result": shown.describe(&row) })))
}

/// `GET /api/library-elements/name/{name}`: in every folder that the visitor sees.
pub(crate) async fn by_name(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> ApiResult {
    let access = state.access(&visitor).await?;
    let mut rows = state.tables.library_elements(visitor.org()).await?;
    rows.retain(|row| row.element.name == name && access.folder(&row.element.folder_uid).is_some());
    if rows.is_empty() {
        return Err(not_found());
    }
    let shown = Shown::load(&state, &visitor, &access).await?;
    let found: Vec<Value> = rows.iter().map(|row| shown.describe(row)).collect();
    Ok(json(&json!({ "result": found })))
}

/// What to look for; empty fields ask for nothing.
struct Wanted {
    text: String,
    kind: i64,
    types: HashSet<String>,
    exclude_uid: String,
    /// `None` for all folders.
    folder_uids: Option<HashSet<String>>,
}

impl Wanted {
    fn of(pairs: &Pairs, access: &Access) -> Result<Self, ApiError> {
        let folders = access.listing().rows.iter().filter(|row| row.is_folder);
        let ids: HashMap<String, &str> =
            folders.map(|row| (row.id.to_string(), row.uid.as_str())).collect();
        let by_id = pairs.all("folderFilter").map(|id| match id {
            "0" => String::new(),
            id => ids.get(id).map_or_else(|| format!("#{id}"), |uid| (*uid).to_owned()),
        });
        let by_uid = pairs.all("folderFilterUIDs").map(|uid| match uid {
            "general" => String::new(),
            uid => uid.to_owned(),
        });
        let folder_uids: HashSet<String> = by_id.chain(by_uid).collect();
        Ok(Self {
            text: pairs.first("searchString").to_lowercase(),
            kind: pairs.number("kind", 0)?,
            types: pairs.all("typeFilter").map(str::to_owned).collect(),
            exclude_uid: pairs.first("excludeUid").to_owned(),
            folder_uids: Some(folder_uids).filter(|uids| !uids.is_empty()),
        })
    }

    fn matches(&self, row: &LibraryElementRow) -> bool {
        let element = &row.element;
        let says = |text: &str| text.to_lowercase().contains(&self.text);
        (says(&element.name) || says(&element.description))
            && (self.kind == 0 || element.kind == self.kind)
            && (self.types.is_empty() || self.types.contains(&element.type_name))
            && (self.exclude_uid.is_empty() || element.uid != self.exclude_uid)
            && self.folder_uids.as_ref().is_none_or(|uids| uids.contains(&element.folder_uid))
    }
}

parameters! {
    /// Of the list of library elements.
    pub(crate) List:
    Parameter::text("searchString", "A part of the name or description."),
    Parameter::number("kind", "0", "1 for panels, 2 for variables, 0 for both."),
    Parameter::list("typeFilter", "Types of panels or variables."),
    Parameter::text("excludeUid", "An element that is left out."),
    Parameter::list("folderFilter", "Folders by number, 0 for the top."),
    Parameter::list("folderFilterUIDs", "Folders by uid, `general` for the top."),
    Parameter::choice("sortDirection", &["alpha-asc", "alpha-desc"], "By name."),
    Parameter::number("perPage", "100", "Elements on a page."),
    PAGE,
}

/// `GET /api/library-elements`
pub(crate) async fn list(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<List>,
) -> ApiResult {
    let (limit, offset) = pairs.page("perPage", 100)?;
    let access = state.access(&visitor).await?;
    let wanted = Wanted::of(&pairs, &access)?;
    let mut rows = state.tables.library_elements(visitor.org()).await?;
    rows.retain(|row| wanted.matches(row) && access.folder(&row.element.folder_uid).is_some());
    match pairs.first("sortDirection") {
        "" | "alpha-asc" => {}
        "alpha-desc" => rows.reverse(),
        other => return Err(ApiError::bad_request(format!("unknown sortDirection {other:?}"))),
    }
    let shown = Shown::load(&state, &visitor, &access).await?;
    let page = rows.iter().skip(offset as usize).take(limit as usize);
    Ok(json(&json!({
        "result": {
            "totalCount": rows.len(),
            "page": offset / limit + 1,
            "perPage": limit,
            "elements": page.map(|row| shown.describe(row)).collect::<Vec<Value>>(),
        },
    })))
}

/// `GET /api/library-elements/{uid}/connections`: the dashboards that use it and that the visitor
/// sees.
pub(crate) async fn connections(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let (row, access) = find(&state, &visitor, &uid, Permission::View).await?;
    let shown = Shown::load(&state, &visitor, &access).await?;
    let connected = state.tables.library_connections(visitor.org(), &uid).await?;
    let connected: HashSet<&str> = connected.iter().map(String::as_str).collect();
    let rows = access.listing().rows.iter().filter(|row| !row.is_folder);
    let seen = rows.filter(|d| connected.contains(d.uid.as_str()) && access.listed(d).is_some());
    let entry = |(id, dashboard): (usize, &portal::tables::Listed)| {
        json!({
            "id": id,
            "kind": 1,
            "elementId": row.id,
            "connectionId": dashboard.id,
            "connectionUid": dashboard.uid,
            "created": rfc3339(row.created_ms),
            "createdBy": shown.author(row.created_by),
        })
    };
    let found: Vec<Value> = (1..).zip(seen).map(entry).collect();
    Ok(json(&json!({ "result": found })))
}
