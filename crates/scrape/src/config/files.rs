//! File names with one `*` in their last part, as rule, scrape and discovery files are named.

use std::path::{Path, PathBuf};

use super::error::ConfigError;

pub(super) fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|e| ConfigError {
        file: Some(path.to_owned()),
        line: None,
        message: format!("cannot read file: {e}"),
    })
}

/// At most one `*`, and no `/` behind it.
pub(super) fn is_pattern(text: &str) -> bool {
    text.split_once('*').is_none_or(|(_, tail)| !tail.contains(['*', '/']))
}

/// Existing files that the pattern names, sorted. A pattern without `*` names one file.
pub(crate) fn matching_files(pattern: &str) -> Vec<PathBuf> {
    let path = Path::new(pattern);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some((prefix, suffix)) = name.split_once('*') else {
        return if path.exists() { vec![path.to_owned()] } else { Vec::new() };
    };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let fits = |name: &str| {
        name.len() >= prefix.len() + suffix.len()
            && name.starts_with(prefix)
            && name.ends_with(suffix)
    };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(fits))
        .map(|entry| path.with_file_name(entry.file_name()))
        .collect();
    found.sort();
    found
}
