//! The dashboards that come with the binary, laid out as files for the ordinary provisioner.
//!
//! Below the root that is written: `dashboards/`, which is `dashboards/orrery/` of the project, and
//! `catalogue/`, which a provider file of the former names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::catalogue::{self, Own};

/// Writes the bundled files below `root` and returns the provisioning folder to read. Files of an
/// earlier version that this binary no longer has are removed; equal ones are left alone.
/// `addresses` are pairs of an address in the data source files and the one to write instead.
pub fn write_bundled(root: &Path, addresses: &[(&str, String)]) -> io::Result<PathBuf> {
    let dir = root.join("dashboards");
    fs::create_dir_all(&dir)?;
    remove_stale(&dir, Path::new(""))?;
    for name in Own::iter() {
        let Some(file) = Own::get(&name) else { continue };
        let mut content = file.data.into_owned();
        if name.starts_with("provisioning/datasources/") {
            let mut text = String::from_utf8_lossy(&content).into_owned();
            for (from, to) in addresses {
                text = text.replace(from, to);
            }
            content = text.into_bytes();
        }
        let path = dir.join(&name);
        if fs::read(&path).is_ok_and(|present| present == content) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, content)?;
    }
    catalogue::write(&root.join("catalogue"))?;
    Ok(dir.join("provisioning"))
}

fn remove_stale(dir: &Path, below: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = below.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            remove_stale(&path, &name)?;
        } else if Own::get(&name.to_string_lossy()).is_none() {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
