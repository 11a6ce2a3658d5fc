//! The company: a platform of AI agents behind Django, its databases and queues, a product with
//! devices (AutoWeave), a cluster that runs them, and the machines below.

mod agents;
mod alerts;
mod autoweave;
mod cluster;
mod containers;
mod databases;
mod django;
mod kubelet;
mod machines;
mod network;
mod node_exporter;
mod rules;
mod scrape;
mod tracing;
mod web;

use crate::driver::Driver;
use crate::incident::Incident;
use crate::world::{Builder, Job, Value};

/// What goes wrong, and is seen in several places at once.
pub(crate) struct Events {
    /// A new version of the web application: restarts it.
    pub(crate) deploy: Incident,
    /// PostgreSQL answers slowly for twenty minutes; everything above waits.
    pub(crate) slow_database: Incident,
    /// Workers die, and the queue grows until they are back.
    pub(crate) worker_crash: Incident,
    /// One tenant sends what cannot be done.
    pub(crate) error_burst: Incident,
    /// A disk that nobody watches, cleared when it is nearly full.
    pub(crate) disk_cleared: Incident,
    /// One USB hub loses devices.
    pub(crate) usb_trouble: Incident,
    /// A node of the cluster stops answering.
    pub(crate) node_down: Incident,
}

/// Adds everything. The clock comes last: when it is stored, so is the rest of its request.
pub(crate) fn build(b: &mut Builder) {
    let events = Events {
        deploy: Incident { rises: 0.0, ..b.incident(23.0 * 60.0, 0.75) },
        slow_database: b.incident(9.0 * 60.0, 20.0),
        worker_crash: b.incident(15.0 * 60.0, 12.0),
        error_burst: b.incident(6.0 * 60.0, 25.0),
        disk_cleared: b.incident(5.0 * 1440.0, 0.0),
        usb_trouble: b.incident(11.0 * 60.0, 18.0),
        node_down: b.incident(2.5 * 1440.0, 9.0),
    };
    agents::build(b, &events);
    django::build(b, &events);
    databases::postgresql(b, &events);
    databases::redis(b, &events);
    web::celery(b, &events);
    web::nginx(b, &events);
    web::probes(b, &events);
    machines::build(b, &events);
    cluster::build(b, &events);
    containers::build(b, &events);
    kubelet::build(b);
    rules::build(b);
    network::build(b, &events);
    tracing::build(b, &events);
    autoweave::build(b, &events);
    alerts::build(b, &events);
    scrape::build(b, &events);
    let clock = b.driver(Driver::Now);
    let own = job(b, "orrery-demo", "");
    let seed = b.seed_given().to_string();
    b.gauge(&own, "orrery_demo_clock_seconds", &[("seed", &seed)], Value::of(clock));
}

/// A target whose process runs for about a month.
fn job(b: &mut Builder, job: &str, instance: &str) -> Job {
    let restart = b.restart(31.0);
    Job { name: job.to_owned(), instance: instance.to_owned(), restart }
}
