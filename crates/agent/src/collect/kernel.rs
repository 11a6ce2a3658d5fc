//! Small single values of the kernel: load, time, open files, entropy, and the counts in
//! `/proc/stat` that are not CPU time.

use std::io;

use crate::page::{Kind, Page};
use crate::source::{Roots, first_number, malformed, number};

pub(crate) fn loadavg(roots: &Roots, page: &mut Page<'_>) -> io::Result<()> {
    let text = roots.read_proc("loadavg")?;
    let mut words = text.split_ascii_whitespace();
    let families = [
        ("node_load1", "Runnable and blocked tasks, averaged over one minute."),
        ("node_load5", "Runnable and blocked tasks, averaged over five minutes."),
        ("node_load15", "Runnable and blocked tasks, averaged over fifteen minutes."),
    ];
    for (name, help) in families {
        let load = words.next().and_then(number).ok_or_else(|| malformed("/proc/loadavg"))?;
        page.single(name, Kind::Gauge, help, load);
    }
    Ok(())
}

pub(crate) fn time(unix_ms: i64, page: &mut Page<'_>) {
    let help = "The machine's clock in seconds since the Unix epoch.";
    page.single("node_time_seconds", Kind::Gauge, help, unix_ms as f64 / 1000.0);
}

pub(crate) fn filefd(roots: &Roots, page: &mut Page<'_>) -> io::Result<()> {
    let text = roots.read_proc("sys/fs/file-nr")?;
    let values: Vec<f64> = text.split_ascii_whitespace().filter_map(number).collect();
    // The middle value has been 0 since Linux 2.6.
    let [allocated, _, maximum] = values[..] else {
        return Err(malformed("/proc/sys/fs/file-nr"));
    };
    let help = "File handles open on the whole machine.";
    page.single("node_filefd_allocated", Kind::Gauge, help, allocated);
    let help = "File handles the whole machine may open.";
    page.single("node_filefd_maximum", Kind::Gauge, help, maximum);
    Ok(())
}

pub(crate) fn entropy(roots: &Roots, page: &mut Page<'_>) -> io::Result<()> {
    let available = roots.read_proc_number("sys/kernel/random/entropy_avail")?;
    let help = "Entropy the kernel's random number generator holds.";
    page.single("node_entropy_available_bits", Kind::Gauge, help, available);
    let size = roots.read_proc_number("sys/kernel/random/poolsize")?;
    let help = "Entropy the kernel's random number generator can hold.";
    page.single("node_entropy_pool_size_bits", Kind::Gauge, help, size);
    Ok(())
}

pub(crate) fn stat(roots: &Roots, page: &mut Page<'_>) -> io::Result<()> {
    let families = [
        ("intr", "node_intr_total", Kind::Counter, "Interrupts served."),
        ("ctxt", "node_context_switches_total", Kind::Counter, "Switches between tasks."),
        ("processes", "node_forks_total", Kind::Counter, "Processes and threads created."),
        ("btime", "node_boot_time_seconds", Kind::Gauge, "When the machine started, Unix time."),
        ("procs_running", "node_procs_running", Kind::Gauge, "Tasks that run or could run."),
        ("procs_blocked", "node_procs_blocked", Kind::Gauge, "Tasks that wait for I/O."),
    ];
    let text = roots.read_proc("stat")?;
    for (key, name, kind, help) in families {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        if let Some(value) = line.and_then(first_number) {
            page.single(name, kind, help, value);
        }
    }
    Ok(())
}
