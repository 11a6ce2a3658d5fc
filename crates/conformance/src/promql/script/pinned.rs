//! Variants of an instant query that must give the same answer at other times: with every
//! selector's time pinned by `@`.

use promql_syntax::ast::At;
use promql_syntax::{Expr, ParseOptions};

/// Functions whose value depends on the evaluation time even so.
const TIME_DEPENDENT: [&str; 15] = [
    "days_in_month",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "end",
    "hour",
    "minute",
    "month",
    "year",
    "predict_linear",
    "range",
    "start",
    "step",
    "time",
    "timestamp",
];

/// The pinned query at several times; none when it depends on the time all the same.
pub(super) fn variants(query: &str, t_ms: i64) -> Vec<(String, i64)> {
    let Ok(mut expr) = promql_syntax::parse(query, &ParseOptions::all_features()) else {
        return Vec::new();
    };
    if !pin(&mut expr, t_ms) {
        return Vec::new();
    }
    let times = if t_ms == 0 {
        vec![-1000, 0, 1000]
    } else {
        vec![-10 * t_ms, 0, t_ms / 5, t_ms, 10 * t_ms]
    };
    let query = expr.to_string();
    times.into_iter().map(|t_ms| (query.clone(), t_ms)).collect()
}

/// Whether the query asks for its own times, so that range and instant queries differ.
pub(super) fn depends_on_query(query: &str) -> bool {
    ["start()", "end()", "range()", "step()"].iter().any(|call| query.contains(call))
}

/// Sets `@` wherever it is missing, but not inside of subqueries, which are pinned as a whole.
/// False when a function depends on the evaluation time.
fn pin(expr: &mut Expr, t_ms: i64) -> bool {
    let pinned = Some(At::TimestampMs(t_ms));
    match expr {
        Expr::Number(_) | Expr::String(_) => true,
        Expr::Vector(selector) => {
            selector.at = selector.at.or(pinned);
            true
        }
        Expr::Matrix(matrix) => {
            matrix.selector.at = matrix.selector.at.or(pinned);
            true
        }
        Expr::Subquery(subquery) => {
            subquery.at = subquery.at.or(pinned);
            is_independent(&subquery.expr)
        }
        Expr::Paren(paren) => pin(&mut paren.expr, t_ms),
        Expr::Unary(unary) => pin(&mut unary.expr, t_ms),
        Expr::Aggregate(aggregate) => {
            let param = aggregate.param.as_mut().is_none_or(|param| pin(param, t_ms));
            pin(&mut aggregate.expr, t_ms) && param
        }
        Expr::Binary(binary) => {
            let left = pin(&mut binary.lhs, t_ms);
            pin(&mut binary.rhs, t_ms) && left
        }
        Expr::Call(call) => {
            let independent = !TIME_DEPENDENT.contains(&call.function.name);
            // All of them, not only up to the first that does not do.
            let args = call.args.iter_mut().map(|arg| pin(arg, t_ms)).filter(|ok| !ok).count();
            independent && args == 0
        }
    }
}

fn is_independent(expr: &Expr) -> bool {
    let own = match expr {
        Expr::Call(call) => !TIME_DEPENDENT.contains(&call.function.name),
        _ => true,
    };
    own && expr.children().into_iter().all(is_independent)
}
