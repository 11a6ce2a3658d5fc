//! What a worker reads, charged in bulk: counters that all workers share cost more than the
//! arithmetic on a short series.

use query::{Budget, BudgetError};

/// The query is asked to stop at least this often.
const SERIES_PER_CHECK: u32 = 16;

/// A time and a value.
const SAMPLE_BYTES: u64 = 16;

/// The account of one worker: it holds one series at a time, so the longest so far is charged.
pub(super) struct ReadAccount<'b> {
    budget: &'b Budget,
    held: u64,
    read: u64,
    series: u32,
}

impl<'b> ReadAccount<'b> {
    pub(super) fn new(budget: &'b Budget) -> Self {
        Self { budget, held: 0, read: 0, series: 0 }
    }

    /// Call before reading a series.
    pub(super) fn begin(&mut self) -> Result<(), BudgetError> {
        if self.series.is_multiple_of(SERIES_PER_CHECK) {
            self.budget.check()?;
        }
        self.series = self.series.wrapping_add(1);
        Ok(())
    }

    /// Call with the number of samples a series has turned out to have.
    pub(super) fn hold(&mut self, samples: u64) -> Result<(), BudgetError> {
        self.read += samples;
        let more = samples.saturating_sub(self.held);
        if more > 0 {
            self.budget.take_bytes(more * SAMPLE_BYTES)?;
            self.held += more;
            self.budget.take_samples(more)?;
        }
        Ok(())
    }
}

impl Drop for ReadAccount<'_> {
    fn drop(&mut self) {
        self.budget.release_samples(self.held);
        self.budget.release_bytes(self.held * SAMPLE_BYTES);
        self.budget.count_read(self.read);
    }
}
