//! Users: who may sign in. Service accounts are users without a password.

use auth::Role;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{TableError, Tables, like, taken, touched};

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the row of the table, flag by flag")]
pub struct UserRow {
    pub id: i64,
    pub login: String,
    pub email: String,
    pub name: String,
    /// PHC string; empty for service accounts, which no password opens.
    pub password_hash: String,
    /// The organisation they work in when a request names none.
    pub org_id: i64,
    pub grafana_admin: bool,
    pub is_service_account: bool,
    pub must_change_password: bool,
    pub disabled: bool,
    pub seen_ms: i64,
    pub created_ms: i64,
    pub updated_ms: i64,
}

#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    pub login: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    pub password_hash: &'a str,
    pub org_id: i64,
    pub role: Role,
    pub grafana_admin: bool,
    pub must_change_password: bool,
}

/// A page of users.
#[derive(Clone, Debug, Default)]
pub struct UserSearch<'a> {
    /// Part of login, email or name, in any case.
    pub query: &'a str,
    pub limit: i64,
    pub offset: i64,
}

impl Tables {
    pub async fn count_users(&self) -> Result<i64, TableError> {
        let row = sqlx::query("SELECT COUNT(*) AS users FROM users WHERE is_service_account = 0")
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get("users")?)
    }

    /// Creates a user as a member of one organisation.
    /// Errors: [`TableError::Taken`] when the login exists, in whatever case.
    pub async fn insert_user(&self, user: &NewUser<'_>, now_ms: i64) -> Result<i64, TableError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "INSERT INTO users (login, login_folded, email, name, password_hash, org_id, \
             grafana_admin, must_change_password, disabled, created_ms, updated_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9) RETURNING id",
        )
        .bind(user.login)
        .bind(user.login.to_lowercase())
        .bind(user.email)
        .bind(user.name)
        .bind(user.password_hash)
        .bind(user.org_id)
        .bind(i64::from(user.grafana_admin))
        .bind(i64::from(user.must_change_password))
        .bind(now_ms)
        .fetch_one(&mut *transaction)
        .await
        .map_err(taken("user login"))?;
        let id: i64 = row.try_get("id")?;
        sqlx::query(
            "INSERT INTO org_users (org_id, user_id, role, added_ms) VALUES ($1, $2, $3, $4)",
        )
        .bind(user.org_id)
        .bind(id)
        .bind(user.role.as_str())
        .bind(now_ms)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Finds by login, or by email address as Grafana does.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<UserRow>, TableError> {
        sqlx::query(
            "SELECT * FROM users WHERE login_folded = $1 OR (email <> '' AND LOWER(email) = $1) \
             ORDER BY CASE WHEN login_folded = $1 THEN 0 ELSE 1 END LIMIT 1",
        )
        .bind(login.to_lowercase())
        .fetch_optional(&self.pool)
        .await?
        .map(|row| read(&row))
        .transpose()
    }

    pub async fn user_by_id(&self, id: i64) -> Result<Option<UserRow>, TableError> {
        sqlx::query("SELECT * FROM users WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| read(&row))
            .transpose()
    }

    /// People (no service accounts), by login, with how many there are in all.
    pub async fn search_users(
        &self,
        search: &UserSearch<'_>,
    ) -> Result<(Vec<UserRow>, i64), TableError> {
        const MATCHING: &str = " FROM users WHERE is_service_account = 0 AND \
             (login_folded LIKE $1 ESCAPE '\\' OR LOWER(email) LIKE $1 ESCAPE '\\' \
             OR LOWER(name) LIKE $1 ESCAPE '\\')";
        let pattern = like(search.query);
        let count = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) AS users{MATCHING}"));
        let row = sqlx::query(count).bind(&pattern).fetch_one(&self.pool).await?;
        let page = format!("SELECT *{MATCHING} ORDER BY login_folded LIMIT $2 OFFSET $3");
        let rows = sqlx::query(sqlx::AssertSqlSafe(page))
            .bind(&pattern)
            .bind(search.limit)
            .bind(search.offset)
            .fetch_all(&self.pool)
            .await?;
        let users: Result<Vec<UserRow>, TableError> = rows.iter().map(read).collect();
        Ok((users?, row.try_get("users")?))
    }

    pub async fn set_password(&self, id: i64, hash: &str, now_ms: i64) -> Result<(), TableError> {
        sqlx::query(
            "UPDATE users SET password_hash = $1, must_change_password = 0, updated_ms = $2 \
             WHERE id = $3",
        )
        .bind(hash)
        .bind(now_ms)
        .bind(id)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Errors: [`TableError::Taken`] when the login belongs to somebody else.
    pub async fn update_profile(
        &self,
        id: i64,
        (login, email, name): (&str, &str, &str),
        now_ms: i64,
    ) -> Result<bool, TableError> {
        let done = sqlx::query(
            "UPDATE users SET login = $1, login_folded = $2, email = $3, name = $4, \
             updated_ms = $5 WHERE id = $6",
        )
        .bind(login)
        .bind(login.to_lowercase())
        .bind(email)
        .bind(name)
        .bind(now_ms)
        .bind(id)
        .execute(&self.writer)
        .await
        .map_err(taken("user login"))?;
        Ok(touched(&done))
    }

    pub async fn set_grafana_admin(&self, id: i64, is_admin: bool) -> Result<bool, TableError> {
        self.set_flag("UPDATE users SET grafana_admin = $1 WHERE id = $2", id, is_admin).await
    }

    pub async fn set_disabled(&self, id: i64, disabled: bool) -> Result<bool, TableError> {
        self.set_flag("UPDATE users SET disabled = $1 WHERE id = $2", id, disabled).await
    }

    async fn set_flag(
        &self,
        statement: &'static str,
        id: i64,
        to: bool,
    ) -> Result<bool, TableError> {
        let done =
            sqlx::query(statement).bind(i64::from(to)).bind(id).execute(&self.writer).await?;
        Ok(touched(&done))
    }

    /// The organisation they work in from now on.
    pub async fn set_current_org(&self, id: i64, org: i64) -> Result<(), TableError> {
        sqlx::query("UPDATE users SET org_id = $1 WHERE id = $2")
            .bind(org)
            .bind(id)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    pub async fn touch_user(&self, id: i64, now_ms: i64) -> Result<(), TableError> {
        sqlx::query("UPDATE users SET seen_ms = $1 WHERE id = $2")
            .bind(now_ms)
            .bind(id)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// With sessions, memberships, tokens and permissions; what they made stays.
    pub async fn delete_user(&self, id: i64) -> Result<bool, TableError> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM permissions WHERE subject_kind = 'user' AND subject = $1")
            .bind(id.to_string())
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM preferences WHERE user_id = $1")
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        let done = sqlx::query("DELETE FROM users WHERE id = $1")
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(touched(&done))
    }

    /// Logins by id: who made and changed things.
    pub async fn logins(&self) -> Result<std::collections::HashMap<i64, String>, TableError> {
        let rows = sqlx::query("SELECT id, login FROM users").fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("login")?))).collect()
    }
}

pub(super) fn read(row: &AnyRow) -> Result<UserRow, TableError> {
    let flag = |name: &str| row.try_get::<i64, _>(name).map(|value| value != 0);
    Ok(UserRow {
        id: row.try_get("id")?,
        login: row.try_get("login")?,
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        password_hash: row.try_get("password_hash")?,
        org_id: row.try_get("org_id")?,
        grafana_admin: flag("grafana_admin")?,
        is_service_account: flag("is_service_account")?,
        must_change_password: flag("must_change_password")?,
        disabled: flag("disabled")?,
        seen_ms: row.try_get("seen_ms")?,
        created_ms: row.try_get("created_ms")?,
        updated_ms: row.try_get("updated_ms")?,
    })
}
