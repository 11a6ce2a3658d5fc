//! Service accounts and their tokens.

use auth::Role;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use portal::AccountError;
use portal::tables::{ServiceAccountRow, TableError, TokenRow};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::guard::Visitor;
use super::orgs::read_role;
use super::reply::{ApiError, ApiResult, json, message, rfc3339};
use super::state::PortalState;
use crate::portal::query_parameters::{Asked, PAGE, Parameter, parameters};

/// Of one account.
const TOKENS_MAX: i64 = 100;
/// In an organisation.
const ACCOUNTS_MAX: usize = 10_000;

async fn find(
    state: &PortalState,
    visitor: &Visitor,
    id: i64,
) -> Result<ServiceAccountRow, ApiError> {
    let account = state.tables.service_account(visitor.org(), id).await?;
    account.ok_or_else(|| ApiError::not_found("service account not found"))
}

fn describe(account: &ServiceAccountRow, org: i64) -> Value {
    json!({
        "id": account.id,
        "uid": format!("service-account-{}", account.id),
        "name": account.name,
        "login": account.login,
        "orgId": org,
        "isDisabled": account.disabled,
        "isExternal": false,
        "role": account.role.as_str(),
        "tokens": account.tokens,
        "avatarUrl": "",
        "createdAt": rfc3339(account.created_ms),
        "updatedAt": rfc3339(account.updated_ms),
        "teams": [],
    })
}

parameters! {
    /// Of a search for service accounts.
    pub(crate) Search:
    Parameter::text("query", "A part of the name or login."),
    Parameter::flag("disabled", "Only those that are switched off."),
    Parameter::number("perpage", "1000", "Accounts on a page."),
    PAGE,
}

pub(crate) async fn search(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<Search>,
) -> ApiResult {
    let (limit, skip) = pairs.page("perpage", 1000)?;
    let mut found = state.tables.service_accounts(visitor.org(), pairs.first("query")).await?;
    if pairs.first("disabled") == "true" {
        found.retain(|account| account.disabled);
    }
    let page = found.iter().skip(skip as usize).take(limit as usize);
    Ok(json(&json!({
        "totalCount": found.len(),
        "serviceAccounts": page.map(|a| describe(a, visitor.org())).collect::<Vec<Value>>(),
        "page": skip / limit + 1,
        "perPage": limit,
    })))
}

pub(crate) async fn one(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> ApiResult {
    Ok(json(&describe(&find(&state, &visitor, id).await?, visitor.org())))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Given {
    name: Option<String>,
    role: Option<String>,
    is_disabled: Option<bool>,
}

impl Given {
    fn role(&self) -> Result<Option<Role>, ApiError> {
        self.role.as_deref().map(read_role).transpose()
    }
}

pub(crate) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Given>,
) -> ApiResult {
    let given: Given = body.read()?;
    let role = given.role()?.unwrap_or(Role::Viewer);
    let name = given.name.unwrap_or_default();
    check_name(&name)?;
    if state.tables.service_accounts(visitor.org(), "").await?.len() >= ACCOUNTS_MAX {
        let text = format!("an organization has {ACCOUNTS_MAX} service accounts at most");
        return Err(ApiError::forbidden(text));
    }
    let now_ms = state.clock.unix_ms();
    let inserted = state.tables.insert_service_account(visitor.org(), &name, role, now_ms).await;
    let id = match inserted {
        Err(TableError::Taken { .. }) => {
            return Err(ApiError::bad_request("service account already exists"));
        }
        inserted => inserted?,
    };
    let mut account = find(&state, &visitor, id).await?;
    if let Some(disabled) = given.is_disabled.filter(|disabled| *disabled) {
        account.disabled = disabled;
        state.tables.update_service_account(visitor.org(), &account, now_ms).await?;
    }
    Ok((StatusCode::CREATED, json(&describe(&account, visitor.org()))).into_response())
}

fn check_name(name: &str) -> Result<(), ApiError> {
    if name.trim().is_empty() || name.len() > 190 {
        return Err(ApiError::bad_request("service account name has 1 to 190 characters"));
    }
    Ok(())
}

pub(crate) async fn update(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<i64>,
    body: JsonBody<Given>,
) -> ApiResult {
    let given: Given = body.read()?;
    let mut account = find(&state, &visitor, id).await?;
    account.role = given.role()?.unwrap_or(account.role);
    if let Some(name) = given.name {
        check_name(&name)?;
        account.name = name;
    }
    account.disabled = given.is_disabled.unwrap_or(account.disabled);
    state.tables.update_service_account(visitor.org(), &account, state.clock.unix_ms()).await?;
    let account = describe(&account, visitor.org());
    Ok(json(&json!({
        "message": "Service account updated",
        "id": id,
        "name": account["name"],
        "serviceaccount": account,
    })))
}

pub(crate) async fn delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> ApiResult {
    let account = find(&state, &visitor, id).await?;
    state.tables.delete_user(account.id).await?;
    Ok(message("Service account deleted"))
}

pub(crate) async fn tokens(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> ApiResult {
    find(&state, &visitor, id).await?;
    let now_ms = state.clock.unix_ms();
    let describe = |token: &TokenRow| {
        let expires = (token.expires_ms != 0).then(|| rfc3339(token.expires_ms));
        let left_s = (token.expires_ms.saturating_sub(now_ms)).max(0) as f64 / 1000.0;
        json!({
            "id": token.id,
            "name": token.name,
            "role": token.role.as_str(),
            "created": rfc3339(token.created_ms),
            "lastUsedAt": (token.used_ms != 0).then(|| rfc3339(token.used_ms)),
            "expiration": expires,
            "secondsUntilExpiration": if expires.is_some() { left_s } else { 0.0 },
            "hasExpired": expires.is_some() && left_s == 0.0,
            "isRevoked": token.revoked,
        })
    };
    let tokens = state.tables.tokens(visitor.org(), id).await?;
    Ok(json(&tokens.iter().map(describe).collect::<Vec<Value>>()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewToken {
    #[serde(default)]
    name: String,
    #[serde(default)]
    seconds_to_live: i64,
    /// The most that the token may do; the account's role when it is not said.
    role: Option<String>,
}

pub(crate) async fn create_token(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<i64>,
    body: JsonBody<NewToken>,
) -> ApiResult {
    let new: NewToken = body.read()?;
    let account = find(&state, &visitor, id).await?;
    check_name(&new.name)?;
    if new.seconds_to_live < 0 {
        let text = "Number of seconds before expiration should be set";
        return Err(ApiError::bad_request(text));
    }
    if account.tokens >= TOKENS_MAX {
        let text = format!("a service account has {TOKENS_MAX} tokens at most");
        return Err(ApiError::forbidden(text));
    }
    // As good as the best: the account's role at the time of use is the limit then.
    let role = new.role.as_deref().map_or(Ok(Role::Admin), read_role)?;
    let expires_ms = match new.seconds_to_live {
        0 => 0,
        seconds => state.clock.unix_ms().saturating_add(seconds.saturating_mul(1000)),
    };
    let issued =
        state.accounts.issue_token(visitor.org(), account.id, &new.name, role, expires_ms).await;
    match issued {
        Ok((token_id, token)) => {
            Ok(json(&json!({ "id": token_id, "name": new.name, "key": token.expose() })))
        }
        Err(AccountError::Table(TableError::Taken { .. })) => Err(ApiError::new(
            StatusCode::CONFLICT,
            "service account token with given name already exists in the organization",
        )),
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn delete_token(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((id, token)): Path<(i64, i64)>,
) -> ApiResult {
    if state.tables.delete_token(visitor.org(), id, token).await? {
        Ok(message("Service account token deleted"))
    } else {
        Err(ApiError::not_found("service account token not found"))
    }
}
