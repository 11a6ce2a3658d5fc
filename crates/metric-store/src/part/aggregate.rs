//! Aggregates of whole chunks, so that long windows need not decode them.
//!
//! Kept for long chunks of floats without NaN. Each number is written as a decimal of the
//! exponent that suits the chunk, or as its eight bytes.

use codec::decimal::{of_whole, whole};
use codec::table::{Table, TableWriter};
use codec::varint::{put_u64, take_u64, unzigzag, zigzag};
use query::WindowAggregate;

use super::chunks::ChunkPlace;
use super::{put_sized, take_sized};

/// Shorter chunks are decoded faster than their aggregates pay for.
pub(super) const SAMPLES_MIN: usize = 240;

/// Exponents that are tried.
const EXPONENTS: usize = 13;
/// Relative error that a sum over a chunk may have anyway.
const ROUNDING: f64 = 1e-15;
/// In place of an exponent: all values are the same, and only the first follows.
const CONSTANT: u8 = 0x80;

/// Appends the aggregate of a chunk; nothing when it cannot have one.
///
/// `times` and `values` have equal length and are in time order.
pub(super) fn encode(times: &[i64], values: &[f64], out: &mut Vec<u8>) {
    let mut aggregate = WindowAggregate::default();
    for (t, v) in std::iter::zip(times, values) {
        if v.is_nan() {
            return;
        }
        aggregate.push(*t, *v);
    }
    let WindowAggregate { min, max, first, last, reset_correction, .. } = aggregate;
    let sum = aggregate.sum + aggregate.compensation;
    if values.is_empty() || !sum.is_finite() {
        return;
    }
    let constant = min.to_bits() == max.to_bits() && min.to_bits() == first.to_bits();
    let numbers = [first, last, min, max];
    let numbers = if constant { &numbers[..1] } else { &numbers[..] };
    let fits = |exponent: &usize| numbers.iter().all(|v| whole(*v, *exponent).is_some());
    let exponent = (0..EXPONENTS).find(fits).unwrap_or(0);
    out.push(exponent as u8 | if constant { CONSTANT } else { 0 });
    put_number(out, first, 0.0, exponent);
    if !constant {
        for v in [last, min, max] {
            put_number(out, v, first, exponent);
        }
        put_number(out, decimal_sum(reset_correction, exponent), 0.0, exponent);
        put_number(out, decimal_sum(sum, exponent), 0.0, exponent);
    }
}

/// A sum of decimals is a decimal that float additions missed by their rounding.
fn decimal_sum(v: f64, exponent: usize) -> f64 {
    let power = 10_f64.powi(exponent as i32);
    let near = (v * power).round() / power;
    if (near - v).abs() <= v.abs() * ROUNDING { near } else { v }
}

/// A number is its distance from `near` in units of the exponent, doubled; or 1 and its bits.
fn put_number(out: &mut Vec<u8>, v: f64, near: f64, exponent: usize) {
    let distance = whole(v, exponent).zip(whole(near, exponent)).map(|(v, near)| v - near);
    if let Some(distance) = distance {
        put_u64(out, zigzag(distance) << 1);
    } else {
        put_u64(out, 1);
        out.extend_from_slice(&v.to_bits().to_le_bytes());
    }
}

fn take_number(bytes: &mut &[u8], near: f64, exponent: usize) -> Option<f64> {
    let code = take_u64(bytes).ok()?;
    if code == 1 {
        let (bits, rest) = bytes.split_first_chunk::<8>()?;
        *bytes = rest;
        return Some(f64::from_bits(u64::from_le_bytes(*bits)));
    }
    of_whole(whole(near, exponent)?.wrapping_add(unzigzag(code >> 1)), exponent)
}

fn decode(mut bytes: &[u8], place: &ChunkPlace) -> Option<WindowAggregate> {
    let (head, rest) = bytes.split_first()?;
    bytes = rest;
    let exponent = usize::from(head & !CONSTANT);
    let first = take_number(&mut bytes, 0.0, exponent)?;
    let mut aggregate = WindowAggregate {
        count: u64::from(place.count),
        sum: first * f64::from(place.count),
        compensation: 0.0,
        min: first,
        max: first,
        first_t_ms: place.first_t,
        first,
        last_t_ms: place.last_t,
        last: first,
        reset_correction: 0.0,
    };
    if head & CONSTANT == 0 {
        aggregate.last = take_number(&mut bytes, first, exponent)?;
        aggregate.min = take_number(&mut bytes, first, exponent)?;
        aggregate.max = take_number(&mut bytes, first, exponent)?;
        aggregate.reset_correction = take_number(&mut bytes, 0.0, exponent)?;
        aggregate.sum = take_number(&mut bytes, 0.0, exponent)?;
    }
    Some(aggregate)
}

/// Collects aggregates, one row for each chunk.
#[derive(Default)]
pub(super) struct AggregatesWriter {
    ends: TableWriter<1>,
    bytes: Vec<u8>,
}

impl AggregatesWriter {
    /// Adds the aggregate of the next chunk; empty when it has none.
    pub(super) fn push(&mut self, encoded: &[u8]) {
        self.bytes.extend_from_slice(encoded);
        self.ends.push([self.bytes.len() as u64]);
    }

    /// Appends `ends aggregates`; nothing when no chunk has one.
    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        if !self.bytes.is_empty() {
            put_sized(out, |out| self.ends.finish(out));
            out.append(&mut self.bytes);
        }
    }
}

/// The aggregates in place.
#[derive(Clone, Copy, Default)]
pub(super) struct Aggregates<'a> {
    ends: Table<'a, 1>,
    bytes: &'a [u8],
}

impl<'a> Aggregates<'a> {
    pub(super) fn parse(mut bytes: &'a [u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::default());
        }
        let ends = Table::new(take_sized(&mut bytes)?)?;
        Some(Self { ends, bytes })
    }

    /// The encoded aggregate of a chunk, empty when it has none.
    pub(super) fn encoded(&self, number: u32) -> &'a [u8] {
        let start = number.checked_sub(1).map_or(0, |before| self.ends.row(before)[0]);
        let range = start as usize..self.ends.row(number)[0] as usize;
        self.bytes.get(range).unwrap_or_default()
    }

    pub(super) fn get(&self, place: &ChunkPlace) -> Option<WindowAggregate> {
        decode(self.encoded(place.number), place)
    }
}

#[cfg(test)]
mod tests {
    use super::super::chunks::{ChunkKind, ChunkPlace};
    use super::{decode, encode};
    use proptest::prelude::*;
    use query::WindowAggregate;

    fn check(values: &[f64]) -> usize {
        let times: Vec<i64> = (0..values.len() as i64).map(|i| i * 15_000).collect();
        let mut bytes = Vec::new();
        encode(&times, values, &mut bytes);
        let mut want = WindowAggregate::default();
        std::iter::zip(&times, values).for_each(|(t, v)| want.push(*t, *v));
        let place = ChunkPlace {
            number: 0,
            kind: ChunkKind::Floats,
            count: values.len() as u32,
            first_t: 0,
            last_t: want.last_t_ms,
            times: 0..0,
            values: 0..0,
        };
        let got = decode(&bytes, &place);
        let kept = values.iter().all(|v| v.is_finite()) && !bytes.is_empty();
        assert_eq!(got.is_some(), kept);
        if let Some(got) = got {
            let near = |got: f64, want: f64| (got - want).abs() <= want.abs() * 2e-15;
            assert!(near(got.sum, want.sum + want.compensation), "{got:?} {want:?}");
            assert!(near(got.reset_correction, want.reset_correction), "{got:?} {want:?}");
            let WindowAggregate { sum, compensation, reset_correction, .. } = got;
            assert_eq!(got, WindowAggregate { sum, compensation, reset_correction, ..want });
        }
        bytes.len()
    }

    #[test]
    fn ordinary_chunks_take_few_bytes() {
        assert_eq!(check(&[42.0; 300]), 3);
        assert!(check(&(0..300).map(|i| f64::from(i) * 1500.0).collect::<Vec<_>>()) < 20);
        assert!(check(&(0..300).map(|i| f64::from(i % 7) / 100.0).collect::<Vec<_>>()) < 20);
        assert_eq!(check(&[1.0, f64::NAN]), 0);
        assert_eq!(check(&[1.0, f64::INFINITY]), 0);
        check(&[0.0, -0.0]);
        check(&[f64::MAX, f64::MIN, 1e-300]);
    }

    proptest! {
        #[test]
        fn every_chunk_keeps_its_aggregate(values in prop::collection::vec(prop_oneof![
            (-1000_i32..1000, 0_i32..4).prop_map(|(n, e)| f64::from(n) / 10_f64.powi(e)),
            (0_u64..1 << 50).prop_map(|n| n as f64),
            -1e9..1e9_f64,
        ], 1..50)) {
            check(&values);
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let place = ChunkPlace {
                number: 0, kind: ChunkKind::Floats, count: 3, first_t: 0, last_t: 9,
                times: 0..0, values: 0..0,
            };
            decode(&bytes, &place);
        }
    }
}
