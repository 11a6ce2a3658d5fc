//! Folds one series into windows: chunks that lie alone in a window give their aggregate, the
//! others are decoded.

use std::ops::Range;

use blockfile::ReadPartError;
use model::TimeRange;
use query::{FoldNeeds, FoldWindow, SampleBuffer, WindowAggregate};

use crate::chunk::Assembly;
use crate::part::{ChunkKind, ChunkPlace, MetricPart, ReadScratch};
use crate::tombstones::without;

/// A run of samples of the series: the older its source, the earlier it was added.
pub(crate) struct Runs<'a> {
    runs: Vec<Run<'a>>,
    span: TimeRange,
}

struct Run<'a> {
    range: TimeRange,
    age: usize,
    source: Source<'a>,
}

enum Source<'a> {
    /// A chunk, all of which counts.
    Chunk(&'a MetricPart, ChunkPlace),
    /// A chunk of which some was deleted, and the ranges that are left.
    Rest(&'a MetricPart, ChunkPlace, Vec<TimeRange>),
    Samples(&'a SampleBuffer),
}

/// Why folding ended early.
pub(crate) enum FoldError<'a> {
    /// A NaN or a histogram lies in a window.
    Unsupported,
    Read(&'a MetricPart, ReadPartError),
}

impl<'a> Runs<'a> {
    /// Runs outside `span` are left out.
    pub(crate) fn new(span: TimeRange) -> Self {
        Self { runs: Vec::new(), span }
    }

    /// Adds chunks of a series, by their numbers, that are younger than everything before, without
    /// what was deleted in the ranges `cuts`.
    pub(crate) fn add_chunks(
        &mut self,
        part: &'a MetricPart,
        chunks: Range<u32>,
        cuts: &[TimeRange],
    ) -> Result<(), FoldError<'a>> {
        for place in part.places(chunks) {
            let place = place.map_err(|error| FoldError::Read(part, error))?;
            let range = place.range();
            if !range.overlaps(self.span) {
                continue;
            }
            if place.kind == ChunkKind::Histograms {
                // Before anything is unpacked that the long way would unpack again.
                return Err(FoldError::Unsupported);
            }
            let counts = range.intersect(self.span);
            let kept = without(counts, cuts);
            let source = if kept == [range] {
                Source::Chunk(part, place)
            } else {
                Source::Rest(part, place, kept)
            };
            self.runs.push(Run { range, age: self.runs.len(), source });
        }
        Ok(())
    }

    /// Adds samples that are younger than everything before.
    pub(crate) fn add_samples(&mut self, samples: &'a SampleBuffer) {
        let ends = |first: Option<i64>, last: Option<i64>| Some((first?, last?));
        let floats = ends(samples.t_ms.first().copied(), samples.t_ms.last().copied());
        let histograms = &samples.histograms;
        let histograms =
            ends(histograms.first().map(|h| h.t_ms), histograms.last().map(|h| h.t_ms));
        let both = [floats, histograms];
        let first = both.iter().flatten().map(|(first, _)| *first).min();
        let last = both.iter().flatten().map(|(_, last)| *last).max();
        if let Some((first, last)) = ends(first, last) {
            let (range, age) = (TimeRange::new(first, last), self.runs.len());
            self.runs.push(Run { range, age, source: Source::Samples(samples) });
        }
    }

    /// Folds everything into the windows, which ascend.
    pub(crate) fn fold(
        mut self,
        windows: &[FoldWindow],
        needs: FoldNeeds,
        out: &mut Vec<WindowAggregate>,
    ) -> Result<(), FoldError<'a>> {
        out.clear();
        out.resize(windows.len(), WindowAggregate::default());
        let mut folding = Folding { windows, needs, out, at: 0 };
        let mut scratch = ReadScratch::default();
        let mut samples = SampleBuffer::default();
        self.runs.sort_by_key(|run| run.range.start_ms);
        let mut rest = &mut self.runs[..];
        while !rest.is_empty() {
            let overlapping = overlapping(rest);
            let (cluster, after) = rest.split_at_mut(overlapping);
            rest = after;
            if let [Run { source: Source::Chunk(part, place), .. }] = cluster {
                if folding.whole(part, place) {
                    continue;
                }
                if let Some(pace_ms) = place.pace_ms() {
                    samples.clear();
                    let values = &mut samples.v;
                    part.decode_values(place, part.cache(), &mut scratch, values)
                        .map_err(|error| FoldError::Read(part, error))?;
                    let times = Times::Even { first_t: place.first_t, pace_ms };
                    folding.floats(times, values).ok_or(FoldError::Unsupported)?;
                    continue;
                }
            }
            // Of two samples with one timestamp that of the older source counts.
            cluster.sort_by_key(|run| run.age);
            let mut assembly = Assembly::new(&mut samples, TimeRange::ALL);
            for run in cluster {
                add(run, &mut assembly, &mut scratch)?;
            }
            folding.samples(&samples).ok_or(FoldError::Unsupported)?;
        }
        Ok(())
    }
}

/// How many of the runs, ordered by start, overlap the first one directly or through others.
fn overlapping(runs: &[Run<'_>]) -> usize {
    let Some((first, rest)) = runs.split_first() else { return 0 };
    let mut end_ms = first.range.end_ms;
    let apart = rest.iter().position(|run| {
        let apart = run.range.start_ms > end_ms;
        end_ms = end_ms.max(run.range.end_ms);
        apart
    });
    apart.map_or(runs.len(), |place| place + 1)
}

fn add<'a>(
    run: &Run<'a>,
    assembly: &mut Assembly<'_>,
    scratch: &mut ReadScratch,
) -> Result<(), FoldError<'a>> {
    match &run.source {
        Source::Chunk(part, place) => add_chunk(part, place, assembly, scratch),
        Source::Rest(part, place, kept) => {
            for kept in kept {
                assembly.narrow(*kept);
                add_chunk(part, place, assembly, scratch)?;
            }
            assembly.narrow(TimeRange::ALL);
            Ok(())
        }
        Source::Samples(samples) => assembly.add_whole(run.range, |_, out| {
            out.t_ms.extend_from_slice(&samples.t_ms);
            out.v.extend_from_slice(&samples.v);
            out.histograms.extend_from_slice(&samples.histograms);
            Ok(())
        }),
    }
}

fn add_chunk<'a>(
    part: &'a MetricPart,
    place: &ChunkPlace,
    assembly: &mut Assembly<'_>,
    scratch: &mut ReadScratch,
) -> Result<(), FoldError<'a>> {
    let decode = |range: TimeRange, out: &mut SampleBuffer| {
        part.decode_chunk(place, range, part.cache(), scratch, out)
    };
    assembly.add_whole(place.range(), decode).map_err(|error| FoldError::Read(part, error))
}

/// When the floats of a run were.
#[derive(Clone, Copy)]
enum Times<'t> {
    Listed(&'t [i64]),
    Even { first_t: i64, pace_ms: i64 },
}

impl Times<'_> {
    fn at(self, index: usize) -> i64 {
        match self {
            Self::Listed(t_ms) => t_ms.get(index).copied().unwrap_or(i64::MAX),
            Self::Even { first_t, pace_ms } => {
                first_t.saturating_add(pace_ms.saturating_mul(index as i64))
            }
        }
    }

    /// How many are no later than a time.
    fn until(self, t: i64) -> usize {
        match self {
            Self::Listed(t_ms) => t_ms.partition_point(|own| *own <= t),
            Self::Even { first_t, .. } if t < first_t => 0,
            Self::Even { first_t, pace_ms } => {
                let gaps = t.abs_diff(first_t) / pace_ms.unsigned_abs();
                usize::try_from(gaps).map_or(usize::MAX, |gaps| gaps.saturating_add(1))
            }
        }
    }
}

/// Walks windows and runs together.
struct Folding<'w> {
    windows: &'w [FoldWindow],
    needs: FoldNeeds,
    out: &'w mut Vec<WindowAggregate>,
    /// Windows before this one end before everything that is still to come.
    at: usize,
}

impl Folding<'_> {
    /// Moves to the first window that does not end before `t_ms`.
    fn seek(&mut self, t_ms: i64) -> Option<FoldWindow> {
        while self.windows.get(self.at).is_some_and(|window| window.end_ms < t_ms) {
            self.at += 1;
        }
        self.windows.get(self.at).copied()
    }

    /// Adds a chunk as a whole, or finds that it lies in no window; `false`: it must be decoded.
    fn whole(&mut self, part: &MetricPart, place: &ChunkPlace) -> bool {
        let Some(window) = self.seek(place.first_t) else { return true };
        if window.after_ms >= place.last_t {
            return true;
        }
        let within = window.contains(place.first_t) && window.contains(place.last_t);
        let aggregate = part.aggregate(place).filter(|_| within);
        let slot = self.out.get_mut(self.at);
        match (aggregate, slot) {
            (Some(aggregate), Some(slot)) => {
                slot.append(&aggregate);
                true
            }
            _ => false,
        }
    }

    /// Adds floats, a window at a time; `None`: they cannot be folded.
    fn floats(&mut self, times: Times<'_>, v: &[f64]) -> Option<()> {
        let mut from = 0;
        while from < v.len()
            && let Some(window) = self.seek(times.at(from))
        {
            let start = times.until(window.after_ms).clamp(from, v.len());
            let end = times.until(window.end_ms).clamp(start, v.len());
            let slot = self.out.get_mut(self.at)?;
            if !slot.push_run(v.get(start..end)?, |index| times.at(start + index), self.needs) {
                return None;
            }
            from = end;
        }
        Some(())
    }

    /// Adds samples, a window at a time; `None`: they cannot be folded.
    fn samples(&mut self, samples: &SampleBuffer) -> Option<()> {
        let at = self.at;
        self.floats(Times::Listed(&samples.t_ms), &samples.v)?;
        let windows = self.windows.get(at..).unwrap_or_default();
        let is_inside = |t: i64| windows.iter().any(|window| window.contains(t));
        let refused =
            samples.histograms.iter().any(|sample| is_inside(sample.t_ms) && !sample.h.is_stale());
        (!refused).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::Times;

    #[test]
    fn even_times_are_reckoned_as_if_they_were_listed() {
        let check = |first_t: i64, pace_ms: i64, count: usize, asked: &[i64]| {
            let list: Vec<i64> = (0..count as i64).map(|i| first_t + i * pace_ms).collect();
            let (listed, even) = (Times::Listed(&list), Times::Even { first_t, pace_ms });
            for index in 0..count {
                assert_eq!(even.at(index), listed.at(index));
            }
            for t in asked.iter().chain(&list).flat_map(|t| [t - 1, *t, t + 1]) {
                assert_eq!(even.until(t).min(count), listed.until(t), "{first_t} {pace_ms} {t}");
            }
        };
        check(0, 1, 1, &[-5, 0, 5]);
        check(-20, 7, 9, &[-100, 0, 1000]);
        check(1_700_000_000_000, 15_000, 240, &[0, 1_700_000_007_500, 1 << 60]);
        let all = Times::Even { first_t: i64::MIN, pace_ms: 1 };
        assert_eq!((all.until(i64::MIN), all.until(i64::MAX)), (1, usize::MAX));
    }
}
