//! Native histograms as bytes, in the log and in chunks. Spec: docs/format/metrics-chunk.md
//!
//! One sample stands for itself or repeats the layout (schema, spans, bounds) of the one before.
//! Counts that are whole numbers are written as differences between neighbouring buckets, which
//! are small; anything else as its bits, so every histogram comes back bit for bit.

use codec::varint::{put_i64, put_u64};
use model::{CounterResetHint, FloatHistogram, HistogramSample, Span};

use crate::cursor::{Cursor, Malformed};

const SAME_LAYOUT: u8 = 1;
const WHOLE_COUNTS: u8 = 2;
const HINT_SHIFT: u8 = 4;

/// Largest whole number of which all smaller ones are exact in a float.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// Appends a sample; `before` is the one that precedes it in the same run of bytes.
pub(crate) fn encode(
    sample: &HistogramSample,
    before: Option<&HistogramSample>,
    out: &mut Vec<u8>,
) {
    let h = &sample.h;
    let same = before.is_some_and(|before| has_same_layout(&before.h, h));
    let whole = numbers(h).all(is_whole);
    let mut flags = hint_code(h.counter_reset_hint) << HINT_SHIFT;
    flags |= if same { SAME_LAYOUT } else { 0 };
    flags |= if whole { WHOLE_COUNTS } else { 0 };
    out.push(flags);
    put_i64(out, sample.t_ms.wrapping_sub(before.map_or(0, |before| before.t_ms)));
    if !same {
        encode_layout(h, out);
    }
    out.extend_from_slice(&h.sum.to_bits().to_le_bytes());
    let mut last = 0;
    for number in numbers(h) {
        if whole {
            put_i64(out, number as i64 - last);
            last = number as i64;
        } else {
            out.extend_from_slice(&number.to_bits().to_le_bytes());
        }
    }
}

/// Takes one sample off the front.
pub(crate) fn decode(
    bytes: &mut Cursor<'_>,
    before: Option<&HistogramSample>,
) -> Result<HistogramSample, Malformed> {
    let flags = bytes.byte()?;
    let t_ms = bytes.i64()?.wrapping_add(before.map_or(0, |before| before.t_ms));
    let mut h = if flags & SAME_LAYOUT != 0 {
        let known = &before.ok_or(Malformed)?.h;
        FloatHistogram {
            schema: known.schema,
            zero_threshold: known.zero_threshold,
            positive_spans: known.positive_spans.clone(),
            negative_spans: known.negative_spans.clone(),
            positive_buckets: Vec::with_capacity(known.positive_buckets.len()),
            negative_buckets: Vec::with_capacity(known.negative_buckets.len()),
            custom_values: known.custom_values.clone(),
            ..FloatHistogram::default()
        }
    } else {
        decode_layout(bytes)?
    };
    h.counter_reset_hint = hint(flags >> HINT_SHIFT)?;
    h.sum = bytes.f64()?;
    let mut last = 0_i64;
    let mut number = || {
        if flags & WHOLE_COUNTS == 0 {
            return bytes.f64();
        }
        last = last.wrapping_add(bytes.i64()?);
        Ok(last as f64)
    };
    h.count = number()?;
    h.zero_count = number()?;
    for _ in 0..bucket_count(&h.positive_spans)? {
        h.positive_buckets.push(number()?);
    }
    for _ in 0..bucket_count(&h.negative_spans)? {
        h.negative_buckets.push(number()?);
    }
    Ok(HistogramSample { t_ms, h })
}

/// Whether the bucket columns are as long as the spans say; others cannot be stored.
pub(crate) fn is_consistent(h: &FloatHistogram) -> bool {
    bucket_count(&h.positive_spans) == Ok(h.positive_buckets.len())
        && bucket_count(&h.negative_spans) == Ok(h.negative_buckets.len())
}

/// Whether two samples are the same bit for bit.
pub(crate) fn is_same(a: &FloatHistogram, b: &FloatHistogram) -> bool {
    let mut bits = numbers(a).zip(numbers(b));
    has_same_layout(a, b)
        && a.counter_reset_hint == b.counter_reset_hint
        && a.sum.to_bits() == b.sum.to_bits()
        && bits.all(|(a, b)| a.to_bits() == b.to_bits())
}

fn has_same_layout(a: &FloatHistogram, b: &FloatHistogram) -> bool {
    a.schema == b.schema
        && a.zero_threshold.to_bits() == b.zero_threshold.to_bits()
        && a.positive_spans == b.positive_spans
        && a.negative_spans == b.negative_spans
        && a.custom_values.len() == b.custom_values.len()
        && a.custom_values.iter().zip(&b.custom_values).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// Count, zero count and all buckets, in the order in which they are written.
fn numbers(h: &FloatHistogram) -> impl Iterator<Item = f64> {
    let buckets = h.positive_buckets.iter().chain(&h.negative_buckets);
    [h.count, h.zero_count].into_iter().chain(buckets.copied())
}

fn is_whole(number: f64) -> bool {
    number.abs() < WHOLE_MAX && (number as i64 as f64).to_bits() == number.to_bits()
}

fn encode_layout(h: &FloatHistogram, out: &mut Vec<u8>) {
    put_i64(out, i64::from(h.schema));
    out.extend_from_slice(&h.zero_threshold.to_bits().to_le_bytes());
    for spans in [&h.positive_spans, &h.negative_spans] {
        put_u64(out, spans.len() as u64);
        for span in spans {
            put_i64(out, i64::from(span.offset));
            put_u64(out, u64::from(span.length));
        }
    }
    put_u64(out, h.custom_values.len() as u64);
    for bound in &h.custom_values {
        out.extend_from_slice(&bound.to_bits().to_le_bytes());
    }
}

fn decode_layout(bytes: &mut Cursor<'_>) -> Result<FloatHistogram, Malformed> {
    let mut h = FloatHistogram { schema: bytes.i32()?, ..FloatHistogram::default() };
    h.zero_threshold = bytes.f64()?;
    for spans in [&mut h.positive_spans, &mut h.negative_spans] {
        for _ in 0..bytes.count()? {
            spans.push(Span { offset: bytes.i32()?, length: bytes.u32()? });
        }
    }
    for _ in 0..bytes.count()? {
        h.custom_values.push(bytes.f64()?);
    }
    Ok(h)
}

fn bucket_count(spans: &[Span]) -> Result<usize, Malformed> {
    let lengths = spans.iter().map(|span| u64::from(span.length));
    usize::try_from(lengths.sum::<u64>()).map_err(|_| Malformed)
}

const fn hint_code(hint: CounterResetHint) -> u8 {
    match hint {
        CounterResetHint::Unknown => 0,
        CounterResetHint::Reset => 1,
        CounterResetHint::NotReset => 2,
        CounterResetHint::Gauge => 3,
    }
}

const fn hint(code: u8) -> Result<CounterResetHint, Malformed> {
    Ok(match code {
        0 => CounterResetHint::Unknown,
        1 => CounterResetHint::Reset,
        2 => CounterResetHint::NotReset,
        3 => CounterResetHint::Gauge,
        _ => return Err(Malformed),
    })
}

#[cfg(test)]
mod tests {
    use super::{Cursor, FloatHistogram, HistogramSample, Span, decode, encode, is_same};
    use proptest::prelude::*;

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![(0_u32..1000).prop_map(f64::from), any::<u64>().prop_map(f64::from_bits)]
    }

    fn sample() -> impl Strategy<Value = HistogramSample> {
        let spans = prop::collection::vec((-5_i32..5, 0_u32..4), 0..3);
        let numbers = prop::collection::vec(number(), 30);
        let custom = prop::collection::vec(number(), 0..3);
        (any::<i64>(), -53_i32..9, spans.clone(), spans, numbers, custom).prop_map(
            |(t_ms, schema, positive, negative, numbers, custom_values)| {
                let spans = |spans: Vec<(i32, u32)>| -> Vec<Span> {
                    spans.into_iter().map(|(offset, length)| Span { offset, length }).collect()
                };
                let mut numbers = numbers.into_iter();
                let mut buckets = |spans: &[Span]| -> Vec<f64> {
                    let count: u32 = spans.iter().map(|span| span.length).sum();
                    numbers.by_ref().take(count as usize).collect()
                };
                let (positive_spans, negative_spans) = (spans(positive), spans(negative));
                let positive_buckets = buckets(&positive_spans);
                let negative_buckets = buckets(&negative_spans);
                let mut rest = numbers.chain([0.5, 2.0, 3.0, f64::NAN]);
                let mut next = || rest.next().unwrap();
                let (zero_threshold, zero_count, count, sum) = (next(), next(), next(), next());
                let h = FloatHistogram {
                    schema,
                    zero_threshold,
                    zero_count,
                    count,
                    sum,
                    positive_spans,
                    negative_spans,
                    positive_buckets,
                    negative_buckets,
                    custom_values,
                    ..FloatHistogram::default()
                };
                HistogramSample { t_ms, h }
            },
        )
    }

    proptest! {
        #[test]
        fn a_run_of_histograms_comes_back(samples in prop::collection::vec((sample(), any::<bool>()), 0..6)) {
            let mut run: Vec<HistogramSample> = Vec::new();
            for (sample, repeat_layout) in samples {
                let next = match run.last() {
                    Some(last) if repeat_layout => {
                        let mut next = HistogramSample { t_ms: sample.t_ms, h: last.h.clone() };
                        next.h.sum = sample.h.sum;
                        next
                    }
                    _ => sample,
                };
                run.push(next);
            }
            let mut bytes = Vec::new();
            for (i, sample) in run.iter().enumerate() {
                encode(sample, i.checked_sub(1).map(|before| &run[before]), &mut bytes);
            }
            let mut rest = Cursor(&bytes);
            let mut before: Option<HistogramSample> = None;
            for sample in &run {
                let got = decode(&mut rest, before.as_ref()).unwrap();
                prop_assert_eq!(got.t_ms, sample.t_ms);
                prop_assert!(is_same(&got.h, &sample.h));
                before = Some(got);
            }
            prop_assert!(rest.0.is_empty());
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            drop(decode(&mut Cursor(&bytes), None));
        }
    }
}
