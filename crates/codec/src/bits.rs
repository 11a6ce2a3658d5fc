//! Bit streams, most significant bit first: an appender over a byte vector and a checked reader.

/// Appends bits to `bytes`. The stream's only state besides the bytes is how many low bits of the
/// last byte are still free, so a suspended stream costs one byte.
#[derive(Clone, Copy, Debug, Default)]
pub struct BitTail {
    free: u8,
}

impl BitTail {
    /// The tail of an empty stream, or of one that ends with a whole byte.
    pub const fn new() -> Self {
        Self { free: 0 }
    }

    /// The tail of a stream of whole bytes and so many bits.
    pub const fn behind(bits: u32) -> Self {
        Self { free: ((8 - bits % 8) % 8) as u8 }
    }

    /// Appends the low `count` bits of `value`; `count <= 64`, higher bits of `value` are ignored.
    /// Cost: a few nanoseconds; allocates only when `bytes` must grow.
    #[inline]
    pub fn put(&mut self, bytes: &mut Vec<u8>, value: u64, count: u32) {
        debug_assert!(count <= 64, "a put takes at most one word");
        if count == 0 {
            return;
        }
        let aligned = value << (64 - count);
        let free = u32::from(self.free);
        if free > 0
            && let Some(last) = bytes.last_mut()
        {
            *last |= ((aligned >> 56) as u8) >> (8 - free);
            if count <= free {
                self.free = (free - count) as u8;
                return;
            }
        }
        let rest = count - free;
        let word = (aligned << free).to_be_bytes();
        let whole = rest.div_ceil(8) as usize;
        bytes.extend_from_slice(&word[..whole]);
        self.free = (whole as u32 * 8 - rest) as u8;
    }
}

/// The stream ended before the bits that were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bit stream is cut off")]
pub struct Truncated;

/// Takes bits off a byte slice. Cost: amortised one load per eight bytes.
#[derive(Clone, Debug)]
pub struct BitReader<'a> {
    rest: &'a [u8],
    /// Unread bits, left-aligned.
    word: u64,
    held: u32,
}

impl<'a> BitReader<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, word: 0, held: 0 }
    }

    /// Tops the word up to at least 57 bits, or to all that is left.
    #[inline]
    fn refill(&mut self) {
        if let Some(chunk) = self.rest.first_chunk::<8>() {
            let take = (64 - self.held) / 8;
            if take > 0 {
                let fresh = u64::from_be_bytes(*chunk);
                let kept = if take == 8 { fresh } else { fresh & !(u64::MAX >> (take * 8)) };
                self.word |= kept >> self.held;
                self.held += take * 8;
                self.rest = &self.rest[take as usize..];
            }
            return;
        }
        while self.held <= 56
            && let Some((first, rest)) = self.rest.split_first()
        {
            self.word |= u64::from(*first) << (56 - self.held);
            self.held += 8;
            self.rest = rest;
        }
    }

    /// Takes `count <= 56` bits.
    #[inline]
    fn take_short(&mut self, count: u32) -> Result<u64, Truncated> {
        if self.held < count {
            self.refill();
            if self.held < count {
                return Err(Truncated);
            }
        }
        if count == 0 {
            return Ok(0);
        }
        let value = self.word >> (64 - count);
        self.word <<= count;
        self.held -= count;
        Ok(value)
    }

    /// Takes `count <= 64` bits as the low bits of the result.
    #[inline]
    pub fn take(&mut self, count: u32) -> Result<u64, Truncated> {
        debug_assert!(count <= 64, "a take gives at most one word");
        if count <= 56 {
            return self.take_short(count);
        }
        let high = self.take_short(count - 32)?;
        Ok(high << 32 | self.take_short(32)?)
    }

    /// Takes ones, at most `most <= 32` of them, and the zero behind them when there are fewer.
    /// Returns how many ones there were.
    #[inline]
    pub fn take_ones(&mut self, most: u32) -> Result<u32, Truncated> {
        if self.held <= most {
            self.refill();
        }
        // Bits that are not held are zero.
        let ones = self.word.leading_ones().min(most);
        let taken = if ones < most { ones + 1 } else { most };
        if taken > self.held {
            return Err(Truncated);
        }
        self.word <<= taken;
        self.held -= taken;
        Ok(ones)
    }

    #[inline]
    pub fn take_bit(&mut self) -> Result<bool, Truncated> {
        self.take_short(1).map(|bit| bit == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::{BitReader, BitTail, Truncated};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn unary_numbers_are_taken(numbers in prop::collection::vec(0_u32..=12, 0..200)) {
            let (mut bytes, mut tail) = (Vec::new(), BitTail::default());
            for ones in &numbers {
                let zero = u32::from(*ones < 12);
                tail.put(&mut bytes, ((1 << ones) - 1) << zero, ones + zero);
            }
            let mut reader = BitReader::new(&bytes);
            for ones in &numbers {
                prop_assert_eq!(reader.take_ones(12), Ok(*ones));
            }
            prop_assert_eq!(BitReader::new(&[0xff]).take_ones(12), Err(Truncated));
        }

        #[test]
        fn what_is_put_is_taken(words in prop::collection::vec((any::<u64>(), 0_u32..=64), 0..200)) {
            let (mut bytes, mut tail) = (Vec::new(), BitTail::default());
            for (value, count) in &words {
                tail.put(&mut bytes, *value, *count);
            }
            let bits: u32 = words.iter().map(|(_, count)| count).sum();
            prop_assert_eq!(bytes.len(), bits.div_ceil(8) as usize);
            let mut reader = BitReader::new(&bytes);
            for (value, count) in &words {
                let mask = if *count == 0 { 0 } else { u64::MAX >> (64 - count) };
                prop_assert_eq!(reader.take(*count), Ok(value & mask));
            }
            prop_assert_eq!(reader.take(8), Err(Truncated));
        }
    }
}
