//! Compensated summation (Kahan–Babuška–Neumaier): the reference sums this way, so do we.

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
    fn the_mean_does_not_overflow() {
        let mut mean = Mean::default();
        for v in [f64::MAX; 3] {
            mean.add(v);
        }
        assert!((mean.value() / f64::MAX - 1.0).abs() < 1e-15, "{}", mean.value());
    }
}
