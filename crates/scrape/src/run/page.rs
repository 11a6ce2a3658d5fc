//! One page read into columns: every series looked up, nothing handed on yet.

use ingest::exposition::{Entry, Format, Parser, Sample};
use model::{Exemplar, Labels, LabelsBuilder};

use super::cache::{Known, SeriesCache, Stored};
use super::families::Families;
use super::sample_labels::sample_labels;
use crate::config::Job;

/// Samples of a page by cache entry, in the order of the page.
#[derive(Debug, Default)]
pub(crate) struct Points {
    pub(crate) series: Vec<u32>,
    pub(crate) t_ms: Vec<i64>,
    pub(crate) v: Vec<f64>,
    /// `(index into series, exemplar)`.
    pub(crate) exemplars: Vec<(u32, Exemplar)>,
}

impl Points {
    pub(crate) fn clear(&mut self) {
        self.series.clear();
        self.t_ms.clear();
        self.v.clear();
        self.exemplars.clear();
    }
}

/// Counts of a page, also of one that was refused in its middle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) scraped: u64,
    pub(crate) kept: u64,
    pub(crate) series_added: u64,
}

/// Reads pages of one target.
pub(crate) struct PageReader<'a> {
    pub(crate) job: &'a Job,
    pub(crate) target: &'a Labels,
    pub(crate) cache: &'a mut SeriesCache,
    pub(crate) families: &'a mut Families,
    pub(crate) points: &'a mut Points,
    pub(crate) counts: Counts,
}

impl PageReader<'_> {
    /// Fills the points; an error means that nothing of the page may be stored.
    pub(crate) fn read(&mut self, body: &[u8], format: Format, now_ms: i64) -> Result<(), String> {
        let mut parser = Parser::new(body, format);
        let mut builder = LabelsBuilder::default();
        while let Some(entry) = parser.next_entry().map_err(|e| e.to_string())? {
            match entry {
                Entry::Sample(sample) => {
                    self.take_sample(sample, &mut parser, &mut builder, now_ms)?;
                }
                Entry::Type { family, metric_type } => self.families.set_type(family, metric_type),
                Entry::Help { family, text } => self.families.set_help(family, &text),
                Entry::Unit { family, unit } => self.families.set_unit(family, unit),
                Entry::Comment(_) => {}
            }
        }
        let limit = self.job.limits.samples;
        if limit > 0 && self.counts.kept > limit {
            return Err("sample limit exceeded".into());
        }
        Ok(())
    }

    fn take_sample(
        &mut self,
        sample: Sample<'_>,
        parser: &mut Parser<'_>,
        builder: &mut LabelsBuilder,
        now_ms: i64,
    ) -> Result<(), String> {
        self.counts.scraped += 1;
        let own_time = sample.t_ms.filter(|_| self.job.honor_timestamps);
        let index = match self.cache.look_up(sample.series) {
            Known::Dropped => return Ok(()),
            // Twice at the same time: the first one counts.
            Known::Repeated(_) if own_time.is_none() => return Ok(()),
            Known::Kept(index) | Known::Repeated(index) => index,
            Known::New => {
                builder.clear();
                parser.labels(builder).map_err(|e| e.0)?;
                let stored = sample_labels(builder, self.target, self.job)?.map(Stored::new);
                let dropped = stored.is_none();
                let index = self.cache.insert(sample.series, stored);
                if dropped {
                    return Ok(());
                }
                self.counts.series_added += 1;
                index
            }
        };
        self.counts.kept += 1;
        if own_time.is_none() || self.job.track_timestamps_staleness {
            self.cache.track(index);
        }
        let t_ms = own_time.unwrap_or(now_ms);
        if sample.has_exemplar
            && let Some(exemplar) = parser.exemplar(t_ms)
        {
            self.points.exemplars.push((self.points.series.len() as u32, exemplar));
        }
        self.points.series.push(index);
        self.points.t_ms.push(t_ms);
        self.points.v.push(sample.v);
        Ok(())
    }
}
