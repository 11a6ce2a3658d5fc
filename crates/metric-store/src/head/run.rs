//! A finished run of samples in the head, still compressed, and the run of histograms that grows.
//!
//! Runs never leave memory: a part packs their samples anew.

use codec::chain::Pool;
use codec::growing::{GrowingFloats, GrowingReader};
use model::{FloatHistogram, HistogramSample, TimeRange};
use query::SampleBuffer;

use crate::cursor::Malformed;
use crate::histogram::row;

/// Samples of a run: two hours at 30 s. Longer ones make short reads decode too much.
pub(super) const RUN_SAMPLES_MAX: u16 = 240;

/// Samples of one kind, ascending in time, at least one.
#[derive(Clone, Debug)]
pub(super) struct Run {
    content: Content,
    count: u32,
    first_t: i64,
    last_t: i64,
    bytes: Box<[u8]>,
}

#[derive(Clone, Copy, Debug)]
enum Content {
    /// A stream of [`GrowingFloats`] with this base time.
    Floats {
        base_t: i64,
    },
    Histograms,
}

impl Run {
    /// What a stream holds so far; `None` when that is nothing.
    pub(super) fn of_stream(floats: &GrowingFloats, pool: &Pool, base_t: i64) -> Option<Self> {
        (!floats.is_empty()).then(|| Self {
            content: Content::Floats { base_t },
            count: u32::from(floats.count()),
            first_t: floats.first_t(pool, base_t),
            last_t: floats.last_t(),
            bytes: floats.bytes(pool).into_boxed_slice(),
        })
    }

    pub(super) fn of_floats(samples: &[(i64, f64)]) -> Option<Self> {
        let (mut floats, mut pool) = (GrowingFloats::default(), Pool::default());
        let (base_t, _) = *samples.first()?;
        for (t_ms, v) in samples {
            floats.push(&mut pool, base_t, *t_ms, *v);
        }
        Self::of_stream(&floats, &pool, base_t)
    }

    pub(super) fn of_histograms(samples: &[HistogramSample]) -> Option<Self> {
        let (first, rest) = samples.split_first()?;
        let mut open = OpenHistograms::new(first);
        for sample in rest {
            open.push(sample);
        }
        Some(open.finish())
    }

    pub(super) const fn range(&self) -> TimeRange {
        TimeRange::new(self.first_t, self.last_t)
    }

    pub(super) const fn first_t(&self) -> i64 {
        self.first_t
    }

    pub(super) const fn count(&self) -> usize {
        self.count as usize
    }

    pub(super) const fn is_floats(&self) -> bool {
        matches!(self.content, Content::Floats { .. })
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of::<Self>() + self.bytes.len()
    }

    /// Appends the samples that lie in the range.
    /// Errors: the bytes are damaged, which only a bug can bring about.
    pub(super) fn decode(&self, range: TimeRange, out: &mut SampleBuffer) -> Result<(), Malformed> {
        match self.content {
            Content::Floats { base_t } => {
                let mut reader = GrowingReader::new(&self.bytes, base_t, self.count);
                while let Some((t_ms, v)) = reader.next_sample().map_err(|_| Malformed)? {
                    if t_ms > range.end_ms {
                        break;
                    }
                    if t_ms >= range.start_ms {
                        out.push(t_ms, v);
                    }
                }
            }
            Content::Histograms => {
                row::decode(&self.bytes, self.count, range, &mut out.histograms)?;
            }
        }
        Ok(())
    }
}

/// Runs, and the bytes they take, which are not counted anew with each change.
#[derive(Debug, Default)]
pub(super) struct Runs {
    runs: Vec<Run>,
    bytes: usize,
}

impl Runs {
    pub(super) fn extend(&mut self, run: Option<Run>) {
        if let Some(run) = run {
            self.bytes += run.heap_bytes();
            self.runs.reserve_exact(1);
            self.runs.push(run);
        }
    }

    pub(super) fn pop(&mut self) {
        if let Some(run) = self.runs.pop() {
            self.bytes -= run.heap_bytes();
        }
    }

    pub(super) fn last(&self) -> Option<&Run> {
        self.runs.last()
    }

    pub(super) fn as_slice(&self) -> &[Run] {
        &self.runs
    }

    pub(super) const fn heap_bytes(&self) -> usize {
        self.bytes
    }
}

/// Histograms in time order, each stated as a difference to the one before it.
#[derive(Clone, Debug)]
pub(super) struct OpenHistograms {
    bytes: Vec<u8>,
    count: u32,
    first_t: i64,
    last: HistogramSample,
}

impl OpenHistograms {
    pub(super) fn new(first: &HistogramSample) -> Self {
        let mut bytes = Vec::new();
        row::push(first, None, &mut bytes);
        Self { bytes, count: 1, first_t: first.t_ms, last: first.clone() }
    }

    pub(super) fn push(&mut self, sample: &HistogramSample) {
        row::push(sample, Some(&self.last), &mut self.bytes);
        self.last.clone_from(sample);
        self.count += 1;
    }

    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    pub(super) const fn range(&self) -> TimeRange {
        TimeRange::new(self.first_t, self.last.t_ms)
    }

    pub(super) const fn last(&self) -> &HistogramSample {
        &self.last
    }

    pub(super) fn finish(self) -> Run {
        Run {
            content: Content::Histograms,
            count: self.count,
            first_t: self.first_t,
            last_t: self.last.t_ms,
            bytes: self.bytes.into_boxed_slice(),
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of::<Self>() + self.bytes.capacity() + histogram_bytes(&self.last.h)
    }
}

/// Bytes that a histogram takes loose.
pub(super) fn histogram_bytes(h: &FloatHistogram) -> usize {
    let buckets = h.positive_buckets.len() + h.negative_buckets.len() + h.custom_values.len();
    size_of::<HistogramSample>() + 8 * (buckets + h.positive_spans.len() + h.negative_spans.len())
}
