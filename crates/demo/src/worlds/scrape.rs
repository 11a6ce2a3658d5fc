//! What a scraper adds to every target: whether it answered, how long it took, how much it had.

use std::collections::BTreeMap;

use super::{Events, job};
use crate::curve::STEADY;
use crate::driver::Driver;
use crate::incident::Incident;
use crate::world::{Builder, Job, Value};

/// Targets that nothing else is told of.
const MORE: [(&str, &str, f64); 6] = [
    ("prometheus", "prometheus:9090", 812.0),
    ("grafana", "grafana:3000", 640.0),
    ("loki", "loki:3100", 1_260.0),
    ("tempo", "tempo:3200", 980.0),
    ("traefik", "traefik.macula.local:8080", 210.0),
    ("excalidraw", "excalidraw.macula.local:80", 36.0),
];
/// A machine that was switched off and is still in the list.
const GONE: (&str, &str) = ("node", "node-5");

/// Comes after everything that has targets.
pub(super) fn build(b: &mut Builder, events: &Events) {
    let mut targets: BTreeMap<(String, String), f64> = BTreeMap::new();
    for (job, instance) in b.targets() {
        *targets.entry((job, instance)).or_default() += 1.0;
    }
    for (job, instance, samples) in MORE {
        targets.insert((job.to_owned(), instance.to_owned()), samples);
    }
    for ((name, instance), samples) in targets {
        let down: Vec<Incident> = match name.as_str() {
            "django" | "autoweave-api" => vec![events.deploy],
            "celery" => vec![Incident { lasts: 60.0, ..events.worker_crash }],
            "kubelet" if instance.starts_with("node-4") => vec![events.node_down],
            _ => Vec::new(),
        };
        let target = Job { instance, ..job(b, &name, "") };
        let well = b.driver(Driver::Well(down));
        // A kubelet has several paths; dashboards find its instances by this one.
        let path: &[(&str, &str)] = if name == "kubelet" { &[super::kubelet::OWN] } else { &[] };
        b.gauge(&target, "up", path, Value::of(well));
        let took = b.level(0.004 + samples * 3e-5, (STEADY, 0.0, 0.35), &[]);
        b.gauge(&target, "scrape_duration_seconds", &[], Value::of(took));
        let none = Value::of(well).times(samples);
        b.gauge(&target, "scrape_samples_scraped", &[], none.clone());
        b.gauge(&target, "scrape_samples_post_metric_relabeling", &[], none);
    }
    let gone = job(b, GONE.0, GONE.1);
    b.gauge(&gone, "up", &[], Value::constant(0.0));
    let refused = b.level(0.0004, (STEADY, 0.0, 0.3), &[]);
    b.gauge(&gone, "scrape_duration_seconds", &[], Value::of(refused));
    b.gauge(&gone, "scrape_samples_scraped", &[], Value::constant(0.0));
}
