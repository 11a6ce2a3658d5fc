//! Histogram notation: `{{schema:1 sum:3 count:22 buckets:[5 10 7]}}`, repeated (`x3`) or growing
//! (`+{{…}}x3`).

use std::sync::{Arc, LazyLock};

use model::{CounterResetHint, FloatHistogram, Span};
use promql::histogram;
use regex::Regex;

use super::notation::{Point, number};

static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^\{\{(?P<first>[^}]*)\}\}(?:(?:(?P<sign>[+-])\{\{(?P<step>[^}]*)\}\})?x(?P<times>\d+))?$",
    )
    .expect("the pattern compiles")
});

pub(super) fn points(item: &str, out: &mut Vec<Point>) -> Result<(), String> {
    let invalid = || format!("invalid histogram series {item:?}");
    let parts = ITEM.captures(item).ok_or_else(invalid)?;
    let (mut h, mut hint_given) = parse(&parts["first"])?;
    let times = match parts.name("times") {
        Some(times) => times.as_str().parse::<usize>().map_err(|_| invalid())?,
        None => 0,
    };
    let step = match parts.name("step") {
        Some(step) => Some(parse(step.as_str())?),
        None => None,
    };
    let negative = parts.name("sign").is_some_and(|sign| sign.as_str() == "-");
    for _ in 0..=times {
        out.push(Point::Histogram { h: Arc::new(h.clone()), hint_given });
        if let Some((step, step_hint)) = &step {
            let next = if negative { histogram::sub(&h, step) } else { histogram::add(&h, step) };
            h = next.ok_or_else(invalid)?;
            hint_given = *step_hint;
        }
    }
    Ok(())
}

/// A histogram, and whether its counter reset hint was written.
fn parse(text: &str) -> Result<(FloatHistogram, bool), String> {
    let mut h = FloatHistogram::default();
    let (mut hint_given, mut offset, mut n_offset) = (false, 0, 0);
    for field in fields(text) {
        let invalid = || format!("invalid histogram field {field:?}");
        let (key, value) = field.split_once(':').ok_or_else(invalid)?;
        let float = || number(value).ok_or_else(invalid);
        let int = || value.parse::<i32>().map_err(|_| invalid());
        match key {
            "schema" => h.schema = int()?,
            "sum" => h.sum = float()?,
            "count" => h.count = float()?,
            "z_bucket" => h.zero_count = float()?,
            "z_bucket_w" => h.zero_threshold = float()?,
            "custom_values" => h.custom_values = list(value).ok_or_else(invalid)?,
            "buckets" => h.positive_buckets = list(value).ok_or_else(invalid)?,
            "n_buckets" => h.negative_buckets = list(value).ok_or_else(invalid)?,
            "offset" => offset = int()?,
            "n_offset" => n_offset = int()?,
            "counter_reset_hint" => {
                hint_given = true;
                h.counter_reset_hint = match value {
                    "unknown" => CounterResetHint::Unknown,
                    "reset" => CounterResetHint::Reset,
                    "not_reset" => CounterResetHint::NotReset,
                    "gauge" => CounterResetHint::Gauge,
                    _ => return Err(invalid()),
                };
            }
            _ => return Err(invalid()),
        }
    }
    h.positive_spans = spans(offset, &h.positive_buckets);
    h.negative_spans = spans(n_offset, &h.negative_buckets);
    Ok((h, hint_given))
}

fn spans(offset: i32, buckets: &[f64]) -> Vec<Span> {
    if buckets.is_empty() {
        return Vec::new();
    }
    vec![Span { offset, length: buckets.len() as u32 }]
}

fn list(value: &str) -> Option<Vec<f64>> {
    let inside = value.strip_prefix('[')?.strip_suffix(']')?;
    inside.split_whitespace().map(number).collect()
}

/// `key:value` pairs; spaces inside of `[…]` do not end one.
fn fields(text: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let (mut start, mut inside) = (0, false);
    for (i, c) in text.char_indices() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if c.is_whitespace() && !inside => {
                fields.push(&text[start..i]);
                start = i + c.len_utf8();
            }
            _ => {}
        }
    }
    fields.push(&text[start..]);
    fields.retain(|field| !field.is_empty());
    fields
}
