//! Which steps of a query are computed anew, and in which runs. Pure.

use std::ops::Range;

/// Runs closer than this are computed as one: every run resolves its selectors again.
const JOINED_WITHIN: usize = 8;
/// More runs than this are computed as one.
const RUNS_MAX: usize = 4;
/// Two steps at least: a single one would be evaluated as an instant query, which sorts and warns
/// differently.
const STEPS_MIN: usize = 2;
/// Steps that are computed together when there are notes: a run with notes is used whole.
pub(super) const NOTED_RUN: usize = 32;

/// Steps of the query that can be used, and runs of them that only go together.
#[derive(Debug)]
pub(super) struct Usable {
    pub(super) steps: Vec<bool>,
    /// Apart from each other, and usable as a whole.
    pub(super) together: Vec<Range<usize>>,
}

impl Usable {
    /// The runs to compute, ascending and apart; steps in them are no longer marked as usable.
    /// With `split`, the number of the query's first step, runs end at multiples of
    /// [`NOTED_RUN`].
    pub(super) fn missing(&mut self, split: Option<i64>) -> Vec<Range<usize>> {
        loop {
            let runs = self.runs();
            let covered = |step: usize| runs.iter().any(|run| run.contains(&step));
            let torn: Vec<Range<usize>> =
                self.together.iter().filter(|run| (**run).clone().any(covered)).cloned().collect();
            self.together.retain(|run| !torn.contains(run));
            for step in torn.iter().chain(&runs).flat_map(Clone::clone) {
                self.steps[step] = false;
            }
            if torn.is_empty() {
                return match split {
                    Some(first) => runs.iter().flat_map(|run| cut(run, first)).collect(),
                    None => runs,
                };
            }
        }
    }

    /// The steps that are not usable, as runs that are worth it.
    fn runs(&self) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for step in (0..self.steps.len()).filter(|step| !self.steps[*step]) {
            match runs.last_mut() {
                Some(last) if step < last.end + JOINED_WITHIN => last.end = step + 1,
                _ => runs.push(step..step + 1),
            }
        }
        if let (Some(first), Some(last)) = (runs.first(), runs.last())
            && runs.len() > RUNS_MAX
        {
            runs = vec![Range { start: first.start, end: last.end }];
        }
        for run in &mut runs {
            if run.len() < STEPS_MIN {
                run.start = run.start.saturating_sub(1);
                run.end = run.end.max(run.start + STEPS_MIN).min(self.steps.len());
            }
        }
        runs
    }
}

/// A run in pieces that end where the numbers of steps are multiples of [`NOTED_RUN`], none of
/// them too short.
fn cut(run: &Range<usize>, first: i64) -> Vec<Range<usize>> {
    let is_end = |step: usize| (first + step as i64).rem_euclid(NOTED_RUN as i64) == 0;
    let mut pieces = Vec::new();
    let mut start = run.start;
    for step in run.start + 1..run.end {
        if is_end(step) && step - start >= STEPS_MIN && run.end - step >= STEPS_MIN {
            pieces.push(start..step);
            start = step;
        }
    }
    pieces.push(start..run.end);
    pieces
}

#[cfg(test)]
mod tests {
    use super::Usable;

    /// One character per step: `#` is usable, a letter usable together with its like, `.` is not.
    fn missing(steps: &str, split: Option<i64>) -> Vec<(usize, usize)> {
        let together = ('a'..='z').filter_map(|letter| {
            let (first, last) = (steps.find(letter)?, steps.rfind(letter)?);
            Some(first..last + 1)
        });
        let mut usable = Usable {
            steps: steps.chars().map(|c| c != '.').collect(),
            together: together.collect(),
        };
        let runs = usable.missing(split);
        for run in &runs {
            assert!(usable.steps[run.clone()].iter().all(|usable| !usable), "{steps}");
        }
        runs.iter().map(|run| (run.start, run.end)).collect()
    }

    #[test]
    fn computes_what_is_not_there() {
        let check = |steps: &str, want: &[(usize, usize)]| {
            assert_eq!(missing(steps, None), want, "{steps}");
        };
        check("####", &[]);
        check("....", &[(0, 4)]);
        check("##########..", &[(10, 12)]);
        check("###########.", &[(10, 12)]);
        check(".###########", &[(0, 2)]);
        check("..########..", &[(0, 2), (10, 12)]);
        check("..#######..", &[(0, 11)]);
        check("##..####################..##", &[(2, 4), (24, 26)]);
        let holes = "..##########".repeat(5);
        check(&holes, &[(0, 50)]);
    }

    #[test]
    fn runs_with_notes_are_used_whole() {
        let check = |steps: &str, want: &[(usize, usize)]| {
            assert_eq!(missing(steps, Some(-2)), want, "{steps}");
        };
        check("aaaaaaaaaaaabbbbbbbbbbbbbb##", &[]);
        check("aaaaaaaaaaaabbbbbbbbbbbbbb.#", &[(12, 27)]);
        check("aaaaaaaaaaaabbbbbbbbbb....", &[(22, 26)]);
        let long = ".".repeat(70);
        check(&long, &[(0, 2), (2, 34), (34, 66), (66, 70)]);
        let long = ".".repeat(67);
        check(&long, &[(0, 2), (2, 34), (34, 67)]);
    }
}
