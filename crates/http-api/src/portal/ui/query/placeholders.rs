//! `$__interval` and its kin: filled in by the server, which alone knows the step.

use std::borrow::Cow;

/// What the engine takes for a subquery without a resolution. Source: the default of Prometheus'
/// `evaluation_interval`.
const SUBQUERY_STEP_MS: i64 = 60_000;

/// What the placeholders stand for. Milliseconds.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to each name")]
pub(in crate::portal) struct Times {
    pub(in crate::portal) step_ms: i64,
    pub(in crate::portal) scrape_interval_ms: i64,
    pub(in crate::portal) range_ms: i64,
}

impl Times {
    /// Wide enough for four samples, so that `rate` always has two of them even when one is late.
    /// Source: Grafana's documentation of `$__rate_interval`.
    fn rate_interval_ms(&self) -> i64 {
        let scrape = self.scrape_interval_ms.max(1);
        self.step_ms.saturating_add(scrape).max(scrape.saturating_mul(4))
    }

    /// The resolution of a subquery that names none, as in `x[$__interval:]`: `None` where the
    /// engine's own, a minute, finds two points in it. In a shorter one that leaves nothing to
    /// `increase`, of which Grafana's own integrations make much use.
    fn subquery_step_ms(&self, name: &str) -> Option<i64> {
        let window_ms = match name {
            "__interval" => self.step_ms,
            "__rate_interval" => self.rate_interval_ms(),
            _ => return None,
        };
        (window_ms < 2 * SUBQUERY_STEP_MS).then(|| (window_ms / 4 / 1000 * 1000).max(1000))
    }

    fn value(&self, name: &str) -> Option<String> {
        let range_s = (self.range_ms / 1000).max(1);
        Some(match name {
            "__interval" => duration(self.step_ms),
            "__interval_ms" => self.step_ms.to_string(),
            "__rate_interval" => duration(self.rate_interval_ms()),
            "__rate_interval_ms" => self.rate_interval_ms().to_string(),
            "__range" => format!("{range_s}s"),
            "__range_s" => range_s.to_string(),
            "__range_ms" => self.range_ms.to_string(),
            _ => return None,
        })
    }
}

/// Replaces `$__name`, `${__name}`, `${__name:format}` and `[[__name]]`; other names stay.
pub(in crate::portal) fn fill_in<'a>(expr: &'a str, times: &Times) -> Cow<'a, str> {
    if !expr.contains("__") {
        return Cow::Borrowed(expr);
    }
    let mut out = String::with_capacity(expr.len() + 16);
    let mut rest = expr;
    while let Some(at) = rest.find(['$', '[']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let found = placeholder(from).and_then(|(name, length)| Some((times.value(name)?, length)));
        match found {
            Some((value, length)) => {
                out.push_str(&value);
                rest = &from[length..];
                let subquery = placeholder(from).and_then(|(name, _)| times.subquery_step_ms(name));
                if let (Some(step_ms), Some(end)) = (subquery, open_subquery(rest)) {
                    out.push(':');
                    out.push_str(&duration(step_ms));
                    rest = end;
                }
            }
            None => {
                out.push_str(&from[..1]);
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Of `:]`, the end of a subquery without a resolution, the bracket and what follows.
fn open_subquery(text: &str) -> Option<&str> {
    Some(text.strip_prefix(':')?.trim_start()).filter(|end| end.starts_with(']'))
}

/// The name of the placeholder that `text` starts with, and the length of the whole.
fn placeholder(text: &str) -> Option<(&str, usize)> {
    if let Some(inner) = text.strip_prefix("${") {
        let end = inner.find('}')?;
        let name = inner[..end].split(':').next()?;
        return Some((name, end + 3));
    }
    if let Some(inner) = text.strip_prefix("[[") {
        let end = inner.find("]]")?;
        return Some((&inner[..end], end + 4));
    }
    let inner = text.strip_prefix('$')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = inner.find(|c: char| !is_name(c)).unwrap_or(inner.len());
    Some((&inner[..end], end + 1))
}

/// A PromQL duration in as few units as say it exactly.
fn duration(ms: i64) -> String {
    if ms <= 0 {
        return "1ms".to_owned();
    }
    let mut out = String::new();
    let mut left = ms;
    for (unit, length) in
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
    {
        if left >= length {
            out.push_str(&(left / length).to_string());
            out.push_str(unit);
            left %= length;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Times, duration, fill_in};

    #[test]
    fn placeholders_are_filled_in_and_nothing_else() {
        let times = Times { step_ms: 30_000, scrape_interval_ms: 15_000, range_ms: 3_600_000 };
        let check = |expr: &str, want: &str| assert_eq!(fill_in(expr, &times), want);
        check("rate(x[$__rate_interval])", "rate(x[1m])");
        check("rate(x[${__interval}])", "rate(x[30s])");
        check("rate(x[[[__interval]]])", "rate(x[30s])");
        check("x[$__interval:$__interval]", "x[30s:30s]");
        check("$__interval_ms/$__range_s/$__range_ms", "30000/3600/3600000");
        check("increase(x[$__range])", "increase(x[3600s])");
        check("x{a=\"$host\",b=~\"${h:regex}\"}[5m]", "x{a=\"$host\",b=~\"${h:regex}\"}[5m]");
        check("$__unknown ${__interval", "$__unknown ${__interval");
        check("a__b[$", "a__b[$");
        check("ä__[$__interval]", "ä__[30s]");
    }

    #[test]
    fn a_short_subquery_has_points_enough() {
        let check = |step_ms, expr: &str, want: &str| {
            let times = Times { step_ms, scrape_interval_ms: 15_000, range_ms: 3_600_000 };
            assert_eq!(fill_in(expr, &times), want);
        };
        check(
            60_000,
            "increase(x[$__interval:] offset -$__interval)",
            "increase(x[1m:15s] offset -1m)",
        );
        check(15_000, "increase(x[${__interval}: ])", "increase(x[15s:3s])");
        check(1000, "increase(x[[[__interval]]:])", "increase(x[1s:1s])");
        check(30_000, "rate(x[$__rate_interval:])", "rate(x[1m:15s])");
        check(120_000, "increase(x[$__interval:])", "increase(x[2m:])");
        check(60_000, "increase(x[$__interval:30s])", "increase(x[1m:30s])");
        check(60_000, "increase(x[$__range:])", "increase(x[3600s:])");
    }

    #[test]
    fn the_rate_interval_holds_four_samples() {
        let check = |step_ms, scrape_interval_ms, want: &str| {
            let times = Times { step_ms, scrape_interval_ms, range_ms: 1 };
            assert_eq!(fill_in("$__rate_interval", &times), want);
        };
        check(1000, 15_000, "1m");
        check(60_000, 15_000, "1m15s");
        check(5_000, 5_000, "20s");
    }

    #[test]
    fn durations_are_exact() {
        for (ms, want) in [(500, "500ms"), (90_000, "1m30s"), (86_400_000, "1d"), (0, "1ms")] {
            assert_eq!(duration(ms), want);
        }
    }
}
