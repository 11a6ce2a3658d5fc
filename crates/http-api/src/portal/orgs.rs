//! Organisations: one's own (`/api/org`), and all of them (`/api/orgs`).

use axum::extract::State;
use portal::tables::OrgRow;
use serde_json::{Value, json};

use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json};
use super::state::PortalState;

pub(crate) async fn current(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let org = state.tables.org(visitor.org()).await?;
    let org = org.ok_or_else(|| ApiError::not_found("Organization not found"))?;
    Ok(json(&describe(&org)))
}

fn describe(org: &OrgRow) -> Value {
    let address: Value = serde_json::from_str(&org.address).unwrap_or_default();
    let part = |name: &str| address.get(name).and_then(Value::as_str).unwrap_or_default();
    json!({
        "id": org.id,
        "name": org.name,
        "address": {
            "address1": part("address1"), "address2": part("address2"), "city": part("city"),
            "zipCode": part("zipCode"), "state": part("state"), "country": part("country"),
        },
    })
}
