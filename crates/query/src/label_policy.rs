//! Which series of a tenant somebody may see, by their labels.

use model::{Labels, Matcher};

/// Conditions on labels, as alternatives: a series is visible when it meets all conditions of one
/// of them. Cheap to test where there is nothing to meet, which is the rule.
#[derive(Clone, Debug, Default)]
pub struct LabelPolicy(Vec<Vec<Matcher>>);

impl LabelPolicy {
    /// Everything is visible.
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }

    /// What meets all conditions of any alternative; everything, where one of them has none.
    /// Nothing without alternatives: whether that opens a tenant is for the caller to say.
    #[must_use]
    pub fn any_of(alternatives: Vec<Vec<Matcher>>) -> Option<Self> {
        if alternatives.is_empty() {
            return None;
        }
        let open = alternatives.iter().any(Vec::is_empty);
        Some(if open { Self::everything() } else { Self(alternatives) })
    }

    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    /// Empty when everything is visible.
    #[must_use]
    pub fn alternatives(&self) -> &[Vec<Matcher>] {
        &self.0
    }

    #[must_use]
    pub fn admits(&self, labels: &Labels) -> bool {
        let meets = |m: &Matcher| m.matches(labels.get(m.name()).unwrap_or_default());
        self.is_everything() || self.0.iter().any(|all| all.iter().all(meets))
    }

    /// Sets of matchers that select what the given sets select, as far as it is visible. No sets
    /// stand for everything. Cost: as many sets as given, for each alternative.
    #[must_use]
    pub fn narrow(&self, sets: &[Vec<Matcher>]) -> Vec<Vec<Matcher>> {
        if self.is_everything() {
            return sets.to_vec();
        }
        if sets.is_empty() {
            return self.0.clone();
        }
        let with = |set: &Vec<Matcher>| {
            let set = set.clone();
            self.0.iter().map(move |all| set.iter().chain(all).cloned().collect())
        };
        sets.iter().flat_map(with).collect()
    }
}

/// What meets all of these conditions; everything, where there are none.
impl From<Vec<Matcher>> for LabelPolicy {
    fn from(conditions: Vec<Matcher>) -> Self {
        if conditions.is_empty() { Self::everything() } else { Self(vec![conditions]) }
    }
}

#[cfg(test)]
mod tests {
    use model::{Labels, Matcher};

    use super::LabelPolicy;

    fn is(name: &str, value: &str) -> Matcher {
        Matcher::equal(name, value)
    }

    #[test]
    fn conditions_are_met_together_and_alternatives_one_at_a_time() {
        let alternatives = vec![vec![is("org", "o"), is("team", "a")], vec![is("team", "b")]];
        let policy = LabelPolicy::any_of(alternatives).unwrap();
        for (labels, want) in [
            (&[("org", "o"), ("team", "a")][..], true),
            (&[("team", "a")], false),
            (&[("team", "b")], true),
            (&[], false),
        ] {
            assert_eq!(policy.admits(&Labels::from_pairs(labels.iter().copied())), want);
        }
        assert_eq!(policy.narrow(&[]).len(), 2);
        let narrowed = policy.narrow(&[vec![is("x", "1")], vec![is("x", "2")]]);
        let lengths: Vec<usize> = narrowed.iter().map(Vec::len).collect();
        assert_eq!(lengths, [3, 2, 3, 2]);
        assert!(LabelPolicy::any_of(Vec::new()).is_none(), "any of nothing opens nothing");
        let with_open = LabelPolicy::any_of(vec![vec![], vec![is("a", "b")]]).unwrap();
        for open in [LabelPolicy::from(Vec::new()), with_open] {
            assert!(open.is_everything() && open.admits(&Labels::default()));
            assert_eq!(open.narrow(&[vec![is("x", "1")]]).len(), 1);
        }
    }
}
