//! Importing a dashboard that was exported for others, and asking whether one fits its schema.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use portal::dashboard::{Envelope, GivenInput, VALIDATED_FROM, fill_inputs, shape_failures};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::body::JsonBody;
use super::dashboards::{SaveError, Saving, answer, dashboard_url, save};
use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json};
use super::state::PortalState;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Import<'a> {
    #[serde(borrow)]
    dashboard: Option<&'a RawValue>,
    #[serde(default)]
    #[schemars(with = "Vec<Map<String, Value>>")]
    inputs: Vec<GivenInput>,
    #[serde(default)]
    overwrite: bool,
    #[serde(default)]
    folder_uid: String,
    #[serde(default)]
    folder_id: i64,
}

/// `POST /api/dashboards/import`: the inputs filled in, then saved as any other.
pub(crate) async fn import(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<Import<'static>>,
) -> ApiResult {
    let posted: Import<'_> = serde_json::from_slice(&body)
        .map_err(|error| ApiError::bad_request(format!("bad request data: {error}")))?;
    let Some(dashboard) = posted.dashboard else {
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "Dashboard must be set"));
    };
    let bad = |words: String| ApiError::bad_request(words);
    let inside = Envelope::open(dashboard.get()).map_err(|error| bad(error.to_string()))?.body;
    let filled = fill_inputs(inside, &posted.inputs).map_err(|error| bad(error.to_string()))?;
    // A resource keeps what is around it when nothing had to be filled in.
    let received = if filled == inside { dashboard.get() } else { filled.as_str() };
    let mut folder_uid = posted.folder_uid;
    if folder_uid.is_empty() && posted.folder_id > 0 {
        let folder = state.tables.folder_by_id(visitor.org(), posted.folder_id).await?;
        folder_uid = folder.ok_or_else(|| bad("folder not found".to_owned()))?.uid;
    }
    let folder_uid = if folder_uid == "general" { "" } else { folder_uid.as_str() };
    let saving = Saving {
        received,
        folder_uid: Some(folder_uid),
        // Whoever imports has seen no version of what may be there.
        seen_version: (!posted.overwrite).then_some(0),
        ..Saving::default()
    };
    let (saved, row) = match save(&state, &visitor, &saving).await {
        Ok(saved) => saved,
        Err(error @ SaveError::VersionMismatch) => return answer(Err(error)),
        Err(SaveError::Api(error)) => return Err(error),
    };
    let url = dashboard_url(&row.uid, &row.slug);
    Ok(json(&json!({
        "uid": row.uid,
        "pluginId": "",
        "title": row.title,
        "imported": true,
        "importedUri": format!("db/{}", row.slug),
        "importedUrl": url,
        "slug": row.slug,
        "dashboardId": saved.id,
        "folderId": row.folder_id,
        "folderUid": row.folder_uid,
        "importedRevision": saved.version,
        "revision": saved.version,
        "description": "",
        "path": "",
        "removed": false,
    })))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Validate {
    /// The JSON as a text, so that lines of errors are its own; an object counts, too.
    dashboard: Value,
}

/// `POST /api/dashboards/validate`: 200 when the dashboard fits its schema, 422 when not, 412 for
/// schemas that nobody has written down.
pub(crate) async fn validate(body: JsonBody<Validate>) -> ApiResult {
    let Validate { dashboard } = body.read()?;
    let dashboard: Value = match &dashboard {
        Value::String(text) => serde_json::from_str(text).map_err(|error| {
            ApiError::bad_request(format!("unable to parse dashboard: {error}"))
        })?,
        other => other.clone(),
    };
    let schema = dashboard.get("schemaVersion").and_then(Value::as_i64);
    let failures = shape_failures(&dashboard);
    let (code, message) = match schema {
        Some(schema) if schema < VALIDATED_FROM => {
            (StatusCode::PRECONDITION_FAILED, "invalid schema version".to_owned())
        }
        _ if failures.is_empty() => (StatusCode::OK, String::new()),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, failures.join("\n")),
    };
    let is_valid = code == StatusCode::OK;
    Ok((code, json(&json!({ "isValid": is_valid, "message": message }))).into_response())
}
