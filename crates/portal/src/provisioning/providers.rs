//! Grafana's dashboard providers: which folder of files becomes which folder of dashboards.

use std::path::{Path, PathBuf};

use super::yaml::{Environment, Fields, YamlError, parse};
use crate::tables::MAIN_ORG_ID;

/// Grafana's default for `updateIntervalSeconds`.
const UPDATE_INTERVAL_SECONDS: u64 = 10;

/// The provider of dashboards that lie in a manifest without a provider of their own.
pub(super) const MANIFEST_PROVIDER: &str = "config maps";

/// One entry of a provider file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "flags of the file, and where it came from")]
pub struct Provider {
    pub name: String,
    /// The organisation whose dashboards they are.
    pub org: i64,
    /// Title of the folder; empty = "General".
    pub folder: String,
    pub folder_uid: String,
    pub delete_with_file: bool,
    pub allow_ui_updates: bool,
    pub update_interval_seconds: u64,
    /// A directory, searched with all below it, or one file; empty for dashboards that lie in
    /// manifests alone.
    pub path: PathBuf,
    pub folders_from_files: bool,
    /// The manifest that this provider and its dashboards lie in; empty for a file.
    pub manifest: String,
    /// It came with the binary: a dashboard of another provider with the same uid takes the place
    /// of its own.
    pub bundled: bool,
}

impl Provider {
    /// The one for dashboards of a manifest that names none.
    pub(super) fn of_manifests() -> Self {
        Self {
            name: MANIFEST_PROVIDER.to_owned(),
            org: MAIN_ORG_ID,
            folder: String::new(),
            folder_uid: String::new(),
            delete_with_file: true,
            allow_ui_updates: true,
            update_interval_seconds: UPDATE_INTERVAL_SECONDS,
            path: PathBuf::new(),
            folders_from_files: false,
            manifest: String::new(),
            bundled: false,
        }
    }
}

/// Reads a provider file; each entry that cannot be used is an error of its own.
/// `beside` is the file's directory: a relative `path` that exists there is meant from there.
pub(super) fn read(
    text: &str,
    environment: &Environment,
    beside: &Path,
) -> Result<Vec<Result<Provider, YamlError>>, YamlError> {
    let tree = parse(text, environment)?;
    // Version 0 of the format was a bare list.
    let entries: Vec<Fields<'_>> = match tree.as_array() {
        Some(list) => list.iter().filter_map(Fields::of).collect(),
        None => Fields::of(&tree).into_iter().flat_map(|f| f.list(&["providers"])).collect(),
    };
    Ok(entries.into_iter().map(|entry| provider(entry, beside)).collect())
}

fn provider(entry: Fields<'_>, beside: &Path) -> Result<Provider, YamlError> {
    let options = entry.value(&["options"]).and_then(Fields::of);
    let missing = || YamlError::Missing("options.path".to_owned());
    let options = options.ok_or_else(missing)?;
    let path = options.text(&["path", "folder"]);
    if path.is_empty() {
        return Err(missing());
    }
    let nearby = beside.join(&path);
    let kind = entry.text(&["type"]);
    if !kind.is_empty() && kind != "file" {
        return Err(YamlError::Missing("type: file".to_owned()));
    }
    let interval = entry.seconds(&["updateIntervalSeconds"]).filter(|seconds| *seconds > 0);
    Ok(Provider {
        name: entry.required(&["name"])?,
        org: entry.org(),
        folder: entry.text(&["folder"]),
        folder_uid: entry.text(&["folderUid"]),
        delete_with_file: !entry.flag(&["disableDeletion"]),
        allow_ui_updates: entry.flag(&["allowUiUpdates", "editable"]),
        update_interval_seconds: interval.unwrap_or(UPDATE_INTERVAL_SECONDS),
        path: if nearby.exists() { nearby } else { PathBuf::from(path) },
        folders_from_files: options.flag(&["foldersFromFilesStructure"]),
        manifest: String::new(),
        bundled: false,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Environment, read};

    #[test]
    fn an_entry_is_read_with_its_defaults() {
        let text = "apiVersion: 1\nproviders:\n- name: P\n  folder: ''\n  disableDeletion: true\n  updateIntervalSeconds: 0\n  options:\n    path: $DIR/x\n- name: Q\n- options: {path: y}\n- name: R\n  type: s3\n  options: {path: y}\n";
        let environment = Environment::from([("DIR".to_owned(), "/nowhere".to_owned())]);
        let entries = read(text, &environment, Path::new("/")).unwrap();
        let first = entries[0].as_ref().unwrap();
        assert_eq!(first.path, Path::new("/nowhere/x"));
        assert!(!first.delete_with_file && !first.allow_ui_updates);
        assert_eq!(first.update_interval_seconds, 10);
        let errors: Vec<_> =
            entries[1..].iter().map(|e| e.as_ref().unwrap_err().to_string()).collect();
        assert_eq!(
            errors,
            [
                "options.path is missing or not a string",
                "name is missing or not a string",
                "type: file is missing or not a string"
            ]
        );
        assert!(read("", &environment, Path::new("/")).unwrap().is_empty());
    }
}
