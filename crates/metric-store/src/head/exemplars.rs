//! The newest exemplars of a tenant: a bounded queue that takes each only once.

use std::collections::{HashSet, VecDeque};

use model::{Exemplar, Labels};

/// Exemplars in order of arrival. Scrapes show the same one again and again; the log may, too.
#[derive(Debug, Default)]
pub(crate) struct Exemplars {
    queue: VecDeque<(u64, Labels, Exemplar)>,
    known: HashSet<u64>,
}

impl Exemplars {
    pub(crate) fn is_known(&self, series: &Labels, exemplar: &Exemplar) -> bool {
        self.known.contains(&identity(series, exemplar))
    }

    /// Adds an exemplar that is not known, and lets the oldest go beyond `max`.
    pub(crate) fn add(&mut self, series: Labels, exemplar: Exemplar, max: usize) {
        let id = identity(&series, &exemplar);
        if max == 0 || !self.known.insert(id) {
            return;
        }
        while self.queue.len() >= max {
            if let Some((oldest, ..)) = self.queue.pop_front() {
                self.known.remove(&oldest);
            }
        }
        self.queue.push_back((id, series, exemplar));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Labels, &Exemplar)> {
        self.queue.iter().map(|(_, series, exemplar)| (series, exemplar))
    }
}

/// A collision costs one exemplar of billions.
fn identity(series: &Labels, exemplar: &Exemplar) -> u64 {
    let parts =
        [series.hash64(), exemplar.labels.hash64(), exemplar.t_ms as u64, exemplar.v.to_bits()];
    let mix =
        |hash: u64, part: u64| (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    parts.into_iter().fold(0, mix)
}

#[cfg(test)]
mod tests {
    use super::Exemplars;
    use model::{Exemplar, Labels};

    #[test]
    fn each_is_taken_once_and_the_oldest_go_first() {
        let mut exemplars = Exemplars::default();
        let series = Labels::from_pairs([("__name__", "latency")]);
        let at = |t_ms: i64| Exemplar { labels: Labels::empty(), v: 1.0, t_ms };
        for t_ms in [1, 2, 2, 1, 3] {
            exemplars.add(series.clone(), at(t_ms), 2);
        }
        let times: Vec<_> = exemplars.iter().map(|(_, exemplar)| exemplar.t_ms).collect();
        assert_eq!(times, [2, 3]);
        assert!(exemplars.is_known(&series, &at(3)));
        assert!(!exemplars.is_known(&series, &at(1)), "forgotten, so it could come again");
    }
}
