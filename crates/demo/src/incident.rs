//! Things that happen again and again: a deploy, a slow database, a crash. Once in every period,
//! at a moment that the seed chooses.

use crate::curve::unit;

/// What happens once per period and lasts a while.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incident {
    pub(crate) seed: u64,
    /// Seconds; one occurrence begins in each, in its first half.
    pub(crate) period: f64,
    /// Seconds.
    pub(crate) lasts: f64,
    /// Seconds until a gauge shows all of it, and until it has recovered afterwards.
    pub(crate) rises: f64,
    pub(crate) recovers: f64,
}

impl Incident {
    /// Number of the occurrence that began last at or before `t`.
    pub(crate) fn number(&self, t: f64) -> i64 {
        let n = (t / self.period).floor() as i64;
        if self.begin(n) <= t { n } else { n - 1 }
    }

    /// When occurrence `n` begins: a whole second that depends on seed and period alone, so what
    /// is said about an incident with other durations begins with it.
    pub(crate) fn begin(&self, n: i64) -> f64 {
        n as f64 * self.period + (unit(self.seed, n) * self.period / 2.0).floor()
    }

    pub(crate) fn active(&self, t: f64) -> bool {
        t < self.begin(self.number(t)) + self.lasts
    }

    /// Seconds since the last one began.
    pub(crate) fn since(&self, t: f64) -> f64 {
        t - self.begin(self.number(t))
    }

    /// How much of it is felt, 0 to 1: it rises, stays, and recovers after the end.
    pub(crate) fn felt(&self, t: f64) -> f64 {
        let since = self.since(t);
        let risen = if self.rises > 0.0 { (since / self.rises).min(1.0) } else { 1.0 };
        if since < self.lasts {
            return risen;
        }
        let top = if self.rises > 0.0 { (self.lasts / self.rises).min(1.0) } else { 1.0 };
        if self.recovers > 0.0 {
            top * (1.0 - (since - self.lasts) / self.recovers).max(0.0)
        } else {
            0.0
        }
    }

    /// Begin and end of every occurrence within the span, cut to it; oldest first.
    pub(crate) fn within(&self, from: f64, to: f64) -> impl Iterator<Item = (f64, f64)> {
        let this = *self;
        (this.number(from)..=this.number(to)).filter_map(move |n| {
            let begin = this.begin(n);
            let cut = (begin.max(from), (begin + this.lasts).min(to));
            (cut.0 < cut.1).then_some(cut)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Incident;

    #[test]
    fn the_parts_of_a_span_are_the_moments_at_which_it_is_active() {
        let incident =
            Incident { seed: 5, period: 7_200.0, lasts: 600.0, rises: 60.0, recovers: 300.0 };
        let (from, to) = (1_790_000_000.0, 1_790_090_000.0);
        let inside: f64 = incident.within(from, to).map(|(begin, end)| end - begin).sum();
        let counted = (0..90_000).filter(|n| incident.active(from + f64::from(*n))).count();
        assert!((inside - counted as f64).abs() <= 1.0, "{inside} and {counted}");
        assert!(counted > 600);
    }

    #[test]
    fn it_rises_stays_and_recovers() {
        let incident =
            Incident { seed: 1, period: 3_600.0, lasts: 600.0, rises: 100.0, recovers: 200.0 };
        let begin = incident.begin(incident.number(1_790_000_000.0));
        let felt = |after: f64| incident.felt(begin + after);
        assert_eq!([felt(0.0), felt(50.0), felt(100.0), felt(599.0)], [0.0, 0.5, 1.0, 1.0]);
        assert_eq!([felt(700.0), felt(800.0)], [0.5, 0.0]);
    }
}
