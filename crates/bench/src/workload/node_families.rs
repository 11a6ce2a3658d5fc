//! The families of M2: what a node exporter on a host with eight CPUs, four network devices,
//! three disks and five mounts exposes, plus a small service with a classic histogram.

use super::random::Random;

/// How a series' values go on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Behaviour {
    Constant,
    /// Grows by up to twice the mean each interval, in multiples of the unit; stands still in
    /// some intervals.
    Counter {
        mean: u64,
        unit: f64,
        busy_percent: u64,
    },
    /// Walks in steps of the unit around where it began.
    Gauge {
        step: u64,
        unit: f64,
    },
    /// Every value anew, with all its digits.
    Noise {
        around: f64,
    },
}

/// A group of families that share their labels and their behaviour.
struct Group {
    names: &'static [&'static str],
    labels: &'static [&'static [(&'static str, &'static str)]],
    /// How many of the label sets, from the first, behave like this; the others are constant.
    moving: usize,
    behaviour: Behaviour,
    start: f64,
}

const NONE: &[&[(&str, &str)]] = &[&[]];
const DEVICES: &[&[(&str, &str)]] =
    &[&[("device", "eth0")], &[("device", "lo")], &[("device", "docker0")], &[("device", "eth1")]];
const DISKS: &[&[(&str, &str)]] =
    &[&[("device", "nvme0n1")], &[("device", "nvme1n1")], &[("device", "sda")]];
const MOUNTS: &[&[(&str, &str)]] = &[
    &[("device", "/dev/nvme0n1p2"), ("fstype", "ext4"), ("mountpoint", "/")],
    &[("device", "/dev/nvme1n1p1"), ("fstype", "xfs"), ("mountpoint", "/var/lib/data")],
    &[("device", "/dev/nvme0n1p1"), ("fstype", "vfat"), ("mountpoint", "/boot/efi")],
    &[("device", "tmpfs"), ("fstype", "tmpfs"), ("mountpoint", "/run")],
    &[("device", "tmpfs"), ("fstype", "tmpfs"), ("mountpoint", "/run/lock")],
];

const GROUPS: &[Group] = &[
    Group {
        names: &[
            "node_network_receive_bytes_total",
            "node_network_transmit_bytes_total",
            "node_network_receive_packets_total",
            "node_network_transmit_packets_total",
        ],
        labels: DEVICES,
        moving: 2,
        behaviour: Behaviour::Counter { mean: 90_000, unit: 1.0, busy_percent: 100 },
        start: 4e9,
    },
    Group {
        names: &[
            "node_network_receive_errs_total",
            "node_network_receive_drop_total",
            "node_network_receive_fifo_total",
            "node_network_receive_frame_total",
            "node_network_receive_multicast_total",
            "node_network_transmit_errs_total",
            "node_network_transmit_drop_total",
            "node_network_transmit_fifo_total",
            "node_network_transmit_colls_total",
            "node_network_transmit_carrier_total",
            "node_network_mtu_bytes",
            "node_network_speed_bytes",
            "node_network_up",
            "node_network_carrier",
        ],
        labels: DEVICES,
        moving: 0,
        behaviour: Behaviour::Constant,
        start: 0.0,
    },
    Group {
        names: &[
            "node_disk_read_bytes_total",
            "node_disk_written_bytes_total",
            "node_disk_reads_completed_total",
            "node_disk_writes_completed_total",
        ],
        labels: DISKS,
        moving: 1,
        behaviour: Behaviour::Counter { mean: 300, unit: 4096.0, busy_percent: 70 },
        start: 8e9,
    },
    Group {
        names: &[
            "node_disk_io_time_seconds_total",
            "node_disk_read_time_seconds_total",
            "node_disk_write_time_seconds_total",
            "node_disk_io_time_weighted_seconds_total",
        ],
        labels: DISKS,
        moving: 1,
        behaviour: Behaviour::Counter { mean: 400, unit: 0.001, busy_percent: 70 },
        start: 8e4,
    },
    Group {
        names: &[
            "node_disk_io_now",
            "node_disk_reads_merged_total",
            "node_disk_writes_merged_total",
            "node_disk_discards_completed_total",
            "node_disk_discards_merged_total",
            "node_disk_discarded_sectors_total",
            "node_disk_flush_requests_total",
        ],
        labels: DISKS,
        moving: 0,
        behaviour: Behaviour::Constant,
        start: 12.0,
    },
    Group {
        names: &[
            "node_filesystem_avail_bytes",
            "node_filesystem_free_bytes",
            "node_filesystem_files_free",
        ],
        labels: MOUNTS,
        moving: 2,
        behaviour: Behaviour::Gauge { step: 40, unit: 4096.0 },
        start: 6e10,
    },
    Group {
        names: &[
            "node_filesystem_size_bytes",
            "node_filesystem_files",
            "node_filesystem_readonly",
            "node_filesystem_device_error",
        ],
        labels: MOUNTS,
        moving: 0,
        behaviour: Behaviour::Constant,
        start: 2.56e11,
    },
    Group {
        names: &[
            "node_memory_MemFree_bytes",
            "node_memory_MemAvailable_bytes",
            "node_memory_Cached_bytes",
            "node_memory_Active_bytes",
            "node_memory_Inactive_bytes",
            "node_memory_AnonPages_bytes",
            "node_memory_Dirty_bytes",
            "node_memory_Slab_bytes",
            "node_memory_PageTables_bytes",
            "node_memory_Committed_AS_bytes",
        ],
        labels: NONE,
        moving: 1,
        behaviour: Behaviour::Gauge { step: 900, unit: 4096.0 },
        start: 8e9,
    },
    Group {
        names: &[
            "node_netstat_Tcp_InSegs",
            "node_netstat_Tcp_OutSegs",
            "node_netstat_Udp_InDatagrams",
            "node_netstat_IpExt_InOctets",
            "node_netstat_IpExt_OutOctets",
            "node_vmstat_pgfault",
            "node_vmstat_pgpgout",
            "node_context_switches_total",
            "node_intr_total",
        ],
        labels: NONE,
        moving: 1,
        behaviour: Behaviour::Counter { mean: 12_000, unit: 1.0, busy_percent: 100 },
        start: 7e8,
    },
    Group {
        names: &["node_forks_total", "go_memstats_mallocs_total", "process_cpu_seconds_total"],
        labels: NONE,
        moving: 1,
        behaviour: Behaviour::Counter { mean: 30, unit: 1.0, busy_percent: 80 },
        start: 5e6,
    },
    Group {
        names: &["node_load1", "node_load5", "node_load15"],
        labels: NONE,
        moving: 1,
        behaviour: Behaviour::Gauge { step: 12, unit: 0.01 },
        start: 40.0,
    },
    Group {
        names: &["node_sockstat_TCP_inuse", "node_procs_running", "go_goroutines"],
        labels: NONE,
        moving: 1,
        behaviour: Behaviour::Gauge { step: 2, unit: 1.0 },
        start: 300.0,
    },
    Group {
        names: &["scrape_duration_seconds", "node_timex_offset_seconds"],
        labels: NONE,
        moving: 1,
        behaviour: Behaviour::Noise { around: 0.02 },
        start: 0.02,
    },
];

const COLLECTORS: [&str; 12] = [
    "cpu",
    "diskstats",
    "filesystem",
    "loadavg",
    "meminfo",
    "netdev",
    "netstat",
    "sockstat",
    "stat",
    "time",
    "uname",
    "vmstat",
];

/// One series of a target before it has its target's labels: name, labels, behaviour, first value.
pub(super) struct Template {
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
    pub(super) behaviour: Behaviour,
    pub(super) start: f64,
}

/// All series of a target; `total` at least, filled up with constants.
pub(super) fn templates(total: usize) -> Vec<Template> {
    let mut all = Vec::new();
    let mut push = |name: &str, labels: &[(&str, &str)], behaviour, start| {
        let labels = labels.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        all.push(Template { name: name.to_owned(), labels, behaviour, start });
    };
    push("up", &[], Behaviour::Constant, 1.0);
    push(
        "node_uname_info",
        &[("release", "6.18.5"), ("sysname", "Linux")],
        Behaviour::Constant,
        1.0,
    );
    push("node_boot_time_seconds", &[], Behaviour::Constant, 1.76e9);
    push("node_memory_MemTotal_bytes", &[], Behaviour::Constant, 3.3e10);
    for group in GROUPS {
        for name in group.names {
            for (i, labels) in group.labels.iter().enumerate() {
                let moves = i < group.moving;
                let behaviour = if moves { group.behaviour } else { Behaviour::Constant };
                push(name, labels, behaviour, group.start / (1 + i) as f64);
            }
        }
    }
    for cpu in ["0", "1", "2", "3", "4", "5", "6", "7"] {
        let busy = ["idle", "user", "system"].map(|mode| (mode, 30));
        let still = ["iowait", "irq", "nice", "softirq", "steal"].map(|mode| (mode, 0));
        for (mode, mean) in busy.into_iter().chain(still) {
            let mean = if mode == "idle" { 1200 } else { mean };
            let counter = Behaviour::Counter { mean, unit: 0.01, busy_percent: 100 };
            let behaviour = if mean == 0 { Behaviour::Constant } else { counter };
            push("node_cpu_seconds_total", &[("cpu", cpu), ("mode", mode)], behaviour, 9e4);
        }
    }
    for collector in COLLECTORS {
        let label = [("collector", collector)];
        let noise = Behaviour::Noise { around: 0.001 };
        push("node_scrape_collector_duration_seconds", &label, noise, 0.0);
        push("node_scrape_collector_success", &label, Behaviour::Constant, 1.0);
    }
    for i in all.len()..total.saturating_sub(super::node::BUCKETS_PER_TARGET) {
        let labels = vec![("setting".to_owned(), format!("kernel_setting_{:03}", i % 40))];
        let name = format!("node_sysctl_value_{:02}", i / 40);
        all.push(Template { name, labels, behaviour: Behaviour::Constant, start: i as f64 });
    }
    all
}

impl Behaviour {
    /// The value after `value`.
    pub(super) fn next(self, value: f64, random: &mut Random) -> f64 {
        match self {
            Self::Constant => value,
            Self::Counter { mean, unit, busy_percent } => {
                if !random.percent(busy_percent) {
                    return value;
                }
                let steps = random.below(2 * mean) as f64;
                round_to(value + steps * unit, unit)
            }
            Self::Gauge { step, unit } => {
                let steps = random.below(2 * step + 1) as f64 - step as f64;
                round_to((value + steps * unit).max(0.0), unit)
            }
            Self::Noise { around } => around * (0.8 + 0.4 * random.fraction()),
        }
    }
}

/// What an exporter that counts in units of 0.01 would print.
fn round_to(value: f64, unit: f64) -> f64 {
    if unit < 1.0 {
        let per_one = (1.0 / unit).round();
        (value * per_one).round() / per_one
    } else {
        value.round()
    }
}
