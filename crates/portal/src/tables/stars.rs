//! Stars: which dashboards a user has marked.

use super::{TableError, Tables};

impl Tables {
    /// Starring twice is starring once.
    pub async fn star(&self, user: i64, uid: &str, now_ms: i64) -> Result<(), TableError> {
        sqlx::query(
            "INSERT INTO stars (user_id, dashboard_uid, starred_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id, dashboard_uid) DO NOTHING",
        )
        .bind(user)
        .bind(uid)
        .bind(now_ms)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub async fn unstar(&self, user: i64, uid: &str) -> Result<(), TableError> {
        sqlx::query("DELETE FROM stars WHERE user_id = $1 AND dashboard_uid = $2")
            .bind(user)
            .bind(uid)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn is_starred(&self, user: i64, uid: &str) -> Result<bool, TableError> {
        let row = sqlx::query("SELECT 1 FROM stars WHERE user_id = $1 AND dashboard_uid = $2")
            .bind(user)
            .bind(uid)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }
}
