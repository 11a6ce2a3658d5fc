//! Objects as files below one directory of any [`Disk`]: the single node's object storage.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use xxhash_rust::xxh3::xxh3_128;

use crate::disk::Disk;
use crate::objects::{Condition, Etag, ObjectError, ObjectMeta, Objects, check_key};

/// Keys are relative paths below `root`; the tag is a hash of the content.
///
/// Conditions hold among the users of one value of this type, so one process owns the directory
/// (it holds the directory's lock). Temporary files start with a dot, which no key may.
pub struct DirObjects {
    disk: Arc<dyn Disk>,
    root: PathBuf,
    /// Serialises check-then-write of conditional puts.
    write: Mutex<()>,
    temp_next: AtomicU64,
}

impl DirObjects {
    /// Creates `root` when it is missing.
    pub fn open(disk: Arc<dyn Disk>, root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        disk.create_dir_all(&root)?;
        Ok(Self { disk, root, write: Mutex::new(()), temp_next: AtomicU64::new(0) })
    }

    fn path(&self, key: &str) -> Result<PathBuf, ObjectError> {
        check_key(key)?;
        Ok(self.root.join(key))
    }

    fn store(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let dir = path.parent().unwrap_or(&self.root);
        let (file, temp) = loop {
            let number = self.temp_next.fetch_add(1, Ordering::Relaxed);
            let temp = dir.join(format!(".put-{number}"));
            match self.disk.create_new(&temp) {
                Ok(file) => break (file, temp),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.disk.create_dir_all(dir)?;
                }
                // Left over by a crashed process.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    self.disk.remove(&temp)?;
                }
                Err(error) => return Err(error),
            }
        };
        let written = file
            .append(bytes)
            .and_then(|()| file.sync_data())
            .and_then(|()| self.disk.rename(&temp, path));
        if let Err(error) = written {
            // The put has failed either way; a leftover is overwritten by a later run.
            self.disk.remove(&temp).ok();
            return Err(error);
        }
        self.disk.sync_dir(dir)
    }

    fn walk(&self, dir: &Path, base: &str, out: &mut Vec<ObjectMeta>) -> io::Result<()> {
        for entry in self.disk.list(dir)? {
            if entry.name.starts_with('.') {
                continue;
            }
            let key = format!("{base}{}", entry.name);
            if entry.is_dir {
                self.walk(&dir.join(&entry.name), &format!("{key}/"), out)?;
            } else {
                out.push(ObjectMeta { key, len: entry.len });
            }
        }
        Ok(())
    }
}

impl Objects for DirObjects {
    fn put(&self, key: &str, bytes: &[u8], condition: &Condition) -> Result<Etag, ObjectError> {
        let path = self.path(key)?;
        let _write = self.write.lock().unwrap_or_else(PoisonError::into_inner);
        if *condition != Condition::Always {
            let stored = match self.get(key) {
                Ok((_, etag)) => Some(etag),
                Err(ObjectError::NotFound { .. }) => None,
                Err(error) => return Err(error),
            };
            match (condition, stored) {
                (Condition::Absent, Some(_)) => {
                    return Err(ObjectError::AlreadyExists { key: key.to_owned() });
                }
                (Condition::Matches(want), got) if got.as_ref() != Some(want) => {
                    return Err(ObjectError::Precondition { key: key.to_owned() });
                }
                _ => {}
            }
        }
        self.store(&path, bytes).map_err(|source| io_error(key, source))?;
        Ok(etag_of(bytes))
    }

    fn get(&self, key: &str) -> Result<(Vec<u8>, Etag), ObjectError> {
        let bytes = self.disk.read(&self.path(key)?).map_err(|source| io_error(key, source))?;
        let etag = etag_of(&bytes);
        Ok((bytes, etag))
    }

    fn get_range(&self, key: &str, range: Range<u64>) -> Result<Vec<u8>, ObjectError> {
        let file = self.disk.open(&self.path(key)?).map_err(|source| io_error(key, source))?;
        let len = file.len().map_err(|source| io_error(key, source))?;
        let Range { start, end } = range;
        if start >= end || end > len {
            return Err(ObjectError::InvalidRange { key: key.to_owned(), start, end, len });
        }
        let size = usize::try_from(end - start).map_err(|e| io_error(key, io::Error::other(e)))?;
        let mut bytes = vec![0; size];
        let mut filled = 0;
        while filled < size {
            let read = file
                .read_at(start + filled as u64, &mut bytes[filled..])
                .map_err(|source| io_error(key, source))?;
            if read == 0 {
                return Err(io_error(key, io::ErrorKind::UnexpectedEof.into()));
            }
            filled += read;
        }
        Ok(bytes)
    }

    fn list(&self, prefix: &str) -> Result<Vec<ObjectMeta>, ObjectError> {
        // Start at the deepest directory that the prefix names.
        let base = prefix.rfind('/').map_or("", |slash| &prefix[..=slash]);
        let dir = match base.strip_suffix('/') {
            Some(key) => self.path(key)?,
            None => self.root.clone(),
        };
        let mut found = Vec::new();
        match self.walk(&dir, base, &mut found) {
            Err(error) if is_missing(&error) => {}
            result => result.map_err(|source| io_error(prefix, source))?,
        }
        found.retain(|object| object.key.starts_with(prefix));
        found.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    fn delete(&self, key: &str) -> Result<(), ObjectError> {
        let path = self.path(key)?;
        let _write = self.write.lock().unwrap_or_else(PoisonError::into_inner);
        let removed = match self.disk.remove(&path) {
            Err(error) if !is_missing(&error) => Err(error),
            // Also when it was gone already: an earlier delete may have failed to say so durably.
            _ => self.disk.sync_dir(path.parent().unwrap_or(&self.root)),
        };
        match removed {
            Err(error) if !is_missing(&error) => Err(io_error(key, error)),
            _ => Ok(()),
        }
    }
}

fn etag_of(bytes: &[u8]) -> Etag {
    Etag(format!("{:032x}", xxh3_128(bytes)))
}

fn io_error(key: &str, source: io::Error) -> ObjectError {
    let key = key.to_owned();
    if is_missing(&source) {
        ObjectError::NotFound { key }
    } else {
        ObjectError::Io { key, source }
    }
}

/// Nothing under this name; also when a leading segment turns out to be a file.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
