//! Users: who may sign in, with which role.

use auth::Role;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{TableError, Tables, taken};

#[derive(Clone, Debug)]
pub struct UserRow {
    pub id: i64,
    pub login: String,
    pub email: String,
    pub name: String,
    /// PHC string.
    pub password_hash: String,
    pub role: Role,
    pub grafana_admin: bool,
    pub must_change_password: bool,
    pub disabled: bool,
    pub created_ms: i64,
    pub updated_ms: i64,
}

#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    pub login: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    pub password_hash: &'a str,
    pub role: Role,
    pub grafana_admin: bool,
    pub must_change_password: bool,
}

impl Tables {
    pub async fn count_users(&self) -> Result<i64, TableError> {
        let row = sqlx::query("SELECT COUNT(*) AS users FROM users").fetch_one(&self.pool).await?;
        Ok(row.try_get("users")?)
    }

    /// Errors: [`TableError::Taken`] when the login exists, in whatever case.
    pub async fn insert_user(&self, user: &NewUser<'_>, now_ms: i64) -> Result<i64, TableError> {
        let row = sqlx::query(
            "INSERT INTO users (login, login_folded, email, name, password_hash, role, \
             grafana_admin, must_change_password, disabled, created_ms, updated_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9) RETURNING id",
        )
        .bind(user.login)
        .bind(user.login.to_lowercase())
        .bind(user.email)
        .bind(user.name)
        .bind(user.password_hash)
        .bind(user.role.as_str())
        .bind(i64::from(user.grafana_admin))
        .bind(i64::from(user.must_change_password))
        .bind(now_ms)
        .fetch_one(&self.pool)
        .await
        .map_err(taken("user login"))?;
        Ok(row.try_get("id")?)
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

    pub async fn set_password(&self, id: i64, hash: &str, now_ms: i64) -> Result<(), TableError> {
        sqlx::query(
            "UPDATE users SET password_hash = $1, must_change_password = 0, updated_ms = $2 \
             WHERE id = $3",
        )
        .bind(hash)
        .bind(now_ms)
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

fn read(row: &SqliteRow) -> Result<UserRow, TableError> {
    let role: String = row.try_get("role")?;
    Ok(UserRow {
        id: row.try_get("id")?,
        login: row.try_get("login")?,
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        password_hash: row.try_get("password_hash")?,
        role: role.parse().map_err(|_| TableError::Row { what: "role" })?,
        grafana_admin: row.try_get::<i64, _>("grafana_admin")? != 0,
        must_change_password: row.try_get::<i64, _>("must_change_password")? != 0,
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        created_ms: row.try_get("created_ms")?,
        updated_ms: row.try_get("updated_ms")?,
    })
}
