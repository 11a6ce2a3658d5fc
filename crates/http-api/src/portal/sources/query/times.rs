//! The ends of a request's time range: Unix milliseconds, RFC 3339, or words such as `now-1h` and
//! `now/d`. Days and longer are those of UTC, weeks begin on Sunday, as on Grafana's server.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _, Zoned};
use serde_json::Value;

/// Which end of a range a time is; rounding goes outwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    From,
    To,
}

/// Milliseconds beyond which no data can lie: the years 0 to 9999 and some.
const FURTHEST_MS: i64 = 300_000_000_000_000;

/// Unix milliseconds of what a client wrote; the error says what it was.
pub(crate) fn parse(value: &Value, end: End, now_ms: i64) -> Result<i64, String> {
    let wrong = || format!("{value} is no time: use Unix milliseconds, now-1h or RFC 3339");
    let ms = match value {
        Value::Number(number) => {
            number.as_i64().or_else(|| number.as_f64().map(|ms| ms as i64)).ok_or_else(wrong)?
        }
        Value::String(text) => parse_text(text.trim(), end, now_ms).ok_or_else(wrong)?,
        _ => return Err(wrong()),
    };
    if ms.unsigned_abs() > FURTHEST_MS.unsigned_abs() { Err(wrong()) } else { Ok(ms) }
}

fn parse_text(text: &str, end: End, now_ms: i64) -> Option<i64> {
    if let Some(words) = text.strip_prefix("now") {
        return relative(words, end, now_ms);
    }
    if let Ok(ms) = text.parse::<i64>() {
        return Some(ms);
    }
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// What follows `now`: any number of `+1h`, `-2d` and `/w`.
fn relative(words: &str, end: End, now_ms: i64) -> Option<i64> {
    let mut time = Timestamp::from_millisecond(now_ms).ok()?.to_zoned(TimeZone::UTC);
    let mut rest = words.trim();
    while let Some(sign) = rest.chars().next() {
        rest = rest[sign.len_utf8()..].trim_start();
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let unit = tail.chars().next()?;
        rest = tail[unit.len_utf8()..].trim_start();
        let count: i64 = if number.is_empty() { 1 } else { number.parse().ok()? };
        time = match sign {
            '+' => time.checked_add(span(count, unit)?).ok()?,
            '-' => time.checked_sub(span(count, unit)?).ok()?,
            '/' if number.is_empty() => rounded(&time, unit, end)?,
            _ => return None,
        };
    }
    Some(time.timestamp().as_millisecond())
}

fn span(count: i64, unit: char) -> Option<Span> {
    let span = Span::new();
    match unit {
        's' => span.try_seconds(count),
        'm' => span.try_minutes(count),
        'h' => span.try_hours(count),
        'd' => span.try_days(count),
        'w' => span.try_weeks(count),
        'M' => span.try_months(count),
        'Q' => span.try_months(count.checked_mul(3)?),
        'y' => span.try_years(count),
        _ => return None,
    }
    .ok()
}

/// The start of the unit that a time is in; for the end of a range, its last millisecond.
fn rounded(time: &Zoned, unit: char, end: End) -> Option<Zoned> {
    let at = time.datetime();
    let date = at.date();
    let midnight = |date: jiff::civil::Date| date.to_datetime(Time::midnight());
    let clock = |hour, minute, second| Some(date.at(hour, minute, second, 0));
    let start: DateTime = match unit {
        's' => clock(at.hour(), at.minute(), at.second())?,
        'm' => clock(at.hour(), at.minute(), 0)?,
        'h' => clock(at.hour(), 0, 0)?,
        'd' => midnight(date),
        'w' => {
            let days = date.weekday().to_sunday_zero_offset();
            midnight(date.checked_sub(i64::from(days).days()).ok()?)
        }
        'M' => midnight(date.first_of_month()),
        'Q' => {
            let into = (date.month() - 1) % 3;
            midnight(date.first_of_month().checked_sub(i64::from(into).months()).ok()?)
        }
        'y' => midnight(date.first_of_year()),
        _ => return None,
    };
    let start = start.to_zoned(TimeZone::UTC).ok()?;
    match end {
        End::From => Some(start),
        End::To => {
            let next = start.checked_add(span(1, unit)?).ok()?;
            next.checked_sub(1.millisecond()).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{End, parse};

    /// Wednesday.
    const NOW: &str = "2024-05-15T13:14:15.678Z";

    #[test]
    fn times_are_read_in_every_form() {
        let now_ms = NOW.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let check = |value: Value, end: End, want: &str| {
            let got = parse(&value, end, now_ms).unwrap();
            let got = jiff::Timestamp::from_millisecond(got).unwrap().to_string();
            assert_eq!(got, want, "{value}");
        };
        let from = |text: &str, want: &str| check(json!(text), End::From, want);
        let to = |text: &str, want: &str| check(json!(text), End::To, want);
        check(json!(1_700_000_000_000_i64), End::From, "2023-11-14T22:13:20Z");
        check(json!(1.7e12), End::From, "2023-11-14T22:13:20Z");
        from("1700000000000", "2023-11-14T22:13:20Z");
        from("2023-11-14T22:13:20Z", "2023-11-14T22:13:20Z");
        from("now", "2024-05-15T13:14:15.678Z");
        from("now-1h", "2024-05-15T12:14:15.678Z");
        from("now - 1h", "2024-05-15T12:14:15.678Z");
        from("now+5m", "2024-05-15T13:19:15.678Z");
        from("now-7d", "2024-05-08T13:14:15.678Z");
        from("now-1M", "2024-04-15T13:14:15.678Z");
        from("now-1y", "2023-05-15T13:14:15.678Z");
        from("now-1Q", "2024-02-15T13:14:15.678Z");
        from("now/d", "2024-05-15T00:00:00Z");
        to("now/d", "2024-05-15T23:59:59.999Z");
        from("now-1d/d", "2024-05-14T00:00:00Z");
        to("now-1d/d", "2024-05-14T23:59:59.999Z");
        from("now/d-1h", "2024-05-14T23:00:00Z");
        from("now/w", "2024-05-12T00:00:00Z");
        to("now/w", "2024-05-18T23:59:59.999Z");
        from("now/M", "2024-05-01T00:00:00Z");
        to("now/M", "2024-05-31T23:59:59.999Z");
        from("now/Q", "2024-04-01T00:00:00Z");
        from("now/y", "2024-01-01T00:00:00Z");
        from("now/h", "2024-05-15T13:00:00Z");
        from("now/m", "2024-05-15T13:14:00Z");
        to("now/s", "2024-05-15T13:14:15.999Z");
    }

    #[test]
    fn what_is_no_time_is_named() {
        for value in [
            json!("yesterday"),
            json!("now-"),
            json!("now-1x"),
            json!("now/2d"),
            json!("nowish"),
            json!("now*2d"),
            json!("now-99999999999y"),
            json!("now-99999999999999999999s"),
            json!(""),
            json!(null),
            json!({}),
            json!(1e300),
            json!(i64::MIN),
        ] {
            let error = parse(&value, End::From, 0).unwrap_err();
            assert!(error.contains("is no time"), "{value}: {error}");
        }
    }
}
