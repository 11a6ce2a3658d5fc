//! What stands beside the web application: Celery, nginx, and probes from outside.

use super::{Events, job};
use crate::curve::{OFFICE, STEADY};
use crate::driver::Driver;
use crate::histogram::{LONG, Spread};
use crate::incident::Incident;
use crate::world::{Builder, Job, Value};

/// Task, queue, per second, median seconds.
const TASKS: [(&str, &str, f64, f64); 4] = [
    ("enhancement.tasks.enhance", "enhancement", 4.4, 12.0),
    ("documents.tasks.extract_text", "documents", 0.8, 4.0),
    ("reports.tasks.render", "reports", 0.1, 20.0),
    ("audit.tasks.flush", "default", 0.5, 0.8),
];
/// Site and its median duration in seconds.
const SITES: [(&str, f64); 4] = [
    ("https://app.example.com/health", 0.11),
    ("https://api.example.com/api/health", 0.09),
    ("https://grafana.example.com/api/health", 0.05),
    ("https://docs.example.com", 0.16),
];

/// Names of the exporter of the Celery project's community, `celery-exporter`.
pub(super) fn celery(b: &mut Builder, events: &Events) {
    let job = Job { restart: events.worker_crash, ..job(b, "celery", "celery-exporter:9808") };
    for (task, queue, rate, median) in TASKS {
        let labels = [("name", task), ("queue_name", queue)];
        let traffic = b.traffic(rate, OFFICE, job.restart);
        let all = b.all(traffic);
        let failed = b.part(traffic, 0.007, &[(events.slow_database, 0.04)]);
        let retried = b.part(traffic, 0.01, &[(events.slow_database, 0.15)]);
        b.counter(&job, "celery_task_sent_total", &labels, Value::of(all).whole());
        b.counter(&job, "celery_task_received_total", &labels, Value::of(all).whole());
        let good = Value::of(all).and(failed, -1.0).whole();
        b.counter(&job, "celery_task_succeeded_total", &labels, good);
        b.counter(&job, "celery_task_failed_total", &labels, Value::of(failed).whole());
        b.counter(&job, "celery_task_retried_total", &labels, Value::of(retried).whole());
        let (usual, waiting) = (Spread::new(median, 0.5), Spread::new(median * 3.0, 0.4));
        let parts = [(Value::of(all).and(retried, -1.0), usual), (Value::of(retried), waiting)];
        b.histogram(&job, "celery_task_runtime", &labels, &LONG, &parts);
        let growing = Incident { rises: 720.0, recovers: 900.0, ..events.worker_crash };
        let length = b.level(2.0 + rate * 3.0, (OFFICE, 0.9, 0.4), &[(growing, 8.0)]);
        let labels = [("queue_name", queue)];
        b.gauge(&job, "celery_queue_length", &labels, Value::of(length).whole());
    }
    let crashed = b.driver(Driver::Active(events.worker_crash));
    for (worker, dies) in
        [("celery@worker-0", 0.0), ("celery@worker-1", 1.0), ("celery@worker-2", 1.0)]
    {
        let up = Value::constant(1.0).and(crashed, -dies);
        b.gauge(&job, "celery_worker_up", &[("hostname", worker)], up);
        let busy = b.level(5.0, (OFFICE, 0.8, 0.3), &[(events.worker_crash, -dies)]);
        let labels = [("hostname", worker)];
        b.gauge(&job, "celery_worker_tasks_active", &labels, Value::of(busy).whole());
    }
}

pub(super) fn nginx(b: &mut Builder, events: &Events) {
    let job = job(b, "nginx", "nginx-0:9113");
    let traffic = b.traffic(46.0, OFFICE, job.restart);
    let requests = b.all(traffic);
    b.counter(&job, "nginx_http_requests_total", &[], Value::of(requests).whole());
    for what in ["accepted", "handled"] {
        let name = format!("nginx_connections_{what}");
        b.counter(&job, &name, &[], Value::of(requests).times(0.21).whole());
    }
    let active = b.level(74.0, (OFFICE, 0.8, 0.15), &[(events.slow_database, 1.8)]);
    b.gauge(&job, "nginx_connections_active", &[], Value::of(active).whole());
    for (state, part) in [("reading", 0.02), ("writing", 0.18), ("waiting", 0.8)] {
        let name = format!("nginx_connections_{state}");
        b.gauge(&job, &name, &[], Value::of(active).times(part).whole());
    }
    b.gauge(&job, "nginx_up", &[], Value::constant(1.0));
}

/// Names of the blackbox exporter.
pub(super) fn probes(b: &mut Builder, events: &Events) {
    for (n, (site, median)) in SITES.into_iter().enumerate() {
        let job = job(b, "blackbox", site);
        let backed = n < 2;
        let slow = if backed { 2.5 } else { 0.0 };
        let took = b.level(median, (OFFICE, 0.2, 0.3), &[(events.slow_database, slow)]);
        b.gauge(&job, "probe_duration_seconds", &[], Value::of(took));
        for (phase, part) in [
            ("resolve", 0.06),
            ("connect", 0.1),
            ("tls", 0.24),
            ("processing", 0.52),
            ("transfer", 0.08),
        ] {
            let value = Value::of(took).times(part);
            b.gauge(&job, "probe_http_duration_seconds", &[("phase", phase)], value);
        }
        let down = if backed { vec![events.deploy] } else { Vec::new() };
        let well = b.driver(Driver::Well(down));
        b.gauge(&job, "probe_success", &[], Value::of(well));
        b.gauge(&job, "probe_http_status_code", &[], Value::of(well).times(-303.0).plus(503.0));
        b.gauge(&job, "probe_http_ssl", &[], Value::constant(1.0));
        let renewed = b.restart(60.0);
        let renewed = b.driver(Driver::Began(renewed));
        let expires = Value::of(renewed).plus(90.0 * 86_400.0);
        b.gauge(&job, "probe_ssl_earliest_cert_expiry", &[], expires);
        let steady = b.level(0.004, (STEADY, 0.0, 0.4), &[]);
        b.gauge(&job, "probe_dns_lookup_time_seconds", &[], Value::of(steady));
    }
}
