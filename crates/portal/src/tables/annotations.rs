//! Annotations: points and spans of time with a text, on a dashboard or for the organisation.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Room, TableError, Tables, touched};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnotationRow {
    pub id: i64,
    pub annotation: NewAnnotation,
    pub created_ms: i64,
    pub updated_ms: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewAnnotation {
    /// Empty for one of the whole organisation.
    pub dashboard_uid: String,
    /// 0 for the whole dashboard.
    pub panel_id: i64,
    /// The author; 0 for anonymous ones.
    pub user_id: i64,
    pub time_ms: i64,
    /// Equal to `time_ms` for a point, later for a span.
    pub time_end_ms: i64,
    pub text: String,
    /// Without line breaks.
    pub tags: Vec<String>,
    /// A JSON object.
    pub data: String,
}

/// What to look for; zero and empty fields ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct AnnotationSearch {
    /// Both or neither: spans that touch this range, both ends included.
    pub from_ms: i64,
    pub to_ms: i64,
    pub dashboard_uid: String,
    pub panel_id: i64,
    pub user_id: i64,
    pub tags: Vec<String>,
    /// One of the tags is enough.
    pub any_tag: bool,
    pub limit: i64,
    pub offset: i64,
}

impl Tables {
    /// Returns the id.
    pub async fn insert_annotation(
        &self,
        org: i64,
        annotation: &NewAnnotation,
        room: Room,
        now_ms: i64,
    ) -> Result<i64, TableError> {
        const COUNT: &str = "SELECT COUNT(*) AS n FROM annotations WHERE org_id = $1";
        let mut transaction = self.begin().await?;
        self.check_room(&mut transaction, COUNT, org, room).await?;
        let row = sqlx::query(
            "INSERT INTO annotations (org_id, dashboard_uid, panel_id, user_id, time_ms, \
             time_end_ms, text, tags, data, created_ms, updated_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) RETURNING id",
        )
        .bind(org)
        .bind(&annotation.dashboard_uid)
        .bind(annotation.panel_id)
        .bind(annotation.user_id)
        .bind(annotation.time_ms)
        .bind(annotation.time_end_ms)
        .bind(&annotation.text)
        .bind(joined(&annotation.tags))
        .bind(&annotation.data)
        .bind(now_ms)
        .fetch_one(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(row.try_get("id")?)
    }

    /// Writes times, text, tags and data; false when it is not there.
    pub async fn update_annotation(
        &self,
        org: i64,
        id: i64,
        annotation: &NewAnnotation,
        now_ms: i64,
    ) -> Result<bool, TableError> {
        let done = sqlx::query(
            "UPDATE annotations SET time_ms = $1, time_end_ms = $2, text = $3, tags = $4, \
             data = $5, updated_ms = $6 WHERE org_id = $7 AND id = $8",
        )
        .bind(annotation.time_ms)
        .bind(annotation.time_end_ms)
        .bind(&annotation.text)
        .bind(joined(&annotation.tags))
        .bind(&annotation.data)
        .bind(now_ms)
        .bind(org)
        .bind(id)
        .execute(&self.writer)
        .await?;
        Ok(touched(&done))
    }

    pub async fn annotation(&self, org: i64, id: i64) -> Result<Option<AnnotationRow>, TableError> {
        sqlx::query("SELECT * FROM annotations WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| read(&row))
            .transpose()
    }

    /// Newest first. Cost: an index scan of the range; tags are compared row by row.
    pub async fn annotations(
        &self,
        org: i64,
        search: &AnnotationSearch,
    ) -> Result<Vec<AnnotationRow>, TableError> {
        let in_range = search.from_ms > 0 && search.to_ms > 0;
        let (from, to) = if in_range { (search.from_ms, search.to_ms) } else { (0, i64::MAX) };
        let mut statement = "SELECT * FROM annotations WHERE org_id = $1 AND time_ms <= $2 \
             AND ($3 = 0 OR time_end_ms >= $3) AND ($4 = '' OR dashboard_uid = $4) \
             AND ($5 = 0 OR panel_id = $5) AND ($6 = 0 OR user_id = $6)"
            .to_owned();
        if !search.tags.is_empty() {
            // What disappears from the text was in it; unlike `LIKE` this knows no patterns, and
            // capitals from small letters.
            let tests: Vec<String> = (9..9 + search.tags.len())
                .map(|at| format!("REPLACE(tags, ${at}, '') <> tags"))
                .collect();
            let tests = tests.join(if search.any_tag { " OR " } else { " AND " });
            statement.extend([" AND (", tests.as_str(), ")"]);
        }
        statement.push_str(" ORDER BY time_end_ms DESC, time_ms DESC, id DESC LIMIT $7 OFFSET $8");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(org)
            .bind(to)
            .bind(from)
            .bind(&search.dashboard_uid)
            .bind(search.panel_id)
            .bind(search.user_id)
            .bind(search.limit)
            .bind(search.offset);
        for tag in &search.tags {
            query = query.bind(format!("\n{tag}\n"));
        }
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// Sets of tags as they occur together on a dashboard (its uid first), with how often.
    pub async fn annotation_tags(
        &self,
        org: i64,
    ) -> Result<Vec<(String, Vec<String>, i64)>, TableError> {
        let rows = sqlx::query(
            "SELECT dashboard_uid, tags, COUNT(*) AS n FROM annotations \
             WHERE org_id = $1 AND tags <> '' GROUP BY dashboard_uid, tags",
        )
        .bind(org)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let tags: String = row.try_get("tags")?;
                Ok((row.try_get("dashboard_uid")?, parted(&tags), row.try_get("n")?))
            })
            .collect()
    }

    /// True when there was one.
    pub async fn delete_annotation(&self, org: i64, id: i64) -> Result<bool, TableError> {
        let done = sqlx::query("DELETE FROM annotations WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .execute(&self.writer)
            .await?;
        Ok(touched(&done))
    }

    /// All of one panel. Returns how many there were.
    pub async fn delete_annotations_of_panel(
        &self,
        org: i64,
        dashboard_uid: &str,
        panel_id: i64,
    ) -> Result<u64, TableError> {
        let done = sqlx::query(
            "DELETE FROM annotations WHERE org_id = $1 AND dashboard_uid = $2 AND panel_id = $3",
        )
        .bind(org)
        .bind(dashboard_uid)
        .bind(panel_id)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected())
    }
}

/// Tags with a line break on both sides of each (two between them), so that each can be found
/// whole.
fn joined(tags: &[String]) -> String {
    tags.iter().flat_map(|tag| ["\n", tag.as_str(), "\n"]).collect()
}

fn parted(tags: &str) -> Vec<String> {
    tags.split('\n').filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

fn read(row: &AnyRow) -> Result<AnnotationRow, TableError> {
    let tags: String = row.try_get("tags")?;
    Ok(AnnotationRow {
        id: row.try_get("id")?,
        annotation: NewAnnotation {
            dashboard_uid: row.try_get("dashboard_uid")?,
            panel_id: row.try_get("panel_id")?,
            user_id: row.try_get("user_id")?,
            time_ms: row.try_get("time_ms")?,
            time_end_ms: row.try_get("time_end_ms")?,
            text: row.try_get("text")?,
            tags: parted(&tags),
            data: row.try_get("data")?,
        },
        created_ms: row.try_get("created_ms")?,
        updated_ms: row.try_get("updated_ms")?,
    })
}
