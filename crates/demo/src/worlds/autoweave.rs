//! AutoWeave: devices at USB hubs, plug-ins that automate them, under the names of its SDK.

use super::{Events, job};
use crate::curve::{EVENING, OFFICE, STEADY};
use crate::driver::Driver;
use crate::histogram::{SHORT, Spread, WEB};
use crate::world::{Builder, Job, Value};

/// Tenant, its part of everything, and how much more of its operations fail than of others'.
const TENANTS: [(&str, f64, f64); 4] =
    [("tenant-123", 0.46, 0.7), ("aurora", 0.28, 1.0), ("cygnus", 0.17, 1.9), ("draco", 0.09, 2.8)];
/// Plug-in, part of the operations, part that fails, median seconds to load.
const PLUGINS: [(&str, f64, f64, f64); 5] = [
    ("label-printer", 0.34, 0.004, 0.06),
    ("barcode-scanner", 0.29, 0.003, 0.05),
    ("scale", 0.17, 0.002, 0.045),
    ("document-camera", 0.13, 0.008, 0.11),
    ("badge-reader", 0.07, 0.012, 0.08),
];
const OPERATIONS: [(&str, f64); 4] =
    [("print", 0.36), ("scan", 0.38), ("weigh", 0.16), ("register", 0.1)];
/// Status and its part of the requests.
const STATUS: [(&str, f64); 4] = [("201", 0.14), ("400", 0.01), ("404", 0.006), ("429", 0.002)];

pub(super) fn build(b: &mut Builder, events: &Events) {
    let api = Job { restart: events.deploy, ..job(b, "autoweave-api", "autoweave-api-0:3000") };
    let daemon = job(b, "autoweave-usb-daemon", "autoweave-usb-daemon-0:9464");
    let host = job(b, "autoweave-plugin-host", "autoweave-plugin-host-0:9464");
    for (tenant, part, misfortune) in TENANTS {
        requests(b, events, &api, tenant, part);
        usb(b, events, &daemon, tenant, part);
        plugins(b, events, &host, (tenant, part, misfortune));
        jobs(b, events, &host, tenant, part);
    }
    for job in [&api, &daemon, &host] {
        process(b, events, job);
    }
}

fn requests(b: &mut Builder, events: &Events, job: &Job, tenant: &str, part: f64) {
    let traffic = b.traffic(58.0 * part, OFFICE, job.restart);
    let all = b.all(traffic);
    let failed = b.part(traffic, 0.0025, &[(events.usb_trouble, 0.02), (events.deploy, 0.1)]);
    let mut good = Value::of(all).and(failed, -1.0);
    let name = "autoweave_http_requests_total";
    for (status, share) in STATUS {
        good = good.and(all, -share);
        let labels = [("tenant_id", tenant), ("status", status)];
        b.counter(job, name, &labels, Value::of(all).times(share).whole());
    }
    b.counter(job, name, &[("tenant_id", tenant), ("status", "200")], good.whole());
    let labels = [("tenant_id", tenant), ("status", "500")];
    b.counter(job, name, &labels, Value::of(failed).whole());
    let slow = b.part(traffic, 0.035, &[(events.usb_trouble, 0.25)]);
    let (usual, waiting) = (Spread::new(0.032, 0.6), Spread::new(0.4, 0.5));
    let parts = [(Value::of(all).and(slow, -1.0), usual), (Value::of(slow), waiting)];
    let name = "autoweave_http_request_duration_seconds";
    b.histogram(job, name, &[("tenant_id", tenant)], &WEB, &parts);
}

fn usb(b: &mut Builder, events: &Events, job: &Job, tenant: &str, part: f64) {
    let traffic = b.traffic(64.0 * part, OFFICE, job.restart);
    let all = b.all(traffic);
    let slow = b.part(traffic, 0.03, &[(events.usb_trouble, 0.3)]);
    let (usual, waiting) = (Spread::new(0.022, 0.5), Spread::new(0.15, 0.4));
    let parts = [(Value::of(all).and(slow, -1.0), usual), (Value::of(slow), waiting)];
    let name = "autoweave_usb_event_duration_seconds";
    b.histogram(job, name, &[("tenant_id", tenant)], &SHORT, &parts);
    let devices = b.level(60.0 * part, (OFFICE, 0.2, 0.02), &[(events.usb_trouble, -0.4)]);
    let labels = [("tenant_id", tenant)];
    b.gauge(job, "autoweave_usb_devices_connected", &labels, Value::of(devices).whole());
}

fn plugins(
    b: &mut Builder,
    events: &Events,
    job: &Job,
    (tenant, part, misfortune): (&str, f64, f64),
) {
    for (plugin, share, fails, median) in PLUGINS {
        let loads = b.traffic(7.0 * part * share, OFFICE, job.restart);
        let loads = b.all(loads);
        let labels = [("tenant_id", tenant), ("plugin", plugin)];
        let parts = [(Value::of(loads), Spread::new(median, 0.45))];
        b.histogram(job, "autoweave_plugin_load_duration_seconds", &labels, &WEB, &parts);
        let curve = if plugin == "badge-reader" { EVENING } else { OFFICE };
        let traffic = b.traffic(34.0 * part * share, curve, job.restart);
        let all = b.all(traffic);
        let failed = b.part(traffic, fails * misfortune, &[(events.usb_trouble, 0.05)]);
        for (operation, of) in OPERATIONS {
            let labels = [("operation", operation), ("tenant_id", tenant), ("plugin", plugin)];
            for (success, value) in
                [("true", Value::of(all).and(failed, -1.0)), ("false", Value::of(failed))]
            {
                let labels: Vec<_> = labels.into_iter().chain([("success", success)]).collect();
                let name = "autoweave_business_operations_total";
                b.counter(job, name, &labels, value.times(of).whole());
            }
        }
    }
}

fn jobs(b: &mut Builder, events: &Events, job: &Job, tenant: &str, part: f64) {
    for (queue, rate) in [("automation", 19.0), ("sync", 8.0), ("reports", 2.0)] {
        let traffic = b.traffic(rate * part, OFFICE, job.restart);
        let all = b.all(traffic);
        let failed = b.part(traffic, 0.005, &[(events.usb_trouble, 0.06)]);
        for (status, value) in
            [("completed", Value::of(all).and(failed, -1.0)), ("failed", Value::of(failed))]
        {
            let labels = [("tenant_id", tenant), ("queue", queue), ("status", status)];
            b.counter(job, "autoweave_queue_jobs_total", &labels, value.whole());
        }
    }
}

/// What the Node.js client library says about a process.
fn process(b: &mut Builder, events: &Events, job: &Job) {
    let memory = b.level(180e6, (OFFICE, 0.15, 0.05), &[]);
    b.gauge(job, "process_resident_memory_bytes", &[], Value::of(memory).whole());
    let heap = Value::of(memory).times(0.55).whole();
    b.gauge(job, "nodejs_heap_size_used_bytes", &[], heap);
    let cpu = b.traffic(0.2, OFFICE, job.restart);
    let cpu = b.all(cpu);
    b.counter(job, "process_cpu_seconds_total", &[], Value::of(cpu));
    let began = b.driver(Driver::Began(job.restart));
    b.gauge(job, "process_start_time_seconds", &[], Value::of(began));
    let lag = b.level(0.011, (STEADY, 0.0, 0.3), &[(events.usb_trouble, 1.8)]);
    for (name, factor) in [
        ("nodejs_eventloop_lag_seconds", 0.5),
        ("nodejs_eventloop_lag_p50_seconds", 0.9),
        ("nodejs_eventloop_lag_p99_seconds", 1.6),
    ] {
        b.gauge(job, name, &[], Value::of(lag).times(factor));
    }
}
