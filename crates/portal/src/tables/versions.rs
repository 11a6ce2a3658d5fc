//! The versions of a dashboard: each save keeps what was saved, by whom and why.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{TableError, Tables};

#[derive(Clone, Debug)]
pub struct VersionRow {
    pub id: i64,
    pub dashboard_id: i64,
    pub version: i64,
    pub parent_version: i64,
    /// 0 when it was not restored.
    pub restored_from: i64,
    pub received: String,
    pub message: String,
    pub created_ms: i64,
    pub created_by: i64,
}

impl Tables {
    /// Newest first. `received` is left empty: lists do not need it.
    pub async fn dashboard_versions(
        &self,
        dashboard: i64,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<VersionRow>, TableError> {
        let rows = sqlx::query(
            "SELECT id, dashboard_id, version, parent_version, restored_from, '' AS received, \
             message, created_ms, created_by FROM dashboard_versions WHERE dashboard_id = $1 \
             ORDER BY version DESC LIMIT $2 OFFSET $3",
        )
        .bind(dashboard)
        .bind(limit)
        .bind(offset)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    pub async fn dashboard_version(
        &self,
        dashboard: i64,
        version: i64,
    ) -> Result<Option<VersionRow>, TableError> {
        let row = sqlx::query(
            "SELECT * FROM dashboard_versions WHERE dashboard_id = $1 AND version = $2",
        )
        .bind(dashboard)
        .bind(version)
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| read(&row)).transpose()
    }
}

fn read(row: &AnyRow) -> Result<VersionRow, TableError> {
    Ok(VersionRow {
        id: row.try_get("id")?,
        dashboard_id: row.try_get("dashboard_id")?,
        version: row.try_get("version")?,
        parent_version: row.try_get("parent_version")?,
        restored_from: row.try_get("restored_from")?,
        received: row.try_get("received")?,
        message: row.try_get("message")?,
        created_ms: row.try_get("created_ms")?,
        created_by: row.try_get("created_by")?,
    })
}
