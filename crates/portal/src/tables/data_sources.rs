//! Data sources: where queries go. Secrets are not kept, only which ones were given: nothing is
//! sent to foreign servers yet, so nothing may lie about unencrypted.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{TableError, Tables, taken};

#[derive(Clone, Debug)]
pub struct DataSourceRow {
    pub id: i64,
    pub version: i64,
    pub source: NewDataSource,
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
    /// Names of the secrets that were given.
    pub secure_fields: Vec<String>,
    pub read_only: bool,
    /// The file that provides it; empty for others.
    pub provisioned_from: String,
}

impl Tables {
    /// Inserts, or replaces what has the same uid (or, without such, the same name). A new default
    /// takes the place of the old one.
    pub async fn save_data_source(
        &self,
        source: &NewDataSource,
        now_ms: i64,
    ) -> Result<i64, TableError> {
        let mut transaction = self.pool.begin().await?;
        if source.is_default {
            sqlx::query("UPDATE data_sources SET is_default = 0 WHERE uid <> $1")
                .bind(&source.uid)
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query("UPDATE data_sources SET uid = $1 WHERE name = $2")
            .bind(&source.uid)
            .bind(&source.name)
            .execute(&mut *transaction)
            .await
            .map_err(taken("data source uid"))?;
        let row = sqlx::query(
            "INSERT INTO data_sources (uid, name, type, url, access, is_default, login, \
             database_name, basic_auth, basic_auth_user, with_credentials, json_data, \
             secure_fields, read_only, provisioned_from, version, created_ms, updated_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1, $16, $16) \
             ON CONFLICT (uid) DO UPDATE SET name = excluded.name, type = excluded.type, \
             url = excluded.url, access = excluded.access, is_default = excluded.is_default, \
             login = excluded.login, database_name = excluded.database_name, \
             basic_auth = excluded.basic_auth, basic_auth_user = excluded.basic_auth_user, \
             with_credentials = excluded.with_credentials, json_data = excluded.json_data, \
             secure_fields = excluded.secure_fields, read_only = excluded.read_only, \
             provisioned_from = excluded.provisioned_from, version = data_sources.version + 1, \
             updated_ms = excluded.updated_ms RETURNING id",
        )
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
        .bind(source.secure_fields.join("\n"))
        .bind(i64::from(source.read_only))
        .bind(&source.provisioned_from)
        .bind(now_ms)
        .fetch_one(&mut *transaction)
        .await
        .map_err(taken("data source name"))?;
        transaction.commit().await?;
        Ok(row.try_get("id")?)
    }

    pub async fn data_sources(&self) -> Result<Vec<DataSourceRow>, TableError> {
        let rows = sqlx::query("SELECT * FROM data_sources ORDER BY LOWER(name), id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    /// True when there was one.
    pub async fn delete_data_source(&self, uid: &str) -> Result<bool, TableError> {
        let done = sqlx::query("DELETE FROM data_sources WHERE uid = $1")
            .bind(uid)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(row: &SqliteRow) -> Result<DataSourceRow, TableError> {
    let secure_fields: String = row.try_get("secure_fields")?;
    let flag = |name: &str| row.try_get::<i64, _>(name).map(|value| value != 0);
    Ok(DataSourceRow {
        id: row.try_get("id")?,
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
            secure_fields: secure_fields.lines().map(str::to_owned).collect(),
            read_only: flag("read_only")?,
            provisioned_from: row.try_get("provisioned_from")?,
        },
    })
}
