//! Native histograms as bytes: one by one in the log, as columns in [`chunk`]s, as differences in
//! memory ([`row`]). Spec: docs/format/metrics-wal.md, metrics-chunk.md
//!
//! Counts that are whole numbers are written as differences, which are small; anything else as
//! its bits, so every histogram comes back bit for bit.

pub(crate) mod chunk;
pub(crate) mod row;

use codec::varint::{put_i64, put_u64};
use model::{CounterResetHint, FloatHistogram, HistogramSample, Span};

use crate::cursor::{Cursor, Malformed};

/// Flag: a segment of a chunk has the layout of the one before.
const SAME_LAYOUT: u8 = 1;
const WHOLE_COUNTS: u8 = 2;
const HINT_SHIFT: u8 = 4;

/// Largest whole number of which all smaller ones are exact in a float.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// Appends a sample that stands for itself.
pub(crate) fn encode(sample: &HistogramSample, out: &mut Vec<u8>) {
    let h = &sample.h;
    let whole = numbers(h).all(is_whole);
    out.push(hint_code(h.counter_reset_hint) << HINT_SHIFT | if whole { WHOLE_COUNTS } else { 0 });
    put_i64(out, sample.t_ms);
    encode_layout(h, out);
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
pub(crate) fn decode(bytes: &mut Cursor<'_>) -> Result<HistogramSample, Malformed> {
    let flags = bytes.byte()?;
    if flags & SAME_LAYOUT != 0 {
        return Err(Malformed);
    }
    let t_ms = bytes.i64()?;
    let mut h = decode_layout(bytes)?;
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

/// A histogram of the same layout without counts.
fn layout_of(h: &FloatHistogram) -> FloatHistogram {
    FloatHistogram {
        schema: h.schema,
        zero_threshold: h.zero_threshold,
        positive_spans: h.positive_spans.clone(),
        negative_spans: h.negative_spans.clone(),
        custom_values: h.custom_values.clone(),
        ..FloatHistogram::default()
    }
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
mod testing {
    //! Runs of samples as they come and as they do not.

    use super::is_same;
    use model::{CounterResetHint, FloatHistogram, HistogramSample, Span};
    use proptest::prelude::*;

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => (0_u32..1000).prop_map(f64::from),
            1 => any::<u64>().prop_map(f64::from_bits),
            1 => prop::sample::select(vec![
                -0.0, f64::INFINITY, f64::from_bits(model::STALE_NAN_BITS), 9_007_199_254_740_991.0,
                9_007_199_254_740_992.0, -3.0, 0.5,
            ]),
        ]
    }

    fn hint() -> impl Strategy<Value = CounterResetHint> {
        prop::sample::select(vec![
            CounterResetHint::Unknown,
            CounterResetHint::Reset,
            CounterResetHint::NotReset,
            CounterResetHint::Gauge,
        ])
    }

    fn sample() -> impl Strategy<Value = HistogramSample> {
        let spans = prop::collection::vec((-5_i32..5, 0_u32..4), 0..3);
        let whole = prop::collection::vec((0_u32..1000).prop_map(f64::from), 30);
        let numbers = prop_oneof![whole, prop::collection::vec(number(), 30)];
        let custom = prop::collection::vec(number(), 0..3);
        (any::<i64>(), -53_i32..9, spans.clone(), spans, numbers, custom, hint()).prop_map(
            |(t_ms, schema, positive, negative, numbers, custom_values, counter_reset_hint)| {
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
                    counter_reset_hint,
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
                };
                HistogramSample { t_ms, h }
            },
        )
    }

    /// What becomes of the sample before.
    #[derive(Clone, Debug)]
    enum Next {
        Other(Box<HistogramSample>),
        Grown { by: Vec<u8>, sum: f64, hint: CounterResetHint },
    }

    fn next() -> impl Strategy<Value = Next> {
        let grown = (prop::collection::vec(any::<u8>(), 1..9), number(), hint());
        prop_oneof![
            1 => sample().prop_map(|sample| Next::Other(Box::new(sample))),
            3 => grown.prop_map(|(by, sum, hint)| Next::Grown { by, sum, hint }),
        ]
    }

    pub(super) fn samples() -> impl Strategy<Value = Vec<HistogramSample>> {
        (sample(), prop::collection::vec(next(), 0..12)).prop_map(|(first, rest)| {
            let mut run = vec![first];
            for next in rest {
                let mut sample = run[run.len() - 1].clone();
                match next {
                    Next::Other(other) => sample = *other,
                    Next::Grown { by, sum, hint } => {
                        sample.t_ms = sample.t_ms.wrapping_add(15_000);
                        sample.h.sum = sum;
                        sample.h.counter_reset_hint = hint;
                        let h = &mut sample.h;
                        let buckets = h.positive_buckets.iter_mut().chain(&mut h.negative_buckets);
                        let numbers = [&mut h.count, &mut h.zero_count].into_iter().chain(buckets);
                        for (number, by) in numbers.zip(by.iter().cycle()) {
                            *number += f64::from(by >> 3);
                        }
                    }
                }
                run.push(sample);
            }
            run
        })
    }

    #[track_caller]
    pub(super) fn assert_same(got: &[HistogramSample], want: &[HistogramSample]) {
        assert_eq!(got.len(), want.len());
        for (got, want) in got.iter().zip(want) {
            assert_eq!(got.t_ms, want.t_ms);
            assert!(is_same(&got.h, &want.h), "{got:?} is not {want:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{assert_same, samples};
    use super::{Cursor, decode, encode};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn histograms_come_back(samples in samples()) {
            let mut bytes = Vec::new();
            for sample in &samples {
                encode(sample, &mut bytes);
            }
            let mut rest = Cursor(&bytes);
            let got: Vec<_> = samples.iter().map(|_| decode(&mut rest).unwrap()).collect();
            assert_same(&got, &samples);
            prop_assert!(rest.0.is_empty());
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            drop(decode(&mut Cursor(&bytes)));
        }
    }
}
