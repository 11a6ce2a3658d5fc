//! The evaluation plan: the syntax tree with everything resolved that does not depend on data.
//!
//! Parentheses are gone, matchers compiled, durations computed, `start()`, `end()`, `range()` and
//! `step()` folded into numbers, `@ start()` and `@ end()` into times, and every largest part whose
//! value is the same at each step is marked to be evaluated once.

mod build;
mod duration;
mod shared_time;

use model::Matcher;
use promql_syntax::Span;
use promql_syntax::ast::VectorMatching;
use promql_syntax::functions::Function;
use promql_syntax::ops::{AggregateOp, BinaryOp};
use promql_syntax::text::Text;

pub use build::compile_matcher;
pub(crate) use build::{QueryTimes, build};
pub(crate) use shared_time::shared_time;

/// One operation. The span is where its annotations point.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Number(f64),
    Text(Text),
    Vector(Selector),
    Range(RangeNode),
    Call(CallNode),
    Aggregate(AggregateNode),
    Binary(Box<BinaryNode>),
    Negate(Box<Node>),
    /// Same value at every step: evaluate at the first and repeat.
    Invariant(Box<Node>),
}

/// Which series, and when relative to the step.
#[derive(Debug)]
pub(crate) struct Selector {
    pub(crate) matchers: Vec<Matcher>,
    pub(crate) time: TimeShift,
    pub(crate) anchored: bool,
    pub(crate) smoothed: bool,
    /// Of histograms, only count and sum are looked at.
    pub(crate) stats_only: bool,
    pub(crate) hints: Hints,
}

impl Selector {
    /// Whether all series have one name, so that they stay distinct without it.
    pub(crate) fn name_is_fixed(&self) -> bool {
        let pins = |m: &Matcher| m.name() == model::METRIC_NAME && m.op() == model::MatchOp::Equal;
        self.matchers.iter().any(pins)
    }
}

/// The function and grouping around a selector, told to the store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hints {
    pub(crate) function: String,
    pub(crate) grouping: Vec<String>,
    pub(crate) by: bool,
}

/// From a step's time to the time looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TimeShift {
    pub(crate) at_ms: Option<i64>,
    pub(crate) offset_ms: i64,
}

impl TimeShift {
    pub(crate) fn apply(self, t_ms: i64) -> i64 {
        self.at_ms.unwrap_or(t_ms).saturating_sub(self.offset_ms)
    }
}

/// A range vector: the left-open window `(t - range, t]` at every step.
#[derive(Debug)]
pub(crate) struct RangeNode {
    pub(crate) range_ms: i64,
    pub(crate) time: TimeShift,
    pub(crate) from: RangeFrom,
}

#[derive(Debug)]
pub(crate) enum RangeFrom {
    Selector(Selector),
    Subquery { expr: Box<Node>, step_ms: Option<i64> },
}

#[derive(Debug)]
pub(crate) struct CallNode {
    pub(crate) function: &'static Function,
    pub(crate) args: Vec<Node>,
}

#[derive(Debug)]
pub(crate) struct AggregateNode {
    pub(crate) op: AggregateOp,
    pub(crate) expr: Box<Node>,
    pub(crate) param: Option<Box<Node>>,
    /// Sorted.
    pub(crate) grouping: Vec<String>,
    pub(crate) without: bool,
}

#[derive(Debug)]
pub(crate) struct BinaryNode {
    pub(crate) op: BinaryOp,
    pub(crate) lhs: Node,
    pub(crate) rhs: Node,
    pub(crate) matching: Option<VectorMatching>,
    pub(crate) return_bool: bool,
}

impl Node {
    /// The node inside the "evaluate once" mark.
    pub(crate) fn unmarked(&self) -> &Self {
        match &self.kind {
            Kind::Invariant(inner) => inner,
            _ => self,
        }
    }

    /// The text of a string argument; its absence is a hole in the type check.
    pub(crate) fn text(&self) -> Option<&Text> {
        match &self.unmarked().kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// How a range vector looks beyond its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extension {
    /// The last sample before the window counts as its start.
    Anchored,
    /// Values at both edges are interpolated.
    Smoothed,
}

impl Extension {
    /// Milliseconds read before and after the window.
    pub(crate) fn margins(self, lookback_ms: i64) -> (i64, i64) {
        match self {
            Self::Anchored => (lookback_ms, 0),
            Self::Smoothed => (lookback_ms, lookback_ms),
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Anchored => "anchored",
            Self::Smoothed => "smoothed",
        }
    }
}

impl RangeNode {
    pub(crate) fn extension(&self) -> Option<Extension> {
        match &self.from {
            RangeFrom::Selector(selector) if selector.anchored => Some(Extension::Anchored),
            RangeFrom::Selector(selector) if selector.smoothed => Some(Extension::Smoothed),
            _ => None,
        }
    }
}
