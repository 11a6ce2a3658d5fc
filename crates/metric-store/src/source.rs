//! Answers queries from the head and the parts together.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use blockfile::ReadPartError;
use hashbrown::{HashMap, HashSet};
use model::{Exemplar, LabelSets, Labels, LabelsBuilder, Matcher, MetricMetadata, TimeRange};
use postings::{LabelIndex, RoaringBitmap, resolve_any};
use query::{
    Budget, FoldNeeds, FoldWindow, MetricSource, SampleBuffer, Scope, SelectRequest, Selection,
    SourceError, WindowAggregate,
};

use crate::chunk::Assembly;
use crate::cursor::Malformed;
use crate::fold::{FoldError, Runs};
use crate::head::Epochs;
use crate::part::{LabelReader, MetricPart, ReadScratch};
use crate::retention::KeepFrom;
use crate::store::MetricStore;
use crate::tenant::{PartList, TenantStore};
use crate::tombstones::{Deleted, Tombstones, without};

/// Series between two looks at the budget.
const CHECK_EVERY: usize = 1024;
/// Bytes charged for a selected series besides its labels.
const SERIES_BYTES: u64 = 96;

/// A resolved selector: pins the epochs and parts it saw.
struct StoreSelection {
    tenant: Arc<TenantStore>,
    epochs: Epochs,
    parts: PartList,
    /// What is deleted in each part.
    deleted: Vec<Option<Arc<Deleted>>>,
    series: Vec<Selected>,
    /// What chunks were looked for in.
    range: TimeRange,
    /// See [`query::SelectHints::newest_only`].
    newest_only: bool,
}

/// One series and where its samples are.
struct Selected {
    labels: Labels,
    /// Samples before are past the retention.
    keep_from_ms: i64,
    in_head: Option<u32>,
    /// In the order of the parts.
    in_parts: Vec<InPart>,
}

/// Where a series is in a part.
struct InPart {
    /// Index of the part.
    part: u32,
    series: u32,
    /// Numbers of the chunks in the range that was selected.
    chunks: Range<u32>,
}

impl Selected {
    fn new(labels: Labels, keep: &KeepFrom<'_>) -> Self {
        let keep_from_ms = keep.of(&labels);
        Self { labels, keep_from_ms, in_head: None, in_parts: Vec::new() }
    }
}

impl Selection for StoreSelection {
    fn len(&self) -> usize {
        self.series.len()
    }

    fn labels(&self, index: usize) -> Labels {
        self.series.get(index).map(|series| series.labels.clone()).unwrap_or_default()
    }

    fn read(
        &self,
        index: usize,
        range: TimeRange,
        out: &mut SampleBuffer,
    ) -> Result<(), SourceError> {
        out.clear();
        let Some(series) = self.series.get(index) else { return Ok(()) };
        let range = TimeRange::new(range.start_ms.max(series.keep_from_ms), range.end_ms);
        if range.is_empty() {
            return Ok(());
        }
        let range = if self.newest_only { self.since_newest(series, range) } else { range };
        let (mut assembly, mut scratch) = (Assembly::new(out, range), ReadScratch::default());
        for own in &series.in_parts {
            let part = &self.parts[own.part as usize];
            if !part.time_range().overlaps(range) {
                continue;
            }
            let (cache, scratch) = (part.cache(), &mut scratch);
            let Some(deleted) = &self.deleted[own.part as usize] else {
                let added = part.add_chunks(self.chunks(own, range), cache, scratch, &mut assembly);
                added.map_err(|e| self.failed(part, &e))?;
                continue;
            };
            for kept in without(range, &deleted.ranges(own.series)) {
                assembly.narrow(kept);
                let added = part.add_to(own.series, cache, scratch, &mut assembly);
                added.map_err(|e| self.failed(part, &e))?;
            }
            assembly.narrow(range);
        }
        match series.in_head {
            Some(reference) => self.add_head(reference, range, &mut assembly),
            None => Ok(()),
        }
    }

    fn fold(
        &self,
        index: usize,
        windows: &[FoldWindow],
        needs: FoldNeeds,
        out: &mut Vec<WindowAggregate>,
    ) -> Result<bool, SourceError> {
        out.clear();
        let ends = windows.first().zip(windows.last());
        let Some((series, (first, last))) = self.series.get(index).zip(ends) else {
            out.resize(windows.len(), WindowAggregate::default());
            return Ok(true);
        };
        let start_ms = first.after_ms.saturating_add(1).max(series.keep_from_ms);
        let span = TimeRange::new(start_ms, last.end_ms);
        let mut in_head = SampleBuffer::default();
        let mut runs = Runs::new(span);
        let mut in_parts = series.in_parts.iter();
        let found = in_parts.try_for_each(|own| {
            let deleted = self.deleted[own.part as usize].as_ref();
            let cuts = deleted.map(|deleted| deleted.ranges(own.series)).unwrap_or_default();
            let chunks = self.chunks(own, span);
            runs.add_chunks(&self.parts[own.part as usize], chunks, &cuts)
        });
        if let (Ok(()), Some(reference)) = (&found, series.in_head) {
            self.add_head(reference, span, &mut Assembly::new(&mut in_head, span))?;
        }
        let folded = found.and_then(|()| {
            runs.add_samples(&in_head);
            runs.fold(windows, needs, out)
        });
        match folded {
            Ok(()) => Ok(true),
            Err(FoldError::Unsupported) => Ok(false),
            Err(FoldError::Read(part, error)) => Err(self.failed(part, &error)),
        }
    }
}

impl StoreSelection {
    /// The chunks of a series in a part that may have samples in the range, which lies in the one
    /// that was selected.
    fn chunks(&self, own: &InPart, range: TimeRange) -> Range<u32> {
        if range == self.range {
            return own.chunks.clone();
        }
        let part = &self.parts[own.part as usize];
        if !part.time_range().overlaps(range) {
            return 0..0;
        }
        part.chunk_reader().within(own.series, range)
    }

    /// The range from the newest sample on that the head has in time order, if that lies in it:
    /// nothing older is newest, whatever late samples and parts there are.
    fn since_newest(&self, series: &Selected, range: TimeRange) -> TimeRange {
        let newest = series.in_head.and_then(|reference| {
            let mut newest_first = self.epochs.oldest_first().rev();
            newest_first
                .find_map(|epoch| epoch.newest_t(reference).filter(|t_ms| range.contains(*t_ms)))
        });
        TimeRange::new(newest.unwrap_or(range.start_ms), range.end_ms)
    }

    /// Adds what the head holds of a series to what the parts held.
    fn add_head(
        &self,
        reference: u32,
        range: TimeRange,
        assembly: &mut Assembly<'_>,
    ) -> Result<(), SourceError> {
        let epochs = self.epochs.oldest_first();
        for copy in epochs.filter_map(|epoch| epoch.copy(reference, range)) {
            let added = copy.add_to(assembly);
            added.map_err(|Malformed| SourceError::Io("a chunk in memory is damaged".into()))?;
        }
        Ok(())
    }

    /// Takes a damaged part out of service, so that the next query is answered by the rest.
    fn failed(&self, part: &MetricPart, error: &ReadPartError) -> SourceError {
        if matches!(error, ReadPartError::Corrupt { .. }) {
            self.tenant.quarantine(part, error);
        }
        SourceError::Io(error.to_string())
    }
}

/// Series that are found, in the order in which they are met.
struct Selecting<'b> {
    series: Vec<Selected>,
    /// Places in `series` by identity; made when a second index is looked through, for one index
    /// lists no series twice.
    known: Option<HashMap<u128, usize>>,
    account: Charges<'b>,
}

/// What series take, charged in bulk: a counter that all threads share costs as much as finding
/// a series.
struct Charges<'b> {
    budget: &'b Budget,
    bytes: u64,
    series: usize,
}

impl<'b> Charges<'b> {
    fn new(budget: &'b Budget) -> Self {
        Self { budget, bytes: 0, series: 0 }
    }

    fn add(&mut self, labels: &Labels) -> Result<(), SourceError> {
        self.bytes += SERIES_BYTES + labels.as_bytes().len() as u64;
        self.series += 1;
        if self.series.is_multiple_of(CHECK_EVERY) { self.settle() } else { Ok(()) }
    }

    fn settle(&mut self) -> Result<(), SourceError> {
        self.budget.check()?;
        Ok(self.budget.take_bytes(std::mem::take(&mut self.bytes))?)
    }
}

impl<'b> Selecting<'b> {
    fn new(budget: &'b Budget) -> Self {
        Self { series: Vec::new(), known: None, account: Charges::new(budget) }
    }

    /// The series of an identity; the one that `new` makes where no index before has listed it.
    /// Without an identity it is known to be new.
    fn series(
        &mut self,
        id: Option<u128>,
        new: impl FnOnce() -> Selected,
    ) -> Result<&mut Selected, SourceError> {
        let (series, next) = (&self.series, self.series.len());
        let by_id = || series.iter().map(|series| series.labels.hash128()).zip(0..).collect();
        let place = match id {
            Some(id) => *self.known.get_or_insert_with(by_id).entry(id).or_insert(next),
            None => next,
        };
        if place == next {
            let new = new();
            self.account.add(&new.labels)?;
            self.series.push(new);
        }
        Ok(&mut self.series[place])
    }

    fn finish(mut self) -> Result<Vec<Selected>, SourceError> {
        self.account.settle()?;
        Ok(self.series)
    }
}

type IndexVisitor<'a> = dyn FnMut(Found<'_>) -> Result<(), SourceError> + 'a;

/// An index that may have series in a range.
struct Found<'a> {
    index: &'a dyn LabelIndex,
    /// It can be listed as a whole: none of its series is deleted or past its retention.
    is_whole: bool,
    /// Whether a series has samples in the range that was asked for.
    has_samples: &'a dyn Fn(u32) -> bool,
    /// Appends the labels of a series as [`Labels`] lays them out.
    lay_out: &'a mut dyn FnMut(u32, &mut String),
}

/// What a query sees of one tenant.
struct View {
    epochs: Epochs,
    tombstones: Arc<Tombstones>,
    parts: PartList,
}

impl View {
    /// The epochs are taken first: what moves from the head to a part in between is in both. The
    /// tombstones come before the parts: one goes after the parts that it meant.
    fn of(tenant: &TenantStore) -> Self {
        let epochs = tenant.head.epochs();
        let tombstones = tenant.tombstones();
        Self { epochs, tombstones, parts: tenant.parts() }
    }

    fn in_head(&self, series: u32, range: TimeRange) -> bool {
        self.epochs.oldest_first().any(|epoch| epoch.overlaps(series, range))
    }
}

impl MetricStore {
    /// Runs `visit` on every index that may have series in the range: the parts', then the
    /// head's.
    fn visit_indexes(
        &self,
        tenant: &TenantStore,
        range: TimeRange,
        visit: &mut IndexVisitor<'_>,
    ) -> Result<(), SourceError> {
        let keep = self.keep_from(tenant);
        let range = keep.clip(range);
        if range.is_empty() {
            return Ok(());
        }
        let view = View::of(tenant);
        for part in view.parts.iter().filter(|part| part.time_range().overlaps(range)) {
            let deleted = view.tombstones.of(part);
            let past = keep.in_part(part);
            let finder = std::cell::RefCell::new(part.chunk_reader());
            let has_samples = |series: u32| {
                let own = past.iter().filter(|(found, _)| found.contains(series));
                let from_ms = own.map(|(_, from_ms)| *from_ms).fold(range.start_ms, i64::max);
                let range = TimeRange::new(from_ms, range.end_ms);
                match &deleted {
                    _ if range.is_empty() => false,
                    None => !part.find_chunks(&mut finder.borrow_mut(), series, range).is_empty(),
                    Some(deleted) => deleted.spares(part, series, range),
                }
            };
            let mut reader = None;
            visit(Found {
                index: &**part,
                is_whole: deleted.is_none() && past.is_empty(),
                has_samples: &has_samples,
                lay_out: &mut |series, text| {
                    reader.get_or_insert_with(|| LabelReader::new(part)).lay_out(series, text);
                },
            })?;
        }
        let names = tenant.head.names.read();
        let builder = std::cell::RefCell::new(LabelsBuilder::default());
        let has_samples = |series: u32| {
            let from_ms = if keep.is_uniform() {
                range.start_ms
            } else {
                keep.of(&names.labels(series, &mut builder.borrow_mut()))
            };
            let range = TimeRange::new(range.start_ms.max(from_ms), range.end_ms);
            !range.is_empty() && view.in_head(series, range)
        };
        visit(Found {
            index: &names.label_index(),
            is_whole: keep.is_uniform() && !tenant.has_ghosts.load(Ordering::Relaxed),
            has_samples: &has_samples,
            lay_out: &mut |series, text| names.lay_out(series, &mut builder.borrow_mut(), text),
        })
    }

    /// The oldest timestamps of a tenant that count now.
    pub(crate) fn keep_from(&self, tenant: &TenantStore) -> KeepFrom<'_> {
        self.config.keep_from(&tenant.head.tenant, self.platform.clock.unix_ms())
    }
}

/// The series of an index that pass and have samples in the range.
fn passing(
    index: &Found<'_>,
    matcher_sets: &[Vec<Matcher>],
    scope: &Scope,
    budget: &Budget,
) -> Result<RoaringBitmap, SourceError> {
    budget.check()?;
    let found = resolve_any(index.index, &scope.label_policy().narrow(matcher_sets));
    let kept = found.iter().filter(|series| (index.has_samples)(*series));
    Ok(RoaringBitmap::from_sorted_iter(kept).unwrap_or_default())
}

/// Whether nothing is selected away, so that an index can be listed instead of its series.
fn is_unrestricted(matcher_sets: &[Vec<Matcher>], scope: &Scope) -> bool {
    scope.label_policy().is_everything()
        && (matcher_sets.is_empty() || matcher_sets.iter().any(Vec::is_empty))
}

fn limited<T>(sorted: impl IntoIterator<Item = T>, limit: usize) -> Vec<T> {
    sorted.into_iter().take(if limit == 0 { usize::MAX } else { limit }).collect()
}

impl MetricSource for MetricStore {
    fn select(
        &self,
        scope: &Scope,
        request: &SelectRequest,
        budget: &Budget,
    ) -> Result<Box<dyn Selection>, SourceError> {
        // References keep their meaning while the gate is held.
        let _gate = self.gate_for_query()?;
        let Some(tenant) = self.tenant(scope.tenant()) else {
            return Ok(Box::new(query_nothing::Nothing));
        };
        let keep = self.keep_from(&tenant);
        let range = keep.clip(request.range);
        let view = View::of(&tenant);
        let mut deleted = vec![None; view.parts.len()];
        let sets = scope.label_policy().narrow(std::slice::from_ref(&request.matchers));
        let mut selected = Selecting::new(budget);
        let mut builder = LabelsBuilder::default();
        for (part_index, part) in (0_u32..).zip(view.parts.iter()) {
            if range.is_empty() || !part.time_range().overlaps(range) {
                continue;
            }
            let gone = view.tombstones.of(part);
            let (mut reader, mut finder) = (LabelReader::new(part), part.chunk_reader());
            let is_first = selected.series.is_empty();
            for number in &resolve_any(&**part, &sets) {
                let chunks = part.find_chunks(&mut finder, number, range);
                let is_spared = || gone.as_ref().is_none_or(|g| g.spares(part, number, range));
                if chunks.is_empty() || !is_spared() {
                    continue;
                }
                let labels = reader.labels(number);
                let id = (!is_first).then(|| labels.hash128());
                let series = selected.series(id, || Selected::new(labels, &keep))?;
                series.in_parts.push(InPart { part: part_index, series: number, chunks });
            }
            deleted[part_index as usize] = gone;
        }
        let names = tenant.head.names.read();
        let is_first = selected.series.is_empty();
        for reference in &resolve_any(&names.label_index(), &sets) {
            if !view.in_head(reference, range) {
                continue;
            }
            let id = (!is_first).then(|| names.id(reference));
            let new = || Selected::new(names.labels(reference, &mut builder), &keep);
            let series = selected.series(id, new)?;
            series.in_head = Some(reference);
        }
        drop(names);
        let series = selected.finish()?;
        let View { epochs, parts, .. } = view;
        let newest_only = request.hints.newest_only;
        Ok(Box::new(StoreSelection { tenant, epochs, parts, deleted, series, range, newest_only }))
    }

    fn series(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        limit: usize,
        budget: &Budget,
    ) -> Result<LabelSets, SourceError> {
        let _gate = self.gate_for_query()?;
        let Some(tenant) = self.tenant(scope.tenant()) else { return Ok(LabelSets::default()) };
        let mut found = LabelSets::default();
        let mut known: HashSet<u128> = HashSet::new();
        self.visit_indexes(&tenant, range, &mut |index| {
            let series = passing(&index, matcher_sets, scope, budget)?;
            // What one index lists is distinct: only others are compared with it.
            let compares = !found.is_empty() && !series.is_empty();
            if compares && known.is_empty() {
                known.extend(found.hashes());
            }
            for series in &series {
                let bytes = found.push_with(|text| (index.lay_out)(series, text));
                if compares && !found.hashes().next_back().is_some_and(|hash| known.insert(hash)) {
                    found.pop();
                    continue;
                }
                budget.take_bytes(SERIES_BYTES + bytes as u64)?;
            }
            Ok(())
        })?;
        found.sort_and_dedup();
        if limit > 0 {
            found.truncate(limit);
        }
        Ok(found)
    }

    fn version(&self, scope: &Scope) -> Option<u64> {
        // Nothing may be kept while the log is replayed: what it brings back is not counted.
        let tenant = self.tenant(scope.tenant()).filter(|_| self.ready())?;
        Some(tenant.seen.version(&self.keep_from(&tenant)))
    }

    fn changed_since(&self, scope: &Scope, version: u64, range: TimeRange) -> Vec<TimeRange> {
        let Some(tenant) = self.tenant(scope.tenant()) else { return vec![range] };
        tenant.seen.changed_since(version, range, &self.keep_from(&tenant))
    }

    fn label_names(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        limit: usize,
        budget: &Budget,
    ) -> Result<Vec<String>, SourceError> {
        let _gate = self.gate_for_query()?;
        let Some(tenant) = self.tenant(scope.tenant()) else { return Ok(Vec::new()) };
        let mut found: BTreeSet<String> = BTreeSet::new();
        let mut add = |name: &str| {
            if !found.contains(name) {
                found.insert(name.to_owned());
            }
        };
        self.visit_indexes(&tenant, range, &mut |index| {
            if index.is_whole && is_unrestricted(matcher_sets, scope) {
                index.index.visit_names(&mut add);
                return Ok(());
            }
            let mut text = String::new();
            for series in &passing(&index, matcher_sets, scope, budget)? {
                text.clear();
                (index.lay_out)(series, &mut text);
                Labels::iter_laid_out(&text).for_each(|(name, _)| add(name));
            }
            Ok(())
        })?;
        Ok(limited(found, limit))
    }

    fn label_values(
        &self,
        scope: &Scope,
        name: &str,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        limit: usize,
        budget: &Budget,
    ) -> Result<Vec<String>, SourceError> {
        let _gate = self.gate_for_query()?;
        let Some(tenant) = self.tenant(scope.tenant()) else { return Ok(Vec::new()) };
        // Distinct and ascending. An index has each value once, mostly in order: cheaper to sort
        // than to look each up where it belongs.
        let mut found: Vec<String> = Vec::new();
        self.visit_indexes(&tenant, range, &mut |index| {
            let wanted = if index.is_whole && is_unrestricted(matcher_sets, scope) {
                None
            } else {
                Some(passing(&index, matcher_sets, scope, budget)?)
            };
            let known = found.len();
            index.index.visit_values(name, &mut |value, list| {
                let passes = wanted.as_ref().is_none_or(|wanted| {
                    let mut listed = RoaringBitmap::new();
                    list.add_to(&mut listed);
                    !wanted.is_disjoint(&listed)
                });
                let is_new =
                    |known: &[String]| known.binary_search_by(|k| (**k).cmp(value)).is_err();
                if passes && found.get(..known).is_some_and(is_new) {
                    found.push(value.to_owned());
                }
            });
            found.sort();
            Ok(())
        })?;
        Ok(limited(found, limit))
    }

    fn exemplars(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        budget: &Budget,
    ) -> Result<Vec<(Labels, Exemplar)>, SourceError> {
        let _gate = self.gate_for_query()?;
        budget.check()?;
        let passes = |labels: &Labels, set: &[Matcher]| {
            set.iter().all(|m| m.matches(labels.get(m.name()).unwrap_or_default()))
        };
        let found = self
            .exemplars(scope, range, |labels| matcher_sets.iter().any(|set| passes(labels, set)));
        Ok(found)
    }

    fn metadata(
        &self,
        scope: &Scope,
        metric: Option<&str>,
        limit: usize,
    ) -> Result<BTreeMap<String, Vec<MetricMetadata>>, SourceError> {
        let _gate = self.gate_for_query()?;
        let Some(tenant) = self.tenant(scope.tenant()) else { return Ok(BTreeMap::new()) };
        let known = tenant.head.metadata.read();
        let wanted = known.iter().filter(|(name, _)| metric.is_none_or(|metric| metric == *name));
        let owned = wanted.map(|(name, entries)| (name.clone(), entries.clone()));
        Ok(limited(owned, limit).into_iter().collect())
    }
}

mod query_nothing {
    //! The selection of a tenant that has no data.

    use model::{Labels, TimeRange};
    use query::{SampleBuffer, Selection, SourceError};

    pub(super) struct Nothing;

    impl Selection for Nothing {
        fn len(&self) -> usize {
            0
        }

        fn labels(&self, _index: usize) -> Labels {
            Labels::empty()
        }

        fn read(
            &self,
            _index: usize,
            _range: TimeRange,
            out: &mut SampleBuffer,
        ) -> Result<(), SourceError> {
            out.clear();
            Ok(())
        }
    }
}
