//! `/api/datasources/proxy/*` and `/resources/*`: a source's own API through the portal. Streams
//! both ways; what may be asked is in `rules`, what headers go through in `headers`.

use std::net::SocketAddr;

use auth::{Action, Principal, Role};
use axum::body::{Body, HttpBody as _};
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::TryStreamExt as _;
use http_body_util::{LengthLimitError, Limited};
use portal::tables::{DataSourceRow, NewAudit};

use super::client::{Answer, AskError, BodyTooLarge};
use super::headers::{self, Asker};
use super::rules::{Takes, takes};
use super::{in_slot, open, own, path, send, upgrade, with_uid};
use crate::portal::guard::{COOKIE, Visitor};
use crate::portal::reply::{ApiError, ApiResult};
use crate::portal::state::PortalState;

/// `/api/datasources/proxy/uid/{uid}/{*path}`
pub(crate) async fn by_uid(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((uid, _)): Path<(String, String)>,
    request: Request,
) -> ApiResult {
    let row = with_uid(&state, &visitor, &uid).await?;
    forward(&state, &visitor, &row, 5, request).await
}

/// `/api/datasources/proxy/{id}/{*path}`, where names and uids are taken too.
pub(crate) async fn by_slot(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((slot, _)): Path<(String, String)>,
    request: Request,
) -> ApiResult {
    let row = in_slot(&state, &visitor, &slot).await?;
    forward(&state, &visitor, &row, 4, request).await
}

/// `/api/datasources/uid/{uid}/resources/{*path}`
pub(crate) async fn resources_by_uid(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((uid, _)): Path<(String, String)>,
    request: Request,
) -> ApiResult {
    let row = with_uid(&state, &visitor, &uid).await?;
    forward(&state, &visitor, &row, 5, request).await
}

/// `/api/datasources/{id}/resources/{*path}`
pub(crate) async fn resources_by_slot(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((slot, _)): Path<(String, String)>,
    request: Request,
) -> ApiResult {
    let row = in_slot(&state, &visitor, &slot).await?;
    forward(&state, &visitor, &row, 4, request).await
}

/// `before`: segments of the request's path in front of the source's own.
async fn forward(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    before: usize,
    request: Request,
) -> ApiResult {
    let raw = path::rest_of(request.uri().path(), before).to_owned();
    path::check(&raw).map_err(|error| ApiError::bad_request(error.to_string()))?;
    let is_own = state.is_own(row);
    let asked = if is_own { own::path(&raw) } else { raw.as_str() };
    if permit(state, visitor, row, request.method(), asked)? == Takes::Admin {
        written_down(state, visitor, row, request.method(), asked).await;
    }
    if is_own {
        if own::is_upgrade(request.method(), request.headers()) {
            return Err(ApiError::bad_request("this data source has no WebSocket endpoints"));
        }
        let scope = own::scope(state, visitor, row)?;
        return own::call(state, scope, asked, request).await;
    }
    let upstream = open(state, visitor, row).await?;
    let headers = forwarded(state, visitor, upstream.outgoing(), &request)?;
    if upgrade::is_asked_for(request.method(), request.headers()) {
        return upgrade::tunnel(upstream, &raw, headers, request).await;
    }
    let (parts, body) = request.into_parts();
    let mut outer = upstream.request(parts.method, &raw, parts.uri.query(), headers);
    if !body.is_end_stream() {
        let limit = state.config.body_bytes_max;
        if let Some(length) = body.size_hint().exact() {
            if length > limit as u64 {
                return Err(AskError::BodyTooLarge(limit).into());
            }
            outer = outer.header(header::CONTENT_LENGTH, length);
        }
        outer = outer.body(limited(body, limit));
    }
    answered(send(state, visitor, row, upstream, outer).await?)
}

/// What takes an administrator changes something, or shows what others may not see.
async fn written_down(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    method: &Method,
    path: &str,
) {
    let entry = NewAudit {
        org_id: visitor.org(),
        actor_id: visitor.identity.user_id,
        actor: &visitor.identity.login,
        address: "",
        action: "proxy",
        kind: "data source",
        resource: &row.source.uid,
        outcome: "passed on",
        detail: &format!("{method} {path}"),
    };
    state.audit(&entry).await;
}

/// What the request takes. Errors: 403 when that is more than the visitor has.
fn permit(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    method: &Method,
    path: &str,
) -> Result<Takes, ApiError> {
    // Our own may have any type that is stored for it; it speaks as Prometheus.
    let kind = if state.is_own(row) { "prometheus" } else { row.source.kind.as_str() };
    let who = Principal::User(&visitor.identity);
    let takes = takes(kind, method, path);
    let allowed = match takes {
        Takes::Query => true,
        Takes::Editor => visitor.identity.role >= Role::Editor,
        Takes::Admin => state.authority.permit(&who, Action::AdministerMetrics).is_ok(),
    };
    if allowed {
        return Ok(takes);
    }
    Err(ApiError::forbidden(format!(
        "{method} {path} is not allowed through the proxy: data source {:?} is read-only for your \
         role",
        row.source.name
    )))
}

fn forwarded(
    state: &PortalState,
    visitor: &Visitor,
    outgoing: &super::Outgoing,
    request: &Request,
) -> Result<HeaderMap, ApiError> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let asker = Asker {
        login: state.config.data_source_user_header.then_some(&*visitor.identity.login),
        address: peer.map(|ConnectInfo(peer)| peer.ip()),
        cookies: &outgoing.cookies,
        session_cookie: COOKIE,
    };
    headers::of_request(request.headers(), &asker).map_err(|error| {
        ApiError::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, error.to_string())
    })
}

fn limited(body: Body, max: usize) -> reqwest::Body {
    let limited = Body::new(Limited::new(body, max)).into_data_stream();
    reqwest::Body::wrap_stream(limited.map_err(move |error| {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(e) = cause {
            if e.is::<LengthLimitError>() {
                return BodyTooLarge(max).into();
            }
            cause = e.source();
        }
        Box::<dyn std::error::Error + Send + Sync>::from(error)
    }))
}

fn answered(answer: Answer) -> ApiResult {
    let status = answer.status();
    if status == StatusCode::UNAUTHORIZED {
        // The browser would take it for the portal's own.
        return Err(ApiError::bad_request("Authentication to data source failed"));
    }
    if let Some(to) = answer.headers().get(header::LOCATION)
        && status.is_redirection()
    {
        let to = String::from_utf8_lossy(to.as_bytes()).into_owned();
        return Err(ApiError::new(
            StatusCode::BAD_GATEWAY,
            format!(
                "the data source answers with a redirect to {to:?}, which is not followed: set the \
                 data source's URL to where it leads"
            ),
        ));
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    *response.headers_mut() = headers::of_answer(answer.headers());
    *response.body_mut() = answer.into_body();
    Ok(response.into_response())
}
