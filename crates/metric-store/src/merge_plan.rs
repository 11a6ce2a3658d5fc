//! Which parts to merge next: by windows of time, from the finest to the coarsest.
//!
//! A part belongs to the window in which its newest sample lies. Parts of one window that is over
//! become one part of its level; before that only when there are many of them. A part is written
//! about once for each level.

use std::time::Duration;

use model::TimeRange;

/// What a plan looks at, in the order of parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartFacts {
    pub(crate) level: u8,
    pub(crate) bytes: u64,
    pub(crate) range: TimeRange,
    /// What merging it takes, about.
    pub(crate) memory_bytes: u64,
}

/// Limits of one merge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MergeLimits {
    /// Parts of a window that is not over, or beside a much larger one, that make a merge
    /// worthwhile.
    pub(crate) fan_in: usize,
    pub(crate) bytes_max: u64,
    pub(crate) memory_bytes: u64,
    /// `i64::MAX`: everything is kept.
    pub(crate) retention_ms: i64,
}

/// A merge to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Places of the inputs, ascending.
    pub(crate) inputs: Vec<usize>,
    pub(crate) level: u8,
}

/// Lengths of the windows whose parts have level 1, 2 and 3.
const WINDOWS: [Duration; 3] =
    [Duration::from_hours(6), Duration::from_hours(24), Duration::from_hours(240)];

/// Parts are dropped as a whole, so a window may hold this share of the retention.
const RETENTION_SHARE: i64 = 4;

/// A window is over for good when the head has been written since: two of its intervals later.
const GRACE_MS: i64 = 3_600_000;

/// The first merge that is worthwhile.
pub(crate) fn plan_merge(parts: &[PartFacts], now_ms: i64, limits: &MergeLimits) -> Option<Plan> {
    (1_u8..).zip(WINDOWS).find_map(|(level, window)| {
        let window_ms = window.as_millis() as i64;
        // The finest is always made: without it parts would pile up.
        let fits = level == 1 || window_ms <= limits.retention_ms / RETENTION_SHARE;
        fits.then(|| plan_level(parts, (level, window_ms), now_ms, limits)).flatten()
    })
}

fn plan_level(
    parts: &[PartFacts],
    (level, window_ms): (u8, i64),
    now_ms: i64,
    limits: &MergeLimits,
) -> Option<Plan> {
    let window_of = |part: &PartFacts| part.range.end_ms.div_euclid(window_ms);
    let mut windows: Vec<i64> = parts.iter().map(window_of).collect();
    windows.sort_unstable();
    windows.dedup();
    windows.into_iter().find_map(|window| {
        let end_ms = window.saturating_add(1).saturating_mul(window_ms);
        let is_over = end_ms.saturating_add(GRACE_MS) <= now_ms;
        let within =
            |place: &usize| window_of(&parts[*place]) == window && parts[*place].level <= level;
        let found: Vec<usize> = (0..parts.len()).filter(within).collect();
        // Before the window is over, only fresh parts are gathered, when they are many.
        let found = if is_over { found } else { below(parts, &found, level) };
        let inputs = limited(parts, &in_order(parts, found), limits);
        is_worthwhile(parts, &inputs, is_over, limits).then_some(Plan { inputs, level })
    })
}

fn below(parts: &[PartFacts], found: &[usize], level: u8) -> Vec<usize> {
    found.iter().copied().filter(|place| parts[*place].level < level).collect()
}

/// As many of the first inputs as can be merged without putting a part that stays out of it, and
/// overlaps one of them, in the wrong order: the result takes the order of the first input.
fn in_order(parts: &[PartFacts], mut found: Vec<usize>) -> Vec<usize> {
    let Some(first) = found.first().copied() else { return found };
    let conflicts = |place: usize, found: &[usize]| {
        (first..place)
            .filter(|between| !found.contains(between))
            .any(|between| parts[between].range.overlaps(parts[place].range))
    };
    let cut = (1..found.len()).find(|at| conflicts(found[*at], &found));
    found.truncate(cut.unwrap_or(found.len()));
    found
}

/// As many of the first inputs as one merge may take; when the first alone is too large, those
/// behind it.
fn limited(parts: &[PartFacts], found: &[usize], limits: &MergeLimits) -> Vec<usize> {
    let fits = |run: &[usize]| {
        let sum = |of: fn(&PartFacts) -> u64| run.iter().map(|place| of(&parts[*place])).sum();
        let (bytes, memory): (u64, u64) = (sum(|part| part.bytes), sum(|part| part.memory_bytes));
        bytes <= limits.bytes_max && memory <= limits.memory_bytes
    };
    let runs = (0..found.len()).map(|start| {
        let rest = &found[start..];
        let taken = (1..=rest.len()).take_while(|len| fits(&rest[..*len])).last();
        &rest[..taken.unwrap_or(0)]
    });
    runs.max_by_key(|run| run.len()).unwrap_or_default().to_vec()
}

/// Merging writes everything anew: what is added must be in proportion to what is there.
fn is_worthwhile(
    parts: &[PartFacts],
    inputs: &[usize],
    is_over: bool,
    limits: &MergeLimits,
) -> bool {
    let fan_in = limits.fan_in.max(2);
    if inputs.len() < 2 || !is_over && inputs.len() < fan_in {
        return false;
    }
    let bytes: u64 = inputs.iter().map(|place| parts[*place].bytes).sum();
    let largest = inputs.iter().map(|place| parts[*place].bytes).max().unwrap_or_default();
    inputs.len() >= fan_in || (bytes - largest).saturating_mul(4) >= largest
}

#[cfg(test)]
mod tests {
    use super::{MergeLimits, PartFacts, Plan, plan_merge};
    use model::TimeRange;
    use proptest::prelude::*;

    const HOUR_MS: i64 = 3_600_000;

    fn limits() -> MergeLimits {
        let retention_ms = 1000 * HOUR_MS;
        MergeLimits { fan_in: 4, bytes_max: 1000, memory_bytes: 1000, retention_ms }
    }

    /// `(level, bytes, first hour, last hour)`
    fn part((level, bytes, first, last): (u8, u64, i64, i64)) -> PartFacts {
        let range = TimeRange::new(first * HOUR_MS, last * HOUR_MS - 1);
        PartFacts { level, bytes, range, memory_bytes: 1 }
    }

    #[test]
    fn windows_that_are_over_become_one_part() {
        let check = |hours: i64, parts: &[(u8, u64, i64, i64)], want: Option<(&[usize], u8)>| {
            let facts: Vec<PartFacts> = parts.iter().copied().map(part).collect();
            let want = want.map(|(inputs, level)| Plan { inputs: inputs.to_vec(), level });
            assert_eq!(plan_merge(&facts, hours * HOUR_MS, &limits()), want, "{parts:?}");
        };
        check(3, &[(0, 1, 0, 1), (0, 1, 1, 2), (0, 1, 2, 3)], None);
        check(
            4,
            &[(0, 1, 0, 1), (0, 1, 1, 2), (0, 1, 2, 3), (0, 1, 3, 4)],
            Some((&[0, 1, 2, 3], 1)),
        );
        check(8, &[(0, 1, 0, 3), (0, 1, 3, 6), (0, 1, 6, 7)], Some((&[0, 1], 1)));
        check(8, &[(1, 9, 0, 6), (0, 1, 6, 7)], None);
        // Late samples: little beside a large part waits, much does not.
        check(8, &[(1, 9, 0, 6), (0, 1, 2, 3)], None);
        check(8, &[(1, 9, 0, 6), (0, 3, 2, 3)], Some((&[0, 1], 1)));
        // A part between them that overlaps the later one keeps them apart.
        check(8, &[(0, 1, 0, 3), (0, 1, 3, 7), (0, 1, 4, 6)], None);
        check(8, &[(0, 1, 0, 3), (0, 1, 6, 7), (0, 1, 3, 6)], Some((&[0, 2], 1)));
        // A day of quarters, then ten days of days.
        check(
            30,
            &[(1, 9, 0, 6), (1, 9, 6, 12), (1, 9, 12, 18), (1, 9, 18, 24)],
            Some((&[0, 1, 2, 3], 2)),
        );
        check(300, &[(2, 9, 0, 24), (2, 9, 24, 48)], Some((&[0, 1], 3)));
        // What is too large stays.
        check(8, &[(0, 999, 0, 3), (0, 2, 3, 4), (0, 2, 4, 6)], Some((&[1, 2], 1)));
    }

    fn parts() -> impl Strategy<Value = Vec<PartFacts>> {
        let part = |(level, bytes, first, hours)| part((level, bytes, first, first + hours));
        prop::collection::vec((0_u8..3, 1_u64..400, 0_i64..300, 1_i64..8).prop_map(part), 0..14)
    }

    proptest! {
        /// Every plan keeps the limits and the order of parts that overlap, and merging ends.
        #[test]
        fn plans_are_sound_and_end(parts in parts(), now in 0_i64..600) {
            let mut parts = parts;
            for _ in 0..100 {
                let Some(plan) = plan_merge(&parts, now * HOUR_MS, &limits()) else { return Ok(()) };
                prop_assert!(plan.inputs.len() > 1 && plan.inputs.is_sorted());
                let inputs: Vec<PartFacts> = plan.inputs.iter().map(|i| parts[*i]).collect();
                let bytes: u64 = inputs.iter().map(|part| part.bytes).sum();
                prop_assert!(bytes <= 1000);
                let first = plan.inputs[0];
                for (place, out) in parts.iter().enumerate().skip(first) {
                    let overtaken = plan.inputs.iter().filter(|input| **input > place);
                    let mut overtaken = overtaken.filter(|_| !plan.inputs.contains(&place));
                    prop_assert!(!overtaken.any(|input| parts[*input].range.overlaps(out.range)));
                }
                let range = inputs.iter().fold(inputs[0].range, |all, part| TimeRange::new(
                    all.start_ms.min(part.range.start_ms),
                    all.end_ms.max(part.range.end_ms),
                ));
                for place in plan.inputs.iter().rev() {
                    parts.remove(*place);
                }
                let memory_bytes = inputs.iter().map(|part| part.memory_bytes).sum();
                parts.insert(first, PartFacts { level: plan.level, bytes, range, memory_bytes });
            }
            prop_assert!(false, "merging does not end");
        }
    }
}
