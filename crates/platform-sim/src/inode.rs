//! One simulated file: what the page cache shows, what the medium holds, and what a power loss
//! makes of the difference.

use std::ops::Range;

use crate::rng::SimRng;

/// The unit that a medium writes as a whole.
const SECTOR_BYTES: usize = 512;

#[derive(Clone, Debug, Default)]
pub(crate) struct Inode {
    /// What reads see.
    pub(crate) data: Vec<u8>,
    /// What is on the medium for certain.
    durable: Vec<u8>,
    /// Ranges of `data` that were written since the last sync and not dropped by a failed one.
    dirty: Vec<Range<usize>>,
}

impl Inode {
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        let start = self.data.len();
        self.data.extend_from_slice(bytes);
        match self.dirty.last_mut() {
            Some(last) if last.end == start => last.end = self.data.len(),
            _ if bytes.is_empty() => {}
            _ => self.dirty.push(start..self.data.len()),
        }
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.data.truncate(len);
        self.dirty.retain_mut(|range| {
            range.end = range.end.min(len);
            range.start < range.end
        });
    }

    /// Rot: flips a bit of what is read and of what the medium holds. False when out of range.
    pub(crate) fn flip_bit(&mut self, offset: usize, bit: u8) -> bool {
        for copy in [&mut self.durable, &mut self.data] {
            if let Some(byte) = copy.get_mut(offset) {
                *byte ^= 1 << (bit % 8);
            }
        }
        offset < self.data.len()
    }

    /// A sync that worked. What an earlier failed one has dropped stays lost.
    pub(crate) fn sync(&mut self) {
        self.durable.resize(self.data.len(), 0);
        for range in self.dirty.drain(..) {
            self.durable[range.clone()].copy_from_slice(&self.data[range]);
        }
    }

    /// A sync that failed: some sectors got through. Half of the file systems keep the others
    /// dirty; the other half mark them clean, and no later sync will write them.
    pub(crate) fn sync_failed(&mut self, rng: &mut SimRng) {
        let dirty = self.dirty.clone();
        for range in &dirty {
            for sector in sectors(range) {
                if rng.coin() {
                    self.write_through(sector);
                }
            }
        }
        if rng.coin() {
            self.dirty.clear();
        }
    }

    fn write_through(&mut self, range: Range<usize>) {
        if self.durable.len() < range.end {
            self.durable.resize(range.end, 0);
        }
        self.durable[range.clone()].copy_from_slice(&self.data[range]);
    }

    /// What is read after the power came back.
    pub(crate) fn lose_power(&mut self, rng: &mut SimRng) {
        let mut after = self.durable.clone();
        if self.data.len() != after.len() {
            // The length is metadata of its own: old, new, or somewhere on the way.
            let (low, high) = minmax(self.data.len(), after.len());
            let len = match rng.below(4) {
                0 => after.len(),
                1 | 2 => self.data.len(),
                _ => low + rng.below((high - low) as u64 + 1) as usize,
            };
            after.resize(len, 0);
        }
        let mode = rng.below(4);
        for range in &self.dirty {
            let end = range.end.min(after.len());
            let range = range.start.min(end)..end;
            match mode {
                0 => {}
                1 => copy(&mut after, &self.data, range),
                2 => {
                    // Torn in the middle of a write.
                    let kept = rng.below(range.len() as u64 + 1) as usize;
                    copy(&mut after, &self.data, range.start..range.start + kept);
                }
                _ => {
                    for sector in sectors(&range) {
                        if rng.coin() {
                            copy(&mut after, &self.data, sector);
                        }
                    }
                }
            }
        }
        self.durable.clone_from(&after);
        self.data = after;
        self.dirty.clear();
    }
}

fn copy(target: &mut [u8], source: &[u8], range: Range<usize>) {
    target[range.clone()].copy_from_slice(&source[range]);
}

fn minmax(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

/// The pieces of `range` that lie in one sector each.
fn sectors(range: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
    let end = range.end;
    let mut start = range.start;
    std::iter::from_fn(move || {
        let piece = start..end.min((start / SECTOR_BYTES + 1) * SECTOR_BYTES);
        start = piece.end;
        (!piece.is_empty()).then_some(piece)
    })
}
