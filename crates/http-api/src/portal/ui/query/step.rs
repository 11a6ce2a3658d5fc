//! The step of a range query: round, never finer than asked for, aligned to the epoch.

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Steps that read well on an axis, milliseconds.
const ROUND: [i64; 37] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    20 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    10 * DAY,
    20 * DAY,
    50 * DAY,
    100 * DAY,
    200 * DAY,
    500 * DAY,
];

/// What a step is chosen from. Milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepRequest {
    pub(super) range_ms: i64,
    pub(super) max_data_points: u32,
    /// `Some` = the query or the panel asks for at least this, however fine.
    pub(super) asked_min_ms: Option<i64>,
    /// How often the data has samples: the least step when none is asked for.
    pub(super) scrape_interval_ms: i64,
    pub(super) points_max: u32,
}

/// The step, milliseconds, ≥ 1.
pub(super) fn step_ms(request: &StepRequest) -> i64 {
    let points = i64::from(request.max_data_points.clamp(1, request.points_max));
    let ideal = div_ceil(request.range_ms.max(0), points);
    let least = match request.asked_min_ms {
        Some(asked) if asked > 0 => asked,
        _ => request.scrape_interval_ms.max(SECOND),
    };
    let step = round_up(ideal.max(1)).max(least);
    // One more point than steps, and both ends may be rounded outwards.
    let steps_max = (i64::from(request.points_max) - 2).max(1);
    if request.range_ms / step > steps_max {
        return round_up(div_ceil(request.range_ms, steps_max));
    }
    step
}

fn round_up(ms: i64) -> i64 {
    let round = ROUND.iter().copied().find(|step| *step >= ms);
    round.unwrap_or_else(|| div_ceil(ms, 500 * DAY).saturating_mul(500 * DAY))
}

fn div_ceil(value: i64, by: i64) -> i64 {
    value / by + i64::from(value % by > 0)
}

/// First and last time of the grid: multiples of the step at or before the ends of the range.
pub(super) fn aligned(from_ms: i64, to_ms: i64, step_ms: i64) -> (i64, i64) {
    let down = |t_ms: i64| t_ms.div_euclid(step_ms).saturating_mul(step_ms);
    (down(from_ms), down(to_ms))
}

#[cfg(test)]
mod tests {
    use super::{DAY, HOUR, MINUTE, SECOND, StepRequest, aligned, step_ms};

    #[test]
    fn steps_are_round_and_wide_enough() {
        let check = |range_ms, max_data_points, asked_min_ms, want| {
            let (scrape_interval_ms, points_max) = (15 * SECOND, 11_000);
            let request = StepRequest {
                range_ms,
                max_data_points,
                asked_min_ms,
                scrape_interval_ms,
                points_max,
            };
            assert_eq!(step_ms(&request), want, "{request:?}");
        };
        check(HOUR, 800, None, 15 * SECOND);
        check(6 * HOUR, 800, None, 30 * SECOND);
        check(24 * HOUR, 800, None, 2 * MINUTE);
        check(7 * DAY, 800, None, 15 * MINUTE);
        check(HOUR, 800, Some(SECOND), 5 * SECOND);
        check(5 * MINUTE, 1000, Some(100), 500);
        check(HOUR, 800, Some(7 * SECOND), 7 * SECOND);
        check(HOUR, 800, Some(90 * SECOND), 90 * SECOND);
        check(0, 0, None, 15 * SECOND);
        check(30 * DAY, 100_000, Some(1), 5 * MINUTE);
        check(i64::MAX, 1, None, i64::MAX);
    }

    #[test]
    fn the_grid_lies_on_multiples_of_the_step() {
        assert_eq!(aligned(1_007, 3_003, 1000), (1000, 3000));
        assert_eq!(aligned(-1, 999, 1000), (-1000, 0));
    }
}
