//! Bytes of a part file around the caller's pages and sections. Spec: docs/format/part.md
//!
//! ```text
//! part      := header page* section* directory footer
//! header    := magic[8] version:u16 zero[6]
//! directory := (kind:u16 zero[6] offset:u64 bytes:u64 checksum:u64)*
//! footer    := directory_offset:u64 section_count:u32 page_count:u32 directory_checksum:u64
//!              content_kind:u16 content_version:u16 zero:u32 version:u16 zero[14]
//!              checksum:u64 magic[8]
//! ```
//! All numbers are little-endian. The footer is found from the end of the file, so that one read
//! of the tail is enough to know what a part holds.

use codec::checksum::checksum;
use codec::varint::{VarintError, put_u64, take_u64};

pub(crate) const MAGIC: [u8; 8] = *b"ORRERYPT";
/// The version that this code writes, and the only one so far.
pub const PART_VERSION: u16 = 1;
pub(crate) const HEADER_BYTES: usize = 16;
pub(crate) const DIRECTORY_ENTRY_BYTES: usize = 2 + 6 + 8 + 8 + 8;
pub(crate) const FOOTER_BYTES: usize = 8 + 4 + 4 + 8 + 2 + 2 + 4 + 2 + 14 + 8 + 8;
const _: () = assert!(DIRECTORY_ENTRY_BYTES == 32 && FOOTER_BYTES == 64);

/// Names a section of a part. Kinds from `0xff00` up belong to the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionKind(pub u16);

impl SectionKind {
    /// The container's own: the part's [`Summary`](crate::Summary).
    pub(crate) const SUMMARY: Self = Self(0xff00);

    pub(crate) fn is_reserved(self) -> bool {
        self.0 >= 0xff00
    }
}

/// What the pages and sections mean, which only the writing store knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// The store: 1 metrics, 2 logs, 3 traces.
    pub kind: u16,
    /// Version of that store's layout inside the container.
    pub version: u16,
}

/// Where a page lies, and what proves that it is intact. The writer of a part keeps these in one
/// of its own sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRef {
    /// From the start of the file.
    pub offset: u64,
    /// Length in bytes, without padding.
    pub len: u32,
    /// Number of the page in the file, from 0.
    pub index: u32,
    pub checksum: u64,
}

impl PageRef {
    /// Appends the reference: three varints and the checksum, about 16 bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_u64(out, self.offset);
        put_u64(out, u64::from(self.len));
        put_u64(out, u64::from(self.index));
        out.extend_from_slice(&self.checksum.to_le_bytes());
    }

    /// Takes one reference off the front of `bytes`.
    pub fn decode(bytes: &mut &[u8]) -> Result<Self, VarintError> {
        let offset = take_u64(bytes)?;
        let len = u32::try_from(take_u64(bytes)?).map_err(|_| VarintError::Overflow)?;
        let index = u32::try_from(take_u64(bytes)?).map_err(|_| VarintError::Overflow)?;
        let (sum, rest) = bytes.split_first_chunk::<8>().ok_or(VarintError::Truncated)?;
        *bytes = rest;
        Ok(Self { offset, len, index, checksum: u64::from_le_bytes(*sum) })
    }
}

/// One entry of the section directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) kind: SectionKind,
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) checksum: u64,
}

impl Section {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.kind.0.to_le_bytes());
        out.extend_from_slice(&[0; 6]);
        for number in [self.offset, self.bytes, self.checksum] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }

    pub(crate) fn decode(entry: &[u8]) -> Self {
        Self {
            kind: SectionKind(u16_at(entry, 0)),
            offset: u64_at(entry, 8),
            bytes: u64_at(entry, 16),
            checksum: u64_at(entry, 24),
        }
    }
}

/// The last bytes of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Footer {
    pub(crate) directory_offset: u64,
    pub(crate) section_count: u32,
    pub(crate) page_count: u32,
    pub(crate) directory_checksum: u64,
    pub(crate) content: Content,
}

/// Why the last bytes of a file are not a footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FooterError {
    Magic,
    Checksum { got: u64, want: u64 },
    Version(u16),
}

impl Footer {
    pub(crate) fn encode(&self) -> [u8; FOOTER_BYTES] {
        let mut out = [0; FOOTER_BYTES];
        out[..8].copy_from_slice(&self.directory_offset.to_le_bytes());
        out[8..12].copy_from_slice(&self.section_count.to_le_bytes());
        out[12..16].copy_from_slice(&self.page_count.to_le_bytes());
        out[16..24].copy_from_slice(&self.directory_checksum.to_le_bytes());
        out[24..26].copy_from_slice(&self.content.kind.to_le_bytes());
        out[26..28].copy_from_slice(&self.content.version.to_le_bytes());
        out[32..34].copy_from_slice(&PART_VERSION.to_le_bytes());
        let sum = checksum(&out[..48]);
        out[48..56].copy_from_slice(&sum.to_le_bytes());
        out[56..].copy_from_slice(&MAGIC);
        out
    }

    /// The footer's checksum field: with the length it identifies the file's content.
    pub(crate) fn checksum_of(footer: &[u8; FOOTER_BYTES]) -> u64 {
        u64_at(footer, 48)
    }

    /// Version, checksum and magic keep their places in every version, so a later version is told
    /// from a rotten one.
    pub(crate) fn parse(bytes: &[u8; FOOTER_BYTES]) -> Result<Self, FooterError> {
        if bytes[56..] != MAGIC {
            return Err(FooterError::Magic);
        }
        let (got, want) = (checksum(&bytes[..48]), u64_at(bytes, 48));
        if got != want {
            return Err(FooterError::Checksum { got, want });
        }
        match u16_at(bytes, 32) {
            PART_VERSION => Ok(Self {
                directory_offset: u64_at(bytes, 0),
                section_count: u32_at(bytes, 8),
                page_count: u32_at(bytes, 12),
                directory_checksum: u64_at(bytes, 16),
                content: Content { kind: u16_at(bytes, 24), version: u16_at(bytes, 26) },
            }),
            version => Err(FooterError::Version(version)),
        }
    }
}

pub(crate) fn encode_header() -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(&MAGIC);
    header[8..10].copy_from_slice(&PART_VERSION.to_le_bytes());
    header
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}
