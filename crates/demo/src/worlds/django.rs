//! The web application under the names of `django-prometheus`.

use super::{Events, job};
use crate::curve::OFFICE;
use crate::driver::Traffic;
use crate::histogram::{Spread, WEB};
use crate::world::{Builder, DriverId, Job, Value};

/// View, method, requests per second, median seconds, spread.
const VIEWS: [(&str, &str, f64, f64, f64); 9] = [
    ("enhancement-list", "GET", 9.0, 0.045, 0.5),
    ("enhancement-detail", "GET", 6.5, 0.03, 0.5),
    ("enhancement-create", "POST", 4.4, 0.12, 0.55),
    ("enhancement-detail", "PATCH", 1.1, 0.09, 0.5),
    ("document-upload", "POST", 0.8, 0.21, 0.6),
    ("report-export", "GET", 0.25, 0.34, 0.5),
    ("token-obtain", "POST", 1.4, 0.16, 0.25),
    ("health", "GET", 2.0, 0.004, 0.4),
    ("document-detail", "DELETE", 0.12, 0.05, 0.4),
];
/// Model; inserts, updates and deletes per second.
const MODELS: [(&str, f64, f64, f64); 5] = [
    ("enhancement", 4.4, 11.0, 0.02),
    ("document", 0.8, 1.1, 0.12),
    ("tenant", 0.001, 0.02, 0.0),
    ("auditentry", 7.0, 0.0, 0.4),
    ("session", 1.4, 3.8, 0.9),
];
/// Exception, its part of all requests, and its part while the database is slow.
const EXCEPTIONS: [(&str, f64, f64); 5] = [
    ("ValidationError", 0.006, 0.0),
    ("PermissionDenied", 0.002, 0.0),
    ("OperationalError", 0.0002, 0.028),
    ("TimeoutError", 0.0004, 0.012),
    ("KeyError", 0.0005, 0.0),
];
/// Status, its part of all requests, and what the slow database adds.
const STATUS: [(&str, f64, f64); 7] = [
    ("201", 0.17, 0.0),
    ("204", 0.01, 0.0),
    ("302", 0.004, 0.0),
    ("400", 0.012, 0.0),
    ("404", 0.009, 0.0),
    ("500", 0.0012, 0.024),
    ("503", 0.0002, 0.014),
];

pub(super) fn build(b: &mut Builder, events: &Events) {
    let job = Job { restart: events.deploy, ..job(b, "django", "web-0:8000") };
    let traffic: Vec<Traffic> =
        VIEWS.iter().map(|view| b.traffic(view.2, OFFICE, job.restart)).collect();
    let all: Vec<DriverId> = traffic.iter().map(|t| b.all(*t)).collect();
    let slow: Vec<DriverId> = traffic
        .iter()
        .map(|t| b.part(*t, 0.035, &[(events.slow_database, 0.55), (events.deploy, 0.2)]))
        .collect();
    views(b, &job, &all, &slow);
    totals(b, &job, events, &all, &slow);
    models(b, &job);
}

fn spreads(view: &(&str, &str, f64, f64, f64)) -> (Spread, Spread) {
    (Spread::new(view.3, view.4), Spread::new(view.3 * 6.0 + 0.2, 0.5))
}

fn views(b: &mut Builder, job: &Job, all: &[DriverId], slow: &[DriverId]) {
    for ((view, all), slow) in VIEWS.iter().zip(all).zip(slow) {
        let labels = [("view", view.0), ("method", view.1)];
        let (usual, waiting) = spreads(view);
        let parts = [(Value::of(*all).and(*slow, -1.0), usual), (Value::of(*slow), waiting)];
        let name = "django_http_requests_latency_seconds_by_view_method";
        b.histogram(job, name, &labels, &WEB, &parts);
        let labels = [("view", view.0), ("method", view.1), ("transport", "http")];
        let name = "django_http_requests_total_by_view_transport_method_total";
        b.counter(job, name, &labels, Value::of(*all).whole());
    }
}

fn totals(b: &mut Builder, job: &Job, events: &Events, all: &[DriverId], slow: &[DriverId]) {
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        let of = VIEWS.iter().zip(all).filter(|(view, _)| view.1 == method);
        let sum = of.fold(Value::default(), |sum, (_, flow)| sum.and(*flow, 1.0));
        let name = "django_http_requests_total_by_method_total";
        b.counter(job, name, &[("method", method)], sum.whole());
    }
    let parts: Vec<_> = VIEWS
        .iter()
        .zip(all.iter().zip(slow))
        .flat_map(|(view, (all, slow))| {
            let (usual, waiting) = spreads(view);
            [(Value::of(*all).and(*slow, -1.0), usual), (Value::of(*slow), waiting)]
        })
        .collect();
    let name = "django_http_requests_latency_including_middlewares_seconds";
    b.histogram(job, name, &[], &WEB, &parts);
    outcomes(b, job, events);
}

fn outcomes(b: &mut Builder, job: &Job, events: &Events) {
    let rate = VIEWS.iter().map(|view| view.2).sum();
    let traffic = b.traffic(rate, OFFICE, job.restart);
    let everything = b.all(traffic);
    let mut good = Value::of(everything);
    for (status, always, more) in STATUS {
        let part = b.part(traffic, always, &[(events.slow_database, more)]);
        good = good.and(part, -1.0);
        let name = "django_http_responses_total_by_status_total";
        b.counter(job, name, &[("status", status)], Value::of(part).whole());
    }
    let name = "django_http_responses_total_by_status_total";
    b.counter(job, name, &[("status", "200")], good.whole());
    for (kind, always, more) in EXCEPTIONS {
        let part = b.part(traffic, always, &[(events.slow_database, more)]);
        let name = "django_http_exceptions_total_by_type_total";
        b.counter(job, name, &[("type", kind)], Value::of(part).whole());
    }
    let bytes = Value::of(everything).times(18_400.0);
    b.counter(job, "django_http_responses_body_total_bytes_sum", &[], bytes);
}

fn models(b: &mut Builder, job: &Job) {
    for (model, inserts, updates, deletes) in MODELS {
        for (what, rate) in [("inserts", inserts), ("updates", updates), ("deletes", deletes)] {
            let traffic = b.traffic(rate, OFFICE, job.restart);
            let flow = b.all(traffic);
            let name = format!("django_model_{what}_total");
            b.counter(job, &name, &[("model", model)], Value::of(flow).whole());
        }
    }
    let restart = job.restart;
    let began = b.driver(crate::driver::Driver::Began(restart));
    b.gauge(job, "process_start_time_seconds", &[], Value::of(began));
    let cpu = b.traffic(0.9, OFFICE, restart);
    let cpu = b.all(cpu);
    b.counter(job, "process_cpu_seconds_total", &[], Value::of(cpu));
    let memory = b.level(412e6, (OFFICE, 0.15, 0.03), &[]);
    b.gauge(job, "process_resident_memory_bytes", &[], Value::of(memory).whole());
    let rate = b.traffic(21.0, OFFICE, restart);
    let rate = b.all(rate);
    for (alias, part) in [("default", 0.8), ("replica", 0.2)] {
        let labels = [("alias", alias), ("vendor", "postgresql")];
        let queries = Value::of(rate).times(6.0 * part).whole();
        b.counter(job, "django_db_execute_total", &labels, queries);
    }
}
