//! The outside world as traits: clock, disk, objects, randomness, and the real ones.
//!
//! Stores are synchronous state machines over these traits, so the same code runs on a real
//! machine and inside `platform-sim`, where a seed decides every fault. Each trait's doc comment
//! is its specification; the suite in `contract` (feature `contract`) checks an implementation
//! against it.
//!
//! ```
//! use platform::{Disk, Platform};
//!
//! let platform = Platform::host();
//! let dir = std::env::temp_dir().join(format!("platform-doc-{}", std::process::id()));
//! platform.disk.create_dir_all(&dir)?;
//! let file = platform.disk.create_new(&dir.join("hello"))?;
//! file.append(b"hello")?;
//! file.sync_data()?; // the bytes
//! platform.disk.sync_dir(&dir)?; // and the name
//! assert_eq!(platform.disk.read(&dir.join("hello"))?, b"hello");
//! # platform.disk.remove(&dir.join("hello"))?;
//! # Ok::<(), std::io::Error>(())
//! ```

mod clock;
#[cfg(feature = "contract")]
pub mod contract;
mod dir_objects;
mod disk;
mod host_disk;
mod objects;
mod random;

use std::fmt;
use std::sync::Arc;

pub use clock::{Clock, HostClock};
pub use dir_objects::DirObjects;
pub use disk::{DirEntry, DirLock, Disk, DiskFile, FileView, LockError};
pub use host_disk::HostDisk;
pub use objects::{Condition, Etag, ObjectError, ObjectMeta, Objects};
pub use random::{HostRandom, Random};

/// The three capabilities that a store needs, handed around together.
#[derive(Clone)]
pub struct Platform {
    pub clock: Arc<dyn Clock>,
    pub disk: Arc<dyn Disk>,
    pub random: Arc<dyn Random>,
}

impl Platform {
    /// This machine's clock, file systems and randomness.
    pub fn host() -> Self {
        Self {
            clock: Arc::new(HostClock::new()),
            disk: Arc::new(HostDisk),
            random: Arc::new(HostRandom),
        }
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Platform")
    }
}
