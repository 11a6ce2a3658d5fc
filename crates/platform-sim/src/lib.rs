//! A simulated platform that crashes, tears writes, loses syncs and fills up, from a seed.
//!
//! Everything that a store gets from the outside comes from one seed, so a failure is repeated by
//! its number. The disk keeps apart what was written (it survives a process crash) and what was
//! synced (it survives a power loss); see [`platform::Disk`] for what either promises. It passes
//! the same contract suite as the real one.
//!
//! ```
//! use platform_sim::{Crash, SimPlatform};
//!
//! let sim = SimPlatform::new(7);
//! let disk = sim.platform().disk;
//! disk.create_dir_all("/data".as_ref())?;
//! let file = disk.create_new("/data/log".as_ref())?;
//! file.append(b"synced ")?;
//! file.sync_data()?;
//! disk.sync_dir("/data".as_ref())?;
//! file.append(b"not synced")?;
//!
//! sim.reopen(Crash::PowerLoss);
//! assert!(disk.read("/data/log".as_ref())?.starts_with(b"synced "));
//! assert!(file.append(b"x").is_err(), "handles die with their process");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! [`drive`] runs a [`Scenario`] through several lives of a machine; [`for_each_seed`] runs that
//! for many seeds and names the one that failed.

mod clock;
mod disk;
mod drive;
mod faults;
mod inode;
mod names;
mod rng;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use platform::{Disk, Platform, Random};

pub use clock::SimClock;
pub use disk::{Crashed, is_crashed};
pub use drive::{DriveOptions, Scenario, drive, for_each_seed};
pub use faults::{Crash, Faults};
pub use rng::SimRng;

use disk::SimDisk;

/// One simulated machine through all its lives.
pub struct SimPlatform {
    seed: u64,
    clock: Arc<SimClock>,
    disk: SimDisk,
    random: Arc<SimRandom>,
    rng: Mutex<SimRng>,
}

impl SimPlatform {
    pub fn new(seed: u64) -> Self {
        // Neighbouring seeds must not run alike: mix before use.
        let mut rng = SimRng::new(seed).fork();
        Self {
            seed,
            clock: Arc::new(SimClock::new()),
            disk: SimDisk::new(rng.fork()),
            random: Arc::new(SimRandom(Mutex::new(rng.fork()))),
            rng: Mutex::new(rng),
        }
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The capabilities to hand to a store. They stay valid through all lives; open files do not.
    pub fn platform(&self) -> Platform {
        Platform {
            clock: Arc::clone(&self.clock) as _,
            disk: self.disk(),
            random: Arc::clone(&self.random) as _,
        }
    }

    pub fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(self.disk.clone())
    }

    pub fn clock(&self) -> &SimClock {
        &self.clock
    }

    /// A generator for the test's own choices, independent of the machine's.
    pub fn fork_rng(&self) -> SimRng {
        self.rng.lock().fork()
    }

    pub fn set_faults(&self, faults: Faults) {
        self.disk.0.lock().faults = faults;
    }

    /// What may go wrong now.
    pub fn faults(&self) -> Faults {
        self.disk.0.lock().faults
    }

    /// Crashes during the `ops`-th changing disk operation from now, 1 being the next one. From
    /// then on every operation fails with [`Crashed`] until [`SimPlatform::reopen`].
    pub fn crash_after(&self, ops: u64) {
        let mut state = self.disk.0.lock();
        state.crash_at = Some(state.ops + ops.max(1));
    }

    pub fn is_crashed(&self) -> bool {
        self.disk.0.lock().crashed
    }

    /// Changing disk operations so far, in all lives.
    pub fn ops(&self) -> u64 {
        self.disk.0.lock().ops
    }

    /// Ends this life (if the crash has not come yet, now) and starts the next one.
    pub fn reopen(&self, crash: Crash) {
        self.disk.0.lock().reopen(crash);
    }

    /// Whether any sync so far said that it worked and did nothing.
    pub fn has_lied(&self) -> bool {
        self.disk.0.lock().lied
    }

    /// All files, for tests that damage one of them.
    pub fn files(&self) -> Vec<PathBuf> {
        self.disk.0.lock().paths()
    }

    /// Flips one bit of a file behind everyone's back. Errors: `NotFound`, or no such byte.
    pub fn flip_bit(&self, path: &Path, offset: u64, bit: u8) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        let file = state.file_mut(path)?;
        let flipped = usize::try_from(offset).is_ok_and(|at| file.flip_bit(at, bit));
        if flipped { Ok(()) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }
}

impl fmt::Debug for SimPlatform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimPlatform").field("seed", &self.seed).finish_non_exhaustive()
    }
}

/// Randomness that repeats for equal seeds.
#[derive(Debug)]
struct SimRandom(Mutex<SimRng>);

impl Random for SimRandom {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        self.0.lock().fill(bytes);
        Ok(())
    }
}
