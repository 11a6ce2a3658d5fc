//! Pages of a part: two streams of bytes (values, and timestamps) that are cut between chunks,
//! compressed where that pays, and found by their place in the stream.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use blockfile::{PageRef, Part, PartWriter, ReadOrder, ReadPartError, WritePartError};
use codec::floats::FloatScratch;
use parking_lot::Mutex;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::{PAGE_BYTES, u32_at, u64_at};

/// `start:u64 offset:u64 checksum:u64 index:u32 bytes:u32 raw_bytes:u32`
const ENTRY_BYTES: usize = 36;
/// A page holds one chunk at least, and a chunk is bounded: more is damage.
const RAW_BYTES_MAX: u32 = 64 << 20;

/// Idle decompressors kept, about 100 KiB each.
const IDLE_MAX: usize = 8;

/// Collects one stream.
pub(super) struct PageStream {
    raw: Vec<u8>,
    /// Where `raw` starts in the stream.
    start: u64,
    entries: Vec<u8>,
}

impl PageStream {
    pub(super) fn new() -> Self {
        let raw = Vec::with_capacity(PAGE_BYTES + (PAGE_BYTES >> 2));
        Self { raw, start: 0, entries: Vec::new() }
    }

    /// Appends the bytes of a chunk, which stay together, to a page of about `page_bytes`, and
    /// tells where they end in the stream.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        page_bytes: usize,
        file: &mut PageFile,
    ) -> Result<u64, WritePartError> {
        if !self.raw.is_empty() && self.raw.len() + bytes.len() > page_bytes {
            self.flush(file)?;
        }
        self.raw.extend_from_slice(bytes);
        Ok(self.start + self.raw.len() as u64)
    }

    pub(super) fn flush(&mut self, file: &mut PageFile) -> Result<(), WritePartError> {
        if self.raw.is_empty() {
            return Ok(());
        }
        let page = file.add(&self.raw)?;
        self.entries.extend_from_slice(&self.start.to_le_bytes());
        self.entries.extend_from_slice(&page.offset.to_le_bytes());
        self.entries.extend_from_slice(&page.checksum.to_le_bytes());
        for number in [page.index, page.len, self.raw.len() as u32] {
            self.entries.extend_from_slice(&number.to_le_bytes());
        }
        self.start += self.raw.len() as u64;
        self.raw.clear();
        Ok(())
    }

    pub(super) fn entries(&self) -> &[u8] {
        &self.entries
    }
}

/// The file that both streams go to.
pub(super) struct PageFile {
    pub(super) writer: PartWriter,
    compressor: Option<zstd::bulk::Compressor<'static>>,
}

impl PageFile {
    /// `level`: of zstd, see [`super::write`].
    pub(super) fn new(writer: PartWriter, level: i32) -> Self {
        // Without a compressor (no memory for one) pages are written as they are.
        Self { writer, compressor: zstd::bulk::Compressor::new(level).ok() }
    }

    fn add(&mut self, raw: &[u8]) -> Result<PageRef, WritePartError> {
        let packed = self.compressor.as_mut().and_then(|c| c.compress(raw).ok());
        // A page that need not be unpacked saves more time than the last few per cent are worth.
        let pays = |packed: &Vec<u8>| packed.len() + raw.len() / 16 < raw.len();
        match packed.filter(pays) {
            Some(packed) => self.writer.add_page(&packed),
            None => self.writer.add_page(raw),
        }
    }
}

/// The pages of one stream, in place.
#[derive(Clone, Copy, Default)]
pub(super) struct PageTable<'a>(&'a [u8]);

impl<'a> PageTable<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        bytes.len().is_multiple_of(ENTRY_BYTES).then_some(Self(bytes))
    }

    /// The bytes `range` of the stream, which lie in one page: `last` becomes that.
    pub(super) fn bytes<'l>(
        self,
        range: &Range<u64>,
        part: &Part,
        source: &PageSource<'_>,
        last: &'l mut LastPage,
    ) -> Result<&'l [u8], ReadPartError> {
        if range.is_empty() {
            return Ok(&[]);
        }
        if !last.holds(source.part, range) {
            *last = self.load(range, part, source)?;
        }
        last.bytes(range).ok_or_else(|| damaged(part, "chunk's place"))
    }

    /// The page that the bytes start in.
    fn load(
        self,
        range: &Range<u64>,
        part: &Part,
        source: &PageSource<'_>,
    ) -> Result<LastPage, ReadPartError> {
        let start = |page: usize| u64_at(self.0, page * ENTRY_BYTES);
        let (mut low, mut high) = (0, self.0.len() / ENTRY_BYTES);
        while low < high {
            let middle = low + (high - low) / 2;
            if start(middle) <= range.start { low = middle + 1 } else { high = middle }
        }
        let Some(page) = low.checked_sub(1) else { return Err(damaged(part, "page table")) };
        let at = page * ENTRY_BYTES;
        let entry = PageRef {
            offset: u64_at(self.0, at + 8),
            checksum: u64_at(self.0, at + 16),
            index: u32_at(self.0, at + 24),
            len: u32_at(self.0, at + 28),
        };
        let raw_bytes = u32_at(self.0, at + 32);
        let from = start(page);
        let page = source.cache.get_or_load((source.part, entry.index), || {
            part.prefetch(&entry, source.cache.order);
            let bytes = part.page(&entry)?;
            if raw_bytes == entry.len {
                // It did not compress.
                return Ok(bytes.into());
            }
            source.cache.unpack(bytes, raw_bytes).ok_or_else(|| damaged(part, "page"))
        })?;
        Ok(LastPage { part: source.part, start: from, page: Some(page) })
    }
}

pub(super) fn damaged(part: &Part, what: &'static str) -> ReadPartError {
    let path = part.path().to_owned();
    ReadPartError::Corrupt { path, offset: 0, what, got: 0, want: 0 }
}

/// Which part a page belongs to, and where unpacked pages are kept.
pub(super) struct PageSource<'c> {
    pub(super) part: u64,
    pub(super) cache: &'c PageCache,
}

/// The page of a stream that was read last: chunks that are neighbours lie in it, and need not be
/// looked up.
#[derive(Debug, Default)]
pub(super) struct LastPage {
    part: u64,
    /// Where the page starts in its stream.
    start: u64,
    page: Option<Arc<[u8]>>,
}

impl LastPage {
    fn holds(&self, part: u64, range: &Range<u64>) -> bool {
        self.part == part && self.bytes(range).is_some()
    }

    fn bytes(&self, range: &Range<u64>) -> Option<&[u8]> {
        let within = |at: u64| usize::try_from(at.checked_sub(self.start)?).ok();
        self.page.as_deref()?.get(within(range.start)?..within(range.end)?)
    }
}

/// The pages that were read last, of each stream.
#[derive(Debug, Default)]
pub(crate) struct LastPages {
    pub(super) times: LastPage,
    pub(super) values: LastPage,
}

/// Working memory of whoever reads chunks; kept between chunks.
#[derive(Debug, Default)]
pub(crate) struct ReadScratch {
    pub(crate) pages: LastPages,
    pub(super) floats: FloatScratch,
}

/// Unpacked pages, so that a page of 200 series is not unpacked 200 times; bounded by bytes.
pub(crate) struct PageCache {
    /// How those that are not here are read.
    order: ReadOrder,
    pages: Cache<(u64, u32), Arc<[u8]>, PageWeight>,
    /// Idle decompressors: making one costs more than unpacking a page.
    idle: Mutex<Vec<zstd::bulk::Decompressor<'static>>>,
    next_part: AtomicU64,
}

impl std::fmt::Debug for PageCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageCache").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct PageWeight;

impl Weighter<(u64, u32), Arc<[u8]>> for PageWeight {
    fn weight(&self, _key: &(u64, u32), page: &Arc<[u8]>) -> u64 {
        page.len() as u64 + 64
    }
}

impl PageCache {
    pub(crate) fn new(bytes_max: u64, order: ReadOrder) -> Self {
        let pages = (bytes_max as usize / PAGE_BYTES).max(4);
        let pages = Cache::with_weighter(pages, bytes_max, PageWeight);
        Self { order, pages, idle: Mutex::default(), next_part: AtomicU64::new(0) }
    }

    /// A number that no other part of this cache has.
    pub(super) fn name_part(&self) -> u64 {
        self.next_part.fetch_add(1, Ordering::Relaxed)
    }

    /// Bytes of unpacked pages held.
    pub(crate) fn bytes(&self) -> u64 {
        self.pages.weight()
    }

    fn get_or_load(
        &self,
        key: (u64, u32),
        load: impl FnOnce() -> Result<Arc<[u8]>, ReadPartError>,
    ) -> Result<Arc<[u8]>, ReadPartError> {
        if let Some(page) = self.pages.get(&key) {
            return Ok(page);
        }
        let page = load()?;
        self.pages.insert(key, Arc::clone(&page));
        Ok(page)
    }

    fn unpack(&self, packed: &[u8], raw_bytes: u32) -> Option<Arc<[u8]>> {
        if raw_bytes > RAW_BYTES_MAX {
            return None;
        }
        let idle = self.idle.lock().pop();
        let mut decompressor = idle.or_else(|| zstd::bulk::Decompressor::new().ok())?;
        let raw = decompressor.decompress(packed, raw_bytes as usize).ok()?;
        let mut idle = self.idle.lock();
        if idle.len() < IDLE_MAX {
            idle.push(decompressor);
        }
        (raw.len() == raw_bytes as usize).then(|| raw.into())
    }
}
