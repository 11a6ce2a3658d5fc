//! Permissions given on single things: the older form (`items` of a whole list) and the form of
//! `/api/access-control/{kind}/{id}` (one grant at a time).

use std::collections::HashMap;

use auth::{Action, Principal};
use axum::extract::{Path, State};
use portal::tables::{Permission, PermissionRow, Resource, Subject, TeamRow};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json, message, parse_json, rfc3339};
use super::state::PortalState;

/// Names by which subjects are shown.
struct Names {
    logins: HashMap<i64, String>,
    teams: Vec<TeamRow>,
}

impl Names {
    async fn load(state: &PortalState, visitor: &Visitor) -> Result<Self, ApiError> {
        Ok(Self {
            logins: state.tables.logins().await?,
            teams: state.tables.teams(visitor.org(), "", "").await?,
        })
    }

    fn user(&self, id: i64) -> &str {
        self.logins.get(&id).map_or("", String::as_str)
    }

    fn team(&self, id: i64) -> &str {
        self.teams.iter().find(|team| team.id == id).map_or("", |team| team.name.as_str())
    }
}

/// The permissions on a thing; where none were given, those of the roles.
async fn grants(
    state: &PortalState,
    visitor: &Visitor,
    on: Resource<'_>,
) -> Result<Vec<PermissionRow>, ApiError> {
    let found = state.tables.permissions_on(visitor.org(), on).await?;
    if !found.is_empty() {
        return Ok(found);
    }
    let role = |name: &str, permission| PermissionRow {
        kind: on.kind().to_owned(),
        resource: on.uid().to_owned(),
        subject: Subject::Role(name.to_owned()),
        permission,
        created_ms: 0,
        updated_ms: 0,
    };
    Ok(match on {
        Resource::DataSource(_) => vec![role("Viewer", Permission::View)],
        Resource::Folder(_) | Resource::Dashboard(_) => {
            vec![role("Editor", Permission::Edit), role("Viewer", Permission::View)]
        }
    })
}

/// The older form of the list.
pub(crate) async fn listed(
    state: &PortalState,
    visitor: &Visitor,
    on: Resource<'_>,
) -> Result<Vec<Value>, ApiError> {
    let names = Names::load(state, visitor).await?;
    let entry = |row: &PermissionRow| {
        let (mut user, mut team, mut role) = (0, 0, Value::Null);
        match &row.subject {
            Subject::Role(name) => role = name.as_str().into(),
            Subject::Team(id) => team = *id,
            Subject::User(id) => user = *id,
        }
        let (folder, dashboard) = match on {
            Resource::Folder(uid) => (uid, ""),
            Resource::Dashboard(uid) => ("", uid),
            Resource::DataSource(_) => ("", ""),
        };
        let mut entry = json!({
            "folderUid": folder,
            "uid": dashboard,
            "created": rfc3339(row.created_ms),
            "updated": rfc3339(row.updated_ms),
            "userId": user,
            "userLogin": names.user(user),
            "userEmail": "",
            "teamId": team,
            "team": names.team(team),
            "permission": row.permission as i64,
            "permissionName": row.permission.as_str(),
            "inherited": false,
            "isFolder": matches!(on, Resource::Folder(_)),
        });
        if !role.is_null() {
            entry["role"] = role;
        }
        entry
    };
    Ok(grants(state, visitor, on).await?.iter().map(entry).collect())
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Items {
    items: Vec<Item>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    role: Option<String>,
    #[serde(default)]
    team_id: i64,
    #[serde(default)]
    user_id: i64,
    permission: i64,
}

/// Replaces the whole list with the `items` of the body.
pub(crate) async fn replace(
    state: &PortalState,
    visitor: &Visitor,
    on: Resource<'_>,
    body: &[u8],
) -> Result<(), ApiError> {
    let items: Items = parse_json(body)?;
    let mut new = Vec::with_capacity(items.items.len());
    for item in items.items {
        let permission = Permission::from_number(item.permission)
            .ok_or_else(|| ApiError::bad_request("permission must be 1, 2 or 4"))?;
        let subject = match (item.role, item.team_id, item.user_id) {
            (Some(role), _, _) if !role.is_empty() => role_subject(&role)?,
            (_, team, 0) if team > 0 => Subject::Team(team),
            (_, 0, user) if user > 0 => Subject::User(user),
            _ => {
                let reason = "each item names a role, a team or a user";
                return Err(ApiError::bad_request(reason));
            }
        };
        check_subject(state, visitor, &subject).await?;
        new.push((subject, permission));
    }
    let now_ms = state.clock.unix_ms();
    Ok(state.tables.replace_permissions(visitor.org(), on, &new, now_ms).await?)
}

fn role_subject(role: &str) -> Result<Subject, ApiError> {
    if matches!(role, "Viewer" | "Editor" | "Admin") {
        Ok(Subject::Role(role.to_owned()))
    } else {
        Err(ApiError::bad_request(format!("unknown role {role:?}")))
    }
}

/// A grant to nobody, or to somebody of another organisation, is a mistake.
async fn check_subject(
    state: &PortalState,
    visitor: &Visitor,
    subject: &Subject,
) -> Result<(), ApiError> {
    let known = match subject {
        Subject::Role(_) => true,
        Subject::Team(id) => {
            state.tables.team(visitor.org(), &id.to_string()).await?.is_some_and(|t| t.id == *id)
        }
        Subject::User(id) => state.tables.org_role(visitor.org(), *id).await?.is_some(),
    };
    if known { Ok(()) } else { Err(ApiError::bad_request("there is no such team or user here")) }
}

/// A thing by the kind and id of the route, when the visitor may give permissions on it.
async fn resource<'a>(
    state: &PortalState,
    visitor: &Visitor,
    kind: &str,
    uid: &'a str,
) -> Result<Resource<'a>, ApiError> {
    let access = state.access(visitor).await?;
    let (resource, held, exists) = match kind {
        "folders" => {
            let exists = access.listing().folder(uid).is_some();
            (Resource::Folder(uid), access.folder(uid), exists)
        }
        "dashboards" => {
            let row = access.listing().rows.iter().find(|row| !row.is_folder && row.uid == uid);
            let held = row.and_then(|row| access.listed(row));
            (Resource::Dashboard(uid), held, row.is_some())
        }
        "datasources" => {
            let rows = state.tables.data_sources(visitor.org()).await?;
            let exists = rows.iter().any(|row| row.source.uid == uid);
            (Resource::DataSource(uid), access.data_source(uid), exists)
        }
        _ => return Err(ApiError::not_found("Not found")),
    };
    if !exists {
        return Err(ApiError::not_found("Not found"));
    }
    if held >= Some(Permission::Admin) { Ok(resource) } else { Err(ApiError::no_permission()) }
}

/// `GET /api/access-control/{kind}/{uid}`
pub(crate) async fn of_resource(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((kind, uid)): Path<(String, String)>,
) -> ApiResult {
    let on = resource(&state, &visitor, &kind, &uid).await?;
    let names = Names::load(&state, &visitor).await?;
    let rows = grants(&state, &visitor, on).await?;
    let entry = |(index, row): (usize, &PermissionRow)| {
        let mut entry = json!({
            "id": index + 1,
            "roleName": "",
            "isManaged": row.created_ms != 0,
            "isInherited": false,
            "isServiceAccount": false,
            "permission": word(on, row.permission),
            "actions": [],
        });
        match &row.subject {
            Subject::Role(name) => entry["builtInRole"] = name.as_str().into(),
            Subject::Team(id) => {
                entry["teamId"] = (*id).into();
                entry["team"] = names.team(*id).into();
            }
            Subject::User(id) => {
                entry["userId"] = (*id).into();
                entry["userLogin"] = names.user(*id).into();
            }
        }
        entry
    };
    Ok(json(&rows.iter().enumerate().map(entry).collect::<Vec<Value>>()))
}

/// Data sources are queried, not viewed.
fn word(on: Resource<'_>, permission: Permission) -> &'static str {
    match (on, permission) {
        (Resource::DataSource(_), Permission::View) => "Query",
        (_, permission) => permission.as_str(),
    }
}

/// `GET /api/access-control/{kind}/description`
pub(crate) async fn description(Path(kind): Path<String>) -> ApiResult {
    let permissions = match kind.as_str() {
        "folders" | "dashboards" => ["View", "Edit", "Admin"],
        "datasources" => ["Query", "Edit", "Admin"],
        _ => return Err(ApiError::not_found("Not found")),
    };
    Ok(json(&json!({
        "assignments": { "users": true, "serviceAccounts": true, "teams": true, "builtInRoles": true },
        "permissions": permissions,
    })))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Grant {
    permission: String,
}

/// `POST /api/access-control/{kind}/{uid}/{users|teams|builtInRoles}/{subject}`; an empty
/// permission takes it away.
pub(crate) async fn grant(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((kind, uid, subject_kind, name)): Path<(String, String, String, String)>,
    body: JsonBody<Grant>,
) -> ApiResult {
    let Grant { permission } = body.read()?;
    let on = resource(&state, &visitor, &kind, &uid).await?;
    let unknown = || ApiError::bad_request(format!("{name:?} is no id"));
    let subject = match subject_kind.as_str() {
        "users" => Subject::User(name.parse().map_err(|_| unknown())?),
        "teams" => {
            let team = state.tables.team(visitor.org(), &name).await?;
            Subject::Team(team.ok_or_else(unknown)?.id)
        }
        "builtInRoles" => role_subject(&name)?,
        _ => return Err(ApiError::not_found("Not found")),
    };
    check_subject(&state, &visitor, &subject).await?;
    let now_ms = state.clock.unix_ms();
    if permission.is_empty() {
        state.tables.set_permission(visitor.org(), on, &subject, None, now_ms).await?;
        return Ok(message("Permission removed"));
    }
    let permission = permission
        .parse()
        .map_err(|()| ApiError::bad_request(format!("unknown permission {permission:?}")))?;
    state.tables.set_permission(visitor.org(), on, &subject, Some(permission), now_ms).await?;
    Ok(message("Permission updated"))
}

/// The rights that Grafana's clients look up, by the action they belong to.
const RIGHTS: [(&str, Action); 24] = [
    ("dashboards:read", Action::ReadDashboards),
    ("dashboards:create", Action::Compose),
    ("dashboards:write", Action::Compose),
    ("dashboards:delete", Action::Compose),
    ("folders:read", Action::ReadDashboards),
    ("folders:create", Action::Compose),
    ("folders:write", Action::Compose),
    ("annotations:read", Action::ReadDashboards),
    ("annotations:write", Action::Compose),
    ("datasources:query", Action::ReadMetrics),
    ("datasources:explore", Action::Compose),
    ("datasources:read", Action::ReadDataSources),
    ("datasources:create", Action::WriteDataSources),
    ("datasources:write", Action::WriteDataSources),
    ("datasources:delete", Action::WriteDataSources),
    ("org.users:read", Action::ReadOrg),
    ("org.users:write", Action::WriteOrg),
    ("teams:read", Action::ReadOrg),
    ("teams:create", Action::WriteOrg),
    ("teams:write", Action::WriteOrg),
    ("serviceaccounts:read", Action::ReadOrg),
    ("serviceaccounts:write", Action::WriteOrg),
    ("users:read", Action::AdministerServer),
    ("settings:read", Action::AdministerServer),
];

/// `GET /api/access-control/user/actions` and `…/permissions`: what the visitor may do at all.
pub(crate) async fn of_visitor(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let who = Principal::User(&visitor.identity);
    let held = RIGHTS.iter().filter(|(_, action)| state.authority.permit(&who, *action).is_ok());
    let rights: HashMap<&str, bool> = held.map(|(name, _)| (*name, true)).collect();
    Ok(json(&rights))
}
