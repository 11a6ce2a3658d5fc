//! Metrics parts: immutable files of many series' chunks with their index.
//!
//! Spec: docs/format/metrics-part.md. The container (pages, sections, checksums) belongs to
//! `blockfile`; what the sections mean is defined here.

mod read;
mod write;

use blockfile::{Content, SectionKind};

pub(crate) use read::MetricPart;
pub(crate) use write::{PartBuilder, SeriesRow};

/// What our parts call themselves inside the container.
pub(crate) const CONTENT: Content = Content { kind: 1, version: 1 };

/// Facts about the part: its order, and the number of series.
const SECTION_HEAD: SectionKind = SectionKind(1);
/// Sorted, distinct strings.
const SECTION_STRINGS: SectionKind = SectionKind(2);
/// Label sets by series.
const SECTION_SERIES: SectionKind = SectionKind(3);
/// 128-bit identities by series.
const SECTION_IDS: SectionKind = SectionKind(4);
/// Label names, label pairs, posting lists.
const SECTION_POSTINGS: SectionKind = SectionKind(5);
/// Chunks by series.
const SECTION_CHUNKS: SectionKind = SectionKind(6);
/// Where the pages are.
const SECTION_PAGES: SectionKind = SectionKind(7);
/// Metric families and what is known of them.
const SECTION_METADATA: SectionKind = SectionKind(8);

/// Chunks are packed into pages of about this size; only the last chunk may make one longer.
const PAGE_BYTES: usize = 64 << 10;

/// Appends a table of variable-length rows: `count:u32 offset:u32*(count + 1) bytes`.
fn put_rows(out: &mut Vec<u8>, ends: &[u32], bytes: &[u8]) {
    out.extend_from_slice(&(ends.len() as u32).to_le_bytes());
    out.extend_from_slice(&0_u32.to_le_bytes());
    for end in ends {
        out.extend_from_slice(&end.to_le_bytes());
    }
    out.extend_from_slice(bytes);
}
