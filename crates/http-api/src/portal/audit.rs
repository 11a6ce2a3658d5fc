//! `/api/ui/audit`: who changed what, for the server's and the organisations' administrators.

use axum::extract::State;
use portal::tables::{AuditRow, AuditSearch};
use serde_json::{Value, json};

use super::guard::Visitor;
use super::reply::{ApiResult, json};
use super::state::PortalState;
use crate::portal::query_parameters::{Asked, PAGE, Parameter, parameters};

parameters! {
    /// Of the audit log.
    pub(crate) List:
    Parameter::text("actor", "The login of whoever did it."),
    Parameter::text("action", "`create`, `update`, `delete`, and so on."),
    Parameter::text("kind", "The kind of thing that it was done to."),
    Parameter::number("from", "0", "Unix milliseconds."),
    Parameter::number("to", "0", "Unix milliseconds; 0 for now."),
    Parameter::flag("all", "Of all organizations, for server administrators."),
    Parameter::number("limit", "100", "Entries on a page."),
    PAGE,
}

/// Newest first. Filters: `actor`, `action`, `kind`, `from` and `to` in Unix milliseconds. Server
/// administrators may ask for every organisation with `all=true`.
pub(crate) async fn list(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<List>,
) -> ApiResult {
    let (limit, offset) = pairs.page("limit", 100)?;
    let everywhere = pairs.first("all") == "true" && visitor.identity.grafana_admin;
    let search = AuditSearch {
        org_id: if everywhere { 0 } else { visitor.org() },
        actor: pairs.first("actor").to_owned(),
        action: pairs.first("action").to_owned(),
        kind: pairs.first("kind").to_owned(),
        from_ms: pairs.number("from", 0)?,
        to_ms: pairs.number("to", 0)?,
        limit,
        offset,
    };
    let rows = state.tables.audit(&search).await?;
    Ok(json(&json!({ "entries": rows.iter().map(describe).collect::<Vec<Value>>() })))
}

fn describe(row: &AuditRow) -> Value {
    json!({
        "id": row.id,
        "time": row.at_ms,
        "orgId": row.org_id,
        "userId": row.actor_id,
        "user": row.actor,
        "address": row.address,
        "action": row.action,
        "kind": row.kind,
        "resource": row.resource,
        "outcome": row.outcome,
        "detail": row.detail,
    })
}
