//! Compensated summation (Kahan–Babuška–Neumaier): the reference sums this way, so do we.

use query::lanes::compensated_sum;

/// A running sum and what rounding has lost of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kahan {
    pub(crate) sum: f64,
    pub(crate) lost: f64,
}

impl Kahan {
    #[inline]
    pub(crate) fn add(&mut self, v: f64) {
        let total = self.sum + v;
        if total.is_infinite() {
            self.lost = 0.0;
        } else if self.sum.abs() >= v.abs() {
            self.lost += (self.sum - total) + v;
        } else {
            self.lost += (v - total) + self.sum;
        }
        self.sum = total;
    }

    /// The sum of values, one after the other.
    fn in_order(values: &[f64]) -> Self {
        let mut all = Self::default();
        for v in values {
            all.add(*v);
        }
        all
    }

    /// The sum of values, in whatever order is quick and does not overflow where their own does
    /// not. Cost: about a nanosecond each.
    pub(crate) fn of_values(values: &[f64]) -> Self {
        let (sum, lost) = compensated_sum(values);
        // Values that cancel each other may lie in different lanes and overflow there.
        if (sum + lost).is_finite() { Self { sum, lost } } else { Self::in_order(values) }
    }

    /// Adds another sum and what it has lost.
    pub(crate) fn join(&mut self, other: Self) {
        self.add(other.sum);
        if self.sum.is_finite() {
            self.lost += other.lost;
        }
    }

    #[inline]
    pub(crate) fn total(self) -> f64 {
        if self.sum.is_infinite() { self.sum } else { self.sum + self.lost }
    }
}

/// A mean that sums as long as the sum does not overflow and turns incremental then.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mean {
    sum: Kahan,
    count: f64,
    incremental: bool,
}

impl Mean {
    #[inline]
    pub(crate) fn add(&mut self, v: f64) {
        self.count += 1.0;
        if self.count == 1.0 {
            self.sum.sum = v;
            return;
        }
        if !self.incremental {
            let mut next = self.sum;
            next.add(v);
            if !next.sum.is_infinite() {
                self.sum = next;
                return;
            }
            self.incremental = true;
            self.sum.sum /= self.count - 1.0;
            self.sum.lost /= self.count - 1.0;
        }
        let keep = (self.count - 1.0) / self.count;
        self.sum.sum *= keep;
        self.sum.lost *= keep;
        self.sum.add(v / self.count);
    }

    /// Joins the mean of other values.
    pub(crate) fn join(&mut self, other: Self) {
        if !self.incremental && !other.incremental {
            let mut sum = self.sum;
            sum.join(other.sum);
            if !sum.sum.is_infinite() {
                self.sum = sum;
                self.count += other.count;
                return;
            }
        }
        let count = self.count + other.count;
        let mean = self.value() * (self.count / count) + other.value() * (other.count / count);
        *self = Self { sum: Kahan { sum: mean, lost: 0.0 }, count, incremental: true };
    }

    #[inline]
    pub(crate) fn value(self) -> f64 {
        if self.incremental {
            self.sum.sum + self.sum.lost
        } else {
            self.sum.sum / self.count + self.sum.lost / self.count
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kahan, Mean};

    #[test]
    fn small_terms_survive_large_ones() {
        let mut sum = Kahan::default();
        for v in [1.0, 1e100, 1.0, -1e100] {
            sum.add(v);
        }
        assert_eq!(sum.total(), 2.0);
    }

    #[test]
    fn many_values_are_summed_as_one_after_the_other() {
        let check = |values: &[f64]| {
            let (got, want) = (Kahan::of_values(values).total(), Kahan::in_order(values).total());
            // The last place may differ.
            let near = got == want || (got - want).abs() <= want.abs() * 4e-16;
            assert!(near || got.is_nan() && want.is_nan(), "{values:?}: {got}, not {want}");
        };
        let tenths: Vec<f64> = (0..103).map(|i| f64::from(i) * 0.1).collect();
        for len in 0..tenths.len() {
            check(&tenths[..len]);
        }
        check(&[1.0, 1e100, 1.0, -1e100, 1e-3, 2.0, 3.0, 4.0, 5.0]);
        check(&[1.0, f64::INFINITY, 3.0, 4.0, 5.0, 6.0]);
        check(&[f64::INFINITY, 1.0, 2.0, f64::NEG_INFINITY]);
        check(&[f64::NAN, 1.0, 2.0, 3.0]);
        check(&[-0.0; 5]);
        // Overflows in the lanes, when they are joined, and in order as well.
        check(&[1e308, -1e308].repeat(4));
        check(&[0.9e308, 0.0, -0.9e308, 0.0, 0.0, 0.95e308, 0.0, 0.0]);
        check(&[1e308; 9]);
        assert_eq!(Kahan::of_values(&[1e308, -1e308].repeat(4)).total(), 0.0);
    }

    #[test]
    fn the_mean_does_not_overflow() {
        let mut mean = Mean::default();
        for v in [f64::MAX; 3] {
            mean.add(v);
        }
        assert!((mean.value() / f64::MAX - 1.0).abs() < 1e-15, "{}", mean.value());
    }
}
