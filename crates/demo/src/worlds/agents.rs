//! The platform of AI agents: tenants hand in texts to be enhanced, workers take them from a queue.

use super::{Events, job};
use crate::curve::{EVENING, OFFICE, STEADY};
use crate::driver::Driver;
use crate::histogram::{LONG, Spread};
use crate::incident::Incident;
use crate::world::{Builder, Job, Value};

/// Tenant; requests per second; workers; per cent that fail anyway.
const TENANTS: [(&str, f64, f64, f64); 5] = [
    ("tenant-123", 1.9, 6.0, 0.6),
    ("aurora", 1.2, 4.0, 0.9),
    ("borealis", 0.75, 3.0, 1.4),
    ("cygnus", 0.4, 2.0, 0.8),
    ("draco", 0.18, 1.0, 2.2),
];
/// The tenant that has the error bursts, and their share of its requests.
const UNLUCKY: &str = "borealis";
const BURST: f64 = 0.16;

pub(super) fn build(b: &mut Builder, events: &Events) {
    let restart = events.worker_crash;
    let job = Job { restart, ..job(b, "enhancement", "enhancement-0:8000") };
    for tenant in TENANTS {
        requests(b, events, &job, tenant);
        queue(b, events, &job, tenant);
    }
}

fn requests(b: &mut Builder, events: &Events, job: &Job, tenant: (&str, f64, f64, f64)) {
    let (name, rate, _, failing) = tenant;
    let curve = if name == "cygnus" { EVENING } else { OFFICE };
    let traffic = b.traffic(rate, curve, job.restart);
    let burst: Vec<(Incident, f64)> =
        if name == UNLUCKY { vec![(events.error_burst, BURST)] } else { Vec::new() };
    let all = b.all(traffic);
    let failed = b.part(traffic, failing / 100.0, &burst);
    let slow = b.part(traffic, 0.045, &[(events.slow_database, 0.5)]);

    let of = |status| [("tenant_id", name), ("status", status)];
    let total = "enhancement_requests_total";
    b.counter(job, total, &of("success"), Value::of(all).and(failed, -1.0).whole());
    b.counter(job, total, &of("failure"), Value::of(failed).whole());
    let (usual, waiting) = (Spread::new(14.0, 0.55), Spread::new(55.0, 0.4));
    b.histogram(
        job,
        "enhancement_duration_seconds",
        &[("tenant_id", name)],
        &LONG,
        &[(Value::of(all).and(slow, -1.0), usual), (Value::of(slow), waiting)],
    );
    // In per cent, as the counters will show it: what the burst adds, on top of what fails anyway.
    let bursts: Vec<_> = burst.iter().map(|(i, share)| (*i, share * 100.0 / failing)).collect();
    let percent = b.level(failing, (STEADY, 0.0, 0.25), &bursts);
    let rate = Value::of(percent).times(-1.0).plus(100.0);
    b.gauge(job, "enhancement_success_rate", &[("tenant_id", name)], rate);
}

fn queue(b: &mut Builder, events: &Events, job: &Job, tenant: (&str, f64, f64, f64)) {
    let (name, rate, workers, _) = tenant;
    // A queue grows as long as the workers are away, and is worked off over a quarter of an hour.
    let crash = Incident { rises: 720.0, recovers: 900.0, ..events.worker_crash };
    let slow = Incident { rises: 1200.0, recovers: 600.0, ..events.slow_database };
    let depth = b.level(4.0 + rate * 9.0, (OFFICE, 0.9, 0.35), &[(crash, 6.0), (slow, 2.5)]);
    b.gauge(job, "queue_depth", &[("tenant_id", name)], Value::of(depth).whole());
    // Half of the workers are gone in a crash; one stays with every tenant.
    let crashed = b.driver(Driver::Active(events.worker_crash));
    let lost = (workers / 2.0_f64).floor();
    let active = Value::constant(workers).and(crashed, -lost);
    b.gauge(job, "worker_active_count", &[("tenant_id", name)], active);
}
