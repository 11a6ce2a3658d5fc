//! The catalogue: dashboards for what people run beside Orrery, laid out as one folder of files
//! for each folder of dashboards.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// `dashboards/` of the project.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../dashboards"]
struct Dashboards;

/// The four that a Compose file mounts.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../docker/grafana/dashboards"]
struct Mounted;

/// Folder of `dashboards/` with what Orrery says of itself and its provisioning files.
const OWN: &str = "orrery/";

/// Folder of `dashboards/` that is for people to copy, and shown to nobody.
const TEMPLATES: &str = "templates/";

/// What lies in `dashboards/orrery/`, by its path there.
pub(super) struct Own;

impl Own {
    pub(super) fn iter() -> impl Iterator<Item = String> {
        Dashboards::iter().filter_map(|name| Some(name.strip_prefix(OWN)?.to_owned()))
    }

    pub(super) fn get(name: &str) -> Option<rust_embed::EmbeddedFile> {
        Dashboards::get(&format!("{OWN}{name}"))
    }
}

/// Folder of dashboards that are about a cluster.
const KUBERNETES: [&str; 3] =
    ["kubernetes-cluster.json", "node-resources.json", "obi-network.json"];

/// The title of the folder that a file of the project belongs in.
fn folder(name: &str) -> &'static str {
    match name.split_once('/') {
        Some(("autoweave", _)) => "AutoWeave",
        Some(("macula", _)) => "Macula",
        _ if KUBERNETES.contains(&name) => "Kubernetes",
        _ => "Platform",
    }
}

/// Every dashboard: path below the catalogue (`Platform/main-dashboard.json`), and JSON.
pub(super) fn files() -> BTreeMap<String, Cow<'static, [u8]>> {
    let shown = |name: &Cow<'_, str>| !name.starts_with(OWN) && !name.starts_with(TEMPLATES);
    let dashboards = Dashboards::iter().filter(shown).map(|name| (Dashboards::get(&name), name));
    let mounted = Mounted::iter().map(|name| (Mounted::get(&name), name));
    dashboards
        .chain(mounted)
        .filter_map(|(file, name)| {
            let base = name.rsplit('/').next().unwrap_or_default();
            Some((format!("{}/{base}", folder(&name)), file?.data))
        })
        .collect()
}

/// Writes the catalogue into `dir`. What an earlier version left there and this one does not have
/// is removed; equal files are left alone.
pub(super) fn write(dir: &Path) -> io::Result<()> {
    let files = files();
    fs::create_dir_all(dir)?;
    for folder in fs::read_dir(dir)? {
        let folder = folder?.path();
        for file in fs::read_dir(&folder).into_iter().flatten() {
            let path = file?.path();
            let below = path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().into_owned();
            if !files.contains_key(&below) {
                fs::remove_file(&path)?;
            }
        }
    }
    for (name, data) in &files {
        let path = dir.join(name);
        if fs::read(&path).is_ok_and(|present| present == data.as_ref()) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, data)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
