//! Quantiles and fractions of classic histograms: cumulative counts by upper bound (`le`).

/// `(upper bound, cumulative count)`.
pub(crate) type Buckets = Vec<(f64, f64)>;

/// Counts that differ by less than this share differ by rounding only.
const ROUNDING: f64 = 1e-12;

/// Where counts fell from a bucket to the next and were raised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Raised {
    pub(crate) bound_min: f64,
    pub(crate) bound_max: f64,
    pub(crate) diff_max: f64,
}

/// The `q`-quantile of buckets sorted by bound, linear inside a bucket; what is in the last bucket
/// counts as its lower bound.
pub(crate) fn quantile(q: f64, buckets: &mut Buckets) -> (f64, Option<Raised>) {
    if q.is_nan() {
        return (f64::NAN, None);
    }
    if q < 0.0 {
        return (f64::NEG_INFINITY, None);
    }
    if q > 1.0 {
        return (f64::INFINITY, None);
    }
    if buckets.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
        return (f64::NAN, None);
    }
    coalesce(buckets);
    let raised = make_monotonic(buckets);
    let last = buckets.len() - 1;
    let observations = buckets[last].1;
    if last == 0 || observations == 0.0 {
        return (f64::NAN, raised);
    }
    let mut rank = q * observations;
    let at = first_that_reaches(rank, &buckets[..last]);
    if at == last {
        return (buckets[last - 1].0, raised);
    }
    if at == 0 && buckets[0].0 <= 0.0 {
        return (buckets[0].0, raised);
    }
    let (end, mut count) = buckets[at];
    let mut start = 0.0;
    if at > 0 {
        let (bound, below) = buckets[at - 1];
        start = bound;
        count -= below;
        rank -= below;
    }
    (start + (end - start) * (rank / count), raised)
}

/// The first bucket that reaches a rank, or their number. By halving as the reference does, for
/// counts that are not numbers reach nothing and are in no order.
fn first_that_reaches(rank: f64, buckets: &[(f64, f64)]) -> usize {
    let (mut from, mut to) = (0, buckets.len());
    while from < to {
        let middle = from + (to - from) / 2;
        if buckets[middle].1 >= rank { to = middle } else { from = middle + 1 }
    }
    from
}

/// The share of observations between two values.
pub(crate) fn fraction(lower: f64, upper: f64, buckets: &mut Buckets) -> f64 {
    if buckets.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
        return f64::NAN;
    }
    coalesce(buckets);
    let total = buckets[buckets.len() - 1].1;
    if total == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    let below = |v: f64| {
        let (mut start, mut rank) =
            (if buckets[0].0 <= 0.0 { f64::NEG_INFINITY } else { 0.0 }, 0.0);
        for (end, count) in buckets.iter().copied() {
            if start >= v {
                return rank;
            }
            if end > v {
                // Nothing is known about the inside of an infinite bucket.
                return if start == f64::NEG_INFINITY {
                    count
                } else {
                    rank + (count - rank) * (v - start) / (end - start)
                };
            }
            (start, rank) = (end, count);
        }
        total
    };
    (below(upper).min(total) - below(lower).min(total)) / total
}

/// Adds up buckets of the same bound.
fn coalesce(buckets: &mut Buckets) {
    let mut kept = 0;
    for i in 1..buckets.len() {
        if buckets[i].0 == buckets[kept].0 {
            buckets[kept].1 += buckets[i].1;
        } else {
            kept += 1;
            buckets[kept] = buckets[i];
        }
    }
    buckets.truncate(kept + 1);
}

/// Cumulative counts cannot fall; where they do, they are raised to what was before.
fn make_monotonic(buckets: &mut Buckets) -> Option<Raised> {
    let mut raised: Option<Raised> = None;
    let mut before = buckets[0].1;
    for (bound, count) in buckets.iter_mut().skip(1) {
        if *count == before {
            continue;
        }
        if almost_equal(before, *count) {
            *count = before;
        } else if *count < before {
            let known = raised.get_or_insert(Raised {
                bound_min: f64::INFINITY,
                bound_max: f64::NEG_INFINITY,
                diff_max: 0.0,
            });
            known.bound_min = known.bound_min.min(*bound);
            known.bound_max = known.bound_max.max(*bound);
            known.diff_max = known.diff_max.max(before - *count);
            *count = before;
        } else {
            before = *count;
        }
    }
    raised
}

fn almost_equal(a: f64, b: f64) -> bool {
    let (diff, size) = ((a - b).abs(), a.abs() + b.abs());
    if a == 0.0 || b == 0.0 || size < f64::MIN_POSITIVE {
        return diff < ROUNDING * f64::MIN_POSITIVE;
    }
    diff / size.min(f64::MAX) < ROUNDING
}

#[cfg(test)]
mod tests {
    use super::{fraction, quantile};

    const INF: f64 = f64::INFINITY;

    #[test]
    fn interpolates_linearly() {
        let check = |q: f64, buckets: &[(f64, f64)], want: f64| {
            let (got, _) = quantile(q, &mut buckets.to_vec());
            assert!(got == want || (got.is_nan() && want.is_nan()), "{q}: {got}, want {want}");
        };
        check(0.5, &[(1.0, 2.0), (2.0, 4.0), (INF, 4.0)], 1.0);
        check(0.75, &[(1.0, 2.0), (2.0, 4.0), (INF, 4.0)], 1.5);
        check(1.0, &[(1.0, 2.0), (INF, 4.0)], 1.0);
        check(0.5, &[(1.0, 2.0), (2.0, 4.0)], f64::NAN);
        check(0.1, &[(-1.0, 2.0), (INF, 2.0)], -1.0);
        check(0.5, &[(INF, 2.0)], f64::NAN);
        // Nothing is reached: the start of the last bucket.
        check(0.1, &[(1.0, f64::NAN), (10.0, f64::NAN), (INF, f64::NAN)], 10.0);
    }

    #[test]
    fn raises_counts_that_fall() {
        let (v, raised) = quantile(0.5, &mut vec![(1.0, 4.0), (2.0, 2.0), (INF, 8.0)]);
        assert_eq!(v, 1.0);
        let raised = raised.expect("counts fell");
        assert_eq!((raised.bound_min, raised.bound_max, raised.diff_max), (2.0, 2.0, 2.0));
    }

    #[test]
    fn fractions_are_the_inverse_of_quantiles() {
        let buckets = vec![(1.0, 2.0), (2.0, 4.0), (INF, 4.0)];
        assert_eq!(fraction(0.0, 1.5, &mut buckets.clone()), 0.75);
        assert_eq!(fraction(2.0, 1.0, &mut buckets.clone()), 0.0);
        assert_eq!(fraction(f64::NEG_INFINITY, INF, &mut buckets.clone()), 1.0);
    }
}
