//! Teams: groups of an organisation's users, that permissions and label policies are given to.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{TableError, Tables, like, taken, touched};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamRow {
    pub id: i64,
    pub org_id: i64,
    pub uid: String,
    pub name: String,
    pub email: String,
    /// A selector that everything its members query must meet; empty = no condition.
    pub label_policy: String,
    /// The file that provides it; empty for others.
    pub provisioned_from: String,
    pub members: i64,
    pub created_ms: i64,
    pub updated_ms: i64,
}

#[derive(Clone, Debug)]
pub struct TeamMemberRow {
    pub user_id: i64,
    pub login: String,
    pub email: String,
    pub name: String,
    /// 0 = member, 4 = may administer the team.
    pub permission: i64,
}

const COLUMNS: &str = "SELECT t.*, (SELECT COUNT(*) FROM team_members m WHERE m.team_id = t.id) AS members FROM teams t";

impl Tables {
    /// `team.id`, `members` and times are not read.
    /// Errors: [`TableError::Taken`] when the organisation has a team of that name.
    pub async fn insert_team(&self, team: &TeamRow, now_ms: i64) -> Result<i64, TableError> {
        let row = sqlx::query(
            "INSERT INTO teams (org_id, uid, name, email, label_policy, provisioned_from, \
             created_ms, updated_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id",
        )
        .bind(team.org_id)
        .bind(&team.uid)
        .bind(&team.name)
        .bind(&team.email)
        .bind(&team.label_policy)
        .bind(&team.provisioned_from)
        .bind(now_ms)
        .fetch_one(&self.writer)
        .await
        .map_err(taken("Team name"))?;
        Ok(row.try_get("id")?)
    }

    pub async fn update_team(&self, team: &TeamRow, now_ms: i64) -> Result<bool, TableError> {
        let done = sqlx::query(
            "UPDATE teams SET name = $1, email = $2, label_policy = $3, provisioned_from = $4, \
             updated_ms = $5 WHERE org_id = $6 AND id = $7",
        )
        .bind(&team.name)
        .bind(&team.email)
        .bind(&team.label_policy)
        .bind(&team.provisioned_from)
        .bind(now_ms)
        .bind(team.org_id)
        .bind(team.id)
        .execute(&self.writer)
        .await
        .map_err(taken("Team name"))?;
        Ok(touched(&done))
    }

    pub async fn delete_team(&self, org: i64, id: i64) -> Result<bool, TableError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "DELETE FROM permissions WHERE org_id = $1 AND subject_kind = 'team' AND subject = $2",
        )
        .bind(org)
        .bind(id.to_string())
        .execute(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM preferences WHERE org_id = $1 AND team_id = $2")
            .bind(org)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        let done = sqlx::query("DELETE FROM teams WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(touched(&done))
    }

    /// By number or uid.
    pub async fn team(&self, org: i64, key: &str) -> Result<Option<TeamRow>, TableError> {
        let id: i64 = key.parse().unwrap_or(0);
        let query = format!("{COLUMNS} WHERE t.org_id = $1 AND (t.id = $2 OR t.uid = $3)");
        let row = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(org)
            .bind(id)
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| read(&row)).transpose()
    }

    /// By name; `query` is part of the name, `name` all of it.
    pub async fn teams(
        &self,
        org: i64,
        query: &str,
        name: &str,
    ) -> Result<Vec<TeamRow>, TableError> {
        let statement = format!(
            "{COLUMNS} WHERE t.org_id = $1 AND LOWER(t.name) LIKE $2 ESCAPE '\\' \
             AND ($3 = '' OR t.name = $3) ORDER BY LOWER(t.name), t.id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(org)
            .bind(like(query))
            .bind(name)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The teams of a user in an organisation.
    pub async fn teams_of_user(&self, org: i64, user: i64) -> Result<Vec<TeamRow>, TableError> {
        let statement = format!(
            "{COLUMNS} JOIN team_members u ON u.team_id = t.id WHERE t.org_id = $1 \
             AND u.user_id = $2 ORDER BY LOWER(t.name), t.id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(org)
            .bind(user)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Errors: [`TableError::Taken`] when they are a member already.
    pub async fn add_team_member(
        &self,
        team: i64,
        user: i64,
        permission: i64,
        now_ms: i64,
    ) -> Result<(), TableError> {
        sqlx::query(
            "INSERT INTO team_members (team_id, user_id, permission, added_ms) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(team)
        .bind(user)
        .bind(permission)
        .bind(now_ms)
        .execute(&self.writer)
        .await
        .map_err(taken("membership"))?;
        Ok(())
    }

    pub async fn set_team_permission(
        &self,
        team: i64,
        user: i64,
        permission: i64,
    ) -> Result<bool, TableError> {
        let done = sqlx::query(
            "UPDATE team_members SET permission = $1 WHERE team_id = $2 AND user_id = $3",
        )
        .bind(permission)
        .bind(team)
        .bind(user)
        .execute(&self.writer)
        .await?;
        Ok(touched(&done))
    }

    pub async fn remove_team_member(&self, team: i64, user: i64) -> Result<bool, TableError> {
        let done = sqlx::query("DELETE FROM team_members WHERE team_id = $1 AND user_id = $2")
            .bind(team)
            .bind(user)
            .execute(&self.writer)
            .await?;
        Ok(touched(&done))
    }

    /// By login.
    pub async fn team_members(&self, team: i64) -> Result<Vec<TeamMemberRow>, TableError> {
        let rows = sqlx::query(
            "SELECT u.id, u.login, u.email, u.name, m.permission FROM team_members m \
             JOIN users u ON u.id = m.user_id WHERE m.team_id = $1 ORDER BY u.login_folded",
        )
        .bind(team)
        .fetch_all(&self.pool)
        .await?;
        let member = |row: &AnyRow| {
            Ok(TeamMemberRow {
                user_id: row.try_get("id")?,
                login: row.try_get("login")?,
                email: row.try_get("email")?,
                name: row.try_get("name")?,
                permission: row.try_get("permission")?,
            })
        };
        rows.iter().map(member).collect()
    }
}

fn read(row: &AnyRow) -> Result<TeamRow, TableError> {
    Ok(TeamRow {
        id: row.try_get("id")?,
        org_id: row.try_get("org_id")?,
        uid: row.try_get("uid")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        label_policy: row.try_get("label_policy")?,
        provisioned_from: row.try_get("provisioned_from")?,
        members: row.try_get("members")?,
        created_ms: row.try_get("created_ms")?,
        updated_ms: row.try_get("updated_ms")?,
    })
}
