//! The engine from outside: limits, errors by reaction, shapes of results.

use std::sync::LazyLock;
use std::time::Duration;

use model::{Labels, Tenant};
use promql::{Engine, EngineConfig, QueryError, QueryResult, RangeTimes, SampleValue, Value};
use query::memory::MemorySource;
use query::{Budget, BudgetLimits, Cancel, Scope, TenantLimits};

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(EngineConfig::default()).expect("threads start"));

fn experimental() -> Engine {
    let parse = promql_syntax::ParseOptions {
        experimental_functions: true,
        ..promql_syntax::ParseOptions::default()
    };
    Engine::new(EngineConfig { parse, ..EngineConfig::default() }).expect("threads start")
}

fn scope() -> Scope {
    Scope::grant(Tenant::default(), TenantLimits::default(), Vec::new())
}

/// Two counters, sampled every 15 s from 0 to 10 min, that grow by 1 and 2 per second.
fn counters() -> MemorySource {
    let source = MemorySource::new();
    for (instance, per_second) in [("a", 1.0), ("b", 2.0)] {
        let labels = Labels::from_pairs([
            ("__name__", "requests_total"),
            ("instance", instance),
            ("job", "api"),
        ]);
        for t_s in (0..=600_i32).step_by(15) {
            source.push(&scope(), &labels, i64::from(t_s) * 1000, f64::from(t_s) * per_second);
        }
    }
    source
}

fn instant_within(query: &str, budget: &Budget) -> Result<QueryResult, QueryError> {
    ENGINE.instant(&counters(), &scope(), query, 600_000, budget)
}

fn instant(query: &str) -> Result<QueryResult, QueryError> {
    instant_within(query, &Budget::default())
}

fn range(query: &str, step_ms: i64) -> Result<QueryResult, QueryError> {
    let times = RangeTimes { start_ms: 300_000, end_ms: 600_000, step_ms };
    ENGINE.range(&counters(), &scope(), query, times, &Budget::default())
}

/// `labels value` per element, in the order of the result.
fn shown(value: &Value) -> String {
    let float = |value: &SampleValue| match value {
        SampleValue::Float(v) => v.to_string(),
        SampleValue::Histogram(h) => promql::histogram::to_text(h),
    };
    match value {
        Value::Scalar { v, .. } => v.to_string(),
        Value::String { text, .. } => format!("{text:?}"),
        Value::Vector { samples, .. } => {
            let samples = samples.iter().map(|s| format!("{} {}", s.labels, float(&s.value)));
            samples.collect::<Vec<_>>().join("; ")
        }
        Value::Matrix(series) => {
            let series = series.iter().map(|series| {
                let points = series.floats().map(|(t, v)| format!("{v}@{}", t / 1000));
                format!("{} {}", series.labels, points.collect::<Vec<_>>().join(" "))
            });
            series.collect::<Vec<_>>().join("; ")
        }
    }
}

#[test]
fn answers_every_type_of_value() {
    let check = |query: &str, want: &str| {
        let result = instant(query).unwrap();
        assert_eq!(shown(&result.value), want, "{query}");
    };
    check("1 + 2", "3");
    check("\"text\"", "\"text\"");
    check("vector(1)", "{} 1");
    check(
        "requests_total",
        "requests_total{instance=\"a\", job=\"api\"} 600; requests_total{instance=\"b\", job=\"api\"} 1200",
    );
    check("sum by (job) (increase(requests_total[5m] offset 1s))", "{job=\"api\"} 900");
    check(
        "sort_desc(round(rate(requests_total[5m])))",
        "{instance=\"b\", job=\"api\"} 2; {instance=\"a\", job=\"api\"} 1",
    );
    check(
        "requests_total{instance=\"a\"}[45s]",
        "requests_total{instance=\"a\", job=\"api\"} 570@570 585@585 600@600",
    );
    check("requests_total > 1000", "requests_total{instance=\"b\", job=\"api\"} 1200");
    check("absent(nothing{job=\"x\"})", "{job=\"x\"} 1");
    // A brace that counts nothing stands for itself in this dialect.
    check("label_replace(vector(1), \"a\", \"$1\", \"b\", \"{?(.*)\")", "{} 1");
    check("label_replace(vector(1), \"a\", \"x\", \"b\", \"{*\")", "{a=\"x\"} 1");
}

#[test]
fn info_series_are_taken_from_the_time_that_all_selectors_share() {
    let source = counters();
    let add = |labels: &[(&str, &str)], times: std::ops::RangeInclusive<i64>| {
        let labels = Labels::from_pairs(labels.iter().copied());
        times.step_by(15).for_each(|t_s| source.push(&scope(), &labels, t_s * 1000, 1.0));
    };
    let of_a = [("__name__", "target_info"), ("instance", "a"), ("job", "api")];
    add(&[&of_a[..], &[("version", "1")]].concat(), 0..=300);
    add(&[&of_a[..], &[("version", "2")]].concat(), 315..=600);
    add(&[("__name__", "target_info"), ("job", "api"), ("team", "red")], 0..=600);
    let engine = experimental();
    let check = |query: &str, want: &str| {
        let query = query.replace('A', "requests_total{instance=\"a\"}");
        let result = engine.instant(&source, &scope(), &query, 600_000, &Budget::default());
        let names: Vec<String> = match result.unwrap().value {
            Value::Vector { samples, .. } => samples.iter().map(|s| s.labels.to_string()).collect(),
            _ => panic!("{query} has another type"),
        };
        let found = |text: &str| names.iter().any(|labels| labels.contains(text));
        assert!(found(want), "{query}: {names:?}");
    };
    check("info(A)", "version=\"2\"");
    check("info(A @ 100)", "version=\"1\"");
    check("info(A offset 8m)", "version=\"1\"");
    check("info(max_over_time(A[1m:15s] offset 8m))", "version=\"1\"");
    check("info(A @ 100 and A @ 160 offset 1m)", "version=\"1\"");
    check("info(A @ 100 + scalar(A))", "version=\"1\"");
    // Several times, or series without one: the evaluation's.
    check("info(A @ 100 and on (job) A)", "version=\"2\"");
    check("info(A @ 100 or vector(1))", "version=\"2\"");
    // Targets without one of the labels have info series without it.
    check("info(A or sum by (job) (A))", "team=\"red\"");
    check("info(sum by (job) (A))", "{job=\"api\", team=\"red\"}");
}

#[test]
fn a_range_query_answers_at_every_step() {
    let result = range("requests_total{instance=\"a\"} / 10", 150_000).unwrap();
    assert_eq!(shown(&result.value), "{instance=\"a\", job=\"api\"} 30@300 45@450 60@600");
    let Value::Matrix(series) = &result.value else { panic!("a matrix") };
    assert_eq!(series[0].cells().collect::<Vec<_>>(), [Some(30.0), Some(45.0), Some(60.0)]);
    // Constant parts are repeated, `@` pins time.
    let result = range("requests_total{instance=\"a\"} @ end() + 1", 300_000).unwrap();
    assert_eq!(shown(&result.value), "{instance=\"a\", job=\"api\"} 601@300 601@600");
}

#[test]
fn errors_say_which_reaction_is_due() {
    let parse = |result: Result<QueryResult, QueryError>, part: &str| match result {
        Err(QueryError::Parse(text)) => assert!(text.contains(part), "{text}"),
        other => panic!("{other:?}"),
    };
    parse(instant("sum("), "parse error");
    parse(range("requests_total[5m]", 1000), "must be Scalar or instant Vector");
    parse(range("requests_total", 0), "zero or negative");
    parse(range("requests_total", 1), "11,000 points");
    let execution = |query: &str, part: &str| match instant(query) {
        Err(QueryError::Execution(text)) => assert!(text.contains(part), "{text}"),
        other => panic!("{query}: {other:?}"),
    };
    execution("requests_total + on (job) requests_total", "many-to-many matching not allowed");
    execution("label_replace(requests_total, \"\", \"\", \"\", \"\")", "label_replace");
    execution("label_replace(up, \"a\", \"\", \"b\", \"c**\")", "invalid regular expression");
}

#[test]
fn limits_name_their_setting() {
    let limited = |query: &str, limits: BudgetLimits| {
        let budget = Budget::new(limits, Cancel::default());
        instant_within(query, &budget).unwrap_err()
    };
    let few = BudgetLimits { samples_max: 20, ..BudgetLimits::default() };
    let error = limited("rate(requests_total[10m])", few);
    assert!(matches!(&error, QueryError::Limit(_)), "{error:?}");
    assert!(error.to_string().contains("query.max_samples"), "{error}");
    let small = BudgetLimits { bytes_max: 1 << 20, ..BudgetLimits::default() };
    let error = limited("max_over_time(vector(1)[100y:1ms])", small);
    assert!(matches!(&error, QueryError::Limit(_)), "{error:?}");
    let at_once = BudgetLimits { timeout: Duration::ZERO, ..BudgetLimits::default() };
    assert!(matches!(limited("requests_total", at_once), QueryError::Timeout(_)));
    let cancel = Cancel::default();
    cancel.cancel();
    let budget = Budget::new(BudgetLimits::default(), cancel);
    let cancelled = instant_within("requests_total", &budget).unwrap_err();
    assert!(matches!(cancelled, QueryError::Cancelled(_)));
}

#[test]
fn everything_charged_is_given_back() {
    let budget = Budget::default();
    for query in [
        "sum by (job) (rate(requests_total[5m]))",
        "requests_total + on (instance) requests_total",
        "max_over_time(rate(requests_total[1m])[5m:30s])",
        "topk(1, requests_total) or vector(1)",
    ] {
        instant_within(query, &budget).unwrap();
    }
    assert!(budget.samples_peak() > 0);
    assert_eq!(budget.samples_held(), 0, "samples are still charged");
}

#[test]
fn annotations_point_into_the_query() {
    let result = instant("quantile(2, requests_total)").unwrap();
    let want = "PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)";
    assert_eq!(result.warnings, [want]);
    let check = |query: &str, want: &str| {
        let answer =
            experimental().instant(&counters(), &scope(), query, 600_000, &Budget::default());
        let warnings = answer.unwrap().warnings;
        let got = warnings.iter().map(|text| text.trim_start_matches("PromQL warning: "));
        assert_eq!(got.collect::<Vec<_>>(), [want], "{query}");
    };
    let strategy = "strategy should be 0, 1, or 2 (default), using 2, got";
    check("integral(requests_total[1m], 3)", &format!("{strategy} 3 (1:30)"));
    check("integral(requests_total[1m:15s], (1.5))", &format!("{strategy} 1.5 (1:35)"));
    check("integral(requests_total[1m], scalar(foo))", &format!("{strategy} NaN (1:30)"));
    let source = MemorySource::new();
    source.push(&scope(), &Labels::from_pairs([("__name__", "gauge")]), 590_000, 1.0);
    source.push(&scope(), &Labels::from_pairs([("__name__", "gauge")]), 600_000, 2.0);
    let result =
        ENGINE.instant(&source, &scope(), "rate(gauge[1m])", 600_000, &Budget::default()).unwrap();
    assert_eq!(
        result.infos,
        [
            "PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"gauge\" (1:6)"
        ]
    );
}

#[test]
fn depth_is_bounded_by_the_parser_not_by_the_stack() {
    let nested = format!("{}requests_total{}", "abs(".repeat(200), ")".repeat(200));
    assert!(instant(&nested).is_ok());
    let chain = vec!["1"; 200].join(" + ");
    assert_eq!(shown(&instant(&chain).unwrap().value), "200");
}
