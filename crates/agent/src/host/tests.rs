//! Whole pages from a small made-up machine in `testdata/machine`.

use std::fs;
use std::path::{Path, PathBuf};

use platform::HostClock;

use super::*;
use crate::filesystem::Usage;

fn machine() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/machine")
}

fn collector(root: &Path) -> HostCollector {
    let roots = Roots { proc: root.join("proc"), sys: root.join("sys"), rootfs: root.join("root") };
    let stat_fs = |path: &Path| match path.file_name().and_then(|name| name.to_str()) {
        Some("broken") => Err(io::Error::other("transport endpoint is not connected")),
        _ => Ok(Usage { size: 8e9, free: 3e9, available: 2e9, files: 1000.0, files_free: 900.0 }),
    };
    // A mount of this machine answers at once, so no test waits this long.
    let settings = Settings { mount_timeout: Duration::from_mins(1), ..Settings::default() };
    HostCollector::with_stat_fs(roots, settings, Arc::new(HostClock::new()), Arc::new(stat_fs))
}

/// The page without what depends on the machine the test runs on.
fn stable(page: &str) -> String {
    let varies =
        ["node_time_seconds ", "node_uname_info{", "node_scrape_collector_duration_seconds{"];
    let lines = page.split_inclusive('\n');
    lines.filter(|line| !varies.iter().any(|name| line.starts_with(name))).collect()
}

/// Compares with the stored page; `UPDATE_EXPECT=1`, as the other goldens use, rewrites it.
#[test]
fn the_made_up_machine_yields_the_stored_page() {
    let mut page = String::new();
    let mut collector = collector(&machine());
    collector.gather(&mut page);
    assert!(collector.failures().is_empty(), "{:?}", collector.failures());
    let want = expect_test::expect_file!["../../testdata/machine.txt"];
    want.assert_eq(&stable(&page));
}

#[test]
fn what_cannot_be_read_fails_alone() {
    let root = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(root.path().join("proc")).expect("an empty procfs");
    fs::write(root.path().join("proc/loadavg"), "0.5 0.4 0.3 1/2 3\n").expect("one file");
    fs::write(root.path().join("proc/meminfo"), "MemTotal: 1 kB\nMemFree: many kB\n")
        .expect("a file cut short");
    let mut page = String::new();
    let mut collector = collector(root.path());
    collector.gather(&mut page);
    assert!(page.contains("\nnode_load1 0.5\n"), "{page}");
    assert!(page.contains("node_scrape_collector_success{collector=\"loadavg\"} 1\n"), "{page}");
    assert!(page.contains("node_scrape_collector_success{collector=\"meminfo\"} 0\n"), "{page}");
    assert!(!page.contains("node_memory_"), "a part that failed half-way left something");
    let failed: Vec<&str> = collector.failures().iter().map(|f| f.collector).collect();
    assert_eq!(failed.len(), PARTS.len() - 3, "{failed:?}");
    for works in ["loadavg", "time", "uname"] {
        assert!(!failed.contains(&works), "{works}");
    }
}

#[test]
fn damaged_files_never_panic() {
    let garbage: [&[u8]; 7] = [
        b"",
        b"\n\n\n",
        b":",
        b"cpu0 x\ncpu1\n",
        b"\xff\xfe\x00 1 2 3\n",
        b"a: b: c\na b c d e f g h i j k\n",
        b"99999999999999999999999999999999999 -1 nan inf 0x\n",
    ];
    let names = [
        "stat",
        "meminfo",
        "vmstat",
        "diskstats",
        "loadavg",
        "net/dev",
        "net/arp",
        "net/netstat",
        "net/snmp",
        "net/snmp6",
        "net/sockstat",
        "net/sockstat6",
        "net/stat/nf_conntrack",
        "1/mounts",
        "pressure/cpu",
        "pressure/io",
        "sys/fs/file-nr",
        "sys/kernel/random/entropy_avail",
        "sys/net/netfilter/nf_conntrack_count",
        "sys/net/netfilter/nf_conntrack_max",
    ];
    for bytes in garbage {
        let root = tempfile::tempdir().expect("a temporary folder");
        for name in names {
            let path = root.path().join("proc").join(name);
            fs::create_dir_all(path.parent().expect("below proc")).expect("a folder");
            fs::write(path, bytes).expect("a file");
        }
        let mut page = String::new();
        collector(root.path()).gather(&mut page);
        assert!(page.contains("node_scrape_collector_success{collector=\"uname\"} 1\n"));
    }
}

#[test]
fn the_number_of_devices_is_bounded() {
    let root = machine();
    let mut collector = collector(&root);
    collector.settings.devices_max = 1;
    let mut page = String::new();
    collector.gather(&mut page);
    for name in ["node_disk_io_now{", "node_network_up{", "node_network_receive_bytes_total{"] {
        assert_eq!(page.matches(&format!("\n{name}")).count(), 1, "{name}");
    }
}
