//! Short URLs: `/goto/{uid}` leads to a path of this server, and nowhere else.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::body::JsonBody;
use super::guard::Visitor;
use super::limits::check_bytes;
use super::quotas;
use super::reply::{ApiError, ApiResult, json};
use super::state::PortalState;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Create {
    #[serde(default)]
    path: String,
}

/// `POST /api/short-urls`
pub(crate) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Create>,
) -> ApiResult {
    let Create { path } = body.read()?;
    let path = path.trim();
    check_path(path)?;
    let limits = &state.config.objects;
    let (setting, max) = ("limits.short_url_bytes_max", limits.short_url_bytes_max);
    check_bytes("path", path.len(), setting, max)?;
    let (org, now_ms) = (visitor.org(), state.clock.unix_ms());
    let uid = state.new_uid()?;
    let room = quotas::room(&state, org, "short_url", limits.short_urls()).await?;
    let uid = state.tables.shorten(org, &uid, path, visitor.user(), room, now_ms).await?;
    let root = state.config.root_url.trim_end_matches('/');
    Ok(json(&json!({ "uid": uid, "url": format!("{root}/goto/{uid}?orgId={org}") })))
}

/// A path without leading slash: with one before it, it stays on this server. The words are
/// Grafana's.
fn check_path(path: &str) -> Result<(), ApiError> {
    if path.is_empty() {
        return Err(ApiError::bad_request("bad request data: path is required"));
    }
    if path.starts_with(['/', '\\']) || path.contains("://") && !path.contains('?') {
        return Err(ApiError::bad_request("Path should be relative"));
    }
    let way = path.split(['?', '#']).next().unwrap_or_default();
    let climbs = way.split(['/', '\\']).any(|segment| segment == "..");
    if climbs || way.contains('\\') || path.chars().any(char::is_control) {
        return Err(ApiError::bad_request("Invalid short URL path"));
    }
    Ok(())
}

/// `GET /goto/{uid}`
pub(crate) async fn follow(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let found = state.tables.follow_short_url(visitor.org(), &uid, state.clock.unix_ms()).await?;
    let path = found.ok_or_else(|| ApiError::not_found("Short URL not found"))?;
    Ok((StatusCode::FOUND, [(header::LOCATION, location(&path))]).into_response())
}

/// The path as a header may carry it.
fn location(path: &str) -> String {
    use std::fmt::Write as _;
    let mut location = "/".to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_graphic() {
            location.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(location, "%{byte:02X}").ok();
        }
    }
    location
}

#[cfg(test)]
mod paths {
    use super::{check_path, location};

    #[test]
    fn short_urls_stay_on_this_server() {
        for good in ["d/abc/board?orgId=1&from=now-1h", "explore?left={\"a\":\"http://x\"}", "ü"] {
            assert!(check_path(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/d/abc",
            "//evil.example",
            "\\\\evil.example",
            "https://evil.example/x",
            "../admin",
            "d/../../x",
            "d\\..\\x",
            "d/a\r\nSet-Cookie: x",
        ] {
            assert!(check_path(bad).is_err(), "{bad}");
        }
        assert_eq!(location("d/a b?q=ü"), "/d/a%20b?q=%C3%BC");
    }
}
