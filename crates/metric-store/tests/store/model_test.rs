//! The store answers like a sorted map that keeps the first sample of every timestamp, whatever
//! happens in between: cuts, merges, restarts.

use std::collections::BTreeMap;

use model::{FloatHistogram, Labels, MatchOp, Matcher, Span, TimeRange, stale_nan};
use platform_sim::{Crash, SimPlatform};
use proptest::prelude::*;
use query::memory::MemorySource;
use query::{Budget, MetricSource, SelectHints};

use crate::driver::{
    Answer, Point, Value, append, metric, open, quiet_config, read, read_all, read_hinted, scope,
    set_clock,
};
use crate::versions::Remembered;

const BASE_MS: i64 = 1_700_000_000_000;

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<Point>, u64),
    Cut,
    Maintain,
    Restart,
    Kill,
    Read(Vec<Matcher>, TimeRange),
}

fn labels() -> impl Strategy<Value = Labels> {
    let names = prop_oneof![Just("up"), Just("cpu"), Just("Zed")];
    (names, prop_oneof![Just("a"), Just("b"), Just("c")]).prop_map(|(n, i)| metric(n, i))
}

fn histogram(count: u32) -> FloatHistogram {
    FloatHistogram {
        schema: 3,
        count: f64::from(count),
        sum: 0.5,
        positive_spans: vec![Span { offset: 1, length: 2 }],
        positive_buckets: vec![f64::from(count), 1.0],
        ..FloatHistogram::default()
    }
}

fn value() -> impl Strategy<Value = Value> {
    let float = prop_oneof![
        4 => (0_u32..50).prop_map(f64::from),
        1 => Just(stale_nan()),
        1 => Just(-0.0),
        1 => any::<u64>().prop_map(f64::from_bits),
    ];
    prop_oneof![
        6 => float.prop_map(|v| Value::Float(v.to_bits())),
        1 => (0_u32..5).prop_map(|count| Value::Histogram(Box::new(histogram(count)))),
    ]
}

fn point() -> impl Strategy<Value = Point> {
    // Few different times, so that late samples and duplicates are common.
    let time = (0_i64..400).prop_map(|tick| BASE_MS + tick * 1000);
    (labels(), time, value()).prop_map(|(labels, t_ms, value)| Point { labels, t_ms, value })
}

fn matcher() -> impl Strategy<Value = Matcher> {
    prop_oneof![
        Just(Matcher::equal("__name__", "up")),
        Just(Matcher::new("instance", MatchOp::Regex, "a|b").unwrap()),
        Just(Matcher::new("instance", MatchOp::NotEqual, "a").unwrap()),
        Just(Matcher::new("__name__", MatchOp::Regex, "c.*").unwrap()),
        Just(Matcher::new("absent", MatchOp::Equal, "").unwrap()),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let range = (0_i64..400, 0_i64..400)
        .prop_map(|(a, b)| TimeRange::new(BASE_MS + a * 1000, BASE_MS + b * 1000));
    prop_oneof![
        8 => (prop::collection::vec(point(), 0..40), 0_u64..2).prop_map(|(p, d)| Step::Append(p, d)),
        1 => Just(Step::Cut),
        1 => Just(Step::Maintain),
        1 => Just(Step::Restart),
        1 => Just(Step::Kill),
        3 => (prop::collection::vec(matcher(), 0..3), range).prop_map(|(m, r)| Step::Read(m, r)),
    ]
}

/// Keeps the first sample of every timestamp, then hands it to the reference source.
#[derive(Default)]
struct Reference {
    taken: BTreeMap<(Labels, i64), Value>,
    source: MemorySource,
}

impl Reference {
    /// Within a batch floats come before histograms, as they do on the wire.
    fn add(&mut self, points: &[Point]) {
        let mut points: Vec<&Point> = points.iter().collect();
        points.sort_by_key(|point| matches!(point.value, Value::Histogram(_)));
        for point in points {
            let key = (point.labels.clone(), point.t_ms);
            if self.taken.contains_key(&key) {
                continue;
            }
            self.taken.insert(key, point.value.clone());
            append(&self.source, &scope("t"), std::slice::from_ref(point), 0).unwrap();
        }
    }
}

#[track_caller]
fn check(steps: &[Step]) {
    let sim = SimPlatform::new(1);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, BASE_MS + 400_000);
    let (platform, config, tenant) = (sim.platform(), quiet_config(), scope("t"));
    let mut store = open(&platform, &config).unwrap();
    let mut reference = Reference::default();
    let mut remembered: Vec<Remembered> = Vec::new();
    for step in steps {
        match step {
            Step::Append(points, domain) => {
                append(&*store, &tenant, points, *domain).unwrap();
                reference.add(points);
            }
            Step::Cut => store.flush().unwrap(),
            Step::Maintain => store.maintain().unwrap(),
            Step::Restart => {
                store.shutdown().unwrap();
                drop(store);
                store = open(&platform, &config).unwrap();
                remembered.clear();
            }
            Step::Kill => {
                remembered.clear();
                drop(store);
                sim.reopen(Crash::Process);
                store = open(&platform, &config).unwrap();
            }
            Step::Read(matchers, range) => {
                let got = read(&*store, &tenant, matchers, *range).unwrap();
                let want = read(&reference.source, &tenant, matchers, *range).unwrap();
                assert_same(&got, &want);
                check_newest(&*store, matchers, *range, &want);
                remembered.extend(Remembered::now(&*store, matchers, *range, got));
            }
        }
        for answer in &remembered {
            answer.check(&*store);
        }
    }
    assert_same(&read_all(&*store, &tenant), &read_all(&reference.source, &tenant));
    check_names(&*store, &reference.source);
}

/// Who looks at the newest samples only is answered with them, and with nothing wrong beside.
#[track_caller]
fn check_newest(store: &dyn MetricSource, matchers: &[Matcher], range: TimeRange, want: &Answer) {
    let hints = SelectHints { newest_only: true, ..SelectHints::default() };
    let got = read_hinted(store, &scope("t"), matchers, range, hints).unwrap();
    assert_eq!(got.len(), want.len(), "series");
    for (series, samples) in want {
        assert_eq!(got[series].last_key_value(), samples.last_key_value(), "{series}");
        assert!(got[series].iter().all(|(t_ms, v)| samples.get(t_ms) == Some(v)), "{series}");
    }
}

fn assert_same(got: &Answer, want: &Answer) {
    let names = |answer: &Answer| answer.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(got), names(want), "series");
    for (series, samples) in want {
        assert_eq!(&got[series], samples, "{series}");
    }
}

fn check_names(got: &dyn MetricSource, want: &dyn MetricSource) {
    let (tenant, budget, all) = (scope("t"), Budget::default(), TimeRange::ALL);
    let sets = [vec![], vec![vec![Matcher::equal("instance", "a")]]];
    for sets in &sets {
        let names = |s: &dyn MetricSource| s.label_names(&tenant, sets, all, 0, &budget).unwrap();
        assert_eq!(names(got), names(want));
        let values = |s: &dyn MetricSource| {
            s.label_values(&tenant, "__name__", sets, all, 2, &budget).unwrap()
        };
        assert_eq!(values(got), values(want));
        let series = |s: &dyn MetricSource| s.series(&tenant, sets, all, 3, &budget).unwrap();
        assert_eq!(series(got), series(want));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn answers_like_the_reference(steps in prop::collection::vec(step(), 1..40)) {
        check(&steps);
    }
}
