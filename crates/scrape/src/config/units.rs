//! Durations and sizes as Prometheus writes them.

use std::time::Duration;

/// Units in the only order they may appear in, with their length in milliseconds.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// `1h30m`, `15s`, `0`: whole numbers with units from years to milliseconds, longest first, each
/// at most once. The error is the reference's text.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    match text {
        "" => return Err("empty duration string".into()),
        "0" => return Ok(Duration::ZERO),
        _ => {}
    }
    let invalid = || format!("not a valid duration string: {text:?}");
    let mut total: u64 = 0;
    let mut rest = text;
    let mut next_unit = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let unit_len = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_len);
        let position = UNITS.iter().position(|(name, _)| *name == unit).ok_or_else(invalid)?;
        if position < next_unit || number.is_empty() {
            return Err(invalid());
        }
        next_unit = position + 1;
        let overflow = || "duration out of range".to_owned();
        let number: u64 = number.parse().map_err(|_| overflow())?;
        let part = number.checked_mul(UNITS[position].1).ok_or_else(overflow)?;
        total = total.checked_add(part).ok_or_else(overflow)?;
        if total > i64::MAX as u64 / 1_000_000 {
            return Err(overflow());
        }
        rest = tail;
    }
    Ok(Duration::from_millis(total))
}

/// The shortest such text: `90s` is `1m30s`; years and weeks only when nothing remains.
pub fn format_duration(duration: Duration) -> String {
    let mut ms = duration.as_millis() as u64;
    if ms == 0 {
        return "0s".into();
    }
    let mut out = String::new();
    for (name, length) in UNITS {
        let exact_only = matches!(name, "y" | "w");
        let count = ms / length;
        if count > 0 && (!exact_only || ms.is_multiple_of(length)) {
            out.push_str(&count.to_string());
            out.push_str(name);
            ms -= count * length;
        }
    }
    out
}

/// `10MB`, `512KiB`, `1GB500MB`: all units are powers of 1024; a bare `0` needs none. The error
/// is the reference's text.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    if text == "0" || text.is_empty() {
        return Ok(0);
    }
    let mut total: f64 = 0.0;
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| format!("units: invalid {text}"))?;
        let unit_len = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_len);
        total += number
            * unit_bytes(unit).ok_or_else(|| format!("units: unknown unit {unit} in {text}"))?;
        rest = tail;
    }
    if text.starts_with('-') && total > 0.0 {
        return Err(format!("units: negative size {text}"));
    }
    Ok(total as u64)
}

fn unit_bytes(unit: &str) -> Option<f64> {
    let power = match unit {
        "B" => 0,
        "K" | "KB" | "KiB" => 1,
        "M" | "MB" | "MiB" => 2,
        "G" | "GB" | "GiB" => 3,
        "T" | "TB" | "TiB" => 4,
        "P" | "PB" | "PiB" => 5,
        "E" | "EB" | "EiB" => 6,
        _ => return None,
    };
    Some(1024f64.powi(power))
}

#[cfg(test)]
mod tests {
    use super::{format_duration, parse_bytes, parse_duration};
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn durations_are_strict_about_order_and_units() {
        let check = |text: &str, want: Option<u64>| {
            assert_eq!(parse_duration(text).ok().map(|d| d.as_millis() as u64), want, "{text}");
        };
        check("0", Some(0));
        check("1h30m5s4ms", Some(5_405_004));
        check("1w", Some(604_800_000));
        check("1y", Some(31_536_000_000));
        for bad in ["", "1", "-1h", "1.5h", "5m1h", "1h1h", "1x", "h", " 1h", "99999999999999y"] {
            check(bad, None);
        }
        assert_eq!(parse_duration("-1h"), Err("not a valid duration string: \"-1h\"".into()));
    }

    #[test]
    fn sizes_need_a_unit() {
        assert_eq!(parse_bytes("10MB"), Ok(10 << 20));
        assert_eq!(parse_bytes("1GiB512B"), Ok((1 << 30) + 512));
        assert_eq!(parse_bytes("1.5K"), Ok(1536));
        assert_eq!(parse_bytes("100"), Err("units: unknown unit  in 100".into()));
        assert!(parse_bytes("MB").is_err());
    }

    proptest! {
        #[test]
        fn printed_durations_read_back(ms in 0u64..10_000_000_000) {
            let duration = Duration::from_millis(ms);
            prop_assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }
    }
}
