//! Numbers as Go's `strconv` reads and prints them, which is what the reference formats mean.

/// Parses a decimal float, `inf`, `infinity` or `nan` in any case; no hexadecimal, no underscores,
/// no sign before `nan`. Out of range is an error, underflow gives zero; every NaN becomes the
/// ordinary one.
pub fn parse_float(bytes: &[u8]) -> Option<f64> {
    if let Some(v) = parse_short_integer(bytes) {
        return Some(v);
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let v: f64 = text.parse().ok()?;
    let word = text.trim_start_matches(['+', '-']);
    if v.is_nan() {
        return (word.len() == text.len()).then_some(f64::NAN);
    }
    if v.is_infinite() && !word.starts_with(['i', 'I']) {
        return None;
    }
    Some(v)
}

/// Most values of an exposition are whole numbers below 10^15: exact without the general parser.
fn parse_short_integer(bytes: &[u8]) -> Option<f64> {
    if bytes.is_empty() || bytes.len() > 15 {
        return None;
    }
    let mut n: u64 = 0;
    for b in bytes {
        let digit = b.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        n = n * 10 + u64::from(digit);
    }
    Some(n as f64)
}

/// Like [`parse_float`], and hexadecimal floats with a binary exponent (`0x1.8p-3`): what the
/// reference reads in bounds of buckets, though not as values.
pub(super) fn parse_bound(text: &str) -> Option<f64> {
    parse_float(text.as_bytes()).or_else(|| parse_hexadecimal(text))
}

fn parse_hexadecimal(text: &str) -> Option<f64> {
    let magnitude = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = magnitude.strip_prefix("0x").or_else(|| magnitude.strip_prefix("0X"))?;
    let (digits, exponent) = digits.split_once(['p', 'P'])?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut exponent: i32 = exponent.parse().ok().filter(|e: &i32| e.abs() < 5000)?;
    if whole.len() + fraction.len() == 0 || fraction.len() > 1000 {
        return None;
    }
    let mut mantissa = 0.0;
    for digit in whole.chars().chain(fraction.chars()) {
        mantissa = mantissa * 16.0 + f64::from(digit.to_digit(16)?);
    }
    exponent -= 4 * fraction.len() as i32;
    // In two steps, so that a small result does not pass through zero.
    let v = mantissa * 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2);
    let signed = if text.starts_with('-') { -v } else { v };
    v.is_finite().then_some(signed)
}

/// The canonical spelling of `le` and `quantile` values: shortest digits, always with a point or
/// an exponent (`1` is `1.0`, a million is `1e+06`).
pub fn format_openmetrics_float(v: f64) -> String {
    if v.is_nan() {
        return "NaN".into();
    }
    if v.is_infinite() {
        return if v > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    let text = format_go_g(v);
    if text.contains(['e', '.']) { text } else { text + ".0" }
}

/// `strconv.FormatFloat(v, 'g', -1, 64)` for finite values: plain from 1e-4 up to
/// a million, scientific with a two-digit exponent outside.
fn format_go_g(v: f64) -> String {
    let scientific = format!("{v:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{v}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::{format_openmetrics_float, parse_float};

    #[test]
    fn reads_what_the_reference_reads() {
        let accepted = [("1", 1.0), ("+1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1E3", 1000.0)];
        for (text, want) in accepted {
            assert_eq!(parse_float(text.as_bytes()), Some(want), "{text}");
        }
        assert_eq!(parse_float(b"-iNf"), Some(f64::NEG_INFINITY));
        assert_eq!(parse_float(b"1e-999"), Some(0.0));
        assert!(parse_float(b"NaN").is_some_and(f64::is_nan));
        for text in ["", ".", "0x1", "1_0", "+nan", "-NaN", "1e999", "true", "1 ", "1e"] {
            assert_eq!(parse_float(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn prints_bucket_bounds_canonically() {
        let table = [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (0.25, "0.25"),
            (10.0, "10.0"),
            (1e-5, "1e-05"),
            (100_000.0, "100000.0"),
            (1e6, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (f64::INFINITY, "+Inf"),
        ];
        for (v, want) in table {
            assert_eq!(format_openmetrics_float(v), want);
        }
    }
}
