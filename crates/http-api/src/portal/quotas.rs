//! Quotas: how many of everything an organisation has, and how many it may have; -1 for as many
//! as it likes. What nobody has set is what the server's configuration allows.

use std::collections::HashMap;

use axum::extract::{Path, State};
use portal::tables::{MAIN_ORG_ID, Quotas, Room};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::guard::Visitor;
use super::limits::ObjectLimits;
use super::reply::{ApiError, ApiResult, json, message, parse_json};
use super::state::PortalState;

/// Every target of an organisation, with the server's own limit.
fn targets(limits: &ObjectLimits) -> [(&'static str, i64); 10] {
    [
        ("org_user", -1),
        ("dashboard", -1),
        ("folder", -1),
        ("data_source", -1),
        ("annotation", limits.annotations_max),
        ("correlation", limits.correlations_max),
        ("library_element", limits.library_elements_max),
        ("snapshot", limits.snapshots_max),
        ("playlist", limits.playlists_max),
        ("short_url", limits.short_urls_max),
    ]
}

/// `GET /api/org/quotas`
pub(crate) async fn of_own_org(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    of_org(&state, visitor.org()).await
}

/// `GET /api/orgs/{org}/quotas`
pub(crate) async fn of_org_by_id(
    State(state): State<PortalState>,
    Path(org): Path<String>,
) -> ApiResult {
    let org = org.parse().map_err(|_| ApiError::bad_request("orgId is invalid"))?;
    of_org(&state, org).await
}

async fn of_org(state: &PortalState, org: i64) -> ApiResult {
    check_org(state, org).await?;
    let used = state.tables.counts_of_org(org).await?;
    let set = state.tables.quotas(org, 0).await?;
    Ok(json(&listed(&state.config.objects, org, &used, &set)))
}

async fn check_org(state: &PortalState, org: i64) -> Result<(), ApiError> {
    match state.tables.org(org).await? {
        Some(_) => Ok(()),
        None => Err(ApiError::not_found("Organization not found")),
    }
}

fn listed(
    limits: &ObjectLimits,
    org: i64,
    used: &HashMap<String, i64>,
    set: &Quotas,
) -> Vec<Value> {
    let entry = |(target, limit): (&str, i64)| {
        let used = used.get(target).copied().unwrap_or(0);
        let limit = set.get(target).copied().unwrap_or(limit);
        json!({ "org_id": org, "target": target, "limit": limit, "used": used })
    };
    targets(limits).into_iter().map(entry).collect()
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Limit {
    limit: i64,
}

impl Limit {
    fn read(body: &[u8]) -> Result<i64, ApiError> {
        let Self { limit } = parse_json(body)?;
        if limit < -1 {
            return Err(ApiError::bad_request("limit is -1 (none) or a number of things"));
        }
        Ok(limit)
    }
}

/// `PUT /api/orgs/{org}/quotas/{target}`: never above what the server's configuration allows.
pub(crate) async fn set_of_org(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((org, target)): Path<(String, String)>,
    body: JsonBody<Limit>,
) -> ApiResult {
    let org = org.parse().map_err(|_| ApiError::bad_request("orgId is invalid"))?;
    let limit = Limit::read(&body)?;
    check_org(&state, org).await?;
    let known = targets(&state.config.objects).into_iter().find(|(name, _)| *name == target);
    let (target, most) = known.ok_or_else(|| ApiError::not_found("Invalid quota target"))?;
    if most >= 0 && !(0..=most).contains(&limit) {
        return Err(ApiError::bad_request(format!("limit of {target} is 0 to {most} here")));
    }
    let by = visitor.by(state.clock.unix_ms());
    state.tables.set_quota((org, 0), target, limit, by).await?;
    Ok(message("Organization quota updated"))
}

/// `PUT /api/admin/users/{id}/quotas/{target}`: of how many organisations somebody may be.
pub(crate) async fn set_of_user(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((user, target)): Path<(String, String)>,
    body: JsonBody<Limit>,
) -> ApiResult {
    let user = user.parse().map_err(|_| ApiError::bad_request("id is invalid"))?;
    let limit = Limit::read(&body)?;
    if state.tables.user_by_id(user).await?.is_none() {
        return Err(ApiError::not_found("user not found"));
    }
    if target != "org_user" {
        return Err(ApiError::not_found("Invalid quota target"));
    }
    let by = visitor.by(state.clock.unix_ms());
    state.tables.set_quota((MAIN_ORG_ID, user), "org_user", limit, by).await?;
    Ok(message("User quota updated"))
}

/// `GET /api/user/quotas`
pub(crate) async fn of_visitor(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    of_user(&state, visitor.user()).await
}

/// `GET /api/admin/users/{id}/quotas`
pub(crate) async fn of_user_by_id(
    State(state): State<PortalState>,
    Path(id): Path<String>,
) -> ApiResult {
    let id = id.parse().map_err(|_| ApiError::bad_request("id is invalid"))?;
    of_user(&state, id).await
}

async fn of_user(state: &PortalState, user: i64) -> ApiResult {
    if state.tables.user_by_id(user).await?.is_none() {
        return Err(ApiError::not_found("user not found"));
    }
    let used = state.tables.orgs_of_user(user).await?.len();
    let limit = user_limit(state, user).await?;
    Ok(json(&json!([{ "user_id": user, "target": "org_user", "limit": limit, "used": used }])))
}

async fn user_limit(state: &PortalState, user: i64) -> Result<i64, ApiError> {
    let set = state.tables.quotas(MAIN_ORG_ID, user).await?;
    Ok(set.get("org_user").copied().unwrap_or(-1))
}

fn reached() -> ApiError {
    ApiError::forbidden("Quota reached")
}

/// Errors: 403 when the organisation has as many of the target as its quota allows.
pub(crate) async fn check(state: &PortalState, org: i64, target: &str) -> Result<(), ApiError> {
    let set = state.tables.quotas(org, 0).await?;
    let Some(limit) = set.get(target).copied().filter(|limit| *limit >= 0) else { return Ok(()) };
    let used = state.tables.counts_of_org(org).await?.get(target).copied().unwrap_or(0);
    if used < limit { Ok(()) } else { Err(reached()) }
}

/// The same for several things at once that come back: of each target how many. What the server's
/// own settings allow counts as well.
pub(crate) async fn check_return(
    state: &PortalState,
    org: i64,
    more: &HashMap<&'static str, i64>,
) -> Result<(), ApiError> {
    if more.is_empty() {
        return Ok(());
    }
    let set = state.tables.quotas(org, 0).await?;
    let used = state.tables.counts_of_org(org).await?;
    for (target, most) in targets(&state.config.objects) {
        let Some(more) = more.get(target) else { continue };
        let limit = set.get(target).copied().unwrap_or(most);
        let used = used.get(target).copied().unwrap_or(0);
        if limit >= 0 && used.saturating_add(*more) > limit {
            return Err(reached());
        }
    }
    Ok(())
}

/// The same for somebody's memberships.
pub(crate) async fn check_memberships(
    state: &PortalState,
    org: i64,
    user: i64,
) -> Result<(), ApiError> {
    check(state, org, "org_user").await?;
    let limit = user_limit(state, user).await?;
    let used = state.tables.orgs_of_user(user).await?.len();
    if limit < 0 || (used as i64) < limit { Ok(()) } else { Err(reached()) }
}

/// The server's room for a target, or what the organisation's quota leaves of it.
pub(crate) async fn room(
    state: &PortalState,
    org: i64,
    target: &str,
    room: Room,
) -> Result<Room, ApiError> {
    let set = state.tables.quotas(org, 0).await?;
    let smaller = set.get(target).copied().filter(|limit| (0..room.rows_max).contains(limit));
    Ok(smaller.map_or(room, |rows_max| Room { setting: "the organization's quota", rows_max }))
}
