//! What every face tells about itself: requests by route and status, their duration, and the
//! `/metrics` page.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use telemetry::{Histogram, Registry};

/// Upper bounds of request durations in seconds.
const DURATION_BUCKETS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// One face's name beside the registry its requests are counted in.
#[derive(Clone, Debug)]
pub struct Observer {
    face: &'static str,
    registry: Registry,
    duration: Histogram,
}

impl Observer {
    pub fn new(face: &'static str, registry: &Registry) -> Self {
        let duration = registry.histogram(
            "orrery_http_request_duration_seconds",
            "Time from request head to response head.",
            &[("face", face)],
            DURATION_BUCKETS,
        );
        Self { face, registry: registry.clone(), duration }
    }
}

/// Counts a request under its route *pattern*, so that paths cannot grow the number of series.
pub async fn count_requests(
    State(observer): State<Observer>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|p| p.as_str().to_owned());
    let started = Instant::now();
    let response = next.run(request).await;
    let route = route.as_deref().unwrap_or("unmatched");
    // Looked up anew each time: routes and codes are many and come up as they are used. The lock is
    // held for one look into a map.
    observer
        .registry
        .counter(
            "orrery_http_requests_total",
            "HTTP requests answered.",
            &[("face", observer.face), ("route", route), ("code", response.status().as_str())],
        )
        .inc();
    observer.duration.observe_duration(started.elapsed());
    response
}

/// `GET /metrics`: text exposition 0.0.4, or OpenMetrics when the client asks for it.
pub async fn metrics(State(observer): State<Observer>, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let open = accept.contains("application/openmetrics-text");
    let (format, content_type) = if open {
        (
            telemetry::Format::OpenMetrics,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        )
    } else {
        (telemetry::Format::Text004, "text/plain; version=0.0.4; charset=utf-8")
    };
    let mut body = String::with_capacity(16 << 10);
    observer.registry.render(&mut body, format);
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}
