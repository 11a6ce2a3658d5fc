//! The syntax tree of PromQL: what the parser returns, the printers write and the engine plans.
//!
//! Every node carries the byte range of the query it came from. The tree keeps what was written
//! (parentheses, durations as durations, unary signs on non-literals), so that it prints back.

use crate::functions::Function;
use crate::ops::{AggregateOp, BinaryOp, DurationOp, MatchOp, UnaryOp};
use crate::text::Text;

/// Half-open byte range `start..end` of the query text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// From the start of `self` to the end of `last`.
    #[must_use]
    pub fn to(self, last: Span) -> Self {
        Self { start: self.start, end: last.end }
    }
}

/// The four types of PromQL values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    Scalar,
    Vector,
    Matrix,
    String,
}

impl ValueType {
    /// The name in the HTTP API (`resultType`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Vector => "vector",
            Self::Matrix => "matrix",
            Self::String => "string",
        }
    }

    /// The name used in documentation and error messages.
    pub fn documented(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Vector => "instant vector",
            Self::Matrix => "range vector",
            Self::String => "string",
        }
    }
}

/// A PromQL expression. Trees out of [`crate::parse`] are type-checked and at most
/// `ParseOptions::depth_max` deep, so recursion over them is safe.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Aggregate(Aggregate),
    Binary(Binary),
    Call(Call),
    Matrix(MatrixSelector),
    Number(NumberLiteral),
    Paren(Paren),
    String(StringLiteral),
    Subquery(Subquery),
    Unary(Unary),
    Vector(VectorSelector),
}

/// `sum by (job) (…)`, `topk(3, …)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    pub op: AggregateOp,
    pub expr: Box<Expr>,
    /// Some exactly when [`AggregateOp::takes_param`].
    pub param: Option<Box<Expr>>,
    /// Labels to group by, or with `without`, to drop; in written order, duplicates kept.
    pub grouping: Vec<String>,
    pub without: bool,
    /// [`ParseOptions::unquoted_utf8_names`](crate::ParseOptions::unquoted_utf8_names) of the parse,
    /// which decides how labels print; the same on [`Binary`] and [`VectorSelector`].
    pub unquoted_utf8_names: bool,
    pub span: Span,
}

/// `lhs op rhs`.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    pub op: BinaryOp,
    pub lhs: Box<Expr>,
    pub rhs: Box<Expr>,
    /// Some exactly when both sides are instant vectors.
    pub matching: Option<VectorMatching>,
    /// A comparison yields 0 or 1 rather than filtering.
    pub return_bool: bool,
    pub unquoted_utf8_names: bool,
    /// The operator alone.
    pub op_span: Span,
    pub span: Span,
}

/// Which elements of the two sides of a vector operation belong together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VectorMatching {
    pub cardinality: Cardinality,
    /// `on` (true) or `ignoring` (false) these labels; `ignoring ()` when nothing was written.
    pub on: bool,
    pub labels: Vec<String>,
    /// Labels of the "one" side to copy over (`group_left (…)`).
    pub include: Vec<String>,
    pub fill: FillValues,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Cardinality {
    #[default]
    OneToOne,
    /// `group_left`: many on the left.
    ManyToOne,
    /// `group_right`: many on the right.
    OneToMany,
    /// Set operators.
    ManyToMany,
}

/// Values that stand in for a missing partner on the left or right side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FillValues {
    pub lhs: Option<f64>,
    pub rhs: Option<f64>,
}

impl FillValues {
    pub fn is_empty(&self) -> bool {
        self.lhs.is_none() && self.rhs.is_none()
    }
}

/// A function call; argument count and types are checked against `function`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub function: &'static Function,
    pub args: Vec<Expr>,
    pub span: Span,
}

/// `foo[5m]`; offset, `@`, anchored and smoothed are on `selector`, wherever they were written.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixSelector {
    pub selector: VectorSelector,
    pub range: DurationArg,
    pub span: Span,
}

/// `expr[1h:5m]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Subquery {
    pub expr: Box<Expr>,
    pub range: DurationArg,
    /// None: the default evaluation interval.
    pub step: Option<DurationArg>,
    pub offset: DurationArg,
    pub at: Option<At>,
    pub span: Span,
}

/// A number, or a duration written where a number may stand (`5m` is 300).
#[derive(Clone, Debug, PartialEq)]
pub struct NumberLiteral {
    /// Seconds if `is_duration`.
    pub value: f64,
    pub is_duration: bool,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Paren {
    pub expr: Box<Expr>,
    pub span: Span,
}

/// A string; its bytes need not be UTF-8 (`"\xff"`).
#[derive(Clone, Debug, PartialEq)]
pub struct StringLiteral {
    pub value: Text,
    pub span: Span,
}

/// A sign before anything but a literal (`-5` is a [`NumberLiteral`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Unary {
    pub op: UnaryOp,
    pub expr: Box<Expr>,
    pub span: Span,
}

/// `name{label="value"} @ t offset 5m`.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorSelector {
    /// The name before the braces; a quoted name inside them is only in `matchers`.
    pub name: Option<String>,
    /// All matchers in written order; the name, if any, comes last as `__name__="name"`.
    pub matchers: Vec<LabelMatcher>,
    pub offset: DurationArg,
    pub at: Option<At>,
    pub anchored: bool,
    pub smoothed: bool,
    pub unquoted_utf8_names: bool,
    pub span: Span,
}

/// `name op "value"`, not compiled: the engine turns it into its own matcher. The regular
/// expression is known to compile, anchored as `^(?s:value)$`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelMatcher {
    pub name: String,
    pub op: MatchOp,
    /// UTF-8 for the regular expression operators.
    pub value: Text,
}

/// The fixed evaluation time of `@`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// Milliseconds since the epoch.
    TimestampMs(i64),
    /// Start of the query range.
    Start,
    /// End of the query range.
    End,
}

/// A duration of a range, step or offset: known now, or computed from the query's step and range.
#[derive(Clone, Debug, PartialEq)]
pub enum DurationArg {
    /// Nanoseconds; an offset may be negative, and is 0 when none was written.
    Fixed(i64),
    Computed(Box<DurationExpr>),
}

impl Default for DurationArg {
    fn default() -> Self {
        Self::Fixed(0)
    }
}

impl DurationArg {
    /// True for an offset that was not written (or written as 0).
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Fixed(0))
    }

    /// The value in milliseconds (cut towards zero) if it needs no evaluation.
    pub fn fixed_ms(&self) -> Option<i64> {
        match self {
            Self::Fixed(nanos) => Some(nanos / 1_000_000),
            Self::Computed(_) => None,
        }
    }
}

/// Arithmetic over durations inside `[…]` and after `offset`; all values are seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct DurationExpr {
    pub kind: DurationKind,
    /// Written in parentheses.
    pub wrapped: bool,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum DurationKind {
    Number(NumberLiteral),
    /// `step()`: the query's step.
    Step,
    /// `range()`: end minus start of the query.
    Range,
    /// A sign before anything but a bare number.
    Unary(UnaryOp, Box<DurationExpr>),
    /// `+ - * / % ^`, and `max_of(a, b)`, `min_of(a, b)`.
    Binary(DurationOp, Box<DurationExpr>, Box<DurationExpr>),
}

impl Expr {
    /// The byte range of the query this expression was written in.
    pub fn span(&self) -> Span {
        match self {
            Self::Aggregate(node) => node.span,
            Self::Binary(node) => node.span,
            Self::Call(node) => node.span,
            Self::Matrix(node) => node.span,
            Self::Number(node) => node.span,
            Self::Paren(node) => node.span,
            Self::String(node) => node.span,
            Self::Subquery(node) => node.span,
            Self::Unary(node) => node.span,
            Self::Vector(node) => node.span,
        }
    }

    /// The type the expression evaluates to. Cost: walks through parentheses, signs and
    /// operators down to the first typed node.
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Aggregate(_) | Self::Vector(_) => ValueType::Vector,
            Self::Call(node) => node.function.returns,
            Self::Matrix(_) | Self::Subquery(_) => ValueType::Matrix,
            Self::Number(_) => ValueType::Scalar,
            Self::String(_) => ValueType::String,
            Self::Paren(node) => node.expr.value_type(),
            Self::Unary(node) => node.expr.value_type(),
            Self::Binary(node) => {
                let scalar = |side: &Expr| side.value_type() == ValueType::Scalar;
                if scalar(&node.lhs) && scalar(&node.rhs) {
                    ValueType::Scalar
                } else {
                    ValueType::Vector
                }
            }
        }
    }

    /// The direct sub-expressions in written order; the selector of a range is not one.
    pub fn children(&self) -> Vec<&Expr> {
        match self {
            Self::Aggregate(node) => node.param.iter().chain([&node.expr]).map(|e| &**e).collect(),
            Self::Binary(node) => vec![&node.lhs, &node.rhs],
            Self::Call(node) => node.args.iter().collect(),
            Self::Paren(node) => vec![&node.expr],
            Self::Subquery(node) => vec![&node.expr],
            Self::Unary(node) => vec![&node.expr],
            Self::Matrix(_) | Self::Number(_) | Self::String(_) | Self::Vector(_) => Vec::new(),
        }
    }

    /// The expression inside any number of parentheses.
    pub fn without_parens(&self) -> &Expr {
        let mut expr = self;
        while let Self::Paren(paren) = expr {
            expr = &paren.expr;
        }
        expr
    }

    /// Calls `visit` with every vector selector, those of range selectors included.
    pub fn for_each_selector<'a>(&'a self, visit: &mut impl FnMut(&'a VectorSelector)) {
        match self {
            Self::Vector(node) => visit(node),
            Self::Matrix(node) => visit(&node.selector),
            _ => {
                for child in self.children() {
                    child.for_each_selector(visit);
                }
            }
        }
    }
}
