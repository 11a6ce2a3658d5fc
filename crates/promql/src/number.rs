//! Floats as Go prints them: annotations and label values must read like the reference's.

/// Go's `%g`: shortest digits, with an exponent below 1e-4 and from 1e6 on.
pub(crate) fn general(v: f64) -> String {
    if let Some(word) = special(v) {
        return word.to_owned();
    }
    let scientific = format!("{v:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        return with_exponent(mantissa, exponent);
    }
    format!("{v}")
}

/// Go's `%v`: as `%g`, but with an exponent only from 1e21 on.
pub(crate) fn value(v: f64) -> String {
    if v.is_finite() && v.abs() < 1e21 && v.abs() >= 1e-4 { plain(v) } else { general(v) }
}

/// Go's `strconv.FormatFloat(v, 'f', -1, 64)`: shortest digits, never an exponent.
pub(crate) fn plain(v: f64) -> String {
    special(v).map_or_else(|| format!("{v}"), str::to_owned)
}

/// Go's `%.2g`.
pub(crate) fn two_digits(v: f64) -> String {
    if let Some(word) = special(v) {
        return word.to_owned();
    }
    let scientific = format!("{v:.1e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = mantissa.strip_suffix(".0").unwrap_or(mantissa);
    if (-4..2).contains(&exponent) {
        return scientific.parse::<f64>().map_or_else(|_| scientific.clone(), |v| format!("{v}"));
    }
    with_exponent(mantissa, exponent)
}

/// As OpenMetrics writes a quantile: always with a point or an exponent.
pub(crate) fn open_metrics(v: f64) -> String {
    let text = general(v);
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'-') { format!("{text}.0") } else { text }
}

fn special(v: f64) -> Option<&'static str> {
    match v {
        v if v.is_nan() => Some("NaN"),
        f64::INFINITY => Some("+Inf"),
        f64::NEG_INFINITY => Some("-Inf"),
        _ => None,
    }
}

fn with_exponent(mantissa: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::{general, open_metrics, plain, two_digits};

    #[test]
    fn prints_as_go_does() {
        let check = |v: f64, want: &str| assert_eq!(general(v), want);
        check(0.0, "0");
        check(1.1, "1.1");
        check(-0.5, "-0.5");
        check(100_000.0, "100000");
        check(1_000_000.0, "1e+06");
        check(1_234_567.0, "1.234567e+06");
        check(0.000_01, "1e-05");
        check(0.000_1, "0.0001");
        check(f64::INFINITY, "+Inf");
        check(f64::NAN, "NaN");
        assert_eq!(plain(1e21), "1000000000000000000000");
        assert_eq!(two_digits(1234.0), "1.2e+03");
        assert_eq!(two_digits(10.0), "10");
        assert_eq!(two_digits(0.25), "0.25");
        assert_eq!(open_metrics(1.0), "1.0");
        assert_eq!(open_metrics(0.5), "0.5");
    }
}
