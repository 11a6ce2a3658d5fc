//! What a service discovery section must say beyond the types of its keys.

use super::discovery::{TableHttp, check_http_url, text_of};
use super::section::{Result, Section, fail, items};

/// Checks a section whose keys were read by its table.
pub(crate) fn check(key: &str, entry: &mut Section<'_>, http: &TableHttp) -> Result<()> {
    match key {
        "azure_sd_configs" => azure(entry),
        "consul_sd_configs" => consul(entry, http),
        "dns_sd_configs" => dns(entry),
        "ec2_sd_configs" | "aws_sd_configs" => filters(entry),
        "kubernetes_sd_configs" => kubernetes(entry, http),
        "marathon_sd_configs" => marathon(entry, http),
        "openstack_sd_configs" => openstack(entry),
        "outscale_sd_configs" => {
            require(
                entry,
                &[
                    ("region", "outscale SD configuration requires a region"),
                    ("access_key", "outscale SD configuration requires access_key"),
                ],
            )?;
            one_secret_key(entry)
        }
        "scaleway_sd_configs" => {
            require(
                entry,
                &[
                    ("role", "role missing (one of: instance, baremetal)"),
                    ("project_id", "project_id is mandatory"),
                ],
            )?;
            one_secret_key(entry)?;
            require(entry, &[("access_key", "access_key is mandatory")])
        }
        "ovhcloud_sd_configs" => {
            require(
                entry,
                &[
                    ("endpoint", "endpoint can not be empty"),
                    ("application_key", "application key can not be empty"),
                    ("application_secret", "application secret can not be empty"),
                    ("consumer_key", "consumer key can not be empty"),
                ],
            )?;
            match text_of(entry, "service").as_str() {
                "vps" | "dedicated_server" => Ok(()),
                other => entry.fail("service", format!("unknown service: {other}")),
            }
        }
        "puppetdb_sd_configs" => {
            if let Err(why) = check_http_url(&text_of(entry, "url")) {
                return entry.fail("url", why);
            }
            require(entry, &[("query", "query missing")])
        }
        "oci_sd_configs" => oci(entry),
        "stackit_sd_configs" => stackit(entry),
        "serverset_sd_configs" | "nerve_sd_configs" => zookeeper(key, entry),
        "eureka_sd_configs" => {
            require(entry, &[("server", "eureka_sd: empty or null eureka server")])?;
            match text_of(entry, "server").split_once("://") {
                Some((scheme, host)) if !scheme.is_empty() && !host.is_empty() => Ok(()),
                _ => entry.fail("server", "eureka_sd: invalid eureka server URL"),
            }
        }
        _ => require(entry, required(key)),
    }
}

/// Keys that must not be empty, with the message when they are.
fn required(key: &str) -> &'static [(&'static str, &'static str)] {
    match key {
        "docker_sd_configs" => &[("host", "host missing")],
        "dockerswarm_sd_configs" => {
            &[("host", "host missing"), ("role", "role missing (one of: tasks, services, nodes)")]
        }
        "gce_sd_configs" => &[
            ("project", "GCE SD configuration requires a project"),
            ("zone", "GCE SD configuration requires a zone"),
        ],
        "hetzner_sd_configs" => &[("role", "role missing (one of: robot, hcloud)")],
        "ionos_sd_configs" => &[("datacenter_id", "datacenter id can't be empty")],
        "kuma_sd_configs" => &[("server", "kuma SD server must not be empty: ")],
        "triton_sd_configs" => &[
            ("account", "triton SD configuration requires an account"),
            ("dns_suffix", "triton SD configuration requires a dns_suffix"),
            ("endpoint", "triton SD configuration requires an endpoint"),
        ],
        "uyuni_sd_configs" => &[
            ("server", "Uyuni SD configuration requires server host"),
            ("username", "Uyuni SD configuration requires a username"),
            ("password", "Uyuni SD configuration requires a password"),
        ],
        _ => &[],
    }
}

fn require(entry: &mut Section<'_>, keys: &[(&str, &str)]) -> Result<()> {
    for (key, message) in keys {
        if text_of(entry, key).is_empty() {
            return entry.fail(key, *message);
        }
    }
    Ok(())
}

fn one_secret_key(entry: &mut Section<'_>) -> Result<()> {
    let set = ["secret_key", "secret_key_file"].map(|key| !text_of(entry, key).is_empty());
    match set {
        [false, false] => {
            entry.fail("secret_key", "one of secret_key & secret_key_file must be configured")
        }
        [true, true] => entry
            .fail("secret_key", "at most one of secret_key & secret_key_file must be configured"),
        _ => Ok(()),
    }
}

fn azure(entry: &mut Section<'_>) -> Result<()> {
    require(entry, &[("subscription_id", "azure SD configuration requires a subscription_id")])?;
    match text_of(entry, "authentication_method").as_str() {
        "" | "OAuth" => require(entry, &[("tenant_id", "azure SD configuration requires a tenant_id"), ("client_id", "azure SD configuration requires a client_id"), ("client_secret", "azure SD configuration requires a client_secret")]),
        "ManagedIdentity" | "SDK" | "WorkloadIdentity" => Ok(()),
        other => entry.fail("authentication_method", format!(r#"unknown authentication_type {other:?}. Supported types are "OAuth", "ManagedIdentity", "SDK" or "WorkloadIdentity""#)),
    }
}

fn consul(entry: &mut Section<'_>, http: &TableHttp) -> Result<()> {
    let given = entry.get("server").is_some();
    if given && text_of(entry, "server").trim().is_empty() {
        return entry.fail("server", "consul SD configuration requires a server address");
    }
    let named = ["username", "password"].iter().any(|key| !text_of(entry, key).is_empty());
    if named && http.client.basic_auth.is_some() {
        return entry.fail("username", "at most one of consul SD configuration username and password and basic auth can be configured");
    }
    if !text_of(entry, "token").is_empty()
        && (http.client.authorization.is_some() || http.client.oauth2)
    {
        return entry.fail(
            "token",
            "at most one of consul SD token, authorization, or oauth2 can be configured",
        );
    }
    Ok(())
}

fn dns(entry: &mut Section<'_>) -> Result<()> {
    if entry.strings("names")?.is_empty() {
        return entry.fail("names", "DNS-SD config must contain at least one SRV record name");
    }
    let port = entry.int("port")?.unwrap_or(0);
    match text_of(entry, "type").to_ascii_uppercase().as_str() {
        "" | "SRV" => Ok(()),
        "A" | "AAAA" | "MX" | "NS" if port != 0 => Ok(()),
        "A" | "AAAA" | "MX" | "NS" => entry
            .fail("port", "a port is required in DNS-SD configs for all record types except SRV"),
        other => entry.fail("type", format!("invalid DNS-SD records type {other}")),
    }
}

fn filters(entry: &mut Section<'_>) -> Result<()> {
    for node in entry.list("filters")? {
        if Section::of(node, "EC2Filter")?.strings("values")?.is_empty() {
            return fail(node, "EC2 SD configuration filter values cannot be empty");
        }
    }
    Ok(())
}

fn kubernetes(entry: &mut Section<'_>, http: &TableHttp) -> Result<()> {
    require(
        entry,
        &[("role", "role missing (one of: pod, service, endpoints, endpointslice, node, ingress)")],
    )?;
    let api_server = !text_of(entry, "api_server").is_empty();
    let kubeconfig = !text_of(entry, "kubeconfig_file").is_empty();
    let own = match entry.get("namespaces") {
        Some(node) => Section::of(node, "namespaces")?.boolean("own_namespace")?.unwrap_or(false),
        None => false,
    };
    let custom = http.any || !http.client.follow_redirects || !http.client.enable_http2;
    let problem = if api_server && kubeconfig {
        "cannot use 'kubeconfig_file' and 'api_server' simultaneously"
    } else if kubeconfig && custom {
        "cannot use a custom HTTP client configuration together with 'kubeconfig_file'"
    } else if !api_server && custom {
        "to use custom HTTP client configuration please provide the 'api_server' URL explicitly"
    } else if api_server && own {
        "cannot use 'api_server' and 'namespaces.own_namespace' simultaneously"
    } else if kubeconfig && own {
        "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously"
    } else {
        return kubernetes_selectors(entry);
    };
    entry.fail("role", problem)
}

fn kubernetes_selectors(entry: &mut Section<'_>) -> Result<()> {
    let role = text_of(entry, "role");
    let allowed: &[&str] = match role.as_str() {
        "pod" => &["pod", "node"],
        "endpointslice" => &["pod", "service", "endpointslice"],
        "endpoints" => &["pod", "service", "endpoints"],
        "service" => &["service"],
        "node" => &["node"],
        _ => &["ingress"],
    };
    let mut seen = Vec::new();
    for node in entry.list("selectors")? {
        let mut selector = Section::of(node, "selector")?;
        let of = text_of(&mut selector, "role");
        if !allowed.contains(&of.as_str()) {
            return fail(
                node,
                format!("{role} role supports only {} selectors", allowed.join(", ")),
            );
        }
        if seen.contains(&of) {
            return fail(node, format!("duplicated selector role: {of}"));
        }
        seen.push(of);
        for term in text_of(&mut selector, "field").split(',').filter(|term| !term.is_empty()) {
            if !term.contains('=') {
                return fail(
                    node,
                    format!("invalid selector: '{term}'; can't understand '{term}'"),
                );
            }
        }
    }
    Ok(())
}

fn marathon(entry: &mut Section<'_>, http: &TableHttp) -> Result<()> {
    if entry.get("servers").map_or(Ok(0), |node| items(node).map(<[_]>::len))? == 0 {
        return entry.fail("servers", "marathon_sd: must contain at least one Marathon server");
    }
    let set = ["auth_token", "auth_token_file"].map(|key| !text_of(entry, key).is_empty());
    let problem = match set {
        [false, false] => return Ok(()),
        [true, true] => {
            "marathon_sd: at most one of auth_token & auth_token_file must be configured"
        }
        _ if http.client.basic_auth.is_some() => {
            "marathon_sd: at most one of basic_auth, auth_token & auth_token_file must be configured"
        }
        _ if http.has_bearer => {
            "marathon_sd: at most one of bearer_token, bearer_token_file, auth_token & auth_token_file must be configured"
        }
        _ if http.client.authorization.is_some() => {
            "marathon_sd: at most one of auth_token, auth_token_file & authorization must be configured"
        }
        _ => return Ok(()),
    };
    entry.fail("auth_token", problem)
}

fn openstack(entry: &mut Section<'_>) -> Result<()> {
    match text_of(entry, "availability").as_str() {
        "" | "public" | "internal" | "admin" => {}
        other => {
            return entry.fail(
                "availability",
                format!("unknown availability {other}, must be one of admin, internal or public"),
            );
        }
    }
    require(
        entry,
        &[
            ("role", "role missing (one of: instance, hypervisor, loadbalancer)"),
            ("region", "openstack SD configuration requires a region"),
        ],
    )
}

fn oci(entry: &mut Section<'_>) -> Result<()> {
    require(entry, &[("region", "oci_sd: region is required")])?;
    match text_of(entry, "auth").as_str() {
        "" | "api_key" => require(entry, &[("tenancy", "oci_sd: api_key auth requires tenancy"), ("user", "oci_sd: api_key auth requires user"), ("fingerprint", "oci_sd: api_key auth requires fingerprint"), ("key_file", "oci_sd: api_key auth requires key_file")]),
        "instance_principal" => {
            let keys = ["tenancy", "user", "fingerprint", "key_file", "key_passphrase", "key_passphrase_file"];
            if keys.iter().any(|key| !text_of(entry, key).is_empty()) {
                return entry.fail("auth", "oci_sd: instance_principal auth must not have tenancy, user, fingerprint, key_file, key_passphrase, or key_passphrase_file set");
            }
            Ok(())
        }
        other => entry.fail("auth", format!(r#"oci_sd: unknown auth method {other:?}, expected "api_key" or "instance_principal""#)),
    }
}

fn stackit(entry: &mut Section<'_>) -> Result<()> {
    let endpoint = text_of(entry, "endpoint");
    if endpoint.is_empty() {
        return require(entry, &[("region", "stackit_sd: endpoint and region missing")]);
    }
    let first = endpoint.split(['/', '?', '#']).next().unwrap_or_default();
    let bad_scheme = first.split_once(':').is_some_and(|(scheme, _)| {
        scheme.is_empty() || !scheme.starts_with(|c: char| c.is_ascii_alphabetic())
    });
    if bad_scheme || endpoint.chars().any(|c| c.is_control() || c == ' ') {
        return entry.fail("endpoint", format!("stackit_sd: invalid endpoint {endpoint:?}"));
    }
    Ok(())
}

fn zookeeper(key: &str, entry: &mut Section<'_>) -> Result<()> {
    let kind = key.trim_end_matches("_sd_configs");
    if entry.strings("servers")?.is_empty() {
        return entry.fail(
            "servers",
            format!("{kind} SD config must contain at least one Zookeeper server"),
        );
    }
    let paths = entry.strings("paths")?;
    if paths.is_empty() {
        return entry.fail("paths", format!("{kind} SD config must contain at least one path"));
    }
    match paths.iter().find(|path| !path.starts_with('/')) {
        Some(path) => {
            entry.fail("paths", format!("{kind} SD config paths must begin with '/': {path}"))
        }
        None => Ok(()),
    }
}
