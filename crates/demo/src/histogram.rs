//! Durations as cumulative buckets. What happened is split over log-normal distributions; a
//! bucket is what of each lies below its bound, so buckets, count and sum
//! always agree.

/// A log-normal distribution: median in seconds, and the spread of its logarithm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) sigma: f64,
}

impl Spread {
    pub(crate) const fn new(median: f64, sigma: f64) -> Self {
        Self { median, sigma }
    }

    /// Part of the events that take longer than `bound`. The normal distribution's integral by the
    /// logistic function with 1.702, off by less than 0.01 everywhere.
    pub(crate) fn above(&self, bound: f64) -> f64 {
        if bound.is_infinite() {
            return 0.0;
        }
        let z = (bound / self.median).ln() / self.sigma;
        1.0 / (1.0 + (1.702 * z).exp())
    }

    pub(crate) fn mean(&self) -> f64 {
        self.median * (self.sigma * self.sigma / 2.0).exp()
    }
}

/// The usual bounds of client libraries, in seconds.
pub(crate) const WEB: [f64; 12] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Bounds for work of seconds to minutes.
pub(crate) const LONG: [f64; 11] =
    [1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 300.0];
/// Bounds for milliseconds.
pub(crate) const SHORT: [f64; 10] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5];

/// A bound as exporters print it: `0.5`, `1.0`, `+Inf`.
pub(crate) fn bound_text(bound: f64) -> String {
    if bound.is_infinite() { "+Inf".to_owned() } else { format!("{bound:?}") }
}

#[cfg(test)]
mod tests {
    use super::{Spread, bound_text};

    #[test]
    fn half_lies_above_the_median_and_nothing_above_infinity() {
        let spread = Spread::new(0.2, 0.6);
        assert_eq!(spread.above(0.2), 0.5);
        assert_eq!(spread.above(f64::INFINITY), 0.0);
        assert!(spread.above(0.01) > 0.999 && spread.above(5.0) < 0.001);
        assert!(spread.mean() > 0.2);
    }

    #[test]
    fn bounds_are_spelled_as_exporters_do() {
        let texts = [1.0, 0.075, f64::INFINITY].map(bound_text);
        assert_eq!(texts, ["1.0", "0.075", "+Inf"]);
    }
}
