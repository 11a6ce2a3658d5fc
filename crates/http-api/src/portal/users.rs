//! All users of the server: `/api/users` and `/api/admin/users`.

use auth::Password;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use portal::AccountError;
use portal::accounts::NewAccount;
use portal::tables::{MAIN_ORG_ID, TableError, UserRow, UserSearch};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::account::{describe_sessions, orgs_of, teams_of};
use super::body::JsonBody;
use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json, message, rfc3339};
use super::state::PortalState;
use crate::portal::query_parameters::{Asked, PAGE, Pairs, Parameter, parameters};

async fn find(state: &PortalState, id: i64) -> Result<UserRow, ApiError> {
    let user = state.tables.user_by_id(id).await?.filter(|user| !user.is_service_account);
    user.ok_or_else(|| ApiError::not_found("user not found"))
}

/// In a list.
fn short(user: &UserRow) -> Value {
    json!({
        "id": user.id,
        "uid": format!("user-{}", user.id),
        "name": user.name,
        "login": user.login,
        "email": user.email,
        "avatarUrl": "",
        "isAdmin": user.grafana_admin,
        "isDisabled": user.disabled,
        "lastSeenAt": rfc3339(user.seen_ms),
        "lastSeenAtAge": "",
        "authLabels": [],
    })
}

/// On its own.
pub(crate) fn describe(user: &UserRow, org: i64, theme: &str) -> Value {
    json!({
        "id": user.id,
        "uid": format!("user-{}", user.id),
        "email": user.email,
        "name": user.name,
        "login": user.login,
        "theme": theme,
        "orgId": org,
        "isGrafanaAdmin": user.grafana_admin,
        "isDisabled": user.disabled,
        "isExternal": false,
        "isExternallySynced": false,
        "isGrafanaAdminExternallySynced": false,
        "authLabels": [],
        "createdAt": rfc3339(user.created_ms),
        "updatedAt": rfc3339(user.updated_ms),
        "avatarUrl": "",
    })
}

async fn page(state: &PortalState, pairs: &Pairs) -> Result<(Vec<Value>, i64, i64, i64), ApiError> {
    let (limit, offset) = pairs.page("perpage", 1000)?;
    let search = UserSearch { query: pairs.first("query"), limit, offset };
    let (users, total) = state.tables.search_users(&search).await?;
    Ok((users.iter().map(short).collect(), total, limit, offset / limit + 1))
}

parameters! {
    /// Of a search for users.
    pub(crate) Search:
    Parameter::text("query", "A part of the login, e-mail address or name."),
    Parameter::number("perpage", "1000", "Users on a page."),
    PAGE,
}

parameters! {
    /// Whom to look up.
    pub(crate) Lookup:
    Parameter::text("loginOrEmail", "The login, or the e-mail address.").required(),
}

pub(crate) async fn list(State(state): State<PortalState>, pairs: Asked<Search>) -> ApiResult {
    Ok(json(&page(&state, &pairs).await?.0))
}

pub(crate) async fn search(State(state): State<PortalState>, pairs: Asked<Search>) -> ApiResult {
    let (users, total, per_page, page) = page(&state, &pairs).await?;
    Ok(json(&json!({ "totalCount": total, "users": users, "page": page, "perPage": per_page })))
}

pub(crate) async fn one(State(state): State<PortalState>, Path(id): Path<i64>) -> ApiResult {
    let user = find(&state, id).await?;
    Ok(json(&describe(&user, user.org_id, "")))
}

pub(crate) async fn lookup(State(state): State<PortalState>, pairs: Asked<Lookup>) -> ApiResult {
    let name = pairs.first("loginOrEmail");
    if name.is_empty() {
        return Err(ApiError::bad_request("loginOrEmail is missing"));
    }
    let user = state.tables.user_by_login(name).await?.filter(|user| !user.is_service_account);
    let user = user.ok_or_else(|| ApiError::not_found("user not found"))?;
    Ok(json(&describe(&user, user.org_id, "")))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Profile {
    login: Option<String>,
    email: Option<String>,
    name: Option<String>,
}

/// Writes login, email and name of a user.
pub(crate) async fn write_profile(
    state: &PortalState,
    user: &UserRow,
    profile: Profile,
) -> ApiResult {
    let login = profile.login.filter(|login| !login.is_empty());
    let login = login.unwrap_or_else(|| user.login.clone());
    let email = profile.email.unwrap_or_else(|| user.email.clone());
    let name = profile.name.unwrap_or_else(|| user.name.clone());
    check_login(&login)?;
    // Either opens the door, so neither may be somebody else's.
    for key in [&login, &email] {
        if let Some(other) = state.tables.user_by_login(key).await?
            && other.id != user.id
            && !key.is_empty()
        {
            return Err(taken(&login, &email));
        }
    }
    let now_ms = state.clock.unix_ms();
    match state.tables.update_profile(user.id, (&login, &email, &name), now_ms).await {
        Ok(_) => Ok(message("User updated")),
        Err(TableError::Taken { .. }) => Err(taken(&login, &email)),
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn check_login(login: &str) -> Result<(), ApiError> {
    let plain = !login.trim().is_empty() && login.len() <= 190 && !login.contains(char::is_control);
    if plain { Ok(()) } else { Err(ApiError::bad_request("login has 1 to 190 characters")) }
}

fn taken(login: &str, email: &str) -> ApiError {
    ApiError::new(
        StatusCode::PRECONDITION_FAILED,
        format!("User with email '{email}' or username '{login}' already exists"),
    )
}

pub(crate) async fn update(
    State(state): State<PortalState>,
    Path(id): Path<i64>,
    body: JsonBody<Profile>,
) -> ApiResult {
    let user = find(&state, id).await?;
    write_profile(&state, &user, body.read()?).await
}

pub(crate) async fn orgs(State(state): State<PortalState>, Path(id): Path<i64>) -> ApiResult {
    find(&state, id).await?;
    orgs_of(&state, id).await
}

pub(crate) async fn teams(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> ApiResult {
    find(&state, id).await?;
    teams_of(&state, visitor.org(), id).await
}

pub(crate) async fn use_org(
    State(state): State<PortalState>,
    Path((id, org)): Path<(i64, i64)>,
) -> ApiResult {
    let user = find(&state, id).await?;
    if state.tables.org_role(org, user.id).await?.is_none() {
        return Err(ApiError::unauthorized_because("Not a valid organization"));
    }
    state.tables.set_current_org(user.id, org).await?;
    Ok(message("Active organization changed"))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewUser {
    #[serde(default)]
    login: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    org_id: i64,
}

pub(crate) async fn create(State(state): State<PortalState>, body: JsonBody<NewUser>) -> ApiResult {
    let new: NewUser = body.read()?;
    let login = if new.login.is_empty() { &new.email } else { &new.login };
    if login.is_empty() {
        return Err(ApiError::bad_request(
            "Validation error, need specify either username or email",
        ));
    }
    check_login(login)?;
    let org_id = if new.org_id == 0 { MAIN_ORG_ID } else { new.org_id };
    if state.tables.org(org_id).await?.is_none() {
        return Err(ApiError::bad_request("organization not found"));
    }
    for key in [login, &new.email] {
        if !key.is_empty() && state.tables.user_by_login(key).await?.is_some() {
            return Err(taken(login, &new.email));
        }
    }
    let account = NewAccount {
        login,
        email: &new.email,
        name: &new.name,
        org_id,
        role: state.accounts.new_user_role(),
    };
    match state.accounts.create_user(&account, Password::new(new.password)).await {
        Ok(id) => {
            Ok(json(&json!({ "id": id, "uid": format!("user-{id}"), "message": "User created" })))
        }
        Err(AccountError::Table(TableError::Taken { .. })) => Err(taken(login, &new.email)),
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct NewPassword {
    password: String,
}

pub(crate) async fn set_password(
    State(state): State<PortalState>,
    Path(id): Path<i64>,
    body: JsonBody<NewPassword>,
) -> ApiResult {
    let new: NewPassword = body.read()?;
    let user = find(&state, id).await?;
    state.accounts.reset_password(user.id, Password::new(new.password)).await?;
    Ok(message("User password updated"))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServerRights {
    #[serde(default)]
    is_grafana_admin: bool,
}

pub(crate) async fn set_permissions(
    State(state): State<PortalState>,
    Path(id): Path<i64>,
    body: JsonBody<ServerRights>,
) -> ApiResult {
    let rights: ServerRights = body.read()?;
    let user = find(&state, id).await?;
    if !rights.is_grafana_admin {
        keep_one_admin(&state, &user).await?;
    }
    state.tables.set_grafana_admin(user.id, rights.is_grafana_admin).await?;
    Ok(message("User permissions updated"))
}

/// A server without an administrator could not be changed any more.
async fn keep_one_admin(state: &PortalState, user: &UserRow) -> Result<(), ApiError> {
    let everybody = UserSearch { query: "", limit: i64::MAX, offset: 0 };
    let (users, _) = state.tables.search_users(&everybody).await?;
    let mut admins = users.iter().filter(|user| user.grafana_admin && !user.disabled);
    if admins.next().is_some_and(|first| first.id == user.id) && admins.next().is_none() {
        return Err(ApiError::bad_request("Cannot remove last grafana admin"));
    }
    Ok(())
}

pub(crate) async fn delete(State(state): State<PortalState>, Path(id): Path<i64>) -> ApiResult {
    let user = find(&state, id).await?;
    keep_one_admin(&state, &user).await?;
    state.accounts.sign_out_everywhere(user.id).await?;
    state.tables.delete_user(user.id).await?;
    Ok(message("User deleted"))
}

pub(crate) async fn disable(State(state): State<PortalState>, Path(id): Path<i64>) -> ApiResult {
    let user = find(&state, id).await?;
    keep_one_admin(&state, &user).await?;
    state.tables.set_disabled(user.id, true).await?;
    state.accounts.sign_out_everywhere(user.id).await?;
    Ok(message("User disabled"))
}

pub(crate) async fn enable(State(state): State<PortalState>, Path(id): Path<i64>) -> ApiResult {
    let user = find(&state, id).await?;
    state.tables.set_disabled(user.id, false).await?;
    Ok(message("User enabled"))
}

pub(crate) async fn sign_out(State(state): State<PortalState>, Path(id): Path<i64>) -> ApiResult {
    let user = find(&state, id).await?;
    state.accounts.sign_out_everywhere(user.id).await?;
    Ok(message("User logged out"))
}

pub(crate) async fn sessions(State(state): State<PortalState>, Path(id): Path<i64>) -> ApiResult {
    let user = find(&state, id).await?;
    describe_sessions(&state, user.id, 0).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Revoke {
    pub(crate) auth_token_id: i64,
}

pub(crate) async fn revoke_session(
    State(state): State<PortalState>,
    Path(id): Path<i64>,
    body: JsonBody<Revoke>,
) -> ApiResult {
    let Revoke { auth_token_id } = body.read()?;
    let user = find(&state, id).await?;
    if state.tables.delete_session_of(user.id, auth_token_id).await? {
        Ok(message("User auth token revoked"))
    } else {
        Err(ApiError::not_found("User auth token not found"))
    }
}
