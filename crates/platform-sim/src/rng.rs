//! The one source of chance in a simulation: small, fast, the same everywhere for equal seeds.

/// SplitMix64 (Steele, Lea, Flood 2014). Good enough to choose faults, useless for secrets.
#[derive(Clone, Debug)]
pub struct SimRng(u64);

impl SimRng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..bound`; 0 for a bound of 0. The tiny bias of the modulo does not matter.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.next_u64() % bound }
    }

    /// True once in `one_in` draws; never for 0.
    pub fn chance(&mut self, one_in: u32) -> bool {
        one_in > 0 && self.below(u64::from(one_in)) == 0
    }

    pub fn coin(&mut self) -> bool {
        self.next_u64() & 1 == 1
    }

    /// Random bytes of a random length below `len_max`.
    pub fn bytes(&mut self, len_max: u64) -> Vec<u8> {
        let len = self.below(len_max) as usize;
        let mut bytes = vec![0; len];
        self.fill(&mut bytes);
        bytes
    }

    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let random = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
    }

    /// An independent generator for another purpose.
    pub fn fork(&mut self) -> Self {
        Self(self.next_u64())
    }
}
