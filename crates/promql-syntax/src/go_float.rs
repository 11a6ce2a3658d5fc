//! Floats as Go prints them, because canonical queries and sample values are compared as text.

/// `%f` with the fewest digits that read back as the same number: never an exponent.
pub(crate) fn plain(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".into(),
        f64::NEG_INFINITY => "-Inf".into(),
        value if value.is_nan() => "NaN".into(),
        value => format!("{value}"),
    }
}

/// `%v`: as [`plain`], but with an exponent of at least two digits from 1e6 up and below 1e-4.
pub(crate) fn general(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() || size == 0.0 || (1e-4..1e6).contains(&size) {
        return plain(value);
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}
