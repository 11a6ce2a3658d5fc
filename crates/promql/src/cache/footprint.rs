//! Which samples the value at a step depends on, and whether it depends on nothing else.
//!
//! A result can be taken apart into steps and put together again when every step is computed from
//! samples around it, as if it were the only one. Nearly all of the language is like that. What
//! looks at the steps together is refused here, so that it is never cached.

use model::TimeRange;

use super::names;
use crate::eval::Settings;
use crate::functions::range_function::RangeFunction;
use crate::plan::{
    AggregateNode, BinaryNode, CallNode, Kind, Node, RangeFrom, RangeNode, Selector, TimeShift,
};

/// Functions whose result at one step depends on other steps: `info` looks for the info series of
/// all series that it meets at any step.
const NOT_BY_STEP: [&str; 1] = ["info"];

/// What a step at `t` reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Footprint {
    /// Relative to `t`.
    pub(crate) around: Option<TimeRange>,
    /// Whatever `t` is: by `@`.
    pub(crate) fixed: Option<TimeRange>,
}

impl Footprint {
    /// Of a plan whose query has steps of `step_ms`; nothing when its steps depend on each other.
    pub(crate) fn of(plan: &Node, step_ms: i64, settings: Settings) -> Option<Self> {
        let Settings { lookback_ms, subquery_step_ms, .. } = settings;
        Reads { lookback_ms, subquery_step_ms }.node(plan, step_ms)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.around.is_none() && self.fixed.is_none()
    }

    /// What the step at `t_ms` reads around itself.
    pub(crate) fn at(&self, t_ms: i64) -> Option<TimeRange> {
        self.around.map(|around| {
            let at = |offset_ms: i64| t_ms.saturating_add(offset_ms);
            TimeRange::new(at(around.start_ms), at(around.end_ms))
        })
    }

    fn around(start_ms: i64, end_ms: i64) -> Self {
        Self { around: Some(TimeRange::new(start_ms, end_ms)), fixed: None }
    }

    fn and(self, other: Self) -> Self {
        Self { around: hull(self.around, other.around), fixed: hull(self.fixed, other.fixed) }
    }

    /// Of something that is evaluated at times from `-before_ms` to 0 around a shifted step.
    fn shifted(self, time: TimeShift, before_ms: i64) -> Self {
        let Some(around) = self.around else { return self };
        let reach = TimeRange::new(around.start_ms.saturating_sub(before_ms), around.end_ms);
        let from = |base_ms: i64| {
            let base_ms = base_ms.saturating_sub(time.offset_ms);
            TimeRange::new(
                reach.start_ms.saturating_add(base_ms),
                reach.end_ms.saturating_add(base_ms),
            )
        };
        match time.at_ms {
            Some(at_ms) => Self { around: None, fixed: hull(self.fixed, Some(from(at_ms))) },
            None => Self { around: Some(from(0)), fixed: self.fixed },
        }
    }
}

fn hull(a: Option<TimeRange>, b: Option<TimeRange>) -> Option<TimeRange> {
    match (a, b) {
        (Some(a), Some(b)) => {
            Some(TimeRange::new(a.start_ms.min(b.start_ms), a.end_ms.max(b.end_ms)))
        }
        (a, b) => a.or(b),
    }
}

struct Reads {
    lookback_ms: i64,
    subquery_step_ms: i64,
}

impl Reads {
    /// Of a node that is evaluated every `step_ms`.
    fn node(&self, node: &Node, step_ms: i64) -> Option<Footprint> {
        match &node.kind {
            Kind::Number(_) | Kind::Text(_) => Some(Footprint::default()),
            Kind::Vector(selector) => Some(self.selector(selector)),
            Kind::Range(range) => self.range(range, step_ms),
            Kind::Call(call) => self.call(call, step_ms),
            Kind::Aggregate(aggregate) => self.aggregate(aggregate, step_ms),
            Kind::Binary(binary) => self.binary(binary, step_ms),
            Kind::Negate(inner) | Kind::Invariant(inner) => self.node(inner, step_ms),
        }
    }

    fn selector(&self, selector: &Selector) -> Footprint {
        let after_ms = if selector.smoothed { self.lookback_ms } else { 0 };
        Footprint::around(-self.lookback_ms, after_ms).shifted(selector.time, 0)
    }

    fn range(&self, range: &RangeNode, step_ms: i64) -> Option<Footprint> {
        match &range.from {
            RangeFrom::Selector(_) => {
                let (before_ms, after_ms) =
                    range.extension().map_or((0, 0), |e| e.margins(self.lookback_ms));
                let own = Footprint::around(before_ms.saturating_neg(), after_ms);
                Some(own.shifted(range.time, range.range_ms))
            }
            RangeFrom::Subquery { expr, step_ms: inner_ms } => {
                // Between windows that do not touch, a subquery is evaluated too: what fails there
                // fails the query, though no step looks at it.
                if range.time.at_ms.is_none() && range.range_ms < step_ms {
                    return None;
                }
                let inner = self.node(expr, inner_ms.unwrap_or(self.subquery_step_ms))?;
                Some(inner.shifted(range.time, range.range_ms))
            }
        }
    }

    fn call(&self, call: &CallNode, step_ms: i64) -> Option<Footprint> {
        if NOT_BY_STEP.contains(&call.function.name) {
            return None;
        }
        // Losing their names may make series equal, and that is an error even when they never
        // meet at a step.
        let keeps_name =
            RangeFunction::named(call.function.name).is_none_or(RangeFunction::keeps_name);
        let is_range = |arg: &&Node| matches!(arg.kind, Kind::Range(_));
        if !keeps_name && !call.args.iter().filter(is_range).all(names::is_one) {
            return None;
        }
        self.all(&call.args, step_ms)
    }

    fn aggregate(&self, aggregate: &AggregateNode, step_ms: i64) -> Option<Footprint> {
        let own = self.node(&aggregate.expr, step_ms)?;
        let Some(param) = &aggregate.param else { return Some(own) };
        // A parameter is checked, and warned about, by its extremes over all steps.
        if !matches!(param.kind, Kind::Number(_) | Kind::Text(_) | Kind::Invariant(_)) {
            return None;
        }
        Some(own.and(self.node(param, step_ms)?))
    }

    fn binary(&self, binary: &BinaryNode, step_ms: i64) -> Option<Footprint> {
        Some(self.node(&binary.lhs, step_ms)?.and(self.node(&binary.rhs, step_ms)?))
    }

    fn all(&self, nodes: &[Node], step_ms: i64) -> Option<Footprint> {
        nodes.iter().try_fold(Footprint::default(), |footprint, node| {
            Some(footprint.and(self.node(node, step_ms)?))
        })
    }
}

#[cfg(test)]
mod tests {
    use model::TimeRange;
    use promql_syntax::ParseOptions;

    use super::Footprint;
    use crate::eval::Settings;
    use crate::plan::{self, QueryTimes};

    /// `around`, then `fixed`, in seconds; `-` where a query depends on the steps together.
    fn shown(query: &str) -> String {
        let times = QueryTimes { start_ms: 0, end_ms: 3_600_000, step_ms: 60_000 };
        let expr = promql_syntax::parse(query, &ParseOptions::all_features()).unwrap();
        let settings = Settings {
            lookback_ms: 300_000,
            subquery_step_ms: 60_000,
            delayed_name_removal: false,
            use_start_timestamps: false,
            count_samples: false,
            fold_ms_min: i64::MAX,
        };
        let plan = plan::build(&expr, &times).unwrap();
        let Some(footprint) = Footprint::of(&plan, times.step_ms, settings) else {
            return "-".into();
        };
        let seconds = |range: Option<TimeRange>| {
            range.map(|r| format!("{}..{}", r.start_ms / 1000, r.end_ms / 1000)).unwrap_or_default()
        };
        format!("{} {}", seconds(footprint.around), seconds(footprint.fixed)).trim().to_owned()
    }

    #[test]
    fn knows_what_a_step_reads() {
        let check = |query: &str, want: &str| assert_eq!(shown(query), want, "{query}");
        check("1 + time()", "");
        check("x", "-300..0");
        check("x offset 1m", "-360..-60");
        check("x offset -1m", "-240..60");
        check("x @ 1000", "700..1000");
        check("x @ 1000 offset 100s", "600..900");
        check("x smoothed", "-300..300");
        check("rate(x[1m])", "-60..0");
        check("rate(x[1m] anchored)", "-360..0");
        check("rate(x[1m] smoothed offset 1m)", "-420..240");
        check("max_over_time(rate(x[5m])[1h:1m] offset 10m)", "-4500..-600");
        check("max_over_time(rate(x[5m] @ 7200)[1h:1m])", "6900..7200");
        check("max_over_time(rate(x[5m])[1h:1m] @ 7200)", "3300..7200");
        check("sum by (a) (rate(x[1m])) / on (a) y offset 1h", "-3900..0");
        check("topk(2, x)", "-300..0");
        check("quantile(0.5 * 2, x)", "-300..0");
        check("topk(scalar(x @ 500), y)", "-300..0 200..500");
        check("rate(x[1m]) + y @ 100", "-60..0 -200..100");
    }

    #[test]
    fn refuses_what_looks_at_steps_together() {
        let check = |query: &str| assert_eq!(shown(query), "-", "{query}");
        check("info(x)");
        check("topk(scalar(x), y)");
        check("quantile(time(), y)");
        check("rate({job=\"a\"}[5m])");
        check("sum(rate({__name__=~\"a|b\"}[5m]))");
        check("max_over_time(rate(x[1m])[30s:10s])");
        check("max_over_time({job=\"a\"}[1h:1m])");
        check("min_over_time(max_over_time(rate(x[1m])[30s:10s])[1h:1m])");
    }
}
