//! A finished run of samples of one kind, and how runs of one series are put together again.
//!
//! Runs may overlap (late samples, parts of different age). They are taken in the order of their
//! age: the sample that was there first wins its timestamp.

use codec::decimal;
use codec::xor::{XorChunk, XorReader};
use model::{HistogramSample, TimeRange};
use query::SampleBuffer;

use crate::cursor::{Cursor, Malformed};
use crate::histogram;

/// How the bytes of a chunk are to be read; the numbers are part of the part format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Xor,
    Histograms,
    Decimal,
}

impl Encoding {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Xor => 1,
            Self::Histograms => 2,
            Self::Decimal => 3,
        }
    }

    pub(crate) const fn of(code: u8) -> Result<Self, Malformed> {
        match code {
            1 => Ok(Self::Xor),
            2 => Ok(Self::Histograms),
            3 => Ok(Self::Decimal),
            _ => Err(Malformed),
        }
    }
}

/// What is known of a chunk without decoding it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunkMeta {
    pub(crate) encoding: Encoding,
    /// At least 1.
    pub(crate) count: u32,
    pub(crate) first_t: i64,
    pub(crate) last_t: i64,
}

impl ChunkMeta {
    pub(crate) const fn range(&self) -> TimeRange {
        TimeRange::new(self.first_t, self.last_t)
    }
}

/// A chunk that grows no more.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) meta: ChunkMeta,
    pub(crate) bytes: Box<[u8]>,
}

impl Chunk {
    /// The finished chunk, or `None` when it holds nothing; the open one starts anew behind it.
    pub(crate) fn close(open: &mut XorChunk) -> Option<Self> {
        if open.is_empty() {
            return None;
        }
        let meta = ChunkMeta {
            encoding: Encoding::Xor,
            count: u32::from(open.count()),
            first_t: open.first_t(),
            last_t: open.last_t(),
        };
        Some(Self { meta, bytes: open.take().into_boxed_slice() })
    }

    /// One chunk of float samples in ascending order.
    pub(crate) fn of_floats(samples: impl IntoIterator<Item = (i64, f64)>) -> Option<Self> {
        let mut open = XorChunk::default();
        for (t_ms, v) in samples {
            open.push(t_ms, v);
        }
        Self::close(&mut open)
    }

    /// The chunk in the encoding that is smallest at rest.
    pub(crate) fn settled(self) -> Self {
        if self.meta.encoding != Encoding::Xor {
            return self;
        }
        let mut samples = SampleBuffer::default();
        if decode(&self.meta, &self.bytes, TimeRange::ALL, &mut samples).is_err() {
            return self;
        }
        let mut bytes = Vec::new();
        let taken = decimal::encode(&samples.t_ms, &samples.v, &mut bytes);
        if !taken || bytes.len() >= self.bytes.len() {
            return self;
        }
        let meta = ChunkMeta { encoding: Encoding::Decimal, ..self.meta };
        Self { meta, bytes: bytes.into_boxed_slice() }
    }

    /// One chunk of histograms in ascending order.
    pub(crate) fn of_histograms(samples: &[HistogramSample]) -> Option<Self> {
        let meta = ChunkMeta {
            encoding: Encoding::Histograms,
            count: samples.len() as u32,
            first_t: samples.first()?.t_ms,
            last_t: samples.last()?.t_ms,
        };
        let mut bytes = Vec::new();
        let mut before = None;
        for sample in samples {
            histogram::encode(sample, before, &mut bytes);
            before = Some(sample);
        }
        Some(Self { meta, bytes: bytes.into_boxed_slice() })
    }
}

/// Puts the samples of one series together.
pub(crate) struct Assembly<'a> {
    out: &'a mut SampleBuffer,
    range: TimeRange,
    scratch: SampleBuffer,
}

impl<'a> Assembly<'a> {
    /// Replaces the content of `out`.
    pub(crate) fn new(out: &'a mut SampleBuffer, range: TimeRange) -> Self {
        out.clear();
        Self { out, range, scratch: SampleBuffer::default() }
    }

    /// Takes only samples of this range from here on.
    pub(crate) fn narrow(&mut self, range: TimeRange) {
        self.range = range;
    }

    /// Adds a chunk that is younger than everything added before.
    pub(crate) fn add_chunk(&mut self, meta: &ChunkMeta, bytes: &[u8]) -> Result<(), Malformed> {
        if !meta.range().overlaps(self.range) {
            return Ok(());
        }
        let behind = last_t(self.out).is_none_or(|last| last < meta.first_t);
        if behind {
            return decode(meta, bytes, self.range, self.out);
        }
        self.scratch.clear();
        decode(meta, bytes, self.range, &mut self.scratch)?;
        absorb(self.out, &mut self.scratch);
        Ok(())
    }

    /// Adds a run that is younger than everything added before: ascending samples from `first_t`
    /// on, of which `decode` appends those in a range.
    pub(crate) fn add_run(
        &mut self,
        first_t: i64,
        decode: impl FnOnce(TimeRange, &mut SampleBuffer) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        if last_t(self.out).is_none_or(|last| last < first_t) {
            return decode(self.range, self.out);
        }
        self.scratch.clear();
        decode(self.range, &mut self.scratch)?;
        absorb(self.out, &mut self.scratch);
        Ok(())
    }

    /// Adds ascending samples that are younger than everything added before.
    pub(crate) fn add_samples(&mut self, floats: &[(i64, f64)], histograms: &[HistogramSample]) {
        self.scratch.clear();
        for (t_ms, v) in floats.iter().filter(|(t_ms, _)| self.range.contains(*t_ms)) {
            self.scratch.push(*t_ms, *v);
        }
        let within = histograms.iter().filter(|sample| self.range.contains(sample.t_ms));
        self.scratch.histograms.extend(within.cloned());
        absorb(self.out, &mut self.scratch);
    }
}

fn last_t(buffer: &SampleBuffer) -> Option<i64> {
    buffer.t_ms.last().copied().max(buffer.histograms.last().map(|sample| sample.t_ms))
}

/// Appends the samples of a chunk that lie in the range.
fn decode(
    meta: &ChunkMeta,
    bytes: &[u8],
    range: TimeRange,
    out: &mut SampleBuffer,
) -> Result<(), Malformed> {
    match meta.encoding {
        Encoding::Xor => {
            let mut reader = XorReader::new(bytes, meta.count);
            while let Some((t_ms, v)) = reader.next_sample().map_err(|_| Malformed)? {
                if t_ms > range.end_ms {
                    break;
                }
                if t_ms >= range.start_ms {
                    out.push(t_ms, v);
                }
            }
        }
        Encoding::Decimal => {
            let take = |t_ms, v| {
                if range.contains(t_ms) {
                    out.push(t_ms, v);
                }
            };
            decimal::decode(bytes, meta.first_t, meta.count, take).map_err(|_| Malformed)?;
        }
        Encoding::Histograms => {
            let mut cursor = Cursor(bytes);
            let mut before: Option<HistogramSample> = None;
            for _ in 0..meta.count {
                let sample = histogram::decode(&mut cursor, before.as_ref())?;
                if range.contains(sample.t_ms) {
                    out.histograms.push(sample.clone());
                }
                before = Some(sample);
            }
        }
    }
    Ok(())
}

/// Merges `late` into `out`; where both have a timestamp, `out` stays as it is.
fn absorb(out: &mut SampleBuffer, late: &mut SampleBuffer) {
    if !late.t_ms.is_empty() {
        let taken = |t: i64| {
            out.t_ms.binary_search(&t).is_ok()
                || out.histograms.binary_search_by_key(&t, |sample| sample.t_ms).is_ok()
        };
        let fresh: Vec<(i64, f64)> = std::iter::zip(&late.t_ms, &late.v)
            .map(|(t, v)| (*t, *v))
            .filter(|(t, _)| !taken(*t))
            .collect();
        merge_floats(out, &fresh);
    }
    if !late.histograms.is_empty() {
        late.histograms.retain(|sample| {
            out.t_ms.binary_search(&sample.t_ms).is_err()
                && out.histograms.binary_search_by_key(&sample.t_ms, |s| s.t_ms).is_err()
        });
        out.histograms.append(&mut late.histograms);
        out.histograms.sort_by_key(|sample| sample.t_ms);
    }
}

fn merge_floats(out: &mut SampleBuffer, fresh: &[(i64, f64)]) {
    let Some((first, _)) = fresh.first() else { return };
    let keep = out.t_ms.partition_point(|t| t < first);
    let (tail_t, tail_v) = (out.t_ms.split_off(keep), out.v.split_off(keep));
    let mut tail = std::iter::zip(tail_t, tail_v).peekable();
    for (t, v) in fresh {
        while let Some((old_t, old_v)) = tail.next_if(|(old_t, _)| old_t < t) {
            out.push(old_t, old_v);
        }
        out.push(*t, *v);
    }
    for (t, v) in tail {
        out.push(t, v);
    }
}

#[cfg(test)]
mod tests {
    use super::{Assembly, Chunk};
    use model::{FloatHistogram, HistogramSample, TimeRange};
    use proptest::prelude::*;
    use query::SampleBuffer;
    use std::collections::BTreeMap;

    fn histogram(t_ms: i64) -> HistogramSample {
        HistogramSample { t_ms, h: FloatHistogram { count: t_ms as f64, ..Default::default() } }
    }

    proptest! {
        #[test]
        fn the_first_sample_of_a_timestamp_wins(
            runs in prop::collection::vec((any::<bool>(), prop::collection::btree_set(0_i64..60, 1..20)), 0..6),
            from in 0_i64..60,
            to in 0_i64..60,
        ) {
            let range = TimeRange::new(from, to);
            let mut out = SampleBuffer::default();
            let mut assembly = Assembly::new(&mut out, range);
            let mut want: BTreeMap<i64, Option<f64>> = BTreeMap::new();
            for (i, (floats, times)) in runs.iter().enumerate() {
                let v = i as f64;
                let chunk = if *floats {
                    Chunk::of_floats(times.iter().map(|t| (*t, v)))
                } else {
                    Chunk::of_histograms(&times.iter().map(|t| histogram(*t)).collect::<Vec<_>>())
                };
                let chunk = chunk.unwrap();
                let chunk = if i % 2 == 0 { chunk.settled() } else { chunk };
                prop_assert!(assembly.add_chunk(&chunk.meta, &chunk.bytes).is_ok());
                for t in times {
                    want.entry(*t).or_insert(floats.then_some(v));
                }
            }
            want.retain(|t, _| range.contains(*t));
            let floats: Vec<_> = want.iter().filter_map(|(t, v)| v.map(|v| (*t, v))).collect();
            let got: Vec<_> = std::iter::zip(out.t_ms, out.v).collect();
            prop_assert_eq!(got, floats);
            let times: Vec<_> = want.iter().filter(|(_, v)| v.is_none()).map(|(t, _)| *t).collect();
            prop_assert_eq!(out.histograms.iter().map(|h| h.t_ms).collect::<Vec<_>>(), times);
        }
    }
}
