//! The collector of host metrics: runs every part, times it, and goes on when one fails.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use platform::Clock;

use crate::collect::{self, Cpu};
use crate::filesystem::{Filesystems, StatFs};
use crate::page::{Kind, Page};
use crate::source::Roots;

/// What a host collector may spend.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long one page waits for all mounts together. A mount that has not answered by then is
    /// reported with `node_filesystem_device_error` and not asked again until it answers.
    pub mount_timeout: Duration,
    /// Devices of one sort (disks, interfaces, mounts, sensors) a page shows; more are left out.
    pub devices_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { mount_timeout: Duration::from_millis(250), devices_max: 512 }
    }
}

/// A part that could not be read while the last page was written.
#[derive(Debug)]
pub struct Failure {
    /// As in the label `collector` of `node_scrape_collector_success`.
    pub collector: &'static str,
    pub error: io::Error,
}

/// Reads the machine it runs on.
pub struct HostCollector {
    roots: Roots,
    settings: Settings,
    clock: Arc<dyn Clock>,
    cpu: Cpu,
    filesystems: Filesystems,
    failures: Vec<Failure>,
}

impl std::fmt::Debug for HostCollector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostCollector").field("roots", &self.roots).finish_non_exhaustive()
    }
}

type Part = fn(&mut HostCollector, &mut Page<'_>) -> io::Result<()>;

/// Every part by the name `node_exporter` gives it.
const PARTS: &[(&str, Part)] = &[
    ("arp", |host, page| collect::arp(&host.roots, host.settings.devices_max, page)),
    ("conntrack", |host, page| collect::conntrack(&host.roots, page)),
    ("cpu", |host, page| host.cpu.collect(&host.roots, page)),
    ("diskstats", |host, page| collect::diskstats(&host.roots, host.settings.devices_max, page)),
    ("entropy", |host, page| collect::entropy(&host.roots, page)),
    ("filefd", |host, page| collect::filefd(&host.roots, page)),
    ("filesystem", |host, page| host.filesystems.collect(&host.roots, &host.settings, page)),
    ("hwmon", |host, page| collect::hwmon(&host.roots, host.settings.devices_max, page)),
    ("loadavg", |host, page| collect::loadavg(&host.roots, page)),
    ("meminfo", |host, page| collect::meminfo(&host.roots, page)),
    ("netclass", |host, page| collect::netclass(&host.roots, host.settings.devices_max, page)),
    ("netdev", |host, page| collect::netdev(&host.roots, host.settings.devices_max, page)),
    ("netstat", |host, page| collect::netstat(&host.roots, page)),
    ("os", |host, page| collect::os(&host.roots, page)),
    ("pressure", |host, page| collect::pressure(&host.roots, page)),
    ("sockstat", |host, page| collect::sockstat(&host.roots, page)),
    ("stat", |host, page| collect::stat(&host.roots, page)),
    ("time", |host, page| {
        collect::time(host.clock.unix_ms(), page);
        Ok(())
    }),
    ("uname", |_, page| {
        collect::uname(page);
        Ok(())
    }),
    ("vmstat", |host, page| collect::vmstat(&host.roots, page)),
];

impl HostCollector {
    /// A collector for the machine below `roots`. Nothing is read yet.
    pub fn new(roots: Roots, settings: Settings, clock: Arc<dyn Clock>) -> Self {
        Self::with_stat_fs(roots, settings, clock, crate::filesystem::host_stat_fs())
    }

    pub(crate) fn with_stat_fs(
        roots: Roots,
        settings: Settings,
        clock: Arc<dyn Clock>,
        stat_fs: Arc<StatFs>,
    ) -> Self {
        let filesystems = Filesystems::new(stat_fs);
        Self { roots, settings, clock, cpu: Cpu::default(), filesystems, failures: Vec::new() }
    }

    /// Appends one page in text exposition format 0.0.4. A part that cannot be read leaves
    /// nothing but `node_scrape_collector_success` 0; the others go on.
    /// Cost: about a millisecond on a small machine; blocks for at most
    /// [`Settings::mount_timeout`] when a mount hangs.
    pub fn gather(&mut self, out: &mut String) {
        let mut page = Page::new(out);
        self.failures.clear();
        let mut outcomes = Vec::with_capacity(PARTS.len());
        for (collector, part) in PARTS {
            let mark = page.mark();
            let start = self.clock.monotonic();
            let result = part(self, &mut page);
            let elapsed = self.clock.monotonic().saturating_sub(start);
            outcomes.push((*collector, elapsed.as_secs_f64(), f64::from(result.is_ok())));
            if let Err(error) = result {
                page.cut(mark);
                self.failures.push(Failure { collector, error });
            }
        }
        page.family(
            "node_scrape_collector_duration_seconds",
            Kind::Gauge,
            "How long a part of this page took.",
        );
        for (collector, seconds, _) in &outcomes {
            page.sample(&[("collector", collector)], *seconds);
        }
        page.family(
            "node_scrape_collector_success",
            Kind::Gauge,
            "Whether a part of this page could be read.",
        );
        for (collector, _, success) in &outcomes {
            page.sample(&[("collector", collector)], *success);
        }
    }

    /// The parts that failed during the last [`HostCollector::gather`]. Some always do: a virtual
    /// machine has no sensors.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }
}

#[cfg(test)]
mod tests;
