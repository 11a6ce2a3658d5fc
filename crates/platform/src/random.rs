//! Randomness: identifiers and salts; simulated runs draw it from their seed.

use std::io;

/// A source of random bytes.
///
/// The real one is fit for secrets. A simulated one repeats itself for equal seeds, so code that
/// needs secrets must never run on it outside tests.
pub trait Random: Send + Sync {
    /// Fills the whole of `bytes`.
    /// Errors: the operating system refused; nothing useful can be done but to give up.
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()>;

    /// Eight random bytes as a number.
    fn u64(&self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostRandom;

impl Random for HostRandom {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(io::Error::other)
    }
}
