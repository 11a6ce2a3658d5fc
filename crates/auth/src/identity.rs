//! Somebody who has been recognised, and their role.

use std::fmt;
use std::str::FromStr;

use model::Tenant;
use query::LabelPolicy;

/// Grafana's organisation roles, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    None,
    Viewer,
    Editor,
    Admin,
}

/// A word that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("role {0:?} is none of None, Viewer, Editor, Admin")]
pub struct UnknownRole(pub String);

impl Role {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Viewer => "Viewer",
            Self::Editor => "Editor",
            Self::Admin => "Admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        [Self::None, Self::Viewer, Self::Editor, Self::Admin]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// By what the request was recognised; only a cookie can be sent by a foreign page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Session,
    Basic,
    /// A service account's token.
    Token,
    /// Nobody in particular, where anonymous access is switched on.
    Anonymous,
}

/// A user or service account who has proved who they are, in one organisation.
#[derive(Clone, Debug)]
pub struct Identity {
    /// 0 for anonymous visitors.
    pub user_id: i64,
    pub login: String,
    pub name: String,
    pub email: String,
    pub org_id: i64,
    pub org_name: String,
    /// In the organisation.
    pub role: Role,
    /// Teams of the organisation that they belong to.
    pub team_ids: Vec<i64>,
    /// Whose metrics, logs and traces they see.
    pub tenant: Tenant,
    /// Conditions of the organisation, and of any of their teams that has some: what they query
    /// must meet both.
    pub label_policy: LabelPolicy,
    pub is_service_account: bool,
    /// Server administrator, over and above the role in the organisation.
    pub grafana_admin: bool,
    pub must_change_password: bool,
    pub via: Via,
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn roles_are_ordered_and_survive_their_names() {
        assert!(Role::None < Role::Viewer && Role::Viewer < Role::Editor);
        assert!(Role::Editor < Role::Admin);
        for role in [Role::None, Role::Viewer, Role::Editor, Role::Admin] {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!("admin".parse::<Role>().is_err());
    }
}
