//! Makes the checksums of damaged files right again, so that damage reaches the code behind them.
//!
//! Whatever else is wrong stays wrong. Layouts: docs/format/part.md, metrics-part.md, wal.md,
//! manifest.md, metrics-tombstones.md.

use std::ops::Range;

use codec::checksum::checksum;

const PART_FOOTER_BYTES: usize = 64;
const PART_DIRECTORY_ENTRY_BYTES: usize = 32;
/// The section of a metrics part that refers to its pages, and the length of a reference.
const PART_SECTION_PAGES: u16 = 7;
const PART_PAGE_BYTES: usize = 36;

const SEGMENT_HEADER_BYTES: usize = 40;
const RECORD_HEADER_BYTES: usize = 24;
/// The number of the segment that the sealed bytes are planted as.
pub(crate) const SEGMENT: u64 = 1;

fn number(bytes: &[u8], at: usize, len: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(len)?)?;
    Some(field.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn range(offset: u64, len: u64, within: usize) -> Option<Range<usize>> {
    let end = offset.checked_add(len).filter(|end| *end <= within as u64)?;
    Some(offset as usize..end as usize)
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(field) = bytes.get_mut(at..at + value.len()) {
        field.copy_from_slice(value);
    }
}

/// Pages, sections, directory and footer of a metrics part, from the inside out.
pub(crate) fn seal_part(bytes: &mut [u8]) {
    let Some(footer) = bytes.len().checked_sub(PART_FOOTER_BYTES).filter(|at| *at >= 16) else {
        return;
    };
    put(bytes, 0, b"ORRERYPT\x01\0\0\0\0\0\0\0");
    put(bytes, footer + 32, &[1, 0]);
    put(bytes, footer + 56, b"ORRERYPT");
    let directory = number(bytes, footer, 8).and_then(|at| range(at, 0, footer));
    if let Some(Range { start, .. }) = directory {
        let count = (footer - start) / PART_DIRECTORY_ENTRY_BYTES;
        put(bytes, footer + 8, &(count as u32).to_le_bytes());
        for entry in 0..count {
            seal_section(bytes, start + entry * PART_DIRECTORY_ENTRY_BYTES, footer);
        }
        let sum = checksum(&bytes[start..footer]);
        put(bytes, footer + 16, &sum.to_le_bytes());
    }
    let sum = checksum(&bytes[footer..footer + 48]);
    put(bytes, footer + 48, &sum.to_le_bytes());
}

fn seal_section(bytes: &mut [u8], entry: usize, footer: usize) {
    let field = |at: usize, len: usize| number(bytes, entry + at, len);
    let (kind, place) = (field(0, 2), field(8, 8).zip(field(16, 8)));
    let Some(section) = place.and_then(|(offset, len)| range(offset, len, footer)) else { return };
    if kind == Some(u64::from(PART_SECTION_PAGES)) {
        seal_pages(bytes, section.clone());
    }
    let sum = checksum(&bytes[section]);
    put(bytes, entry + 24, &sum.to_le_bytes());
}

/// `sized(page*) page*`: both tables have entries of one length, so only the size is skipped.
fn seal_pages(bytes: &mut [u8], section: Range<usize>) {
    let Some(values) = number(bytes, section.start, 4) else { return };
    let values_end = (section.start + 4).saturating_add(values as usize).min(section.end);
    let tables = [section.start + 4..values_end, values_end..section.end];
    let entries = tables.into_iter().flat_map(|table| table.step_by(PART_PAGE_BYTES));
    for entry in entries {
        let place = number(bytes, entry + 8, 8).zip(number(bytes, entry + 28, 4));
        if let Some(page) = place.and_then(|(offset, len)| range(offset, len, bytes.len())) {
            let sum = checksum(&bytes[page]);
            if entry + PART_PAGE_BYTES <= section.end {
                put(bytes, entry + 16, &sum.to_le_bytes());
            }
        }
    }
}

/// Header and records of a segment with the number [`SEGMENT`].
pub(crate) fn seal_segment(bytes: &mut [u8]) {
    put(bytes, 0, b"ORRERYWL\x01\0\x28\0\0\0\0\0");
    put(bytes, 16, &SEGMENT.to_le_bytes());
    if let Some(header) = bytes.get(..32) {
        let sum = checksum(header);
        put(bytes, 32, &sum.to_le_bytes());
    }
    let mut at = SEGMENT_HEADER_BYTES;
    while let Some(payload_bytes) = number(bytes, at, 4) {
        let payload = at + RECORD_HEADER_BYTES;
        // The last record takes what is left.
        let end = payload.saturating_add(payload_bytes as usize).min(bytes.len());
        if payload > end {
            break;
        }
        put(bytes, at, &((end - payload) as u32).to_le_bytes());
        put(bytes, at + 5, &[0; 3]);
        let sum = checksum(&bytes[payload..end]);
        put(bytes, at + 8, &sum.to_le_bytes());
        let mut covered = bytes[at..at + 16].to_vec();
        covered.extend_from_slice(&SEGMENT.to_le_bytes());
        covered.extend_from_slice(&(at as u64).to_le_bytes());
        put(bytes, at + 16, &checksum(&covered).to_le_bytes());
        at = end;
    }
}

/// A file that begins with a magic number and a version, and ends with the checksum of all before.
pub(crate) fn seal_whole(bytes: &mut [u8], magic: [u8; 8]) {
    put(bytes, 0, &magic);
    put(bytes, 8, &[1, 0]);
    if let Some((content, sum)) = bytes.split_last_chunk_mut::<8>() {
        *sum = checksum(content).to_le_bytes();
    }
}
