//! The outside world as traits: clock, disk, objects, randomness, and the real ones.
