//! Metrics parts: immutable files of many series' chunks with their index.
//!
//! Spec: docs/format/metrics-part.md. The container (pages, sections, checksums) belongs to
//! `blockfile`; what the sections mean is defined here. Everything is read in place: an open part
//! costs next to no memory besides the mapped file.

mod aggregate;
mod chunks;
mod dictionary;
mod index;
mod labels;
mod pages;
mod postings_section;
mod read;
mod series;
#[cfg(test)]
mod tests;
mod write;

use blockfile::{Content, SectionKind};

pub(crate) use chunks::{ChunkKind, ChunkPlace};
pub(crate) use dictionary::DictionaryWriter;
pub(crate) use labels::LabelReader;
pub(crate) use pages::{PageCache, ReadScratch};
pub(crate) use read::MetricPart;
pub(crate) use write::{EncodedChunk, PartBuilder, SeriesRow};

/// What our parts call themselves inside the container.
pub(crate) const CONTENT: Content = Content { kind: 1, version: 2 };

/// Facts about the part: its order, and the number of series.
const SECTION_HEAD: SectionKind = SectionKind(1);
/// Label names and their values.
const SECTION_DICTIONARY: SectionKind = SectionKind(2);
/// Label sets by series.
const SECTION_SERIES: SectionKind = SectionKind(3);
/// Series by label pair.
const SECTION_POSTINGS: SectionKind = SectionKind(4);
/// Chunks by series, and where their values are.
const SECTION_CHUNKS: SectionKind = SectionKind(5);
/// Timestamp columns, and where they are.
const SECTION_TIMES: SectionKind = SectionKind(6);
/// Where the pages are.
const SECTION_PAGES: SectionKind = SectionKind(7);
/// Metric families and what is known of them.
const SECTION_METADATA: SectionKind = SectionKind(8);
/// Aggregates of chunks.
const SECTION_AGGREGATES: SectionKind = SectionKind(9);

/// Chunks are packed into pages of about this size; only the last chunk may make one longer.
const PAGE_BYTES: usize = 64 << 10;
/// Of chunks of histograms, each as long as those of a dozen series of floats: a read of one moment
/// unpacks whole pages, and should find little else in them.
const HISTOGRAM_PAGE_BYTES: usize = 8 << 10;

/// Splits a part of stated length off the front: `bytes:u32 bytes`.
fn take_sized<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    let (part, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
    *bytes = rest;
    Some(part)
}

/// Appends what `write` appends, behind its length.
fn put_sized(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let len = (out.len() - start - 4) as u32;
    if let Some(slot) = out.get_mut(start..start + 4) {
        slot.copy_from_slice(&len.to_le_bytes());
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|b| b.first_chunk::<4>()).map_or(0, |b| u32::from_le_bytes(*b))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|b| b.first_chunk::<8>()).map_or(0, |b| u64::from_le_bytes(*b))
}
