//! The manifest: what is known of each file, by its path from the manifest's folder.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use crate::report::Report;

pub(super) const NAME: &str = "MANIFEST.json";
/// Folders above a file in which its manifest is looked for.
const LEVELS_MAX: usize = 3;

pub(super) struct Manifest;

impl Manifest {
    /// The facts of a file, from the nearest manifest that lists it.
    pub(super) fn facts_of(path: &Path) -> Option<Value> {
        path.ancestors().skip(1).take(LEVELS_MAX).find_map(|folder| {
            let name = path.strip_prefix(folder).ok()?.to_str()?;
            let manifest = read(&folder.join(NAME))?;
            entries(&manifest).find(|facts| facts["file"] == name).cloned()
        })
    }
}

fn read(path: &Path) -> Option<Value> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

fn entries(manifest: &Value) -> impl Iterator<Item = &Value> {
    let lists = [&manifest["dashboards"], &manifest["files"]];
    lists.into_iter().filter_map(Value::as_array).flatten()
}

/// A failure for each file that a manifest lists and that is not there.
pub(super) fn missing_files(path: &Path, report: &mut Report<'_>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let Some(manifest) = read(path) else {
        return report.fail(path, "manifest", "is not JSON");
    };
    for name in entries(&manifest).filter_map(|facts| facts["file"].as_str()) {
        if !folder.join(name).is_file() {
            report.fail(path, name, "is listed, but not there")?;
        }
    }
    Ok(())
}
