//! Choices that repeat for equal seeds.

use platform_sim::SimRng;

#[derive(Debug)]
pub(super) struct Rng(SimRng);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(SimRng::new(seed))
    }

    /// In `0..bound`; 0 for a bound of 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    pub(super) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// One of `choices`, which are never empty.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}
