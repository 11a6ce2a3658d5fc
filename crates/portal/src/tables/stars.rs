//! Stars: which dashboards a user has marked.

use sqlx::Row as _;

use super::{TableError, Tables};

impl Tables {
    /// Starring twice is starring once.
    pub async fn star(
        &self,
        org: i64,
        user: i64,
        uid: &str,
        now_ms: i64,
    ) -> Result<(), TableError> {
        sqlx::query(
            "INSERT INTO stars (org_id, user_id, dashboard_uid, starred_ms) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (user_id, org_id, dashboard_uid) DO NOTHING",
        )
        .bind(org)
        .bind(user)
        .bind(uid)
        .bind(now_ms)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    pub async fn unstar(&self, org: i64, user: i64, uid: &str) -> Result<(), TableError> {
        sqlx::query("DELETE FROM stars WHERE org_id = $1 AND user_id = $2 AND dashboard_uid = $3")
            .bind(org)
            .bind(user)
            .bind(uid)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    pub async fn is_starred(&self, org: i64, user: i64, uid: &str) -> Result<bool, TableError> {
        let row = sqlx::query(
            "SELECT 1 FROM stars WHERE org_id = $1 AND user_id = $2 AND dashboard_uid = $3",
        )
        .bind(org)
        .bind(user)
        .bind(uid)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.is_some())
    }

    /// The uids of a user's starred dashboards.
    pub async fn stars(&self, org: i64, user: i64) -> Result<Vec<String>, TableError> {
        let rows =
            sqlx::query("SELECT dashboard_uid FROM stars WHERE org_id = $1 AND user_id = $2")
                .bind(org)
                .bind(user)
                .fetch_all(&self.pool)
                .await?;
        rows.iter().map(|row| Ok(row.try_get("dashboard_uid")?)).collect()
    }
}
