//! The one time that all selectors of an expression look at, if there is one: `info` takes its
//! series from then.

use promql_syntax::ast::ValueType;

use super::{Kind, Node, RangeFrom, TimeShift};

/// The time that everything behind the series of an expression looks at. Nothing where there are
/// several, or series that no selector selects.
pub(crate) fn shared_time(node: &Node) -> Option<TimeShift> {
    let mut times = Times::default();
    times.visit(node);
    let (first, others) = times.found.split_first()?;
    let is_shared = !times.unselected && others.iter().all(|other| is_same(*first, *other));
    is_shared.then_some(*first)
}

fn is_same(a: TimeShift, b: TimeShift) -> bool {
    a.at_ms.is_some() == b.at_ms.is_some() && a.apply(0) == b.apply(0)
}

/// The times that the selectors of an expression look at.
#[derive(Default)]
struct Times {
    found: Vec<TimeShift>,
    /// Some series come of no selector, as those of `vector(1)`.
    unselected: bool,
    /// Of the subqueries around, from the outside in.
    enclosing: Vec<TimeShift>,
}

impl Times {
    /// Whether there is a selector; numbers and texts are not looked into.
    fn visit(&mut self, node: &Node) -> bool {
        if is_scalar(node) {
            return false;
        }
        let selects = match &node.kind {
            Kind::Number(_) | Kind::Text(_) => false,
            Kind::Vector(selector) => self.add(selector.time),
            Kind::Range(range) => match &range.from {
                RangeFrom::Selector(selector) => self.add(selector.time),
                RangeFrom::Subquery { expr, .. } => {
                    self.enclosing.push(range.time);
                    let selects = self.visit(expr);
                    self.enclosing.pop();
                    selects
                }
            },
            // The second argument of `info` only looks like a selector.
            Kind::Call(call) if call.function.name == "info" => self.visit_each(call.args.first()),
            Kind::Call(call) => self.visit_each(&call.args),
            Kind::Aggregate(aggregate) => {
                self.visit_each([&*aggregate.expr].into_iter().chain(aggregate.param.as_deref()))
            }
            Kind::Binary(binary) => self.visit_each([&binary.lhs, &binary.rhs]),
            Kind::Negate(inner) | Kind::Invariant(inner) => self.visit(inner),
        };
        self.unselected |= !selects;
        selects
    }

    fn visit_each<'n>(&mut self, nodes: impl IntoIterator<Item = &'n Node>) -> bool {
        nodes.into_iter().fold(false, |selects, node| self.visit(node) | selects)
    }

    fn add(&mut self, own: TimeShift) -> bool {
        let mut time = own;
        for outer in self.enclosing.iter().rev() {
            if time.at_ms.is_some() {
                break;
            }
            time.offset_ms = time.offset_ms.saturating_add(outer.offset_ms);
            time.at_ms = outer.at_ms;
        }
        self.found.push(time);
        true
    }
}

fn is_scalar(node: &Node) -> bool {
    match &node.kind {
        Kind::Number(_) | Kind::Text(_) => true,
        Kind::Call(call) => call.function.returns == ValueType::Scalar,
        Kind::Binary(binary) => is_scalar(&binary.lhs) && is_scalar(&binary.rhs),
        Kind::Negate(inner) | Kind::Invariant(inner) => is_scalar(inner),
        Kind::Vector(_) | Kind::Range(_) | Kind::Aggregate(_) => false,
    }
}
