//! The result cache from outside: whatever happens to the data, an engine with a cache answers as
//! one without.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use model::{FloatHistogram, HistogramSample, Labels, Span, Tenant, TimeRange};
use promql::{
    CacheStats, Engine, EngineConfig, QueryError, QueryOptions, QueryResult, RangeTimes,
    ResultCache, Value,
};
use promql_syntax::ParseOptions;
use proptest::prelude::*;
use query::memory::MemorySource;
use query::{Budget, MetricSource as _, Scope, TenantLimits};

const MINUTE_MS: i64 = 60_000;
const BASE_MS: i64 = 1_700_000_040_000;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let parse = ParseOptions::all_features();
    Engine::new(EngineConfig { parse, threads: 2, ..EngineConfig::default() }).unwrap()
});

fn scope() -> Scope {
    Scope::grant(Tenant::default(), TenantLimits::default(), Vec::new())
}

/// A source, and an engine with a cache for it.
struct World {
    source: MemorySource,
    engine: Engine,
}

impl World {
    fn new() -> Self {
        let cache = Arc::new(ResultCache::new(8 << 20));
        Self { source: MemorySource::new(), engine: ENGINE.clone().with_cache(cache) }
    }

    fn stats(&self) -> CacheStats {
        self.engine.cache().unwrap().stats()
    }

    fn push(&self, name: &str, instance: &str, minute: i64, v: f64) {
        let labels = Labels::from_pairs([("__name__", name), ("instance", instance)]);
        self.source.push(&scope(), &labels, BASE_MS + minute * MINUTE_MS, v);
    }

    fn push_start(&self, labels: &Labels, minute: i64, v: f64) {
        let t_ms = BASE_MS + minute * MINUTE_MS;
        self.source.push(&scope(), labels, t_ms, v);
        self.source.push_start(&scope(), labels, t_ms, t_ms - MINUTE_MS / 2);
    }

    /// Asks both engines; `steps` are minutes from the base, both included.
    fn ask(&self, query: &str, steps: (i64, i64), step_ms: i64) -> Result<QueryResult, QueryError> {
        let times = RangeTimes {
            start_ms: BASE_MS + steps.0 * MINUTE_MS,
            end_ms: BASE_MS + steps.1 * MINUTE_MS,
            step_ms,
        };
        let ask = |engine: &Engine| {
            engine.range(&self.source, &scope(), query, times, &Budget::default())
        };
        let (got, want) = (ask(&self.engine), ask(&ENGINE));
        assert_eq!(shown(&got), shown(&want), "{query} {steps:?} / {step_ms}");
        got
    }

    fn reused(&self, query: &str, steps: (i64, i64)) -> u64 {
        self.ask(query, steps, MINUTE_MS).unwrap().stats.steps_cached
    }
}

/// Everything that a client can see, numbers bit for bit. All NaN look alike to it; the sign of one
/// that is computed is left open by IEEE 754 and differs between scalar and vector instructions.
fn shown(result: &Result<QueryResult, QueryError>) -> String {
    // Of several reasons to fail any may be told.
    let Ok(result) = result else { return "failed".into() };
    let Value::Matrix(series) = &result.value else { return "no matrix".into() };
    let series = series.iter().map(|series| {
        let bits = |v: f64| if v.is_nan() { f64::NAN.to_bits() } else { v.to_bits() };
        let floats = series.floats().map(|(t, v)| format!("{}:{:x}", t - BASE_MS, bits(v)));
        let histograms = series
            .histograms()
            .map(|(t, h)| format!("{}:{}", t - BASE_MS, promql::histogram::to_text(h)));
        let points: Vec<String> = floats.chain(histograms).collect();
        format!("{} {}", series.labels, points.join(" "))
    });
    let lines: Vec<String> = series.collect();
    let warnings = result.warnings.iter().map(|text| uncounted(text));
    let infos = result.infos.iter().map(|text| uncounted(text));
    format!(
        "{}\n{:?}\n{:?}",
        lines.join("\n"),
        warnings.collect::<Vec<_>>(),
        infos.collect::<Vec<_>>()
    )
}

/// An annotation without how many samples it is about: where a subquery's inner steps reach back
/// before the steps that the cache has, they are evaluated a second time, and counted again.
fn uncounted(text: &str) -> String {
    let Some((before, after)) = text.split_once(", over ") else { return text.to_owned() };
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}, over some{after}")
}

#[test]
fn a_refresh_computes_the_tail_and_late_data_what_it_touched() {
    let world = World::new();
    for minute in 0..=240 {
        world.push("x_total", "a", minute, minute as f64);
        world.push("x_total", "b", minute, 2.0 * minute as f64);
    }
    let query = "sum(rate(x_total[5m]))";
    assert_eq!(world.reused(query, (0, 240)), 0);
    assert_eq!(world.reused(query, (0, 240)), 241);
    assert_eq!(world.stats().hits, 1);
    // An hour later.
    for minute in 241..=300 {
        world.push("x_total", "a", minute, minute as f64);
    }
    let reused = world.reused(query, (60, 300));
    assert!((178..=181).contains(&reused), "{reused}");
    // Written the other way, over another range.
    assert_eq!(world.reused("sum( rate ( x_total [ 300s ]) )", (100, 290)), 191);
    assert_eq!(world.ask(query, (100, 290), 2 * MINUTE_MS).unwrap().stats.steps_cached, 0);
    // Late: changes the windows that see minute 200, give or take the width of what is counted.
    world.push("x_total", "b", 200, 7.0);
    let reused = world.reused(query, (100, 290));
    assert!((191 - 8..=191 - 5).contains(&reused), "{reused}");
    world.source.delete(&scope(), TimeRange::new(BASE_MS, BASE_MS + 150 * MINUTE_MS));
    let reused = world.reused(query, (100, 290));
    assert!((290 - 157..=290 - 155).contains(&reused), "{reused}");
    assert_eq!(world.reused(query, (100, 290)), 191);
}

#[test]
fn the_first_step_that_changed_is_known() {
    let world = World::new();
    for minute in 0..=240 {
        world.push("x_total", "a", minute, minute as f64);
    }
    let times = |from: i64, to: i64| RangeTimes {
        start_ms: BASE_MS + from * MINUTE_MS,
        end_ms: BASE_MS + to * MINUTE_MS,
        step_ms: MINUTE_MS,
    };
    let since = world.source.version(&scope()).unwrap();
    let first = |query: &str, times| {
        let first = world.engine.first_changed(&world.source, &scope(), query, times, since);
        first.map(|t| (t - BASE_MS) / MINUTE_MS)
    };
    let rate = "sum(rate(x_total[5m]))";
    assert_eq!(first(rate, times(0, 240)), Some(241), "nothing has changed");
    world.push("x_total", "a", 241, 241.0);
    // Give or take the width of what is counted.
    assert!((240..=241).contains(&first(rate, times(1, 241)).unwrap()));
    world.push("x_total", "a", 100, 7.0);
    assert!((99..=100).contains(&first(rate, times(1, 241)).unwrap()));
    assert_eq!(first(rate, times(110, 241)), first(rate, times(200, 241)));
    for query in ["x_total @ end()", "time()", "info(x_total)", "sum("] {
        assert_eq!(first(query, times(0, 240)), None, "{query}");
    }
    let uncached = ENGINE.first_changed(&world.source, &scope(), rate, times(0, 240), since);
    assert_eq!(uncached, None, "an engine without a cache computes everything anew");
}

#[test]
fn series_come_and_go_between_steps() {
    let world = World::new();
    for minute in 0..50 {
        world.push("x", "late", 100 + minute, 1.0);
        world.push("x", "early", minute, 2.0);
    }
    assert_eq!(world.reused("x", (0, 40)), 0);
    assert!(world.reused("x", (0, 140)) > 30);
    world.push("x", "after", 150, 3.0);
    assert!(world.reused("x", (20, 160)) > 100);
    // Nothing but what is there is remembered of a series that was deleted.
    world.source.delete(&scope(), TimeRange::ALL);
    assert_eq!(world.reused("x", (20, 160)), 0);
    assert_eq!(world.reused("x", (20, 160)), 141);
}

#[test]
fn notes_are_those_of_the_steps_asked_for() {
    let world = World::new();
    for minute in 0..300 {
        // Not named like a counter: a note, as long as there is something to rate.
        world.push("gauge", "a", if minute < 100 { minute } else { minute + 100 }, minute as f64);
    }
    let query = "rate(gauge[5m])";
    let infos = |steps| world.ask(query, steps, MINUTE_MS).unwrap().infos.len();
    assert_eq!((infos((0, 250)), infos((0, 250))), (1, 1));
    let before = world.stats().steps_reused;
    assert_eq!(infos((0, 250)), 1);
    assert_eq!(world.stats().steps_reused - before, 251, "runs with notes are kept");
    assert_eq!(infos((120, 190)), 0);
    assert_eq!(infos((10, 190)), 1);
    assert_eq!(infos((10, 260)), 1);
    // The same tree, but its positions are elsewhere.
    let shifted = world.ask("  rate(gauge[5m])", (0, 250), MINUTE_MS).unwrap();
    assert!(shifted.infos[0].contains("(1:8)"), "{:?}", shifted.infos);
}

#[test]
fn what_looks_at_all_steps_is_not_cached() {
    let world = World::new();
    for minute in 0..100 {
        world.push(if minute < 50 { "a" } else { "b" }, "i", minute, minute as f64);
    }
    let ask = |query: &str, steps| world.ask(query, steps, MINUTE_MS);
    for query in ["a @ end()", "vector(range())", "info(a)", "time()", "a[range()]"] {
        let query =
            if query.contains('[') { format!("sum_over_time({query})") } else { query.into() };
        assert_eq!(ask(&query, (0, 99)).unwrap().stats.steps_cached, 0, "{query}");
        assert_eq!(ask(&query, (0, 99)).unwrap().stats.steps_cached, 0, "{query}");
    }
    assert_eq!(world.stats().uncacheable, 10);
}

#[test]
fn series_that_become_one_fail_where_they_meet() {
    let world = World::new();
    // By their names, and by other metadata: that is known only when the data is seen.
    let typed = |kind| Labels::from_pairs([("__name__", "typed"), ("__type__", kind)]);
    for minute in 0..100 {
        world.push(if minute < 50 { "a" } else { "b" }, "i", minute, minute as f64);
        let kind = if minute < 60 { "counter" } else { "gauge" };
        let t_ms = BASE_MS + minute * MINUTE_MS;
        world.source.push(&scope(), &typed(kind), t_ms, minute as f64);
    }
    let check = |series: &str, cached: u64| {
        let ask = |range: &str, steps| {
            world.ask(&format!("max_over_time({series}[{range}])"), steps, MINUTE_MS)
        };
        ask("1m", (0, 40)).unwrap();
        assert_eq!(ask("1m", (0, 99)).unwrap().stats.steps_cached, cached, "{series}");
        ask("2m", (0, 40)).unwrap();
        ask("2m", (0, 99)).unwrap_err();
        ask("2m", (0, 40)).unwrap();
    };
    check("{__name__=~\"a|b\"}", 0);
    check("typed", 41);
}

#[test]
fn tenants_policies_and_engines_do_not_share() {
    let world = World::new();
    let other = Scope::grant(Tenant::parse("other").unwrap(), TenantLimits::default(), vec![]);
    let narrow = Scope::grant(
        Tenant::default(),
        TenantLimits::default(),
        vec![model::Matcher::equal("instance", "a")],
    );
    let labels = |i: &str| Labels::from_pairs([("__name__", "x"), ("instance", i)]);
    for minute in 0..20 {
        world.push("x", "a", minute, 1.0);
        world.push("x", "b", minute, 2.0);
        world.source.push(&other, &labels("c"), BASE_MS + minute * MINUTE_MS, 3.0);
    }
    let times =
        RangeTimes { start_ms: BASE_MS, end_ms: BASE_MS + 10 * MINUTE_MS, step_ms: MINUTE_MS };
    let count = |engine: &Engine, scope: &Scope| {
        let result = engine.range(&world.source, scope, "x", times, &Budget::default()).unwrap();
        let Value::Matrix(series) = result.value else { return (0, 0) };
        (series.len(), result.stats.steps_cached)
    };
    for expected in [0, 11] {
        assert_eq!(count(&world.engine, &scope()), (2, expected));
        assert_eq!(count(&world.engine, &narrow), (1, expected));
        assert_eq!(count(&world.engine, &other), (1, expected));
    }
    assert_eq!(count(&world.engine.without_cache(), &scope()), (2, 0));
}

#[test]
fn queries_with_and_without_start_times_do_not_share() {
    let world = World::new();
    let labels = Labels::from_pairs([("__name__", "x_total")]);
    for minute in 0..20 {
        // Every sample is of a counter that began half a minute before.
        world.push_start(&labels, minute, 3.0);
    }
    let times =
        RangeTimes { start_ms: BASE_MS, end_ms: BASE_MS + 10 * MINUTE_MS, step_ms: MINUTE_MS };
    let last = |use_start_timestamps: Option<bool>, query: &str| {
        let engine =
            world.engine.with(QueryOptions { use_start_timestamps, ..QueryOptions::default() });
        let result = engine.range(&world.source, &scope(), query, times, &Budget::default());
        let result = result.unwrap();
        let Value::Matrix(series) = result.value else { return (None, 0) };
        (series[0].floats().last().map(|(_, v)| v), result.stats.steps_cached)
    };
    for query in ["resets(x_total[5m])", "increase(x_total[4m] anchored) / 3"] {
        for expected in [0, 11] {
            assert_eq!(last(Some(true), query), (Some(4.0), expected), "{query}");
            assert_eq!(last(Some(false), query), (Some(0.0), expected), "{query}");
        }
        // The engine's own setting, whose answers are there already.
        assert_eq!(last(None, query), (Some(0.0), 11), "{query}");
    }
}

#[test]
fn the_cache_stays_within_its_bytes() {
    let source = MemorySource::new();
    for i in 0..200 {
        let labels = Labels::from_pairs([("__name__", "x"), ("i", &i.to_string())]);
        for minute in 0..120 {
            source.push(&scope(), &labels, BASE_MS + minute * MINUTE_MS, f64::from(i));
        }
    }
    let cache = Arc::new(ResultCache::new(256 << 10));
    let engine = ENGINE.clone().with_cache(Arc::clone(&cache));
    let times =
        RangeTimes { start_ms: BASE_MS, end_ms: BASE_MS + 110 * MINUTE_MS, step_ms: MINUTE_MS };
    let reused = |query: &str| {
        let result = engine.range(&source, &scope(), query, times, &Budget::default());
        result.unwrap().stats.steps_cached
    };
    // 200 rows of a hundred cells are more than the share of one result.
    assert_eq!((reused("x"), reused("x")), (0, 0));
    assert_eq!((reused("sum(x)"), reused("sum(x)")), (0, 111));
    for i in 0..200 {
        reused(&format!("x{{i=\"{i}\"}}"));
    }
    let stats = cache.stats();
    assert!(stats.evictions > 0 && stats.bytes <= 256 << 10, "{stats:?}");
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Event {
    /// A sample of a series, minutes from the base.
    Push(usize, usize, i64, f64),
    Histogram(usize, i64, u32),
    Delete(i64, i64),
    Ask(String, i64, i64, i64),
}

const NAMES: [&str; 4] = ["a_total", "b", "h_bucket", "h_total"];

fn labels(name: usize, which: usize) -> Labels {
    let bound = ["0.1", "1", "+Inf"][which % 3];
    let mut pairs = vec![("__name__", NAMES[name]), ("i", ["p", "q"][which / 3])];
    if NAMES[name] == "h_bucket" {
        pairs.push(("le", bound));
    } else {
        pairs.push(("g", bound));
    }
    Labels::from_pairs(pairs)
}

fn histogram(count: u32) -> FloatHistogram {
    FloatHistogram {
        schema: 1,
        count: f64::from(count) + 1.0,
        sum: f64::from(count),
        positive_spans: vec![Span { offset: 1, length: 2 }],
        positive_buckets: vec![f64::from(count), 1.0],
        ..FloatHistogram::default()
    }
}

fn selector() -> impl Strategy<Value = String> {
    let base = prop_oneof![
        3 => Just("a_total"),
        2 => Just("b"),
        1 => Just("a_total{i=\"p\"}"),
        1 => Just("b{g=~\"0.*|1\"}"),
        1 => Just("h_bucket"),
        1 => Just("h_total"),
        1 => Just("{__name__=~\"a_total|b\"}"),
    ];
    let time = prop_oneof![
        8 => Just(String::new()),
        1 => Just(" offset 3m".to_owned()),
        1 => Just(" offset -2m".to_owned()),
        1 => (0_i64..200).prop_map(|m| format!(" @ {}", (BASE_MS + m * MINUTE_MS) / 1000)),
    ];
    (base, time).prop_map(|(base, time)| format!("{base}{time}"))
}

/// `{}` in the template is a range vector.
fn over_range(inner: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let functions = prop_oneof![
        Just("rate({})"),
        Just("increase({})"),
        Just("delta({})"),
        Just("irate({})"),
        Just("resets({})"),
        Just("changes({})"),
        Just("max_over_time({})"),
        Just("min_over_time({})"),
        Just("sum_over_time({})"),
        Just("count_over_time({})"),
        Just("last_over_time({})"),
        Just("present_over_time({})"),
        Just("absent_over_time({})"),
        Just("quantile_over_time(0.5, {})"),
        Just("integral({}, 1)"),
        Just("ts_of_max_over_time({})"),
    ];
    (functions, inner).prop_map(|(f, inner)| f.replace("{}", &inner))
}

fn expression() -> impl Strategy<Value = String> {
    let selector_range = (selector(), prop_oneof![Just("1m"), Just("4m"), Just("11m")]).prop_map(
        |(selector, range)| {
            let at = selector.find([' ']).unwrap_or(selector.len());
            format!("{}[{range}]{}", &selector[..at], &selector[at..])
        },
    );
    let leaf = prop_oneof![
        3 => selector(),
        3 => over_range(selector_range),
        1 => Just("time()".to_owned()),
        1 => Just("vector(3)".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        let aggregate = prop_oneof![
            Just("sum"),
            Just("count"),
            Just("max"),
            Just("min"),
            Just("group"),
            Just("topk(1,"),
            Just("bottomk(2,"),
            Just("limitk(2,"),
            Just("limit_ratio(0.5,"),
            Just("quantile(0.5,"),
            Just("count_values(\"v\","),
        ];
        let by = prop_oneof![Just(""), Just(" by (i)"), Just(" without (g)"), Just(" by (i, le)")];
        let binary = prop_oneof![
            Just(" + "),
            Just(" - "),
            Just(" > "),
            Just(" == bool "),
            Just(" and "),
            Just(" or "),
            Just(" unless "),
            Just(" * on (i) group_left () "),
            Just(" + on (i, g) fill (0) "),
        ];
        let call = prop_oneof![
            Just("abs({})"),
            Just("-({})"),
            Just("absent({})"),
            Just("scalar({})"),
            Just("timestamp({})"),
            Just("sort({})"),
            Just("clamp_max({}, 5)"),
            Just("histogram_quantile(0.9, {})"),
            Just("histogram_quantile(scalar(b{i=\"p\",g=\"1\"}), {})"),
            Just("histogram_count({})"),
            Just("label_replace({}, \"x\", \"$1\", \"i\", \"(.*)\")"),
            Just("({}) > 2"),
            Just("topk(scalar(b{i=\"p\",g=\"1\"}), {})"),
        ];
        let subquery = (inner.clone(), prop_oneof![Just("10m:2m"), Just("6m:"), Just("1m:30s")])
            .prop_map(|(inner, range)| format!("({inner})[{range}]"));
        prop_oneof![
            (aggregate, by, inner.clone()).prop_map(|(op, by, inner)| match op.split_once('(') {
                Some((op, param)) => format!("{op}{by}({param} {inner})"),
                None => format!("{op}{by}({inner})"),
            }),
            (inner.clone(), binary, inner.clone()).prop_map(|(l, op, r)| format!("({l}){op}({r})")),
            (call, inner).prop_map(|(call, inner)| call.replace("{}", &inner)),
            over_range(subquery),
        ]
    })
}

fn event() -> impl Strategy<Value = Event> {
    let v = prop_oneof![
        12 => (0_i32..40).prop_map(f64::from),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(model::stale_nan()),
    ];
    prop_oneof![
        10 => (0_usize..4, 0_usize..6, 0_i64..200, v).prop_map(|(n, w, m, v)| Event::Push(n, w, m, v)),
        1 => (0_usize..6, 0_i64..200, 0_u32..9).prop_map(|(w, m, c)| Event::Histogram(w, m, c)),
        1 => (0_i64..200, 0_i64..9).prop_map(|(from, len)| Event::Delete(from, from + len)),
    ]
}

/// A few expressions, asked again and again between other events.
fn story() -> impl Strategy<Value = Vec<Event>> {
    let filled = prop::collection::vec(event(), 100..200);
    let queries = prop::collection::vec(expression(), 1..4);
    (filled, queries).prop_flat_map(|(filled, queries)| {
        let steps = prop_oneof![3 => Just(MINUTE_MS), 1 => Just(30_000), 1 => Just(150_000)];
        let ask = (prop::sample::select(queries), 0_i64..200, 0_i64..160, steps)
            .prop_map(|(query, from, len, step)| Event::Ask(query, from, from + len, step));
        let then = prop::collection::vec(prop_oneof![2 => ask, 1 => event()], 5..30);
        then.prop_map(move |then| [filled.clone(), then].concat())
    })
}

/// An answer that a client still holds: the version of the data before it was asked for, its first
/// and last step, and every point.
struct Held {
    version: u64,
    steps: (i64, i64),
    points: BTreeMap<(String, i64), String>,
}

/// Points by series and time.
fn points(result: &QueryResult) -> BTreeMap<(String, i64), String> {
    let Value::Matrix(series) = &result.value else { return BTreeMap::new() };
    let of = |series: &promql::Series| {
        let name = series.labels.to_string();
        let bits = |v: f64| if v.is_nan() { f64::NAN.to_bits() } else { v.to_bits() };
        let floats = series.floats().map(|(t, v)| (t, format!("{:x}", bits(v))));
        let histograms = series.histograms().map(|(t, h)| (t, promql::histogram::to_text(h)));
        floats.chain(histograms).map(move |(t, text)| ((name.clone(), t), text)).collect::<Vec<_>>()
    };
    series.iter().flat_map(of).collect()
}

impl Held {
    /// What is said not to have changed since has not.
    fn check(&self, world: &World, query: &str, times: RangeTimes, now: &Self) {
        let source = &world.source;
        let first = world.engine.first_changed(source, &scope(), query, times, self.version);
        let Some(first) = first else { return };
        assert!((first - times.start_ms) % times.step_ms == 0, "{first} is no step");
        let (from, to) = (self.steps.0.max(now.steps.0), self.steps.1.min(now.steps.1));
        let kept = |held: &Self| {
            let within = held.points.iter().filter(|((_, t), _)| (from..=to).contains(t));
            let within = within.filter(|((_, t), _)| *t < first);
            within.map(|(at, text)| (at.clone(), text.clone())).collect::<Vec<_>>()
        };
        assert_eq!(kept(self), kept(now), "{query} before {first}");
    }
}

fn tell(events: &[Event]) -> CacheStats {
    let world = World::new();
    let mut held: BTreeMap<(String, i64, i64), Held> = BTreeMap::new();
    for event in events {
        match event {
            Event::Push(name, which, minute, v) => {
                let t_ms = BASE_MS + minute * MINUTE_MS;
                world.source.push(&scope(), &labels(*name, *which), t_ms, *v);
            }
            Event::Histogram(which, minute, count) => {
                let t_ms = BASE_MS + minute * MINUTE_MS;
                let sample = HistogramSample { t_ms, h: histogram(*count) };
                world.source.push_histogram(&scope(), &labels(3, *which), sample);
            }
            Event::Delete(from, to) => {
                let at = |minute: i64| BASE_MS + minute * MINUTE_MS;
                world.source.delete(&scope(), TimeRange::new(at(*from), at(*to)));
            }
            Event::Ask(query, from, to, step_ms) => {
                let (start_ms, end_ms) = (BASE_MS + from * MINUTE_MS, BASE_MS + to * MINUTE_MS);
                let times = RangeTimes { start_ms, end_ms, step_ms: *step_ms };
                let version = world.source.version(&scope()).unwrap();
                // Both engines agree, also about failures.
                let Ok(result) = world.ask(query, (*from, *to), *step_ms) else { continue };
                let now = Held { version, steps: (start_ms, end_ms), points: points(&result) };
                let key = (query.clone(), *step_ms, start_ms % step_ms);
                if let Some(before) = held.get(&key) {
                    before.check(&world, query, times, &now);
                }
                held.insert(key, now);
            }
        }
    }
    world.stats()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]
    #[test]
    fn answers_as_without_a_cache(events in story()) {
        tell(&events);
    }
}
