//! Has a server write and merge everything it holds, and tells its bytes on disk, index apart.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use anyhow::bail;

use crate::http::{get, post};
use crate::measure::{cpu_seconds, disk_bytes, files, wait_until_quiet};
use crate::server::{Kind, Server};

/// Bytes of a server's files.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Disk {
    pub(crate) bytes: u64,
    /// Of them, what finds series and chunks.
    pub(crate) index_bytes: u64,
}

/// The CPU seconds of writing everything, and what is then on disk: for Prometheus the block of
/// its snapshot API, for VictoriaMetrics a forced flush and merge, for Orrery a clean stop, after
/// which it is started again and its merges awaited.
pub(crate) fn flush(server: &mut Server, limit: Duration) -> anyhow::Result<(f64, Disk)> {
    let before = cpu_seconds(server.pid())?;
    match server.kind {
        Kind::Orrery => {
            let stopped = server.stop()? - before;
            server.start_again()?;
            wait_until_quiet(server.pid(), limit)?;
            let cpu_s = stopped + cpu_seconds(server.pid())?;
            Ok((cpu_s, disk(server.kind, &server.data)))
        }
        Kind::Prometheus => {
            let (status, body) = post(server.port, "/api/v1/admin/tsdb/snapshot")?;
            if status != 200 {
                bail!("snapshot: {status} {}", String::from_utf8_lossy(&body));
            }
            let cpu_s = cpu_seconds(server.pid())? - before;
            Ok((cpu_s, disk(server.kind, &server.data.join("snapshots"))))
        }
        Kind::VictoriaMetrics => {
            for path in ["/internal/force_flush", "/internal/force_merge"] {
                get(server.port, path)?;
                wait_until_quiet(server.pid(), limit)?;
            }
            let cpu_s = cpu_seconds(server.pid())? - before;
            Ok((cpu_s, disk(server.kind, &server.data)))
        }
    }
}

/// What lies below `dir`; copies made for measuring are not counted twice.
pub(crate) fn disk(kind: Kind, dir: &Path) -> Disk {
    let bytes = match kind {
        // Its working files only; what it keeps for its next start is a cache.
        Kind::VictoriaMetrics => disk_bytes(&dir.join("data")) + disk_bytes(&dir.join("indexdb")),
        Kind::Orrery => disk_bytes(&dir.join("metrics")),
        Kind::Prometheus => disk_bytes(dir),
    };
    let index_bytes = files(dir)
        .iter()
        .map(|(path, meta)| match kind {
            Kind::Orrery => part_sections(path).unwrap_or(0),
            Kind::Prometheus if path.file_name().is_some_and(|name| name == "index") => meta.len(),
            Kind::VictoriaMetrics if path.iter().any(|folder| folder == "indexdb") => meta.len(),
            _ => 0,
        })
        .sum();
    Disk { bytes, index_bytes }
}

const FOOTER_BYTES: u64 = 64;
const ENTRY_BYTES: usize = 32;

/// The bytes of a part's sections (`docs/format/part.md`): all but its pages of samples.
fn part_sections(path: &Path) -> Option<u64> {
    if path.extension()? != "part" {
        return None;
    }
    let file = File::open(path).ok()?;
    let size = file.metadata().ok()?.len();
    let footer_at = size.checked_sub(FOOTER_BYTES)?;
    let mut footer = [0; FOOTER_BYTES as usize];
    file.read_exact_at(&mut footer, footer_at).ok()?;
    let number = |bytes: &[u8]| Some(u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?));
    let directory_at = number(&footer)?;
    let mut directory = vec![0; usize::try_from(footer_at.checked_sub(directory_at)?).ok()?];
    file.read_exact_at(&mut directory, directory_at).ok()?;
    directory.chunks_exact(ENTRY_BYTES).map(|entry| number(&entry[16..])).sum()
}
