//! A random walk: what Grafana's built-in source and its test data show when nothing else is asked.

use model::Labels;

use super::frame::{Column, Config, Field, Frame};
use super::outcome::{Failure, Outcome};
use super::wire::Query;

/// Points of a walk, whatever is asked for.
const POINTS_MAX: i64 = 10_000;

/// `scenario`: `queryType` of the built-in source, `scenarioId` of test data.
pub(super) fn walk(query: &Query, scenario: &str) -> Outcome {
    if !matches!(scenario, "" | "randomWalk" | "random_walk") {
        return Err(Failure::bad_query(format!(
            "{scenario:?} is not supported, only a random walk is"
        )));
    }
    let points = if query.max_data_points > 0 { query.max_data_points } else { 100 };
    let points = points.min(POINTS_MAX);
    let range_ms = query.to_ms - query.from_ms;
    let step_ms = query.interval_ms.max(range_ms / points).max(1);
    let mut state = seed(&query.ref_id, query.from_ms / step_ms);
    let mut value = next(&mut state) * 100.0;
    let (mut times, mut values) = (Vec::new(), Vec::new());
    let mut t_ms = query.from_ms;
    while t_ms < query.to_ms && (times.len() as i64) < points {
        times.push(t_ms);
        values.push(value);
        value += next(&mut state) - 0.5;
        t_ms += step_ms;
    }
    let name = format!("{}-series", query.ref_id);
    let mut time = Field::new("time", Column::Time(times));
    time.config = Config { interval: Some(step_ms), ..Config::default() };
    let value = Field::labelled(name, Labels::empty(), Column::Number(values));
    Ok(vec![Frame { fields: vec![time, value], ..Frame::default() }])
}

fn seed(ref_id: &str, step: i64) -> u64 {
    ref_id.bytes().fold(step.cast_unsigned() | 1, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// In 0..1. Source: splitmix64 (Steele, Lea, Flood 2014).
fn next(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}
