//! One entry of `scrape_configs`: which targets, how often, with what labels and limits.

use std::path::Path;
use std::time::Duration;

use ingest::exposition::Format;

use super::discovery::{Discovery, read_discovery};
use super::error::Notice;
use super::global::{GlobalConfig, HistogramOptions, ScrapeLimits, read_name_scheme};
use super::http::{HttpClientConfig, join_directory};
use super::protocol::{ScrapeProtocol, read_protocols};
use super::relabel_section::read_rules;
use super::section::{Result, Section, fail, mismatch, strings};
use super::yaml::{Kind, Node};
use crate::relabel::{NameScheme, Rule};

/// A job with all defaults filled in.
#[expect(clippy::struct_excessive_bools, reason = "the file format has these switches")]
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub name: String,
    pub honor_labels: bool,
    pub honor_timestamps: bool,
    pub track_timestamps_staleness: bool,
    pub params: Vec<(String, Vec<String>)>,
    pub scrape_interval: Duration,
    pub scrape_timeout: Duration,
    pub protocols: Vec<ScrapeProtocol>,
    pub fallback_protocol: Option<ScrapeProtocol>,
    pub histograms: HistogramOptions,
    pub scrape_failure_log_file: String,
    pub metrics_path: String,
    pub scheme: String,
    pub enable_compression: bool,
    pub limits: ScrapeLimits,
    pub name_scheme: NameScheme,
    /// What targets are asked to do with names outside the legacy alphabet.
    pub escaping: String,
    pub extra_scrape_metrics: bool,
    pub discovery: Vec<Discovery>,
    pub client: HttpClientConfig,
    pub relabel: Vec<Rule>,
    pub metric_relabel: Vec<Rule>,
}

impl Job {
    /// A job with the defaults of an empty configuration.
    pub fn named(name: &str) -> Self {
        let global = GlobalConfig::default();
        Self {
            name: name.to_owned(),
            honor_labels: false,
            honor_timestamps: true,
            track_timestamps_staleness: false,
            params: Vec::new(),
            scrape_interval: global.scrape_interval,
            scrape_timeout: global.scrape_timeout,
            protocols: ScrapeProtocol::DEFAULT.to_vec(),
            fallback_protocol: None,
            histograms: HistogramOptions::default(),
            scrape_failure_log_file: String::new(),
            metrics_path: "/metrics".into(),
            scheme: "http".into(),
            enable_compression: true,
            limits: ScrapeLimits::default(),
            name_scheme: NameScheme::Utf8,
            escaping: "allow-utf-8".into(),
            extra_scrape_metrics: false,
            discovery: Vec::new(),
            client: HttpClientConfig::default(),
            relabel: Vec::new(),
            metric_relabel: Vec::new(),
        }
    }

    pub(crate) fn read(
        node: &Node,
        global: &GlobalConfig,
        notices: &mut Vec<Notice>,
    ) -> Result<Self> {
        if node.is_null() {
            return fail(node, "empty or null scrape config section");
        }
        let mut section = Section::of(node, "config.ScrapeConfig")?;
        let name = section.string_or_empty("job_name")?;
        let whose = format!("for scrape config with job name {name:?}");
        let place = format!("scrape_configs[{name}].");
        let (scrape_interval, scrape_timeout) = read_times(&mut section, global, &whose)?;
        let own_scheme = read_name_scheme(&mut section)?;
        let name_scheme = own_scheme.unwrap_or(global.name_scheme);
        let escaping = read_escaping(&mut section, global, own_scheme)?;
        let protocols = read_protocols(&mut section, &whose)?
            .or_else(|| global.scrape_protocols.clone())
            .unwrap_or_else(|| ScrapeProtocol::DEFAULT.to_vec());
        section.not_acted_on("scrape_failure_log_file", &place, notices);
        let (client, _) = HttpClientConfig::read(&mut section, &place, notices)?;
        let discovery = read_discovery(&mut section, &place, notices)?;
        let relabel = read_rules(
            &mut section,
            "relabel_configs",
            name_scheme,
            "empty or null target relabeling rule in scrape config",
        )?;
        let line_of_targets = section.line_of("static_configs");
        let job = Self {
            honor_labels: section.boolean("honor_labels")?.unwrap_or(false),
            honor_timestamps: section.boolean("honor_timestamps")?.unwrap_or(true),
            track_timestamps_staleness: section
                .boolean("track_timestamps_staleness")?
                .unwrap_or(false),
            params: read_params(&mut section)?,
            scrape_interval,
            scrape_timeout,
            protocols,
            fallback_protocol: read_fallback(&mut section, &name)?,
            histograms: read_histograms(&mut section, global, &place, notices)?,
            scrape_failure_log_file: section
                .string("scrape_failure_log_file")?
                .unwrap_or_else(|| global.scrape_failure_log_file.clone()),
            metrics_path: section.string("metrics_path")?.unwrap_or_else(|| "/metrics".into()),
            scheme: section.string("scheme")?.unwrap_or_else(|| "http".into()),
            enable_compression: section.boolean("enable_compression")?.unwrap_or(true),
            limits: ScrapeLimits::read(&mut section)?.or(global.limits),
            extra_scrape_metrics: section
                .boolean("extra_scrape_metrics")?
                .unwrap_or(global.extra_scrape_metrics),
            metric_relabel: read_rules(
                &mut section,
                "metric_relabel_configs",
                name_scheme,
                "empty or null metric relabeling rule in scrape config",
            )?,
            name,
            name_scheme,
            escaping,
            discovery,
            client,
            relabel,
        };
        // A misspelt key is named before what is missing for it.
        section.finish()?;
        if job.name.is_empty() {
            return fail(node, "job_name is empty");
        }
        if job.relabel.is_empty() {
            job.discovery.iter().try_for_each(|d| d.check_static_targets(line_of_targets))?;
        }
        Ok(job)
    }

    pub(crate) fn set_directory(&mut self, dir: &Path) {
        self.client.set_directory(dir);
        self.discovery.iter_mut().for_each(|discovery| discovery.set_directory(dir));
        join_directory(dir, &mut self.scrape_failure_log_file);
    }

    /// The parser for bodies whose `Content-Type` does not say.
    pub fn fallback_format(&self) -> Option<Format> {
        self.fallback_protocol.and_then(ScrapeProtocol::format)
    }
}

/// Interval and timeout with the defaults of `global`; the timeout may not be the longer one.
fn read_times(
    section: &mut Section<'_>,
    global: &GlobalConfig,
    whose: &str,
) -> Result<(Duration, Duration)> {
    let nonzero = |duration: Option<Duration>| duration.filter(|d| !d.is_zero());
    let interval = nonzero(section.duration("scrape_interval")?).unwrap_or(global.scrape_interval);
    let timeout = nonzero(section.duration("scrape_timeout")?);
    if timeout.is_some_and(|timeout| timeout > interval) {
        return section.fail(
            "scrape_timeout",
            format!("scrape timeout greater than scrape interval {whose}"),
        );
    }
    Ok((interval, timeout.unwrap_or(global.scrape_timeout.min(interval))))
}

/// Follows the name scheme of the place where one was set, unless it is given itself.
fn read_escaping(
    section: &mut Section<'_>,
    global: &GlobalConfig,
    own_scheme: Option<NameScheme>,
) -> Result<String> {
    const KEY: &str = "metric_name_escaping_scheme";
    let known = ["allow-utf-8", "underscores", "dots", "values"];
    let by_scheme = |scheme| match scheme {
        NameScheme::Utf8 => "allow-utf-8".to_owned(),
        NameScheme::Legacy => "underscores".to_owned(),
    };
    let own = section.string_or_empty(KEY)?;
    for (place, word) in [("global", &global.escaping), ("scrape config", &own)] {
        if !word.is_empty() && !known.contains(&word.as_str()) {
            return section.fail(KEY, format!("unknown {place} name escaping method specified, must be one of 'allow-utf-8', 'underscores', 'dots', or 'values', got {word:?}"));
        }
    }
    let escaping = match (own.is_empty(), own_scheme, global.escaping.is_empty()) {
        (false, ..) => own,
        (true, Some(scheme), _) => by_scheme(scheme),
        (true, None, false) => global.escaping.clone(),
        (true, None, true) => by_scheme(global.name_scheme),
    };
    let scheme = own_scheme.unwrap_or(global.name_scheme);
    if escaping == "allow-utf-8" && scheme == NameScheme::Legacy {
        return section
            .fail(KEY, "utf8 metric names requested but validation scheme is not set to UTF8");
    }
    Ok(escaping)
}

fn read_fallback(section: &mut Section<'_>, job: &str) -> Result<Option<ScrapeProtocol>> {
    const KEY: &str = "fallback_scrape_protocol";
    let Some(node) = section.get(KEY) else { return Ok(None) };
    let Some(name) = node.scalar() else {
        return mismatch(node, "config.ScrapeProtocol");
    };
    if name.is_empty() {
        return Ok(None);
    }
    ScrapeProtocol::parse(name).map(Some).or_else(|why| {
        section.fail(
            KEY,
            format!(
                "invalid fallback_scrape_protocol for scrape config with job name {job:?}: {why}"
            ),
        )
    })
}

fn read_histograms(
    section: &mut Section<'_>,
    global: &GlobalConfig,
    place: &str,
    notices: &mut Vec<Notice>,
) -> Result<HistogramOptions> {
    let default = global.histograms;
    for key in [
        "scrape_native_histograms",
        "convert_classic_histograms_to_nhcb",
        "native_histogram_bucket_limit",
        "native_histogram_min_bucket_factor",
    ] {
        section.not_acted_on(key, place, notices);
    }
    section.uint("native_histogram_bucket_limit")?;
    section.float("native_histogram_min_bucket_factor")?;
    Ok(HistogramOptions {
        scrape_native: section
            .boolean("scrape_native_histograms")?
            .unwrap_or(default.scrape_native),
        convert_classic: section
            .boolean("convert_classic_histograms_to_nhcb")?
            .unwrap_or(default.convert_classic),
        always_scrape_classic: section
            .boolean("always_scrape_classic_histograms")?
            .unwrap_or(default.always_scrape_classic),
    })
}

fn read_params(section: &mut Section<'_>) -> Result<Vec<(String, Vec<String>)>> {
    let Some(node) = section.get("params") else { return Ok(Vec::new()) };
    let Kind::Map(entries) = &node.kind else { return fail(node, "params must be a map of lists") };
    let mut params = Vec::new();
    for (key, values) in entries {
        params.push((super::section::text(key)?.to_owned(), strings(values)?));
    }
    Ok(params)
}
