//! Short URLs: a uid that stands for a path of this server.

use sqlx::Row as _;

use super::{Room, TableError, Tables, taken};

impl Tables {
    /// The uid that stands for the path: the given one, or that which it has had before.
    /// Errors: [`TableError::Taken`] when the uid stands for another.
    pub async fn shorten(
        &self,
        org: i64,
        uid: &str,
        path: &str,
        author: i64,
        room: Room,
        now_ms: i64,
    ) -> Result<String, TableError> {
        const COUNT: &str = "SELECT COUNT(*) AS n FROM short_urls WHERE org_id = $1";
        let mut transaction = self.begin().await?;
        let found = sqlx::query("SELECT uid FROM short_urls WHERE org_id = $1 AND path = $2")
            .bind(org)
            .bind(path)
            .fetch_optional(&mut *transaction)
            .await?;
        if let Some(row) = found {
            return Ok(row.try_get("uid")?);
        }
        self.check_room(&mut transaction, COUNT, org, room).await?;
        sqlx::query(
            "INSERT INTO short_urls (org_id, uid, path, created_by, created_ms, seen_ms) \
             VALUES ($1, $2, $3, $4, $5, 0)",
        )
        .bind(org)
        .bind(uid)
        .bind(path)
        .bind(author)
        .bind(now_ms)
        .execute(&mut *transaction)
        .await
        .map_err(taken("short URL"))?;
        transaction.commit().await?;
        Ok(uid.to_owned())
    }

    /// The path, noted as seen now.
    pub async fn follow_short_url(
        &self,
        org: i64,
        uid: &str,
        now_ms: i64,
    ) -> Result<Option<String>, TableError> {
        let row = sqlx::query("SELECT path FROM short_urls WHERE org_id = $1 AND uid = $2")
            .bind(org)
            .bind(uid)
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        sqlx::query("UPDATE short_urls SET seen_ms = $1 WHERE org_id = $2 AND uid = $3")
            .bind(now_ms)
            .bind(org)
            .bind(uid)
            .execute(&self.writer)
            .await?;
        Ok(Some(row.try_get("path")?))
    }
}
