//! Floats as decimal numbers: whole after multiplying with a power of ten.
//!
//! Most measured values have few decimal places (the idea of ALP, Afroozeh and Boncz, SIGMOD
//! 2023). A value counts as decimal only when dividing again gives the same bits; the few others
//! (NaN, −0, infinities) are stated beside. A run with too many of them is refused.

/// Powers of ten that are exact as floats and that a run may be scaled by.
pub(crate) const POWERS: [f64; 13] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

/// Adding and subtracting this rounds a float below [`WHOLE_MAX`] to a whole number, in two
/// instructions where `round` is a call.
pub(crate) const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// Numbers up to here are rounded exactly, and their differences cannot overflow.
pub(crate) const WHOLE_MAX: f64 = 2_251_799_813_685_248.0;

/// A value outside costs ten bytes; one in sixteen still pays.
const OUTSIDE_SHARE: usize = 16;

/// The values as whole numbers.
#[derive(Debug, Default)]
pub(crate) struct Decimals {
    pub(crate) exponent: u8,
    /// Zero bits that all numbers end with; they are left out.
    pub(crate) shift: u8,
    pub(crate) numbers: Vec<i64>,
    /// Indices of values that are not decimal; their number repeats the one before.
    pub(crate) outside: Vec<usize>,
}

impl Decimals {
    /// Cost: about 8 ns a value.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let outside_max = values.len() / OUTSIDE_SHARE + 1;
        let exponent = exponent_of(values, outside_max)?;
        let mut decimals = Self {
            exponent: exponent as u8,
            shift: 0,
            numbers: Vec::with_capacity(values.len()),
            outside: Vec::new(),
        };
        let mut last = 0;
        for (index, v) in values.iter().enumerate() {
            // A value of few places may not be decimal at a larger exponent.
            if let Some(number) = whole(*v, exponent) {
                last = number;
            } else {
                decimals.outside.push(index);
            }
            decimals.numbers.push(last);
        }
        if decimals.outside.len() > outside_max {
            return None;
        }
        let bits = decimals.numbers.iter().fold(0, |bits, number| bits | *number);
        if bits != 0 {
            decimals.shift = bits.trailing_zeros() as u8;
            for number in &mut decimals.numbers {
                *number >>= decimals.shift;
            }
        }
        Some(decimals)
    }
}

/// The smallest exponent that serves all values but a few.
fn exponent_of(values: &[f64], outside_max: usize) -> Option<usize> {
    let (mut exponent, mut outside) = (0, 0);
    for v in values {
        match (exponent..POWERS.len()).find(|e| whole(*v, *e).is_some()) {
            Some(needed) => exponent = needed,
            None => outside += 1,
        }
        if outside > outside_max {
            return None;
        }
    }
    Some(exponent)
}

/// `v * 10^exponent`, if that is whole, below 2^51 and gives `v` back bit for bit.
#[inline]
pub fn whole(v: f64, exponent: usize) -> Option<i64> {
    let power = POWERS.get(exponent)?;
    let scaled = (v * power + ROUNDER) - ROUNDER;
    let number = scaled as i64; // saturates, and NaN becomes 0: neither gives the bits back
    (scaled.abs() < WHOLE_MAX && (number as f64 / power).to_bits() == v.to_bits()).then_some(number)
}

/// Undoes [`whole`]. `None`: the exponent is above 12.
pub fn of_whole(number: i64, exponent: usize) -> Option<f64> {
    POWERS.get(exponent).map(|power| number as f64 / power)
}
