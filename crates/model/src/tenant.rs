//! Whose data it is. The tenant is the first key of every path, manifest and query.

use std::fmt;
use std::sync::Arc;

/// Longest tenant id accepted. Source: Mimir documents 150 bytes.
pub const TENANT_BYTES_MAX: usize = 150;

/// A valid tenant id: 1–150 characters of `A–Z a–z 0–9 ! - _ . * ' ( )`, never `.` or `..`,
/// so it is safe as a path component. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tenant(Arc<str>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTenant {
    #[error("tenant ID is empty")]
    Empty,
    #[error("tenant ID is too long: max {TENANT_BYTES_MAX} characters")]
    TooLong,
    #[error("tenant ID '{0}' contains unsupported character '{1}'")]
    Character(String, char),
    #[error("tenant ID is '.' or '..'")]
    Dots,
}

impl Tenant {
    /// The tenant of a server without multi-tenancy.
    pub const DEFAULT: &'static str = "default";
    /// The tenant in which Orrery keeps its own signals.
    pub const SELF: &'static str = "orrery";

    pub fn parse(id: &str) -> Result<Self, InvalidTenant> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!-_.*'()".contains(c);
        match id {
            "" => Err(InvalidTenant::Empty),
            "." | ".." => Err(InvalidTenant::Dots),
            _ if id.len() > TENANT_BYTES_MAX => Err(InvalidTenant::TooLong),
            _ => match id.chars().find(|c| !allowed(*c)) {
                Some(c) => Err(InvalidTenant::Character(id.to_owned(), c)),
                None => Ok(Self(id.into())),
            },
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Tenant {
    fn default() -> Self {
        Self(Self::DEFAULT.into())
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidTenant, Tenant};

    #[test]
    fn a_tenant_is_always_a_safe_path_component() {
        let check = |id: &str, valid: bool| assert_eq!(Tenant::parse(id).is_ok(), valid, "{id:?}");
        check("team-a.prod_(1)*!'", true);
        check("", false);
        check("..", false);
        check("a/b", false);
        check(&"x".repeat(150), true);
        check(&"x".repeat(151), false);
        assert_eq!(Tenant::parse("a b"), Err(InvalidTenant::Character("a b".into(), ' ')));
    }
}
