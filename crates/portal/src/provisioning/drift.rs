//! A provisioned dashboard that was edited here: how it differs from its file, and the two ways
//! out: the edit goes into the file, or the file's content is taken again. Neither loses anything:
//! both stay among the versions.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::published::Providers;
use super::worker::digest;
use crate::dashboard::{DASHBOARD_BYTES_MAX, Envelope, EnvelopeError, slug};
use crate::tables::{DashboardRow, NewDashboard, Saved, TableError, Tables};

/// Differences that are told; a dashboard that was written anew has no use for more.
const DIFFERENCES_MAX: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum DriftError {
    /// Answer 400.
    #[error("the dashboard does not come from a file")]
    NotProvisioned,
    /// Answer 400: there is no file that could be written.
    #[error("the dashboard lies in a config map, which is changed where it was made")]
    InManifest,
    /// Answer 403.
    #[error("the provider {0:?} does not allow edits here (allowUiUpdates)")]
    Forbidden(String),
    /// Answer 403: the file is not where the provider looks.
    #[error("{0} is not inside the folder of its provider")]
    Outside(PathBuf),
    /// Answer 409: reload first.
    #[error("the file or the dashboard was changed meanwhile")]
    Changed,
    #[error("cannot use {path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("the file holds no dashboard: {0}")]
    Content(#[from] EnvelopeError),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("the worker ended early")]
    Worker,
}

/// A dashboard beside its file.
#[derive(Debug)]
pub struct Drift {
    /// What the file holds now.
    pub file: Value,
    /// What is kept here.
    pub stored: Value,
    pub differences: Vec<Difference>,
}

/// One place where they differ; a side that lacks it is null.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// A JSON pointer.
    pub path: String,
    pub file: Value,
    pub stored: Value,
}

impl Providers {
    /// How a dashboard differs from its file.
    pub async fn drift(&self, row: &DashboardRow) -> Result<Drift, DriftError> {
        let text = self.file_text(row).await?;
        let parse = |text: &str| -> Result<Value, DriftError> {
            let envelope = Envelope::open(text)?;
            Ok(serde_json::from_str(envelope.body).map_err(EnvelopeError::from)?)
        };
        let (file, stored) = (parse(&text)?, parse(&row.received)?);
        let mut differences = Vec::new();
        compare(&mut String::new(), &file, &stored, &mut differences);
        Ok(Drift { file, stored, differences })
    }

    /// Writes the dashboard into its file, in one step, and clears the drift.
    /// Errors: [`DriftError::Changed`] when somebody saved meanwhile.
    pub async fn write_back(
        &self,
        tables: &Tables,
        org: i64,
        row: &DashboardRow,
    ) -> Result<(), DriftError> {
        let path = self.file_of(row)?;
        // The dashboard alone: an envelope of the API has no place in a file.
        let text = Envelope::open(&row.received)?.body.to_owned();
        let checksum = digest(&text);
        // First the table: the provisioner must find the file that it knows already.
        if !tables.settle_dashboard(org, &row.uid, row.version, &checksum).await? {
            return Err(DriftError::Changed);
        }
        let to = path.clone();
        let written = tokio::task::spawn_blocking(move || replace(&to, &text)).await;
        let written = written.map_err(|_| DriftError::Worker)?;
        if let Err(source) = written {
            tables.unsettle_dashboard(org, &row.uid, &row.checksum).await?;
            return Err(DriftError::File { path, source });
        }
        Ok(())
    }

    /// Takes the file's content again, as the next version.
    pub async fn discard(
        &self,
        tables: &Tables,
        org: i64,
        row: &DashboardRow,
        author: i64,
        now_ms: i64,
    ) -> Result<Saved, DriftError> {
        let text = self.file_text(row).await?;
        let envelope = Envelope::open(&text)?;
        let message =
            format!("The file's content again; the edit is kept as version {}", row.version);
        let new = NewDashboard {
            uid: &row.uid,
            folder_uid: &row.folder_uid,
            title: &envelope.title,
            slug: &slug(&envelope.title),
            tags: &envelope.tags,
            received: &text,
            checksum: &digest(&text),
            provisioned_by: &row.provisioned_by,
            provisioned_from: &row.provisioned_from,
            message: &message,
            author,
            seen_version: Some(row.version),
            ..NewDashboard::default()
        };
        match tables.save_dashboard(org, &new, now_ms).await {
            Err(TableError::VersionMismatch) => Err(DriftError::Changed),
            saved => Ok(saved?),
        }
    }

    async fn file_text(&self, row: &DashboardRow) -> Result<String, DriftError> {
        let path = self.file_of(row)?;
        let from = path.clone();
        let read = tokio::task::spawn_blocking(move || {
            let size = fs::metadata(&from)?.len();
            if size > DASHBOARD_BYTES_MAX as u64 {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            fs::read_to_string(&from)
        });
        let read = read.await.map_err(|_| DriftError::Worker)?;
        read.map_err(|source| DriftError::File { path, source })
    }

    /// The file behind a dashboard, when its provider lets people edit and the file lies where the
    /// provider looks, links followed.
    fn file_of(&self, row: &DashboardRow) -> Result<PathBuf, DriftError> {
        if row.provisioned_by.is_empty() {
            return Err(DriftError::NotProvisioned);
        }
        let provider = self.provider(&row.provisioned_by).ok_or(DriftError::NotProvisioned)?;
        if !provider.allow_ui_updates {
            return Err(DriftError::Forbidden(provider.name));
        }
        let path = PathBuf::from(&row.provisioned_from);
        if !path.exists() && row.provisioned_from.contains('#') {
            return Err(DriftError::InManifest);
        }
        let real = |path: &Path| {
            let source = |source| DriftError::File { path: path.to_owned(), source };
            fs::canonicalize(path).map_err(source)
        };
        let (root, file) = (real(&provider.path)?, real(&path)?);
        if file.starts_with(&root) { Ok(file) } else { Err(DriftError::Outside(path)) }
    }
}

/// Replaces a file in one step: readers see the old content or the new.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // No `.json`: the provisioner must not take it for a dashboard.
    let temporary = path.with_file_name(format!(".{name}.orrery-new"));
    let write = || {
        let mut file = fs::File::create(&temporary)?;
        file.set_permissions(fs::metadata(path)?.permissions())?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().inspect_err(|_| {
        // It may not have been made at all.
        let _gone = fs::remove_file(&temporary);
    })
}

fn compare(at: &mut String, file: &Value, stored: &Value, found: &mut Vec<Difference>) {
    if file == stored || found.len() >= DIFFERENCES_MAX {
        return;
    }
    let mut within = |part: &str, a: Option<&Value>, b: Option<&Value>| {
        let length = at.len();
        at.push('/');
        at.push_str(&part.replace('~', "~0").replace('/', "~1"));
        compare(at, a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null), found);
        at.truncate(length);
    };
    match (file, stored) {
        (Value::Object(a), Value::Object(b)) => {
            let added = b.keys().filter(|key| !a.contains_key(*key));
            for key in a.keys().chain(added) {
                within(key, a.get(key), b.get(key));
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for index in 0..a.len().max(b.len()) {
                within(&index.to_string(), a.get(index), b.get(index));
            }
        }
        _ => {
            let (path, file, stored) = (at.clone(), file.clone(), stored.clone());
            found.push(Difference { path, file, stored });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::compare;

    #[test]
    fn differences_name_their_place() {
        let file = json!({"title": "A", "panels": [{"id": 1}, {"id": 2}], "a/b": 1});
        let stored = json!({"title": "B", "panels": [{"id": 1}], "a/b": 2, "new": true});
        let mut found = Vec::new();
        compare(&mut String::new(), &file, &stored, &mut found);
        let mut paths: Vec<&str> = found.iter().map(|d| d.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["/a~1b", "/new", "/panels/1", "/title"]);
    }
}
