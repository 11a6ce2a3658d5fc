//! What else `node_exporter` tells of a machine: what the dashboards that come with it ask for.

use crate::curve::OFFICE;
use crate::world::{Builder, Job, Value};

const MIB: f64 = 1024.0 * 1024.0;
const GIB: f64 = 1024.0 * MIB;

/// Parts of the memory, MiB on average; some follow the load, most hardly move.
const MEMORY: [(&str, f64, f64); 30] = [
    ("Mapped", 610.0, 0.1),
    ("Shmem", 84.0, 0.05),
    ("ShmemHugePages", 0.0, 0.0),
    ("ShmemPmdMapped", 0.0, 0.0),
    ("Active_anon", 5_900.0, 0.1),
    ("Active_file", 1_900.0, 0.06),
    ("Inactive_anon", 740.0, 0.08),
    ("Inactive_file", 3_100.0, 0.05),
    ("AnonPages", 6_100.0, 0.1),
    ("AnonHugePages", 380.0, 0.06),
    ("KernelStack", 14.0, 0.05),
    ("Percpu", 9.0, 0.0),
    ("PageTables", 52.0, 0.06),
    ("SUnreclaim", 210.0, 0.03),
    ("VmallocChunk", 0.0, 0.0),
    ("VmallocTotal", 33_554_432.0, 0.0),
    ("VmallocUsed", 48.0, 0.02),
    ("Unevictable", 17.0, 0.0),
    ("Mlocked", 17.0, 0.0),
    ("Bounce", 0.0, 0.0),
    ("NFS_Unstable", 0.0, 0.0),
    ("Writeback", 0.2, 0.6),
    ("WritebackTmp", 0.0, 0.0),
    ("HardwareCorrupted", 0.0, 0.0),
    ("DirectMap1G", 9_216.0, 0.0),
    ("DirectMap2M", 6_900.0, 0.0),
    ("DirectMap4k", 268.0, 0.0),
    ("SwapCached", 6.0, 0.02),
    ("CommitLimit", 10_240.0, 0.0),
    ("Zswap", 0.0, 0.0),
];

/// Counters of the whole machine: events a second at full load.
const COUNTERS: [(&str, f64); 49] = [
    ("node_vmstat_pgpgin", 900.0),
    ("node_vmstat_pgpgout", 4_200.0),
    ("node_vmstat_pswpin", 0.1),
    ("node_vmstat_pswpout", 0.2),
    ("node_vmstat_pgfault", 31_000.0),
    ("node_vmstat_pgmajfault", 0.8),
    ("node_vmstat_oom_kill", 0.0),
    ("node_netstat_IpExt_InOctets", 2.3e7),
    ("node_netstat_IpExt_OutOctets", 1.9e7),
    ("node_netstat_Ip_Forwarding", 1.0),
    ("node_netstat_Tcp_InSegs", 24_000.0),
    ("node_netstat_Tcp_OutSegs", 26_000.0),
    ("node_netstat_Tcp_RetransSegs", 1.4),
    ("node_netstat_Tcp_InErrs", 0.01),
    ("node_netstat_Tcp_OutRsts", 2.1),
    ("node_netstat_Tcp_ActiveOpens", 14.0),
    ("node_netstat_Tcp_PassiveOpens", 22.0),
    ("node_netstat_TcpExt_ListenOverflows", 0.0),
    ("node_netstat_TcpExt_ListenDrops", 0.0),
    ("node_netstat_TcpExt_TCPSynRetrans", 0.08),
    ("node_netstat_TcpExt_TCPRcvQDrop", 0.0),
    ("node_netstat_TcpExt_TCPOFOQueue", 3.2),
    ("node_netstat_TcpExt_TCPTimeouts", 0.2),
    ("node_netstat_TcpExt_SyncookiesFailed", 0.0),
    ("node_netstat_TcpExt_SyncookiesRecv", 0.0),
    ("node_netstat_TcpExt_SyncookiesSent", 0.0),
    ("node_netstat_Udp_InDatagrams", 310.0),
    ("node_netstat_Udp_OutDatagrams", 290.0),
    ("node_netstat_Udp_InErrors", 0.0),
    ("node_netstat_Udp_NoPorts", 0.02),
    ("node_netstat_Udp_RcvbufErrors", 0.0),
    ("node_netstat_Udp_SndbufErrors", 0.0),
    ("node_netstat_UdpLite_InErrors", 0.0),
    ("node_netstat_Icmp_InMsgs", 0.4),
    ("node_netstat_Icmp_OutMsgs", 0.5),
    ("node_netstat_Icmp_InErrors", 0.01),
    ("node_netstat_Icmp6_InMsgs", 0.2),
    ("node_netstat_Icmp6_OutMsgs", 0.2),
    ("node_netstat_Icmp6_InErrors", 0.0),
    ("node_netstat_Ip6_InOctets", 4_000.0),
    ("node_netstat_Ip6_OutOctets", 3_600.0),
    ("node_timex_pps_calibration_total", 0.0),
    ("node_timex_pps_error_total", 0.0),
    ("node_timex_pps_jitter_total", 0.0),
    ("node_timex_pps_stability_exceeded_total", 0.0),
    ("node_pressure_io_stalled_seconds_total", 0.01),
    ("node_pressure_memory_stalled_seconds_total", 0.0004),
    ("node_pressure_irq_stalled_seconds_total", 0.002),
    ("node_cpu_core_throttles_total", 0.02),
];

/// Gauges of the whole machine: mean, and how much it moves.
const GAUGES: [(&str, f64, f64); 40] = [
    ("node_timex_estimated_error_seconds", 2.1e-5, 0.3),
    ("node_timex_maxerror_seconds", 0.09, 0.4),
    ("node_timex_offset_seconds", 4.0e-6, 0.9),
    ("node_timex_loop_time_constant", 7.0, 0.0),
    ("node_timex_sync_status", 1.0, 0.0),
    ("node_timex_frequency_adjustment_ratio", 1.000_003, 0.0),
    ("node_timex_tick_seconds", 0.01, 0.0),
    ("node_timex_tai_offset_seconds", 37.0, 0.0),
    ("node_timex_pps_frequency_hertz", 0.0, 0.0),
    ("node_timex_pps_stability_hertz", 0.0, 0.0),
    ("node_timex_pps_jitter_seconds", 0.0, 0.0),
    ("node_timex_pps_shift_seconds", 0.0, 0.0),
    ("node_entropy_available_bits", 256.0, 0.0),
    ("node_entropy_pool_size_bits", 256.0, 0.0),
    ("node_processes_pids", 310.0, 0.05),
    ("node_processes_max_processes", 4_194_304.0, 0.0),
    ("node_processes_threads", 1_240.0, 0.06),
    ("node_processes_max_threads", 127_000.0, 0.0),
    ("node_nf_conntrack_entries", 2_400.0, 0.2),
    ("node_nf_conntrack_entries_limit", 262_144.0, 0.0),
    ("node_sockstat_sockets_used", 620.0, 0.08),
    ("node_sockstat_TCP_alloc", 210.0, 0.1),
    ("node_sockstat_TCP_orphan", 0.6, 0.9),
    ("node_sockstat_TCP_mem", 94.0, 0.3),
    ("node_sockstat_UDP_inuse", 14.0, 0.05),
    ("node_sockstat_UDP_mem", 6.0, 0.2),
    ("node_sockstat_UDPLITE_inuse", 0.0, 0.0),
    ("node_sockstat_RAW_inuse", 1.0, 0.0),
    ("node_sockstat_FRAG_inuse", 0.0, 0.0),
    ("node_sockstat_FRAG_memory", 0.0, 0.0),
    ("node_memory_HugePages_Total", 0.0, 0.0),
    ("node_memory_HugePages_Free", 0.0, 0.0),
    ("node_memory_HugePages_Rsvd", 0.0, 0.0),
    ("node_memory_HugePages_Surp", 0.0, 0.0),
    ("node_netstat_Tcp_MaxConn", -1.0, 0.0),
    ("process_open_fds", 11.0, 0.1),
    ("process_max_fds", 524_288.0, 0.0),
    ("process_resident_memory_bytes", 24.0 * MIB, 0.04),
    ("process_virtual_memory_bytes", 1.2 * GIB, 0.0),
    ("process_virtual_memory_max_bytes", 1.8e19, 0.0),
];

const COLLECTORS: [&str; 10] = [
    "conntrack",
    "cpu",
    "diskstats",
    "filesystem",
    "hwmon",
    "meminfo",
    "netdev",
    "netstat",
    "stat",
    "systemd",
];

/// `busy`: part of the processors in use on average.
pub(super) fn build(b: &mut Builder, job: &Job, busy: f64) {
    for (what, mib, moves) in MEMORY {
        gauge(b, job, &format!("node_memory_{what}_bytes"), &[], (mib * MIB, moves));
    }
    for (metric, rate) in COUNTERS {
        counter(b, job, metric, &[], rate * busy);
    }
    for (metric, mean, moves) in GAUGES {
        gauge(b, job, metric, &[], (mean, moves));
    }
    counter(b, job, "process_cpu_seconds_total", &[], 0.012);
    gauge(b, job, "node_sockstat_TCP_mem_bytes", &[], (94.0 * 4096.0, 0.3));
    gauge(b, job, "node_sockstat_UDP_mem_bytes", &[], (6.0 * 4096.0, 0.2));
    processors(b, job, busy);
    devices(b, job, busy);
    connections(b, job);
    hardware(b, job, busy);
    for collector in COLLECTORS {
        let labels = [("collector", collector)];
        gauge(b, job, "node_scrape_collector_success", &labels, (1.0, 0.0));
        let seconds = 0.0004 * (1.0 + collector.len() as f64 / 4.0);
        gauge(b, job, "node_scrape_collector_duration_seconds", &labels, (seconds, 0.4));
    }
}

fn gauge(
    b: &mut Builder,
    job: &Job,
    name: &str,
    labels: &[(&str, &str)],
    (mean, moves): (f64, f64),
) {
    let value = if moves == 0.0 {
        Value::constant(mean)
    } else {
        let level = b.level(mean, (OFFICE, moves * 0.5, moves * 0.5), &[]);
        // Counts are whole, shares and seconds are not.
        if mean >= 5.0 { Value::of(level).whole() } else { Value::of(level) }
    };
    b.gauge(job, name, labels, value);
}

fn counter(b: &mut Builder, job: &Job, name: &str, labels: &[(&str, &str)], rate: f64) {
    let value = if rate == 0.0 {
        Value::constant(0.0)
    } else {
        let traffic = b.traffic(rate, OFFICE, job.restart);
        let all = b.all(traffic);
        if name.contains("seconds") { Value::of(all) } else { Value::of(all).whole() }
    };
    b.counter(job, name, labels, value);
}

fn processors(b: &mut Builder, job: &Job, busy: f64) {
    for cpu in ["0", "1", "2", "3"] {
        let labels = [("cpu", cpu)];
        for (metric, rate) in [
            ("node_schedstat_running_seconds_total", busy),
            ("node_schedstat_waiting_seconds_total", busy * 0.06),
            ("node_schedstat_timeslices_total", 2_100.0 * busy),
            ("node_softnet_processed_total", 3_400.0 * busy),
            ("node_softnet_dropped_total", 0.0),
            ("node_softnet_times_squeezed_total", 0.03),
            ("node_softnet_received_rps_total", 0.0),
            ("node_softnet_flow_limit_count_total", 0.0),
        ] {
            counter(b, job, metric, &labels, rate);
        }
        for mode in ["user", "nice"] {
            let rate = if mode == "user" { busy * 0.01 } else { 0.0 };
            counter(b, job, "node_cpu_guest_seconds_total", &[("cpu", cpu), ("mode", mode)], rate);
        }
        gauge(b, job, "node_cpu_scaling_frequency_hertz", &labels, (2.6e9, 0.08));
        for (metric, hertz) in [
            ("node_cpu_scaling_frequency_max_hertz", 3.4e9),
            ("node_cpu_scaling_frequency_min_hertz", 8e8),
        ] {
            b.gauge(job, metric, &labels, Value::constant(hertz));
        }
    }
    for (interrupt, info, devices, rate) in [
        ("LOC", "Local timer interrupts", "", 900.0),
        ("RES", "Rescheduling interrupts", "", 310.0),
        ("CAL", "Function call interrupts", "", 120.0),
        ("TLB", "TLB shootdowns", "", 14.0),
        ("31", "PCI-MSI-0000:01:00.0", "nvme0q1", 52.0),
        ("40", "PCI-MSI-0000:02:00.0", "eth0-TxRx-0", 640.0),
    ] {
        for cpu in ["0", "1"] {
            let labels = [("cpu", cpu), ("type", interrupt), ("info", info), ("devices", devices)];
            counter(b, job, "node_interrupts_total", &labels, rate * busy);
        }
    }
}

fn devices(b: &mut Builder, job: &Job, busy: f64) {
    for device in ["nvme0n1", "nvme1n1"] {
        let labels = [("device", device)];
        for (metric, rate) in [
            ("node_disk_io_time_weighted_seconds_total", 0.3),
            ("node_disk_reads_merged_total", 3.0),
            ("node_disk_writes_merged_total", 21.0),
            ("node_disk_discards_completed_total", 0.4),
            ("node_disk_discards_merged_total", 0.0),
            ("node_disk_discarded_sectors_total", 800.0),
            ("node_disk_discard_time_seconds_total", 0.000_2),
            ("node_disk_flush_requests_total", 4.0),
            ("node_disk_flush_requests_time_seconds_total", 0.004),
        ] {
            counter(b, job, metric, &labels, rate * busy);
        }
        gauge(b, job, "node_disk_io_now", &labels, (0.8, 0.8));
    }
    for (device, speed) in [("eth0", 1.25e9), ("lo", 0.0), ("cni0", 1.25e9)] {
        let labels = [("device", device)];
        for (what, rate) in [
            ("receive_compressed", 0.0),
            ("transmit_compressed", 0.0),
            ("receive_multicast", 1.2),
            ("receive_nohandler", 0.0),
            ("receive_frame", 0.0),
            ("receive_fifo", 0.0),
            ("transmit_fifo", 0.0),
            ("transmit_colls", 0.0),
            ("transmit_carrier", 0.0),
        ] {
            counter(b, job, &format!("node_network_{what}_total"), &labels, rate * busy);
        }
        for (what, value) in [
            ("speed_bytes", speed),
            ("mtu_bytes", if device == "lo" { 65_536.0 } else { 1_500.0 }),
            ("carrier", 1.0),
            ("iface_id", 2.0),
            ("transmit_queue_length", 1_000.0),
        ] {
            b.gauge(job, &format!("node_network_{what}"), &labels, Value::constant(value));
        }
        let entries = if device == "lo" { (0.0, 0.0) } else { (21.0, 0.15) };
        gauge(b, job, "node_arp_entries", &labels, entries);
    }
    for (device, mount) in [("/dev/nvme0n1p2", "/"), ("/dev/nvme1n1", "/var/lib/data")] {
        let kind = if mount == "/" { "ext4" } else { "xfs" };
        let labels = [("device", device), ("fstype", kind), ("mountpoint", mount)];
        b.gauge(job, "node_filesystem_device_error", &labels, Value::constant(0.0));
    }
}

fn connections(b: &mut Builder, job: &Job) {
    for (state, mean) in [
        ("established", 118.0),
        ("listen", 31.0),
        ("time_wait", 62.0),
        ("close_wait", 2.0),
        ("syn_sent", 0.3),
        ("syn_recv", 0.2),
        ("fin_wait1", 0.4),
        ("fin_wait2", 1.1),
        ("last_ack", 0.2),
        ("closing", 0.0),
        ("rx_queued_bytes", 640.0),
        ("tx_queued_bytes", 2_900.0),
    ] {
        let moves = if mean == 0.0 { 0.0 } else { 0.3 };
        gauge(b, job, "node_tcp_connection_states", &[("state", state)], (mean, moves));
    }
    for queue in ["rx", "tx"] {
        for ip in ["v4", "v6"] {
            gauge(b, job, "node_udp_queues", &[("queue", queue), ("ip", ip)], (0.0, 0.0));
        }
    }
    for (state, mean) in [("R", 2.0), ("S", 180.0), ("I", 96.0), ("D", 0.3), ("Z", 0.0), ("T", 0.0)]
    {
        let moves = if mean == 0.0 { 0.0 } else { 0.1 };
        gauge(b, job, "node_processes_state", &[("state", state)], (mean, moves));
    }
}

fn hardware(b: &mut Builder, job: &Job, busy: f64) {
    for (sensor, mean, limit) in
        [("temp1", 38.0, 84.0), ("temp2", 36.0, 84.0), ("temp3", 34.0, 84.0)]
    {
        let labels = [("chip", "platform_coretemp_0"), ("sensor", sensor)];
        gauge(b, job, "node_hwmon_temp_celsius", &labels, (mean + 30.0 * busy, 0.06));
        b.gauge(job, "node_hwmon_temp_crit_celsius", &labels, Value::constant(limit + 16.0));
        b.gauge(job, "node_hwmon_temp_max_celsius", &labels, Value::constant(limit));
        b.gauge(job, "node_hwmon_temp_crit_alarm_celsius", &labels, Value::constant(0.0));
    }
    let chip = [("chip", "platform_coretemp_0"), ("chip_name", "coretemp")];
    b.gauge(job, "node_hwmon_chip_names", &chip, Value::constant(1.0));
    let fan = [("chip", "platform_nct6775_656"), ("sensor", "fan1")];
    gauge(b, job, "node_hwmon_fan_rpm", &fan, (940.0 + 900.0 * busy, 0.08));
    b.gauge(job, "node_hwmon_fan_min_rpm", &fan, Value::constant(300.0));
    let device = [("name", "0"), ("type", "Processor")];
    b.gauge(job, "node_cooling_device_cur_state", &device, Value::constant(0.0));
    b.gauge(job, "node_cooling_device_max_state", &device, Value::constant(10.0));
    let supply = [("power_supply", "AC")];
    b.gauge(job, "node_power_supply_online", &supply, Value::constant(1.0));
    for (state, units) in [
        ("active", 214.0),
        ("inactive", 96.0),
        ("activating", 0.0),
        ("deactivating", 0.0),
        ("failed", 0.0),
    ] {
        b.gauge(job, "node_systemd_units", &[("state", state)], Value::constant(units));
    }
    for socket in ["dbus.socket", "docker.socket", "systemd-journald.socket"] {
        let labels = [("name", socket)];
        gauge(b, job, "node_systemd_socket_current_connections", &labels, (0.0, 0.0));
        let name = "node_systemd_socket_accepted_connections_total";
        counter(b, job, name, &labels, 0.001);
        counter(b, job, "node_systemd_socket_refused_connections_total", &labels, 0.0);
    }
}
