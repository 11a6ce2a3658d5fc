//! The dictionaries of several parts as one, and what each part's label pairs become in it.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use postings::RoaringBitmap;

use crate::part::{DictionaryWriter, MetricPart};
use crate::sieve::Sieve;

/// Texts of one input that are read ahead.
const VALUES_AHEAD: u32 = 256;
/// The number of a pair that nobody uses.
const UNUSED: u32 = u32::MAX;

/// Every label pair in use once, and the new numbers of each input's pairs.
///
/// Memory: the dictionary as it will be written, and 4 bytes for each pair of each input.
pub(crate) fn unite(sieves: &[Sieve<'_>]) -> (DictionaryWriter, Vec<Vec<u32>>) {
    let mut names: BTreeMap<String, Vec<(usize, Range<u32>)>> = BTreeMap::new();
    for (input, sieve) in sieves.iter().enumerate() {
        sieve.part.visit_names(&mut |name, pairs| {
            names.entry(name.to_owned()).or_default().push((input, pairs));
        });
    }
    let mut inputs: Vec<Input<'_>> = sieves.iter().map(Input::new).collect();
    let mut dictionary = DictionaryWriter::default();
    for (name, ranges) in names {
        for (input, pairs) in ranges {
            inputs[input].left = pairs;
        }
        unite_values(&name, &mut inputs, &mut dictionary);
    }
    (dictionary, inputs.into_iter().map(|input| input.numbers).collect())
}

/// Values of one name and input, still to come.
struct Input<'a> {
    part: &'a MetricPart,
    /// Pairs of series that stay; `None`: all.
    used: Option<RoaringBitmap>,
    numbers: Vec<u32>,
    left: Range<u32>,
    ahead: VecDeque<(u32, String)>,
}

impl<'a> Input<'a> {
    fn new(sieve: &Sieve<'a>) -> Self {
        let part = sieve.part;
        let used = (!sieve.is_open).then(|| {
            let mut used = RoaringBitmap::new();
            for series in (0..part.series_count()).filter(|series| sieve.lets_through(*series)) {
                part.visit_pairs(series, &mut |_, pair| {
                    used.insert(pair);
                });
            }
            used
        });
        let numbers = vec![UNUSED; part.pair_count() as usize];
        Self { part, used, numbers, left: 0..0, ahead: VecDeque::new() }
    }

    /// The next value, if there is one.
    fn front(&mut self) -> Option<&str> {
        while self.ahead.is_empty() && !self.left.is_empty() {
            let end = self.left.end.min(self.left.start.saturating_add(VALUES_AHEAD));
            let Self { used, ahead, .. } = self;
            self.part.visit_values_of(self.left.start..end, &mut |pair, value| {
                if used.as_ref().is_none_or(|used| used.contains(pair)) {
                    ahead.push_back((pair, value.to_owned()));
                }
            });
            self.left.start = end;
        }
        self.ahead.front().map(|(_, value)| value.as_str())
    }
}

fn unite_values(name: &str, inputs: &mut [Input<'_>], dictionary: &mut DictionaryWriter) {
    loop {
        let least = inputs.iter_mut().filter_map(Input::front).min();
        let Some(least) = least.map(str::to_owned) else { return };
        let number = dictionary.push(name, &least);
        for input in &mut *inputs {
            if let Some((pair, _)) = input.ahead.pop_front_if(|(_, value)| *value == least)
                && let Some(slot) = input.numbers.get_mut(pair as usize)
            {
                *slot = number;
            }
        }
    }
}
