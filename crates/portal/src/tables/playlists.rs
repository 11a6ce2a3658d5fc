//! Playlists: dashboards shown one after another.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::changes::{By, PLAYLIST};
use super::{Room, TableError, Tables, like, taken, touched};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaylistRow {
    pub id: i64,
    pub uid: String,
    pub name: String,
    /// `5m`, …: how long each is shown.
    pub interval: String,
    /// A JSON list of `type`, `value` and `title`, in order.
    pub items: String,
    pub created_ms: i64,
    pub updated_ms: i64,
}

impl Tables {
    /// Returns the id. Errors: [`TableError::Taken`] when the uid exists.
    pub async fn insert_playlist(
        &self,
        org: i64,
        playlist: &PlaylistRow,
        room: Room,
        by: By<'_>,
    ) -> Result<i64, TableError> {
        const COUNT: &str = "SELECT COUNT(*) AS n FROM playlists WHERE org_id = $1";
        let mut transaction = self.begin().await?;
        self.check_room(&mut transaction, COUNT, org, room).await?;
        let row = sqlx::query(
            "INSERT INTO playlists (org_id, uid, name, interval_text, items, created_ms, \
             updated_ms) VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id",
        )
        .bind(org)
        .bind(&playlist.uid)
        .bind(&playlist.name)
        .bind(&playlist.interval)
        .bind(&playlist.items)
        .bind(by.now_ms)
        .fetch_one(&mut *transaction)
        .await
        .map_err(taken("playlist uid"))?;
        let id = row.try_get("id")?;
        let key = [("id", id), ("org_id", org)];
        let place = (&PLAYLIST, &key[..], org, playlist.name.as_str());
        self.record_change(&mut transaction, place, None, by.into()).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Writes name, interval and items; false when it is not there.
    pub async fn update_playlist(
        &self,
        org: i64,
        playlist: &PlaylistRow,
        by: By<'_>,
    ) -> Result<bool, TableError> {
        let mut transaction = self.begin().await?;
        let kind = (&PLAYLIST, "name");
        let changed = self.standing(&mut transaction, kind, org, ("uid", &playlist.uid)).await?;
        let done = sqlx::query(
            "UPDATE playlists SET name = $1, interval_text = $2, items = $3, updated_ms = $4 \
             WHERE org_id = $5 AND uid = $6",
        )
        .bind(&playlist.name)
        .bind(&playlist.interval)
        .bind(&playlist.items)
        .bind(by.now_ms)
        .bind(org)
        .bind(&playlist.uid)
        .execute(&mut *transaction)
        .await?;
        self.record_together(&mut transaction, org, changed, by.into()).await?;
        transaction.commit().await?;
        Ok(touched(&done))
    }

    pub async fn playlist(&self, org: i64, uid: &str) -> Result<Option<PlaylistRow>, TableError> {
        sqlx::query("SELECT * FROM playlists WHERE org_id = $1 AND uid = $2")
            .bind(org)
            .bind(uid)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| read(&row))
            .transpose()
    }

    /// By part of the name.
    pub async fn playlists(
        &self,
        org: i64,
        name: &str,
        limit: i64,
    ) -> Result<Vec<PlaylistRow>, TableError> {
        let rows = sqlx::query(
            "SELECT * FROM playlists WHERE org_id = $1 AND LOWER(name) LIKE $2 ESCAPE '\\' \
             ORDER BY LOWER(name), id LIMIT $3",
        )
        .bind(org)
        .bind(like(name))
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    /// True when there was one.
    pub async fn delete_playlist(
        &self,
        org: i64,
        uid: &str,
        by: By<'_>,
    ) -> Result<bool, TableError> {
        let transaction = self.begin().await?;
        self.delete_recorded(transaction, (&PLAYLIST, "name"), (org, uid), by).await
    }
}

fn read(row: &AnyRow) -> Result<PlaylistRow, TableError> {
    Ok(PlaylistRow {
        id: row.try_get("id")?,
        uid: row.try_get("uid")?,
        name: row.try_get("name")?,
        interval: row.try_get("interval_text")?,
        items: row.try_get("items")?,
        created_ms: row.try_get("created_ms")?,
        updated_ms: row.try_get("updated_ms")?,
    })
}
