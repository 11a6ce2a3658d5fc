//! What a process used, read from `/proc`, and what it left on the disk.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// `/proc` counts processor time in hundredths of a second on every Linux we know.
const TICKS_PER_SECOND: f64 = 100.0;

/// User and system time of the process so far, in seconds, ended threads included. Of a process
/// that has ended and was not yet waited for, all it used.
pub(crate) fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let field = |n: usize| stat_fields(&stat).nth(n).and_then(|t| t.parse::<f64>().ok());
    Ok((field(11).unwrap_or(0.0) + field(12).unwrap_or(0.0)) / TICKS_PER_SECOND)
}

/// The command name may hold spaces; fields are counted from behind its closing parenthesis.
fn stat_fields(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace()
}

/// Has the process ended, waiting only for its parent to ask?
pub(crate) fn has_ended(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    matches!(stat_fields(&stat).next(), None | Some("Z" | "X"))
}

/// Processor time of the threads alive, in milliseconds, to the nanosecond: for single queries.
pub(crate) fn threads_cpu_ms(pid: u32) -> anyhow::Result<f64> {
    let mut nanoseconds = 0u64;
    for task in fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
        // A thread may end between the listing and the reading.
        let stat = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        let first = stat.split_whitespace().next();
        nanoseconds += first.and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(nanoseconds as f64 / 1e6)
}

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) resident: u64,
    /// Without mapped files.
    pub(crate) anonymous: u64,
}

pub(crate) fn memory(pid: u32) -> Memory {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = |name: &str| {
        let value = status.lines().find_map(|line| line.strip_prefix(name))?;
        value.split_whitespace().next()?.parse::<u64>().ok()
    };
    let bytes = |name| line(name).unwrap_or(0) * 1024;
    Memory { resident: bytes("VmRSS:"), anonymous: bytes("RssAnon:") }
}

/// Runs `work` and returns its result with the largest memory seen meanwhile.
pub(crate) fn with_peak<T>(pid: u32, work: impl FnOnce() -> T) -> (T, Memory) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut peak = Memory::default();
            while !done.load(Ordering::Relaxed) {
                let now = memory(pid);
                peak.resident = peak.resident.max(now.resident);
                peak.anonymous = peak.anonymous.max(now.anonymous);
                std::thread::sleep(Duration::from_millis(20));
            }
            peak
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        (result, watcher.join().unwrap_or_default())
    })
}

/// Waits until the process uses less than a twentieth of a core for twelve seconds, which is
/// longer than any server keeps samples before it begins to write them; at most `limit`. True if
/// it came to rest.
pub(crate) fn wait_until_quiet(pid: u32, limit: Duration) -> anyhow::Result<bool> {
    const WINDOW: Duration = Duration::from_secs(3);
    const WINDOWS: u32 = 4;
    let started = Instant::now();
    let mut quiet = 0;
    while started.elapsed() < limit {
        let before = cpu_seconds(pid)?;
        std::thread::sleep(WINDOW);
        quiet =
            if cpu_seconds(pid)? - before < WINDOW.as_secs_f64() / 20.0 { quiet + 1 } else { 0 };
        if quiet == WINDOWS {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Bytes of all files below the directory, as the disk counts them.
pub(crate) fn disk_bytes(dir: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    files(dir).iter().map(|(_, meta)| meta.blocks() * 512).sum()
}

/// Every file below the directory.
pub(crate) fn files(dir: &Path) -> Vec<(std::path::PathBuf, fs::Metadata)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let Ok(meta) = entry.metadata() else { continue };
        if meta.is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push((entry.path(), meta));
        }
    }
    found
}

/// Asks the kernel to forget the pages of files it has in memory; false where it may not.
pub(crate) fn drop_page_cache() -> bool {
    fs::write("/proc/sys/vm/drop_caches", "1").is_ok()
}
