//! Disk traffic from `/proc/diskstats`, and what udev knows about each disk.

use std::io;

use crate::page::{Kind, Page};
use crate::source::{Roots, attribute, malformed, number};

/// The unit of `/proc/diskstats`, whatever the disk's own sector size is.
const SECTOR_BYTES: f64 = 512.0;
const MILLISECOND: f64 = 0.001;

struct Column {
    name: &'static str,
    kind: Kind,
    scale: f64,
    help: &'static str,
}

const fn counter(name: &'static str, scale: f64, help: &'static str) -> Column {
    Column { name, kind: Kind::Counter, scale, help }
}

/// The columns behind the device name in order; older kernels have fewer.
const COLUMNS: [Column; 17] = [
    counter("reads_completed_total", 1.0, "Reads completed."),
    counter("reads_merged_total", 1.0, "Reads joined with a neighbour."),
    counter("read_bytes_total", SECTOR_BYTES, "Bytes read."),
    counter("read_time_seconds_total", MILLISECOND, "Time spent by all reads."),
    counter("writes_completed_total", 1.0, "Writes completed."),
    counter("writes_merged_total", 1.0, "Writes joined with a neighbour."),
    counter("written_bytes_total", SECTOR_BYTES, "Bytes written."),
    counter("write_time_seconds_total", MILLISECOND, "Time spent by all writes."),
    Column { name: "io_now", kind: Kind::Gauge, scale: 1.0, help: "Requests in progress." },
    counter("io_time_seconds_total", MILLISECOND, "Time in which a request was in progress."),
    counter(
        "io_time_weighted_seconds_total",
        MILLISECOND,
        "Time in which requests were in progress, times their number.",
    ),
    counter("discards_completed_total", 1.0, "Discards completed."),
    counter("discards_merged_total", 1.0, "Discards joined with a neighbour."),
    counter("discarded_sectors_total", 1.0, "Sectors discarded."),
    counter("discard_time_seconds_total", MILLISECOND, "Time spent by all discards."),
    counter("flush_requests_total", 1.0, "Flushes completed."),
    counter("flush_requests_time_seconds_total", MILLISECOND, "Time spent by all flushes."),
];

struct Disk<'a> {
    major: &'a str,
    minor: &'a str,
    name: &'a str,
    values: Vec<f64>,
}

pub(crate) fn diskstats(roots: &Roots, disks_max: usize, page: &mut Page<'_>) -> io::Result<()> {
    let text = roots.read_proc("diskstats")?;
    let mut disks = Vec::new();
    for line in text.lines() {
        let disk = parse_line(line).ok_or_else(|| malformed("/proc/diskstats"))?;
        if !is_excluded(disk.name) && disks.len() < disks_max {
            disks.push(disk);
        }
    }
    disk_info(roots, &disks, page);
    for (index, column) in COLUMNS.iter().enumerate() {
        let values = disks
            .iter()
            .filter_map(|disk| Some((disk.name, disk.values.get(index)? * column.scale)));
        page.by_device(&format!("node_disk_{}", column.name), column.kind, column.help, values);
    }
    Ok(())
}

fn parse_line(line: &str) -> Option<Disk<'_>> {
    let mut words = line.split_ascii_whitespace();
    let (major, minor, name) = (words.next()?, words.next()?, words.next()?);
    let values = words.map(number).collect::<Option<Vec<f64>>>()?;
    Some(Disk { major, minor, name, values })
}

fn disk_info(roots: &Roots, disks: &[Disk<'_>], page: &mut Page<'_>) {
    if disks.is_empty() {
        return;
    }
    page.family("node_disk_info", Kind::Gauge, "What is known about a disk; always 1.");
    for disk in disks {
        let Disk { major, minor, name, .. } = disk;
        let udev = roots.read_root(&format!("run/udev/data/b{major}:{minor}"));
        let udev = udev.unwrap_or_default();
        let property = |key: &str| {
            let mut lines = udev.lines().filter_map(|line| line.strip_prefix("E:"));
            lines.find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap_or_default()
        };
        // A SCSI disk's own serial number is more precise than the one of its bus.
        let serial = match property("SCSI_IDENT_SERIAL") {
            "" => property("ID_SERIAL_SHORT"),
            serial => serial,
        };
        let queue = roots.sys.join("block").join(name).join("queue");
        let rotational = attribute(&queue, "rotational").unwrap_or_default();
        let labels = [
            ("device", *name),
            ("major", major),
            ("minor", minor),
            ("model", property("ID_MODEL")),
            ("path", property("ID_PATH")),
            ("revision", property("ID_REVISION")),
            ("rotational", &rotational),
            ("serial", serial),
            ("wwn", property("ID_WWN")),
        ];
        page.sample(&labels, 1.0);
    }
}

/// The default exclusion of `node_exporter`: memory disks, loop devices, floppies and partitions.
fn is_excluded(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem == name {
        return false;
    }
    let lettered = || {
        let letter = ["hd", "sd", "vd", "xvd"].iter().find_map(|bus| stem.strip_prefix(bus));
        letter.is_some_and(|letter| letter.len() == 1 && letter.as_bytes()[0].is_ascii_lowercase())
    };
    let nvme_partition = || {
        let middle = stem.strip_prefix("nvme").and_then(|rest| rest.strip_suffix('p'));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        middle
            .and_then(|middle| middle.split_once('n'))
            .is_some_and(|(a, b)| digits(a) && digits(b))
    };
    matches!(stem, "ram" | "zram" | "loop" | "fd") || lettered() || nvme_partition()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_and_memory_disks_are_left_out() {
        for name in ["ram0", "zram0", "loop12", "fd0", "sda1", "vda15", "xvda1", "nvme0n1p2"] {
            assert!(is_excluded(name), "{name}");
        }
        for name in ["sda", "vda", "nvme0n1", "md127", "dm-0", "mmcblk0", "sdaa1", "sr0", "sd1"] {
            assert!(!is_excluded(name), "{name}");
        }
    }
}
