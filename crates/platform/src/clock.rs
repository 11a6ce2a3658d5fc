//! Time: the wall clock that users see and the monotonic clock that intervals are measured with.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Tells the time.
///
/// The wall clock may jump in either direction at any moment (an administrator, NTP, a resumed
/// virtual machine), so nothing may rely on two readings being ordered. The monotonic clock never
/// goes back, but its origin is arbitrary and it may stand still between two readings.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch; negative before 1970.
    fn unix_ms(&self) -> i64;

    /// Time since an arbitrary origin that is fixed for the life of the process.
    fn monotonic(&self) -> Duration;
}

/// The clocks of this machine.
#[derive(Clone, Copy, Debug)]
pub struct HostClock {
    origin: Instant,
}

impl HostClock {
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for HostClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for HostClock {
    fn unix_ms(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
        let now = SystemTime::now();
        match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        }
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }
}
