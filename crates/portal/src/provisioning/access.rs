//! Grafana's access control files: roles with permissions, and the roles of teams.

use serde::Serialize;

use super::tree::{Entry, Tree, parse};
use super::yaml::{Environment, YamlError};

/// What a file asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccessFile {
    pub roles: Vec<Role>,
    pub teams: Vec<TeamEntry>,
    /// Names or uids.
    pub delete_roles: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Role {
    pub name: String,
    pub uid: String,
    pub description: String,
    /// Of all organisations.
    pub is_global: bool,
    pub org_id: i64,
    /// False: the role is to go.
    pub is_present: bool,
    pub permissions: Vec<RolePermission>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RolePermission {
    pub action: String,
    pub scope: String,
    pub is_present: bool,
}

/// A team by name, with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TeamEntry {
    pub name: String,
    pub email: String,
    pub org_id: i64,
    /// Names or uids of roles.
    pub roles: Vec<String>,
    /// Logins or addresses.
    pub members: Vec<String>,
}

/// Reads a file. Errors: the line and what is wrong there.
pub fn read_access(text: &str, environment: &Environment) -> Result<AccessFile, YamlError> {
    let tree = parse(text)?;
    if matches!(tree.value, Tree::Null) {
        return Ok(AccessFile::default());
    }
    let file = Entry::of(&tree, environment, "the file")?;
    file.integer("apiVersion")?;
    let named = |entry: Entry<'_>| name_or_uid(entry, "an entry of deleteRoles");
    Ok(AccessFile {
        roles: file.entries("roles")?.into_iter().map(role).collect::<Result<_, _>>()?,
        teams: file.entries("teams")?.into_iter().map(team).collect::<Result<_, _>>()?,
        delete_roles: file
            .entries("deleteRoles")?
            .into_iter()
            .map(named)
            .collect::<Result<_, _>>()?,
    })
}

fn name_or_uid(entry: Entry<'_>, what: &str) -> Result<String, YamlError> {
    let uid = entry.text("uid")?;
    if uid.is_empty() { entry.required("name", &format!("{what} has no name")) } else { Ok(uid) }
}

fn role(entry: Entry<'_>) -> Result<Role, YamlError> {
    name_or_uid(entry, "role")?;
    let permissions = entry.entries("permissions")?.into_iter().map(permission);
    Ok(Role {
        name: entry.text("name")?,
        uid: entry.text("uid")?,
        description: entry.text("description")?,
        is_global: entry.flag("global")?,
        org_id: entry.org_id()?,
        is_present: is_present(entry)?,
        permissions: permissions.collect::<Result<_, _>>()?,
    })
}

fn permission(entry: Entry<'_>) -> Result<RolePermission, YamlError> {
    Ok(RolePermission {
        action: entry.required("action", "permission has no action")?,
        scope: entry.text("scope")?,
        is_present: is_present(entry)?,
    })
}

fn is_present(entry: Entry<'_>) -> Result<bool, YamlError> {
    match entry.text("state")?.as_str() {
        "" | "present" => Ok(true),
        "absent" => Ok(false),
        other => Err(entry.refuse(format!("state is neither present nor absent: {other:?}"))),
    }
}

fn team(entry: Entry<'_>) -> Result<TeamEntry, YamlError> {
    let roles = entry.entries("roles")?.into_iter().map(|role| name_or_uid(role, "role of a team"));
    let members = match entry.texts("members") {
        Ok(members) => members,
        Err(_) => {
            let member = |member: Entry<'_>| {
                let login = member.text("login")?;
                let what = "member of a team has neither login nor email";
                if login.is_empty() { member.required("email", what) } else { Ok(login) }
            };
            entry.entries("members")?.into_iter().map(member).collect::<Result<_, _>>()?
        }
    };
    Ok(TeamEntry {
        name: entry.required("name", "team has no name")?,
        email: entry.text("email")?,
        org_id: entry.org_id()?,
        roles: roles.collect::<Result<_, _>>()?,
        members,
    })
}

#[cfg(test)]
mod tests {
    use super::{Environment, read_access};

    #[test]
    fn roles_and_teams_are_read() {
        let text = "apiVersion: 2\nroles:\n- name: custom:a\n  global: true\n  permissions: [{action: 'users:read', scope: 'users:*'}, {action: x, state: absent}]\nteams:\n- name: ops\n  roles: [{uid: r}]\n  members: [a, {login: b}]\n";
        assert!(read_access(text, &Environment::new()).is_err(), "one form of members at a time");
        let file = read_access(&text.replace("{login: b}", "b"), &Environment::new()).unwrap();
        assert!(file.roles[0].is_global && !file.roles[0].permissions[1].is_present);
        assert_eq!(
            (file.teams[0].roles.as_slice(), file.teams[0].members.len()),
            (&["r".to_owned()][..], 2)
        );
        let check = |text: &str, want: &str| {
            assert_eq!(read_access(text, &Environment::new()).unwrap_err().to_string(), want);
        };
        check("roles:\n- permissions: []\n", "line 2: role has no name");
        check(
            "roles:\n- name: a\n  permissions:\n  - scope: x\n",
            "line 4: permission has no action",
        );
        check("teams:\n- name: a\n  orgId: x\n", "line 3: orgId is not a whole number: \"x\"");
    }
}
