//! Runs of integers as blocks of [`BLOCK`] numbers, each block at a bit width of its own above
//! a base of its own, with exceptions for the few numbers that do not fit.
//!
//! Spec: docs/format/metrics-chunk.md. The idea is that of patched frame-of-reference coding
//! (Zukowski et al., *Super-scalar RAM-CPU cache compression*, ICDE 2006); the width is chosen by
//! exact cost instead of a fixed share of exceptions.

use std::ops::Range;

use crate::ChunkError;
use crate::varint::{len_u64, put_i64, put_u64, take_i64, take_u64, zigzag};

/// Numbers of a block; the last one of a run may be shorter.
pub const BLOCK: usize = 128;

/// Set in the width's byte when exceptions follow.
const HAS_EXCEPTIONS: u8 = 0x80;

/// How a block is going to be written.
#[derive(Clone, Copy, Debug)]
struct Plan {
    base: i64,
    width: u32,
    bytes: usize,
}

/// Bytes that [`put_run`] writes for the numbers.
pub fn run_bytes(numbers: &[i64]) -> usize {
    numbers.chunks(BLOCK).map(|block| plan(block).bytes).sum()
}

/// Appends a run, whose length the reader must know.
pub fn put_run(out: &mut Vec<u8>, numbers: &[i64]) {
    for block in numbers.chunks(BLOCK) {
        put_block(out, block, plan(block));
    }
}

/// Takes a run of `count` numbers off the front of `bytes` and appends it to `out`.
/// Errors: the bytes are damaged; `out` may have grown.
pub fn take_run(bytes: &mut &[u8], count: usize, out: &mut Vec<i64>) -> Result<(), ChunkError> {
    let start = out.len();
    out.resize(start + count, 0);
    take_run_into(bytes, &mut out[start..])
}

/// As [`take_run`], in place of what `out` held; its length is that of the run.
pub fn take_run_into(bytes: &mut &[u8], out: &mut [i64]) -> Result<(), ChunkError> {
    out.chunks_mut(BLOCK).try_for_each(|block| take_block(bytes, block))
}

/// Takes a run of `count` numbers off the front of `bytes`, and replaces `out` by those in
/// `wanted`. Returns what the numbers before those add up to, overflow wrapped: enough for whoever
/// has stored differences. Cost: blocks behind `wanted` are passed over.
/// Errors: the bytes are damaged; what is passed over is only looked at for its length.
pub fn take_part(
    bytes: &mut &[u8],
    count: usize,
    wanted: Range<usize>,
    out: &mut Vec<i64>,
) -> Result<i64, ChunkError> {
    out.clear();
    let mut before = 0_i64;
    let mut numbers = [0_i64; BLOCK];
    for start in (0..count).step_by(BLOCK) {
        let len = BLOCK.min(count - start);
        let within = |at: usize| at.clamp(start, start + len) - start;
        let own = within(wanted.start)..within(wanted.end);
        if own.is_empty() && start >= wanted.start {
            Block::take(bytes, len)?;
            continue;
        }
        let numbers = numbers.get_mut(..len).unwrap_or_default();
        let block = Block::take(bytes, len)?;
        if own.is_empty() && block.is_constant() {
            before = before.wrapping_add(block.base.wrapping_mul(len as i64));
            continue;
        }
        block.unpack(numbers)?;
        let passed = numbers.get(..own.start).unwrap_or_default();
        before = passed.iter().fold(before, |sum, number| sum.wrapping_add(*number));
        out.extend_from_slice(numbers.get(own).unwrap_or_default());
    }
    Ok(before)
}

fn bit_len(number: u64) -> u32 {
    64 - number.leading_zeros()
}

/// The cheapest base and width of a block.
fn plan(block: &[i64]) -> Plan {
    let (mut low, mut second, mut high) = (i64::MAX, i64::MAX, i64::MIN);
    for number in block {
        if *number < low {
            (second, low) = (low, *number);
        } else {
            second = second.min(*number);
        }
        high = high.max(*number);
    }
    let above = |base: i64| bit_len(high.wrapping_sub(base) as u64);
    let mut best = plan_at(block, low);
    // One outlier below (a counter that was reset) must not widen everything.
    if block.len() > 2 && above(second) < above(low) {
        let other = plan_at(block, second);
        if other.bytes < best.bytes {
            best = other;
        }
    }
    best
}

fn plan_at(block: &[i64], base: i64) -> Plan {
    let head = 1 + len_u64(zigzag(base));
    let mut of_bits = [0_usize; 65];
    for number in block {
        of_bits[bit_len(number.wrapping_sub(base) as u64) as usize] += 1;
    }
    let widest = (0..=64).rev().find(|bits| of_bits[*bits] > 0).unwrap_or(0);
    let packed = |width: usize| head + (block.len() * width).div_ceil(8);
    let mut best = Plan { base, width: widest as u32, bytes: packed(widest) };
    // Only a width that some number needs can be the cheapest: usually a handful.
    for width in (0..widest).rev().filter(|bits| of_bits[*bits] > 0) {
        let high = |bits: usize| 1 + (bits - width).div_ceil(7);
        let exceptions: usize = (width + 1..=widest).map(|bits| of_bits[bits] * high(bits)).sum();
        let bytes = packed(width) + 1 + exceptions;
        if bytes < best.bytes {
            best = Plan { base, width: width as u32, bytes };
        }
    }
    best
}

fn put_block(out: &mut Vec<u8>, block: &[i64], plan: Plan) {
    let Plan { base, width, .. } = plan;
    let offset = |number: &i64| number.wrapping_sub(base) as u64;
    let is_wide = |number: u64| bit_len(number) > width;
    let wide = block.iter().map(offset).filter(|number| is_wide(*number)).count();
    out.push(width as u8 | if wide > 0 { HAS_EXCEPTIONS } else { 0 });
    put_i64(out, base);
    if wide > 0 {
        out.push(wide as u8);
        for (place, number) in block.iter().map(offset).enumerate() {
            if is_wide(number) {
                out.push(place as u8);
                put_u64(out, number >> width);
            }
        }
    }
    pack(out, block.iter().map(offset), width);
}

/// Appends the low `width` bits of each number, least significant first, filled up to a byte.
pub fn pack(out: &mut Vec<u8>, numbers: impl Iterator<Item = u64>, width: u32) {
    if width == 0 {
        return;
    }
    let mask = u64::MAX >> (64 - width);
    let (mut word, mut held) = (0_u64, 0_u32);
    for number in numbers {
        let number = number & mask;
        word |= number << held;
        held += width;
        if held >= 64 {
            out.extend_from_slice(&word.to_le_bytes());
            held -= 64;
            word = if held == 0 { 0 } else { number >> (width - held) };
        }
    }
    out.extend_from_slice(&word.to_le_bytes()[..held.div_ceil(8) as usize]);
}

fn take_block(bytes: &mut &[u8], out: &mut [i64]) -> Result<(), ChunkError> {
    Block::take(bytes, out.len())?.unpack(out)
}

/// A block in place, its length checked.
struct Block<'b> {
    base: i64,
    width: u32,
    exceptions: &'b [u8],
    exception_count: u8,
    /// From the packed numbers on, and what lies behind them: they are read in words.
    rest: &'b [u8],
}

impl<'b> Block<'b> {
    /// Takes a block of `len` numbers off the front of `bytes`.
    fn take(bytes: &mut &'b [u8], len: usize) -> Result<Self, ChunkError> {
        let (head, mut rest) = bytes.split_first().ok_or(ChunkError::Truncated)?;
        let width = u32::from(head & !HAS_EXCEPTIONS);
        if width > 64 {
            return Err(ChunkError::Invalid);
        }
        let base = take_i64(&mut rest)?;
        let (mut exceptions, mut exception_count): (&[u8], u8) = (&[], 0);
        if head & HAS_EXCEPTIONS != 0 {
            let (count, after) = rest.split_first().ok_or(ChunkError::Truncated)?;
            (exception_count, exceptions, rest) = (*count, after, after);
            for _ in 0..exception_count {
                rest = rest.get(1..).ok_or(ChunkError::Truncated)?;
                take_u64(&mut rest)?;
            }
        }
        let packed_bytes = (len * width as usize).div_ceil(8);
        *bytes = rest.get(packed_bytes..).ok_or(ChunkError::Truncated)?;
        Ok(Self { base, width, exceptions, exception_count, rest })
    }

    /// All numbers are the base.
    fn is_constant(&self) -> bool {
        self.width == 0 && self.exception_count == 0
    }

    fn unpack(self, out: &mut [i64]) -> Result<(), ChunkError> {
        let Self { base, width, mut exceptions, exception_count, rest } = self;
        unpack(rest, width, base, out);
        for _ in 0..exception_count {
            let (place, after) = exceptions.split_first().ok_or(ChunkError::Truncated)?;
            exceptions = after;
            let high = take_u64(&mut exceptions)?.checked_shl(width).unwrap_or(0);
            let slot = out.get_mut(usize::from(*place)).ok_or(ChunkError::Invalid)?;
            let low = slot.wrapping_sub(base) as u64;
            *slot = ((low | high) as i64).wrapping_add(base);
        }
        Ok(())
    }
}

/// Eight numbers take `width` bytes, so that the places of their bits repeat.
const GROUP: usize = 8;

/// Fills `out` with packed numbers above `base`; `bytes` hold at least what is packed.
pub(crate) fn unpack(bytes: &[u8], width: u32, base: i64, out: &mut [i64]) {
    if width == 0 {
        out.fill(base);
        return;
    }
    if width > 56 {
        unpack_wide(bytes, width, base, out);
        return;
    }
    let mask = u64::MAX >> (64 - width);
    let step = width as usize;
    let done = unpack_groups(bytes, width, base, out) * GROUP;
    let at = done / GROUP * step;
    let mut tail = [0_u8; 56 * 2 + 16];
    let mut rest = &mut out[done..];
    let mut from = at;
    while !rest.is_empty() {
        let len = rest.len().min(GROUP);
        let held = bytes.get(from..).unwrap_or_default();
        let held = &held[..held.len().min(step + 8)];
        tail.fill(0);
        tail[..held.len()].copy_from_slice(held);
        let (group, after) = rest.split_at_mut(len);
        for (place, slot) in group.iter_mut().enumerate() {
            let bit = place * step;
            let word = u64_at(&tail, bit >> 3);
            *slot = ((word >> (bit & 7) & mask) as i64).wrapping_add(base);
        }
        (rest, from) = (after, from + step);
    }
}

/// Unpacks whole groups as long as words can be loaded behind them; how many. Widths that are common
/// have code of their own, where the places of bits are constants.
fn unpack_groups(bytes: &[u8], width: u32, base: i64, out: &mut [i64]) -> usize {
    macro_rules! by_width {
        ($($width:literal)*) => {
            match width {
                $($width => groups_of($width, bytes, base, out),)*
                _ => groups_of(width, bytes, base, out),
            }
        };
    }
    by_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28)
}

#[expect(clippy::inline_always, reason = "a width that is a constant must be seen as one")]
#[inline(always)]
fn groups_of(width: u32, bytes: &[u8], base: i64, out: &mut [i64]) -> usize {
    let (mask, step) = (u64::MAX >> (64 - width), width as usize);
    let (mut at, mut done) = (0, 0);
    for group in out.chunks_exact_mut(GROUP) {
        // A load reaches eight bytes beyond the start of a group's last number.
        let window = bytes.get(at..).and_then(|rest| rest.get(..step + 8));
        let Some(window) = window else { break };
        for (place, slot) in group.iter_mut().enumerate() {
            let bit = place * step;
            let word = u64_at(window, bit >> 3);
            *slot = ((word >> (bit & 7) & mask) as i64).wrapping_add(base);
        }
        at += step;
        done += 1;
    }
    done
}

#[cold]
fn unpack_wide(bytes: &[u8], width: u32, base: i64, out: &mut [i64]) {
    for (place, slot) in out.iter_mut().enumerate() {
        let number = bits_at(bytes, place * width as usize, width);
        *slot = (number as i64).wrapping_add(base);
    }
}

#[inline]
fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|b| b.first_chunk::<8>()).map_or(0, |b| u64::from_le_bytes(*b))
}

/// `width` bits (at most 64) from bit `bit` on; bits beyond the end are 0.
#[inline]
pub fn bits_at(bytes: &[u8], bit: usize, width: u32) -> u64 {
    if width == 0 {
        return 0;
    }
    let rest = bytes.get(bit >> 3..).unwrap_or_default();
    match rest.first_chunk::<8>() {
        // With up to seven bits before it, a number of 56 bits lies in eight bytes.
        Some(word) if width <= 56 => {
            (u64::from_le_bytes(*word) >> (bit & 7)) & (u64::MAX >> (64 - width))
        }
        _ => bits_near_end(rest, bit, width),
    }
}

#[cold]
fn bits_near_end(rest: &[u8], bit: usize, width: u32) -> u64 {
    let mut raw = [0_u8; 16];
    let held = rest.len().min(9);
    raw[..held].copy_from_slice(&rest[..held]);
    let word = u128::from_le_bytes(raw) >> (bit & 7);
    word as u64 & (u64::MAX >> (64 - width))
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, put_run, run_bytes, take_part, take_run};
    use proptest::prelude::*;

    #[track_caller]
    fn check(numbers: &[i64]) -> usize {
        let mut bytes = Vec::new();
        put_run(&mut bytes, numbers);
        let len = bytes.len();
        assert_eq!(len, run_bytes(numbers));
        for tail in 0..12 {
            // What follows must neither be needed nor be taken.
            bytes.resize(len + tail, 0xaa);
            let (mut rest, mut out) = (&bytes[..], vec![7]);
            assert_eq!(take_run(&mut rest, numbers.len(), &mut out), Ok(()));
            assert_eq!((rest.len(), out[0], &out[1..]), (tail, 7, numbers));
        }
        len
    }

    #[test]
    fn an_outlier_does_not_widen_the_rest() {
        let mut numbers = vec![3; BLOCK];
        numbers[100] = 1 << 40;
        assert_eq!(check(&numbers), 2 + 1 + 1 + 6);
        numbers[100] = -(1 << 40);
        assert!(check(&numbers) <= 2 + 1 + 1 + 10);
        assert_eq!(check(&[0; BLOCK]), 2);
        assert_eq!(check(&[]), 0);
        check(&[i64::MAX, 0, i64::MIN]);
    }

    fn number() -> impl Strategy<Value = i64> {
        (any::<i64>(), 0_u32..64).prop_map(|(number, shift)| number >> shift)
    }

    proptest! {
        #[test]
        fn every_run_comes_back(numbers in prop::collection::vec(number(), 0..300)) {
            check(&numbers);
        }

        #[test]
        fn a_part_is_the_same_numbers(
            numbers in prop::collection::vec(number(), 0..700),
            from in 0_usize..700,
            len in 0_usize..300,
            more in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let from = from.min(numbers.len());
            let wanted = from..(from + len).min(numbers.len());
            let mut bytes = Vec::new();
            put_run(&mut bytes, &numbers);
            bytes.extend_from_slice(&more);
            let (mut rest, mut out) = (&bytes[..], vec![7]);
            let before = take_part(&mut rest, numbers.len(), wanted.clone(), &mut out).unwrap();
            prop_assert_eq!(&out[..], &numbers[wanted.clone()]);
            if !wanted.is_empty() {
                let passed = numbers[..from].iter().fold(0_i64, |sum, n| sum.wrapping_add(*n));
                prop_assert_eq!(before, passed);
            }
            prop_assert_eq!(rest, &more[..]);
        }

        #[test]
        fn every_width_comes_back(width in 0_u32..=64, numbers in prop::collection::vec(any::<u64>(), 0..260)) {
            let cut = |number: u64| number.checked_shr(64 - width).unwrap_or(0) as i64;
            check(&numbers.into_iter().map(cut).collect::<Vec<_>>());
        }

        #[test]
        fn damaged_bytes_are_an_error_or_numbers(bytes in prop::collection::vec(any::<u8>(), 0..60), count in 0_usize..300) {
            let mut out = Vec::new();
            if take_run(&mut &bytes[..], count, &mut out).is_ok() {
                prop_assert_eq!(out.len(), count);
            }
        }
    }
}
