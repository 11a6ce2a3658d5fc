//! Native histograms: the `Histogram` message of both protocol versions (their fields agree),
//! converted to floats and checked as the reference checks them.

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{CounterResetHint, FloatHistogram, HistogramSample, Span};

use super::error::WriteError;
use super::wire::{Cursor, zigzag};

/// Highest and lowest resolution with exponential buckets.
const SCHEMAS: std::ops::RangeInclusive<i32> = -4..=8;

/// Reads the message; the inner error says why the histogram cannot be stored.
pub(super) fn histogram(
    mut message: Cursor<'_>,
) -> Result<Result<HistogramSample, String>, WriteError> {
    let mut h = FloatHistogram::default();
    let mut t_ms = 0;
    let mut whole_numbers = false;
    let (mut positive, mut negative) = (Vec::new(), Vec::new());
    while let Some(field) = message.next()? {
        let value = field.value;
        match field.number {
            1 => {
                h.count = message.integer(value)? as f64;
                whole_numbers = true;
            }
            2 => {
                h.count = message.double(value)?;
                whole_numbers = false;
            }
            3 => h.sum = message.double(value)?,
            4 => h.schema = zigzag(message.integer(value)?) as i32,
            5 => h.zero_threshold = message.double(value)?,
            6 => h.zero_count = message.integer(value)? as f64,
            7 => h.zero_count = message.double(value)?,
            8 => h.negative_spans.push(span(message.nested(value)?)?),
            9 => message.varints(value, |v| negative.push(zigzag(v)))?,
            10 => message.doubles(value, |v| h.negative_buckets.push(v))?,
            11 => h.positive_spans.push(span(message.nested(value)?)?),
            12 => message.varints(value, |v| positive.push(zigzag(v)))?,
            13 => message.doubles(value, |v| h.positive_buckets.push(v))?,
            14 => {
                h.counter_reset_hint = match message.integer(value)? {
                    1 => CounterResetHint::Reset,
                    2 => CounterResetHint::NotReset,
                    3 => CounterResetHint::Gauge,
                    _ => CounterResetHint::Unknown,
                }
            }
            15 => t_ms = message.integer(value)? as i64,
            16 => message.doubles(value, |v| h.custom_values.push(v))?,
            _ => {}
        }
    }
    if whole_numbers {
        h.positive_buckets = absolute(&positive);
        h.negative_buckets = absolute(&negative);
    }
    Ok(check(&h, whole_numbers).map(|()| HistogramSample { t_ms, h }))
}

fn span(mut message: Cursor<'_>) -> Result<Span, WriteError> {
    let mut span = Span { offset: 0, length: 0 };
    while let Some(field) = message.next()? {
        match field.number {
            1 => span.offset = zigzag(message.integer(field.value)?) as i32,
            2 => span.length = message.integer(field.value)? as u32,
            _ => {}
        }
    }
    Ok(span)
}

/// Whole-number histograms carry each bucket as the difference to the one before.
fn absolute(deltas: &[i64]) -> Vec<f64> {
    let mut count = 0i64;
    let add = |delta: &i64| {
        count = count.wrapping_add(*delta);
        count as f64
    };
    deltas.iter().map(add).collect()
}

fn check(h: &FloatHistogram, whole_numbers: bool) -> Result<(), String> {
    if h.uses_custom_buckets() {
        check_custom_bounds(h)?;
    } else if SCHEMAS.contains(&h.schema) {
        check_spans("positive", &h.positive_spans, h.positive_buckets.len())?;
        check_spans("negative", &h.negative_spans, h.negative_buckets.len())?;
        if !h.custom_values.is_empty() {
            return Err("a histogram with exponential buckets has custom bounds".into());
        }
    } else {
        return Err(format!(
            "histogram has schema {}, which is neither -4 to 8 nor {CUSTOM_BUCKETS_SCHEMA}",
            h.schema
        ));
    }
    let buckets = || h.positive_buckets.iter().chain(&h.negative_buckets);
    if h.count < 0.0 || h.zero_count < 0.0 || buckets().any(|count| *count < 0.0) {
        return Err("histogram has a negative number of observations".into());
    }
    // Sums of floats differ by rounding; only whole numbers can be held to their total.
    let found = buckets().sum::<f64>() + h.zero_count;
    let short = if h.sum.is_nan() { found > h.count } else { found != h.count };
    if whole_numbers && short {
        return Err(format!(
            "{found} observations found in buckets, but the Count field is {}",
            h.count
        ));
    }
    Ok(())
}

fn check_spans(side: &str, spans: &[Span], buckets: usize) -> Result<(), String> {
    if let Some(i) = spans.iter().skip(1).position(|span| span.offset < 0) {
        return Err(format!("{side} side: span number {} has a negative offset", i + 2));
    }
    let needed: u64 = spans.iter().map(|span| u64::from(span.length)).sum();
    if needed == buckets as u64 {
        return Ok(());
    }
    Err(format!("{side} side: spans need {needed} buckets, have {buckets} buckets"))
}

fn check_custom_bounds(h: &FloatHistogram) -> Result<(), String> {
    if h.zero_count != 0.0 || h.zero_threshold != 0.0 {
        return Err("custom buckets: zero count and zero threshold must be 0".into());
    }
    if !h.negative_spans.is_empty() || !h.negative_buckets.is_empty() {
        return Err("custom buckets: must not have a negative side".into());
    }
    let ascending = h.custom_values.windows(2).all(|pair| pair[0] < pair[1]);
    let last_is_infinite = h.custom_values.last() == Some(&f64::INFINITY);
    if !ascending || last_is_infinite || h.custom_values.iter().any(|bound| bound.is_nan()) {
        return Err("custom buckets: bounds must be numbers in ascending order below +Inf".into());
    }
    if h.positive_spans.iter().any(|span| span.offset < 0) {
        return Err("custom buckets: a span has a negative offset".into());
    }
    check_spans("positive", &h.positive_spans, h.positive_buckets.len())?;
    let width = |span: &Span| u64::from(span.length) + u64::from(span.offset.unsigned_abs());
    let width: u64 = h.positive_spans.iter().map(width).sum();
    if (h.custom_values.len() as u64) + 1 < width {
        return Err(format!(
            "custom buckets: {} bounds are too few for {width} buckets",
            h.custom_values.len()
        ));
    }
    Ok(())
}
