//! The reading side; it draws the conclusions that the writing side drew.

use super::{
    BITS, BY_XOR, ESCAPE_ONES, Model, RUN_LENGTH_BITS, RUN_MIN, SCALE, SCALES, STEP, STEP_BITS,
    WINDOW_BITS, take_time, take_wide, value,
};
use crate::bits::BitReader;
use crate::varint::unzigzag;
use crate::xor::ChunkError;

/// Reads a stream of a known number of samples, oldest first.
#[derive(Clone, Debug)]
pub struct GrowingReader<'a> {
    bits: BitReader<'a>,
    left: u32,
    base_t: i64,
    started: bool,
    model: Model,
    /// What the model's last value is at its scale.
    number: i64,
    /// Samples as predicted that are not stated, from here on.
    unstated: u64,
}

impl<'a> GrowingReader<'a> {
    pub const fn new(bytes: &'a [u8], base_t: i64, count: u32) -> Self {
        let (bits, model) = (BitReader::new(bytes), Model::after(0, 0));
        Self { bits, left: count, base_t, started: false, model, number: 0, unstated: 0 }
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
            self.start()?;
        }
        Ok(Some((self.model.t, f64::from_bits(self.model.v))))
    }

    fn start(&mut self) -> Result<(), ChunkError> {
        self.started = true;
        self.model.t = take_time(&mut self.bits, self.base_t)?;
        self.model.scale = self.scale()?;
        if self.model.scale == BY_XOR {
            self.model.v = self.bits.take(64)?;
        } else {
            self.number = unzigzag(take_wide(&mut self.bits)?);
            self.model.v = value(self.number, self.model.scale);
        }
        Ok(())
    }

    fn scale(&mut self) -> Result<u8, ChunkError> {
        let scale = self.bits.take(4)? as u8;
        let known = usize::from(scale) < SCALES.len() || scale == BY_XOR;
        if known { Ok(scale) } else { Err(ChunkError::Invalid) }
    }

    #[inline]
    fn advance(&mut self) -> Result<(), ChunkError> {
        if self.model.run >= RUN_MIN {
            let bits = self.bits.take(RUN_LENGTH_BITS)? as u32 + 1;
            self.unstated = self.bits.take(bits)?;
            self.model.run = 0;
        }
        if self.unstated > 0 {
            self.unstated -= 1;
            self.repeat();
            return Ok(());
        }
        let before = i64::from(self.model.step);
        let mut step = before;
        let mut repeats = self.model.stated == 0;
        if self.model.scale == BY_XOR || self.model.stated > 0 {
            step = self.step()?;
        }
        if self.model.scale == BY_XOR {
            let xor = self.xor()?;
            self.model.v ^= xor;
            repeats = xor == 0 && step == before;
        } else if let Some(remainder) = self.rice()? {
            self.add(remainder);
            repeats &= remainder == 0;
        } else {
            step = self.controlled(step)?;
            repeats = false;
        }
        self.model.took_step(step, self.model.t.wrapping_add(step));
        self.model.run = if repeats { self.model.run + 1 } else { 0 };
        Ok(())
    }

    /// A sample as predicted.
    #[inline]
    fn repeat(&mut self) {
        self.model.t = self.model.t.wrapping_add(i64::from(self.model.step));
        let change = self.model.predicted_change();
        if self.model.scale != BY_XOR && change != 0 {
            self.number = self.number.wrapping_add(change);
            self.model.v = value(self.number, self.model.scale);
        }
    }

    /// A remainder, or `None` when a control code follows.
    #[inline]
    fn rice(&mut self) -> Result<Option<u64>, ChunkError> {
        let quotient = self.bits.take_ones(ESCAPE_ONES)?;
        if quotient == ESCAPE_ONES {
            return Ok(None);
        }
        let parameter = self.model.parameter();
        Ok(Some(u64::from(quotient) << parameter | self.bits.take(parameter)?))
    }

    #[inline]
    fn add(&mut self, remainder: u64) {
        let change = unzigzag(remainder).wrapping_add(self.model.predicted_change());
        self.number = self.number.wrapping_add(change);
        self.model.v = value(self.number, self.model.scale);
        self.model.learn(change);
    }

    /// A sample that begins with a control code; returns its step.
    #[cold]
    fn controlled(&mut self, mut step: i64) -> Result<i64, ChunkError> {
        loop {
            match self.bits.take(2)? {
                STEP => step = self.step()?,
                SCALE => {
                    let scale = self.scale()?;
                    self.model.set_scale(scale);
                    if scale == BY_XOR {
                        self.model.v ^= self.xor()?;
                        return Ok(step);
                    }
                    self.number = self.model.number();
                }
                BITS => {
                    self.model.v = self.bits.take(64)?;
                    self.number = self.model.number();
                    return Ok(step);
                }
                _ => {
                    let remainder = take_wide(&mut self.bits)?;
                    self.add(remainder);
                    return Ok(step);
                }
            }
            if let Some(remainder) = self.rice()? {
                self.add(remainder);
                return Ok(step);
            }
        }
    }

    fn step(&mut self) -> Result<i64, ChunkError> {
        let before = i64::from(self.model.step);
        let class = self.bits.take_ones(4)? as usize;
        match class {
            0 => Ok(before),
            1..=3 => {
                let width = STEP_BITS[class - 1];
                let raw = self.bits.take(width)?;
                Ok(before + ((raw << (64 - width)) as i64 >> (64 - width)))
            }
            _ => Ok(self.bits.take(64)? as i64),
        }
    }

    fn xor(&mut self) -> Result<u64, ChunkError> {
        if !self.bits.take_bit()? {
            return Ok(0);
        }
        if self.bits.take_bit()? {
            let window = self.bits.take(WINDOW_BITS)? as u16;
            self.model.mean = [window >> 6, (window & 63) + 1];
        }
        let [leading, width] = self.model.mean.map(u32::from);
        if width == 0 || leading + width > 64 {
            return Err(ChunkError::Invalid);
        }
        Ok(self.bits.take(width)? << (64 - leading - width))
    }
}
