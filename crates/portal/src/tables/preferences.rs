//! Preferences: how a user likes pages to look.

use sqlx::Row;

use super::{TableError, Tables};

/// Empty strings mean the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    pub theme: String,
    pub timezone: String,
    pub week_start: String,
    pub home_dashboard_uid: String,
}

impl Tables {
    pub async fn preferences(&self, user: i64) -> Result<Preferences, TableError> {
        let found = sqlx::query("SELECT * FROM preferences WHERE user_id = $1")
            .bind(user)
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = found else { return Ok(Preferences::default()) };
        Ok(Preferences {
            theme: row.try_get("theme")?,
            timezone: row.try_get("timezone")?,
            week_start: row.try_get("week_start")?,
            home_dashboard_uid: row.try_get("home_dashboard_uid")?,
        })
    }

    pub async fn set_preferences(&self, user: i64, to: &Preferences) -> Result<(), TableError> {
        sqlx::query(
            "INSERT INTO preferences (user_id, theme, timezone, week_start, home_dashboard_uid) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id) DO UPDATE SET \
             theme = excluded.theme, timezone = excluded.timezone, \
             week_start = excluded.week_start, home_dashboard_uid = excluded.home_dashboard_uid",
        )
        .bind(user)
        .bind(&to.theme)
        .bind(&to.timezone)
        .bind(&to.week_start)
        .bind(&to.home_dashboard_uid)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
