//! What the eBPF agent (OBI) sees: flows between workloads, and requests without instrumentation.

use super::{Events, job};
use crate::curve::OFFICE;
use crate::histogram::{Spread, WEB};
use crate::world::{Builder, Job, Value};

/// Namespace and name.
type Workload = (&'static str, &'static str);

/// From and to, each namespace and workload; bytes per second there, and part of it that comes back.
const FLOWS: [(Workload, Workload, f64, f64); 17] = [
    (("ingress", "nginx"), ("platform", "web"), 310e3, 4.2),
    (("ingress", "nginx"), ("autoweave", "autoweave-api"), 120e3, 3.1),
    (("platform", "web"), ("platform", "postgres"), 260e3, 5.5),
    (("platform", "web"), ("platform", "redis"), 190e3, 1.8),
    (("platform", "celery-worker"), ("platform", "redis"), 84e3, 1.4),
    (("platform", "celery-worker"), ("platform", "postgres"), 140e3, 3.8),
    (("platform", "celery-beat"), ("platform", "redis"), 2e3, 0.5),
    (("autoweave", "autoweave-api"), ("autoweave", "autoweave-queue"), 48e3, 0.6),
    (("autoweave", "autoweave-api"), ("platform", "postgres"), 60e3, 3.0),
    (("autoweave", "autoweave-usb-daemon"), ("autoweave", "autoweave-queue"), 36e3, 0.3),
    (("autoweave", "autoweave-plugin-host"), ("autoweave", "autoweave-queue"), 41e3, 1.1),
    (("monitoring", "prometheus"), ("platform", "web"), 3e3, 18.0),
    (("monitoring", "prometheus"), ("autoweave", "autoweave-api"), 2e3, 16.0),
    (("monitoring", "grafana"), ("monitoring", "prometheus"), 5e3, 11.0),
    (("platform", "web"), ("monitoring", "tempo"), 38e3, 0.02),
    (("platform", "web"), ("kube-system", "coredns"), 3e3, 1.6),
    (("staging", "web"), ("platform", "postgres"), 4e3, 2.4),
];
/// Namespace, workload, route, method, per second, median seconds.
const ROUTES: [(&str, &str, &str, &str, f64, f64); 6] = [
    ("platform", "web", "/api/enhancements", "GET", 9.0, 0.045),
    ("platform", "web", "/api/enhancements", "POST", 4.4, 0.12),
    ("platform", "web", "/api/documents", "POST", 0.8, 0.21),
    ("autoweave", "autoweave-api", "/v1/devices", "GET", 5.2, 0.02),
    ("autoweave", "autoweave-api", "/v1/plugins", "GET", 2.1, 0.035),
    ("ingress", "nginx", "/", "GET", 46.0, 0.03),
];

pub(super) fn build(b: &mut Builder, events: &Events) {
    let job = job(b, "obi", "obi-agent:9090");
    b.gauge(&job, "obi_build_info", &[("version", "0.3.0")], Value::constant(1.0));
    for (from, to, rate, back) in FLOWS {
        flow(b, &job, from, to, rate);
        flow(b, &job, to, from, rate * back);
    }
    for route in ROUTES {
        served(b, events, &job, route);
    }
    for (client, server, rate, median) in [
        ("web", "postgres", 21.0, 0.004),
        ("web", "redis", 60.0, 0.0008),
        ("autoweave-api", "autoweave-queue", 7.0, 0.002),
    ] {
        let traffic = b.traffic(rate, OFFICE, job.restart);
        let all = b.all(traffic);
        let labels = [("k8s_owner_name", client), ("server_address", server)];
        let parts = [(Value::of(all), Spread::new(median, 0.8))];
        b.histogram(&job, "http_client_request_duration_seconds", &labels, &WEB, &parts);
        b.histogram(&job, "rpc_server_duration_seconds", &labels, &WEB, &parts);
    }
}

fn flow(b: &mut Builder, job: &Job, from: (&str, &str), to: (&str, &str), rate: f64) {
    let labels = [
        ("k8s_src_namespace", from.0),
        ("k8s_src_owner_name", from.1),
        ("k8s_dst_namespace", to.0),
        ("k8s_dst_owner_name", to.1),
    ];
    let traffic = b.traffic(rate, OFFICE, job.restart);
    let bytes = b.all(traffic);
    b.counter(job, "obi_network_flow_bytes_total", &labels, Value::of(bytes).whole());
}

fn served(
    b: &mut Builder,
    events: &Events,
    job: &Job,
    (namespace, owner, route, method, rate, median): (&str, &str, &str, &str, f64, f64),
) {
    let traffic = b.traffic(rate, OFFICE, job.restart);
    let all = b.all(traffic);
    let waits = if namespace == "autoweave" { 0.05 } else { 0.5 };
    let slow = b.part(traffic, 0.035, &[(events.slow_database, waits)]);
    let bad = b.part(traffic, 0.0015, &[(events.slow_database, waits * 0.06)]);
    let (usual, waiting) = (Spread::new(median, 0.5), Spread::new(median * 6.0 + 0.2, 0.5));
    for (status, parts) in [
        (
            "200",
            vec![
                (Value::of(all).and(slow, -1.0).and(bad, -1.0), usual),
                (Value::of(slow), waiting),
            ],
        ),
        ("500", vec![(Value::of(bad), waiting)]),
    ] {
        let labels = [
            ("k8s_namespace_name", namespace),
            ("k8s_owner_name", owner),
            ("http_route", route),
            ("http_request_method", method),
            ("http_response_status_code", status),
        ];
        b.histogram(job, "http_server_request_duration_seconds", &labels, &WEB, &parts);
    }
}
