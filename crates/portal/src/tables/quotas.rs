//! Quotas: how many of each thing an organisation, or a user, may have.

use std::collections::BTreeMap;

use sqlx::Row as _;

use super::changes::{By, QUOTAS};
use super::{TableError, Tables};

/// Limits by Grafana's names for its targets (`dashboard`, `org_user`, …); what is not named has
/// the server's limit, -1 means none.
pub type Quotas = BTreeMap<String, i64>;

impl Tables {
    /// Those of an organisation, or with a user those of the user in it.
    pub async fn quotas(&self, org: i64, user: i64) -> Result<Quotas, TableError> {
        let row = sqlx::query("SELECT limits FROM quotas WHERE org_id = $1 AND user_id = $2")
            .bind(org)
            .bind(user)
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(Quotas::new()) };
        let text: String = row.try_get("limits")?;
        serde_json::from_str(&text).map_err(|_| TableError::Row { what: "quota" })
    }

    /// Sets one limit; the others stay.
    pub async fn set_quota(
        &self,
        (org, user): (i64, i64),
        target: &str,
        limit: i64,
        by: By<'_>,
    ) -> Result<(), TableError> {
        let key = [("org_id", org), ("user_id", user)];
        let mut transaction = self.begin().await?;
        let before = self.state_of(&mut transaction, &QUOTAS, &key).await?;
        let known = before.as_ref().and_then(|state| state.get("limits")?.as_str());
        let mut limits: Quotas = known
            .map_or_else(|| Ok(Quotas::new()), serde_json::from_str)
            .map_err(|_| TableError::Row { what: "quota" })?;
        limits.insert(target.to_owned(), limit);
        let text = serde_json::to_string(&limits).map_err(|_| TableError::Row { what: "quota" })?;
        sqlx::query(
            "INSERT INTO quotas (org_id, user_id, limits) VALUES ($1, $2, $3) \
             ON CONFLICT (org_id, user_id) DO UPDATE SET limits = excluded.limits",
        )
        .bind(org)
        .bind(user)
        .bind(text)
        .execute(&mut *transaction)
        .await?;
        let place = (&QUOTAS, &key[..], org, "quotas");
        self.record_change(&mut transaction, place, before, by.into()).await?;
        transaction.commit().await?;
        Ok(())
    }
}
