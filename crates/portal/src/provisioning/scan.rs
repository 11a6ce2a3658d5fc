//! Looks at dashboard files: which there are, and which have changed.
//! Blocking; the worker calls it off the async threads.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::providers::Provider;
use crate::dashboard::DASHBOARD_BYTES_MAX;

/// Depth and number of files a provider's folder may have: a link to `/` must not be walked.
const DEPTH_MAX: usize = 16;
const FILES_MAX: usize = 10_000;

/// When and how long a file was when last looked at.
pub(super) type Stamp = (Option<SystemTime>, u64);

/// A dashboard file. `text` is there when the file has changed since the last look.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) stamp: Stamp,
    /// The folders that the file lies in, below the provider's own, outermost first.
    pub(super) folders: Vec<String>,
    pub(super) text: Option<io::Result<String>>,
}

/// The dashboards of a provider; an error when its path cannot be read at all, which must not be
/// mistaken for an emptied folder.
pub(super) fn dashboards(
    provider: &Provider,
    known: &HashMap<PathBuf, Stamp>,
) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    let root = fs::metadata(&provider.path)?;
    if root.is_file() {
        found.push(look(provider.path.clone(), &root, known, Vec::new()));
    } else {
        walk(&provider.path, known, &mut Vec::new(), &mut found)?;
    }
    found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn walk(
    dir: &Path,
    known: &HashMap<PathBuf, Stamp>,
    folders: &mut Vec<String>,
    found: &mut Vec<Found>,
) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        // Follows links: Kubernetes mounts config maps as such.
        let Ok(metadata) = fs::metadata(&path) else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if metadata.is_dir() && !name.starts_with('.') && folders.len() < DEPTH_MAX {
            folders.push(name);
            walk(&path, known, folders, found)?;
            folders.pop();
        } else if metadata.is_file()
            && path.extension().is_some_and(|e| e == "json")
            && found.len() < FILES_MAX
        {
            found.push(look(path, &metadata, known, folders.clone()));
        }
    }
    Ok(())
}

fn look(
    path: PathBuf,
    metadata: &fs::Metadata,
    known: &HashMap<PathBuf, Stamp>,
    folders: Vec<String>,
) -> Found {
    let stamp = (metadata.modified().ok(), metadata.len());
    let changed = known.get(&path) != Some(&stamp);
    let text = changed.then(|| read(&path, metadata.len()));
    Found { path, stamp, folders, text }
}

/// The whole file, unless it is too long for a dashboard: it need not be in memory to be refused.
fn read(path: &Path, size: u64) -> io::Result<String> {
    if size > DASHBOARD_BYTES_MAX as u64 {
        let reason = format!("dashboard is {size} bytes long, the limit is {DASHBOARD_BYTES_MAX}");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    fs::read_to_string(path)
}
