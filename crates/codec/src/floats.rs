//! The values of a chunk of floats at rest.
//!
//! Spec: docs/format/metrics-chunk.md. Constant runs are stated once, decimal numbers are packed
//! as integers, everything else as bits. Lossless bit for bit: NaN payloads, −0 and infinities
//! come back as they were. Decoding works on whole columns, without a branch for each sample.

use crate::ChunkError;
use crate::decimal::{Decimals, POWERS, of_whole, whole};
use crate::integers::{self, Shape};
use crate::times::CHUNK_SAMPLES_MAX;
use crate::varint::{put_i64, put_u64, take_i64, take_u64};
use crate::{reals, varint::VarintError};

/// The low bits of the first byte; the numbers are part of the format. 7 is the store's.
const CHANGES: u8 = 0;
const CONSTANT_BITS: u8 = 1;
const CONSTANT_DECIMAL: u8 = 2;
const DECIMAL_PLAIN: u8 = 3;
const DECIMAL_STEPS: u8 = 4;
const DECIMAL_STEP_CHANGES: u8 = 5;
const SPLIT: u8 = 6;

const KIND_BITS: u32 = 3;
/// Set in the byte of the shift when values outside are listed.
const HAS_OUTSIDE: u8 = 0x80;

/// Working memory of [`take_floats`]; kept between chunks.
#[derive(Debug, Default)]
pub struct FloatScratch {
    numbers: Vec<i64>,
}

impl From<VarintError> for ChunkError {
    fn from(_: VarintError) -> Self {
        Self::Truncated
    }
}

/// Appends values in the encoding that is smallest; the reader must know how many there are.
///
/// Cost: about 30 ns a value, next to nothing when all are the same.
pub fn put_floats(out: &mut Vec<u8>, values: &[f64]) {
    if let Some(v) = constant(values) {
        put_constant(out, v);
    } else if let Some(decimals) = Decimals::of(values) {
        put_decimals(out, values, &decimals);
    } else {
        let split = reals::plan_split(values);
        let mut changes = vec![CHANGES];
        reals::put_changes(&mut changes, values);
        // Bit by bit is slower to read: it must pay.
        if changes.len() + changes.len() / 16 < split.bytes {
            out.extend_from_slice(&changes);
        } else {
            out.push(SPLIT);
            reals::put_split(out, values, &split);
        }
    }
}

/// The value that all are equal to, bit for bit.
fn constant(values: &[f64]) -> Option<f64> {
    let first = values.first()?;
    values.iter().all(|v| v.to_bits() == first.to_bits()).then_some(*first)
}

fn put_constant(out: &mut Vec<u8>, v: f64) {
    let short = (0..POWERS.len()).find_map(|e| Some((e, whole(v, e)?)));
    if let Some((exponent, number)) = short.filter(|(_, number)| number.unsigned_abs() < 1 << 48) {
        out.push(CONSTANT_DECIMAL | (exponent as u8) << KIND_BITS);
        put_i64(out, number);
    } else {
        out.push(CONSTANT_BITS);
        out.extend_from_slice(&v.to_bits().to_le_bytes());
    }
}

fn put_decimals(out: &mut Vec<u8>, values: &[f64], decimals: &Decimals) {
    let planned = integers::plan(&decimals.numbers);
    let kind = match planned.shape {
        Shape::Plain => DECIMAL_PLAIN,
        Shape::Steps => DECIMAL_STEPS,
        Shape::StepChanges => DECIMAL_STEP_CHANGES,
    };
    out.push(kind | decimals.exponent << KIND_BITS);
    out.push(decimals.shift | if decimals.outside.is_empty() { 0 } else { HAS_OUTSIDE });
    if !decimals.outside.is_empty() {
        put_u64(out, decimals.outside.len() as u64);
        let mut next = 0;
        for index in &decimals.outside {
            put_u64(out, (index - next) as u64);
            out.extend_from_slice(&values[*index].to_bits().to_le_bytes());
            next = index + 1;
        }
    }
    integers::put(out, &decimals.numbers, &planned);
}

/// Appends `count` values to `out`. Errors: the bytes are damaged; `out` may have grown.
///
/// Cost: about 2 ns a value for decimals, a fill for constants, 8 ns for bits.
pub fn take_floats(
    bytes: &[u8],
    count: usize,
    scratch: &mut FloatScratch,
    out: &mut Vec<f64>,
) -> Result<(), ChunkError> {
    let (head, mut rest) = bytes.split_first().ok_or(ChunkError::Truncated)?;
    // A constant takes no bits a sample, so the count needs a bound of its own.
    if count > CHUNK_SAMPLES_MAX {
        return Err(ChunkError::Invalid);
    }
    let (kind, exponent) = (head & ((1 << KIND_BITS) - 1), usize::from(head >> KIND_BITS));
    let end = out.len() + count;
    match kind {
        CHANGES => reals::take_changes(rest, count, out),
        CONSTANT_BITS => {
            let bits = rest.first_chunk::<8>().ok_or(ChunkError::Truncated)?;
            out.resize(end, f64::from_bits(u64::from_le_bytes(*bits)));
            Ok(())
        }
        CONSTANT_DECIMAL => {
            let number = take_i64(&mut rest)?;
            out.resize(end, of_whole(number, exponent).ok_or(ChunkError::Invalid)?);
            Ok(())
        }
        DECIMAL_PLAIN => take_decimals(rest, (exponent, Shape::Plain), count, scratch, out),
        DECIMAL_STEPS => take_decimals(rest, (exponent, Shape::Steps), count, scratch, out),
        DECIMAL_STEP_CHANGES => {
            take_decimals(rest, (exponent, Shape::StepChanges), count, scratch, out)
        }
        SPLIT => reals::take_split(rest, count, &mut scratch.numbers, out),
        _ => Err(ChunkError::Invalid),
    }
}

fn take_decimals(
    mut bytes: &[u8],
    (exponent, shape): (usize, Shape),
    count: usize,
    scratch: &mut FloatScratch,
    out: &mut Vec<f64>,
) -> Result<(), ChunkError> {
    let (flags, rest) = bytes.split_first().ok_or(ChunkError::Truncated)?;
    bytes = rest;
    let power = *POWERS.get(exponent).ok_or(ChunkError::Invalid)?;
    let shift = flags & !HAS_OUTSIDE;
    if shift > 63 {
        return Err(ChunkError::Invalid);
    }
    let mut outside: &[u8] = &[];
    let mut left = 0;
    if flags & HAS_OUTSIDE != 0 {
        left = take_u64(&mut bytes)?;
        outside = bytes;
        for _ in 0..left {
            take_u64(&mut bytes)?;
            bytes = bytes.get(8..).ok_or(ChunkError::Truncated)?;
        }
    }
    integers::take(&mut bytes, shape, count, &mut scratch.numbers)?;
    let start = out.len();
    let numbers = scratch.numbers.iter();
    match (shift, exponent) {
        (0, 0) => out.extend(numbers.map(|number| *number as f64)),
        (_, 0) => out.extend(numbers.map(|number| (number << shift) as f64)),
        _ => out.extend(numbers.map(|number| (number << shift) as f64 / power)),
    }
    let values = &mut out[start..];
    let mut place = 0_usize;
    for _ in 0..left {
        let gap = usize::try_from(take_u64(&mut outside)?).map_err(|_| ChunkError::Invalid)?;
        let (bits, after) = outside.split_first_chunk::<8>().ok_or(ChunkError::Truncated)?;
        outside = after;
        place = place.checked_add(gap).ok_or(ChunkError::Invalid)?;
        let slot = values.get_mut(place).ok_or(ChunkError::Invalid)?;
        *slot = f64::from_bits(u64::from_le_bytes(*bits));
        place += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{FloatScratch, put_floats, take_floats};
    use proptest::prelude::*;

    #[track_caller]
    fn check(values: &[f64]) -> usize {
        let (mut bytes, mut out) = (Vec::new(), vec![1.5]);
        put_floats(&mut bytes, values);
        let mut scratch = FloatScratch::default();
        assert_eq!(take_floats(&bytes, values.len(), &mut scratch, &mut out), Ok(()));
        let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&out[1..]), bits(values));
        bytes.len()
    }

    #[test]
    fn ordinary_series_become_small() {
        let check = |values: &dyn Fn(i64) -> f64, bytes_max: usize| {
            let len = check(&(0..120).map(values).collect::<Vec<_>>());
            assert!(len <= bytes_max, "{len} > {bytes_max}");
        };
        check(&|_| 42.0, 2);
        check(&|_| f64::NAN, 9);
        check(&|i| (i * 1500) as f64, 8);
        check(&|i| f64::from(i as u32 * 7919 % 1000) / 100.0, 160);
        check(&|i| (i % 3 * 4096) as f64, 36);
        check(&|i| if i == 60 { f64::NAN } else { 1.0 }, 16);
        check(&|i| if i < 60 { i as f64 } else { i as f64 - 60.0 }, 22);
        check(&|i| (i as f64).sqrt(), 120 * 8);
        check(&|i| (i as f64 / 40.0).floor().sqrt(), 60);
    }

    #[test]
    fn edges_come_back() {
        check(&[1.0]);
        check(&[2_251_799_813_685_247.0, -2_251_799_813_685_247.0]);
        check(&[2_251_799_813_685_249.0, 9_007_199_254_740_993.0]);
        check(&[f64::NAN, 0.0, -0.0]);
        check(&[0.1, 0.2, 0.3]);
        check(&[-0.0, f64::INFINITY]);
        check(&[f64::from_bits(0x7ff0_0000_0000_0002); 3]);
        check(&[f64::MIN_POSITIVE, f64::from_bits(1), f64::from_bits(u64::MAX), f64::MAX]);
    }

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            8 => (-100_000_i32..100_000, 0_i32..4).prop_map(|(n, e)| f64::from(n) / 10_f64.powi(e)),
            4 => (0_u64..1 << 50).prop_map(|n| n as f64),
            1 => any::<u64>().prop_map(f64::from_bits),
        ]
    }

    fn values() -> impl Strategy<Value = Vec<f64>> {
        let counter = |steps: Vec<u32>| {
            let mut sum = 0.0;
            let next = |step: u32| {
                sum = if step.is_multiple_of(97) { 0.0 } else { sum + f64::from(step) };
                sum
            };
            steps.into_iter().map(next).collect()
        };
        prop_oneof![
            prop::collection::vec(value(), 0..400),
            prop::collection::vec(any::<u64>().prop_map(f64::from_bits), 0..400),
            prop::collection::vec(any::<f64>(), 0..400),
            prop::collection::vec(0.0..1.0_f64, 0..400),
            prop::collection::vec(0_u32..5000, 0..400).prop_map(counter),
        ]
    }

    proptest! {
        #[test]
        fn every_run_comes_back(values in values()) {
            check(&values);
        }

        #[test]
        fn damaged_bytes_are_an_error_or_numbers(values in values(), flips in prop::collection::vec((any::<usize>(), any::<u8>()), 1..4)) {
            let mut bytes = Vec::new();
            put_floats(&mut bytes, &values);
            for (place, bits) in flips {
                if let Some(len) = std::num::NonZeroUsize::new(bytes.len()) {
                    bytes[place % len] ^= bits;
                }
            }
            let mut out = Vec::new();
            if take_floats(&bytes, values.len(), &mut FloatScratch::default(), &mut out).is_ok() {
                prop_assert_eq!(out.len(), values.len());
            }
        }

        #[test]
        fn foreign_bytes_are_an_error_or_numbers(bytes in prop::collection::vec(any::<u8>(), 0..80), count in 0_usize..300) {
            let mut out = Vec::new();
            if take_floats(&bytes, count, &mut FloatScratch::default(), &mut out).is_ok() {
                prop_assert_eq!(out.len(), count);
            }
        }
    }
}
