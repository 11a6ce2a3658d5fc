//! The chunk codec of float series while they grow: one bit stream of `(time, value)` pairs.
//!
//! Spec: docs/format/metrics-chunk.md. After the Gorilla paper (Pelkonen et al., VLDB 2015),
//! differing in that one bit says "same step, same value", so that a constant series sampled at
//! a steady interval costs one bit a sample, and in that a value window is renewed when reusing
//! it would waste more than stating it. Lossless bit for bit: NaN payloads, −0 and infinities
//! are only bit patterns here.

use crate::bits::{BitReader, BitTail, Truncated};

/// First bytes reserved for a chunk: a constant series of two hours at 60 s fits.
const FIRST_BYTES: usize = 40;
/// Growth of a chunk; small, because there are millions of them.
const GROW_BYTES: usize = 56;
/// The longest code of one sample is 2 + 2 + 64 + 1 + 1 + 12 + 64 bits.
const SAMPLE_BYTES_MAX: usize = 19;

/// Bits to state a new value window: leading zeros and length, six bits each.
const WINDOW_BITS: u32 = 12;

/// Widths of the four codes of a changed step, after their two-bit selector.
const STEP_BITS: [u32; 4] = [6, 12, 22, 64];

/// Why a chunk cannot be decoded: its bytes are damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    #[error("chunk is cut off")]
    Truncated,
    #[error("chunk holds an impossible code")]
    Invalid,
}

impl From<Truncated> for ChunkError {
    fn from(_: Truncated) -> Self {
        Self::Truncated
    }
}

/// An append-only chunk. Timestamps are strictly ascending; the caller checks.
///
/// The last time and value stay readable after [`Self::take`], because a series is compared with
/// its last sample for longer than its chunks live.
#[derive(Clone, Debug)]
pub struct XorChunk {
    bytes: Vec<u8>,
    first_t: i64,
    t: i64,
    v: u64,
    step: i64,
    count: u16,
    tail: BitTail,
    leading: u8,
    /// 0 = no window stated yet.
    width: u8,
}

impl Default for XorChunk {
    fn default() -> Self {
        Self::after(i64::MIN, 0)
    }
}

impl XorChunk {
    /// Samples that one chunk can count.
    pub const SAMPLES_MAX: u16 = u16::MAX;

    /// An empty chunk of a series whose last sample is known.
    pub const fn after(t: i64, v: u64) -> Self {
        Self {
            bytes: Vec::new(),
            first_t: i64::MAX,
            t,
            v,
            step: 0,
            count: 0,
            tail: BitTail::new(),
            leading: 0,
            width: 0,
        }
    }

    pub const fn count(&self) -> u16 {
        self.count
    }

    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of heap held, spare room included.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    /// `i64::MAX` while empty.
    pub const fn first_t(&self) -> i64 {
        self.first_t
    }

    /// Time of the last sample, also of an earlier chunk; `i64::MIN` when there never was one.
    pub const fn last_t(&self) -> i64 {
        self.t
    }

    /// Bits of the last value.
    pub const fn last_v(&self) -> u64 {
        self.v
    }

    /// Appends one sample. Cost: O(1) amortised, about 10 ns.
    #[inline]
    pub fn push(&mut self, t: i64, v: f64) {
        let v = v.to_bits();
        if self.bytes.capacity() - self.bytes.len() < SAMPLE_BYTES_MAX {
            let grow = if self.count == 0 { FIRST_BYTES } else { GROW_BYTES };
            self.bytes.reserve_exact(grow);
        }
        if self.count == 0 {
            self.first_t = t;
            self.bytes.extend_from_slice(&t.to_be_bytes());
            self.bytes.extend_from_slice(&v.to_be_bytes());
        } else {
            self.push_next(t, v);
        }
        (self.t, self.v) = (t, v);
        self.count += 1;
    }

    #[inline]
    fn push_next(&mut self, t: i64, v: u64) {
        let step = t.wrapping_sub(self.t);
        let xor = v ^ self.v;
        if step == self.step {
            if xor == 0 {
                self.put(0, 1);
                return;
            }
            self.put(0b10, 2);
        } else {
            self.push_step(step.wrapping_sub(self.step));
            self.step = step;
            self.put(u64::from(xor != 0), 1);
            if xor == 0 {
                return;
            }
        }
        self.push_value(xor);
    }

    fn push_step(&mut self, change: i64) {
        let fits = |bits: u32| change >= -(1 << (bits - 1)) && change < 1 << (bits - 1);
        let class = STEP_BITS[..3].iter().position(|bits| fits(*bits)).unwrap_or(3);
        self.put(0b11 << 2 | class as u64, 4);
        self.put(change as u64, STEP_BITS[class]);
    }

    #[inline]
    fn push_value(&mut self, xor: u64) {
        let (leading, trailing) = (xor.leading_zeros(), xor.trailing_zeros());
        let width = 64 - leading - trailing;
        let (old_leading, old_width) = (u32::from(self.leading), u32::from(self.width));
        let fits = leading >= old_leading && trailing >= 64 - old_leading - old_width;
        if old_width > 0 && fits && old_width <= width + WINDOW_BITS {
            self.put(0, 1);
            self.put(xor >> (64 - old_leading - old_width), old_width);
        } else {
            (self.leading, self.width) = (leading as u8, width as u8);
            self.put(1 << WINDOW_BITS | u64::from(leading) << 6 | u64::from(width - 1), 13);
            self.put(xor >> trailing, width);
        }
    }

    #[inline]
    fn put(&mut self, value: u64, count: u32) {
        self.tail.put(&mut self.bytes, value, count);
    }

    /// An empty chunk that is to grow behind this one.
    pub const fn successor(&self) -> Self {
        Self::after(self.t, self.v)
    }

    /// The finished bytes; the chunk is empty afterwards and still knows its last sample.
    pub fn take(&mut self) -> Vec<u8> {
        let next = self.successor();
        std::mem::replace(self, next).bytes
    }
}

/// Reads a chunk of a known number of samples, oldest first.
#[derive(Clone, Debug)]
pub struct XorReader<'a> {
    bits: BitReader<'a>,
    left: u32,
    started: bool,
    t: i64,
    v: u64,
    step: i64,
    leading: u32,
    width: u32,
}

impl<'a> XorReader<'a> {
    pub const fn new(bytes: &'a [u8], count: u32) -> Self {
        Self {
            bits: BitReader::new(bytes),
            left: count,
            started: false,
            t: 0,
            v: 0,
            step: 0,
            leading: 0,
            width: 0,
        }
    }

    /// The next sample, or `None` after the last.
    /// Errors: the bytes are damaged; what was read before may be wrong too.
    #[inline]
    pub fn next_sample(&mut self) -> Result<Option<(i64, f64)>, ChunkError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        if self.started {
            self.advance()?;
        } else {
            self.t = self.bits.take(64)? as i64;
            self.v = self.bits.take(64)?;
            self.started = true;
        }
        Ok(Some((self.t, f64::from_bits(self.v))))
    }

    #[inline]
    fn advance(&mut self) -> Result<(), ChunkError> {
        let mut value_changed = self.bits.take_bit()?;
        if value_changed && self.bits.take_bit()? {
            let width = STEP_BITS[self.bits.take(2)? as usize];
            let raw = self.bits.take(width)?;
            let change = (raw << (64 - width)) as i64 >> (64 - width);
            self.step = self.step.wrapping_add(change);
            value_changed = self.bits.take_bit()?;
        }
        if value_changed {
            self.v ^= self.take_xor()?;
        }
        self.t = self.t.wrapping_add(self.step);
        Ok(())
    }

    #[inline]
    fn take_xor(&mut self) -> Result<u64, ChunkError> {
        if self.bits.take_bit()? {
            let window = self.bits.take(WINDOW_BITS)? as u32;
            (self.leading, self.width) = (window >> 6, (window & 63) + 1);
            if self.leading + self.width > 64 {
                return Err(ChunkError::Invalid);
            }
        } else if self.width == 0 {
            return Err(ChunkError::Invalid);
        }
        Ok(self.bits.take(self.width)? << (64 - self.leading - self.width))
    }
}

#[cfg(test)]
mod tests {
    use super::{ChunkError, XorChunk, XorReader};
    use proptest::prelude::*;

    fn decode(bytes: &[u8], count: u32) -> Result<Vec<(i64, u64)>, ChunkError> {
        let mut reader = XorReader::new(bytes, count);
        let mut out = Vec::new();
        while let Some((t, v)) = reader.next_sample()? {
            out.push((t, v.to_bits()));
        }
        Ok(out)
    }

    #[track_caller]
    fn check(samples: &[(i64, u64)]) -> usize {
        let mut chunk = XorChunk::default();
        for (t, v) in samples {
            chunk.push(*t, f64::from_bits(*v));
        }
        assert_eq!(decode(chunk.bytes(), samples.len() as u32).as_deref(), Ok(samples));
        chunk.bytes().len()
    }

    #[test]
    fn a_constant_series_costs_a_bit_a_sample() {
        let samples: Vec<_> =
            (0..121).map(|i| (1_700_000_000_000 + i * 15_000, 1.0_f64.to_bits())).collect();
        assert!(check(&samples) <= 16 + 4 + 15, "16 to start, one step, 119 bits");
    }

    #[test]
    fn special_values_keep_their_bits() {
        let special = [
            f64::NAN.to_bits(),
            model_stale(),
            (-0.0_f64).to_bits(),
            0,
            f64::INFINITY.to_bits(),
            f64::NEG_INFINITY.to_bits(),
            1,
            u64::MAX,
            f64::MIN_POSITIVE.to_bits(),
        ];
        check(&special.iter().enumerate().map(|(i, v)| (i as i64, *v)).collect::<Vec<_>>());
    }

    /// Prometheus' staleness marker.
    fn model_stale() -> u64 {
        0x7ff0_0000_0000_0002
    }

    #[test]
    fn extreme_times_come_back() {
        check(&[(i64::MIN, 1), (-1, 2), (0, 3), (1, 3), (i64::MAX, 4)]);
        check(&[(0, 0)]);
        check(&[]);
    }

    fn series() -> impl Strategy<Value = Vec<(i64, u64)>> {
        let step = prop_oneof![
            4 => Just(15_000_i64),
            2 => 14_990_i64..15_010,
            1 => 1_i64..100_000,
            1 => 1_i64..1 << 40
        ];
        let value = prop_oneof![
            3 => Just(42.0_f64.to_bits()),
            3 => (0_u32..100_000).prop_map(|v| f64::from(v).to_bits()),
            1 => any::<u64>(),
        ];
        prop::collection::vec((step, value), 0..300).prop_map(|steps| {
            let mut t = -1_000_000;
            let advance = |(step, v)| {
                t += step;
                (t, v)
            };
            steps.into_iter().map(advance).collect()
        })
    }

    proptest! {
        #[test]
        fn every_series_comes_back(samples in series()) {
            check(&samples);
        }

        #[test]
        fn damaged_bytes_are_an_error_or_numbers(bytes in prop::collection::vec(any::<u8>(), 0..80), count in 0_u32..200) {
            drop(decode(&bytes, count));
        }
    }
}
