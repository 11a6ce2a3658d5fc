//! The dashboards that come with the binary, laid out as files for the ordinary provisioner.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// `dashboards/orrery/` of the project: JSON files, and `provisioning/` with the provider file
/// that names them.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../dashboards/orrery"]
struct Bundled;

/// Writes the bundled files below `root` and returns the provisioning folder to read. Files of an
/// earlier version that this binary no longer has are removed; equal ones are left alone.
pub fn write_bundled(root: &Path) -> io::Result<PathBuf> {
    let dir = root.join("dashboards");
    fs::create_dir_all(&dir)?;
    for entry in fs::read_dir(&dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_file() && Bundled::get(&name).is_none() {
            fs::remove_file(&path)?;
        }
    }
    for name in Bundled::iter() {
        let Some(file) = Bundled::get(&name) else { continue };
        let path = dir.join(name.as_ref());
        if fs::read(&path).is_ok_and(|present| present == file.data.as_ref()) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, file.data.as_ref())?;
    }
    Ok(dir.join("provisioning"))
}
