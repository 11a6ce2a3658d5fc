//! Native histograms of a chunk as columns. Spec: docs/format/metrics-chunk.md
//!
//! Neighbours with one layout make a segment, which states the layout once and each bucket as a
//! column of the differences from sample to sample: mostly 0, and a bit or two otherwise. What is
//! not a whole number is a column of floats. Times are not here: the part knows them.

use std::ops::Range;

use codec::floats::{FloatScratch, put_floats, take_floats};
use codec::packed::{put_run, take_part};
use codec::varint::put_u64;
use model::{FloatHistogram, HistogramSample};

use super::{
    HINT_SHIFT, SAME_LAYOUT, WHOLE_COUNTS, bucket_count, decode_layout, encode_layout,
    has_same_layout, hint, hint_code, is_whole, layout_of, numbers,
};
use crate::cursor::{Cursor, Malformed, put_slice};

/// Flag: the hints differ and are stated one by one.
const MANY_HINTS: u8 = 4;
/// Samples of a segment at most; with the next, a bound for damaged bytes.
const SEGMENT_SAMPLES_MAX: usize = 1024;
/// Numbers that a byte can stand for at most: a constant column of a full segment takes three.
const NUMBERS_PER_BYTE_MAX: usize = 512;
/// Columns before the buckets: count and zero count.
const SCALARS: usize = 2;

/// Appends a chunk; the reader must know the times.
pub(crate) fn encode(samples: &[HistogramSample], out: &mut Vec<u8>) {
    let mut before: Option<&FloatHistogram> = None;
    let alike = |a: &HistogramSample, b: &HistogramSample| {
        has_same_layout(&a.h, &b.h) && is_whole_number(&a.h) == is_whole_number(&b.h)
    };
    for run in samples.chunk_by(alike) {
        for segment in run.chunks(SEGMENT_SAMPLES_MAX) {
            encode_segment(segment, before, out);
            before = segment.last().map(|last| &last.h);
        }
    }
}

fn is_whole_number(h: &FloatHistogram) -> bool {
    numbers(h).all(is_whole)
}

fn encode_segment(segment: &[HistogramSample], before: Option<&FloatHistogram>, out: &mut Vec<u8>) {
    let Some(first) = segment.first().map(|first| &first.h) else { return };
    let same = before.is_some_and(|before| has_same_layout(before, first));
    let whole = is_whole_number(first);
    let many_hints = segment.iter().any(|s| s.h.counter_reset_hint != first.counter_reset_hint);
    put_u64(out, segment.len() as u64);
    let mut flags = if same { SAME_LAYOUT } else { 0 };
    flags |= if whole { WHOLE_COUNTS } else { 0 };
    flags |= if many_hints { MANY_HINTS } else { 0 };
    if !many_hints {
        flags |= hint_code(first.counter_reset_hint) << HINT_SHIFT;
    }
    out.push(flags);
    if !same {
        encode_layout(first, out);
    }
    if many_hints {
        out.extend(segment.iter().map(|sample| hint_code(sample.h.counter_reset_hint)));
    }
    let columns = SCALARS + first.positive_buckets.len() + first.negative_buckets.len();
    if whole {
        encode_whole(segment, columns, out);
    } else {
        let mut column = Vec::with_capacity(segment.len());
        for place in 0..columns {
            column.clear();
            column.extend(segment.iter().map(|sample| number_at(&sample.h, place)));
            put_float_column(&column, out);
        }
    }
    let sums: Vec<f64> = segment.iter().map(|sample| sample.h.sum).collect();
    put_float_column(&sums, out);
}

/// The number in a column: count, zero count, positive buckets, negative buckets.
fn number_at(h: &FloatHistogram, place: usize) -> f64 {
    match place {
        0 => h.count,
        1 => h.zero_count,
        _ => {
            let (bucket, positive) = (place - SCALARS, h.positive_buckets.len());
            let found = match bucket.checked_sub(positive) {
                None => h.positive_buckets.get(bucket),
                Some(negative) => h.negative_buckets.get(negative),
            };
            found.copied().unwrap_or_default()
        }
    }
}

/// The count goes without saying where it is what the buckets add up to.
fn encode_whole(segment: &[HistogramSample], columns: usize, out: &mut Vec<u8>) {
    let mut steps = Vec::with_capacity(segment.len());
    for place in 0..columns {
        let mut last = 0_i64;
        steps.clear();
        steps.extend(segment.iter().map(|sample| {
            let number = match place {
                0 => numbers(&sample.h)
                    .skip(1)
                    .fold(sample.h.count as i64, |rest, n| rest.wrapping_sub(n as i64)),
                _ => number_at(&sample.h, place) as i64,
            };
            let step = number.wrapping_sub(last);
            last = number;
            step
        }));
        put_run(out, &steps);
    }
}

fn put_float_column(column: &[f64], out: &mut Vec<u8>) {
    let mut bytes = Vec::new();
    put_floats(&mut bytes, column);
    put_slice(out, &bytes);
}

/// Working memory of [`decode`].
#[derive(Debug, Default)]
struct Scratch {
    floats: FloatScratch,
    column: Vec<f64>,
    numbers: Vec<i64>,
    /// Of every wanted sample what its buckets add up to.
    totals: Vec<i64>,
}

/// Appends the samples in `wanted`, numbers of samples of the chunk, whose times are given.
pub(crate) fn decode(
    bytes: &[u8],
    times: &[i64],
    wanted: Range<usize>,
    out: &mut Vec<HistogramSample>,
) -> Result<(), Malformed> {
    let mut cursor = Cursor(bytes);
    let mut scratch = Scratch::default();
    let mut layout: Option<FloatHistogram> = None;
    let mut done = 0;
    while done < times.len() {
        let count = usize::try_from(cursor.u64()?).map_err(|_| Malformed)?;
        if count == 0 || count > SEGMENT_SAMPLES_MAX || count > times.len() - done {
            return Err(Malformed);
        }
        let within = |at: usize| at.clamp(done, done + count) - done;
        let own = within(wanted.start)..within(wanted.end);
        let own_times = times.get(done..).and_then(|times| times.get(own.clone()));
        let segment = Segment { count, wanted: own, times: own_times.unwrap_or_default() };
        segment.decode(&mut cursor, &mut layout, &mut scratch, out)?;
        done += count;
    }
    if cursor.0.is_empty() { Ok(()) } else { Err(Malformed) }
}

struct Segment<'t> {
    count: usize,
    /// Numbers of its samples.
    wanted: Range<usize>,
    /// Of those wanted.
    times: &'t [i64],
}

impl Segment<'_> {
    fn decode(
        &self,
        cursor: &mut Cursor<'_>,
        layout: &mut Option<FloatHistogram>,
        scratch: &mut Scratch,
        out: &mut Vec<HistogramSample>,
    ) -> Result<(), Malformed> {
        let flags = cursor.byte()?;
        if flags & SAME_LAYOUT == 0 {
            *layout = Some(decode_layout(cursor)?);
        }
        let layout = layout.as_ref().ok_or(Malformed)?;
        let one_hint = hint(flags >> HINT_SHIFT)?;
        let hints = if flags & MANY_HINTS == 0 { &[][..] } else { cursor.bytes(self.count)? };
        let positive = bucket_count(&layout.positive_spans)?;
        let negative = bucket_count(&layout.negative_spans)?;
        let columns = positive.checked_add(negative).and_then(|n| n.checked_add(SCALARS));
        let numbers = columns.and_then(|columns| columns.checked_mul(self.count));
        if numbers.is_none_or(|n| n / NUMBERS_PER_BYTE_MAX > cursor.0.len()) {
            return Err(Malformed);
        }
        let start = out.len();
        for (i, t_ms) in self.times.iter().enumerate() {
            let mut h = layout_of(layout);
            h.positive_buckets = vec![0.0; positive];
            h.negative_buckets = vec![0.0; negative];
            h.counter_reset_hint = match hints.get(self.wanted.start + i) {
                Some(code) => hint(*code)?,
                None => one_hint,
            };
            out.push(HistogramSample { t_ms: *t_ms, h });
        }
        let fresh = out.get_mut(start..).unwrap_or_default();
        if flags & WHOLE_COUNTS == 0 {
            for place in 0..SCALARS + positive + negative {
                self.take_floats(cursor, scratch)?;
                self.fill(fresh, &scratch.column, |h, v| set(h, place, v));
            }
        } else {
            self.take_whole(cursor, (positive, negative), scratch, fresh)?;
        }
        self.take_floats(cursor, scratch)?;
        self.fill(fresh, &scratch.column, |h, v| h.sum = v);
        Ok(())
    }

    /// Takes a column of floats.
    fn take_floats(&self, cursor: &mut Cursor<'_>, scratch: &mut Scratch) -> Result<(), Malformed> {
        scratch.column.clear();
        take_floats(cursor.slice()?, self.count, &mut scratch.floats, &mut scratch.column)
            .map_err(|_| Malformed)
    }

    fn fill(
        &self,
        fresh: &mut [HistogramSample],
        column: &[f64],
        set: impl Fn(&mut FloatHistogram, f64),
    ) {
        let column = column.get(self.wanted.clone()).unwrap_or_default();
        for (sample, v) in fresh.iter_mut().zip(column) {
            set(&mut sample.h, *v);
        }
    }

    fn take_whole(
        &self,
        cursor: &mut Cursor<'_>,
        (positive, negative): (usize, usize),
        scratch: &mut Scratch,
        fresh: &mut [HistogramSample],
    ) -> Result<(), Malformed> {
        self.take_steps(cursor, scratch)?;
        std::mem::swap(&mut scratch.totals, &mut scratch.numbers);
        for place in 1..SCALARS + positive + negative {
            self.take_steps(cursor, scratch)?;
            let numbered = fresh.iter_mut().zip(&scratch.numbers);
            for ((sample, number), total) in numbered.zip(&mut scratch.totals) {
                *total = total.wrapping_add(*number);
                set(&mut sample.h, place, *number as f64);
            }
        }
        for (sample, total) in fresh.iter_mut().zip(&scratch.totals) {
            sample.h.count = *total as f64;
        }
        Ok(())
    }

    /// Takes a column of whole numbers, those that are wanted.
    fn take_steps(&self, cursor: &mut Cursor<'_>, scratch: &mut Scratch) -> Result<(), Malformed> {
        let numbers = &mut scratch.numbers;
        let before = take_part(&mut cursor.0, self.count, self.wanted.clone(), numbers);
        let mut last = before.map_err(|_| Malformed)?;
        for number in numbers {
            last = last.wrapping_add(*number);
            *number = last;
        }
        Ok(())
    }
}

/// Sets the number in a column.
fn set(h: &mut FloatHistogram, place: usize, v: f64) {
    let slot = match place {
        0 => Some(&mut h.count),
        1 => Some(&mut h.zero_count),
        _ => {
            let bucket = place - SCALARS;
            match bucket.checked_sub(h.positive_buckets.len()) {
                None => h.positive_buckets.get_mut(bucket),
                Some(negative) => h.negative_buckets.get_mut(negative),
            }
        }
    };
    if let Some(slot) = slot {
        *slot = v;
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_same, samples};
    use super::{decode, encode};
    use model::{FloatHistogram, HistogramSample, Span};
    use proptest::prelude::*;

    fn times(samples: &[HistogramSample]) -> Vec<i64> {
        samples.iter().map(|sample| sample.t_ms).collect()
    }

    #[test]
    fn a_busy_histogram_takes_two_bits_a_bucket() {
        let mut h = FloatHistogram {
            schema: 3,
            positive_spans: vec![Span { offset: -40, length: 40 }],
            positive_buckets: vec![0.0; 40],
            ..FloatHistogram::default()
        };
        let chunk: Vec<HistogramSample> = (0..240_u32)
            .map(|i| {
                for place in 0..40_u32 {
                    let more = f64::from(i.wrapping_mul(2_654_435_761).rotate_left(place) & 3);
                    h.positive_buckets[place as usize] += more;
                    h.count += more;
                }
                HistogramSample { t_ms: i64::from(i), h: h.clone() }
            })
            .collect();
        let mut bytes = Vec::new();
        encode(&chunk, &mut bytes);
        assert!(bytes.len() < 240 * 11 + 200, "{}", bytes.len());
    }

    proptest! {
        #[test]
        fn a_chunk_comes_back(chunk in samples(), from in 0_usize..8, to in 0_usize..8) {
            let mut bytes = Vec::new();
            encode(&chunk, &mut bytes);
            let times = times(&chunk);
            let mut out = Vec::new();
            prop_assert_eq!(decode(&bytes, &times, 0..chunk.len(), &mut out), Ok(()));
            assert_same(&out, &chunk);
            let part = from.min(to).min(chunk.len())..to.min(chunk.len());
            out.clear();
            prop_assert_eq!(decode(&bytes, &times, part.clone(), &mut out), Ok(()));
            assert_same(&out, &chunk[part]);
        }

        #[test]
        fn damaged_bytes_do_not_panic(chunk in samples(), flips in prop::collection::vec((any::<usize>(), any::<u8>()), 1..4)) {
            let mut bytes = Vec::new();
            encode(&chunk, &mut bytes);
            for (place, bits) in flips {
                if let Some(len) = std::num::NonZeroUsize::new(bytes.len()) {
                    bytes[place % len] ^= bits;
                }
            }
            decode(&bytes, &times(&chunk), 0..chunk.len(), &mut Vec::new()).ok();
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            decode(&bytes, &[1, 2, 3], 0..3, &mut Vec::new()).ok();
        }
    }
}
