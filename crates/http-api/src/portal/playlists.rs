//! Playlists: dashboards shown one after another.

use axum::extract::{Path, State};
use portal::tables::PlaylistRow;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body::JsonBody;
use super::guard::Visitor;
use super::limits::check_name;
use super::quotas;
use super::reply::{ApiError, ApiResult, json, parse_json};
use super::state::PortalState;
use crate::portal::query_parameters::{Asked, Parameter, parameters};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Posted {
    #[serde(default)]
    name: String,
    #[serde(default)]
    interval: String,
    #[serde(default)]
    items: Vec<Item>,
}

/// One or several dashboards.
#[derive(Deserialize, Serialize, JsonSchema)]
pub(crate) struct Item {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    title: String,
    /// Where it comes; items without it come as they stand.
    #[serde(default)]
    order: i64,
}

impl Posted {
    fn read(state: &PortalState, body: &[u8]) -> Result<Self, ApiError> {
        let mut posted: Self = parse_json(body)?;
        if posted.name.trim().is_empty() {
            return Err(ApiError::bad_request("bad request data: name is required"));
        }
        check_name("name", &posted.name)?;
        if !is_interval(&posted.interval) {
            return Err(ApiError::bad_request("bad request data: interval is a time such as 5m"));
        }
        let max = state.config.objects.playlist_items_max;
        if posted.items.len() > max {
            let found = posted.items.len();
            return Err(ApiError::bad_request(format!(
                "the playlist has {found} items, limits.playlist_items_max is {max}"
            )));
        }
        for item in &posted.items {
            match item.kind.as_str() {
                "dashboard_by_uid" | "dashboard_by_tag" | "dashboard_by_id" => {}
                other => {
                    return Err(ApiError::bad_request(format!("unknown type of item {other:?}")));
                }
            }
            check_name("value", &item.value)?;
            check_name("title", &item.title)?;
        }
        posted.items.sort_by_key(|item| item.order);
        Ok(posted)
    }

    fn row(&self, uid: String) -> Result<PlaylistRow, ApiError> {
        let items = serde_json::to_string(&self.items).map_err(|e| ApiError::internal(&e))?;
        let (name, interval) = (self.name.clone(), self.interval.clone());
        Ok(PlaylistRow { uid, name, interval, items, ..PlaylistRow::default() })
    }
}

/// Numbers, each with its unit: `30s`, `1h30m`.
fn is_interval(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let unit = rest[digits..].chars().next();
        if digits == 0 || digits > 9 || !matches!(unit, Some('s' | 'm' | 'h' | 'd')) {
            return false;
        }
        rest = &rest[digits + 1..];
    }
    !text.is_empty() && text.len() <= 40
}

/// `POST /api/playlists`
pub(crate) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Posted>,
) -> ApiResult {
    let row = Posted::read(&state, &body)?.row(state.new_uid()?)?;
    let room = state.config.objects.playlists();
    let room = quotas::room(&state, visitor.org(), "playlist", room).await?;
    let by = visitor.by(state.clock.unix_ms());
    let id = state.tables.insert_playlist(visitor.org(), &row, room, by).await?;
    Ok(json(&json!({ "id": id, "uid": row.uid, "name": row.name, "interval": row.interval })))
}

/// `PUT /api/playlists/{uid}`
pub(crate) async fn update(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
    body: JsonBody<Posted>,
) -> ApiResult {
    let row = Posted::read(&state, &body)?.row(uid)?;
    let by = visitor.by(state.clock.unix_ms());
    if !state.tables.update_playlist(visitor.org(), &row, by).await? {
        return Err(not_found());
    }
    let row = find(&state, &visitor, &row.uid).await?;
    Ok(json(&full(&row)))
}

fn not_found() -> ApiError {
    ApiError::not_found("Playlist not found")
}

async fn find(state: &PortalState, visitor: &Visitor, uid: &str) -> Result<PlaylistRow, ApiError> {
    state.tables.playlist(visitor.org(), uid).await?.ok_or_else(not_found)
}

parameters! {
    /// Of the list of playlists.
    pub(crate) List:
    Parameter::text("query", "A part of the name."),
    Parameter::number("limit", "1000", "How many at most, up to 5000."),
}

/// `GET /api/playlists`
pub(crate) async fn list(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<List>,
) -> ApiResult {
    let limit = pairs.number::<i64>("limit", 1000)?.clamp(1, 5000);
    let rows = state.tables.playlists(visitor.org(), pairs.first("query"), limit).await?;
    Ok(json(&rows.iter().map(short).collect::<Vec<Value>>()))
}

fn short(row: &PlaylistRow) -> Value {
    json!({ "id": row.id, "uid": row.uid, "name": row.name, "interval": row.interval })
}

fn full(row: &PlaylistRow) -> Value {
    let mut playlist = short(row);
    playlist["items"] = items_of(row);
    playlist
}

fn items_of(row: &PlaylistRow) -> Value {
    let items: Vec<Item> = serde_json::from_str(&row.items).unwrap_or_default();
    let entry = |(number, item): (usize, &Item)| {
        json!({
            "id": number, "playlistUid": row.uid, "type": item.kind, "value": item.value,
            "order": number, "title": item.title,
        })
    };
    (1..).zip(&items).map(entry).collect()
}

/// `GET /api/playlists/{uid}`
pub(crate) async fn get(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    Ok(json(&full(&find(&state, &visitor, &uid).await?)))
}

/// `GET /api/playlists/{uid}/items`
pub(crate) async fn items(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    Ok(json(&items_of(&find(&state, &visitor, &uid).await?)))
}

/// `DELETE /api/playlists/{uid}`
pub(crate) async fn delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let by = visitor.by(state.clock.unix_ms());
    if !state.tables.delete_playlist(visitor.org(), &uid, by).await? {
        return Err(not_found());
    }
    Ok(json(&json!({})))
}

#[cfg(test)]
mod intervals {
    use super::is_interval;

    #[test]
    fn intervals_are_numbers_with_units() {
        for good in ["5m", "30s", "1h30m", "1d"] {
            assert!(is_interval(good), "{good}");
        }
        for bad in ["", "5", "m", "5x", "-5m", "5 m", "9999999999s", "5é", "é"] {
            assert!(!is_interval(bad), "{bad}");
        }
    }
}
