//! The route table of the portal face, on one page: path, what it needs, who answers.

use auth::Action::{ReadDashboards, ReadDataSources, ReadMetrics, UseOwnAccount};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodRouter, any, delete, get, post, put};

use super::guard::Needs::{self, Nothing, OwnPage, Page, Right};
use super::guard::{Guard, guard};
use super::reply::ApiError;
use super::state::PortalState;
use super::{
    account, assets, dashboards, data_sources, folders, health, login, pages, settings, sources, ui,
};
use crate::observe::{Observer, count_requests, metrics};

pub(super) struct Route {
    #[cfg_attr(not(test), expect(dead_code, reason = "the test that walks the table needs it"))]
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) needs: Needs,
    handler: MethodRouter<PortalState>,
}

/// Every route but the pages of the app, which are whatever else is asked for.
pub(super) fn table() -> Vec<Route> {
    let mut table = Vec::new();
    let mut route = |method: &Method, path, needs, handler| {
        table.push(Route { method: method.clone(), path, needs, handler });
    };
    let (read, write, replace, change, remove) =
        (&Method::GET, &Method::POST, &Method::PUT, &Method::PATCH, &Method::DELETE);

    route(read, "/login", Nothing, get(login::page));
    route(write, "/login", OwnPage, post(login::sign_in));
    route(read, "/logout", Nothing, get(login::sign_out));
    route(read, "/assets/{*path}", Nothing, get(assets::asset));
    route(read, "/api/health", Nothing, get(health::health));

    route(read, "/api/user", Right(UseOwnAccount), get(account::user));
    route(replace, "/api/user/password", Right(UseOwnAccount), put(account::change_password));
    let preferences = "/api/user/preferences";
    route(read, preferences, Right(UseOwnAccount), get(account::preferences));
    route(replace, preferences, Right(UseOwnAccount), put(account::set_preferences));
    let patch = axum::routing::patch(account::set_preferences);
    route(change, preferences, Right(UseOwnAccount), patch);
    let star = "/api/user/stars/dashboard/uid/{uid}";
    route(write, star, Right(ReadDashboards), post(dashboards::star));
    route(remove, star, Right(ReadDashboards), delete(dashboards::unstar));
    route(read, "/api/org", Right(UseOwnAccount), get(account::org));
    route(read, "/api/frontend/settings", Right(UseOwnAccount), get(settings::frontend));

    route(read, "/api/search", Right(ReadDashboards), get(dashboards::search));
    route(read, "/api/dashboards/home", Right(ReadDashboards), get(dashboards::home));
    route(read, "/api/dashboards/uid/{uid}", Right(ReadDashboards), get(dashboards::by_uid));
    route(read, "/api/folders", Right(ReadDashboards), get(folders::list));
    route(read, "/api/folders/{uid}", Right(ReadDashboards), get(folders::one));

    route(read, "/api/datasources", Right(ReadDataSources), get(data_sources::list));
    route(read, "/api/datasources/{id}", Right(ReadDataSources), get(data_sources::by_id));
    let (by_uid, by_name) = ("/api/datasources/uid/{uid}", "/api/datasources/name/{name}");
    route(read, by_uid, Right(ReadDataSources), get(data_sources::by_uid));
    route(read, by_name, Right(ReadDataSources), get(data_sources::by_name));
    let id_by_name = "/api/datasources/id/{name}";
    route(read, id_by_name, Right(ReadMetrics), get(data_sources::id_by_name));
    let (by_uid, by_id) = ("/api/datasources/uid/{uid}/health", "/api/datasources/{id}/health");
    route(read, by_uid, Right(ReadMetrics), get(sources::health_by_uid));
    route(read, by_id, Right(ReadMetrics), get(sources::health_by_id));
    // What may be asked by which method is decided by the source's type.
    let proxied = "/api/datasources/proxy/uid/{uid}/{*path}";
    route(read, proxied, Right(ReadMetrics), any(sources::by_uid));
    let proxied = "/api/datasources/proxy/{id}/{*path}";
    route(read, proxied, Right(ReadMetrics), any(sources::by_slot));
    let resources = "/api/datasources/uid/{uid}/resources/{*path}";
    route(read, resources, Right(ReadMetrics), any(sources::resources_by_uid));
    let resources = "/api/datasources/{id}/resources/{*path}";
    route(read, resources, Right(ReadMetrics), any(sources::resources_by_slot));

    route(read, "/api/ui/dashboards/{uid}", Right(ReadDashboards), get(ui::dashboard));
    route(write, "/api/ui/query", Right(ReadMetrics), post(ui::query));
    route(write, "/api/ui/variable", Right(ReadMetrics), post(ui::variable));

    route(read, "/", Page, get(pages::shell));
    route(read, "/{*page}", Page, get(pages::shell));
    table
}

/// The whole face on port 3000.
pub fn router(state: &PortalState) -> Router {
    let observer = Observer::new("portal", &state.registry);
    let mut routes: Router<PortalState> = Router::new();
    for Route { path, needs, handler, .. } in table() {
        let guarded = Guard { state: state.clone(), needs };
        routes = routes.route(path, handler.layer(middleware::from_fn_with_state(guarded, guard)));
    }
    let page = Router::new().route("/metrics", get(metrics)).with_state(observer.clone());
    routes
        .route("/api/{*rest}", any(unknown))
        .route("/api", any(unknown))
        .layer(DefaultBodyLimit::max(state.config.body_bytes_max))
        .with_state(state.clone())
        .merge(page)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(harden))
        .layer(middleware::from_fn_with_state(observer, count_requests))
}

async fn unknown() -> ApiError {
    ApiError::not_found("Not found")
}

async fn wrong_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}

/// Headers that every answer carries.
async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
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
