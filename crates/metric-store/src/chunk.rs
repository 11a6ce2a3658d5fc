//! How runs of samples of one series, wherever they lie, are put together.
//!
//! Runs may overlap (late samples, parts of different age). They are taken in the order of their
//! age: the sample that was there first wins its timestamp.

use model::{HistogramSample, TimeRange};
use query::SampleBuffer;

use crate::cursor::Malformed;

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

    /// What is taken now.
    pub(crate) const fn range(&self) -> TimeRange {
        self.range
    }

    /// Takes only samples of this range from here on.
    pub(crate) fn narrow(&mut self, range: TimeRange) {
        self.range = range;
    }

    /// Adds a run that is younger than everything added before; `decode` appends its samples, of
    /// which those out of the range may be left out, and is not called when none can be in it.
    pub(crate) fn add_whole<E>(
        &mut self,
        run: TimeRange,
        decode: impl FnOnce(TimeRange, &mut SampleBuffer) -> Result<(), E>,
    ) -> Result<(), E> {
        if !run.overlaps(self.range) {
            return Ok(());
        }
        let is_inside = self.range.start_ms <= run.start_ms && run.end_ms <= self.range.end_ms;
        if last_t(self.out).is_none_or(|last| last < run.start_ms) {
            let kept = (self.out.t_ms.len(), self.out.histograms.len());
            decode(self.range, self.out)?;
            if !is_inside {
                trim(self.out, kept, self.range);
            }
            return Ok(());
        }
        self.scratch.clear();
        decode(self.range, &mut self.scratch)?;
        if !is_inside {
            trim(&mut self.scratch, (0, 0), self.range);
        }
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
        let range = self.range;
        let starts =
            [floats.first().map(|(t_ms, _)| *t_ms), histograms.first().map(|sample| sample.t_ms)];
        let last_t = last_t(self.out);
        let behind = starts.iter().flatten().all(|start| last_t.is_none_or(|last| last < *start));
        self.scratch.clear();
        let to = if behind { &mut *self.out } else { &mut self.scratch };
        for (t_ms, v) in floats.iter().filter(|(t_ms, _)| range.contains(*t_ms)) {
            to.push(*t_ms, *v);
        }
        let within = histograms.iter().filter(|sample| range.contains(sample.t_ms));
        to.histograms.extend(within.cloned());
        if !behind {
            absorb(self.out, &mut self.scratch);
        }
    }
}

fn last_t(buffer: &SampleBuffer) -> Option<i64> {
    buffer.t_ms.last().copied().max(buffer.histograms.last().map(|sample| sample.t_ms))
}

/// Drops the samples outside the range, of those behind the first `kept` floats and histograms.
fn trim(out: &mut SampleBuffer, kept: (usize, usize), range: TimeRange) {
    let end = out.t_ms.partition_point(|t| *t <= range.end_ms).max(kept.0);
    out.t_ms.truncate(end);
    out.v.truncate(end);
    let fresh = out.t_ms.get(kept.0..).unwrap_or_default();
    let early = fresh.partition_point(|t| *t < range.start_ms);
    if early > 0 {
        out.t_ms.drain(kept.0..kept.0 + early);
        out.v.drain(kept.0..kept.0 + early);
    }
    if out.histograms.len() > kept.1 {
        let late = out.histograms.partition_point(|sample| sample.t_ms <= range.end_ms);
        out.histograms.truncate(late.max(kept.1));
        let fresh = out.histograms.get(kept.1..).unwrap_or_default();
        let early = fresh.partition_point(|sample| sample.t_ms < range.start_ms);
        out.histograms.drain(kept.1..kept.1 + early);
    }
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
    use super::Assembly;
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
                let ends = times.first().zip(times.last()).unwrap();
                let added = assembly.add_whole::<()>(TimeRange::new(*ends.0, *ends.1), |_, out| {
                    if *floats {
                        for t in times {
                            out.push(*t, v);
                        }
                    } else {
                        out.histograms.extend(times.iter().map(|t| histogram(*t)));
                    }
                    Ok(())
                });
                prop_assert!(added.is_ok());
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
