//! Parts of a date in UTC: `hour`, `day_of_week`, `days_in_month` and their like.

use super::{arg, math};
use crate::error::QueryError;
use crate::eval::{Evaluator, Rows};
use crate::grid::{Grid, Row};
use crate::plan::CallNode;

/// A time: whole days since the epoch, and seconds within the day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    days: i64,
    second: i64,
}

impl Moment {
    fn of(unix_s: i64) -> Self {
        // The reference counts from a year before all others in unsigned 64 bits. What is before
        // even that, as its value for "no number" is, comes out at the far end of time.
        const FIRST: i64 = -9_223_372_028_741_760_000;
        let wrapped = i128::from(unix_s) + if unix_s < FIRST { 1 << 64 } else { 0 };
        let day = i128::from(DAY_S);
        Self { days: wrapped.div_euclid(day) as i64, second: wrapped.rem_euclid(day) as i64 }
    }
}

/// From a time to the part of the date called `name`.
pub(super) fn part(name: &str) -> Option<fn(Moment) -> f64> {
    Some(match name {
        "minute" => |m| (m.second / 60 % 60) as f64,
        "hour" => |m| (m.second / 3600) as f64,
        // The epoch was a Thursday.
        "day_of_week" => |m| (m.days + 4).rem_euclid(7) as f64,
        "day_of_month" => |m| Date::of(m.days).day as f64,
        "day_of_year" => |m| Date::of(m.days).day_of_year() as f64,
        "days_in_month" => |m| Date::of(m.days).days_in_month() as f64,
        "month" => |m| Date::of(m.days).month as f64,
        "year" => |m| Date::of(m.days).year as f64,
        _ => return None,
    })
}

/// Of the argument's values, or of the evaluation time.
pub(super) fn call<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    part: fn(Moment) -> f64,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    if call.args.is_empty() {
        let values = (0..grid.steps).map(|step| part(Moment::of(grid.t_ms(step).div_euclid(1000))));
        return evaluator.hold(vec![Row::floats(model::Labels::empty(), values.collect())]);
    }
    let rows = evaluator.rows(arg(call, 0)?, grid)?;
    math::map_cells(evaluator, rows, |v, _| part(Moment::of(seconds(v))))
}

/// What is no time at all counts as the smallest integer, as on amd64 in the reference.
fn seconds(v: f64) -> i64 {
    if v.is_nan() || v.abs() >= 9.223_372_036_854_775e18 { i64::MIN } else { v as i64 }
}

const DAY_S: i64 = 86_400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    /// The proleptic Gregorian date. Counts in years that start on 1 March, so that the leap day
    /// is the last day of a year, and in eras of 400 years.
    fn of(unix_days: i64) -> Self {
        let days = unix_days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month, day: day_of_year - (153 * shifted_month + 2) / 5 + 1 }
    }

    fn is_leap(self) -> bool {
        self.year.rem_euclid(4) == 0
            && (self.year.rem_euclid(100) != 0 || self.year.rem_euclid(400) == 0)
    }

    fn days_in_month(self) -> i64 {
        match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if self.is_leap() => 29,
            2 => 28,
            _ => 31,
        }
    }

    fn day_of_year(self) -> i64 {
        let before = (1..self.month).map(|month| Self { month, ..self }.days_in_month());
        before.sum::<i64>() + self.day
    }
}

/// `2006-01-02T15:04:05Z`
pub(crate) fn rfc3339(unix_s: i64) -> String {
    let Date { year, month, day } = Date::of(unix_s.div_euclid(DAY_S));
    let second = unix_s.rem_euclid(DAY_S);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::{Moment, part, rfc3339};

    #[test]
    fn knows_the_calendar() {
        let check = |name: &str, unix_s: i64, want: f64| {
            assert_eq!(part(name).map(|f| f(Moment::of(unix_s))), Some(want), "{name} of {unix_s}");
        };
        check("year", 0, 1970.0);
        check("day_of_week", 0, 4.0);
        check("month", 951_782_400, 2.0);
        check("day_of_month", 951_782_400, 29.0);
        check("days_in_month", 951_782_400, 29.0);
        check("day_of_year", 978_220_800, 366.0);
        check("hour", -1, 23.0);
        check("year", -1, 1969.0);
        // What NaN and the infinities turn into.
        check("minute", i64::MIN, 30.0);
        assert_eq!(rfc3339(1_500_000_000), "2017-07-14T02:40:00Z");
    }
}
