//! Permissions given on single folders, dashboards and data sources, beyond what roles give.

use std::str::FromStr;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{TableError, Tables};

/// What somebody may do with one thing, weakest first. The numbers are Grafana's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// See a dashboard or folder; query a data source.
    View = 1,
    Edit = 2,
    /// Give permissions, too.
    Admin = 4,
}

impl Permission {
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::View, Self::Edit, Self::Admin].into_iter().find(|p| *p as i64 == number)
    }

    /// Grafana's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "View",
            Self::Edit => "Edit",
            Self::Admin => "Admin",
        }
    }
}

impl FromStr for Permission {
    type Err = ();

    /// `Query` is what data sources call `View`.
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "View" | "Query" | "Member" => Ok(Self::View),
            "Edit" => Ok(Self::Edit),
            "Admin" => Ok(Self::Admin),
            _ => Err(()),
        }
    }
}

/// What permissions are given on; the text is the uid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource<'a> {
    Folder(&'a str),
    Dashboard(&'a str),
    DataSource(&'a str),
}

impl<'a> Resource<'a> {
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Folder(_) => "folder",
            Self::Dashboard(_) => "dashboard",
            Self::DataSource(_) => "data source",
        }
    }

    #[must_use]
    pub fn uid(self) -> &'a str {
        match self {
            Self::Folder(uid) | Self::Dashboard(uid) | Self::DataSource(uid) => uid,
        }
    }
}

/// Whom permissions are given to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// `Viewer` or `Editor` and everybody above.
    Role(String),
    Team(i64),
    /// A person or a service account.
    User(i64),
}

impl Subject {
    fn columns(&self) -> (&'static str, String) {
        match self {
            Self::Role(role) => ("role", role.clone()),
            Self::Team(id) => ("team", id.to_string()),
            Self::User(id) => ("user", id.to_string()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionRow {
    /// `folder`, `dashboard` or `data source`.
    pub kind: String,
    /// The uid of the thing.
    pub resource: String,
    pub subject: Subject,
    pub permission: Permission,
    pub created_ms: i64,
    pub updated_ms: i64,
}

impl Tables {
    /// All of an organisation. Cost: one row per grant.
    pub async fn permissions(&self, org: i64) -> Result<Vec<PermissionRow>, TableError> {
        let rows = sqlx::query("SELECT * FROM permissions WHERE org_id = $1")
            .bind(org)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    pub async fn permissions_on(
        &self,
        org: i64,
        on: Resource<'_>,
    ) -> Result<Vec<PermissionRow>, TableError> {
        let rows = sqlx::query(
            "SELECT * FROM permissions WHERE org_id = $1 AND kind = $2 AND resource = $3 \
             ORDER BY subject_kind, subject",
        )
        .bind(org)
        .bind(on.kind())
        .bind(on.uid())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Gives, changes or (`None`) takes away one permission.
    pub async fn set_permission(
        &self,
        org: i64,
        on: Resource<'_>,
        subject: &Subject,
        permission: Option<Permission>,
        now_ms: i64,
    ) -> Result<(), TableError> {
        let (subject_kind, name) = subject.columns();
        let Some(permission) = permission else {
            sqlx::query(
                "DELETE FROM permissions WHERE org_id = $1 AND kind = $2 AND resource = $3 \
                 AND subject_kind = $4 AND subject = $5",
            )
            .bind(org)
            .bind(on.kind())
            .bind(on.uid())
            .bind(subject_kind)
            .bind(name)
            .execute(&self.writer)
            .await?;
            return Ok(());
        };
        sqlx::query(INSERT)
            .bind(org)
            .bind(on.kind())
            .bind(on.uid())
            .bind(subject_kind)
            .bind(name)
            .bind(permission as i64)
            .bind(now_ms)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Replaces all permissions on one thing.
    pub async fn replace_permissions(
        &self,
        org: i64,
        on: Resource<'_>,
        grants: &[(Subject, Permission)],
        now_ms: i64,
    ) -> Result<(), TableError> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM permissions WHERE org_id = $1 AND kind = $2 AND resource = $3")
            .bind(org)
            .bind(on.kind())
            .bind(on.uid())
            .execute(&mut *transaction)
            .await?;
        for (subject, permission) in grants {
            let (subject_kind, name) = subject.columns();
            sqlx::query(INSERT)
                .bind(org)
                .bind(on.kind())
                .bind(on.uid())
                .bind(subject_kind)
                .bind(name)
                .bind(*permission as i64)
                .bind(now_ms)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

const INSERT: &str = "INSERT INTO permissions (org_id, kind, resource, subject_kind, subject, \
     permission, created_ms, updated_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) \
     ON CONFLICT (org_id, kind, resource, subject_kind, subject) DO UPDATE SET \
     permission = excluded.permission, updated_ms = excluded.updated_ms";

fn read(row: &AnyRow) -> Result<PermissionRow, TableError> {
    let unreadable = || TableError::Row { what: "permission" };
    let (kind, subject): (String, String) = (row.try_get("subject_kind")?, row.try_get("subject")?);
    let subject = match kind.as_str() {
        "role" => Subject::Role(subject),
        "team" => Subject::Team(subject.parse().map_err(|_| unreadable())?),
        "user" => Subject::User(subject.parse().map_err(|_| unreadable())?),
        _ => return Err(unreadable()),
    };
    let permission: i64 = row.try_get("permission")?;
    Ok(PermissionRow {
        kind: row.try_get("kind")?,
        resource: row.try_get("resource")?,
        subject,
        permission: Permission::from_number(permission).ok_or_else(unreadable)?,
        created_ms: row.try_get("created_ms")?,
        updated_ms: row.try_get("updated_ms")?,
    })
}
