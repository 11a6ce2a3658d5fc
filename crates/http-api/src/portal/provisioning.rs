//! Provisioning from outside: files are read again now, and a provisioned dashboard that was
//! edited here is compared with its file, written back to it, or taken from it again.

use auth::Action;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use portal::provisioning::DriftError;
use portal::tables::Permission;
use serde_json::json;

use super::dashboards::find;
use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json, message};
use super::state::PortalState;

/// `POST /api/admin/provisioning/{what}/reload`. One pass reads everything; the word decides what
/// the answer says.
pub(crate) async fn reload(
    State(state): State<PortalState>,
    Path(what): Path<String>,
) -> ApiResult {
    let done = match what.as_str() {
        "dashboards" => "Dashboards config reloaded",
        "datasources" => "Datasources config reloaded",
        "plugins" => "Plugins config reloaded",
        "access-control" | "accesscontrol" => "Accesscontrol config reloaded",
        "alerting" => "Alerting config reloaded",
        _ => return Err(ApiError::not_found("Not found")),
    };
    let pass = state.providers.reload().await;
    pass.ok_or_else(|| {
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "provisioning is not running")
    })?;
    Ok(message(done))
}

impl From<DriftError> for ApiError {
    fn from(error: DriftError) -> Self {
        let status = match &error {
            DriftError::NotProvisioned | DriftError::InManifest | DriftError::Content(_) => {
                StatusCode::BAD_REQUEST
            }
            DriftError::Forbidden(_) | DriftError::Outside(_) => StatusCode::FORBIDDEN,
            DriftError::Changed => StatusCode::CONFLICT,
            DriftError::File { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            DriftError::Table(_) | DriftError::Worker => return Self::internal(&error),
        };
        Self::new(status, error.to_string())
    }
}

/// `GET /api/ui/dashboards/{uid}/drift`
pub(crate) async fn drift(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let row = find(&state, &visitor, &uid, Permission::Edit).await?.row;
    let drift = state.providers.drift(&row).await?;
    Ok(json(&json!({
        "uid": row.uid,
        "version": row.version,
        "provider": row.provisioned_by,
        "path": row.provisioned_from,
        "drifted": row.drifted,
        "file": drift.file,
        "stored": drift.stored,
        "differences": drift.differences,
    })))
}

/// `POST /api/ui/dashboards/{uid}/provisioned/write-back`
pub(crate) async fn write_back(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let row = find(&state, &visitor, &uid, Permission::Edit).await?.row;
    // It changes the server's files, which permissions on a dashboard do not reach.
    let writer = auth::Principal::User(&visitor.identity);
    state.authority.permit(&writer, Action::WriteDataSources)?;
    state.providers.write_back(&state.tables, visitor.org(), &row).await?;
    Ok(json(&json!({
        "message": "Dashboard written to its file",
        "uid": row.uid,
        "version": row.version,
    })))
}

/// `POST /api/ui/dashboards/{uid}/provisioned/discard`
pub(crate) async fn discard(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let row = find(&state, &visitor, &uid, Permission::Edit).await?.row;
    let now_ms = state.clock.unix_ms();
    let (org, author) = (visitor.org(), visitor.user());
    let saved = state.providers.discard(&state.tables, org, &row, author, now_ms).await?;
    Ok(json(&json!({
        "message": "Dashboard taken from its file again",
        "uid": row.uid,
        "version": saved.version,
    })))
}
