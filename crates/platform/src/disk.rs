//! Files and directories, with what survives a crash said for every call.

use std::any::Any;
use std::fmt;
use std::io;
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::Arc;

use memmap2::{Advice, Mmap};

/// A file system.
///
/// Two crashes are told apart. After a **process crash** (`kill -9`) everything that a returned
/// call did is there. After a **power loss** only this is certain: the content of a file up to its
/// last successful [`DiskFile::sync_data`], and the names in a directory up to the last successful
/// [`Disk::sync_dir`] on it. What was done later may be there wholly, in part, or not at all; a
/// rename is still never seen by halves.
///
/// A sync that failed must not be repeated: the kernel may have dropped the pages that it could
/// not write and will then report success.
///
/// Paths are absolute or relative to the process; implementations do not normalise them. All calls
/// block. `NotFound`, `AlreadyExists` and `StorageFull` are reported with these
/// [`io::ErrorKind`]s.
pub trait Disk: Send + Sync {
    /// Creates an empty file and opens it for appending and reading.
    /// Errors: `AlreadyExists`; `NotFound` when the directory is missing.
    fn create_new(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens an existing file for appending and reading. Errors: `NotFound`.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// A view of the whole file as it is now; for files that no longer change.
    ///
    /// The real view is a memory map: pages are read when touched, so it costs next to nothing to
    /// make. It outlives the removal of the name. The kernel kills the process when a mapped page
    /// cannot be read: truncating a mapped file is a bug of the caller, and a medium that fails
    /// under a map is not survived. The view of a simulated disk is a copy.
    fn map(&self, path: &Path) -> io::Result<FileView>;

    /// Reads a whole small file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = self.open(path)?;
        let mut bytes = vec![0; usize::try_from(file.len()?).map_err(io::Error::other)?];
        let mut filled = 0;
        while filled < bytes.len() {
            let read = file.read_at(filled as u64, &mut bytes[filled..])?;
            if read == 0 {
                break; // somebody truncated it meanwhile
            }
            filled += read;
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// Length of a file in bytes. Errors: `NotFound`.
    fn len(&self, path: &Path) -> io::Result<u64>;

    /// Moves a file, replacing what the target name held; atomic for every observer.
    ///
    /// Durable after [`Disk::sync_dir`] on the target's directory; until then a power loss may
    /// undo it as a whole. Only files are moved, never directories. Errors: `NotFound`.
    fn rename(&self, source: &Path, target: &Path) -> io::Result<()>;

    /// Gives a file that no longer changes a second name, at no cost in space.
    ///
    /// Durable after [`Disk::sync_dir`] on the target's directory. What is read under one name
    /// after writing under the other is not said.
    /// Errors: `NotFound`; `AlreadyExists`.
    fn link(&self, source: &Path, target: &Path) -> io::Result<()>;

    /// Moves a directory with everything below it to a new name beside it; atomic for every
    /// observer, durable on return. Handles below it stay usable.
    ///
    /// Errors: `NotFound`; `AlreadyExists` when there is anything under the new name.
    fn rename_dir(&self, source: &Path, target: &Path) -> io::Result<()>;

    /// Removes a directory with everything below it. A crash may leave a part of it.
    /// Errors: `NotFound`.
    fn remove_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// Removes a file's name; open handles and views stay usable. Errors: `NotFound`.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// The entries of a directory, sorted by name; names that are not UTF-8 are left out.
    /// Errors: `NotFound`.
    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>>;

    /// Creates a directory and its missing parents; the new names are durable on return.
    /// An existing directory is fine.
    fn create_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// Makes the names in `dir` durable: creations, renames into it, removals.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Takes the exclusive lock of an existing directory until the guard is dropped or the process
    /// ends. It is advisory: it keeps out whoever asks for it, nobody else.
    fn lock(&self, dir: &Path) -> Result<DirLock, LockError>;

    /// Bytes that an unprivileged writer can still store on the file system that holds `path`.
    fn free_bytes(&self, path: &Path) -> io::Result<u64>;
}

/// An open file. Handles are shared freely: one thread may sync while another appends.
#[expect(clippy::len_without_is_empty, reason = "a file's length is a fallible question")]
pub trait DiskFile: Send + Sync {
    /// Writes all of `bytes` at the end.
    ///
    /// Concurrent appends do not mix within one call of the kernel, but the caller should keep
    /// them apart: only then does it know where its bytes went.
    /// Errors: an unknown part of `bytes`, none to all, may have been written. `StorageFull` when
    /// the disk is full.
    fn append(&self, bytes: &[u8]) -> io::Result<()>;

    /// Reads at an offset; returns how many bytes were there, 0 at or after the end.
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<usize>;

    /// Makes content and length durable (see [`Disk`] about failures).
    fn sync_data(&self) -> io::Result<()>;

    /// Cuts the file to `len` bytes. Errors: `InvalidInput` when that would lengthen it.
    fn truncate(&self, len: u64) -> io::Result<()>;

    /// Current length in bytes.
    fn len(&self) -> io::Result<u64>;
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    pub name: String,
    pub is_dir: bool,
    /// Bytes; 0 for directories.
    pub len: u64,
}

/// The bytes of a whole file; cheap to clone.
#[derive(Clone)]
pub struct FileView(View);

#[derive(Clone)]
enum View {
    Map(Arc<Mmap>),
    Bytes(Arc<[u8]>),
}

impl FileView {
    /// A view of bytes in memory, for disks that have no files to map.
    pub fn from_bytes(bytes: Arc<[u8]>) -> Self {
        Self(View::Bytes(bytes))
    }

    pub(crate) fn from_map(map: Mmap) -> Self {
        Self(View::Map(Arc::new(map)))
    }

    /// Says that these bytes are read here and there: the system reads no more of the file than is
    /// touched or announced by [`Self::will_need`]. By itself it may read megabytes around each
    /// byte. A hint that changes no answer.
    pub fn expect_scattered_reads(&self, range: Range<usize>) {
        self.advise(Advice::Random, range);
    }

    /// Has these bytes read from the disk at once, if they are not in memory. A hint that changes
    /// no answer. Cost: a system call.
    pub fn will_need(&self, range: Range<usize>) {
        self.advise(Advice::WillNeed, range);
    }

    fn advise(&self, advice: Advice, range: Range<usize>) {
        let end = range.end.min(self.len());
        if let (View::Map(map), Some(len @ 1..)) = (&self.0, end.checked_sub(range.start)) {
            // A system that takes no hints reads as it does without.
            let _refused = map.advise_range(advice, range.start, len);
        }
    }
}

impl Deref for FileView {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            View::Map(map) => map,
            View::Bytes(bytes) => bytes,
        }
    }
}

impl fmt::Debug for FileView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileView").field("len", &self.len()).finish()
    }
}

/// Holds a directory's lock; dropping it gives the directory free.
pub struct DirLock(
    #[expect(dead_code, reason = "kept only to be dropped")] Box<dyn Any + Send + Sync>,
);

impl DirLock {
    /// Wraps whatever releases the lock when dropped.
    pub fn new(guard: impl Any + Send + Sync) -> Self {
        Self(Box::new(guard))
    }
}

impl fmt::Debug for DirLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DirLock")
    }
}

/// Why a directory could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Someone else uses the directory: say so and stop.
    #[error("the directory is in use by another process")]
    Held,
    /// The environment refused.
    #[error("cannot lock the directory")]
    Io(#[from] io::Error),
}
