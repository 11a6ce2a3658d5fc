//! What an opened directory held: cuts a torn tail, reports damage, streams the records.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::{Disk, DiskFile};

use crate::config::OpenError;
use crate::format::{
    FileKind, HeaderState, Position, SEGMENT_HEADER_BYTES, VERSION, file_kind,
    parse_segment_header, segment_name, unsynced_name,
};
use crate::scan::{Scan, Step};

/// Damages that a report names one by one; further ones are only counted.
const DAMAGE_NAMED_MAX: usize = 100;

/// A stretch of bytes that holds no readable record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    pub path: PathBuf,
    pub offset: u64,
    pub bytes: u64,
}

/// The records that were in the log when it was opened.
pub struct Recovery {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    pub(crate) segments: Vec<FoundSegment>,
    /// The unfinished end of the last segment, which was cut off: what a crash leaves behind.
    pub torn_tail: Option<Damage>,
}

/// What a replay went through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplayReport {
    /// Records handed to the callback.
    pub records: u64,
    /// Bytes of their payloads.
    pub payload_bytes: u64,
    /// The first damages, oldest first. After a power loss there may be some among the records
    /// that had not been synced yet; anywhere else they mean that the disk is failing.
    pub damage: Vec<Damage>,
    /// Bytes of all damages.
    pub damage_bytes: u64,
    /// Segments that a later segment names as its predecessor but that are not there.
    pub missing_segments: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct FoundSegment {
    pub(crate) sequence: u64,
    pub(crate) len: u64,
    pub(crate) header: HeaderState,
}

impl FoundSegment {
    /// Where records start: a damaged header may hide the first of them.
    fn records_from(&self) -> u64 {
        match self.header {
            HeaderState::Valid { .. } => SEGMENT_HEADER_BYTES as u64,
            _ => 0,
        }
    }
}

impl Recovery {
    /// Whether the log held nothing at all.
    pub fn is_empty(&self) -> bool {
        self.segments.iter().all(|segment| segment.len <= segment.records_from())
    }

    /// Numbers of the first and the last segment there were; 0 and 0 without any.
    pub fn segments(&self) -> (u64, u64) {
        let of = |segment: Option<&FoundSegment>| segment.map_or(0, |found| found.sequence);
        (of(self.segments.first()), of(self.segments.last()))
    }

    /// Hands every record at or after `from` to `record`, in the order in which they were
    /// appended. Memory: one buffer of at least 1 MiB that grows to the longest record.
    /// Errors: a file cannot be read; what was delivered before stands.
    pub fn replay(
        &self,
        from: Position,
        mut record: impl FnMut(Position, u8, &[u8]),
    ) -> Result<ReplayReport, OpenError> {
        let mut report = ReplayReport::default();
        // Segments older than `from` may have been removed, so the first gap that counts is
        // between `from` and what is there.
        let mut before = from.segment.saturating_sub(1);
        for segment in self.segments.iter().filter(|s| s.sequence >= from.segment) {
            if let HeaderState::Valid { previous } = segment.header
                && previous > before
                && before > 0
            {
                report.missing_segments += 1;
            }
            before = segment.sequence;
            let path = self.dir.join(segment_name(segment.sequence));
            self.replay_segment(segment, &path, from, &mut record, &mut report)
                .map_err(|source| OpenError::Io { path, source })?;
        }
        Ok(report)
    }

    fn replay_segment(
        &self,
        segment: &FoundSegment,
        path: &Path,
        from: Position,
        record: &mut impl FnMut(Position, u8, &[u8]),
        report: &mut ReplayReport,
    ) -> io::Result<()> {
        let file = self.disk.open(path)?;
        let mut scan = Scan::new(&*file, segment.sequence, segment.records_from(), segment.len);
        while let Some(step) = scan.step()? {
            match step {
                Step::Record { position, .. } if position < from => {}
                Step::Record { position, kind, payload } => {
                    record(position, kind, payload);
                    report.records += 1;
                    report.payload_bytes += payload.len() as u64;
                }
                Step::Damage(range) => {
                    let bytes = range.end - range.start;
                    report.damage_bytes += bytes;
                    let path = path.to_owned();
                    if report.damage.len() < DAMAGE_NAMED_MAX {
                        report.damage.push(Damage { path, offset: range.start, bytes });
                    }
                }
            }
        }
        Ok(())
    }
}

/// Lists the segments of `dir`, mends what a crash left and cuts the torn tail.
pub(crate) fn recover(disk: Arc<dyn Disk>, dir: &Path) -> Result<Recovery, OpenError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenError::Io { path, source }
    };
    disk.create_dir_all(dir).map_err(at(dir))?;
    let mut sequences = Vec::new();
    let mut unsynced = Vec::new();
    for entry in disk.list(dir).map_err(at(dir))?.into_iter().filter(|entry| !entry.is_dir) {
        match file_kind(&entry.name) {
            FileKind::Segment(sequence) => sequences.push((sequence, entry.len)),
            FileKind::Unsynced(sequence) => unsynced.push(sequence),
            FileKind::Temporary => {
                let path = dir.join(&entry.name);
                disk.remove(&path).map_err(at(&path))?;
            }
            FileKind::Foreign => {}
        }
    }
    sequences.sort_unstable();
    let mut segments = Vec::with_capacity(sequences.len());
    for (index, &(sequence, len)) in sequences.iter().enumerate() {
        let path = dir.join(segment_name(sequence));
        if len < SEGMENT_HEADER_BYTES as u64 && index + 1 < sequences.len() {
            // A crash while it was created; it never held a record. The last one stays for its
            // number, which must not be used again.
            disk.remove(&path).map_err(at(&path))?;
            continue;
        }
        let file = disk.open(&path).map_err(at(&path))?;
        let header = read_header(&*file, sequence).map_err(at(&path))?;
        if let HeaderState::Unsupported { version } = header {
            return Err(OpenError::Unsupported { path, version, supported: VERSION });
        }
        segments.push(FoundSegment { sequence, len, header });
    }
    let torn_tail = settle_end(&*disk, dir, &mut segments)?;
    for sequence in unsynced {
        let path = dir.join(segment_name(sequence));
        rewrite(&*disk, dir, sequence).map_err(at(&path))?;
    }
    Ok(Recovery { disk, dir: dir.to_owned(), segments, torn_tail })
}

/// Cuts the torn tail and makes the end of the log durable. Segments without any record may follow
/// the one that was written last (their creation failed), so this goes back to the first that has.
fn settle_end(
    disk: &dyn Disk,
    dir: &Path,
    segments: &mut [FoundSegment],
) -> Result<Option<Damage>, OpenError> {
    let mut torn_tail = None;
    for segment in segments.iter_mut().rev() {
        let path = dir.join(segment_name(segment.sequence));
        let cut = disk.open(&path).and_then(|file| cut_tail(&*file, &path, segment));
        let cut = cut.map_err(|source| OpenError::Io { path: path.clone(), source })?;
        torn_tail = cut.or(torn_tail);
        if let Err(source) = disk.open(&path).and_then(|file| file.sync_data()) {
            mark_unsynced(disk, dir, segment.sequence);
            return Err(OpenError::Io { path, source });
        }
        if segment.len > segment.records_from() {
            break;
        }
    }
    // The process may have died between creating a segment and making its name durable.
    disk.sync_dir(dir).map_err(|source| OpenError::Io { path: dir.to_owned(), source })?;
    Ok(torn_tail)
}

fn read_header(file: &dyn DiskFile, sequence: u64) -> io::Result<HeaderState> {
    let mut bytes = [0; SEGMENT_HEADER_BYTES];
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read_at(filled as u64, &mut bytes[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(parse_segment_header(&bytes[..filled], sequence))
}

/// Cuts the last segment behind its last readable record. The caller makes the rest durable: what
/// is replayed now must not be lost by a power failure later.
fn cut_tail(
    file: &dyn DiskFile,
    path: &Path,
    segment: &mut FoundSegment,
) -> io::Result<Option<Damage>> {
    let mut end = segment.records_from();
    let mut scan = Scan::new(file, segment.sequence, end, segment.len);
    while let Some(step) = scan.step()? {
        if let Step::Record { position, payload, .. } = step {
            let header = crate::format::RECORD_HEADER_BYTES as u64;
            end = position.offset + header + payload.len() as u64;
        }
    }
    let bytes = segment.len.saturating_sub(end);
    if bytes > 0 {
        file.truncate(end)?;
        segment.len = end;
    }
    Ok((bytes > 0).then(|| Damage { path: path.to_owned(), offset: end, bytes }))
}

/// Leaves the marker that makes the next opening [`rewrite`] the segment. Nothing more can be done
/// when this fails too: the disk takes neither data nor names.
pub(crate) fn mark_unsynced(disk: &dyn Disk, dir: &Path, sequence: u64) {
    let marked = match disk.create_new(&dir.join(unsynced_name(sequence))) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result.and_then(|_| disk.sync_dir(dir)),
    };
    if let Err(error) = marked {
        tracing::warn!(sequence, %error, "cannot mark the segment whose sync failed");
    }
}

/// Copies a segment whose sync has failed: the kernel may hold its pages as clean although they
/// never reached the disk, so syncing the same file again would prove nothing.
fn rewrite(disk: &dyn Disk, dir: &Path, sequence: u64) -> io::Result<()> {
    let path = dir.join(segment_name(sequence));
    match disk.open(&path) {
        Ok(old) => {
            let temp = dir.join(format!("{sequence:016x}.tmp"));
            let new = disk.create_new(&temp)?;
            let mut chunk = vec![0; 1 << 20];
            let mut offset = 0;
            loop {
                let read = old.read_at(offset, &mut chunk)?;
                if read == 0 {
                    break;
                }
                new.append(&chunk[..read])?;
                offset += read as u64;
            }
            new.sync_data()?;
            disk.rename(&temp, &path)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    disk.sync_dir(dir)?;
    disk.remove(&dir.join(unsynced_name(sequence)))?;
    disk.sync_dir(dir)
}
