//! Memory: every line of `/proc/meminfo`, and the paging counters of `/proc/vmstat`.

use std::io;

use crate::page::{Kind, Page};
use crate::source::{Roots, malformed, number};

pub(crate) fn meminfo(roots: &Roots, page: &mut Page<'_>) -> io::Result<()> {
    let text = roots.read_proc("meminfo")?;
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        let (Some(key), Some(value)) = (words.next(), words.next().and_then(number)) else {
            return Err(malformed("/proc/meminfo"));
        };
        let key = key.trim_end_matches(':');
        // `Active(anon)` is named Active_anon.
        let field = key.replace('(', "_").replace(')', "");
        let (suffix, bytes) = match words.next() {
            Some("kB") => ("_bytes", value * 1024.0),
            _ => ("", value),
        };
        let name = format!("node_memory_{field}{suffix}");
        page.single(&name, Kind::Gauge, &format!("{key} of /proc/meminfo."), bytes);
    }
    Ok(())
}

pub(crate) fn vmstat(roots: &Roots, page: &mut Page<'_>) -> io::Result<()> {
    let text = roots.read_proc("vmstat")?;
    for line in text.lines() {
        let (key, value) = line.split_once(' ').ok_or_else(|| malformed("/proc/vmstat"))?;
        if !is_vmstat_wanted(key) {
            continue;
        }
        let value = number(value).ok_or_else(|| malformed("/proc/vmstat"))?;
        let help = format!("{key} of /proc/vmstat.");
        page.single(&format!("node_vmstat_{key}"), Kind::Untyped, &help, value);
    }
    Ok(())
}

/// The default choice of `node_exporter`: out-of-memory kills, paging, swapping and faults.
fn is_vmstat_wanted(key: &str) -> bool {
    ["oom_kill", "pgpg", "pswp"].iter().any(|prefix| key.starts_with(prefix))
        || key.strip_prefix("pg").is_some_and(|rest| rest.contains("fault"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paging_and_faults_are_wanted() {
        for key in ["oom_kill", "pgpgin", "pswpout", "pgfault", "pgmajfault"] {
            assert!(is_vmstat_wanted(key), "{key}");
        }
        for key in ["nr_free_pages", "pgalloc_dma", "numa_hit", "thp_fault_alloc", "pg"] {
            assert!(!is_vmstat_wanted(key), "{key}");
        }
    }
}
