//! Data sources: where queries go. Secrets lie encrypted beside them and leave this module only
//! for the request to the source itself.

use std::collections::BTreeMap;
use std::fmt;

use sqlx::Row;
use sqlx::any::AnyRow;
use zeroize::Zeroizing;

use super::changes::{By, DATA_SOURCE, Standing, text_of};
use super::{TableError, Tables, taken, touched};

#[derive(Clone, Debug)]
pub struct DataSourceRow {
    pub id: i64,
    pub org_id: i64,
    pub version: i64,
    pub source: NewDataSource,
}

/// Secrets by name (`basicAuthPassword`, `httpHeaderValue1`, …); wiped from memory when dropped
/// and never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecureJsonData(BTreeMap<String, Zeroizing<String>>);

impl SecureJsonData {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.as_str())
    }

    /// An empty value takes the secret away, as in Grafana's forms.
    pub fn set(&mut self, name: &str, value: String) {
        if value.is_empty() {
            self.0.remove(name);
        } else {
            self.0.insert(name.to_owned(), Zeroizing::new(value));
        }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, String)> for SecureJsonData {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut secrets = Self::default();
        for (name, value) in pairs {
            secrets.set(&name, value);
        }
        secrets
    }
}

impl fmt::Debug for SecureJsonData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the row of Grafana's table, flag by flag")]
pub struct NewDataSource {
    pub uid: String,
    pub name: String,
    /// Grafana's plug-in id: `prometheus`, `loki`, …
    pub kind: String,
    pub url: String,
    /// `proxy` or `direct`.
    pub access: String,
    pub is_default: bool,
    pub user: String,
    pub database: String,
    pub basic_auth: bool,
    pub basic_auth_user: String,
    pub with_credentials: bool,
    /// A JSON object.
    pub json_data: String,
    pub secure_json_data: SecureJsonData,
    pub read_only: bool,
    /// The file that provides it; empty for others.
    pub provisioned_from: String,
}

impl Tables {
    /// Inserts, or replaces what has the same uid (or, without such, the same name). A new default
    /// takes the place of the old one. Returns the id.
    pub async fn save_data_source(
        &self,
        org: i64,
        source: &NewDataSource,
        by: By<'_>,
    ) -> Result<i64, TableError> {
        let mut transaction = self.begin().await?;
        let found = sqlx::query(
            "SELECT id FROM data_sources WHERE org_id = $1 AND (uid = $2 OR name = $3) \
             ORDER BY CASE WHEN uid = $2 THEN 0 ELSE 1 END LIMIT 1",
        )
        .bind(org)
        .bind(&source.uid)
        .bind(&source.name)
        .fetch_optional(&mut *transaction)
        .await?;
        let known = found.map(|row| row.try_get::<i64, _>("id")).transpose()?;
        let before = match known {
            Some(id) => self.state_of(&mut transaction, &DATA_SOURCE, &key(org, id)).await?,
            None => None,
        };
        let displaced = self.displaced(&mut transaction, org, source).await?;
        sqlx::query("UPDATE data_sources SET uid = $1 WHERE org_id = $2 AND name = $3")
            .bind(&source.uid)
            .bind(org)
            .bind(&source.name)
            .execute(&mut *transaction)
            .await
            .map_err(taken("data source uid"))?;
        let statement = format!(
            "{INSERT} ON CONFLICT (org_id, uid) DO UPDATE SET name = excluded.name, \
             type = excluded.type, url = excluded.url, access = excluded.access, \
             is_default = excluded.is_default, login = excluded.login, \
             database_name = excluded.database_name, basic_auth = excluded.basic_auth, \
             basic_auth_user = excluded.basic_auth_user, \
             with_credentials = excluded.with_credentials, json_data = excluded.json_data, \
             secure_json_data = excluded.secure_json_data, read_only = excluded.read_only, \
             provisioned_from = excluded.provisioned_from, version = data_sources.version + 1, \
             updated_ms = excluded.updated_ms RETURNING id"
        );
        let row = self.bound(sqlx::AssertSqlSafe(statement), org, source, by.now_ms)?;
        let row = row.fetch_one(&mut *transaction).await.map_err(taken("data source name"))?;
        let id = row.try_get("id")?;
        let rows = with_displaced((org, id), source, before, displaced);
        self.record_together(&mut transaction, org, rows, by.into()).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Raises the version to what a file says it is.
    pub async fn raise_data_source_version(
        &self,
        org: i64,
        id: i64,
        version: i64,
    ) -> Result<(), TableError> {
        sqlx::query(
            "UPDATE data_sources SET version = $1 WHERE org_id = $2 AND id = $3 AND version < $1",
        )
        .bind(version)
        .bind(org)
        .bind(id)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Errors: [`TableError::Taken`] when name or uid exist in the organisation.
    pub async fn insert_data_source(
        &self,
        org: i64,
        source: &NewDataSource,
        by: By<'_>,
    ) -> Result<i64, TableError> {
        let mut transaction = self.begin().await?;
        let displaced = self.displaced(&mut transaction, org, source).await?;
        let statement = format!("{INSERT} RETURNING id");
        let row = self.bound(sqlx::AssertSqlSafe(statement), org, source, by.now_ms)?;
        let row = row
            .fetch_one(&mut *transaction)
            .await
            .map_err(taken("data source with the same name or uid"))?;
        let id = row.try_get("id")?;
        let rows = with_displaced((org, id), source, None, displaced);
        self.record_together(&mut transaction, org, rows, by.into()).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Replaces the source of this id as the next version.
    /// Errors: [`TableError::Taken`] when another has the name or uid.
    pub async fn update_data_source(
        &self,
        org: i64,
        id: i64,
        source: &NewDataSource,
        by: By<'_>,
    ) -> Result<bool, TableError> {
        let mut transaction = self.begin().await?;
        let key = key(org, id);
        let before = self.state_of(&mut transaction, &DATA_SOURCE, &key).await?;
        // Under its present uid, which this may change.
        let uid = text_of(before.as_ref(), "uid").to_owned();
        let displaced = if source.is_default {
            self.take_default(&mut transaction, org, &uid).await?
        } else {
            Vec::new()
        };
        let done = self
            .bound(
                "UPDATE data_sources SET uid = $2, name = $3, type = $4, url = $5, access = $6, \
                 is_default = $7, login = $8, database_name = $9, basic_auth = $10, \
                 basic_auth_user = $11, with_credentials = $12, json_data = $13, \
                 secure_json_data = $14, read_only = $15, provisioned_from = $16, \
                 updated_ms = $17, version = version + 1 WHERE org_id = $1 AND id = $18",
                org,
                source,
                by.now_ms,
            )?
            .bind(id)
            .execute(&mut *transaction)
            .await
            .map_err(taken("data source with the same name or uid"))?;
        let rows = with_displaced((org, id), source, before, displaced);
        self.record_together(&mut transaction, org, rows, by.into()).await?;
        transaction.commit().await?;
        Ok(touched(&done))
    }

    async fn displaced(
        &self,
        transaction: &mut sqlx::Transaction<'static, sqlx::Any>,
        org: i64,
        source: &NewDataSource,
    ) -> Result<Vec<Standing>, TableError> {
        if !source.is_default {
            return Ok(Vec::new());
        }
        self.take_default(transaction, org, &source.uid).await
    }

    /// No other source but this one is the default any more. Returns those that were, as they
    /// stood.
    pub(super) async fn take_default(
        &self,
        transaction: &mut sqlx::Transaction<'static, sqlx::Any>,
        org: i64,
        uid: &str,
    ) -> Result<Vec<Standing>, TableError> {
        let rows = sqlx::query(
            "SELECT id, name FROM data_sources WHERE org_id = $1 AND uid <> $2 AND is_default = 1",
        )
        .bind(org)
        .bind(uid)
        .fetch_all(&mut **transaction)
        .await?;
        let mut displaced = Vec::with_capacity(rows.len());
        for row in rows {
            let (id, subject): (i64, String) = (row.try_get("id")?, row.try_get("name")?);
            let key = key(org, id).to_vec();
            let state = self.state_of(transaction, &DATA_SOURCE, &key).await?;
            displaced.push(Standing { tracked: &DATA_SOURCE, key, subject, state });
        }
        sqlx::query("UPDATE data_sources SET is_default = 0 WHERE org_id = $1 AND uid <> $2")
            .bind(org)
            .bind(uid)
            .execute(&mut **transaction)
            .await?;
        Ok(displaced)
    }

    fn bound<'q>(
        &self,
        statement: impl sqlx::SqlSafeStr,
        org: i64,
        source: &'q NewDataSource,
        now_ms: i64,
    ) -> Result<sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>, TableError> {
        Ok(sqlx::query(statement)
            .bind(org)
            .bind(&source.uid)
            .bind(&source.name)
            .bind(&source.kind)
            .bind(&source.url)
            .bind(&source.access)
            .bind(i64::from(source.is_default))
            .bind(&source.user)
            .bind(&source.database)
            .bind(i64::from(source.basic_auth))
            .bind(&source.basic_auth_user)
            .bind(i64::from(source.with_credentials))
            .bind(&source.json_data)
            .bind(self.sealed(&source.secure_json_data)?)
            .bind(i64::from(source.read_only))
            .bind(&source.provisioned_from)
            .bind(now_ms))
    }

    fn sealed(&self, secrets: &SecureJsonData) -> Result<String, TableError> {
        if secrets.is_empty() {
            return Ok(String::new());
        }
        let plain: BTreeMap<&str, &str> =
            secrets.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let plain = serde_json::to_string(&plain).map(Zeroizing::new);
        let plain = plain.map_err(|_| TableError::Row { what: "secret" })?;
        Ok(self.seal.close(plain.as_bytes())?)
    }

    /// Encrypts every secret again under the newest key. Returns how many rows were written.
    pub async fn reseal(&self) -> Result<usize, TableError> {
        let rows = sqlx::query("SELECT id, secure_json_data FROM data_sources")
            .fetch_all(&self.pool)
            .await?;
        let mut written = 0;
        for row in &rows {
            let (id, sealed): (i64, String) =
                (row.try_get("id")?, row.try_get("secure_json_data")?);
            if sealed.is_empty() {
                continue;
            }
            let again = self.seal.close(&self.seal.open(&sealed)?)?;
            // Only when nobody has changed it meanwhile: they have used the newest key.
            sqlx::query(
                "UPDATE data_sources SET secure_json_data = $1 \
                 WHERE id = $2 AND secure_json_data = $3",
            )
            .bind(again)
            .bind(id)
            .bind(sealed)
            .execute(&self.writer)
            .await?;
            written += 1;
        }
        self.reseal_changes().await?;
        Ok(written)
    }

    /// By name.
    pub async fn data_sources(&self, org: i64) -> Result<Vec<DataSourceRow>, TableError> {
        let rows =
            sqlx::query("SELECT * FROM data_sources WHERE org_id = $1 ORDER BY LOWER(name), id")
                .bind(org)
                .fetch_all(&self.pool)
                .await?;
        rows.iter().map(|row| self.read_source(row)).collect()
    }

    /// True when there was one.
    pub async fn delete_data_source(
        &self,
        org: i64,
        uid: &str,
        by: By<'_>,
    ) -> Result<bool, TableError> {
        let transaction = self.begin().await?;
        self.delete_recorded(transaction, (&DATA_SOURCE, "name"), (org, uid), by).await
    }

    fn read_source(&self, row: &AnyRow) -> Result<DataSourceRow, TableError> {
        let flag = |name: &str| row.try_get::<i64, _>(name).map(|value| value != 0);
        let sealed: String = row.try_get("secure_json_data")?;
        Ok(DataSourceRow {
            id: row.try_get("id")?,
            org_id: row.try_get("org_id")?,
            version: row.try_get("version")?,
            source: NewDataSource {
                uid: row.try_get("uid")?,
                name: row.try_get("name")?,
                kind: row.try_get("type")?,
                url: row.try_get("url")?,
                access: row.try_get("access")?,
                is_default: flag("is_default")?,
                user: row.try_get("login")?,
                database: row.try_get("database_name")?,
                basic_auth: flag("basic_auth")?,
                basic_auth_user: row.try_get("basic_auth_user")?,
                with_credentials: flag("with_credentials")?,
                json_data: row.try_get("json_data")?,
                secure_json_data: self.opened(&sealed)?,
                read_only: flag("read_only")?,
                provisioned_from: row.try_get("provisioned_from")?,
            },
        })
    }

    pub(super) fn opened(&self, sealed: &str) -> Result<SecureJsonData, TableError> {
        if sealed.is_empty() {
            return Ok(SecureJsonData::default());
        }
        let plain = self.seal.open(sealed)?;
        let pairs: BTreeMap<String, String> =
            serde_json::from_slice(&plain).map_err(|_| TableError::Row { what: "secret" })?;
        Ok(pairs.into_iter().collect())
    }
}

fn key(org: i64, id: i64) -> [(&'static str, i64); 2] {
    [("id", id), ("org_id", org)]
}

/// A changed source, and those that are the default no more because of it.
fn with_displaced(
    (org, id): (i64, i64),
    source: &NewDataSource,
    before: Option<serde_json::Map<String, serde_json::Value>>,
    displaced: Vec<Standing>,
) -> Vec<Standing> {
    let (key, subject) = (key(org, id).to_vec(), source.name.clone());
    let own = Standing { tracked: &DATA_SOURCE, key, subject, state: before };
    std::iter::once(own).chain(displaced.into_iter().filter(|row| row.key[0].1 != id)).collect()
}

/// What belongs to a source and to nothing else.
pub(super) async fn delete_beside(
    transaction: &mut sqlx::Transaction<'static, sqlx::Any>,
    org: i64,
    uid: &str,
) -> Result<(), TableError> {
    const STATEMENTS: [&str; 2] = [
        "DELETE FROM correlations WHERE org_id = $1 AND (source_uid = $2 OR target_uid = $2)",
        "DELETE FROM permissions WHERE org_id = $1 AND kind = 'data source' AND resource = $2",
    ];
    for statement in STATEMENTS {
        sqlx::query(statement).bind(org).bind(uid).execute(&mut **transaction).await?;
    }
    Ok(())
}

const INSERT: &str = "INSERT INTO data_sources (org_id, uid, name, type, url, access, is_default, \
     login, database_name, basic_auth, basic_auth_user, with_credentials, json_data, \
     secure_json_data, read_only, provisioned_from, version, created_ms, updated_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, $17, $17)";
