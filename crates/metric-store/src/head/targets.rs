//! The labels that the series of a target share, stored once.
//!
//! A target is what has one `job` and one `instance`. Its first series lends it its labels without
//! the ones that tell a metric's series apart; whatever a later series of the target does not
//! have is dropped for those that follow, so that after a few of them the set is what all share.

use std::collections::HashMap;

use postings::Pair;

/// A set must save this many pairs.
const SHARED_MIN: usize = 3;

/// No target: the series has all its labels itself.
pub(crate) const NO_TARGET: u32 = u32::MAX;

/// Pairs that identify the target of a series; `None` where it has no such label.
pub(crate) type TargetKey = (Option<Pair>, Option<Pair>);

/// Shared label sets with the number of series that use them.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    entries: Vec<Target>,
    free: Vec<u32>,
    /// The set that new series of a target are offered.
    current: HashMap<TargetKey, u32>,
}

#[derive(Debug, Default)]
struct Target {
    /// Ascending.
    pairs: Box<[Pair]>,
    key: TargetKey,
    uses: u32,
}

impl Targets {
    /// Takes the labels that the target of a series holds out of `own` (ascending pairs), and
    /// returns the target, with one use added. `private` says which pairs never are a target's.
    pub(crate) fn factor(
        &mut self,
        key: TargetKey,
        own: &mut Vec<Pair>,
        private: impl Fn(Pair) -> bool,
    ) -> u32 {
        let known = self.current.get(&key).copied();
        let shared: Vec<Pair> = match known {
            Some(target) => {
                let pairs = &self.entries[target as usize].pairs;
                if is_subset(pairs, own) {
                    own.retain(|pair| pairs.binary_search(pair).is_err());
                    self.entries[target as usize].uses += 1;
                    return target;
                }
                pairs.iter().copied().filter(|pair| own.binary_search(pair).is_ok()).collect()
            }
            None => own.iter().copied().filter(|pair| !private(*pair)).collect(),
        };
        if shared.len() < SHARED_MIN {
            return NO_TARGET;
        }
        own.retain(|pair| shared.binary_search(pair).is_err());
        let entry = Target { pairs: shared.into(), key, uses: 1 };
        let target = if let Some(target) = self.free.pop() {
            self.entries[target as usize] = entry;
            target
        } else {
            self.entries.push(entry);
            self.entries.len() as u32 - 1
        };
        self.current.insert(key, target);
        target
    }

    /// Takes one use away; the last one forgets the target.
    pub(crate) fn release(&mut self, target: u32) {
        let Some(entry) = self.entries.get_mut(target as usize) else { return };
        entry.uses -= 1;
        if entry.uses == 0 {
            let Target { key, .. } = std::mem::take(entry);
            self.free.push(target);
            if self.current.get(&key) == Some(&target) {
                self.current.remove(&key);
            }
        }
    }

    /// The shared pairs; none for [`NO_TARGET`].
    pub(crate) fn pairs(&self, target: u32) -> &[Pair] {
        self.entries.get(target as usize).map_or(&[], |entry| &entry.pairs)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let pairs: usize = self.entries.iter().map(|entry| size_of_val(&*entry.pairs)).sum();
        let current = self.current.capacity() * (size_of::<(TargetKey, u32)>() + 1);
        pairs + self.entries.capacity() * size_of::<Target>() + current
    }
}

/// Both ascend.
fn is_subset(part: &[Pair], whole: &[Pair]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|pair| whole.by_ref().find(|other| *other >= pair) == Some(pair))
}

#[cfg(test)]
mod tests {
    use super::{NO_TARGET, Targets};
    use postings::Pair;

    #[test]
    fn a_target_converges_to_what_its_series_share() {
        let mut targets = Targets::default();
        let key = (Some(Pair(1)), Some(Pair(2)));
        let mut factor = |own: &[u32]| {
            let mut own: Vec<Pair> = own.iter().map(|pair| Pair(*pair)).collect();
            let target = targets.factor(key, &mut own, |pair| pair.0 >= 100);
            let shared: Vec<u32> = targets.pairs(target).iter().map(|pair| pair.0).collect();
            let own: Vec<u32> = own.iter().map(|pair| pair.0).collect();
            (target, shared, own)
        };
        assert_eq!(factor(&[1, 2, 3, 4, 100]), (0, vec![1, 2, 3, 4], vec![100]));
        assert_eq!(factor(&[1, 2, 3, 5, 100]), (1, vec![1, 2, 3], vec![5, 100]));
        assert_eq!(factor(&[1, 2, 3, 4, 101]), (1, vec![1, 2, 3], vec![4, 101]));
        assert_eq!(factor(&[1, 2, 100]), (NO_TARGET, vec![], vec![1, 2, 100]));
        targets.release(0);
        targets.release(1);
        targets.release(NO_TARGET);
        assert_eq!(targets.pairs(1).len(), 3, "one series is left");
        targets.release(1);
        assert!(targets.current.is_empty() && targets.pairs(1).is_empty());
    }
}
