//! Numbers in frames: JSON where JSON has a form, words for the rest.

/// Appends a value: `1`, `0.5`, `1e300`, `"NaN"`, `"+Inf"`, `"-Inf"`, and `null` for none.
pub(in crate::portal) fn push_value(out: &mut Vec<u8>, value: Option<f64>) {
    match value {
        None => out.extend_from_slice(b"null"),
        Some(v) if v.is_nan() => out.extend_from_slice(b"\"NaN\""),
        Some(f64::INFINITY) => out.extend_from_slice(b"\"+Inf\""),
        Some(f64::NEG_INFINITY) => out.extend_from_slice(b"\"-Inf\""),
        // Whole numbers are most of what dashboards show; they need no ".0".
        Some(v) if v.fract() == 0.0 && v.abs() < 1e15 => push_int(out, v as i64),
        Some(v) => {
            // Writing a finite float to a vector cannot fail.
            serde_json::to_writer(&mut *out, &v).expect("finite floats are JSON");
        }
    }
}

pub(super) fn push_int(out: &mut Vec<u8>, value: i64) {
    use std::io::Write as _;
    // Writing to a vector cannot fail.
    write!(out, "{value}").expect("vectors grow");
}

#[cfg(test)]
mod tests {
    use super::push_value;

    #[test]
    fn values_are_json_or_words() {
        let check = |value, want: &str| {
            let mut out = Vec::new();
            push_value(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), want);
        };
        check(None, "null");
        check(Some(0.0), "0");
        check(Some(-3.0), "-3");
        check(Some(0.1), "0.1");
        check(Some(1e300), "1e+300");
        check(Some(1e15), "1000000000000000.0");
        check(Some(f64::NAN), "\"NaN\"");
        check(Some(f64::INFINITY), "\"+Inf\"");
        check(Some(f64::NEG_INFINITY), "\"-Inf\"");
    }
}
