//! What the kubelets tell of their own work, and `kube-state-metrics` of everything that is
//! neither a node nor a pod: what the dashboards of kube-prometheus and their kin ask for.

use super::cluster::{NODES, WORKLOADS, pods};
use super::job;
use crate::curve::OFFICE;
use crate::histogram::Spread;
use crate::world::{Builder, Job, Value};

pub(super) const OWN: (&str, &str) = ("metrics_path", "/metrics");
/// Bounds of all durations here, in seconds: few, for there are many histograms.
const BOUNDS: [f64; 5] = [0.005, 0.025, 0.1, 0.5, 2.5];
const NAMESPACES: [&str; 6] =
    ["platform", "autoweave", "ingress", "monitoring", "kube-system", "staging"];

pub(super) fn build(b: &mut Builder) {
    for node in NODES {
        let job = job(b, "kubelet", &format!("{node}:10250"));
        own_work(b, &job, node);
    }
    let job = job(b, "kube-state-metrics", "kube-state-metrics:8080");
    objects(b, &job);
    pod_states(b, &job);
}

fn counter(b: &mut Builder, job: &Job, name: &str, labels: &[(&str, &str)], rate: f64) {
    let traffic = b.traffic(rate, OFFICE, job.restart);
    let all = b.all(traffic);
    b.counter(job, name, labels, Value::of(all).whole());
}

fn own_work(b: &mut Builder, job: &Job, node: &str) {
    let one = Value::constant(1.0);
    b.gauge(job, "kubelet_node_name", &[OWN, ("node", node)], one);
    b.gauge(job, "kubelet_node_config_error", &[OWN], Value::constant(0.0));
    for (operation, rate, median) in [
        ("container_status", 9.0, 0.002),
        ("create_container", 0.02, 0.09),
        ("list_containers", 4.0, 0.003),
        ("podsandbox_status", 3.0, 0.002),
        ("image_status", 0.8, 0.001),
    ] {
        let labels = [OWN, ("operation_type", operation)];
        counter(b, job, "kubelet_runtime_operations_total", &labels, rate);
        counter(b, job, "kubelet_runtime_operations_errors_total", &labels, rate * 0.002);
        let name = "kubelet_runtime_operations_duration_seconds";
        durations(b, job, name, &labels, (rate, median));
    }
    for (name, rate, median) in [
        ("kubelet_pod_start_duration_seconds", 0.02, 1.4),
        ("kubelet_pod_worker_duration_seconds", 0.7, 0.02),
        ("kubelet_pleg_relist_duration_seconds", 1.0, 0.006),
        ("kubelet_pleg_relist_interval_seconds", 1.0, 1.0),
    ] {
        durations(b, job, name, &[OWN], (rate, median));
    }
    for operation in ["create", "update"] {
        let name = "kubelet_cgroup_manager_duration_seconds";
        durations(b, job, name, &[OWN, ("operation_type", operation)], (0.3, 0.004));
    }
    for (operation, plugin) in
        [("volume_mount", "kubernetes.io/csi"), ("volume_unmount", "kubernetes.io/csi")]
    {
        let labels =
            [OWN, ("operation_name", operation), ("volume_plugin", plugin), ("status", "success")];
        durations(b, job, "storage_operation_duration_seconds", &labels, (0.03, 0.12));
        counter(b, job, "storage_operation_errors_total", &labels, 0.0002);
    }
    for state in ["actual_state_of_world", "desired_state_of_world"] {
        let labels = [OWN, ("state", state), ("plugin_name", "kubernetes.io/csi")];
        b.gauge(job, "volume_manager_total_volumes", &labels, Value::constant(9.0));
    }
    for (verb, code, rate) in [
        ("GET", "200", 2.1),
        ("PATCH", "200", 0.6),
        ("POST", "201", 0.3),
        ("GET", "404", 0.02),
        ("GET", "500", 0.002),
    ] {
        let labels = [OWN, ("verb", verb), ("code", code), ("method", verb)];
        counter(b, job, "rest_client_requests_total", &labels, rate);
    }
    for verb in ["GET", "PATCH"] {
        let labels = [OWN, ("verb", verb)];
        durations(b, job, "rest_client_request_duration_seconds", &labels, (1.2, 0.006));
    }
    let cpu = b.traffic(0.06, OFFICE, job.restart);
    let cpu = b.all(cpu);
    b.counter(job, "process_cpu_seconds_total", &[OWN], Value::of(cpu));
    for (name, mean) in [("process_resident_memory_bytes", 1.1e8), ("go_goroutines", 640.0)] {
        let level = b.level(mean, (OFFICE, 0.05, 0.04), &[]);
        b.gauge(job, name, &[OWN], Value::of(level).whole());
    }
}

fn durations(
    b: &mut Builder,
    job: &Job,
    name: &str,
    labels: &[(&str, &str)],
    (rate, median): (f64, f64),
) {
    let traffic = b.traffic(rate, OFFICE, job.restart);
    let all = b.all(traffic);
    b.histogram(job, name, labels, &BOUNDS, &[(Value::of(all), Spread::new(median, 0.6))]);
}

fn objects(b: &mut Builder, job: &Job) {
    let one = || Value::constant(1.0);
    for (n, namespace) in NAMESPACES.into_iter().enumerate() {
        let own = ("namespace", namespace);
        b.gauge(job, "kube_namespace_labels", &[own], one());
        b.gauge(job, "kube_namespace_created", &[own], Value::constant(1.76e9));
        b.gauge(job, "kube_namespace_status_phase", &[own, ("phase", "Active")], one());
        for (kind, count) in [("configmap", 4 + n), ("secret", 3 + n % 3)] {
            for i in 0..count {
                let name = format!("{namespace}-{kind}-{i}");
                b.gauge(job, &format!("kube_{kind}_info"), &[own, (kind, &name)], one());
            }
        }
        for (resource, hard, used) in [
            ("requests.cpu", 8.0, 4.4),
            ("requests.memory", 3.4e10, 1.9e10),
            ("limits.cpu", 16.0, 8.8),
            ("limits.memory", 4.3e10, 2.5e10),
        ] {
            for (kind, value) in [("hard", hard), ("used", used)] {
                let labels =
                    [own, ("resourcequota", "compute"), ("resource", resource), ("type", kind)];
                b.gauge(job, "kube_resourcequota", &labels, Value::constant(value));
            }
        }
    }
    for of in &WORKLOADS {
        let own = ("namespace", of.namespace);
        b.gauge(job, "kube_deployment_labels", &[own, ("deployment", of.name)], one());
        b.gauge(job, "kube_service_info", &[own, ("service", of.name)], one());
        b.gauge(job, "kube_endpoint_info", &[own, ("endpoint", of.name)], one());
    }
    for (kind, namespace, name) in [
        ("daemonset", "kube-system", "kube-proxy"),
        ("daemonset", "monitoring", "node-exporter"),
        ("statefulset", "platform", "data"),
        ("hpa", "platform", "web"),
        ("networkpolicy", "platform", "default-deny"),
    ] {
        let labels = [("namespace", namespace), (kind, name)];
        b.gauge(job, &format!("kube_{kind}_labels"), &labels, one());
    }
    for (namespace, name) in [("ingress", "web"), ("autoweave", "api")] {
        let labels = [("namespace", namespace), ("ingress", name), ("ingressclass", "nginx")];
        b.gauge(job, "kube_ingress_info", &labels, one());
    }
    for (namespace, claim) in [
        ("platform", "data-postgres-0"),
        ("platform", "data-redis-0"),
        ("monitoring", "prometheus-data"),
    ] {
        let labels =
            [("namespace", namespace), ("persistentvolumeclaim", claim), ("storageclass", "fast")];
        b.gauge(job, "kube_persistentvolumeclaim_info", &labels, one());
    }
}

fn pod_states(b: &mut Builder, job: &Job) {
    for pod in &pods() {
        let own = [("namespace", pod.of.namespace), ("pod", pod.name.as_str())];
        let with = |more: (&'static str, &'static str)| [own[0], own[1], more];
        let running = Value::constant(f64::from(u8::from(!pod.pending)));
        let labels = with(("container", pod.of.name));
        b.gauge(job, "kube_pod_container_status_running", &labels, running);
        for class in ["Guaranteed", "Burstable", "BestEffort"] {
            let value = Value::constant(f64::from(u8::from(class == "Burstable")));
            b.gauge(job, "kube_pod_status_qos_class", &with(("qos_class", class)), value);
        }
        let evicted = Value::constant(0.0);
        b.gauge(job, "kube_pod_status_reason", &with(("reason", "Evicted")), evicted);
        let labels = [own[0], own[1], ("owner_kind", "ReplicaSet"), ("owner_name", pod.of.name)];
        b.gauge(job, "kube_pod_owner", &labels, Value::constant(1.0));
    }
}
