//! The route table of the portal face: path, what it needs, who answers. One file per subject.

mod account;
mod administration;
mod dashboards;
mod data_sources;
mod objects;
mod pages;
mod provisioning;
mod resources;

use auth::Action;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, any, get, on};
use schemars::{Schema, SchemaGenerator};
use tower::ServiceExt as _;

use super::body::Takes;
use super::guard::Needs::{self, Right};
use super::guard::{Guard, guard};
use super::query_parameters::Parameter;
use super::reply::ApiError;
use super::state::PortalState;
use crate::observe::{Observer, count_requests, metrics};

pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) needs: Needs,
    /// What kind of thing it changes, for the audit log; empty when nothing of the server's.
    pub(super) audited: &'static str,
    /// What the body holds; `None` where there is none, or none that a type describes.
    pub(super) body: fn(&mut SchemaGenerator) -> Option<Schema>,
    /// What is read of the query; `None` where the handler looks at the whole address.
    pub(super) query: fn() -> Option<Vec<&'static Parameter>>,
    handler: MethodRouter<PortalState>,
}

/// Collects routes.
#[derive(Default)]
pub(super) struct Table(Vec<Route>);

impl Table {
    /// A route that only reads.
    fn read<H, T>(&mut self, path: &'static str, action: Action, handler: H)
    where
        H: Handler<T, PortalState>,
        T: Takes + 'static,
    {
        self.push::<T>(Method::GET, path, Right(action), "", get(handler));
    }

    /// A question too long for an address: POST that changes nothing of the server's.
    fn ask<H, T>(&mut self, path: &'static str, action: Action, handler: H)
    where
        H: Handler<T, PortalState>,
        T: Takes + 'static,
    {
        self.push::<T>(Method::POST, path, Right(action), "", on(MethodFilter::POST, handler));
    }

    fn create<H, T>(&mut self, path: &'static str, action: Action, kind: &'static str, handler: H)
    where
        H: Handler<T, PortalState>,
        T: Takes + 'static,
    {
        self.push::<T>(Method::POST, path, Right(action), kind, on(MethodFilter::POST, handler));
    }

    fn replace<H, T>(&mut self, path: &'static str, action: Action, kind: &'static str, handler: H)
    where
        H: Handler<T, PortalState>,
        T: Takes + 'static,
    {
        self.push::<T>(Method::PUT, path, Right(action), kind, on(MethodFilter::PUT, handler));
    }

    fn change<H, T>(&mut self, path: &'static str, action: Action, kind: &'static str, handler: H)
    where
        H: Handler<T, PortalState>,
        T: Takes + 'static,
    {
        self.push::<T>(Method::PATCH, path, Right(action), kind, on(MethodFilter::PATCH, handler));
    }

    fn delete<H, T>(&mut self, path: &'static str, action: Action, kind: &'static str, handler: H)
    where
        H: Handler<T, PortalState>,
        T: Takes + 'static,
    {
        self.push::<T>(
            Method::DELETE,
            path,
            Right(action),
            kind,
            on(MethodFilter::DELETE, handler),
        );
    }

    fn add(
        &mut self,
        method: Method,
        path: &'static str,
        needs: Needs,
        audited: &'static str,
        handler: MethodRouter<PortalState>,
    ) {
        self.push::<((),)>(method, path, needs, audited, handler);
    }

    /// `T` is the tuple of the handler's extractors.
    fn push<T: Takes>(
        &mut self,
        method: Method,
        path: &'static str,
        needs: Needs,
        audited: &'static str,
        handler: MethodRouter<PortalState>,
    ) {
        let (body, query) = (T::body, T::query);
        self.0.push(Route { method, path, needs, audited, body, query, handler });
    }
}

/// Every route but the pages of the app, which are whatever else is asked for.
pub(super) fn table() -> Vec<Route> {
    let mut table = Table::default();
    pages::routes(&mut table);
    account::routes(&mut table);
    administration::routes(&mut table);
    dashboards::routes(&mut table);
    data_sources::routes(&mut table);
    provisioning::routes(&mut table);
    objects::routes(&mut table);
    resources::routes(&mut table);
    table.0
}

/// The whole face on port 3000.
pub fn router(state: &PortalState) -> Router {
    let observer = Observer::new("portal", &state.registry);
    let mut routes: Router<PortalState> = Router::new();
    for Route { path, needs, audited, handler, .. } in table() {
        let guarded = Guard { state: state.clone(), needs, audited };
        routes = routes.route(path, handler.layer(middleware::from_fn_with_state(guarded, guard)));
    }
    let page = Router::new().route("/metrics", get(metrics)).with_state(observer.clone());
    let routes = routes
        .route("/api/{*rest}", any(unknown))
        .route("/api", any(unknown))
        .route("/apis/{group}/{version}/{*rest}", any(unknown))
        .layer(DefaultBodyLimit::max(state.config.body_bytes_max))
        .with_state(state.clone())
        .merge(page)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(harden))
        .layer(middleware::from_fn_with_state(observer, count_requests));
    Router::new().fallback_service(routes.map_request(without_last_slash))
}

/// `/api/serviceaccounts/` is `/api/serviceaccounts`, as in Grafana, whose clients write both.
/// What is passed on to a data source keeps its path.
fn without_last_slash(mut request: Request) -> Request {
    let path = request.uri().path();
    let passed_on = path.contains("/proxy/") || path.contains("/resources/");
    if !path.starts_with("/api/") || !path.ends_with('/') || passed_on {
        return request;
    }
    let mut text = path.trim_end_matches('/').to_owned();
    if let Some(query) = request.uri().query() {
        text.push('?');
        text.push_str(query);
    }
    if let Ok(uri) = text.parse() {
        *request.uri_mut() = uri;
    }
    request
}

async fn unknown() -> ApiError {
    ApiError::not_found("Not found")
}

async fn wrong_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}

/// Headers that every answer carries, and words of the framework put into Grafana's form.
async fn harden(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api");
    let mut response = next.run(request).await;
    if is_api && response.status().is_client_error() && is_plain_text(&response) {
        response =
            ApiError::new(response.status(), said_plainly(response.status())).into_response();
    }
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "deny"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let private = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(private);
    response
}

/// What extractors answer when a path or body is not what they want. Words of a data source,
/// which come sandboxed, are passed on as they are.
fn is_plain_text(response: &Response) -> bool {
    let headers = response.headers();
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"))
        && !headers.contains_key(header::CONTENT_SECURITY_POLICY)
}

fn said_plainly(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "id is invalid",
        StatusCode::PAYLOAD_TOO_LARGE => "the request is too large (limits.portal_body_bytes_max)",
        _ => status.canonical_reason().unwrap_or("refused"),
    }
}
