//! How full each file system is. Which mounts exist comes from procfs; the answer of each comes
//! from the mount itself and may never come, so it is asked for elsewhere ([`probe`]).

mod mounts;
mod probe;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::host::Settings;
use crate::page::{Kind, Page};
use crate::source::Roots;
use mounts::Mount;
use probe::{Outcome, Probe};

pub(crate) use probe::{StatFs, host_stat_fs};

/// What one mount says about itself.
/// Units: bytes and counts of inodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Usage {
    pub(crate) size: f64,
    pub(crate) free: f64,
    pub(crate) available: f64,
    pub(crate) files: f64,
    pub(crate) files_free: f64,
}

type Pick = fn(&Usage) -> f64;

const FAMILIES: [(&str, &str, Pick); 5] = [
    ("node_filesystem_avail_bytes", "Bytes free for everybody.", |u| u.available),
    ("node_filesystem_files", "Inodes in all.", |u| u.files),
    ("node_filesystem_files_free", "Inodes free.", |u| u.files_free),
    ("node_filesystem_free_bytes", "Bytes free, also those only root may use.", |u| u.free),
    ("node_filesystem_size_bytes", "Bytes in all.", |u| u.size),
];

/// The part `filesystem`; keeps track of mounts that do not answer.
pub(crate) struct Filesystems {
    probe: Probe,
}

impl Filesystems {
    pub(crate) fn new(stat_fs: Arc<StatFs>) -> Self {
        Self { probe: Probe::new(stat_fs) }
    }

    pub(crate) fn collect(
        &mut self,
        roots: &Roots,
        settings: &Settings,
        page: &mut Page<'_>,
    ) -> io::Result<()> {
        // Process 1 sees the mounts of the machine, not those of the sandbox we may run in.
        let text = roots.read_proc("1/mounts").or_else(|_| roots.read_proc("self/mounts"))?;
        let mut mounts = mounts::parse(&text, &roots.rootfs);
        mounts.truncate(settings.devices_max);
        if mounts.is_empty() {
            return Ok(());
        }
        let paths: Vec<PathBuf> =
            mounts.iter().map(|mount| below(&roots.rootfs, &mount.point)).collect();
        let outcomes = self.probe.ask(&paths, settings.mount_timeout)?;
        let mounts: Vec<(Mount, Outcome)> = mounts.into_iter().zip(outcomes).collect();

        for (name, help, pick) in FAMILIES {
            let known = mounts.iter().filter_map(|(m, outcome)| Some((m, outcome.usage()?)));
            let mut known = known.peekable();
            if known.peek().is_some() {
                page.family(name, Kind::Gauge, help);
            }
            for (mount, usage) in known {
                page.sample(&mount.labels(), pick(usage));
            }
        }
        page.family(
            "node_filesystem_device_error",
            Kind::Gauge,
            "Whether the file system failed to say how full it is.",
        );
        for (mount, outcome) in &mounts {
            page.sample(&mount.labels_with(outcome.error()), f64::from(outcome.usage().is_none()));
        }
        page.family("node_filesystem_readonly", Kind::Gauge, "Whether it cannot be written to.");
        for (mount, outcome) in &mounts {
            page.sample(&mount.labels_with(outcome.error()), f64::from(mount.readonly));
        }
        Ok(())
    }
}

fn below(rootfs: &Path, point: &str) -> PathBuf {
    rootfs.join(point.trim_start_matches('/'))
}
