//! Permissions on one dashboard, in the form of Grafana's older routes.

use axum::extract::{Path, State};
use portal::tables::{Permission, Resource};

use super::find;
use crate::portal::body::JsonBody;
use crate::portal::guard::Visitor;
use crate::portal::permissions::{Items, listed, replace};
use crate::portal::reply::{ApiResult, json, message};
use crate::portal::state::PortalState;

pub(crate) async fn permissions(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> ApiResult {
    let row = find(&state, &visitor, &key, Permission::Admin).await?.row;
    Ok(json(&listed(&state, &visitor, Resource::Dashboard(&row.uid)).await?))
}

pub(crate) async fn set_permissions(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(key): Path<String>,
    body: JsonBody<Items>,
) -> ApiResult {
    let row = find(&state, &visitor, &key, Permission::Admin).await?.row;
    replace(&state, &visitor, Resource::Dashboard(&row.uid), &body).await?;
    Ok(message("Dashboard permissions updated"))
}
