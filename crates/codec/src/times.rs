//! Timestamps of a chunk: nothing for an even pace, little for a jittered one.
//!
//! Spec: docs/format/metrics-chunk.md.

use crate::ChunkError;
use crate::integers::{self, Shape};
use crate::packed::{put_run, run_bytes, take_run};
use crate::varint::{len_u64, put_i64, take_i64, zigzag};

/// Samples of a chunk at most; a bound for damaged bytes.
pub const CHUNK_SAMPLES_MAX: usize = 1 << 20;

/// The numbers are part of the format.
const STEP_CHANGES: u8 = 0;
const STEPS: u8 = 1;
const OFF_PACE: u8 = 2;

/// Appends ascending times; nothing when they are evenly spaced. The reader must know how many
/// there are, the first and the last.
pub fn put_times(out: &mut Vec<u8>, times: &[i64]) {
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return };
    if is_even(times) {
        return;
    }
    let planned = integers::plan(times);
    let pace = pace(*first, *last, times.len());
    let off_pace: Vec<i64> = std::iter::zip(times, 0_i64..)
        .map(|(t, i)| t.wrapping_sub(first.wrapping_add(pace.wrapping_mul(i))))
        .collect();
    // A jitter around a fixed pace shows twice in each step, but once in the distance from it.
    let by_pace = len_u64(zigzag(pace)) + run_bytes(&off_pace);
    let code = match planned.shape {
        Shape::StepChanges if planned.bytes <= by_pace => STEP_CHANGES,
        Shape::Steps if planned.bytes <= by_pace => STEPS,
        _ => OFF_PACE,
    };
    out.push(code);
    if code == OFF_PACE {
        put_i64(out, pace);
        put_run(out, &off_pace);
    } else {
        integers::put(out, times, &planned);
    }
}

fn is_even(times: &[i64]) -> bool {
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return true };
    let pace = pace(*first, *last, times.len());
    std::iter::zip(times, 0_i64..).all(|(t, i)| *t == first.wrapping_add(pace.wrapping_mul(i)))
}

fn pace(first: i64, last: i64, count: usize) -> i64 {
    last.wrapping_sub(first).wrapping_div((count as i64 - 1).max(1))
}

/// Appends `count` times to `out`. Errors: the bytes are damaged.
pub fn take_times(
    bytes: &[u8],
    (first, last): (i64, i64),
    count: usize,
    out: &mut Vec<i64>,
) -> Result<(), ChunkError> {
    if count > CHUNK_SAMPLES_MAX {
        return Err(ChunkError::Invalid);
    }
    let start = out.len();
    let Some((shape, mut rest)) = bytes.split_first() else {
        let pace = pace(first, last, count);
        out.extend((0..count as i64).map(|i| first.wrapping_add(pace.wrapping_mul(i))));
        return Ok(());
    };
    match *shape {
        STEP_CHANGES | STEPS => {
            let shape = if *shape == STEPS { Shape::Steps } else { Shape::StepChanges };
            let mut times = Vec::new();
            integers::take(&mut rest, shape, count, &mut times)?;
            out.append(&mut times);
        }
        OFF_PACE => {
            let pace = take_i64(&mut rest)?;
            take_run(&mut rest, count, out)?;
            for (t, i) in out[start..].iter_mut().zip(0_i64..) {
                *t = t.wrapping_add(first.wrapping_add(pace.wrapping_mul(i)));
            }
        }
        _ => return Err(ChunkError::Invalid),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{put_times, take_times};
    use proptest::prelude::*;

    #[track_caller]
    fn check(times: &[i64]) -> usize {
        let mut bytes = Vec::new();
        put_times(&mut bytes, times);
        let mut out = vec![9];
        let ends = (times.first().copied().unwrap_or(0), times.last().copied().unwrap_or(0));
        assert_eq!(take_times(&bytes, ends, times.len(), &mut out), Ok(()));
        assert_eq!(&out[1..], times);
        bytes.len()
    }

    #[test]
    fn an_even_pace_is_free_and_a_jitter_cheap() {
        assert_eq!(check(&[]), 0);
        assert_eq!(check(&[i64::MIN]), 0);
        assert_eq!(check(&[i64::MIN, i64::MAX]), 0);
        assert_eq!(check(&(0..240).map(|i| 1_700_000_000_000 + i * 15_000).collect::<Vec<_>>()), 0);
        let jittered = |i: i64| 1_700_000_000_000 + i * 15_000 + i * 7919 % 4;
        assert!(check(&(0..240).map(jittered).collect::<Vec<_>>()) < 2 * 240 / 8 + 24);
        let with_gap = |i: i64| 1_700_000_000_000 + i * 15_000 + if i > 99 { 300_000 } else { 0 };
        assert!(check(&(0..240).map(with_gap).collect::<Vec<_>>()) < 40);
        check(&[i64::MIN, -1, 0, 1, i64::MAX]);
    }

    proptest! {
        #[test]
        fn all_times_come_back(steps in prop::collection::vec((1_i64..1 << 40, 0_u32..40), 0..300), first in any::<i64>()) {
            let mut t = first;
            let next = |(step, shift): (i64, u32)| {
                t = t.wrapping_add((step >> shift).max(1));
                t
            };
            check(&steps.into_iter().map(next).collect::<Vec<_>>());
        }

        #[test]
        fn damaged_bytes_are_an_error_or_times(bytes in prop::collection::vec(any::<u8>(), 0..80), count in 0_usize..300) {
            let mut out = Vec::new();
            if take_times(&bytes, (3, 9), count, &mut out).is_ok() {
                prop_assert_eq!(out.len(), count);
            }
        }
    }
}
