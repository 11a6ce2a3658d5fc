//! What the text of a number or duration is worth, and durations back to text.
//!
//! Source: the numbers are those of Go's `strconv.ParseInt(text, 0, 64)` or else `ParseFloat`, the
//! durations those of Prometheus' `model.ParseDuration`.

use std::fmt::Write as _;

/// The value of a number token: decimal, hexadecimal (`0x1f`), octal (`017`), with `_` between
/// digits, `Inf` or `NaN` in any case. Errors: the reason in words.
pub(crate) fn parse_number(text: &str) -> Result<f64, String> {
    let failed =
        |reason| format!("error parsing number: strconv.ParseFloat: parsing {text:?}: {reason}");
    if text.contains('_') && !underscores_separate_digits(text) {
        return Err(failed("invalid syntax"));
    }
    let digits = text.replace('_', "");
    if let Some(integer) = parse_integer(&digits) {
        return Ok(integer as f64);
    }
    let value: f64 = digits.parse().map_err(|_| failed("invalid syntax"))?;
    if value.is_infinite() && digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Err(failed("value out of range"));
    }
    Ok(value)
}

fn parse_integer(digits: &str) -> Option<i64> {
    let (rest, radix) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&digits[2..], 16),
        [b'0', _, ..] => (&digits[1..], 8),
        _ => (digits, 10),
    };
    if rest.starts_with(['+', '-']) {
        return None;
    }
    i64::from_str_radix(rest, radix).ok()
}

/// Each `_` stands between two digits, or behind `0x`.
fn underscores_separate_digits(text: &str) -> bool {
    let hex = text.starts_with("0x") || text.starts_with("0X");
    let is_digit = |byte: u8| byte.is_ascii_digit() || hex && byte.is_ascii_hexdigit();
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_').all(|(at, _)| {
        let before = at.checked_sub(1).is_some_and(|i| is_digit(bytes[i]) || hex && i == 1);
        before && bytes.get(at + 1).is_some_and(|next| is_digit(*next))
    })
}

const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MILLISECOND;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Units from the largest to the smallest, in nanoseconds; years are 365 days.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * DAY),
    ("w", 7 * DAY),
    ("d", DAY),
    ("h", HOUR),
    ("m", MINUTE),
    ("s", SECOND),
    ("ms", MILLISECOND),
];

/// The nanoseconds of a duration such as `1h30m`: whole numbers, each unit at most once, larger
/// units first; also `0`. Errors: the reason in words.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("not a valid duration string: {text:?}");
    let out_of_range = || "duration out of range".to_owned();
    match text {
        "0" => return Ok(0),
        "" => return Err("empty duration string".into()),
        _ => {}
    }
    let (mut rest, mut total, mut units) = (text, 0_u64, UNITS.iter());
    while !rest.is_empty() {
        let (number, behind) = split_digits(rest);
        let unit_end = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit_end);
        if number.is_empty() || unit.is_empty() {
            return Err(invalid());
        }
        if !UNITS.iter().any(|(name, _)| *name == unit) {
            return Err(format!("unknown unit {unit:?} in duration {text:?}"));
        }
        let Some((_, nanos)) = units.find(|(name, _)| *name == unit) else {
            return Err(invalid());
        };
        let count: u64 = number.parse().map_err(|_| invalid())?;
        let term = count.checked_mul(*nanos).ok_or_else(out_of_range)?;
        total = total.checked_add(term).ok_or_else(out_of_range)?;
        rest = behind;
    }
    i64::try_from(total).map_err(|_| out_of_range())
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// Seconds as the reference computes them: whole seconds and the fraction converted apart.
pub(crate) fn nanos_to_seconds(nanos: i64) -> f64 {
    let second = SECOND as i64;
    (nanos / second) as f64 + (nanos % second) as f64 / 1e9
}

/// Whether so many seconds have no 64-bit count of nanoseconds.
pub(crate) fn seconds_out_of_range(seconds: f64) -> bool {
    const MAX: f64 = 9_223_372_036_854_775_808.0 / 1e9;
    !(-MAX..=MAX).contains(&seconds) && !seconds.is_nan()
}

/// Seconds to the nearest nanosecond.
pub(crate) fn seconds_to_nanos(seconds: f64) -> i64 {
    (seconds * 1e9).round() as i64
}

/// A duration as the reference prints it: `1h30m`, cut to milliseconds, years and weeks only where
/// nothing remains; `0s` for nothing. Negative durations get a leading `-`.
pub fn format_duration(nanos: i64) -> String {
    let mut left = nanos.unsigned_abs() / MILLISECOND;
    if left == 0 {
        return "0s".into();
    }
    let mut out = String::from(if nanos < 0 { "-" } else { "" });
    for (unit, unit_nanos) in UNITS {
        let unit_ms = unit_nanos / MILLISECOND;
        let only_if_exact = matches!(unit, "y" | "w");
        if left < unit_ms || only_if_exact && !left.is_multiple_of(unit_ms) {
            continue;
        }
        write!(out, "{}{unit}", left / unit_ms).expect("writing to a string cannot fail");
        left %= unit_ms;
    }
    out
}
