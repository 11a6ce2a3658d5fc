//! The visitor's own account: who they are, their password and preferences, their organisation.

use auth::Password;
use axum::extract::{Path, State};
use portal::tables::{ListedSession, Preferences, PreferencesOf, UserRow};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json, message, parse_json, rfc3339};
use super::state::PortalState;
use super::users;

pub(crate) async fn user(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let row = own_row(&state, &visitor).await?;
    let preferences = own_preferences(&state, &visitor).await?;
    Ok(json(&users::describe(&row, visitor.org(), &preferences.theme)))
}

async fn own_row(state: &PortalState, visitor: &Visitor) -> Result<UserRow, ApiError> {
    let row = state.tables.user_by_id(visitor.user()).await?;
    row.ok_or_else(|| ApiError::not_found("user not found"))
}

pub(crate) async fn update(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<users::Profile>,
) -> ApiResult {
    let row = person(own_row(&state, &visitor).await?)?;
    users::write_profile(&state, &row, body.read()?).await
}

/// Service accounts have neither profile nor password.
fn person(row: UserRow) -> Result<UserRow, ApiError> {
    if row.is_service_account { Err(ApiError::no_permission()) } else { Ok(row) }
}

pub(crate) async fn orgs(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    orgs_of(&state, visitor.user()).await
}

pub(crate) async fn orgs_of(state: &PortalState, user: i64) -> ApiResult {
    let orgs = state.tables.orgs_of_user(user).await?;
    let list = orgs
        .iter()
        .map(|(org, role)| json!({ "orgId": org.id, "name": org.name, "role": role.as_str() }));
    Ok(json(&list.collect::<Vec<Value>>()))
}

pub(crate) async fn teams(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    teams_of(&state, visitor.org(), visitor.user()).await
}

pub(crate) async fn teams_of(state: &PortalState, org: i64, user: i64) -> ApiResult {
    let teams = state.tables.teams_of_user(org, user).await?;
    Ok(json(&teams.iter().map(super::teams::describe).collect::<Vec<Value>>()))
}

/// Works in another organisation from now on.
pub(crate) async fn use_org(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(org): Path<i64>,
) -> ApiResult {
    if state.tables.org_role(org, visitor.user()).await?.is_none() {
        return Err(ApiError::unauthorized_because("Not a valid organization"));
    }
    state.tables.set_current_org(visitor.user(), org).await?;
    Ok(message("Active organization changed"))
}

pub(crate) async fn sessions(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    describe_sessions(&state, visitor.user(), visitor.session_id).await
}

/// A user's sessions; `present` is the one that asks.
pub(crate) async fn describe_sessions(state: &PortalState, user: i64, present: i64) -> ApiResult {
    let sessions = state.tables.sessions_of(user).await?;
    let describe = |session: &ListedSession| {
        json!({
            "id": session.id,
            "isActive": session.id == present,
            "clientIp": session.address,
            "createdAt": rfc3339(session.created_ms),
            "seenAt": rfc3339(session.seen_ms),
            "userAgent": session.user_agent,
            "device": "", "os": "", "osVersion": "", "browser": "", "browserVersion": "",
        })
    };
    Ok(json(&sessions.iter().map(describe).collect::<Vec<Value>>()))
}

pub(crate) async fn revoke_session(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<users::Revoke>,
) -> ApiResult {
    let users::Revoke { auth_token_id } = body.read()?;
    if auth_token_id == visitor.session_id {
        return Err(ApiError::bad_request("Cannot revoke active user auth token"));
    }
    if state.tables.delete_session_of(visitor.user(), auth_token_id).await? {
        Ok(message("User auth token revoked"))
    } else {
        Err(ApiError::not_found("User auth token not found"))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(crate) struct PasswordChange {
    old_password: String,
    new_password: String,
    confirm_new: Option<String>,
}

pub(crate) async fn change_password(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<PasswordChange>,
) -> ApiResult {
    person(own_row(&state, &visitor).await?)?;
    let change: PasswordChange = body.read()?;
    let (old, new) = (Password::new(change.old_password), Password::new(change.new_password));
    if change.confirm_new.is_some_and(|again| !Password::new(again).same_as(&new)) {
        return Err(ApiError::bad_request("New password and its confirmation differ"));
    }
    state.accounts.change_password(&visitor.identity, old, new, visitor.session_id).await?;
    Ok(message("User password changed"))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreferencesChange {
    theme: Option<String>,
    timezone: Option<String>,
    week_start: Option<String>,
    #[serde(rename = "homeDashboardUID")]
    home_dashboard_uid: Option<String>,
}

pub(crate) async fn preferences(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    read_preferences(&state, visitor.org(), PreferencesOf::User(visitor.user())).await
}

pub(crate) async fn org_preferences(
    State(state): State<PortalState>,
    visitor: Visitor,
) -> ApiResult {
    read_preferences(&state, visitor.org(), PreferencesOf::Org).await
}

pub(crate) async fn team_preferences(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(team): Path<String>,
) -> ApiResult {
    let of = team_of(&state, &visitor, &team).await?;
    read_preferences(&state, visitor.org(), of).await
}

async fn team_of(
    state: &PortalState,
    visitor: &Visitor,
    team: &str,
) -> Result<PreferencesOf, ApiError> {
    let team = state.tables.team(visitor.org(), team).await?;
    let team = team.ok_or_else(|| ApiError::not_found("Team not found"))?;
    Ok(PreferencesOf::Team(team.id))
}

async fn read_preferences(state: &PortalState, org: i64, of: PreferencesOf) -> ApiResult {
    let found = state.tables.preferences(org, of).await?;
    Ok(json(&json!({
        "theme": found.theme,
        "timezone": found.timezone,
        "weekStart": found.week_start,
        "homeDashboardUID": found.home_dashboard_uid,
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
    body: JsonBody<PreferencesChange>,
) -> ApiResult {
    let of = PreferencesOf::User(visitor.user());
    write_preferences(&state, &visitor, of, &body).await
}

pub(crate) async fn set_org_preferences(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<PreferencesChange>,
) -> ApiResult {
    write_preferences(&state, &visitor, PreferencesOf::Org, &body).await
}

pub(crate) async fn set_team_preferences(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(team): Path<String>,
    body: JsonBody<PreferencesChange>,
) -> ApiResult {
    let of = team_of(&state, &visitor, &team).await?;
    write_preferences(&state, &visitor, of, &body).await
}

async fn write_preferences(
    state: &PortalState,
    visitor: &Visitor,
    of: PreferencesOf,
    body: &[u8],
) -> ApiResult {
    let change: PreferencesChange = parse_json(body)?;
    let theme = change.theme.as_deref().unwrap_or_default();
    if !matches!(theme, "" | "light" | "dark" | "system") {
        return Err(ApiError::bad_request("Invalid theme: choose light, dark or system"));
    }
    let org = visitor.org();
    let now = state.tables.preferences(org, of).await?;
    let changed = Preferences {
        theme: change.theme.unwrap_or(now.theme),
        timezone: change.timezone.unwrap_or(now.timezone),
        week_start: change.week_start.unwrap_or(now.week_start),
        home_dashboard_uid: change.home_dashboard_uid.unwrap_or(now.home_dashboard_uid),
    };
    let longest = [&changed.timezone, &changed.week_start, &changed.home_dashboard_uid];
    if longest.iter().any(|text| text.len() > 100) {
        return Err(ApiError::bad_request("a preference has 100 characters at most"));
    }
    let by = visitor.by(state.clock.unix_ms());
    state.tables.set_preferences(org, of, &changed, by).await?;
    Ok(message("Preferences updated"))
}
