//! How much of everything an organisation may keep, and how large one of it may be.

use portal::tables::Room;

use super::reply::ApiError;

/// `limits.*` of the portal's smaller objects; numbers are per organisation.
#[derive(Clone, Copy, Debug)]
pub struct ObjectLimits {
    pub correlations_max: i64,
    pub annotations_max: i64,
    pub annotation_bytes_max: usize,
    pub annotation_tags_max: usize,
    pub library_elements_max: i64,
    pub library_element_bytes_max: usize,
    pub snapshots_max: i64,
    pub snapshot_bytes_max: usize,
    pub playlists_max: i64,
    pub playlist_items_max: usize,
    pub short_urls_max: i64,
    pub short_url_bytes_max: usize,
    /// Entries of one user; the oldest without a star make room.
    pub query_history_max: i64,
    /// The queries of one entry.
    pub query_history_bytes_max: usize,
}

impl Default for ObjectLimits {
    fn default() -> Self {
        Self {
            correlations_max: 10_000,
            annotations_max: 200_000,
            annotation_bytes_max: 64 << 10,
            annotation_tags_max: 100,
            library_elements_max: 10_000,
            library_element_bytes_max: 1 << 20,
            snapshots_max: 1000,
            snapshot_bytes_max: 4 << 20,
            playlists_max: 1000,
            playlist_items_max: 200,
            short_urls_max: 50_000,
            short_url_bytes_max: 8 << 10,
            query_history_max: 1000,
            query_history_bytes_max: 64 << 10,
        }
    }
}

/// Longest name, title or label that anything may have.
pub(crate) const NAME_BYTES_MAX: usize = 1000;

impl ObjectLimits {
    pub(crate) fn correlations(&self) -> Room {
        Room { setting: "limits.correlations_max", rows_max: self.correlations_max }
    }

    pub(crate) fn annotations(&self) -> Room {
        Room { setting: "limits.annotations_max", rows_max: self.annotations_max }
    }

    pub(crate) fn library_elements(&self) -> Room {
        Room { setting: "limits.library_elements_max", rows_max: self.library_elements_max }
    }

    pub(crate) fn snapshots(&self) -> Room {
        Room { setting: "limits.snapshots_max", rows_max: self.snapshots_max }
    }

    pub(crate) fn playlists(&self) -> Room {
        Room { setting: "limits.playlists_max", rows_max: self.playlists_max }
    }

    pub(crate) fn short_urls(&self) -> Room {
        Room { setting: "limits.short_urls_max", rows_max: self.short_urls_max }
    }

    pub(crate) fn query_history(&self) -> Room {
        Room { setting: "limits.query_history_max", rows_max: self.query_history_max }
    }
}

/// Errors: 400 with the name of the limit when something is longer.
pub(crate) fn check_bytes(
    what: &str,
    found: usize,
    setting: &str,
    max: usize,
) -> Result<(), ApiError> {
    if found <= max {
        return Ok(());
    }
    Err(ApiError::bad_request(format!("{what} has {found} bytes, {setting} is {max}")))
}

/// The same for names.
pub(crate) fn check_name(what: &str, name: &str) -> Result<(), ApiError> {
    check_bytes(what, name.len(), "the limit", NAME_BYTES_MAX)
}

/// What Grafana takes as a uid that people choose.
pub(crate) fn check_uid(uid: &str) -> Result<(), ApiError> {
    const LENGTH_MAX: usize = 40;
    if uid.len() > LENGTH_MAX {
        return Err(ApiError::bad_request(format!("uid too long, max {LENGTH_MAX} characters")));
    }
    if !uid.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
        return Err(ApiError::bad_request("uid contains illegal characters"));
    }
    Ok(())
}
