//! Query history: what the visitor has asked; nobody else sees it.

use axum::extract::{Path, State};
use portal::tables::{QueryHistoryRow, QueryHistorySearch};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::guard::Visitor;
use super::limits::{check_bytes, check_name};
use super::reply::{ApiError, ApiResult, json, parse_json};
use super::sources::unix_ms_of;
use super::state::PortalState;
use crate::portal::query_parameters::{Asked, PAGE, Parameter, parameters};

/// Entries of one migration.
const MIGRATED_MAX: usize = 1000;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Posted {
    #[serde(default)]
    datasource_uid: String,
    queries: Option<Box<RawValue>>,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    starred: bool,
    /// Seconds.
    #[serde(default)]
    created_at: i64,
}

impl Posted {
    fn row(self, state: &PortalState) -> Result<QueryHistoryRow, ApiError> {
        let queries = self.queries.map(|queries| queries.get().to_owned()).unwrap_or_default();
        // Reads it through once: what is too deep to be read must not be kept.
        let read: Value = parse_json(queries.as_bytes())
            .map_err(|_| ApiError::bad_request("bad request data: queries is required"))?;
        if !read.is_array() && !read.is_object() {
            return Err(ApiError::bad_request("bad request data: queries is a list"));
        }
        let max = state.config.objects.query_history_bytes_max;
        check_bytes("queries", queries.len(), "limits.query_history_bytes_max", max)?;
        check_name("comment", &self.comment)?;
        check_name("datasourceUid", &self.datasource_uid)?;
        let created_ms = match self.created_at {
            seconds if seconds > 0 => seconds.saturating_mul(1000),
            _ => state.clock.unix_ms(),
        };
        Ok(QueryHistoryRow {
            uid: state.new_uid()?,
            data_source_uid: self.datasource_uid,
            queries,
            comment: self.comment,
            starred: self.starred,
            created_ms,
        })
    }
}

/// Nobody in particular has no history.
fn user(visitor: &Visitor) -> Result<i64, ApiError> {
    match visitor.user() {
        0 => Err(ApiError::unauthorized()),
        user => Ok(user),
    }
}

/// `POST /api/query-history`
pub(crate) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Posted>,
) -> ApiResult {
    let user = user(&visitor)?;
    let posted: Posted = body.read()?;
    let row = Posted { comment: String::new(), starred: false, created_at: 0, ..posted };
    let row = row.row(&state)?;
    let room = state.config.objects.query_history();
    let rows = std::slice::from_ref(&row);
    state.tables.insert_query_history(visitor.org(), user, rows, room).await?;
    Ok(json(&json!({ "result": describe(&row, user) })))
}

fn describe(row: &QueryHistoryRow, user: i64) -> Value {
    json!({
        "uid": row.uid,
        "datasourceUid": row.data_source_uid,
        "createdBy": user,
        "createdAt": row.created_ms.div_euclid(1000),
        "comment": row.comment,
        "queries": serde_json::from_str::<Value>(&row.queries).unwrap_or_default(),
        "starred": row.starred,
    })
}

parameters! {
    /// Of a search in the visitor's own queries.
    pub(crate) Search:
    Parameter::list("datasourceUid", "Of these data sources."),
    Parameter::text("searchString", "A part of the query or comment."),
    Parameter::flag("onlyStarred", "Starred ones only."),
    Parameter::choice("sort", &["time-desc", "time-asc"], "By time."),
    Parameter::text("from", "A time such as `now-1d`, or Unix milliseconds."),
    Parameter::text("to", "A time such as `now`, or Unix milliseconds."),
    Parameter::number("limit", "100", "Queries on a page."),
    PAGE,
}

/// `GET /api/query-history`
pub(crate) async fn search(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<Search>,
) -> ApiResult {
    let user = user(&visitor)?;
    let (limit, offset) = pairs.page("limit", 100)?;
    let oldest_first = match pairs.first("sort") {
        "" | "time-desc" => false,
        "time-asc" => true,
        other => return Err(ApiError::bad_request(format!("unknown sort {other:?}"))),
    };
    let now_ms = state.clock.unix_ms();
    let time = |name: &str| match pairs.first(name) {
        "" => Ok(0),
        text => unix_ms_of(text, now_ms).map_err(ApiError::bad_request),
    };
    let search = QueryHistorySearch {
        data_source_uids: pairs.all("datasourceUid").map(str::to_owned).collect(),
        text: pairs.first("searchString").to_owned(),
        only_starred: pairs.first("onlyStarred") == "true",
        oldest_first,
        from_ms: time("from")?,
        to_ms: time("to")?,
        limit,
        offset,
    };
    let (rows, total) = state.tables.query_history(visitor.org(), user, &search).await?;
    let found: Vec<Value> = rows.iter().map(|row| describe(row, user)).collect();
    Ok(json(&json!({
        "result": {
            "totalCount": total, "page": offset / limit + 1, "perPage": limit,
            "queryHistory": found,
        },
    })))
}

fn not_found() -> ApiError {
    ApiError::not_found("Query in query history not found")
}

/// Changes an entry of the visitor's, and answers with it.
async fn change(
    state: &PortalState,
    visitor: &Visitor,
    uid: &str,
    how: impl FnOnce(&mut QueryHistoryRow),
) -> ApiResult {
    let user = user(visitor)?;
    let row = state.tables.query_history_entry(visitor.org(), user, uid).await?;
    let mut row = row.ok_or_else(not_found)?;
    how(&mut row);
    check_name("comment", &row.comment)?;
    if !state.tables.update_query_history(visitor.org(), user, &row).await? {
        return Err(not_found());
    }
    Ok(json(&json!({ "result": describe(&row, user) })))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Comment {
    comment: String,
}

/// `PATCH /api/query-history/{uid}`
pub(crate) async fn comment(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
    body: JsonBody<Comment>,
) -> ApiResult {
    let Comment { comment } = body.read()?;
    change(&state, &visitor, &uid, |row| row.comment = comment).await
}

/// `POST /api/query-history/star/{uid}`
pub(crate) async fn star(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    change(&state, &visitor, &uid, |row| row.starred = true).await
}

/// `DELETE /api/query-history/star/{uid}`
pub(crate) async fn unstar(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    change(&state, &visitor, &uid, |row| row.starred = false).await
}

/// `DELETE /api/query-history/{uid}`
pub(crate) async fn delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let user = user(&visitor)?;
    if !state.tables.delete_query_history(visitor.org(), user, &uid).await? {
        return Err(not_found());
    }
    Ok(json(&json!({ "message": "Query deleted" })))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Migrate {
    #[serde(default)]
    queries: Vec<Posted>,
}

/// `POST /api/query-history/migrate`: entries that a browser has kept so far.
pub(crate) async fn migrate(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Migrate>,
) -> ApiResult {
    let user = user(&visitor)?;
    let Migrate { queries } = body.read()?;
    if queries.len() > MIGRATED_MAX {
        return Err(ApiError::bad_request(format!("{MIGRATED_MAX} queries at most at once")));
    }
    let rows: Vec<QueryHistoryRow> =
        queries.into_iter().map(|posted| posted.row(&state)).collect::<Result<_, _>>()?;
    let room = state.config.objects.query_history();
    state.tables.insert_query_history(visitor.org(), user, &rows, room).await?;
    Ok(json(&json!({
        "message": "Query history successfully migrated",
        "totalCount": rows.len(),
        "starredCount": rows.iter().filter(|row| row.starred).count(),
    })))
}
