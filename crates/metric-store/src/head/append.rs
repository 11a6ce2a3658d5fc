//! The ingest hot path: one batch into one tenant's head and into the log.
//!
//! Known series cost a table look-up, a few bytes in the record's columns and a push on their
//! chunk. The record is written before the samples are applied, while the shard is locked: the
//! log has the samples of a shard in the order in which the shard took them.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use model::{BatchSeries, Labels, LabelsBuilder, SampleBatch, TimeRange};
use query::{AppendError, AppendReport, RejectReason, TenantLimits};
use wal::Wal;

use crate::cursor::put_slice;
use crate::head::epoch::{Epoch, Shard};
use crate::head::series::Outcome;
use crate::head::start::{self, Zero};
use crate::head::{HeadTotals, Names, TenantHead};
use crate::histogram;
use crate::record::{
    ExemplarsRecord, KIND_EXEMPLARS, KIND_METADATA, KIND_SAMPLES, SamplesRecord, put_metadata,
};

/// No series: its samples are left out.
const NONE: u32 = u32::MAX;

/// Memory reused between batches.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// Reference of each series of the batch, or [`NONE`].
    series: Vec<u32>,
    /// `(index into the batch's series, its labels)` of those that the log may have to define;
    /// ascending.
    decoded: Vec<(u32, Labels)>,
    /// Those whose labels are still to be looked up.
    undefined: Vec<u32>,
    /// Indices into the batch's series, by shard.
    order: Vec<u32>,
    shard_ends: Vec<u32>,
    record: SamplesRecord,
    /// Zeros where counters began, of the shard's share.
    zeros: Vec<Zero>,
    /// Times of all that were stored.
    zero_times: Vec<i64>,
    builder: LabelsBuilder,
    bytes: Vec<u8>,
    exemplars: ExemplarsRecord,
}

impl Scratch {
    /// Times at which the last append stored samples that its batch does not hold: the starts of
    /// counters.
    pub(crate) fn take_zero_times(&mut self) -> impl Iterator<Item = i64> {
        self.zero_times.drain(..)
    }
}

/// Everything an append needs besides the batch.
pub(crate) struct Appender<'a> {
    pub(crate) head: &'a TenantHead,
    pub(crate) wal: &'a Wal,
    pub(crate) totals: &'a HeadTotals,
    pub(crate) limits: &'a TenantLimits,
    /// Limit of the series of all tenants; 0 = none.
    pub(crate) series_max_total: u64,
    /// Limit of the memory of their names; 0 = none.
    pub(crate) series_bytes_max_total: u64,
    pub(crate) exemplars_max: usize,
    /// Store a zero where a counter began.
    pub(crate) created_timestamp_zero: bool,
    /// Timestamps that are accepted.
    pub(crate) accepted: TimeRange,
}

impl Appender<'_> {
    /// Appends a batch. The caller holds the gate open.
    pub(crate) fn append(
        &self,
        batch: &SampleBatch<'_>,
        scratch: &mut Scratch,
    ) -> Result<AppendReport, AppendError> {
        let mut report = AppendReport::default();
        self.resolve(batch, scratch, &mut report);
        let epoch = self.head.current();
        order_by_shard(epoch.shards().len(), scratch);
        let mut start = 0;
        for shard in 0..epoch.shards().len() {
            let end = scratch.shard_ends[shard] as usize;
            if start < end {
                self.append_shard(&epoch, shard, start..end, batch, scratch, &mut report)?;
            }
            start = end;
        }
        scratch.decoded.clear();
        self.append_exemplars(batch, scratch, &mut report)?;
        self.append_metadata(batch, scratch)?;
        self.totals
            .samples_appended
            .fetch_add(report.samples + report.histograms, Ordering::Relaxed);
        Ok(report)
    }

    /// Looks every series up; names the new ones.
    fn resolve(&self, batch: &SampleBatch<'_>, scratch: &mut Scratch, report: &mut AppendReport) {
        scratch.series.clear();
        scratch.decoded.clear();
        let mut missing = false;
        {
            let keys = self.head.keys.read();
            scratch.series.extend(batch.series.iter().map(|series| {
                let known = keys.get(series.key);
                missing |= known.is_none();
                known.unwrap_or(NONE)
            }));
        }
        if !missing {
            return;
        }
        for (index, series) in batch.series.iter().enumerate() {
            if scratch.series[index] == NONE {
                if !self.has_acceptable(series, batch) {
                    self.reject_times(series, batch, report);
                    continue;
                }
                match self.name(batch, series, &mut scratch.builder, report) {
                    Ok((named, labels)) => {
                        scratch.series[index] = named;
                        scratch.decoded.push((index as u32, labels));
                    }
                    Err((reason, text)) => reject(report, reason, sample_count(series), || text),
                }
            }
        }
    }

    /// Whether any sample of the series could be taken; a series of nothing else gets no name.
    fn has_acceptable(&self, series: &BatchSeries<'_>, batch: &SampleBatch<'_>) -> bool {
        let histograms = &batch.histograms[range(series.histograms)];
        let times = batch.t_ms[range(series.samples)].iter().copied();
        let mut times = times.chain(histograms.iter().map(|sample| sample.t_ms));
        sample_count(series) == 0 || times.any(|t| self.accepted.contains(t))
    }

    fn reject_times(
        &self,
        series: &BatchSeries<'_>,
        batch: &SampleBatch<'_>,
        report: &mut AppendReport,
    ) {
        let histograms = &batch.histograms[range(series.histograms)];
        let times = batch.t_ms[range(series.samples)].iter().copied();
        for t_ms in times.chain(histograms.iter().map(|sample| sample.t_ms)) {
            self.reject_time(series, batch, t_ms, report);
        }
    }

    /// The reference of a series whose key is not known, made when its labels are new too.
    fn name(
        &self,
        batch: &SampleBatch<'_>,
        series: &BatchSeries<'_>,
        builder: &mut LabelsBuilder,
        report: &mut AppendReport,
    ) -> Result<(u32, Labels), (RejectReason, String)> {
        builder.clear();
        (batch.decode)(series.raw, builder)
            .map_err(|error| (RejectReason::InvalidLabels, error.0))?;
        let labels = self.check_labels(builder)?;
        // The batch may hold the series twice, or another batch may have been faster.
        let mut names = self.head.names.write();
        let before = names.heap_bytes_guess();
        let named = names.get_or_insert(&labels, |names| {
            self.take_series(names, &labels)?;
            report.series_created += 1;
            Ok(())
        })?;
        self.totals.change_series_bytes(before, names.heap_bytes_guess());
        let series_count = names.len();
        drop(names);
        self.head.keys.write().insert(series.key, named, series_count);
        Ok((named, labels))
    }

    fn check_labels(&self, builder: &LabelsBuilder) -> Result<Labels, (RejectReason, String)> {
        if let Some(name) = builder.oversized() {
            let text = format!("label '{name}' is too long to be stored");
            return Err((RejectReason::LabelLimit, text));
        }
        let labels = builder.build();
        if labels.is_empty() {
            let text = "received a series without labels".to_owned();
            return Err((RejectReason::InvalidLabels, text));
        }
        let (limits, count) = (self.limits, labels.len());
        if limits.label_names_max > 0 && count > limits.label_names_max as usize {
            let limit = limits.label_names_max;
            let text = format!(
                "received a series whose number of labels exceeds the limit (actual: {count}, limit: {limit}, raise ingest.label_count_max) series: '{labels}'"
            );
            return Err((RejectReason::LabelLimit, text));
        }
        let value_max = limits.label_value_bytes_max as usize;
        let long = labels.iter().find(|(_, value)| value_max > 0 && value.len() > value_max);
        if let Some((name, value)) = long {
            let len = value.len();
            let text = format!(
                "received a series whose label value length exceeds the limit, label: '{name}' (actual: {len}, limit: {value_max}, raise ingest.label_value_bytes_max)"
            );
            return Err((RejectReason::LabelLimit, text));
        }
        Ok(labels)
    }

    /// Counts a new series, if no limit forbids it. The lock on the names keeps others of the
    /// tenant from passing the same check; between tenants the count itself decides.
    fn take_series(&self, names: &Names, labels: &Labels) -> Result<(), (RejectReason, String)> {
        let (limits, totals) = (self.limits, self.totals);
        let own_bytes = names.heap_bytes_guess() as u64;
        let all_bytes = totals.series_bytes.load(Ordering::Relaxed);
        for (what, held, limit, setting) in [
            ("series", names.len() as u64, limits.series_max, "series_per_tenant_max"),
            ("series memory", own_bytes, limits.series_bytes_max, "series_bytes_per_tenant_max"),
        ] {
            if limit > 0 && held >= limit {
                return Err(beyond("per-tenant", what, limit, setting, labels));
            }
        }
        let limit = self.series_bytes_max_total;
        if limit > 0 && all_bytes >= limit {
            return Err(beyond("total", "series memory", limit, "series_bytes_max", labels));
        }
        if !totals.take_series(self.series_max_total) {
            return Err(beyond("total", "series", self.series_max_total, "series_max", labels));
        }
        totals.series_created.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Logs and applies the share of one shard.
    fn append_shard(
        &self,
        epoch: &Epoch,
        shard_index: usize,
        part: std::ops::Range<usize>,
        batch: &SampleBatch<'_>,
        scratch: &mut Scratch,
        report: &mut AppendReport,
    ) -> Result<(), AppendError> {
        let shard_count = epoch.shards().len();
        let mut shard = epoch.shards()[shard_index].lock();
        if !self.fill_record(&shard, shard_count, part.clone(), batch, scratch) {
            // Queries hold the names while they wait for shards, so nobody may do the reverse.
            drop(shard);
            self.look_up_undefined(scratch);
            shard = epoch.shards()[shard_index].lock();
            if !self.fill_record(&shard, shard_count, part.clone(), batch, scratch) {
                return Err(AppendError::Io("a series is without a name".to_owned()));
            }
        }
        let Scratch { series, order, record, zeros, zero_times, .. } = scratch;
        let members = &order[part];
        // A definition alone is not written, and then it has not been made.
        let written = !record.is_empty();
        if written {
            let parts = record.parts(self.head.tenant.as_str(), epoch.naming);
            self.wal.append(KIND_SAMPLES, &parts).map_err(|error| io(&error))?;
        }
        zero_times.extend(zeros.iter().map(Zero::t_ms));
        let before = shard.chunk_bytes();
        // First all floats, then all histograms: the order in which the log replays them.
        for index in members {
            let slot = series[*index as usize] as usize / shard_count;
            if written {
                shard.set_logged(slot);
            }
            if let Some(zero) = start::of(zeros, *index) {
                zero.push_float(&mut shard, slot);
            }
            self.apply(&mut shard, slot, &batch.series[*index as usize], batch, report);
        }
        if !batch.histograms.is_empty() {
            for index in members {
                let slot = series[*index as usize] as usize / shard_count;
                let share = &batch.series[*index as usize];
                if let Some(zero) = start::of(zeros, *index) {
                    zero.push_histogram(&mut shard, slot);
                }
                self.apply_histograms(&mut shard, slot, share, batch, report);
            }
        }
        // Chunks never shrink by an append, but closing one gives spare room back.
        let bytes = &self.totals.chunk_bytes;
        bytes.fetch_add(shard.chunk_bytes().wrapping_sub(before), Ordering::Relaxed);
        Ok(())
    }

    /// Fills the record of a shard's share. `false` when there are series that it must define and
    /// whose labels are not at hand; they are in `scratch.undefined` then.
    fn fill_record(
        &self,
        shard: &Shard,
        shard_count: usize,
        part: std::ops::Range<usize>,
        batch: &SampleBatch<'_>,
        scratch: &mut Scratch,
    ) -> bool {
        let Scratch { series, decoded, undefined, order, record, zeros, .. } = scratch;
        let members = &order[part];
        record.clear();
        zeros.clear();
        undefined.clear();
        if self.created_timestamp_zero && !batch.starts.is_empty() {
            let last_t = |index: u32| shard.last_t(series[index as usize] as usize / shard_count);
            zeros.extend(start::zeros(batch, members, self.accepted, last_t));
        }
        for index in members {
            let reference = series[*index as usize];
            if !shard.is_logged(reference as usize / shard_count) {
                match decoded.binary_search_by_key(index, |(index, _)| *index) {
                    Ok(at) => record.define(reference, &decoded[at].1),
                    Err(_) => undefined.push(*index),
                }
            }
            if let Some(zero) = start::of(zeros, *index) {
                zero.encode(reference, record);
            }
            self.encode(&batch.series[*index as usize], reference, batch, record);
        }
        undefined.is_empty()
    }

    fn look_up_undefined(&self, scratch: &mut Scratch) {
        let Scratch { series, decoded, undefined, builder, .. } = scratch;
        let names = self.head.names.read();
        for index in undefined.drain(..) {
            decoded.push((index, names.labels(series[index as usize], builder)));
        }
        drop(names);
        decoded.sort_unstable_by_key(|(index, _)| *index);
    }

    #[inline]
    fn encode(
        &self,
        share: &BatchSeries<'_>,
        reference: u32,
        batch: &SampleBatch<'_>,
        record: &mut SamplesRecord,
    ) {
        let samples = range(share.samples);
        let (times, values) = (&batch.t_ms[samples.clone()], &batch.v[samples]);
        let good = |t: &i64| self.accepted.contains(*t);
        let count = times.iter().filter(|t| good(t)).count();
        if count > 0 {
            record.run(reference, count);
            for (t, v) in std::iter::zip(times, values).filter(|(t, _)| good(t)) {
                record.sample(*t, *v);
            }
        }
        for sample in &batch.histograms[range(share.histograms)] {
            if good(&sample.t_ms) && histogram::is_consistent(&sample.h) {
                record.histogram(reference, sample);
            }
        }
    }

    #[inline]
    fn apply(
        &self,
        shard: &mut Shard,
        slot: usize,
        share: &BatchSeries<'_>,
        batch: &SampleBatch<'_>,
        report: &mut AppendReport,
    ) {
        let samples = range(share.samples);
        for (t, v) in std::iter::zip(&batch.t_ms[samples.clone()], &batch.v[samples]) {
            if !self.accepted.contains(*t) {
                self.reject_time(share, batch, *t, report);
                continue;
            }
            match shard.push(slot, *t, *v) {
                Outcome::Added | Outcome::Same => report.samples += 1,
                Outcome::Duplicate => reject_duplicate(share, batch, *t, report),
            }
        }
    }

    fn apply_histograms(
        &self,
        shard: &mut Shard,
        slot: usize,
        share: &BatchSeries<'_>,
        batch: &SampleBatch<'_>,
        report: &mut AppendReport,
    ) {
        for sample in &batch.histograms[range(share.histograms)] {
            if !self.accepted.contains(sample.t_ms) {
                self.reject_time(share, batch, sample.t_ms, report);
                continue;
            }
            if !histogram::is_consistent(&sample.h) {
                let text = || "native histogram: buckets do not match the spans".to_owned();
                reject(report, RejectReason::InvalidLabels, 1, text);
                continue;
            }
            match shard.push_histogram(slot, sample) {
                Outcome::Added | Outcome::Same => report.histograms += 1,
                Outcome::Duplicate => reject_duplicate(share, batch, sample.t_ms, report),
            }
        }
    }

    #[cold]
    fn reject_time(
        &self,
        share: &BatchSeries<'_>,
        batch: &SampleBatch<'_>,
        t_ms: i64,
        report: &mut AppendReport,
    ) {
        let (reason, what) = if t_ms < self.accepted.start_ms {
            (RejectReason::TooOld, "is older than the retention or the out-of-order window")
        } else {
            (RejectReason::TooFarInFuture, "is too far in the future")
        };
        let text =
            || format!("sample with timestamp {t_ms} {what}, series: '{}'", name_of(share, batch));
        reject(report, reason, 1, text);
    }

    fn append_exemplars(
        &self,
        batch: &SampleBatch<'_>,
        scratch: &mut Scratch,
        report: &mut AppendReport,
    ) -> Result<(), AppendError> {
        if batch.exemplars.is_empty() || self.exemplars_max == 0 {
            return Ok(());
        }
        let Scratch { series, exemplars: record, builder, .. } = scratch;
        record.start(self.head.tenant.as_str());
        let mut taken = Vec::with_capacity(batch.exemplars.len());
        for (index, exemplar) in batch.exemplars {
            let reference = series.get(*index as usize).copied().unwrap_or(NONE);
            if reference != NONE {
                let labels = self.head.names.read().labels(reference, builder);
                report.exemplars += 1;
                if !self.head.exemplars.lock().is_known(&labels, exemplar) {
                    record.push(&labels, exemplar);
                    taken.push((labels, exemplar));
                }
            }
        }
        if !taken.is_empty() {
            self.wal.append(KIND_EXEMPLARS, &[&record.bytes]).map_err(|error| io(&error))?;
        }
        for (labels, exemplar) in taken {
            self.head.exemplars.lock().add(labels, exemplar.clone(), self.exemplars_max);
        }
        Ok(())
    }

    fn append_metadata(
        &self,
        batch: &SampleBatch<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), AppendError> {
        let known = self.head.metadata.read();
        let is_new = |metric: &str, metadata| {
            known.get(metric).is_none_or(|entries| !entries.contains(metadata))
        };
        let fresh: Vec<_> =
            batch.metadata.iter().filter(|(metric, metadata)| is_new(metric, metadata)).collect();
        drop(known);
        if fresh.is_empty() {
            return Ok(());
        }
        scratch.bytes.clear();
        put_slice(&mut scratch.bytes, self.head.tenant.as_str().as_bytes());
        for (metric, metadata) in &fresh {
            put_metadata(&mut scratch.bytes, metric, metadata);
        }
        self.wal.append(KIND_METADATA, &[&scratch.bytes]).map_err(|error| io(&error))?;
        for (metric, metadata) in fresh {
            self.head.add_metadata(metric, metadata.clone());
        }
        Ok(())
    }
}

fn beyond(
    whose: &str,
    what: &str,
    limit: u64,
    setting: &str,
    labels: &Labels,
) -> (RejectReason, String) {
    let text = format!(
        "{whose} {what} limit of {limit} exceeded (raise limits.{setting}), series: '{labels}'"
    );
    (RejectReason::SeriesLimit, text)
}

/// Counting sort of the batch's known series by shard.
fn order_by_shard(shard_count: usize, scratch: &mut Scratch) {
    let Scratch { series, order, shard_ends, .. } = scratch;
    shard_ends.clear();
    shard_ends.resize(shard_count, 0);
    let known = || (0_u32..).zip(series.iter()).filter(|(_, reference)| **reference != NONE);
    for (_, reference) in known() {
        shard_ends[*reference as usize % shard_count] += 1;
    }
    let mut total = 0;
    for end in shard_ends.iter_mut() {
        // The start for now; filling moves it to the end.
        total += std::mem::replace(end, total);
    }
    order.clear();
    order.resize(total as usize, 0);
    for (index, reference) in known() {
        let place = &mut shard_ends[*reference as usize % shard_count];
        order[*place as usize] = index;
        *place += 1;
    }
}

const fn range((start, end): (u32, u32)) -> std::ops::Range<usize> {
    start as usize..end as usize
}

fn sample_count(series: &BatchSeries<'_>) -> u64 {
    (range(series.samples).len() + range(series.histograms).len()) as u64
}

fn io(error: &wal::WalError) -> AppendError {
    let mut text = error.to_string();
    if let Some(source) = std::error::Error::source(error) {
        text = format!("{text}: {source}");
    }
    AppendError::Io(text)
}

/// The series for an error message.
fn name_of(share: &BatchSeries<'_>, batch: &SampleBatch<'_>) -> String {
    let mut builder = LabelsBuilder::default();
    match (batch.decode)(share.raw, &mut builder) {
        Ok(()) => builder.build().to_string(),
        Err(error) => error.0,
    }
}

#[cold]
fn reject_duplicate(
    share: &BatchSeries<'_>,
    batch: &SampleBatch<'_>,
    t_ms: i64,
    report: &mut AppendReport,
) {
    let text = || {
        let series = name_of(share, batch);
        format!("duplicate sample for timestamp {t_ms} with another value, series: '{series}'")
    };
    reject(report, RejectReason::DuplicateTimestamp, 1, text);
}

fn reject(
    report: &mut AppendReport,
    reason: RejectReason,
    count: u64,
    text: impl FnOnce() -> String,
) {
    let rejected: &mut BTreeMap<RejectReason, u64> = &mut report.rejected;
    *rejected.entry(reason).or_default() += count;
    report.first_rejection.get_or_insert_with(text);
}
