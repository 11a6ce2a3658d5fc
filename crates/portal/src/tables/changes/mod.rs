//! The history of data sources, folders, library elements, playlists, preferences, organisations
//! and quotas, and of deleted dashboards. Each change keeps the row before and after, who made it
//! and when, in the transaction that makes it; undoing puts the row of before back and is a change
//! itself. (Dashboards keep their versions apart.)
//!
//! What a change makes necessary elsewhere is a part of it and undone with it: the contents of a
//! deleted folder, and the data source that stopped being the default.
//!
//! A state is the row as a JSON object, column by column. Secrets lie in it sealed, as in the row.

mod tracked;
mod undo;

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use sqlx::any::AnyRow;
use sqlx::{Any, AssertSqlSafe, Row as _, Transaction};

pub(super) use self::tracked::{
    DASHBOARD, DATA_SOURCE, FOLDER, LIBRARY_ELEMENT, ORGANIZATION, PLAYLIST, PREFERENCES, QUOTAS,
    Tracked, text_of,
};
use self::tracked::{Key, State, condition, read_key, read_state, row_key, tracked, written};
use super::{SecureJsonData, TableError, Tables};

/// Who makes a change, and when.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// 0 for the server itself.
    pub user_id: i64,
    pub name: &'a str,
    pub now_ms: i64,
}

impl By<'static> {
    /// The server, on behalf of a file.
    #[must_use]
    pub fn provisioning(now_ms: i64) -> Self {
        Self { user_id: 0, name: PROVISIONING, now_ms }
    }
}

impl By<'_> {
    /// What files say has no history but the files' own, except for data sources.
    pub(super) fn is_file(&self) -> bool {
        self.user_id == 0 && self.name == PROVISIONING
    }
}

const PROVISIONING: &str = "provisioning";

/// Why a change is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause<'a> {
    pub(super) by: By<'a>,
    /// The change that this one takes back; 0 for none.
    pub(super) undoes: i64,
    /// The change that this one belongs to; 0 for none.
    pub(super) part_of: i64,
}

impl<'a> From<By<'a>> for Cause<'a> {
    fn from(by: By<'a>) -> Self {
        Self { by, undoes: 0, part_of: 0 }
    }
}

/// A row that is about to change: what it is, where it is, what it is called, and how it stands.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) tracked: &'static Tracked,
    pub(super) key: Vec<(&'static str, i64)>,
    pub(super) subject: String,
    pub(super) state: Option<State>,
}

/// One row of the history. States have `"configured"` in the place of every secret.
#[derive(Clone, Debug)]
pub struct ChangeRow {
    pub id: i64,
    /// `data source`, `folder`, `dashboard`, `library element`, `playlist`, `preferences`,
    /// `organization` or `quotas`.
    pub kind: String,
    /// What was changed, as people call it.
    pub subject: String,
    /// Counts the changes of this row.
    pub version: i64,
    pub author_id: i64,
    pub author: String,
    /// The change that this one took back; 0 for none.
    pub undoes: i64,
    pub at_ms: i64,
    pub before: Option<Map<String, Value>>,
    pub after: Option<Map<String, Value>>,
    /// Names of secrets that differ between the two.
    pub secrets_changed: Vec<String>,
    /// Of preferences: whose; 0 for those of all.
    pub user_id: i64,
    /// The change that this one belongs to; 0 for a change of its own.
    pub part_of: i64,
}

#[derive(Clone, Debug, Default)]
pub struct ChangeSearch {
    /// Empty = every kind.
    pub kind: String,
    /// Only changes by this user; 0 = by everybody.
    pub author_id: i64,
    pub limit: i64,
    pub offset: i64,
}

impl Tables {
    /// The row as it stands in a transaction.
    pub(super) async fn state_of(
        &self,
        transaction: &mut Transaction<'static, Any>,
        tracked: &Tracked,
        key: Key<'_>,
    ) -> Result<Option<State>, TableError> {
        let statement = format!("SELECT * FROM {} WHERE {}", tracked.table, condition(key, 1));
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for (_, value) in key {
            query = query.bind(*value);
        }
        let row = query.fetch_optional(&mut **transaction).await?;
        let Some(row) = row else { return Ok(None) };
        let mut state = tracked.state(&row, key)?;
        if tracked.has_permissions {
            let org: i64 = row.try_get("org_id")?;
            let uid = text_of(Some(&state), "uid");
            let given = permissions_of(transaction, org, tracked.kind, uid).await?;
            state.insert("permissions".to_owned(), given);
        }
        Ok(Some(state))
    }

    /// Every row of a kind that a condition on texts names, as it stands. `subject` is the column
    /// that people call it by.
    pub(super) async fn standing(
        &self,
        transaction: &mut Transaction<'static, Any>,
        (tracked, subject): (&'static Tracked, &'static str),
        org: i64,
        (column, value): (&'static str, &str),
    ) -> Result<Vec<Standing>, TableError> {
        let statement = format!(
            "SELECT id, {subject} AS subject FROM {} WHERE org_id = $1 AND {column} = $2 \
             ORDER BY id",
            tracked.table
        );
        let rows = sqlx::query(AssertSqlSafe(statement))
            .bind(org)
            .bind(value)
            .fetch_all(&mut **transaction)
            .await?;
        let mut standing = Vec::with_capacity(rows.len());
        for row in rows {
            let key = vec![("id", row.try_get("id")?), ("org_id", org)];
            let state = self.state_of(transaction, tracked, &key).await?;
            standing.push(Standing { tracked, key, subject: row.try_get("subject")?, state });
        }
        Ok(standing)
    }

    /// Writes down what became of rows: the first one's change, and the others' as parts of it.
    pub(super) async fn record_together(
        &self,
        transaction: &mut Transaction<'static, Any>,
        org: i64,
        rows: Vec<Standing>,
        cause: Cause<'_>,
    ) -> Result<(), TableError> {
        let mut cause = cause;
        for Standing { tracked, key, subject, state } in rows {
            let place = (tracked, &key[..], org, subject.as_str());
            let made = self.record_change(transaction, place, state, cause).await?;
            if cause.part_of == 0 {
                cause.part_of = made;
            }
        }
        Ok(())
    }

    /// Deletes what a uid names, with what belongs to it alone, writes that down and commits. True
    /// when there was one.
    pub(super) async fn delete_recorded(
        &self,
        mut transaction: Transaction<'static, Any>,
        kind: (&'static Tracked, &'static str),
        (org, uid): (i64, &str),
        by: By<'_>,
    ) -> Result<bool, TableError> {
        let tracked = kind.0;
        let gone = self.standing(&mut transaction, kind, org, ("uid", uid)).await?;
        if gone.is_empty() {
            return Ok(false);
        }
        undo::delete_beside(&mut transaction, tracked, org, uid).await?;
        let statement = format!("DELETE FROM {} WHERE org_id = $1 AND uid = $2", tracked.table);
        sqlx::query(AssertSqlSafe(statement))
            .bind(org)
            .bind(uid)
            .execute(&mut *transaction)
            .await?;
        if !by.is_file() || tracked.kind == DATA_SOURCE.kind {
            self.record_together(&mut transaction, org, gone, by.into()).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Writes down what became of a row that was `before`; nothing when it is as it was. Returns
    /// the change's id, 0 for nothing.
    pub(super) async fn record_change(
        &self,
        transaction: &mut Transaction<'static, Any>,
        (tracked, key, org, subject): (&Tracked, Key<'_>, i64, &str),
        before: Option<State>,
        Cause { by, undoes, part_of }: Cause<'_>,
    ) -> Result<i64, TableError> {
        let after = self.state_of(transaction, tracked, key).await?;
        if self.same(tracked, before.as_ref(), after.as_ref())? {
            return Ok(0);
        }
        let row_key = row_key(key);
        let row = sqlx::query(
            "SELECT COALESCE(MAX(version), 0) AS version FROM changes \
             WHERE org_id = $1 AND kind = $2 AND row_key = $3",
        )
        .bind(org)
        .bind(tracked.kind)
        .bind(&row_key)
        .fetch_one(&mut **transaction)
        .await?;
        let version = row.try_get::<i64, _>("version")? + 1;
        let made = sqlx::query(
            "INSERT INTO changes (org_id, kind, row_key, subject, version, author_id, author, \
             undoes, before_state, after_state, at_ms, part_of) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
        )
        .bind(org)
        .bind(tracked.kind)
        .bind(&row_key)
        .bind(subject)
        .bind(version)
        .bind(by.user_id)
        .bind(by.name)
        .bind(undoes)
        .bind(written(before))
        .bind(written(after))
        .bind(by.now_ms)
        .bind(part_of)
        .fetch_one(&mut **transaction)
        .await?;
        sqlx::query(
            "DELETE FROM changes WHERE org_id = $1 AND kind = $2 AND row_key = $3 AND version <= $4",
        )
        .bind(org)
        .bind(tracked.kind)
        .bind(&row_key)
        .bind(version - self.config.versions_max)
        .execute(&mut **transaction)
        .await?;
        if part_of == 0 {
            self.forget_old_changes(transaction, org).await?;
        }
        Ok(made.try_get("id")?)
    }

    /// Things come and go: without this the last change of each would stay for good.
    async fn forget_old_changes(
        &self,
        transaction: &mut Transaction<'static, Any>,
        org: i64,
    ) -> Result<(), TableError> {
        let oldest = sqlx::query(
            "SELECT id FROM changes WHERE org_id = $1 AND part_of = 0 \
             ORDER BY id DESC LIMIT 1 OFFSET $2",
        )
        .bind(org)
        .bind(self.config.changes_max)
        .fetch_optional(&mut **transaction)
        .await?;
        let Some(oldest) = oldest else { return Ok(()) };
        let oldest: i64 = oldest.try_get("id")?;
        // A part has a larger id than what it belongs to, and goes with it.
        sqlx::query(
            "DELETE FROM changes WHERE org_id = $1 AND \
             ((part_of = 0 AND id <= $2) OR (part_of > 0 AND part_of <= $2))",
        )
        .bind(org)
        .bind(oldest)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Newest first, without what are parts of others. States of dashboards are empty: one holds
    /// megabytes.
    pub async fn changes(
        &self,
        org: i64,
        search: &ChangeSearch,
    ) -> Result<Vec<ChangeRow>, TableError> {
        let rows = sqlx::query(
            "SELECT id, kind, row_key, subject, version, author_id, author, undoes, at_ms, part_of, \
             CASE WHEN kind = 'dashboard' AND before_state <> '' THEN '{}' ELSE before_state END \
             AS before_state, \
             CASE WHEN kind = 'dashboard' AND after_state <> '' THEN '{}' ELSE after_state END \
             AS after_state \
             FROM changes WHERE org_id = $1 AND part_of = 0 AND ($2 = '' OR kind = $2) \
             AND ($3 = 0 OR author_id = $3) ORDER BY id DESC LIMIT $4 OFFSET $5",
        )
        .bind(org)
        .bind(&search.kind)
        .bind(search.author_id)
        .bind(search.limit)
        .bind(search.offset)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| self.read_change(row)).collect()
    }

    /// How many things of each kind were deleted as parts of a change.
    pub async fn deleted_with_change(
        &self,
        org: i64,
        id: i64,
    ) -> Result<HashMap<String, i64>, TableError> {
        let rows = sqlx::query(
            "SELECT kind, COUNT(*) AS n FROM changes WHERE org_id = $1 AND part_of = $2 \
             AND after_state = '' GROUP BY kind",
        )
        .bind(org)
        .bind(id)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((row.try_get("kind")?, row.try_get("n")?))).collect()
    }

    /// How many parts each change has, of those that have any.
    pub async fn change_part_counts(
        &self,
        org: i64,
        from_id: i64,
        to_id: i64,
    ) -> Result<HashMap<i64, i64>, TableError> {
        let rows = sqlx::query(
            "SELECT part_of, COUNT(*) AS n FROM changes WHERE org_id = $1 AND part_of >= $2 \
             AND part_of <= $3 AND part_of > 0 GROUP BY part_of",
        )
        .bind(org)
        .bind(from_id)
        .bind(to_id)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((row.try_get("part_of")?, row.try_get("n")?))).collect()
    }

    pub async fn change(&self, org: i64, id: i64) -> Result<Option<ChangeRow>, TableError> {
        let row = sqlx::query("SELECT * FROM changes WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| self.read_change(&row)).transpose()
    }

    /// Encrypts the secrets in the history again under the newest key.
    pub(super) async fn reseal_changes(&self) -> Result<(), TableError> {
        let rows = sqlx::query("SELECT * FROM changes WHERE kind = $1")
            .bind(DATA_SOURCE.kind)
            .fetch_all(&self.pool)
            .await?;
        for row in &rows {
            let (before, after) = (
                self.resealed(read_state(row, "before_state")?)?,
                self.resealed(read_state(row, "after_state")?)?,
            );
            sqlx::query("UPDATE changes SET before_state = $1, after_state = $2 WHERE id = $3")
                .bind(written(before))
                .bind(written(after))
                .bind(row.try_get::<i64, _>("id")?)
                .execute(&self.writer)
                .await?;
        }
        Ok(())
    }

    fn resealed(&self, mut state: Option<State>) -> Result<Option<State>, TableError> {
        let column = DATA_SOURCE.sealed.and_then(|name| state.as_mut()?.get_mut(name));
        if let Some(Value::String(sealed)) = column
            && !sealed.is_empty()
        {
            *sealed = self.seal.close(&self.seal.open(sealed)?)?;
        }
        Ok(state)
    }

    /// Whether two states say the same: bookkeeping apart, and secrets compared in the clear.
    pub(super) fn same(
        &self,
        tracked: &Tracked,
        a: Option<&State>,
        b: Option<&State>,
    ) -> Result<bool, TableError> {
        let (Some(a), Some(b)) = (a, b) else { return Ok(a.is_none() && b.is_none()) };
        let mut columns = tracked.texts.iter().chain(tracked.numbers);
        let equal =
            columns.all(|name| Some(*name) == tracked.sealed || a.get(*name) == b.get(*name));
        Ok(equal && self.secrets(tracked, Some(a))? == self.secrets(tracked, Some(b))?)
    }

    fn secrets(
        &self,
        tracked: &Tracked,
        state: Option<&State>,
    ) -> Result<SecureJsonData, TableError> {
        let sealed = tracked.sealed.and_then(|name| state?.get(name)?.as_str());
        self.opened(sealed.unwrap_or_default())
    }

    fn read_change(&self, row: &AnyRow) -> Result<ChangeRow, TableError> {
        let kind: String = row.try_get("kind")?;
        let tracked = tracked(&kind)?;
        let (mut before, mut after) =
            (read_state(row, "before_state")?, read_state(row, "after_state")?);
        let secrets =
            (self.secrets(tracked, before.as_ref())?, self.secrets(tracked, after.as_ref())?);
        let mut names: Vec<&str> = secrets.0.names().chain(secrets.1.names()).collect();
        names.sort_unstable();
        names.dedup();
        names.retain(|name| secrets.0.get(name) != secrets.1.get(name));
        let secrets_changed = names.into_iter().map(str::to_owned).collect();
        for (state, secrets) in [(&mut before, &secrets.0), (&mut after, &secrets.1)] {
            if let (Some(name), Some(state)) = (tracked.sealed, state.as_mut()) {
                let shown = secrets.names().map(|name| (name.to_owned(), "configured".into()));
                state.insert(name.to_owned(), Value::Object(shown.collect()));
            }
        }
        let key = read_key(row.try_get("row_key")?)?;
        let user_id = key.iter().find(|(name, _)| *name == "user_id").map_or(0, |(_, id)| *id);
        Ok(ChangeRow {
            id: row.try_get("id")?,
            kind,
            subject: row.try_get("subject")?,
            version: row.try_get("version")?,
            author_id: row.try_get("author_id")?,
            author: row.try_get("author")?,
            undoes: row.try_get("undoes")?,
            at_ms: row.try_get("at_ms")?,
            before,
            after,
            secrets_changed,
            user_id,
            part_of: row.try_get("part_of")?,
        })
    }
}

/// Permissions on one thing as a part of its state: kind of subject, subject, permission.
async fn permissions_of(
    transaction: &mut Transaction<'static, Any>,
    org: i64,
    kind: &str,
    uid: &str,
) -> Result<Value, TableError> {
    let rows = sqlx::query(
        "SELECT subject_kind, subject, permission FROM permissions WHERE org_id = $1 \
         AND kind = $2 AND resource = $3 ORDER BY subject_kind, subject",
    )
    .bind(org)
    .bind(kind)
    .bind(uid)
    .fetch_all(&mut **transaction)
    .await?;
    let given = rows.iter().map(|row| {
        let subject: (String, String) = (row.try_get("subject_kind")?, row.try_get("subject")?);
        Ok(json!([subject.0, subject.1, row.try_get::<i64, _>("permission")?]))
    });
    given.collect::<Result<Vec<Value>, TableError>>().map(Value::Array)
}
