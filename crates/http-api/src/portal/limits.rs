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
}

impl Default for ObjectLimits {
    fn default() -> Self {
        Self {
            correlations_max: 10_000,
            annotations_max: 200_000,
            annotation_bytes_max: 64 << 10,
            annotation_tags_max: 100,
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
