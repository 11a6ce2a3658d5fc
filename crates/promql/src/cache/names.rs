//! Whether all series of a result have the same metric name at all times, or none.
//!
//! Where this is known, series stay apart when their name is taken away. `false` means that it is
//! not known.

use model::METRIC_NAME;
use promql_syntax::ops::{AggregateOp, BinaryOp};

use crate::functions::range_function::RangeFunction;
use crate::plan::{AggregateNode, BinaryNode, CallNode, Kind, Node, RangeFrom};

pub(super) fn is_one(node: &Node) -> bool {
    match &node.kind {
        // Signs take the name away, and numbers never had one.
        Kind::Number(_) | Kind::Text(_) | Kind::Negate(_) => true,
        Kind::Vector(selector) => selector.name_is_fixed(),
        Kind::Range(range) => match &range.from {
            RangeFrom::Selector(selector) => selector.name_is_fixed(),
            RangeFrom::Subquery { expr, .. } => is_one(expr),
        },
        Kind::Call(call) => of_call(call),
        Kind::Aggregate(aggregate) => of_aggregate(aggregate),
        Kind::Binary(binary) => of_binary(binary),
        Kind::Invariant(inner) => is_one(inner),
    }
}

fn of_call(call: &CallNode) -> bool {
    if let Some(function) = RangeFunction::named(call.function.name) {
        return !function.keeps_name() || call.args.iter().all(is_one);
    }
    match call.function.name {
        // These may set any label, the name among them.
        "label_replace" | "label_join" | "info" | "histogram_quantiles" => false,
        "sort" | "sort_desc" | "sort_by_label" | "sort_by_label_desc" => {
            call.args.iter().all(is_one)
        }
        // The rest takes it away, or makes series of its own.
        _ => true,
    }
}

fn of_aggregate(aggregate: &AggregateNode) -> bool {
    match aggregate.op {
        AggregateOp::Topk
        | AggregateOp::Bottomk
        | AggregateOp::Limitk
        | AggregateOp::LimitRatio => is_one(&aggregate.expr),
        AggregateOp::CountValues => false,
        _ => aggregate.without || !aggregate.grouping.iter().any(|name| name == METRIC_NAME),
    }
}

fn of_binary(binary: &BinaryNode) -> bool {
    let matching = binary.matching.as_ref();
    // A filled-in element has other labels than one that is there.
    if matching.is_some_and(|m| !m.fill.is_empty() || m.include.iter().any(|n| n == METRIC_NAME)) {
        return false;
    }
    match binary.op {
        BinaryOp::Or => false,
        BinaryOp::And | BinaryOp::Unless => is_one(&binary.lhs),
        _ => is_one(&binary.lhs) && is_one(&binary.rhs),
    }
}

#[cfg(test)]
mod tests {
    use promql_syntax::ParseOptions;

    use super::is_one;
    use crate::plan::{self, QueryTimes};

    #[test]
    fn knows_where_there_is_one_name() {
        let check = |query: &str, want: bool| {
            let times = QueryTimes { start_ms: 0, end_ms: 60_000, step_ms: 60_000 };
            let expr = promql_syntax::parse(query, &ParseOptions::all_features()).unwrap();
            assert_eq!(is_one(&plan::build(&expr, &times).unwrap()), want, "{query}");
        };
        check("x", true);
        check("{job=\"a\"}", false);
        check("-{job=\"a\"}", true);
        check("rate({job=\"a\"}[5m])", true);
        check("last_over_time({job=\"a\"}[5m])", false);
        check("last_over_time(x[5m])", true);
        check("sum by (job) ({job=\"a\"})", true);
        check("sum by (__name__) ({job=\"a\"})", false);
        check("topk(1, {job=\"a\"})", false);
        check("count_values(\"__name__\", x)", false);
        check("x or y", false);
        check("x unless y", true);
        check("x > 1", true);
        check("x + on (job) group_left (__name__) y", false);
        check("x + fill (0) y", false);
        check("label_replace(x, \"__name__\", \"$1\", \"job\", \"(.*)\")", false);
        check("abs({job=\"a\"})", true);
    }
}
