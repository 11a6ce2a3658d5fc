//! The request of `/api/ui/query`, as `docs/develop/ui-api.md` has it.

use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::portal) struct QueryRequest {
    pub(super) range: TimeSpan,
    pub(super) panels: Vec<Panel>,
}

/// Unix milliseconds; `from` is not after `to`.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub(super) struct TimeSpan {
    pub(super) from: i64,
    pub(super) to: i64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Panel {
    pub(super) id: String,
    #[serde(default)]
    pub(super) max_data_points: Option<u32>,
    /// Smallest step, milliseconds.
    #[serde(default)]
    pub(super) interval_ms: Option<i64>,
    pub(super) queries: Vec<Query>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Query {
    pub(super) ref_id: String,
    /// uid or name; empty = the default source.
    #[serde(default)]
    pub(super) datasource: Option<String>,
    pub(super) expr: String,
    #[serde(default)]
    pub(super) instant: bool,
    #[serde(default)]
    pub(super) range: bool,
    #[serde(default)]
    pub(super) legend_format: Option<String>,
    /// Smallest step, as a duration.
    #[serde(default)]
    pub(super) interval: Option<String>,
    /// What the client still has of an earlier answer to this question.
    #[serde(default)]
    pub(super) have: Option<Have>,
}

/// First and last step of what a client has, Unix milliseconds, and the tag it came with.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct Have {
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) tag: String,
}
