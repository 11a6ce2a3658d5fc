//! `double_exponential_smoothing`: a weighted average that follows level and trend.

use super::range_function::RangeCall;
use super::window::FloatWindows;
use crate::error::QueryError;
use crate::grid::ABSENT;

pub(super) fn fill(
    call: &RangeCall,
    windows: &FloatWindows<'_>,
    out: &mut [f64],
) -> Result<(), QueryError> {
    let mut failure = None;
    windows.fill(out, |window| {
        if let Err(error) = check_factors(call, window.step) {
            failure = Some(error);
            return ABSENT;
        }
        smooth(window.v, call.scalar(0, window.step), call.scalar(1, window.step))
    });
    failure.map_or(Ok(()), Err)
}

/// Both factors lie between 0 and 1.
pub(super) fn check_factors(call: &RangeCall, step: usize) -> Result<(), QueryError> {
    let (level, trend) = (call.scalar(0, step), call.scalar(1, step));
    let error = invalid("smoothing", level).or_else(|| invalid("trend", trend));
    error.map_or(Ok(()), Err)
}

fn invalid(what: &str, factor: f64) -> Option<QueryError> {
    (factor <= 0.0 || factor >= 1.0).then(|| {
        let symbol = if what == "smoothing" { "sf" } else { "tf" };
        QueryError::Execution(format!(
            "invalid {what} factor. Expected: 0 < {symbol} < 1, got: {factor:.6}"
        ))
    })
}

fn smooth(v: &[f64], level_factor: f64, trend_factor: f64) -> f64 {
    if v.len() < 2 {
        return ABSENT;
    }
    let (mut before, mut level, mut trend) = (0.0, v[0], v[1] - v[0]);
    for (i, v) in v.iter().enumerate().skip(1) {
        if i > 1 {
            trend = trend_factor * (level - before) + (1.0 - trend_factor) * trend;
        }
        let next = level_factor * v + (1.0 - level_factor) * (level + trend);
        (before, level) = (level, next);
    }
    level
}
