//! Seeded damage to bytes, for tests that have no fuzzer: flips, cuts, splices, forged numbers.

use platform_sim::SimRng;

/// Makes variations of the files of one corpus; equal seeds make equal ones.
#[derive(Debug)]
pub struct Mutator<'a> {
    rng: SimRng,
    corpus: &'a [Vec<u8>],
}

impl<'a> Mutator<'a> {
    pub fn new(seed: u64, corpus: &'a [Vec<u8>]) -> Self {
        Self { rng: SimRng::new(seed), corpus }
    }

    /// One to four changes of `bytes`.
    pub fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.rng.below(4) {
            self.change(&mut bytes);
        }
        bytes
    }

    fn place(&mut self, bytes: &[u8]) -> usize {
        self.rng.below(bytes.len() as u64 + 1) as usize
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.place(bytes);
        match self.rng.below(8) {
            0 => bytes.truncate(at),
            1 => {
                // A stretch of another file, in place or in between.
                let other = &self.corpus[self.rng.below(self.corpus.len() as u64) as usize];
                let from = self.place(other);
                let len = self.rng.below(64).min((other.len() - from) as u64) as usize;
                let replaced = if self.rng.coin() { len.min(bytes.len() - at) } else { 0 };
                bytes.splice(at..at + replaced, other[from..from + len].iter().copied());
            }
            2 => {
                let end = (at + self.rng.below(16) as usize).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                const FORGED: [u64; 7] =
                    [0, 1, 0x7f, 0xff, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, u64::MAX];
                let forged = FORGED[self.rng.below(FORGED.len() as u64) as usize].to_le_bytes();
                let len = 1 << self.rng.below(4);
                let len = len.min(bytes.len() - at);
                bytes[at..at + len].copy_from_slice(&forged[..len]);
            }
            4 => {
                let more = self.rng.bytes(9);
                bytes.splice(at..at, more);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.rng.below(8);
                }
            }
        }
    }
}
