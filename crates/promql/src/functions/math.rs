//! Functions of single values: arithmetic, trigonometry, rounding, clamping, and the scalars.

use std::f64::consts::{LOG2_E, LOG10_E, PI};

use super::arg;
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
        "ln" => f64::ln,
        "log2" => log2,
        "log10" => log10,
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "asin" => f64::asin,
        "acos" => f64::acos,
        "atan" => f64::atan,
        "sinh" => f64::sinh,
        "cosh" => f64::cosh,
        "tanh" => f64::tanh,
        "asinh" => f64::asinh,
        "acosh" => f64::acosh,
        "atanh" => f64::atanh,
        // One factor: the product of the two would overflow before the result does.
        "rad" => |v| v * (PI / 180.0),
        "deg" => |v| v * (180.0 / PI),
        "sgn" => |v| if v == 0.0 || v.is_nan() { v } else { v.signum() },
        _ => return None,
    })
}

/// The logarithm to base 2 with the last digit of the reference, which is exact for powers of two.
/// Source: Go's `math.Log2`.
fn log2(v: f64) -> f64 {
    if v <= 0.0 || !v.is_finite() {
        return v.log2();
    }
    let (fraction, exponent) = split(v);
    if fraction == 0.5 { exponent - 1.0 } else { fraction.ln() * LOG2_E + exponent }
}

/// As [`log2`]. Source: Go's `math.Log10`.
fn log10(v: f64) -> f64 {
    v.ln() * LOG10_E
}

/// A positive number as a fraction in `[0.5, 1)` and an exponent of two.
fn split(v: f64) -> (f64, f64) {
    const EXPONENT_BITS: u64 = 0x7ff << 52;
    const HALF: u64 = 1022 << 52;
    let (v, scaled) = if v.is_normal() { (v, 0) } else { (v * 2_f64.powi(52), 52) };
    let exponent = ((v.to_bits() & EXPONENT_BITS) >> 52) as i32 - 1022 - scaled;
    (f64::from_bits(v.to_bits() & !EXPONENT_BITS | HALF), f64::from(exponent))
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

#[cfg(test)]
mod tests {
    use super::{log2, log10};

    #[test]
    fn logarithms_are_those_of_the_reference() {
        let check = |v: f64, of_2: f64, of_10: f64| {
            let got = (log2(v), log10(v));
            assert!(got == (of_2, of_10) || v.is_nan() || v < 0.0, "{v}: {got:?}");
            assert_eq!(
                (got.0.is_nan(), got.1.is_nan()),
                (v.is_nan() || v < 0.0, v.is_nan() || v < 0.0)
            );
        };
        check(1000.0, 9.965_784_284_662_087, 3.0);
        check(100.0, 6.643_856_189_774_724, 2.0);
        check(1e-5, -16.609_640_474_436_812, -5.0);
        check(3.0, 1.584_962_500_721_156_3, 0.477_121_254_719_662_4);
        check(7.0, 2.807_354_922_057_604, 0.845_098_040_014_256_8);
        check(8.0, 3.0, 0.903_089_986_991_943_5);
        check(f64::MAX, 1024.0, 308.254_715_559_916_75);
        check(f64::from_bits(1), -1074.0, -323.306_215_343_115_75);
        check(1e-310, -1_029.797_709_415_082_4, -310.0);
        check(0.0, f64::NEG_INFINITY, f64::NEG_INFINITY);
        check(f64::INFINITY, f64::INFINITY, f64::INFINITY);
        check(-1.0, f64::NAN, f64::NAN);
        check(f64::NAN, f64::NAN, f64::NAN);
    }
}
