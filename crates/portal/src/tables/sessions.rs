//! Sessions: who is signed in where. Only digests of tokens are kept.

use sqlx::Row;

use super::{TableError, Tables};

#[derive(Clone, Debug)]
pub struct SessionRow {
    pub id: i64,
    pub user_id: i64,
    pub created_ms: i64,
    pub seen_ms: i64,
    pub rotated_ms: i64,
    /// The digest asked for is that of the token before the present one.
    pub by_previous_token: bool,
}

/// A session in a list of one user's.
#[derive(Clone, Debug)]
pub struct ListedSession {
    pub id: i64,
    pub created_ms: i64,
    pub seen_ms: i64,
    pub address: String,
    pub user_agent: String,
}

#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    pub user_id: i64,
    pub token_hash: &'a str,
    pub address: &'a str,
    pub user_agent: &'a str,
}

impl Tables {
    pub async fn insert_session(
        &self,
        session: &NewSession<'_>,
        now_ms: i64,
    ) -> Result<(), TableError> {
        sqlx::query(
            "INSERT INTO sessions (user_id, token_hash, previous_token_hash, created_ms, seen_ms, \
             rotated_ms, address, user_agent) VALUES ($1, $2, '', $3, $3, $3, $4, $5)",
        )
        .bind(session.user_id)
        .bind(session.token_hash)
        .bind(now_ms)
        .bind(session.address)
        .bind(session.user_agent)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    pub async fn session_by_token(&self, hash: &str) -> Result<Option<SessionRow>, TableError> {
        let found = sqlx::query(
            "SELECT id, user_id, created_ms, seen_ms, rotated_ms, token_hash FROM sessions \
             WHERE token_hash = $1 OR previous_token_hash = $1",
        )
        .bind(hash)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = found else { return Ok(None) };
        let present: String = row.try_get("token_hash")?;
        Ok(Some(SessionRow {
            id: row.try_get("id")?,
            user_id: row.try_get("user_id")?,
            created_ms: row.try_get("created_ms")?,
            seen_ms: row.try_get("seen_ms")?,
            rotated_ms: row.try_get("rotated_ms")?,
            by_previous_token: present != hash,
        }))
    }

    /// Replaces the token; false when another request has just done so.
    pub async fn rotate_session(
        &self,
        id: i64,
        from: &str,
        to: &str,
        now_ms: i64,
    ) -> Result<bool, TableError> {
        let done = sqlx::query(
            "UPDATE sessions SET previous_token_hash = token_hash, token_hash = $1, \
             rotated_ms = $2, seen_ms = $2 WHERE id = $3 AND token_hash = $4",
        )
        .bind(to)
        .bind(now_ms)
        .bind(id)
        .bind(from)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn touch_session(&self, id: i64, now_ms: i64) -> Result<(), TableError> {
        sqlx::query("UPDATE sessions SET seen_ms = $1 WHERE id = $2")
            .bind(now_ms)
            .bind(id)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    pub async fn delete_session(&self, token_hash: &str) -> Result<(), TableError> {
        sqlx::query("DELETE FROM sessions WHERE token_hash = $1 OR previous_token_hash = $1")
            .bind(token_hash)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Signs a user out everywhere but in one session (after a change of password); the id 0
    /// spares none.
    pub async fn delete_other_sessions(&self, user: i64, spared: i64) -> Result<(), TableError> {
        sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
            .bind(user)
            .bind(spared)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Forgets sessions unused since `seen_before_ms` or begun before `created_before_ms`.
    pub async fn delete_expired_sessions(
        &self,
        seen_before_ms: i64,
        created_before_ms: i64,
    ) -> Result<u64, TableError> {
        let done = sqlx::query("DELETE FROM sessions WHERE seen_ms < $1 OR created_ms < $2")
            .bind(seen_before_ms)
            .bind(created_before_ms)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected())
    }

    /// Where a user is signed in, latest first.
    pub async fn sessions_of(&self, user: i64) -> Result<Vec<ListedSession>, TableError> {
        let rows = sqlx::query(
            "SELECT id, created_ms, seen_ms, address, user_agent FROM sessions \
             WHERE user_id = $1 ORDER BY seen_ms DESC, id DESC LIMIT 1000",
        )
        .bind(user)
        .fetch_all(&self.pool)
        .await?;
        let listed = rows.iter().map(|row| {
            Ok(ListedSession {
                id: row.try_get("id")?,
                created_ms: row.try_get("created_ms")?,
                seen_ms: row.try_get("seen_ms")?,
                address: row.try_get("address")?,
                user_agent: row.try_get("user_agent")?,
            })
        });
        listed.collect()
    }

    /// Ends one session of a user; false when it is not theirs.
    pub async fn delete_session_of(&self, user: i64, id: i64) -> Result<bool, TableError> {
        let done = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id = $2")
            .bind(user)
            .bind(id)
            .execute(&self.writer)
            .await?;
        Ok(super::touched(&done))
    }
}
