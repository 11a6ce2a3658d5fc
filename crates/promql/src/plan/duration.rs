//! Values of duration expressions: arithmetic over seconds that may ask for the query's step and
//! range.

use promql_syntax::ast::{DurationArg, DurationExpr, DurationKind};
use promql_syntax::ops::{DurationOp, UnaryOp};

use super::build::QueryTimes;
use crate::error::QueryError;
use crate::functions::{greater, smaller};

/// Milliseconds of a range or step: must be positive when computed.
pub(super) fn positive_ms(arg: &DurationArg, times: &QueryTimes) -> Result<i64, QueryError> {
    resolve(arg, times, false)
}

/// Milliseconds of an offset: any sign.
pub(super) fn signed_ms(arg: &DurationArg, times: &QueryTimes) -> Result<i64, QueryError> {
    resolve(arg, times, true)
}

fn resolve(arg: &DurationArg, times: &QueryTimes, negative: bool) -> Result<i64, QueryError> {
    let expr = match arg {
        DurationArg::Fixed(nanos) => return Ok(nanos / 1_000_000),
        DurationArg::Computed(expr) => expr,
    };
    let seconds = evaluate(expr, times)?;
    if !seconds.is_finite() {
        return Err(at(expr, "duration is NaN or infinite"));
    }
    if seconds <= 0.0 && !negative {
        return Err(at(expr, "duration must be greater than 0"));
    }
    // The same bound as for written durations: nanoseconds in 64 bits.
    if seconds.abs() > i64::MAX as f64 / 1e9 {
        return Err(at(expr, "duration is out of range"));
    }
    Ok((seconds * 1000.0) as i64)
}

fn at(expr: &DurationExpr, text: &str) -> QueryError {
    // The reference finds these before it evaluates anything: bad_data.
    QueryError::Parse(format!("{}:{}: {text}", expr.span.start, expr.span.end))
}

fn evaluate(expr: &DurationExpr, times: &QueryTimes) -> Result<f64, QueryError> {
    Ok(match &expr.kind {
        DurationKind::Number(number) => number.value,
        DurationKind::Step => times.step_ms as f64 / 1000.0,
        DurationKind::Range => times.range_ms() as f64 / 1000.0,
        DurationKind::Unary(UnaryOp::Plus, inner) => evaluate(inner, times)?,
        DurationKind::Unary(UnaryOp::Minus, inner) => -evaluate(inner, times)?,
        DurationKind::Binary(op, lhs, rhs) => {
            let (left, right) = (evaluate(lhs, times)?, evaluate(rhs, times)?);
            match op {
                DurationOp::Add => left + right,
                DurationOp::Sub => left - right,
                DurationOp::Mul => left * right,
                DurationOp::Div if right == 0.0 => return Err(at(expr, "division by zero")),
                DurationOp::Mod if right == 0.0 => return Err(at(expr, "modulo by zero")),
                DurationOp::Div => left / right,
                DurationOp::Mod => left % right,
                DurationOp::Pow => left.powf(right),
                DurationOp::MaxOf => greater(left, right),
                DurationOp::MinOf => smaller(left, right),
            }
        }
    })
}
