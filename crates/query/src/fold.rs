//! Folding the samples of a series into one aggregate a window, without handing them out.
//!
//! A store keeps aggregates of whole runs of samples; what `max_over_time(x[7d])` needs is then
//! read off them, and only the edges of its window are decoded.

use model::is_stale;

use crate::lanes;

/// Samples from which on lanes are quicker than one sample after the other.
const LANES_PAY: usize = 8;

/// A stretch of time, open to the left and closed to the right, as range selectors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoldWindow {
    /// Unix milliseconds; a sample at this time is outside.
    pub after_ms: i64,
    /// Unix milliseconds; a sample at this time is inside.
    pub end_ms: i64,
}

impl FoldWindow {
    pub const fn contains(&self, t_ms: i64) -> bool {
        self.after_ms < t_ms && t_ms <= self.end_ms
    }
}

/// What is asked of the samples of a window beside their count, the first and the last of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FoldNeeds {
    /// [`WindowAggregate::sum`] and its compensation.
    pub sums: bool,
    /// [`WindowAggregate::min`] and [`WindowAggregate::max`].
    pub extremes: bool,
    /// [`WindowAggregate::reset_correction`].
    pub resets: bool,
}

impl FoldNeeds {
    pub const ALL: Self = Self { sums: true, extremes: true, resets: true };
}

/// What is known of the float samples in one window. Staleness markers are not samples.
///
/// All fields but `count` mean nothing while `count` is 0, and those that were not asked for
/// ([`FoldNeeds`]) never do. No value is NaN: a source that meets one refuses to fold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WindowAggregate {
    /// Number of samples.
    pub count: u64,
    /// Sum of the values; the exact sum is about `sum + compensation` (Neumaier's correction).
    pub sum: f64,
    pub compensation: f64,
    pub min: f64,
    pub max: f64,
    pub first_t_ms: i64,
    pub first: f64,
    pub last_t_ms: i64,
    pub last: f64,
    /// Sum of the values that were followed by a smaller one: `last - first + reset_correction`
    /// is the increase of a counter, before extrapolation.
    pub reset_correction: f64,
}

impl WindowAggregate {
    /// Adds one sample, younger than all before it.
    #[inline]
    pub fn push(&mut self, t_ms: i64, v: f64) {
        if self.count == 0 {
            *self = Self {
                count: 1,
                sum: v,
                compensation: 0.0,
                min: v,
                max: v,
                first_t_ms: t_ms,
                first: v,
                last_t_ms: t_ms,
                last: v,
                reset_correction: 0.0,
            };
            return;
        }
        self.count += 1;
        self.add(v);
        self.min = self.min.min(v);
        self.max = self.max.max(v);
        if v < self.last {
            self.reset_correction += self.last;
        }
        (self.last_t_ms, self.last) = (t_ms, v);
    }

    /// Adds a run of samples, younger than all before it; `t_ms` tells when each was. Staleness
    /// markers are passed over; `false`: one of the values is another NaN, and what is kept means
    /// nothing. Cost: about two nanoseconds a sample when everything is needed.
    pub fn push_run(&mut self, v: &[f64], t_ms: impl Fn(usize) -> i64, needs: FoldNeeds) -> bool {
        let Some((first, last)) = v.first().zip(v.last()) else { return true };
        let mut run = Self {
            count: v.len() as u64,
            first_t_ms: t_ms(0),
            first: *first,
            last_t_ms: t_ms(v.len() - 1),
            last: *last,
            ..Self::default()
        };
        // Short runs, and sums that are to be added in order, go one by one.
        if v.len() >= LANES_PAY && run.fold_lanes(v, needs) {
            self.append(&run);
            return true;
        }
        for (index, v) in v.iter().enumerate() {
            if v.is_nan() {
                if is_stale(*v) {
                    continue;
                }
                return false;
            }
            self.push(t_ms(index), *v);
        }
        true
    }

    /// Sets what is needed of these values; `false`: they have to be looked at one by one.
    fn fold_lanes(&mut self, v: &[f64], needs: FoldNeeds) -> bool {
        if needs.sums {
            (self.sum, self.compensation) = lanes::compensated_sum(v);
        }
        // A NaN shows in a sum.
        let is_plain = if needs.sums { self.sum.is_finite() } else { lanes::all_numbers(v) };
        if is_plain && needs.extremes {
            (self.min, self.max) = (lanes::least(v), lanes::greatest(v));
        }
        if is_plain && needs.resets {
            self.reset_correction = lanes::drops(v);
        }
        is_plain
    }

    /// Adds an aggregate of samples that are all younger than those before it, so that adjacent
    /// windows fold into wider ones.
    #[inline]
    pub fn append(&mut self, next: &Self) {
        if next.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *next;
            return;
        }
        self.count += next.count;
        self.add(next.sum);
        self.compensation += next.compensation;
        self.min = self.min.min(next.min);
        self.max = self.max.max(next.max);
        if next.first < self.last {
            self.reset_correction += self.last;
        }
        self.reset_correction += next.reset_correction;
        (self.last_t_ms, self.last) = (next.last_t_ms, next.last);
    }

    /// Neumaier's summation; infinities leave the correction alone.
    #[inline]
    fn add(&mut self, v: f64) {
        let sum = self.sum + v;
        if sum.is_finite() {
            self.compensation +=
                if self.sum.abs() >= v.abs() { (self.sum - sum) + v } else { (v - sum) + self.sum };
        }
        self.sum = sum;
    }

    /// The increase over the window with resets corrected, not extrapolated.
    pub fn increase(&self) -> f64 {
        self.last - self.first + self.reset_correction
    }
}

#[cfg(test)]
mod tests {
    use super::{FoldNeeds, WindowAggregate};

    #[test]
    fn runs_are_pushed_like_their_samples() {
        let check = |values: &[f64], foldable: bool| {
            let t_ms: Vec<i64> = (0..values.len() as i64).collect();
            let (mut run, mut one_by_one) =
                (WindowAggregate::default(), WindowAggregate::default());
            let time = |index: usize| t_ms[index];
            assert_eq!(run.push_run(values, time, FoldNeeds::ALL), foldable, "{values:?}");
            let folded = |needs| {
                let mut run = WindowAggregate::default();
                let foldable = run.push_run(values, time, needs);
                foldable.then_some(run)
            };
            let nothing = folded(FoldNeeds::default());
            assert_eq!(nothing.is_some(), foldable, "{values:?}");
            let Some(nothing) = nothing else { return };
            let ends = |a: WindowAggregate| (a.count, a.first_t_ms, a.first, a.last_t_ms, a.last);
            assert_eq!(ends(nothing), ends(run), "{values:?}");
            let extremes = folded(FoldNeeds { extremes: true, ..FoldNeeds::default() });
            assert_eq!(extremes.map(|a| (a.min, a.max)), Some((run.min, run.max)), "{values:?}");
            let resets = folded(FoldNeeds { resets: true, ..FoldNeeds::default() });
            assert_eq!(resets.map(|a| a.reset_correction), Some(run.reset_correction));
            let sums = folded(FoldNeeds { sums: true, ..FoldNeeds::default() });
            assert_eq!(sums.map(|a| (a.sum, a.compensation)), Some((run.sum, run.compensation)));
            for (t_ms, v) in std::iter::zip(&t_ms, values).filter(|(_, v)| !v.is_nan()) {
                one_by_one.push(*t_ms, *v);
            }
            let exact = |a: &WindowAggregate| a.sum + a.compensation;
            assert_eq!(exact(&run), exact(&one_by_one), "{values:?}");
            let rest = |a: WindowAggregate| WindowAggregate { sum: 0.0, compensation: 0.0, ..a };
            assert_eq!(rest(run), rest(one_by_one), "{values:?}");
        };
        let saw: Vec<f64> = (0..50).map(|i| f64::from(i % 7) - 2.0).collect();
        for len in 0..saw.len() {
            check(&saw[..len], true);
        }
        let mut gap = saw.clone();
        gap[20] = f64::from_bits(model::STALE_NAN_BITS);
        check(&gap, true);
        gap[21] = f64::NAN;
        check(&gap, false);
        check(&[f64::INFINITY; 20], true);
        check(&[&[f64::MAX; 10][..], &[f64::MIN; 10]].concat(), true);
    }

    #[test]
    fn pushing_and_appending_agree() {
        let values = [5.0, 7.0, 1e16, 1.0, -1e16, 2.0, 2.0];
        let of = |range: std::ops::Range<usize>| {
            let mut aggregate = WindowAggregate::default();
            for i in range {
                aggregate.push(i as i64, values[i]);
            }
            aggregate
        };
        let all = of(0..7);
        for cut in 0..7 {
            let mut joined = of(0..cut);
            joined.append(&of(cut..7));
            let exact = |a: &WindowAggregate| a.sum + a.compensation;
            assert_eq!(exact(&joined), exact(&all), "cut at {cut}");
            assert_eq!(joined.reset_correction, all.reset_correction, "cut at {cut}");
            assert_eq!((joined.min, joined.max, joined.count), (-1e16, 1e16, 7));
        }
        assert_eq!(all.sum + all.compensation, 17.0);
        assert_eq!(all.reset_correction, 1e16 + 1.0);
        assert_eq!((all.first_t_ms, all.first, all.last_t_ms, all.last), (0, 5.0, 6, 2.0));
    }
}
