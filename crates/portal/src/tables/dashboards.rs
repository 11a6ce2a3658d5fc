//! Dashboards: their JSON byte for byte as received, and what is searched by beside it.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{TableError, Tables, taken};

#[derive(Clone, Debug)]
pub struct DashboardRow {
    pub id: i64,
    pub uid: String,
    pub title: String,
    pub slug: String,
    pub version: i64,
    /// As it came, envelope included.
    pub received: String,
    pub folder_uid: String,
    pub folder_title: String,
    /// Name of the provider, empty when a person saved it.
    pub provisioned_by: String,
    pub provisioned_from: String,
    pub created_ms: i64,
    pub updated_ms: i64,
}

/// A row of a search's answer.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: i64,
    pub uid: String,
    pub title: String,
    pub slug: String,
    pub tags: Vec<String>,
    pub starred: bool,
    pub folder_id: i64,
    pub folder_uid: String,
    pub folder_title: String,
}

#[derive(Clone, Debug)]
pub struct NewDashboard<'a> {
    pub uid: &'a str,
    pub folder_id: Option<i64>,
    pub title: &'a str,
    pub slug: &'a str,
    pub tags: &'a [String],
    pub received: &'a str,
    pub checksum: &'a str,
    pub provisioned_by: &'a str,
    pub provisioned_from: &'a str,
}

/// Where a provisioned dashboard comes from.
#[derive(Clone, Debug)]
pub struct ProvisionedRow {
    pub uid: String,
    pub provider: String,
    pub file: String,
    pub checksum: String,
}

/// What to look for; empty fields ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Part of the title, in any case.
    pub query: String,
    /// All of them.
    pub tags: Vec<String>,
    pub uids: Vec<String>,
    pub folder_uids: Vec<String>,
    pub starred_only: bool,
    pub limit: usize,
    /// From 1.
    pub page: usize,
}

impl Tables {
    /// Inserts, or replaces what has the same uid with the next version.
    pub async fn save_dashboard(
        &self,
        new: &NewDashboard<'_>,
        now_ms: i64,
    ) -> Result<i64, TableError> {
        let row = sqlx::query(
            "INSERT INTO dashboards (uid, folder_id, title, slug, tags, version, received, \
             checksum, provisioned_by, provisioned_from, created_ms, updated_ms) \
             VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, $10) \
             ON CONFLICT (uid) DO UPDATE SET folder_id = excluded.folder_id, \
             title = excluded.title, slug = excluded.slug, tags = excluded.tags, \
             version = dashboards.version + 1, received = excluded.received, \
             checksum = excluded.checksum, provisioned_by = excluded.provisioned_by, \
             provisioned_from = excluded.provisioned_from, updated_ms = excluded.updated_ms \
             RETURNING id",
        )
        .bind(new.uid)
        .bind(new.folder_id)
        .bind(new.title)
        .bind(new.slug)
        .bind(new.tags.join("\n"))
        .bind(new.received)
        .bind(new.checksum)
        .bind(new.provisioned_by)
        .bind(new.provisioned_from)
        .bind(now_ms)
        .fetch_one(&self.pool)
        .await
        .map_err(taken("dashboard uid"))?;
        Ok(row.try_get("id")?)
    }

    pub async fn dashboard(&self, uid: &str) -> Result<Option<DashboardRow>, TableError> {
        sqlx::query(
            "SELECT d.*, COALESCE(f.uid, '') AS folder_uid, COALESCE(f.title, '') AS folder_title \
             FROM dashboards d LEFT JOIN folders f ON f.id = d.folder_id WHERE d.uid = $1",
        )
        .bind(uid)
        .fetch_optional(&self.pool)
        .await?
        .map(|row| read(&row))
        .transpose()
    }

    /// By title. Cost: reads the titles and tags of all dashboards; JSON stays on disk.
    pub async fn search_dashboards(
        &self,
        user: i64,
        search: &Search,
    ) -> Result<Vec<Listed>, TableError> {
        let rows = sqlx::query(
            "SELECT d.id, d.uid, d.title, d.slug, d.tags, COALESCE(d.folder_id, 0) AS folder_id, \
             COALESCE(f.uid, '') AS folder_uid, COALESCE(f.title, '') AS folder_title, \
             CASE WHEN s.user_id IS NULL THEN 0 ELSE 1 END AS starred \
             FROM dashboards d LEFT JOIN folders f ON f.id = d.folder_id \
             LEFT JOIN stars s ON s.dashboard_uid = d.uid AND s.user_id = $1 \
             ORDER BY LOWER(d.title), d.id",
        )
        .bind(user)
        .fetch_all(&self.pool)
        .await?;
        let mut found = Vec::new();
        let mut skip = search.page.saturating_sub(1).saturating_mul(search.limit);
        for row in &rows {
            let listed = read_listed(row)?;
            if !search.matches(&listed) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
            } else if found.len() < search.limit {
                found.push(listed);
            } else {
                break;
            }
        }
        Ok(found)
    }

    /// Everything that providers have provided.
    pub async fn provisioned_dashboards(&self) -> Result<Vec<ProvisionedRow>, TableError> {
        let rows = sqlx::query(
            "SELECT uid, provisioned_by, provisioned_from, checksum FROM dashboards \
             WHERE provisioned_by <> ''",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_provisioned).collect()
    }

    pub async fn provisioned_dashboard(
        &self,
        uid: &str,
    ) -> Result<Option<ProvisionedRow>, TableError> {
        sqlx::query(
            "SELECT uid, provisioned_by, provisioned_from, checksum FROM dashboards \
             WHERE provisioned_by <> '' AND uid = $1",
        )
        .bind(uid)
        .fetch_optional(&self.pool)
        .await?
        .map(|row| read_provisioned(&row))
        .transpose()
    }

    /// True when there was one.
    pub async fn delete_dashboard(&self, uid: &str) -> Result<bool, TableError> {
        let done = sqlx::query("DELETE FROM dashboards WHERE uid = $1")
            .bind(uid)
            .execute(&self.pool)
            .await?;
        sqlx::query("DELETE FROM stars WHERE dashboard_uid = $1")
            .bind(uid)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

impl Search {
    fn matches(&self, listed: &Listed) -> bool {
        let title = listed.title.to_lowercase();
        let words = self.query.to_lowercase();
        words.split_whitespace().all(|word| title.contains(word))
            && self.tags.iter().all(|tag| listed.tags.contains(tag))
            && (self.uids.is_empty() || self.uids.contains(&listed.uid))
            && (self.folder_uids.is_empty() || self.folder_uids.contains(&listed.folder_uid))
            && (!self.starred_only || listed.starred)
    }
}

fn read(row: &SqliteRow) -> Result<DashboardRow, TableError> {
    Ok(DashboardRow {
        id: row.try_get("id")?,
        uid: row.try_get("uid")?,
        title: row.try_get("title")?,
        slug: row.try_get("slug")?,
        version: row.try_get("version")?,
        received: row.try_get("received")?,
        folder_uid: row.try_get("folder_uid")?,
        folder_title: row.try_get("folder_title")?,
        provisioned_by: row.try_get("provisioned_by")?,
        provisioned_from: row.try_get("provisioned_from")?,
        created_ms: row.try_get("created_ms")?,
        updated_ms: row.try_get("updated_ms")?,
    })
}

fn read_listed(row: &SqliteRow) -> Result<Listed, TableError> {
    let tags: String = row.try_get("tags")?;
    Ok(Listed {
        id: row.try_get("id")?,
        uid: row.try_get("uid")?,
        title: row.try_get("title")?,
        slug: row.try_get("slug")?,
        tags: tags.lines().map(str::to_owned).collect(),
        starred: row.try_get::<i64, _>("starred")? != 0,
        folder_id: row.try_get("folder_id")?,
        folder_uid: row.try_get("folder_uid")?,
        folder_title: row.try_get("folder_title")?,
    })
}

fn read_provisioned(row: &SqliteRow) -> Result<ProvisionedRow, TableError> {
    Ok(ProvisionedRow {
        uid: row.try_get("uid")?,
        provider: row.try_get("provisioned_by")?,
        file: row.try_get("provisioned_from")?,
        checksum: row.try_get("checksum")?,
    })
}
