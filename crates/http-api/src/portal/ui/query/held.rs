//! What a client still holds of an earlier answer, so that a refresh carries the new part only.
//!
//! Every whole answer comes with a tag. It says which question was answered, in a hash whose keys
//! this process made up, and how new the data was. A client that asks again sends it back with the
//! grid that it has. When the tag fits the question of now, the answer begins at the first step
//! that may have changed since: for our own data the engine knows it to the stretch of time that a
//! late sample touched ([`promql::Engine::first_changed`]); a server elsewhere is asked for its last
//! minutes again, and for everything once in a while, when its data source says so.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use serde_json::Value;

use super::plan::{Ask, Asked};
use super::wire::Have;
use crate::portal::data_sources::json_data;

/// How much of a server's answer is asked for again, milliseconds, and after how long all of it:
/// the default of `incrementalQueryOverlapWindow`.
const OVERLAP_MS: i64 = 10 * 60 * 1000;

static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// A grid that a client has, and how new the data was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Held {
    /// First and last step, Unix milliseconds.
    pub(super) from_ms: i64,
    pub(super) until_ms: i64,
    /// Of our own data the version, of a server elsewhere when the whole was asked for.
    pub(super) since: u64,
}

/// Names a question: what is asked of whom, the distance of its steps, and its legend.
pub(super) fn mark(of: &Asked, ask: &Ask, legend: &str) -> u64 {
    let whom = match of {
        Asked::Engine(scope) => format!("{} {:?}", scope.tenant(), scope.label_policy()),
        Asked::Elsewhere(row) => format!("{} {}", row.id, row.version),
    };
    KEYS.hash_one((whom, &ask.expr, ask.step_ms, legend))
}

pub(super) fn tag(mark: u64, since: u64) -> String {
    format!("{mark:016x}{since:x}")
}

/// What the client has, if it is of this question and covers where the grid begins.
pub(super) fn held(have: &Have, mark: u64, ask: &Ask) -> Option<Held> {
    let (marked, since) = have.tag.split_at_checked(16)?;
    let since = u64::from_str_radix(since, 16).ok()?;
    let same = u64::from_str_radix(marked, 16) == Ok(mark);
    // Steps lie on multiples of their distance, so grids of the same question share theirs.
    let fits = ask.range && have.from <= ask.start_ms && have.until >= ask.start_ms;
    (same && fits).then_some(Held { from_ms: have.from, until_ms: have.until, since })
}

/// The ask for what is new: steps from `changed_ms` on, and those that the client does not have.
/// At least two, because a single step is no grid.
pub(super) fn tail(ask: &Ask, held: Held, changed_ms: i64) -> Option<Ask> {
    let step_ms = ask.step_ms;
    let missing_ms = held.until_ms.saturating_add(step_ms);
    let start_ms = changed_ms.min(missing_ms).min(ask.end_ms - step_ms);
    let aligned = start_ms.div_euclid(step_ms) * step_ms;
    (aligned > ask.start_ms).then(|| Ask { start_ms: aligned, ..ask.clone() })
}

/// How a data source elsewhere wants its queries: all of it, or from some time before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Increments {
    pub(super) overlap_ms: i64,
}

impl Increments {
    /// `jsonData.incrementalQuerying` and `incrementalQueryOverlapWindow`.
    pub(super) fn of(json: &str) -> Option<Self> {
        let json = json_data(json);
        if json["incrementalQuerying"] != Value::Bool(true) {
            return None;
        }
        let window = json["incrementalQueryOverlapWindow"].as_str();
        let overlap_ms = window.and_then(super::plan::duration_ms).unwrap_or(OVERLAP_MS);
        Some(Self { overlap_ms })
    }

    /// The first step that is asked for again; nothing when everything is due. `now_ms` is Unix.
    pub(super) fn changed_ms(self, held: Held, now_ms: i64) -> Option<i64> {
        let asked_ms = i64::try_from(held.since).ok()?;
        let due = now_ms.saturating_sub(asked_ms) > self.overlap_ms.max(OVERLAP_MS);
        (!due).then(|| held.until_ms.saturating_sub(self.overlap_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::{Have, Held, Increments, OVERLAP_MS, held, tag, tail};
    use crate::portal::ui::query::plan::Ask;

    fn ask(start_ms: i64, end_ms: i64) -> Ask {
        Ask {
            expr: "up".to_owned(),
            instant: false,
            range: true,
            start_ms,
            end_ms,
            step_ms: 15_000,
            at_ms: end_ms,
        }
    }

    #[test]
    fn a_tag_fits_its_own_question_only() {
        let have = |tag: String, from, until| Have { from, until, tag };
        let ask = ask(30_000, 600_000);
        let found = |have: &Have| held(have, 7, &ask).map(|held| held.since);
        assert_eq!(found(&have(tag(7, 300), 0, 585_000)), Some(300));
        assert_eq!(found(&have(tag(8, 300), 0, 585_000)), None, "another question");
        assert_eq!(found(&have(tag(7, 300), 45_000, 585_000)), None, "begins later");
        assert_eq!(found(&have(tag(7, 300), 0, 15_000)), None, "ends before the grid begins");
        for broken in ["", "7", "0000000000000007", "zz00000000000007a", "000000000000007é"] {
            assert_eq!(found(&have(broken.to_owned(), 0, 585_000)), None, "{broken}");
        }
    }

    #[test]
    fn the_tail_begins_at_what_changed_or_is_missing() {
        let check = |until_ms, changed_ms, want| {
            let held = Held { from_ms: 0, until_ms, since: 1 };
            let start = tail(&ask(0, 600_000), held, changed_ms).map(|ask| ask.start_ms);
            assert_eq!(start, want, "held until {until_ms}, changed from {changed_ms}");
        };
        check(540_000, 570_000, Some(555_000));
        check(540_000, 300_000, Some(300_000));
        check(540_000, 307_000, Some(300_000));
        check(600_000, i64::MAX, Some(585_000));
        check(900_000, i64::MAX, Some(585_000));
        check(540_000, 0, None);
        check(540_000, -5, None);
    }

    #[test]
    fn sources_elsewhere_say_whether_and_how_far_back() {
        let of = |json: &str| Increments::of(json).map(|increments| increments.overlap_ms);
        assert_eq!(of("{}"), None);
        assert_eq!(of(r#"{"incrementalQuerying":false}"#), None);
        assert_eq!(of(r#"{"incrementalQuerying":true}"#), Some(OVERLAP_MS));
        let window = r#"{"incrementalQuerying":true,"incrementalQueryOverlapWindow":"2m"}"#;
        assert_eq!(of(window), Some(120_000));
        let held = Held { from_ms: 0, until_ms: 900_000, since: 1_000_000 };
        let changed = |now_ms| Increments { overlap_ms: 120_000 }.changed_ms(held, now_ms);
        assert_eq!(changed(1_000_000 + OVERLAP_MS), Some(780_000));
        assert_eq!(changed(1_000_001 + OVERLAP_MS), None, "everything is due");
    }
}
