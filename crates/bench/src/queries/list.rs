//! What is asked, by workload. `$long` in a query is half of the data's time, at most a day.

use crate::http::percent_encoded;
use crate::workload::{Name, Shape};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// At the end of the data.
    Instant,
    /// Over all data but the first six minutes; seconds between points.
    Range(i64),
    /// Over the second half of the data, so that a window of `$long` is always full.
    LateRange(i64),
    /// The values of this label.
    Values(&'static str),
    /// Label sets.
    Series,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Query {
    pub(crate) id: &'static str,
    pub(crate) form: Form,
    pub(crate) text: &'static str,
}

const fn query(id: &'static str, form: Form, text: &'static str) -> Query {
    Query { id, form, text }
}

/// The first thirteen are those of the peers' baseline.
const NODE: &[Query] = &[
    query("m01-instant-up", Form::Instant, "up"),
    query("m02-rate-by-job", Form::Range(15), "sum by (job) (rate(node_cpu_seconds_total[5m]))"),
    query(
        "m03-rate-by-instance-mode",
        Form::Range(60),
        "sum by (instance, mode) (rate(node_cpu_seconds_total[5m]))",
    ),
    query(
        "m04-histogram-quantile",
        Form::Range(60),
        "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))",
    ),
    query("m05-topk", Form::Range(60), "topk(10, node_memory_Active_bytes)"),
    query(
        "m06-regex-count",
        Form::Instant,
        r#"count({__name__=~"node_.+_total", instance=~"node-.*[13579][.].*"})"#,
    ),
    query("m07-max-over-time", Form::Range(60), "max_over_time(node_load1[30m])"),
    query(
        "m08-binary-join",
        Form::Range(60),
        "node_filesystem_avail_bytes / on (instance, mountpoint) node_filesystem_size_bytes",
    ),
    query(
        "m09-subquery",
        Form::Range(60),
        r#"max_over_time(sum by (job) (rate(node_network_receive_bytes_total{device="eth0"}[5m]))[20m:1m])"#,
    ),
    query("m10-label-values", Form::Values("instance"), ""),
    query("m11-series", Form::Series, "node_cpu_seconds_total"),
    query("m12-count-all-series", Form::Instant, r#"count({__name__=~".+"})"#),
    query("m13-scan", Form::Range(60), r#"sum by (job) ({__name__=~"node_.+"})"#),
    query("m14-range-up", Form::Range(15), "up"),
    query("m15-rate-each-series", Form::Range(300), "rate(node_cpu_seconds_total[5m])"),
    query("m16-max-over-long", Form::LateRange(300), "max_over_time(node_load1[$long])"),
    query("m17-avg-over-long", Form::LateRange(300), "avg_over_time(node_load1[$long])"),
    query(
        "m18-sum-of-increase-long",
        Form::LateRange(300),
        "sum by (instance) (increase(node_cpu_seconds_total[$long]))",
    ),
    query(
        "m19-quantile-over-long",
        Form::LateRange(300),
        "quantile_over_time(0.9, node_load5[$long])",
    ),
    query(
        "m20-group-left",
        Form::Range(60),
        "node_load1 * on (instance) group_left (release) node_uname_info",
    ),
    query(
        "m21-instant-rate-topk",
        Form::Instant,
        "topk(5, sum by (instance) (rate(node_network_receive_bytes_total[5m])))",
    ),
    query(
        "m22-ratio-of-aggregates",
        Form::Range(60),
        r#"1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))"#,
    ),
];

/// The greatest of one gauge on eight hosts.
macro_rules! eight_hosts {
    ($gauge:literal, $window:literal) => {
        concat!(
            "label_replace(max by (hostname) (max_over_time(cpu_usage_",
            $gauge,
            "{hostname=~\"host_(1|2|3|4|5|6|7|8)\"}[",
            $window,
            "])), \"gauge\", \"",
            $gauge,
            "\", \"\", \"\")"
        )
    };
}

const TSBS: &[Query] = &[
    query(
        "t01-single-groupby-1-1",
        Form::Range(60),
        r#"max(max_over_time(cpu_usage_user{hostname="host_7"}[1m]))"#,
    ),
    query(
        "t02-single-groupby-5-8",
        Form::Range(60),
        concat!(
            eight_hosts!("user", "1m"),
            " or ",
            eight_hosts!("system", "1m"),
            " or ",
            eight_hosts!("idle", "1m"),
            " or ",
            eight_hosts!("nice", "1m"),
            " or ",
            eight_hosts!("iowait", "1m")
        ),
    ),
    query("t03-cpu-max-all-8", Form::Range(3600), eight_hosts!("user", "1h")),
    query(
        "t04-double-groupby-1",
        Form::Range(3600),
        "avg by (hostname) (avg_over_time(cpu_usage_user[1h]))",
    ),
    query(
        "t05-double-groupby-5m",
        Form::Range(300),
        "avg by (hostname) (avg_over_time(cpu_usage_system[5m]))",
    ),
    query("t06-max-over-long", Form::LateRange(300), "max_over_time(cpu_usage_user[$long])"),
    query("t07-avg-over-long", Form::LateRange(300), "avg_over_time(cpu_usage_user[$long])"),
    query(
        "t08-sum-over-long",
        Form::LateRange(300),
        "sum by (region) (sum_over_time(cpu_usage_system[$long]))",
    ),
    query("t09-stddev-over-long", Form::LateRange(300), "stddev_over_time(cpu_usage_idle[$long])"),
    query("t10-high-load", Form::Range(60), "count by (datacenter) (cpu_usage_user > 90)"),
    query("t11-last-by-host", Form::Instant, "last_over_time(cpu_usage_user[10m])"),
];

const CHURN: &[Query] = &[
    query("c01-count", Form::Instant, r#"count({__name__=~"container_.+"})"#),
    query(
        "c02-rate-by-namespace",
        Form::Range(60),
        "sum by (namespace) (rate(container_metric_03_total[5m]))",
    ),
    query(
        "c03-series-of-all-time",
        Form::Series,
        r#"container_metric_01_total{namespace="team-03"}"#,
    ),
    query("c04-label-values-pod", Form::Values("pod"), ""),
    query(
        "c05-regex-pod",
        Form::Range(60),
        r#"sum by (pod) (rate(container_metric_02_total{pod=~"deployment-07-.*"}[5m]))"#,
    ),
    query(
        "c06-increase-long",
        Form::LateRange(300),
        "sum by (namespace) (increase(container_metric_05_total[$long]))",
    ),
];

const HISTOGRAMS: &[Query] = &[
    query(
        "h01-quantile",
        Form::Range(60),
        "histogram_quantile(0.99, sum by (job) (rate(request_duration_seconds[5m])))",
    ),
    query(
        "h02-quantile-each",
        Form::Range(300),
        "histogram_quantile(0.5, rate(request_duration_seconds[5m]))",
    ),
    query(
        "h03-count-rate",
        Form::Range(60),
        "sum by (handler) (histogram_count(rate(request_duration_seconds[5m])))",
    ),
    query(
        "h04-fraction",
        Form::Instant,
        "histogram_fraction(0, 0.1, sum(rate(request_duration_seconds[5m])))",
    ),
];

pub(crate) const fn queries(name: Name) -> &'static [Query] {
    match name {
        Name::M1 | Name::M5 => TSBS,
        Name::M2 => NODE,
        Name::M3 => CHURN,
        Name::M4 => HISTOGRAMS,
    }
}

/// The data's time in whole seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    start_s: i64,
    end_s: i64,
}

const WARM_UP_S: i64 = 360;

/// How far queries may be moved without leaving the data.
pub(crate) const SHIFT_MAX_S: i64 = 60;

impl Times {
    pub(crate) fn of(shape: &Shape) -> Self {
        Self { start_s: shape.start_ms.div_euclid(1000) + 1, end_s: shape.end_ms() / 1000 }
    }

    fn long_s(self) -> i64 {
        ((self.end_s - self.start_s) / 2 / 60 * 60).clamp(60, 86_400)
    }

    /// First and last point, at multiples of the step; room for a shift is left at the end.
    fn range(self, from_s: i64, step_s: i64) -> (i64, i64) {
        let last = (self.end_s - SHIFT_MAX_S) / step_s * step_s;
        let first = (from_s + step_s - 1) / step_s * step_s;
        (first.min(last), last)
    }
}

impl Query {
    /// The path to GET. All times move by `shift_s`, so that no answer to another shift helps;
    /// `cached` as far as a server lets its client decide.
    pub(crate) fn path(&self, times: Times, shift_s: i64, cached: bool) -> String {
        let text = percent_encoded(&self.text.replace("$long", &format!("{}s", times.long_s())));
        let nocache = if cached { "" } else { "&nocache=1" };
        let (start, end) = (times.start_s + shift_s, times.end_s - SHIFT_MAX_S + shift_s);
        let range = |first: i64, last: i64, step: i64| {
            let (first, last) = (first + shift_s, last + shift_s);
            format!(
                "/api/v1/query_range?query={text}&start={first}&end={last}&step={step}{nocache}"
            )
        };
        match self.form {
            Form::Instant => format!("/api/v1/query?query={text}&time={end}{nocache}"),
            Form::Range(step) => {
                let (first, last) = times.range(times.start_s + WARM_UP_S, step);
                range(first, last, step)
            }
            Form::LateRange(step) => {
                let (first, last) = times.range(times.start_s + times.long_s(), step);
                range(first, last, step)
            }
            Form::Values(label) => format!("/api/v1/label/{label}/values?start={start}&end={end}"),
            Form::Series => format!("/api/v1/series?match%5B%5D={text}&start={start}&end={end}"),
        }
    }
}
