//! What is kept: deletions and retentions against a sorted map, through cuts, merges and crashes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use metric_store::{MetricStore, MetricStoreConfig, RetentionRule};
use model::{Labels, MatchOp, Matcher, TimeRange};
use platform_sim::{Crash, SimPlatform};
use proptest::prelude::*;
use query::{Budget, MetricAdmin, MetricSource};

use crate::driver::{
    Answer, Point, Value, append, float, metric, open, quiet_config, read, read_all, scope,
    set_clock,
};
use crate::versions::Remembered;

const BASE_MS: i64 = 1_700_000_000_000;

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<Point>),
    Delete(Vec<Vec<Matcher>>, TimeRange),
    Clean,
    Cut,
    Maintain,
    Restart,
    Kill,
    Read(Vec<Matcher>, TimeRange),
    /// Time passes, in seconds.
    Pass(u64),
}

fn point() -> impl Strategy<Value = Point> {
    let names = prop_oneof![Just("up"), Just("cpu"), Just("Zed")];
    let labels = (names, prop_oneof![Just("a"), Just("b")]).prop_map(|(n, i)| metric(n, i));
    // Values tell an old sample from a new one with its timestamp.
    (labels, 0_i64..200, 0_u32..1000)
        .prop_map(|(labels, tick, v)| float(&labels, BASE_MS + tick * 1000, f64::from(v)))
}

fn matchers() -> impl Strategy<Value = Vec<Matcher>> {
    let one = prop_oneof![
        Just(Matcher::equal("__name__", "up")),
        Just(Matcher::equal("instance", "a")),
        Just(Matcher::new("__name__", MatchOp::Regex, "c.*").unwrap()),
        Just(Matcher::new("instance", MatchOp::NotEqual, "a").unwrap()),
    ];
    prop::collection::vec(one, 0..3)
}

fn range() -> impl Strategy<Value = TimeRange> {
    (0_i64..200, 0_i64..120)
        .prop_map(|(from, len)| TimeRange::new(from, from + len))
        .prop_map(|r| TimeRange::new(BASE_MS + r.start_ms * 1000, BASE_MS + r.end_ms * 1000))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => prop::collection::vec(point(), 0..30).prop_map(Step::Append),
        4 => (prop::collection::vec(matchers(), 1..3), range()).prop_map(|(m, r)| Step::Delete(m, r)),
        1 => Just(Step::Clean),
        1 => Just(Step::Cut),
        2 => Just(Step::Maintain),
        1 => Just(Step::Restart),
        1 => Just(Step::Kill),
        3 => (matchers(), range()).prop_map(|(m, r)| Step::Read(m, r)),
        2 => (1_u64..60).prop_map(Step::Pass),
    ]
}

/// The samples that should be there.
struct Model {
    taken: BTreeMap<(Labels, i64), Value>,
    now_ms: i64,
    config: MetricStoreConfig,
}

impl Model {
    fn oldest_ms(&self, labels: &Labels) -> i64 {
        let rules = self.config.retention_rules.iter();
        let rules = rules.filter(|rule| passes(labels, &rule.matchers));
        let shortest = rules.map(|rule| rule.retention).fold(self.config.retention, Duration::min);
        self.now_ms - shortest.as_millis() as i64
    }

    fn add(&mut self, points: &[Point]) {
        let oldest_ms = self.now_ms - self.config.retention.as_millis() as i64;
        for point in points.iter().filter(|point| point.t_ms >= oldest_ms) {
            let key = (point.labels.clone(), point.t_ms);
            self.taken.entry(key).or_insert_with(|| point.value.clone());
        }
    }

    fn delete(&mut self, sets: &[Vec<Matcher>], range: TimeRange) {
        self.taken.retain(|(labels, t_ms), _| {
            !(range.contains(*t_ms) && sets.iter().any(|set| passes(labels, set)))
        });
    }

    fn read(&self, matchers: &[Matcher], range: TimeRange) -> Answer {
        let mut answer = Answer::new();
        for ((labels, t_ms), value) in &self.taken {
            if *t_ms >= self.oldest_ms(labels) && range.contains(*t_ms) && passes(labels, matchers)
            {
                answer.entry(labels.to_string()).or_default().insert(*t_ms, value.clone());
            }
        }
        answer
    }
}

fn passes(labels: &Labels, matchers: &[Matcher]) -> bool {
    matchers.iter().all(|m| m.matches(labels.get(m.name()).unwrap_or_default()))
}

#[track_caller]
fn assert_same(got: &Answer, want: &Answer) {
    let names = |answer: &Answer| answer.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(got), names(want), "series");
    for (series, samples) in want {
        assert_eq!(&got[series], samples, "{series}");
    }
}

fn run(steps: &[Step], config: &MetricStoreConfig) -> (Arc<MetricStore>, Model) {
    let sim = SimPlatform::new(1);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    let now_ms = BASE_MS + 200_000;
    set_clock(&sim, now_ms);
    let (platform, tenant) = (sim.platform(), scope("t"));
    let mut store = open(&platform, config).unwrap();
    let mut model = Model { taken: BTreeMap::new(), now_ms, config: config.clone() };
    let mut remembered: Vec<Remembered> = Vec::new();
    for step in steps {
        match step {
            Step::Append(points) => {
                append(&*store, &tenant, points, 0).unwrap();
                model.add(points);
            }
            Step::Delete(sets, range) => {
                store.delete_series(&tenant, sets, *range).unwrap();
                model.delete(sets, *range);
            }
            Step::Clean => store.clean_tombstones(&tenant).unwrap(),
            Step::Cut => store.flush().unwrap(),
            Step::Maintain => store.maintain().unwrap(),
            Step::Restart => {
                remembered.clear();
                store.shutdown().unwrap();
                drop(store);
                store = open(&platform, config).unwrap();
            }
            Step::Kill => {
                remembered.clear();
                drop(store);
                sim.reopen(Crash::Process);
                store = open(&platform, config).unwrap();
            }
            Step::Read(matchers, range) => {
                let got = read(&*store, &tenant, matchers, *range).unwrap();
                assert_same(&got, &model.read(matchers, *range));
                remembered.extend(Remembered::now(&*store, matchers, *range, got));
            }
            Step::Pass(seconds) => {
                sim.clock().advance(Duration::from_secs(*seconds));
                model.now_ms = platform.clock.unix_ms();
            }
        }
        for answer in &remembered {
            answer.check(&*store);
        }
    }
    assert_same(&read_all(&*store, &tenant), &model.read(&[], TimeRange::ALL));
    (store, model)
}

/// With every deletion carried out, the names that are left are those of the samples.
fn check_names(store: &MetricStore, model: &Model) {
    let (tenant, budget) = (scope("t"), Budget::default());
    store.flush().unwrap();
    store.clean_tombstones(&tenant).unwrap();
    let left = model.read(&[], TimeRange::ALL);
    let series = store.series(&tenant, &[], TimeRange::ALL, 0, &budget).unwrap();
    let series: Vec<String> = series.to_vec().iter().map(ToString::to_string).collect();
    let mut want: Vec<String> = left.keys().cloned().collect();
    want.sort_by_key(|name| series.iter().position(|other| other == name));
    assert_eq!(series, want);
    for label in ["__name__", "instance"] {
        let got = store.label_values(&tenant, label, &[], TimeRange::ALL, 0, &budget).unwrap();
        let mut want: Vec<String> =
            model.taken.keys().map(|(l, _)| l.get(label).unwrap().to_owned()).collect();
        want.sort();
        want.dedup();
        assert_eq!(got, want);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn deletions_take_what_was_there_and_nothing_else(steps in prop::collection::vec(step(), 1..40)) {
        let (store, model) = run(&steps, &quiet_config());
        check_names(&store, &model);
    }

    #[test]
    fn nothing_past_its_retention_is_seen(steps in prop::collection::vec(step(), 1..40)) {
        let rule = |name: &str, seconds| RetentionRule {
            tenant: None,
            matchers: vec![Matcher::equal("__name__", name)],
            retention: Duration::from_secs(seconds),
        };
        let config = MetricStoreConfig {
            retention: Duration::from_mins(4),
            retention_rules: vec![rule("up", 120), rule("cpu", 60), rule("up", 900)],
            ..quiet_config()
        };
        run(&steps, &config);
    }
}
