//! Which entries of two lists belong together.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::Value;

/// Fields that name the entries of a dashboard's lists: panels, queries, variables and
/// annotations, overrides' properties.
const NAMING: [&str; 3] = ["refId", "name", "id"];
/// Longest table of the alignment; longer lists are compared place by place.
const TABLE_MAX: usize = 1 << 20;

/// The field that names every entry of both lists, each name once.
pub(super) fn naming_key(old: &[Value], new: &[Value]) -> Option<&'static str> {
    let is_naming = |key: &&&str| {
        let unique = |list: &[Value]| {
            let mut seen = HashSet::new();
            list.iter().all(|entry| name_of(key, entry).is_some_and(|name| seen.insert(name)))
        };
        unique(old) && unique(new)
    };
    if old.is_empty() && new.is_empty() {
        return None;
    }
    NAMING.iter().find(is_naming).copied()
}

fn name_of(key: &str, entry: &Value) -> Option<String> {
    match entry.get(key)? {
        Value::String(name) if !name.is_empty() => Some(name.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Entries with their names, in order.
pub(super) fn names<'a>(
    key: &'a str,
    list: &'a [Value],
) -> impl Iterator<Item = (String, &'a Value)> {
    list.iter().filter_map(move |entry| Some((name_of(key, entry)?, entry)))
}

pub(super) fn by_name<'a>(key: &'a str, list: &'a [Value]) -> HashMap<String, &'a Value> {
    names(key, list).collect()
}

/// Pairs of places that belong together: equal entries by the longest common subsequence, what
/// lies between them place by place.
pub(super) fn aligned(old: &[Value], new: &[Value]) -> Vec<(Option<usize>, Option<usize>)> {
    // Entries may be large; each is read once. Pairs are compared by the caller, so two that only
    // share their hash cost a longer diff and nothing else.
    let (old, new) = (hashes(old), hashes(new));
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let ends = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let (mid_old, mid_new) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let common = if mid_old.len().saturating_mul(mid_new.len()) <= TABLE_MAX {
        common_subsequence(mid_old, mid_new)
    } else {
        Vec::new()
    };
    let mut pairs: Vec<_> = (0..start).map(|at| (Some(at), Some(at))).collect();
    let (mut a, mut b) = (0, 0);
    for (next_a, next_b) in common.into_iter().chain([(mid_old.len(), mid_new.len())]) {
        while a < next_a || b < next_b {
            let before = (a < next_a).then_some(start + a);
            let after = (b < next_b).then_some(start + b);
            a += usize::from(before.is_some());
            b += usize::from(after.is_some());
            pairs.push((before, after));
        }
        if next_a < mid_old.len() || next_b < mid_new.len() {
            pairs.push((Some(start + next_a), Some(start + next_b)));
            (a, b) = (next_a + 1, next_b + 1);
        }
    }
    pairs.extend((0..end).map(|at| (Some(old.len() - end + at), Some(new.len() - end + at))));
    pairs
}

fn hashes(list: &[Value]) -> Vec<u64> {
    let hash = |value: &Value| {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        hasher.finish()
    };
    list.iter().map(hash).collect()
}

/// Places of a longest common subsequence, by the usual table.
fn common_subsequence(old: &[u64], new: &[u64]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    // lengths[a * width + b]: of what begins at a and b.
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            lengths[a * width + b] = if old[a] == new[b] {
                lengths[(a + 1) * width + b + 1] + 1
            } else {
                lengths[(a + 1) * width + b].max(lengths[a * width + b + 1])
            };
        }
    }
    let (mut a, mut b, mut pairs) = (0, 0, Vec::new());
    while a < old.len() && b < new.len() {
        if old[a] == new[b] {
            pairs.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if lengths[(a + 1) * width + b] >= lengths[a * width + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs
}
