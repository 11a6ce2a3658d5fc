//! Carries `access-control/` files out: users, teams with their members, and permissions on single
//! folders, dashboards and data sources. Roles of Grafana Enterprise are read and reported.

use std::collections::HashSet;

use auth::{Password, Role};

use super::access::read_access;
use super::documents::{Documents, Kind};
use super::worker::{Course, Provisioner, uid_of};
use super::yaml::{Environment, Fields, parse};
use crate::accounts::NewAccount;
use crate::tables::{Permission, Resource, Subject, TableError, TeamRow};

/// Setting: the bundled teams that have been set up, one a line.
const BUNDLED_SETTING: &str = "provisioning.bundled_teams";
/// Grafana's number for those who administer a team.
const TEAM_ADMIN: i64 = 4;

/// What a file asks for.
#[derive(Debug, Default)]
struct PeopleFile {
    users: Vec<UserEntry>,
    teams: Vec<TeamEntry>,
    /// Organisation and name.
    team_deletions: Vec<(i64, String)>,
    grants: Vec<Grant>,
    /// Roles, and roles of teams, that nothing here acts on.
    roles: usize,
}

struct UserEntry {
    org: i64,
    login: String,
    email: String,
    name: String,
    password: String,
    role: Role,
}

impl std::fmt::Debug for UserEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserEntry").field("login", &self.login).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct TeamEntry {
    org: i64,
    uid: String,
    name: String,
    email: String,
    label_policy: String,
    /// Login or address, and permission.
    members: Vec<(String, i64)>,
}

#[derive(Debug)]
struct Grant {
    org: i64,
    kind: &'static str,
    uid: String,
    subject_kind: &'static str,
    subject: String,
    permission: Option<Permission>,
}

fn read(text: &str, environment: &Environment) -> Result<PeopleFile, String> {
    let strict = read_access(text, environment).map_err(|error| error.to_string())?;
    let of_teams: usize = strict.teams.iter().map(|team| team.roles.len()).sum();
    let tree = parse(text, environment).map_err(|error| error.to_string())?;
    let Some(file) = Fields::of(&tree) else { return Ok(PeopleFile::default()) };
    let deletions = file.list(&["deleteTeams"]);
    Ok(PeopleFile {
        users: file.list(&["users"]).map(user).collect::<Result<_, _>>()?,
        teams: file.list(&["teams"]).map(team).collect::<Result<_, _>>()?,
        team_deletions: deletions.map(|entry| (entry.org(), entry.text(&["name"]))).collect(),
        grants: file.list(&["permissions"]).map(grant).collect::<Result<_, _>>()?,
        roles: strict.roles.len() + of_teams,
    })
}

fn user(entry: Fields<'_>) -> Result<UserEntry, String> {
    let role = entry.text(&["role"]);
    let role = if role.is_empty() { "Viewer" } else { &role };
    Ok(UserEntry {
        org: entry.org(),
        login: entry.required(&["login"]).map_err(|error| format!("a user's {error}"))?,
        email: entry.text(&["email"]),
        name: entry.text(&["name"]),
        password: entry.text(&["password"]),
        role: role.parse().map_err(|_| format!("{role:?} is no role"))?,
    })
}

fn team(entry: Fields<'_>) -> Result<TeamEntry, String> {
    let members = entry.value(&["members"]).and_then(serde_json::Value::as_array);
    let member = |member: &serde_json::Value| {
        if let Some(login) = member.as_str() {
            return Ok((login.to_owned(), 0));
        }
        let fields = Fields::of(member).ok_or("a member of a team is neither text nor object")?;
        let permission = match fields.text(&["permission"]).as_str() {
            "" | "Member" => 0,
            "Admin" => TEAM_ADMIN,
            other => return Err(format!("a team knows Member and Admin, not {other:?}")),
        };
        Ok((fields.text(&["login", "email"]), permission))
    };
    Ok(TeamEntry {
        org: entry.org(),
        uid: entry.text(&["uid"]),
        name: entry.required(&["name"]).map_err(|error| format!("a team's {error}"))?,
        email: entry.text(&["email"]),
        label_policy: entry.text(&["labelPolicy"]),
        members: members.into_iter().flatten().map(member).collect::<Result<_, _>>()?,
    })
}

fn grant(entry: Fields<'_>) -> Result<Grant, String> {
    let first = |keys: [&'static str; 3]| {
        let found = keys.into_iter().map(|key| (key, entry.text(&[key])));
        found.into_iter().find(|(_, value)| !value.is_empty())
    };
    let on = first(["folder", "dashboard", "datasource"]);
    let (kind, uid) = on.ok_or("a permission names no folder, dashboard or datasource")?;
    let to = first(["team", "user", "role"]);
    let (subject_kind, subject) = to.ok_or("a permission names no team, user or role")?;
    if subject_kind == "role" && !matches!(subject.as_str(), "Viewer" | "Editor" | "Admin") {
        return Err(format!("{subject:?} is no role"));
    }
    let permission = match entry.text(&["permission"]).as_str() {
        "None" => None,
        text => Some(text.parse().map_err(|()| format!("{text:?} is no permission"))?),
    };
    Ok(Grant { org: entry.org(), kind, uid, subject_kind, subject, permission })
}

impl Provisioner {
    pub(super) async fn people(
        &mut self,
        documents: &Documents,
        course: &mut Course,
    ) -> Result<(), TableError> {
        let orgs: HashSet<i64> = self.tables.orgs().await?.into_iter().map(|org| org.id).collect();
        let recorded = self.tables.setting(BUNDLED_SETTING).await?.unwrap_or_default();
        let mut set_up: Vec<String> = recorded.lines().map(str::to_owned).collect();
        for document in documents.of(Kind::Access) {
            let file = &document.origin;
            let read = document.text.clone().and_then(|text| read(&text, &self.config.environment));
            let mut wanted = match read {
                Ok(wanted) => wanted,
                Err(reason) => {
                    course.complain(format!("access control file {file}: {reason}"));
                    continue;
                }
            };
            if wanted.roles > 0 {
                let roles = wanted.roles;
                let notice = format!(
                    "access control file {file}: {roles} custom roles are read and not acted on"
                );
                self.tell(notice);
            }
            if document.bundled {
                // Once: who deletes the first team does not want it back.
                wanted.teams.retain(|team| !set_up.contains(&team.name));
                set_up.extend(wanted.teams.iter().map(|team| team.name.clone()));
            }
            let provisioned_from = if document.bundled { "" } else { file };
            for problem in self.carry_out(&wanted, &orgs, provisioned_from, course).await? {
                course.complain(format!("access control file {file}: {problem}"));
            }
        }
        let set_up = set_up.join("\n");
        if set_up != recorded {
            self.tables.set_setting(BUNDLED_SETTING, &set_up).await?;
        }
        Ok(())
    }

    /// What could not be done is returned, in words.
    async fn carry_out(
        &self,
        wanted: &PeopleFile,
        orgs: &HashSet<i64>,
        file: &str,
        course: &mut Course,
    ) -> Result<Vec<String>, TableError> {
        let mut problems = Vec::new();
        let unknown =
            |org: i64| (!orgs.contains(&org)).then(|| format!("there is no organisation {org}"));
        for user in &wanted.users {
            let done = match unknown(user.org) {
                Some(problem) => Err(problem),
                None => self.save_user(user, course).await,
            };
            problems.extend(done.err().map(|reason| format!("user {:?}: {reason}", user.login)));
        }
        for team in &wanted.teams {
            let done = match unknown(team.org) {
                Some(problem) => Err(problem),
                None => self.save_team(team, file, course).await,
            };
            problems.extend(done.err().map(|reason| format!("team {:?}: {reason}", team.name)));
        }
        for (org, name) in &wanted.team_deletions {
            for team in self.tables.teams(*org, "", name).await? {
                self.tables.delete_team(*org, team.id).await?;
            }
        }
        for grant in &wanted.grants {
            let done = match unknown(grant.org) {
                Some(problem) => Err(problem),
                None => self.give(grant).await,
            };
            let Grant { kind, uid, .. } = grant;
            problems.extend(done.err().map(|why| format!("permission on {kind} {uid:?}: {why}")));
        }
        Ok(problems)
    }

    /// Creates the user when missing, and sees to the membership. A password that was changed
    /// since is left alone.
    async fn save_user(&self, user: &UserEntry, course: &mut Course) -> Result<(), String> {
        let tables = &self.tables;
        let words = |error: TableError| error.to_string();
        let now_ms = self.clock.unix_ms();
        let Some(row) = tables.user_by_login(&user.login).await.map_err(words)? else {
            let accounts = self.accounts.as_ref().ok_or("accounts are not open")?;
            let account = NewAccount {
                login: &user.login,
                email: &user.email,
                name: &user.name,
                org_id: user.org,
                role: user.role,
            };
            let password = Password::new(user.password.clone());
            accounts.create_user(&account, password).await.map_err(|error| error.to_string())?;
            course.pass.people_saved += 1;
            return Ok(());
        };
        match tables.org_role(user.org, row.id).await.map_err(words)? {
            Some(role) if role == user.role => return Ok(()),
            Some(_) => {
                tables.set_org_role(user.org, row.id, user.role).await.map_err(words)?;
            }
            None => {
                tables.add_org_user(user.org, row.id, user.role, now_ms).await.map_err(words)?;
            }
        }
        course.pass.people_saved += 1;
        Ok(())
    }

    /// Creates or updates a team. Members that the file names are added; others stay.
    async fn save_team(
        &self,
        team: &TeamEntry,
        file: &str,
        course: &mut Course,
    ) -> Result<(), String> {
        let tables = &self.tables;
        let words = |error: TableError| error.to_string();
        let now_ms = self.clock.unix_ms();
        let present = tables.teams(team.org, "", &team.name).await.map_err(words)?;
        let uid = if team.uid.is_empty() { uid_of(&team.name) } else { team.uid.clone() };
        let wanted = TeamRow {
            id: present.first().map_or(0, |row| row.id),
            org_id: team.org,
            uid: present.first().map_or(uid, |row| row.uid.clone()),
            name: team.name.clone(),
            email: team.email.clone(),
            label_policy: team.label_policy.clone(),
            provisioned_from: file.to_owned(),
            members: present.first().map_or(0, |row| row.members),
            created_ms: present.first().map_or(0, |row| row.created_ms),
            updated_ms: present.first().map_or(0, |row| row.updated_ms),
        };
        let id = match present.first() {
            Some(row) if *row == wanted => row.id,
            Some(row) => {
                tables.update_team(&wanted, now_ms).await.map_err(words)?;
                course.pass.people_saved += 1;
                row.id
            }
            None => {
                course.pass.people_saved += 1;
                tables.insert_team(&wanted, now_ms).await.map_err(words)?
            }
        };
        let members = tables.team_members(id).await.map_err(words)?;
        for (login, permission) in &team.members {
            let user = tables.user_by_login(login).await.map_err(words)?;
            let user = user.ok_or_else(|| format!("there is no user {login:?}"))?;
            match members.iter().find(|member| member.user_id == user.id) {
                Some(member) if member.permission == *permission => {}
                Some(_) => {
                    tables.set_team_permission(id, user.id, *permission).await.map_err(words)?;
                }
                None => {
                    tables
                        .add_team_member(id, user.id, *permission, now_ms)
                        .await
                        .map_err(words)?;
                }
            }
        }
        Ok(())
    }

    async fn give(&self, grant: &Grant) -> Result<(), String> {
        let words = |error: TableError| error.to_string();
        let on = match grant.kind {
            "folder" => Resource::Folder(&grant.uid),
            "dashboard" => Resource::Dashboard(&grant.uid),
            _ => Resource::DataSource(&grant.uid),
        };
        let name = &grant.subject;
        let subject = match grant.subject_kind {
            "role" => Subject::Role(name.clone()),
            "team" => {
                let teams = self.tables.teams(grant.org, "", name).await.map_err(words)?;
                Subject::Team(teams.first().ok_or(format!("there is no team {name:?}"))?.id)
            }
            _ => {
                let user = self.tables.user_by_login(name).await.map_err(words)?;
                Subject::User(user.ok_or(format!("there is no user {name:?}"))?.id)
            }
        };
        let now_ms = self.clock.unix_ms();
        let given = self.tables.set_permission(grant.org, on, &subject, grant.permission, now_ms);
        given.await.map(drop).map_err(words)
    }
}

#[cfg(test)]
mod tests {
    use super::{Environment, Permission, read};

    #[test]
    fn users_teams_and_permissions_are_read() {
        let text = "users: [{login: ada, password: $P, role: Editor}]
teams: [{name: Ops, labelPolicy: '{env=\"prod\"}', members: [{login: ada, permission: Admin}, {email: b@x}]}]
permissions: [{folder: f, team: Ops, permission: Edit}, {datasource: d, role: Viewer, permission: Query}]
deleteTeams: [{name: Old, orgId: 2}]
roles: [{name: custom}]
";
        let environment = Environment::from([("P".to_owned(), "hush-hush".to_owned())]);
        let file = read(text, &environment).unwrap();
        assert_eq!(file.users[0].password, "hush-hush");
        assert!(!format!("{file:?}").contains("hush"));
        assert_eq!(file.teams[0].members, [("ada".to_owned(), 4), ("b@x".to_owned(), 0)]);
        assert_eq!(file.grants[1].permission, Some(Permission::View));
        assert_eq!((file.team_deletions[0].0, file.roles), (2, 1));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, want) in [
            ("users: [{email: x}]", "login is missing"),
            ("users: [{login: x, role: Boss}]", "\"Boss\" is no role"),
            ("teams:\n- members: []\n", "line 2: team has no name"),
            ("teams: [{name: a, members: [{login: x, permission: Edit}]}]", "not \"Edit\""),
            ("permissions: [{team: a, permission: View}]", "no folder"),
            ("permissions: [{folder: f, permission: View}]", "no team"),
            ("permissions: [{folder: f, role: Boss, permission: View}]", "\"Boss\" is no role"),
            ("permissions: [{folder: f, team: a, permission: Query!}]", "is no permission"),
        ] {
            let error = read(text, &Environment::new()).unwrap_err();
            assert!(error.contains(want), "{text}: {error}");
        }
    }
}
