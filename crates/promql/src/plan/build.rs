//! From syntax tree to plan.

use model::{InvalidRegex, METRIC_NAME, MatchOp, Matcher};
use promql_syntax::ast::{
    Aggregate, At, Binary, Call, Expr, LabelMatcher, MatrixSelector, Subquery, ValueType,
    VectorSelector,
};
use promql_syntax::ops::{self, AggregateOp, BinaryOp, UnaryOp};

use super::duration::{positive_ms, signed_ms};
use super::shared_time::shared_time;
use super::{
    AggregateNode, BinaryNode, CallNode, Hints, Kind, Node, RangeFrom, RangeNode, Selector,
    TimeShift,
};
use crate::error::QueryError;

/// When the query is evaluated; `step_ms` is 0 for an instant query.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to the name")]
pub(crate) struct QueryTimes {
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
    pub(crate) step_ms: i64,
}

impl QueryTimes {
    pub(super) fn range_ms(&self) -> i64 {
        self.end_ms.saturating_sub(self.start_ms)
    }
}

/// Functions of the evaluation time: not constant even when their arguments are.
const TIME_DEPENDENT: [&str; 11] = [
    "days_in_month",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "hour",
    "minute",
    "month",
    "year",
    "predict_linear",
    "time",
    "timestamp",
];

/// Functions that look at no more of a histogram than its count and sum, or not at its value.
const STATS_ONLY: [&str; 6] =
    ["histogram_count", "histogram_sum", "histogram_avg", "timestamp", "start_timestamp", "absent"];

/// Functions that look at buckets, also where a function around them does not.
const WHOLE: [&str; 6] = [
    "histogram_quantile",
    "histogram_quantiles",
    "histogram_fraction",
    "histogram_stddev",
    "histogram_stdvar",
    "changes",
];

/// Plans a type-checked expression.
pub(crate) fn build(expr: &Expr, times: &QueryTimes) -> Result<Node, QueryError> {
    let built = Builder { times }.expr(expr, &Path::default())?;
    Ok(built.marked())
}

/// What is around an expression.
#[derive(Clone, Debug, Default)]
struct Path {
    hints: Hints,
    /// Inside of one of [`STATS_ONLY`].
    counted: bool,
    /// Inside of something that looks at buckets, or (a subquery) needs every sample's own to find
    /// counter resets.
    blocked: bool,
}

impl Path {
    fn under(&self, hints: Hints) -> Self {
        Self { hints, ..self.clone() }
    }
}

struct Builder<'a> {
    times: &'a QueryTimes,
}

/// A node and how it depends on the step.
struct Built {
    node: Node,
    /// Same at every step.
    constant: bool,
    /// Worth a mark: literals and range vectors are not.
    markable: bool,
}

impl Built {
    fn varying(node: Node) -> Self {
        Self { node, constant: false, markable: false }
    }

    fn marked(self) -> Node {
        if self.constant && self.markable {
            Node { span: self.node.span, kind: Kind::Invariant(Box::new(self.node)) }
        } else {
            self.node
        }
    }
}

impl Builder<'_> {
    fn expr(&self, expr: &Expr, path: &Path) -> Result<Built, QueryError> {
        let span = expr.span();
        let literal = |kind| Built { node: Node { span, kind }, constant: true, markable: false };
        match expr {
            Expr::Paren(paren) => self.expr(&paren.expr, path),
            Expr::Number(number) => Ok(literal(Kind::Number(number.value))),
            Expr::String(text) => Ok(literal(Kind::Text(text.value.clone()))),
            Expr::Vector(selector) => {
                let selector = self.selector(selector, path)?;
                let constant = selector.time.at_ms.is_some();
                let node = Node { span, kind: Kind::Vector(selector) };
                Ok(Built { node, constant, markable: constant })
            }
            Expr::Matrix(matrix) => self.matrix(matrix, path),
            Expr::Subquery(subquery) => self.subquery(subquery, path),
            Expr::Unary(unary) => {
                let mut built = self.expr(&unary.expr, path)?;
                if unary.op == UnaryOp::Minus {
                    built.node = Node { span, kind: Kind::Negate(Box::new(built.node)) };
                }
                Ok(built)
            }
            Expr::Aggregate(aggregate) => self.aggregate(aggregate, path),
            Expr::Binary(binary) => self.binary(binary, path),
            Expr::Call(call) => self.call(call, path),
        }
    }

    fn matrix(&self, matrix: &MatrixSelector, path: &Path) -> Result<Built, QueryError> {
        let selector = self.selector(&matrix.selector, path)?;
        let time = selector.time;
        let range_ms = positive_ms(&matrix.range, self.times)?;
        let from = RangeFrom::Selector(selector);
        let kind = Kind::Range(RangeNode { range_ms, time, from });
        let node = Node { span: matrix.span, kind };
        Ok(Built { node, constant: time.at_ms.is_some(), markable: false })
    }

    fn subquery(&self, subquery: &Subquery, path: &Path) -> Result<Built, QueryError> {
        let mut inner = self.expr(&subquery.expr, &Path { blocked: true, ..path.clone() })?;
        // Whatever is constant is evaluated once, literals too: they have no own mark.
        inner.markable = true;
        let time = TimeShift {
            at_ms: subquery.at.map(|at| self.at_ms(at)),
            offset_ms: signed_ms(&subquery.offset, self.times)?,
        };
        let step_ms = match &subquery.step {
            Some(step) => Some(positive_ms(step, self.times)?).filter(|step| *step > 0),
            None => None,
        };
        let range_ms = positive_ms(&subquery.range, self.times)?;
        let from = RangeFrom::Subquery { expr: Box::new(inner.marked()), step_ms };
        let node =
            Node { span: subquery.span, kind: Kind::Range(RangeNode { range_ms, time, from }) };
        Ok(Built { node, constant: time.at_ms.is_some(), markable: false })
    }

    fn at_ms(&self, at: At) -> i64 {
        match at {
            At::TimestampMs(t_ms) => t_ms,
            At::Start => self.times.start_ms,
            At::End => self.times.end_ms,
        }
    }

    fn selector(&self, selector: &VectorSelector, path: &Path) -> Result<Selector, QueryError> {
        let matchers = selector.matchers.iter().map(|matcher| {
            compile_matcher(matcher).map_err(|error| QueryError::Parse(error.to_string()))
        });
        let mut matchers = matchers.collect::<Result<Vec<_>, _>>()?;
        // The name selects most: first, for stores that look at matchers in order.
        matchers.sort_by_key(|m| m.name() != METRIC_NAME);
        Ok(Selector {
            matchers,
            time: TimeShift {
                at_ms: selector.at.map(|at| self.at_ms(at)),
                offset_ms: signed_ms(&selector.offset, self.times)?,
            },
            anchored: selector.anchored,
            smoothed: selector.smoothed,
            hints: path.hints.clone(),
            stats_only: path.counted && !path.blocked,
        })
    }

    fn aggregate(&self, aggregate: &Aggregate, path: &Path) -> Result<Built, QueryError> {
        let mut grouping = aggregate.grouping.clone();
        grouping.sort_unstable();
        grouping.dedup();
        let hints = Hints {
            function: aggregate.op.as_str().to_owned(),
            grouping: grouping.clone(),
            by: !aggregate.without,
        };
        let mut path = path.under(hints);
        path.blocked |= aggregate.op == AggregateOp::CountValues;
        let inner = self.expr(&aggregate.expr, &path)?;
        let constant = inner.constant;
        let markable = inner.markable;
        let param = match &aggregate.param {
            Some(param) => {
                Some(Box::new(self.expr(param, &path.under(Hints::default()))?.marked()))
            }
            None => None,
        };
        let kind = Kind::Aggregate(AggregateNode {
            op: aggregate.op,
            expr: Box::new(inner.node),
            param,
            grouping,
            without: aggregate.without,
        });
        Ok(Built { node: Node { span: aggregate.span, kind }, constant, markable })
    }

    fn binary(&self, binary: &Binary, path: &Path) -> Result<Built, QueryError> {
        let mut path = path.under(Hints::default());
        path.blocked |= matches!(
            binary.op,
            BinaryOp::TrimUpper | BinaryOp::TrimLower | BinaryOp::Eq | BinaryOp::Ne
        );
        let lhs = self.expr(&binary.lhs, &path)?;
        let rhs = self.expr(&binary.rhs, &path)?;
        let constant = lhs.constant && rhs.constant;
        let (lhs, rhs) = if constant { (lhs.node, rhs.node) } else { (lhs.marked(), rhs.marked()) };
        let kind = Kind::Binary(Box::new(BinaryNode {
            op: binary.op,
            lhs,
            rhs,
            matching: binary.matching.clone(),
            return_bool: binary.return_bool,
        }));
        Ok(Built { node: Node { span: binary.span, kind }, constant, markable: constant })
    }

    fn call(&self, call: &Call, path: &Path) -> Result<Built, QueryError> {
        let name = call.function.name;
        if let Some(value) = self.query_context(name) {
            let node = Node { span: call.span, kind: Kind::Number(value) };
            return Ok(Built { node, constant: true, markable: false });
        }
        let mut path = path.under(Hints { function: name.to_owned(), ..Hints::default() });
        path.counted |= STATS_ONLY.contains(&name);
        path.blocked |= WHOLE.contains(&name);
        let args = call.args.iter().map(|arg| self.expr(arg, &path));
        let args = args.collect::<Result<Vec<_>, _>>()?;
        let all_constant = match args.first() {
            // Its second argument only looks like a selector, and without one time to look at it
            // takes its info series at each step.
            Some(base) if name == "info" => base.constant && shared_time(&base.node).is_some(),
            _ => args.iter().all(|arg| arg.constant),
        };
        // timestamp() of a selector pinned by `@` is the one safe use of a time-dependent function.
        let pinned_timestamp =
            name == "timestamp" && args.iter().all(|arg| matches!(arg.node.kind, Kind::Vector(_)));
        let constant = all_constant && (!TIME_DEPENDENT.contains(&name) || pinned_timestamp);
        let args: Vec<Node> = if constant {
            args.into_iter().map(|arg| arg.node).collect()
        } else {
            args.into_iter().map(Built::marked).collect()
        };
        let returns_scalar = call.function.returns == ValueType::Scalar;
        let kind = Kind::Call(CallNode { function: call.function, args });
        let node = Node { span: call.span, kind };
        if !constant {
            return Ok(Built::varying(node));
        }
        Ok(Built { node, constant, markable: !(returns_scalar && name == "pi") })
    }

    /// Functions that are numbers once the query's times are known.
    fn query_context(&self, name: &str) -> Option<f64> {
        let seconds = |ms: i64| ms as f64 / 1000.0;
        match name {
            "start" => Some(seconds(self.times.start_ms)),
            "end" => Some(seconds(self.times.end_ms)),
            "range" => Some(seconds(self.times.range_ms())),
            // A single step has no distance to the next.
            "step" if self.times.range_ms() == 0 => Some(0.0),
            "step" => Some(seconds(self.times.step_ms)),
            _ => None,
        }
    }
}

/// The matcher of a store from a matcher as written.
pub fn compile_matcher(matcher: &LabelMatcher) -> Result<Matcher, InvalidRegex> {
    let op = match matcher.op {
        ops::MatchOp::Eq => MatchOp::Equal,
        ops::MatchOp::Ne => MatchOp::NotEqual,
        ops::MatchOp::Re => MatchOp::Regex,
        ops::MatchOp::Nre => MatchOp::NotRegex,
    };
    Matcher::new(matcher.name.clone(), op, matcher.value.to_string_lossy())
}
