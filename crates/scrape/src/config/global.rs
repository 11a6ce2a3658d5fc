//! The `global` section: defaults of all jobs, external labels.

use std::path::Path;
use std::time::Duration;

use super::error::Notice;
use super::http::join_directory;
use super::protocol::{ScrapeProtocol, read_protocols};
use super::section::{Result, Section, fail};
use super::yaml::Node;
use crate::relabel::NameScheme;

/// Limits of one scrape; 0 means no limit. `global` sets them for jobs that do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScrapeLimits {
    /// Uncompressed.
    pub body_bytes: u64,
    /// After relabelling.
    pub samples: u64,
    pub targets: u64,
    pub labels: u64,
    pub label_name_bytes: u64,
    pub label_value_bytes: u64,
    pub kept_dropped_targets: u64,
}

impl ScrapeLimits {
    pub(crate) fn read(section: &mut Section<'_>) -> Result<Self> {
        let mut uint = |key| section.uint(key).map(Option::unwrap_or_default);
        let limits = Self {
            body_bytes: 0,
            samples: uint("sample_limit")?,
            targets: uint("target_limit")?,
            labels: uint("label_limit")?,
            label_name_bytes: uint("label_name_length_limit")?,
            label_value_bytes: uint("label_value_length_limit")?,
            kept_dropped_targets: uint("keep_dropped_targets")?,
        };
        Ok(Self { body_bytes: section.bytes("body_size_limit")?.unwrap_or(0), ..limits })
    }

    /// What is 0 here is taken from `global`.
    pub(crate) fn or(self, global: Self) -> Self {
        let pick = |own: u64, other: u64| if own == 0 { other } else { own };
        Self {
            body_bytes: pick(self.body_bytes, global.body_bytes),
            samples: pick(self.samples, global.samples),
            targets: pick(self.targets, global.targets),
            labels: pick(self.labels, global.labels),
            label_name_bytes: pick(self.label_name_bytes, global.label_name_bytes),
            label_value_bytes: pick(self.label_value_bytes, global.label_value_bytes),
            kept_dropped_targets: pick(self.kept_dropped_targets, global.kept_dropped_targets),
        }
    }
}

/// How histograms are taken over; read and reported back, native histograms need the protobuf
/// format, which is not negotiated yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistogramOptions {
    pub scrape_native: bool,
    pub convert_classic: bool,
    pub always_scrape_classic: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalConfig {
    pub scrape_interval: Duration,
    pub scrape_timeout: Duration,
    pub scrape_protocols: Option<Vec<ScrapeProtocol>>,
    pub evaluation_interval: Duration,
    pub rule_query_offset: Duration,
    pub query_log_file: String,
    pub scrape_failure_log_file: String,
    /// As written, environment variables not yet expanded.
    pub external_labels: Vec<(String, String)>,
    pub limits: ScrapeLimits,
    pub name_scheme: NameScheme,
    /// `metric_name_escaping_scheme`, empty when not set.
    pub escaping: String,
    pub histograms: HistogramOptions,
    pub extra_scrape_metrics: bool,
}

impl Default for GlobalConfig {
    fn default() -> Self {
        Self {
            scrape_interval: Duration::from_mins(1),
            scrape_timeout: Duration::from_secs(10),
            scrape_protocols: None,
            evaluation_interval: Duration::from_mins(1),
            rule_query_offset: Duration::ZERO,
            query_log_file: String::new(),
            scrape_failure_log_file: String::new(),
            external_labels: Vec::new(),
            limits: ScrapeLimits::default(),
            name_scheme: NameScheme::Utf8,
            escaping: String::new(),
            histograms: HistogramOptions::default(),
            extra_scrape_metrics: false,
        }
    }
}

impl GlobalConfig {
    pub(crate) fn read(node: &Node, notices: &mut Vec<Notice>) -> Result<Self> {
        let default = Self::default();
        let mut section = Section::of(node, "config.GlobalConfig")?;
        for key in [
            "query_log_file",
            "scrape_failure_log_file",
            "scrape_native_histograms",
            "convert_classic_histograms_to_nhcb",
        ] {
            section.not_acted_on(key, "global.", notices);
        }
        let nonzero = |duration: Option<Duration>| duration.filter(|d| !d.is_zero());
        let scrape_interval =
            nonzero(section.duration("scrape_interval")?).unwrap_or(default.scrape_interval);
        let timeout = nonzero(section.duration("scrape_timeout")?);
        if timeout.is_some_and(|timeout| timeout > scrape_interval) {
            return section
                .fail("scrape_timeout", "global scrape timeout greater than scrape interval");
        }
        let name_scheme = read_name_scheme(&mut section)?.unwrap_or_default();
        let config = Self {
            scrape_interval,
            scrape_timeout: timeout.unwrap_or(default.scrape_timeout.min(scrape_interval)),
            scrape_protocols: read_protocols(&mut section, "for global config")?,
            evaluation_interval: nonzero(section.duration("evaluation_interval")?)
                .unwrap_or(default.evaluation_interval),
            rule_query_offset: section.duration("rule_query_offset")?.unwrap_or_default(),
            query_log_file: section.string_or_empty("query_log_file")?,
            scrape_failure_log_file: section.string_or_empty("scrape_failure_log_file")?,
            external_labels: section.string_map("external_labels")?,
            limits: ScrapeLimits::read(&mut section)?,
            name_scheme,
            escaping: section.string_or_empty("metric_name_escaping_scheme")?,
            histograms: HistogramOptions {
                scrape_native: section.boolean("scrape_native_histograms")?.unwrap_or(false),
                convert_classic: section
                    .boolean("convert_classic_histograms_to_nhcb")?
                    .unwrap_or(false),
                always_scrape_classic: section
                    .boolean("always_scrape_classic_histograms")?
                    .unwrap_or(false),
            },
            extra_scrape_metrics: section.boolean("extra_scrape_metrics")?.unwrap_or(false),
        };
        for (name, _) in &config.external_labels {
            if !config.name_scheme.allows(name) {
                return fail(node, format!("{name:?} is not a valid label name"));
            }
        }
        section.finish()?;
        Ok(config)
    }

    pub(crate) fn set_directory(&mut self, dir: &Path) {
        join_directory(dir, &mut self.query_log_file);
        join_directory(dir, &mut self.scrape_failure_log_file);
    }
}

/// `metric_name_validation_scheme`; `None` when not set.
pub(crate) fn read_name_scheme(section: &mut Section<'_>) -> Result<Option<NameScheme>> {
    match section.string_or_empty("metric_name_validation_scheme")?.as_str() {
        "" => Ok(None),
        "utf8" => Ok(Some(NameScheme::Utf8)),
        "legacy" => Ok(Some(NameScheme::Legacy)),
        other => section.fail(
            "metric_name_validation_scheme",
            format!("unrecognized ValidationScheme: {other:?}"),
        ),
    }
}
