//! Bytes of a segment: its header and the frame around each record. Spec: docs/format/wal.md
//!
//! ```text
//! segment  := header record*
//! header   := magic[8] version:u16 header_bytes:u16 zero:u32 sequence:u64 previous:u64 checksum:u64
//! record   := payload_bytes:u32 kind:u8 zero[3] payload_checksum:u64 header_checksum:u64 payload
//! ```
//! All numbers are little-endian. A record's header checksum also covers where the record stands
//! (segment and offset), so that a stale copy somewhere else is never taken for a record.

use std::fmt;

use codec::checksum::checksum;

/// The first bytes of every segment.
pub const MAGIC: [u8; 8] = *b"ORRERYWL";
/// The version that this code writes, and the only one so far.
pub const VERSION: u16 = 1;
pub const SEGMENT_HEADER_BYTES: usize = 8 + 2 + 2 + 4 + 8 + 8 + 8;
pub const RECORD_HEADER_BYTES: usize = 4 + 1 + 3 + 8 + 8;
const _: () = assert!(SEGMENT_HEADER_BYTES == 40 && RECORD_HEADER_BYTES == 24);

/// Where a record stands in the log; positions ascend in the order of appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// Sequence number of the segment; the first one ever is 1.
    pub segment: u64,
    /// Bytes from the start of the segment's file.
    pub offset: u64,
}

impl Position {
    /// Before every record.
    pub const START: Self = Self { segment: 0, offset: 0 };

    /// 16 bytes to store beside whatever the position belongs to.
    pub fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.segment.to_le_bytes());
        bytes[8..].copy_from_slice(&self.offset.to_le_bytes());
        bytes
    }

    /// Undoes [`Position::to_bytes`].
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { segment: u64_at(&bytes, 0), offset: u64_at(&bytes, 8) }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.segment, self.offset)
    }
}

/// What the start of a segment file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderState {
    /// Good; `previous` is the segment that came before it, 0 for none.
    Valid { previous: u64 },
    /// Written by a later version of this program.
    Unsupported { version: u16 },
    /// Torn, rotten, or of another segment.
    Damaged,
}

pub(crate) fn encode_segment_header(sequence: u64, previous: u64) -> [u8; SEGMENT_HEADER_BYTES] {
    let mut header = [0; SEGMENT_HEADER_BYTES];
    header[..8].copy_from_slice(&MAGIC);
    header[8..10].copy_from_slice(&VERSION.to_le_bytes());
    header[10..12].copy_from_slice(&(SEGMENT_HEADER_BYTES as u16).to_le_bytes());
    header[16..24].copy_from_slice(&sequence.to_le_bytes());
    header[24..32].copy_from_slice(&previous.to_le_bytes());
    let sum = checksum(&header[..32]);
    header[32..].copy_from_slice(&sum.to_le_bytes());
    header
}

pub(crate) fn parse_segment_header(bytes: &[u8], sequence: u64) -> HeaderState {
    if bytes.len() < 10 || bytes[..8] != MAGIC {
        return HeaderState::Damaged;
    }
    let version = u16::from_le_bytes([bytes[8], bytes[9]]);
    let intact = bytes.len() >= SEGMENT_HEADER_BYTES && checksum(&bytes[..32]) == u64_at(bytes, 32);
    // Every version keeps magic, version and this checksum where they are: so a rotten version
    // number is told from a real one.
    match version {
        _ if !intact || u64_at(bytes, 16) != sequence => HeaderState::Damaged,
        VERSION => HeaderState::Valid { previous: u64_at(bytes, 24) },
        version => HeaderState::Unsupported { version },
    }
}

/// A record's header after its checksum was found right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    pub(crate) payload_bytes: u32,
    pub(crate) kind: u8,
    pub(crate) payload_checksum: u64,
}

impl RecordHeader {
    /// Bytes of the whole record.
    pub(crate) fn record_bytes(self) -> u64 {
        RECORD_HEADER_BYTES as u64 + u64::from(self.payload_bytes)
    }

    pub(crate) fn encode(self, position: Position) -> [u8; RECORD_HEADER_BYTES] {
        let mut header = [0; RECORD_HEADER_BYTES];
        header[..4].copy_from_slice(&self.payload_bytes.to_le_bytes());
        header[4] = self.kind;
        header[8..16].copy_from_slice(&self.payload_checksum.to_le_bytes());
        let sum = header_checksum(&header, position);
        header[16..].copy_from_slice(&sum.to_le_bytes());
        header
    }

    /// `None` unless a record's header stands at the start of `bytes`.
    pub(crate) fn parse(bytes: &[u8], position: Position) -> Option<Self> {
        let header = bytes.get(..RECORD_HEADER_BYTES)?;
        // Cheap first: resynchronising calls this at every byte of a damaged stretch.
        if header[5..8] != [0; 3] || header_checksum(header, position) != u64_at(header, 16) {
            return None;
        }
        Some(Self {
            payload_bytes: u32::from_le_bytes([header[0], header[1], header[2], header[3]]),
            kind: header[4],
            payload_checksum: u64_at(header, 8),
        })
    }
}

/// Checksum of the first 16 header bytes and the record's place.
fn header_checksum(header: &[u8], position: Position) -> u64 {
    let mut covered = [0; 32];
    covered[..16].copy_from_slice(&header[..16]);
    covered[16..].copy_from_slice(&position.to_bytes());
    checksum(&covered)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}

const SEGMENT_SUFFIX: &str = ".wal";
const UNSYNCED_SUFFIX: &str = ".unsynced";

/// File name of a segment: its sequence number in 16 hexadecimal digits.
pub(crate) fn segment_name(sequence: u64) -> String {
    format!("{sequence:016x}{SEGMENT_SUFFIX}")
}

/// File that says that a sync of this segment has failed.
pub(crate) fn unsynced_name(sequence: u64) -> String {
    format!("{sequence:016x}{UNSYNCED_SUFFIX}")
}

/// What a file in the log's directory is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    Segment(u64),
    Unsynced(u64),
    Temporary,
    Foreign,
}

pub(crate) fn file_kind(name: &str) -> FileKind {
    let sequence = |suffix: &str| {
        let digits = name.strip_suffix(suffix).filter(|digits| digits.len() == 16)?;
        let lower = digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if lower { u64::from_str_radix(digits, 16).ok().filter(|s| *s > 0) } else { None }
    };
    if let Some(sequence) = sequence(SEGMENT_SUFFIX) {
        FileKind::Segment(sequence)
    } else if let Some(sequence) = sequence(UNSYNCED_SUFFIX) {
        FileKind::Unsynced(sequence)
    } else if name.strip_suffix(".tmp").is_some() {
        FileKind::Temporary
    } else {
        FileKind::Foreign
    }
}
