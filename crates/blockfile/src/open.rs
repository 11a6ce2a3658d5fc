//! Reads a directory back: picks the newest good generation, mends what crashes and rot left.
//!
//! With the newest generation intact, whatever it does not list is an orphan of a crash and goes.
//! With the newest one damaged, the list is made of the parts themselves: every readable part
//! lives (they are complete, being renamed into place only then) unless another one says that it
//! replaces it. The previous generation, if it can be read, still gives the checkpoint and tells
//! which parts are missing. A part that was flushed but never listed comes alive this way, and the
//! older checkpoint makes the log be replayed over it: stores must take equal rows twice as once.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use platform::{DirEntry, Disk};

use crate::manifest::{
    ManifestError, ManifestState, PartEntry, manifest_generation, manifest_name, part_id,
    part_name, quarantine_file,
};
use crate::manifest_format::{DecodeError, MANIFEST_VERSION, decode};
use crate::reader::{Part, ReadPartError};
use crate::summary::PartId;

/// Where the list came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListSource {
    /// Nothing was there.
    #[default]
    New,
    /// The newest generation.
    Current,
    /// The newest generation was damaged: the parts' own footers, and the checkpoint of the
    /// generation before.
    Previous,
    /// No generation was readable: the parts' own footers. The checkpoint is empty.
    Rebuilt,
}

/// What opening found and did, to be logged and counted by the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenReport {
    pub source: ListSource,
    /// Manifest files that could not be read; they are moved to quarantine.
    pub manifests_damaged: Vec<PathBuf>,
    /// Temporary files and unlisted parts that were removed.
    pub orphans_removed: Vec<PathBuf>,
    /// Parts taken in although the manifest that listed them is lost.
    pub adopted: Vec<PartId>,
    /// Listed parts whose file is not there; dropped from the list.
    pub missing: Vec<PartId>,
    /// Part files moved to quarantine because of their length or their footer.
    pub quarantined: Vec<PathBuf>,
    pub(crate) generation_seen_max: u64,
    pub(crate) must_republish: bool,
}

struct Opening<'a> {
    disk: &'a dyn Disk,
    dir: &'a Path,
    report: OpenReport,
}

pub(crate) fn open(
    disk: &dyn Disk,
    dir: &Path,
) -> Result<(ManifestState, OpenReport), ManifestError> {
    let mut opening = Opening { disk, dir, report: OpenReport::default() };
    let state = opening.run()?;
    Ok((state, opening.report))
}

impl Opening<'_> {
    fn run(&mut self) -> Result<ManifestState, ManifestError> {
        self.disk.create_dir_all(self.dir).map_err(|source| read_error(self.dir, source))?;
        let entries = self.disk.list(self.dir).map_err(|source| read_error(self.dir, source))?;
        let files: Vec<_> = entries.into_iter().filter(|entry| !entry.is_dir).collect();
        for temp in files.iter().filter(|entry| entry.name.strip_suffix(".tmp").is_some()) {
            self.remove_orphan(&temp.name);
        }
        let mut generations: Vec<_> =
            files.iter().filter_map(|entry| manifest_generation(&entry.name)).collect();
        generations.sort_unstable_by(|a, b| b.cmp(a));
        self.report.generation_seen_max = generations.first().copied().unwrap_or(0);
        let base = self.newest_readable(&generations)?;
        let damaged = !self.report.manifests_damaged.is_empty();
        let parts: Vec<_> =
            files.into_iter().filter_map(|e| part_id(&e.name).map(|id| (id, e))).collect();
        let state = match base {
            Some(base) if !damaged => {
                self.report.source = ListSource::Current;
                self.keep_listed(base, &parts)
            }
            base => self.rebuild(base, &parts)?,
        };
        // The process may have died between renaming the newest generation and making it durable.
        // It must be before anything goes that only the list before it names, and before the store
        // acts on its checkpoint.
        self.disk.sync_dir(self.dir).map_err(|source| {
            let path = self.dir.to_owned();
            ManifestError::Uncertain { path, source }
        })?;
        self.remove_unlisted(&state, &parts);
        Ok(state)
    }

    /// The newest generation that can be read; damaged ones go into the report.
    fn newest_readable(
        &mut self,
        generations: &[u64],
    ) -> Result<Option<ManifestState>, ManifestError> {
        for &generation in generations {
            let path = self.dir.join(manifest_name(generation));
            let bytes = self.disk.read(&path).map_err(|source| read_error(&path, source))?;
            match decode(&bytes, generation) {
                Ok(state) => return Ok(Some(state)),
                Err(DecodeError::Version(version)) => {
                    let supported = MANIFEST_VERSION;
                    return Err(ManifestError::Unsupported { path, version, supported });
                }
                Err(DecodeError::Damaged) => self.report.manifests_damaged.push(path),
            }
        }
        Ok(None)
    }

    /// Drops listed parts whose file is missing or has another length.
    fn keep_listed(
        &mut self,
        mut state: ManifestState,
        files: &[(PartId, DirEntry)],
    ) -> ManifestState {
        let listed = std::mem::take(&mut state.parts);
        for part in listed {
            match files.iter().find(|(id, _)| *id == part.id) {
                Some((_, file)) if file.len == part.bytes => state.parts.push(part),
                Some((_, file)) => {
                    let (got, want) = (file.len, part.bytes);
                    let reason = format!("the file has {got} bytes, the manifest says {want}");
                    self.set_aside(&file.name, &reason);
                }
                None => {
                    self.report.missing.push(part.id);
                    self.report.must_republish = true;
                }
            }
        }
        state
    }

    /// The list as the parts' own footers give it; `base` is the previous generation.
    fn rebuild(
        &mut self,
        base: Option<ManifestState>,
        files: &[(PartId, DirEntry)],
    ) -> Result<ManifestState, ManifestError> {
        let damaged = !self.report.manifests_damaged.is_empty();
        // Also for a new directory: with a list, even an empty one, a part that was never listed
        // is known to be an orphan.
        self.report.must_republish = true;
        self.report.source = match base {
            Some(_) => ListSource::Previous,
            None if damaged || !files.is_empty() => ListSource::Rebuilt,
            None => ListSource::New,
        };
        let mut state = base.unwrap_or_default();
        let listed = std::mem::take(&mut state.parts);
        let mut replaced = BTreeSet::new();
        for (id, file) in files {
            let path = self.dir.join(&file.name);
            match Part::open(self.disk, &path) {
                Ok(part) => {
                    state.parts.push(PartEntry::of_open(*id, &part));
                    replaced.extend(part.summary().replaces.iter().copied());
                }
                Err(error @ ReadPartError::Corrupt { .. }) => {
                    self.set_aside(&file.name, &error.to_string());
                }
                Err(ReadPartError::Unsupported { path, version, supported }) => {
                    return Err(ManifestError::Unsupported { path, version, supported });
                }
                Err(ReadPartError::Io { path, source }) => {
                    return Err(ManifestError::Read { path, source });
                }
                Err(ReadPartError::Gone { .. }) => {}
            }
        }
        state.parts.retain(|part| !replaced.contains(&part.id));
        state.parts.sort_unstable_by_key(|part| part.id);
        let has = |parts: &[PartEntry], id| parts.binary_search_by_key(&id, |part| part.id).is_ok();
        let found = state.parts.iter().map(|part| part.id);
        self.report.adopted = found.filter(|id| !has(&listed, *id)).collect();
        let lost = listed.iter().map(|part| part.id).filter(|id| {
            !has(&state.parts, *id) && !replaced.contains(id) && !self.is_quarantined(*id)
        });
        self.report.missing = lost.collect();
        let files_next = files.iter().map(|(id, _)| id.0.saturating_add(1)).max().unwrap_or(0);
        state.part_next = state.part_next.max(files_next);
        Ok(state)
    }

    fn is_quarantined(&self, id: PartId) -> bool {
        self.report.quarantined.contains(&self.dir.join(part_name(id)))
    }

    fn remove_unlisted(&mut self, state: &ManifestState, files: &[(PartId, DirEntry)]) {
        for (id, file) in files {
            let listed = state.parts.binary_search_by_key(id, |part| part.id).is_ok();
            if !listed && !self.is_quarantined(*id) {
                self.remove_unless_damaged(&file.name);
            }
        }
    }

    /// An orphan is whole: it got its name after it was synced. A damaged one is a part that could
    /// not be set aside when its damage was found, and whoever looks into that wants it.
    fn remove_unless_damaged(&mut self, name: &str) {
        match Part::open(self.disk, self.dir.join(name)) {
            Err(error @ ReadPartError::Corrupt { .. }) => self.set_aside(name, &error.to_string()),
            Ok(_) => self.remove_orphan(name),
            // It cannot be told now; the next opening asks again.
            Err(error) => {
                tracing::warn!(path = %self.dir.join(name).display(), %error, "an orphan stays");
            }
        }
    }

    fn remove_orphan(&mut self, name: &str) {
        let path = self.dir.join(name);
        match self.disk.remove(&path) {
            Ok(()) => self.report.orphans_removed.push(path),
            // It only takes space; the next opening tries again.
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "cannot remove an orphan");
            }
        }
    }

    /// Quarantines a part that must not be served, whether or not the move succeeds.
    fn set_aside(&mut self, name: &str, reason: &str) {
        let path = self.dir.join(name);
        self.report.must_republish = true;
        self.report.quarantined.push(path.clone());
        if let Err(error) = quarantine_file(self.disk, self.dir, name, reason) {
            tracing::warn!(path = %path.display(), %error, "cannot move a part to quarantine");
        }
    }
}

fn read_error(path: &Path, source: io::Error) -> ManifestError {
    ManifestError::Read { path: path.to_owned(), source }
}
