//! Service accounts and their tokens. Only digests of tokens are kept.

use auth::Role;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::orgs::role;
use super::{TableError, Tables, like, taken, touched};

#[derive(Clone, Debug)]
pub struct ServiceAccountRow {
    pub id: i64,
    pub name: String,
    pub login: String,
    pub role: Role,
    pub disabled: bool,
    pub tokens: i64,
    pub created_ms: i64,
    pub updated_ms: i64,
}

#[derive(Clone, Debug)]
pub struct TokenRow {
    pub id: i64,
    pub name: String,
    /// The most that this token may do, whatever its account may.
    pub role: Role,
    pub created_ms: i64,
    /// 0 = never.
    pub expires_ms: i64,
    /// 0 = not yet.
    pub used_ms: i64,
    pub revoked: bool,
}

/// Whom a token stands for.
#[derive(Clone, Debug)]
pub struct TokenOwner {
    pub token: TokenRow,
    pub org_id: i64,
    pub service_account_id: i64,
}

#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    pub name: &'a str,
    pub hash: &'a str,
    pub role: Role,
    /// 0 = never.
    pub expires_ms: i64,
}

const ACCOUNTS: &str = "SELECT u.id, u.name, u.login, u.disabled, u.created_ms, u.updated_ms, \
     o.role, (SELECT COUNT(*) FROM tokens t WHERE t.service_account_id = u.id) AS tokens \
     FROM users u JOIN org_users o ON o.user_id = u.id \
     WHERE u.is_service_account = 1 AND o.org_id = $1";

impl Tables {
    /// Errors: [`TableError::Taken`] when the organisation has an account of that name.
    pub async fn insert_service_account(
        &self,
        org: i64,
        name: &str,
        account_role: Role,
        now_ms: i64,
    ) -> Result<i64, TableError> {
        let login = format!("sa-{org}-{}", crate::dashboard::slug(name));
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "INSERT INTO users (login, login_folded, email, name, password_hash, org_id, \
             is_service_account, grafana_admin, must_change_password, disabled, created_ms, \
             updated_ms) VALUES ($1, $1, '', $2, '', $3, 1, 0, 0, 0, $4, $4) RETURNING id",
        )
        .bind(&login)
        .bind(name)
        .bind(org)
        .bind(now_ms)
        .fetch_one(&mut *transaction)
        .await
        .map_err(taken("service account name"))?;
        let id: i64 = row.try_get("id")?;
        sqlx::query(
            "INSERT INTO org_users (org_id, user_id, role, added_ms) VALUES ($1, $2, $3, $4)",
        )
        .bind(org)
        .bind(id)
        .bind(account_role.as_str())
        .bind(now_ms)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(id)
    }

    pub async fn service_account(
        &self,
        org: i64,
        id: i64,
    ) -> Result<Option<ServiceAccountRow>, TableError> {
        let statement = format!("{ACCOUNTS} AND u.id = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(org)
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| read_account(&row)).transpose()
    }

    /// By name; `query` is part of it.
    pub async fn service_accounts(
        &self,
        org: i64,
        query: &str,
    ) -> Result<Vec<ServiceAccountRow>, TableError> {
        let statement =
            format!("{ACCOUNTS} AND LOWER(u.name) LIKE $2 ESCAPE '\\' ORDER BY LOWER(u.name)");
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(org)
            .bind(like(query))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read_account).collect()
    }

    pub async fn update_service_account(
        &self,
        org: i64,
        account: &ServiceAccountRow,
        now_ms: i64,
    ) -> Result<(), TableError> {
        let mut transaction = self.begin().await?;
        sqlx::query("UPDATE users SET name = $1, disabled = $2, updated_ms = $3 WHERE id = $4")
            .bind(&account.name)
            .bind(i64::from(account.disabled))
            .bind(now_ms)
            .bind(account.id)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE org_users SET role = $1 WHERE org_id = $2 AND user_id = $3")
            .bind(account.role.as_str())
            .bind(org)
            .bind(account.id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Errors: [`TableError::Taken`] when the account has a token of that name.
    pub async fn insert_token(
        &self,
        org: i64,
        account: i64,
        token: &NewToken<'_>,
        now_ms: i64,
    ) -> Result<i64, TableError> {
        let row = sqlx::query(
            "INSERT INTO tokens (org_id, service_account_id, name, token_hash, role, created_ms, \
             expires_ms, used_ms, revoked) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0) RETURNING id",
        )
        .bind(org)
        .bind(account)
        .bind(token.name)
        .bind(token.hash)
        .bind(token.role.as_str())
        .bind(now_ms)
        .bind(token.expires_ms)
        .fetch_one(&self.writer)
        .await
        .map_err(taken("token name"))?;
        Ok(row.try_get("id")?)
    }

    pub async fn tokens(&self, org: i64, account: i64) -> Result<Vec<TokenRow>, TableError> {
        let rows = sqlx::query(
            "SELECT * FROM tokens WHERE org_id = $1 AND service_account_id = $2 ORDER BY id",
        )
        .bind(org)
        .bind(account)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_token).collect()
    }

    pub async fn token_owner(&self, hash: &str) -> Result<Option<TokenOwner>, TableError> {
        let row = sqlx::query("SELECT * FROM tokens WHERE token_hash = $1")
            .bind(hash)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| {
            Ok(TokenOwner {
                token: read_token(&row)?,
                org_id: row.try_get("org_id")?,
                service_account_id: row.try_get("service_account_id")?,
            })
        })
        .transpose()
    }

    pub async fn touch_token(&self, id: i64, now_ms: i64) -> Result<(), TableError> {
        sqlx::query("UPDATE tokens SET used_ms = $1 WHERE id = $2")
            .bind(now_ms)
            .bind(id)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    pub async fn delete_token(&self, org: i64, account: i64, id: i64) -> Result<bool, TableError> {
        let done = sqlx::query(
            "DELETE FROM tokens WHERE org_id = $1 AND service_account_id = $2 AND id = $3",
        )
        .bind(org)
        .bind(account)
        .bind(id)
        .execute(&self.writer)
        .await?;
        Ok(touched(&done))
    }
}

fn read_account(row: &AnyRow) -> Result<ServiceAccountRow, TableError> {
    Ok(ServiceAccountRow {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        login: row.try_get("login")?,
        role: role(row)?,
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        tokens: row.try_get("tokens")?,
        created_ms: row.try_get("created_ms")?,
        updated_ms: row.try_get("updated_ms")?,
    })
}

fn read_token(row: &AnyRow) -> Result<TokenRow, TableError> {
    Ok(TokenRow {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        role: role(row)?,
        created_ms: row.try_get("created_ms")?,
        expires_ms: row.try_get("expires_ms")?,
        used_ms: row.try_get("used_ms")?,
        revoked: row.try_get::<i64, _>("revoked")? != 0,
    })
}
