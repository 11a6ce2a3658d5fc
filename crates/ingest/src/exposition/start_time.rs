//! When a counter began: OpenMetrics says it in a `_created` series somewhere behind the samples
//! it belongs to, so it takes a look ahead.

use model::MetricType;

use super::{Entry, Format, Parser};

const SUFFIX: &[u8] = b"_created";

impl Parser<'_> {
    /// Start of the current sample's counter, summary or histogram in milliseconds, from the
    /// `_created` line of the same family and labels. From the first call on such a metric,
    /// `_created` lines are no longer handed out as samples.
    /// Cost: reads ahead to that line, at most to the end of the family, once per label set.
    pub fn start_time_ms(&mut self) -> Option<i64> {
        if self.format == Format::Prometheus || !has_start_time(self.metric_type) {
            self.start_time = None;
            return None;
        }
        self.skip_created = true;
        let name = self.slice(self.metric_name?);
        let family = name.get(..self.family_bytes).unwrap_or(name).to_vec();
        let identity = self.identity(&family);
        if let Some((known, t_ms)) = &self.start_time
            && *known == identity
        {
            return Some(*t_ms);
        }
        self.start_time = self.find_created(&identity).map(|t_ms| (identity, t_ms));
        self.start_time.as_ref().map(|(_, t_ms)| *t_ms)
    }

    pub(super) fn is_skipped_created(&self) -> bool {
        self.skip_created
            && has_start_time(self.metric_type)
            && self.metric_name.is_some_and(|name| self.slice(name).ends_with(SUFFIX))
    }

    fn find_created(&self, identity: &[u8]) -> Option<i64> {
        let mut ahead = Parser::new(self.bytes, self.format);
        ahead.pos = self.pos;
        ahead.metric_type = self.metric_type;
        while let Ok(Some(Entry::Sample(sample))) = ahead.next_entry() {
            let name = ahead.slice(ahead.metric_name?);
            if let Some(family) = name.strip_suffix(SUFFIX) {
                let same = ahead.identity(family) == identity;
                return same.then_some((sample.v * 1000.0) as i64).filter(|t_ms| *t_ms > 0);
            }
        }
        None
    }

    /// Labels as sent, but for the one that tells buckets or quantiles apart, and the family.
    fn identity(&self, family: &[u8]) -> Vec<u8> {
        let bound: &[u8] = match self.metric_type {
            MetricType::Summary => b"quantile",
            MetricType::Histogram => b"le",
            _ => b"",
        };
        let mut out = Vec::new();
        for pair in self.pairs.iter().filter(|pair| self.slice(pair.name) != bound) {
            out.extend_from_slice(self.slice(pair.name));
            out.extend_from_slice(self.slice(pair.value));
        }
        out.extend_from_slice(family);
        out
    }
}

fn has_start_time(metric_type: MetricType) -> bool {
    matches!(metric_type, MetricType::Counter | MetricType::Summary | MetricType::Histogram)
}
