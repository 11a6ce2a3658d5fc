//! Writes a part: pages, then sections, then the footer; visible only when complete and synced.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codec::checksum::checksum;
use platform::{Disk, DiskFile};

use crate::format::{
    Content, DIRECTORY_ENTRY_BYTES, Footer, HEADER_BYTES, PageRef, Section, SectionKind,
    encode_header,
};
use crate::summary::Summary;

/// Bytes collected before they are written.
const BUFFER_BYTES: usize = 256 << 10;

/// How a part is laid out.
#[derive(Clone, Copy, Debug)]
pub struct PartOptions {
    pub content: Content,
    /// Pages and sections start at multiples of this; a power of two. 8 keeps numbers aligned,
    /// 4096 makes large pages start on a page of the kernel.
    pub align: u32,
}

impl PartOptions {
    pub fn new(content: Content) -> Self {
        Self { content, align: 8 }
    }
}

/// Why a part could not be written; the temporary file is removed.
#[derive(Debug, thiserror::Error)]
pub enum WritePartError {
    /// The disk refused; see the source for `StorageFull`.
    #[error("cannot write part {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The container's limits: 4 GiB a page, 4 billion pages, each section kind once, kinds from
    /// 0xff00 up reserved. A bug of the caller.
    #[error("part {} breaks a limit of the format: {what}", path.display())]
    Limit { path: PathBuf, what: &'static str },
}

/// A part that was written and renamed into place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedPart {
    pub path: PathBuf,
    /// Length of the file.
    pub bytes: u64,
    /// Identifies the content together with the length.
    pub footer_checksum: u64,
    pub summary: Summary,
}

/// Writes one part. Dropping it without [`PartWriter::finish`] removes what was written.
pub struct PartWriter {
    disk: Arc<dyn Disk>,
    file: Arc<dyn DiskFile>,
    target: PathBuf,
    /// `None` once the file was renamed away.
    temp: Option<PathBuf>,
    options: PartOptions,
    buffer: Vec<u8>,
    /// Bytes in the file, without `buffer`.
    flushed: u64,
    page_count: u32,
    sections: Vec<Section>,
}

impl PartWriter {
    /// Starts a part that will appear at `target`; until then it is `target` with `.tmp` added.
    pub fn create(
        disk: Arc<dyn Disk>,
        target: impl Into<PathBuf>,
        options: PartOptions,
    ) -> Result<Self, WritePartError> {
        let target = target.into();
        let mut temp = target.clone().into_os_string();
        temp.push(".tmp");
        let temp = PathBuf::from(temp);
        let file = match disk.create_new(&temp) {
            // Left over by an attempt that could not clean up.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                disk.remove(&temp).and_then(|()| disk.create_new(&temp))
            }
            result => result,
        }
        .map_err(|source| WritePartError::Io { path: target.clone(), source })?;
        let mut buffer = Vec::with_capacity(BUFFER_BYTES);
        buffer.extend_from_slice(&encode_header());
        debug_assert!(options.align.is_power_of_two() && buffer.len() == HEADER_BYTES);
        Ok(Self {
            disk,
            file,
            target,
            temp: Some(temp),
            options,
            buffer,
            flushed: 0,
            page_count: 0,
            sections: Vec::new(),
        })
    }

    /// Bytes written so far.
    pub fn len(&self) -> u64 {
        self.flushed + self.buffer.len() as u64
    }

    /// Never: a part starts with its header.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Appends a page. Pages come before sections.
    pub fn add_page(&mut self, bytes: &[u8]) -> Result<PageRef, WritePartError> {
        let Ok(len) = u32::try_from(bytes.len()) else { return Err(self.limit("page size")) };
        if !self.sections.is_empty() {
            return Err(self.limit("a page after a section"));
        }
        let index = self.page_count;
        let Some(page_count) = index.checked_add(1) else { return Err(self.limit("page count")) };
        let offset = self.append_aligned(bytes)?;
        self.page_count = page_count;
        Ok(PageRef { offset, len, index, checksum: checksum(bytes) })
    }

    /// Appends a section; each kind at most once.
    pub fn add_section(&mut self, kind: SectionKind, bytes: &[u8]) -> Result<(), WritePartError> {
        if kind.is_reserved() {
            return Err(self.limit("a reserved section kind"));
        }
        self.append_section(kind, bytes)
    }

    /// Completes the part: writes footer and summary, syncs the file, renames it into place and
    /// syncs the directory. From then on it is complete at every moment.
    pub fn finish(mut self, summary: Summary) -> Result<FinishedPart, WritePartError> {
        self.append_section(SectionKind::SUMMARY, &summary.encode())?;
        let mut directory = Vec::with_capacity(self.sections.len() * DIRECTORY_ENTRY_BYTES);
        for section in &self.sections {
            section.encode(&mut directory);
        }
        let footer = Footer {
            directory_offset: self.append_aligned(&directory)?,
            section_count: self.sections.len() as u32,
            page_count: self.page_count,
            directory_checksum: checksum(&directory),
            content: self.options.content,
        }
        .encode();
        self.buffer.extend_from_slice(&footer);
        self.flush()?;
        let bytes = self.flushed;
        self.publish().map_err(|source| self.io(source))?;
        let path = std::mem::take(&mut self.target);
        Ok(FinishedPart { path, bytes, footer_checksum: Footer::checksum_of(&footer), summary })
    }

    fn publish(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        if let Some(temp) = &self.temp {
            self.disk.rename(temp, &self.target)?;
        }
        self.temp = None;
        self.disk.sync_dir(self.target.parent().unwrap_or(Path::new(".")))
    }

    fn append_section(&mut self, kind: SectionKind, bytes: &[u8]) -> Result<(), WritePartError> {
        if self.sections.iter().any(|section| section.kind == kind) {
            return Err(self.limit("a section kind twice"));
        }
        let offset = self.append_aligned(bytes)?;
        let (bytes, checksum) = (bytes.len() as u64, checksum(bytes));
        self.sections.push(Section { kind, offset, bytes, checksum });
        Ok(())
    }

    /// Appends at the next aligned offset and returns it.
    fn append_aligned(&mut self, bytes: &[u8]) -> Result<u64, WritePartError> {
        let offset = self.len().next_multiple_of(u64::from(self.options.align));
        let padding = (offset - self.len()) as usize;
        self.buffer.resize(self.buffer.len() + padding, 0);
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.flush()?;
        }
        if bytes.len() >= BUFFER_BYTES {
            // Large enough for a write of its own: no copy.
            self.file.append(bytes).map_err(|source| self.io(source))?;
            self.flushed += bytes.len() as u64;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(offset)
    }

    fn flush(&mut self) -> Result<(), WritePartError> {
        self.file.append(&self.buffer).map_err(|source| self.io(source))?;
        self.flushed += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    fn io(&self, source: io::Error) -> WritePartError {
        WritePartError::Io { path: self.target.clone(), source }
    }

    fn limit(&self, what: &'static str) -> WritePartError {
        WritePartError::Limit { path: self.target.clone(), what }
    }
}

impl Drop for PartWriter {
    fn drop(&mut self) {
        if let Some(temp) = self.temp.take() {
            // A leftover is removed when the manifest is opened next.
            self.disk.remove(&temp).ok();
        }
    }
}
