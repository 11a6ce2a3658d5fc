//! What a target's loop remembers between scrapes, and how one scrape becomes one batch.

use std::collections::HashSet;
use std::sync::Arc;

use ingest::exposition::Format;
use model::{BatchSeries, InvalidLabels, Labels, LabelsBuilder, SampleBatch, stale_nan};
use query::{AppendError, MetricSink, Scope};
use telemetry::Counter;

use super::cache::{SeriesCache, Stored};
use super::families::Families;
use super::page::{Counts, PageReader, Points};
use super::report::{Facts, ReportSeries};
use crate::config::Job;

/// Where samples go.
#[derive(Clone)]
pub(crate) struct Destination {
    pub(crate) sink: Arc<dyn MetricSink>,
    pub(crate) scope: Scope,
    /// Samples the sink has taken.
    pub(crate) stored: Counter,
}

#[derive(Debug)]
pub(crate) struct State {
    job: Arc<Job>,
    target: Labels,
    cache: SeriesCache,
    pub(crate) families: Families,
    points: Points,
    /// Series whose end has to be written with the next batch.
    ended: Vec<Stored>,
    /// Live series of a predecessor; those the first good scrape does not have are ended.
    inherited: Vec<Stored>,
    report: ReportSeries,
    reported: bool,
}

impl State {
    pub(crate) fn new(job: Arc<Job>, target: &Labels) -> Self {
        Self {
            report: ReportSeries::new(target, &job),
            job,
            target: target.clone(),
            cache: SeriesCache::default(),
            families: Families::default(),
            points: Points::default(),
            ended: Vec::new(),
            inherited: Vec::new(),
            reported: false,
        }
    }

    /// Continues for a loop that is replaced: its rules may differ, so only what is needed to end
    /// series is taken over.
    pub(crate) fn inherit(&mut self, predecessor: Self) {
        self.inherited.extend(predecessor.inherited);
        self.inherited.extend(predecessor.cache.into_live());
    }

    /// Reads a page. After an error the points are empty and every live series is ended.
    pub(crate) fn read(
        &mut self,
        body: &[u8],
        format: Format,
        now_ms: i64,
    ) -> (Counts, Result<(), String>) {
        self.points.clear();
        self.cache.begin_scrape();
        self.families.begin_scrape();
        let mut reader = PageReader {
            job: &self.job,
            target: &self.target,
            cache: &mut self.cache,
            families: &mut self.families,
            points: &mut self.points,
            counts: Counts::default(),
        };
        let result = reader.read(body, format, now_ms);
        let counts = reader.counts;
        if result.is_err() {
            self.fail();
        } else {
            self.succeed();
        }
        (counts, result)
    }

    fn succeed(&mut self) {
        let ended = &mut self.ended;
        self.cache.finish_good(|stored| ended.push(stored));
        ended.append(&mut self.inherited);
        if ended.is_empty() {
            return;
        }
        // Another text, or the predecessor's successor, may still bring the same series.
        let current = self.points.series.iter().filter_map(|index| self.cache.stored(*index));
        let current: HashSet<_> = current.map(|stored| stored.key).collect();
        ended.retain(|stored| !current.contains(&stored.key));
    }

    /// A scrape that brought nothing: all series are over.
    pub(crate) fn fail(&mut self) {
        self.points.clear();
        let ended = &mut self.ended;
        self.cache.end_all(|stored| ended.push(stored));
        self.ended.append(&mut self.inherited);
    }

    /// Hands points, ends and report to the sink as one batch.
    pub(crate) fn flush(
        &mut self,
        to: &Destination,
        now_ms: i64,
        facts: &Facts,
    ) -> Result<(), AppendError> {
        let values = self.report.values(facts);
        self.reported = true;
        self.append(to, now_ms, &values)
    }

    /// The target is gone: ends all its series, the report included.
    pub(crate) fn flush_end(&mut self, to: &Destination, now_ms: i64) -> Result<(), AppendError> {
        self.fail();
        if !self.reported && self.ended.is_empty() {
            return Ok(());
        }
        self.reported = false;
        let values = self.report.stale_values();
        self.append(to, now_ms, &values)
    }

    fn append(&mut self, to: &Destination, now_ms: i64, report: &[f64]) -> Result<(), AppendError> {
        let points = &mut self.points;
        let appended = self.ended.len() + report.len();
        points.t_ms.extend(std::iter::repeat_n(now_ms, appended));
        points.v.extend(self.ended.iter().map(|_| stale_nan()));
        points.v.extend_from_slice(report);
        // Entries of the cache outlive the scrape that met them, so every point has its series.
        let scraped = points.series.iter().filter_map(|index| self.cache.stored(*index));
        let all = scraped.chain(&self.ended).chain(&self.report.stored);
        let batch_series: Vec<BatchSeries<'_>> = all
            .zip(0u32..)
            .map(|(stored, at)| BatchSeries {
                key: stored.key,
                raw: stored.labels.as_bytes(),
                samples: (at, at + 1),
                histograms: (0, 0),
            })
            .collect();
        debug_assert_eq!(batch_series.len(), points.t_ms.len(), "one series per sample");
        let fresh = self.families.take_fresh();
        let metadata: Vec<_> = fresh.iter().map(|(n, m)| (n.as_str(), m.clone())).collect();
        let report = to.sink.append(
            &to.scope,
            &SampleBatch {
                decode: &decode,
                series: &batch_series,
                t_ms: &points.t_ms,
                v: &points.v,
                histograms: &[],
                starts: &[],
                exemplars: &points.exemplars,
                metadata: &metadata,
            },
        )?;
        to.stored.inc_by(report.samples + report.histograms);
        self.ended.clear();
        points.clear();
        if let Some(first) = report.first_rejection {
            tracing::debug!(job = self.job.name, target = %self.target, first, "samples of a scrape were left out");
        }
        Ok(())
    }
}

/// The raw form of scraped series is the label set's own encoding.
fn decode(raw: &[u8], out: &mut LabelsBuilder) -> Result<(), InvalidLabels> {
    let labels = Labels::from_bytes(raw);
    let labels = labels.ok_or_else(|| InvalidLabels("not an encoded label set".into()))?;
    out.reset_to(&labels);
    Ok(())
}
