//! Strangers make themselves accounts, where the configuration lets them.

use auth::Password;
use axum::extract::State;
use portal::AccountError;
use portal::accounts::NewAccount;
use portal::tables::{MAIN_ORG_ID, NewAudit, TableError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::body::JsonBody;
use super::limits::check_name;
use super::reply::{ApiError, ApiResult, json};
use super::state::PortalState;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct SignUp {
    #[serde(default)]
    email: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
}

/// `POST /api/user/signup`. The account is a member of the main organisation, with the role of
/// `portal.new_user_role`.
pub(crate) async fn sign_up(State(state): State<PortalState>, body: JsonBody<SignUp>) -> ApiResult {
    if !state.config.allow_sign_up {
        return Err(ApiError::unauthorized_because("User signup is disabled"));
    }
    let form: SignUp = body.read()?;
    let login = if form.username.is_empty() { &form.email } else { &form.username };
    if login.trim().is_empty() {
        return Err(ApiError::bad_request("Email or username is missing"));
    }
    for (what, text) in [("login", login), ("email", &form.email), ("name", &form.name)] {
        check_name(what, text)?;
    }
    // Either opens the door, so neither may be somebody else's.
    for key in [login, &form.email] {
        if !key.is_empty() && state.tables.user_by_login(key).await?.is_some() {
            return Err(taken());
        }
    }
    let account = NewAccount {
        login,
        email: &form.email,
        name: &form.name,
        org_id: MAIN_ORG_ID,
        role: state.accounts.new_user_role(),
    };
    let made = state.accounts.create_user(&account, Password::new(form.password)).await;
    let id = made.map_err(|error| match error {
        AccountError::Table(TableError::Taken { .. }) => taken(),
        error => error.into(),
    })?;
    let entry = NewAudit {
        org_id: MAIN_ORG_ID,
        actor_id: id,
        actor: login,
        address: "",
        action: "create",
        kind: "user",
        resource: "/api/user/signup",
        outcome: "done",
        detail: "200",
    };
    state.audit(&entry).await;
    Ok(json(&json!({ "message": "User created", "id": id })))
}

fn taken() -> ApiError {
    let text = "User with same email address already exists";
    ApiError::new(axum::http::StatusCode::CONFLICT, text)
}

/// `GET /api/user/signup/options`
pub(crate) async fn options() -> ApiResult {
    Ok(json(&json!({ "verifyEmailEnabled": false, "autoAssignOrg": true })))
}
