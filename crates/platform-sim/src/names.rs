//! Directories of the simulated disk: the names that are seen and the names that are durable.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::rng::SimRng;

pub(crate) type InodeId = u64;

/// A change of names that no directory sync has covered yet.
#[derive(Clone, Debug)]
enum NameOp {
    Create { path: PathBuf, inode: InodeId },
    Rename { target: PathBuf, inode: InodeId },
    Remove { path: PathBuf, inode: InodeId },
}

impl NameOp {
    /// The directory whose sync makes the change durable.
    fn dir(&self) -> &Path {
        let (Self::Create { path, .. }
        | Self::Rename { target: path, .. }
        | Self::Remove { path, .. }) = self;
        path.parent().unwrap_or(Path::new(""))
    }

    fn inode(&self) -> InodeId {
        let (Self::Create { inode, .. } | Self::Rename { inode, .. } | Self::Remove { inode, .. }) =
            self;
        *inode
    }

    /// A file has one name at a time, so a move or a removal ends whatever name it had.
    fn apply(self, names: &mut BTreeMap<PathBuf, InodeId>) {
        match self {
            Self::Create { path, inode } => {
                names.insert(path, inode);
            }
            Self::Rename { target, inode } => {
                names.retain(|_, held| *held != inode);
                names.insert(target, inode);
            }
            Self::Remove { inode, .. } => names.retain(|_, held| *held != inode),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    live: BTreeMap<PathBuf, InodeId>,
    durable: BTreeMap<PathBuf, InodeId>,
    /// Oldest first.
    pending: Vec<NameOp>,
    /// Directories are durable at once: the contract of `create_dir_all`.
    dirs: BTreeSet<PathBuf>,
}

impl Names {
    pub(crate) fn inode(&self, path: &Path) -> Option<InodeId> {
        self.live.get(path).copied()
    }

    pub(crate) fn has_dir(&self, dir: &Path) -> bool {
        dir.as_os_str().is_empty() || dir == Path::new("/") || self.dirs.contains(dir)
    }

    pub(crate) fn create_dir_all(&mut self, dir: &Path) {
        self.dirs.extend(dir.ancestors().map(Path::to_owned));
    }

    pub(crate) fn create(&mut self, path: &Path, inode: InodeId) {
        self.live.insert(path.to_owned(), inode);
        self.pending.push(NameOp::Create { path: path.to_owned(), inode });
    }

    pub(crate) fn rename(&mut self, source: &Path, target: &Path) {
        if let Some(inode) = self.live.remove(source) {
            self.live.insert(target.to_owned(), inode);
            self.pending.push(NameOp::Rename { target: target.to_owned(), inode });
        }
    }

    pub(crate) fn remove(&mut self, path: &Path) {
        if let Some(inode) = self.live.remove(path) {
            self.pending.push(NameOp::Remove { path: path.to_owned(), inode });
        }
    }

    /// Moves every name below `source`, also those that are not durable yet. Durable at once: the
    /// contract of `rename_dir`.
    pub(crate) fn rename_dir(&mut self, source: &Path, target: &Path) {
        let moved = |path: &Path| match path.strip_prefix(source) {
            Ok(below) if below.as_os_str().is_empty() => target.to_owned(),
            Ok(below) => target.join(below),
            Err(_) => path.to_owned(),
        };
        let files = |names: &BTreeMap<PathBuf, InodeId>| {
            names.iter().map(|(path, inode)| (moved(path), *inode)).collect()
        };
        self.live = files(&self.live);
        self.durable = files(&self.durable);
        self.dirs = self.dirs.iter().map(|path| moved(path)).collect();
        for op in &mut self.pending {
            let (NameOp::Create { path, .. }
            | NameOp::Rename { target: path, .. }
            | NameOp::Remove { path, .. }) = op;
            *path = moved(path);
        }
    }

    /// Removes every name below a directory, and the directory; nothing of it comes back.
    pub(crate) fn remove_dir_all(&mut self, dir: &Path) {
        self.live.retain(|path, _| !path.starts_with(dir));
        self.durable.retain(|path, _| !path.starts_with(dir));
        self.dirs.retain(|path| !path.starts_with(dir));
        self.pending.retain(|op| !op.dir().starts_with(dir));
    }

    pub(crate) fn sync_dir(&mut self, dir: &Path) {
        let pending = std::mem::take(&mut self.pending);
        for op in pending {
            if op.dir() == dir {
                // Earlier changes of the same file in other directories are overtaken.
                let inode = op.inode();
                self.pending.retain(|earlier| earlier.inode() != inode);
                op.apply(&mut self.durable);
            } else {
                self.pending.push(op);
            }
        }
    }

    /// Keeps an unpredictable part of what was not synced: a journal keeps a beginning, other file
    /// systems any selection.
    pub(crate) fn lose_power(&mut self, rng: &mut SimRng) {
        let pending = std::mem::take(&mut self.pending);
        let kept = rng.below(pending.len() as u64 + 1) as usize;
        let journal = rng.coin();
        for (index, op) in pending.into_iter().enumerate() {
            if if journal { index < kept } else { rng.coin() } {
                op.apply(&mut self.durable);
            }
        }
        self.live.clone_from(&self.durable);
    }

    /// Names directly below `dir`: files with their inodes, then directories.
    pub(crate) fn list(&self, dir: &Path) -> (Vec<(String, InodeId)>, Vec<String>) {
        let name = |path: &Path| {
            let below = path.parent() == Some(dir);
            path.file_name().filter(|_| below).and_then(|name| name.to_str()).map(str::to_owned)
        };
        let files = self.live.iter().filter_map(|(path, inode)| Some((name(path)?, *inode)));
        (files.collect(), self.dirs.iter().filter_map(|path| name(path)).collect())
    }

    pub(crate) fn live_inodes(&self) -> impl Iterator<Item = InodeId> {
        self.live.values().copied()
    }

    pub(crate) fn live_paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.live.keys()
    }
}
