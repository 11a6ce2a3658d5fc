//! How many rows a table may take: everything that visitors can add to has an end.

use sqlx::{Any, Row as _, Transaction};

use super::{TableError, Tables};

/// A limit by the name of its setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// `limits.annotations_max`, …
    pub setting: &'static str,
    pub rows_max: i64,
}

impl Tables {
    /// Counts what an organisation has, by a statement that yields `n` for its id.
    /// Errors: [`TableError::Full`] when one more would be too many.
    pub(super) async fn check_room(
        &self,
        transaction: &mut Transaction<'static, Any>,
        count: &'static str,
        org: i64,
        room: Room,
    ) -> Result<(), TableError> {
        let row = sqlx::query(count).bind(org).fetch_one(&mut **transaction).await?;
        let n: i64 = row.try_get("n")?;
        if n < room.rows_max { Ok(()) } else { Err(TableError::Full { room }) }
    }
}
