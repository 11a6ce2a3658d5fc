//! Dashboards: their JSON byte for byte as received, and what is searched by beside it.

use std::collections::HashMap;

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::changes::{By, DASHBOARD};
use super::{TableError, Tables, library, taken, touched};

/// Parameters of one statement.
const UIDS_AT_ONCE: usize = 500;

#[derive(Clone, Debug)]
pub struct DashboardRow {
    pub id: i64,
    pub uid: String,
    pub title: String,
    pub slug: String,
    pub version: i64,
    /// As it came, envelope included.
    pub received: String,
    pub folder_id: i64,
    pub folder_uid: String,
    pub folder_title: String,
    /// Of the file that it came from, when a provider provides it.
    pub checksum: String,
    /// Name of the provider, empty when a person saved it.
    pub provisioned_by: String,
    pub provisioned_from: String,
    /// A provisioned dashboard that was edited here: it differs from its file.
    pub drifted: bool,
    pub created_ms: i64,
    pub created_by: i64,
    pub updated_ms: i64,
    pub updated_by: i64,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct NewDashboard<'a> {
    pub uid: &'a str,
    pub folder_uid: &'a str,
    pub title: &'a str,
    pub slug: &'a str,
    pub tags: &'a [String],
    pub received: &'a str,
    pub checksum: &'a str,
    pub provisioned_by: &'a str,
    pub provisioned_from: &'a str,
    pub drifted: bool,
    /// Why, in the author's words.
    pub message: &'a str,
    /// User id; 0 for provisioning.
    pub author: i64,
    /// The version whose JSON this is again; 0 for none.
    pub restored_from: i64,
    /// The version that the author has seen; `None` overwrites whatever is there.
    pub seen_version: Option<i64>,
}

/// What became of a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    pub id: i64,
    pub version: i64,
}

/// Where a provisioned dashboard comes from.
#[derive(Clone, Debug)]
pub struct ProvisionedRow {
    pub org_id: i64,
    pub uid: String,
    pub provider: String,
    pub file: String,
    pub checksum: String,
    pub folder_uid: String,
    pub version: i64,
    pub drifted: bool,
}

impl Tables {
    /// Inserts, or replaces what has the same uid with the next version, and keeps the version.
    /// Errors: [`TableError::VersionMismatch`] when `seen_version` is not the present one.
    pub async fn save_dashboard(
        &self,
        org: i64,
        new: &NewDashboard<'_>,
        now_ms: i64,
    ) -> Result<Saved, TableError> {
        let mut transaction = self.begin().await?;
        let saved = self.save_in(&mut transaction, org, new, now_ms).await?;
        transaction.commit().await?;
        self.listing.forget(org);
        Ok(saved)
    }

    /// As [`Self::save_dashboard`] for many of one organisation, all or none.
    pub async fn save_dashboards(
        &self,
        org: i64,
        many: &[NewDashboard<'_>],
        now_ms: i64,
    ) -> Result<(), TableError> {
        let mut transaction = self.begin().await?;
        for new in many {
            self.save_in(&mut transaction, org, new, now_ms).await?;
        }
        transaction.commit().await?;
        self.listing.forget(org);
        Ok(())
    }

    async fn save_in(
        &self,
        transaction: &mut Transaction<'static, Any>,
        org: i64,
        new: &NewDashboard<'_>,
        now_ms: i64,
    ) -> Result<Saved, TableError> {
        let found =
            sqlx::query("SELECT id, version FROM dashboards WHERE org_id = $1 AND uid = $2")
                .bind(org)
                .bind(new.uid)
                .fetch_optional(&mut **transaction)
                .await?;
        let saved = match found {
            None => insert(transaction, org, new, now_ms).await?,
            Some(row) => {
                let present = Saved { id: row.try_get("id")?, version: row.try_get("version")? };
                if new.seen_version.is_some_and(|seen| seen != present.version) {
                    return Err(TableError::VersionMismatch);
                }
                replace(transaction, present, new, now_ms).await?
            }
        };
        self.keep_version(transaction, saved, new, now_ms).await?;
        library::connect(transaction, org, (new.uid, new.received), now_ms).await?;
        Ok(saved)
    }

    async fn keep_version(
        &self,
        transaction: &mut Transaction<'static, Any>,
        saved: Saved,
        new: &NewDashboard<'_>,
        now_ms: i64,
    ) -> Result<(), TableError> {
        sqlx::query(
            "INSERT INTO dashboard_versions (dashboard_id, version, parent_version, \
             restored_from, received, message, created_ms, created_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(saved.id)
        .bind(saved.version)
        .bind(saved.version - 1)
        .bind(new.restored_from)
        .bind(new.received)
        .bind(new.message)
        .bind(now_ms)
        .bind(new.author)
        .execute(&mut **transaction)
        .await?;
        sqlx::query("DELETE FROM dashboard_versions WHERE dashboard_id = $1 AND version <= $2")
            .bind(saved.id)
            .bind(saved.version - self.config.versions_max.max(1))
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }

    pub async fn dashboard(&self, org: i64, uid: &str) -> Result<Option<DashboardRow>, TableError> {
        sqlx::query(
            "SELECT d.*, COALESCE(f.id, 0) AS folder_id, COALESCE(f.title, '') AS folder_title \
             FROM dashboards d LEFT JOIN folders f ON f.org_id = d.org_id AND f.uid = d.folder_uid \
             WHERE d.org_id = $1 AND d.uid = $2",
        )
        .bind(org)
        .bind(uid)
        .fetch_optional(&self.pool)
        .await?
        .map(|row| read(&row))
        .transpose()
    }

    /// Those of these uids that are there, in their order; one query for a few hundred.
    pub async fn dashboards(
        &self,
        org: i64,
        uids: &[&str],
    ) -> Result<Vec<DashboardRow>, TableError> {
        let mut found: HashMap<String, DashboardRow> = HashMap::with_capacity(uids.len());
        for some in uids.chunks(UIDS_AT_ONCE) {
            let places: Vec<String> = (2..some.len() + 2).map(|n| format!("${n}")).collect();
            let statement = format!(
                "SELECT d.*, COALESCE(f.id, 0) AS folder_id, COALESCE(f.title, '') AS folder_title \
                 FROM dashboards d LEFT JOIN folders f ON f.org_id = d.org_id \
                 AND f.uid = d.folder_uid WHERE d.org_id = $1 AND d.uid IN ({})",
                places.join(", ")
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(org);
            for uid in some {
                query = query.bind((*uid).to_owned());
            }
            for row in query.fetch_all(&self.pool).await? {
                let row = read(&row)?;
                found.insert(row.uid.clone(), row);
            }
        }
        Ok(uids.iter().filter_map(|uid| found.remove(*uid)).collect())
    }

    /// For the old routes that know dashboards by number.
    pub async fn dashboard_uid_by_id(
        &self,
        org: i64,
        id: i64,
    ) -> Result<Option<String>, TableError> {
        let row = sqlx::query("SELECT uid FROM dashboards WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get("uid")).transpose()?)
    }

    /// Another dashboard of that title in that folder.
    pub async fn dashboard_uid_by_title(
        &self,
        org: i64,
        folder_uid: &str,
        title: &str,
    ) -> Result<Option<String>, TableError> {
        let row = sqlx::query(
            "SELECT uid FROM dashboards WHERE org_id = $1 AND folder_uid = $2 AND title = $3 \
             ORDER BY id LIMIT 1",
        )
        .bind(org)
        .bind(folder_uid)
        .bind(title)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| row.try_get("uid")).transpose()?)
    }

    pub async fn move_dashboard(
        &self,
        org: i64,
        uid: &str,
        folder_uid: &str,
    ) -> Result<bool, TableError> {
        let done =
            sqlx::query("UPDATE dashboards SET folder_uid = $1 WHERE org_id = $2 AND uid = $3")
                .bind(folder_uid)
                .bind(org)
                .bind(uid)
                .execute(&self.writer)
                .await?;
        self.listing.forget(org);
        Ok(touched(&done))
    }

    /// Everything that providers have provided, in all organisations.
    pub async fn provisioned_dashboards(&self) -> Result<Vec<ProvisionedRow>, TableError> {
        let rows = sqlx::query(
            "SELECT org_id, uid, provisioned_by, provisioned_from, checksum, folder_uid, \
             version, drifted FROM dashboards WHERE provisioned_by <> ''",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_provisioned).collect()
    }

    /// Says that a dashboard and its file are the same again: the file has this checksum.
    pub async fn settle_dashboard(
        &self,
        org: i64,
        uid: &str,
        version: i64,
        checksum: &str,
    ) -> Result<bool, TableError> {
        let done = sqlx::query(
            "UPDATE dashboards SET checksum = $1, drifted = 0 \
             WHERE org_id = $2 AND uid = $3 AND version = $4",
        )
        .bind(checksum)
        .bind(org)
        .bind(uid)
        .bind(version)
        .execute(&self.writer)
        .await?;
        self.listing.forget(org);
        Ok(touched(&done))
    }

    /// Takes [`Self::settle_dashboard`] back.
    pub async fn unsettle_dashboard(
        &self,
        org: i64,
        uid: &str,
        checksum: &str,
    ) -> Result<(), TableError> {
        sqlx::query(
            "UPDATE dashboards SET checksum = $1, drifted = 1 WHERE org_id = $2 AND uid = $3",
        )
        .bind(checksum)
        .bind(org)
        .bind(uid)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Breaks the tie to a file: from now on the dashboard is a person's.
    pub async fn unprovision_dashboard(&self, org: i64, uid: &str) -> Result<(), TableError> {
        sqlx::query(
            "UPDATE dashboards SET provisioned_by = '', provisioned_from = '', drifted = 0 \
             WHERE org_id = $1 AND uid = $2",
        )
        .bind(org)
        .bind(uid)
        .execute(&self.writer)
        .await?;
        self.listing.forget(org);
        Ok(())
    }

    /// True when there was one. Its deletion can be undone, unless its file is what is gone.
    pub async fn delete_dashboard(
        &self,
        org: i64,
        uid: &str,
        by: By<'_>,
    ) -> Result<bool, TableError> {
        let transaction = self.begin().await?;
        let kind = (&DASHBOARD, "title");
        let done = self.delete_recorded(transaction, kind, (org, uid), by).await?;
        // What was not there leaves lists as they are.
        if done {
            self.listing.forget_deleted(org);
        }
        Ok(done)
    }
}

/// Deletes what belongs to a dashboard and to nothing else.
pub(super) async fn delete_beside(
    transaction: &mut Transaction<'static, Any>,
    org: i64,
    uid: &str,
) -> Result<(), TableError> {
    delete_beside_those(transaction, "= $2", org, uid).await
}

/// Deletes a folder's dashboards, with what belongs to them.
pub(super) async fn delete_in_folder(
    transaction: &mut Transaction<'static, Any>,
    org: i64,
    folder_uid: &str,
) -> Result<(), TableError> {
    const INSIDE: &str = "IN (SELECT uid FROM dashboards WHERE org_id = $1 AND folder_uid = $2)";
    delete_beside_those(transaction, INSIDE, org, folder_uid).await?;
    sqlx::query("DELETE FROM dashboards WHERE org_id = $1 AND folder_uid = $2")
        .bind(org)
        .bind(folder_uid)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Deletes what belongs to the dashboards whose uid meets a condition on `$2`, and to nothing else.
async fn delete_beside_those(
    transaction: &mut Transaction<'static, Any>,
    which: &'static str,
    org: i64,
    value: &str,
) -> Result<(), TableError> {
    const PLACES: [(&str, &str); 4] = [
        ("stars", "dashboard_uid"),
        ("permissions", "kind = 'dashboard' AND resource"),
        ("annotations", "dashboard_uid"),
        ("library_connections", "dashboard_uid"),
    ];
    for (table, uid) in PLACES {
        let statement = format!("DELETE FROM {table} WHERE org_id = $1 AND {uid} {which}");
        let query = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(org).bind(value);
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}

/// The version that a dashboard begins with again when its deletion is undone: its older ones
/// went with it.
pub(super) async fn keep_returned(
    transaction: &mut Transaction<'static, Any>,
    (id, version): (i64, i64),
    received: &str,
    by: By<'_>,
) -> Result<(), TableError> {
    sqlx::query(
        "INSERT INTO dashboard_versions (dashboard_id, version, parent_version, restored_from, \
         received, message, created_ms, created_by) \
         VALUES ($1, $2, $3, $2, $4, 'Deletion undone', $5, $6)",
    )
    .bind(id)
    .bind(version)
    .bind(version - 1)
    .bind(received)
    .bind(by.now_ms)
    .bind(by.user_id)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn insert(
    transaction: &mut Transaction<'static, Any>,
    org: i64,
    new: &NewDashboard<'_>,
    now_ms: i64,
) -> Result<Saved, TableError> {
    let row = sqlx::query(
        "INSERT INTO dashboards (org_id, uid, folder_uid, title, slug, tags, version, received, \
         checksum, provisioned_by, provisioned_from, drifted, created_ms, created_by, updated_ms, \
         updated_by) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, $13, $12, $13) \
         RETURNING id",
    )
    .bind(org)
    .bind(new.uid)
    .bind(new.folder_uid)
    .bind(new.title)
    .bind(new.slug)
    .bind(new.tags.join("\n"))
    .bind(new.received)
    .bind(new.checksum)
    .bind(new.provisioned_by)
    .bind(new.provisioned_from)
    .bind(i64::from(new.drifted))
    .bind(now_ms)
    .bind(new.author)
    .fetch_one(&mut **transaction)
    .await
    .map_err(taken("dashboard uid"))?;
    Ok(Saved { id: row.try_get("id")?, version: 1 })
}

async fn replace(
    transaction: &mut Transaction<'static, Any>,
    present: Saved,
    new: &NewDashboard<'_>,
    now_ms: i64,
) -> Result<Saved, TableError> {
    let saved = Saved { id: present.id, version: present.version + 1 };
    let done = sqlx::query(
        "UPDATE dashboards SET folder_uid = $1, title = $2, slug = $3, tags = $4, version = $5, \
         received = $6, checksum = $7, provisioned_by = $8, provisioned_from = $9, drifted = $10, \
         updated_ms = $11, updated_by = $12 WHERE id = $13 AND version = $14",
    )
    .bind(new.folder_uid)
    .bind(new.title)
    .bind(new.slug)
    .bind(new.tags.join("\n"))
    .bind(saved.version)
    .bind(new.received)
    .bind(new.checksum)
    .bind(new.provisioned_by)
    .bind(new.provisioned_from)
    .bind(i64::from(new.drifted))
    .bind(now_ms)
    .bind(new.author)
    .bind(saved.id)
    .bind(present.version)
    .execute(&mut **transaction)
    .await?;
    // In PostgreSQL two may have read the same version.
    if touched(&done) { Ok(saved) } else { Err(TableError::VersionMismatch) }
}

fn read(row: &AnyRow) -> Result<DashboardRow, TableError> {
    Ok(DashboardRow {
        id: row.try_get("id")?,
        uid: row.try_get("uid")?,
        title: row.try_get("title")?,
        slug: row.try_get("slug")?,
        version: row.try_get("version")?,
        received: row.try_get("received")?,
        folder_id: row.try_get("folder_id")?,
        folder_uid: row.try_get("folder_uid")?,
        folder_title: row.try_get("folder_title")?,
        checksum: row.try_get("checksum")?,
        provisioned_by: row.try_get("provisioned_by")?,
        provisioned_from: row.try_get("provisioned_from")?,
        drifted: row.try_get::<i64, _>("drifted")? != 0,
        created_ms: row.try_get("created_ms")?,
        created_by: row.try_get("created_by")?,
        updated_ms: row.try_get("updated_ms")?,
        updated_by: row.try_get("updated_by")?,
    })
}

fn read_provisioned(row: &AnyRow) -> Result<ProvisionedRow, TableError> {
    Ok(ProvisionedRow {
        org_id: row.try_get("org_id")?,
        uid: row.try_get("uid")?,
        provider: row.try_get("provisioned_by")?,
        file: row.try_get("provisioned_from")?,
        checksum: row.try_get("checksum")?,
        folder_uid: row.try_get("folder_uid")?,
        version: row.try_get("version")?,
        drifted: row.try_get::<i64, _>("drifted")? != 0,
    })
}
