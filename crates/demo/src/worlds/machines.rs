//! The machines under the names of `node_exporter`.

use super::{Events, job};
use crate::curve::{OFFICE, STEADY};
use crate::driver::{Driver, Traffic};
use crate::incident::Incident;
use crate::world::{Builder, DriverId, Job, Value};

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const CORES: u32 = 4;
/// Busy part of the processor, part of the memory that programs have, part of the disk in use.
struct Machine {
    name: &'static str,
    busy: f64,
    memory: f64,
    disk: f64,
    /// The disk fills up until somebody clears it.
    fills: bool,
}

const MACHINES: [Machine; 4] = [
    Machine { name: "node-1", busy: 0.36, memory: 0.58, disk: 0.44, fills: false },
    Machine { name: "node-2", busy: 0.34, memory: 0.66, disk: 0.51, fills: false },
    Machine { name: "node-3", busy: 0.27, memory: 0.49, disk: 0.38, fills: true },
    Machine { name: "node-4", busy: 0.19, memory: 0.41, disk: 0.29, fills: false },
];
/// The parts of the busy time.
const MODES: [(&str, f64); 6] = [
    ("user", 0.68),
    ("system", 0.2),
    ("softirq", 0.04),
    ("steal", 0.02),
    ("nice", 0.01),
    ("irq", 0.0),
];

pub(super) fn build(b: &mut Builder, events: &Events) {
    for machine in &MACHINES {
        let job = job(b, "node", machine.name);
        processor(b, events, &job, machine);
        memory(b, &job, machine);
        file_systems(b, events, &job, machine);
        disk(b, events, &job, machine);
        network(b, &job, machine);
        kernel(b, &job, machine);
        super::node_exporter::build(b, &job, machine.busy);
    }
}

/// Whether the machine is the one that the database stands on.
fn suffers(machine: &Machine) -> bool {
    machine.name == "node-2"
}

fn processor(b: &mut Builder, events: &Events, job: &Job, machine: &Machine) {
    let since = b.driver(Driver::Since(job.restart));
    // Busy and waiting together stay below a whole processor: load, noise and drift reach twice
    // the mean.
    let slow: &[(Incident, f64)] =
        if suffers(machine) { &[(events.slow_database, 0.08)] } else { &[] };
    for cpu in 0..CORES {
        let name = cpu.to_string();
        let traffic = b.traffic(1.0, OFFICE, job.restart);
        let busy = b.part(traffic, machine.busy, slow);
        let waiting = b.part(traffic, 0.012, &slow.iter().map(|s| (s.0, 0.06)).collect::<Vec<_>>());
        let mut idle = Value::of(since).and(waiting, -1.0);
        let metric = "node_cpu_seconds_total";
        for (mode, part) in MODES {
            idle = idle.and(busy, -part);
            let labels = [("cpu", name.as_str()), ("mode", mode)];
            b.counter(job, metric, &labels, Value::of(busy).times(part));
        }
        let labels = [("cpu", name.as_str()), ("mode", "iowait")];
        b.counter(job, metric, &labels, Value::of(waiting));
        b.counter(job, metric, &[("cpu", &name), ("mode", "idle")], idle);
    }
    let load = f64::from(CORES) * machine.busy * 1.15;
    let felt: Vec<_> = slow.iter().map(|s| (s.0, 1.3)).collect();
    for (metric, noise) in [("node_load1", 0.3), ("node_load5", 0.16), ("node_load15", 0.08)] {
        let level = b.level(load, (OFFICE, 0.85, noise), &felt);
        b.gauge(job, metric, &[], Value::of(level));
    }
}

fn memory(b: &mut Builder, job: &Job, machine: &Machine) {
    let total = 16.0 * GIB;
    let used = b.level(total * machine.memory, (OFFICE, 0.12, 0.02), &[]);
    let name = |what: &str| format!("node_memory_{what}_bytes");
    let fixed = [("MemTotal", total), ("SwapTotal", 2.0 * GIB), ("SwapFree", 1.9 * GIB)];
    for (what, bytes) in fixed {
        b.gauge(job, &name(what), &[], Value::constant(bytes));
    }
    // What programs do not have is cache, but for a little.
    for (what, plus, factor) in [
        ("MemAvailable", total * 0.97, -1.0),
        ("MemFree", total * 0.34, -0.32),
        ("Cached", total * 0.56, -0.6),
        ("Buffers", total * 0.03, -0.02),
        ("SReclaimable", total * 0.04, -0.02),
        ("Slab", total * 0.06, -0.02),
        ("Active", total * 0.1, 0.6),
        ("Inactive", total * 0.3, -0.2),
        ("Committed_AS", total * 0.2, 1.1),
    ] {
        let value = Value::of(used).times(factor).plus(plus).whole();
        b.gauge(job, &name(what), &[], value);
    }
    let dirty = b.level(9e6, (STEADY, 0.0, 0.7), &[]);
    b.gauge(job, &name("Dirty"), &[], Value::of(dirty).whole());
}

fn file_systems(b: &mut Builder, events: &Events, job: &Job, machine: &Machine) {
    let cleared = if machine.fills { events.disk_cleared } else { b.restart(40.0) };
    let filling = b.driver(Driver::Filling(cleared));
    let grows = if machine.fills { 0.55 } else { 0.05 };
    for (device, mount, kind, size, used, grows) in [
        ("/dev/nvme0n1p2", "/", "ext4", 118.0 * GIB, machine.disk, grows * 0.2),
        ("/dev/nvme1n1", "/var/lib/data", "xfs", 480.0 * GIB, machine.disk, grows),
        ("tmpfs", "/run", "tmpfs", 1.6 * GIB, 0.02, 0.0),
    ] {
        let labels = [("device", device), ("fstype", kind), ("mountpoint", mount)];
        b.gauge(job, "node_filesystem_size_bytes", &labels, Value::constant(size));
        let free = Value::of(filling).times(-grows * size).plus((1.0 - used) * size).whole();
        b.gauge(job, "node_filesystem_avail_bytes", &labels, free.clone());
        b.gauge(job, "node_filesystem_free_bytes", &labels, free);
        let files = (size / 16_384.0).floor();
        b.gauge(job, "node_filesystem_files", &labels, Value::constant(files));
        b.gauge(
            job,
            "node_filesystem_files_free",
            &labels,
            Value::constant((files * 0.92).floor()),
        );
        b.gauge(job, "node_filesystem_readonly", &labels, Value::constant(0.0));
    }
}

fn disk(b: &mut Builder, events: &Events, job: &Job, machine: &Machine) {
    let slow: &[(Incident, f64)] =
        if suffers(machine) { &[(events.slow_database, 3.2)] } else { &[] };
    for (device, rate) in [("nvme0n1", 0.25), ("nvme1n1", 1.0)] {
        let labels = [("device", device)];
        let flow = |b: &mut Builder, per_second: f64, during: &[(Incident, f64)]| -> DriverId {
            let traffic: Traffic = b.traffic(per_second, OFFICE, job.restart);
            b.part(traffic, rate, during)
        };
        let read = flow(b, machine.busy * 6e6, slow);
        let written = flow(b, machine.busy * 14e6, &[]);
        for (metric, value) in [
            ("node_disk_read_bytes_total", Value::of(read).whole()),
            ("node_disk_written_bytes_total", Value::of(written).whole()),
            ("node_disk_reads_completed_total", Value::of(read).times(1.0 / 24_000.0).whole()),
            ("node_disk_writes_completed_total", Value::of(written).times(1.0 / 14_000.0).whole()),
            ("node_disk_read_time_seconds_total", Value::of(read).times(1.4e-8)),
            ("node_disk_write_time_seconds_total", Value::of(written).times(2.1e-8)),
            ("node_disk_io_time_seconds_total", Value::of(read).and(written, 1.0).times(9e-9)),
        ] {
            b.counter(job, metric, &labels, value);
        }
    }
}

fn network(b: &mut Builder, job: &Job, machine: &Machine) {
    for (device, part) in [("eth0", 1.0), ("lo", 0.3), ("cni0", 0.55)] {
        let labels = [("device", device)];
        for (way, rate) in [("receive", 21e6), ("transmit", 17e6)] {
            let traffic = b.traffic(rate * part * machine.busy, OFFICE, job.restart);
            let bytes = b.all(traffic);
            let name = |what: &str| format!("node_network_{way}_{what}_total");
            b.counter(job, &name("bytes"), &labels, Value::of(bytes).whole());
            let packets = Value::of(bytes).times(1.0 / 840.0).whole();
            b.counter(job, &name("packets"), &labels, packets);
            for what in ["errs", "drop"] {
                let lost = if what == "drop" { 2e-9 } else { 0.0 };
                b.counter(job, &name(what), &labels, Value::of(bytes).times(lost).whole());
            }
        }
        b.gauge(job, "node_network_up", &labels, Value::constant(1.0));
    }
}

fn kernel(b: &mut Builder, job: &Job, machine: &Machine) {
    let began = b.driver(Driver::Began(job.restart));
    b.gauge(job, "node_boot_time_seconds", &[], Value::of(began));
    let now = b.driver(Driver::Now);
    b.gauge(job, "node_time_seconds", &[], Value::of(now));
    let labels = [
        ("machine", "x86_64"),
        ("nodename", machine.name),
        ("release", "6.12.0"),
        ("sysname", "Linux"),
    ];
    b.gauge(job, "node_uname_info", &labels, Value::constant(1.0));
    for (metric, rate) in [
        ("node_context_switches_total", 21_000.0),
        ("node_intr_total", 9_400.0),
        ("node_forks_total", 6.0),
        ("node_pressure_cpu_waiting_seconds_total", 0.04),
        ("node_pressure_io_waiting_seconds_total", 0.02),
        ("node_pressure_memory_waiting_seconds_total", 0.001),
    ] {
        let traffic = b.traffic(rate * machine.busy, OFFICE, job.restart);
        let flow = b.all(traffic);
        b.counter(job, metric, &[], Value::of(flow));
    }
    for (metric, base) in [
        ("node_procs_running", 3.0),
        ("node_procs_blocked", 0.4),
        ("node_filefd_allocated", 5_400.0),
        ("node_sockstat_TCP_inuse", 140.0),
        ("node_sockstat_TCP_tw", 60.0),
        ("node_netstat_Tcp_CurrEstab", 120.0),
    ] {
        let level = b.level(base, (OFFICE, 0.5, 0.2), &[]);
        b.gauge(job, metric, &[], Value::of(level).whole());
    }
    b.gauge(job, "node_filefd_maximum", &[], Value::constant(1_048_576.0));
}
