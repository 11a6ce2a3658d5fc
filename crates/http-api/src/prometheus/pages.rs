//! The pages on the Prometheus port, under the reference's addresses: a query page and the server's
//! state. All of them are one file of the web build, which asks the API.

use axum::extract::RawQuery;
use axum::response::{Redirect, Response};

use crate::portal::pages::standalone;

/// Addresses of the reference's pages, the older ones among them.
pub(crate) const PATHS: [&str; 11] = [
    "/query",
    "/graph",
    "/classic/graph",
    "/targets",
    "/rules",
    "/alerts",
    "/status",
    "/tsdb-status",
    "/flags",
    "/config",
    "/service-discovery",
];

/// `GET /`
pub(crate) async fn root(RawQuery(query): RawQuery) -> Redirect {
    // Old links to `/?g0.expr=…` keep what they ask.
    Redirect::to(&query.map_or_else(|| "/query".to_owned(), |query| format!("/query?{query}")))
}

pub(crate) async fn page() -> Response {
    standalone("prometheus.html")
}
