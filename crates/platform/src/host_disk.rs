//! The real file systems of this machine behind [`Disk`].

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

use crate::disk::{DirEntry, DirLock, Disk, DiskFile, FileView, LockError};

/// Name of the file whose lock stands for its directory.
const LOCK_FILE: &str = "LOCK";

/// The kernel's file systems.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostDisk;

struct HostFile(File);

impl Disk for HostDisk {
    fn create_new(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).append(true).create_new(true).open(path)?;
        Ok(Arc::new(HostFile(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(HostFile(OpenOptions::new().read(true).append(true).open(path)?)))
    }

    fn map(&self, path: &Path) -> io::Result<FileView> {
        let file = File::open(path)?;
        if file.metadata()?.len() == 0 {
            return Ok(FileView::from_bytes(Arc::from([]))); // the kernel refuses empty maps
        }
        // SAFETY: the trait demands that mapped files no longer change: part files are written
        // under a temporary name, renamed once, and from then on only unlinked, never truncated.
        #[expect(unsafe_code, reason = "a memory map is the only way to page parts in on demand")]
        let map = unsafe { Mmap::map(&file)? };
        Ok(FileView::from_map(map))
    }

    fn len(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.len())
    }

    fn rename(&self, source: &Path, target: &Path) -> io::Result<()> {
        fs::rename(source, target)
    }

    fn link(&self, source: &Path, target: &Path) -> io::Result<()> {
        fs::hard_link(source, target)
    }

    fn rename_dir(&self, source: &Path, target: &Path) -> io::Result<()> {
        // The kernel would replace an empty directory.
        if fs::symlink_metadata(target).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(source, target)?;
        target.parent().map_or(Ok(()), |parent| self.sync_dir(parent))
    }

    fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir_all(dir)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                Err(gone) if gone.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let is_dir = metadata.is_dir();
            entries.push(DirEntry { name, is_dir, len: if is_dir { 0 } else { metadata.len() } });
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        if dir.as_os_str().is_empty() || dir == Path::new("/") {
            return Ok(());
        }
        let parent = match dir.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut created = fs::create_dir(dir);
        if created.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            self.create_dir_all(parent)?;
            created = fs::create_dir(dir);
        }
        match created {
            Ok(()) => self.sync_dir(parent),
            // An earlier process may have died before it made this name durable. Names above are
            // durable, for they were synced before this one was created.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => {
                match self.sync_dir(parent) {
                    // Not ours, such as the directory above the data directory.
                    Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
                    result => result,
                }
            }
            Err(error) => Err(error),
        }
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn lock(&self, dir: &Path) -> Result<DirLock, LockError> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(dir.join(LOCK_FILE))
            .map_err(LockError::Io)?;
        match file.try_lock() {
            Ok(()) => Ok(DirLock::new(file)),
            Err(TryLockError::WouldBlock) => Err(LockError::Held),
            Err(TryLockError::Error(error)) => Err(LockError::Io(error)),
        }
    }

    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        let stat = rustix::fs::statvfs(path)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}

impl DiskFile for HostFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.0).write_all(bytes)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read_at(bytes, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        if len > self.len()? {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "truncate cannot lengthen"));
        }
        self.0.set_len(len)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}
