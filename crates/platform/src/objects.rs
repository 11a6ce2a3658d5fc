//! Object storage: whole values under keys, with conditional writes.

use std::io;
use std::ops::Range;

/// A flat store of immutable values, replaceable as a whole.
///
/// A `put` is atomic and durable when it returns: readers see the old value or the new one.
/// Operations on one key are linearisable. Keys are `/`-separated segments of the characters
/// `A-Z a-z 0-9 . _ - =`, no segment empty or starting with a dot, 512 bytes at most. A key must not go on
/// below another key (`a` and `a/b`): directories cannot hold that.
pub trait Objects: Send + Sync {
    /// Stores `bytes` under `key` if `condition` holds; returns the new value's tag.
    /// Errors: `AlreadyExists` or `Precondition` when it does not hold; nothing was written then.
    /// After `Io` the old or the new value is stored.
    fn put(&self, key: &str, bytes: &[u8], condition: &Condition) -> Result<Etag, ObjectError>;

    /// The value and its tag. Errors: `NotFound`.
    fn get(&self, key: &str) -> Result<(Vec<u8>, Etag), ObjectError>;

    /// The bytes `range` of the value. Errors: `NotFound`; `InvalidRange` when it is empty,
    /// reversed, or reaches past the end.
    fn get_range(&self, key: &str, range: Range<u64>) -> Result<Vec<u8>, ObjectError>;

    /// All keys that start with `prefix` (a plain string, it may end inside a segment), sorted.
    fn list(&self, prefix: &str) -> Result<Vec<ObjectMeta>, ObjectError>;

    /// Removes a value; a missing key is fine, so that a repeated delete succeeds.
    fn delete(&self, key: &str) -> Result<(), ObjectError>;
}

/// What must hold for a put to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    Always,
    /// No value under this key yet.
    Absent,
    /// The stored value still carries this tag.
    Matches(Etag),
}

/// Identifies a value's content; equal content may give equal tags.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Etag(pub String);

/// A listed object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectMeta {
    pub key: String,
    /// Bytes.
    pub len: u64,
}

/// Why an object operation failed; one variant per reaction.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    #[error("object {key} does not exist")]
    NotFound { key: String },
    /// Another writer was first: read what it wrote.
    #[error("object {key} already exists")]
    AlreadyExists { key: String },
    /// Another writer changed it: read again and redo the change.
    #[error("object {key} was changed by another writer")]
    Precondition { key: String },
    /// A bug or foreign input.
    #[error("object key {key:?} is not valid")]
    InvalidKey { key: String },
    #[error("range {start}..{end} is outside object {key} of {len} bytes")]
    InvalidRange { key: String, start: u64, end: u64, len: u64 },
    /// The environment failed: retry with backoff.
    #[error("cannot reach object {key}")]
    Io { key: String, source: io::Error },
}

const KEY_BYTES_MAX: usize = 512;

/// Checks the rules that [`Objects`] gives for keys; every implementation calls it first.
pub(crate) fn check_key(key: &str) -> Result<(), ObjectError> {
    let segment_ok = |segment: &str| {
        !segment.is_empty()
            && !segment.starts_with('.')
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-=".contains(&b))
    };
    if key.len() <= KEY_BYTES_MAX && key.split('/').all(segment_ok) {
        Ok(())
    } else {
        Err(ObjectError::InvalidKey { key: key.to_owned() })
    }
}
