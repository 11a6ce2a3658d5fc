//! M2 with recorded values: scrapes of a real exporter, which every target replays from another
//! one on.
//!
//! A recording is what the exporter answered, scrape after scrape, with `# EOF` behind each. When
//! it is over it begins again, and counters go on from where they were.

use std::collections::btree_map::Entry::{Occupied as Known, Vacant as New};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, bail};
use ingest::exposition::{Entry, Format, Parser};
use model::{LabelsBuilder, METRIC_NAME, MetricType};

use super::{Shape, Source};
use crate::wire::{Labels, Point};

/// Scrapes between the places where two neighbours begin.
const PHASE_SCRAPES: usize = 7;

/// One series of the exporter.
#[derive(Debug, PartialEq)]
struct Series {
    labels: Vec<(String, String)>,
    /// One value a scrape.
    values: Vec<f64>,
    is_counter: bool,
}

impl Series {
    /// The value of a scrape, counted on through all repetitions.
    fn at(&self, scrape: usize) -> f64 {
        let (turn, place) = (scrape / self.values.len(), scrape % self.values.len());
        let gained = match (self.values.first(), self.values.last()) {
            (Some(first), Some(last)) if self.is_counter => (last - first).max(0.0),
            _ => 0.0,
        };
        self.values[place] + turn as f64 * gained
    }
}

/// The series that are in every scrape; others came and went.
fn parse(text: &str) -> anyhow::Result<Vec<Series>> {
    let scrapes: Vec<&str> = text.split_terminator("# EOF\n").collect();
    if scrapes.len() < 2 {
        bail!("a recording has at least two scrapes, each with `# EOF` behind it");
    }
    let mut series: BTreeMap<&[u8], Series> = BTreeMap::new();
    for scrape in &scrapes {
        let mut parser = Parser::new(scrape.as_bytes(), Format::Prometheus);
        while let Some(entry) = parser.next_entry()? {
            let Entry::Sample(sample) = entry else { continue };
            let series = match series.entry(sample.series) {
                Known(series) => series.into_mut(),
                New(place) => place.insert(begin(&parser)?),
            };
            series.values.push(sample.v);
        }
    }
    Ok(series.into_values().filter(|series| series.values.len() == scrapes.len()).collect())
}

/// The series of the sample that was parsed last, without values.
fn begin(parser: &Parser<'_>) -> anyhow::Result<Series> {
    let mut labels = LabelsBuilder::default();
    parser.labels(&mut labels)?;
    let is_counter = match parser.metric_type() {
        MetricType::Counter | MetricType::Histogram => true,
        // Its sum and its count.
        MetricType::Summary => labels.get("quantile").is_none(),
        _ => false,
    };
    let pairs = labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Series { labels: pairs.collect(), values: Vec::new(), is_counter })
}

/// `Shape::targets` hosts with the series of the recording each.
pub(super) struct Replay {
    shape: Shape,
    recorded: Vec<Series>,
    /// By target, then by series.
    labels: Vec<Vec<Labels>>,
}

impl Replay {
    /// Errors: there is no such file, or it is no recording.
    pub(super) fn read(path: &Path, shape: Shape) -> anyhow::Result<Self> {
        let name = || path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(name)?;
        let recorded = parse(&text).with_context(name)?;
        let of_target = |target: usize| {
            let own = [
                ("instance".to_owned(), format!("node-{target:04}.example.internal:9100")),
                ("job".to_owned(), ["node", "node-cache", "node-database"][target % 3].to_owned()),
            ];
            let with_own =
                |series: &Series| Labels::new(series.labels.iter().chain(&own).cloned().collect());
            recorded.iter().map(with_own).collect()
        };
        let labels = (0..shape.targets).map(of_target).collect();
        Ok(Self { shape, recorded, labels })
    }
}

impl Source for Replay {
    fn round(&mut self, number: usize, emit: &mut dyn FnMut(usize, &Point<'_>)) {
        for (target, labels) in self.labels.iter().enumerate() {
            let t_ms = self.shape.round_ms(number) + self.shape.phase_ms(target);
            for (series, labels) in self.recorded.iter().zip(labels) {
                let value = series.at(number + target * PHASE_SCRAPES);
                emit(target, &Point::float(labels, t_ms, value));
            }
        }
    }

    fn metric_names(&self) -> Vec<String> {
        let names = self.recorded.iter().flat_map(|series| &series.labels);
        let names = names.filter(|(name, _)| name == METRIC_NAME).map(|(_, value)| value.clone());
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn series(&self) -> (usize, usize) {
        let all = self.labels.len() * self.recorded.len();
        (all, all)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    const RECORDING: &str = "# TYPE up gauge\n\
         up 1\n\
         # TYPE x_total counter\n\
         x_total{device=\"a,b}\",mode=\"idle\"} 10\n\
         gone 1\n\
         # TYPE t summary\n\
         t{quantile=\"0.5\"} 3\n\
         t_sum 0.5\n\
         # EOF\n\
         # TYPE up gauge\n\
         up 0\n\
         # TYPE x_total counter\n\
         x_total{device=\"a,b}\",mode=\"idle\"} 13\n\
         # TYPE t summary\n\
         t{quantile=\"0.5\"} 4\n\
         t_sum 0.75\n\
         # EOF\n";

    #[test]
    fn a_recording_is_replayed_over_and_over() {
        let series = parse(RECORDING).unwrap();
        let shown: Vec<_> = series
            .iter()
            .map(|s| (s.labels[0].1.as_str(), [0, 1, 2, 3, 4].map(|scrape| s.at(scrape))))
            .collect();
        assert_eq!(
            shown,
            [
                ("t_sum", [0.5, 0.75, 0.75, 1.0, 1.0]),
                ("t", [3.0, 4.0, 3.0, 4.0, 3.0]),
                ("up", [1.0, 0.0, 1.0, 0.0, 1.0]),
                ("x_total", [10.0, 13.0, 13.0, 16.0, 16.0]),
            ]
        );
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(series[3].labels[1..], [own("device", "a,b}"), own("mode", "idle")]);
        assert!(parse("up 1\n# EOF\n").is_err());
        assert!(parse("up one\n# EOF\nup 1\n# EOF\n").is_err());
    }
}
