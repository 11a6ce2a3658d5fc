//! The keys of every service discovery that is checked but not acted on.
//! Source: <https://prometheus.io/docs/prometheus/latest/configuration/configuration/>.

/// What a value must be.
pub(crate) enum Field {
    Text,
    Bool,
    Int,
    Duration,
    Texts,
    TextMap,
    Tls,
    /// One of the words; otherwise the message, followed by what stood there.
    OneOf(&'static [&'static str], &'static str),
    Section(&'static [(&'static str, Field)]),
    Sections(&'static [(&'static str, Field)]),
}

pub(crate) struct Table {
    pub(crate) key: &'static str,
    /// The keys of an HTTP client are inlined.
    pub(crate) http: bool,
    pub(crate) fields: &'static [(&'static str, Field)],
}

use Field::{Bool, Duration, Int, OneOf, Section, Sections, Text, TextMap, Texts, Tls};

const FILTERS: Field = Sections(&[("name", Text), ("values", Texts)]);

const fn http(key: &'static str, fields: &'static [(&'static str, Field)]) -> Table {
    Table { key, http: true, fields }
}

const fn plain(key: &'static str, fields: &'static [(&'static str, Field)]) -> Table {
    Table { key, http: false, fields }
}

pub(crate) const TABLES: &[Table] = &[
    http(
        "aws_sd_configs",
        &[
            (
                "role",
                OneOf(
                    &["ec2", "ecs", "elasticache", "lightsail", "msk", "rds"],
                    "unknown AWS SD role",
                ),
            ),
            ("region", Text),
            ("endpoint", Text),
            ("access_key", Text),
            ("secret_key", Text),
            ("profile", Text),
            ("role_arn", Text),
            ("external_id", Text),
            ("refresh_interval", Duration),
            ("port", Int),
            ("filters", FILTERS),
            ("clusters", Texts),
        ],
    ),
    http(
        "azure_sd_configs",
        &[
            ("environment", Text),
            ("port", Int),
            ("subscription_id", Text),
            ("tenant_id", Text),
            ("client_id", Text),
            ("client_secret", Text),
            ("refresh_interval", Duration),
            ("authentication_method", Text),
            ("resource_group", Text),
        ],
    ),
    http(
        "consul_sd_configs",
        &[
            ("server", Text),
            ("path_prefix", Text),
            ("token", Text),
            ("datacenter", Text),
            ("namespace", Text),
            ("partition", Text),
            ("tag_separator", Text),
            ("scheme", Text),
            ("username", Text),
            ("password", Text),
            ("allow_stale", Bool),
            ("refresh_interval", Duration),
            ("services", Texts),
            ("tags", Texts),
            ("node_meta", TextMap),
            ("filter", Text),
            ("health_filter", Text),
        ],
    ),
    http(
        "digitalocean_sd_configs",
        &[
            ("refresh_interval", Duration),
            ("port", Int),
            ("role", OneOf(&["droplets", "databases"], "unknown DigitalOcean SD role")),
        ],
    ),
    http(
        "docker_sd_configs",
        &[
            ("host", Text),
            ("port", Int),
            ("filters", FILTERS),
            ("host_networking_host", Text),
            ("refresh_interval", Duration),
            ("match_first_network", Bool),
        ],
    ),
    http(
        "dockerswarm_sd_configs",
        &[
            ("host", Text),
            (
                "role",
                OneOf(
                    &["services", "nodes", "tasks"],
                    "invalid role, expected tasks, services, or nodes:",
                ),
            ),
            ("port", Int),
            ("filters", FILTERS),
            ("refresh_interval", Duration),
        ],
    ),
    plain(
        "dns_sd_configs",
        &[("names", Texts), ("refresh_interval", Duration), ("type", Text), ("port", Int)],
    ),
    http(
        "ec2_sd_configs",
        &[
            ("endpoint", Text),
            ("region", Text),
            ("access_key", Text),
            ("secret_key", Text),
            ("profile", Text),
            ("role_arn", Text),
            ("external_id", Text),
            ("refresh_interval", Duration),
            ("port", Int),
            ("filters", FILTERS),
        ],
    ),
    http("ecs_sd_configs", AWS_CLUSTERS),
    http("elasticache_sd_configs", AWS_CLUSTERS),
    http("msk_sd_configs", AWS_CLUSTERS),
    http("rds_sd_configs", AWS_CLUSTERS),
    http("eureka_sd_configs", &[("server", Text), ("refresh_interval", Duration)]),
    plain(
        "gce_sd_configs",
        &[
            ("project", Text),
            ("zone", Text),
            ("filter", Text),
            ("refresh_interval", Duration),
            ("port", Int),
            ("tag_separator", Text),
        ],
    ),
    http(
        "hetzner_sd_configs",
        &[
            ("refresh_interval", Duration),
            ("port", Int),
            ("role", OneOf(&["robot", "hcloud"], "unknown role")),
            ("label_selector", Text),
        ],
    ),
    http(
        "ionos_sd_configs",
        &[("datacenter_id", Text), ("refresh_interval", Duration), ("port", Int)],
    ),
    http(
        "kubernetes_sd_configs",
        &[
            ("api_server", Text),
            ("role", OneOf(KUBERNETES_ROLES, "unknown Kubernetes SD role")),
            ("kubeconfig_file", Text),
            ("namespaces", Section(&[("own_namespace", Bool), ("names", Texts)])),
            (
                "selectors",
                Sections(&[
                    ("role", OneOf(KUBERNETES_ROLES, "unknown Kubernetes SD role")),
                    ("label", Text),
                    ("field", Text),
                ]),
            ),
            (
                "attach_metadata",
                Section(&[
                    ("node", Bool),
                    ("namespace", Bool),
                    ("deployment", Bool),
                    ("job", Bool),
                    ("cronjob", Bool),
                ]),
            ),
        ],
    ),
    http(
        "kuma_sd_configs",
        &[
            ("server", Text),
            ("client_id", Text),
            ("refresh_interval", Duration),
            ("fetch_timeout", Duration),
        ],
    ),
    http(
        "lightsail_sd_configs",
        &[
            ("endpoint", Text),
            ("region", Text),
            ("access_key", Text),
            ("secret_key", Text),
            ("profile", Text),
            ("role_arn", Text),
            ("external_id", Text),
            ("refresh_interval", Duration),
            ("port", Int),
        ],
    ),
    http(
        "linode_sd_configs",
        &[("refresh_interval", Duration), ("port", Int), ("tag_separator", Text), ("region", Text)],
    ),
    http(
        "marathon_sd_configs",
        &[
            ("servers", Texts),
            ("refresh_interval", Duration),
            ("auth_token", Text),
            ("auth_token_file", Text),
        ],
    ),
    plain("nerve_sd_configs", &[("servers", Texts), ("paths", Texts), ("timeout", Duration)]),
    http(
        "nomad_sd_configs",
        &[
            ("allow_stale", Bool),
            ("namespace", Text),
            ("refresh_interval", Duration),
            ("region", Text),
            ("server", Text),
            ("tag_separator", Text),
        ],
    ),
    http(
        "oci_sd_configs",
        &[
            ("auth", Text),
            ("tenancy", Text),
            ("user", Text),
            ("fingerprint", Text),
            ("key_file", Text),
            ("key_passphrase", Text),
            ("key_passphrase_file", Text),
            ("region", Text),
            ("compartments", Texts),
            ("port", Int),
            ("refresh_interval", Duration),
        ],
    ),
    plain(
        "openstack_sd_configs",
        &[
            ("identity_endpoint", Text),
            ("username", Text),
            ("userid", Text),
            ("password", Text),
            ("project_name", Text),
            ("project_id", Text),
            ("domain_name", Text),
            ("domain_id", Text),
            ("application_credential_name", Text),
            ("application_credential_id", Text),
            ("application_credential_secret", Text),
            (
                "role",
                OneOf(&["instance", "hypervisor", "loadbalancer"], "unknown OpenStack SD role"),
            ),
            ("region", Text),
            ("refresh_interval", Duration),
            ("port", Int),
            ("all_tenants", Bool),
            ("tls_config", Tls),
            ("availability", Text),
        ],
    ),
    http(
        "outscale_sd_configs",
        &[
            ("endpoint", Text),
            ("region", Text),
            ("access_key", Text),
            ("secret_key", Text),
            ("secret_key_file", Text),
            ("refresh_interval", Duration),
            ("port", Int),
        ],
    ),
    plain(
        "ovhcloud_sd_configs",
        &[
            ("endpoint", Text),
            ("application_key", Text),
            ("application_secret", Text),
            ("consumer_key", Text),
            ("refresh_interval", Duration),
            ("service", Text),
        ],
    ),
    http(
        "puppetdb_sd_configs",
        &[
            ("refresh_interval", Duration),
            ("url", Text),
            ("query", Text),
            ("include_parameters", Bool),
            ("port", Int),
        ],
    ),
    http(
        "scaleway_sd_configs",
        &[
            ("project_id", Text),
            ("api_url", Text),
            ("zone", Text),
            ("access_key", Text),
            ("secret_key", Text),
            ("secret_key_file", Text),
            ("name_filter", Text),
            ("tags_filter", Texts),
            ("refresh_interval", Duration),
            ("port", Int),
            ("role", OneOf(&["instance", "baremetal"], "unknown role")),
        ],
    ),
    plain("serverset_sd_configs", &[("servers", Texts), ("paths", Texts), ("timeout", Duration)]),
    http(
        "stackit_sd_configs",
        &[
            ("project", Text),
            ("refresh_interval", Duration),
            ("port", Int),
            ("region", Text),
            ("endpoint", Text),
            ("service_account_key", Text),
            ("private_key", Text),
            ("service_account_key_path", Text),
            ("private_key_path", Text),
            ("credentials_file_path", Text),
        ],
    ),
    plain(
        "triton_sd_configs",
        &[
            ("account", Text),
            ("role", Text),
            ("dns_suffix", Text),
            ("endpoint", Text),
            ("groups", Texts),
            ("port", Int),
            ("refresh_interval", Duration),
            ("tls_config", Tls),
            ("version", Int),
        ],
    ),
    http(
        "uyuni_sd_configs",
        &[
            ("server", Text),
            ("username", Text),
            ("password", Text),
            ("entitlement", Text),
            ("separator", Text),
            ("refresh_interval", Duration),
        ],
    ),
    http("vultr_sd_configs", &[("refresh_interval", Duration), ("port", Int)]),
];

pub(crate) const KUBERNETES_ROLES: &[&str] =
    &["node", "pod", "service", "endpoints", "endpointslice", "ingress"];

/// The keys of the Amazon services that know clusters.
const AWS_CLUSTERS: &[(&str, Field)] = &[
    ("region", Text),
    ("endpoint", Text),
    ("access_key", Text),
    ("secret_key", Text),
    ("profile", Text),
    ("role_arn", Text),
    ("external_id", Text),
    ("clusters", Texts),
    ("port", Int),
    ("refresh_interval", Duration),
    ("request_concurrency", Int),
    ("filters", FILTERS),
];
