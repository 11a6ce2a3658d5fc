//! Metrics that a tracing backend makes of spans: by service and operation, and by pair of services.

use super::{Events, job};
use crate::curve::OFFICE;
use crate::histogram::{Spread, WEB};
use crate::world::{Builder, Job, Value};

/// Service, operation, kind, per second, median seconds, part that fails, part more in its incident.
type Operation = (&'static str, &'static str, &'static str, f64, f64, f64, f64);
const OPERATIONS: [Operation; 16] = [
    ("nginx", "GET /", "SPAN_KIND_SERVER", 24.0, 0.05, 0.001, 0.02),
    ("web", "GET /api/enhancements", "SPAN_KIND_SERVER", 9.0, 0.045, 0.001, 0.02),
    ("web", "POST /api/enhancements", "SPAN_KIND_SERVER", 4.4, 0.12, 0.002, 0.03),
    ("web", "POST /api/documents", "SPAN_KIND_SERVER", 0.8, 0.21, 0.004, 0.03),
    ("web", "SELECT enhancement", "SPAN_KIND_CLIENT", 31.0, 0.004, 0.0002, 0.015),
    ("web", "GET redis", "SPAN_KIND_CLIENT", 42.0, 0.0008, 0.0001, 0.0),
    ("celery-worker", "enhancement.enhance", "SPAN_KIND_CONSUMER", 4.4, 8.0, 0.008, 0.01),
    ("celery-worker", "documents.extract_text", "SPAN_KIND_CONSUMER", 0.8, 3.1, 0.01, 0.01),
    ("celery-worker", "POST model /v1/complete", "SPAN_KIND_CLIENT", 8.8, 2.4, 0.006, 0.0),
    ("postgres", "query", "SPAN_KIND_SERVER", 66.0, 0.003, 0.0001, 0.006),
    ("autoweave-api", "GET /v1/devices", "SPAN_KIND_SERVER", 25.0, 0.02, 0.002, 0.01),
    ("autoweave-api", "POST /v1/operations", "SPAN_KIND_SERVER", 13.0, 0.06, 0.004, 0.02),
    ("autoweave-usb-daemon", "usb.event", "SPAN_KIND_INTERNAL", 64.0, 0.022, 0.0008, 0.04),
    ("autoweave-plugin-host", "plugin.load", "SPAN_KIND_INTERNAL", 7.0, 0.11, 0.012, 0.05),
    ("autoweave-plugin-host", "plugin.run", "SPAN_KIND_INTERNAL", 17.0, 0.18, 0.005, 0.03),
    ("autoweave-queue", "job.dispatch", "SPAN_KIND_PRODUCER", 29.0, 0.006, 0.0005, 0.0),
];
/// Client, server, per second, median seconds.
const EDGES: [(&str, &str, f64, f64); 9] = [
    ("nginx", "web", 14.0, 0.06),
    ("nginx", "autoweave-api", 7.8, 0.03),
    ("web", "postgres", 31.0, 0.004),
    ("web", "redis", 42.0, 0.0008),
    ("web", "celery-worker", 5.2, 0.01),
    ("celery-worker", "postgres", 26.0, 0.004),
    ("autoweave-api", "autoweave-queue", 3.2, 0.006),
    ("autoweave-api", "postgres", 9.0, 0.004),
    ("autoweave-usb-daemon", "autoweave-queue", 2.9, 0.006),
];

pub(super) fn build(b: &mut Builder, events: &Events) {
    let job = job(b, "tempo-metrics-generator", "tempo:3200");
    for operation in OPERATIONS {
        spans(b, events, &job, operation);
    }
    for (client, server, rate, median) in EDGES {
        let labels = [("client", client), ("server", server)];
        let traffic = b.traffic(rate, OFFICE, job.restart);
        let all = b.all(traffic);
        let failed = b.part(traffic, 0.0008, &[(events.slow_database, 0.015)]);
        let name = |what: &str| format!("traces_service_graph_request_{what}");
        b.counter(&job, &name("total"), &labels, Value::of(all).whole());
        b.counter(&job, &name("failed_total"), &labels, Value::of(failed).whole());
        let parts = [(Value::of(all), Spread::new(median, 0.6))];
        b.histogram(&job, &name("server_seconds"), &labels, &WEB, &parts);
    }
}

fn spans(
    b: &mut Builder,
    events: &Events,
    job: &Job,
    (service, name, kind, rate, median, fails, more): Operation,
) {
    let incident =
        if service.starts_with("autoweave") { events.usb_trouble } else { events.slow_database };
    let traffic = b.traffic(rate, OFFICE, job.restart);
    let all = b.all(traffic);
    let failed = b.part(traffic, fails, &[(incident, more)]);
    let slow = b.part(traffic, 0.04, &[(incident, (more * 18.0).min(0.7))]);
    let own = [("service", service), ("span_name", name), ("span_kind", kind)];
    for (status, calls) in [
        ("STATUS_CODE_UNSET", Value::of(all).and(failed, -1.0)),
        ("STATUS_CODE_ERROR", Value::of(failed)),
    ] {
        let labels: Vec<_> = own.into_iter().chain([("status_code", status)]).collect();
        b.counter(job, "traces_spanmetrics_calls_total", &labels, calls.whole());
    }
    let (usual, waiting) = (Spread::new(median, 0.55), Spread::new(median * 5.0, 0.5));
    let parts = [(Value::of(all).and(slow, -1.0), usual), (Value::of(slow), waiting)];
    let bounds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
    b.histogram(job, "traces_spanmetrics_latency", &own, &bounds, &parts);
}
