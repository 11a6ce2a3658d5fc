//! Writes random expressions in the whole language of the version we follow, its experimental parts
//! included: every function of the table, every aggregation, operator and modifier.
//!
//! Written around, because the answer is open:
//! - which of equal elements `topk`, `bottomk` and `limitk` take: only of gauges, whose values are
//!   hardly ever equal, and all or none of `limitk`;
//! - digits that depend on the order of a sum, where they become labels or decide a comparison
//!   ([`off_the_edge`]);
//! - bounds of exponential buckets as `count_values` writes them: the peer's table is off by one in
//!   the last digit at places;
//! - `timestamp` of a selector with `@` and `offset`: the peer reads the samples of one time and
//!   looks for them at another ([`timestamp`]);
//! - a selector with `@` in a subquery with a negative offset: likewise;
//! - variances, slopes and remainders of large numbers ([`is_large`]): what is left of these is
//!   rounding; rates of what is computed, which may fall by a last digit;
//! - what shows buckets that only other samples of a chunk have, which the peer hands out: multiples
//!   of histograms with `Inf` and `NaN`, quantiles of negated ones.

use promql_syntax::ValueType;
use promql_syntax::functions::{FUNCTIONS, Function};

use super::rng::Rng;
use super::server::Version;

const FLOATS: [&str; 9] =
    ["c_total", "c_total", "g", "g", "odd", "meta", "limit", "h_bucket", "h_count"];
const HISTOGRAMS: [&str; 6] = ["nh", "nh", "nh_gauge", "nh_custom", "nh_part", "mix"];

/// Writes one expression after the other.
pub(super) struct Writer<'r> {
    pub(super) rng: &'r mut Rng,
    pub(super) peer: Version,
    /// Evaluation time of the query or its first, Unix milliseconds.
    pub(super) start_ms: i64,
}

impl Writer<'_> {
    /// An expression of any type a query of its kind may have.
    pub(super) fn query(&mut self, instant: bool) -> String {
        let depth = self.rng.below(4) as u32;
        match self.rng.below(100) {
            0..=3 if instant => self.range_selector(),
            4 if instant => format!("\"{}\"", self.rng.pick(&["a", "\\n", "é"])),
            5..=8 => self.scalar(depth),
            _ => self.vector(depth + 1),
        }
    }

    fn metric(&mut self) -> &'static str {
        if self.rng.percent(35) { self.rng.pick(&HISTOGRAMS) } else { self.rng.pick(&FLOATS) }
    }

    fn selector_of(&mut self, metric: &str) -> String {
        let matcher = match self.rng.below(12) {
            0 => "{job=\"api\"}",
            1 => "{job!=\"api\"}",
            2 => "{instance=~\"0|1\"}",
            3 => "{instance!~\"[12]\", job=~\".+\"}",
            4 => "{path=\"/a\"}",
            5 => "{zone=~\"x|\"}",
            6 => return format!("{{__name__=~\"{metric}|limit\", job=~\"a.*\"}}"),
            _ => "",
        };
        format!("{metric}{matcher}")
    }

    fn selector(&mut self) -> String {
        let metric = self.metric();
        let selector = self.selector_of(metric);
        let smoothed = if self.rng.percent(3) { " smoothed" } else { "" };
        format!("{selector}{smoothed}{}", self.modifiers())
    }

    fn range_selector(&mut self) -> String {
        let metric = self.metric();
        self.range_of(metric)
    }

    fn range_of(&mut self, metric: &str) -> String {
        let selector = self.selector_of(metric);
        let range = self.duration();
        let extended = match self.rng.below(25) {
            0 | 1 => " anchored",
            2 | 3 => " smoothed",
            _ => "",
        };
        format!("{selector}[{range}]{extended}{}", self.modifiers())
    }

    fn duration(&mut self) -> &'static str {
        self.rng.pick(&[
            "1m",
            "2m",
            "5m",
            "90s",
            "20m",
            "37s",
            "30s",
            "15s",
            "1m * 3",
            "max_of(step(), 1m)",
            "5m - 30s",
            "(2m)",
            "120",
            "range() / 4 + 61",
            "min_of(2 ^ 6, 1m)",
        ])
    }

    fn modifiers(&mut self) -> String {
        let offset = match self.rng.below(14) {
            0 => " offset 3m",
            1 => " offset -2m",
            2 => " offset 41s",
            3 => " offset (1m + 2s)",
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
        self.rng.pick(&["0", "1", "2", "-1.5", "100", "0.25", "1e3", "-7", "NaN", "Inf", "3", "5m"])
    }

    fn scalar(&mut self, depth: u32) -> String {
        match self.rng.below(if depth == 0 { 3 } else { 7 }) {
            0 | 1 => self.number().to_owned(),
            2 => self
                .rng
                .pick(&[
                    "time()",
                    "pi()",
                    "scalar(limit{job=\"api\"})",
                    "start()",
                    "end()",
                    "step()",
                    "range()",
                ])
                .to_owned(),
            3 => format!("scalar({})", self.vector(depth - 1)),
            4 => {
                let op = self
                    .rng
                    .pick(&["+", "-", "*", "/", "%", "^", "atan2", "> bool", "== bool", "<= bool"]);
                format!("({} {op} {})", self.scalar(depth - 1), self.scalar(depth - 1))
            }
            5 => {
                let function = self.rng.pick(&["max_of", "min_of"]);
                format!("{function}({}, {})", self.scalar(depth - 1), self.scalar(depth - 1))
            }
            _ => format!("-{}", self.scalar(depth - 1)),
        }
    }

    pub(super) fn vector(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.selector();
        }
        match self.rng.below(40) {
            0..=9 => self.over_range(depth),
            10..=16 => self.aggregation(depth),
            17..=20 => self.with_scalar(depth),
            21..=25 => self.pair(depth),
            26..=28 => self.quantile(depth),
            29..=37 => self.any_function(depth),
            38 => format!("-{}", self.vector(depth - 1)),
            _ => format!("({})", self.vector(depth - 1)),
        }
    }

    /// A range vector, of the kind of samples a function is for in most cases.
    fn range(&mut self, depth: u32, function: &str) -> String {
        let counters = matches!(function, "rate" | "increase" | "irate" | "resets");
        if self.rng.percent(20) {
            return self.subquery(if counters { 0 } else { depth });
        }
        if counters && self.rng.percent(80) {
            let metric = self.rng.pick(&["c_total", "h_bucket", "nh", "nh_part", "nh_custom"]);
            return self.range_of(metric);
        }
        self.range_selector()
    }

    fn subquery(&mut self, depth: u32) -> String {
        let inner = self.vector(depth.saturating_sub(1));
        let step = self.rng.pick(&["", "", "30s", "1m", "17s", "2m", "step() + 20", "15s * 2"]);
        let range = self.rng.pick(&["5m", "10m", "3m", "11m", "2m + 30s"]);
        let mut modifiers = self.modifiers();
        if inner.contains('@') && modifiers.contains("offset -") {
            modifiers.clear();
        }
        format!("({inner})[{range}:{step}]{modifiers}")
    }

    fn over_range(&mut self, depth: u32) -> String {
        let of_ranges = FUNCTIONS.iter().filter(|f| f.args.contains(&ValueType::Matrix));
        let of_ranges: Vec<&Function> = of_ranges.filter(|f| self.peer.has(f.name)).collect();
        let function = match self.rng.below(10) {
            0..=2 => self.rng.pick(&["rate", "increase", "irate"]),
            _ => self.rng.pick(&of_ranges).name,
        };
        let range = self.range(depth, function);
        let is_rounding = ["deriv", "predict_linear", "stddev_over_time", "stdvar_over_time"];
        let function = if is_rounding.contains(&function) && is_large(&range) {
            "avg_over_time"
        } else {
            function
        };
        match function {
            "quantile_over_time" => {
                let q = self.quantile_rank();
                format!("{function}({q}, {range})")
            }
            "predict_linear" => {
                format!("{function}({range}, {})", self.rng.pick(&["60", "-600", "3600"]))
            }
            "double_exponential_smoothing" => {
                let factors = self.rng.pick(&["0.5, 0.5", "0.1, 0.9", "0.3, 0.01", "1, 0.5"]);
                format!("{function}({range}, {factors})")
            }
            "integral" => {
                let rule = self.rng.pick(&["", "", ", 0", ", 1", ", 2", ", 1.5", ", -0", ", NaN"]);
                format!("{function}({range}{rule})")
            }
            _ => format!("{function}({range})"),
        }
    }

    fn quantile_rank(&mut self) -> &'static str {
        self.rng.pick(&["0.5", "0.9", "0.99", "0.25", "0", "1", "-0.1", "1.2", "NaN"])
    }

    fn aggregation(&mut self, depth: u32) -> String {
        let inner = self.vector(depth - 1);
        let grouping = self.grouping();
        match self.rng.below(18) {
            0 | 1 => format!("quantile{grouping} ({}, {inner})", self.quantile_rank()),
            2 => {
                let k = self.rng.pick(&["1", "2", "0", "5", "-1", "NaN"]);
                let function = self.rng.pick(&["topk", "bottomk"]);
                let metric = self.rng.pick(&["g", "g", "limit", "mix", "nh"]);
                format!("{function}{grouping} ({k}, {})", self.selector_of(metric))
            }
            // The values become labels: no digits that depend on the order of a sum.
            3 => {
                let inner = format!("clamp({}, -1e6, 1e6)", off_the_edge(&inner));
                format!("count_values{grouping} (\"value\", round({inner}, 0.5))")
            }
            4 => {
                let metric = self.rng.pick(&["nh_custom", "nh_custom", "odd", "meta"]);
                format!("count_values{grouping} (\"value\", {})", self.selector_of(metric))
            }
            5 => format!("limitk{grouping} ({}, {inner})", self.rng.pick(&["0", "1000", "-1"])),
            6 => {
                let ratio = self.rng.pick(&["0.3", "-0.7", "1", "0", "-1", "2", "-3", "0.5"]);
                format!("limit_ratio{grouping} ({ratio}, {inner})")
            }
            _ => {
                let aggregation = self.rng.pick(&[
                    "sum", "sum", "sum", "avg", "avg", "min", "max", "count", "group", "stddev",
                    "stdvar",
                ]);
                let is_rounding = aggregation.starts_with("std") && is_large(&inner);
                let aggregation = if is_rounding { "avg" } else { aggregation };
                format!("{aggregation}{grouping} ({inner})")
            }
        }
    }

    fn grouping(&mut self) -> &'static str {
        self.rng.pick(&[
            "",
            "",
            " by (job)",
            " by (instance, job)",
            " without (instance)",
            " without (path, zone)",
            " by (nothing)",
            " by ()",
            " without ()",
            " by (le)",
            " by (__name__)",
        ])
    }

    fn with_scalar(&mut self, depth: u32) -> String {
        let op = self.rng.pick(&[
            "+", "-", "*", "*", "/", "/", "%", "^", "atan2", ">", "<=", "==", "!=", "< bool",
            ">= bool", "== bool", "</", ">/",
        ]);
        let (vector, mut scalar) = (self.vector(depth - 1), self.scalar(depth - 1));
        if op == "*" && ["Inf", "NaN"].contains(&scalar.as_str()) {
            "1e3".clone_into(&mut scalar);
        }
        let is_rounding = op == "%" && (is_large(&vector) || is_large(&scalar));
        let op = if is_rounding { "-" } else { op };
        if self.rng.percent(60) {
            format!("({vector} {op} {scalar})")
        } else {
            format!("({scalar} {op} {vector})")
        }
    }

    fn pair(&mut self, depth: u32) -> String {
        let op = self.rng.pick(&[
            "+", "+", "-", "-", "*", "/", "%", "^", ">", "<", "==", "!=", "> bool", "!= bool",
            "atan2", "</", ">/",
        ]);
        let fill = match self.rng.below(14) {
            0 => " fill (2)",
            1 => " fill_left (0)",
            2 => " fill_right (-1) fill_left (3)",
            _ => "",
        };
        match self.rng.below(8) {
            0 => {
                let op = self.rng.pick(&["and", "or", "unless"]);
                let on = self.rng.pick(&["", " on (job)", " ignoring (path)", " on ()"]);
                format!("({} {op}{on} {})", self.vector(depth - 1), self.vector(depth - 1))
            }
            1 => {
                let left = self.selector();
                let extra = self.rng.pick(&["", "", "version"]);
                let many = format!("on (instance, job) group_left ({extra})");
                format!("({left} {op} {many}{fill} meta)")
            }
            2 => {
                let metric = self.rng.pick(&["c_total", "g", "odd", "nh"]);
                let right = self.selector_of(metric);
                // One-sided fills changed sides in 3.16.
                let fill = if fill.contains('_') { "" } else { fill };
                format!("(limit {op} on (job) group_right (){fill} {right})")
            }
            3 => format!("({} {op}{fill} {})", self.vector(depth - 1), self.vector(depth - 1)),
            // Histograms with histograms.
            4 | 5 => {
                let (a, b) = (self.rng.pick(&HISTOGRAMS), self.rng.pick(&HISTOGRAMS));
                let (a, b) = (self.selector_of(a), self.selector_of(b));
                let ignoring = if self.rng.percent(50) { " ignoring (x)" } else { "" };
                format!("({a} {op}{ignoring} {b})")
            }
            _ => {
                let labels = self.rng.pick(&["job", "job, instance", "instance"]);
                let (left, right) = (self.vector(depth - 1), self.vector(depth - 1));
                let (outer, other) =
                    (self.rng.pick(&["sum", "avg", "count"]), self.rng.pick(&["max", "sum"]));
                format!(
                    "({outer} by ({labels}) ({left}) {op}{fill} {other} by ({labels}) ({right}))"
                )
            }
        }
    }

    fn quantile(&mut self, depth: u32) -> String {
        let q = self.quantile_rank();
        let range = self.rng.pick(&["1m", "2m", "5m", "90s"]);
        let native = self.rng.pick(&["nh", "nh_custom", "nh_part", "nh_gauge"]);
        match self.rng.below(8) {
            0 => format!("histogram_quantile({q}, rate(h_bucket[{range}]))"),
            1 => format!("histogram_quantile({q}, sum by (job, le) (rate(h_bucket[{range}])))"),
            2 => format!("histogram_quantile({q}, {})", self.selector_of("h_bucket")),
            3 => format!("histogram_quantile({q}, sum by (job) (rate({native}[{range}])))"),
            4 => format!("histogram_quantile({q}, {})", self.selector_of(native)),
            5 => {
                let bounds = self.rng.pick(&["0, 1", "-Inf, 0.5", "-1, Inf", "2, 1", "0.1, 3.3"]);
                let of = self.rng.pick(&["nh", "h_bucket", "nh_custom", "rate(nh[2m])"]);
                format!("histogram_fraction({bounds}, {of})")
            }
            6 => {
                let of = if self.rng.percent(50) { "h_bucket" } else { native };
                format!("histogram_quantiles({of}, \"q\", 0.5, {q})")
            }
            _ => {
                let of = self.vector(depth - 1);
                format!("histogram_quantile({q}, {})", of.trim_start_matches('-'))
            }
        }
    }

    /// Any function of vectors and scalars.
    fn any_function(&mut self, depth: u32) -> String {
        let of_vectors: Vec<&Function> =
            FUNCTIONS.iter().filter(|f| f.args.first() == Some(&ValueType::Vector)).collect();
        let function = self.rng.pick(&of_vectors).name;
        let inner = self.vector(depth - 1);
        match function {
            "scalar" => format!("vector(scalar({inner}))"),
            "timestamp" => timestamp(&inner),
            "label_replace" => self.label_replace(&inner),
            "label_join" => {
                let parts = self.rng.pick(&["\"job\", \"instance\", \"none\"", "\"zone\""]);
                let into = self.rng.pick(&["new", "new", "job", "__name__"]);
                format!("label_join({inner}, \"{into}\", \"/\", {parts})")
            }
            "sort_by_label" | "sort_by_label_desc" => {
                format!("{function}({inner}, \"job\", \"instance\")")
            }
            "histogram_quantiles" => {
                let of = inner.trim_start_matches('-');
                format!("histogram_quantiles({of}, \"q\", 0.1, 0.9)")
            }
            "info" => self.info(&inner),
            "clamp" => format!("clamp({inner}, {}, {})", self.number(), self.number()),
            "clamp_min" | "clamp_max" => format!("{function}({inner}, {})", self.number()),
            "round" => {
                let to = self.rng.pick(&["", ", 1", ", 0.5", ", 10", ", 3", ", 0", ", NaN"]);
                format!("round({}{to})", off_the_edge(&inner))
            }
            "ceil" | "floor" | "sgn" => format!("{function}({})", off_the_edge(&inner)),
            // Of large numbers they show only the last digits.
            "sin" | "cos" | "tan" => format!("{function}(clamp({inner}, -100, 100))"),
            "exp" | "sinh" | "cosh" => format!("{function}(clamp({inner}, -50, 50))"),
            "day_of_month" | "day_of_week" | "day_of_year" | "days_in_month" | "hour"
            | "minute" | "month" | "year" => match self.rng.below(4) {
                0 => format!("{function}()"),
                1 => format!("{function}({})", timestamp(&self.selector())),
                2 => format!("{function}(vector({}))", self.scalar(depth - 1)),
                _ => format!("{function}({} * 1e5)", off_the_edge(&inner)),
            },
            _ => format!("{function}({inner})"),
        }
    }

    fn label_replace(&mut self, inner: &str) -> String {
        let how = self.rng.pick(&[
            "\"new\", \"$1-x\", \"instance\", \"(.*)\"",
            "\"job\", \"\", \"zone\", \"y\"",
            "\"__name__\", \"n_$1\", \"job\", \"(a|d).*\"",
            "\"new\", \"${a}$9$$\", \"job\", \"(?P<a>.).*\"",
            "\"instance\", \"same\", \"job\", \".*\"",
        ]);
        format!("label_replace({inner}, {how})")
    }

    fn info(&mut self, inner: &str) -> String {
        let selector = self.rng.pick(&[
            "",
            ", {version=~\".+\"}",
            ", {__name__=\"meta\"}",
            ", {__name__=~\".*_info\", version=\"1\"}",
        ]);
        format!("info({inner}{selector})")
    }
}

/// Whether an expression may have values as large as times, in seconds since 1970, or larger.
fn is_large(expression: &str) -> bool {
    const LARGE: [&str; 8] =
        ["timestamp", "ts_of", "time()", "start()", "end()", "sinh", "cosh", "exp("];
    LARGE.iter().any(|of| expression.contains(of))
}

fn timestamp(inner: &str) -> String {
    let pinned_and_moved = inner.contains('@') && inner.contains("offset");
    if pinned_and_moved {
        format!("timestamp(({inner}) * 1)")
    } else {
        format!("timestamp({inner})")
    }
}

/// Moved from where rounding jumps: averages may differ in their last digit.
fn off_the_edge(inner: &str) -> String {
    format!("({inner} + 0.1234567)")
}
