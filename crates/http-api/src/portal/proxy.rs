//! `/api/datasources/proxy/*` and `/resources/*`: the Prometheus API of a source, in process.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use portal::tables::DataSourceRow;
use tower::ServiceExt as _;

use super::data_sources::{FOREIGN, find};
use super::guard::Visitor;
use super::reply::{ApiError, ApiResult};
use super::state::PortalState;

pub(crate) async fn by_uid(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((uid, path)): Path<(String, String)>,
    request: Request,
) -> ApiResult {
    let row = find(&state, |row| row.source.uid == uid).await?;
    forward(&state, &visitor, &row, &path, request).await
}

/// The old form by number; names and uids are taken too.
pub(crate) async fn by_id(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((id, path)): Path<(String, String)>,
    request: Request,
) -> ApiResult {
    let number = id.parse::<i64>().ok();
    let row = find(&state, |row| {
        Some(row.id) == number || row.source.uid == id || row.source.name.eq_ignore_ascii_case(&id)
    })
    .await?;
    forward(&state, &visitor, &row, &path, request).await
}

async fn forward(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    path: &str,
    request: Request,
) -> ApiResult {
    if !state.is_own(row) {
        return Err(ApiError::new(StatusCode::BAD_GATEWAY, FOREIGN));
    }
    let scope = state.metrics_scope(&visitor.identity)?;
    let (parts, body) = request.into_parts();
    let mut inner = Request::builder()
        .method(parts.method)
        .uri(inner_uri(path, parts.uri.query())?)
        .body(body)
        .map_err(|error| ApiError::bad_request(error.to_string()))?;
    // What opens the portal is no business of the face behind it.
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::ACCEPT] {
        if let Some(value) = parts.headers.get(&name) {
            inner.headers_mut().insert(name, value.clone());
        }
    }
    inner.extensions_mut().insert(scope);
    let answer: Response<Body> = match state.prometheus.clone().oneshot(inner).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    Ok(answer.into_response())
}

/// Mimir's prefix is understood, for its sources have it in their address.
fn inner_uri(path: &str, query: Option<&str>) -> Result<Uri, ApiError> {
    let path = path.trim_start_matches('/');
    let path = path.strip_prefix("prometheus/").unwrap_or(path);
    let text = match query {
        Some(query) => format!("/{path}?{query}"),
        None => format!("/{path}"),
    };
    let bad = |error: axum::http::uri::InvalidUri| ApiError::bad_request(error.to_string());
    Ok(Uri::from(PathAndQuery::try_from(text).map_err(bad)?))
}
