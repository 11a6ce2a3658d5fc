//! Which rows have a history, and a row as a state: a JSON object, column by column.

use serde_json::{Map, Value};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tables::TableError;

/// A kind of settings with its table.
#[derive(Debug)]
pub(in crate::tables) struct Tracked {
    pub(super) kind: &'static str,
    pub(super) table: &'static str,
    pub(super) texts: &'static [&'static str],
    pub(super) numbers: &'static [&'static str],
    /// Numbers that say when and how often, which no two writes share.
    pub(super) bookkeeping: &'static [&'static str],
    /// The column with sealed secrets.
    pub(super) sealed: Option<&'static str>,
    /// Names one for good: no change gives it another uid.
    pub(super) uid_is_fixed: bool,
    /// Permissions may be given on one; they come and go with it.
    pub(super) has_permissions: bool,
}

pub(in crate::tables) const DATA_SOURCE: Tracked = Tracked {
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
    uid_is_fixed: false,
    has_permissions: true,
};
pub(in crate::tables) const PREFERENCES: Tracked = Tracked {
    kind: "preferences",
    table: "preferences",
    texts: &["theme", "timezone", "week_start", "home_dashboard_uid"],
    numbers: &[],
    bookkeeping: &[],
    sealed: None,
    uid_is_fixed: false,
    has_permissions: false,
};
pub(in crate::tables) const ORGANIZATION: Tracked = Tracked {
    kind: "organization",
    table: "orgs",
    texts: &["name", "tenant", "label_policy", "address"],
    numbers: &[],
    bookkeeping: &["created_ms", "updated_ms"],
    sealed: None,
    uid_is_fixed: false,
    has_permissions: false,
};
pub(in crate::tables) const QUOTAS: Tracked = Tracked {
    kind: "quotas",
    table: "quotas",
    texts: &["limits"],
    numbers: &[],
    bookkeeping: &[],
    sealed: None,
    uid_is_fixed: false,
    has_permissions: false,
};
pub(in crate::tables) const FOLDER: Tracked = Tracked {
    kind: "folder",
    table: "folders",
    texts: &["uid", "parent_uid", "title", "description"],
    numbers: &[],
    bookkeeping: AUTHORED,
    sealed: None,
    uid_is_fixed: true,
    has_permissions: true,
};
/// Only their deletion is kept here: what is saved is kept in versions.
pub(in crate::tables) const DASHBOARD: Tracked = Tracked {
    kind: "dashboard",
    table: "dashboards",
    texts: &[
        "uid",
        "folder_uid",
        "title",
        "slug",
        "tags",
        "received",
        "checksum",
        "provisioned_by",
        "provisioned_from",
    ],
    numbers: &["drifted"],
    bookkeeping: AUTHORED,
    sealed: None,
    uid_is_fixed: true,
    has_permissions: true,
};
pub(in crate::tables) const LIBRARY_ELEMENT: Tracked = Tracked {
    kind: "library element",
    table: "library_elements",
    texts: &["uid", "folder_uid", "name", "type", "description", "model"],
    numbers: &["kind"],
    bookkeeping: AUTHORED,
    sealed: None,
    uid_is_fixed: false,
    has_permissions: false,
};
pub(in crate::tables) const PLAYLIST: Tracked = Tracked {
    kind: "playlist",
    table: "playlists",
    texts: &["uid", "name", "interval_text", "items"],
    numbers: &[],
    bookkeeping: &["created_ms", "updated_ms"],
    sealed: None,
    uid_is_fixed: true,
    has_permissions: false,
};
const AUTHORED: &[&str] = &["version", "created_ms", "created_by", "updated_ms", "updated_by"];
const ALL: [&Tracked; 8] = [
    &DATA_SOURCE,
    &PREFERENCES,
    &ORGANIZATION,
    &QUOTAS,
    &FOLDER,
    &DASHBOARD,
    &LIBRARY_ELEMENT,
    &PLAYLIST,
];

/// The columns that name one row.
pub(in crate::tables) type Key<'k> = &'k [(&'static str, i64)];
pub(in crate::tables) type State = Map<String, Value>;

impl Tracked {
    pub(super) fn state(&self, row: &AnyRow, key: Key<'_>) -> Result<State, TableError> {
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

pub(super) fn tracked(kind: &str) -> Result<&'static Tracked, TableError> {
    let found = ALL.into_iter().find(|tracked| tracked.kind == kind);
    found.ok_or(TableError::Row { what: "change" })
}

/// `a = $1 AND b = $2`, counted from `first`.
pub(super) fn condition(key: Key<'_>, first: usize) -> String {
    let parts = key.iter().zip(first..).map(|((name, _), n)| format!("{name} = ${n}"));
    parts.collect::<Vec<_>>().join(" AND ")
}

pub(super) fn row_key(key: Key<'_>) -> String {
    let pairs: Map<String, Value> =
        key.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    Value::Object(pairs).to_string()
}

pub(super) fn read_key(text: &str) -> Result<Vec<(&'static str, i64)>, TableError> {
    const NAMES: [&str; 4] = ["id", "org_id", "team_id", "user_id"];
    let unreadable = || TableError::Row { what: "change" };
    let pairs: Map<String, Value> = serde_json::from_str(text).map_err(|_| unreadable())?;
    let pair = |(name, value): (&String, &Value)| {
        let name = NAMES.into_iter().find(|known| known == name).ok_or_else(unreadable)?;
        Ok((name, value.as_i64().ok_or_else(unreadable)?))
    };
    pairs.iter().map(pair).collect()
}

pub(super) fn written(state: Option<State>) -> String {
    state.map_or_else(String::new, |state| Value::Object(state).to_string())
}

pub(super) fn read_state(row: &AnyRow, column: &str) -> Result<Option<State>, TableError> {
    let text: &str = row.try_get(column)?;
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|_| TableError::Row { what: "change" })
}

/// A text of a state; empty where there is none.
pub(in crate::tables) fn text_of<'s>(state: Option<&'s State>, name: &str) -> &'s str {
    state.and_then(|state| state.get(name)).and_then(Value::as_str).unwrap_or_default()
}

/// Whether a flag of a state is set.
pub(super) fn flag_of(state: Option<&State>, name: &str) -> bool {
    state.and_then(|state| state.get(name)).and_then(Value::as_i64) == Some(1)
}
