//! How long samples are kept: by tenant, by series, and by the bytes of all parts together.
//!
//! A sample older than its retention is not read from that moment on. It leaves the disk when its
//! whole part is past the retention, when the part is merged, or when the part is rewritten because
//! nothing that a rule names in it counts any more.

use std::collections::BTreeMap;
use std::time::Duration;

use blockfile::PartId;
use model::{Labels, Matcher, Tenant, TimeRange};
use postings::{RoaringBitmap, resolve};

use crate::config::MetricStoreConfig;
use crate::part::MetricPart;

/// A shorter retention for some series; of several that match a series the shortest counts.
#[derive(Clone, Debug)]
pub struct RetentionRule {
    /// `None`: every tenant.
    pub tenant: Option<Tenant>,
    /// All must pass.
    pub matchers: Vec<Matcher>,
    pub retention: Duration,
}

/// The oldest timestamps that count for one tenant at one moment, Unix milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct KeepFrom<'a> {
    pub(crate) tenant_ms: i64,
    is_limited: bool,
    /// Those of the rules that ask for more than the tenant's, with their number.
    rules: Vec<(usize, &'a [Matcher], i64)>,
}

impl MetricStoreConfig {
    /// Milliseconds that samples of the tenant are kept; `i64::MAX` when there is no limit.
    pub(crate) fn retention_ms(&self, tenant: &Tenant) -> i64 {
        millis(self.retention_by_tenant.get(tenant).copied().unwrap_or(self.retention))
    }

    pub(crate) fn keep_from(&self, tenant: &Tenant, now_ms: i64) -> KeepFrom<'_> {
        let retention_ms = self.retention_ms(tenant);
        let tenant_ms = now_ms.saturating_sub(retention_ms);
        let own = |rule: &RetentionRule| rule.tenant.as_ref().is_none_or(|only| only == tenant);
        let rules = self.retention_rules.iter().enumerate().filter(|(_, rule)| own(rule));
        let rules = rules.map(|(number, rule)| {
            let from_ms = now_ms.saturating_sub(millis(rule.retention));
            (number, rule.matchers.as_slice(), from_ms)
        });
        let rules = rules.filter(|(_, _, from_ms)| *from_ms > tenant_ms);
        let is_limited = retention_ms < i64::MAX;
        KeepFrom { tenant_ms, is_limited, rules: rules.collect() }
    }
}

/// A retention of nothing means no limit.
fn millis(retention: Duration) -> i64 {
    if retention.is_zero() {
        return i64::MAX;
    }
    i64::try_from(retention.as_millis()).unwrap_or(i64::MAX)
}

impl KeepFrom<'_> {
    /// Whether every series of the tenant has the same retention.
    pub(crate) fn is_uniform(&self) -> bool {
        self.rules.is_empty()
    }

    /// The times at which samples leave by their age, in an order that does not change; only where
    /// there is a limit.
    pub(crate) fn horizons(&self) -> impl Iterator<Item = i64> {
        let own = self.is_limited.then_some(self.tenant_ms);
        own.into_iter().chain(self.rules.iter().map(|(_, _, from_ms)| *from_ms))
    }

    pub(crate) fn clip(&self, range: TimeRange) -> TimeRange {
        TimeRange::new(range.start_ms.max(self.tenant_ms), range.end_ms)
    }

    /// The oldest timestamp that counts for a series.
    pub(crate) fn of(&self, labels: &Labels) -> i64 {
        let passes = |matchers: &[Matcher]| {
            matchers.iter().all(|m| m.matches(labels.get(m.name()).unwrap_or_default()))
        };
        let own = self.rules.iter().filter(|(_, matchers, _)| passes(matchers));
        own.map(|(_, _, from_ms)| *from_ms).fold(self.tenant_ms, i64::max)
    }

    /// What the rules mean in a part: series, and from when on they count.
    pub(crate) fn in_part(&self, part: &MetricPart) -> Vec<(RoaringBitmap, i64)> {
        let oldest_ms = part.time_range().start_ms;
        let rules = self.rules.iter().filter(|(_, _, from_ms)| *from_ms > oldest_ms);
        let found = rules.map(|(_, matchers, from_ms)| (resolve(part, matchers), *from_ms));
        found.filter(|(series, _)| !series.is_empty()).collect()
    }

    /// The rules, by number, of which nothing in the part counts any more.
    pub(crate) fn rules_past(
        &self,
        part: &MetricPart,
    ) -> impl Iterator<Item = (usize, &[Matcher])> {
        let newest_ms = part.time_range().end_ms;
        let past = self.rules.iter().filter(move |(_, _, from_ms)| newest_ms < *from_ms);
        past.map(|(number, matchers, _)| (*number, *matchers))
    }
}

/// What a decision by size looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartSize {
    pub(crate) tenant: usize,
    pub(crate) id: PartId,
    pub(crate) time_max: i64,
    pub(crate) bytes: u64,
}

/// The parts that must go so that the rest stays within the size: the oldest, by their newest
/// sample. `other_bytes`, the log and the head, count before any part, as in Prometheus.
pub(crate) fn plan_size(
    mut parts: Vec<PartSize>,
    other_bytes: u64,
    bytes_max: u64,
) -> BTreeMap<usize, Vec<PartId>> {
    let mut dropped: BTreeMap<usize, Vec<PartId>> = BTreeMap::new();
    if bytes_max == 0 {
        return dropped;
    }
    parts.sort_unstable_by_key(|part| std::cmp::Reverse((part.time_max, part.id)));
    let mut total = other_bytes;
    for part in parts {
        total = total.saturating_add(part.bytes);
        if total > bytes_max {
            dropped.entry(part.tenant).or_default().push(part.id);
            // Nothing older stays, even if it would fit.
            total = u64::MAX;
        }
    }
    dropped
}

#[cfg(test)]
mod tests {
    use super::{MetricStoreConfig, PartSize, RetentionRule, plan_size};
    use blockfile::PartId;
    use model::{Labels, Matcher, Tenant};
    use std::time::Duration;

    #[test]
    fn the_shortest_retention_that_applies_counts() {
        let tenant = |name: &str| Tenant::parse(name).unwrap();
        let rule = |only: Option<&str>, job: &str, seconds| RetentionRule {
            tenant: only.map(tenant),
            matchers: vec![Matcher::equal("job", job)],
            retention: Duration::from_secs(seconds),
        };
        let config = MetricStoreConfig {
            retention: Duration::from_secs(100),
            retention_by_tenant: [
                (tenant("long"), Duration::from_mins(5)),
                (tenant("ever"), Duration::ZERO),
            ]
            .into(),
            retention_rules: vec![
                rule(None, "a", 50),
                rule(Some("long"), "a", 20),
                rule(None, "b", 500),
            ],
            ..MetricStoreConfig::default()
        };
        let check = |name: &str, job: &str, want: i64| {
            let labels = Labels::from_pairs([("job", job)]);
            assert_eq!(
                config.keep_from(&tenant(name), 1_000_000).of(&labels),
                want,
                "{name} {job}"
            );
        };
        check("t", "x", 900_000);
        check("t", "a", 950_000);
        check("t", "b", 900_000); // a rule cannot lengthen
        check("long", "x", 700_000);
        check("long", "a", 980_000);
        check("ever", "x", 1_000_000 - i64::MAX);
        check("ever", "b", 500_000);
        assert!(!config.keep_from(&tenant("t"), 0).is_uniform());
    }

    #[test]
    fn the_oldest_parts_go_until_the_rest_fits() {
        let check = |bytes_max: u64, other: u64, want: &[u64]| {
            // By age: 1, 0, 2, 3.
            let of =
                |(id, time_max, bytes)| PartSize { tenant: 7, id: PartId(id), time_max, bytes };
            let parts = [(0, 20, 10), (1, 10, 10), (2, 30, 50), (3, 40, 10)].map(of).to_vec();
            let mut got = plan_size(parts, other, bytes_max).remove(&7).unwrap_or_default();
            got.sort_unstable();
            assert_eq!(got, want.iter().copied().map(PartId).collect::<Vec<_>>());
        };
        check(0, 1000, &[]);
        check(80, 0, &[]);
        check(79, 0, &[1]);
        check(69, 0, &[0, 1]);
        check(80, 1, &[1]);
        check(30, 0, &[0, 1, 2]); // the small old ones would fit beside the newest
        check(5, 0, &[0, 1, 2, 3]);
    }
}
