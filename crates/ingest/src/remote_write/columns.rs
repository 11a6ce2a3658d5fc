//! The columns a request is read into; their memory is kept for the next request.

use model::{Exemplar, HistogramSample, MetricMetadata};

use super::error::WriteError;
use super::limits::WriteLimits;

/// A series' raw labels: in the message itself, or rebuilt in the scratch buffer.
#[derive(Clone, Copy, Debug)]
pub(super) enum RawAt {
    Message(usize, usize),
    Scratch(usize, usize),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct SeriesAt {
    pub(super) raw: RawAt,
    pub(super) samples: (u32, u32),
    pub(super) histograms: (u32, u32),
}

#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) series: Vec<SeriesAt>,
    pub(super) t_ms: Vec<i64>,
    pub(super) v: Vec<f64>,
    pub(super) histograms: Vec<HistogramSample>,
    /// When counters began, by index of the series.
    pub(super) starts: Vec<(u32, i64)>,
    pub(super) exemplars: Vec<(u32, Exemplar)>,
    pub(super) metadata: Vec<(String, MetricMetadata)>,
    pub(super) scratch: Vec<u8>,
    pub(super) rejected: u64,
    pub(super) first_rejection: Option<String>,
}

/// How far the columns were filled when a series began.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    samples: usize,
    histograms: usize,
}

impl Columns {
    pub(super) fn clear(&mut self) {
        self.series.clear();
        self.t_ms.clear();
        self.v.clear();
        self.histograms.clear();
        self.starts.clear();
        self.exemplars.clear();
        self.metadata.clear();
        self.scratch.clear();
        self.rejected = 0;
        self.first_rejection = None;
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { samples: self.t_ms.len(), histograms: self.histograms.len() }
    }

    /// Index that the series being read will have.
    pub(super) fn series_index(&self) -> u32 {
        self.series.len() as u32
    }

    pub(super) fn finish_series(&mut self, raw: RawAt, since: Mark) {
        self.series.push(SeriesAt {
            raw,
            samples: (since.samples as u32, self.t_ms.len() as u32),
            histograms: (since.histograms as u32, self.histograms.len() as u32),
        });
    }

    /// Takes back what a series brought and counts it as rejected.
    pub(super) fn drop_series(&mut self, since: Mark, why: String) {
        let samples = self.t_ms.len() - since.samples + self.histograms.len() - since.histograms;
        self.t_ms.truncate(since.samples);
        self.v.truncate(since.samples);
        self.histograms.truncate(since.histograms);
        let index = self.series_index();
        self.starts.retain(|(series, _)| *series != index);
        self.exemplars.retain(|(series, _)| *series != index);
        self.reject(samples as u64, why);
    }

    pub(super) fn reject(&mut self, samples: u64, why: String) {
        self.rejected += samples;
        self.first_rejection.get_or_insert(why);
    }

    #[inline]
    pub(super) fn push_sample(&mut self, t_ms: i64, v: f64) {
        self.t_ms.push(t_ms);
        self.v.push(v);
    }

    pub(super) fn check_size(&self, limits: &WriteLimits) -> Result<(), WriteError> {
        let found = self.t_ms.len() + self.histograms.len();
        if found <= limits.samples_max {
            return Ok(());
        }
        let limit = limits.samples_max;
        Err(WriteError::TooLarge {
            what: "number of samples",
            found,
            limit,
            setting: "ingest.samples_max",
        })
    }
}
