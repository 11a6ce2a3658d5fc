//! Sums and extremes of runs of floats, several values at a time.
//!
//! What is added in lanes is rounded otherwise than what is added one after the other; sums are
//! compensated, so that only their last place may differ. Extremes and drops are exact where the
//! values are.

/// Lanes of a sum: two vectors of the smallest machine.
const SUM_LANES: usize = 4;
/// Comparisons have fewer instructions to hide their latency behind.
const EXTREME_LANES: usize = 8;

/// The sum of some values and what rounding has lost of it; their exact sum is about the sum of
/// both. Not finite where a value is not, or where a lane overflows: the caller has to add one
/// after the other then. Cost: under a nanosecond a value.
#[inline]
pub fn compensated_sum(values: &[f64]) -> (f64, f64) {
    let (mut sums, mut losses) = ([0.0_f64; SUM_LANES], [0.0_f64; SUM_LANES]);
    let groups = values.chunks_exact(SUM_LANES);
    let rest = groups.remainder();
    for group in groups {
        for ((sum, lost), v) in sums.iter_mut().zip(&mut losses).zip(group) {
            two_sum(sum, lost, *v);
        }
    }
    let (mut sum, mut lost) = (0.0, losses.iter().sum::<f64>());
    for v in sums.iter().chain(rest) {
        two_sum(&mut sum, &mut lost, *v);
    }
    (sum, lost)
}

/// Adds a value and what rounding takes, without asking which of the two is greater (Knuth, *The
/// Art of Computer Programming*, 4.2.2).
#[inline]
fn two_sum(sum: &mut f64, lost: &mut f64, v: f64) {
    let total = *sum + v;
    let taken = total - *sum;
    *lost += (*sum - (total - taken)) + (v - taken);
    *sum = total;
}

/// The greatest value that is not NaN, the first of equal ones (zeros differ in their sign); NaN
/// when there is none.
#[inline]
pub fn greatest(values: &[f64]) -> f64 {
    extreme(values, f64::NEG_INFINITY, |v, best| v > best)
}

/// The same of the least.
#[inline]
pub fn least(values: &[f64]) -> f64 {
    extreme(values, f64::INFINITY, |v, best| v < best)
}

#[inline]
fn extreme(values: &[f64], worst: f64, better: impl Fn(f64, f64) -> bool) -> f64 {
    let pick = |best: f64, v: f64| if better(v, best) { v } else { best };
    let groups = values.chunks_exact(EXTREME_LANES);
    let rest = groups.remainder().iter().copied().fold(worst, pick);
    let mut lanes = [worst; EXTREME_LANES];
    for group in groups {
        for (best, v) in lanes.iter_mut().zip(group) {
            *best = pick(*best, *v);
        }
    }
    let best = lanes.into_iter().fold(rest, pick);
    if best == 0.0 {
        // The first of all zeros, whichever lane had it.
        return values.iter().copied().find(|v| *v == 0.0).unwrap_or(best);
    }
    if best == worst && !values.contains(&worst) { f64::NAN } else { best }
}

/// Whether none of the values is NaN.
#[inline]
pub fn all_numbers(values: &[f64]) -> bool {
    // A stretch at a time, so that several values are compared at once.
    let any_nan = |some: &[f64]| some.iter().fold(false, |any, v| any | v.is_nan());
    !values.chunks(64).any(any_nan)
}

/// The sum of the values that are followed by a smaller one.
#[inline]
pub fn drops(values: &[f64]) -> f64 {
    let next = values.get(1..).unwrap_or_default();
    let mut lanes = [0.0_f64; SUM_LANES];
    let pairs = values.chunks(SUM_LANES).zip(next.chunks(SUM_LANES));
    for (some, next) in pairs {
        for (sum, (v, next)) in lanes.iter_mut().zip(some.iter().zip(next)) {
            *sum += if next < v { *v } else { 0.0 };
        }
    }
    lanes.into_iter().sum()
}

#[cfg(test)]
mod tests {
    use super::{all_numbers, compensated_sum, drops, greatest, least};
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            (-9_i32..9).prop_map(f64::from),
            prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
            -1e9..1e9_f64,
        ]
    }

    proptest! {
        #[test]
        fn lanes_find_what_a_walk_finds(values in prop::collection::vec(value(), 0..80)) {
            let walk = |better: fn(f64, f64) -> bool| {
                let numbers = values.iter().copied().filter(|v| !v.is_nan());
                numbers.reduce(|best, v| if better(v, best) { v } else { best }).unwrap_or(f64::NAN)
            };
            let bits = |v: f64| if v.is_nan() { 1 } else { v.to_bits() };
            prop_assert_eq!(all_numbers(&values), !values.iter().any(|v| v.is_nan()));
            prop_assert_eq!(bits(greatest(&values)), bits(walk(|v, best| v > best)));
            prop_assert_eq!(bits(least(&values)), bits(walk(|v, best| v < best)));
        }

        #[test]
        fn drops_are_those_of_a_walk(values in prop::collection::vec(-1000_i32..1000, 0..80)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let walk = values.windows(2).filter(|pair| pair[1] < pair[0]).map(|pair| pair[0]);
            prop_assert_eq!(drops(&values), walk.sum::<f64>());
        }

        #[test]
        fn a_sum_is_exact_but_for_its_last_place(values in prop::collection::vec(-1e9..1e9_f64, 0..80)) {
            let (sum, lost) = compensated_sum(&values);
            // Fixed point with more places than the values have.
            let exact: i128 = values.iter().map(|v| (v * 1_048_576.0) as i128).sum();
            prop_assert!((sum + lost - exact as f64 / 1_048_576.0).abs() < 1e-3);
        }
    }

    #[test]
    fn small_terms_survive_large_ones() {
        let (sum, lost) = compensated_sum(&[1.0, 1e100, 1.0, -1e100, 1e-3, 2.0, 3.0, 4.0, 5.0]);
        assert!((sum + lost - 16.001).abs() < 1e-14);
        assert!(!compensated_sum(&[f64::MAX; 9]).0.is_finite());
        assert!(!compensated_sum(&[f64::INFINITY, 1.0, 2.0]).0.is_finite());
    }
}
