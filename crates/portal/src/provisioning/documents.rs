//! What lies in the provisioning folders, as documents with their kind: files as they are, and
//! the entries of Kubernetes manifests, each a file of its own. Blocking.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::config_map::unwrap_config_maps;

/// Folders below a provisioning folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    DataSources,
    Dashboards,
    Plugins,
    Alerting,
    Access,
}

impl Kind {
    const ALL: [Self; 5] =
        [Self::DataSources, Self::Dashboards, Self::Plugins, Self::Alerting, Self::Access];

    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::DataSources => "data source",
            Self::Dashboards => "dashboard provider",
            Self::Plugins => "plugin",
            Self::Alerting => "alerting",
            Self::Access => "access control",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::DataSources => "datasources",
            Self::Dashboards => "dashboards",
            Self::Plugins => "plugins",
            Self::Alerting => "alerting",
            Self::Access => "access-control",
        }
    }
}

/// A provisioning file.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) kind: Kind,
    /// Path, or `path#entry` inside a manifest.
    pub(super) origin: String,
    /// The directory that relative paths are meant from.
    pub(super) beside: PathBuf,
    /// The manifest it is an entry of; empty for a file.
    pub(super) manifest: String,
    /// It comes with the binary.
    pub(super) bundled: bool,
    pub(super) text: Result<String, String>,
}

/// A dashboard inside a manifest.
#[derive(Clone, Debug)]
pub(super) struct ManifestBoard {
    pub(super) manifest: String,
    /// `path#entry`
    pub(super) origin: String,
    pub(super) text: String,
}

#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) documents: Vec<Document>,
    pub(super) boards: Vec<ManifestBoard>,
}

impl Documents {
    /// Everything below these folders, in their order and by file name.
    pub(super) fn read(roots: &[PathBuf], bundled: Option<&Path>) -> Self {
        let mut found = Self::default();
        let bundled_root = bundled.into_iter().map(|root| (root, true));
        for (root, bundled) in bundled_root.chain(roots.iter().map(|root| (root.as_path(), false)))
        {
            for kind in Kind::ALL {
                found.folder(root, kind, bundled);
            }
        }
        found
    }

    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = &Document> {
        self.documents.iter().filter(move |document| document.kind == kind)
    }

    fn folder(&mut self, root: &Path, kind: Kind, bundled: bool) {
        let dir = root.join(kind.folder());
        let Ok(entries) = fs::read_dir(&dir) else { return };
        let is_ours = |path: &PathBuf| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            matches!(extension, Some("yaml" | "yml"))
                || (kind == Kind::Alerting && extension == Some("json"))
        };
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(is_ours)
            // Reading a pipe would wait for ever; a link to nothing stays and is complained about.
            .filter(|path| fs::metadata(path).map_or(true, |metadata| metadata.is_file()))
            .collect();
        paths.sort_unstable();
        for path in paths {
            let text = fs::read_to_string(&path).map_err(|error| error.to_string());
            self.file(&path, kind, bundled, text);
        }
    }

    fn file(&mut self, path: &Path, kind: Kind, bundled: bool, text: Result<String, String>) {
        let origin = path.display().to_string();
        let beside = path.parent().unwrap_or(Path::new("")).to_owned();
        let document = |kind, origin, manifest, text| Document {
            kind,
            origin,
            beside: beside.clone(),
            manifest,
            bundled,
            text,
        };
        let unwrapped = match &text {
            Ok(text) => unwrap_config_maps(text).map_err(|error| error.to_string()),
            Err(error) => Err(error.clone()),
        };
        let entries = match unwrapped {
            Ok(None) => {
                self.documents.push(document(kind, origin, String::new(), text));
                return;
            }
            Ok(Some(entries)) => entries,
            Err(error) => {
                self.documents.push(document(kind, origin, String::new(), Err(error)));
                return;
            }
        };
        for (name, text) in entries {
            let inside = format!("{origin}#{name}");
            match inner(&name, text, kind) {
                Inner::Nothing => {}
                Inner::Board(text) => {
                    let manifest = origin.clone();
                    self.boards.push(ManifestBoard { manifest, origin: inside, text });
                }
                Inner::Document(kind, text) => {
                    self.documents.push(document(kind, inside, origin.clone(), Ok(text)));
                }
            }
        }
    }
}

enum Inner {
    /// Of another program.
    Nothing,
    Board(String),
    Document(Kind, String),
}

/// What an entry of a manifest is: its keys tell, for the folder may be another's. A dashboard is
/// passed on unread, so that a broken one is named by whoever reads dashboards.
fn inner(name: &str, text: String, folder: Kind) -> Inner {
    let is_json = text.trim_start().starts_with('{');
    let tree: Option<Value> =
        if is_json { serde_json::from_str(&text).ok() } else { serde_saphyr::from_str(&text).ok() };
    let has = |keys: &[&str]| {
        tree.as_ref().is_some_and(|tree| keys.iter().any(|key| tree.get(key).is_some()))
    };
    if has(&["datasources", "deleteDatasources", "delete_datasources"]) {
        return Inner::Document(Kind::DataSources, text);
    }
    if is_json {
        // One data source without the list around it.
        if has(&["type"]) && has(&["url", "access"]) && !has(&["panels", "title"]) {
            return Inner::Document(Kind::DataSources, format!("{{\"datasources\":[{text}]}}"));
        }
        return Inner::Board(text);
    }
    if has(&["providers"]) || tree.as_ref().is_some_and(Value::is_array) {
        return Inner::Document(Kind::Dashboards, text);
    }
    if has(&["apps"]) {
        return Inner::Document(Kind::Plugins, text);
    }
    if has(&["groups", "contactPoints", "policies", "muteTimes", "templates"]) {
        return Inner::Document(Kind::Alerting, text);
    }
    if has(&["teams", "roles"]) {
        return Inner::Document(Kind::Access, text);
    }
    let path = Path::new(name);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("yaml" | "yml") => Inner::Document(folder, text),
        Some("json") => Inner::Board(text),
        _ => Inner::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::{Inner, Kind, inner};

    #[test]
    fn entries_of_manifests_are_told_apart_by_their_keys() {
        for (name, text, want) in [
            ("d.yaml", "datasources: []", Some(Kind::DataSources)),
            ("d.json", r#"{"apiVersion":1,"datasources":[]}"#, Some(Kind::DataSources)),
            ("one.json", r#"{"name":"P","type":"prometheus","url":"x"}"#, Some(Kind::DataSources)),
            ("p.yaml", "providers: []", Some(Kind::Dashboards)),
            ("p.yaml", "- {name: old}", Some(Kind::Dashboards)),
            ("a.yaml", "apps: []", Some(Kind::Plugins)),
            ("r.yaml", "groups: []", Some(Kind::Alerting)),
            ("t.yaml", "teams: []", Some(Kind::Access)),
            ("broken.yaml", "datasources: [", Some(Kind::Plugins)),
        ] {
            let Inner::Document(kind, _) = inner(name, text.to_owned(), Kind::Plugins) else {
                panic!("{name} is no document");
            };
            assert_eq!(Some(kind), want, "{name}: {text}");
        }
        for (name, text) in [("b.json", r#"{"title":"B"}"#), ("b.json", "{ broken")] {
            assert!(matches!(inner(name, text.to_owned(), Kind::Access), Inner::Board(_)));
        }
        assert!(matches!(inner("run.sh", "exec x".to_owned(), Kind::Access), Inner::Nothing));
    }
}
