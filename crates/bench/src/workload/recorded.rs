//! M2 with recorded values: scrapes of a real exporter, which every target replays from another
//! one on.
//!
//! A recording is what the exporter answered, scrape after scrape, with `# EOF` behind each. When
//! it is over it begins again, and counters go on from where they were.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, bail};

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
    let mut series: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
    let mut scrapes = 0;
    for line in text.lines() {
        if line == "# EOF" {
            scrapes += 1;
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            kinds.extend(kind.split_once(' '));
        } else if !line.starts_with('#') && !line.is_empty() {
            let (name, value) = line.rsplit_once(' ').context("a sample without a value")?;
            let value = value.parse().with_context(|| format!("the value in {line:?}"))?;
            series.entry(name).or_default().push(value);
        }
    }
    if scrapes < 2 {
        bail!(
            "a recording has at least two scrapes, each with `# EOF` behind it; here are {scrapes}"
        );
    }
    series
        .into_iter()
        .filter(|(_, values)| values.len() == scrapes)
        .map(|(name, values)| {
            let labels = labels(name)?;
            let metric = name.split('{').next().unwrap_or_default();
            Ok(Series { is_counter: is_counter(metric, &kinds), labels, values })
        })
        .collect()
}

/// Counters, and what histograms and summaries count.
fn is_counter(metric: &str, kinds: &BTreeMap<&str, &str>) -> bool {
    let parts = ["_bucket", "_sum", "_count"];
    let family = parts.iter().find_map(|part| metric.strip_suffix(part));
    kinds.get(metric) == Some(&"counter")
        || family.is_some_and(|f| matches!(kinds.get(f), Some(&"histogram" | &"summary")))
}

/// `name{label="value",…}` as pairs.
fn labels(name: &str) -> anyhow::Result<Vec<(String, String)>> {
    let (metric, rest) = name.split_once('{').unwrap_or((name, "}"));
    let mut pairs = vec![("__name__".to_owned(), metric.to_owned())];
    let mut rest = rest.strip_suffix('}').with_context(|| format!("no end of labels: {name}"))?;
    while !rest.is_empty() {
        let (label, quoted) =
            rest.split_once("=\"").with_context(|| format!("no value of a label: {name}"))?;
        let mut value = String::new();
        let mut chars = quoted.char_indices();
        let end = loop {
            match chars.next().with_context(|| format!("no end of a value: {name}"))? {
                (at, '"') => break at + 1,
                (_, '\\') => match chars.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, other)) => value.push(other),
                    None => bail!("no end of a value: {name}"),
                },
                (_, other) => value.push(other),
            }
        };
        pairs.push((label.to_owned(), value));
        rest = quoted[end..].trim_start_matches(',');
    }
    Ok(pairs)
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
        let names = self.recorded.iter().filter_map(|series| series.labels.first());
        names.map(|(_, name)| name.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn series(&self) -> (usize, usize) {
        let all = self.labels.len() * self.recorded.len();
        (all, all)
    }
}

#[cfg(test)]
mod tests {
    use super::{labels, parse};

    const RECORDING: &str = "# TYPE up gauge\n\
         up 1\n\
         # TYPE x_total counter\n\
         x_total{device=\"a\\\\b\\\"c\",mode=\"idle\"} 10\n\
         gone 1\n\
         # TYPE t summary\n\
         t_sum 0.5\n\
         # EOF\n\
         up 0\n\
         x_total{device=\"a\\\\b\\\"c\",mode=\"idle\"} 13\n\
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
                ("up", [1.0, 0.0, 1.0, 0.0, 1.0]),
                ("x_total", [10.0, 13.0, 13.0, 16.0, 16.0]),
            ]
        );
        assert!(parse("up 1\n# EOF\n").is_err());
        assert!(parse("up one\n# EOF\nup 1\n# EOF\n").is_err());
    }

    #[test]
    fn labels_are_read_with_their_escapes() {
        let check = |name: &str, want: &[(&str, &str)]| {
            let got = labels(name).unwrap();
            let got: Vec<_> = got.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            assert_eq!(got, want, "{name}");
        };
        check("up", &[("__name__", "up")]);
        check(r#"x{a="1,2}",b="\"\\\n"}"#, &[("__name__", "x"), ("a", "1,2}"), ("b", "\"\\\n")]);
        for wrong in [r#"x{a="1""#, r#"x{a="1}"#, "x{a}"] {
            assert!(labels(wrong).is_err(), "{wrong}");
        }
    }
}
