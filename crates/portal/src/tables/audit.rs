//! The audit log: who did what to what, and whether it was allowed.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{TableError, Tables, like};

/// Entries kept; the oldest go first.
const ENTRIES_MAX: i64 = 200_000;
/// Old entries are looked for once in so many new ones.
const TRIM_EVERY: i64 = 1000;

#[derive(Clone, Debug)]
pub struct AuditRow {
    pub id: i64,
    pub at_ms: i64,
    pub org_id: i64,
    pub actor_id: i64,
    /// Login of whoever did it; what they called themselves when they were refused at the door.
    pub actor: String,
    pub address: String,
    /// `create`, `update`, `delete`, `login`, …
    pub action: String,
    /// `user`, `dashboard`, `data source`, …
    pub kind: String,
    /// Id or uid.
    pub resource: String,
    /// `done`, `refused`, or `failed` with a status code.
    pub outcome: String,
    /// What changed, in words or JSON; never a secret.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct NewAudit<'a> {
    pub org_id: i64,
    pub actor_id: i64,
    pub actor: &'a str,
    pub address: &'a str,
    pub action: &'a str,
    pub kind: &'a str,
    pub resource: &'a str,
    pub outcome: &'a str,
    pub detail: &'a str,
}

/// A page of the log; empty fields ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct AuditSearch {
    /// 0 = every organisation.
    pub org_id: i64,
    /// Part of the login.
    pub actor: String,
    pub action: String,
    pub kind: String,
    pub from_ms: i64,
    /// 0 = until now.
    pub to_ms: i64,
    pub limit: i64,
    pub offset: i64,
}

impl Tables {
    pub async fn insert_audit(&self, entry: &NewAudit<'_>, now_ms: i64) -> Result<(), TableError> {
        let row = sqlx::query(
            "INSERT INTO audit (at_ms, org_id, actor_id, actor, address, action, kind, resource, \
             outcome, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        )
        .bind(now_ms)
        .bind(entry.org_id)
        .bind(entry.actor_id)
        .bind(entry.actor)
        .bind(entry.address)
        .bind(entry.action)
        .bind(entry.kind)
        .bind(entry.resource)
        .bind(entry.outcome)
        .bind(entry.detail)
        .fetch_one(&self.writer)
        .await?;
        let id: i64 = row.try_get("id")?;
        if id % TRIM_EVERY == 0 {
            sqlx::query("DELETE FROM audit WHERE id <= $1")
                .bind(id - ENTRIES_MAX)
                .execute(&self.writer)
                .await?;
        }
        Ok(())
    }

    /// Newest first.
    pub async fn audit(&self, search: &AuditSearch) -> Result<Vec<AuditRow>, TableError> {
        let rows = sqlx::query(
            "SELECT * FROM audit WHERE ($1 = 0 OR org_id = $1) AND LOWER(actor) LIKE $2 \
             ESCAPE '\\' AND ($3 = '' OR action = $3) AND ($4 = '' OR kind = $4) \
             AND at_ms >= $5 AND ($6 = 0 OR at_ms <= $6) ORDER BY id DESC LIMIT $7 OFFSET $8",
        )
        .bind(search.org_id)
        .bind(like(&search.actor))
        .bind(&search.action)
        .bind(&search.kind)
        .bind(search.from_ms)
        .bind(search.to_ms)
        .bind(search.limit)
        .bind(search.offset)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &AnyRow) -> Result<AuditRow, TableError> {
    Ok(AuditRow {
        id: row.try_get("id")?,
        at_ms: row.try_get("at_ms")?,
        org_id: row.try_get("org_id")?,
        actor_id: row.try_get("actor_id")?,
        actor: row.try_get("actor")?,
        address: row.try_get("address")?,
        action: row.try_get("action")?,
        kind: row.try_get("kind")?,
        resource: row.try_get("resource")?,
        outcome: row.try_get("outcome")?,
        detail: row.try_get("detail")?,
    })
}
