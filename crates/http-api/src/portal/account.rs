//! The visitor's own account: who they are, their password and preferences, their organisation.

use auth::Password;
use axum::body::Bytes;
use axum::extract::State;
use portal::tables::{Preferences, PreferencesOf};
use serde::Deserialize;
use serde_json::json;

use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json, message, parse_json, rfc3339};
use super::state::PortalState;

pub(crate) async fn user(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let row = state.tables.user_by_id(visitor.identity.user_id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("User not found"))?;
    let preferences = own_preferences(&state, &visitor).await?;
    Ok(json(&json!({
        "id": row.id,
        "uid": format!("user-{}", row.id),
        "email": row.email,
        "name": row.name,
        "login": row.login,
        "theme": preferences.theme,
        "orgId": visitor.org(),
        "isGrafanaAdmin": row.grafana_admin,
        "isDisabled": row.disabled,
        "isExternal": false,
        "isExternallySynced": false,
        "isGrafanaAdminExternallySynced": false,
        "authLabels": [],
        "createdAt": rfc3339(row.created_ms),
        "updatedAt": rfc3339(row.updated_ms),
        "avatarUrl": "",
    })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct PasswordChange {
    old_password: String,
    new_password: String,
    confirm_new: Option<String>,
}

pub(crate) async fn change_password(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: Bytes,
) -> ApiResult {
    let change: PasswordChange = parse_json(&body)?;
    let (old, new) = (Password::new(change.old_password), Password::new(change.new_password));
    if change.confirm_new.is_some_and(|again| !Password::new(again).same_as(&new)) {
        return Err(ApiError::bad_request("New password and its confirmation differ"));
    }
    state.accounts.change_password(&visitor.identity, old, new, visitor.session_id).await?;
    Ok(message("User password changed"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PreferencesChange {
    theme: Option<String>,
    timezone: Option<String>,
    week_start: Option<String>,
    #[serde(rename = "homeDashboardUID")]
    home_dashboard_uid: Option<String>,
}

pub(crate) async fn preferences(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let own = own_preferences(&state, &visitor).await?;
    Ok(json(&json!({
        "theme": own.theme,
        "timezone": own.timezone,
        "weekStart": own.week_start,
        "homeDashboardUID": own.home_dashboard_uid,
    })))
}

async fn own_preferences(state: &PortalState, visitor: &Visitor) -> Result<Preferences, ApiError> {
    let of = PreferencesOf::User(visitor.user());
    Ok(state.tables.preferences(visitor.org(), of).await?)
}

/// One's own; what is not said there is taken from the first team that says it, and then from the
/// organisation.
pub(crate) async fn effective_preferences(
    state: &PortalState,
    visitor: &Visitor,
) -> Result<Preferences, ApiError> {
    let mut found = own_preferences(state, visitor).await?;
    let teams = visitor.identity.team_ids.iter().map(|team| PreferencesOf::Team(*team));
    for of in teams.chain([PreferencesOf::Org]) {
        found = found.or(&state.tables.preferences(visitor.org(), of).await?);
    }
    Ok(found)
}

/// PUT and PATCH alike: fields that are not sent stay.
pub(crate) async fn set_preferences(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: Bytes,
) -> ApiResult {
    let change: PreferencesChange = parse_json(&body)?;
    let theme = change.theme.as_deref().unwrap_or_default();
    if !matches!(theme, "" | "light" | "dark" | "system") {
        return Err(ApiError::bad_request("Invalid theme: choose light, dark or system"));
    }
    let own = own_preferences(&state, &visitor).await?;
    let changed = Preferences {
        theme: change.theme.unwrap_or(own.theme),
        timezone: change.timezone.unwrap_or(own.timezone),
        week_start: change.week_start.unwrap_or(own.week_start),
        home_dashboard_uid: change.home_dashboard_uid.unwrap_or(own.home_dashboard_uid),
    };
    let of = PreferencesOf::User(visitor.user());
    state.tables.set_preferences(visitor.org(), of, &changed).await?;
    Ok(message("Preferences updated"))
}
