//! The history of settings: data sources, preferences, organisations and quotas. Each change
//! keeps the row before and after, who made it and when, in the transaction that makes it; undoing
//! puts the row of before back and is a change itself. (Dashboards keep their versions apart.)
//!
//! A state is the row as a JSON object, column by column. Secrets lie in it sealed, as in the row.

use serde_json::{Map, Value};
use sqlx::any::AnyRow;
use sqlx::{Any, AssertSqlSafe, Row as _, Transaction};

use super::{SecureJsonData, TableError, Tables, taken, touched};

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
        Self { user_id: 0, name: "provisioning", now_ms }
    }
}

/// A kind of settings with its table.
#[derive(Debug)]
pub(super) struct Tracked {
    kind: &'static str,
    table: &'static str,
    texts: &'static [&'static str],
    numbers: &'static [&'static str],
    /// Numbers that say when and how often, which no two writes share.
    bookkeeping: &'static [&'static str],
    /// The column with sealed secrets.
    sealed: Option<&'static str>,
}

pub(super) const DATA_SOURCE: Tracked = Tracked {
    kind: "data source",
    table: "data_sources",
    texts: &[
        "uid",
        "name",
        "type",
        "url",
        "access",
        "login",
        "database_name",
        "basic_auth_user",
        "json_data",
        "secure_json_data",
        "provisioned_from",
    ],
    numbers: &["is_default", "basic_auth", "with_credentials", "read_only"],
    bookkeeping: &["version", "created_ms", "updated_ms"],
    sealed: Some("secure_json_data"),
};
pub(super) const PREFERENCES: Tracked = Tracked {
    kind: "preferences",
    table: "preferences",
    texts: &["theme", "timezone", "week_start", "home_dashboard_uid"],
    numbers: &[],
    bookkeeping: &[],
    sealed: None,
};
pub(super) const ORGANIZATION: Tracked = Tracked {
    kind: "organization",
    table: "orgs",
    texts: &["name", "tenant", "label_policy", "address"],
    numbers: &[],
    bookkeeping: &["created_ms", "updated_ms"],
    sealed: None,
};
pub(super) const QUOTAS: Tracked = Tracked {
    kind: "quotas",
    table: "quotas",
    texts: &["limits"],
    numbers: &[],
    bookkeeping: &[],
    sealed: None,
};
const ALL: [&Tracked; 4] = [&DATA_SOURCE, &PREFERENCES, &ORGANIZATION, &QUOTAS];

/// The columns that name one row.
pub(super) type Key<'k> = &'k [(&'static str, i64)];
type State = Map<String, Value>;

/// One row of the history. States have `"configured"` in the place of every secret.
#[derive(Clone, Debug)]
pub struct ChangeRow {
    pub id: i64,
    /// `data source`, `preferences`, `organization` or `quotas`.
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
        row.map(|row| tracked.state(&row, key)).transpose()
    }

    /// Writes down what became of a row that was `before`; nothing when it is as it was.
    pub(super) async fn record_change(
        &self,
        transaction: &mut Transaction<'static, Any>,
        (tracked, key, org, subject): (&Tracked, Key<'_>, i64, &str),
        before: Option<State>,
        (by, undoes): (By<'_>, i64),
    ) -> Result<(), TableError> {
        let after = self.state_of(transaction, tracked, key).await?;
        if self.same(tracked, before.as_ref(), after.as_ref())? {
            return Ok(());
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
        sqlx::query(
            "INSERT INTO changes (org_id, kind, row_key, subject, version, author_id, author, \
             undoes, before_state, after_state, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
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
        .execute(&mut **transaction)
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
        Ok(())
    }

    /// Newest first.
    pub async fn changes(
        &self,
        org: i64,
        search: &ChangeSearch,
    ) -> Result<Vec<ChangeRow>, TableError> {
        let rows = sqlx::query(
            "SELECT * FROM changes WHERE org_id = $1 AND ($2 = '' OR kind = $2) \
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

    pub async fn change(&self, org: i64, id: i64) -> Result<Option<ChangeRow>, TableError> {
        let row = sqlx::query("SELECT * FROM changes WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| self.read_change(&row)).transpose()
    }

    /// Puts the row of before a change back. False when there is no such change.
    /// Errors: [`TableError::VersionMismatch`] when the row has been changed since and not `force`;
    /// [`TableError::Taken`] when another row has the name by now.
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
        let tracked = tracked(row.try_get("kind")?)?;
        let key = read_key(row.try_get("row_key")?)?;
        let subject: String = row.try_get("subject")?;
        let (wanted, left) = (read_state(&row, "before_state")?, read_state(&row, "after_state")?);
        let now = self.state_of(&mut transaction, tracked, &key).await?;
        if !force && !self.same(tracked, now.as_ref(), left.as_ref())? {
            return Err(TableError::VersionMismatch);
        }
        put_back(&mut transaction, tracked, &key, wanted.as_ref(), by.now_ms).await?;
        if tracked.kind == DATA_SOURCE.kind {
            settle_data_source(&mut transaction, org, wanted.as_ref(), now.as_ref()).await?;
        }
        let place = (tracked, &*key, org, subject.as_str());
        self.record_change(&mut transaction, place, now, (by, id)).await?;
        transaction.commit().await?;
        Ok(true)
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
    fn same(
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
        })
    }
}

impl Tracked {
    fn state(&self, row: &AnyRow, key: Key<'_>) -> Result<State, TableError> {
        let mut state = State::new();
        for name in self.texts {
            state.insert((*name).to_owned(), row.try_get::<String, _>(*name)?.into());
        }
        for name in self.numbers.iter().chain(self.bookkeeping) {
            state.insert((*name).to_owned(), row.try_get::<i64, _>(*name)?.into());
        }
        state.extend(key.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())));
        Ok(state)
    }
}

fn tracked(kind: &str) -> Result<&'static Tracked, TableError> {
    let found = ALL.into_iter().find(|tracked| tracked.kind == kind);
    found.ok_or(TableError::Row { what: "change" })
}

/// `a = $1 AND b = $2`, counted from `first`.
fn condition(key: Key<'_>, first: usize) -> String {
    let parts = key.iter().zip(first..).map(|((name, _), n)| format!("{name} = ${n}"));
    parts.collect::<Vec<_>>().join(" AND ")
}

fn row_key(key: Key<'_>) -> String {
    let pairs: Map<String, Value> =
        key.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    Value::Object(pairs).to_string()
}

fn read_key(text: &str) -> Result<Vec<(&'static str, i64)>, TableError> {
    const NAMES: [&str; 4] = ["id", "org_id", "team_id", "user_id"];
    let unreadable = || TableError::Row { what: "change" };
    let pairs: Map<String, Value> = serde_json::from_str(text).map_err(|_| unreadable())?;
    let pair = |(name, value): (&String, &Value)| {
        let name = NAMES.into_iter().find(|known| known == name).ok_or_else(unreadable)?;
        Ok((name, value.as_i64().ok_or_else(unreadable)?))
    };
    pairs.iter().map(pair).collect()
}

fn written(state: Option<State>) -> String {
    state.map_or_else(String::new, |state| Value::Object(state).to_string())
}

fn read_state(row: &AnyRow, column: &str) -> Result<Option<State>, TableError> {
    let text: &str = row.try_get(column)?;
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|_| TableError::Row { what: "change" })
}

/// Makes the row what it was: updates it, inserts it again, or deletes it.
async fn put_back(
    transaction: &mut Transaction<'static, Any>,
    tracked: &Tracked,
    key: Key<'_>,
    wanted: Option<&State>,
    now_ms: i64,
) -> Result<(), TableError> {
    let Some(wanted) = wanted else {
        let statement = format!("DELETE FROM {} WHERE {}", tracked.table, condition(key, 1));
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for (_, value) in key {
            query = query.bind(*value);
        }
        query.execute(&mut **transaction).await?;
        return Ok(());
    };
    let mut columns: Vec<&str> = tracked.texts.iter().chain(tracked.numbers).copied().collect();
    let mut sets: Vec<String> =
        columns.iter().zip(1..).map(|(name, n)| format!("{name} = ${n}")).collect();
    for name in tracked.bookkeeping {
        match *name {
            "version" => sets.push("version = version + 1".to_owned()),
            "updated_ms" => sets.push(format!("updated_ms = {now_ms}")),
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
    if touched(&done) {
        return Ok(());
    }
    columns.extend(tracked.bookkeeping);
    columns.extend(key.iter().map(|(name, _)| *name));
    let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
    let statement = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        tracked.table,
        columns.join(", "),
        places.join(", ")
    );
    let query = bound(AssertSqlSafe(statement), &columns, wanted);
    query.execute(&mut **transaction).await.map_err(taken("the name"))?;
    Ok(())
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

/// There is one default, and what belongs to a source that is gone goes with it.
async fn settle_data_source(
    transaction: &mut Transaction<'static, Any>,
    org: i64,
    wanted: Option<&State>,
    gone: Option<&State>,
) -> Result<(), TableError> {
    let uid = |state: Option<&State>| {
        state.and_then(|s| s.get("uid")).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    match wanted {
        Some(state) if state.get("is_default").and_then(Value::as_i64) == Some(1) => {
            sqlx::query("UPDATE data_sources SET is_default = 0 WHERE org_id = $1 AND uid <> $2")
                .bind(org)
                .bind(uid(wanted))
                .execute(&mut **transaction)
                .await?;
        }
        Some(_) => {}
        None => super::data_sources::delete_beside(transaction, org, &uid(gone)).await?,
    }
    Ok(())
}
