//! Working memory that goes from request to request instead of being made anew for each, and is
//! let go of when fewer requests come at once.

use parking_lot::Mutex;

/// What lies idle, newest last. Cost: a lock and a move each way.
#[derive(Debug)]
pub struct Spares<T>(Mutex<Idle<T>>);

#[derive(Debug)]
struct Idle<T> {
    values: Vec<T>,
    /// The fewest that lay here since the last [`Spares::trim`]: as many at the bottom were not
    /// wanted by anyone.
    fewest: usize,
}

impl<T> Default for Spares<T> {
    fn default() -> Self {
        Self(Mutex::new(Idle { values: Vec::new(), fewest: 0 }))
    }
}

impl<T> Spares<T> {
    /// The one given back last, whose memory is the likeliest to be in the processor's cache.
    pub fn take(&self) -> Option<T> {
        let mut idle = self.0.lock();
        let value = idle.values.pop();
        idle.fewest = idle.fewest.min(idle.values.len());
        value
    }

    /// Keeps `value` for a later [`Self::take`]; drops it when `most` lie here already.
    pub fn give(&self, value: T, most: usize) {
        let mut idle = self.0.lock();
        if idle.values.len() < most {
            idle.values.push(value);
        }
    }

    /// Drops those that were not wanted since the last call.
    pub fn trim(&self) {
        let mut idle = self.0.lock();
        let unwanted = idle.fewest;
        let dropped: Vec<T> = idle.values.drain(..unwanted).collect();
        idle.values.shrink_to_fit();
        idle.fewest = idle.values.len();
        drop(idle); // freeing takes longer than a lock should be held
        drop(dropped);
    }
}

#[cfg(test)]
mod tests {
    use super::Spares;

    fn lying(spares: &Spares<u8>) -> Vec<u8> {
        spares.0.lock().values.clone()
    }

    #[test]
    fn what_nobody_wanted_between_two_trims_is_dropped() {
        let spares = Spares::default();
        for value in 1..=4 {
            spares.give(value, 4);
        }
        spares.trim();
        assert_eq!(lying(&spares), [1, 2, 3, 4], "they came since the last trim");

        // Two at once are wanted.
        let taken = [spares.take(), spares.take()];
        assert_eq!(taken, [Some(4), Some(3)]);
        taken.into_iter().flatten().for_each(|value| spares.give(value, 4));
        spares.trim();
        assert_eq!(lying(&spares), [4, 3]);

        spares.trim();
        assert_eq!(lying(&spares), [], "nobody asked");
        assert_eq!(spares.take(), None);
        spares.trim();
    }

    #[test]
    fn no_more_lie_idle_than_asked() {
        let spares = Spares::default();
        for value in 1..=3 {
            spares.give(value, 2);
        }
        assert_eq!(lying(&spares), [1, 2]);
    }
}
