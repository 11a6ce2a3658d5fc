//! Which series had samples a short while ago, so that a cut that comes soon after another one
//! takes none for ended that is only scraped less often.

use std::collections::VecDeque;
use std::time::Duration;

/// By the time of its samples: a series without one for as long has ended. Twice what queries
/// look back, and targets are scraped more often than that.
const ENDED_AFTER_MS: i64 = 10 * 60 * 1000;

/// Cuts that are remembered; an older one is as good as none. Each asks for a quarter more series
/// than there are, so these few hold any number that is scraped in turn.
const CUTS_MAX: usize = 16;

/// What was heard before the last cuts, oldest first. Memory: a bit per series and cut.
#[derive(Debug, Default)]
pub(crate) struct Heard(VecDeque<Cut>);

#[derive(Debug)]
struct Cut {
    /// When it was cut.
    at: Duration,
    /// Unix milliseconds of the newest sample before it.
    newest_ms: i64,
    /// A bit for each series with a sample since the cut before. One that has been given to
    /// another series since then keeps that one longer, which does no harm.
    series: Vec<u64>,
}

impl Heard {
    /// Takes note of a cut at `now` and of the series that were heard before it, and adds those
    /// of earlier ones that may well go on: cut less than `keep` ago, while samples went on by
    /// less than [`ENDED_AFTER_MS`].
    pub(crate) fn at_cut(
        &mut self,
        now: Duration,
        newest_ms: Option<i64>,
        keep: Duration,
        used: &mut [u64],
    ) {
        self.0.retain(|cut| now.saturating_sub(cut.at) < keep);
        let Some(newest_ms) = newest_ms else { return self.add_to(used) };
        self.0.retain(|cut| newest_ms.saturating_sub(cut.newest_ms) < ENDED_AFTER_MS);
        let series = used.to_vec();
        self.add_to(used);
        if self.0.len() == CUTS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(Cut { at: now, newest_ms, series });
    }

    /// Nothing is kept for what was heard before: some of it is deleted.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    fn add_to(&self, used: &mut [u64]) {
        for cut in &self.0 {
            used.iter_mut().zip(&cut.series).for_each(|(all, some)| *all |= some);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CUTS_MAX, ENDED_AFTER_MS, Heard};
    use std::time::Duration;

    #[test]
    fn what_was_heard_is_kept_for_a_while() {
        let keep = Duration::from_mins(30);
        let mut heard = Heard::default();
        let mut cut = |at_min: u64, newest_ms: Option<i64>, own: u64| {
            let mut used = [own];
            heard.at_cut(Duration::from_mins(at_min), newest_ms, keep, &mut used);
            used[0]
        };
        assert_eq!(cut(0, Some(0), 0b1), 0b1);
        assert_eq!(cut(1, Some(ENDED_AFTER_MS - 1), 0b10), 0b11);
        // The first one has ended by the time of samples, which alone is no reason without any.
        assert_eq!(cut(2, Some(ENDED_AFTER_MS), 0b100), 0b110);
        assert_eq!(cut(30, None, 0), 0b110);
        assert_eq!(cut(31, None, 0), 0b100);
        assert_eq!(cut(32, None, 0), 0);
        // Old samples are no sign that others have ended.
        assert_eq!(cut(33, Some(50 * ENDED_AFTER_MS), 0b1), 0b1);
        assert_eq!(cut(34, Some(i64::MIN), 0b10), 0b11);
        assert_eq!(cut(64, Some(i64::MAX), 0b100), 0b100);
        for i in 0..CUTS_MAX {
            cut(65, Some(i64::MAX), 1 << (10 + i));
        }
        assert_eq!(cut(65, None, 0).count_ones() as usize, CUTS_MAX);
        heard.forget();
        let mut used = [0b1];
        heard.at_cut(Duration::from_mins(65), None, keep, &mut used);
        assert_eq!(used, [0b1]);
        let mut used = [0b10];
        heard.at_cut(Duration::from_mins(65), Some(i64::MAX), Duration::ZERO, &mut used);
        assert_eq!(used, [0b10]);
    }
}
