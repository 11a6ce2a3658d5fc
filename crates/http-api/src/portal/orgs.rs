//! Organisations: one's own (`/api/org`), and all of them (`/api/orgs`), with their members.

use auth::Role;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::Tenant;
use portal::AccountError;
use portal::accounts::read_policy;
use portal::tables::{MAIN_ORG_ID, OrgRow, OrgUserRow, TableError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::guard::Visitor;
use super::quotas;
use super::reply::{ApiError, ApiResult, json, message, parse_json, rfc3339};
use super::state::PortalState;
use crate::portal::query_parameters::{Asked, PAGE, Pairs, Parameter, parameters};

pub(crate) async fn current(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    Ok(json(&describe(&find(&state, visitor.org()).await?)))
}

pub(crate) async fn by_id(State(state): State<PortalState>, Path(id): Path<i64>) -> ApiResult {
    Ok(json(&describe(&find(&state, id).await?)))
}

pub(crate) async fn by_name(
    State(state): State<PortalState>,
    Path(name): Path<String>,
) -> ApiResult {
    let org = state.tables.org_by_name(&name).await?;
    Ok(json(&describe(&org.ok_or_else(not_found)?)))
}

async fn find(state: &PortalState, id: i64) -> Result<OrgRow, ApiError> {
    state.tables.org(id).await?.ok_or_else(not_found)
}

fn not_found() -> ApiError {
    ApiError::not_found("Organization not found")
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
        "tenant": org.tenant,
        "labelPolicy": org.label_policy,
    })
}

parameters! {
    /// Of the list of organizations.
    pub(crate) List:
    Parameter::text("query", "A part of the name."),
    Parameter::text("name", "The whole name."),
    Parameter::number("perpage", "1000", "Organizations on a page."),
    PAGE,
}

parameters! {
    /// Of the members of an organization.
    pub(crate) Members:
    Parameter::text("query", "A part of the login, e-mail address or name."),
    Parameter::number("limit", "1000", "How many at most, up to 5000."),
}

parameters! {
    /// Of a search for members.
    pub(crate) MemberSearch:
    Parameter::text("query", "A part of the login, e-mail address or name."),
    Parameter::number("perpage", "1000", "Members on a page."),
    PAGE,
}

parameters! {
    /// Of a look-up of members.
    pub(crate) MemberLookup:
    Parameter::text("query", "A part of the login, e-mail address or name."),
}

/// `GET /api/orgs`
pub(crate) async fn list(State(state): State<PortalState>, pairs: Asked<List>) -> ApiResult {
    let (limit, skip) = pairs.page("perpage", 1000)?;
    let (query, name) = (pairs.first("query").to_lowercase(), pairs.first("name"));
    let orgs = state.tables.orgs().await?;
    let matching = orgs.iter().filter(|org| {
        org.name.to_lowercase().contains(&query) && (name.is_empty() || org.name == name)
    });
    let page = matching.skip(skip as usize).take(limit as usize);
    Ok(json(&page.map(|o| json!({ "id": o.id, "name": o.name })).collect::<Vec<Value>>()))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Named {
    #[serde(default)]
    name: String,
}

impl Named {
    fn checked(self) -> Result<String, ApiError> {
        if self.name.trim().is_empty() || self.name.len() > 190 {
            return Err(ApiError::bad_request("bad request data: name has 1 to 190 characters"));
        }
        Ok(self.name)
    }
}

/// `POST /api/orgs`: whoever makes an organisation is its first administrator.
pub(crate) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Named>,
) -> ApiResult {
    if !visitor.identity.grafana_admin && !state.config.allow_org_create {
        return Err(ApiError::no_permission());
    }
    let name = body.read()?.checked()?;
    let now_ms = state.clock.unix_ms();
    let id = state.tables.insert_org(&name, now_ms).await.map_err(name_taken)?;
    if visitor.user() != 0 && !visitor.identity.is_service_account {
        state.tables.add_org_user(id, visitor.user(), Role::Admin, now_ms).await?;
    }
    Ok(json(&json!({ "message": "Organization created", "orgId": id })))
}

fn name_taken(error: TableError) -> ApiError {
    match error {
        TableError::Taken { .. } => ApiError::new(StatusCode::CONFLICT, "Organization name taken"),
        error => error.into(),
    }
}

pub(crate) async fn update_current(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Change>,
) -> ApiResult {
    // The tenant decides whose data is seen; only the server's administrators may say so.
    update(&state, &visitor, visitor.org(), &body).await
}

pub(crate) async fn update_by_id(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<i64>,
    body: JsonBody<Change>,
) -> ApiResult {
    update(&state, &visitor, id, &body).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    name: Option<String>,
    tenant: Option<String>,
    label_policy: Option<String>,
}

async fn update(state: &PortalState, visitor: &Visitor, id: i64, body: &[u8]) -> ApiResult {
    let change: Change = parse_json(body)?;
    let of_server = visitor.identity.grafana_admin;
    let mut org = find(state, id).await?;
    if let Some(name) = change.name {
        org.name = Named { name }.checked()?;
    }
    if (change.tenant.is_some() || change.label_policy.is_some()) && !of_server {
        return Err(ApiError::no_permission());
    }
    if let Some(tenant) = change.tenant {
        Tenant::parse(&tenant).map_err(|error| ApiError::bad_request(error.to_string()))?;
        org.tenant = tenant;
    }
    if let Some(policy) = change.label_policy {
        check_policy(&policy)?;
        org.label_policy = policy;
    }
    state.tables.update_org(&org, visitor.by(state.clock.unix_ms())).await.map_err(name_taken)?;
    Ok(message("Organization updated"))
}

/// A policy that cannot be read would lock everybody out.
pub(crate) fn check_policy(text: &str) -> Result<(), ApiError> {
    match read_policy(text, || "label policy".to_owned()) {
        Ok(_) => Ok(()),
        Err(AccountError::Policy { reason, .. }) => {
            Err(ApiError::bad_request(format!("labelPolicy is no selector: {reason}")))
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn set_address(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Address>,
) -> ApiResult {
    address(&state, &visitor, visitor.org(), &body).await
}

pub(crate) async fn set_address_by_id(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<i64>,
    body: JsonBody<Address>,
) -> ApiResult {
    address(&state, &visitor, id, &body).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Address {
    address1: Option<String>,
    address2: Option<String>,
    city: Option<String>,
    #[serde(alias = "zipcode")]
    zip_code: Option<String>,
    state: Option<String>,
    country: Option<String>,
}

async fn address(state: &PortalState, visitor: &Visitor, id: i64, body: &[u8]) -> ApiResult {
    let given: Address = parse_json(body)?;
    let mut kept = serde_json::Map::new();
    for (name, text) in [
        ("address1", given.address1),
        ("address2", given.address2),
        ("city", given.city),
        ("zipCode", given.zip_code),
        ("state", given.state),
        ("country", given.country),
    ] {
        if let Some(text) = text {
            kept.insert(name.to_owned(), text.chars().take(255).collect::<String>().into());
        }
    }
    let mut org = find(state, id).await?;
    org.address = Value::Object(kept).to_string();
    state.tables.update_org(&org, visitor.by(state.clock.unix_ms())).await?;
    Ok(message("Address updated"))
}

pub(crate) async fn delete(State(state): State<PortalState>, Path(id): Path<i64>) -> ApiResult {
    if id == MAIN_ORG_ID {
        return Err(ApiError::bad_request("the main organization cannot be deleted"));
    }
    if state.tables.delete_org(id).await? {
        Ok(message("Organization deleted"))
    } else {
        Err(not_found())
    }
}

pub(crate) async fn users(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<Members>,
) -> ApiResult {
    members(&state, visitor.org(), &pairs).await
}

pub(crate) async fn users_by_id(
    State(state): State<PortalState>,
    Path(id): Path<i64>,
    pairs: Asked<Members>,
) -> ApiResult {
    find(&state, id).await?;
    members(&state, id, &pairs).await
}

async fn members(state: &PortalState, org: i64, pairs: &Pairs) -> ApiResult {
    let found = matching(state, org, pairs).await?;
    let (limit, skip) = (pairs.number("limit", 1000)?.clamp(0, 5000), 0);
    let page = found.iter().skip(skip).take(limit);
    Ok(json(&page.map(|user| member(user, org)).collect::<Vec<Value>>()))
}

async fn matching(
    state: &PortalState,
    org: i64,
    pairs: &Pairs,
) -> Result<Vec<OrgUserRow>, ApiError> {
    let query = pairs.first("query").to_lowercase();
    let mut users = state.tables.org_users(org).await?;
    users.retain(|user| {
        [&user.login, &user.email, &user.name].iter().any(|t| t.to_lowercase().contains(&query))
    });
    Ok(users)
}

fn member(user: &OrgUserRow, org: i64) -> Value {
    json!({
        "orgId": org,
        "userId": user.user_id,
        "uid": format!("user-{}", user.user_id),
        "email": user.email,
        "name": user.name,
        "avatarUrl": "",
        "login": user.login,
        "role": user.role.as_str(),
        "lastSeenAt": rfc3339(user.seen_ms),
        "lastSeenAtAge": "",
        "created": rfc3339(user.created_ms),
        "isDisabled": user.disabled,
        "authLabels": [],
        "isExternallySynced": false,
    })
}

/// `GET /api/org/users/search`: a page with counts.
pub(crate) async fn search_users(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<MemberSearch>,
) -> ApiResult {
    let found = matching(&state, visitor.org(), &pairs).await?;
    let (limit, skip) = pairs.page("perpage", 1000)?;
    let page = found.iter().skip(skip as usize).take(limit as usize);
    Ok(json(&json!({
        "totalCount": found.len(),
        "orgUsers": page.map(|user| member(user, visitor.org())).collect::<Vec<Value>>(),
        "perPage": limit,
        "page": skip / limit + 1,
    })))
}

/// `GET /api/org/users/lookup`: for pickers; ids and logins only.
pub(crate) async fn lookup_users(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<MemberLookup>,
) -> ApiResult {
    let found = matching(&state, visitor.org(), &pairs).await?;
    let short = found.iter().map(|user| {
        json!({
            "userId": user.user_id, "uid": format!("user-{}", user.user_id),
            "login": user.login, "avatarUrl": "",
        })
    });
    Ok(json(&short.collect::<Vec<Value>>()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Add {
    login_or_email: String,
    role: String,
}

pub(crate) async fn add_user(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Add>,
) -> ApiResult {
    add(&state, visitor.org(), &body).await
}

pub(crate) async fn add_user_by_id(
    State(state): State<PortalState>,
    Path(id): Path<i64>,
    body: JsonBody<Add>,
) -> ApiResult {
    find(&state, id).await?;
    add(&state, id, &body).await
}

pub(crate) fn read_role(text: &str) -> Result<Role, ApiError> {
    text.parse().map_err(|_| ApiError::bad_request("Invalid role specified"))
}

async fn add(state: &PortalState, org: i64, body: &[u8]) -> ApiResult {
    let add: Add = parse_json(body)?;
    let role = read_role(&add.role)?;
    let user = state.tables.user_by_login(&add.login_or_email).await?;
    let user = user.filter(|user| !user.is_service_account);
    let user = user.ok_or_else(|| ApiError::not_found("User not found"))?;
    quotas::check_memberships(state, org, user.id).await?;
    match state.tables.add_org_user(org, user.id, role, state.clock.unix_ms()).await {
        Ok(()) => Ok(json(&json!({ "message": "User added to organization", "userId": user.id }))),
        Err(TableError::Taken { .. }) => {
            Err(ApiError::new(StatusCode::CONFLICT, "User is already member of this organization"))
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn set_role(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(user): Path<i64>,
    body: JsonBody<NewRole>,
) -> ApiResult {
    role(&state, visitor.org(), user, &body).await
}

pub(crate) async fn set_role_by_id(
    State(state): State<PortalState>,
    Path((org, user)): Path<(i64, i64)>,
    body: JsonBody<NewRole>,
) -> ApiResult {
    role(&state, org, user, &body).await
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct NewRole {
    role: String,
}

async fn role(state: &PortalState, org: i64, user: i64, body: &[u8]) -> ApiResult {
    let role = read_role(&parse_json::<NewRole>(body)?.role)?;
    if role < Role::Admin {
        keep_one_admin(state, org, user).await?;
    }
    if state.tables.set_org_role(org, user, role).await? {
        Ok(message("Organization user updated"))
    } else {
        Err(ApiError::not_found("User not found"))
    }
}

/// An organisation without an administrator could not be changed any more.
async fn keep_one_admin(state: &PortalState, org: i64, user: i64) -> Result<(), ApiError> {
    let users = state.tables.org_users(org).await?;
    let mut admins = users.iter().filter(|user| user.role == Role::Admin);
    if admins.next().is_some_and(|first| first.user_id == user) && admins.next().is_none() {
        return Err(ApiError::bad_request("Cannot remove last organization admin"));
    }
    Ok(())
}

pub(crate) async fn remove_user(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(user): Path<i64>,
) -> ApiResult {
    remove(&state, visitor.org(), user).await
}

pub(crate) async fn remove_user_by_id(
    State(state): State<PortalState>,
    Path((org, user)): Path<(i64, i64)>,
) -> ApiResult {
    remove(&state, org, user).await
}

async fn remove(state: &PortalState, org: i64, user: i64) -> ApiResult {
    keep_one_admin(state, org, user).await?;
    if state.tables.remove_org_user(org, user).await? {
        Ok(message("User removed from organization"))
    } else {
        Err(ApiError::not_found("User not found"))
    }
}
