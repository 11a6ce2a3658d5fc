//! The quantile of a set of values, as the aggregation and `quantile_over_time` define it.

use std::cmp::Ordering;

/// Linear interpolation between the two closest ranks; NaN sorts below everything. Reorders
/// `values`. Cost: O(n).
pub(crate) fn quantile_of(q: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    let rank = q * (values.len() - 1) as f64;
    let lower = rank.floor() as usize;
    let weight = rank - rank.floor();
    let (_, low, above) = values.select_nth_unstable_by(lower, |a, b| nan_first(*a, *b));
    let low = *low;
    // Without weight the upper one must not count, not even when it is infinite.
    if weight == 0.0 {
        return low;
    }
    let high = above.iter().copied().min_by(|a, b| nan_first(*a, *b)).unwrap_or(low);
    low * (1.0 - weight) + high * weight
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
