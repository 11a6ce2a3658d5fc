//! Sections about other services (alerting, remote write and read, tracing): read in full and
//! checked as the reference checks them, reported as not acted on.

use super::discovery::read_discovery;
use super::error::Notice;
use super::http::{HttpClientConfig, TlsConfig};
use super::relabel_section::read_rules;
use super::section::{Result, Section, fail};
use super::yaml::Node;
use crate::relabel::NameScheme;

/// What the process has to know of these sections to check them against its mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Services {
    pub alerting: bool,
    pub remote_write: usize,
    pub remote_read: usize,
    pub tracing: bool,
}

const RESERVED_HEADERS: [&str; 16] = [
    "host",
    "content-encoding",
    "content-length",
    "content-type",
    "user-agent",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "www-authenticate",
    "accept-encoding",
    "x-prometheus-remote-write-version",
    "x-prometheus-remote-read-version",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
];

fn check_headers(section: &mut Section<'_>, authorization_message: &str) -> Result<()> {
    for (name, _) in section.string_map("headers")? {
        let lower = name.to_ascii_lowercase();
        if lower == "authorization" {
            return section.fail("headers", authorization_message);
        }
        if RESERVED_HEADERS.contains(&lower.as_str()) {
            return section
                .fail("headers", format!("{name} is a reserved header. It must not be changed"));
        }
    }
    Ok(())
}

/// `alerting`; returns whether it says anything.
pub(crate) fn read_alerting(
    node: &Node,
    scheme: NameScheme,
    notices: &mut Vec<Notice>,
) -> Result<bool> {
    let mut section = Section::of(node, "config.AlertingConfig")?;
    let rules = read_rules(
        &mut section,
        "alert_relabel_configs",
        scheme,
        "empty or null alert relabeling rule",
    )?;
    let managers = section.list("alertmanagers")?;
    for node in managers {
        read_alertmanager(node, scheme)?;
    }
    section.not_acted_on("alertmanagers", "alerting.", notices);
    section.not_acted_on("alert_relabel_configs", "alerting.", notices);
    section.finish()?;
    Ok(!managers.is_empty() || !rules.is_empty())
}

fn read_alertmanager(node: &Node, scheme: NameScheme) -> Result<()> {
    let mut section = Section::of(node, "config.AlertmanagerConfig")?;
    let mut unused = Vec::new();
    let (client, _) = HttpClientConfig::read(&mut section, "", &mut unused)?;
    let signed = read_sigv4(&mut section)?;
    if signed && (client.basic_auth.is_some() || client.authorization.is_some() || client.oauth2) {
        return section.fail(
            "sigv4",
            "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured",
        );
    }
    section.string("scheme")?;
    section.string("path_prefix")?;
    section.duration("timeout")?;
    if let Some(version) = section.string("api_version")?
        && version != "v2"
    {
        return section.fail(
            "api_version",
            format!("expected Alertmanager api version to be one of [v2] but got {version}"),
        );
    }
    let discovery = read_discovery(&mut section, "", &mut unused)?;
    let rules = read_rules(
        &mut section,
        "relabel_configs",
        scheme,
        "empty or null Alertmanager target relabeling rule",
    )?;
    read_rules(
        &mut section,
        "alert_relabel_configs",
        scheme,
        "empty or null Alertmanager alert relabeling rule",
    )?;
    if rules.is_empty() {
        let line = section.line_of("static_configs");
        discovery.iter().try_for_each(|d| d.check_static_targets(line))?;
    }
    section.finish()
}

fn read_sigv4(section: &mut Section<'_>) -> Result<bool> {
    let Some(node) = section.get("sigv4") else { return Ok(false) };
    let mut inner = Section::of(node, "sigv4.SigV4Config")?;
    let texts = [
        "region",
        "access_key",
        "secret_key",
        "profile",
        "role_arn",
        "external_id",
        "service_name",
    ];
    for key in texts {
        inner.string(key)?;
    }
    inner.boolean("use_fips_sts_endpoint")?;
    let keys = ["access_key", "secret_key"].map(|key| inner.get(key).is_some());
    if keys[0] != keys[1] {
        return fail(
            node,
            "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config",
        );
    }
    inner.finish()?;
    Ok(true)
}

/// `remote_write`: one entry per destination.
pub(crate) fn read_remote_write(list: &[std::rc::Rc<Node>], scheme: NameScheme) -> Result<()> {
    let mut names = Vec::new();
    for node in list {
        if node.is_null() {
            return fail(node, "empty or null remote write config section");
        }
        let name = read_writer(node, scheme)?;
        if !name.is_empty() && names.contains(&name) {
            return fail(
                node,
                format!("found multiple remote write configs with job name {name:?}"),
            );
        }
        names.push(name);
    }
    Ok(())
}

fn read_writer(node: &Node, scheme: NameScheme) -> Result<String> {
    let mut section = Section::of(node, "config.RemoteWriteConfig")?;
    if section.get("url").is_none() {
        return fail(node, "url for remote_write is empty");
    }
    section.string("url")?;
    section.duration("remote_timeout")?;
    check_headers(
        &mut section,
        "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter",
    )?;
    read_rules(
        &mut section,
        "write_relabel_configs",
        scheme,
        "empty or null relabeling rule in remote write config",
    )?;
    let name = section.string_or_empty("name")?;
    for key in
        ["send_exemplars", "send_native_histograms", "round_robin_dns", "failed_request_logging"]
    {
        section.boolean(key)?;
    }
    if let Some(message) = section.string("protobuf_message")?
        && !matches!(message.as_str(), "prometheus.WriteRequest" | "io.prometheus.write.v2.Request")
    {
        return section.fail("protobuf_message", format!("invalid protobuf_message value: unknown type for remote write protobuf message {message}, supported: prometheus.WriteRequest, io.prometheus.write.v2.Request"));
    }
    let (client, _) = HttpClientConfig::read(&mut section, "", &mut Vec::new())?;
    if let Some(node) = section.get("queue_config") {
        read_queue(node)?;
    }
    if let Some(node) = section.get("metadata_config") {
        let mut inner = Section::of(node, "config.MetadataConfig")?;
        inner.boolean("send")?;
        inner.duration("send_interval")?;
        inner.int("max_samples_per_send")?;
        inner.finish()?;
    }
    let mut configured = Vec::new();
    let ways = [
        ("basic_auth", client.basic_auth.is_some()),
        ("authorization", client.authorization.is_some()),
        ("oauth2", client.oauth2),
        ("sigv4", read_sigv4(&mut section)?),
        ("azuread", read_azuread(&mut section)?),
        ("google_iam", read_google(&mut section)?),
    ];
    configured.extend(ways.iter().filter(|way| way.1).map(|way| way.0));
    if configured.len() > 1 {
        return fail(
            node,
            format!(
                "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. Currently configured: [{}]",
                configured.join(" ")
            ),
        );
    }
    section.finish()?;
    Ok(name)
}

fn read_azuread(section: &mut Section<'_>) -> Result<bool> {
    let Some(node) = section.get("azuread") else { return Ok(false) };
    let mut inner = Section::of(node, "azuread.AzureADConfig")?;
    let parts: [(&str, &[&str]); 5] = [
        ("managed_identity", &["client_id"]),
        ("workload_identity", &["client_id", "tenant_id", "token_file_path"]),
        ("oauth", &["client_id", "client_secret", "tenant_id"]),
        ("sdk", &["tenant_id"]),
        (
            "certificate",
            &[
                "client_id",
                "tenant_id",
                "certificate_path",
                "certificate_key_path",
                "certificate_password",
            ],
        ),
    ];
    let mut count = 0;
    for (key, texts) in parts {
        let Some(node) = inner.get(key) else { continue };
        count += 1;
        let mut part = Section::of(node, "azuread identity")?;
        texts.iter().try_for_each(|key| part.string(key).map(drop))?;
        part.boolean("send_certificate_chain")?;
        part.finish()?;
    }
    inner.string("cloud")?;
    inner.string("scope")?;
    if count != 1 {
        return fail(node, "exactly one Azure identity must be provided in the Azure AD config");
    }
    inner.finish()?;
    Ok(true)
}

fn read_google(section: &mut Section<'_>) -> Result<bool> {
    let Some(node) = section.get("google_iam") else { return Ok(false) };
    let mut inner = Section::of(node, "googleiam.Config")?;
    inner.string("credentials_file")?;
    inner.finish()?;
    Ok(true)
}

fn read_queue(node: &Node) -> Result<()> {
    let mut section = Section::of(node, "config.QueueConfig")?;
    let mut positive = |key: &str, default: i64| -> Result<i64> {
        let value = section.int(key)?.unwrap_or(default);
        if value <= 0 {
            return section.fail(key, format!("remote write queue {key} must be positive"));
        }
        Ok(value)
    };
    let shards_max = positive("max_shards", 50)?;
    let shards_min = positive("min_shards", 1)?;
    positive("max_samples_per_send", 2000)?;
    positive("capacity", 10_000)?;
    if shards_min > shards_max {
        return section.fail(
            "min_shards",
            "remote write queue min_shards must not be greater than max_shards",
        );
    }
    section.duration("batch_send_deadline")?;
    section.duration("sample_age_limit")?;
    section.boolean("retry_on_http_429")?;
    let backoff_min =
        section.duration("min_backoff")?.unwrap_or(std::time::Duration::from_millis(30));
    let backoff_max = section.duration("max_backoff")?.unwrap_or(std::time::Duration::from_secs(5));
    if backoff_max < backoff_min {
        return section.fail(
            "max_backoff",
            "remote write queue max_backoff must not be less than min_backoff",
        );
    }
    section.finish()
}

/// `remote_read`: one entry per source.
pub(crate) fn read_remote_read(list: &[std::rc::Rc<Node>]) -> Result<()> {
    let mut names = Vec::new();
    for node in list {
        if node.is_null() {
            return fail(node, "empty or null remote read config section");
        }
        let mut section = Section::of(node, "config.RemoteReadConfig")?;
        if section.get("url").is_none() {
            return fail(node, "url for remote_read is empty");
        }
        section.string("url")?;
        section.duration("remote_timeout")?;
        section.uint("chunked_read_limit")?;
        check_headers(
            &mut section,
            "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter",
        )?;
        section.boolean("read_recent")?;
        section.boolean("filter_external_labels")?;
        section.string_map("required_matchers")?;
        HttpClientConfig::read(&mut section, "", &mut Vec::new())?;
        let name = section.string_or_empty("name")?;
        if !name.is_empty() && names.contains(&name) {
            return fail(
                node,
                format!("found multiple remote read configs with job name {name:?}"),
            );
        }
        names.push(name);
        section.finish()?;
    }
    Ok(())
}

/// `tracing`: where the server would send its own spans.
pub(crate) fn read_tracing(node: &Node) -> Result<()> {
    let mut section = Section::of(node, "config.TracingConfig")?;
    if let Some(kind) = section.string("client_type")?
        && kind != "http"
        && kind != "grpc"
    {
        return section.fail(
            "client_type",
            format!("expected tracing client type to be to be http or grpc, but got {kind}"),
        );
    }
    section.float("sampling_fraction")?;
    section.boolean("insecure")?;
    section.duration("timeout")?;
    section.get("tls_config").map(TlsConfig::read).transpose()?;
    check_headers(&mut section, "custom authorization header configuration is not yet supported")?;
    if section.string_or_empty("endpoint")?.is_empty() {
        return fail(node, "tracing endpoint must be set");
    }
    if let Some(compression) = section.string("compression")?
        && compression != "gzip"
        && !compression.is_empty()
    {
        return section.fail(
            "compression",
            format!("invalid compression type {compression} provided, valid options: gzip"),
        );
    }
    section.finish()
}
