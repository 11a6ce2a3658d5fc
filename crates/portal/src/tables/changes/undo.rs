//! Taking a change back.
//!
//! The row that was changed must be as the change left it, unless forced. Its parts are laid over
//! what is there by now: of a row that was changed since, only the fields that the part changed,
//! and of those only what nobody else has changed.

use serde_json::Value;
use sqlx::{Any, AssertSqlSafe, Row as _, Transaction};

use super::tracked::{
    Key, State, Tracked, condition, flag_of, read_key, read_state, row_key, text_of, tracked,
};
use super::{By, Cause, DASHBOARD, DATA_SOURCE, FOLDER, LIBRARY_ELEMENT, Standing};
use crate::tables::{TableError, Tables, dashboards, data_sources, library, taken, touched};

/// A change as the table holds it.
struct Kept {
    id: i64,
    part_of: i64,
    tracked: &'static Tracked,
    key: Vec<(&'static str, i64)>,
    subject: String,
    before: Option<State>,
    after: Option<State>,
}

impl Kept {
    fn read(row: &sqlx::any::AnyRow) -> Result<Self, TableError> {
        Ok(Self {
            id: row.try_get("id")?,
            part_of: row.try_get("part_of")?,
            tracked: tracked(row.try_get("kind")?)?,
            key: read_key(row.try_get("row_key")?)?,
            subject: row.try_get("subject")?,
            before: read_state(row, "before_state")?,
            after: read_state(row, "after_state")?,
        })
    }

    fn standing(&self, state: Option<State>) -> Standing {
        let (key, subject) = (self.key.clone(), self.subject.clone());
        Standing { tracked: self.tracked, key, subject, state }
    }
}

impl Tables {
    /// Uid and folder, as they are now, of the dashboard or library element that undoing a change
    /// would replace or delete. `None` when there is nothing in its place.
    pub async fn replaced_by_undo(
        &self,
        org: i64,
        id: i64,
    ) -> Result<Option<(String, String)>, TableError> {
        let mut transaction = self.pool.begin().await?;
        let row = sqlx::query("SELECT * FROM changes WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let change = Kept::read(&row)?;
        let now = self.state_of(&mut transaction, change.tracked, &change.key).await?;
        if now.is_none() || self.is_another(&mut transaction, org, &change, now.as_ref()).await? {
            return Ok(None);
        }
        let text = |name: &str| text_of(now.as_ref(), name).to_owned();
        Ok(Some((text("uid"), text("folder_uid"))))
    }

    /// Puts the row of before a change back, with the change's parts. False when there is no such
    /// change. Errors:
    /// [`TableError::VersionMismatch`] when the row has been changed since and not `force`, or when
    /// there is another thing in its place;
    /// [`TableError::Taken`] when another row has the name by now;
    /// [`TableError::Provisioned`], [`TableError::NotEmpty`], [`TableError::InUse`],
    /// [`TableError::NoPlace`] and [`TableError::PartOfChange`] as they say.
    pub async fn undo_change(
        &self,
        org: i64,
        id: i64,
        force: bool,
        by: By<'_>,
    ) -> Result<bool, TableError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query("SELECT * FROM changes WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(row) = row else { return Ok(false) };
        let change = Kept::read(&row)?;
        if change.part_of != 0 {
            return Err(TableError::PartOfChange { id: change.part_of });
        }
        let parts =
            sqlx::query("SELECT * FROM changes WHERE org_id = $1 AND part_of = $2 ORDER BY id")
                .bind(org)
                .bind(id)
                .fetch_all(&mut *transaction)
                .await?;
        let parts: Vec<Kept> = parts.iter().map(Kept::read).collect::<Result<_, _>>()?;
        let cause = Cause { by, undoes: id, part_of: 0 };
        let made = self.undo_main(&mut transaction, org, &change, force, cause).await?;
        for part in &parts {
            let cause = Cause { part_of: made, undoes: part.id, by };
            self.undo_part(&mut transaction, org, part, cause).await?;
        }
        transaction.commit().await?;
        if matches!(change.tracked.kind, "folder" | "dashboard") {
            self.listing.forget_deleted(org);
        }
        Ok(true)
    }

    async fn undo_main(
        &self,
        transaction: &mut Transaction<'static, Any>,
        org: i64,
        change: &Kept,
        force: bool,
        cause: Cause<'_>,
    ) -> Result<i64, TableError> {
        let mut now = self.state_of(transaction, change.tracked, &change.key).await?;
        let mut standing = change.standing(None);
        if self.is_another(transaction, org, change, now.as_ref()).await? {
            if change.before.is_none() {
                return Err(TableError::VersionMismatch);
            }
            // The old number is somebody else's by now.
            now = None;
            standing.key.retain(|(name, _)| *name != "id");
        } else if !force && !self.same(change.tracked, now.as_ref(), change.after.as_ref())? {
            return Err(TableError::VersionMismatch);
        }
        standing.state = now;
        self.restore(transaction, org, standing, change.before.as_ref(), cause).await
    }

    /// Whether the row's number belongs to another thing than the one that was changed: SQLite
    /// gives the last number again once its row is deleted.
    async fn is_another(
        &self,
        transaction: &mut Transaction<'static, Any>,
        org: i64,
        change: &Kept,
        now: Option<&State>,
    ) -> Result<bool, TableError> {
        let left = change.after.as_ref().or(change.before.as_ref());
        if now.is_none() || text_of(now, "uid") == text_of(left, "uid") {
            return Ok(false);
        }
        if change.tracked.uid_is_fixed || change.after.is_none() {
            return Ok(true);
        }
        // Made anew since, and not by putting it back.
        let made = sqlx::query(
            "SELECT id FROM changes WHERE org_id = $1 AND kind = $2 AND row_key = $3 AND id > $4 \
             AND before_state = '' AND undoes = 0 LIMIT 1",
        )
        .bind(org)
        .bind(change.tracked.kind)
        .bind(row_key(&change.key))
        .bind(change.id)
        .fetch_optional(&mut **transaction)
        .await?;
        Ok(made.is_some())
    }

    async fn undo_part(
        &self,
        transaction: &mut Transaction<'static, Any>,
        org: i64,
        part: &Kept,
        cause: Cause<'_>,
    ) -> Result<(), TableError> {
        let now = self.state_of(transaction, part.tracked, &part.key).await?;
        let mut standing = part.standing(None);
        let wanted = match (&part.before, &part.after, now) {
            (Some(before), Some(after), Some(now)) => {
                let merged = merged(part.tracked, before, after, &now);
                standing.state = Some(now);
                merged
            }
            (Some(before), None, now) => {
                if now.is_some() {
                    standing.key.retain(|(name, _)| *name != "id");
                }
                Some(before.clone())
            }
            // It is gone, or was made by the change: the former stays gone, the latter stays.
            _ => None,
        };
        if wanted.is_some() {
            self.restore(transaction, org, standing, wanted.as_ref(), cause).await?;
        }
        Ok(())
    }

    /// Makes a row what is wanted, with what follows from it, and writes that down. A key without
    /// a number gets one.
    async fn restore(
        &self,
        transaction: &mut Transaction<'static, Any>,
        org: i64,
        mut standing: Standing,
        wanted: Option<&State>,
        cause: Cause<'_>,
    ) -> Result<i64, TableError> {
        let tracked = standing.tracked;
        let now = standing.state.as_ref();
        if [now, wanted].into_iter().any(|state| is_provisioned(tracked, state)) {
            return Err(TableError::Provisioned);
        }
        let mut rows = Vec::new();
        match wanted {
            None => may_go(transaction, tracked, org, now).await?,
            Some(state) => {
                must_have_place(transaction, tracked, org, state).await?;
                if tracked.kind == DATA_SOURCE.kind && flag_of(wanted, "is_default") {
                    rows = self.take_default(transaction, org, text_of(wanted, "uid")).await?;
                }
            }
        }
        let comes_back = now.is_none();
        let gone = now.map(|state| text_of(Some(state), "uid").to_owned());
        standing.key = put_back(transaction, tracked, &standing.key, wanted, cause.by).await?;
        match (wanted, gone) {
            (Some(state), _) if comes_back => {
                put_back_beside(transaction, tracked, org, &standing.key, (state, cause.by))
                    .await?;
            }
            (None, Some(uid)) => delete_beside(transaction, tracked, org, &uid).await?,
            _ => {}
        }
        let place = (tracked, &standing.key[..], org, standing.subject.as_str());
        let made = self.record_change(transaction, place, standing.state, cause).await?;
        let part_of = if cause.part_of == 0 { made } else { cause.part_of };
        let cause = Cause { part_of, undoes: 0, ..cause };
        self.record_together(transaction, org, rows, cause).await?;
        Ok(made)
    }
}

/// Of a row as it is now, with the fields that a change changed as they were before; not where
/// somebody else has changed them since. `None` when that is the row as it is.
fn merged(tracked: &Tracked, before: &State, after: &State, now: &State) -> Option<State> {
    let mut wanted = now.clone();
    let mut changed = false;
    for name in tracked.texts.iter().chain(tracked.numbers) {
        let (was, left) = (before.get(*name), after.get(*name));
        if was != left && now.get(*name) == left {
            wanted.insert((*name).to_owned(), was.cloned().unwrap_or_default());
            changed = true;
        }
    }
    changed.then_some(wanted)
}

fn is_provisioned(tracked: &Tracked, state: Option<&State>) -> bool {
    match tracked.kind {
        "data source" => flag_of(state, "read_only"),
        "dashboard" => !text_of(state, "provisioned_by").is_empty(),
        _ => false,
    }
}

/// Whether something that was made may be taken away again.
async fn may_go(
    transaction: &mut Transaction<'static, Any>,
    tracked: &Tracked,
    org: i64,
    now: Option<&State>,
) -> Result<(), TableError> {
    const INSIDE: [&str; 3] = [
        "SELECT uid FROM folders WHERE org_id = $1 AND parent_uid = $2 LIMIT 1",
        "SELECT uid FROM dashboards WHERE org_id = $1 AND folder_uid = $2 LIMIT 1",
        "SELECT uid FROM library_elements WHERE org_id = $1 AND folder_uid = $2 LIMIT 1",
    ];
    const USERS: [&str; 1] = ["SELECT dashboard_uid AS uid FROM library_connections \
         WHERE org_id = $1 AND element_uid = $2 LIMIT 1"];
    let (statements, error): (&[&'static str], TableError) = match tracked.kind {
        "folder" => (&INSIDE, TableError::NotEmpty),
        "library element" => (&USERS, TableError::InUse),
        _ => return Ok(()),
    };
    let uid = text_of(now, "uid");
    for statement in statements {
        let found = sqlx::query(*statement).bind(org).bind(uid);
        if found.fetch_optional(&mut **transaction).await?.is_some() {
            return Err(error);
        }
    }
    Ok(())
}

/// Whether the folder that something lay in is still there.
async fn must_have_place(
    transaction: &mut Transaction<'static, Any>,
    tracked: &Tracked,
    org: i64,
    wanted: &State,
) -> Result<(), TableError> {
    let column = match tracked.kind {
        kind if kind == FOLDER.kind => "parent_uid",
        kind if kind == DASHBOARD.kind || kind == LIBRARY_ELEMENT.kind => "folder_uid",
        _ => return Ok(()),
    };
    let folder = text_of(Some(wanted), column);
    if folder.is_empty() {
        return Ok(());
    }
    let found = sqlx::query("SELECT uid FROM folders WHERE org_id = $1 AND uid = $2")
        .bind(org)
        .bind(folder)
        .fetch_optional(&mut **transaction)
        .await?;
    found.map(|_| ()).ok_or(TableError::NoPlace)
}

/// What belongs to a thing that comes back: permissions, and of a dashboard a version and its
/// connections.
async fn put_back_beside(
    transaction: &mut Transaction<'static, Any>,
    tracked: &Tracked,
    org: i64,
    key: Key<'_>,
    (state, by): (&State, By<'_>),
) -> Result<(), TableError> {
    let uid = text_of(Some(state), "uid");
    let given = state.get("permissions").and_then(Value::as_array);
    for grant in given.into_iter().flatten() {
        let text = |at: usize| grant.get(at).and_then(Value::as_str).unwrap_or_default();
        sqlx::query(
            "INSERT INTO permissions (org_id, kind, resource, subject_kind, subject, permission, \
             created_ms, updated_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) \
             ON CONFLICT (org_id, kind, resource, subject_kind, subject) DO NOTHING",
        )
        .bind(org)
        .bind(tracked.kind)
        .bind(uid)
        .bind(text(0))
        .bind(text(1))
        .bind(grant.get(2).and_then(Value::as_i64).unwrap_or_default())
        .bind(by.now_ms)
        .execute(&mut **transaction)
        .await?;
    }
    if tracked.kind != DASHBOARD.kind {
        return Ok(());
    }
    let id = key.iter().find(|(name, _)| *name == "id").map_or(0, |(_, id)| *id);
    let version = state.get("version").and_then(Value::as_i64).unwrap_or(1);
    let received = text_of(Some(state), "received");
    dashboards::keep_returned(transaction, (id, version), received, by).await?;
    library::connect(transaction, org, (uid, received), by.now_ms).await
}

/// Deletes what belongs to a thing and to nothing else.
pub(super) async fn delete_beside(
    transaction: &mut Transaction<'static, Any>,
    tracked: &Tracked,
    org: i64,
    uid: &str,
) -> Result<(), TableError> {
    match tracked.kind {
        "data source" => data_sources::delete_beside(transaction, org, uid).await,
        "dashboard" => dashboards::delete_beside(transaction, org, uid).await,
        "folder" => {
            sqlx::query(
                "DELETE FROM permissions WHERE org_id = $1 AND kind = 'folder' AND resource = $2",
            )
            .bind(org)
            .bind(uid)
            .execute(&mut **transaction)
            .await?;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Makes the row what it was: updates it, inserts it again, or deletes it. Returns its key.
async fn put_back(
    transaction: &mut Transaction<'static, Any>,
    tracked: &Tracked,
    key: Key<'_>,
    wanted: Option<&State>,
    by: By<'_>,
) -> Result<Vec<(&'static str, i64)>, TableError> {
    let Some(wanted) = wanted else {
        let statement = format!("DELETE FROM {} WHERE {}", tracked.table, condition(key, 1));
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for (_, value) in key {
            query = query.bind(*value);
        }
        query.execute(&mut **transaction).await?;
        return Ok(key.to_vec());
    };
    // Rows of people, teams and organisations have no number of their own.
    let has_number = !wanted.contains_key("id") || key.iter().any(|(name, _)| *name == "id");
    if has_number && updated(transaction, tracked, key, wanted, by).await? {
        return Ok(key.to_vec());
    }
    let mut columns: Vec<&str> = tracked.texts.iter().chain(tracked.numbers).copied().collect();
    columns.extend(tracked.bookkeeping);
    columns.extend(key.iter().map(|(name, _)| *name));
    let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
    let returning = if has_number { "" } else { " RETURNING id" };
    let statement = format!(
        "INSERT INTO {} ({}) VALUES ({}){returning}",
        tracked.table,
        columns.join(", "),
        places.join(", ")
    );
    let query = bound(AssertSqlSafe(statement), &columns, wanted);
    if has_number {
        query.execute(&mut **transaction).await.map_err(taken("the name"))?;
        return Ok(key.to_vec());
    }
    let row = query.fetch_one(&mut **transaction).await.map_err(taken("the name"))?;
    let mut key = key.to_vec();
    key.insert(0, ("id", row.try_get("id")?));
    Ok(key)
}

/// False when there is no such row.
async fn updated(
    transaction: &mut Transaction<'static, Any>,
    tracked: &Tracked,
    key: Key<'_>,
    wanted: &State,
    by: By<'_>,
) -> Result<bool, TableError> {
    let columns: Vec<&str> = tracked.texts.iter().chain(tracked.numbers).copied().collect();
    let mut sets: Vec<String> =
        columns.iter().zip(1..).map(|(name, n)| format!("{name} = ${n}")).collect();
    for name in tracked.bookkeeping {
        match *name {
            "version" => sets.push("version = version + 1".to_owned()),
            "updated_ms" => sets.push(format!("updated_ms = {}", by.now_ms)),
            "updated_by" => sets.push(format!("updated_by = {}", by.user_id)),
            _ => {}
        }
    }
    let condition = condition(key, columns.len() + 1);
    let statement = format!("UPDATE {} SET {} WHERE {condition}", tracked.table, sets.join(", "));
    let mut query = bound(AssertSqlSafe(statement), &columns, wanted);
    for (_, value) in key {
        query = query.bind(*value);
    }
    let done = query.execute(&mut **transaction).await.map_err(taken("the name"))?;
    Ok(touched(&done))
}

fn bound<'q>(
    statement: AssertSqlSafe<String>,
    columns: &[&str],
    state: &State,
) -> sqlx::query::Query<'q, Any, sqlx::any::AnyArguments> {
    let mut query = sqlx::query(statement);
    for name in columns {
        query = match state.get(*name) {
            Some(Value::Number(number)) => query.bind(number.as_i64().unwrap_or(0)),
            Some(Value::String(text)) => query.bind(text.clone()),
            _ => query.bind(String::new()),
        };
    }
    query
}
