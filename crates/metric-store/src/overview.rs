//! What the store holds, counted: the head by names and values, the parts, the replay of the log.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU64, Ordering};

use model::{METRIC_NAME, TimeRange};
use postings::LabelIndex;
use query::{HeadStats, PartInfo, ReplayProgress, Scope};

use crate::part::MetricPart;
use crate::store::MetricStore;
use crate::tenant::TenantStore;

/// Where the replay of the log is; kept for whoever asks.
#[derive(Debug, Default)]
pub(crate) struct ReplayState {
    pub(crate) first: AtomicU64,
    pub(crate) last: AtomicU64,
    pub(crate) current: AtomicU64,
    /// Places where the log was damaged.
    pub(crate) damages: AtomicU64,
}

impl ReplayState {
    pub(crate) fn progress(&self) -> ReplayProgress {
        let [first, last, current] =
            [&self.first, &self.last, &self.current].map(|n| n.load(Ordering::Relaxed));
        ReplayProgress { first, last, current }
    }
}

impl MetricStore {
    /// See [`query::MetricAdmin::head_stats`].
    pub(crate) fn count_head(&self, scope: &Scope, limit: usize) -> HeadStats {
        let Some(tenant) = self.tenant(scope.tenant()) else { return HeadStats::default() };
        let mut stats = count_names(&tenant, limit);
        for epoch in tenant.head.epochs().oldest_first() {
            let (chunks, time) = epoch.extent();
            stats.chunks += chunks;
            stats.time = match (stats.time, time) {
                (Some(a), Some(b)) => {
                    Some(TimeRange::new(a.start_ms.min(b.start_ms), a.end_ms.max(b.end_ms)))
                }
                (known, more) => known.or(more),
            };
        }
        stats
    }

    /// See [`query::MetricAdmin::parts`].
    pub(crate) fn list_parts(&self, scope: &Scope) -> Vec<PartInfo> {
        let Some(tenant) = self.tenant(scope.tenant()) else { return Vec::new() };
        tenant.parts().iter().map(|part| info(part)).collect()
    }
}

fn info(part: &MetricPart) -> PartInfo {
    let summary = part.part.summary();
    PartInfo {
        id: part.part_id.0,
        time: part.time_range(),
        samples: summary.rows,
        series: u64::from(part.series_count()),
        chunks: u64::from(part.chunk_count()),
        level: part.level(),
        replaces: summary.replaces.iter().map(|id| id.0).collect(),
    }
}

fn count_names(tenant: &TenantStore, limit: usize) -> HeadStats {
    let names = tenant.head.names.read();
    let index = names.label_index();
    let mut of_names = Vec::new();
    index.visit_names(&mut |name| of_names.push(name.to_owned()));
    let [mut metrics, mut values, mut bytes, mut pairs] = [(); 4].map(|()| Top::new(limit));
    let mut label_pairs = 0;
    for name in &of_names {
        let (mut value_count, mut name_bytes) = (0, 0);
        index.visit_values(name, &mut |value, series| {
            let count = series.len();
            value_count += 1;
            name_bytes += (encoded_bytes(name) + encoded_bytes(value)) * count;
            pairs.offer(count, || format!("{name}={value}"));
            if name == METRIC_NAME {
                metrics.offer(count, || value.to_owned());
            }
        });
        label_pairs += value_count;
        values.offer(value_count, || name.clone());
        bytes.offer(name_bytes, || name.clone());
    }
    HeadStats {
        series: names.len() as u64,
        label_pairs,
        series_by_metric: metrics.into_sorted(),
        values_by_name: values.into_sorted(),
        bytes_by_name: bytes.into_sorted(),
        series_by_pair: pairs.into_sorted(),
        ..HeadStats::default()
    }
}

/// Bytes of a string with its length, as label sets are kept in Prometheus.
const fn encoded_bytes(text: &str) -> u64 {
    text.len() as u64 + if text.len() < 255 { 1 } else { 4 }
}

/// The largest of what was offered.
struct Top {
    limit: usize,
    /// The smallest first, of equals the one whose name comes last.
    held: BinaryHeap<Reverse<(u64, Reverse<String>)>>,
}

impl Top {
    fn new(limit: usize) -> Self {
        Self { limit, held: BinaryHeap::new() }
    }

    fn offer(&mut self, count: u64, name: impl FnOnce() -> String) {
        let is_full = self.held.len() >= self.limit;
        let smallest = self.held.peek().map_or(0, |Reverse((count, _))| *count);
        if is_full && count < smallest || self.limit == 0 {
            return;
        }
        self.held.push(Reverse((count, Reverse(name()))));
        if is_full {
            self.held.pop();
        }
    }

    fn into_sorted(self) -> Vec<(String, u64)> {
        let sorted = self.held.into_sorted_vec();
        sorted.into_iter().map(|Reverse((count, Reverse(name)))| (name, count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Top;

    #[test]
    fn keeps_the_largest_and_of_equals_the_first_by_name() {
        let mut top = Top::new(3);
        for (name, count) in [("d", 2), ("a", 1), ("c", 2), ("b", 2), ("e", 9), ("f", 0)] {
            top.offer(count, || name.to_owned());
        }
        let want = [("e", 9), ("b", 2), ("c", 2)].map(|(name, count)| (name.to_owned(), count));
        assert_eq!(top.into_sorted(), want);
    }
}
