//! Quotas: how many of everything an organisation has, and how many it may have; -1 for as many
//! as it likes.

use std::collections::HashMap;

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json};
use super::state::PortalState;

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
    if state.tables.org(org).await?.is_none() {
        return Err(ApiError::not_found("Organization not found"));
    }
    let used = state.tables.counts_of_org(org).await?;
    Ok(json(&listed(state, org, &used)))
}

fn listed(state: &PortalState, org: i64, used: &HashMap<String, i64>) -> Vec<Value> {
    let limits = &state.config.objects;
    let targets = [
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
    ];
    let entry = |(target, limit): (&str, i64)| {
        let used = used.get(target).copied().unwrap_or(0);
        json!({ "org_id": org, "target": target, "limit": limit, "used": used })
    };
    targets.into_iter().map(entry).collect()
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
    let orgs = state.tables.orgs_of_user(user).await?.len();
    Ok(json(&json!([{ "user_id": user, "target": "org_user", "limit": -1, "used": orgs }])))
}
