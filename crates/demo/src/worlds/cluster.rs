//! The Kubernetes cluster as its API server and `kube-state-metrics` see it.

use super::{Events, job};
use crate::curve::{OFFICE, STEADY};
use crate::driver::Driver;
use crate::histogram::{SHORT, Spread};
use crate::world::{Builder, Job, Value};

const MIB: f64 = 1024.0 * 1024.0;
pub(super) const NODES: [&str; 4] = ["node-1", "node-2", "node-3", "node-4"];

/// A deployment and what each of its pods uses.
pub(super) struct Workload {
    pub(super) namespace: &'static str,
    pub(super) name: &'static str,
    pub(super) replicas: usize,
    /// Cores used on average, and asked for.
    pub(super) cores: f64,
    pub(super) cores_asked: f64,
    /// MiB used, and the limit; three quarters of it are asked for.
    pub(super) memory: f64,
    pub(super) limit: f64,
    /// Part of the periods in which it is throttled.
    pub(super) throttled: f64,
}

const fn workload(
    namespace: &'static str,
    name: &'static str,
    replicas: usize,
    (cores, cores_asked): (f64, f64),
    (memory, limit): (f64, f64),
    throttled: f64,
) -> Workload {
    Workload { namespace, name, replicas, cores, cores_asked, memory, limit, throttled }
}

pub(super) const WORKLOADS: [Workload; 20] = [
    workload("platform", "web", 3, (0.34, 0.5), (412.0, 768.0), 0.03),
    workload("platform", "celery-worker", 4, (0.42, 0.5), (530.0, 1024.0), 0.09),
    workload("platform", "celery-beat", 1, (0.01, 0.05), (90.0, 192.0), 0.0),
    workload("platform", "postgres", 1, (0.6, 1.0), (2900.0, 4096.0), 0.01),
    workload("platform", "redis", 1, (0.12, 0.25), (720.0, 2048.0), 0.0),
    workload("autoweave", "autoweave-api", 2, (0.22, 0.25), (310.0, 512.0), 0.05),
    workload("autoweave", "autoweave-usb-daemon", 2, (0.16, 0.2), (140.0, 256.0), 0.12),
    workload("autoweave", "autoweave-plugin-host", 3, (0.2, 0.25), (280.0, 384.0), 0.07),
    workload("autoweave", "autoweave-queue", 1, (0.09, 0.1), (170.0, 256.0), 0.02),
    workload("ingress", "nginx", 2, (0.08, 0.2), (96.0, 256.0), 0.0),
    workload("monitoring", "prometheus", 1, (0.3, 0.5), (1400.0, 2048.0), 0.0),
    workload("monitoring", "grafana", 1, (0.05, 0.1), (190.0, 384.0), 0.0),
    workload("monitoring", "loki", 1, (0.14, 0.25), (620.0, 1024.0), 0.0),
    workload("monitoring", "tempo", 1, (0.1, 0.25), (480.0, 1024.0), 0.0),
    workload("monitoring", "alertmanager", 1, (0.01, 0.05), (48.0, 128.0), 0.0),
    workload("kube-system", "coredns", 2, (0.02, 0.1), (36.0, 170.0), 0.0),
    workload("kube-system", "metrics-server", 1, (0.02, 0.1), (44.0, 128.0), 0.0),
    workload("kube-system", "kube-state-metrics", 1, (0.01, 0.05), (58.0, 128.0), 0.0),
    workload("staging", "web", 1, (0.04, 0.25), (300.0, 512.0), 0.0),
    workload("staging", "importer", 2, (0.06, 0.1), (230.0, 256.0), 0.31),
];
/// The deployment of which one pod finds no node, and the other starts again and again.
pub(super) const TROUBLED: (&str, &str) = ("staging", "importer");

/// One pod: its workload, its name, the node it runs on.
pub(super) struct Pod {
    pub(super) of: &'static Workload,
    pub(super) name: String,
    pub(super) node: &'static str,
    pub(super) pending: bool,
}

/// Every pod. Names look as a controller makes them, but are always the same.
pub(super) fn pods() -> Vec<Pod> {
    let mut all: Vec<Pod> = Vec::new();
    for of in &WORKLOADS {
        for n in 0..of.replicas {
            let hash = crate::curve::mix(all.len() as u64 + 7);
            let name = format!("{}-{:05x}-{:04x}", of.name, hash & 0xf_ffff, hash >> 48);
            let node = NODES[all.len() % NODES.len()];
            let pending = (of.namespace, of.name) == TROUBLED && n == 1;
            all.push(Pod { of, name, node, pending });
        }
    }
    all
}

pub(super) fn build(b: &mut Builder, events: &Events) {
    let job = job(b, "kube-state-metrics", "kube-state-metrics:8080");
    nodes(b, events, &job);
    deployments(b, &job);
    let crashing = b.incident(3.0, 0.0);
    for pod in &pods() {
        let restarts = if (pod.of.namespace, pod.of.name) == TROUBLED && !pod.pending {
            let driver = b.driver(Driver::Count(crashing));
            Value::of(driver)
        } else {
            Value::constant((pod.name.len() % 3) as f64)
        };
        one_pod(b, &job, pod, restarts);
    }
    api_server(b, events);
}

fn nodes(b: &mut Builder, events: &Events, job: &Job) {
    let down = b.driver(Driver::Active(events.node_down));
    for (n, node) in NODES.iter().enumerate() {
        let labels =
            [("node", *node), ("kernel_version", "6.12.0"), ("kubelet_version", "v1.32.1")];
        b.gauge(job, "kube_node_info", &labels, Value::constant(1.0));
        for (resource, unit, capacity, allocatable) in [
            ("cpu", "core", 4.0, 3.8),
            ("memory", "byte", 16_384.0 * MIB, 15_400.0 * MIB),
            ("pods", "integer", 110.0, 110.0),
        ] {
            let labels = [("node", *node), ("resource", resource), ("unit", unit)];
            b.gauge(job, "kube_node_status_capacity", &labels, Value::constant(capacity));
            b.gauge(job, "kube_node_status_allocatable", &labels, Value::constant(allocatable));
        }
        // Only the last one is ever lost.
        let lost = if n + 1 == NODES.len() { 1.0 } else { 0.0 };
        for (status, value) in [
            ("true", Value::constant(1.0).and(down, -lost)),
            ("false", Value::constant(0.0)),
            ("unknown", Value::constant(0.0).and(down, lost)),
        ] {
            let labels = [("node", *node), ("condition", "Ready"), ("status", status)];
            b.gauge(job, "kube_node_status_condition", &labels, value);
        }
    }
}

fn deployments(b: &mut Builder, job: &Job) {
    for of in &WORKLOADS {
        let labels = [("namespace", of.namespace), ("deployment", of.name)];
        let wanted = of.replicas as f64;
        let short = if (of.namespace, of.name) == TROUBLED { 1.0 } else { 0.0 };
        b.gauge(job, "kube_deployment_spec_replicas", &labels, Value::constant(wanted));
        b.gauge(job, "kube_deployment_status_replicas", &labels, Value::constant(wanted));
        for (name, value) in [
            ("kube_deployment_status_replicas_available", wanted - short),
            ("kube_deployment_status_replicas_unavailable", short),
            ("kube_deployment_status_replicas_updated", wanted),
        ] {
            b.gauge(job, name, &labels, Value::constant(value));
        }
    }
}

fn one_pod(b: &mut Builder, job: &Job, pod: &Pod, restarts: Value) {
    let own = [("namespace", pod.of.namespace), ("pod", pod.name.as_str())];
    let with = |more: &[(&'static str, &'static str)]| -> Vec<(&str, &str)> {
        own.iter().copied().chain(more.iter().copied()).collect()
    };
    let node = if pod.pending { "" } else { pod.node };
    let labels: Vec<_> = own
        .into_iter()
        .chain([("node", node), ("created_by_kind", "ReplicaSet"), ("host_network", "false")])
        .collect();
    b.gauge(job, "kube_pod_info", &labels, Value::constant(1.0));
    for phase in ["Pending", "Running", "Succeeded", "Failed", "Unknown"] {
        let current = if pod.pending { "Pending" } else { "Running" };
        let value = Value::constant(f64::from(u8::from(phase == current)));
        b.gauge(job, "kube_pod_status_phase", &with(&[("phase", phase)]), value);
    }
    let container = ("container", pod.of.name);
    for (resource, unit, request, limit) in [
        ("cpu", "core", pod.of.cores_asked, pod.of.cores_asked * 2.0),
        ("memory", "byte", pod.of.limit * 0.75 * MIB, pod.of.limit * MIB),
    ] {
        let labels = with(&[container, ("resource", resource), ("unit", unit)]);
        let name = |what: &str| format!("kube_pod_container_resource_{what}");
        b.gauge(job, &name("requests"), &labels, Value::constant(request));
        b.gauge(job, &name("limits"), &labels, Value::constant(limit));
    }
    let labels = with(&[container]);
    b.counter(job, "kube_pod_container_status_restarts_total", &labels, restarts);
    let ready = Value::constant(f64::from(u8::from(!pod.pending)));
    b.gauge(job, "kube_pod_container_status_ready", &labels, ready);
}

fn api_server(b: &mut Builder, events: &Events) {
    let job = job(b, "apiserver", "10.0.0.1:6443");
    for (verb, code, rate) in [
        ("GET", "200", 14.0),
        ("LIST", "200", 3.1),
        ("WATCH", "200", 2.4),
        ("PUT", "200", 4.8),
        ("PATCH", "200", 2.2),
        ("POST", "201", 1.9),
        ("DELETE", "200", 0.2),
        ("GET", "404", 0.6),
        ("PUT", "409", 0.15),
        ("GET", "503", 0.004),
    ] {
        let labels = [("verb", verb), ("code", code), ("resource", "pods")];
        let traffic = b.traffic(rate, STEADY, job.restart);
        let bad = if code == "503" { 40.0 } else { 0.0 };
        let flow = b.part(traffic, 1.0, &[(events.node_down, bad)]);
        b.counter(&job, "apiserver_request_total", &labels, Value::of(flow).whole());
    }
    for (verb, rate, median) in [("GET", 14.0, 0.004), ("LIST", 3.1, 0.03), ("PUT", 4.8, 0.009)] {
        let traffic = b.traffic(rate, OFFICE, job.restart);
        let all = b.all(traffic);
        let name = "apiserver_request_duration_seconds";
        let parts = [(Value::of(all), Spread::new(median, 0.7))];
        b.histogram(&job, name, &[("verb", verb)], &SHORT, &parts);
    }
}
