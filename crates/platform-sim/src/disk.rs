//! The simulated disk: answers like a real one until a fault or a crash is due.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use platform::{DirEntry, DirLock, Disk, DiskFile, FileView, LockError};

use crate::faults::{Crash, Faults};
use crate::inode::Inode;
use crate::names::{InodeId, Names};
use crate::rng::SimRng;

/// Free space that an unlimited disk reports.
const UNLIMITED_BYTES: u64 = 1 << 40;

/// The error of every operation between a crash and the reopening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crashed;

impl fmt::Display for Crashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the simulated machine has crashed")
    }
}

impl std::error::Error for Crashed {}

/// Whether an error only says that the simulated machine is down.
pub fn is_crashed(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Crashed>()).is_some()
}

#[derive(Clone, Debug)]
pub(crate) struct SimDisk(pub(crate) Arc<Mutex<DiskState>>);

#[derive(Debug)]
pub(crate) struct DiskState {
    pub(crate) rng: SimRng,
    pub(crate) faults: Faults,
    names: Names,
    inodes: BTreeMap<InodeId, Inode>,
    inode_next: InodeId,
    /// Changing operations so far.
    pub(crate) ops: u64,
    pub(crate) crash_at: Option<u64>,
    pub(crate) crashed: bool,
    /// Counts reopenings; handles and locks of earlier lives are dead.
    life: u64,
    locked: BTreeSet<PathBuf>,
    /// A sync has lied since the last time that everything was really durable.
    pub(crate) lied: bool,
}

/// What a changing operation is to do.
enum Turn {
    Proceed,
    /// The machine crashes during the operation; it may have taken effect.
    CrashDuring,
    /// The operation fails with an I/O error.
    Fail,
}

impl SimDisk {
    pub(crate) fn new(rng: SimRng) -> Self {
        Self(Arc::new(Mutex::new(DiskState {
            rng,
            faults: Faults::NONE,
            names: Names::default(),
            inodes: BTreeMap::new(),
            inode_next: 1,
            ops: 0,
            crash_at: None,
            crashed: false,
            life: 0,
            locked: BTreeSet::new(),
            lied: false,
        })))
    }

    fn handle(&self, state: &DiskState, inode: InodeId) -> Arc<dyn DiskFile> {
        Arc::new(SimFile { disk: self.clone(), inode, life: state.life })
    }
}

impl DiskState {
    fn check_up(&self) -> io::Result<()> {
        if self.crashed { Err(io::Error::other(Crashed)) } else { Ok(()) }
    }

    fn turn(&mut self) -> io::Result<Turn> {
        self.check_up()?;
        self.ops += 1;
        if self.crash_at.is_some_and(|at| self.ops >= at) {
            self.crashed = true;
            return Ok(Turn::CrashDuring);
        }
        let fails = self.rng.chance(self.faults.io_error_one_in);
        Ok(if fails { Turn::Fail } else { Turn::Proceed })
    }

    fn read_turn(&mut self) -> io::Result<()> {
        self.check_up()?;
        if self.rng.chance(self.faults.read_error_one_in) { Err(io_error()) } else { Ok(()) }
    }

    /// Runs a change that happens wholly or not at all.
    fn atomically(&mut self, change: impl FnOnce(&mut Self)) -> io::Result<()> {
        match self.turn()? {
            Turn::Proceed => {
                change(self);
                Ok(())
            }
            Turn::CrashDuring => {
                if self.rng.coin() {
                    change(self);
                }
                Err(io::Error::other(Crashed))
            }
            Turn::Fail => Err(io_error()),
        }
    }

    fn inode_of(&self, path: &Path) -> io::Result<InodeId> {
        self.names.inode(path).ok_or_else(|| self.not_found(path))
    }

    fn not_found(&self, path: &Path) -> io::Error {
        debug_assert!(!self.crashed, "crashes are reported first");
        io::Error::new(io::ErrorKind::NotFound, format!("{} does not exist", path.display()))
    }

    pub(crate) fn file_mut(&mut self, path: &Path) -> io::Result<&mut Inode> {
        let inode = self.inode_of(path)?;
        Ok(self.inodes.entry(inode).or_default())
    }

    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.names.live_paths().cloned().collect()
    }

    fn used_bytes(&self) -> u64 {
        self.names
            .live_inodes()
            .filter_map(|id| self.inodes.get(&id))
            .map(|f| f.data.len() as u64)
            .sum()
    }

    fn free_bytes(&self) -> u64 {
        self.faults.capacity_bytes.unwrap_or(UNLIMITED_BYTES).saturating_sub(self.used_bytes())
    }

    fn append(&mut self, inode: InodeId, bytes: &[u8]) -> io::Result<()> {
        let turn = self.turn()?;
        let fits = usize::try_from(self.free_bytes()).unwrap_or(usize::MAX).min(bytes.len());
        let part = self.rng.below(bytes.len() as u64 + 1) as usize;
        let (written, result) = match turn {
            Turn::Proceed if fits < bytes.len() => (fits, Err(io::ErrorKind::StorageFull.into())),
            Turn::Proceed => (bytes.len(), Ok(())),
            Turn::CrashDuring => (fits.min(part), Err(io::Error::other(Crashed))),
            Turn::Fail => (fits.min(part), Err(io_error())),
        };
        self.inodes.entry(inode).or_default().append(&bytes[..written]);
        result
    }

    fn sync_data(&mut self, inode: InodeId) -> io::Result<()> {
        let turn = self.turn()?;
        if self.rng.chance(self.faults.lying_sync_one_in) && matches!(turn, Turn::Proceed) {
            self.lied = true;
            return Ok(());
        }
        let fails = self.rng.chance(self.faults.sync_error_one_in);
        let file = self.inodes.entry(inode).or_default();
        match turn {
            Turn::Proceed if !fails => {
                file.sync();
                Ok(())
            }
            Turn::Proceed | Turn::Fail => {
                file.sync_failed(&mut self.rng);
                Err(io_error())
            }
            Turn::CrashDuring => {
                if self.rng.coin() {
                    file.sync();
                }
                Err(io::Error::other(Crashed))
            }
        }
    }

    /// Starts the next life of the machine.
    pub(crate) fn reopen(&mut self, crash: Crash) {
        if crash == Crash::PowerLoss {
            self.names.lose_power(&mut self.rng);
            for inode in self.inodes.values_mut() {
                inode.lose_power(&mut self.rng);
            }
            let named: BTreeSet<_> = self.names.live_inodes().collect();
            self.inodes.retain(|id, _| named.contains(id));
        }
        self.crashed = false;
        self.crash_at = None;
        self.life += 1;
        self.locked.clear();
    }
}

impl Disk for SimDisk {
    fn create_new(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.0.lock();
        state.check_up()?;
        if !path.parent().is_some_and(|dir| state.names.has_dir(dir)) {
            return Err(state.not_found(path));
        }
        if state.names.inode(path).is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = state.inode_next;
        state.inode_next += 1;
        state.atomically(|state| {
            state.names.create(path, inode);
            state.inodes.insert(inode, Inode::default());
        })?;
        Ok(self.handle(&state, inode))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.0.lock();
        state.read_turn()?;
        let inode = state.inode_of(path)?;
        Ok(self.handle(&state, inode))
    }

    fn map(&self, path: &Path) -> io::Result<FileView> {
        let mut state = self.0.lock();
        state.read_turn()?;
        let inode = state.inode_of(path)?;
        let bytes = state.inodes.get(&inode).map_or(&[][..], |file| &file.data);
        Ok(FileView::from_bytes(Arc::from(bytes)))
    }

    fn len(&self, path: &Path) -> io::Result<u64> {
        let mut state = self.0.lock();
        state.read_turn()?;
        let inode = state.inode_of(path)?;
        Ok(state.inodes.get(&inode).map_or(0, |file| file.data.len() as u64))
    }

    fn rename(&self, source: &Path, target: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.check_up()?;
        state.inode_of(source)?;
        if !target.parent().is_some_and(|dir| state.names.has_dir(dir)) {
            return Err(state.not_found(target));
        }
        state.atomically(|state| state.names.rename(source, target))
    }

    fn link(&self, source: &Path, target: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.check_up()?;
        let linked = state.inode_of(source)?;
        if !target.parent().is_some_and(|dir| state.names.has_dir(dir)) {
            return Err(state.not_found(target));
        }
        if state.names.inode(target).is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = state.inode_next;
        state.inode_next += 1;
        state.atomically(|state| {
            // Neither changes any more, so a twin is as good as the file itself.
            let twin = state.inodes.get(&linked).cloned().unwrap_or_default();
            state.names.create(target, inode);
            state.inodes.insert(inode, twin);
        })
    }

    fn rename_dir(&self, source: &Path, target: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.check_up()?;
        let parent_there = target.parent().is_some_and(|dir| state.names.has_dir(dir));
        if !state.names.has_dir(source) || !parent_there {
            return Err(state.not_found(source));
        }
        if state.names.has_dir(target) || state.names.inode(target).is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.atomically(|state| state.names.rename_dir(source, target))
    }

    fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.check_up()?;
        if !state.names.has_dir(dir) {
            return Err(state.not_found(dir));
        }
        state.atomically(|state| state.names.remove_dir_all(dir))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.check_up()?;
        state.inode_of(path)?;
        state.atomically(|state| state.names.remove(path))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let mut state = self.0.lock();
        state.read_turn()?;
        if !state.names.has_dir(dir) {
            return Err(state.not_found(dir));
        }
        let (files, dirs) = state.names.list(dir);
        let len = |inode| state.inodes.get(&inode).map_or(0, |file: &Inode| file.data.len() as u64);
        let mut entries: Vec<_> = files
            .into_iter()
            .map(|(name, inode)| DirEntry { name, is_dir: false, len: len(inode) })
            .chain(dirs.into_iter().map(|name| DirEntry { name, is_dir: true, len: 0 }))
            .collect();
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.check_up()?;
        if state.names.has_dir(dir) {
            return Ok(());
        }
        state.atomically(|state| state.names.create_dir_all(dir))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.check_up()?;
        if !state.names.has_dir(dir) {
            return Err(state.not_found(dir));
        }
        let lies = state.faults.lying_sync_one_in;
        if state.rng.chance(lies) {
            state.lied = true;
            return state.atomically(|_| ());
        }
        state.atomically(|state| state.names.sync_dir(dir))
    }

    fn lock(&self, dir: &Path) -> Result<DirLock, LockError> {
        let mut state = self.0.lock();
        state.check_up()?;
        if !state.names.has_dir(dir) {
            return Err(LockError::Io(state.not_found(dir)));
        }
        if !state.locked.insert(dir.to_owned()) {
            return Err(LockError::Held);
        }
        Ok(DirLock::new(Unlock { disk: self.clone(), dir: dir.to_owned(), life: state.life }))
    }

    fn free_bytes(&self, _path: &Path) -> io::Result<u64> {
        let state = self.0.lock();
        state.check_up()?;
        Ok(state.free_bytes())
    }
}

/// Gives a lock back unless the machine has crashed since.
struct Unlock {
    disk: SimDisk,
    dir: PathBuf,
    life: u64,
}

impl Drop for Unlock {
    fn drop(&mut self) {
        let mut state = self.disk.0.lock();
        if state.life == self.life {
            state.locked.remove(&self.dir);
        }
    }
}

struct SimFile {
    disk: SimDisk,
    inode: InodeId,
    life: u64,
}

impl SimFile {
    fn with<T>(&self, f: impl FnOnce(&mut DiskState) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.disk.0.lock();
        state.check_up()?;
        if state.life != self.life {
            return Err(io::Error::other(Crashed)); // the handle died with its process
        }
        f(&mut state)
    }
}

impl DiskFile for SimFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        self.with(|state| state.append(self.inode, bytes))
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        self.with(|state| {
            state.read_turn()?;
            let data = state.inodes.get(&self.inode).map_or(&[][..], |file| &file.data);
            let rest = usize::try_from(offset).ok().and_then(|at| data.get(at..)).unwrap_or(&[]);
            let read = rest.len().min(bytes.len());
            bytes[..read].copy_from_slice(&rest[..read]);
            Ok(read)
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.with(|state| state.sync_data(self.inode))
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.with(|state| {
            let held = state.inodes.get(&self.inode).map_or(0, |file| file.data.len() as u64);
            if len > held {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            let inode = self.inode;
            state.atomically(|state| {
                state.inodes.entry(inode).or_default().truncate(len as usize);
            })
        })
    }

    fn len(&self) -> io::Result<u64> {
        self.with(|state| {
            Ok(state.inodes.get(&self.inode).map_or(0, |file| file.data.len() as u64))
        })
    }
}

fn io_error() -> io::Error {
    io::Error::other("simulated I/O error")
}
