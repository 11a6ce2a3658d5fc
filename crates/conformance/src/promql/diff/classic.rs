//! Writes random expressions that both servers understand when the peer is older than 3.0.
//!
//! Left out, because the peer (2.42 was looked at) lacks them or reads them otherwise than the version we follow:
//! `holt_winters` (renamed and experimental since), functions and operators of 3.x, native
//! histograms. Written around, for the same reason (see the functions named):
//! - `rate` and `increase` only of counters far from zero, whose extrapolation stops nowhere near
//!   it; where it does, the peer weighs the threshold after the zero point, later versions before
//!   ([`Writer::of_counters`]);
//! - `stddev` and `stdvar` of a group with one value that is no number: 0 in the peer, NaN since;
//!   `topk` among NaNs: the last in the peer, the first since ([`Writer::aggregation`]);
//! - `timestamp` of a selector with `@` and `offset`: the peer loses samples that the selector by
//!   itself finds ([`timestamp`]);
//! - of equal values, which `topk` takes is open: only of values that hardly ever are
//!   ([`Writer::aggregation`]);
//! - `predict_linear` of a range with `@`: the peer's window moves with the steps all the same
//!   ([`Writer::over_range`]);
//! - `atan2` keeps the metric's name in the peer ([`Writer::with_scalar`], [`Writer::pair`]);
//! - times outside any calendar: their dates are an accident of integer overflow
//!   ([`Writer::of_the_calendar`]).
//!
//! Windows begin and end where neither a sample nor a step of a subquery lies:
//! see [`Writer::subquery`].

use super::rng::Rng;

/// Window lengths, all whole seconds.
const RANGES: [&str; 6] = ["1m", "2m", "5m", "90s", "20m", "37s"];

/// Writes one expression after the other.
pub(super) struct Writer<'r> {
    pub(super) rng: &'r mut Rng,
    /// Evaluation times of the query, Unix milliseconds; half seconds, as is what `@` names.
    pub(super) start_ms: i64,
    /// What is written now is evaluated at the steps of a subquery.
    pub(super) in_subquery: bool,
}

impl Writer<'_> {
    /// An expression of any type a query of its kind may have.
    pub(super) fn query(&mut self, instant: bool) -> String {
        let depth = self.rng.below(4) as u32;
        match self.rng.below(100) {
            0..=3 if instant => self.selector(true),
            0..=5 => self.scalar(depth),
            6..=9 if instant => {
                let sort = self.rng.pick(&["sort", "sort_desc"]);
                format!("{sort}({})", self.vector(depth))
            }
            _ => self.vector(depth + 1),
        }
    }

    fn metric(&mut self) -> &'static str {
        self.rng.pick(&["c_total", "c_total", "g", "g", "odd", "meta", "limit", "h_bucket"])
    }

    /// A selector, of a range if wanted.
    fn selector(&mut self, range: bool) -> String {
        let metric = self.metric();
        self.selector_of(metric, range)
    }

    fn selector_of(&mut self, metric: &str, range: bool) -> String {
        let matcher = match self.rng.below(9) {
            0 => "{job=\"api\"}",
            1 => "{job!=\"api\"}",
            2 => "{instance=~\"0|1\"}",
            3 => "{instance!~\"[12]\", job=~\".+\"}",
            4 => "{path=\"/a\"}",
            5 => "{zone=~\"x|\"}",
            _ => "",
        };
        let range = if range { format!("[{}]", self.rng.pick(&RANGES)) } else { String::new() };
        format!("{metric}{matcher}{range}{}", self.modifiers())
    }

    fn modifiers(&mut self) -> String {
        let offset = match self.rng.below(12) {
            0 => " offset 3m",
            1 => " offset -2m",
            2 => " offset 41s",
            _ => "",
        };
        match self.rng.below(20) {
            0 => format!(" @ start(){offset}"),
            1 => format!(" @ end(){offset}"),
            2 => {
                let at_ms = self.start_ms + self.rng.below(1800) as i64 * 1000;
                format!(" @ {}.{:03}{offset}", at_ms / 1000, at_ms % 1000)
            }
            _ => offset.to_owned(),
        }
    }

    fn number(&mut self) -> &'static str {
        self.rng.pick(&["0", "1", "2", "-1.5", "100", "0.25", "1e3", "-7", "NaN", "Inf", "3"])
    }

    fn scalar(&mut self, depth: u32) -> String {
        match self.rng.below(if depth == 0 { 3 } else { 6 }) {
            0 | 1 => self.number().to_owned(),
            2 => self.rng.pick(&["time()", "pi()", "scalar(limit{job=\"api\"})"]).to_owned(),
            3 => format!("scalar({})", self.vector(depth - 1)),
            4 => {
                let op = self.rng.pick(&["+", "-", "*", "/", "%", "^", "> bool", "== bool"]);
                format!("({} {op} {})", self.scalar(depth - 1), self.scalar(depth - 1))
            }
            _ => format!("-{}", self.scalar(depth - 1)),
        }
    }

    fn vector(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.selector(false);
        }
        match self.rng.below(30) {
            0..=7 => self.over_range(depth),
            8..=13 => self.aggregation(depth),
            14..=16 => self.with_scalar(depth),
            17..=20 => self.pair(depth),
            21 => self.quantile_of_buckets(),
            22..=24 => self.by_element(depth),
            25 => self.labels_changed(depth),
            26 => self.of_the_calendar(depth),
            27 => format!("-{}", self.vector(depth - 1)),
            28 => format!("absent({})", self.vector(depth - 1)),
            _ => format!("vector({})", self.scalar(depth - 1)),
        }
    }

    fn of_counters(&mut self) -> String {
        let metric = self.rng.pick(&["c_total", "c_total", "h_bucket"]);
        let function = self.rng.pick(&["rate", "increase"]);
        if self.rng.percent(25) {
            let selector = self.selector_of(metric, false);
            let subquery = self.subquery_of(&selector);
            format!("{function}({subquery})")
        } else {
            format!("{function}({})", self.selector_of(metric, true))
        }
    }

    fn over_range(&mut self, depth: u32) -> String {
        let range = if self.rng.percent(25) { self.subquery(depth) } else { self.selector(true) };
        match self.rng.below(23) {
            0..=3 => self.of_counters(),
            4 | 5 => {
                let function = self.rng.pick(&["irate", "delta", "idelta"]);
                format!("{function}({range})")
            }
            6 => {
                let q = self.rng.pick(&["0.5", "0", "1", "0.9", "-1", "2", "NaN"]);
                // Of infinities the peer makes NaN.
                let range = if range.contains("odd") { "g[5m]".to_owned() } else { range };
                format!("quantile_over_time({q}, {range})")
            }
            7 => {
                let range = range.split(" @ ").next().unwrap_or(&range).to_owned();
                let range = if range.starts_with('(') { "g[5m]".to_owned() } else { range };
                format!("predict_linear({range}, {})", self.rng.pick(&["60", "-600", "3600"]))
            }
            _ => {
                let function = self.rng.pick(&[
                    "avg_over_time",
                    "min_over_time",
                    "max_over_time",
                    "sum_over_time",
                    "count_over_time",
                    "stddev_over_time",
                    "stdvar_over_time",
                    "last_over_time",
                    "present_over_time",
                    "absent_over_time",
                    "changes",
                    "resets",
                    "deriv",
                ]);
                format!("{function}({range})")
            }
        }
    }

    /// Its steps are at whole seconds, so its window must not begin or end there. Evaluated at half
    /// seconds, as queries are, it does not; at the steps of another subquery, half a second of
    /// offset sees to it.
    fn subquery(&mut self, depth: u32) -> String {
        let outer = std::mem::replace(&mut self.in_subquery, true);
        let inner = self.vector(depth - 1);
        self.in_subquery = outer;
        self.subquery_of(&inner)
    }

    fn subquery_of(&mut self, inner: &str) -> String {
        let step = self.rng.pick(&["", "30s", "1m", "17s", "2m"]);
        let range = self.rng.pick(&["5m", "10m", "3m", "11m"]);
        let offset = if self.in_subquery { " offset 500ms" } else { "" };
        format!("({inner})[{range}:{step}]{offset}")
    }

    fn aggregation(&mut self, depth: u32) -> String {
        let inner = self.vector(depth - 1);
        let grouping = self.rng.pick(&[
            "",
            " by (job)",
            " by (instance, job)",
            " without (instance)",
            " without (path, zone)",
            " by (nothing)",
            " by ()",
            " without ()",
            " by (le)",
        ]);
        match self.rng.below(14) {
            0 => {
                let q = self.rng.pick(&["0.5", "0.25", "0", "1", "1.5", "NaN"]);
                format!("quantile{grouping} ({q}, ({inner}) > -Inf < Inf)")
            }
            1 => {
                let k = self.rng.pick(&["1", "2", "0", "5"]);
                let function = self.rng.pick(&["topk", "bottomk"]);
                let metric = self.rng.pick(&["g", "limit"]);
                let selector = self.selector_of(metric, false);
                format!("{function}{grouping} ({k}, {selector} > -Inf < Inf)")
            }
            // The values become labels: no digits that depend on the order of a sum.
            2 => {
                let inner = format!("clamp({}, -1e6, 1e6)", off_the_edge(&inner));
                format!("count_values{grouping} (\"value\", round({inner}, 0.5))")
            }
            3 => {
                let function = self.rng.pick(&["stddev", "stdvar"]);
                format!("{function}{grouping} (({inner}) > -Inf < Inf)")
            }
            _ => {
                let aggregation =
                    self.rng.pick(&["sum", "sum", "avg", "min", "max", "count", "group"]);
                format!("{aggregation}{grouping} ({inner})")
            }
        }
    }

    fn with_scalar(&mut self, depth: u32) -> String {
        let op = self.rng.pick(&[
            "+", "-", "*", "/", "%", "^", ">", "<=", "==", "!=", "< bool", ">= bool", "== bool",
        ]);
        let (vector, scalar) = (self.vector(depth - 1), self.scalar(depth - 1));
        if self.rng.percent(50) {
            format!("({vector} {op} {scalar})")
        } else {
            format!("({scalar} {op} {vector})")
        }
    }

    fn pair(&mut self, depth: u32) -> String {
        let arithmetic = self.rng.pick(&["+", "-", "*", "/", "%", ">", "<", "!=", "> bool"]);
        match self.rng.below(6) {
            0 => {
                let op = self.rng.pick(&["and", "or", "unless"]);
                let on = self.rng.pick(&["", " on (job)", " ignoring (path)", " on ()"]);
                format!("({} {op}{on} {})", self.vector(depth - 1), self.vector(depth - 1))
            }
            1 => {
                let left = self.selector(false);
                let extra = self.rng.pick(&["", "", "version"]);
                let many = format!("on (instance, job) group_left ({extra})");
                format!("({left} {arithmetic} {many} meta)")
            }
            2 => {
                let metric = self.rng.pick(&["c_total", "g", "odd"]);
                let right = self.selector_of(metric, false);
                format!("(limit {arithmetic} on (job) group_right () {right})")
            }
            3 => format!("({} {arithmetic} {})", self.vector(depth - 1), self.vector(depth - 1)),
            _ => {
                let labels = self.rng.pick(&["job", "job, instance", "instance"]);
                let arithmetic = if self.rng.percent(10) { "atan2" } else { arithmetic };
                let (left, right) = (self.vector(depth - 1), self.vector(depth - 1));
                format!("(sum by ({labels}) ({left}) {arithmetic} max by ({labels}) ({right}))")
            }
        }
    }

    fn quantile_of_buckets(&mut self) -> String {
        let q = self.rng.pick(&["0.5", "0.9", "0.99", "0", "1", "-0.1", "1.2", "NaN"]);
        let range = self.rng.pick(&RANGES);
        match self.rng.below(3) {
            0 => format!("histogram_quantile({q}, rate(h_bucket[{range}]))"),
            1 => format!("histogram_quantile({q}, sum by (job, le) (rate(h_bucket[{range}])))"),
            _ => {
                let selector = self.selector_of("h_bucket", false);
                format!("histogram_quantile({q}, {selector})")
            }
        }
    }

    fn by_element(&mut self, depth: u32) -> String {
        let inner = self.vector(depth - 1);
        match self.rng.below(8) {
            0 => format!("clamp({inner}, {}, {})", self.number(), self.number()),
            1 => format!("clamp_min({inner}, {})", self.number()),
            2 => format!("clamp_max({inner}, {})", self.number()),
            3 => {
                let to = self.rng.pick(&["1", "0.5", "10", "3"]);
                format!("round({}, {to})", if depth > 1 { off_the_edge(&inner) } else { inner })
            }
            4 => timestamp(&inner),
            5 => {
                let function = self.rng.pick(&["ceil", "floor", "round", "sgn"]);
                format!("{function}({})", if depth > 1 { off_the_edge(&inner) } else { inner })
            }
            6 => {
                // Of large numbers they show only the last digits.
                let function = self.rng.pick(&["sin", "cos", "tan"]);
                format!("{function}(clamp({inner}, -100, 100))")
            }
            _ => {
                let function = self.rng.pick(&[
                    "abs", "sqrt", "exp", "ln", "log2", "log10", "atan", "sinh", "cosh", "tanh",
                    "asinh", "acosh", "atanh", "asin", "acos", "deg", "rad",
                ]);
                format!("{function}({inner})")
            }
        }
    }

    fn labels_changed(&mut self, depth: u32) -> String {
        let inner = self.vector(depth - 1);
        match self.rng.below(4) {
            0 => format!("label_replace({inner}, \"new\", \"$1-x\", \"instance\", \"(.*)\")"),
            1 => format!("label_replace({inner}, \"job\", \"\", \"zone\", \"y\")"),
            2 => format!("label_replace({inner}, \"__name__\", \"n_$1\", \"job\", \"(a|d).*\")"),
            _ => format!("label_join({inner}, \"new\", \"/\", \"job\", \"instance\", \"none\")"),
        }
    }

    fn of_the_calendar(&mut self, depth: u32) -> String {
        let function = self.rng.pick(&[
            "day_of_month",
            "day_of_week",
            "day_of_year",
            "days_in_month",
            "hour",
            "minute",
            "month",
            "year",
        ]);
        match self.rng.below(3) {
            0 => format!("{function}()"),
            1 => format!("{function}({})", timestamp(&self.selector(false))),
            _ => format!(
                "{function}({} * 1e5 > -1e15 < 1e15)",
                off_the_edge(&self.vector(depth - 1))
            ),
        }
    }
}

/// Moved from where rounding jumps: averages may differ in their last digit.
fn off_the_edge(inner: &str) -> String {
    format!("({inner} + 0.1234567)")
}

fn timestamp(inner: &str) -> String {
    let pinned_and_moved = inner.contains('@') && inner.contains("offset");
    if pinned_and_moved {
        format!("timestamp(({inner}) * 1)")
    } else {
        format!("timestamp({inner})")
    }
}
