//! The step of a range query sent by Grafana's clients: the rules of Grafana's server, which
//! differ from those of our own panels (`ui::query::step`) in how they round.

use promql_syntax::parse_duration;

const DAY: i64 = 86_400_000;

/// Points of a series that Prometheus allows.
const SAFE_POINTS: i64 = 11_000;

/// `(up to, rounded)`, milliseconds: what a computed step is rounded to.
/// Source: Grafana's documentation of `$__interval`, and its server's answers.
const ROUND: [(i64, i64); 28] = [
    (10, 1),
    (15, 10),
    (35, 20),
    (75, 50),
    (150, 100),
    (350, 200),
    (750, 500),
    (1500, 1000),
    (3500, 2000),
    (7500, 5000),
    (12_500, 10_000),
    (17_500, 15_000),
    (25_000, 20_000),
    (45_000, 30_000),
    (90_000, 60_000),
    (210_000, 120_000),
    (450_000, 300_000),
    (750_000, 600_000),
    (1_050_000, 900_000),
    (1_500_000, 1_200_000),
    (2_700_000, 1_800_000),
    (5_400_000, 3_600_000),
    (9_000_000, 7_200_000),
    (16_200_000, 10_800_000),
    (32_400_000, 21_600_000),
    (DAY, 43_200_000),
    (7 * DAY, DAY),
    (21 * DAY, 7 * DAY),
];

/// What a step is made of. Milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepRequest<'a> {
    pub(crate) range_ms: i64,
    pub(crate) max_data_points: i64,
    /// The query's own least step, a duration or a variable.
    pub(crate) interval: &'a str,
    /// 0 = not sent.
    pub(crate) interval_ms: i64,
    pub(crate) interval_factor: i64,
    /// `timeInterval` of the source.
    pub(crate) scrape_interval_ms: i64,
}

/// The step, milliseconds, ≥ 1.
pub(crate) fn step_ms(request: &StepRequest<'_>) -> i64 {
    let own = match request.interval.trim() {
        "" | "0s" => None,
        text if text.starts_with('$') => None,
        text => duration_ms(text),
    };
    let asked = (request.interval_ms > 0).then_some(request.interval_ms);
    let least = own.or(asked).unwrap_or(request.scrape_interval_ms).max(1);
    let points = if request.max_data_points > 0 { request.max_data_points } else { 1500 };
    let computed = request.range_ms / points;
    let wanted = if computed < least { least } else { rounded(computed) };
    let safe = rounded(request.range_ms / SAFE_POINTS);
    let step = wanted.max(safe);
    if matches!(request.interval, "$__rate_interval" | "${__rate_interval}") {
        let scrape = request.scrape_interval_ms;
        return step.saturating_add(scrape).max(scrape.saturating_mul(4)).max(1);
    }
    step.saturating_mul(request.interval_factor.max(1)).max(1)
}

fn rounded(ms: i64) -> i64 {
    let found = ROUND.iter().find(|(up_to, _)| ms <= *up_to);
    match found {
        Some((_, rounded)) => *rounded,
        None if ms < 42 * DAY => 30 * DAY,
        None => 365 * DAY,
    }
}

/// A duration as queries and sources have it: `15s`, also with Grafana's leading `>`.
pub(crate) fn duration_ms(text: &str) -> Option<i64> {
    let text = text.trim().trim_start_matches(['>', '<']).trim();
    let ms = parse_duration(text).ok()? / 1_000_000;
    (ms > 0).then_some(ms)
}

/// A time rounded down to a multiple of the step, in the zone `offset_s` east of Greenwich.
pub(crate) fn aligned(t_ms: i64, step_ms: i64, offset_s: i64) -> i64 {
    let offset_ms = offset_s.clamp(-DAY / 1000, DAY / 1000) * 1000;
    let shifted = t_ms.saturating_add(offset_ms).div_euclid(step_ms).saturating_mul(step_ms);
    shifted.saturating_sub(offset_ms)
}

/// A duration as Go prints it, which is how Grafana says the step: `15s`, `1m30s`, `1h0m0s`.
pub(crate) fn in_words(ms: i64) -> String {
    let (hours, minutes, rest_ms) = (ms / 3_600_000, ms / 60_000 % 60, ms % 60_000);
    let seconds = || {
        let text = format!("{}.{:03}", rest_ms / 1000, rest_ms % 1000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match (hours, minutes) {
        (0, 0) if ms == 0 => "0s".to_owned(),
        (0, 0) if ms < 1000 => format!("{ms}ms"),
        (0, 0) => format!("{}s", seconds()),
        (0, _) => format!("{minutes}m{}s", seconds()),
        _ => format!("{hours}h{minutes}m{}s", seconds()),
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY, StepRequest, aligned, in_words, step_ms};

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;

    #[test]
    fn steps_are_grafanas() {
        let check = |range_ms, max_data_points, interval, interval_ms, want| {
            let request = StepRequest {
                range_ms,
                max_data_points,
                interval,
                interval_ms,
                interval_factor: 0,
                scrape_interval_ms: 15_000,
            };
            assert_eq!(step_ms(&request), want, "{request:?}");
        };
        check(HOUR, 300, "", 15_000, 15_000);
        check(6 * HOUR, 300, "", 15_000, MINUTE);
        check(DAY, 300, "", 15_000, 5 * MINUTE);
        check(7 * DAY, 300, "", 15_000, 30 * MINUTE);
        check(HOUR, 0, "", 0, 15_000);
        check(HOUR, 100, "", 1000, 30_000);
        check(HOUR, 1000, "2m", 1000, 2 * MINUTE);
        check(HOUR, 1000, ">2m", 1000, 2 * MINUTE);
        check(HOUR, 1000, "0s", 7000, 7000);
        check(HOUR, 1000, "nonsense", 7000, 7000);
        check(HOUR, 1000, "$__interval", 7000, 7000);
        check(HOUR, 1000, "$__rate_interval", 7000, MINUTE);
        check(30 * DAY, 1_000_000, "", 1, 5 * MINUTE);
        check(0, 100, "", 1, 1);
        check(i64::MAX, 1, "", 1, 365 * DAY);
    }

    #[test]
    fn grids_lie_on_the_step() {
        assert_eq!(aligned(1_007, 1000, 0), 1000);
        assert_eq!(aligned(-1, 1000, 0), -1000);
        assert_eq!(aligned(DAY + 1, DAY, 3600), DAY - HOUR);
        // Nothing overflows, whatever a client says its offset is.
        assert_eq!(aligned(0, 1000, i64::MAX), 0);
    }

    #[test]
    fn steps_are_said_as_go_says_them() {
        for (ms, want) in [
            (0, "0s"),
            (500, "500ms"),
            (1500, "1.5s"),
            (15_000, "15s"),
            (MINUTE, "1m0s"),
            (90_000, "1m30s"),
            (HOUR, "1h0m0s"),
            (DAY, "24h0m0s"),
        ] {
            assert_eq!(in_words(ms), want);
        }
    }
}
