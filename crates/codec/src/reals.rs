//! Values that are not decimal: the bits that change, or high and low bits apart.
//!
//! Spec: docs/format/metrics-chunk.md. Splitting is the idea of ALP for real doubles (Afroozeh
//! and Boncz, SIGMOD 2023): sign, exponent and the first bits of the fraction vary little and
//! pack well, the rest is noise and is copied.

use crate::ChunkError;
use crate::bits::{BitReader, BitTail};
use crate::packed::{BLOCK, pack, put_run, run_bytes, take_run, unpack};

/// Bits to state a new value window: leading zeros and length, six bits each.
const WINDOW_BITS: u32 = 12;

/// Appends the first value, then what changes from one value to the next.
pub(crate) fn put_changes(out: &mut Vec<u8>, values: &[f64]) {
    let Some((first, rest)) = values.split_first() else { return };
    let mut last = first.to_bits();
    out.extend_from_slice(&last.to_le_bytes());
    let mut tail = BitTail::new();
    let (mut leading, mut width) = (0, 0);
    for v in rest {
        let xor = v.to_bits() ^ last;
        last = v.to_bits();
        if xor == 0 {
            tail.put(out, 0, 1);
            continue;
        }
        let (own_leading, own_trailing) = (xor.leading_zeros(), xor.trailing_zeros());
        let own_width = 64 - own_leading - own_trailing;
        let fits = own_leading >= leading && own_trailing >= 64 - leading - width;
        if width > 0 && fits && width <= own_width + WINDOW_BITS {
            tail.put(out, 0b10, 2);
        } else {
            (leading, width) = (own_leading, own_width);
            tail.put(out, 0b11 << 12 | u64::from(leading) << 6 | u64::from(width - 1), 14);
        }
        tail.put(out, xor >> (64 - leading - width), width);
    }
}

pub(crate) fn take_changes(
    bytes: &[u8],
    count: usize,
    out: &mut Vec<f64>,
) -> Result<(), ChunkError> {
    if count == 0 {
        return Ok(());
    }
    let (first, rest) = bytes.split_first_chunk::<8>().ok_or(ChunkError::Truncated)?;
    let mut last = u64::from_le_bytes(*first);
    out.push(f64::from_bits(last));
    let mut bits = BitReader::new(rest);
    let (mut leading, mut width) = (0, 0);
    for _ in 1..count {
        if bits.take_bit()? {
            if bits.take_bit()? {
                let window = bits.take(WINDOW_BITS)? as u32;
                (leading, width) = (window >> 6, (window & 63) + 1);
            }
            if width == 0 || leading + width > 64 {
                return Err(ChunkError::Invalid);
            }
            last ^= bits.take(width)? << (64 - leading - width);
        }
        out.push(f64::from_bits(last));
    }
    Ok(())
}

/// Where values are cut in two.
#[derive(Debug)]
pub(crate) struct Split {
    low_bits: u32,
    high: Vec<i64>,
    /// Bytes that the values take, head included.
    pub(crate) bytes: usize,
}

/// Low parts that are tried; whole bytes at first, which need no shifting.
const LOW_BITS: [u32; 4] = [48, 52, 44, 40];

pub(crate) fn plan_split(values: &[f64]) -> Split {
    let of = |low_bits: u32| {
        let high: Vec<i64> = values.iter().map(|v| (v.to_bits() >> low_bits) as i64).collect();
        let low_bytes = (values.len() * low_bits as usize).div_ceil(8);
        Split { low_bits, bytes: 2 + run_bytes(&high) + low_bytes, high }
    };
    let plans = LOW_BITS.map(of);
    let first = of(LOW_BITS[0]);
    plans.into_iter().fold(first, |best, next| if next.bytes < best.bytes { next } else { best })
}

/// `low_bits:u8 high:run low:packed`
pub(crate) fn put_split(out: &mut Vec<u8>, values: &[f64], split: &Split) {
    out.push(split.low_bits as u8);
    put_run(out, &split.high);
    pack(out, values.iter().map(|v| v.to_bits()), split.low_bits);
}

pub(crate) fn take_split(
    bytes: &[u8],
    count: usize,
    high: &mut Vec<i64>,
    out: &mut Vec<f64>,
) -> Result<(), ChunkError> {
    let (low_bits, mut rest) = bytes.split_first().ok_or(ChunkError::Truncated)?;
    let low_bits = u32::from(*low_bits);
    if low_bits > 63 {
        return Err(ChunkError::Invalid);
    }
    high.clear();
    take_run(&mut rest, count, high)?;
    if rest.len() < (count * low_bits as usize).div_ceil(8) {
        return Err(ChunkError::Truncated);
    }
    for (block, high) in high.chunks(BLOCK).enumerate() {
        let mut low = [0_i64; BLOCK];
        let low = &mut low[..high.len()];
        let from = block * BLOCK * low_bits as usize / 8;
        unpack(rest.get(from..).unwrap_or_default(), low_bits, 0, low);
        let joined = std::iter::zip(high, low)
            .map(|(high, low)| f64::from_bits((*high as u64) << low_bits | *low as u64));
        out.extend(joined);
    }
    Ok(())
}
