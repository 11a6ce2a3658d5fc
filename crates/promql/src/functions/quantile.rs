//! The quantile of a set of values, as the aggregation and `quantile_over_time` define it.

use std::cmp::Ordering;

use super::window::Window;

/// Linear interpolation between the two closest ranks; NaN sorts below everything. Reorders
/// `values`. Cost: O(n).
pub(crate) fn quantile_of(q: f64, values: &mut [f64]) -> f64 {
    let (lower, weight) = match rank(q, values.len()) {
        Ok(rank) => rank,
        Err(quantile) => return quantile,
    };
    let (_, low, above) = values.select_nth_unstable_by(lower, |a, b| nan_first(*a, *b));
    let low = *low;
    // Without weight the upper one must not count, not even when it is infinite.
    if weight == 0.0 {
        return low;
    }
    let high = above.iter().copied().min_by(|a, b| nan_first(*a, *b)).unwrap_or(low);
    low * (1.0 - weight) + high * weight
}

/// The rank below the quantile of that many values, and how far it lies towards the next one; or
/// the quantile itself, where it does not depend on the values.
fn rank(q: f64, count: usize) -> Result<(usize, f64), f64> {
    if count == 0 || q.is_nan() {
        return Err(f64::NAN);
    }
    if q < 0.0 {
        return Err(f64::NEG_INFINITY);
    }
    if q > 1.0 {
        return Err(f64::INFINITY);
    }
    let rank = q * (count - 1) as f64;
    Ok((rank.floor() as usize, rank - rank.floor()))
}

/// The quantiles of windows that slide: their values stay sorted, and those that come and go are
/// put in and taken out.
#[derive(Debug)]
pub(super) struct SlidingQuantile<'m> {
    sorted: &'m mut Vec<f64>,
    /// Indices of the samples that `sorted` is of.
    held: std::ops::Range<usize>,
}

impl<'m> SlidingQuantile<'m> {
    pub(super) fn new(memory: &'m mut Vec<f64>) -> Self {
        memory.clear();
        Self { sorted: memory, held: 0..0 }
    }

    /// Of a window by itself.
    pub(super) fn once(&mut self, q: f64, v: &[f64]) -> f64 {
        self.sorted.clear();
        self.sorted.extend_from_slice(v);
        quantile_of(q, self.sorted)
    }

    /// Of a window that starts and ends no earlier than the one before; `v` are all samples.
    pub(super) fn at(&mut self, q: f64, window: &Window<'_>, v: &[f64]) -> f64 {
        let wanted = window.first..window.first + window.v.len();
        if wanted.start >= self.held.end {
            self.sorted.clear();
            self.sorted.extend_from_slice(window.v);
            self.sorted.sort_unstable_by(|a, b| nan_first(*a, *b));
        } else {
            for gone in &v[self.held.start..wanted.start] {
                let at = self.place_of(*gone);
                self.sorted.remove(at);
            }
            for new in &v[self.held.end..wanted.end] {
                let at = self.place_of(*new);
                self.sorted.insert(at, *new);
            }
        }
        self.held = wanted;
        quantile_of_sorted(q, self.sorted)
    }

    /// Before the first value that is not less.
    fn place_of(&self, v: f64) -> usize {
        self.sorted.partition_point(|held| nan_first(*held, v) == Ordering::Less)
    }
}

/// [`quantile_of`] of values in ascending order, NaN first.
fn quantile_of_sorted(q: f64, sorted: &[f64]) -> f64 {
    let (lower, weight) = match rank(q, sorted.len()) {
        Ok(rank) => rank,
        Err(quantile) => return quantile,
    };
    if weight == 0.0 {
        return sorted[lower];
    }
    sorted[lower] * (1.0 - weight) + sorted[lower + 1] * weight
}

/// Ascending, NaN first.
fn nan_first(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

#[cfg(test)]
mod tests {
    use super::quantile_of;

    #[test]
    fn interpolates_between_ranks() {
        let check = |q: f64, values: &[f64], want: f64| {
            let got = quantile_of(q, &mut values.to_vec());
            assert!(got == want || (got.is_nan() && want.is_nan()), "{q} of {values:?}: {got}");
        };
        check(0.5, &[3.0, 1.0, 2.0], 2.0);
        check(0.25, &[0.0, 1.0], 0.25);
        check(1.0, &[5.0, 1.0, 4.0], 5.0);
        check(-1.0, &[1.0], f64::NEG_INFINITY);
        check(2.0, &[1.0], f64::INFINITY);
        check(0.0, &[1.0, f64::NAN], f64::NAN);
        check(0.5, &[1.0, 2.0, f64::INFINITY], 2.0);
        check(1.0, &[1.0, f64::INFINITY], f64::INFINITY);
        check(1.0, &[1.0, f64::NAN], 1.0);
        check(0.5, &[], f64::NAN);
    }
}
