//! How many of everything there are, for quotas and the statistics of the server.

use std::collections::HashMap;

use sqlx::Row as _;

use super::{TableError, Tables};

/// Kinds of things with the statement that counts them in all organisations.
const COUNTS: &str = "\
    SELECT 'orgs' AS what, COUNT(*) AS n FROM orgs \
    UNION ALL SELECT 'users', COUNT(*) FROM users WHERE is_service_account = 0 \
    UNION ALL SELECT 'serviceAccounts', COUNT(*) FROM users WHERE is_service_account = 1 \
    UNION ALL SELECT 'dashboards', COUNT(*) FROM dashboards \
    UNION ALL SELECT 'folders', COUNT(*) FROM folders \
    UNION ALL SELECT 'datasources', COUNT(*) FROM data_sources \
    UNION ALL SELECT 'snapshots', COUNT(*) FROM snapshots \
    UNION ALL SELECT 'playlists', COUNT(*) FROM playlists \
    UNION ALL SELECT 'stars', COUNT(*) FROM stars \
    UNION ALL SELECT 'annotations', COUNT(*) FROM annotations \
    UNION ALL SELECT 'correlations', COUNT(*) FROM correlations \
    UNION ALL SELECT 'libraryPanels', COUNT(*) FROM library_elements WHERE kind = 1 \
    UNION ALL SELECT 'teams', COUNT(*) FROM teams \
    UNION ALL SELECT 'sessions', COUNT(*) FROM sessions \
    UNION ALL SELECT 'grafanaAdmins', COUNT(*) FROM users WHERE grafana_admin = 1 \
    UNION ALL SELECT 'admins', COUNT(DISTINCT user_id) FROM org_users WHERE role = 'Admin' \
    UNION ALL SELECT 'editors', COUNT(DISTINCT user_id) FROM org_users WHERE role = 'Editor' \
    UNION ALL SELECT 'viewers', COUNT(DISTINCT user_id) FROM org_users WHERE role = 'Viewer'";

/// The same for one organisation.
const COUNTS_OF_ORG: &str = "\
    SELECT 'org_user' AS what, COUNT(*) AS n FROM org_users WHERE org_id = $1 \
    UNION ALL SELECT 'dashboard', COUNT(*) FROM dashboards WHERE org_id = $1 \
    UNION ALL SELECT 'folder', COUNT(*) FROM folders WHERE org_id = $1 \
    UNION ALL SELECT 'data_source', COUNT(*) FROM data_sources WHERE org_id = $1 \
    UNION ALL SELECT 'annotation', COUNT(*) FROM annotations WHERE org_id = $1 \
    UNION ALL SELECT 'correlation', COUNT(*) FROM correlations WHERE org_id = $1 \
    UNION ALL SELECT 'library_element', COUNT(*) FROM library_elements WHERE org_id = $1 \
    UNION ALL SELECT 'snapshot', COUNT(*) FROM snapshots WHERE org_id = $1 \
    UNION ALL SELECT 'playlist', COUNT(*) FROM playlists WHERE org_id = $1 \
    UNION ALL SELECT 'short_url', COUNT(*) FROM short_urls WHERE org_id = $1";

impl Tables {
    /// By Grafana's names for its statistics.
    pub async fn counts(&self) -> Result<HashMap<String, i64>, TableError> {
        let rows = sqlx::query(COUNTS).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get("what")?, row.try_get("n")?))).collect()
    }

    /// By Grafana's names for the targets of quotas.
    pub async fn counts_of_org(&self, org: i64) -> Result<HashMap<String, i64>, TableError> {
        let rows = sqlx::query(COUNTS_OF_ORG).bind(org).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get("what")?, row.try_get("n")?))).collect()
    }

    /// Users who have been there since then.
    pub async fn users_seen_since(&self, since_ms: i64) -> Result<i64, TableError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM users WHERE seen_ms >= $1")
            .bind(since_ms)
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get("n")?)
    }
}
