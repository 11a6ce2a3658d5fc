//! The store as its administrator sees it: who does what is asked.

use model::{Matcher, TimeRange};
use query::{AdminError, HeadStats, MetricAdmin, PartInfo, ReplayProgress, Scope, SourceError};

use crate::store::MetricStore;

impl MetricAdmin for MetricStore {
    fn delete_series(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
    ) -> Result<(), AdminError> {
        self.delete(scope, matcher_sets, range)
    }

    fn clean_tombstones(&self, scope: &Scope) -> Result<(), AdminError> {
        self.clean(scope)
    }

    fn snapshot(&self, _scope: &Scope, skip_head: bool) -> Result<String, AdminError> {
        self.take_snapshot(skip_head)
    }

    fn head_stats(&self, scope: &Scope, limit: usize) -> Result<HeadStats, SourceError> {
        drop(self.gate_for_query()?);
        Ok(self.count_head(scope, limit))
    }

    fn parts(&self, scope: &Scope) -> Result<Vec<PartInfo>, SourceError> {
        drop(self.gate_for_query()?);
        Ok(self.list_parts(scope))
    }

    fn replay_progress(&self) -> ReplayProgress {
        self.replay_state.progress()
    }

    fn corruptions(&self) -> u64 {
        self.replay_state.damages.load(std::sync::atomic::Ordering::Relaxed)
    }
}
