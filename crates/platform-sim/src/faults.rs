//! What may go wrong in a simulation.

use crate::rng::SimRng;

/// How a machine ends a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// `kill -9`: everything that was written stays.
    Process,
    /// The plug: only what was synced is certain.
    PowerLoss,
}

/// How often faults strike; `one_in: 0` is never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// Any changing operation fails; an append may have written a part.
    pub io_error_one_in: u32,
    /// Opening, reading and listing fail.
    pub read_error_one_in: u32,
    /// Syncs of files fail, with or without dropping what they could not write.
    pub sync_error_one_in: u32,
    /// Syncs say that they worked and did nothing.
    pub lying_sync_one_in: u32,
    /// Size of the disk; writing beyond it stops half-way with `StorageFull`.
    pub capacity_bytes: Option<u64>,
}

impl Faults {
    pub const NONE: Self = Self {
        io_error_one_in: 0,
        read_error_one_in: 0,
        sync_error_one_in: 0,
        lying_sync_one_in: 0,
        capacity_bytes: None,
    };

    /// A mix for one life: often none, otherwise one or a few kinds at once. Never lies.
    pub fn draw(rng: &mut SimRng) -> Self {
        let mut faults = Self::NONE;
        if rng.chance(3) {
            faults.io_error_one_in = 5 + rng.below(60) as u32;
        }
        if rng.chance(4) {
            faults.sync_error_one_in = 2 + rng.below(20) as u32;
        }
        if rng.chance(4) {
            faults.capacity_bytes = Some(2_000 + rng.below(60_000));
        }
        faults
    }

    /// The same mix on a disk whose syncs cannot be trusted.
    pub fn draw_lying(rng: &mut SimRng) -> Self {
        Self { lying_sync_one_in: 1 + rng.below(4) as u32, ..Self::draw(rng) }
    }
}
