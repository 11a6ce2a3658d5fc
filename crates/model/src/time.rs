//! Time as the metrics world counts it: Unix milliseconds in an `i64`, and closed ranges of them.

/// A closed interval `[start_ms, end_ms]` of Unix milliseconds; empty when `start_ms > end_ms`.
///
/// Closed on both ends because that is how the Prometheus HTTP API and storage speak of time;
/// half-open PromQL windows `(t - range, t]` become `[t - range + 1, t]` at the engine's edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeRange {
    pub start_ms: i64,
    pub end_ms: i64,
}

impl TimeRange {
    /// Everything that can be stamped.
    pub const ALL: Self = Self { start_ms: i64::MIN, end_ms: i64::MAX };

    pub const fn new(start_ms: i64, end_ms: i64) -> Self {
        Self { start_ms, end_ms }
    }

    pub const fn is_empty(self) -> bool {
        self.start_ms > self.end_ms
    }

    pub const fn contains(self, t_ms: i64) -> bool {
        self.start_ms <= t_ms && t_ms <= self.end_ms
    }

    pub const fn overlaps(self, other: Self) -> bool {
        self.start_ms <= other.end_ms && other.start_ms <= self.end_ms
    }

    /// The part both ranges share; empty when they do not touch.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self::new(self.start_ms.max(other.start_ms), self.end_ms.min(other.end_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::TimeRange;

    #[test]
    fn closed_ranges_overlap_at_a_single_point() {
        let left = TimeRange::new(0, 10);
        assert!(left.overlaps(TimeRange::new(10, 20)));
        assert!(!left.overlaps(TimeRange::new(11, 20)));
        assert!(left.intersect(TimeRange::new(11, 20)).is_empty());
        assert!(TimeRange::ALL.contains(i64::MIN));
    }
}
