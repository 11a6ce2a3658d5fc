//! `prometheus.yml`, the whole format: read strictly, with the reference's defaults, checks and
//! messages. What we do not act on is read, checked and told in [`Config::notices`].
//!
//! Source: <https://prometheus.io/docs/prometheus/latest/configuration/configuration/>.

mod discovery;
mod discovery_rules;
mod discovery_tables;
mod error;
mod files;
mod global;
mod http;
mod job;
mod protocol;
mod redact;
mod relabel_section;
mod section;
mod services;
mod storage;
mod units;
mod yaml;

use std::path::Path;
use std::rc::Rc;

pub use discovery::{Discovery, TargetGroup};
pub use error::{ConfigError, Notice};
pub use global::{GlobalConfig, HistogramOptions, ScrapeLimits};
pub use http::{
    Authorization, BasicAuth, Credential, HttpClientConfig, HttpHeader, Secret, TlsConfig,
};
pub use job::Job;
pub use protocol::ScrapeProtocol;
pub use services::Services;
pub use storage::{OtlpConfig, StorageConfig};
pub use units::{format_duration, parse_bytes, parse_duration};

pub(crate) use discovery::{check_address, read_groups};
pub(crate) use files::matching_files;
pub(crate) use protocol::accept_header;

use section::{Result, Section};
use yaml::Node;

/// A configuration that passed every check.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub global: GlobalConfig,
    /// From the main file; [`Self::all_jobs`] adds those of `scrape_config_files`.
    pub jobs: Vec<Job>,
    pub rule_files: Vec<String>,
    pub scrape_config_files: Vec<String>,
    pub storage: StorageConfig,
    pub otlp: OtlpConfig,
    pub services: Services,
    /// Garbage collector target of the reference; kept for status pages only.
    pub runtime_gogc: Option<i64>,
    pub notices: Vec<Notice>,
    /// The file without secrets, for status pages.
    pub redacted_yaml: String,
}

impl Config {
    /// Reads a configuration; relative file names in it stay as they are.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let root = yaml::parse(text)?;
        let mut config = Self::read(&root)?;
        config.redacted_yaml = redact::print(&root);
        Ok(config)
    }

    /// Reads a file; file names in it are relative to its folder.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = files::read(path)?;
        let mut config = Self::parse(&text).map_err(|e| e.in_file(path))?;
        config.set_directory(path.parent().unwrap_or(Path::new("")));
        Ok(config)
    }

    fn read(root: &Node) -> Result<Self> {
        let mut section = Section::of(root, "config.Config")?;
        let mut config = Self::default();
        let notices = &mut config.notices;
        if let Some(node) = section.get("global") {
            config.global = GlobalConfig::read(node, notices)?;
        }
        let global = &config.global;
        let scheme = global.name_scheme;
        if let Some(node) = section.get("runtime") {
            let mut inner = Section::of(node, "config.RuntimeConfig")?;
            config.runtime_gogc = inner.int("gogc")?;
            inner.not_acted_on("gogc", "runtime.", notices);
            inner.finish()?;
        }
        for (key, patterns) in [
            ("rule_files", &mut config.rule_files),
            ("scrape_config_files", &mut config.scrape_config_files),
        ] {
            *patterns = section.strings(key)?;
            let word = key.trim_end_matches("_files").replace('_', " ");
            if let Some(bad) = patterns.iter().find(|pattern| !files::is_pattern(pattern)) {
                return section.fail(key, format!("invalid {word} file path {bad:?}"));
            }
        }
        config.jobs = read_jobs(section.list("scrape_configs")?, global, notices)?;
        if let Some(node) = section.get("alerting") {
            config.services.alerting = services::read_alerting(node, scheme, notices)?;
        }
        let writers = section.list("remote_write")?;
        services::read_remote_write(writers, scheme)?;
        let readers = section.list("remote_read")?;
        services::read_remote_read(readers)?;
        config.services.remote_write = writers.len();
        config.services.remote_read = readers.len();
        if let Some(node) = section.get("tracing") {
            services::read_tracing(node)?;
            config.services.tracing = true;
        }
        for key in ["remote_write", "remote_read", "tracing", "rule_files"] {
            section.not_acted_on(key, "", notices);
        }
        if let Some(node) = section.get("storage") {
            config.storage = StorageConfig::read(node)?;
        }
        if let Some(node) = section.get("otlp") {
            config.otlp = OtlpConfig::read(node, scheme == crate::relabel::NameScheme::Utf8)?;
        }
        section.finish()?;
        Ok(config)
    }

    /// Refuses what a server that only forwards samples may not have.
    pub fn check_agent_mode(&self) -> Result<(), ConfigError> {
        let present = [
            ("alerting", self.services.alerting),
            ("rule_files", !self.rule_files.is_empty()),
            ("remote_read", self.services.remote_read > 0),
        ];
        match present.iter().find(|(_, present)| *present) {
            None => Ok(()),
            Some((key, _)) => Err(ConfigError {
                file: None,
                line: None,
                message: format!("field {key} is not allowed in agent mode"),
            }),
        }
    }

    /// All jobs, those of `scrape_config_files` included; reads these files.
    pub fn all_jobs(&self) -> Result<Vec<Job>, ConfigError> {
        let mut jobs = self.jobs.clone();
        let mut origins: Vec<String> = vec!["main config file".into(); jobs.len()];
        for pattern in &self.scrape_config_files {
            for path in matching_files(pattern) {
                let in_file = |e: ConfigError| e.in_file(&path);
                for mut job in read_job_file(&path, &self.global).map_err(in_file)? {
                    if let Some(i) = jobs.iter().position(|known| known.name == job.name) {
                        let message = format!(
                            "found multiple scrape configs with job name {:?}, first found in {}",
                            job.name, origins[i]
                        );
                        return Err(in_file(ConfigError { file: None, line: None, message }));
                    }
                    job.set_directory(path.parent().unwrap_or(Path::new("")));
                    jobs.push(job);
                    origins.push(format!("{:?}", path.display().to_string()));
                }
            }
        }
        Ok(jobs)
    }

    /// External labels with `$name` and `${name}` replaced from the environment and `$$` by `$`.
    pub fn external_labels(
        &self,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<(String, String)> {
        let expand = |(name, value): &(String, String)| (name.clone(), expand(value, lookup));
        self.global.external_labels.iter().map(expand).collect()
    }

    fn set_directory(&mut self, dir: &Path) {
        self.global.set_directory(dir);
        for file in self.rule_files.iter_mut().chain(&mut self.scrape_config_files) {
            http::join_directory(dir, file);
        }
        self.jobs.iter_mut().for_each(|job| job.set_directory(dir));
    }
}

fn read_jobs(
    list: &[Rc<Node>],
    global: &GlobalConfig,
    notices: &mut Vec<Notice>,
) -> Result<Vec<Job>> {
    let mut jobs: Vec<Job> = Vec::new();
    for node in list {
        let job = Job::read(node, global, notices)?;
        if jobs.iter().any(|known| known.name == job.name) {
            let message = format!("found multiple scrape configs with job name {:?}", job.name);
            return section::fail(node, message);
        }
        jobs.push(job);
    }
    Ok(jobs)
}

fn read_job_file(path: &Path, global: &GlobalConfig) -> Result<Vec<Job>> {
    let root = yaml::parse(&files::read(path)?)?;
    let mut section = Section::of(&root, "config.ScrapeConfigs")?;
    let list = section.list("scrape_configs")?;
    let jobs = list.iter().map(|node| Job::read(node, global, &mut Vec::new())).collect();
    section.finish()?;
    jobs
}

fn expand(value: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            rest = tail;
        } else if let Some((name, tail)) = braced {
            out.push_str(&if name == "$" { "$".into() } else { lookup(name).unwrap_or_default() });
            rest = tail;
        } else {
            let (name, tail) = after.split_at(after.find(|c| !word(c)).unwrap_or(after.len()));
            if name.is_empty() {
                out.push('$');
            } else {
                out.push_str(&lookup(name).unwrap_or_default());
            }
            rest = tail;
        }
    }
    out + rest
}
