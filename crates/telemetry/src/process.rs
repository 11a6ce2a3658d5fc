//! The standard `process_*` metrics of this process, read from `/proc/self`, and the build info.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Registry;
use crate::instrument::AtomicF64;

/// Entry types of the auxiliary vector the kernel gives every process (`getauxval(3)`).
const AT_PAGESZ: u64 = 6;
const AT_CLKTCK: u64 = 17;

/// Announces which build is running: a gauge that is always 1.
pub fn register_build_info(registry: &Registry, version: &str, commit: &str) {
    let labels = [("version", version), ("commit", commit)];
    registry.gauge("orrery_build_info", "The running build; always 1.", &labels).set(1.0);
}

/// What one look at `/proc/self` says. `None` is what this kernel or sandbox does not show.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Usage {
    cpu_seconds: Option<f64>,
    start_time_seconds: Option<f64>,
    virtual_bytes: Option<f64>,
    resident_bytes: Option<f64>,
    open_fds: Option<f64>,
    max_fds: Option<f64>,
}

/// Registers CPU time, memory, open files and start time of this process under the names all
/// Prometheus client libraries use. `proc` is where procfs is mounted, usually `/proc`.
/// Cost: five small reads a page, about 50 µs. Values this machine does not show are left out.
pub fn register_process_metrics(registry: &Registry, proc: &Path) {
    type Pick = fn(&Usage) -> Option<f64>;
    let gauges: [(&str, &str, Pick); 5] = [
        (
            "process_start_time_seconds",
            "Start time of the process since the Unix epoch in seconds.",
            |u| u.start_time_seconds,
        ),
        ("process_virtual_memory_bytes", "Size of the address space in bytes.", |u| {
            u.virtual_bytes
        }),
        ("process_resident_memory_bytes", "Memory held in RAM in bytes.", |u| u.resident_bytes),
        ("process_open_fds", "File descriptors in use.", |u| u.open_fds),
        ("process_max_fds", "File descriptors the process may open.", |u| u.max_fds),
    ];
    let proc: PathBuf = proc.to_owned();
    let now = read_usage(&proc);
    let mut cells: Vec<(Pick, Arc<AtomicF64>)> = Vec::new();
    if now.cpu_seconds.is_some() {
        let cell = Arc::new(AtomicF64::default());
        cells.push((|u| u.cpu_seconds, Arc::clone(&cell)));
        registry.counter_fn(
            "process_cpu_seconds_total",
            "CPU time spent in user and kernel mode in seconds.",
            &[],
            move || cell.load(),
        );
    }
    for (name, help, pick) in gauges {
        if pick(&now).is_some() {
            cells.push((pick, registry.gauge(name, help, &[]).0));
        }
    }
    registry.before_render(move || {
        let now = read_usage(&proc);
        for (pick, cell) in &cells {
            // A value that cannot be read any more keeps its last reading.
            if let Some(value) = pick(&now) {
                cell.store(value);
            }
        }
    });
}

fn read_usage(proc: &Path) -> Usage {
    let own = proc.join("self");
    let auxv = fs::read(own.join("auxv")).unwrap_or_default();
    let ticks = auxv_entry(&auxv, AT_CLKTCK).unwrap_or(100) as f64;
    let page = auxv_entry(&auxv, AT_PAGESZ).unwrap_or(4096) as f64;
    let stat = fs::read_to_string(own.join("stat")).unwrap_or_default();
    // The command name stands in parentheses and may itself contain anything, so fields are
    // counted from the last closing one: what follows is field 3 of proc_pid_stat(5).
    let fields: Vec<&str> =
        stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<f64>().ok();
    let boot = fs::read_to_string(proc.join("stat")).unwrap_or_default();
    let boot = boot.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok());
    let limits = fs::read_to_string(own.join("limits")).unwrap_or_default();
    let soft = limits.lines().find_map(|line| {
        line.strip_prefix("Max open files")?.split_ascii_whitespace().next().map(str::to_owned)
    });
    // The listing itself holds one descriptor open.
    let open = fs::read_dir(own.join("fd")).map(|dir| dir.count().saturating_sub(1) as f64);
    Usage {
        cpu_seconds: field(14).zip(field(15)).map(|(user, system)| (user + system) / ticks),
        start_time_seconds: field(22)
            .zip(boot)
            .map(|(since, boot): (f64, f64)| boot + since / ticks),
        virtual_bytes: field(23),
        resident_bytes: field(24).map(|pages| pages * page),
        open_fds: open.ok(),
        max_fds: soft.and_then(|soft| match soft.as_str() {
            "unlimited" => Some(f64::INFINITY),
            digits => digits.parse().ok(),
        }),
    }
}

/// The value of one entry; the vector is pairs of native words.
fn auxv_entry(auxv: &[u8], wanted: u64) -> Option<u64> {
    const WORD: usize = size_of::<usize>();
    let word = |bytes: &[u8]| bytes.try_into().map(usize::from_ne_bytes).ok();
    auxv.chunks_exact(2 * WORD).find_map(|pair| {
        let (key, value) = pair.split_at(WORD);
        (word(key)? as u64 == wanted).then(|| word(value))?.map(|value| value as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_fields_behind_a_command_name_with_parentheses() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let own = root.path().join("self");
        fs::create_dir_all(own.join("fd")).expect("the fake process");
        let write = |name: &str, text: &[u8]| {
            fs::write(root.path().join(name), text).expect("a fixture file");
        };
        write(
            "self/stat",
            b"7 (a) b (c) S 1 7 7 0 -1 0 0 0 0 0 150 50 0 0 20 0 4 0 1000 8192000 25 0\n",
        );
        write("stat", b"cpu 1 2 3\nbtime 1700000000\n");
        write(
            "self/limits",
            b"Limit  Soft Limit  Hard Limit  Units\nMax open files   1024   4096   files\n",
        );
        let auxv: Vec<u8> = [AT_PAGESZ, 16384, AT_CLKTCK, 50]
            .into_iter()
            .flat_map(|word| (word as usize).to_ne_bytes())
            .collect();
        write("self/auxv", &auxv);
        for name in ["self/fd/0", "self/fd/1", "self/fd/2"] {
            write(name, b"");
        }
        let want = Usage {
            cpu_seconds: Some(4.0),
            start_time_seconds: Some(1_700_000_020.0),
            virtual_bytes: Some(8_192_000.0),
            resident_bytes: Some(409_600.0),
            open_fds: Some(2.0),
            max_fds: Some(1024.0),
        };
        assert_eq!(read_usage(root.path()), want);
    }

    #[test]
    fn a_missing_procfs_leaves_the_metrics_out() {
        let root = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(read_usage(root.path()), Usage::default());
        let registry = Registry::new();
        register_process_metrics(&registry, root.path());
        let mut page = String::new();
        registry.render(&mut page, crate::Format::Text004);
        assert!(!page.contains("process_"), "{page}");
    }

    #[test]
    fn this_process_has_used_memory() {
        let registry = Registry::new();
        register_process_metrics(&registry, Path::new("/proc"));
        let mut page = String::new();
        registry.render(&mut page, crate::Format::Text004);
        for name in ["cpu_seconds_total", "resident_memory_bytes", "open_fds", "max_fds"] {
            assert!(page.contains(&format!("\nprocess_{name} ")), "{name} missing in\n{page}");
        }
        let usage = read_usage(Path::new("/proc"));
        assert!(usage.resident_bytes > Some(65_536.0), "{usage:?}");
        assert!(usage.start_time_seconds > Some(1.5e9), "{usage:?}");
    }
}
