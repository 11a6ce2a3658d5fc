//! Just enough protobuf to write remote-write 1.0 requests with floats and native histograms.

use model::{CounterResetHint, FloatHistogram, Span};

use super::data::Point;

/// `prometheus.WriteRequest` with one sample per series.
pub(super) fn write_request<'a>(
    series: impl Iterator<Item = (&'a [(String, String)], i64, &'a Point)>,
) -> Vec<u8> {
    let mut request = Vec::new();
    let mut one = Vec::new();
    for (labels, t_ms, point) in series {
        one.clear();
        for (name, value) in labels {
            let mut label = Vec::with_capacity(name.len() + value.len() + 6);
            push_bytes(&mut label, 1, name.as_bytes());
            push_bytes(&mut label, 2, value.as_bytes());
            push_bytes(&mut one, 1, &label);
        }
        match point {
            Point::Float(v) => {
                let mut sample = Vec::new();
                push_double(&mut sample, 1, *v);
                push_integer(&mut sample, 2, t_ms as u64);
                push_bytes(&mut one, 2, &sample);
            }
            Point::Histogram(h) => push_bytes(&mut one, 4, &histogram(h, t_ms)),
        }
        push_bytes(&mut request, 1, &one);
    }
    request
}

/// Counts that are all whole go as integers, as they do from most clients.
fn histogram(h: &FloatHistogram, t_ms: i64) -> Vec<u8> {
    let mut out = Vec::new();
    let buckets = h.positive_buckets.iter().chain(&h.negative_buckets);
    let whole = buckets.chain([&h.count, &h.zero_count]).all(|count| count.fract() == 0.0);
    let (integer, float) = (1, 2);
    if whole && !h.is_stale() {
        push_integer(&mut out, integer, h.count as u64);
    } else {
        push_double(&mut out, float, h.count);
    }
    push_double(&mut out, 3, h.sum);
    push_integer(&mut out, 4, zigzag(h.schema.into()));
    push_double(&mut out, 5, h.zero_threshold);
    if whole && !h.is_stale() {
        push_integer(&mut out, 6, h.zero_count as u64);
    } else {
        push_double(&mut out, 7, h.zero_count);
    }
    let sides =
        [(8, &h.negative_spans, &h.negative_buckets), (11, &h.positive_spans, &h.positive_buckets)];
    for (field, spans, buckets) in sides {
        for Span { offset, length } in spans {
            let mut span = Vec::new();
            push_integer(&mut span, 1, zigzag((*offset).into()));
            push_integer(&mut span, 2, (*length).into());
            push_bytes(&mut out, field, &span);
        }
        if whole {
            let mut before = 0;
            for count in buckets {
                push_integer(&mut out, field + 1, zigzag(*count as i64 - before));
                before = *count as i64;
            }
        } else {
            for count in buckets {
                push_double(&mut out, field + 2, *count);
            }
        }
    }
    let hint = match h.counter_reset_hint {
        CounterResetHint::Unknown => 0,
        CounterResetHint::Reset => 1,
        CounterResetHint::NotReset => 2,
        CounterResetHint::Gauge => 3,
    };
    push_integer(&mut out, 14, hint);
    push_integer(&mut out, 15, t_ms as u64);
    for bound in &h.custom_values {
        push_double(&mut out, 16, *bound);
    }
    out
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

fn push_double(out: &mut Vec<u8>, field: u64, v: f64) {
    push_varint(out, field << 3 | 1);
    out.extend_from_slice(&v.to_le_bytes());
}

fn push_integer(out: &mut Vec<u8>, field: u64, n: u64) {
    push_varint(out, field << 3);
    push_varint(out, n);
}

fn push_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    push_varint(out, field << 3 | 2);
    push_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn push_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}
