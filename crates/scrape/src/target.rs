//! A target: where to scrape, and the labels that its samples get.

use std::time::Duration;

use model::{Labels, LabelsBuilder};

use crate::config::{Job, check_address, format_duration, parse_duration};
use crate::relabel::apply_all;

/// One endpoint to scrape, after relabelling.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Target {
    /// Before relabelling, for status pages.
    pub(crate) discovered: Labels,
    /// What samples get: no names that start with `__`.
    pub(crate) labels: Labels,
    /// All labels after relabelling, which make up the identity.
    pub(crate) all: Labels,
    pub(crate) url: String,
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
}

impl Target {
    /// Stable over restarts: it spreads scrapes over the interval.
    pub(crate) fn hash(&self) -> u64 {
        xxhash_rust::xxh3::xxh3_64_with_seed(self.url.as_bytes(), self.labels.hash64())
    }
}

/// What became of one discovered address.
#[derive(Debug)]
pub(crate) enum Populated {
    Active(Box<Target>),
    Dropped(Labels),
    /// Labels make no usable target; the text says why.
    Invalid(String),
}

/// Joins the labels of address, group and job, relabels them and reads the target off them.
pub(crate) fn populate(job: &Job, address: &str, group: &[(String, String)]) -> Populated {
    let mut labels = LabelsBuilder::default();
    discovered_labels(job, address, group, &mut labels);
    let discovered = labels.build();
    if !apply_all(&job.relabel, &mut labels) {
        return Populated::Dropped(discovered);
    }
    match read_target(job, discovered, &mut labels) {
        Ok(target) => Populated::Active(Box::new(target)),
        Err(why) => Populated::Invalid(why),
    }
}

fn discovered_labels(
    job: &Job,
    address: &str,
    group: &[(String, String)],
    labels: &mut LabelsBuilder,
) {
    for (name, value) in group {
        labels.set(name, value);
    }
    labels.set("__address__", address);
    let mut default = |name: &str, value: &str| {
        if labels.get(name).is_none() {
            labels.set(name, value);
        }
    };
    default("job", &job.name);
    default("__scrape_interval__", &format_duration(job.scrape_interval));
    default("__scrape_timeout__", &format_duration(job.scrape_timeout));
    default("__metrics_path__", &job.metrics_path);
    default("__scheme__", &job.scheme);
    for (name, values) in &job.params {
        if let Some(first) = values.first() {
            default(&format!("__param_{name}"), first);
        }
    }
}

fn read_target(
    job: &Job,
    discovered: Labels,
    labels: &mut LabelsBuilder,
) -> Result<Target, String> {
    let get = |labels: &LabelsBuilder, name: &str| labels.get(name).unwrap_or_default().to_owned();
    let address = get(labels, "__address__");
    if address.is_empty() {
        return Err("no address".into());
    }
    check_address(&address)?;
    let duration = |name: &str, word: &str| {
        let text = get(labels, name);
        let parsed =
            parse_duration(&text).map_err(|e| format!("error parsing scrape {word}: {e}"))?;
        if parsed.is_zero() {
            return Err(format!("scrape {word} cannot be 0"));
        }
        Ok((parsed, text))
    };
    let (interval, interval_text) = duration("__scrape_interval__", "interval")?;
    let (timeout, timeout_text) = duration("__scrape_timeout__", "timeout")?;
    if timeout > interval {
        return Err(format!(
            "scrape timeout cannot be greater than scrape interval ({timeout_text:?} > {interval_text:?})"
        ));
    }
    if labels.get("instance").is_none() {
        labels.set("instance", &address);
    }
    let all = labels.build();
    let public =
        |prefix: &str| Labels::from_pairs(all.iter().filter(|(name, _)| !name.starts_with(prefix)));
    let url = url_of(job, &all, &address);
    Ok(Target { discovered, labels: public("__"), all: public("__meta_"), url, interval, timeout })
}

fn url_of(job: &Job, all: &Labels, address: &str) -> String {
    let scheme = all.get("__scheme__").unwrap_or("http");
    let path = all.get("__metrics_path__").unwrap_or_default();
    let slash = if path.starts_with('/') || path.is_empty() { "" } else { "/" };
    let mut url = format!("{scheme}://{address}{slash}{path}");
    // A `__param_` label replaces the first value of its parameter.
    let mut params: Vec<(&str, &str)> = Vec::new();
    for (name, value) in all {
        if let Some(name) = name.strip_prefix("__param_") {
            params.push((name, value));
        }
    }
    for (name, values) in &job.params {
        params.extend(values.iter().skip(1).map(|value| (name.as_str(), value.as_str())));
    }
    params.sort_by_key(|(name, _)| *name);
    let mut separator = if url.contains('?') { '&' } else { '?' };
    for (name, value) in params {
        url.push(separator);
        push_escaped(&mut url, name);
        url.push('=');
        push_escaped(&mut url, value);
        separator = '&';
    }
    url
}

/// Percent-encodes for a query: unreserved characters stay, a blank is `+`.
fn push_escaped(url: &mut String, text: &str) {
    for b in text.bytes() {
        match b {
            b' ' => url.push('+'),
            b if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) => url.push(char::from(b)),
            b => {
                url.push('%');
                url.extend(
                    [b >> 4, b & 15]
                        .map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Populated, populate};
    use crate::config::Config;

    #[test]
    fn labels_and_url_come_from_group_job_and_rules() {
        let config = Config::parse(
            "scrape_configs:\n- job_name: j\n  params: {module: [a b, c]}\n  relabel_configs:\n  - {source_labels: [__address__], regex: 'drop.*', action: drop}\n  - {source_labels: [__meta_x], target_label: x}\n  - {source_labels: [__address__], regex: '(slow):.*', target_label: __scrape_interval__, replacement: 5m}\n",
        );
        let config = config.expect("valid");
        let group =
            [("env".to_owned(), "prod".to_owned()), ("__meta_x".to_owned(), "1".to_owned())];
        let populated = populate(&config.jobs[0], "host:1", &group);
        let Populated::Active(target) = populated else { panic!("{populated:?}") };
        assert_eq!(target.labels.to_string(), r#"{env="prod", instance="host:1", job="j", x="1"}"#);
        assert_eq!(target.url, "http://host:1/metrics?module=a+b&module=c");
        assert_eq!(target.interval.as_secs(), 60);
        let slow = populate(&config.jobs[0], "slow:1", &group);
        assert!(matches!(slow, Populated::Active(t) if t.interval.as_secs() == 300));
        assert!(matches!(populate(&config.jobs[0], "drop:1", &group), Populated::Dropped(_)));
        assert!(matches!(populate(&config.jobs[0], "a/b", &group), Populated::Invalid(_)));
        assert!(matches!(populate(&config.jobs[0], "", &group), Populated::Invalid(_)));
    }
}
