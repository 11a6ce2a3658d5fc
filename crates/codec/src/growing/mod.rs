//! The codec of a float series while it grows in memory: small, and cheap to append to.
//!
//! A value is taken as a whole number at some scale, a decimal one or that of pages of memory,
//! where that is exact (the idea of ALP, Afroozeh and Boncz, SIGMOD 2023). The number is predicted as the one before it, or as one more
//! step of the same size, whichever has been closer of late; what remains is Rice-coded with a
//! parameter that follows the sizes seen (as FLAC and JPEG-LS do). Coder and decoder draw the same
//! conclusions from what went before, so nothing of this is stated. Samples that come as predicted
//! cost a bit each, and after some in a row nothing: only how many there were is stated in the end
//! (as the run mode of JPEG-LS). A stream whose values are no decimals goes on by XOR with the value before
//! (Pelkonen et al., VLDB 2015). Lossless bit for bit.
//!
//! The bytes are never written to a disk, so they carry no version.

mod read;

use crate::bits::BitReader;
use crate::chain::{Chain, Pool};
use crate::decimal::{ROUNDER, WHOLE_MAX};
use crate::varint::{unzigzag, zigzag};
use crate::xor::ChunkError;

pub use read::GrowingReader;

/// What a value is multiplied with to be whole: tens for decimals, and the last two for sizes
/// that are counted in KiB or in pages.
const SCALES: [f64; 15] = [
    1e0,
    1e1,
    1e2,
    1e3,
    1e4,
    1e5,
    1e6,
    1e7,
    1e8,
    1e9,
    1e10,
    1e11,
    1e12,
    0.000_976_562_5,
    0.000_244_140_625,
];
const IN_KIB: u8 = 13;
const IN_PAGES: u8 = 14;
/// Smaller values are not taken for sizes.
const SIZE_MIN: f64 = 65_536.0;
/// In place of a scale: values are coded by XOR.
const BY_XOR: u8 = 15;

/// A quotient of this many ones means that a control code follows.
const ESCAPE_ONES: u32 = 12;
const ESCAPE: u64 = (1 << ESCAPE_ONES) - 1;

/// Control codes, two bits. The step changes, and the value follows.
const STEP: u64 = 0;
/// A value that is no number at the scale: its 64 bits.
const BITS: u64 = 1;
/// Another scale, and the value follows.
const SCALE: u64 = 2;
/// A remainder too large for Rice: six bits of length, then it.
const WIDE: u64 = 3;

/// Widths of the codes of a changed step, after a unary selector.
const STEP_BITS: [u32; 3] = [6, 12, 22];
/// Steps in a row that are stated after one that changed.
const STATED_STEPS: u8 = 16;

/// After so many samples in a row as predicted, those that follow are counted instead of stated.
const RUN_MIN: u16 = 16;
/// Bits of the length of such a count, less one.
const RUN_LENGTH_BITS: u32 = 4;

/// Bits to state a new XOR window.
const WINDOW_BITS: u32 = 12;

/// The state that coder and decoder share.
#[derive(Clone, Copy, Debug)]
struct Model {
    t: i64,
    v: u64,
    /// Milliseconds between the last two samples; 0 = unknown, or too long to keep.
    step: u32,
    /// The last change of the number; 0 when it was too large to keep.
    change: i32,
    /// Running mean bit lengths, in 64ths: of changes, and of changes of changes.
    /// By XOR: leading zeros and width of the window.
    mean: [u16; 2],
    scale: u8,
    /// So many more steps are stated.
    stated: u8,
    /// Samples in a row that came as predicted.
    run: u16,
}

impl Model {
    const fn after(t: i64, v: u64) -> Self {
        Self { t, v, step: 0, change: 0, mean: [0; 2], scale: 0, stated: 1, run: 0 }
    }

    /// The last value as a number; 0 when it is none.
    #[inline]
    fn number(&self) -> i64 {
        let x = f64::from_bits(self.v) * SCALES[usize::from(self.scale)];
        if x.abs() < WHOLE_MAX { ((x + ROUNDER) - ROUNDER) as i64 } else { 0 }
    }

    #[inline]
    const fn predicted_change(&self) -> i64 {
        if self.mean[1] < self.mean[0] { self.change as i64 } else { 0 }
    }

    #[inline]
    fn parameter(&self) -> u32 {
        (u32::from(self.mean[0].min(self.mean[1])) + 16) >> 6
    }

    #[inline]
    fn learn(&mut self, change: i64) {
        let of_change = change.wrapping_sub(i64::from(self.change));
        for (mean, remainder) in self.mean.iter_mut().zip([change, of_change]) {
            let bits = 64 * (64 - zigzag(remainder).leading_zeros()) as u16;
            // Up at once by half, down slowly: a parameter too small costs more.
            *mean = if bits > *mean + 192 {
                *mean + (bits - *mean) / 2
            } else {
                *mean - (*mean >> 3) + (bits >> 3)
            };
        }
        self.change = i32::try_from(change).unwrap_or(0);
    }

    fn set_scale(&mut self, scale: u8) {
        self.scale = scale;
        self.change = 0;
        self.mean = [0; 2];
    }

    #[inline]
    fn took_step(&mut self, step: i64, t: i64) {
        let step = u32::try_from(step).unwrap_or(0);
        if step == self.step {
            self.stated = self.stated.saturating_sub(1);
        } else {
            // The first one says nothing about those to come.
            self.stated = if self.step == 0 { 0 } else { STATED_STEPS };
            self.step = step;
        }
        self.t = t;
    }
}

/// The number that `v` is at a scale, if that is exact.
#[inline]
fn exact(v: u64, scale: u8) -> Option<i64> {
    let factor = SCALES[usize::from(scale)];
    let x = f64::from_bits(v) * factor;
    if x.abs() < WHOLE_MAX {
        let whole = (x + ROUNDER) - ROUNDER;
        let back = if scale == 0 { whole } else { whole / factor };
        if back.to_bits() == v {
            return Some(whole as i64);
        }
    }
    None
}

#[inline]
fn value(number: i64, scale: u8) -> u64 {
    let whole = number as f64;
    let v = if scale == 0 { whole } else { whole / SCALES[usize::from(scale)] };
    v.to_bits()
}

/// The coarsest scale finer than `than`, or of all, in which a value is exact; else [`BY_XOR`].
fn scale_of(v: u64, than: Option<u8>) -> u8 {
    let sizes: &[u8] = match than {
        None if f64::from_bits(v).abs() >= SIZE_MIN => &[IN_PAGES, IN_KIB],
        Some(IN_PAGES) => &[IN_KIB],
        _ => &[],
    };
    let tens = than.filter(|scale| *scale < IN_KIB).map_or(0, |scale| scale + 1);
    let mut finer = sizes.iter().copied().chain(tens..IN_KIB);
    finer.find(|scale| exact(v, *scale).is_some()).unwrap_or(BY_XOR)
}

/// A stream that grows. Timestamps are strictly ascending; the caller checks.
///
/// The last time and value stay readable after [`Self::release`], because a series is compared
/// with its last sample for longer than its streams live.
#[derive(Clone, Debug)]
pub struct GrowingFloats {
    model: Model,
    chain: Chain,
    count: u16,
    /// For the owner, who would need eight bytes more beside the stream: kept for ever.
    pub tag: u8,
}

impl Default for GrowingFloats {
    fn default() -> Self {
        Self::after(i64::MIN, 0)
    }
}

impl GrowingFloats {
    /// An empty stream of a series whose last sample is known.
    pub const fn after(t: i64, v: u64) -> Self {
        Self { model: Model::after(t, v), chain: Chain::new(), count: 0, tag: 0 }
    }

    /// An empty stream that is to grow behind this one.
    pub const fn successor(&self) -> Self {
        Self { tag: self.tag, ..Self::after(self.model.t, self.model.v) }
    }

    pub const fn count(&self) -> u16 {
        self.count
    }

    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Time of the last sample, also of an earlier stream; `i64::MIN` when there never was one.
    pub const fn last_t(&self) -> i64 {
        self.model.t
    }

    /// Bits of the last value.
    pub const fn last_v(&self) -> u64 {
        self.model.v
    }

    /// Time of the first sample; `i64::MAX` while empty. `base_t` as in [`Self::push`].
    pub fn first_t(&self, pool: &Pool, base_t: i64) -> i64 {
        if self.is_empty() {
            return i64::MAX;
        }
        let start = pool.start(&self.chain);
        take_time(&mut BitReader::new(&start), base_t).unwrap_or(i64::MAX)
    }

    /// The bytes so far; [`GrowingReader`] reads them.
    pub fn bytes(&self, pool: &Pool) -> Vec<u8> {
        let (mut bytes, mut tail) = pool.bytes(&self.chain);
        if let Some((code, count)) = self.run_code() {
            tail.put(&mut bytes, code, count);
        }
        bytes
    }

    /// Gives the memory back; the stream is empty afterwards and still knows its last sample.
    pub fn release(&mut self, pool: &mut Pool) {
        let mut chain = self.chain;
        pool.release(&mut chain);
        *self = self.successor();
    }

    /// Appends one sample. All streams of a pool share a `base_t`, a time not far from theirs.
    /// Panics in a debug build when the stream has `u16::MAX` samples. Cost: 5–15 ns.
    #[inline]
    pub fn push(&mut self, pool: &mut Pool, base_t: i64, t: i64, v: f64) {
        let v = v.to_bits();
        if self.count == 0 {
            self.push_first(pool, base_t, t, v);
        } else {
            self.push_next(pool, t, v);
        }
        self.model.v = v;
        self.count += 1;
    }

    fn push_first(&mut self, pool: &mut Pool, base_t: i64, t: i64, v: u64) {
        self.model = Model::after(t, v);
        let offset = zigzag(t.wrapping_sub(base_t));
        self.put_wide(pool, offset);
        self.model.scale = scale_of(v, None);
        self.put(pool, u64::from(self.model.scale), 4);
        match exact_in(v, self.model.scale) {
            Some(number) => self.put_wide(pool, zigzag(number)),
            None => self.put(pool, v, 64),
        }
    }

    #[inline]
    fn push_next(&mut self, pool: &mut Pool, t: i64, v: u64) {
        let step = t.wrapping_sub(self.model.t);
        let known = step == i64::from(self.model.step);
        let by_xor = self.model.scale == BY_XOR;
        let number = exact_in(v, self.model.scale);
        let repeats = known
            && match number {
                Some(number) => {
                    self.model.stated == 0
                        && number - self.model.number() == self.model.predicted_change()
                }
                None => by_xor && v == self.model.v,
            };
        if repeats && self.model.run >= RUN_MIN {
            self.model.run += 1;
            self.model.t = t;
            return;
        }
        self.end_run(pool, repeats);
        if by_xor || self.model.stated > 0 {
            self.put_step(pool, step);
        } else if !known {
            self.put_control(pool, STEP);
            self.put_step(pool, step);
        }
        self.model.took_step(step, t);
        match number {
            Some(number) => self.put_number(pool, number),
            None if by_xor => self.put_xor(pool, v),
            None => self.put_odd(pool, v),
        }
    }

    /// Counts a sample that is stated; whatever run it ends is stated first.
    #[inline]
    fn end_run(&mut self, pool: &mut Pool, repeats: bool) {
        if repeats {
            self.model.run += 1;
        } else if self.model.run > 0 {
            if let Some((code, count)) = self.run_code() {
                self.put(pool, code, count);
            }
            self.model.run = 0;
        }
    }

    /// How many samples were not stated, as a code and its bits; nothing when all were.
    fn run_code(&self) -> Option<(u64, u32)> {
        let unstated = u64::from(self.model.run.checked_sub(RUN_MIN)?);
        let bits = (64 - unstated.leading_zeros()).max(1);
        Some((u64::from(bits - 1) << bits | unstated, RUN_LENGTH_BITS + bits))
    }

    fn put_step(&mut self, pool: &mut Pool, step: i64) {
        let change = step.wrapping_sub(i64::from(self.model.step));
        if change == 0 {
            self.put(pool, 0, 1);
            return;
        }
        let fits = |bits: u32| change >= -(1 << (bits - 1)) && change < 1 << (bits - 1);
        match STEP_BITS.iter().position(|bits| fits(*bits)) {
            Some(class) => {
                // One, two or three ones and a zero.
                let class_bits = class as u32 + 2;
                self.put(pool, (1 << class_bits) - 2, class_bits);
                self.put(pool, change as u64, STEP_BITS[class]);
            }
            None => {
                self.put(pool, 0b1111, 4);
                self.put(pool, step as u64, 64);
            }
        }
    }

    #[inline]
    fn put_number(&mut self, pool: &mut Pool, number: i64) {
        let change = number - self.model.number();
        let remainder = zigzag(change - self.model.predicted_change());
        let parameter = self.model.parameter();
        let quotient = remainder >> parameter;
        if quotient < u64::from(ESCAPE_ONES) {
            let low = remainder & ((1 << parameter) - 1);
            let ones = (1 << (quotient + 1)) - 2;
            self.put(pool, ones << parameter | low, quotient as u32 + 1 + parameter);
        } else {
            self.put_control(pool, WIDE);
            self.put_wide(pool, remainder);
        }
        self.model.learn(change);
    }

    /// A value that is not exact in the present scale.
    #[cold]
    fn put_odd(&mut self, pool: &mut Pool, v: u64) {
        let scale = scale_of(v, Some(self.model.scale));
        let special = !f64::from_bits(v).is_finite() || v == (-0.0_f64).to_bits();
        if special && exact(self.model.v, self.model.scale).is_some() {
            // A marker now and then is no reason to leave the numbers; a second in a row is.
            self.put_control(pool, BITS);
            self.put(pool, v, 64);
            return;
        }
        self.put_control(pool, SCALE);
        self.put(pool, u64::from(scale), 4);
        self.model.set_scale(scale);
        match exact_in(v, scale) {
            Some(number) => self.put_number(pool, number),
            None => self.put_xor(pool, v),
        }
    }

    #[inline]
    fn put_xor(&mut self, pool: &mut Pool, v: u64) {
        let xor = v ^ self.model.v;
        if xor == 0 {
            self.put(pool, 0, 1);
            return;
        }
        let (leading, trailing) = (xor.leading_zeros(), xor.trailing_zeros());
        let width = 64 - leading - trailing;
        let [old_leading, old_width] = self.model.mean.map(u32::from);
        let fits = leading >= old_leading && trailing + old_leading + old_width >= 64;
        if old_width > 0 && fits && old_width <= width + WINDOW_BITS {
            self.put(pool, 0b10, 2);
            self.put(pool, xor >> (64 - old_leading - old_width), old_width);
        } else {
            self.model.mean = [leading as u16, width as u16];
            self.put(pool, 0b11 << WINDOW_BITS | u64::from(leading << 6 | (width - 1)), 14);
            self.put(pool, xor >> trailing, width);
        }
    }

    #[inline]
    fn put(&mut self, pool: &mut Pool, value: u64, count: u32) {
        pool.put(&mut self.chain, value, count);
    }

    fn put_control(&mut self, pool: &mut Pool, code: u64) {
        self.put(pool, ESCAPE << 2 | code, ESCAPE_ONES + 2);
    }

    /// Six bits of length, then the number; its length is at least one bit.
    fn put_wide(&mut self, pool: &mut Pool, number: u64) {
        let bits = (64 - number.leading_zeros()).max(1);
        self.put(pool, u64::from(bits - 1), 6);
        self.put(pool, number, bits);
    }
}

#[inline]
fn exact_in(v: u64, scale: u8) -> Option<i64> {
    if scale == BY_XOR { None } else { exact(v, scale) }
}

fn take_wide(bits: &mut BitReader<'_>) -> Result<u64, ChunkError> {
    let len = bits.take(6)? as u32 + 1;
    Ok(bits.take(len)?)
}

fn take_time(bits: &mut BitReader<'_>, base_t: i64) -> Result<i64, ChunkError> {
    Ok(base_t.wrapping_add(unzigzag(take_wide(bits)?)))
}

#[cfg(test)]
mod tests;
