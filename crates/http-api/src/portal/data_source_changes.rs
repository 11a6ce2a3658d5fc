//! Creating, changing and deleting data sources.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use portal::Access;
use portal::tables::{DataSourceRow, NewDataSource, Permission, SecureJsonData, TableError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body::JsonBody;
use super::data_sources::{find, full};
use super::guard::Visitor;
use super::quotas;
use super::reply::{ApiError, ApiResult, json, parse_json};
use super::state::PortalState;

/// In an organisation.
const SOURCES_MAX: usize = 5_000;
const UID_LENGTH_MAX: usize = 40;
const NAME_LENGTH_MAX: usize = 190;
const URL_LENGTH_MAX: usize = 2_000;

/// What a client sends. Secrets that are left out of a change stay as they are.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Given {
    #[serde(default)]
    uid: Option<String>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    access: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    database: Option<String>,
    #[serde(default)]
    basic_auth: Option<bool>,
    #[serde(default)]
    basic_auth_user: Option<String>,
    #[serde(default)]
    with_credentials: Option<bool>,
    #[serde(default)]
    is_default: Option<bool>,
    #[serde(default)]
    json_data: Option<Map<String, Value>>,
    #[serde(default)]
    secure_json_data: Option<Map<String, Value>>,
    /// The version that the author has seen; 0 or nothing overwrites.
    #[serde(default)]
    version: Option<i64>,
}

fn bad(reason: &str) -> ApiError {
    ApiError::bad_request(format!("bad request data: {reason}"))
}

impl Given {
    /// The source to be stored; what is kept secret now stays unless it is given anew.
    fn over(self, uid: String, secrets: SecureJsonData) -> Result<NewDataSource, ApiError> {
        let name = self.name.unwrap_or_default();
        let kind = self.kind.unwrap_or_default();
        let access = self.access.unwrap_or_default();
        if name.trim().is_empty() || name.len() > NAME_LENGTH_MAX {
            return Err(bad("name has 1 to 190 characters"));
        }
        if kind.is_empty() || kind.len() > NAME_LENGTH_MAX {
            return Err(bad("type has 1 to 190 characters"));
        }
        if !matches!(access.as_str(), "" | "proxy" | "direct") {
            return Err(bad("access is proxy or direct"));
        }
        let url = self.url.unwrap_or_default();
        check_url(&url)?;
        let mut secure_json_data = secrets;
        for (name, value) in self.secure_json_data.unwrap_or_default() {
            match value {
                Value::String(text) => secure_json_data.set(&name, text),
                Value::Null => {}
                other => secure_json_data.set(&name, other.to_string()),
            }
        }
        Ok(NewDataSource {
            uid,
            name,
            kind,
            url,
            access: if access.is_empty() { "proxy".to_owned() } else { access },
            is_default: self.is_default.unwrap_or_default(),
            user: self.user.unwrap_or_default(),
            database: self.database.unwrap_or_default(),
            basic_auth: self.basic_auth.unwrap_or_default(),
            basic_auth_user: self.basic_auth_user.unwrap_or_default(),
            with_credentials: self.with_credentials.unwrap_or_default(),
            json_data: Value::Object(self.json_data.unwrap_or_default()).to_string(),
            secure_json_data,
            read_only: false,
            provisioned_from: String::new(),
        })
    }
}

/// An address that no request could go to is a slip of the pen; where it may lead is looked at
/// when it is asked.
fn check_url(url: &str) -> Result<(), ApiError> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let known = match scheme.as_deref() {
        None => {
            !url.contains(':')
                || url
                    .split_once(':')
                    .is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()))
        }
        // Databases' sources have addresses of their own kind; nothing here asks them.
        Some(scheme) => !matches!(scheme, "file" | "javascript" | "data"),
    };
    let plain = url.len() <= URL_LENGTH_MAX && !url.contains(|c: char| c.is_control());
    if known && plain {
        Ok(())
    } else {
        Err(ApiError::bad_request("Validation error, invalid URL"))
    }
}

fn check_uid(uid: &str) -> Result<(), ApiError> {
    let plain = uid.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if uid.len() > UID_LENGTH_MAX || !plain {
        return Err(bad("uid has at most 40 letters, digits, - and _"));
    }
    Ok(())
}

pub(crate) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Given>,
) -> ApiResult {
    let given: Given = body.read()?;
    let uid = match given.uid.as_deref() {
        None | Some("") => state.new_uid()?,
        Some(uid) => uid.to_owned(),
    };
    check_uid(&uid)?;
    let source = given.over(uid, SecureJsonData::default())?;
    check_room(&state, visitor.org()).await?;
    quotas::check(&state, visitor.org(), "data_source").await?;
    let by = visitor.by(state.clock.unix_ms());
    let id = state.tables.insert_data_source(visitor.org(), &source, by).await;
    let id = id.map_err(name_taken)?;
    answer(&state, &visitor, id, "Datasource added").await
}

/// Whether an organisation may have one more.
pub(crate) async fn check_room(state: &PortalState, org: i64) -> Result<(), ApiError> {
    if state.tables.data_sources(org).await?.len() >= SOURCES_MAX {
        let text = format!("an organization has {SOURCES_MAX} data sources at most");
        return Err(ApiError::forbidden(text));
    }
    Ok(())
}

fn name_taken(error: TableError) -> ApiError {
    match error {
        TableError::Taken { .. } => {
            let text = "data source with the same name already exists";
            ApiError::new(StatusCode::CONFLICT, text)
        }
        error => error.into(),
    }
}

async fn answer(state: &PortalState, visitor: &Visitor, id: i64, message: &str) -> ApiResult {
    let row = find(state, visitor, |row| row.id == id).await?;
    Ok(json(&json!({
        "datasource": full(&row),
        "id": row.id,
        "message": message,
        "name": row.source.name,
    })))
}

pub(crate) async fn update_by_id(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<String>,
    body: JsonBody<Given>,
) -> ApiResult {
    let id = number(&id)?;
    let row = find(&state, &visitor, |row| row.id == id).await?;
    update(&state, &visitor, row, &body).await
}

pub(crate) async fn update_by_uid(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
    body: JsonBody<Given>,
) -> ApiResult {
    let row = find(&state, &visitor, |row| row.source.uid == uid).await?;
    update(&state, &visitor, row, &body).await
}

fn number(text: &str) -> Result<i64, ApiError> {
    text.parse().map_err(|_| ApiError::bad_request("id is invalid"))
}

async fn may_edit(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    refusal: &str,
) -> Result<(), ApiError> {
    let access: Access = state.access(visitor).await?;
    if access.data_source(&row.source.uid) < Some(Permission::Edit) {
        return Err(ApiError::no_permission());
    }
    if row.source.read_only { Err(ApiError::forbidden(refusal)) } else { Ok(()) }
}

async fn update(
    state: &PortalState,
    visitor: &Visitor,
    row: DataSourceRow,
    body: &[u8],
) -> ApiResult {
    let given: Given = parse_json(body)?;
    may_edit(state, visitor, &row, "Cannot update read-only data source").await?;
    if given.version.is_some_and(|seen| seen != 0 && seen != row.version) {
        let text =
            "Datasource has already been updated by someone else. Please reload and try again";
        return Err(ApiError::new(StatusCode::CONFLICT, text));
    }
    let uid = match given.uid.as_deref() {
        None | Some("") => row.source.uid.clone(),
        Some(uid) => uid.to_owned(),
    };
    check_uid(&uid)?;
    let provisioned_from = row.source.provisioned_from.clone();
    let mut source = given.over(uid, row.source.secure_json_data.clone())?;
    source.provisioned_from = provisioned_from;
    let by = visitor.by(state.clock.unix_ms());
    let updated = state.tables.update_data_source(visitor.org(), row.id, &source, by).await;
    updated.map_err(name_taken)?;
    answer(state, visitor, row.id, "Datasource updated").await
}

pub(crate) async fn delete_by_id(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> ApiResult {
    let id = number(&id)?;
    let row = find(&state, &visitor, |row| row.id == id).await?;
    delete(&state, &visitor, &row).await
}

pub(crate) async fn delete_by_uid(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let row = find(&state, &visitor, |row| row.source.uid == uid).await?;
    delete(&state, &visitor, &row).await
}

pub(crate) async fn delete_by_name(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> ApiResult {
    let row = find(&state, &visitor, |row| row.source.name == name).await?;
    delete(&state, &visitor, &row).await
}

async fn delete(state: &PortalState, visitor: &Visitor, row: &DataSourceRow) -> ApiResult {
    may_edit(state, visitor, row, "Cannot delete read-only data source").await?;
    let by = visitor.by(state.clock.unix_ms());
    state.tables.delete_data_source(visitor.org(), &row.source.uid, by).await?;
    Ok(json(&json!({ "message": "Data source deleted", "id": row.id })))
}

#[cfg(test)]
mod addresses {
    use super::check_url;

    #[test]
    fn addresses_are_plausible() {
        let check = |url: &str, want: bool| assert_eq!(check_url(url).is_ok(), want, "{url}");
        check("", true);
        check("http://prometheus:9090", true);
        check("https://user@host/path?x=1", true);
        check("localhost:3306", true);
        check("mysql://h:1/x", true);
        check("file:///etc/passwd", false);
        check("javascript://x", false);
        check("javascript:alert(1)", false);
        check("http://h/\r\nX: y", false);
        check(&"x".repeat(3000), false);
    }
}
