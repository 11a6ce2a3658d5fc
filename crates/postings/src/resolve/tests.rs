//! Resolution compared with testing every series against every matcher.

use model::{Labels, MatchOp, Matcher};
use proptest::prelude::*;

use super::{LabelIndex, resolve, resolve_any};
use crate::memory::{MemoryIndex, Pair, VisitPairs};

fn build(series: &[Labels]) -> (MemoryIndex, Vec<Vec<Pair>>) {
    let mut index = MemoryIndex::default();
    let mut sets = Vec::new();
    for (id, labels) in series.iter().enumerate() {
        let mut pairs = Vec::new();
        index.insert(id as u32, labels, &mut pairs);
        sets.push(pairs);
    }
    (index, sets)
}

fn view<'a>(
    index: &'a MemoryIndex,
    sets: &'a [Vec<Pair>],
) -> (&'a MemoryIndex, impl Fn(u32, VisitPairs<'_>)) {
    (index, |id, visit: VisitPairs<'_>| sets[id as usize].iter().copied().for_each(visit))
}

fn wanted(series: &[Labels], matchers: &[Matcher]) -> Vec<u32> {
    let passes = |labels: &Labels| {
        matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or("")))
    };
    (0_u32..).zip(series).filter(|(_, labels)| passes(labels)).map(|(id, _)| id).collect()
}

fn series() -> impl Strategy<Value = Vec<Labels>> {
    let pair = ("[abc]", "[xyz]{0,2}");
    let set = prop::collection::vec(pair, 0..4).prop_map(Labels::from_pairs);
    prop::collection::vec(set, 0..40)
}

fn matcher() -> impl Strategy<Value = Matcher> {
    let op = prop_oneof![
        Just(MatchOp::Equal),
        Just(MatchOp::NotEqual),
        Just(MatchOp::Regex),
        Just(MatchOp::NotRegex)
    ];
    let value = prop_oneof![
        Just(""),
        Just("x"),
        Just("xy"),
        Just("x|y"),
        Just("x|"),
        Just(".*"),
        Just(".+"),
        Just("x.*"),
        Just("q")
    ];
    ("[abcd]", op, value).prop_map(|(name, op, value)| Matcher::new(name, op, value).unwrap())
}

proptest! {
    #[test]
    fn finds_what_testing_every_series_finds(
        series in series(),
        matchers in prop::collection::vec(matcher(), 0..4),
        removed in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let (mut index, mut sets) = build(&series);
        let mut want = wanted(&series, &matchers);
        for gone in removed {
            if series.is_empty() { break; }
            let id = gone.index(series.len());
            if !sets[id].is_empty() {
                index.remove(id as u32, std::mem::take(&mut sets[id]));
                want.retain(|kept| *kept as usize != id);
            }
        }
        let view = view(&index, &sets);
        let mut got: Vec<u32> = resolve(&view, &matchers).iter().collect();
        // A series without labels cannot be told from a removed one by its (empty) label set.
        got.retain(|id| !sets[*id as usize].is_empty());
        want.retain(|id| !sets[*id as usize].is_empty());
        prop_assert_eq!(got, want);
    }
}

#[test]
fn any_set_may_pass_and_no_sets_select_everything() {
    let series: Vec<_> = ["x", "y", "z"].map(|value| Labels::from_pairs([("a", value)])).into();
    let (index, sets) = build(&series);
    let view = view(&index, &sets);
    let check = |sets: &[Vec<Matcher>], want: &[u32]| {
        assert_eq!(resolve_any(&view, sets).iter().collect::<Vec<_>>(), want);
    };
    let is = |value: &str| vec![Matcher::equal("a", value)];
    check(&[], &[0, 1, 2]);
    check(&[is("z")], &[2]);
    check(&[is("y"), is("x"), is("q")], &[0, 1]);
}

#[test]
fn pairs_nobody_carries_are_forgotten() {
    let labels =
        |i: u32| Labels::from_pairs([("pod", format!("a-{i}")), (&format!("n{i}"), "x".into())]);
    let mut index = MemoryIndex::default();
    let mut held = Vec::new();
    for i in 0..2000 {
        let mut pairs = Vec::new();
        index.insert(i % 10, &labels(i), &mut pairs);
        assert_eq!(index.text(pairs[1]), ("pod", &*format!("a-{i}")));
        held.push((i % 10, pairs));
        if held.len() == 10 {
            let (id, pairs) = held.remove(0);
            index.remove(id, pairs);
        }
    }
    assert!(index.pair_capacity() <= 22 && index.heap_bytes() < 10_000, "{}", index.heap_bytes());
    assert_eq!(
        (index.pair("pod", "a-1").is_some(), index.pair("pod", "a-1999").is_some()),
        (false, true)
    );
    let mut names = 0;
    view(&index, &[]).visit_names(&mut |_| names += 1);
    assert_eq!(names, 10, "nine series, a name each, and one they share");
}
