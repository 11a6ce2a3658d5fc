//! Logarithms with the digits of the reference: `floor(log10(x))`, `x % ln(y)` and comparisons show
//! the last one.
//!
//! Source: the method of Sun's `e_log.c`, which Go uses on amd64, with its coefficients. It is off
//! by less than one unit in the last place; the library of the system is as good, and other.

use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E, LOG10_E};

/// The natural logarithm of two in two parts; the first has enough zeros at its end for products
/// with exponents to be exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Of the polynomial in `(f / (2 + f))²` that approaches `ln(1 + f)`, lowest power first.
const COEFFICIENTS: [f64; 7] = [
    6.666_666_666_666_735e-1,
    3.999_999_999_940_942e-1,
    2.857_142_874_366_239e-1,
    2.222_219_843_214_978_4e-1,
    1.818_357_216_161_805e-1,
    1.531_383_769_920_937_3e-1,
    1.479_819_860_511_658_6e-1,
];

pub(super) fn ln(v: f64) -> f64 {
    if v <= 0.0 || !v.is_finite() {
        return v.ln();
    }
    let (mut fraction, mut exponent) = split(v);
    if fraction < FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1.0;
    }
    let f = fraction - 1.0;
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let [c1, c2, c3, c4, c5, c6, c7] = COEFFICIENTS;
    let odd = s2 * (c1 + s4 * (c3 + s4 * (c5 + s4 * c7)));
    let even = s4 * (c2 + s4 * (c4 + s4 * c6));
    let half_square = 0.5 * f * f;
    let rest = s * (half_square + (odd + even)) + exponent * LN_2_LOW;
    exponent * LN_2_HIGH - ((half_square - rest) - f)
}

/// Exact for powers of two.
pub(super) fn log2(v: f64) -> f64 {
    if v <= 0.0 || !v.is_finite() {
        return v.log2();
    }
    let (fraction, exponent) = split(v);
    if fraction == 0.5 { exponent - 1.0 } else { ln(fraction) * LOG2_E + exponent }
}

pub(super) fn log10(v: f64) -> f64 {
    ln(v) * LOG10_E
}

/// A positive number as a fraction in `[0.5, 1)` and an exponent of two.
fn split(v: f64) -> (f64, f64) {
    const EXPONENT_BITS: u64 = 0x7ff << 52;
    const HALF: u64 = 1022 << 52;
    let (v, scaled) = if v.is_normal() { (v, 0) } else { (v * 2_f64.powi(52), 52) };
    let exponent = ((v.to_bits() & EXPONENT_BITS) >> 52) as i32 - 1022 - scaled;
    (f64::from_bits(v.to_bits() & !EXPONENT_BITS | HALF), f64::from(exponent))
}

#[cfg(test)]
mod tests {
    use super::{ln, log2, log10};

    /// Bits, for the last digit matters.
    #[track_caller]
    fn check(v: f64, want: [f64; 3]) {
        assert_eq!([ln(v), log2(v), log10(v)].map(f64::to_bits), want.map(f64::to_bits), "{v}");
    }

    #[test]
    fn logarithms_have_the_digits_of_go() {
        check(0.01, [-4.605_170_185_988_092, -6.643_856_189_774_724, -2.0]);
        check(1.0, [0.0, 0.0, 0.0]);
        check(3.0, [1.098_612_288_668_109_6, 1.584_962_500_721_156_3, 0.477_121_254_719_662_4]);
        check(7.0, [1.945_910_149_055_313_2, 2.807_354_922_057_604, 0.845_098_040_014_256_8]);
        check(1000.0, [6.907_755_278_982_137, 9.965_784_284_662_087, 3.0]);
        check(1e15, [34.538_776_394_910_684, 49.828_921_423_310_43, 14.999_999_999_999_998]);
        check(123_456_789.0, [18.631_401_766_168_02, 26.879_430_932_860_473, 8.091_514_977_169_27]);
        check(f64::MAX, [709.782_712_893_384, 1024.0, 308.254_715_559_916_75]);
    }

    #[test]
    fn what_has_no_logarithm_is_as_everywhere() {
        check(0.0, [f64::NEG_INFINITY; 3]);
        check(f64::INFINITY, [f64::INFINITY; 3]);
        for v in [-1.0, f64::NAN, f64::NEG_INFINITY] {
            assert!([ln(v), log2(v), log10(v)].iter().all(|v| v.is_nan()), "{v}");
        }
        // Go's own is off by 15 there.
        for (v, want) in [(1e-310, -310.0), (f64::from_bits(1), -323.306_215_343_115_8)] {
            assert!((log10(v) - want).abs() < 1e-12, "{v}");
        }
    }
}
