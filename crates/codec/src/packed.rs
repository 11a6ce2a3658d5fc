//! Runs of unsigned numbers at one bit width, with exceptions for the few that are wider.
//!
//! Spec: docs/format/metrics-chunk.md. The idea is that of patched frame-of-reference coding
//! (Zukowski et al., *Super-scalar RAM-CPU cache compression*, ICDE 2006); the width is chosen by
//! exact cost instead of a fixed share of exceptions.

use crate::bits::{BitReader, BitTail};
use crate::varint::{len_u64, put_u64, take_u64};
use crate::xor::ChunkError;

/// The cheapest width for `numbers`, and the bits that the run takes with it, exceptions included.
pub fn plan(numbers: &[u64]) -> (u32, u64) {
    let mut of_bits = [0_u64; 65];
    for number in numbers {
        of_bits[64 - number.leading_zeros() as usize] += 1;
    }
    // Only a width that some number needs can be the cheapest: usually a handful.
    let needed: Vec<u32> = (0..=64).filter(|bits| of_bits[*bits as usize] > 0).collect();
    let mut best = (0, u64::MAX);
    for (place, width) in needed.iter().enumerate().rev() {
        let wider = needed[place + 1..].iter().map(|bits| {
            // One byte of place, seven bits a byte of what does not fit.
            of_bits[*bits as usize] * 8 * (1 + u64::from(bits - width).div_ceil(7))
        });
        let cost = u64::from(*width) * numbers.len() as u64 + wider.sum::<u64>();
        if cost <= best.1 {
            best = (*width, cost);
        }
    }
    if numbers.is_empty() { (0, 0) } else { best }
}

/// Appends a run, whose length the reader must know, at a width of [`plan`].
pub fn put_run(out: &mut Vec<u8>, numbers: &[u64], width: u32) {
    let is_wider = |number: &u64| width < 64 && number >> width != 0;
    out.push(width as u8);
    put_u64(out, numbers.iter().filter(|number| is_wider(number)).count() as u64);
    let mut tail = BitTail::new();
    for number in numbers {
        tail.put(out, *number, width);
    }
    let mut next = 0;
    for (index, number) in numbers.iter().enumerate().filter(|(_, number)| is_wider(number)) {
        put_u64(out, (index - next) as u64);
        put_u64(out, number >> width);
        next = index + 1;
    }
}

/// Takes a run of `count` numbers off the front of `bytes` and appends it to `out`.
/// Errors: the bytes are damaged; `out` may have grown.
pub fn take_run(bytes: &mut &[u8], count: usize, out: &mut Vec<u64>) -> Result<(), ChunkError> {
    let (width, rest) = bytes.split_first().ok_or(ChunkError::Truncated)?;
    let (width, mut rest) = (u32::from(*width), rest);
    if width > 64 {
        return Err(ChunkError::Invalid);
    }
    let exceptions = take_u64(&mut rest).map_err(|_| ChunkError::Truncated)?;
    let packed_bytes = (count as u64 * u64::from(width)).div_ceil(8);
    let packed_bytes = usize::try_from(packed_bytes).map_err(|_| ChunkError::Invalid)?;
    let (packed, mut rest) = rest.split_at_checked(packed_bytes).ok_or(ChunkError::Truncated)?;
    let start = out.len();
    let mut reader = BitReader::new(packed);
    out.reserve(count);
    for _ in 0..count {
        out.push(reader.take(width)?);
    }
    let mut next = start as u64;
    for _ in 0..exceptions {
        let gap = take_u64(&mut rest).map_err(|_| ChunkError::Truncated)?;
        let excess = take_u64(&mut rest).map_err(|_| ChunkError::Truncated)?;
        let place = next.checked_add(gap).ok_or(ChunkError::Invalid)?;
        let slot = usize::try_from(place).ok().and_then(|place| out.get_mut(place));
        *slot.ok_or(ChunkError::Invalid)? |= excess.checked_shl(width).unwrap_or(0);
        next = place + 1;
    }
    *bytes = rest;
    Ok(())
}

/// Bytes that [`put_run`] writes, about: exceptions are counted as [`plan`] does.
pub const fn run_bytes(cost_bits: u64) -> u64 {
    1 + len_u64(0) as u64 + cost_bits.div_ceil(8)
}

#[cfg(test)]
mod tests {
    use super::{plan, put_run, take_run};
    use proptest::prelude::*;

    #[track_caller]
    fn check(numbers: &[u64]) -> usize {
        let (width, _) = plan(numbers);
        let mut bytes = Vec::new();
        put_run(&mut bytes, numbers, width);
        let len = bytes.len();
        bytes.push(0xaa);
        let (mut rest, mut out) = (&bytes[..], vec![7]);
        assert_eq!(take_run(&mut rest, numbers.len(), &mut out), Ok(()));
        assert_eq!((rest, out[0], &out[1..]), (&[0xaa][..], 7, numbers));
        len
    }

    #[test]
    fn an_outlier_does_not_widen_the_rest() {
        let mut numbers = vec![3; 200];
        numbers[100] = 1 << 40;
        assert!(check(&numbers) <= 2 + 50 + 8);
        assert_eq!(check(&[0; 200]), 2);
        assert_eq!(check(&[]), 2);
        check(&[u64::MAX, 0, u64::MAX]);
    }

    proptest! {
        #[test]
        fn every_run_comes_back(numbers in prop::collection::vec((any::<u64>(), 0_u32..64), 0..300)) {
            check(&numbers.into_iter().map(|(number, shift)| number >> shift).collect::<Vec<_>>());
        }

        #[test]
        fn damaged_bytes_are_an_error_or_numbers(bytes in prop::collection::vec(any::<u8>(), 0..60), count in 0_usize..100) {
            let mut out = Vec::new();
            if take_run(&mut &bytes[..], count, &mut out).is_ok() {
                prop_assert_eq!(out.len(), count);
            }
        }
    }
}
