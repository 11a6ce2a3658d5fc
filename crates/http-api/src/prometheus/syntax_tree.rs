//! `/parse_query`: the syntax tree of an expression in the shape that the reference's user
//! interface draws.

use axum::extract::State;
use axum::response::Response;
use promql_syntax::Expr;
use promql_syntax::ast::{
    At, Cardinality, DurationArg, DurationExpr, DurationKind, LabelMatcher, VectorMatching,
    VectorSelector,
};
use serde_json::{Value, json};

use super::params::Params;
use super::state::PrometheusState;
use super::wire::{ApiError, success_json};

pub(crate) async fn parse_query(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let parsed = promql_syntax::parse(params.first("query"), &state.engine.config().parse)
        .map_err(|error| ApiError::invalid_parameter("query", &error.to_string()))?;
    Ok(success_json(&tree(&parsed)))
}

fn tree(expr: &Expr) -> Value {
    match expr {
        Expr::Aggregate(node) => json!({
            "type": "aggregation",
            "op": node.op.as_str(),
            "expr": tree(&node.expr),
            "param": node.param.as_ref().map(|param| tree(param)),
            "grouping": node.grouping,
            "without": node.without,
        }),
        Expr::Binary(node) => json!({
            "type": "binaryExpr",
            "op": node.op.as_str(),
            "lhs": tree(&node.lhs),
            "rhs": tree(&node.rhs),
            "matching": node.matching.as_ref().map(matching),
            "bool": node.return_bool,
        }),
        Expr::Call(node) => json!({
            "type": "call",
            "func": {
                "name": node.function.name,
                "argTypes": node.function.args.iter().map(|t| t.as_str()).collect::<Vec<_>>(),
                "variadic": variadic(node.function),
                "returnType": node.function.returns.as_str(),
            },
            "args": node.args.iter().map(tree).collect::<Vec<_>>(),
        }),
        Expr::Matrix(node) => {
            let mut value = selector(&node.selector, "matrixSelector");
            value["range"] = fixed_ms(&node.range).into();
            value["rangeExpr"] = computed(&node.range);
            value
        }
        Expr::Subquery(node) => json!({
            "type": "subquery",
            "expr": tree(&node.expr),
            "range": fixed_ms(&node.range),
            "rangeExpr": computed(&node.range),
            "offset": fixed_ms(&node.offset),
            "offsetExpr": computed(&node.offset),
            "step": node.step.as_ref().map_or(0, fixed_ms),
            "stepExpr": node.step.as_ref().map_or(Value::Null, computed),
            "timestamp": timestamp(node.at),
            "startOrEnd": start_or_end(node.at),
        }),
        Expr::Number(node) => json!({"type": "numberLiteral", "val": number(node.value)}),
        Expr::Paren(node) => json!({"type": "parenExpr", "expr": tree(&node.expr)}),
        Expr::String(node) => json!({"type": "stringLiteral", "val": node.value.to_string_lossy()}),
        Expr::Unary(node) => {
            json!({"type": "unaryExpr", "op": node.op.as_str(), "expr": tree(&node.expr)})
        }
        Expr::Vector(node) => selector(node, "vectorSelector"),
    }
}

/// 0: as many arguments as types; n: up to n more than needed; -1: any number.
fn variadic(function: &promql_syntax::functions::Function) -> i64 {
    match function.args_max {
        None => -1,
        Some(max) => (max - function.args_min) as i64,
    }
}

fn matching(matching: &VectorMatching) -> Value {
    let card = match matching.cardinality {
        Cardinality::OneToOne => "one-to-one",
        Cardinality::ManyToOne => "many-to-one",
        Cardinality::OneToMany => "one-to-many",
        Cardinality::ManyToMany => "many-to-many",
    };
    json!({
        "card": card,
        "labels": matching.labels,
        "on": matching.on,
        "include": matching.include,
        "fillValues": {"lhs": matching.fill.lhs, "rhs": matching.fill.rhs},
    })
}

fn selector(node: &VectorSelector, kind: &str) -> Value {
    json!({
        "type": kind,
        "name": node.name.as_deref().unwrap_or_default(),
        "offset": fixed_ms(&node.offset),
        "offsetExpr": computed(&node.offset),
        "matchers": node.matchers.iter().map(matcher).collect::<Vec<_>>(),
        "timestamp": timestamp(node.at),
        "startOrEnd": start_or_end(node.at),
        "anchored": node.anchored,
        "smoothed": node.smoothed,
    })
}

fn matcher(matcher: &LabelMatcher) -> Value {
    json!({
        "name": matcher.name,
        "value": matcher.value.to_string_lossy(),
        "type": matcher.op.as_str(),
    })
}

fn fixed_ms(duration: &DurationArg) -> i64 {
    duration.fixed_ms().unwrap_or(0)
}

fn computed(duration: &DurationArg) -> Value {
    match duration {
        DurationArg::Fixed(_) => Value::Null,
        DurationArg::Computed(expr) => duration_tree(expr),
    }
}

fn duration_tree(expr: &DurationExpr) -> Value {
    let node = |op: &str, lhs: Value, rhs: Value| json!({"type": "durationExpr", "op": op, "lhs": lhs, "rhs": rhs, "wrapped": expr.wrapped});
    match &expr.kind {
        DurationKind::Number(literal) => json!({
            "type": "numberLiteral",
            "val": number(literal.value),
            "duration": literal.is_duration,
        }),
        DurationKind::Step => node("step", Value::Null, Value::Null),
        DurationKind::Range => node("range", Value::Null, Value::Null),
        DurationKind::Unary(op, inner) => node(op.as_str(), Value::Null, duration_tree(inner)),
        DurationKind::Binary(op, lhs, rhs) => {
            node(op.as_str(), duration_tree(lhs), duration_tree(rhs))
        }
    }
}

fn timestamp(at: Option<At>) -> Value {
    match at {
        Some(At::TimestampMs(t_ms)) => t_ms.into(),
        _ => Value::Null,
    }
}

fn start_or_end(at: Option<At>) -> Value {
    match at {
        Some(At::Start) => "start".into(),
        Some(At::End) => "end".into(),
        _ => Value::Null,
    }
}

/// Without exponent.
fn number(v: f64) -> String {
    if v.is_nan() {
        "NaN".to_owned()
    } else if v.is_infinite() {
        if v > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        v.to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::tree;

    #[test]
    fn draws_expressions_as_the_reference_does() {
        let check = |text: &str, want: Value| {
            let options = promql_syntax::ParseOptions::all_features();
            assert_eq!(tree(&promql_syntax::parse(text, &options).unwrap()), want, "{text}");
        };
        check("-1e21", json!({"type": "numberLiteral", "val": "-1000000000000000000000"}));
        check(
            "rate(a{b!=\"c\"}[5m] @ end() offset -1m)",
            json!({
                "type": "call",
                "func": {"name": "rate", "argTypes": ["matrix"], "variadic": 0, "returnType": "vector"},
                "args": [{
                    "type": "matrixSelector", "name": "a", "range": 300_000, "rangeExpr": null,
                    "offset": -60_000, "offsetExpr": null, "timestamp": null, "startOrEnd": "end",
                    "anchored": false, "smoothed": false,
                    "matchers": [
                        {"name": "b", "type": "!=", "value": "c"},
                        {"name": "__name__", "type": "=", "value": "a"},
                    ],
                }],
            }),
        );
        let vector = |name: &str| {
            json!({
                "type": "vectorSelector", "name": name, "offset": 0, "offsetExpr": null,
                "timestamp": null, "startOrEnd": null, "anchored": false, "smoothed": false,
                "matchers": [{"name": "__name__", "type": "=", "value": name}],
            })
        };
        check(
            "(a) > bool on (x) group_left (y) b",
            json!({
                "type": "binaryExpr", "op": ">", "bool": true,
                "lhs": {"type": "parenExpr", "expr": vector("a")}, "rhs": vector("b"),
                "matching": {
                    "card": "many-to-one", "labels": ["x"], "on": true, "include": ["y"],
                    "fillValues": {"lhs": null, "rhs": null},
                },
            }),
        );
    }
}
