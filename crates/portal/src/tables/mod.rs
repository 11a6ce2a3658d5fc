//! The portal's tables: an embedded SQLite database, or PostgreSQL when its URL is given; one
//! module per table.
//!
//! The SQL stays within what SQLite and PostgreSQL share: numbered parameters, `RETURNING`,
//! `ON CONFLICT`; booleans are stored as 0 and 1, times as Unix milliseconds, JSON as text. What
//! belongs to an organisation is asked for with the organisation's id first.

mod annotations;
mod audit;
mod changes;
#[cfg(test)]
mod contract;
mod correlations;
mod counts;
mod dashboards;
mod data_sources;
mod folders;
mod library;
mod listing;
mod migrations;
mod orgs;
mod permissions;
mod playlists;
mod preferences;
mod query_history;
mod quotas;
mod room;
mod service_accounts;
mod sessions;
mod settings;
mod short_urls;
mod snapshots;
mod stars;
mod teams;
#[cfg(test)]
mod tests;
mod users;
mod versions;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use platform::Random;
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{Any, AnyPool, Executor as _, Transaction};

use crate::seal::{Seal, SealError};

pub use annotations::{AnnotationRow, AnnotationSearch, NewAnnotation};
pub use audit::{AuditRow, AuditSearch, NewAudit};
pub use changes::{By, ChangeRow, ChangeSearch};
pub use correlations::{CorrelationRow, CorrelationSearch, NewCorrelation};
pub use dashboards::{DashboardRow, NewDashboard, ProvisionedRow, Saved};
pub use data_sources::{DataSourceRow, NewDataSource, SecureJsonData};
pub use folders::{FOLDER_DEPTH_MAX, FolderRow, NewFolder};
pub use library::{LibraryElementRow, NewLibraryElement};
pub use listing::{Listed, Listing, Search, Sort};
pub use orgs::{MAIN_ORG_ID, OrgRow, OrgUserRow};
pub use permissions::{Permission, PermissionRow, Resource, Subject};
pub use playlists::PlaylistRow;
pub use preferences::{Preferences, PreferencesOf};
pub use query_history::{QueryHistoryRow, QueryHistorySearch};
pub use quotas::Quotas;
pub use room::Room;
pub use service_accounts::{NewToken, ServiceAccountRow, TokenOwner, TokenRow};
pub use sessions::{ListedSession, NewSession, SessionRow};
pub use snapshots::{NewSnapshot, SnapshotRow};
pub use teams::{TeamMemberRow, TeamRow};
pub use users::{NewUser, UserRow, UserSearch};
pub use versions::VersionRow;

/// Where the tables are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// An SQLite file, created when missing.
    File(PathBuf),
    /// `postgres://user:password@host:port/name?sslmode=…`
    Postgres(String),
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Without the password of a URL.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => {
                let at = url.rsplit_once('@').map_or(url.as_str(), |(_, after)| after);
                write!(f, "postgres://{}", at.split('?').next().unwrap_or_default())
            }
        }
    }
}

/// Named settings of the database.
#[derive(Clone, Copy, Debug)]
pub struct TablesConfig {
    /// `portal.database_connections_max`: connections that read, or do anything in PostgreSQL.
    pub connections_max: u32,
    /// How long a statement waits for a connection, or for another process's lock.
    pub busy_timeout: Duration,
    /// `portal.versions_to_keep`: older versions of a dashboard are forgotten.
    pub versions_max: i64,
    /// `portal.changes_to_keep`: older changes of an organisation's settings are forgotten.
    pub changes_max: i64,
}

impl Default for TablesConfig {
    fn default() -> Self {
        Self {
            connections_max: 4,
            busy_timeout: Duration::from_secs(5),
            versions_max: 20,
            changes_max: 1_000,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Start: give up with this sentence.
    #[error("cannot open the portal's database {database}")]
    Open { database: Database, source: sqlx::Error },
    /// Start: a newer binary has written this database.
    #[error("the portal's database is at version {found}, this binary knows up to {known}")]
    Newer { found: i64, known: i64 },
    /// Answer 409 or 412: the name, uid or title is taken.
    #[error("{what} is already taken")]
    Taken { what: &'static str },
    /// Answer 403: a limit is reached, and the message names it.
    #[error("{} is reached: there is room for {} and no more", room.setting, room.rows_max)]
    Full { room: Room },
    /// Answer 412: somebody else has saved since this visitor read.
    #[error("it has been changed by someone else")]
    VersionMismatch,
    /// Answer 403: a file says what it is.
    #[error("it is provisioned: change it in its file")]
    Provisioned,
    /// Answer 412: a folder that holds something is not taken away by taking back its creation.
    #[error("the folder is not empty any more: delete it instead")]
    NotEmpty,
    /// Answer 403: dashboards use it.
    #[error("the library element has connections")]
    InUse,
    /// Answer 412: the folder that it was in is gone.
    #[error("the folder that it was in is not there any more")]
    NoPlace,
    /// Answer 400: it is undone with the change that it belongs to.
    #[error("it is a part of change {id}: undo that one")]
    PartOfChange { id: i64 },
    /// Answer 400: PostgreSQL keeps no NUL characters in text.
    #[error("a text must not hold the NUL character")]
    Nul,
    /// Answer 500 and log it.
    #[error("the portal's database refused a statement")]
    Statement(#[source] sqlx::Error),
    /// Answer 500 and log it: a row that this code did not write.
    #[error("the portal's database holds an unreadable {what}")]
    Row { what: &'static str },
    /// Answer 500 and log it: the key in the data directory is another, or the value was changed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl From<sqlx::Error> for TableError {
    fn from(error: sqlx::Error) -> Self {
        /// `character_not_in_repertoire`: our strings are UTF-8, so only NUL is left.
        const POSTGRES_NUL: &str = "22021";
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        if code.is_some_and(|code| code == POSTGRES_NUL) {
            Self::Nul
        } else {
            Self::Statement(error)
        }
    }
}

/// Turns a broken uniqueness rule into [`TableError::Taken`].
fn taken(what: &'static str) -> impl FnOnce(sqlx::Error) -> TableError {
    move |error| match error.as_database_error() {
        Some(cause) if cause.is_unique_violation() => TableError::Taken { what },
        _ => error.into(),
    }
}

/// A handle to the database; clones share everything.
#[derive(Clone)]
pub struct Tables {
    /// Statements that only read.
    pool: AnyPool,
    /// Statements that write. For SQLite a pool of one: writers queue here in the order they came,
    /// instead of fighting for the file's lock.
    writer: AnyPool,
    config: TablesConfig,
    seal: Arc<Seal>,
    /// What searches look through, kept until a dashboard or folder changes.
    listing: Arc<listing::Kept>,
    database: Database,
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("database", &self.database).finish_non_exhaustive()
    }
}

impl Tables {
    /// Opens (and creates) the database and brings it to the newest version. `seal` encrypts what
    /// must not lie about in the clear.
    pub async fn open(
        database: Database,
        config: TablesConfig,
        seal: Seal,
    ) -> Result<Self, TableError> {
        install_default_drivers();
        let failed = |source| TableError::Open { database: database.clone(), source };
        let (pool, writer) = match &database {
            Database::File(path) => {
                let (options, url) = (Sqlite::new(config), sqlite_url(path));
                let writer = options.pool(1).connect(&url).await.map_err(failed)?;
                migrations::run(&writer, false).await?;
                // Only now: a connection must not have seen the schema of before.
                let readers = options.pool(config.connections_max);
                (readers.connect(&url).await.map_err(failed)?, writer)
            }
            Database::Postgres(url) => {
                let options = AnyPoolOptions::new()
                    .max_connections(config.connections_max)
                    .acquire_timeout(config.busy_timeout);
                let pool = options.connect(url).await.map_err(failed)?;
                migrations::run(&pool, true).await?;
                (pool.clone(), pool)
            }
        };
        let (seal, listing) = (Arc::new(seal), Arc::default());
        Ok(Self { pool, writer, config, seal, listing, database })
    }

    /// Opens the SQLite database of a data directory, `portal.db`, with the key beside it.
    pub async fn open_in(
        dir: &Path,
        config: TablesConfig,
        random: Arc<dyn Random>,
    ) -> Result<Self, TableError> {
        let seal = Seal::open_or_create(&dir.join("portal.key"), random)?;
        Self::open(Database::File(dir.join("portal.db")), config, seal).await
    }

    /// A round trip, for the health page.
    pub async fn ping(&self) -> Result<(), TableError> {
        sqlx::query("SELECT 1").fetch_one(&self.pool).await?;
        Ok(())
    }

    /// Copies the whole database to a new file while it is in use: a consistent state of one
    /// moment. PostgreSQL has its own tools for this; `false` then, and nothing was done.
    pub async fn backup(&self, to: &Path) -> Result<bool, TableError> {
        if matches!(self.database, Database::Postgres(_)) {
            return Ok(false);
        }
        // On the reading side: the copy must not hold writers up.
        sqlx::query("VACUUM INTO $1").bind(to.display().to_string()).execute(&self.pool).await?;
        Ok(true)
    }

    /// Waits for running statements and closes the database.
    pub async fn close(&self) {
        self.pool.close().await;
        self.writer.close().await;
    }

    async fn begin(&self) -> Result<Transaction<'static, Any>, TableError> {
        Ok(self.writer.begin().await?)
    }
}

/// How connections to an SQLite file are set up.
struct Sqlite {
    set_up: Arc<str>,
    wait: Duration,
}

impl Sqlite {
    fn new(config: TablesConfig) -> Self {
        // With a write-ahead log `NORMAL` loses nothing on a crash of the process and at most the
        // last commits on a power cut.
        let set_up = format!(
            "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
             PRAGMA foreign_keys = ON",
            config.busy_timeout.as_millis()
        );
        // A queue of writers on a slow disk is no failure; each has the time of many.
        Self { set_up: set_up.into(), wait: config.busy_timeout * 6 }
    }

    fn pool(&self, connections_max: u32) -> AnyPoolOptions {
        let set_up = Arc::clone(&self.set_up);
        AnyPoolOptions::new()
            .max_connections(connections_max)
            .acquire_timeout(self.wait)
            .after_connect(move |connection, _| {
                let set_up = sqlx::AssertSqlSafe(Arc::clone(&set_up));
                Box::pin(async move {
                    connection.execute(sqlx::raw_sql(set_up)).await?;
                    Ok(())
                })
            })
    }
}

fn sqlite_url(path: &Path) -> String {
    use std::fmt::Write as _;
    let mut url = "sqlite://".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'%' | b'?' | b'#' | b' ' | 0x7f.. => {
                // Writing to a string cannot fail.
                write!(url, "%{byte:02X}").expect("strings grow");
            }
            _ => url.push(char::from(*byte)),
        }
    }
    url.push_str("?mode=rwc");
    url
}

/// How many rows a statement touched, as a yes or no.
fn touched(done: &sqlx::any::AnyQueryResult) -> bool {
    done.rows_affected() > 0
}

/// Escapes what `LIKE … ESCAPE '\'` would take as a pattern, and puts `%` around it.
fn like(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
