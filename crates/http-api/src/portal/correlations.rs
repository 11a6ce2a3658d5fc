//! Correlations between data sources: `/api/datasources/uid/{uid}/correlations` and the list of all.

use std::collections::HashSet;

use axum::extract::{Path, State};
use portal::tables::{CorrelationRow, CorrelationSearch, DataSourceRow, NewCorrelation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body::JsonBody;
use super::data_sources::find;
use super::guard::Visitor;
use super::limits::{check_bytes, check_name};
use super::quotas;
use super::reply::{ApiError, ApiResult, json, message};
use super::state::PortalState;
use crate::portal::query_parameters::{Asked, PAGE, Parameter, parameters};

const CONFIG_BYTES_MAX: usize = 64 << 10;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Create {
    #[serde(rename = "targetUID")]
    target_uid: Option<String>,
    #[serde(default)]
    label: String,
    #[serde(default)]
    description: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    config: Option<Map<String, Value>>,
}

/// `POST /api/datasources/uid/{uid}/correlations`
pub(crate) async fn create(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(source): Path<String>,
    body: JsonBody<Create>,
) -> ApiResult {
    let new: Create = body.read()?;
    let config = new.config.unwrap_or_default();
    // Older clients say the type inside the config.
    let kind = new.kind.or_else(|| text(&config, "type")).unwrap_or_else(|| "query".to_owned());
    let target = new.target_uid.unwrap_or_default();
    check_kind(&kind, &target)?;
    check_config(&config)?;
    check_name("label", &new.label)?;
    check_name("description", &new.description)?;
    writable(&state, &visitor, &source).await?;
    if !target.is_empty() {
        find(&state, &visitor, |row| row.source.uid == target).await?;
    }
    let correlation = NewCorrelation {
        uid: state.new_uid()?,
        source_uid: source,
        target_uid: target,
        label: new.label,
        description: new.description,
        kind,
        config: Value::Object(config).to_string(),
        provisioned: false,
    };
    let room = state.config.objects.correlations();
    let room = quotas::room(&state, visitor.org(), "correlation", room).await?;
    let now_ms = state.clock.unix_ms();
    state.tables.insert_correlation(visitor.org(), &correlation, room, now_ms).await?;
    let result = describe(visitor.org(), &correlation);
    Ok(json(&json!({ "message": "Correlation created", "result": result })))
}

fn text(config: &Map<String, Value>, name: &str) -> Option<String> {
    config.get(name)?.as_str().map(str::to_owned)
}

fn check_kind(kind: &str, target: &str) -> Result<(), ApiError> {
    match kind {
        "query" if target.is_empty() => {
            Err(ApiError::bad_request("correlations of type \"query\" must have a targetUID"))
        }
        "query" | "external" => Ok(()),
        _ => Err(ApiError::bad_request(format!("invalid correlation config type {kind:?}"))),
    }
}

fn check_config(config: &Map<String, Value>) -> Result<(), ApiError> {
    let is_named = config.get("field").and_then(Value::as_str).is_some_and(|f| !f.is_empty());
    if !is_named {
        return Err(ApiError::bad_request("bad request data: config.field is required"));
    }
    if !config.get("target").is_some_and(Value::is_object) {
        return Err(ApiError::bad_request("bad request data: config.target is required"));
    }
    let transformations = config.get("transformations").and_then(Value::as_array);
    for transformation in transformations.into_iter().flatten() {
        match transformation.get("type").and_then(Value::as_str) {
            Some("regex" | "logfmt") => {}
            _ => return Err(ApiError::bad_request("invalid transformation type")),
        }
    }
    let length = Value::Object(config.clone()).to_string().len();
    check_bytes("config", length, "the limit", CONFIG_BYTES_MAX)
}

/// The source, when correlations from it may be changed here.
async fn writable(
    state: &PortalState,
    visitor: &Visitor,
    source: &str,
) -> Result<DataSourceRow, ApiError> {
    let row = find(state, visitor, |row| row.source.uid == source).await?;
    if row.source.read_only {
        return Err(ApiError::forbidden("Data source is read only"));
    }
    Ok(row)
}

async fn one(
    state: &PortalState,
    visitor: &Visitor,
    source: &str,
    uid: &str,
) -> Result<CorrelationRow, ApiError> {
    let found = state.tables.correlation(visitor.org(), source, uid).await?;
    found.ok_or_else(|| ApiError::not_found("Correlation not found"))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Change {
    label: Option<String>,
    description: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    config: Option<Map<String, Value>>,
}

/// `PATCH …/{correlation}`
pub(crate) async fn update(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((source, uid)): Path<(String, String)>,
    body: JsonBody<Change>,
) -> ApiResult {
    let change: Change = body.read()?;
    let says_nothing = change.label.is_none()
        && change.description.is_none()
        && change.kind.is_none()
        && change.config.is_none();
    if says_nothing {
        let reason = "At least one of label, description or config is required";
        return Err(ApiError::bad_request(reason));
    }
    writable(&state, &visitor, &source).await?;
    let mut correlation = one(&state, &visitor, &source, &uid).await?.correlation;
    if correlation.provisioned {
        return Err(only_by_file());
    }
    correlation.label = change.label.unwrap_or(correlation.label);
    correlation.description = change.description.unwrap_or(correlation.description);
    correlation.kind = change.kind.unwrap_or(correlation.kind);
    check_kind(&correlation.kind, &correlation.target_uid)?;
    if let Some(change) = change.config {
        let mut config = parsed(&correlation.config);
        config.extend(change);
        check_config(&config)?;
        correlation.config = Value::Object(config).to_string();
    }
    check_name("label", &correlation.label)?;
    check_name("description", &correlation.description)?;
    if !state.tables.update_correlation(visitor.org(), &correlation).await? {
        return Err(ApiError::not_found("Correlation not found"));
    }
    let result = describe(visitor.org(), &correlation);
    Ok(json(&json!({ "message": "Correlation updated", "result": result })))
}

fn only_by_file() -> ApiError {
    ApiError::forbidden("Correlation can only be edited via provisioning")
}

/// `DELETE …/{correlation}`
pub(crate) async fn delete(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((source, uid)): Path<(String, String)>,
) -> ApiResult {
    writable(&state, &visitor, &source).await?;
    if one(&state, &visitor, &source, &uid).await?.correlation.provisioned {
        return Err(only_by_file());
    }
    state.tables.delete_correlation(visitor.org(), &source, &uid).await?;
    Ok(message("Correlation deleted"))
}

/// `GET …/{correlation}`
pub(crate) async fn get(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((source, uid)): Path<(String, String)>,
) -> ApiResult {
    readable(&state, &visitor, &source).await?;
    let row = one(&state, &visitor, &source, &uid).await?;
    Ok(json(&describe(row.org_id, &row.correlation)))
}

/// The source, when the visitor may query it.
async fn readable(state: &PortalState, visitor: &Visitor, source: &str) -> Result<(), ApiError> {
    let found = super::data_sources::find_to_query(state, visitor, |row| row.source.uid == source);
    match found.await {
        Ok(_) => Ok(()),
        Err(error) if error.status == axum::http::StatusCode::NOT_FOUND => {
            Err(ApiError::not_found("Source data source not found"))
        }
        Err(error) => Err(error),
    }
}

/// `GET /api/datasources/uid/{uid}/correlations`: a bare list; 404 when there are none, as in
/// Grafana.
pub(crate) async fn of_source(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(source): Path<String>,
) -> ApiResult {
    readable(&state, &visitor, &source).await?;
    let search =
        CorrelationSearch { source_uids: vec![source], limit: i64::from(i32::MAX), offset: 0 };
    let (rows, _) = state.tables.correlations(visitor.org(), &search).await?;
    if rows.is_empty() {
        return Err(ApiError::not_found("No correlation found"));
    }
    Ok(json(&rows.iter().map(|r| describe(r.org_id, &r.correlation)).collect::<Vec<_>>()))
}

parameters! {
    /// Of the list of correlations.
    pub(crate) List:
    Parameter::list("sourceUID", "Of these data sources."),
    Parameter::number("limit", "100", "Correlations on a page."),
    PAGE,
}

/// `GET /api/datasources/correlations`: a page of those whose source the visitor may query.
pub(crate) async fn list(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<List>,
) -> ApiResult {
    let (limit, offset) = pairs.page("limit", 100)?;
    let wanted: HashSet<&str> = pairs.all("sourceUID").collect();
    let access = state.access(&visitor).await?;
    let sources = state.tables.data_sources(visitor.org()).await?;
    let uids = sources.into_iter().map(|row| row.source.uid);
    let source_uids: Vec<String> = uids
        .filter(|uid| wanted.is_empty() || wanted.contains(uid.as_str()))
        .filter(|uid| access.data_source(uid).is_some())
        .collect();
    let search = CorrelationSearch { source_uids, limit, offset };
    // No source that may be queried means no correlations, not all of them.
    let (rows, total) = if search.source_uids.is_empty() {
        (Vec::new(), 0)
    } else {
        state.tables.correlations(visitor.org(), &search).await?
    };
    let found: Vec<Value> = rows.iter().map(|r| describe(r.org_id, &r.correlation)).collect();
    Ok(json(&json!({
        "correlations": found, "page": offset / limit + 1, "limit": limit, "totalCount": total,
    })))
}

fn parsed(config: &str) -> Map<String, Value> {
    serde_json::from_str(config).unwrap_or_default()
}

fn describe(org: i64, correlation: &NewCorrelation) -> Value {
    let mut config = parsed(&correlation.config);
    config.insert("type".to_owned(), correlation.kind.as_str().into());
    json!({
        "uid": correlation.uid,
        "orgId": org,
        "sourceUID": correlation.source_uid,
        "targetUID": Some(&correlation.target_uid).filter(|uid| !uid.is_empty()),
        "label": correlation.label,
        "description": correlation.description,
        "type": correlation.kind,
        "config": config,
        "provisioned": correlation.provisioned,
    })
}
