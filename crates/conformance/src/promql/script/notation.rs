//! Series notation: a metric and its points, `metric{a="b"} 1 2+3x4 _ stale {{count:1}}`.

use std::sync::{Arc, LazyLock};

use model::{FloatHistogram, Labels};
use regex::Regex;

use super::{histogram, metric};

/// One position of a series.
#[derive(Clone, Debug)]
pub(super) enum Point {
    Omitted,
    Float(f64),
    Histogram {
        h: Arc<FloatHistogram>,
        /// The hint was written, so it is compared.
        hint_given: bool,
    },
}

pub(super) fn series(line: &str) -> Result<(Labels, Vec<Point>), String> {
    let (labels, rest) = metric::parse(line)?;
    Ok((labels, points(rest)?))
}

static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    let number = r"(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|(?i:inf|nan))";
    Regex::new(&format!(
        r"^(?P<first>[+-]?{number}|stale)(?:(?P<step>[+-]{number})?x(?P<times>\d+))?$"
    ))
    .expect("the pattern compiles")
});

pub(super) fn points(text: &str) -> Result<Vec<Point>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = item_end(rest);
        let (item, tail) = rest.split_at(end);
        if item.starts_with("{{") {
            histogram::points(item, &mut out)?;
        } else {
            floats(item, &mut out)?;
        }
        rest = tail.trim_start();
    }
    Ok(out)
}

/// Items end at white space outside of `{{…}}`.
fn item_end(text: &str) -> usize {
    let mut depth = 0_usize;
    for (i, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if c.is_whitespace() && depth == 0 => return i,
            _ => {}
        }
    }
    text.len()
}

fn floats(item: &str, out: &mut Vec<Point>) -> Result<(), String> {
    let invalid = || format!("invalid series value {item:?}");
    if item == "_" {
        out.push(Point::Omitted);
        return Ok(());
    }
    if let Some(times) = item.strip_prefix("_x") {
        let times: usize = times.parse().map_err(|_| invalid())?;
        out.extend(std::iter::repeat_n(Point::Omitted, times));
        return Ok(());
    }
    let parts = ITEM.captures(item).ok_or_else(invalid)?;
    let mut v = if &parts["first"] == "stale" {
        model::stale_nan()
    } else {
        number(&parts["first"]).ok_or_else(invalid)?
    };
    let step = match parts.name("step") {
        Some(step) => Some(number(step.as_str()).ok_or_else(invalid)?),
        None => None,
    };
    let times = match parts.name("times") {
        Some(times) => times.as_str().parse::<usize>().map_err(|_| invalid())?,
        None => 0,
    };
    for _ in 0..=times {
        out.push(Point::Float(v));
        if let Some(step) = step {
            v += step;
        }
    }
    Ok(())
}

/// A number as Go reads it, hexadecimal integers included.
pub(super) fn number(text: &str) -> Option<f64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok().map(|n| sign * n as f64);
    }
    if digits.starts_with(['+', '-']) {
        return None;
    }
    digits.parse::<f64>().ok().map(|v| sign * v)
}

/// A quoted string of PromQL, unquoted.
pub(super) fn unquote(text: &str) -> Option<String> {
    let expr = promql_syntax::parse(text, &promql_syntax::ParseOptions::default()).ok()?;
    match expr {
        promql_syntax::Expr::String(string) => Some(string.value.to_string_lossy().into_owned()),
        _ => None,
    }
}
