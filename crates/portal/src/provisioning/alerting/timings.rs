//! Mute timings: when no notifications are sent. The form is Alertmanager's `time_intervals`.

use serde::Serialize;

use super::super::tree::Entry;
use super::super::yaml::YamlError;

const WEEKDAYS: [&str; 7] =
    ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MuteTiming {
    pub org_id: i64,
    pub name: String,
    pub intervals: Vec<TimeInterval>,
}

/// All that is named must hold; of each list one entry. Ranges are closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimeInterval {
    /// Minutes of the day, the end not included.
    pub times: Vec<(u16, u16)>,
    /// 0 = Sunday.
    pub weekdays: Vec<(i32, i32)>,
    /// From the start of the month, negative from its end.
    pub days_of_month: Vec<(i32, i32)>,
    /// 1 = January.
    pub months: Vec<(i32, i32)>,
    pub years: Vec<(i32, i32)>,
    /// IANA zone; empty = UTC.
    pub location: String,
}

impl TimeInterval {
    /// The English name of a weekday, 0 = Sunday; any other number as it stands.
    #[must_use]
    pub fn weekday(day: i32) -> String {
        let name = usize::try_from(day).ok().and_then(|day| WEEKDAYS.get(day));
        name.map_or_else(|| day.to_string(), |name| (*name).to_owned())
    }
}

pub(super) fn mute_timing(entry: Entry<'_>) -> Result<MuteTiming, YamlError> {
    let name = entry.required("name", "mute timing has no name")?;
    let intervals = entry.entries("time_intervals")?.into_iter().map(interval);
    Ok(MuteTiming {
        org_id: entry.org_id()?,
        intervals: intervals.collect::<Result<_, _>>()?,
        name,
    })
}

fn interval(entry: Entry<'_>) -> Result<TimeInterval, YamlError> {
    let ranges = |list: &str,
                  read: &dyn Fn(&str) -> Option<i32>|
     -> Result<Vec<(i32, i32)>, YamlError> {
        let nodes = entry.list(list)?;
        let texts = entry.texts(list)?;
        let range = |(text, node): (&String, &super::super::tree::Node)| {
            range(text, read).ok_or_else(|| node.refuse(format!("{text:?} is no range of {list}")))
        };
        texts.iter().zip(nodes).map(range).collect()
    };
    let location = entry.text("location")?;
    if location.contains(|c: char| !(c.is_ascii_alphanumeric() || "/_+-".contains(c))) {
        return Err(entry.refuse(format!("unknown location {location:?}")));
    }
    Ok(TimeInterval {
        times: entry.entries("times")?.into_iter().map(times).collect::<Result<_, _>>()?,
        weekdays: ranges("weekdays", &|word| at(&WEEKDAYS, word))?,
        days_of_month: ranges("days_of_month", &|word| {
            word.parse().ok().filter(|day: &i32| *day != 0 && day.abs() <= 31)
        })?,
        months: ranges("months", &|word| {
            let number = word.parse().ok().filter(|month| (1..=12).contains(month));
            number.or_else(|| at(&MONTHS, word).map(|index| index + 1))
        })?,
        years: ranges("years", &|word| word.parse().ok().filter(|year: &i32| *year >= 0))?,
        location,
    })
}

fn at(names: &[&str], word: &str) -> Option<i32> {
    let index = names.iter().position(|name| name.eq_ignore_ascii_case(word))?;
    i32::try_from(index).ok()
}

/// `a` or `a:b`, the end not before the start; a negative end counts from the month's end.
fn range(text: &str, read: &dyn Fn(&str) -> Option<i32>) -> Option<(i32, i32)> {
    let (start, end) = text.split_once(':').unwrap_or((text, text));
    let (start, end) = (read(start.trim())?, read(end.trim())?);
    let in_order = start <= end || (start > 0 && end < 0);
    (in_order && !(start < 0 && end > 0)).then_some((start, end))
}

fn times(entry: Entry<'_>) -> Result<(u16, u16), YamlError> {
    let minutes = |name: &str| {
        let text = entry.required(name, &format!("a time range has no {name}"))?;
        minutes(&text).ok_or_else(|| entry.refuse(format!("{name} is no time of day: {text:?}")))
    };
    let (start, end) = (minutes("start_time")?, minutes("end_time")?);
    if start >= end {
        return Err(entry.refuse("start_time is not before end_time"));
    }
    Ok((start, end))
}

/// `HH:MM`, up to `24:00`.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= 24 * 60).then_some(total)
}
