//! Finding annotations and their tags.

use std::collections::{BTreeMap, HashMap};

use axum::extract::{Path, State};
use portal::Access;
use portal::tables::{AnnotationRow, AnnotationSearch, Listed, Permission};
use serde_json::{Value, json};

use crate::portal::guard::Visitor;
use crate::portal::query_parameters::{Asked, Pairs, Parameter, parameters};
use crate::portal::reply::{ApiError, ApiResult, json};
use crate::portal::state::PortalState;

/// Tags that one question may name.
const TAGS_MAX: usize = 50;

/// Rows read at a time while those that the visitor may not see are left out.
const PAGE_ROWS: i64 = 1000;

parameters! {
    /// Of the list of annotations.
    pub(crate) List:
    Parameter::number("from", "0", "Unix milliseconds."),
    Parameter::number("to", "0", "Unix milliseconds."),
    Parameter::text("dashboardUID", "Of this dashboard."),
    Parameter::number("dashboardId", "0", "Of this dashboard, by number."),
    Parameter::number("panelId", "0", "Of this panel."),
    Parameter::number("userId", "0", "By this user."),
    Parameter::number("alertId", "0", "Of this alert; there are none."),
    Parameter::text("alertUID", "Of this alert; there are none."),
    Parameter::option("type", &["annotation", "alert"], "By whom they were made."),
    Parameter::list("tags", "Which they must have."),
    Parameter::flag("matchAny", "One of the tags is enough."),
    Parameter::number("limit", "100", "How many at most, up to 10000."),
}

/// `GET /api/annotations`
pub(crate) async fn list(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<List>,
) -> ApiResult {
    let access = state.access(&visitor).await?;
    let limit = pairs.number::<i64>("limit", 100)?.clamp(1, 10_000) as usize;
    let mut found = Vec::new();
    if let Some(mut search) = wanted(&pairs, &access)? {
        search.limit = PAGE_ROWS;
        loop {
            let rows = state.tables.annotations(visitor.org(), &search).await?;
            let is_last = (rows.len() as i64) < PAGE_ROWS;
            search.offset += PAGE_ROWS;
            found.extend(rows.into_iter().filter(|row| permission(&access, row).is_some()));
            if is_last || found.len() >= limit {
                break;
            }
        }
    }
    found.truncate(limit);
    let names = Names::load(&state, &access).await?;
    Ok(json(&found.iter().map(|row| names.describe(row)).collect::<Vec<Value>>()))
}

/// `None` when nothing can match.
fn wanted(pairs: &Pairs, access: &Access) -> Result<Option<AnnotationSearch>, ApiError> {
    let mut dashboard_uid = pairs.first("dashboardUID").to_owned();
    let dashboard_id: i64 = pairs.number("dashboardId", 0)?;
    if dashboard_uid.is_empty() && dashboard_id > 0 {
        let rows = &access.listing().rows;
        match rows.iter().find(|row| !row.is_folder && row.id == dashboard_id) {
            Some(row) => dashboard_uid.clone_from(&row.uid),
            None => return Ok(None),
        }
    }
    // None of these was written by an alert.
    let by_alert = pairs.number::<i64>("alertId", 0)? > 0 || pairs.first("type") == "alert";
    if by_alert || !pairs.first("alertUID").is_empty() {
        return Ok(None);
    }
    let tags: Vec<String> =
        pairs.each("tags").filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    if tags.len() > TAGS_MAX {
        return Err(ApiError::bad_request(format!("{TAGS_MAX} tags at most")));
    }
    Ok(Some(AnnotationSearch {
        from_ms: pairs.number("from", 0)?,
        to_ms: pairs.number("to", 0)?,
        dashboard_uid,
        panel_id: pairs.number("panelId", 0)?,
        user_id: pairs.number("userId", 0)?,
        tags,
        any_tag: pairs.first("matchAny") == "true",
        limit: 0,
        offset: 0,
    }))
}

/// `GET /api/annotations/{id}`
pub(crate) async fn get(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> ApiResult {
    let (row, access) = find(&state, &visitor, &id, Permission::View).await?;
    Ok(json(&Names::load(&state, &access).await?.describe(&row)))
}

/// An annotation with which the visitor may do at least this.
pub(super) async fn find(
    state: &PortalState,
    visitor: &Visitor,
    id: &str,
    least: Permission,
) -> Result<(AnnotationRow, Access), ApiError> {
    let id = id.parse().map_err(|_| ApiError::bad_request("annotationId is invalid"))?;
    let found = state.tables.annotation(visitor.org(), id).await?;
    let row = found.ok_or_else(|| ApiError::not_found("Annotation not found"))?;
    let access = state.access(visitor).await?;
    if permission(&access, &row) >= Some(least) {
        Ok((row, access))
    } else {
        Err(ApiError::no_permission())
    }
}

fn permission(access: &Access, row: &AnnotationRow) -> Option<Permission> {
    on(access, &row.annotation.dashboard_uid)
}

/// What the visitor may do with annotations of a dashboard, or, when the uid is empty, of the
/// organisation. Of a dashboard that is gone only administrators see any.
pub(super) fn on(access: &Access, dashboard_uid: &str) -> Option<Permission> {
    if dashboard_uid.is_empty() {
        return access.by_role();
    }
    match dashboard(access, dashboard_uid) {
        Some(row) => access.listed(row),
        None => access.by_role().filter(|held| *held == Permission::Admin),
    }
}

pub(super) fn dashboard<'a>(access: &'a Access, uid: &str) -> Option<&'a Listed> {
    access.listing().rows.iter().find(|row| !row.is_folder && row.uid == uid)
}

/// Names and numbers that annotations are shown with.
struct Names {
    logins: HashMap<i64, String>,
    dashboard_ids: HashMap<String, i64>,
}

impl Names {
    async fn load(state: &PortalState, access: &Access) -> Result<Self, ApiError> {
        let rows = access.listing().rows.iter().filter(|row| !row.is_folder);
        Ok(Self {
            logins: state.tables.logins().await?,
            dashboard_ids: rows.map(|row| (row.uid.clone(), row.id)).collect(),
        })
    }

    fn describe(&self, row: &AnnotationRow) -> Value {
        let annotation = &row.annotation;
        let uid = &annotation.dashboard_uid;
        json!({
            "id": row.id,
            "alertId": 0,
            "alertName": "",
            "dashboardId": self.dashboard_ids.get(uid).copied().unwrap_or(0),
            "dashboardUID": Some(uid).filter(|uid| !uid.is_empty()),
            "panelId": annotation.panel_id,
            "userId": annotation.user_id,
            "newState": "",
            "prevState": "",
            "created": row.created_ms,
            "updated": row.updated_ms,
            "time": annotation.time_ms,
            "timeEnd": annotation.time_end_ms,
            "isRegion": annotation.time_end_ms > annotation.time_ms,
            "text": annotation.text,
            "tags": annotation.tags,
            "login": self.logins.get(&annotation.user_id).map_or("", String::as_str),
            "email": "",
            "avatarUrl": "",
            "data": serde_json::from_str::<Value>(&annotation.data).unwrap_or_else(|_| json!({})),
        })
    }
}

parameters! {
    /// Of the list of tags.
    pub(crate) Tags:
    Parameter::text("tag", "A part of it."),
    Parameter::number("limit", "100", "How many at most, up to 10000."),
}

/// `GET /api/annotations/tags`: every tag with how many annotations have it.
pub(crate) async fn tags(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<Tags>,
) -> ApiResult {
    let access = state.access(&visitor).await?;
    let part = pairs.first("tag").to_lowercase();
    let limit = pairs.number::<i64>("limit", 100)?.clamp(1, 10_000) as usize;
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for (dashboard_uid, tags, n) in state.tables.annotation_tags(visitor.org()).await? {
        if on(&access, &dashboard_uid).is_some() {
            for tag in tags.into_iter().filter(|tag| tag.to_lowercase().contains(&part)) {
                *counts.entry(tag).or_default() += n;
            }
        }
    }
    let tags = counts.iter().take(limit).map(|(tag, count)| json!({ "tag": tag, "count": count }));
    Ok(json(&json!({ "result": { "tags": tags.collect::<Vec<Value>>() } })))
}
