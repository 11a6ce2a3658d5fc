//! A clock that moves when it is told to, and jumps when the simulation wants it to.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use platform::Clock;

/// Where simulated wall clocks start: 2025-01-01T00:00:00Z.
const START_UNIX_MS: i64 = 1_735_689_600_000;

/// Wall and monotonic time of one simulation.
#[derive(Debug)]
pub struct SimClock {
    monotonic_ns: AtomicU64,
    /// How far jumps have moved the wall clock away from the monotonic one.
    skew_ms: AtomicI64,
}

impl SimClock {
    pub(crate) fn new() -> Self {
        Self { monotonic_ns: AtomicU64::new(0), skew_ms: AtomicI64::new(0) }
    }

    /// Lets time pass on both clocks.
    pub fn advance(&self, by: Duration) {
        let ns = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.monotonic_ns.fetch_add(ns, Ordering::Relaxed);
    }

    /// Moves the wall clock only, forward or back.
    pub fn jump_ms(&self, by_ms: i64) {
        self.skew_ms.fetch_add(by_ms, Ordering::Relaxed);
    }
}

impl Clock for SimClock {
    fn unix_ms(&self) -> i64 {
        let passed_ms = self.monotonic_ns.load(Ordering::Relaxed) / 1_000_000;
        START_UNIX_MS + passed_ms as i64 + self.skew_ms.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_nanos(self.monotonic_ns.load(Ordering::Relaxed))
    }
}
