//! The shapes of the portal's answers, as JSON schema: taken from real answers, merged over all
//! that a route gave. `answers.json` holds those of every route; a test makes them anew from a walk
//! through the whole API and compares.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

/// By `GET /api/org`, with the path as in the route table.
pub(super) static ANSWERS: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    // The file is committed, and a test reads it; should it be broken, answers go undescribed.
    serde_json::from_str(include_str!("answers.json")).unwrap_or_default()
});
