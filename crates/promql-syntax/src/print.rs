//! The canonical text of a query: what the reference's `Expr.String()` gives, byte by byte.

use std::fmt::{self, Display, Formatter, Write as _};

use crate::ast::{
    Aggregate, At, Binary, Cardinality, DurationArg, DurationExpr, DurationKind, Expr,
    LabelMatcher, MatrixSelector, NumberLiteral, Subquery, VectorMatching, VectorSelector,
};
use crate::go_float;
use crate::literal::format_duration;
use crate::names::needs_quotes;
use crate::ops::{DurationOp, MatchOp, UnaryOp};
use crate::text::quote;

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aggregate(node) => {
                node.fmt_head(f)?;
                f.write_char('(')?;
                if let Some(param) = &node.param {
                    write!(f, "{param}, ")?;
                }
                write!(f, "{})", node.expr)
            }
            Self::Binary(node) => {
                write!(f, "{} ", node.lhs)?;
                node.fmt_operator(f)?;
                write!(f, " {}", node.rhs)
            }
            Self::Call(node) => {
                write!(f, "{}(", node.function.name)?;
                for (index, arg) in node.args.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    write!(f, "{arg}")?;
                }
                f.write_char(')')
            }
            Self::Matrix(node) => write!(f, "{node}"),
            Self::Number(node) => write!(f, "{node}"),
            Self::Paren(node) => write!(f, "({})", node.expr),
            Self::String(node) => f.write_str(&quote(node.value.as_bytes())),
            Self::Subquery(node) => {
                write!(f, "{}", node.expr)?;
                node.fmt_suffix(f)
            }
            Self::Unary(node) => write!(f, "{}{}", node.op, node.expr),
            Self::Vector(node) => write!(f, "{node}"),
        }
    }
}

impl Aggregate {
    /// Operator and grouping, without the arguments.
    pub(crate) fn fmt_head(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str(self.op.as_str())?;
        if self.without || !self.grouping.is_empty() {
            let clause = if self.without { "without" } else { "by" };
            let labels = LabelList(&self.grouping, self.unquoted_utf8_names);
            write!(f, " {clause} ({labels}) ")?;
        }
        Ok(())
    }
}

impl Binary {
    /// Operator and matching, without the sides.
    pub(crate) fn fmt_operator(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str(self.op.as_str())?;
        if self.return_bool {
            f.write_str(" bool")?;
        }
        let utf8 = self.unquoted_utf8_names;
        self.matching.as_ref().map_or(Ok(()), |matching| fmt_matching(matching, utf8, f))
    }
}

fn fmt_matching(matching: &VectorMatching, utf8: bool, f: &mut impl fmt::Write) -> fmt::Result {
    let group = match matching.cardinality {
        Cardinality::ManyToOne => Some("group_left"),
        Cardinality::OneToMany => Some("group_right"),
        Cardinality::OneToOne | Cardinality::ManyToMany => None,
    };
    if matching.on || !matching.labels.is_empty() || group.is_some() {
        let clause = if matching.on { "on" } else { "ignoring" };
        write!(f, " {clause} ({})", LabelList(&matching.labels, utf8))?;
    }
    if let Some(group) = group {
        write!(f, " {group} ({})", LabelList(&matching.include, utf8))?;
    }
    match (matching.fill.lhs, matching.fill.rhs) {
        (Some(left), Some(right)) if left == right => {
            write!(f, " fill ({})", go_float::general(left))
        }
        (left, right) => {
            for (clause, value) in [("fill_left", left), ("fill_right", right)] {
                if let Some(value) = value {
                    write!(f, " {clause} ({})", go_float::general(value))?;
                }
            }
            Ok(())
        }
    }
}

/// Labels, and whether names in UTF-8 go without quotes.
struct LabelList<'a>(&'a [String], bool);

impl Display for LabelList<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, label) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            fmt_label(label, self.1, f)?;
        }
        Ok(())
    }
}

/// A label name, in quotes if it needs them.
fn fmt_label(label: &str, utf8: bool, f: &mut impl fmt::Write) -> fmt::Result {
    if needs_quotes(label, utf8) {
        f.write_str(&quote(label.as_bytes()))
    } else {
        f.write_str(label)
    }
}

impl LabelMatcher {
    fn text(&self, utf8: bool) -> String {
        let mut out = String::new();
        fmt_label(&self.name, utf8, &mut out).expect("writing to a string cannot fail");
        out + self.op.as_str() + &quote(self.value.as_bytes())
    }
}

/// As text that every parser reads: names in UTF-8 in quotes.
impl Display for LabelMatcher {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(false))
    }
}

impl Display for NumberLiteral {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.is_duration {
            // Cut, not rounded, to nanoseconds: the reference does.
            f.write_str(&format_duration((self.value * 1e9) as i64))
        } else {
            f.write_str(&go_float::plain(self.value))
        }
    }
}

impl VectorSelector {
    /// Name and matchers, sorted by their text.
    fn fmt_series(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or_default();
        f.write_str(name)?;
        let is_name = |matcher: &&LabelMatcher| {
            matcher.name == "__name__"
                && matcher.op == MatchOp::Eq
                && !name.is_empty()
                && matcher.value.as_bytes() == name.as_bytes()
        };
        let others = self.matchers.iter().filter(|m| !is_name(m));
        let mut matchers: Vec<String> = others.map(|m| m.text(self.unquoted_utf8_names)).collect();
        if matchers.is_empty() {
            return Ok(());
        }
        matchers.sort_unstable();
        write!(f, "{{{}}}", matchers.join(","))
    }

    fn fmt_extension(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.anchored, self.smoothed) {
            (true, _) => " anchored",
            (false, true) => " smoothed",
            (false, false) => "",
        })
    }
}

impl Display for VectorSelector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.fmt_series(f)?;
        fmt_at(self.at, f)?;
        self.fmt_extension(f)?;
        fmt_offset(&self.offset, f)
    }
}

impl Display for MatrixSelector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.selector.fmt_series(f)?;
        write!(f, "[{}]", self.range)?;
        self.selector.fmt_extension(f)?;
        fmt_at(self.selector.at, f)?;
        fmt_offset(&self.selector.offset, f)
    }
}

impl Subquery {
    /// `[1h:5m] @ 10.000 offset 1m`
    pub(crate) fn fmt_suffix(&self, f: &mut impl fmt::Write) -> fmt::Result {
        write!(f, "[{}:", self.range)?;
        if let Some(step) = &self.step {
            write!(f, "{step}")?;
        }
        f.write_char(']')?;
        fmt_at(self.at, f)?;
        fmt_offset(&self.offset, f)
    }
}

fn fmt_at(at: Option<At>, f: &mut impl fmt::Write) -> fmt::Result {
    match at {
        None => Ok(()),
        Some(At::Start) => f.write_str(" @ start()"),
        Some(At::End) => f.write_str(" @ end()"),
        Some(At::TimestampMs(ms)) => write!(f, " @ {:.3}", ms as f64 / 1000.0),
    }
}

fn fmt_offset(offset: &DurationArg, f: &mut impl fmt::Write) -> fmt::Result {
    match offset {
        DurationArg::Fixed(0) => Ok(()),
        // Below a millisecond nothing is left to print, but the reference keeps the sign.
        DurationArg::Fixed(nanos) if (-999_999..0).contains(nanos) => f.write_str(" offset -0s"),
        offset => write!(f, " offset {offset}"),
    }
}

impl Display for DurationArg {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(nanos) => f.write_str(&format_duration(*nanos)),
            Self::Computed(expr) => write!(f, "{expr}"),
        }
    }
}

impl Display for DurationExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.wrapped {
            f.write_char('(')?;
        }
        match &self.kind {
            DurationKind::Number(number) => write!(f, "{number}")?,
            DurationKind::Step => f.write_str("step()")?,
            DurationKind::Range => f.write_str("range()")?,
            DurationKind::Unary(UnaryOp::Plus, operand) => write!(f, "{operand}")?,
            DurationKind::Unary(UnaryOp::Minus, operand) => write!(f, "-{operand}")?,
            DurationKind::Binary(op @ (DurationOp::MaxOf | DurationOp::MinOf), left, right) => {
                write!(f, "{op}({left}, {right})")?;
            }
            DurationKind::Binary(op, left, right) => write!(f, "{left} {op} {right}")?,
        }
        if self.wrapped {
            f.write_char(')')?;
        }
        Ok(())
    }
}
