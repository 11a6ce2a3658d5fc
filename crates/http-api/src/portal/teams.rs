//! Teams and their members.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use portal::tables::{TableError, TeamRow};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::guard::Visitor;
use super::orgs::check_policy;
use super::reply::{ApiError, ApiResult, json, message, rfc3339};
use super::state::PortalState;
use crate::portal::query_parameters::{Asked, PAGE, Parameter, parameters};

/// In an organisation.
const TEAMS_MAX: usize = 10_000;

async fn find(state: &PortalState, visitor: &Visitor, key: &str) -> Result<TeamRow, ApiError> {
    let team = state.tables.team(visitor.org(), key).await?;
    team.ok_or_else(|| ApiError::not_found("Team not found"))
}

pub(crate) fn describe(team: &TeamRow) -> Value {
    json!({
        "id": team.id,
        "uid": team.uid,
        "orgId": team.org_id,
        "name": team.name,
        "email": team.email,
        "externalUID": "",
        "isProvisioned": !team.provisioned_from.is_empty(),
        "avatarUrl": "",
        "memberCount": team.members,
        "permission": 0,
        "accessControl": Value::Null,
        "labelPolicy": team.label_policy,
        "created": rfc3339(team.created_ms),
        "updated": rfc3339(team.updated_ms),
    })
}

parameters! {
    /// Of a search for teams.
    pub(crate) Search:
    Parameter::text("query", "A part of the name."),
    Parameter::text("name", "The whole name."),
    Parameter::number("perpage", "1000", "Teams on a page."),
    PAGE,
}

pub(crate) async fn search(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<Search>,
) -> ApiResult {
    let (limit, skip) = pairs.page("perpage", 1000)?;
    let teams =
        state.tables.teams(visitor.org(), pairs.first("query"), pairs.first("name")).await?;
    let page = teams.iter().skip(skip as usize).take(limit as usize);
    Ok(json(&json!({
        "totalCount": teams.len(),
        "teams": page.map(describe).collect::<Vec<Value>>(),
        "page": skip / limit + 1,
        "perPage": limit,
    })))
}

pub(crate) async fn one(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> ApiResult {
    Ok(json(&describe(&find(&state, &visitor, &key).await?)))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Given {
    name: Option<String>,
    email: Option<String>,
    label_policy: Option<String>,
}

impl Given {
    /// Lays what was given over a team.
    fn over(self, mut team: TeamRow) -> Result<TeamRow, ApiError> {
        team.name = self.name.unwrap_or(team.name);
        team.email = self.email.unwrap_or(team.email);
        if let Some(policy) = self.label_policy {
            check_policy(&policy)?;
            team.label_policy = policy;
        }
        if team.name.trim().is_empty() || team.name.len() > 190 {
            return Err(ApiError::bad_request("bad request data: name has 1 to 190 characters"));
        }
        Ok(team)
    }
}

pub(crate) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Given>,
) -> ApiResult {
    let uid = state.new_uid()?;
    let empty = TeamRow {
        id: 0,
        org_id: visitor.org(),
        uid,
        name: String::new(),
        email: String::new(),
        label_policy: String::new(),
        provisioned_from: String::new(),
        members: 0,
        created_ms: 0,
        updated_ms: 0,
    };
    let team = body.read()?.over(empty)?;
    if state.tables.teams(visitor.org(), "", "").await?.len() >= TEAMS_MAX {
        return Err(ApiError::forbidden(format!("an organization has {TEAMS_MAX} teams at most")));
    }
    let id = state.tables.insert_team(&team, state.clock.unix_ms()).await.map_err(name_taken)?;
    Ok(json(&json!({ "message": "Team created", "teamId": id, "uid": team.uid })))
}

fn name_taken(error: TableError) -> ApiError {
    match error {
        TableError::Taken { .. } => ApiError::new(StatusCode::CONFLICT, "Team name taken"),
        error => error.into(),
    }
}

pub(crate) async fn update(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(key): Path<String>,
    body: JsonBody<Given>,
) -> ApiResult {
    let team = find(&state, &visitor, &key).await?;
    let team = body.read()?.over(team)?;
    state.tables.update_team(&team, state.clock.unix_ms()).await.map_err(name_taken)?;
    Ok(message("Team updated"))
}

pub(crate) async fn delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> ApiResult {
    let team = find(&state, &visitor, &key).await?;
    state.tables.delete_team(visitor.org(), team.id).await?;
    Ok(message("Team deleted"))
}

pub(crate) async fn members(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> ApiResult {
    let team = find(&state, &visitor, &key).await?;
    let members = state.tables.team_members(team.id).await?;
    let describe = |member: &portal::tables::TeamMemberRow| {
        json!({
            "orgId": team.org_id,
            "teamId": team.id,
            "teamUID": team.uid,
            "userId": member.user_id,
            "userUID": format!("user-{}", member.user_id),
            "auth_module": "",
            "email": member.email,
            "name": member.name,
            "login": member.login,
            "avatarUrl": "",
            "labels": [],
            "permission": member.permission,
        })
    };
    Ok(json(&members.iter().map(describe).collect::<Vec<Value>>()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    #[serde(default)]
    user_id: i64,
    #[serde(default)]
    permission: i64,
}

pub(crate) async fn add_member(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(key): Path<String>,
    body: JsonBody<Member>,
) -> ApiResult {
    let member: Member = body.read()?;
    let team = find(&state, &visitor, &key).await?;
    if state.tables.org_role(visitor.org(), member.user_id).await?.is_none() {
        return Err(ApiError::bad_request("user is not a member of the organization"));
    }
    let (permission, now_ms) = (permission(member.permission)?, state.clock.unix_ms());
    match state.tables.add_team_member(team.id, member.user_id, permission, now_ms).await {
        Ok(()) => Ok(message("Member added to Team")),
        Err(TableError::Taken { .. }) => {
            Err(ApiError::bad_request("User is already added to this team"))
        }
        Err(error) => Err(error.into()),
    }
}

fn permission(number: i64) -> Result<i64, ApiError> {
    if matches!(number, 0 | 4) {
        Ok(number)
    } else {
        Err(ApiError::bad_request("permission must be 0 (member) or 4 (admin)"))
    }
}

pub(crate) async fn update_member(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((key, user)): Path<(String, i64)>,
    body: JsonBody<Member>,
) -> ApiResult {
    let permission = permission(body.read()?.permission)?;
    let team = find(&state, &visitor, &key).await?;
    if state.tables.set_team_permission(team.id, user, permission).await? {
        Ok(message("Team member updated"))
    } else {
        Err(ApiError::not_found("Team member not found."))
    }
}

pub(crate) async fn remove_member(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((key, user)): Path<(String, i64)>,
) -> ApiResult {
    let team = find(&state, &visitor, &key).await?;
    if state.tables.remove_team_member(team.id, user).await? {
        Ok(message("Team Member removed"))
    } else {
        Err(ApiError::not_found("Team member not found."))
    }
}
