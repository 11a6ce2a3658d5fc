//! Walks the records of one segment and finds its way again after damage.

use std::io;
use std::ops::Range;

use codec::checksum::checksum;
use platform::DiskFile;

use crate::format::{Position, RECORD_HEADER_BYTES, RecordHeader};

/// Bytes read from the file at once.
const READ_BYTES: usize = 1 << 20;

/// One step of a walk; offsets count from the start of the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Record {
        position: Position,
        kind: u8,
        payload: &'a [u8],
    },
    /// Bytes that belong to no readable record.
    Damage(Range<u64>),
}

/// Walks `file` from `from` to `len`, oldest record first.
///
/// Memory: one read buffer, grown to the longest record. Damage is reported once for each stretch,
/// in place. Cost: linear; a damaged stretch costs one header check for each of its bytes.
pub(crate) struct Scan<'a> {
    file: &'a dyn DiskFile,
    segment: u64,
    len: u64,
    next: u64,
    buffer: Buffer,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(file: &'a dyn DiskFile, segment: u64, from: u64, len: u64) -> Self {
        Self { file, segment, len, next: from, buffer: Buffer::default() }
    }

    /// The next step; `None` at the end of the file.
    pub(crate) fn step(&mut self) -> io::Result<Option<Step<'_>>> {
        let start = self.next;
        while self.next < self.len {
            let offset = self.next;
            let Some(header) = self.header_at(offset)? else {
                self.next += 1;
                continue;
            };
            if offset > start {
                // `next` stays: the record is returned by the following call.
                return Ok(Some(Step::Damage(start..offset)));
            }
            self.next = offset + header.record_bytes();
            let at = offset + RECORD_HEADER_BYTES as u64;
            let payload = self.buffer.read(self.file, at..self.next, self.len)?;
            if checksum(payload) == header.payload_checksum {
                // Read again for the borrow checker: the bytes are in the buffer already.
                let payload = self.buffer.read(self.file, at..self.next, self.len)?;
                let position = Position { segment: self.segment, offset };
                return Ok(Some(Step::Record { position, kind: header.kind, payload }));
            }
            return Ok(Some(Step::Damage(offset..self.next)));
        }
        Ok((start < self.len).then_some(Step::Damage(start..self.len)))
    }

    /// The header of a record that stands at `offset` and ends inside the file.
    fn header_at(&mut self, offset: u64) -> io::Result<Option<RecordHeader>> {
        if offset + RECORD_HEADER_BYTES as u64 > self.len {
            return Ok(None);
        }
        let end = offset + RECORD_HEADER_BYTES as u64;
        let bytes = self.buffer.read(self.file, offset..end, self.len)?;
        let header = RecordHeader::parse(bytes, Position { segment: self.segment, offset });
        Ok(header.filter(|header| offset + header.record_bytes() <= self.len))
    }
}

/// A window over the file; `start` is the offset of its first byte.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    start: u64,
}

impl Buffer {
    /// The bytes `range`, which must lie before `len`, read ahead of need.
    fn read(&mut self, file: &dyn DiskFile, range: Range<u64>, len: u64) -> io::Result<&[u8]> {
        let held = self.start..self.start + self.bytes.len() as u64;
        if range.start < held.start || range.end > held.end {
            let wanted = (range.end - range.start).max(READ_BYTES as u64).min(len - range.start);
            let size = usize::try_from(wanted).map_err(io::Error::other)?;
            self.bytes.resize(size, 0);
            self.start = range.start;
            let mut filled = 0;
            while filled < size {
                match file.read_at(range.start + filled as u64, &mut self.bytes[filled..])? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    read => filled += read,
                }
            }
        }
        let from = (range.start - self.start) as usize;
        Ok(&self.bytes[from..from + (range.end - range.start) as usize])
    }
}
