//! Saving and deleting dashboards.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use portal::dashboard::{Envelope, slug};
use portal::tables::{DashboardRow, NewDashboard, Permission, Saved, TableError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{dashboard_url, find};
use crate::portal::body::JsonBody;
use crate::portal::guard::Visitor;
use crate::portal::live::{Change, DashboardEvent};
use crate::portal::quotas;
use crate::portal::reply::{ApiError, ApiResult, json};
use crate::portal::state::PortalState;

/// Grafana's limit for uids that people choose.
const UID_LENGTH_MAX: usize = 40;

/// What comes around a dashboard in `POST /api/dashboards/db`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Posted<'a> {
    #[serde(borrow)]
    dashboard: Option<&'a RawValue>,
    #[serde(default)]
    folder_uid: Option<String>,
    #[serde(default)]
    folder_id: Option<i64>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    overwrite: Option<bool>,
}

/// The server's fields inside a dashboard.
#[derive(Deserialize)]
struct Own {
    #[serde(default)]
    id: Option<Value>,
    #[serde(default)]
    version: Option<Value>,
}

/// A dashboard to be saved by a person.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Saving<'a> {
    /// As it is to be kept, byte for byte.
    pub(crate) received: &'a str,
    /// Takes the place of the one in the JSON.
    pub(crate) uid: Option<&'a str>,
    /// `None` leaves a dashboard where it is, and puts a new one at the top.
    pub(crate) folder_uid: Option<&'a str>,
    pub(crate) message: &'a str,
    pub(crate) restored_from: i64,
    /// The version that the author has seen; `None` overwrites.
    pub(crate) seen_version: Option<i64>,
}

/// `POST /api/dashboards/db`. A bare dashboard, without the envelope, is taken as well, and then
/// overwrites: so can the file that provisioning reads be posted as it is.
pub(crate) async fn post(
    State(state): State<PortalState>,
    visitor: Visitor,
    headers: HeaderMap,
    body: JsonBody<Posted<'static>>,
) -> ApiResult {
    let text = std::str::from_utf8(&body)
        .map_err(|_| ApiError::bad_request("bad request data: the body is not UTF-8"))?;
    let posted: Posted<'_> = serde_json::from_str(text)
        .map_err(|error| ApiError::bad_request(format!("bad request data: {error}")))?;
    let received = posted.dashboard.map_or(text, RawValue::get);
    let own: Own = serde_json::from_str(received)
        .map_err(|error| ApiError::bad_request(format!("bad request data: {error}")))?;
    let overwrite = posted.overwrite.unwrap_or(posted.dashboard.is_none());
    let number = |value: &Option<Value>| value.as_ref().and_then(Value::as_i64);
    let id = number(&own.id).filter(|id| *id > 0);
    let by_id = match id {
        None => None,
        Some(id) => state.tables.dashboard_uid_by_id(visitor.org(), id).await?,
    };
    let envelope = Envelope::open(received).map_err(|e| ApiError::bad_request(e.to_string()))?;
    if id.is_some() && by_id.is_none() && envelope.uid.is_none() {
        return Ok(refusal(StatusCode::NOT_FOUND, "not-found", "Dashboard not found"));
    }
    let folder_uid = folder_uid(&state, &visitor, &posted).await?;
    let uid = envelope.uid.or(by_id);
    let seen = if_match(&headers).or(number(&own.version)).unwrap_or(0);
    let saving = Saving {
        received,
        uid: uid.as_deref(),
        folder_uid: folder_uid.as_deref(),
        message: posted.message.as_deref().unwrap_or_default(),
        restored_from: 0,
        seen_version: (!overwrite).then_some(seen),
    };
    answer(save(&state, &visitor, &saving).await)
}

/// The version in `If-Match`, with or without quotes.
fn if_match(headers: &HeaderMap) -> Option<i64> {
    headers.get(header::IF_MATCH)?.to_str().ok()?.trim_matches('"').parse().ok()
}

async fn folder_uid(
    state: &PortalState,
    visitor: &Visitor,
    posted: &Posted<'_>,
) -> Result<Option<String>, ApiError> {
    if let Some(uid) = &posted.folder_uid {
        return Ok(Some(if uid == "general" { String::new() } else { uid.clone() }));
    }
    let Some(id) = posted.folder_id.filter(|id| *id > 0) else {
        return Ok(None);
    };
    let folder = state.tables.folder_by_id(visitor.org(), id).await?;
    Ok(Some(folder.ok_or_else(folder_not_found)?.uid))
}

fn folder_not_found() -> ApiError {
    ApiError::bad_request("folder not found")
}

/// Saves where the visitor's permissions reach. The uid is made up when there is none.
pub(crate) async fn save(
    state: &PortalState,
    visitor: &Visitor,
    saving: &Saving<'_>,
) -> Result<(Saved, DashboardRow), SaveError> {
    let envelope = Envelope::open(saving.received);
    let envelope = envelope.map_err(|error| ApiError::bad_request(error.to_string()))?;
    let uid = match saving.uid.or(envelope.uid.as_deref()) {
        Some(uid) => uid.to_owned(),
        None => state.new_uid()?,
    };
    check_uid(&uid)?;
    let present = state.tables.dashboard(visitor.org(), &uid).await?;
    let access = state.access(visitor).await?;
    let folder_uid = match (saving.folder_uid, &present) {
        (Some(folder), _) => folder.to_owned(),
        (None, Some(present)) => present.folder_uid.clone(),
        (None, None) => envelope.folder_uid.clone().unwrap_or_default(),
    };
    if !folder_uid.is_empty() && access.listing().folder(&folder_uid).is_none() {
        return Err(folder_not_found().into());
    }
    let moved = present.as_ref().is_none_or(|present| present.folder_uid != folder_uid);
    let at_home = present.as_ref().map(|p| access.dashboard(&p.uid, &p.folder_uid));
    let may = at_home.is_none_or(|held| held >= Some(Permission::Edit))
        && (!moved || access.folder(&folder_uid) >= Some(Permission::Edit));
    if !may {
        return Err(ApiError::no_permission().into());
    }
    let provider = present.as_ref().map_or("", |present| present.provisioned_by.as_str());
    if !provider.is_empty() && !state.providers.allows_edits(provider) {
        return Err(ApiError::bad_request("Cannot save provisioned dashboard").into());
    }
    if present.is_none() {
        quotas::check(state, visitor.org(), "dashboard").await?;
    }
    let checksum = present.as_ref().map_or("", |present| present.checksum.as_str());
    let from = present.as_ref().map_or("", |present| present.provisioned_from.as_str());
    let new = NewDashboard {
        uid: &uid,
        folder_uid: &folder_uid,
        title: &envelope.title,
        slug: &slug(&envelope.title),
        tags: &envelope.tags,
        received: saving.received,
        checksum,
        provisioned_by: provider,
        provisioned_from: from,
        drifted: !provider.is_empty(),
        message: saving.message,
        author: visitor.user(),
        restored_from: saving.restored_from,
        // One who has seen none means to create; that is no conflict where there is none.
        seen_version: saving.seen_version.filter(|_| present.is_some()),
    };
    let saved = state.tables.save_dashboard(visitor.org(), &new, state.clock.unix_ms()).await?;
    let row = state.tables.dashboard(visitor.org(), &uid).await?;
    let row = row.ok_or_else(|| ApiError::not_found("Dashboard not found"))?;
    tell(state, visitor, &row.uid, Change::Saved, saving.message);
    Ok((saved, row))
}

/// Lets those know who have the dashboard open.
fn tell(state: &PortalState, visitor: &Visitor, uid: &str, change: Change, message: &str) {
    state.live.tell(DashboardEvent {
        org: visitor.org(),
        uid: uid.to_owned(),
        change,
        user_id: visitor.user(),
        login: visitor.identity.login.clone(),
        message: message.to_owned(),
    });
}

fn check_uid(uid: &str) -> Result<(), ApiError> {
    if uid.len() > UID_LENGTH_MAX {
        return Err(ApiError::bad_request(format!(
            "uid too long, max {UID_LENGTH_MAX} characters"
        )));
    }
    if !uid.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
        return Err(ApiError::bad_request("uid contains illegal characters"));
    }
    Ok(())
}

/// Why a dashboard was not saved.
pub(crate) enum SaveError {
    /// 412 with a status word that Grafana's clients know.
    VersionMismatch,
    Api(ApiError),
}

impl From<ApiError> for SaveError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<TableError> for SaveError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::VersionMismatch => Self::VersionMismatch,
            error => Self::Api(error.into()),
        }
    }
}

/// Grafana's answer to a save.
pub(crate) fn answer(saved: Result<(Saved, DashboardRow), SaveError>) -> ApiResult {
    let (saved, row) = match saved {
        Ok(saved) => saved,
        Err(SaveError::Api(error)) => return Err(error),
        Err(SaveError::VersionMismatch) => {
            let message = "The dashboard has been changed by someone else";
            return Ok(refusal(StatusCode::PRECONDITION_FAILED, "version-mismatch", message));
        }
    };
    Ok(json(&json!({
        "folderUid": row.folder_uid,
        "id": saved.id,
        "slug": row.slug,
        "status": "success",
        "uid": row.uid,
        "url": dashboard_url(&row.uid, &row.slug),
        "version": saved.version,
    })))
}

fn refusal(code: StatusCode, status: &str, message: &str) -> Response {
    (code, json(&json!({ "message": message, "status": status }))).into_response()
}

/// `DELETE /api/dashboards/uid/{uid}`. What comes from a file goes with the file.
pub(crate) async fn delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let row = find(&state, &visitor, &uid, Permission::Edit).await?.row;
    if !row.provisioned_by.is_empty() {
        return Err(ApiError::bad_request("provisioned dashboard cannot be deleted"));
    }
    let by = visitor.by(state.clock.unix_ms());
    state.tables.delete_dashboard(visitor.org(), &row.uid, by).await?;
    tell(&state, &visitor, &row.uid, Change::Deleted, "");
    Ok(json(&json!({
        "id": row.id,
        "message": format!("Dashboard {} deleted", row.title),
        "title": row.title,
        "uid": row.uid,
    })))
}
