//! Correlations: links that lead from a field of one data source's answers to a query of another.

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::{Room, TableError, Tables, taken, touched};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrelationRow {
    pub org_id: i64,
    pub created_ms: i64,
    pub correlation: NewCorrelation,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewCorrelation {
    pub uid: String,
    pub source_uid: String,
    /// Empty when it leads out of the data sources.
    pub target_uid: String,
    pub label: String,
    pub description: String,
    /// `query` or `external`.
    pub kind: String,
    /// A JSON object: `field`, `target`, `transformations`.
    pub config: String,
    /// It comes from a file, and only the file may change it.
    pub provisioned: bool,
}

/// A page of correlations.
#[derive(Clone, Debug, Default)]
pub struct CorrelationSearch {
    /// None asks for all sources.
    pub source_uids: Vec<String>,
    pub limit: i64,
    pub offset: i64,
}

impl Tables {
    /// Errors: [`TableError::Taken`] when the uid exists in the organisation.
    pub async fn insert_correlation(
        &self,
        org: i64,
        correlation: &NewCorrelation,
        room: Room,
        now_ms: i64,
    ) -> Result<(), TableError> {
        const COUNT: &str = "SELECT COUNT(*) AS n FROM correlations WHERE org_id = $1";
        let mut transaction = self.begin().await?;
        self.check_room(&mut transaction, COUNT, org, room).await?;
        insert(&mut transaction, org, correlation, now_ms).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Puts these in the place of what was provisioned for a source before; people's own stay.
    pub async fn replace_provisioned_correlations(
        &self,
        org: i64,
        source_uid: &str,
        correlations: &[NewCorrelation],
        now_ms: i64,
    ) -> Result<(), TableError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "DELETE FROM correlations WHERE org_id = $1 AND source_uid = $2 AND provisioned = 1",
        )
        .bind(org)
        .bind(source_uid)
        .execute(&mut *transaction)
        .await?;
        for correlation in correlations {
            insert(&mut transaction, org, correlation, now_ms).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Writes label, description and config; false when it is not there.
    pub async fn update_correlation(
        &self,
        org: i64,
        correlation: &NewCorrelation,
    ) -> Result<bool, TableError> {
        let done = sqlx::query(
            "UPDATE correlations SET label = $1, description = $2, type = $3, config = $4 \
             WHERE org_id = $5 AND source_uid = $6 AND uid = $7",
        )
        .bind(&correlation.label)
        .bind(&correlation.description)
        .bind(&correlation.kind)
        .bind(&correlation.config)
        .bind(org)
        .bind(&correlation.source_uid)
        .bind(&correlation.uid)
        .execute(&self.writer)
        .await?;
        Ok(touched(&done))
    }

    /// True when there was one.
    pub async fn delete_correlation(
        &self,
        org: i64,
        source_uid: &str,
        uid: &str,
    ) -> Result<bool, TableError> {
        let done = sqlx::query(
            "DELETE FROM correlations WHERE org_id = $1 AND source_uid = $2 AND uid = $3",
        )
        .bind(org)
        .bind(source_uid)
        .bind(uid)
        .execute(&self.writer)
        .await?;
        Ok(touched(&done))
    }

    pub async fn correlation(
        &self,
        org: i64,
        source_uid: &str,
        uid: &str,
    ) -> Result<Option<CorrelationRow>, TableError> {
        sqlx::query("SELECT * FROM correlations WHERE org_id = $1 AND source_uid = $2 AND uid = $3")
            .bind(org)
            .bind(source_uid)
            .bind(uid)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| read(&row))
            .transpose()
    }

    /// A page in the order in which they were made, and how many match in all.
    pub async fn correlations(
        &self,
        org: i64,
        search: &CorrelationSearch,
    ) -> Result<(Vec<CorrelationRow>, usize), TableError> {
        let rows =
            sqlx::query("SELECT * FROM correlations WHERE org_id = $1 ORDER BY created_ms, uid")
                .bind(org)
                .fetch_all(&self.pool)
                .await?;
        let rows: Vec<CorrelationRow> = rows.iter().map(read).collect::<Result<_, _>>()?;
        let wanted = |row: &CorrelationRow| {
            search.source_uids.is_empty()
                || search.source_uids.contains(&row.correlation.source_uid)
        };
        let all: Vec<CorrelationRow> = rows.into_iter().filter(wanted).collect();
        let total = all.len();
        let page = all.into_iter().skip(search.offset.max(0) as usize);
        Ok((page.take(search.limit.max(0) as usize).collect(), total))
    }
}

async fn insert(
    transaction: &mut Transaction<'static, Any>,
    org: i64,
    correlation: &NewCorrelation,
    now_ms: i64,
) -> Result<(), TableError> {
    sqlx::query(
        "INSERT INTO correlations (org_id, uid, source_uid, target_uid, label, description, \
         type, config, provisioned, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(org)
    .bind(&correlation.uid)
    .bind(&correlation.source_uid)
    .bind(&correlation.target_uid)
    .bind(&correlation.label)
    .bind(&correlation.description)
    .bind(&correlation.kind)
    .bind(&correlation.config)
    .bind(i64::from(correlation.provisioned))
    .bind(now_ms)
    .execute(&mut **transaction)
    .await
    .map_err(taken("correlation uid"))?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<CorrelationRow, TableError> {
    Ok(CorrelationRow {
        org_id: row.try_get("org_id")?,
        created_ms: row.try_get("created_ms")?,
        correlation: NewCorrelation {
            uid: row.try_get("uid")?,
            source_uid: row.try_get("source_uid")?,
            target_uid: row.try_get("target_uid")?,
            label: row.try_get("label")?,
            description: row.try_get("description")?,
            kind: row.try_get("type")?,
            config: row.try_get("config")?,
            provisioned: row.try_get::<i64, _>("provisioned")? != 0,
        },
    })
}
