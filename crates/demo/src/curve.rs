//! Load over the day and the week, and smooth noise; both with an integral in closed form.

use std::f64::consts::TAU;

const DAY_S: f64 = 86_400.0;
const WEEK_S: f64 = 7.0 * DAY_S;
/// The epoch was a Thursday; the middle of the weekend is the Sunday's first moment.
const WEEKEND_S: f64 = 3.0 * DAY_S;

/// How a load swings around its mean of 1. The terms are cosines, so `integral` is exact.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Curve {
    /// Swing over the day, 0 to 0.5.
    day: f64,
    /// Drop at the weekend, 0 to 0.2.
    week: f64,
    /// Busiest time of the day, seconds after midnight UTC.
    peak_s: f64,
}

/// People at work: busy at two in the afternoon, quiet at night and at the weekend.
pub(crate) const OFFICE: Curve = Curve { day: 0.42, week: 0.17, peak_s: 14.0 * 3600.0 };
/// People at home: busy in the evening, all week.
pub(crate) const EVENING: Curve = Curve { day: 0.38, week: -0.08, peak_s: 19.5 * 3600.0 };
/// Machines: nearly the same at any time.
pub(crate) const STEADY: Curve = Curve { day: 0.06, week: 0.02, peak_s: 13.0 * 3600.0 };

/// Periods of the noise in seconds, and the largest part of the mean rate each may add or take.
/// Together they stay below the smallest value of any curve, so that a counter never falls.
const NOISE: [(f64, f64); 3] = [(90.0, 0.04), (600.0, 0.04), (3_600.0, 0.04)];
/// The same of what a part of a flow has of its own.
const DRIFT: [(f64, f64); 2] = [(240.0, 0.08), (1_500.0, 0.09)];
/// Steepest slope of `wobble` in units of 1 / period.
const STEEPEST: f64 = 3.0;

impl Curve {
    /// Load at a time in Unix seconds; above 0.15, mean 1.
    pub(crate) fn at(&self, t: f64) -> f64 {
        self.terms()
            .iter()
            .fold(1.0, |sum, (part, period, top)| sum + part * (TAU * (t - top) / period).cos())
    }

    /// Integral of `at` from a fixed moment to `t`, in seconds.
    fn integral(&self, t: f64) -> f64 {
        self.terms().iter().fold(t, |sum, (part, period, top)| {
            sum + part * period / TAU * (TAU * ((t - top) % period) / period).sin()
        })
    }

    /// Part, period and the time of a maximum.
    fn terms(&self) -> [(f64, f64, f64); 3] {
        [
            (self.day, DAY_S, self.peak_s),
            (self.day * 0.25, DAY_S / 2.0, self.peak_s - 2.5 * 3600.0),
            (-self.week, WEEK_S, WEEKEND_S),
        ]
    }

    /// Integral of the load with its noise: what has arrived at a mean of one per second. It never
    /// falls. Differences are exact to about a microsecond.
    pub(crate) fn arrived(&self, seed: u64, t: f64) -> f64 {
        NOISE.iter().zip(1..).fold(self.integral(t), |sum, ((period, part), scale)| {
            sum + part * period / STEEPEST * wobble(seed.wrapping_add(scale), t, *period)
        })
    }
}

/// What a part of a flow has more or less of, besides the noise of the whole.
pub(crate) fn drift(seed: u64, t: f64) -> f64 {
    DRIFT.iter().zip(1..).fold(0.0, |sum, ((period, part), scale)| {
        sum + part * period / STEEPEST * wobble(seed.wrapping_add(scale), t, *period)
    })
}

/// Smooth noise between -1 and 1 that turns about once in `period` seconds: random values at the
/// multiples of the period, and a cubic in between.
pub(crate) fn wobble(seed: u64, t: f64, period: f64) -> f64 {
    let place = t / period;
    let knot = place.floor();
    let x = place - knot;
    let left = signed(seed, knot as i64);
    let right = signed(seed, knot as i64 + 1);
    left + (right - left) * x * x * (3.0 - 2.0 * x)
}

fn signed(seed: u64, n: i64) -> f64 {
    2.0 * unit(seed, n) - 1.0
}

/// A number from 0 up to 1 that is fixed by the seed and `n`.
pub(crate) fn unit(seed: u64, n: i64) -> f64 {
    (mix(seed ^ mix(n as u64)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The output function of SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use super::{EVENING, OFFICE, STEADY, drift, wobble};

    const T0: f64 = 1_790_000_000.0;

    #[test]
    fn the_integral_is_that_of_the_curve() {
        for curve in [OFFICE, EVENING, STEADY] {
            let step = 60.0;
            let mut sum = 0.0;
            for n in 0..10_080 {
                let t = T0 + f64::from(n) * step;
                sum += curve.at(t + step / 2.0) * step;
                let exact = curve.integral(t + step) - curve.integral(T0);
                assert!((sum - exact).abs() < 2.0, "{sum} and {exact} after {n} minutes");
            }
        }
    }

    #[test]
    fn what_has_arrived_never_falls() {
        for curve in [OFFICE, EVENING, STEADY] {
            for seed in 0..8 {
                let arrived = |t| curve.arrived(seed, t) + drift(seed ^ 9, t);
                let mut last = arrived(T0);
                for n in 1..60_000 {
                    let now = arrived(T0 + f64::from(n) * 13.0);
                    assert!(now > last, "{now} after {last}");
                    last = now;
                }
            }
        }
    }

    #[test]
    fn noise_is_smooth_and_bounded() {
        let mut last = wobble(3, T0, 60.0);
        for n in 1..10_000 {
            let now = wobble(3, T0 + f64::from(n), 60.0);
            assert!(now.abs() <= 1.0 && (now - last).abs() <= 3.0 / 60.0 + 1e-9);
            last = now;
        }
    }
}
