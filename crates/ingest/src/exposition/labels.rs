//! From the raw bytes of a series to its labels.

use std::borrow::Cow;

use model::{Exemplar, InvalidLabels, LabelsBuilder, METRIC_NAME, MetricType};

use super::number::{format_openmetrics_float, parse_bound};
use super::{Pair, Parser, scan};

impl Parser<'_> {
    /// Appends the labels of the current sample, the metric name as `__name__`, to `out` in the
    /// order of the text, duplicates included. Bounds of buckets and quantiles are spelled
    /// canonically. Fails when a quoted name is not UTF-8.
    pub fn labels(&self, out: &mut LabelsBuilder) -> Result<(), InvalidLabels> {
        let name = self.text(self.metric_name.unwrap_or_default())?;
        out.push(METRIC_NAME, &name);
        for pair in &self.pairs {
            let (name, value) = self.pair(pair)?;
            match self.canonical_bound(&name, &value) {
                Some(bound) => out.push(&name, &bound),
                None => out.push(&name, &value),
            }
        }
        Ok(())
    }

    /// The exemplar of the current sample; without a timestamp of its own it takes `t_ms`.
    pub fn exemplar(&self, t_ms: i64) -> Option<Exemplar> {
        let at = self.exemplar?;
        let mut labels = LabelsBuilder::default();
        for pair in &self.exemplar_pairs {
            let (name, value) = self.pair(pair).ok()?;
            labels.push(&name, &value);
        }
        Some(Exemplar { labels: labels.build(), v: at.v, t_ms: at.t_ms.unwrap_or(t_ms) })
    }

    /// The type announced by the last `# TYPE` line.
    pub fn metric_type(&self) -> MetricType {
        self.metric_type
    }

    fn pair(&self, pair: &Pair) -> Result<(Cow<'_, str>, Cow<'_, str>), InvalidLabels> {
        Ok((self.text(pair.name)?, self.text(pair.value)?))
    }

    fn text(&self, at: (usize, usize)) -> Result<Cow<'_, str>, InvalidLabels> {
        let raw = self.slice(at);
        let text = std::str::from_utf8(raw).map_err(|_| {
            let shown = String::from_utf8_lossy(raw);
            InvalidLabels(format!("invalid metric name or label names: {shown:?} is not UTF-8"))
        })?;
        Ok(scan::unescape(text, true))
    }

    fn canonical_bound(&self, name: &str, value: &str) -> Option<String> {
        let bound = match self.metric_type {
            MetricType::Summary => "quantile",
            MetricType::Histogram => "le",
            _ => return None,
        };
        let v = (name == bound).then(|| parse_bound(value)).flatten()?;
        Some(format_openmetrics_float(v))
    }
}
