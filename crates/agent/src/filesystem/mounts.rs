//! The table of mounts, and which of them are worth a series.

use std::collections::HashSet;
use std::path::Path;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    pub(crate) device: String,
    /// Seen from the machine's root.
    pub(crate) point: String,
    pub(crate) fstype: String,
    pub(crate) readonly: bool,
}

impl Mount {
    pub(crate) fn labels(&self) -> [(&'static str, &str); 3] {
        [("device", &self.device), ("fstype", &self.fstype), ("mountpoint", &self.point)]
    }

    pub(crate) fn labels_with<'a>(&'a self, error: &'a str) -> [(&'static str, &'a str); 4] {
        let [device, fstype, point] = self.labels();
        [device, ("device_error", error), fstype, point]
    }
}

/// The mounts of a table in the form of `/proc/mounts`, without those excluded and without
/// repeats. A line that makes no sense is skipped: the others are still worth showing.
pub(crate) fn parse(table: &str, rootfs: &Path) -> Vec<Mount> {
    let mut seen = HashSet::new();
    let mounts = table.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let (device, point) = (unescape(words.next()?), unescape(words.next()?));
        let (fstype, options) = (words.next()?.to_owned(), words.next()?);
        let point = strip_root(&point, rootfs);
        let readonly = options.split(',').any(|option| option == "ro");
        Some(Mount { device, point, fstype, readonly })
    });
    mounts
        .filter(|mount| !is_point_excluded(&mount.point))
        .filter(|mount| !is_type_excluded(&mount.fstype, &mount.point))
        .filter(|m| seen.insert((m.device.clone(), m.point.clone(), m.fstype.clone())))
        .collect()
}

fn strip_root(point: &str, rootfs: &Path) -> String {
    match Path::new(point).strip_prefix(rootfs).ok().and_then(Path::to_str) {
        Some(rest) if rootfs != Path::new("/") => format!("/{rest}"),
        _ => point.to_owned(),
    }
}

/// Spaces and the like are written as a backslash and three octal digits.
fn unescape(word: &str) -> String {
    if !word.contains('\\') {
        return word.to_owned();
    }
    let mut out = Vec::with_capacity(word.len());
    let mut bytes = word.as_bytes();
    while let Some((first, rest)) = bytes.split_first() {
        let digits = rest.get(..3).and_then(|digits| str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if *first == b'\\' => {
                out.push(byte);
                bytes = &rest[3..];
            }
            _ => {
                out.push(*first);
                bytes = rest;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The default exclusion of `node_exporter`: the kernel's own trees and container layers.
fn is_point_excluded(point: &str) -> bool {
    let at_or_below = |dir: &str| {
        point.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let below = |dir: &str| point.strip_prefix(dir).is_some_and(|rest| !rest.is_empty());
    ["/dev", "/proc", "/sys"].iter().any(|dir| at_or_below(dir))
        || ["/run/credentials/", "/var/lib/docker/", "/var/lib/containers/storage/"]
            .iter()
            .any(|dir| below(dir))
}

/// The default exclusion of `node_exporter`, with one difference: an overlay is shown where it is
/// the root, because inside a container it is the only file system there is.
fn is_type_excluded(fstype: &str, point: &str) -> bool {
    const TYPES: [&str; 25] = [
        "autofs",
        "binfmt_misc",
        "bpf",
        "cgroup",
        "cgroup2",
        "configfs",
        "debugfs",
        "devpts",
        "devtmpfs",
        "erofs",
        "fusectl",
        "hugetlbfs",
        "iso9660",
        "mqueue",
        "nsfs",
        "proc",
        "procfs",
        "pstore",
        "rpc_pipefs",
        "securityfs",
        "selinuxfs",
        "squashfs",
        "sysfs",
        "tracefs",
        "overlay",
    ];
    TYPES.contains(&fstype) && !(fstype == "overlay" && point == "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_parsed_filtered_and_named_from_the_root() {
        let shown = |table: &str, rootfs: &str| -> Vec<String> {
            let mounts = parse(table, Path::new(rootfs));
            mounts
                .iter()
                .map(|m| format!("{} {} {} {}", m.device, m.point, m.fstype, m.readonly))
                .collect()
        };
        let table = [
            ("/dev/sda1 / ext4 rw,relatime 0 0", "/", Some("/dev/sda1 / ext4 false")),
            ("/dev/sdb1 /a\\040b xfs ro,noatime 0 0", "/", Some("/dev/sdb1 /a b xfs true")),
            ("/dev/sdb1 /a\\9 xfs rw,errors=ro 0 0", "/", Some("/dev/sdb1 /a\\9 xfs false")),
            ("tmpfs /run tmpfs rw 0 0", "/", Some("tmpfs /run tmpfs false")),
            ("tmpfs /devices tmpfs rw 0 0", "/", Some("tmpfs /devices tmpfs false")),
            ("overlay / overlay rw 0 0", "/", Some("overlay / overlay false")),
            ("/dev/sda1 /host ext4 rw 0 0", "/host", Some("/dev/sda1 / ext4 false")),
            ("/dev/sda2 /host/home ext4 rw 0 0", "/host", Some("/dev/sda2 /home ext4 false")),
            ("/dev/sda2 /home ext4 rw 0 0", "/host", Some("/dev/sda2 /home ext4 false")),
            ("overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0", "/", None),
            ("/dev/sda1 /var/lib/docker/x ext4 rw 0 0", "/", None),
            ("tmpfs /dev/shm tmpfs rw 0 0", "/", None),
            ("tmpfs /run/credentials/x.service tmpfs rw 0 0", "/", None),
            ("proc /proc proc rw 0 0", "/", None),
            ("cgroup2 /elsewhere cgroup2 rw 0 0", "/", None),
            ("nonsense", "/", None),
            ("", "/", None),
        ];
        for (line, rootfs, want) in table {
            let want: Vec<String> = want.into_iter().map(str::to_owned).collect();
            assert_eq!(shown(line, rootfs), want, "{line}");
        }
        let twice = "/dev/sda1 / ext4 rw 0 0\n/dev/sda1 / ext4 ro 0 0\n/dev/sda1 /b ext4 rw 0 0\n";
        assert_eq!(shown(twice, "/").len(), 2);
    }
}
