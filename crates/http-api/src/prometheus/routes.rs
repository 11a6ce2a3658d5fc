//! The route table of the Prometheus face, on one page.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::middleware;
use axum::routing::{MethodRouter, get, post};

use super::state::PrometheusState;
use super::{
    admin, exemplars, health, labels, pages, query, rules, status, syntax_tree, targets, tsdb,
    write,
};
use crate::observe::{Observer, count_requests, metrics};
use crate::portal::assets::asset;

/// Forms (queries) are small; remote write brings its own, larger limit.
const FORM_BYTES_MAX: usize = 4 << 20;

/// `/api/v1` alone: what the Mimir face and the portal's data-source proxy mount too.
pub fn api_router(state: &PrometheusState) -> Router {
    Router::new()
        .route("/api/v1/query", get(query::instant).post(query::instant))
        .route("/api/v1/query_range", get(query::range).post(query::range))
        .route("/api/v1/format_query", get(query::format_query).post(query::format_query))
        .route("/api/v1/parse_query", get(syntax_tree::parse_query).post(syntax_tree::parse_query))
        .route(
            "/api/v1/query_exemplars",
            get(exemplars::query_exemplars).post(exemplars::query_exemplars),
        )
        .route("/api/v1/series", get(labels::series).post(labels::series))
        .route("/api/v1/labels", get(labels::names).post(labels::names))
        .route("/api/v1/label/{name}/values", get(labels::values))
        .route("/api/v1/metadata", get(labels::metadata))
        .route("/api/v1/rules", get(rules::rules))
        .route("/api/v1/alerts", get(rules::alerts))
        .route("/api/v1/alertmanagers", get(rules::alertmanagers))
        .route("/api/v1/targets", get(targets::targets))
        .route("/api/v1/targets/metadata", get(targets::metadata))
        .route("/api/v1/scrape_pools", get(targets::scrape_pools))
        .route("/api/v1/status/buildinfo", get(status::buildinfo))
        .route("/api/v1/status/runtimeinfo", get(status::runtimeinfo))
        .route("/api/v1/status/config", get(status::config))
        .route("/api/v1/status/flags", get(status::flags))
        .route("/api/v1/status/tsdb", get(tsdb::status))
        .route("/api/v1/status/tsdb/blocks", get(tsdb::blocks))
        .route("/api/v1/status/walreplay", get(tsdb::wal_replay))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .with_state(state.clone())
}

/// What changes something is taken by both methods, as in the reference.
fn changes<H, T>(handler: H) -> MethodRouter<PrometheusState>
where
    H: Handler<T, PrometheusState>,
    T: 'static,
{
    post(handler.clone()).put(handler)
}

/// The whole face on port 9090.
pub fn router(state: &PrometheusState) -> Router {
    let observer = Observer::new("prometheus", &state.registry);
    let own = Router::new()
        .route("/", get(pages::root))
        .route("/assets/{*path}", get(asset))
        .route("/-/healthy", get(health::healthy).head(health::healthy))
        .route("/-/ready", get(health::ready).head(health::ready))
        .route("/api/v1/write", post(write::remote_write))
        .route("/api/v1/admin/tsdb/delete_series", changes(admin::delete_series))
        .route("/api/v1/admin/tsdb/clean_tombstones", changes(admin::clean_tombstones))
        .route("/api/v1/admin/tsdb/snapshot", changes(admin::snapshot))
        .layer(DefaultBodyLimit::max(state.write_gate.body_bytes_max()))
        .with_state(state.clone());
    let own = pages::PATHS.into_iter().fold(own, |own, path| own.route(path, get(pages::page)));
    let page = Router::new().route("/metrics", get(metrics)).with_state(observer.clone());
    own.merge(page)
        .merge(api_router(state))
        .layer(middleware::from_fn_with_state(observer, count_requests))
}
