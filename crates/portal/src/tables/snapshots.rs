//! Snapshots: dashboards with their data as of one moment, open to whoever knows the key.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Room, TableError, Tables, like, touched};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRow {
    pub id: i64,
    pub org_id: i64,
    pub snapshot: NewSnapshot,
    pub created_ms: i64,
    pub updated_ms: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSnapshot {
    /// To read it; of all organisations together unlike all others.
    pub key: String,
    /// To delete it.
    pub delete_key: String,
    pub name: String,
    /// A JSON object; empty in lists.
    pub dashboard: String,
    pub user_id: i64,
    /// From then on it is gone; `i64::MAX` for never.
    pub expires_ms: i64,
}

impl Tables {
    /// Forgets what has expired, then inserts. Returns the id.
    /// Errors: [`TableError::Taken`] when a key exists.
    pub async fn insert_snapshot(
        &self,
        org: i64,
        snapshot: &NewSnapshot,
        room: Room,
        now_ms: i64,
    ) -> Result<i64, TableError> {
        const COUNT: &str = "SELECT COUNT(*) AS n FROM snapshots WHERE org_id = $1";
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM snapshots WHERE expires_ms <= $1")
            .bind(now_ms)
            .execute(&mut *transaction)
            .await?;
        self.check_room(&mut transaction, COUNT, org, room).await?;
        let row = sqlx::query(
            "INSERT INTO snapshots (org_id, key, delete_key, name, dashboard, user_id, \
             expires_ms, created_ms, updated_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) \
             RETURNING id",
        )
        .bind(org)
        .bind(&snapshot.key)
        .bind(&snapshot.delete_key)
        .bind(&snapshot.name)
        .bind(&snapshot.dashboard)
        .bind(snapshot.user_id)
        .bind(snapshot.expires_ms)
        .bind(now_ms)
        .fetch_one(&mut *transaction)
        .await
        .map_err(super::taken("snapshot key"))?;
        transaction.commit().await?;
        Ok(row.try_get("id")?)
    }

    /// By the key to read it; of any organisation, for the key is the right.
    pub async fn snapshot(
        &self,
        key: &str,
        now_ms: i64,
    ) -> Result<Option<SnapshotRow>, TableError> {
        self.one_snapshot("SELECT * FROM snapshots WHERE key = $1 AND expires_ms > $2", key, now_ms)
            .await
    }

    /// By the key to delete it.
    pub async fn snapshot_to_delete(
        &self,
        delete_key: &str,
        now_ms: i64,
    ) -> Result<Option<SnapshotRow>, TableError> {
        const STATEMENT: &str = "SELECT * FROM snapshots WHERE delete_key = $1 AND expires_ms > $2";
        self.one_snapshot(STATEMENT, delete_key, now_ms).await
    }

    async fn one_snapshot(
        &self,
        statement: &'static str,
        key: &str,
        now_ms: i64,
    ) -> Result<Option<SnapshotRow>, TableError> {
        let row = sqlx::query(statement).bind(key).bind(now_ms).fetch_optional(&self.pool).await?;
        row.map(|row| read(&row)).transpose()
    }

    /// Of an organisation, by part of the name; newest first, without the dashboards.
    pub async fn snapshots(
        &self,
        org: i64,
        name: &str,
        limit: i64,
        now_ms: i64,
    ) -> Result<Vec<SnapshotRow>, TableError> {
        let rows = sqlx::query(
            "SELECT id, org_id, key, delete_key, name, '' AS dashboard, user_id, expires_ms, \
             created_ms, updated_ms FROM snapshots WHERE org_id = $1 \
             AND LOWER(name) LIKE $2 ESCAPE '\\' AND expires_ms > $3 ORDER BY id DESC LIMIT $4",
        )
        .bind(org)
        .bind(like(name))
        .bind(now_ms)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    /// True when there was one.
    pub async fn delete_snapshot(&self, id: i64) -> Result<bool, TableError> {
        let done = sqlx::query("DELETE FROM snapshots WHERE id = $1")
            .bind(id)
            .execute(&self.writer)
            .await?;
        Ok(touched(&done))
    }
}

fn read(row: &AnyRow) -> Result<SnapshotRow, TableError> {
    Ok(SnapshotRow {
        id: row.try_get("id")?,
        org_id: row.try_get("org_id")?,
        snapshot: NewSnapshot {
            key: row.try_get("key")?,
            delete_key: row.try_get("delete_key")?,
            name: row.try_get("name")?,
            dashboard: row.try_get("dashboard")?,
            user_id: row.try_get("user_id")?,
            expires_ms: row.try_get("expires_ms")?,
        },
        created_ms: row.try_get("created_ms")?,
        updated_ms: row.try_get("updated_ms")?,
    })
}
