//! Reads a part through a view of the whole file; everything is checked before it is handed out.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use codec::checksum::checksum;
use platform::{Disk, FileView};

use crate::format::{
    Content, DIRECTORY_ENTRY_BYTES, FOOTER_BYTES, Footer, FooterError, HEADER_BYTES, PART_VERSION,
    PageRef, Section, SectionKind, u64_at,
};
use crate::summary::Summary;

/// Why a part cannot be read; one variant per reaction.
#[derive(Debug, thiserror::Error)]
pub enum ReadPartError {
    /// Retention or a merge was faster: skip it, the manifest no longer lists it.
    #[error("part {} is gone", path.display())]
    Gone { path: PathBuf },
    /// Quarantine it; reading again will not help. `got` and `want` are checksums, or lengths
    /// where `what` says so.
    #[error(
        "part {} is corrupt at byte {offset} ({what}): got {got:#018x}, want {want:#018x}",
        path.display()
    )]
    Corrupt { path: PathBuf, offset: u64, what: &'static str, got: u64, want: u64 },
    /// A later version of this program wrote it: leave it alone.
    #[error("part {} has format version {version}, this program reads {supported}", path.display())]
    Unsupported { path: PathBuf, version: u16, supported: u16 },
    /// The environment failed: retry.
    #[error("cannot read part {}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// How pages are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOrder {
    /// Here and there: a page is read and nothing else.
    Scattered,
    /// About as they lie in the file: those that follow are read along.
    Ascending,
}

/// Bytes that are read at once in ascending order.
const READ_AHEAD_BYTES: u64 = 1 << 20;

/// An open part. Cheap to keep: pages are read from disk when they are touched.
pub struct Part {
    path: PathBuf,
    view: FileView,
    footer: Footer,
    footer_checksum: u64,
    sections: Vec<Section>,
    summary: Summary,
    /// One bit per page: its checksum was found right.
    verified: Vec<AtomicU64>,
}

impl Part {
    /// Opens a part and checks header, footer, directory and all sections (not the pages).
    pub fn open(disk: &dyn Disk, path: impl Into<PathBuf>) -> Result<Self, ReadPartError> {
        let path = path.into();
        let view = disk.map(&path).map_err(|source| {
            let path = path.clone();
            match source.kind() {
                io::ErrorKind::NotFound => ReadPartError::Gone { path },
                _ => ReadPartError::Io { path, source },
            }
        })?;
        Self::from_view(path, view)
    }

    /// The same for bytes that come from elsewhere, such as object storage.
    pub fn from_view(path: PathBuf, view: FileView) -> Result<Self, ReadPartError> {
        let corrupt = |offset: u64, what, got, want| {
            let path = path.clone();
            Err(ReadPartError::Corrupt { path, offset, what, got, want })
        };
        let len = view.len() as u64;
        let Some((body, tail)) = view.split_last_chunk::<FOOTER_BYTES>() else {
            return corrupt(0, "length", len, (HEADER_BYTES + FOOTER_BYTES) as u64);
        };
        let body_len = body.len() as u64;
        let footer = match Footer::parse(tail) {
            Ok(footer) => footer,
            Err(FooterError::Magic) => {
                let want = u64::from_le_bytes(crate::format::MAGIC);
                return corrupt(body_len + 56, "footer magic", u64_at(tail, 56), want);
            }
            Err(FooterError::Checksum { got, want }) => {
                return corrupt(body_len, "footer", got, want);
            }
            Err(FooterError::Version(version)) => {
                return Err(ReadPartError::Unsupported { path, version, supported: PART_VERSION });
            }
        };
        let header = crate::format::encode_header();
        if body.len() < HEADER_BYTES || body[..8] != header[..8] {
            let got = body.get(..8).map_or(0, |magic| u64_at(magic, 0));
            return corrupt(0, "magic", got, u64_at(&header, 0));
        }
        if body[8..HEADER_BYTES] != header[8..] {
            return corrupt(8, "header", u64_at(body, 8), u64_at(&header, 8));
        }
        let directory_bytes = u64::from(footer.section_count) * DIRECTORY_ENTRY_BYTES as u64;
        let directory_end = footer.directory_offset.checked_add(directory_bytes);
        if directory_end != Some(body_len) {
            let got = directory_end.unwrap_or(u64::MAX);
            return corrupt(body_len, "directory length", got, body_len);
        }
        let directory = &body[footer.directory_offset as usize..];
        let got = checksum(directory);
        if got != footer.directory_checksum {
            return corrupt(footer.directory_offset, "directory", got, footer.directory_checksum);
        }
        let mut sections = Vec::with_capacity(footer.section_count as usize);
        for entry in directory.chunks_exact(DIRECTORY_ENTRY_BYTES) {
            let section = Section::decode(entry);
            let Some(bytes) = slice(body, section.offset, section.bytes) else {
                return corrupt(section.offset, "section length", section.bytes, body_len);
            };
            let got = checksum(bytes);
            if got != section.checksum {
                return corrupt(section.offset, "section", got, section.checksum);
            }
            sections.push(section);
        }
        let summary = sections
            .iter()
            .find(|section| section.kind == SectionKind::SUMMARY)
            .and_then(|section| Summary::decode(slice(body, section.offset, section.bytes)?));
        let Some(summary) = summary else {
            return corrupt(footer.directory_offset, "summary", 0, 1);
        };
        // Pages come first in the file; sections are looked through as a whole.
        let pages_end = sections.iter().map(|section| section.offset).min().unwrap_or_default();
        view.expect_scattered_reads(0..pages_end as usize);
        let verified = (0..footer.page_count.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        let footer_checksum = Footer::checksum_of(tail);
        Ok(Self { path, view, footer, footer_checksum, sections, summary, verified })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Length of the file.
    pub fn bytes(&self) -> u64 {
        self.view.len() as u64
    }

    pub fn content(&self) -> Content {
        self.footer.content
    }

    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    pub fn page_count(&self) -> u32 {
        self.footer.page_count
    }

    /// Identifies the content together with the length.
    pub fn footer_checksum(&self) -> u64 {
        self.footer_checksum
    }

    /// The bytes of a section, checked when the part was opened.
    pub fn section(&self, kind: SectionKind) -> Option<&[u8]> {
        let section = self.sections.iter().find(|section| section.kind == kind)?;
        slice(&self.view, section.offset, section.bytes)
    }

    /// The bytes of a page.
    ///
    /// The checksum is computed the first time only; bit rot that strikes after that is found when
    /// the part is opened again.
    /// Errors: `Corrupt` when the page or the reference to it is damaged.
    pub fn page(&self, page: &PageRef) -> Result<&[u8], ReadPartError> {
        let corrupt = |what, got, want| {
            let (path, offset) = (self.path.clone(), page.offset);
            ReadPartError::Corrupt { path, offset, what, got, want }
        };
        let bytes = slice(&self.view, page.offset, u64::from(page.len))
            .ok_or_else(|| corrupt("page length", u64::from(page.len), self.bytes()))?;
        let bit = 1 << (page.index % 64);
        // A reference without a bit is checked every time, then found to be of another part.
        let word = self.verified.get((page.index / 64) as usize);
        if word.is_none_or(|word| word.load(Ordering::Relaxed) & bit == 0) {
            let got = checksum(bytes);
            if got != page.checksum {
                return Err(corrupt("page", got, page.checksum));
            }
            if let Some(word) = word {
                word.fetch_or(bit, Ordering::Relaxed);
            }
        }
        Ok(bytes)
    }

    /// Has a page read from the disk that is about to be asked for, in one go. Cost: a system call
    /// at most, so it is for pages that are not kept elsewhere.
    pub fn prefetch(&self, page: &PageRef, order: ReadOrder) {
        if let Some(range) = bytes_to_read(page, order) {
            self.view.will_need(range.start as usize..range.end as usize);
        }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What is read from the disk before a page; nothing where one before it has seen to that.
fn bytes_to_read(page: &PageRef, order: ReadOrder) -> Option<Range<u64>> {
    let end = page.offset.saturating_add(u64::from(page.len));
    match order {
        ReadOrder::Scattered => Some(page.offset..end),
        ReadOrder::Ascending => {
            // The page that a stretch begins in has all of it read.
            let is_first = page.index == 0;
            // A place that no file reaches is of a damaged table; reading the page says so.
            let next = |offset: u64| offset.checked_next_multiple_of(READ_AHEAD_BYTES);
            let start = if is_first { page.offset } else { next(page.offset)? };
            (start < end).then(|| start..next(end).unwrap_or(u64::MAX))
        }
    }
}

fn slice(bytes: &[u8], offset: u64, len: u64) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(len).ok()?)?)
}

#[cfg(test)]
mod tests {
    use super::{PageRef, READ_AHEAD_BYTES, ReadOrder, bytes_to_read};

    #[test]
    fn in_order_every_byte_is_read_once() {
        let check = |offset: u64, len: u32, index: u32, want: Option<std::ops::Range<u64>>| {
            let page = PageRef { offset, len, index, checksum: 0 };
            assert_eq!(bytes_to_read(&page, ReadOrder::Ascending), want, "{offset}");
            let own = Some(offset..offset + u64::from(len));
            assert_eq!(bytes_to_read(&page, ReadOrder::Scattered), own);
        };
        let stretch = READ_AHEAD_BYTES;
        check(16, 1000, 0, Some(16..stretch));
        check(1016, 1000, 1, None);
        check(stretch - 10, 1000, 40, Some(stretch..2 * stretch));
        check(2 * stretch, 1000, 80, Some(2 * stretch..3 * stretch));
        check(3 * stretch - 10, 2 << 20, 120, Some(3 * stretch..5 * stretch));
        check(5 * stretch - 10, 10, 121, None);
        // Of a damaged page table.
        check(u64::MAX - 2000, 1000, 122, None);
        check(u64::MAX - 2000, 1000, 0, Some(u64::MAX - 2000..u64::MAX));
    }
}
