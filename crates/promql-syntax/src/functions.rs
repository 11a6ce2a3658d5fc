//! The functions of PromQL: names, argument types, result types. Meaning lives in the engine.
//!
//! Source: Prometheus v3.16, `promql/parser/functions.go`.

use crate::ast::ValueType;
use ValueType::{Matrix, Scalar, String as Str, Vector};

/// The signature of a function.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: &'static str,
    /// Types by position; the last one repeats for further arguments.
    pub args: &'static [ValueType],
    pub args_min: usize,
    /// None: no upper bound.
    pub args_max: Option<usize>,
    pub returns: ValueType,
    /// Needs `ParseOptions::experimental_functions`.
    pub experimental: bool,
}

impl Function {
    /// The function called `name`; names are case-sensitive.
    pub fn named(name: &str) -> Option<&'static Self> {
        let index = FUNCTIONS.binary_search_by_key(&name, |function| function.name).ok()?;
        Some(&FUNCTIONS[index])
    }

    /// The type argument number `index` (from 0) must have; None beyond the last one allowed.
    pub fn arg_type(&self, index: usize) -> Option<ValueType> {
        if self.args_max.is_some_and(|max| index >= max) {
            return None;
        }
        self.args.get(index).or(self.args.last()).copied()
    }

    const fn experimental(mut self) -> Self {
        self.experimental = true;
        self
    }
}

/// Exactly these arguments.
const fn exact(name: &'static str, args: &'static [ValueType], returns: ValueType) -> Function {
    let count = args.len();
    Function { name, args, args_min: count, args_max: Some(count), returns, experimental: false }
}

/// The last of `args` may be left out, or stand up to `repeats` times.
const fn repeating(
    name: &'static str,
    args: &'static [ValueType],
    repeats: Option<usize>,
) -> Function {
    let args_min = args.len() - 1;
    let args_max = match repeats {
        Some(repeats) => Some(args_min + repeats),
        None => None,
    };
    Function { name, args, args_min, args_max, returns: Vector, experimental: false }
}

/// Instant vector to instant vector.
const fn map(name: &'static str) -> Function {
    exact(name, &[Vector], Vector)
}

/// Range vector to instant vector.
const fn over_time(name: &'static str) -> Function {
    exact(name, &[Matrix], Vector)
}

/// A part of the calendar, of `vector(time())` when called without argument.
const fn calendar(name: &'static str) -> Function {
    repeating(name, &[Vector], Some(1))
}

/// A scalar that needs no argument.
const fn constant(name: &'static str) -> Function {
    exact(name, &[], Scalar)
}

/// All functions, sorted by name.
pub const FUNCTIONS: &[Function] = &[
    map("abs"),
    map("absent"),
    over_time("absent_over_time"),
    map("acos"),
    map("acosh"),
    map("asin"),
    map("asinh"),
    map("atan"),
    map("atanh"),
    over_time("avg_over_time"),
    map("ceil"),
    over_time("changes"),
    exact("clamp", &[Vector, Scalar, Scalar], Vector),
    exact("clamp_max", &[Vector, Scalar], Vector),
    exact("clamp_min", &[Vector, Scalar], Vector),
    map("cos"),
    map("cosh"),
    over_time("count_over_time"),
    calendar("day_of_month"),
    calendar("day_of_week"),
    calendar("day_of_year"),
    calendar("days_in_month"),
    map("deg"),
    over_time("delta"),
    over_time("deriv"),
    exact("double_exponential_smoothing", &[Matrix, Scalar, Scalar], Vector).experimental(),
    constant("end").experimental(),
    map("exp"),
    over_time("first_over_time"),
    map("floor"),
    map("histogram_avg"),
    map("histogram_count"),
    exact("histogram_fraction", &[Scalar, Scalar, Vector], Vector),
    exact("histogram_quantile", &[Scalar, Vector], Vector),
    repeating("histogram_quantiles", &[Vector, Str, Scalar, Scalar], Some(9)).experimental(),
    map("histogram_stddev"),
    map("histogram_stdvar"),
    map("histogram_sum"),
    calendar("hour"),
    over_time("idelta"),
    over_time("increase"),
    repeating("info", &[Vector, Vector], Some(1)).experimental(),
    repeating("integral", &[Matrix, Scalar], Some(1)).experimental(),
    over_time("irate"),
    repeating("label_join", &[Vector, Str, Str, Str], None),
    exact("label_replace", &[Vector, Str, Str, Str, Str], Vector),
    over_time("last_over_time"),
    map("ln"),
    map("log10"),
    map("log2"),
    over_time("mad_over_time").experimental(),
    exact("max_of", &[Scalar, Scalar], Scalar).experimental(),
    over_time("max_over_time"),
    exact("min_of", &[Scalar, Scalar], Scalar).experimental(),
    over_time("min_over_time"),
    calendar("minute"),
    calendar("month"),
    constant("pi"),
    exact("predict_linear", &[Matrix, Scalar], Vector),
    over_time("present_over_time"),
    exact("quantile_over_time", &[Scalar, Matrix], Vector),
    map("rad"),
    constant("range").experimental(),
    over_time("rate"),
    over_time("resets"),
    repeating("round", &[Vector, Scalar], Some(1)),
    exact("scalar", &[Vector], Scalar),
    map("sgn"),
    map("sin"),
    map("sinh"),
    map("sort"),
    repeating("sort_by_label", &[Vector, Str], None).experimental(),
    repeating("sort_by_label_desc", &[Vector, Str], None).experimental(),
    map("sort_desc"),
    map("sqrt"),
    constant("start").experimental(),
    map("start_timestamp").experimental(),
    over_time("stddev_over_time"),
    over_time("stdvar_over_time"),
    constant("step").experimental(),
    over_time("sum_over_time"),
    map("tan"),
    map("tanh"),
    constant("time"),
    map("timestamp"),
    over_time("ts_of_first_over_time").experimental(),
    over_time("ts_of_last_over_time").experimental(),
    over_time("ts_of_max_over_time").experimental(),
    over_time("ts_of_min_over_time").experimental(),
    exact("vector", &[Scalar], Vector),
    calendar("year"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_found_by_name() {
        assert!(FUNCTIONS.is_sorted_by_key(|function| function.name));
        for function in FUNCTIONS {
            assert_eq!(Function::named(function.name), Some(function));
        }
        assert_eq!(Function::named("Rate"), None);
    }

    #[test]
    fn the_last_argument_repeats_up_to_the_bound() {
        let check = |name: &str, index: usize, want: Option<ValueType>| {
            let function = Function::named(name).expect("a known function");
            assert_eq!(function.arg_type(index), want, "{name} argument {index}");
        };
        check("label_join", 0, Some(Vector));
        check("label_join", 40, Some(Str));
        check("round", 1, Some(Scalar));
        check("round", 2, None);
        check("integral", 1, Some(Scalar));
        check("integral", 2, None);
        check("histogram_quantiles", 11, Some(Scalar));
        check("histogram_quantiles", 12, None);
        check("time", 0, None);
    }
}
