//! Alerts as a rule engine writes them, and the notifications that follow.

use super::{Events, job};
use crate::curve::OFFICE;
use crate::driver::Driver;
use crate::incident::Incident;
use crate::world::{Builder, DriverId, Value};

/// Minutes an alert is pending before it fires.
const PENDING_MINUTES: f64 = 5.0;

pub(super) fn build(b: &mut Builder, events: &Events) {
    let always = b.incident(1440.0, 3.0 * 1440.0);
    let always = b.driver(Driver::Active(always));
    for (alert, severity, labels) in [
        ("Watchdog", "none", ("namespace", "monitoring")),
        ("TargetDown", "warning", ("job", "node")),
        ("KubePodCrashLooping", "warning", ("namespace", "staging")),
        ("KubeDeploymentReplicasMismatch", "warning", ("namespace", "staging")),
    ] {
        alert_series(b, (alert, severity, "firing"), labels, always);
    }
    for (alert, severity, labels, incident) in [
        ("HighErrorRate", "critical", ("tenant_id", "borealis"), events.error_burst),
        ("SlowResponses", "warning", ("job", "django"), events.slow_database),
        ("PostgresCacheHitRatioLow", "warning", ("datname", "enhancement"), events.slow_database),
        ("WorkersMissing", "critical", ("job", "celery"), events.worker_crash),
        ("UsbEventsSlow", "warning", ("job", "autoweave-usb-daemon"), events.usb_trouble),
        ("KubeNodeNotReady", "critical", ("node", "node-4"), events.node_down),
    ] {
        let (pending, firing) = phases(b, incident);
        alert_series(b, (alert, severity, "pending"), labels, pending);
        alert_series(b, (alert, severity, "firing"), labels, firing);
    }
    // Something hovers around its limit every few minutes and never fires.
    let hovering = b.incident(14.0, 6.0);
    let hovering = b.driver(Driver::Active(hovering));
    alert_series(b, ("CPUThrottlingHigh", "info", "pending"), ("namespace", "staging"), hovering);
    notifications(b, events);
}

/// The first five minutes of an incident, and the rest of it.
fn phases(b: &mut Builder, incident: Incident) -> (DriverId, DriverId) {
    let seconds = PENDING_MINUTES * 60.0;
    let pending = b.driver(Driver::Active(Incident { lasts: seconds, ..incident }));
    (pending, b.driver(Driver::Later { incident, after: seconds }))
}

fn alert_series(
    b: &mut Builder,
    (alert, severity, state): (&str, &str, &str),
    label: (&str, &str),
    active: DriverId,
) {
    let job = job(b, "", "");
    let labels = [("alertname", alert), ("alertstate", state), ("severity", severity), label];
    b.gauge(&job, "ALERTS", &labels, Value::constant(1.0).only_while(active));
}

fn notifications(b: &mut Builder, events: &Events) {
    let job = job(b, "alertmanager", "alertmanager:9093");
    for (integration, rate) in [("email", 0.012), ("slack", 0.035), ("webhook", 0.06)] {
        let labels = [("integration", integration)];
        let traffic = b.traffic(rate, OFFICE, job.restart);
        let sent = b.part(traffic, 1.0, &[(events.slow_database, 3.0), (events.error_burst, 2.0)]);
        b.counter(&job, "alertmanager_notifications_total", &labels, Value::of(sent).whole());
        let bad = if integration == "webhook" { 0.06 } else { 0.002 };
        let failed = b.part(traffic, bad, &[(events.deploy, 1.0)]);
        let name = "alertmanager_notifications_failed_total";
        b.counter(&job, name, &labels, Value::of(failed).whole());
    }
    for (state, count) in [("active", 4.0), ("suppressed", 1.0)] {
        b.gauge(&job, "alertmanager_alerts", &[("state", state)], Value::constant(count));
    }
}
