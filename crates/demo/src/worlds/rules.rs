//! The series that kube-prometheus' recording rules make of the others: its dashboards ask for
//! these, not for what they are made of.

use super::cluster::{Pod, WORKLOADS, pods};
use super::job;
use crate::curve::OFFICE;
use crate::world::{Builder, Job, Value};

const MIB: f64 = 1024.0 * 1024.0;

pub(super) fn build(b: &mut Builder) {
    // Rules have neither job nor instance of their own.
    let none = job(b, "", "");
    for pod in &pods() {
        one_pod(b, &none, pod);
    }
    let mut namespaces: Vec<&str> = WORKLOADS.iter().map(|of| of.namespace).collect();
    namespaces.dedup();
    for namespace in namespaces {
        one_namespace(b, &none, namespace);
    }
    let busy = b.level(0.31, (OFFICE, 0.5, 0.1), &[]);
    b.gauge(&none, "cluster:node_cpu:ratio_rate5m", &[], Value::of(busy));
    let free = b.level(3.1e10, (OFFICE, 0.08, 0.02), &[]);
    b.gauge(&none, ":node_memory_MemAvailable_bytes:sum", &[], Value::of(free).whole());
}

fn one_pod(b: &mut Builder, job: &Job, pod: &Pod) {
    let of = pod.of;
    let own = [("namespace", of.namespace), ("pod", pod.name.as_str())];
    let workload = [own[0], own[1], ("workload", of.name), ("workload_type", "deployment")];
    b.gauge(job, "namespace_workload_pod:kube_pod_owner:relabel", &workload, Value::constant(1.0));
    if pod.pending {
        return;
    }
    let labels = [own[0], own[1], ("container", of.name), ("node", pod.node)];
    let cores = b.level(of.cores, (OFFICE, 0.6, 0.15), &[]);
    for by in ["rate5m", "irate"] {
        let name =
            format!("node_namespace_pod_container:container_cpu_usage_seconds_total:sum_{by}");
        b.gauge(job, &name, &labels, Value::of(cores));
    }
    let memory = b.level(of.memory * MIB, (OFFICE, 0.1, 0.04), &[]);
    for (what, part) in [("working_set_bytes", 1.0), ("rss", 0.86), ("cache", 0.3), ("swap", 0.0)] {
        let name = format!("node_namespace_pod_container:container_memory_{what}");
        b.gauge(job, &name, &labels, Value::of(memory).times(part).whole());
    }
    for (what, factor) in [("requests", 1.0), ("limits", 2.0)] {
        let name = format!("cluster:namespace:pod_cpu:active:kube_pod_container_resource_{what}");
        b.gauge(job, &name, &labels, Value::constant(of.cores_asked * factor));
    }
    for (what, part) in [("requests", 0.75), ("limits", 1.0)] {
        let name =
            format!("cluster:namespace:pod_memory:active:kube_pod_container_resource_{what}");
        b.gauge(job, &name, &labels, Value::constant(of.limit * MIB * part));
    }
}

fn one_namespace(b: &mut Builder, job: &Job, namespace: &str) {
    let here = || WORKLOADS.iter().filter(|of| of.namespace == namespace);
    let cores: f64 = here().map(|of| of.cores_asked * of.replicas as f64).sum();
    let memory: f64 = here().map(|of| of.limit * of.replicas as f64 * MIB).sum();
    let own = [("namespace", namespace)];
    for (name, value) in [
        ("namespace_cpu:kube_pod_container_resource_requests:sum", cores),
        ("namespace_cpu:kube_pod_container_resource_limits:sum", cores * 2.0),
        ("namespace_memory:kube_pod_container_resource_requests:sum", memory * 0.75),
        ("namespace_memory:kube_pod_container_resource_limits:sum", memory),
    ] {
        b.gauge(job, name, &own, Value::constant(value));
    }
}
