//! The data source that this process is itself: the Prometheus API without a socket.

use auth::{Action, Authority, Principal};
use axum::body::Body;
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use portal::tables::{DataSourceRow, MAIN_ORG_ID};
use query::Scope;
use tower::ServiceExt as _;

use super::outgoing::custom_headers_of;
use crate::portal::guard::Visitor;
use crate::portal::reply::ApiError;
use crate::portal::state::PortalState;

/// The data behind a source of our own: the visitor's, or that of the tenant which the source
/// names in a header, as a server behind HTTP would read it.
pub(crate) fn scope(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
) -> Result<Scope, ApiError> {
    let headers = custom_headers_of(&row.source).map_err(super::AskError::from)?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (org, tenant) = (text("x-scope-orgid"), text("x-tenant-id"));
    if org.is_none() && tenant.is_none() {
        return Ok(state.metrics_scope(&visitor.identity)?);
    }
    let tenant =
        Authority::tenant(org, tenant).map_err(|error| ApiError::bad_request(error.to_string()))?;
    // The main organisation runs the server; another's sources must not lead to foreign data.
    if visitor.org() != MAIN_ORG_ID && tenant != visitor.identity.tenant {
        let text = format!("this organization's data sources cannot ask for tenant {tenant:?}");
        return Err(ApiError::forbidden(text));
    }
    let who = Principal::User(&visitor.identity);
    Ok(state.authority.scope(&who, Action::ReadMetrics, tenant)?)
}

/// Mimir's prefix is understood, for its sources have it in their address.
pub(crate) fn path(raw: &str) -> &str {
    let path = raw.trim_start_matches('/');
    path.strip_prefix("prometheus/").unwrap_or(path)
}

/// Calls the API in process. `path` has no leading slash.
pub(crate) async fn call(
    state: &PortalState,
    scope: Scope,
    path: &str,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let uri = uri(path, parts.uri.query())?;
    let mut inner = Request::builder()
        .method(parts.method)
        .uri(uri)
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

fn uri(path: &str, query: Option<&str>) -> Result<Uri, ApiError> {
    let text = match query {
        Some(query) => format!("/{path}?{query}"),
        None => format!("/{path}"),
    };
    let bad = |error: axum::http::uri::InvalidUri| ApiError::bad_request(error.to_string());
    Ok(Uri::from(PathAndQuery::try_from(text).map_err(bad)?))
}

/// Whether a request asks to leave HTTP, which nothing in this process does.
pub(crate) fn is_upgrade(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::GET && headers.contains_key(header::UPGRADE)
}
