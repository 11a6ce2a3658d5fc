//! The type check, which also settles what depends on types: the matching of binary operators.
//!
//! Source: Prometheus v3.14, `promql/parser/parse.go`, `checkAST`.

use crate::ast::{
    Aggregate, Binary, Call, Cardinality, Expr, LabelMatcher, Span, ValueType, VectorSelector,
};
use crate::error::ParseError;
use crate::ops::{AggregateOp, MatchOp};

type Check = Result<(), ParseError>;

/// Checks types, argument counts and matching clauses of the whole tree.
pub(crate) fn check(query: &str, expr: &mut Expr) -> Check {
    Checker { query }.expr(expr)
}

struct Checker<'a> {
    query: &'a str,
}

impl Checker<'_> {
    fn error(&self, span: Span, message: impl Into<String>) -> ParseError {
        ParseError::new(self.query, span, message)
    }

    fn expr(&self, expr: &mut Expr) -> Check {
        match expr {
            Expr::Aggregate(node) => self.aggregate(node),
            Expr::Binary(node) => self.binary(node),
            Expr::Call(node) => self.call(node),
            Expr::Matrix(node) => self.selector(&node.selector),
            Expr::Number(_) | Expr::String(_) => Ok(()),
            Expr::Paren(node) => self.expr(&mut node.expr),
            Expr::Subquery(node) => {
                self.expr(&mut node.expr)?;
                let found = node.expr.value_type();
                if found == ValueType::Vector {
                    return Ok(());
                }
                let found = found.as_str();
                let message =
                    format!("subquery is only allowed on instant vector, got {found} instead");
                Err(self.error(node.span, message))
            }
            Expr::Unary(node) => {
                self.expr(&mut node.expr)?;
                let found = node.expr.value_type();
                if matches!(found, ValueType::Scalar | ValueType::Vector) {
                    return Ok(());
                }
                let message = format!(
                    "unary expression only allowed on expressions of type scalar or instant \
                     vector, got {:?}",
                    found.documented()
                );
                Err(self.error(node.span, message))
            }
            Expr::Vector(node) => self.selector(node),
        }
    }

    fn aggregate(&self, node: &mut Aggregate) -> Check {
        self.expect(&mut node.expr, ValueType::Vector, "aggregation expression")?;
        let Some(param) = &mut node.param else { return Ok(()) };
        let wanted = match node.op {
            AggregateOp::CountValues => ValueType::String,
            _ => ValueType::Scalar,
        };
        self.expect(param, wanted, "aggregation parameter")
    }

    fn expect(&self, expr: &mut Expr, wanted: ValueType, context: &str) -> Check {
        self.expr(expr)?;
        let found = expr.value_type();
        if found == wanted {
            return Ok(());
        }
        let (wanted, found) = (wanted.documented(), found.documented());
        let message = format!("expected type {wanted} in {context}, got {found}");
        Err(self.error(expr.span(), message))
    }

    fn binary(&self, node: &mut Binary) -> Check {
        self.expr(&mut node.lhs)?;
        self.expr(&mut node.rhs)?;
        let (left, right) = (node.lhs.value_type(), node.rhs.value_type());
        if node.return_bool && !node.op.is_comparison() {
            let message = "bool modifier can only be used on comparison operators";
            return Err(self.error(node.op_span, message));
        }
        let scalars = left == ValueType::Scalar && right == ValueType::Scalar;
        if node.op.is_comparison() && !node.return_bool && scalars {
            let message = "comparisons between scalars must use BOOL modifier";
            return Err(self.error(node.op_span, message));
        }
        let matching = node.matching.as_ref();
        let twice = matching.filter(|matching| matching.on).and_then(|matching| {
            matching.labels.iter().find(|label| matching.include.contains(label))
        });
        if let Some(label) = twice {
            let message = format!("label {label:?} must not occur in ON and GROUP clause at once");
            return Err(self.error(node.op_span, message));
        }
        for (side, found) in [(&node.lhs, left), (&node.rhs, right)] {
            if !matches!(found, ValueType::Scalar | ValueType::Vector) {
                let message = "binary expression must contain only scalar and instant vector types";
                return Err(self.error(side.span(), message));
            }
        }
        if left == ValueType::Vector && right == ValueType::Vector {
            return self.vector_matching(node);
        }
        self.no_vector_matching(node)
    }

    /// Both sides are instant vectors.
    fn vector_matching(&self, node: &mut Binary) -> Check {
        let Some(matching) = node.matching.as_mut().filter(|_| node.op.is_set()) else {
            return Ok(());
        };
        if matching.cardinality != Cardinality::OneToOne {
            let message = format!("no grouping allowed for \"{}\" operation", node.op);
            return Err(self.error(node.span, message));
        }
        if !matching.fill.is_empty() {
            let message = "filling in missing series not allowed for set operators";
            return Err(self.error(node.span, message));
        }
        matching.cardinality = Cardinality::ManyToMany;
        Ok(())
    }

    fn no_vector_matching(&self, node: &mut Binary) -> Check {
        if let Some(matching) = node.matching.take() {
            if !matching.labels.is_empty() {
                let message = "vector matching only allowed between instant vectors";
                return Err(self.error(node.span, message));
            }
            if !matching.fill.is_empty() {
                let message = "filling in missing series only allowed between instant vectors";
                return Err(self.error(node.span, message));
            }
        }
        if node.op.is_set() {
            let message =
                format!("set operator \"{}\" not allowed in binary scalar expression", node.op);
            return Err(self.error(node.span, message));
        }
        Ok(())
    }

    fn call(&self, node: &mut Call) -> Check {
        let (function, count) = (node.function, node.args.len());
        let name = function.name;
        let min = function.args_min;
        let wrong = match function.args_max {
            Some(max) if max == min && count != max => {
                format!("expected {max} argument(s) in call to {name:?}, got {count}")
            }
            _ if count < min => {
                format!("expected at least {min} argument(s) in call to {name:?}, got {count}")
            }
            Some(max) if count > max => {
                format!("expected at most {max} argument(s) in call to {name:?}, got {count}")
            }
            _ => String::new(),
        };
        if !wrong.is_empty() {
            return Err(self.error(node.span, wrong));
        }
        for (index, arg) in node.args.iter_mut().enumerate() {
            if name == "info" && index == 1 {
                self.info_labels(arg, node.span)?;
            } else {
                self.expr(arg)?;
            }
            let (wanted, found) = (function.arg_type(index), arg.value_type());
            if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
                let (wanted, found) = (wanted.documented(), found.documented());
                let message =
                    format!("expected type {wanted} in call to function {name:?}, got {found}");
                return Err(self.error(arg.span(), message));
            }
        }
        Ok(())
    }

    /// The second argument of `info` names labels: a selector without name, which may match all.
    fn info_labels(&self, arg: &Expr, call: Span) -> Check {
        let found = arg.value_type();
        if found != ValueType::Vector {
            let (wanted, found) = (ValueType::Vector.documented(), found.documented());
            let message =
                format!("expected type {wanted} in call to function \"info\", got {found}");
            return Err(self.error(call, message));
        }
        match arg {
            Expr::Vector(VectorSelector { name: None, .. }) => Ok(()),
            Expr::Vector(_) => {
                let message = "expected label selectors only, got vector selector instead";
                Err(self.error(arg.span(), message))
            }
            _ => Err(self.error(arg.span(), "expected label selectors only")),
        }
    }

    fn selector(&self, node: &VectorSelector) -> Check {
        let Some(name) = &node.name else {
            if node.matchers.iter().all(matches_empty) {
                let message = "vector selector must contain at least one non-empty matcher";
                return Err(self.error(node.span, message));
            }
            return Ok(());
        };
        // The last matcher is the one for `name`.
        let others = node.matchers.split_last().map_or(&[][..], |(_, others)| others);
        if let Some(other) = others.iter().find(|matcher| matcher.name == "__name__") {
            let message =
                format!("metric name must not be set twice: {name:?} or {:?}", other.value);
            return Err(self.error(node.span, message));
        }
        Ok(())
    }
}

/// Whether a series without the label passes.
fn matches_empty(matcher: &LabelMatcher) -> bool {
    let regex_matches_empty = || {
        let pattern = matcher.value.as_str().unwrap_or_default();
        // The parser has compiled it, so it compiles.
        model::Matcher::new(matcher.name.as_str(), model::MatchOp::Regex, pattern)
            .is_ok_and(|compiled| compiled.matches_empty())
    };
    match matcher.op {
        MatchOp::Eq => matcher.value.is_empty(),
        MatchOp::Ne => !matcher.value.is_empty(),
        MatchOp::Re => regex_matches_empty(),
        MatchOp::Nre => !regex_matches_empty(),
    }
}
