//! The contract suites: what any implementation of the traits must do, as callable checks.
//!
//! Behind the feature `contract`, for tests of real, simulated and wrapping implementations. Every
//! function panics with a description when the contract is broken.

mod disk;
mod objects;

pub use disk::disk;
pub use objects::objects;

use crate::{Clock, Random};

/// The monotonic clock never goes back and the wall clock tells a time of our era.
pub fn clock(clock: &dyn Clock) {
    let mut last = clock.monotonic();
    for _ in 0..1000 {
        let now = clock.monotonic();
        assert!(now >= last, "the monotonic clock went from {last:?} back to {now:?}");
        last = now;
    }
    let year_2020_ms = 1_577_836_800_000;
    assert!(clock.unix_ms() > year_2020_ms, "wall clock says {}", clock.unix_ms());
}

/// Fills every byte and does not repeat itself.
pub fn random(random: &dyn Random) {
    let mut seen = [false; 64];
    for _ in 0..64 {
        let mut bytes = [0_u8; 64];
        random.fill(&mut bytes).expect("randomness is there");
        for (seen, byte) in seen.iter_mut().zip(bytes) {
            *seen |= byte != 0;
        }
    }
    assert!(seen.iter().all(|seen| *seen), "a position stayed zero in 64 draws");
    random.fill(&mut []).expect("filling nothing is fine");
    let (a, b) = (random.u64().expect("a number"), random.u64().expect("a number"));
    assert_ne!(a, b, "two draws of 64 bits are equal");
}
