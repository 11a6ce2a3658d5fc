//! The list of live parts of one directory, replaced as a whole and atomically.
//!
//! Each change writes a new generation beside the old one (temporary file, sync, rename, sync of
//! the directory), so a crash at any point leaves the old list or the new one. How a directory is
//! read back, also when generations are damaged, is in `open.rs`.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};
use platform::Disk;

use crate::manifest_format::encode;
use crate::open::{self, OpenReport};
use crate::reader::{Part, ReadPartError};
use crate::summary::PartId;
use crate::writer::{FinishedPart, PartOptions, PartWriter, WritePartError};

/// Longest checkpoint that a manifest carries.
const CHECKPOINT_BYTES_MAX: usize = 1 << 20;
/// Where damaged parts go.
pub(crate) const QUARANTINE_DIR: &str = "quarantine";

/// A live part as the manifest lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartEntry {
    pub id: PartId,
    /// Both inclusive, in the store's unit.
    pub time_min: i64,
    pub time_max: i64,
    pub rows: u64,
    /// Length of the file.
    pub bytes: u64,
    /// Identifies the content together with the length.
    pub footer_checksum: u64,
    pub level: u8,
}

impl PartEntry {
    /// The entry of a part that was just written.
    pub fn of(id: PartId, part: &FinishedPart) -> Self {
        Self {
            id,
            time_min: part.summary.time_min,
            time_max: part.summary.time_max,
            rows: part.summary.rows,
            bytes: part.bytes,
            footer_checksum: part.footer_checksum,
            level: part.summary.level,
        }
    }

    pub(crate) fn of_open(id: PartId, part: &Part) -> Self {
        let summary = part.summary();
        Self {
            id,
            time_min: summary.time_min,
            time_max: summary.time_max,
            rows: summary.rows,
            bytes: part.bytes(),
            footer_checksum: part.footer_checksum(),
            level: summary.level,
        }
    }
}

/// One generation of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestState {
    pub generation: u64,
    /// Live parts, ascending by id.
    pub parts: Vec<PartEntry>,
    /// The store's own bytes, published together with the parts: the position in the write-ahead
    /// log up to which the parts hold everything.
    pub checkpoint: Vec<u8>,
    /// Ids from here up are free.
    pub(crate) part_next: u64,
}

/// A change of the list; happens as a whole or not at all.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub add: Vec<PartEntry>,
    pub remove: Vec<PartId>,
    /// `None` keeps the checkpoint.
    pub checkpoint: Option<Vec<u8>>,
}

/// Why a change was not published, or a directory not opened.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Nothing has changed; try again later.
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// The new list is in place but may not survive a power loss, nor may the old one come back:
    /// keep every file of both lists and publish the same change again.
    #[error("cannot make {} durable", path.display())]
    Uncertain { path: PathBuf, source: io::Error },
    /// A bug of the caller: the change does not fit the list.
    #[error("the change does not fit the list of parts: {what}")]
    Conflict { what: String },
    /// A later version wrote it: run that version.
    #[error("{} has format version {version}, this program reads up to {supported}", path.display())]
    Unsupported { path: PathBuf, version: u16, supported: u16 },
    /// The directory cannot be read.
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
}

/// The manifest of one directory (one tenant and signal). All methods may be called from any
/// thread; changes wait for each other, readers never wait for the disk.
pub struct Manifest {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    live: RwLock<Arc<ManifestState>>,
    /// Serialises changes; holds the generation of the last attempt, which may be ahead of `live`.
    attempt: Mutex<u64>,
    part_next: AtomicU64,
}

impl Manifest {
    /// Opens or creates the manifest in `dir`, clears what crashes left there and reports what it
    /// found. Only the listed parts' names and lengths are checked; [`Part::open`] checks them.
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: impl Into<PathBuf>,
    ) -> Result<(Self, OpenReport), ManifestError> {
        let dir = dir.into();
        let (state, report) = open::open(&*disk, &dir)?;
        let manifest = Self {
            attempt: Mutex::new(report.generation_seen_max.max(state.generation)),
            part_next: AtomicU64::new(state.part_next),
            live: RwLock::new(Arc::new(state)),
            disk,
            dir,
        };
        if report.must_republish {
            // First the good list, then the damaged one goes: without it the previous generation
            // would look like the newest, and what it does not list like orphans.
            manifest.publish(Change::default())?;
        }
        for path in &report.manifests_damaged {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let reason = "the manifest's checksum is wrong";
            if let Err(error) = quarantine_file(&*manifest.disk, &manifest.dir, name, reason) {
                tracing::warn!(path = %path.display(), %error, "cannot quarantine a manifest");
            }
        }
        Ok((manifest, report))
    }

    /// The list as it is now. It does not change any more; the files may go while it is held.
    pub fn live(&self) -> Arc<ManifestState> {
        Arc::clone(&self.live.read())
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn part_path(&self, id: PartId) -> PathBuf {
        self.dir.join(part_name(id))
    }

    /// The id that the next part will get.
    pub fn part_next(&self) -> PartId {
        PartId(self.part_next.load(Ordering::Relaxed))
    }

    /// Gives no id below this one to new parts: for stores that remember ids elsewhere, for a part
    /// that was never listed gives its id free at the next opening.
    pub fn skip_ids_below(&self, id: PartId) {
        self.part_next.fetch_max(id.0, Ordering::Relaxed);
    }

    /// Starts a new part with a fresh id. It is not listed before it is published.
    pub fn create_part(
        &self,
        options: PartOptions,
    ) -> Result<(PartId, PartWriter), WritePartError> {
        let id = PartId(self.part_next.fetch_add(1, Ordering::Relaxed));
        let writer = PartWriter::create(Arc::clone(&self.disk), self.part_path(id), options)?;
        Ok((id, writer))
    }

    pub fn open_part(&self, id: PartId) -> Result<Part, ReadPartError> {
        Part::open(&*self.disk, self.part_path(id))
    }

    /// Publishes a change and then deletes the files of the removed parts; returns the generation.
    ///
    /// For a merge, `remove` names the inputs and `add` the output in one change, and the output's
    /// summary names them as well ([`Summary::replaces`](crate::Summary::replaces)).
    /// Errors: see [`ManifestError`]. The files of `add` stay in every case.
    pub fn publish(&self, change: Change) -> Result<u64, ManifestError> {
        let mut attempt = self.attempt.lock();
        let old = self.live();
        let generation = *attempt + 1;
        let removed = change.remove.clone();
        let next = apply(&old, change, generation, self.part_next.load(Ordering::Relaxed))?;
        *attempt = generation;
        self.write(&encode(&next), generation)?;
        *self.live.write() = Arc::new(next);
        drop(attempt);
        self.clean_up(&removed, old.generation);
        Ok(generation)
    }

    /// Fills `dir` with second names of the live parts and a list of them, a store of its own from
    /// then on. The checkpoint stays empty, for a log has no place there. Costs no space.
    ///
    /// Errors: `Write` also when a part went away meanwhile; then try again.
    pub fn link_to(&self, dir: &Path) -> Result<(), ManifestError> {
        let (copy, _) = Self::open(Arc::clone(&self.disk), dir)?;
        let live = self.live();
        for part in &live.parts {
            let path = copy.part_path(part.id);
            self.disk
                .link(&self.part_path(part.id), &path)
                .map_err(|source| ManifestError::Write { path, source })?;
        }
        copy.publish(Change { add: live.parts.clone(), ..Change::default() }).map(|_| ())
    }

    /// Takes a damaged part out of the list and keeps its file, with the reason beside it, in the
    /// directory `quarantine`. The rest keeps serving. A part that is not listed is left alone.
    pub fn quarantine(&self, id: PartId, reason: &str) -> Result<(), ManifestError> {
        if !self.live().parts.iter().any(|part| part.id == id) {
            return Ok(());
        }
        let path = self.part_path(id);
        quarantine_file(&*self.disk, &self.dir, &part_name(id), reason)
            .map_err(|source| ManifestError::Write { path: path.clone(), source })?;
        tracing::error!(path = %path.display(), reason, "part quarantined");
        self.publish(Change { remove: vec![id], ..Change::default() }).map(|_| ())
    }

    fn write(&self, bytes: &[u8], generation: u64) -> Result<(), ManifestError> {
        let path = self.dir.join(manifest_name(generation));
        let temp = self.dir.join(format!("{}.tmp", manifest_name(generation)));
        let written = self.disk.create_new(&temp).and_then(|file| {
            file.append(bytes)?;
            file.sync_data()?;
            self.disk.rename(&temp, &path)
        });
        if let Err(source) = written {
            // A leftover is removed at the next opening.
            self.disk.remove(&temp).ok();
            return Err(ManifestError::Write { path, source });
        }
        self.disk.sync_dir(&self.dir).map_err(|source| ManifestError::Uncertain { path, source })
    }

    /// Deletes what the new generation made superfluous. The previous generation stays for the
    /// case that the new one rots. Failures are left to the next opening.
    fn clean_up(&self, removed: &[PartId], previous: u64) {
        for id in removed {
            let path = self.part_path(*id);
            match self.disk.remove(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(path = %path.display(), %error, "cannot delete a dead part");
                }
                _ => {}
            }
        }
        let Ok(entries) = self.disk.list(&self.dir) else { return };
        for entry in entries {
            if manifest_generation(&entry.name).is_some_and(|g| g < previous) {
                self.disk.remove(&self.dir.join(&entry.name)).ok();
            }
        }
    }
}

impl fmt::Debug for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manifest").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// The list after `change`. No disk, no clock.
fn apply(
    old: &ManifestState,
    change: Change,
    generation: u64,
    part_next: u64,
) -> Result<ManifestState, ManifestError> {
    let conflict = |what: String| Err(ManifestError::Conflict { what });
    let mut parts = old.parts.clone();
    for id in &change.remove {
        match parts.binary_search_by_key(id, |part| part.id) {
            Ok(at) => drop(parts.remove(at)),
            Err(_) => return conflict(format!("part {id} is not listed")),
        }
    }
    for part in change.add {
        match parts.binary_search_by_key(&part.id, |part| part.id) {
            Ok(_) => return conflict(format!("part {} is listed already", part.id)),
            Err(at) => parts.insert(at, part),
        }
    }
    let checkpoint = change.checkpoint.unwrap_or_else(|| old.checkpoint.clone());
    if checkpoint.len() > CHECKPOINT_BYTES_MAX {
        return conflict(format!("a checkpoint of {} bytes", checkpoint.len()));
    }
    let listed_next = parts.last().map_or(0, |part| part.id.0.saturating_add(1));
    let part_next = part_next.max(listed_next);
    Ok(ManifestState { generation, parts, checkpoint, part_next })
}

/// Moves a file of a manifest's directory into its quarantine, the reason first, durably; for
/// files that a store keeps beside its parts.
pub fn quarantine_file(disk: &dyn Disk, dir: &Path, name: &str, reason: &str) -> io::Result<()> {
    let target_dir = dir.join(QUARANTINE_DIR);
    disk.create_dir_all(&target_dir)?;
    let reason_path = target_dir.join(format!("{name}.reason.txt"));
    match disk.create_new(&reason_path) {
        Ok(file) => {
            file.append(reason.as_bytes())?;
            file.append(b"\n")?;
            file.sync_data()?;
        }
        // A crash came between the reason and the move.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    // A power loss must not keep the file and lose the reason.
    disk.sync_dir(&target_dir)?;
    match disk.rename(&dir.join(name), &target_dir.join(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    disk.sync_dir(&target_dir)?;
    disk.sync_dir(dir)
}

pub(crate) fn part_name(id: PartId) -> String {
    format!("{id}.part")
}

pub(crate) fn manifest_name(generation: u64) -> String {
    format!("{generation:016x}.manifest")
}

pub(crate) fn manifest_generation(name: &str) -> Option<u64> {
    hex_stem(name, ".manifest")
}

pub(crate) fn part_id(name: &str) -> Option<PartId> {
    hex_stem(name, ".part").map(PartId)
}

fn hex_stem(name: &str, suffix: &str) -> Option<u64> {
    let digits = name.strip_suffix(suffix).filter(|digits| digits.len() == 16)?;
    let lower = digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if lower { u64::from_str_radix(digits, 16).ok() } else { None }
}
