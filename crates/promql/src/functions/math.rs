//! Functions of single values: arithmetic, trigonometry, rounding, clamping, and the scalars.

use std::f64::consts::{LN_2, PI};

use super::{arg, logarithms};
use crate::error::QueryError;
use crate::eval::{Evaluator, Rows};
use crate::grid::{ABSENT, Grid, is_absent};
use crate::plan::CallNode;

/// The function of one float called `name`.
pub(super) fn float_function(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "abs" => f64::abs,
        "ceil" => f64::ceil,
        "floor" => f64::floor,
        "exp" => f64::exp,
        "sqrt" => f64::sqrt,
        "ln" => logarithms::ln,
        "log2" => logarithms::log2,
        "log10" => logarithms::log10,
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "asin" => f64::asin,
        "acos" => f64::acos,
        "atan" => f64::atan,
        "sinh" => f64::sinh,
        "cosh" => f64::cosh,
        "tanh" => f64::tanh,
        "asinh" => |v| if is_huge(v) { huge_area(v).copysign(v) } else { v.asinh() },
        "acosh" => |v| if is_huge(v) && v > 0.0 { huge_area(v) } else { v.acosh() },
        "atanh" => f64::atanh,
        // One factor: the product of the two would overflow before the result does.
        "rad" => |v| v * (PI / 180.0),
        "deg" => |v| v * (180.0 / PI),
        "sgn" => |v| if v == 0.0 || v.is_nan() { v } else { v.signum() },
        _ => return None,
    })
}

/// Whether the square of a number is so large that one more changes nothing.
fn is_huge(v: f64) -> bool {
    v.abs() >= 2_f64.powi(28)
}

/// The inverse hyperbolic sine and cosine of a huge number, whose square may be infinite.
fn huge_area(v: f64) -> f64 {
    logarithms::ln(v.abs()) + LN_2
}

/// Applies a function to every float; histograms are left out and names dropped.
pub(super) fn map_floats<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
    f: fn(f64) -> f64,
) -> Result<Rows<'a>, QueryError> {
    let rows = evaluator.rows(arg(call, 0)?, grid)?;
    map_cells(evaluator, rows, |v, _| f(v))
}

/// As [`map_floats`], with a function that knows the step.
pub(super) fn map_cells<'a>(
    evaluator: &Evaluator<'a>,
    rows: Rows<'a>,
    f: impl Fn(f64, usize) -> f64 + Sync + Send,
) -> Result<Rows<'a>, QueryError> {
    let mut rows = rows.into_vec();
    evaluator.each_row(&mut rows, |row| {
        row.drop_histograms();
        for (step, v) in row.values.iter_mut().enumerate() {
            if !is_absent(*v) {
                *v = f(*v, step);
            }
        }
    });
    rows.retain(|row| !row.is_empty());
    evaluator.hold(evaluator.drop_names(rows)?)
}

/// `round` and the `clamp` family.
pub(super) fn limit_floats<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    let rows = evaluator.rows(arg(call, 0)?, grid)?;
    let mut scalars = Vec::new();
    for index in 1..call.args.len() {
        scalars.push(evaluator.scalar(arg(call, index)?, grid)?);
    }
    let scalar =
        |index: usize, step: usize| scalars.get(index).and_then(|values| values.get(step)).copied();
    match call.function.name {
        "round" => map_cells(evaluator, rows, |v, step| {
            // The inverse loses less than dividing and multiplying by small steps.
            let inverse = 1.0 / scalar(0, step).unwrap_or(1.0);
            (v * inverse + 0.5).floor() / inverse
        }),
        "clamp_min" => map_cells(evaluator, rows, |v, step| {
            clamp(v, scalar(0, step).unwrap_or(f64::NAN), f64::INFINITY)
        }),
        "clamp_max" => map_cells(evaluator, rows, |v, step| {
            clamp(v, f64::NEG_INFINITY, scalar(0, step).unwrap_or(f64::NAN))
        }),
        _ => map_cells(evaluator, rows, |v, step| {
            let (min, max) = (scalar(0, step), scalar(1, step));
            clamp(v, min.unwrap_or(f64::NAN), max.unwrap_or(f64::NAN))
        }),
    }
}

/// An empty interval gives nothing. NaN in any argument gives NaN, unless an infinity decides.
fn clamp(v: f64, min: f64, max: f64) -> f64 {
    if max < min {
        return ABSENT;
    }
    greater(smaller(v, max), min)
}

/// Go's `math.Max`: infinity wins over NaN, NaN over the rest.
pub(crate) fn greater(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.max(b)
    }
}

/// Go's `math.Min`: as [`greater`], the other way round.
pub(crate) fn smaller(a: f64, b: f64) -> f64 {
    -greater(-a, -b)
}

/// The functions that yield a scalar.
pub(super) fn scalar_call(
    evaluator: &Evaluator<'_>,
    call: &CallNode,
    grid: &Grid,
) -> Result<Vec<f64>, QueryError> {
    match call.function.name {
        "time" => Ok((0..grid.steps).map(|step| grid.t_ms(step) as f64 / 1000.0).collect()),
        "pi" => Ok(vec![PI; grid.steps]),
        "scalar" => only_float(evaluator, call, grid),
        name => {
            let (left, right) =
                (evaluator.scalar(arg(call, 0)?, grid)?, evaluator.scalar(arg(call, 1)?, grid)?);
            let pairs = left.into_iter().zip(right);
            if name == "max_of" {
                Ok(pairs.map(|(a, b)| greater(a, b)).collect())
            } else {
                Ok(pairs.map(|(a, b)| smaller(a, b)).collect())
            }
        }
    }
}

/// The one float of a vector, NaN when there are none or several.
fn only_float(
    evaluator: &Evaluator<'_>,
    call: &CallNode,
    grid: &Grid,
) -> Result<Vec<f64>, QueryError> {
    let rows = evaluator.rows(arg(call, 0)?, grid)?;
    let mut values = vec![f64::NAN; grid.steps];
    let mut found = vec![0_u8; grid.steps];
    for row in rows.iter() {
        for (step, v) in row.values.iter().enumerate().filter(|(_, v)| !is_absent(**v)) {
            found[step] = found[step].saturating_add(1);
            values[step] = if found[step] == 1 { *v } else { f64::NAN };
        }
    }
    Ok(values)
}
