//! Organisations, and who belongs to them with which role.

use auth::Role;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::changes::{By, ORGANIZATION};
use super::{TableError, Tables, taken, touched};

/// The organisation that is always there.
pub const MAIN_ORG_ID: i64 = 1;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgRow {
    pub id: i64,
    pub name: String,
    /// Whose metrics, logs and traces its members see.
    pub tenant: String,
    /// A selector that everything they query must meet; empty = no condition.
    pub label_policy: String,
    /// A JSON object.
    pub address: String,
    pub created_ms: i64,
    pub updated_ms: i64,
}

/// A member of an organisation.
#[derive(Clone, Debug)]
pub struct OrgUserRow {
    pub user_id: i64,
    pub login: String,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub disabled: bool,
    pub seen_ms: i64,
    pub created_ms: i64,
}

impl Tables {
    /// Errors: [`TableError::Taken`] when the name exists.
    pub async fn insert_org(&self, name: &str, now_ms: i64) -> Result<i64, TableError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "INSERT INTO orgs (name, tenant, label_policy, address, created_ms, updated_ms) \
             VALUES ($1, '', '', '{}', $2, $2) RETURNING id",
        )
        .bind(name)
        .bind(now_ms)
        .fetch_one(&mut *transaction)
        .await
        .map_err(taken("Organization name"))?;
        let id: i64 = row.try_get("id")?;
        // Its data is its own from the first moment: no other organisation has this tenant.
        sqlx::query("UPDATE orgs SET tenant = $1 WHERE id = $2")
            .bind(format!("org-{id}"))
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(id)
    }

    pub async fn org(&self, id: i64) -> Result<Option<OrgRow>, TableError> {
        let row = sqlx::query("SELECT * FROM orgs WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| read(&row)).transpose()
    }

    pub async fn org_by_name(&self, name: &str) -> Result<Option<OrgRow>, TableError> {
        let row = sqlx::query("SELECT * FROM orgs WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| read(&row)).transpose()
    }

    /// By name.
    pub async fn orgs(&self) -> Result<Vec<OrgRow>, TableError> {
        let rows = sqlx::query("SELECT * FROM orgs ORDER BY name").fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// Writes name, tenant, policy and address. False when there is no such organisation.
    pub async fn update_org(&self, org: &OrgRow, by: By<'_>) -> Result<bool, TableError> {
        let key = [("id", org.id)];
        let mut transaction = self.begin().await?;
        let before = self.state_of(&mut transaction, &ORGANIZATION, &key).await?;
        let done = sqlx::query(
            "UPDATE orgs SET name = $1, tenant = $2, label_policy = $3, address = $4, \
             updated_ms = $5 WHERE id = $6",
        )
        .bind(&org.name)
        .bind(&org.tenant)
        .bind(&org.label_policy)
        .bind(&org.address)
        .bind(by.now_ms)
        .bind(org.id)
        .execute(&mut *transaction)
        .await
        .map_err(taken("Organization name"))?;
        let place = (&ORGANIZATION, &key[..], org.id, org.name.as_str());
        self.record_change(&mut transaction, place, before, by.into()).await?;
        transaction.commit().await?;
        Ok(touched(&done))
    }

    /// Deletes an organisation with all that belongs to it, except its metrics. Users stay, in
    /// their other organisations.
    pub async fn delete_org(&self, id: i64) -> Result<bool, TableError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "DELETE FROM users WHERE is_service_account = 1 AND id IN \
             (SELECT user_id FROM org_users WHERE org_id = $1)",
        )
        .bind(id)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE users SET org_id = 1 WHERE org_id = $1")
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        let done = sqlx::query("DELETE FROM orgs WHERE id = $1")
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        self.listing.forget(id);
        Ok(touched(&done))
    }

    /// Makes somebody a member. Errors: [`TableError::Taken`] when they are one already.
    pub async fn add_org_user(
        &self,
        org: i64,
        user: i64,
        role: Role,
        now_ms: i64,
    ) -> Result<(), TableError> {
        sqlx::query(
            "INSERT INTO org_users (org_id, user_id, role, added_ms) VALUES ($1, $2, $3, $4)",
        )
        .bind(org)
        .bind(user)
        .bind(role.as_str())
        .bind(now_ms)
        .execute(&self.writer)
        .await
        .map_err(taken("membership"))?;
        Ok(())
    }

    /// False when they are no member.
    pub async fn set_org_role(&self, org: i64, user: i64, role: Role) -> Result<bool, TableError> {
        let done = sqlx::query("UPDATE org_users SET role = $1 WHERE org_id = $2 AND user_id = $3")
            .bind(role.as_str())
            .bind(org)
            .bind(user)
            .execute(&self.writer)
            .await?;
        Ok(touched(&done))
    }

    /// Ends a membership, with the memberships of the organisation's teams.
    pub async fn remove_org_user(&self, org: i64, user: i64) -> Result<bool, TableError> {
        let mut transaction = self.begin().await?;
        let done = sqlx::query("DELETE FROM org_users WHERE org_id = $1 AND user_id = $2")
            .bind(org)
            .bind(user)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "DELETE FROM team_members WHERE user_id = $1 AND team_id IN \
             (SELECT id FROM teams WHERE org_id = $2)",
        )
        .bind(user)
        .bind(org)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "DELETE FROM permissions WHERE org_id = $1 AND subject_kind = 'user' AND subject = $2",
        )
        .bind(org)
        .bind(user.to_string())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(touched(&done))
    }

    /// Members that are people, by login.
    pub async fn org_users(&self, org: i64) -> Result<Vec<OrgUserRow>, TableError> {
        let rows = sqlx::query(
            "SELECT u.id, u.login, u.email, u.name, u.disabled, u.seen_ms, u.created_ms, o.role \
             FROM org_users o JOIN users u ON u.id = o.user_id \
             WHERE o.org_id = $1 AND u.is_service_account = 0 ORDER BY u.login_folded",
        )
        .bind(org)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_member).collect()
    }

    /// The organisations of a user with their role in each, by name.
    pub async fn orgs_of_user(&self, user: i64) -> Result<Vec<(OrgRow, Role)>, TableError> {
        let rows = sqlx::query(
            "SELECT g.*, o.role FROM org_users o JOIN orgs g ON g.id = o.org_id \
             WHERE o.user_id = $1 ORDER BY g.name",
        )
        .bind(user)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((read(row)?, role(row)?))).collect()
    }

    /// The role of a user in an organisation; `None` when they are no member.
    pub async fn org_role(&self, org: i64, user: i64) -> Result<Option<Role>, TableError> {
        let row = sqlx::query("SELECT role FROM org_users WHERE org_id = $1 AND user_id = $2")
            .bind(org)
            .bind(user)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| role(&row)).transpose()
    }
}

pub(super) fn role(row: &AnyRow) -> Result<Role, TableError> {
    let role: String = row.try_get("role")?;
    role.parse().map_err(|_| TableError::Row { what: "role" })
}

fn read(row: &AnyRow) -> Result<OrgRow, TableError> {
    Ok(OrgRow {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        tenant: row.try_get("tenant")?,
        label_policy: row.try_get("label_policy")?,
        address: row.try_get("address")?,
        created_ms: row.try_get("created_ms")?,
        updated_ms: row.try_get("updated_ms")?,
    })
}

fn read_member(row: &AnyRow) -> Result<OrgUserRow, TableError> {
    Ok(OrgUserRow {
        user_id: row.try_get("id")?,
        login: row.try_get("login")?,
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        role: role(row)?,
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        seen_ms: row.try_get("seen_ms")?,
        created_ms: row.try_get("created_ms")?,
    })
}
