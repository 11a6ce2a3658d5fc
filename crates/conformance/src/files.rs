//! Finds the files of a suite: those named, and those with its extensions in folders named.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The files at `paths` in a stable order; folders are searched to any depth, their other files
/// left aside. Errors: a path that does not exist or cannot be read.
pub fn collect(paths: &[PathBuf], extensions: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).with_context(|| path.display().to_string())?;
        if metadata.is_dir() {
            collect_folder(path, extensions, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

fn collect_folder(
    folder: &Path,
    extensions: &[&str],
    found: &mut Vec<PathBuf>,
) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect_folder(&path, extensions, found)?;
        } else if path.extension().is_some_and(|ext| extensions.iter().any(|known| ext == *known)) {
            found.push(path);
        }
    }
    Ok(())
}
