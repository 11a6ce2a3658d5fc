//! Query history: what a user has asked in Explore, with comments and stars.

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::{Room, TableError, Tables, like, touched};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryHistoryRow {
    pub uid: String,
    pub data_source_uid: String,
    /// JSON, as it came.
    pub queries: String,
    pub comment: String,
    pub starred: bool,
    pub created_ms: i64,
}

/// What to look for; empty fields ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct QueryHistorySearch {
    pub data_source_uids: Vec<String>,
    /// Part of the queries or the comment, in any case.
    pub text: String,
    pub only_starred: bool,
    pub oldest_first: bool,
    pub from_ms: i64,
    /// 0 = until now.
    pub to_ms: i64,
    pub limit: i64,
    pub offset: i64,
}

impl Tables {
    /// Adds entries of a user; the oldest without a star make room when there are too many.
    /// Entries whose uid the user has already are left out.
    /// Errors: [`TableError::Full`] when there are too many with a star, for those stay.
    pub async fn insert_query_history(
        &self,
        org: i64,
        user: i64,
        rows: &[QueryHistoryRow],
        room: Room,
    ) -> Result<(), TableError> {
        let mut transaction = self.begin().await?;
        for row in rows {
            insert(&mut transaction, org, user, row).await?;
        }
        let starred = sqlx::query(
            "SELECT COUNT(*) AS n FROM query_history \
             WHERE org_id = $1 AND user_id = $2 AND starred = 1",
        )
        .bind(org)
        .bind(user)
        .fetch_one(&mut *transaction)
        .await?;
        if starred.try_get::<i64, _>("n")? >= room.rows_max {
            return Err(TableError::Full { room });
        }
        sqlx::query(
            "DELETE FROM query_history WHERE org_id = $1 AND user_id = $2 AND uid IN \
             (SELECT uid FROM query_history WHERE org_id = $1 AND user_id = $2 \
              ORDER BY starred DESC, created_ms DESC, uid DESC LIMIT $4 OFFSET $3)",
        )
        .bind(org)
        .bind(user)
        .bind(room.rows_max)
        .bind(i64::from(i32::MAX))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Writes comment and star; false when the user has no such entry.
    pub async fn update_query_history(
        &self,
        org: i64,
        user: i64,
        row: &QueryHistoryRow,
    ) -> Result<bool, TableError> {
        let done = sqlx::query(
            "UPDATE query_history SET comment = $1, starred = $2 \
             WHERE org_id = $3 AND user_id = $4 AND uid = $5",
        )
        .bind(&row.comment)
        .bind(i64::from(row.starred))
        .bind(org)
        .bind(user)
        .bind(&row.uid)
        .execute(&self.writer)
        .await?;
        Ok(touched(&done))
    }

    pub async fn query_history_entry(
        &self,
        org: i64,
        user: i64,
        uid: &str,
    ) -> Result<Option<QueryHistoryRow>, TableError> {
        sqlx::query("SELECT * FROM query_history WHERE org_id = $1 AND user_id = $2 AND uid = $3")
            .bind(org)
            .bind(user)
            .bind(uid)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| read(&row))
            .transpose()
    }

    /// A page of a user's entries, and how many match in all.
    pub async fn query_history(
        &self,
        org: i64,
        user: i64,
        search: &QueryHistorySearch,
    ) -> Result<(Vec<QueryHistoryRow>, usize), TableError> {
        let rows = sqlx::query(
            "SELECT * FROM query_history WHERE org_id = $1 AND user_id = $2 \
             AND (LOWER(queries) LIKE $3 ESCAPE '\\' OR LOWER(comment) LIKE $3 ESCAPE '\\') \
             AND starred >= $4 AND created_ms >= $5 AND ($6 = 0 OR created_ms <= $6) \
             ORDER BY created_ms DESC, uid",
        )
        .bind(org)
        .bind(user)
        .bind(like(&search.text))
        .bind(i64::from(search.only_starred))
        .bind(search.from_ms)
        .bind(search.to_ms)
        .fetch_all(&self.pool)
        .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let row = read(row)?;
            let sources = &search.data_source_uids;
            if sources.is_empty() || sources.contains(&row.data_source_uid) {
                found.push(row);
            }
        }
        if search.oldest_first {
            found.reverse();
        }
        let total = found.len();
        let page = found.into_iter().skip(search.offset.max(0) as usize);
        Ok((page.take(search.limit.max(0) as usize).collect(), total))
    }

    /// True when there was one.
    pub async fn delete_query_history(
        &self,
        org: i64,
        user: i64,
        uid: &str,
    ) -> Result<bool, TableError> {
        let done = sqlx::query(
            "DELETE FROM query_history WHERE org_id = $1 AND user_id = $2 AND uid = $3",
        )
        .bind(org)
        .bind(user)
        .bind(uid)
        .execute(&self.writer)
        .await?;
        Ok(touched(&done))
    }
}

async fn insert(
    transaction: &mut Transaction<'static, Any>,
    org: i64,
    user: i64,
    row: &QueryHistoryRow,
) -> Result<(), TableError> {
    sqlx::query(
        "INSERT INTO query_history (org_id, user_id, uid, data_source_uid, queries, comment, \
         starred, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (org_id, user_id, uid) DO NOTHING",
    )
    .bind(org)
    .bind(user)
    .bind(&row.uid)
    .bind(&row.data_source_uid)
    .bind(&row.queries)
    .bind(&row.comment)
    .bind(i64::from(row.starred))
    .bind(row.created_ms)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<QueryHistoryRow, TableError> {
    Ok(QueryHistoryRow {
        uid: row.try_get("uid")?,
        data_source_uid: row.try_get("data_source_uid")?,
        queries: row.try_get("queries")?,
        comment: row.try_get("comment")?,
        starred: row.try_get::<i64, _>("starred")? != 0,
        created_ms: row.try_get("created_ms")?,
    })
}
