//! `/api/ui/changes`: what settings were before each change, and taking a change back.
//!
//! An organisation's administrators see the changes of its data sources, preferences, quotas and
//! of the organisation itself; everybody sees those of their own preferences, and nobody else does.

use auth::Role;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use portal::tables::{ChangeRow, ChangeSearch, Permission, TableError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body::JsonBody;
use super::dashboards::Pairs;
use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json, message};
use super::state::PortalState;

/// Newest first. Filters: `kind`; `limit` and `page` as elsewhere.
pub(crate) async fn list(
    State(state): State<PortalState>,
    visitor: Visitor,
    uri: Uri,
) -> ApiResult {
    let pairs = Pairs::of(&uri)?;
    let (limit, offset) = pairs.page("limit", 100)?;
    let all = visitor.identity.role >= Role::Admin;
    let search = ChangeSearch {
        kind: pairs.first("kind").to_owned(),
        author_id: if all { 0 } else { visitor.user() },
        limit,
        offset,
    };
    let rows = state.tables.changes(visitor.org(), &search).await?;
    let shown = rows.iter().filter(|row| may_see(row, &visitor)).map(describe);
    Ok(json(&json!({ "changes": shown.collect::<Vec<Value>>() })))
}

fn may_see(row: &ChangeRow, visitor: &Visitor) -> bool {
    if row.user_id != 0 && row.kind == "preferences" {
        return row.user_id == visitor.user();
    }
    visitor.identity.role >= Role::Admin
}

fn describe(row: &ChangeRow) -> Value {
    let action = match (&row.before, &row.after) {
        (None, _) => "create",
        (_, None) => "delete",
        _ => "update",
    };
    json!({
        "id": row.id,
        "kind": row.kind,
        "subject": row.subject,
        "version": row.version,
        "action": action,
        "authorId": row.author_id,
        "author": row.author,
        "time": row.at_ms,
        "undoes": row.undoes,
        "differences": differences(row),
    })
}

/// Columns that differ, with both values; of secrets the names.
fn differences(row: &ChangeRow) -> Value {
    let nothing = Map::new();
    let (before, after) = (row.before.as_ref(), row.after.as_ref());
    let (before, after) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
    let mut found = Map::new();
    for name in before.keys().chain(after.keys()) {
        let is_bookkeeping = matches!(name.as_str(), "version" | "created_ms" | "updated_ms");
        let (was, is) = (before.get(name), after.get(name));
        if was != is && !is_bookkeeping {
            found.insert(name.clone(), json!({ "before": was, "after": is }));
        }
    }
    if !row.secrets_changed.is_empty() {
        found.insert("secrets".to_owned(), json!({ "changed": row.secrets_changed }));
    }
    Value::Object(found)
}

#[derive(Default, Deserialize, JsonSchema)]
pub(crate) struct Undo {
    /// Also when it has been changed since.
    #[serde(default)]
    force: bool,
}

/// `POST /api/ui/changes/{id}/undo`
pub(crate) async fn undo(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<String>,
    body: JsonBody<Undo>,
) -> ApiResult {
    let id = id.parse().map_err(|_| ApiError::bad_request("id is invalid"))?;
    let Undo { force } = if body.is_empty() { Undo::default() } else { body.read()? };
    let found = state.tables.change(visitor.org(), id).await?;
    let row = found.filter(|row| may_see(row, &visitor));
    let row = row.ok_or_else(|| ApiError::not_found("change not found"))?;
    may_undo(&state, &visitor, &row).await?;
    let by = visitor.by(state.clock.unix_ms());
    let done = state.tables.undo_change(visitor.org(), id, force, by).await;
    match done {
        Ok(true) => Ok(message("The change is undone")),
        Ok(false) => Err(ApiError::not_found("change not found")),
        Err(TableError::VersionMismatch) => Err(ApiError::new(
            StatusCode::PRECONDITION_FAILED,
            format!("{} has been changed since; send force to undo nevertheless", row.subject),
        )),
        Err(error) => Err(error.into()),
    }
}

/// The rights that the change itself needs.
async fn may_undo(state: &PortalState, visitor: &Visitor, row: &ChangeRow) -> Result<(), ApiError> {
    let text = |state: &Option<Map<String, Value>>, name: &str| {
        let value = state.as_ref().and_then(|state| state.get(name));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let number = |state: &Option<Map<String, Value>>, name: &str| {
        let value = state.as_ref().and_then(|state| state.get(name));
        value.and_then(Value::as_i64).unwrap_or_default()
    };
    let of_server = visitor.identity.grafana_admin;
    match row.kind.as_str() {
        "data source" => {
            let read_only =
                [&row.before, &row.after].into_iter().any(|s| number(s, "read_only") != 0);
            if read_only {
                return Err(ApiError::forbidden(
                    "the data source is provisioned: change it in its file",
                ));
            }
            let uid = if row.after.is_some() {
                text(&row.after, "uid")
            } else {
                text(&row.before, "uid")
            };
            let access = state.access(visitor).await?;
            if row.after.is_some() && access.data_source(&uid) < Some(Permission::Edit) {
                return Err(ApiError::no_permission());
            }
        }
        // Tenant and policy decide whose data is seen.
        "organization" => {
            let differs = ["tenant", "label_policy"]
                .into_iter()
                .any(|name| text(&row.before, name) != text(&row.after, name));
            if differs && !of_server {
                return Err(ApiError::no_permission());
            }
        }
        "quotas" if !of_server => return Err(ApiError::no_permission()),
        _ => {}
    }
    Ok(())
}
