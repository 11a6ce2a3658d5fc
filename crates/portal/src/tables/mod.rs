//! The portal's tables: an embedded SQLite database, one module per table.
//!
//! The SQL stays within what SQLite and PostgreSQL share: numbered parameters, `RETURNING`,
//! `ON CONFLICT`; booleans are stored as 0 and 1, times as Unix milliseconds, JSON as text.

mod dashboards;
mod data_sources;
mod folders;
mod migrations;
mod preferences;
mod sessions;
mod settings;
mod stars;
mod users;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

pub use dashboards::{DashboardRow, Listed, NewDashboard, ProvisionedRow, Search};
pub use data_sources::{DataSourceRow, NewDataSource};
pub use folders::FolderRow;
pub use preferences::Preferences;
pub use sessions::{NewSession, SessionRow};
pub use users::{NewUser, UserRow};

/// Named settings of the database.
#[derive(Clone, Copy, Debug)]
pub struct TablesConfig {
    /// Connections open at once.
    pub connections_max: u32,
    /// How long a writer waits for another.
    pub busy_timeout: Duration,
}

impl Default for TablesConfig {
    fn default() -> Self {
        Self { connections_max: 4, busy_timeout: Duration::from_secs(5) }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Start: give up with this sentence.
    #[error("cannot open the portal's database {path}")]
    Open { path: PathBuf, source: sqlx::Error },
    /// Start: a newer binary has written this database.
    #[error("the portal's database is at version {found}, this binary knows up to {known}")]
    Newer { found: i64, known: i64 },
    /// Answer 409 or 412: the name, uid or title is taken.
    #[error("{what} is already taken")]
    Taken { what: &'static str },
    /// Answer 500 and log it.
    #[error("the portal's database refused a statement")]
    Statement(#[source] sqlx::Error),
    /// Answer 500 and log it: a row that this code did not write.
    #[error("the portal's database holds an unreadable {what}")]
    Row { what: &'static str },
}

impl From<sqlx::Error> for TableError {
    fn from(error: sqlx::Error) -> Self {
        Self::Statement(error)
    }
}

/// Turns a broken uniqueness rule into [`TableError::Taken`].
fn taken(what: &'static str) -> impl FnOnce(sqlx::Error) -> TableError {
    move |error| match error.as_database_error() {
        Some(cause) if cause.is_unique_violation() => TableError::Taken { what },
        _ => TableError::Statement(error),
    }
}

/// A handle to the database; clones share one pool.
#[derive(Clone, Debug)]
pub struct Tables {
    pool: SqlitePool,
}

impl Tables {
    /// Opens (and creates) the database file and brings it to the newest version.
    pub async fn open(path: &Path, config: TablesConfig) -> Result<Self, TableError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // With a write-ahead log this loses nothing on a crash of the process and at most the
            // last commits on a power cut.
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(config.busy_timeout);
        let pool = SqlitePoolOptions::new()
            .max_connections(config.connections_max)
            .connect_with(options)
            .await
            .map_err(|source| TableError::Open { path: path.to_owned(), source })?;
        migrations::run(&pool).await?;
        Ok(Self { pool })
    }

    /// A round trip, for the health page.
    pub async fn ping(&self) -> Result<(), TableError> {
        sqlx::query("SELECT 1").fetch_one(&self.pool).await?;
        Ok(())
    }

    /// Waits for running statements and closes the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
