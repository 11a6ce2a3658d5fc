//! Native histograms in memory, one after the other: each as its differences to the one before.
//!
//! These bytes never reach a file. A growing run cannot be turned into columns, but the
//! differences of one sample are as small as those of one bucket, and packed the same way.

use codec::packed::{put_run, take_run};
use codec::varint::put_i64;
use model::{HistogramSample, TimeRange};

use super::{bucket_count, has_same_layout, hint, hint_code, is_whole, layout_of, numbers};
use crate::cursor::{Cursor, Malformed};

/// The first byte: the sample is written as in the log, or its hint above this.
const IN_FULL: u8 = 0;
const AS_STEPS: u8 = 1;
const HINT_SHIFT: u8 = 4;

/// Appends a sample; `before` is the one that precedes it in the same run.
pub(crate) fn push(sample: &HistogramSample, before: Option<&HistogramSample>, out: &mut Vec<u8>) {
    let steps = before.and_then(|before| steps(sample, before));
    let (Some(before), Some(steps)) = (before, steps) else {
        out.push(IN_FULL);
        super::encode(sample, out);
        return;
    };
    out.push(AS_STEPS | hint_code(sample.h.counter_reset_hint) << HINT_SHIFT);
    put_i64(out, sample.t_ms.wrapping_sub(before.t_ms));
    // Neighbouring sums share their high bits.
    let changed = sample.h.sum.to_bits() ^ before.h.sum.to_bits();
    let bytes = (64 - changed.leading_zeros()).div_ceil(8) as usize;
    out.push(bytes as u8);
    out.extend_from_slice(&changed.to_le_bytes()[..bytes]);
    put_run(out, &steps);
}

/// What count, zero count and buckets grew by; none when that says not all.
fn steps(sample: &HistogramSample, before: &HistogramSample) -> Option<Vec<i64>> {
    if !has_same_layout(&sample.h, &before.h) {
        return None;
    }
    let steps = numbers(&sample.h).zip(numbers(&before.h)).map(|(number, before)| {
        let whole = is_whole(number) && is_whole(before);
        whole.then(|| (number as i64).wrapping_sub(before as i64))
    });
    steps.collect()
}

/// Appends the samples of a run that lie in the range. Cost: an addition for each bucket, and an
/// allocation for each sample in the range.
pub(crate) fn decode(
    bytes: &[u8],
    count: u32,
    range: TimeRange,
    out: &mut Vec<HistogramSample>,
) -> Result<(), Malformed> {
    let mut cursor = Cursor(bytes);
    let mut reader = Reader::default();
    for _ in 0..count {
        reader.next(&mut cursor)?;
        if range.contains(reader.t_ms) {
            out.push(reader.sample()?);
        }
    }
    Ok(())
}

/// The sample read last.
#[derive(Default)]
struct Reader {
    t_ms: i64,
    /// The last one stated in full; the layout is still that.
    full: Option<HistogramSample>,
    sum_bits: u64,
    hint_code: u8,
    /// Count, zero count and buckets, when steps have been added since.
    current: Option<Vec<i64>>,
    steps: Vec<i64>,
}

impl Reader {
    fn next(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Malformed> {
        let head = cursor.byte()?;
        if head == IN_FULL {
            let sample = super::decode(cursor)?;
            (self.t_ms, self.sum_bits) = (sample.t_ms, sample.h.sum.to_bits());
            (self.full, self.current) = (Some(sample), None);
            return Ok(());
        }
        let full = self.full.as_ref().ok_or(Malformed)?;
        self.hint_code = head >> HINT_SHIFT;
        self.t_ms = self.t_ms.wrapping_add(cursor.i64()?);
        let mut changed = [0_u8; 8];
        let sum = cursor.byte()?;
        let slot = changed.get_mut(..usize::from(sum)).ok_or(Malformed)?;
        slot.copy_from_slice(cursor.bytes(usize::from(sum))?);
        self.sum_bits ^= u64::from_le_bytes(changed);
        let current =
            self.current.get_or_insert_with(|| numbers(&full.h).map(|n| n as i64).collect());
        self.steps.clear();
        take_run(&mut cursor.0, current.len(), &mut self.steps).map_err(|_| Malformed)?;
        for (number, step) in current.iter_mut().zip(&self.steps) {
            *number = number.wrapping_add(*step);
        }
        Ok(())
    }

    fn sample(&self) -> Result<HistogramSample, Malformed> {
        let full = self.full.as_ref().ok_or(Malformed)?;
        let Some(current) = &self.current else { return Ok(full.clone()) };
        let mut h = layout_of(&full.h);
        h.counter_reset_hint = hint(self.hint_code)?;
        h.sum = f64::from_bits(self.sum_bits);
        let positive = bucket_count(&h.positive_spans)?;
        let [count, zero_count, buckets @ ..] = &current[..] else { return Err(Malformed) };
        (h.count, h.zero_count) = (*count as f64, *zero_count as f64);
        let (positive, negative) = buckets.split_at_checked(positive).ok_or(Malformed)?;
        h.positive_buckets = positive.iter().map(|n| *n as f64).collect();
        h.negative_buckets = negative.iter().map(|n| *n as f64).collect();
        Ok(HistogramSample { t_ms: self.t_ms, h })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_same, samples};
    use super::{decode, push};
    use model::TimeRange;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_run_comes_back(run in samples(), from in any::<i64>()) {
            let mut bytes = Vec::new();
            for (i, sample) in run.iter().enumerate() {
                push(sample, i.checked_sub(1).map(|before| &run[before]), &mut bytes);
            }
            let mut out = Vec::new();
            let count = run.len() as u32;
            prop_assert_eq!(decode(&bytes, count, TimeRange::ALL, &mut out), Ok(()));
            assert_same(&out, &run);
            let range = TimeRange::new(from, i64::MAX);
            out.clear();
            prop_assert_eq!(decode(&bytes, count, range, &mut out), Ok(()));
            let want: Vec<_> = run.into_iter().filter(|s| range.contains(s.t_ms)).collect();
            assert_same(&out, &want);
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            decode(&bytes, 3, TimeRange::ALL, &mut Vec::new()).ok();
        }
    }
}
