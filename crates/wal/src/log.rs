//! The append side: group commit, rotation, and what happens when the disk refuses.
//!
//! Appenders frame their records into one shared buffer. Whoever finds the file free becomes the
//! leader and writes the whole buffer with one call, while the next buffer fills up behind it; the
//! others wait for the outcome of their batch. Only the leader touches the file's length, so a
//! failed write can be cut off before anything follows it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use codec::checksum::checksum_parts;
use parking_lot::{Condvar, Mutex, MutexGuard};
use platform::{Disk, DiskFile};

use crate::config::{WalConfig, WalError};
use crate::format::{
    Position, RECORD_HEADER_BYTES, RecordHeader, SEGMENT_HEADER_BYTES, encode_segment_header,
    segment_name,
};
use crate::stats::{Counters, WalStats};

/// A buffer larger than this is given back after its write instead of being kept for the next.
const SPARE_BYTES_MAX: usize = 4 << 20;

pub(crate) struct Log {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) dir: PathBuf,
    pub(crate) config: WalConfig,
    pub(crate) state: Mutex<State>,
    /// A batch got its outcome, or the file became free.
    pub(crate) written: Condvar,
    /// A sync ended.
    pub(crate) synced: Condvar,
    /// The first bytes after a sync were written, or the log closes: wakes the sync thread.
    pub(crate) dirty: Condvar,
    pub(crate) counters: Counters,
}

/// Guarded by `Log::state`.
pub(crate) struct State {
    pub(crate) active: Option<Active>,
    /// Segments before the active one, ascending, with their lengths.
    pub(crate) sealed: Vec<(u64, u64)>,
    /// Number of the next segment.
    pub(crate) sequence_next: u64,
    /// Framed records that no leader has taken yet; they start at `Active::framed - len`.
    pub(crate) pending: Vec<u8>,
    pub(crate) spare: Vec<u8>,
    /// Outcome of `pending`.
    pub(crate) batch: Arc<Batch>,
    pub(crate) file_use: FileUse,
    /// A sync is under way. One at a time: the kernel reports a failure to one caller only.
    pub(crate) syncing: bool,
    /// Everything before this position is durable.
    pub(crate) synced_to: Position,
    /// When the oldest unsynced byte was written.
    pub(crate) dirty_since: Option<Instant>,
    /// Set once, never cleared: the file's state is unknown.
    pub(crate) poison: Option<String>,
    pub(crate) closing: bool,
}

/// Who may change the length of the active file: only a thread that found it free.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileUse {
    Free,
    /// A leader writes; records may be framed behind what it took.
    Writing,
    /// Records may not even be framed: they would belong to the segment that is being closed.
    Rotating,
}

/// The segment that takes records.
pub(crate) struct Active {
    pub(crate) sequence: u64,
    pub(crate) file: Arc<dyn DiskFile>,
    /// Where the next record will stand, behind what is pending.
    pub(crate) framed: u64,
    /// Length of the file as far as writes have succeeded.
    pub(crate) written: u64,
}

impl Active {
    pub(crate) fn written_to(&self) -> Position {
        Position { segment: self.sequence, offset: self.written }
    }
}

/// Records that are written by one call share its outcome.
#[derive(Default)]
pub(crate) struct Batch(OnceLock<Result<(), Failure>>);

impl Batch {
    fn settle(&self, outcome: Result<(), Failure>) {
        // A batch is settled by the one leader that took it.
        drop(self.0.set(outcome));
    }
}

/// A failed write, told to each waiter.
#[derive(Clone)]
enum Failure {
    Write { kind: io::ErrorKind, text: String, path: PathBuf },
    Poisoned(String),
}

impl From<Failure> for WalError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Write { kind, text, path } => {
                Self::Write { path, source: io::Error::new(kind, text) }
            }
            Failure::Poisoned(reason) => Self::Poisoned { reason },
        }
    }
}

type Guard<'a> = MutexGuard<'a, State>;

impl Log {
    /// Appends one record; returns its place and the position behind it.
    pub(crate) fn append(
        &self,
        kind: u8,
        payload: &[&[u8]],
    ) -> Result<(Position, Position), WalError> {
        let bytes = payload.iter().map(|part| part.len() as u64).sum::<u64>();
        let bytes_max = self.config.record_bytes_max;
        let Some(payload_bytes) = u32::try_from(bytes).ok().filter(|bytes| *bytes <= bytes_max)
        else {
            return Err(WalError::RecordTooLarge { bytes, bytes_max });
        };
        // The long hash is computed outside the lock; only the header's depends on the place.
        let payload_checksum = checksum_parts(payload);
        let header = RecordHeader { payload_bytes, kind, payload_checksum };

        let mut state = self.state.lock();
        self.make_room(&mut state, header.record_bytes())?;
        let place = state.frame(header, payload);
        let end = Position { offset: place.offset + header.record_bytes(), ..place };
        let batch = Arc::clone(&state.batch);
        loop {
            if let Some(outcome) = batch.0.get() {
                outcome.clone().map_err(WalError::from)?;
                Counters::add(&self.counters.records, 1);
                Counters::add(&self.counters.bytes, header.record_bytes());
                return Ok((place, end));
            }
            if state.file_use == FileUse::Free {
                self.lead(&mut state);
            } else {
                self.written.wait(&mut state);
            }
        }
    }

    /// Waits until `bytes` more fit into the active segment, rotating when they do not.
    fn make_room(&self, state: &mut Guard<'_>, bytes: u64) -> Result<(), WalError> {
        loop {
            state.check()?;
            let rotating = state.file_use == FileUse::Rotating;
            if let Some(active) = state.active.as_ref().filter(|_| !rotating) {
                let empty = active.framed == SEGMENT_HEADER_BYTES as u64;
                if empty || active.framed + bytes <= self.config.segment_bytes_max {
                    return Ok(());
                }
            }
            self.settle_then_rotate(state)?;
        }
    }

    /// One step towards a new segment: waits for the leader, or writes what is pending, or rotates.
    fn settle_then_rotate(&self, state: &mut Guard<'_>) -> Result<(), WalError> {
        if state.file_use != FileUse::Free {
            self.written.wait(state);
            Ok(())
        } else if state.pending.is_empty() {
            self.rotate_idle(state)
        } else {
            self.lead(state);
            Ok(())
        }
    }

    /// Starts a new segment unless the active one is empty; returns where it starts.
    pub(crate) fn rotate(&self) -> Result<Position, WalError> {
        let mut state = self.state.lock();
        let before = state.active.as_ref().map_or(0, |active| active.sequence);
        loop {
            state.check()?;
            if let Some(active) = &state.active {
                let empty = active.framed == SEGMENT_HEADER_BYTES as u64;
                // Another thread may have rotated while this one waited: that serves as well.
                if empty || active.sequence != before {
                    let offset = SEGMENT_HEADER_BYTES as u64;
                    return Ok(Position { segment: active.sequence, offset });
                }
            }
            self.settle_then_rotate(&mut state)?;
        }
    }

    /// Writes what is pending with one call and settles its batch. The file must be free.
    fn lead(&self, state: &mut Guard<'_>) {
        if let Some(reason) = state.poison.clone() {
            let framed = state.active.as_ref().map_or(0, |active| active.written);
            state.discard_pending(framed, &Failure::Poisoned(reason));
            self.written.notify_all();
            return;
        }
        let batch = std::mem::take(&mut state.batch);
        let spare = std::mem::take(&mut state.spare);
        let mut buffer = std::mem::replace(&mut state.pending, spare);
        let Some(active) = &state.active else {
            return batch.settle(Ok(())); // nothing is ever framed without a segment
        };
        let (file, start, path) = (Arc::clone(&active.file), active.written, self.path(active));
        state.file_use = FileUse::Writing;
        let result = MutexGuard::unlocked(state, || {
            file.append(&buffer).map_err(|error| (error, cut_back(&*file, start)))
        });
        Counters::add(&self.counters.writes, 1);
        match result {
            Ok(()) => {
                if let Some(active) = &mut state.active {
                    active.written += buffer.len() as u64;
                }
                if state.dirty_since.is_none() {
                    state.dirty_since = Some(Instant::now());
                    self.dirty.notify_one();
                }
                batch.settle(Ok(()));
            }
            Err((error, cut)) => {
                Counters::add(&self.counters.write_failures, 1);
                let failure = match cut {
                    Ok(()) => Failure::Write { kind: error.kind(), text: error.to_string(), path },
                    Err(cut) => {
                        let reason = format!(
                            "{}: a write failed ({error}) and could not be undone ({cut})",
                            path.display()
                        );
                        Failure::Poisoned(state.poison(reason))
                    }
                };
                state.discard_pending(start, &failure);
                batch.settle(Err(failure));
            }
        }
        buffer.clear();
        if buffer.capacity() <= SPARE_BYTES_MAX {
            state.spare = buffer;
        }
        state.file_use = FileUse::Free;
        self.written.notify_all();
    }

    /// Seals the active segment and opens the next. The file must be free and nothing pending.
    ///
    /// The old segment is synced first: so only the last segment can ever be torn, and a hole in
    /// an earlier one is real damage.
    fn rotate_idle(&self, state: &mut Guard<'_>) -> Result<(), WalError> {
        state.file_use = FileUse::Rotating;
        let result = self.rotate_busy(state);
        state.file_use = FileUse::Free;
        self.written.notify_all();
        result
    }

    fn rotate_busy(&self, state: &mut Guard<'_>) -> Result<(), WalError> {
        if let Some(end) = state.active.as_ref().map(Active::written_to) {
            self.sync_to(state, end)?;
        }
        let previous = match &state.active {
            Some(active) => active.sequence,
            None => state.sealed.last().map_or(0, |(sequence, _)| *sequence),
        };
        let sequence = state.sequence_next;
        let path = self.dir.join(segment_name(sequence));
        let created =
            MutexGuard::unlocked(state, || self.create_segment(&path, sequence, previous));
        match created {
            Ok(file) => {
                let offset = SEGMENT_HEADER_BYTES as u64;
                state.sequence_next = sequence + 1;
                let active = Active { sequence, file, framed: offset, written: offset };
                if let Some(old) = state.active.replace(active) {
                    state.sealed.push((old.sequence, old.written));
                }
                state.synced_to = Position { segment: sequence, offset };
                state.dirty_since = None;
                Ok(())
            }
            Err((error, removed)) => {
                if !removed {
                    // Its name is taken; an empty segment is skipped when the log is read.
                    state.sequence_next = sequence + 1;
                }
                Err(WalError::Write { path, source: error })
            }
        }
    }

    /// Creates a segment durably; on failure says whether the name is free again.
    fn create_segment(
        &self,
        path: &Path,
        sequence: u64,
        previous: u64,
    ) -> Result<Arc<dyn DiskFile>, (io::Error, bool)> {
        let file = self.disk.create_new(path).map_err(|error| {
            let free = error.kind() != io::ErrorKind::AlreadyExists;
            (error, free)
        })?;
        file.append(&encode_segment_header(sequence, previous))
            .and_then(|()| file.sync_data())
            .and_then(|()| self.disk.sync_dir(&self.dir))
            .map_err(|error| (error, self.disk.remove(path).is_ok()))?;
        Ok(file)
    }

    /// Removes the segments that lie wholly before `position`. The newest one always stays: it
    /// carries the sequence on.
    pub(crate) fn truncate_before(&self, position: Position) -> Result<u64, WalError> {
        let mut removed = 0;
        loop {
            let sequence = {
                let mut state = self.state.lock();
                let stays = usize::from(state.active.is_none());
                match state.sealed.first() {
                    Some((sequence, _))
                        if *sequence < position.segment && state.sealed.len() > stays =>
                    {
                        state.sealed.remove(0).0
                    }
                    _ => break,
                }
            };
            let path = self.dir.join(segment_name(sequence));
            match self.disk.remove(&path) {
                // Whoever removed it did what was wanted.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(WalError::Write { path, source }),
                Ok(()) => removed += 1,
            }
        }
        if removed > 0 {
            let dir = &self.dir;
            self.disk
                .sync_dir(dir)
                .map_err(|source| WalError::Write { path: dir.clone(), source })?;
        }
        Ok(removed)
    }

    pub(crate) fn stats(&self) -> WalStats {
        let mut stats = self.counters.totals();
        let state = self.state.lock();
        stats.segments = state.sealed.len() as u64;
        stats.segment_bytes = state.sealed.iter().map(|(_, bytes)| bytes).sum();
        if let Some(active) = &state.active {
            stats.segments += 1;
            stats.segment_bytes += active.written;
            if state.synced_to < active.written_to() {
                stats.unsynced_bytes = active.written - state.synced_to.offset;
            }
        }
        stats
    }

    pub(crate) fn path(&self, active: &Active) -> PathBuf {
        self.dir.join(segment_name(active.sequence))
    }
}

/// Undoes a write that failed half-way, so that the next record does not follow torn bytes.
fn cut_back(file: &dyn DiskFile, len: u64) -> io::Result<()> {
    if file.len()? != len {
        file.truncate(len)?;
    }
    Ok(())
}

impl State {
    fn check(&self) -> Result<(), WalError> {
        match &self.poison {
            Some(reason) => Err(WalError::Poisoned { reason: reason.clone() }),
            None => Ok(()),
        }
    }

    /// Closes the log for writing; the first reason stays.
    pub(crate) fn poison(&mut self, reason: String) -> String {
        self.poison.get_or_insert(reason).clone()
    }

    /// Appends a framed record to what is pending. A segment must be open.
    fn frame(&mut self, header: RecordHeader, payload: &[&[u8]]) -> Position {
        let active = self.active.as_mut().expect("make_room opened a segment");
        let place = Position { segment: active.sequence, offset: active.framed };
        active.framed += header.record_bytes();
        self.pending.reserve(RECORD_HEADER_BYTES + header.payload_bytes as usize);
        self.pending.extend_from_slice(&header.encode(place));
        for part in payload {
            self.pending.extend_from_slice(part);
        }
        place
    }

    /// Fails the records that were framed to stand behind a failed write.
    fn discard_pending(&mut self, framed: u64, failure: &Failure) {
        self.pending.clear();
        if let Some(active) = &mut self.active {
            active.framed = framed;
        }
        std::mem::take(&mut self.batch).settle(Err(failure.clone()));
    }
}
