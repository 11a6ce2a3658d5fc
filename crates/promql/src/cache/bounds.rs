//! Whether a query looks at its own start or end: then every range makes it another query.

use promql_syntax::Expr;
use promql_syntax::ast::{At, DurationArg, DurationExpr, DurationKind, VectorSelector};

/// Functions that are numbers once the range of a query is known. `step()` is one too, but what
/// is cached has the step in its key.
const OF_RANGE: [&str; 3] = ["start", "end", "range"];

pub(super) fn uses_bounds(expr: &Expr) -> bool {
    let own = match expr {
        Expr::Call(call) => OF_RANGE.contains(&call.function.name),
        Expr::Vector(selector) => in_selector(selector),
        Expr::Matrix(matrix) => in_selector(&matrix.selector) || in_duration(&matrix.range),
        Expr::Subquery(subquery) => {
            is_bound(subquery.at)
                || in_duration(&subquery.range)
                || in_duration(&subquery.offset)
                || subquery.step.as_ref().is_some_and(in_duration)
        }
        _ => false,
    };
    own || expr.children().into_iter().any(uses_bounds)
}

fn in_selector(selector: &VectorSelector) -> bool {
    is_bound(selector.at) || in_duration(&selector.offset)
}

fn is_bound(at: Option<At>) -> bool {
    matches!(at, Some(At::Start | At::End))
}

fn in_duration(duration: &DurationArg) -> bool {
    match duration {
        DurationArg::Fixed(_) => false,
        DurationArg::Computed(expr) => in_arithmetic(expr),
    }
}

fn in_arithmetic(expr: &DurationExpr) -> bool {
    match &expr.kind {
        DurationKind::Range => true,
        DurationKind::Number(_) | DurationKind::Step => false,
        DurationKind::Unary(_, inner) => in_arithmetic(inner),
        DurationKind::Binary(_, lhs, rhs) => in_arithmetic(lhs) || in_arithmetic(rhs),
    }
}

#[cfg(test)]
mod tests {
    use promql_syntax::ParseOptions;

    use super::uses_bounds;

    #[test]
    fn finds_every_mention() {
        let check = |query: &str, want: bool| {
            let expr = promql_syntax::parse(query, &ParseOptions::all_features()).unwrap();
            assert_eq!(uses_bounds(&expr), want, "{query}");
        };
        check("sum(rate(x[5m] @ 100 offset 1m)) + time()", false);
        check("x[step() * 2:step()] offset step()", false);
        check("sum(rate(x[5m] @ end()))", true);
        check("-(x @ start())", true);
        check("max_over_time(x[1h:1m] @ end())", true);
        check("vector(end() - start())", true);
        check("topk(range() / step(), x)", true);
        check("rate(x[range()])", true);
        check("x offset -(range() / 2)", true);
        check("max_over_time(x[1h:range() / 10])", true);
    }
}
