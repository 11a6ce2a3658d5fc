//! Preferences: how a user, a team or an organisation likes pages to look.

use sqlx::Row;

use super::changes::{By, PREFERENCES};
use super::{TableError, Tables};

/// Empty strings mean the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    pub theme: String,
    pub timezone: String,
    pub week_start: String,
    pub home_dashboard_uid: String,
}

/// Whose preferences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreferencesOf {
    Org,
    Team(i64),
    User(i64),
}

impl PreferencesOf {
    fn noun(self) -> &'static str {
        match self {
            Self::Org => "the organization's preferences",
            Self::Team(_) => "a team's preferences",
            Self::User(_) => "own preferences",
        }
    }

    /// `user_id` and `team_id` of the row.
    fn key(self) -> (i64, i64) {
        match self {
            Self::Org => (0, 0),
            Self::Team(team) => (0, team),
            Self::User(user) => (user, 0),
        }
    }
}

impl Preferences {
    /// What is not said here is taken from `other`.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        let or = |own: String, other: &str| if own.is_empty() { other.to_owned() } else { own };
        Self {
            theme: or(self.theme, &other.theme),
            timezone: or(self.timezone, &other.timezone),
            week_start: or(self.week_start, &other.week_start),
            home_dashboard_uid: or(self.home_dashboard_uid, &other.home_dashboard_uid),
        }
    }
}

impl Tables {
    pub async fn preferences(
        &self,
        org: i64,
        of: PreferencesOf,
    ) -> Result<Preferences, TableError> {
        let (user, team) = of.key();
        let found = sqlx::query(
            "SELECT * FROM preferences WHERE org_id = $1 AND user_id = $2 AND team_id = $3",
        )
        .bind(org)
        .bind(user)
        .bind(team)
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

    pub async fn set_preferences(
        &self,
        org: i64,
        of: PreferencesOf,
        to: &Preferences,
        by: By<'_>,
    ) -> Result<(), TableError> {
        let (user, team) = of.key();
        let key = [("org_id", org), ("team_id", team), ("user_id", user)];
        let mut transaction = self.begin().await?;
        let before = self.state_of(&mut transaction, &PREFERENCES, &key).await?;
        sqlx::query(
            "INSERT INTO preferences (org_id, user_id, team_id, theme, timezone, week_start, \
             home_dashboard_uid) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (org_id, user_id, team_id) DO UPDATE SET theme = excluded.theme, \
             timezone = excluded.timezone, week_start = excluded.week_start, \
             home_dashboard_uid = excluded.home_dashboard_uid",
        )
        .bind(org)
        .bind(user)
        .bind(team)
        .bind(&to.theme)
        .bind(&to.timezone)
        .bind(&to.week_start)
        .bind(&to.home_dashboard_uid)
        .execute(&mut *transaction)
        .await?;
        let place = (&PREFERENCES, &key[..], org, of.noun());
        self.record_change(&mut transaction, place, before, by.into()).await?;
        transaction.commit().await?;
        Ok(())
    }
}
