//! From matchers to series: smallest list first, everything else narrows it.

use model::Matcher;
use roaring::RoaringBitmap;

use crate::list::ListView;

/// What an index must answer for matchers to be resolved on it.
pub trait LabelIndex {
    /// Every series.
    fn all(&self) -> RoaringBitmap;

    /// The series that carry the pair, if any.
    fn list(&self, name: &str, value: &str) -> Option<ListView<'_>>;

    /// Every label name in use, in any order.
    fn visit_names(&self, visit: &mut dyn FnMut(&str));

    /// How many values a label has.
    fn value_count(&self, name: &str) -> usize;

    /// Every value of a label with its series, in any order.
    fn visit_values(&self, name: &str, visit: &mut dyn FnMut(&str, ListView<'_>));

    /// Every label of one series.
    fn visit_labels(&self, id: u32, visit: &mut dyn FnMut(&str, &str));

    /// Whether the value of a label of one series passes; `""` when the series lacks the label.
    fn label_passes(&self, id: u32, name: &str, pass: &dyn Fn(&str) -> bool) -> bool;
}

/// Series that pass all matchers; an absent label counts as the empty string.
///
/// Cost: one list per literal of the smallest literal matcher; every other matcher is applied to
/// the candidates it left, by its lists or by looking at the candidates, whichever are fewer.
pub fn resolve(index: &dyn LabelIndex, matchers: &[Matcher]) -> RoaringBitmap {
    let mut literal: Vec<(u64, Vec<ListView<'_>>)> = Vec::new();
    let mut scans: Vec<&Matcher> = Vec::new();
    for matcher in matchers.iter().filter(|matcher| !matcher.matches_everything()) {
        match matcher.literals().filter(|_| !matcher.matches_empty()) {
            Some(values) => {
                let mut values = values;
                values.sort_unstable();
                values.dedup();
                let named =
                    values.into_iter().filter_map(|value| index.list(matcher.name(), value));
                let lists: Vec<_> = named.collect();
                literal.push((lists.iter().map(ListView::len).sum(), lists));
            }
            None => scans.push(matcher),
        }
    }
    literal.sort_by_key(|(len, _)| *len);
    // Scans that require the label can only narrow; those that also pass its absence come last.
    scans.sort_by_key(|matcher| (matcher.matches_empty(), index.value_count(matcher.name())));
    let mut found: Option<RoaringBitmap> = None;
    for (_, lists) in literal {
        let mut passing = RoaringBitmap::new();
        for list in &lists {
            list.add_to(&mut passing);
        }
        narrow(&mut found, passing);
        if found.as_ref().is_some_and(RoaringBitmap::is_empty) {
            return RoaringBitmap::new();
        }
    }
    for matcher in scans {
        scan(index, matcher, &mut found);
        if found.as_ref().is_some_and(RoaringBitmap::is_empty) {
            break;
        }
    }
    found.unwrap_or_else(|| index.all())
}

fn narrow(found: &mut Option<RoaringBitmap>, passing: RoaringBitmap) {
    match found {
        Some(found) => *found &= passing,
        None => *found = Some(passing),
    }
}

fn scan(index: &dyn LabelIndex, matcher: &Matcher, found: &mut Option<RoaringBitmap>) {
    let values = index.value_count(matcher.name()) as u64;
    if let Some(candidates) = found.as_ref().filter(|candidates| candidates.len() < values) {
        let passes = |value: &str| matcher.matches(value);
        let kept = candidates.iter().filter(|id| index.label_passes(*id, matcher.name(), &passes));
        *found = Some(RoaringBitmap::from_sorted_iter(kept).unwrap_or_default());
        return;
    }
    let absence_passes = matcher.matches_empty();
    let mut listed = RoaringBitmap::new();
    index.visit_values(matcher.name(), &mut |value, list| {
        if matcher.matches(value) != absence_passes {
            list.add_to(&mut listed);
        }
    });
    if absence_passes {
        *found.get_or_insert_with(|| index.all()) -= listed;
    } else {
        narrow(found, listed);
    }
}

/// Series that pass any of the matcher sets. Beware: no sets select every series, as no matchers
/// do; a caller that can be left without any must not ask.
pub fn resolve_any(index: &dyn LabelIndex, sets: &[Vec<Matcher>]) -> RoaringBitmap {
    match sets {
        [] => index.all(),
        [first, others @ ..] => {
            let found = resolve(index, first);
            others.iter().fold(found, |found, set| found | resolve(index, set))
        }
    }
}

#[cfg(test)]
mod tests;
