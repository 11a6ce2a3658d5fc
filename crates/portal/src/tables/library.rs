//! Library elements: panels and variables that several dashboards share, and which ones do.

use std::collections::HashMap;

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::changes::{By, LIBRARY_ELEMENT};
use super::{Room, TableError, Tables, taken, touched};
use crate::dashboard::{Envelope, library_panel_uids};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryElementRow {
    pub id: i64,
    pub version: i64,
    pub element: NewLibraryElement,
    pub created_ms: i64,
    pub created_by: i64,
    pub updated_ms: i64,
    pub updated_by: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewLibraryElement {
    pub uid: String,
    /// Empty at the top.
    pub folder_uid: String,
    pub name: String,
    /// 1 for a panel, 2 for a variable.
    pub kind: i64,
    /// Of the panel or variable: `text`, `query`, …
    pub type_name: String,
    pub description: String,
    /// A JSON object.
    pub model: String,
}

impl Tables {
    /// Returns the id. Errors: [`TableError::Taken`] when the uid exists, or the name in the folder.
    pub async fn insert_library_element(
        &self,
        org: i64,
        element: &NewLibraryElement,
        room: Room,
        by: By<'_>,
    ) -> Result<i64, TableError> {
        const COUNT: &str = "SELECT COUNT(*) AS n FROM library_elements WHERE org_id = $1";
        let mut transaction = self.begin().await?;
        self.check_room(&mut transaction, COUNT, org, room).await?;
        let row = sqlx::query(
            "INSERT INTO library_elements (org_id, uid, folder_uid, name, kind, type, \
             description, model, version, created_ms, created_by, updated_ms, updated_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $9, $10) RETURNING id",
        )
        .bind(org)
        .bind(&element.uid)
        .bind(&element.folder_uid)
        .bind(&element.name)
        .bind(element.kind)
        .bind(&element.type_name)
        .bind(&element.description)
        .bind(&element.model)
        .bind(by.now_ms)
        .bind(by.user_id)
        .fetch_one(&mut *transaction)
        .await
        .map_err(taken("library element name or uid"))?;
        let id = row.try_get("id")?;
        let key = [("id", id), ("org_id", org)];
        let place = (&LIBRARY_ELEMENT, &key[..], org, element.name.as_str());
        self.record_change(&mut transaction, place, None, by.into()).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Writes what `row.element` says as the next version of `row.version`; false when it is not
    /// there or not at that version. Errors: [`TableError::Taken`] as for inserting.
    pub async fn update_library_element(
        &self,
        org: i64,
        row: &LibraryElementRow,
        by: By<'_>,
    ) -> Result<bool, TableError> {
        let element = &row.element;
        let mut transaction = self.begin().await?;
        let key = [("id", row.id), ("org_id", org)];
        let before = self.state_of(&mut transaction, &LIBRARY_ELEMENT, &key).await?;
        let done = sqlx::query(
            "UPDATE library_elements SET uid = $1, folder_uid = $2, name = $3, type = $4, \
             description = $5, model = $6, version = version + 1, updated_ms = $7, \
             updated_by = $8 WHERE org_id = $9 AND id = $10 AND version = $11",
        )
        .bind(&element.uid)
        .bind(&element.folder_uid)
        .bind(&element.name)
        .bind(&element.type_name)
        .bind(&element.description)
        .bind(&element.model)
        .bind(by.now_ms)
        .bind(by.user_id)
        .bind(org)
        .bind(row.id)
        .bind(row.version)
        .execute(&mut *transaction)
        .await
        .map_err(taken("library element name or uid"))?;
        let place = (&LIBRARY_ELEMENT, &key[..], org, element.name.as_str());
        self.record_change(&mut transaction, place, before, by.into()).await?;
        transaction.commit().await?;
        Ok(touched(&done))
    }

    pub async fn library_element(
        &self,
        org: i64,
        uid: &str,
    ) -> Result<Option<LibraryElementRow>, TableError> {
        sqlx::query("SELECT * FROM library_elements WHERE org_id = $1 AND uid = $2")
            .bind(org)
            .bind(uid)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| read(&row))
            .transpose()
    }

    /// All of an organisation, by name.
    pub async fn library_elements(&self, org: i64) -> Result<Vec<LibraryElementRow>, TableError> {
        let rows = sqlx::query(
            "SELECT * FROM library_elements WHERE org_id = $1 ORDER BY LOWER(name), id",
        )
        .bind(org)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    /// How many library panels lie in each folder that any lies in; in `""` at the top.
    pub async fn library_panel_counts(&self, org: i64) -> Result<HashMap<String, i64>, TableError> {
        let rows = sqlx::query(
            "SELECT folder_uid, COUNT(*) AS n FROM library_elements WHERE org_id = $1 \
             AND kind = 1 GROUP BY folder_uid",
        )
        .bind(org)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((row.try_get("folder_uid")?, row.try_get("n")?))).collect()
    }

    /// True when there was one. Errors: [`TableError::InUse`] when dashboards use it.
    pub async fn delete_library_element(
        &self,
        org: i64,
        uid: &str,
        by: By<'_>,
    ) -> Result<bool, TableError> {
        let mut transaction = self.begin().await?;
        let used = sqlx::query(
            "SELECT dashboard_uid FROM library_connections WHERE org_id = $1 \
             AND element_uid = $2 LIMIT 1",
        )
        .bind(org)
        .bind(uid)
        .fetch_optional(&mut *transaction)
        .await?;
        if used.is_some() {
            return Err(TableError::InUse);
        }
        self.delete_recorded(transaction, (&LIBRARY_ELEMENT, "name"), (org, uid), by).await
    }

    /// Uids of the dashboards that use an element, in the order in which they began to.
    pub async fn library_connections(
        &self,
        org: i64,
        element_uid: &str,
    ) -> Result<Vec<String>, TableError> {
        let rows = sqlx::query(
            "SELECT dashboard_uid FROM library_connections WHERE org_id = $1 \
             AND element_uid = $2 ORDER BY created_ms, dashboard_uid",
        )
        .bind(org)
        .bind(element_uid)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok(row.try_get("dashboard_uid")?)).collect()
    }

    /// How many dashboards use each element that any uses.
    pub async fn library_connection_counts(
        &self,
        org: i64,
    ) -> Result<HashMap<String, i64>, TableError> {
        let rows = sqlx::query(
            "SELECT element_uid, COUNT(*) AS n FROM library_connections WHERE org_id = $1 \
             GROUP BY element_uid",
        )
        .bind(org)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((row.try_get("element_uid")?, row.try_get("n")?))).collect()
    }
}

/// Notes which elements a dashboard uses as it is saved, and no others.
pub(super) async fn connect(
    transaction: &mut Transaction<'static, Any>,
    org: i64,
    (dashboard_uid, received): (&str, &str),
    now_ms: i64,
) -> Result<(), TableError> {
    sqlx::query("DELETE FROM library_connections WHERE org_id = $1 AND dashboard_uid = $2")
        .bind(org)
        .bind(dashboard_uid)
        .execute(&mut **transaction)
        .await?;
    for uid in used_by(received) {
        sqlx::query(
            "INSERT INTO library_connections (org_id, element_uid, dashboard_uid, created_ms) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(org)
        .bind(uid)
        .bind(dashboard_uid)
        .bind(now_ms)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// The uids of the elements in a dashboard, each once. Most dashboards have none, and then nothing
/// is parsed.
fn used_by(received: &str) -> Vec<String> {
    if !received.contains("libraryPanel") {
        return Vec::new();
    }
    let envelope = Envelope::open(received).ok();
    let body = envelope.and_then(|envelope| serde_json::from_str(envelope.body).ok());
    body.map(|body| library_panel_uids(&body)).unwrap_or_default()
}

fn read(row: &AnyRow) -> Result<LibraryElementRow, TableError> {
    Ok(LibraryElementRow {
        id: row.try_get("id")?,
        version: row.try_get("version")?,
        element: NewLibraryElement {
            uid: row.try_get("uid")?,
            folder_uid: row.try_get("folder_uid")?,
            name: row.try_get("name")?,
            kind: row.try_get("kind")?,
            type_name: row.try_get("type")?,
            description: row.try_get("description")?,
            model: row.try_get("model")?,
        },
        created_ms: row.try_get("created_ms")?,
        created_by: row.try_get("created_by")?,
        updated_ms: row.try_get("updated_ms")?,
        updated_by: row.try_get("updated_by")?,
    })
}
