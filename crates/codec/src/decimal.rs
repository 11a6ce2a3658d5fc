//! The chunk codec of float series at rest: decimal numbers as packed integers.
//!
//! Spec: docs/format/metrics-chunk.md. Most measured values have few decimal places, so they are
//! whole numbers after multiplying with a power of ten (the idea of ALP, Afroozeh and Boncz,
//! SIGMOD 2023), and their differences are small. A value counts as decimal only when dividing
//! again gives the same bits; the few others (NaN, −0, infinities) are stated beside. A run with
//! too many of them is refused and stays a bit stream.

use crate::packed::{plan, put_run, run_bytes, take_run};
use crate::varint::{put_i64, put_u64, take_i64, take_u64, unzigzag, zigzag};
use crate::xor::ChunkError;

pub(crate) const POWERS: [f64; 13] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

/// Adding and subtracting this rounds a float below [`WHOLE_MAX`] to a whole number, in two
/// instructions where `round` is a call.
pub(crate) const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// Numbers up to here are rounded exactly, and their differences cannot overflow.
pub(crate) const WHOLE_MAX: f64 = 2_251_799_813_685_248.0;

/// A value outside costs ten bytes; one in sixteen still pays.
const OUTSIDE_SHARE: usize = 16;

/// How packed numbers give the integers back; the numbers are part of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Distances from the smallest.
    Plain = 0,
    /// Distances of steps from the smallest step.
    Steps = 1,
    /// Steps, zig-zagged.
    SignedSteps = 2,
    /// Changes of steps, zig-zagged.
    StepChanges = 3,
}

const SHAPES: [Shape; 4] = [Shape::Plain, Shape::Steps, Shape::SignedSteps, Shape::StepChanges];

/// Appends a run of samples; `false`, with nothing appended, when it is not worth it.
///
/// `times` and `values` have equal length of at least 1; times strictly ascend. The reader must
/// know the length and the first time. Cost: about 30 ns a sample.
pub fn encode(times: &[i64], values: &[f64], out: &mut Vec<u8>) -> bool {
    let Some(numbers) = Numbers::of(values) else { return false };
    put_times(out, times);
    out.push(numbers.exponent);
    out.push(numbers.shift);
    put_u64(out, numbers.outside.len() as u64);
    let mut next = 0;
    for index in &numbers.outside {
        put_u64(out, (index - next) as u64);
        out.extend_from_slice(&values[*index].to_bits().to_le_bytes());
        next = index + 1;
    }
    put_numbers(out, &numbers.whole);
    true
}

/// Reads a run of `count` samples whose first time is `first_t`, and hands each to `take`.
/// Errors: the bytes are damaged; what was handed out may be wrong.
pub fn decode(
    bytes: &[u8],
    first_t: i64,
    count: u32,
    mut take: impl FnMut(i64, f64),
) -> Result<(), ChunkError> {
    let (count, mut bytes) = (count as usize, bytes);
    // A run of a constant takes no bits a sample, so the count needs a bound of its own.
    if count > usize::from(u16::MAX) {
        return Err(ChunkError::Invalid);
    }
    let times = take_times(&mut bytes, first_t, count)?;
    let (exponent, shift) = (take_byte(&mut bytes)?, take_byte(&mut bytes)?);
    let power = *POWERS.get(usize::from(exponent)).ok_or(ChunkError::Invalid)?;
    if shift > 63 {
        return Err(ChunkError::Invalid);
    }
    let mut outside = Vec::new();
    let mut next = 0_u64;
    for _ in 0..number(&mut bytes)? {
        let place = next.checked_add(number(&mut bytes)?).ok_or(ChunkError::Invalid)?;
        let (bits, rest) = bytes.split_first_chunk::<8>().ok_or(ChunkError::Truncated)?;
        bytes = rest;
        outside.push((place, f64::from_bits(u64::from_le_bytes(*bits))));
        next = place + 1;
    }
    let whole = take_numbers(&mut bytes, count)?;
    let mut outside = outside.into_iter().peekable();
    for (index, (t, whole)) in std::iter::zip(times, whole).enumerate() {
        let stated = outside.next_if(|(place, _)| *place == index as u64);
        let v = stated.map_or_else(|| (whole << shift) as f64 / power, |(_, v)| v);
        take(t, v);
    }
    Ok(())
}

/// The values as whole numbers.
struct Numbers {
    exponent: u8,
    /// Zero bits that all numbers end with; they are left out.
    shift: u8,
    whole: Vec<i64>,
    /// Indices of values that are not decimal; their number repeats the one before.
    outside: Vec<usize>,
}

impl Numbers {
    fn of(values: &[f64]) -> Option<Self> {
        let outside_max = values.len() / OUTSIDE_SHARE + 1;
        let mut exponent = 0;
        let mut outside = 0;
        for v in values {
            match (exponent..POWERS.len()).find(|e| whole(*v, *e).is_some()) {
                Some(needed) => exponent = needed,
                None => outside += 1,
            }
            if outside > outside_max {
                return None;
            }
        }
        let mut numbers = Self {
            exponent: exponent as u8,
            shift: 0,
            whole: Vec::with_capacity(values.len()),
            outside: Vec::new(),
        };
        let mut last = 0;
        for (index, v) in values.iter().enumerate() {
            // A value of few places may not be decimal at a larger exponent.
            if let Some(number) = whole(*v, exponent) {
                last = number;
            } else {
                numbers.outside.push(index);
            }
            numbers.whole.push(last);
        }
        if numbers.outside.len() > outside_max {
            return None;
        }
        let bits = numbers.whole.iter().fold(0, |bits, number| bits | *number);
        if bits != 0 {
            numbers.shift = bits.trailing_zeros() as u8;
            for number in &mut numbers.whole {
                *number >>= numbers.shift;
            }
        }
        Some(numbers)
    }
}

/// `v * 10^exponent`, if that is whole and gives `v` back bit for bit.
#[inline]
fn whole(v: f64, exponent: usize) -> Option<i64> {
    let scaled = (v * POWERS[exponent] + ROUNDER) - ROUNDER;
    let number = scaled as i64; // saturates, and NaN becomes 0: neither gives the bits back
    (scaled.abs() < WHOLE_MAX && (number as f64 / POWERS[exponent]).to_bits() == v.to_bits())
        .then_some(number)
}

/// First step, then changes of steps.
fn put_times(out: &mut Vec<u8>, times: &[i64]) {
    let steps = times.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
    let mut step = steps.clone().next().unwrap_or_default();
    put_i64(out, step);
    let changes: Vec<u64> = steps
        .skip(1)
        .map(|next| zigzag(next.wrapping_sub(std::mem::replace(&mut step, next))))
        .collect();
    put_run(out, &changes, plan(&changes).0);
}

fn take_times(bytes: &mut &[u8], first_t: i64, count: usize) -> Result<Vec<i64>, ChunkError> {
    let mut step = signed(bytes)?;
    let mut changes = Vec::new();
    take_run(bytes, count.saturating_sub(2), &mut changes)?;
    let mut times = Vec::with_capacity(count);
    let mut t = first_t;
    for index in 0..count {
        if index > 0 {
            if index > 1 {
                step = step.wrapping_add(unzigzag(changes[index - 2]));
            }
            t = t.wrapping_add(step);
        }
        times.push(t);
    }
    Ok(times)
}

/// `shape first base run`
fn put_numbers(out: &mut Vec<u8>, numbers: &[i64]) {
    let shaped = SHAPES.map(|shape| shaped(shape, numbers));
    let plans = shaped.each_ref().map(|(_, run)| plan(run));
    let cheapest = (0..SHAPES.len()).min_by_key(|i| run_bytes(plans[*i].1)).unwrap_or_default();
    let (base, run) = &shaped[cheapest];
    out.push(SHAPES[cheapest] as u8);
    put_i64(out, numbers.first().copied().unwrap_or_default());
    put_i64(out, *base);
    put_run(out, run, plans[cheapest].0);
}

/// What is packed, and the base that was taken off. `Plain` has as many as there are numbers, the
/// others one less, because the first number is stated.
fn shaped(shape: Shape, numbers: &[i64]) -> (i64, Vec<u64>) {
    let steps = || numbers.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
    let above = |base: i64| move |number: i64| number.wrapping_sub(base) as u64;
    match shape {
        Shape::Plain => {
            let base = numbers.iter().copied().min().unwrap_or_default();
            (base, numbers.iter().copied().map(above(base)).collect())
        }
        Shape::Steps => {
            let base = steps().min().unwrap_or_default();
            (base, steps().map(above(base)).collect())
        }
        Shape::SignedSteps => (0, steps().map(zigzag).collect()),
        Shape::StepChanges => {
            let mut last = 0;
            let change = |step: i64| step.wrapping_sub(std::mem::replace(&mut last, step));
            (0, steps().map(change).map(zigzag).collect())
        }
    }
}

fn take_numbers(bytes: &mut &[u8], count: usize) -> Result<Vec<i64>, ChunkError> {
    let code = take_byte(bytes)?;
    let shape = SHAPES.get(usize::from(code)).copied().ok_or(ChunkError::Invalid)?;
    let (first, base) = (signed(bytes)?, signed(bytes)?);
    let mut run = Vec::new();
    let packed = if shape == Shape::Plain { count } else { count.saturating_sub(1) };
    take_run(bytes, packed, &mut run)?;
    if shape == Shape::Plain {
        return Ok(run.into_iter().map(|above| base.wrapping_add(above as i64)).collect());
    }
    let mut numbers = Vec::with_capacity(count);
    let (mut number, mut step) = (first, 0_i64);
    numbers.push(number);
    for packed in run {
        step = match shape {
            Shape::Steps => base.wrapping_add(packed as i64),
            Shape::StepChanges => step.wrapping_add(unzigzag(packed)),
            Shape::Plain | Shape::SignedSteps => unzigzag(packed),
        };
        number = number.wrapping_add(step);
        numbers.push(number);
    }
    Ok(numbers)
}

fn take_byte(bytes: &mut &[u8]) -> Result<u8, ChunkError> {
    let (byte, rest) = bytes.split_first().ok_or(ChunkError::Truncated)?;
    *bytes = rest;
    Ok(*byte)
}

fn number(bytes: &mut &[u8]) -> Result<u64, ChunkError> {
    take_u64(bytes).map_err(|_| ChunkError::Truncated)
}

fn signed(bytes: &mut &[u8]) -> Result<i64, ChunkError> {
    take_i64(bytes).map_err(|_| ChunkError::Truncated)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use proptest::prelude::*;

    /// Length of the encoded run, if the codec takes it.
    #[track_caller]
    fn check(times: &[i64], values: &[f64]) -> Option<usize> {
        let mut bytes = Vec::new();
        if !encode(times, values, &mut bytes) {
            assert!(bytes.is_empty(), "a refused run leaves nothing behind");
            return None;
        }
        let mut got = Vec::new();
        let count = times.len() as u32;
        assert_eq!(decode(&bytes, times[0], count, |t, v| got.push((t, v.to_bits()))), Ok(()));
        let want: Vec<_> = std::iter::zip(times, values).map(|(t, v)| (*t, v.to_bits())).collect();
        assert_eq!(got, want);
        Some(bytes.len())
    }

    fn steady(count: i64) -> Vec<i64> {
        (0..count).map(|i| 1_700_000_000_000 + i * 15_000).collect()
    }

    #[test]
    fn ordinary_series_become_small() {
        let check = |values: &dyn Fn(i64) -> f64, bytes_max: usize| {
            let values: Vec<f64> = (0..120).map(values).collect();
            let len = check(&steady(120), &values);
            assert!(len.is_some_and(|len| len <= bytes_max), "{len:?}");
        };
        check(&|_| 42.0, 20);
        check(&|i| (i * 1500) as f64, 24);
        check(&|i| f64::from(i as u32 * 7919 % 1000) / 100.0, 180);
        check(&|i| (i % 3 * 4096) as f64, 50);
        check(&|i| if i == 60 { f64::NAN } else { 1.0 }, 40);
    }

    #[test]
    fn values_that_are_not_decimal_are_refused() {
        let values: Vec<f64> = (1..100).map(|i| f64::from(i).sqrt()).collect();
        assert_eq!(check(&steady(99), &values), None);
    }

    #[test]
    fn edges_come_back() {
        check(&[i64::MIN], &[1.0]);
        check(&[i64::MIN, i64::MAX], &[2_251_799_813_685_247.0, -2_251_799_813_685_247.0]);
        check(&[1, 2], &[2_251_799_813_685_249.0, 9_007_199_254_740_993.0]);
        check(&[1, 2, 3], &[f64::NAN, 0.0, -0.0]);
        check(&[1, 2, 3], &[0.1, 0.2, 0.3]);
        check(&[5, 6], &[-0.0, f64::INFINITY]);
    }

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            8 => (-100_000_i32..100_000, 0_i32..4).prop_map(|(n, e)| f64::from(n) / 10_f64.powi(e)),
            4 => (0_u64..1 << 50).prop_map(|n| n as f64),
            1 => any::<u64>().prop_map(f64::from_bits),
        ]
    }

    proptest! {
        #[test]
        fn every_run_comes_back(samples in prop::collection::vec((1_i64..1 << 30, value()), 1..260)) {
            let (steps, values): (Vec<i64>, Vec<f64>) = samples.into_iter().unzip();
            let mut t = -5;
            let times: Vec<i64> = steps.into_iter().map(|step| { t += step; t }).collect();
            check(&times, &values);
        }

        #[test]
        fn damaged_bytes_are_an_error_or_numbers(bytes in prop::collection::vec(any::<u8>(), 0..80), count in 0_u32..300) {
            let mut seen = 0;
            if decode(&bytes, 0, count, |_, _| seen += 1).is_ok() {
                prop_assert!(seen >= count.min(1));
            }
        }
    }
}
