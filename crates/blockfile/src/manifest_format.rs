//! Bytes of a manifest generation. Spec: docs/format/manifest.md
//!
//! ```text
//! manifest := magic[8] version:u16 zero[6] generation:u64 part_next:u64
//!             checkpoint_bytes:u32 part_count:u32 checkpoint part* checksum:u64
//! part     := id:u64 time_min:i64 time_max:i64 rows:u64 bytes:u64 footer_checksum:u64
//!             level:u8 zero[7]
//! ```
//! All numbers are little-endian; the checksum covers everything before it.

use codec::checksum::checksum;

use crate::format::{u16_at, u32_at, u64_at};
use crate::manifest::{ManifestState, PartEntry};
use crate::summary::PartId;

const MAGIC: [u8; 8] = *b"ORRERYMF";
/// The version that this code writes, and the only one so far.
pub const MANIFEST_VERSION: u16 = 1;
const HEADER_BYTES: usize = 8 + 2 + 6 + 8 + 8 + 4 + 4;
const ENTRY_BYTES: usize = 6 * 8 + 8;
const _: () = assert!(HEADER_BYTES == 40 && ENTRY_BYTES == 56);

/// Why bytes are not a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// Torn or rotten.
    Damaged,
    /// Written by a later version.
    Version(u16),
}

pub(crate) fn encode(state: &ManifestState) -> Vec<u8> {
    let entries = state.parts.len() * ENTRY_BYTES;
    let mut out = Vec::with_capacity(HEADER_BYTES + state.checkpoint.len() + entries + 8);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&MANIFEST_VERSION.to_le_bytes());
    out.extend_from_slice(&[0; 6]);
    out.extend_from_slice(&state.generation.to_le_bytes());
    out.extend_from_slice(&state.part_next.to_le_bytes());
    out.extend_from_slice(&(state.checkpoint.len() as u32).to_le_bytes());
    out.extend_from_slice(&(state.parts.len() as u32).to_le_bytes());
    out.extend_from_slice(&state.checkpoint);
    for part in &state.parts {
        out.extend_from_slice(&part.id.0.to_le_bytes());
        out.extend_from_slice(&part.time_min.to_le_bytes());
        out.extend_from_slice(&part.time_max.to_le_bytes());
        out.extend_from_slice(&part.rows.to_le_bytes());
        out.extend_from_slice(&part.bytes.to_le_bytes());
        out.extend_from_slice(&part.footer_checksum.to_le_bytes());
        out.extend_from_slice(&[part.level, 0, 0, 0, 0, 0, 0, 0]);
    }
    let sum = checksum(&out);
    out.extend_from_slice(&sum.to_le_bytes());
    out
}

/// Undoes [`encode`]; `generation` is what the file's name says.
pub(crate) fn decode(bytes: &[u8], generation: u64) -> Result<ManifestState, DecodeError> {
    let (covered, sum) = bytes.split_last_chunk::<8>().ok_or(DecodeError::Damaged)?;
    // Magic, version and checksum keep their places in every version, so that a later version is
    // told from a rotten file.
    let intact = covered.len() >= HEADER_BYTES
        && covered[..8] == MAGIC
        && checksum(covered) == u64::from_le_bytes(*sum);
    if !intact {
        return Err(DecodeError::Damaged);
    }
    let version = u16_at(covered, 8);
    if version != MANIFEST_VERSION {
        return Err(DecodeError::Version(version));
    }
    let checkpoint_bytes = u32_at(covered, 32) as usize;
    let part_count = u32_at(covered, 36) as usize;
    let (checkpoint, parts) = covered[HEADER_BYTES..]
        .split_at_checked(checkpoint_bytes)
        .filter(|(_, parts)| Some(parts.len()) == part_count.checked_mul(ENTRY_BYTES))
        .ok_or(DecodeError::Damaged)?;
    let state = ManifestState {
        generation: u64_at(covered, 16),
        part_next: u64_at(covered, 24),
        checkpoint: checkpoint.to_vec(),
        parts: parts.chunks_exact(ENTRY_BYTES).map(decode_entry).collect(),
    };
    // A copy under a wrong name must not win over the right generation.
    if state.generation == generation { Ok(state) } else { Err(DecodeError::Damaged) }
}

fn decode_entry(entry: &[u8]) -> PartEntry {
    PartEntry {
        id: PartId(u64_at(entry, 0)),
        time_min: u64_at(entry, 8) as i64,
        time_max: u64_at(entry, 16) as i64,
        rows: u64_at(entry, 24),
        bytes: u64_at(entry, 32),
        footer_checksum: u64_at(entry, 40),
        level: entry[48],
    }
}
