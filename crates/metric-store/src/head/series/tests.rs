//! A series is a map that keeps the first sample of each timestamp, however late samples arrive,
//! and it says what became of each of them.

use std::collections::BTreeMap;

use model::{FloatHistogram, HistogramSample, TimeRange};
use proptest::prelude::*;
use query::SampleBuffer;

use super::{Memory, Outcome, SeriesData};
use crate::chunk::Assembly;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Float,
    Histogram,
}

type Push = (i64, Kind, u8);

fn push(data: &mut SeriesData, memory: &mut Memory, (t_ms, kind, v): Push) -> Outcome {
    match kind {
        Kind::Float => data.push(memory, t_ms, f64::from(v)),
        Kind::Histogram => data.push_histogram(memory, &histogram(t_ms, v)),
    }
}

fn histogram(t_ms: i64, v: u8) -> HistogramSample {
    let h = FloatHistogram { count: f64::from(v), ..FloatHistogram::default() };
    HistogramSample { t_ms, h }
}

fn read(data: &SeriesData, memory: &Memory, range: TimeRange) -> BTreeMap<i64, (Kind, u8)> {
    let mut out = SampleBuffer::default();
    data.copy(memory, range).add_to(&mut Assembly::new(&mut out, range)).unwrap();
    let floats = std::iter::zip(&out.t_ms, &out.v).map(|(t, v)| (*t, (Kind::Float, *v as u8)));
    let histograms = out.histograms.iter().map(|h| (h.t_ms, (Kind::Histogram, h.h.count as u8)));
    floats.chain(histograms).collect()
}

/// Pushes everything and looks at what is answered and kept; returns how many late samples were
/// taken though another had their timestamp.
#[track_caller]
fn check(pushes: &[Push]) -> usize {
    let (mut data, mut memory) = (SeriesData::default(), Memory::default());
    let mut want: BTreeMap<i64, (Kind, u8)> = BTreeMap::new();
    let mut unseen = 0;
    for push_of in pushes {
        let (t_ms, kind, v) = *push_of;
        let newest = want.last_key_value().map(|(t_ms, _)| *t_ms);
        let known = want.get(&t_ms).copied();
        let outcome = push(&mut data, &mut memory, *push_of);
        match known {
            None => assert_eq!(outcome, Outcome::Added, "{push_of:?}"),
            Some(known) if newest == Some(t_ms) => {
                assert_eq!(outcome, Outcome::of_known(known == (kind, v)), "{push_of:?}");
            }
            Some(known) if outcome == Outcome::Duplicate => {
                assert_ne!(known, (kind, v), "{push_of:?}: only another sample is refused");
            }
            Some(known) => unseen += usize::from(known != (kind, v)),
        }
        want.entry(t_ms).or_insert((kind, v));
        let side = data.side.as_ref().map_or(0, |side| side.heap_bytes());
        assert_eq!(memory.side_bytes, side, "{push_of:?}");
    }
    assert_eq!(read(&data, &memory, TimeRange::ALL), want);
    let ends = want.first_key_value().zip(want.last_key_value());
    if let Some(((first, _), (last, _))) = ends {
        let middle = TimeRange::new(first + (last - first) / 3, last - (last - first) / 3);
        let within = want.into_iter().filter(|(t_ms, _)| middle.contains(*t_ms)).collect();
        assert_eq!(read(&data, &memory, middle), within);
    }
    unseen
}

#[test]
fn late_samples_come_back_whatever_their_order() {
    let float = |t_ms: i64| (t_ms, Kind::Float, t_ms.rem_euclid(200) as u8);
    let in_order = || (0..1000).map(|i| float(i * 10));
    let cases: [(&str, Vec<Push>, usize); 6] = [
        ("between", in_order().chain((0..999).map(|i| float(i * 10 + 5))).collect(), 0),
        ("backwards", (0..1000).rev().map(float).collect(), 0),
        ("backfill", in_order().chain((-2000..0).map(float)).collect(), 0),
        (
            "scattered",
            in_order().chain((0..997).map(|i| float(i * 389 % 997 * 10 + 3))).collect(),
            0,
        ),
        ("sent twice", in_order().chain(in_order()).collect(), 0),
        // All but the last, which is compared.
        (
            "other values",
            in_order().chain(in_order().map(|(t, k, v)| (t, k, v + 1))).collect(),
            999,
        ),
    ];
    for (name, pushes, unseen) in cases {
        assert_eq!(check(&pushes), unseen, "{name}");
    }
}

#[test]
fn what_is_sent_again_takes_no_room() {
    let (mut data, mut memory) = (SeriesData::default(), Memory::default());
    let round = |data: &mut SeriesData, memory: &mut Memory| {
        for i in 0..960 {
            data.push(memory, i * 10, 1.0);
        }
        memory.bytes()
    };
    let once = round(&mut data, &mut memory);
    let twice = round(&mut data, &mut memory);
    for _ in 0..20 {
        assert!(round(&mut data, &mut memory) <= twice, "once {once}, twice {twice}");
    }
}

fn pushes() -> impl Strategy<Value = Vec<Push>> {
    let kind = prop_oneof![8 => Just(Kind::Float), 1 => Just(Kind::Histogram)];
    // A time that advances, and how far back a sample lies: few are at the same place.
    let one = (0_i64..3, prop_oneof![2 => Just(0_i64), 3 => 0_i64..900], kind, 0_u8..3);
    prop::collection::vec(one, 0..1500).prop_map(|pushes| {
        let mut now = 0;
        let place = |(step, late, kind, v)| {
            now += step;
            (now - late, kind, v)
        };
        pushes.into_iter().map(place).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn the_first_sample_of_a_timestamp_stays(pushes in pushes()) {
        check(&pushes);
    }
}
