//! The formats a target may be asked for, best first.

use ingest::exposition::Format;

use super::section::{Result, Section, text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScrapeProtocol {
    PrometheusProto,
    PrometheusText004,
    PrometheusText100,
    OpenMetricsText001,
    OpenMetricsText100,
}

impl ScrapeProtocol {
    /// In the order that applies when nothing is configured.
    pub const DEFAULT: [Self; 4] = [
        Self::OpenMetricsText100,
        Self::OpenMetricsText001,
        Self::PrometheusText100,
        Self::PrometheusText004,
    ];

    pub fn parse(name: &str) -> Result<Self, String> {
        Ok(match name {
            "PrometheusProto" => Self::PrometheusProto,
            "PrometheusText0.0.4" => Self::PrometheusText004,
            "PrometheusText1.0.0" => Self::PrometheusText100,
            "OpenMetricsText0.0.1" => Self::OpenMetricsText001,
            "OpenMetricsText1.0.0" => Self::OpenMetricsText100,
            _ => {
                return Err(format!(
                    "unknown scrape protocol {name}, supported: [OpenMetricsText0.0.1 OpenMetricsText1.0.0 PrometheusProto PrometheusText0.0.4 PrometheusText1.0.0]"
                ));
            }
        })
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PrometheusProto => "PrometheusProto",
            Self::PrometheusText004 => "PrometheusText0.0.4",
            Self::PrometheusText100 => "PrometheusText1.0.0",
            Self::OpenMetricsText001 => "OpenMetricsText0.0.1",
            Self::OpenMetricsText100 => "OpenMetricsText1.0.0",
        }
    }

    /// The text format it means; the protobuf one is not read yet.
    pub const fn format(self) -> Option<Format> {
        match self {
            Self::PrometheusProto => None,
            Self::PrometheusText004 | Self::PrometheusText100 => Some(Format::Prometheus),
            Self::OpenMetricsText001 | Self::OpenMetricsText100 => Some(Format::OpenMetrics),
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::PrometheusProto => {
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
            }
            Self::PrometheusText004 => "text/plain;version=0.0.4",
            Self::PrometheusText100 => "text/plain;version=1.0.0",
            Self::OpenMetricsText001 => "application/openmetrics-text;version=0.0.1",
            Self::OpenMetricsText100 => "application/openmetrics-text;version=1.0.0",
        }
    }
}

/// The `Accept` header: formats we read, in order of preference. `escaping` is what the versions
/// with quoted names are asked to do with such names.
pub(crate) fn accept_header(protocols: &[ScrapeProtocol], escaping: &str) -> String {
    let mut out = String::new();
    let mut weight = protocols.len() + 1;
    for protocol in protocols.iter().filter(|p| p.format().is_some()) {
        out.push_str(protocol.media_type());
        if matches!(
            protocol,
            ScrapeProtocol::OpenMetricsText100 | ScrapeProtocol::PrometheusText100
        ) {
            out.push_str(";escaping=");
            out.push_str(escaping);
        }
        push_weight(&mut out, weight);
        out.push(',');
        weight -= 1;
    }
    out.push_str("*/*");
    push_weight(&mut out, weight);
    out
}

fn push_weight(out: &mut String, weight: usize) {
    out.push_str(";q=0.");
    out.push_str(&weight.to_string());
}

/// `scrape_protocols`; `None` when not set. `whose` closes messages.
pub(crate) fn read_protocols(
    section: &mut Section<'_>,
    whose: &str,
) -> Result<Option<Vec<ScrapeProtocol>>> {
    const KEY: &str = "scrape_protocols";
    if section.get(KEY).is_none() {
        return Ok(None);
    }
    let mut found = Vec::new();
    for node in section.list(KEY)? {
        let protocol = ScrapeProtocol::parse(text(node)?)
            .or_else(|why| section.fail(KEY, format!("scrape_protocols: {why} {whose}")))?;
        if found.contains(&protocol) {
            let names: Vec<_> = section.strings(KEY)?;
            return section.fail(
                KEY,
                format!(
                    "duplicated protocol in scrape_protocols, got [{}] {whose}",
                    names.join(" ")
                ),
            );
        }
        found.push(protocol);
    }
    if found.is_empty() {
        return section.fail(KEY, format!("scrape_protocols cannot be empty {whose}"));
    }
    Ok(Some(found))
}
