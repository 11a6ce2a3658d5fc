//! A native histogram with integer counts; both message versions write it alike.

use super::field::{bytes, double, integer, packed, varint, zigzag};

/// Exponential, positive observations only, one span of buckets.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    pub(crate) schema: i64,
    pub(crate) zero_count: u64,
    pub(crate) sum: f64,
    /// Index of the first bucket.
    pub(crate) offset: i64,
    pub(crate) counts: Vec<u64>,
}

impl Histogram {
    pub(super) fn encode(&self, t_ms: i64) -> Vec<u8> {
        let mut out = Vec::new();
        integer(&mut out, 1, self.zero_count + self.counts.iter().sum::<u64>());
        double(&mut out, 3, self.sum);
        integer(&mut out, 4, zigzag(self.schema));
        double(&mut out, 5, 2.938_735_877_055_719e-39);
        integer(&mut out, 6, self.zero_count);
        let mut span = Vec::new();
        integer(&mut span, 1, zigzag(self.offset));
        integer(&mut span, 2, self.counts.len() as u64);
        bytes(&mut out, 11, &span);
        let mut before = 0;
        packed(
            &mut out,
            12,
            self.counts.iter().map(|&count| {
                let delta = count as i64 - before;
                before = count as i64;
                zigzag(delta)
            }),
        );
        varint(&mut out, 15 << 3);
        varint(&mut out, t_ms as u64);
        out
    }
}
