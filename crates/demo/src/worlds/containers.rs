//! Pods as the kubelets see them (cAdvisor), volumes, and the Docker daemon of the Macula machine.

use super::cluster::{NODES, Pod, pods};
use super::kubelet::OWN;
use super::{Events, job};
use crate::curve::{OFFICE, STEADY};
use crate::histogram::{Spread, WEB};
use crate::world::{Builder, Job, Value};

const MIB: f64 = 1024.0 * 1024.0;
const GIB: f64 = 1024.0 * MIB;
/// Where a scraper finds what the kubelet knows of containers.
const CADVISOR: (&str, &str) = ("metrics_path", "/metrics/cadvisor");
/// Namespace, claim, size in GiB, part in use, how much it grows until it is cleared.
const VOLUMES: [(&str, &str, f64, f64, f64); 6] = [
    ("platform", "data-postgres-0", 200.0, 0.52, 0.06),
    ("platform", "data-redis-0", 10.0, 0.31, 0.02),
    ("platform", "documents", 500.0, 0.38, 0.52),
    ("monitoring", "prometheus-data", 100.0, 0.61, 0.03),
    ("monitoring", "loki-data", 100.0, 0.44, 0.1),
    ("autoweave", "plugin-cache", 20.0, 0.22, 0.05),
];

pub(super) fn build(b: &mut Builder, events: &Events) {
    let jobs: Vec<Job> = NODES.map(|node| job(b, "kubelet", &format!("{node}:10250"))).into();
    let all = pods();
    for (node, job) in NODES.iter().zip(&jobs) {
        let here: Vec<&Pod> = all.iter().filter(|p| p.node == *node && !p.pending).collect();
        for pod in &here {
            one_pod(b, events, job, pod);
        }
        let running = Value::constant(here.len() as f64);
        b.gauge(job, "kubelet_running_pods", &[OWN], running.clone());
        for (state, value) in [("running", running), ("exited", Value::constant(1.0))] {
            b.gauge(job, "kubelet_running_containers", &[OWN, ("container_state", state)], value);
        }
        let machine = [CADVISOR, ("node", *node)];
        b.gauge(job, "machine_cpu_cores", &machine, Value::constant(4.0));
        b.gauge(job, "machine_memory_bytes", &machine, Value::constant(16.0 * GIB));
    }
    for (n, volume) in VOLUMES.into_iter().enumerate() {
        one_volume(b, events, &jobs[n % jobs.len()], volume);
    }
    docker(b);
}

fn one_pod(b: &mut Builder, events: &Events, job: &Job, pod: &Pod) {
    let of = pod.of;
    let own = [("namespace", of.namespace), ("pod", pod.name.as_str())];
    let image = format!("registry.example.com/{}/{}:1.4", of.namespace, of.name);
    let labels: Vec<_> = own
        .into_iter()
        .chain([("container", of.name), ("image", image.as_str()), ("node", pod.node), CADVISOR])
        .collect();
    let during = if of.name == "postgres" { 0.5 } else { 0.0 };
    let traffic = b.traffic(of.cores, OFFICE, job.restart);
    let cpu = b.part(traffic, 1.0, &[(events.slow_database, during)]);
    b.counter(job, "container_cpu_usage_seconds_total", &labels, Value::of(cpu));
    let periods = b.traffic(10.0, STEADY, job.restart);
    let all = b.all(periods);
    let throttled = b.part(periods, of.throttled, &[(events.slow_database, during * 0.3)]);
    let name = |what: &str| format!("container_cpu_cfs_{what}_total");
    b.counter(job, &name("periods"), &labels, Value::of(all).whole());
    b.counter(job, &name("throttled_periods"), &labels, Value::of(throttled).whole());
    let memory = b.level(of.memory * MIB, (OFFICE, 0.1, 0.04), &[]);
    for (name, factor) in [
        ("container_memory_working_set_bytes", 1.0),
        ("container_memory_rss", 0.86),
        ("container_memory_usage_bytes", 1.25),
        ("container_memory_cache", 0.3),
        ("container_memory_swap", 0.0),
    ] {
        b.gauge(job, name, &labels, Value::of(memory).times(factor).whole());
    }
    let limit = Value::constant(of.limit * MIB);
    b.gauge(job, "container_spec_memory_limit_bytes", &labels, limit);
    b.counter(job, "container_oom_events_total", &labels, Value::constant(0.0));
    let seconds = Value::of(throttled).times(0.02);
    b.counter(job, "container_cpu_cfs_throttled_seconds_total", &labels, seconds);
    disk_and_network(b, job, pod, &labels);
}

fn disk_and_network(b: &mut Builder, job: &Job, pod: &Pod, labels: &[(&str, &str)]) {
    let of = pod.of;
    let disk: Vec<_> = labels.iter().copied().chain([("device", "/dev/nvme1n1")]).collect();
    for (way, rate) in [("reads", 1.1e5), ("writes", 4.2e5)] {
        let traffic = b.traffic(rate * of.cores, OFFICE, job.restart);
        let bytes = b.all(traffic);
        let name = |what: &str| format!("container_fs_{way}{what}_total");
        b.counter(job, &name("_bytes"), &disk, Value::of(bytes).whole());
        b.counter(job, &name(""), &disk, Value::of(bytes).times(1.0 / 12_000.0).whole());
    }
    let net = [
        ("namespace", of.namespace),
        ("pod", pod.name.as_str()),
        ("node", pod.node),
        ("interface", "eth0"),
        CADVISOR,
    ];
    for (way, rate) in [("receive", 1.6e6), ("transmit", 1.3e6)] {
        let traffic = b.traffic(rate * of.cores, OFFICE, job.restart);
        let bytes = b.all(traffic);
        let name = |what: &str| format!("container_network_{way}_{what}_total");
        b.counter(job, &name("bytes"), &net, Value::of(bytes).whole());
        b.counter(job, &name("packets"), &net, Value::of(bytes).times(1.0 / 900.0).whole());
        for (what, part) in [("packets_dropped", 2e-9), ("errors", 0.0)] {
            b.counter(job, &name(what), &net, Value::of(bytes).times(part).whole());
        }
    }
}

fn one_volume(
    b: &mut Builder,
    events: &Events,
    job: &Job,
    (namespace, claim, size, used, grows): (&str, &str, f64, f64, f64),
) {
    let labels = [("namespace", namespace), ("persistentvolumeclaim", claim), OWN];
    let cleared = if grows > 0.5 { events.disk_cleared } else { b.restart(28.0) };
    let filling = b.driver(crate::driver::Driver::Filling(cleared));
    let bytes = size * GIB;
    let name = |what: &str| format!("kubelet_volume_stats_{what}_bytes");
    b.gauge(job, &name("capacity"), &labels, Value::constant(bytes));
    let in_use = Value::of(filling).times(grows * bytes).plus(used * bytes).whole();
    b.gauge(job, &name("used"), &labels, in_use);
    let free = Value::of(filling).times(-grows * bytes).plus((1.0 - used) * bytes).whole();
    b.gauge(job, &name("available"), &labels, free);
    let files = (bytes / 16_384.0).floor();
    for (what, value) in [("inodes", files), ("inodes_used", (files * used * 0.2).floor())] {
        let name = format!("kubelet_volume_stats_{what}");
        b.gauge(job, &name, &labels, Value::constant(value));
    }
}

/// The Docker daemon's own metrics.
fn docker(b: &mut Builder) {
    let job = job(b, "docker", "macula.local:9323");
    for (state, count) in [("running", 14.0), ("paused", 0.0), ("stopped", 3.0)] {
        let labels = [("state", state)];
        let name = "engine_daemon_container_states_containers";
        b.gauge(&job, name, &labels, Value::constant(count));
    }
    for (action, rate, median) in [
        ("create", 0.19, 0.09),
        ("start", 0.22, 0.3),
        ("delete", 0.17, 0.06),
        ("commit", 0.06, 0.5),
        ("changes", 0.1, 0.02),
    ] {
        let traffic = b.traffic(rate, OFFICE, job.restart);
        let all = b.all(traffic);
        let name = "engine_daemon_container_actions_seconds";
        let parts = [(Value::of(all), Spread::new(median, 0.5))];
        b.histogram(&job, name, &[("action", action)], &WEB, &parts);
    }
    let info = [("version", "27.4"), ("os", "Debian GNU/Linux 13")];
    b.gauge(&job, "engine_daemon_engine_info", &info, Value::constant(1.0));
    b.gauge(&job, "engine_daemon_engine_cpus_cpus", &[], Value::constant(8.0));
    b.gauge(&job, "engine_daemon_engine_memory_bytes", &[], Value::constant(16.0 * GIB));
}
