//! The samples of one series in one epoch of the head.

use codec::xor::XorChunk;
use model::{FloatHistogram, HistogramSample, TimeRange};
use query::SampleBuffer;

use crate::chunk::{Assembly, Chunk, ChunkMeta, Encoding};
use crate::cursor::Malformed;
use crate::histogram;

/// Samples of a chunk: two hours at 30 s. Longer ones make short reads decode too much.
const CHUNK_SAMPLES_MAX: u16 = 240;
/// Late samples collected before they are packed.
const LATE_FLOATS_MAX: usize = 240;
const LATE_HISTOGRAMS_MAX: usize = 60;

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Added,
    /// It was there already: nothing to do, nothing to complain about.
    Same,
    /// Another sample has the timestamp.
    Duplicate,
}

/// Slab record of a series. Most series need no [`Side`].
#[derive(Debug, Default)]
pub(crate) struct SeriesData {
    /// Also knows the last sample of the series, across epochs.
    open: XorChunk,
    side: Option<Box<Side>>,
    /// The log defines the reference since it was last cut.
    pub(crate) logged: bool,
    /// The sample at `open.last_t()` is a histogram.
    last_is_histogram: bool,
}

/// Everything that is not the open float chunk.
#[derive(Debug, Default)]
struct Side {
    /// In time order, without overlap.
    closed: Vec<Chunk>,
    histograms: Vec<HistogramSample>,
    late_closed: Vec<Chunk>,
    /// Ascending in time, as the two columns below.
    late: Vec<(i64, f64)>,
    late_histograms: Vec<HistogramSample>,
}

impl SeriesData {
    /// The same series in the next epoch.
    pub(crate) fn successor(&self) -> Self {
        let open = self.open.successor();
        Self { open, side: None, logged: false, last_is_histogram: self.last_is_histogram }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.side.is_none()
    }

    /// Bytes of heap behind the slab record.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.open.heap_bytes() + self.side.as_ref().map_or(0, |side| side.heap_bytes())
    }

    /// Adds a float sample. Cost: about 10 ns in time order; a late sample is looked for first.
    #[inline]
    pub(crate) fn push(&mut self, t_ms: i64, v: f64) -> Outcome {
        if t_ms > self.open.last_t() {
            if self.open.count() == CHUNK_SAMPLES_MAX || self.last_is_histogram {
                self.close();
            }
            self.open.push(t_ms, v);
            self.last_is_histogram = false;
            return Outcome::Added;
        }
        self.push_late(t_ms, v)
    }

    #[cold]
    fn push_late(&mut self, t_ms: i64, v: f64) -> Outcome {
        if t_ms == self.open.last_t() && !self.last_is_histogram {
            let same = v.to_bits() == self.open.last_v();
            return if same { Outcome::Same } else { Outcome::Duplicate };
        }
        let found = self.at(t_ms);
        if let Some(known) = found.v.first() {
            return if known.to_bits() == v.to_bits() { Outcome::Same } else { Outcome::Duplicate };
        }
        if !found.is_empty() {
            return Outcome::Duplicate;
        }
        let side = self.side.get_or_insert_default();
        let place = side.late.partition_point(|(t, _)| *t < t_ms);
        side.late.insert(place, (t_ms, v));
        if side.late.len() >= LATE_FLOATS_MAX {
            side.late_closed.extend(Chunk::of_floats(side.late.drain(..)));
        }
        Outcome::Added
    }

    /// Adds a native histogram.
    pub(crate) fn push_histogram(&mut self, sample: &HistogramSample) -> Outcome {
        if sample.t_ms > self.open.last_t() {
            if !self.last_is_histogram {
                self.close();
                self.last_is_histogram = true;
            }
            self.open = XorChunk::after(sample.t_ms, 0);
            let side = self.side.get_or_insert_default();
            side.histograms.push(sample.clone());
            if side.histograms.len() >= LATE_HISTOGRAMS_MAX {
                side.close_histograms();
            }
            return Outcome::Added;
        }
        let found = self.at(sample.t_ms);
        if let Some(known) = found.histograms.first() {
            let same = histogram::is_same(&known.h, &sample.h);
            return if same { Outcome::Same } else { Outcome::Duplicate };
        }
        let last_is_float = sample.t_ms == self.open.last_t() && !self.last_is_histogram;
        if last_is_float || !found.is_empty() {
            return Outcome::Duplicate;
        }
        let side = self.side.get_or_insert_default();
        let place = side.late_histograms.partition_point(|known| known.t_ms < sample.t_ms);
        side.late_histograms.insert(place, sample.clone());
        if side.late_histograms.len() >= LATE_HISTOGRAMS_MAX {
            side.late_closed.extend(Chunk::of_histograms(&side.late_histograms));
            side.late_histograms.clear();
        }
        Outcome::Added
    }

    /// Closes what grows in time order, so that the other kind can follow it.
    fn close(&mut self) {
        if let Some(side) = &mut self.side {
            side.close_histograms();
        }
        if let Some(chunk) = Chunk::close(&mut self.open) {
            self.side.get_or_insert_default().closed.push(chunk);
        }
    }

    /// What this epoch holds at one timestamp.
    fn at(&self, t_ms: i64) -> SampleBuffer {
        let range = TimeRange::new(t_ms, t_ms);
        let mut out = SampleBuffer::default();
        let copied = self.copy(range);
        copied.add_to(&mut Assembly::new(&mut out, range)).ok();
        out
    }

    fn open_meta(&self) -> Option<ChunkMeta> {
        let meta = ChunkMeta {
            encoding: Encoding::Xor,
            count: u32::from(self.open.count()),
            first_t: self.open.first_t(),
            last_t: self.open.last_t(),
        };
        (!self.open.is_empty()).then_some(meta)
    }

    /// Whether a chunk or a late sample may lie in the range.
    pub(crate) fn overlaps(&self, range: TimeRange) -> bool {
        if range.is_empty() {
            return false;
        }
        self.open_meta().is_some_and(|meta| meta.range().overlaps(range))
            || self.side.as_ref().is_some_and(|side| side.overlaps(range))
    }

    /// Copies what lies in the range, still compressed, so that decoding needs no lock.
    pub(crate) fn copy(&self, range: TimeRange) -> SeriesCopy {
        let mut copy = SeriesCopy::default();
        let open = self.open_meta().filter(|meta| meta.range().overlaps(range));
        if let Some(side) = &self.side {
            let wanted = |chunk: &&Chunk| chunk.meta.range().overlaps(range);
            copy.chunks.extend(side.closed.iter().filter(wanted).cloned());
            copy.late_chunks.extend(side.late_closed.iter().filter(wanted).cloned());
            let within = |t: i64| range.contains(t);
            let wanted = |sample: &&HistogramSample| within(sample.t_ms);
            copy.histograms.extend(side.histograms.iter().filter(wanted).cloned());
            copy.late_histograms.extend(side.late_histograms.iter().filter(wanted).cloned());
            copy.late.extend(side.late.iter().filter(|(t, _)| within(*t)));
        }
        if let Some(meta) = open {
            copy.chunks.push(Chunk { meta, bytes: self.open.bytes().into() });
        }
        copy
    }
}

impl Side {
    fn close_histograms(&mut self) {
        self.closed.extend(Chunk::of_histograms(&self.histograms));
        self.histograms.clear();
    }

    fn ranges(&self) -> impl Iterator<Item = TimeRange> {
        let chunks = self.closed.iter().chain(&self.late_closed).map(|chunk| chunk.meta.range());
        let of = |samples: &[HistogramSample]| {
            Some(TimeRange::new(samples.first()?.t_ms, samples.last()?.t_ms))
        };
        let late = self.late.first().zip(self.late.last());
        let late = late.map(|((first, _), (last, _))| TimeRange::new(*first, *last));
        chunks.chain(late).chain(of(&self.histograms)).chain(of(&self.late_histograms))
    }

    fn overlaps(&self, range: TimeRange) -> bool {
        self.ranges().any(|own| own.overlaps(range))
    }

    fn heap_bytes(&self) -> usize {
        let chunks = self.closed.iter().chain(&self.late_closed);
        let packed: usize = chunks.map(|chunk| size_of::<Chunk>() + chunk.bytes.len()).sum();
        let histograms = self.histograms.iter().chain(&self.late_histograms);
        let loose: usize = histograms.map(|sample| histogram_bytes(&sample.h)).sum();
        size_of::<Self>() + packed + loose + self.late.capacity() * size_of::<(i64, f64)>()
    }
}

fn histogram_bytes(h: &FloatHistogram) -> usize {
    let buckets = h.positive_buckets.len() + h.negative_buckets.len() + h.custom_values.len();
    size_of::<HistogramSample>() + 8 * (buckets + h.positive_spans.len() + h.negative_spans.len())
}

/// Samples of one series and epoch, taken out from under the lock.
#[derive(Debug, Default)]
pub(crate) struct SeriesCopy {
    chunks: Vec<Chunk>,
    histograms: Vec<HistogramSample>,
    late_chunks: Vec<Chunk>,
    late: Vec<(i64, f64)>,
    late_histograms: Vec<HistogramSample>,
}

impl SeriesCopy {
    /// Hands everything on, oldest arrival first.
    pub(crate) fn add_to(&self, assembly: &mut Assembly<'_>) -> Result<(), Malformed> {
        for chunk in &self.chunks {
            assembly.add_chunk(&chunk.meta, &chunk.bytes)?;
        }
        assembly.add_samples(&[], &self.histograms);
        for chunk in &self.late_chunks {
            assembly.add_chunk(&chunk.meta, &chunk.bytes)?;
        }
        assembly.add_samples(&self.late, &self.late_histograms);
        Ok(())
    }

    /// The chunks, when they alone are everything and follow each other in time.
    pub(crate) fn into_ordered_chunks(self) -> Result<Vec<Chunk>, Self> {
        let late = !self.late.is_empty() || !self.late_histograms.is_empty();
        if late || !self.histograms.is_empty() || !self.late_chunks.is_empty() {
            return Err(self);
        }
        Ok(self.chunks)
    }
}
