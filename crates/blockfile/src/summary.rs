//! What a part says about itself, so that a lost manifest can be rebuilt from the parts alone.

use crate::format::{u32_at, u64_at};

/// Number of a part, unique within its manifest; the file's name is made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartId(pub u64);

impl std::fmt::Display for PartId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The facts about a part that the manifest repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Smallest and largest timestamp inside, in the store's unit; both inclusive.
    pub time_min: i64,
    pub time_max: i64,
    /// Samples, lines or spans.
    pub rows: u64,
    /// 0 as flushed from memory, higher as merged.
    pub level: u8,
    /// The parts whose content this one holds: they are dead as soon as this one lives.
    pub replaces: Vec<PartId>,
}

/// `time_min:i64 time_max:i64 rows:u64 level:u8 zero[3] replaces_count:u32 replaces:u64*`
const FIXED_BYTES: usize = 32;

impl Summary {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(FIXED_BYTES + 8 * self.replaces.len());
        out.extend_from_slice(&self.time_min.to_le_bytes());
        out.extend_from_slice(&self.time_max.to_le_bytes());
        out.extend_from_slice(&self.rows.to_le_bytes());
        out.extend_from_slice(&[self.level, 0, 0, 0]);
        out.extend_from_slice(&(self.replaces.len() as u32).to_le_bytes());
        for PartId(id) in &self.replaces {
            out.extend_from_slice(&id.to_le_bytes());
        }
        out
    }

    /// `None` when the lengths do not fit together.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (fixed, ids) = bytes.split_at_checked(FIXED_BYTES)?;
        let count = u32_at(fixed, 28) as usize;
        if ids.len() != count.checked_mul(8)? {
            return None;
        }
        Some(Self {
            time_min: u64_at(fixed, 0) as i64,
            time_max: u64_at(fixed, 8) as i64,
            rows: u64_at(fixed, 16),
            level: fixed[24],
            replaces: ids.chunks_exact(8).map(|id| PartId(u64_at(id, 0))).collect(),
        })
    }
}
