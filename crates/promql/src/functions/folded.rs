//! Range functions over aggregates that a store keeps of whole runs of samples: long windows
//! without decoding what is inside of them.
//!
//! Windows that overlap are cut at all their edges; the pieces are disjoint, are folded once, and
//! are joined into each window. That pays while pieces are longer than the runs that a store has
//! aggregates of; shorter ones are decoded either way, and the plain way is simpler.

use query::{FoldNeeds, FoldWindow, Selection, WindowAggregate};

use super::range_function::{RangeCall, RangeFunction};
use super::rate;
use crate::error::QueryError;
use crate::eval::Shortcut;
use crate::grid::{ABSENT, is_absent};

/// How the windows of a call are put together from disjoint pieces.
#[derive(Debug)]
pub(crate) struct Pieces {
    windows: Vec<FoldWindow>,
    needs: FoldNeeds,
    /// Of every step: the pieces of its window, as a range of indices.
    of_steps: Vec<(u32, u32)>,
}

impl Pieces {
    /// Nothing when the function looks at single samples, or when the pieces are shorter than
    /// `piece_ms_min` on average.
    pub(crate) fn of(call: &RangeCall, piece_ms_min: i64) -> Option<Self> {
        let plain = call.extension.is_none() && !call.use_starts && call.counts.is_none();
        if !plain || !is_foldable(call.function) || call.times.range_ms <= 0 {
            return None;
        }
        let steps = call.times.grid.steps;
        let bounds: Vec<(i64, i64)> = (0..steps).map(|step| call.times.bounds(step)).collect();
        let pieces = Self { needs: needs(call.function), ..Self::cut(&bounds) };
        let total_ms: i64 =
            pieces.windows.iter().map(|w| w.end_ms.saturating_sub(w.after_ms)).sum();
        let average_ms = total_ms / i64::try_from(pieces.windows.len()).ok()?.max(1);
        (average_ms >= piece_ms_min).then_some(pieces)
    }

    /// Cuts windows, ascending by start and end and all of one length, at all their edges.
    fn cut(bounds: &[(i64, i64)]) -> Self {
        let mut edges: Vec<i64> = bounds.iter().flat_map(|(after, end)| [*after, *end]).collect();
        edges.sort_unstable();
        edges.dedup();
        let mut windows = Vec::with_capacity(edges.len());
        let mut step = 0;
        for pair in edges.windows(2) {
            while bounds.get(step).is_some_and(|(_, end)| *end <= pair[0]) {
                step += 1;
            }
            // Between windows that do not touch there is nothing to fold.
            if bounds.get(step).is_some_and(|(after, _)| *after <= pair[0]) {
                windows.push(FoldWindow { after_ms: pair[0], end_ms: pair[1] });
            }
        }
        let of_steps = bounds.iter().map(|(after, end)| {
            let from = windows.partition_point(|w| w.after_ms < *after);
            let to = windows.partition_point(|w| w.end_ms <= *end);
            (from as u32, to as u32)
        });
        let of_steps = of_steps.collect();
        Self { windows, needs: FoldNeeds::ALL, of_steps }
    }

    /// The values of one series, [`ABSENT`] where a window is empty. It has to be read when the
    /// source does not fold it, or when what it knows is not enough.
    pub(crate) fn values(
        &self,
        call: &RangeCall,
        selection: &dyn Selection,
        index: usize,
        folded: &mut Vec<WindowAggregate>,
    ) -> Result<Shortcut<Vec<f64>>, QueryError> {
        if !selection.fold(index, &self.windows, self.needs, folded)? {
            return Ok(Shortcut::Read);
        }
        let mut values = Vec::with_capacity(self.of_steps.len());
        let mut any = false;
        for (step, (from, to)) in self.of_steps.iter().enumerate() {
            let mut window = WindowAggregate::default();
            for piece in folded.get(*from as usize..*to as usize).unwrap_or_default() {
                window.append(piece);
            }
            let Some(v) = value(call, &window, step) else { return Ok(Shortcut::Read) };
            any |= !is_absent(v);
            values.push(v);
        }
        Ok(Shortcut::Known(any.then_some(values)))
    }
}

fn is_foldable(function: RangeFunction) -> bool {
    matches!(
        function,
        RangeFunction::Avg
            | RangeFunction::Count
            | RangeFunction::Delta
            | RangeFunction::First
            | RangeFunction::Increase
            | RangeFunction::Last
            | RangeFunction::Max
            | RangeFunction::Min
            | RangeFunction::Present
            | RangeFunction::Rate
            | RangeFunction::Sum
            | RangeFunction::TsOfFirst
            | RangeFunction::TsOfLast
    )
}

/// What [`value`] looks at.
fn needs(function: RangeFunction) -> FoldNeeds {
    FoldNeeds {
        sums: matches!(function, RangeFunction::Avg | RangeFunction::Sum),
        extremes: matches!(function, RangeFunction::Max | RangeFunction::Min),
        resets: function.is_counter_rate(),
    }
}

/// The result for one window; nothing when the samples themselves have to be looked at.
fn value(call: &RangeCall, window: &WindowAggregate, step: usize) -> Option<f64> {
    if window.count == 0 {
        return Some(ABSENT);
    }
    let seconds = |t_ms: i64| t_ms as f64 / 1000.0;
    let count = window.count as f64;
    Some(match call.function {
        RangeFunction::Count => count,
        RangeFunction::First => window.first,
        RangeFunction::Last => window.last,
        RangeFunction::Max => window.max,
        RangeFunction::Min => window.min,
        RangeFunction::Present => 1.0,
        RangeFunction::TsOfFirst => seconds(window.first_t_ms),
        RangeFunction::TsOfLast => seconds(window.last_t_ms),
        // An overflow on the way may not be one in the order of the samples.
        RangeFunction::Sum | RangeFunction::Avg if !window.sum.is_finite() => return None,
        RangeFunction::Sum => window.sum + window.compensation,
        RangeFunction::Avg => window.sum / count + window.compensation / count,
        function => {
            rate::of_aggregate(function, window, call.times.bounds(step), call.times.range_ms)
        }
    })
}

#[cfg(test)]
mod tests {
    use query::FoldWindow;

    use super::Pieces;

    #[test]
    fn windows_are_cut_at_all_their_edges() {
        let check = |bounds: &[(i64, i64)], windows: &[(i64, i64)], of_steps: &[(u32, u32)]| {
            let pieces = Pieces::cut(bounds);
            let want = windows
                .iter()
                .map(|(after_ms, end_ms)| FoldWindow { after_ms: *after_ms, end_ms: *end_ms });
            assert_eq!(pieces.windows, want.collect::<Vec<_>>(), "{bounds:?}");
            assert_eq!(pieces.of_steps, of_steps, "{bounds:?}");
        };
        check(&[(0, 10)], &[(0, 10)], &[(0, 1)]);
        check(&[(0, 10), (10, 20)], &[(0, 10), (10, 20)], &[(0, 1), (1, 2)]);
        check(&[(0, 10), (15, 25)], &[(0, 10), (15, 25)], &[(0, 1), (1, 2)]);
        check(
            &[(0, 10), (4, 14), (8, 18)],
            &[(0, 4), (4, 8), (8, 10), (10, 14), (14, 18)],
            &[(0, 3), (1, 4), (2, 5)],
        );
        check(&[(0, 10), (0, 10)], &[(0, 10)], &[(0, 1), (0, 1)]);
    }
}
