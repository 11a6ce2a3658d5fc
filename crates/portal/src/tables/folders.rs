//! Folders: one level, as Grafana's were for years; dashboards without one are in "General".

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{TableError, Tables, taken};

#[derive(Clone, Debug)]
pub struct FolderRow {
    pub id: i64,
    pub uid: String,
    pub title: String,
    pub created_ms: i64,
    pub updated_ms: i64,
}

impl Tables {
    /// The id of the folder with this uid, created when missing; its title is brought up to date.
    pub async fn ensure_folder(
        &self,
        uid: &str,
        title: &str,
        now_ms: i64,
    ) -> Result<i64, TableError> {
        let row = sqlx::query(
            "INSERT INTO folders (uid, title, created_ms, updated_ms) VALUES ($1, $2, $3, $3) \
             ON CONFLICT (uid) DO UPDATE SET title = excluded.title RETURNING id",
        )
        .bind(uid)
        .bind(title)
        .bind(now_ms)
        .fetch_one(&self.pool)
        .await
        .map_err(taken("folder uid"))?;
        Ok(row.try_get("id")?)
    }

    pub async fn folder_by_title(&self, title: &str) -> Result<Option<FolderRow>, TableError> {
        sqlx::query("SELECT * FROM folders WHERE title = $1 ORDER BY id LIMIT 1")
            .bind(title)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| read(&row))
            .transpose()
    }

    pub async fn folder_by_uid(&self, uid: &str) -> Result<Option<FolderRow>, TableError> {
        sqlx::query("SELECT * FROM folders WHERE uid = $1")
            .bind(uid)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| read(&row))
            .transpose()
    }

    pub async fn folders(&self, limit: i64) -> Result<Vec<FolderRow>, TableError> {
        let rows = sqlx::query("SELECT * FROM folders ORDER BY LOWER(title), id LIMIT $1")
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<FolderRow, TableError> {
    Ok(FolderRow {
        id: row.try_get("id")?,
        uid: row.try_get("uid")?,
        title: row.try_get("title")?,
        created_ms: row.try_get("created_ms")?,
        updated_ms: row.try_get("updated_ms")?,
    })
}
