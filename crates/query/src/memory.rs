//! A metric source and sink in memory: the reference the real store is compared with, and the
//! store of engine tests and golden scripts. Not fast, not bounded: for tests and tools.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    HistogramSample, LabelSets, Labels, LabelsBuilder, Matcher, MetricMetadata, SampleBatch,
    TimeRange,
};
use parking_lot::RwLock;

use crate::budget::Budget;
use crate::metrics::{
    AppendError, AppendReport, MetricSink, MetricSource, RejectReason, SampleBuffer, SelectRequest,
    Selection, SourceError,
};
use crate::scope::Scope;
use crate::versions::Versions;

/// Series by tenant and labels; samples in time order, last write of a timestamp wins.
#[derive(Debug, Default)]
pub struct MemorySource {
    tenants: RwLock<BTreeMap<String, Tenancy>>,
}

#[derive(Debug, Default)]
struct Tenancy {
    versions: Versions,
    series: BTreeMap<Labels, Series>,
    metadata: BTreeMap<String, Vec<MetricMetadata>>,
}

#[derive(Clone, Debug, Default)]
struct Series {
    floats: BTreeMap<i64, f64>,
    histograms: BTreeMap<i64, HistogramSample>,
    /// Start times of samples, by their own time.
    starts: BTreeMap<i64, i64>,
}

impl Series {
    fn newest_t(&self, range: TimeRange) -> Option<i64> {
        let float = self.floats.range(range.start_ms..=range.end_ms).next_back();
        let histogram = self.histograms.range(range.start_ms..=range.end_ms).next_back();
        float.map(|(t_ms, _)| *t_ms).max(histogram.map(|(t_ms, _)| *t_ms))
    }

    fn has_sample_in(&self, range: TimeRange) -> bool {
        !range.is_empty()
            && (self.floats.range(range.start_ms..=range.end_ms).next().is_some()
                || self.histograms.range(range.start_ms..=range.end_ms).next().is_some())
    }
}

impl MemorySource {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces one float sample.
    pub fn push(&self, scope: &Scope, labels: &Labels, t_ms: i64, v: f64) {
        self.edit(scope, labels, t_ms, |series| {
            series.histograms.remove(&t_ms);
            series.floats.insert(t_ms, v);
        });
    }

    /// Adds or replaces one histogram sample.
    pub fn push_histogram(&self, scope: &Scope, labels: &Labels, sample: HistogramSample) {
        self.edit(scope, labels, sample.t_ms, |series| {
            series.floats.remove(&sample.t_ms);
            series.histograms.insert(sample.t_ms, sample);
        });
    }

    /// Notes when the counter behind the sample at `t_ms` began.
    pub fn push_start(&self, scope: &Scope, labels: &Labels, t_ms: i64, start_ms: i64) {
        self.edit(scope, labels, t_ms, |series| {
            series.starts.insert(t_ms, start_ms);
        });
    }

    pub fn push_metadata(&self, scope: &Scope, metric: &str, metadata: MetricMetadata) {
        let mut tenants = self.tenants.write();
        let tenancy = tenants.entry(scope.tenant().as_str().to_owned()).or_default();
        let known = tenancy.metadata.entry(metric.to_owned()).or_default();
        if !known.contains(&metadata) {
            known.push(metadata);
        }
    }

    /// Removes every sample in the range.
    pub fn delete(&self, scope: &Scope, range: TimeRange) {
        let mut tenants = self.tenants.write();
        let Some(tenancy) = tenants.get_mut(scope.tenant().as_str()) else { return };
        for series in tenancy.series.values_mut() {
            series.floats.retain(|t_ms, _| !range.contains(*t_ms));
            series.histograms.retain(|t_ms, _| !range.contains(*t_ms));
        }
        tenancy.versions.touch(range);
    }

    fn edit(&self, scope: &Scope, labels: &Labels, t_ms: i64, change: impl FnOnce(&mut Series)) {
        let mut tenants = self.tenants.write();
        let tenancy = tenants.entry(scope.tenant().as_str().to_owned()).or_default();
        change(tenancy.series.entry(labels.clone()).or_default());
        tenancy.versions.touch(TimeRange::new(t_ms, t_ms));
    }

    fn matching(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
    ) -> Vec<(Labels, Series)> {
        let passes = |labels: &Labels, set: &[Matcher]| {
            set.iter().all(|m| m.matches(labels.get(m.name()).unwrap_or_default()))
        };
        let tenants = self.tenants.read();
        let all = tenants.get(scope.tenant().as_str()).into_iter().flat_map(|t| &t.series);
        all.filter(|(labels, _)| scope.label_policy().admits(labels))
            .filter(|(labels, _)| {
                matcher_sets.is_empty() || matcher_sets.iter().any(|set| passes(labels, set))
            })
            .filter(|(_, series)| series.has_sample_in(range))
            .map(|(labels, series)| (labels.clone(), series.clone()))
            .collect()
    }
}

fn limited<T>(sorted: impl IntoIterator<Item = T>, limit: usize) -> Vec<T> {
    sorted.into_iter().take(if limit == 0 { usize::MAX } else { limit }).collect()
}

struct MemorySelection {
    series: Vec<(Labels, Series)>,
    /// See [`crate::SelectHints::newest_only`]; taken at its word, so that tests meet engines that
    /// look at more.
    newest_only: bool,
}

impl Selection for MemorySelection {
    fn len(&self) -> usize {
        self.series.len()
    }

    fn labels(&self, index: usize) -> Labels {
        self.series.get(index).map(|(labels, _)| labels.clone()).unwrap_or_default()
    }

    fn read(
        &self,
        index: usize,
        range: TimeRange,
        out: &mut SampleBuffer,
    ) -> Result<(), SourceError> {
        out.clear();
        let Some((_, series)) = self.series.get(index).filter(|_| !range.is_empty()) else {
            return Ok(());
        };
        let newest = series.newest_t(range).filter(|_| self.newest_only);
        let range = TimeRange::new(newest.unwrap_or(range.start_ms), range.end_ms);
        for (t_ms, v) in series.floats.range(range.start_ms..=range.end_ms) {
            out.push(*t_ms, *v);
        }
        out.histograms
            .extend(series.histograms.range(range.start_ms..=range.end_ms).map(|(_, h)| h.clone()));
        if !series.starts.is_empty() {
            let start = |t_ms: i64| series.starts.get(&t_ms).copied().unwrap_or(0);
            out.start_ms.extend(out.t_ms.iter().map(|t| start(*t)));
            out.histogram_start_ms.extend(out.histograms.iter().map(|h| start(h.t_ms)));
        }
        Ok(())
    }
}

impl MetricSource for MemorySource {
    fn select(
        &self,
        scope: &Scope,
        request: &SelectRequest,
        _budget: &Budget,
    ) -> Result<Box<dyn Selection>, SourceError> {
        let sets = std::slice::from_ref(&request.matchers);
        let series = self.matching(scope, sets, request.range);
        Ok(Box::new(MemorySelection { series, newest_only: request.hints.newest_only }))
    }

    fn series(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        limit: usize,
        _budget: &Budget,
    ) -> Result<LabelSets, SourceError> {
        let found = self.matching(scope, matcher_sets, range);
        Ok(limited(found.iter().map(|(labels, _)| labels), limit).into_iter().collect())
    }

    fn version(&self, scope: &Scope) -> Option<u64> {
        let tenants = self.tenants.read();
        tenants.get(scope.tenant().as_str()).map(|tenancy| tenancy.versions.current())
    }

    fn changed_since(&self, scope: &Scope, version: u64, range: TimeRange) -> Vec<TimeRange> {
        let tenants = self.tenants.read();
        let tenancy = tenants.get(scope.tenant().as_str());
        tenancy.map_or(vec![range], |tenancy| tenancy.versions.changed_since(version, range))
    }

    fn label_names(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        limit: usize,
        _budget: &Budget,
    ) -> Result<Vec<String>, SourceError> {
        let mut names = BTreeSet::new();
        for (labels, _) in self.matching(scope, matcher_sets, range) {
            names.extend(labels.iter().map(|(name, _)| name.to_owned()));
        }
        Ok(limited(names, limit))
    }

    fn label_values(
        &self,
        scope: &Scope,
        name: &str,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        limit: usize,
        _budget: &Budget,
    ) -> Result<Vec<String>, SourceError> {
        let mut values = BTreeSet::new();
        for (labels, _) in self.matching(scope, matcher_sets, range) {
            values.extend(labels.get(name).map(str::to_owned));
        }
        Ok(limited(values, limit))
    }

    fn metadata(
        &self,
        scope: &Scope,
        metric: Option<&str>,
        limit: usize,
    ) -> Result<BTreeMap<String, Vec<MetricMetadata>>, SourceError> {
        let tenants = self.tenants.read();
        let all = tenants.get(scope.tenant().as_str()).into_iter().flat_map(|t| &t.metadata);
        let wanted = all.filter(|(name, _)| metric.is_none_or(|metric| metric == *name));
        let owned = wanted.map(|(name, known)| (name.clone(), known.clone()));
        Ok(limited(owned, limit).into_iter().collect())
    }
}

impl MetricSink for MemorySource {
    fn append(&self, scope: &Scope, batch: &SampleBatch<'_>) -> Result<AppendReport, AppendError> {
        let mut report = AppendReport::default();
        let mut builder = LabelsBuilder::default();
        for series in batch.series {
            builder.clear();
            let samples = series.samples.0 as usize..series.samples.1 as usize;
            let histograms = series.histograms.0 as usize..series.histograms.1 as usize;
            if let Err(error) = (batch.decode)(series.raw, &mut builder) {
                let count = (samples.len() + histograms.len()) as u64;
                *report.rejected.entry(RejectReason::InvalidLabels).or_default() += count;
                report.first_rejection.get_or_insert(error.0);
                continue;
            }
            let labels = builder.build();
            report.samples += samples.len() as u64;
            report.histograms += histograms.len() as u64;
            for i in samples {
                self.push(scope, &labels, batch.t_ms[i], batch.v[i]);
            }
            for sample in &batch.histograms[histograms] {
                self.push_histogram(scope, &labels, sample.clone());
            }
        }
        for (metric, metadata) in batch.metadata {
            self.push_metadata(scope, metric, metadata.clone());
        }
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::MemorySource;
    use crate::{Budget, MetricSource, SampleBuffer, Scope, SelectHints, SelectRequest};
    use model::{Labels, Matcher, Tenant, TimeRange};

    #[test]
    fn selects_by_matcher_time_and_tenant() {
        let source = MemorySource::new();
        let scope = |tenant| {
            Scope::grant(Tenant::parse(tenant).unwrap(), crate::TenantLimits::default(), vec![])
        };
        let up = Labels::from_pairs([("__name__", "up"), ("job", "a")]);
        source.push(&scope("t1"), &up, 1000, 1.0);
        source.push(&scope("t1"), &up, 2000, 0.0);
        let check = |tenant, range: (i64, i64), want: &[i64]| {
            let request = SelectRequest {
                matchers: vec![Matcher::equal("job", "a")],
                range: TimeRange::new(range.0, range.1),
                hints: SelectHints::default(),
            };
            let found = source.select(&scope(tenant), &request, &Budget::default()).unwrap();
            let mut out = SampleBuffer::default();
            if !found.is_empty() {
                found.read(0, request.range, &mut out).unwrap();
            }
            assert_eq!(out.t_ms, want, "{tenant} {range:?}");
        };
        check("t1", (0, 3000), &[1000, 2000]);
        check("t1", (1500, 3000), &[2000]);
        check("t1", (3000, 9000), &[]);
        check("t2", (0, 3000), &[]);
    }
}
