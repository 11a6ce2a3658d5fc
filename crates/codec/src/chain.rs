//! Many growing bit streams in one pool of small blocks.
//!
//! A stream of its own buffer wastes half of its last growth and a size class of the allocator,
//! and is copied whenever it grows. A stream here is a chain of 32-byte blocks out of a shared
//! pool: it wastes half a block on average, is never moved, and its blocks serve another stream
//! when it is released.

use crate::bits::BitTail;
use crate::paged::Paged;

const WORDS: usize = 7;
/// Bits of stream in a block.
const BLOCK_BITS: u32 = 32 * WORDS as u32;
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Block {
    /// The stream, most significant bit first.
    words: [u32; WORDS],
    /// The next block of the stream, or of the free ones.
    next: u32,
}

/// The blocks of many streams.
#[derive(Clone, Debug)]
pub struct Pool {
    blocks: Paged<Block>,
    free: u32,
}

impl Default for Pool {
    fn default() -> Self {
        Self { blocks: Paged::default(), free: NONE }
    }
}

/// One stream; meaningless outside its pool.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    first: u32,
    last: u32,
    /// Bits in the last block.
    last_bits: u8,
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

impl Chain {
    pub const fn new() -> Self {
        Self { first: NONE, last: NONE, last_bits: 0 }
    }

    pub const fn is_empty(&self) -> bool {
        self.first == NONE
    }
}

impl Pool {
    /// Appends the low `count` bits of `value` to a stream; `count <= 64`, higher bits of `value`
    /// are ignored. Cost: a few nanoseconds.
    #[inline]
    pub fn put(&mut self, chain: &mut Chain, value: u64, count: u32) {
        debug_assert!(count <= 64, "a put takes at most one word");
        let room = if chain.first == NONE { 0 } else { BLOCK_BITS - u32::from(chain.last_bits) };
        if count <= room {
            self.put_within(chain, value, count);
            return;
        }
        let rest = count - room;
        if room > 0 {
            self.put_within(chain, value >> rest, room);
        }
        self.extend(chain);
        self.put_within(chain, value, rest);
    }

    /// Appends to the last block, which has the room.
    #[inline]
    fn put_within(&mut self, chain: &mut Chain, value: u64, count: u32) {
        if count == 0 {
            return;
        }
        let used = u32::from(chain.last_bits);
        chain.last_bits = (used + count) as u8;
        let words = &mut self.blocks[chain.last as usize].words;
        let (mut word, offset) = ((used / 32) as usize, used % 32);
        // The bits stand at the top of 96, from the first free bit of the word on.
        let bits = u128::from(value << (64 - count)) << 32 >> offset;
        for part in [(bits >> 64) as u32, (bits >> 32) as u32, bits as u32] {
            if part != 0 {
                words[word] |= part;
            }
            word += 1;
        }
    }

    #[cold]
    fn extend(&mut self, chain: &mut Chain) {
        let fresh = Block { words: [0; WORDS], next: NONE };
        let number = if self.free == NONE {
            self.blocks.push(fresh);
            self.blocks.len() as u32 - 1
        } else {
            let number = self.free;
            self.free = std::mem::replace(&mut self.blocks[number as usize], fresh).next;
            number
        };
        if chain.first == NONE {
            chain.first = number;
        } else {
            self.blocks[chain.last as usize].next = number;
        }
        (chain.last, chain.last_bits) = (number, 0);
    }

    /// The stream's bytes, the last one filled up with zeros, and what is to go on behind them.
    pub fn bytes(&self, chain: &Chain) -> (Vec<u8>, BitTail) {
        let mut out = Vec::new();
        let mut next = chain.first;
        while let Some(block) = self.blocks.get(next as usize) {
            for word in block.words {
                out.extend_from_slice(&word.to_be_bytes());
            }
            next = block.next;
        }
        let spare = (BLOCK_BITS - u32::from(chain.last_bits)) as usize / 8;
        out.truncate(out.len().saturating_sub(spare));
        (out, BitTail::behind(u32::from(chain.last_bits)))
    }

    /// The first bytes of the stream, at most 28 of them.
    pub fn start(&self, chain: &Chain) -> [u8; 4 * WORDS] {
        let mut out = [0; 4 * WORDS];
        let words = self.blocks.get(chain.first as usize).map_or([0; WORDS], |block| block.words);
        for (bytes, word) in out.chunks_exact_mut(4).zip(words) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        out
    }

    /// Gives the stream's blocks back; the stream is empty afterwards.
    pub fn release(&mut self, chain: &mut Chain) {
        if let Some(last) = self.blocks.get_mut(chain.last as usize) {
            last.next = self.free;
            self.free = chain.first;
        }
        *chain = Chain::new();
    }

    /// Bytes of heap, free blocks included.
    pub fn heap_bytes(&self) -> usize {
        self.blocks.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::{Chain, Pool};
    use crate::bits::BitReader;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn streams_keep_apart(puts in prop::collection::vec((0_usize..3, any::<u64>(), 0_u32..=64), 0..200), released in 0_usize..200) {
            let mut pool = Pool::default();
            let mut chains = [Chain::new(); 3];
            let mut want: [Vec<(u64, u32)>; 3] = Default::default();
            for (i, (stream, value, count)) in puts.iter().enumerate() {
                if i == released {
                    pool.release(&mut chains[0]);
                    want[0].clear();
                }
                pool.put(&mut chains[*stream], *value, *count);
                want[*stream].push((*value, *count));
            }
            for (chain, want) in chains.iter().zip(&want) {
                let (mut bytes, mut tail) = pool.bytes(chain);
                let bits: u32 = want.iter().map(|(_, count)| count).sum();
                prop_assert_eq!(bytes.len(), bits.div_ceil(8) as usize);
                let start = bytes.len().min(28);
                prop_assert_eq!(&pool.start(chain)[..start], &bytes[..start]);
                tail.put(&mut bytes, 5, 3);
                let mut reader = BitReader::new(&bytes);
                for (value, count) in want {
                    let mask = if *count == 0 { 0 } else { u64::MAX >> (64 - count) };
                    prop_assert_eq!(reader.take(*count), Ok(value & mask));
                }
                prop_assert_eq!(reader.take(3), Ok(5));
            }
        }
    }

    #[test]
    fn released_blocks_serve_again() {
        let mut pool = Pool::default();
        let mut peak = 0;
        for round in 0..50 {
            let mut chain = Chain::new();
            for i in 0..100 {
                pool.put(&mut chain, i, 40);
            }
            pool.release(&mut chain);
            assert!(chain.is_empty());
            peak = if round == 0 { pool.heap_bytes() } else { peak };
            assert_eq!(pool.heap_bytes(), peak);
        }
    }
}
