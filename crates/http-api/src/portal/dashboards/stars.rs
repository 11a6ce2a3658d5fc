//! Stars.

use axum::extract::{Path, State};
use portal::tables::Permission;

use super::find;
use crate::portal::guard::Visitor;
use crate::portal::reply::{ApiResult, json, message};
use crate::portal::state::PortalState;

/// The uids of the visitor's starred dashboards.
pub(crate) async fn stars(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    Ok(json(&state.tables.stars(visitor.org(), visitor.user()).await?))
}

pub(crate) async fn star(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> ApiResult {
    let row = find(&state, &visitor, &key, Permission::View).await?.row;
    let now_ms = state.clock.unix_ms();
    state.tables.star(visitor.org(), visitor.user(), &row.uid, now_ms).await?;
    Ok(message("Dashboard starred!"))
}

pub(crate) async fn unstar(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> ApiResult {
    let by_id = match key.parse() {
        Ok(id) => state.tables.dashboard_uid_by_id(visitor.org(), id).await?,
        Err(_) => None,
    };
    let uid = by_id.unwrap_or(key);
    state.tables.unstar(visitor.org(), visitor.user(), &uid).await?;
    Ok(message("Dashboard unstarred"))
}
