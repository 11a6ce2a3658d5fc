//! Folders, nested; what lies in none is in "General", whose uid is empty.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::changes::{By, Cause, DASHBOARD, FOLDER, LIBRARY_ELEMENT};
use super::{TableError, Tables, dashboards, taken, touched};

/// Folders above one another, as in Grafana.
pub const FOLDER_DEPTH_MAX: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderRow {
    pub id: i64,
    pub uid: String,
    /// Empty at the top.
    pub parent_uid: String,
    pub title: String,
    pub description: String,
    pub version: i64,
    pub created_ms: i64,
    pub created_by: i64,
    pub updated_ms: i64,
    pub updated_by: i64,
}

#[derive(Clone, Copy, Debug)]
pub struct NewFolder<'a> {
    pub uid: &'a str,
    pub parent_uid: &'a str,
    pub title: &'a str,
    pub description: &'a str,
}

impl Tables {
    /// Errors: [`TableError::Taken`] when the uid exists.
    pub async fn insert_folder(
        &self,
        org: i64,
        folder: &NewFolder<'_>,
        by: By<'_>,
    ) -> Result<i64, TableError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "INSERT INTO folders (org_id, uid, parent_uid, title, description, version, \
             created_ms, created_by, updated_ms, updated_by) \
             VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $6, $7) RETURNING id",
        )
        .bind(org)
        .bind(folder.uid)
        .bind(folder.parent_uid)
        .bind(folder.title)
        .bind(folder.description)
        .bind(by.now_ms)
        .bind(by.user_id)
        .fetch_one(&mut *transaction)
        .await
        .map_err(taken("folder uid"))?;
        let id = row.try_get("id")?;
        if !by.is_file() {
            let key = [("id", id), ("org_id", org)];
            let place = (&FOLDER, &key[..], org, folder.title);
            self.record_change(&mut transaction, place, None, by.into()).await?;
        }
        transaction.commit().await?;
        self.listing.forget(org);
        Ok(id)
    }

    /// The folder with this uid, created when missing; its title is brought up to date.
    pub async fn ensure_folder(
        &self,
        org: i64,
        folder: &NewFolder<'_>,
        by: By<'_>,
    ) -> Result<(), TableError> {
        match self.folder(org, folder.uid).await? {
            Some(found) if found.title == folder.title => Ok(()),
            Some(found) => {
                let renamed = FolderRow { title: folder.title.to_owned(), ..found };
                self.update_folder(org, &renamed, by).await.map(|_| ())
            }
            None => match self.insert_folder(org, folder, by).await {
                Ok(_) | Err(TableError::Taken { .. }) => Ok(()),
                Err(error) => Err(error),
            },
        }
    }

    /// Writes title, description and place, as the next version of `folder.version`; false when
    /// it is not there or not at that version.
    pub async fn update_folder(
        &self,
        org: i64,
        folder: &FolderRow,
        by: By<'_>,
    ) -> Result<bool, TableError> {
        let mut transaction = self.begin().await?;
        let key = [("id", folder.id), ("org_id", org)];
        let before = self.state_of(&mut transaction, &FOLDER, &key).await?;
        let done = sqlx::query(
            "UPDATE folders SET title = $1, description = $2, parent_uid = $3, \
             version = version + 1, updated_ms = $4, updated_by = $5 \
             WHERE org_id = $6 AND id = $7 AND uid = $8 AND version = $9",
        )
        .bind(&folder.title)
        .bind(&folder.description)
        .bind(&folder.parent_uid)
        .bind(by.now_ms)
        .bind(by.user_id)
        .bind(org)
        .bind(folder.id)
        .bind(&folder.uid)
        .bind(folder.version)
        .execute(&mut *transaction)
        .await?;
        if !by.is_file() {
            let place = (&FOLDER, &key[..], org, folder.title.as_str());
            self.record_change(&mut transaction, place, before, by.into()).await?;
        }
        transaction.commit().await?;
        self.listing.forget(org);
        Ok(touched(&done))
    }

    /// Deletes these folders, outermost first, and the dashboards and library elements in them.
    /// Errors: [`TableError::InUse`] when dashboards use one of the elements.
    pub async fn delete_folders(
        &self,
        org: i64,
        uids: &[String],
        by: By<'_>,
    ) -> Result<(), TableError> {
        const USED: &str = "SELECT e.uid FROM library_elements e JOIN library_connections c \
             ON c.org_id = e.org_id AND c.element_uid = e.uid \
             WHERE e.org_id = $1 AND e.folder_uid = $2 LIMIT 1";
        const STATEMENTS: [&str; 3] = [
            "DELETE FROM library_elements WHERE org_id = $1 AND folder_uid = $2",
            "DELETE FROM permissions WHERE org_id = $1 AND kind = 'folder' AND resource = $2",
            "DELETE FROM folders WHERE org_id = $1 AND uid = $2",
        ];
        let mut transaction = self.begin().await?;
        let mut gone = Vec::new();
        for uid in uids {
            let used = sqlx::query(USED).bind(org).bind(uid);
            if used.fetch_optional(&mut *transaction).await?.is_some() {
                return Err(TableError::InUse);
            }
            for (kind, column) in [
                ((&FOLDER, "title"), "uid"),
                ((&LIBRARY_ELEMENT, "name"), "folder_uid"),
                ((&DASHBOARD, "title"), "folder_uid"),
            ] {
                gone.extend(self.standing(&mut transaction, kind, org, (column, uid)).await?);
            }
        }
        for uid in uids {
            dashboards::delete_in_folder(&mut transaction, org, uid).await?;
            for statement in STATEMENTS {
                sqlx::query(statement).bind(org).bind(uid).execute(&mut *transaction).await?;
            }
        }
        self.record_together(&mut transaction, org, gone, Cause::from(by)).await?;
        transaction.commit().await?;
        self.listing.forget_deleted(org);
        Ok(())
    }

    pub async fn folder(&self, org: i64, uid: &str) -> Result<Option<FolderRow>, TableError> {
        sqlx::query("SELECT * FROM folders WHERE org_id = $1 AND uid = $2")
            .bind(org)
            .bind(uid)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| read(&row))
            .transpose()
    }

    pub async fn folder_by_id(&self, org: i64, id: i64) -> Result<Option<FolderRow>, TableError> {
        sqlx::query("SELECT * FROM folders WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| read(&row))
            .transpose()
    }

    /// The first folder of that title in another.
    pub async fn folder_by_title(
        &self,
        org: i64,
        parent_uid: &str,
        title: &str,
    ) -> Result<Option<FolderRow>, TableError> {
        sqlx::query(
            "SELECT * FROM folders WHERE org_id = $1 AND parent_uid = $2 AND title = $3 \
             ORDER BY id LIMIT 1",
        )
        .bind(org)
        .bind(parent_uid)
        .bind(title)
        .fetch_optional(&self.pool)
        .await?
        .map(|row| read(&row))
        .transpose()
    }

    /// All of an organisation, by title.
    pub async fn folders(&self, org: i64) -> Result<Vec<FolderRow>, TableError> {
        let rows = sqlx::query("SELECT * FROM folders WHERE org_id = $1 ORDER BY LOWER(title), id")
            .bind(org)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &AnyRow) -> Result<FolderRow, TableError> {
    Ok(FolderRow {
        id: row.try_get("id")?,
        uid: row.try_get("uid")?,
        parent_uid: row.try_get("parent_uid")?,
        title: row.try_get("title")?,
        description: row.try_get("description")?,
        version: row.try_get("version")?,
        created_ms: row.try_get("created_ms")?,
        created_by: row.try_get("created_by")?,
        updated_ms: row.try_get("updated_ms")?,
        updated_by: row.try_get("updated_by")?,
    })
}
