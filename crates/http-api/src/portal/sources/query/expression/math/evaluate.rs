//! Computes an expression over the answers that it names. Values of two sides meet when their
//! labels are equal, when one side has none, or when one side has the other's and more.

use std::collections::HashMap;

use model::Labels;

use super::super::super::frame::Notice;
use super::super::value::{Series, Value, Values};
use super::{Binary, Expr, Function, Unary};

/// Pairs of values that one operation may look at.
const PAIRS_MAX: usize = 4_000_000;

/// Points that one operation may make.
const POINTS_MAX: usize = 5_000_000;

/// `variable` gives the answer that a name stands for.
pub(in crate::portal::sources::query::expression) fn evaluate<'a>(
    expr: &Expr,
    variable: &impl Fn(&str) -> Option<&'a Values>,
) -> Result<Values, String> {
    match expr {
        Expr::Scalar(v) => Ok(Values::of(vec![Value::Scalar(*v)])),
        Expr::Variable(name) => {
            variable(name).cloned().ok_or_else(|| format!("there is no query {name:?}"))
        }
        Expr::Unary(op, inner) => Ok(evaluate(inner, variable)?.map(|v| v.map(|v| unary(*op, v)))),
        Expr::Call(function, inner) => Ok(evaluate(inner, variable)?.map(|v| call(*function, v))),
        Expr::Binary(op, left, right) => {
            binary(*op, &evaluate(left, variable)?, &evaluate(right, variable)?)
        }
    }
}

fn unary(op: Unary, v: f64) -> f64 {
    match op {
        _ if v.is_nan() => v,
        Unary::Not => truth(v == 0.0),
        Unary::Minus => -v,
    }
}

fn call(function: Function, v: Option<f64>) -> Option<f64> {
    let of = |of: fn(f64) -> f64| v.map(of);
    match function {
        Function::Abs => of(f64::abs),
        Function::Log => of(f64::ln),
        Function::Round => of(f64::round),
        Function::Ceil => of(f64::ceil),
        Function::Floor => of(f64::floor),
        Function::IsNan => of(|v| truth(v.is_nan())),
        Function::IsInf => of(|v| truth(v.is_infinite())),
        Function::IsNull => Some(truth(v.is_none())),
        Function::IsNumber => Some(truth(v.is_some_and(f64::is_finite))),
    }
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn operate(op: Binary, a: f64, b: f64) -> f64 {
    match op {
        // One side decides, whatever the other is.
        Binary::Or if a != 0.0 && !a.is_nan() => 1.0,
        Binary::And if a == 0.0 => 0.0,
        _ if a.is_nan() || b.is_nan() => f64::NAN,
        Binary::Or => truth(a != 0.0 || b != 0.0),
        Binary::And => truth(a != 0.0 && b != 0.0),
        Binary::Equal => truth(a == b),
        Binary::NotEqual => truth(a != b),
        Binary::Less => truth(a < b),
        Binary::LessOrEqual => truth(a <= b),
        Binary::Greater => truth(a > b),
        Binary::GreaterOrEqual => truth(a >= b),
        Binary::Plus => a + b,
        Binary::Minus => a - b,
        Binary::Times => a * b,
        Binary::Divide => a / b,
        Binary::Remainder => a % b,
        Binary::Power => a.powf(b),
    }
}

fn binary(op: Binary, left: &Values, right: &Values) -> Result<Values, String> {
    let (a, b) = (&left.values, &right.values);
    if a.is_empty() || b.is_empty() {
        return Ok(Values::default());
    }
    if a.len().saturating_mul(b.len()) > PAIRS_MAX {
        return Err(format!(
            "{} values against {} values are more than an expression may compare",
            a.len(),
            b.len()
        ));
    }
    if (a.len() == 1 || b.len() == 1) && (a[0] == Value::NoData || b[0] == Value::NoData) {
        return Ok(Values::of(vec![Value::NoData]));
    }
    let mut out = Vec::new();
    let mut met = (vec![false; a.len()], vec![false; b.len()]);
    let mut points = 0;
    for (i, one) in a.iter().enumerate() {
        for (j, other) in b.iter().enumerate() {
            if let Some(labels) = common(labels_of(one), labels_of(other)) {
                let made = pair(op, one, other, &labels);
                points += made.points();
                if points > POINTS_MAX {
                    return Err(format!("the result has more than {POINTS_MAX} points"));
                }
                out.push(made);
                (met.0[i], met.1[j]) = (true, true);
            }
        }
    }
    if out.is_empty() && a.len() == 1 && b.len() == 1 {
        // Two answers that have nothing in common are taken for each other's.
        return Ok(Values::of(vec![pair(op, &a[0], &b[0], &Labels::empty())]));
    }
    let lost = met.0.iter().chain(&met.1).filter(|met| !**met).count();
    let mut notices = [left.notices.clone(), right.notices.clone()].concat();
    if lost > 0 {
        let text = format!("{lost} items dropped from union(s): nothing has their labels");
        notices.push(Notice { severity: "warning", text });
    }
    Ok(Values { values: out, notices })
}

fn labels_of(value: &Value) -> Option<&Labels> {
    match value {
        Value::Series(series) => Some(&series.labels),
        Value::Number(labels, _) => Some(labels),
        Value::Scalar(_) | Value::NoData => None,
    }
}

/// The labels of two values' result; `None` when they do not meet.
fn common(a: Option<&Labels>, b: Option<&Labels>) -> Option<Labels> {
    let empty = Labels::empty();
    let (a, b) = (a.unwrap_or(&empty), b.unwrap_or(&empty));
    let holds = |all: &Labels, some: &Labels| some.iter().all(|(n, v)| all.get(n) == Some(v));
    if a == b || b.is_empty() {
        Some(a.clone())
    } else if a.is_empty() {
        Some(b.clone())
    } else if a.len() > b.len() && holds(a, b) {
        Some(a.clone())
    } else if b.len() > a.len() && holds(b, a) {
        Some(b.clone())
    } else {
        None
    }
}

fn pair(op: Binary, a: &Value, b: &Value, labels: &Labels) -> Value {
    let both = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| operate(op, a, b));
    let each = |series: &Series, of: &dyn Fn(Option<f64>) -> Option<f64>| {
        Value::Series(Series {
            labels: labels.clone(),
            t_ms: series.t_ms.clone(),
            v: series.v.iter().map(|v| of(*v)).collect(),
        })
    };
    match (a, b) {
        (Value::NoData, _) | (_, Value::NoData) => Value::NoData,
        (Value::Scalar(a), Value::Scalar(b)) => Value::Scalar(both(*a, *b)),
        (Value::Series(a), Value::Series(b)) => at_equal_times(a, b, labels, both),
        (Value::Series(a), Value::Number(_, b) | Value::Scalar(b)) => each(a, &|a| both(a, *b)),
        (Value::Number(_, a) | Value::Scalar(a), Value::Series(b)) => each(b, &|b| both(*a, b)),
        (Value::Number(_, a) | Value::Scalar(a), Value::Number(_, b) | Value::Scalar(b)) => {
            Value::Number(labels.clone(), both(*a, *b))
        }
    }
}

/// Points that only one of the series has are left out.
fn at_equal_times(
    a: &Series,
    b: &Series,
    labels: &Labels,
    of: impl Fn(Option<f64>, Option<f64>) -> Option<f64>,
) -> Value {
    let mut out = Series { labels: labels.clone(), ..Series::default() };
    let by_time: HashMap<i64, Option<f64>> =
        b.t_ms.iter().copied().zip(b.v.iter().copied()).collect();
    for (t_ms, v) in a.t_ms.iter().zip(&a.v) {
        if let Some(other) = by_time.get(t_ms) {
            out.t_ms.push(*t_ms);
            out.v.push(of(*v, *other));
        }
    }
    Value::Series(out)
}

#[cfg(test)]
mod tests {
    use model::Labels;

    use super::super::parse;
    use super::{Series, Value, Values, evaluate};

    fn labels(text: &str) -> Labels {
        Labels::from_pairs(text.split(',').filter_map(|pair| pair.split_once('=')))
    }

    fn number(of: &str, v: f64) -> Value {
        Value::Number(labels(of), Some(v))
    }

    fn series(of: &str, points: &[(i64, Option<f64>)]) -> Value {
        let (t_ms, v) = points.iter().copied().unzip();
        Value::Series(Series { labels: labels(of), t_ms, v })
    }

    fn computed(text: &str, a: &[Value], b: &[Value]) -> Values {
        let (a, b) = (Values::of(a.to_vec()), Values::of(b.to_vec()));
        let variable = |name: &str| match name {
            "A" => Some(&a),
            "B" => Some(&b),
            _ => None,
        };
        evaluate(&parse(text).unwrap(), &variable).unwrap()
    }

    #[test]
    fn scalars_are_computed() {
        for (text, want) in [
            ("1 + 2 * 3", 7.0),
            ("2 ** 3 - 1", 7.0),
            ("7 % 4", 3.0),
            ("-2 ** 2", 4.0),
            ("1 / 0", f64::INFINITY),
            ("1 < 2 && 2 < 3", 1.0),
            ("0 && nan()", 0.0),
            ("1 || nan()", 1.0),
            ("!5", 0.0),
            ("abs(-2)", 2.0),
            ("round(2.5) + ceil(1.1) + floor(1.9)", 6.0),
            ("is_nan(nan()) + is_inf(infn()) + is_null(null()) + is_number(3)", 4.0),
            ("is_number(nan()) + is_number(inf()) + is_number(null())", 0.0),
            ("log(1)", 0.0),
        ] {
            assert_eq!(computed(text, &[], &[]).values, [Value::Scalar(Some(want))], "{text}");
        }
        assert_eq!(computed("null() + 1", &[], &[]).values, [Value::Scalar(None)]);
        let nan = computed("nan() == nan()", &[], &[]).values;
        assert!(matches!(nan[0], Value::Scalar(Some(v)) if v.is_nan()));
    }

    #[test]
    fn labels_decide_what_meets() {
        let a = [number("h=1", 1.0), number("h=2", 2.0), number("h=3", 3.0)];
        let b = [number("h=1,x=y", 10.0), number("h=2", 20.0), number("g=1", 30.0)];
        let sum = computed("$A + $B", &a, &b);
        assert_eq!(sum.values, [number("h=1,x=y", 11.0), number("h=2", 22.0)]);
        assert!(sum.notices[0].text.starts_with("2 items dropped"));
        let scaled = computed("$A * 2", &a[..1], &b);
        assert_eq!(scaled.values, [number("h=1", 2.0)]);
        let apart = computed("$A - $B", &a[..1], &b[2..]);
        assert_eq!(apart.values, [number("", -29.0)]);
    }

    #[test]
    fn series_meet_at_equal_times() {
        let a = [series("h=1", &[(1, Some(1.0)), (2, None), (3, Some(3.0))])];
        let b = [series("h=1", &[(1, Some(10.0)), (2, Some(20.0)), (4, Some(40.0))])];
        let sum = computed("$A + $B", &a, &b);
        assert_eq!(sum.values, [series("h=1", &[(1, Some(11.0)), (2, None)])]);
        let over = computed("$A > 1", &a, &b);
        assert_eq!(over.values, [series("h=1", &[(1, Some(0.0)), (2, None), (3, Some(1.0))])]);
        let less = computed("100 - $A", &a, &b);
        assert_eq!(less.values, [series("h=1", &[(1, Some(99.0)), (2, None), (3, Some(97.0))])]);
        let by_number = computed("$A / $B", &a, &[number("h=1", 2.0)]);
        assert_eq!(by_number.values, [series("h=1", &[(1, Some(0.5)), (2, None), (3, Some(1.5))])]);
        let nulls = computed("is_null($A)", &a, &b);
        assert_eq!(
            nulls.values,
            [series("h=1", &[(1, Some(0.0)), (2, Some(1.0)), (3, Some(0.0))])]
        );
    }

    #[test]
    fn no_data_stays_no_data_and_too_much_is_refused() {
        let a = [number("h=1", 1.0)];
        assert_eq!(computed("$A + $B", &a, &[Value::NoData]).values, [Value::NoData]);
        assert_eq!(computed("-$A", &[Value::NoData], &[]).values, [Value::NoData]);
        let many: Vec<Value> = (0..2001).map(|i| number(&format!("h={i}"), 1.0)).collect();
        let many = Values::of(many);
        let error = evaluate(&parse("$A + $A").unwrap(), &|_| Some(&many)).unwrap_err();
        assert!(error.contains("more than an expression may compare"), "{error}");
        let error = evaluate(&parse("$C").unwrap(), &|_| None).unwrap_err();
        assert_eq!(error, "there is no query \"C\"");
    }
}
