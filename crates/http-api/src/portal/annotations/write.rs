//! Making, changing and deleting annotations.

use axum::extract::{Path, State};
use portal::Access;
use portal::tables::{NewAnnotation, Permission};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::read::{dashboard, find, on};
use crate::portal::body::JsonBody;
use crate::portal::guard::Visitor;
use crate::portal::limits::{NAME_BYTES_MAX, check_bytes};
use crate::portal::quotas;
use crate::portal::reply::{ApiError, ApiResult, json, message};
use crate::portal::state::PortalState;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Create {
    #[serde(default)]
    dashboard_id: i64,
    #[serde(default, rename = "dashboardUID", alias = "dashboardUid")]
    dashboard_uid: Option<String>,
    #[serde(default)]
    panel_id: i64,
    #[serde(default)]
    time: i64,
    #[serde(default)]
    time_end: i64,
    #[serde(default)]
    text: String,
    tags: Option<Vec<String>>,
    data: Option<Map<String, Value>>,
}

/// `POST /api/annotations`
pub(crate) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Create>,
) -> ApiResult {
    let new: Create = body.read()?;
    let access = state.access(&visitor).await?;
    let named = new.dashboard_uid.unwrap_or_default();
    let dashboard_uid = dashboard_uid(&access, named, new.dashboard_id)?;
    let (time_ms, time_end_ms) = span(new.time, new.time_end, state.clock.unix_ms())?;
    let annotation = NewAnnotation {
        dashboard_uid,
        panel_id: new.panel_id,
        user_id: visitor.user(),
        time_ms,
        time_end_ms,
        text: new.text,
        tags: tidy(new.tags.unwrap_or_default()),
        data: Value::Object(new.data.unwrap_or_default()).to_string(),
    };
    let id = insert(&state, &visitor, &access, &annotation, "annotation").await?;
    Ok(json(&json!({ "message": "Annotation added", "id": id })))
}

/// The dashboard that was named by uid or number; empty for none.
fn dashboard_uid(access: &Access, uid: String, id: i64) -> Result<String, ApiError> {
    let mut rows = access.listing().rows.iter().filter(|row| !row.is_folder);
    let found = match (uid.as_str(), id) {
        ("", 0) => return Ok(uid),
        ("", id) => rows.find(|row| row.id == id),
        (uid, _) => dashboard(access, uid),
    };
    found.map(|row| row.uid.clone()).ok_or_else(|| ApiError::not_found("Dashboard not found"))
}

async fn insert(
    state: &PortalState,
    visitor: &Visitor,
    access: &Access,
    annotation: &NewAnnotation,
    what: &str,
) -> Result<i64, ApiError> {
    if on(access, &annotation.dashboard_uid) < Some(Permission::Edit) {
        return Err(ApiError::no_permission());
    }
    check(state, annotation, what)?;
    let room = quotas::room(state, visitor.org(), "annotation", state.config.objects.annotations());
    let (room, now_ms) = (room.await?, state.clock.unix_ms());
    Ok(state.tables.insert_annotation(visitor.org(), annotation, room, now_ms).await?)
}

/// Start and end in order; whichever is missing is the other, and without both it is now.
fn span(time: i64, time_end: i64, now_ms: i64) -> Result<(i64, i64), ApiError> {
    if time < 0 || time_end < 0 {
        return Err(ApiError::bad_request("time and timeEnd are milliseconds since 1970"));
    }
    Ok(match (time, time_end) {
        (0, 0) => (now_ms, now_ms),
        (0, end) => (end, end),
        (start, 0) => (start, start),
        (start, end) => (start.min(end), start.max(end)),
    })
}

/// Each tag once, without space around it; line breaks part tags in the table.
fn tidy(tags: Vec<String>) -> Vec<String> {
    let mut tidied: Vec<String> = Vec::new();
    for tag in tags {
        let tag = tag.replace(['\r', '\n'], " ").trim().to_owned();
        if !tag.is_empty() && !tidied.contains(&tag) {
            tidied.push(tag);
        }
    }
    tidied
}

fn check(state: &PortalState, annotation: &NewAnnotation, what: &str) -> Result<(), ApiError> {
    let limits = &state.config.objects;
    if annotation.text.is_empty() {
        let reason = format!("Failed to save {what}: text field should not be empty");
        return Err(ApiError::bad_request(reason));
    }
    let (setting, max) = ("limits.annotation_bytes_max", limits.annotation_bytes_max);
    check_bytes("text", annotation.text.len(), setting, max)?;
    check_bytes("data", annotation.data.len(), setting, max)?;
    if annotation.tags.len() > limits.annotation_tags_max {
        return Err(ApiError::bad_request(format!(
            "an annotation has {} tags, limits.annotation_tags_max is {}",
            annotation.tags.len(),
            limits.annotation_tags_max
        )));
    }
    annotation
        .tags
        .iter()
        .try_for_each(|tag| check_bytes("tag", tag.len(), "the limit", NAME_BYTES_MAX))
}

/// `tags` may be a list, or words in one string as Graphite had it before 0.10.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum GraphiteTags {
    Words(String),
    List(Vec<String>),
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Graphite {
    #[serde(default)]
    what: String,
    /// Seconds.
    #[serde(default)]
    when: i64,
    #[serde(default)]
    data: String,
    tags: Option<GraphiteTags>,
}

/// `POST /api/annotations/graphite`
pub(crate) async fn graphite(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Graphite>,
) -> ApiResult {
    let event: Graphite = body.read()?;
    let what = "Graphite annotation";
    if event.what.is_empty() {
        let reason = "Failed to save Graphite annotation: what field should not be empty";
        return Err(ApiError::bad_request(reason));
    }
    let tags = match event.tags {
        None => Vec::new(),
        Some(GraphiteTags::Words(words)) => words.split(' ').map(str::to_owned).collect(),
        Some(GraphiteTags::List(list)) => list,
    };
    let (time_ms, time_end_ms) = span(event.when.saturating_mul(1000), 0, state.clock.unix_ms())?;
    let text =
        if event.data.is_empty() { event.what } else { format!("{}\n{}", event.what, event.data) };
    let annotation = NewAnnotation {
        user_id: visitor.user(),
        time_ms,
        time_end_ms,
        text,
        tags: tidy(tags),
        data: "{}".to_owned(),
        ..NewAnnotation::default()
    };
    let access = state.access(&visitor).await?;
    let id = insert(&state, &visitor, &access, &annotation, what).await?;
    Ok(json(&json!({ "message": "Graphite annotation added", "id": id })))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    #[serde(default)]
    time: i64,
    #[serde(default)]
    time_end: i64,
    text: Option<String>,
    tags: Option<Vec<String>>,
    data: Option<Map<String, Value>>,
}

/// `PUT /api/annotations/{id}`
pub(crate) async fn update(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<String>,
    body: JsonBody<Change>,
) -> ApiResult {
    let mut new: Change = body.read()?;
    new.text = Some(new.text.unwrap_or_default());
    change(&state, &visitor, &id, new).await?;
    Ok(message("Annotation updated"))
}

/// `PATCH /api/annotations/{id}`: what is not said stays.
pub(crate) async fn patch(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<String>,
    body: JsonBody<Change>,
) -> ApiResult {
    let mut new: Change = body.read()?;
    new.text = new.text.filter(|text| !text.is_empty());
    change(&state, &visitor, &id, new).await?;
    Ok(message("Annotation patched"))
}

async fn change(
    state: &PortalState,
    visitor: &Visitor,
    id: &str,
    new: Change,
) -> Result<(), ApiError> {
    let (row, _) = find(state, visitor, id, Permission::Edit).await?;
    let mut annotation = row.annotation;
    let or = |new: i64, old: i64| if new == 0 { old } else { new };
    let time = or(new.time, annotation.time_ms);
    // Moving a point moves both of its ends.
    let is_point = annotation.time_ms == annotation.time_end_ms;
    let end = if is_point && new.time != 0 { time } else { annotation.time_end_ms };
    (annotation.time_ms, annotation.time_end_ms) = span(time, or(new.time_end, end), 0)?;
    annotation.text = new.text.unwrap_or(annotation.text);
    annotation.tags = new.tags.map_or(annotation.tags, tidy);
    annotation.data = new.data.map_or(annotation.data, |data| Value::Object(data).to_string());
    check(state, &annotation, "annotation")?;
    let now_ms = state.clock.unix_ms();
    if state.tables.update_annotation(visitor.org(), row.id, &annotation, now_ms).await? {
        Ok(())
    } else {
        Err(ApiError::not_found("Annotation not found"))
    }
}

/// `DELETE /api/annotations/{id}`
pub(crate) async fn delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> ApiResult {
    let (row, _) = find(&state, &visitor, &id, Permission::Edit).await?;
    state.tables.delete_annotation(visitor.org(), row.id).await?;
    Ok(message("Annotation deleted"))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MassDelete {
    #[serde(default)]
    annotation_id: i64,
    #[serde(default)]
    dashboard_id: i64,
    #[serde(default, rename = "dashboardUID", alias = "dashboardUid")]
    dashboard_uid: Option<String>,
    #[serde(default)]
    panel_id: i64,
}

/// `POST /api/annotations/mass-delete`: one by its number, or all of a panel.
pub(crate) async fn mass_delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<MassDelete>,
) -> ApiResult {
    let wanted: MassDelete = body.read()?;
    let uid = wanted.dashboard_uid.unwrap_or_default();
    let names_dashboard = wanted.dashboard_id != 0 || !uid.is_empty();
    if wanted.annotation_id != 0 && !names_dashboard {
        let id = wanted.annotation_id.to_string();
        let (row, _) = find(&state, &visitor, &id, Permission::Edit).await?;
        state.tables.delete_annotation(visitor.org(), row.id).await?;
        return Ok(message("Annotations deleted"));
    }
    if !names_dashboard || wanted.panel_id == 0 {
        let reason = "DashboardId and PanelId are both required for mass delete";
        return Err(ApiError::bad_request(reason));
    }
    let access = state.access(&visitor).await?;
    let uid = dashboard_uid(&access, uid, wanted.dashboard_id)?;
    if on(&access, &uid) < Some(Permission::Edit) {
        return Err(ApiError::no_permission());
    }
    state.tables.delete_annotations_of_panel(visitor.org(), &uid, wanted.panel_id).await?;
    Ok(message("Annotations deleted"))
}
