//! How to talk HTTP to a target or a service: credentials, TLS, redirects, proxies. The keys are
//! inlined in the sections that use them.

use std::path::Path;

use super::error::Notice;
use super::section::{Result, Section, fail, items, strings};
use super::yaml::{Kind, Node};

/// A text that never shows in logs and status pages.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "\"\"" } else { "<secret>" })
    }
}

impl Secret {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A value given in place or read from a file at each use, so that rotation needs no reload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credential {
    pub value: Secret,
    pub file: String,
}

impl Credential {
    fn read(section: &mut Section<'_>, key: &str, file_key: &str) -> Result<Self> {
        Ok(Self {
            value: Secret(section.string_or_empty(key)?),
            file: section.string_or_empty(file_key)?,
        })
    }

    pub fn is_set(&self) -> bool {
        !self.value.is_empty() || !self.file.is_empty()
    }

    fn is_twice(&self) -> bool {
        !self.value.is_empty() && !self.file.is_empty()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasicAuth {
    pub username: Credential,
    pub password: Credential,
}

/// An `Authorization` header of any scheme but basic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    pub scheme: String,
    pub credentials: Credential,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsConfig {
    pub ca: Credential,
    pub cert: Credential,
    pub key: Credential,
    pub server_name: String,
    pub insecure_skip_verify: bool,
}

/// One configured request header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpHeader {
    pub name: String,
    pub values: Vec<Secret>,
    pub files: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpClientConfig {
    pub basic_auth: Option<BasicAuth>,
    pub authorization: Option<Authorization>,
    /// Configured, checked, and not acted on: requests would go out without a token.
    pub oauth2: bool,
    pub tls: TlsConfig,
    pub follow_redirects: bool,
    pub enable_http2: bool,
    pub headers: Vec<HttpHeader>,
}

impl Default for HttpClientConfig {
    fn default() -> Self {
        Self {
            basic_auth: None,
            authorization: None,
            oauth2: false,
            tls: TlsConfig::default(),
            follow_redirects: true,
            enable_http2: true,
            headers: Vec::new(),
        }
    }
}

/// What [`HttpClientConfig::read`] found, for checks that need more than the result.
pub(crate) struct HttpKeys {
    pub(crate) has_bearer: bool,
    pub(crate) any: bool,
}

const KEYS: [&str; 11] = [
    "basic_auth",
    "authorization",
    "oauth2",
    "bearer_token",
    "bearer_token_file",
    "tls_config",
    "proxy_url",
    "no_proxy",
    "proxy_from_environment",
    "proxy_connect_header",
    "http_headers",
];

impl HttpClientConfig {
    /// Reads the keys inlined in `section`; `place` names it in notices.
    pub(crate) fn read(
        section: &mut Section<'_>,
        place: &str,
        notices: &mut Vec<Notice>,
    ) -> Result<(Self, HttpKeys)> {
        for key in ["oauth2", "proxy_url", "proxy_from_environment", "proxy_connect_header"] {
            section.not_acted_on(key, place, notices);
        }
        if let Some(node) = section.get("tls_config") {
            let tls = Section::of(node, "config.TLSConfig")?;
            for key in ["server_name", "min_version", "max_version"] {
                tls.not_acted_on(key, &format!("{place}tls_config."), notices);
            }
        }
        let any = KEYS.iter().any(|key| section.get(key).is_some());
        let mut config = Self {
            basic_auth: section.get("basic_auth").map(basic_auth).transpose()?,
            authorization: section.get("authorization").map(authorization).transpose()?,
            oauth2: section.get("oauth2").map(oauth2).transpose()?.is_some(),
            tls: section.get("tls_config").map_or(Ok(TlsConfig::default()), TlsConfig::read)?,
            follow_redirects: section.boolean("follow_redirects")?.unwrap_or(true),
            enable_http2: section.boolean("enable_http2")?.unwrap_or(true),
            headers: section.get("http_headers").map_or(Ok(Vec::new()), headers)?,
        };
        let bearer = Credential::read(section, "bearer_token", "bearer_token_file")?;
        proxy(section)?;
        config.check(section, &bearer)?;
        let keys = HttpKeys { has_bearer: bearer.is_set(), any };
        if config.authorization.is_none() && bearer.is_set() {
            config.authorization =
                Some(Authorization { scheme: "Bearer".into(), credentials: bearer });
        }
        Ok((config, keys))
    }

    fn check(&self, section: &Section<'_>, bearer: &Credential) -> Result<()> {
        if bearer.is_twice() {
            return section.fail(
                "bearer_token",
                "at most one of bearer_token & bearer_token_file must be configured",
            );
        }
        if (self.basic_auth.is_some() || self.oauth2) && bearer.is_set() {
            return section.fail("bearer_token", "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured");
        }
        if self.authorization.is_some() && bearer.is_set() {
            return section.fail(
                "authorization",
                "authorization is not compatible with bearer_token & bearer_token_file",
            );
        }
        let ways = [self.basic_auth.is_some(), self.oauth2, self.authorization.is_some()];
        if ways.iter().filter(|way| **way).count() > 1 {
            return section.fail(
                "authorization",
                "at most one of basic_auth, oauth2 & authorization must be configured",
            );
        }
        Ok(())
    }

    /// Makes relative file names relative to `dir`.
    pub(crate) fn set_directory(&mut self, dir: &Path) {
        let basic = self.basic_auth.iter_mut().flat_map(|b| [&mut b.username, &mut b.password]);
        let bearer = self.authorization.iter_mut().map(|a| &mut a.credentials);
        let tls = [&mut self.tls.ca, &mut self.tls.cert, &mut self.tls.key];
        let headers = self.headers.iter_mut().flat_map(|h| &mut h.files);
        let files = basic.chain(bearer).chain(tls).map(|credential| &mut credential.file);
        for file in files.chain(headers) {
            join_directory(dir, file);
        }
    }
}

/// Prefixes a relative, non-empty file name.
pub(crate) fn join_directory(dir: &Path, file: &mut String) {
    if !file.is_empty() && Path::new(file.as_str()).is_relative() {
        *file = dir.join(&*file).to_string_lossy().into_owned();
    }
}

/// The keys of `_ref` name secrets of a manager that a server has to be built with.
fn no_reference(section: &mut Section<'_>, keys: &[&str]) -> Result<()> {
    for key in keys {
        if let Some(node) = section.get(key) {
            return fail(node, format!("{key}: there is no secret manager to resolve it"));
        }
    }
    Ok(())
}

fn basic_auth(node: &Node) -> Result<BasicAuth> {
    let mut section = Section::of(node, "config.BasicAuth")?;
    let username = Credential::read(&mut section, "username", "username_file")?;
    let password = Credential::read(&mut section, "password", "password_file")?;
    no_reference(&mut section, &["username_ref", "password_ref"])?;
    if username.is_twice() {
        return fail(
            node,
            "at most one of basic_auth username, username_file & username_ref must be configured",
        );
    }
    if password.is_twice() {
        return fail(
            node,
            "at most one of basic_auth password, password_file & password_ref must be configured",
        );
    }
    section.finish()?;
    Ok(BasicAuth { username, password })
}

fn authorization(node: &Node) -> Result<Authorization> {
    let mut section = Section::of(node, "config.Authorization")?;
    let scheme = section.string_or_empty("type")?.trim().to_owned();
    let credentials = Credential::read(&mut section, "credentials", "credentials_file")?;
    no_reference(&mut section, &["credentials_ref"])?;
    if credentials.is_twice() {
        return fail(
            node,
            "at most one of authorization credentials & credentials_file must be configured",
        );
    }
    if scheme.eq_ignore_ascii_case("basic") {
        return section.fail(
            "type",
            r#"authorization type cannot be set to "basic", use "basic_auth" instead"#,
        );
    }
    section.finish()?;
    let scheme = if scheme.is_empty() { "Bearer".to_owned() } else { scheme };
    Ok(Authorization { scheme, credentials })
}

fn oauth2(node: &Node) -> Result<()> {
    let mut section = Section::of(node, "config.OAuth2")?;
    let id = section.string_or_empty("client_id")?;
    let token_url = section.string_or_empty("token_url")?;
    let secret = Credential::read(&mut section, "client_secret", "client_secret_file")?;
    let key =
        Credential::read(&mut section, "client_certificate_key", "client_certificate_key_file")?;
    no_reference(&mut section, &["client_secret_ref", "client_certificate_key_ref"])?;
    for key in ["client_certificate_key_id", "grant_type", "signature_algorithm", "iss", "audience"]
    {
        section.string(key)?;
    }
    section.get("claims");
    section.strings("scopes")?;
    section.string_map("endpoint_params")?;
    section.get("tls_config").map(TlsConfig::read).transpose()?;
    proxy(&mut section)?;
    if id.is_empty() {
        return fail(node, "oauth2 client_id must be configured");
    }
    if token_url.is_empty() {
        return fail(node, "oauth2 token_url must be configured");
    }
    if secret.is_twice() || key.is_twice() {
        return fail(
            node,
            "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials",
        );
    }
    section.finish()
}

fn headers(node: &Node) -> Result<Vec<HttpHeader>> {
    const RESERVED: [&str; 18] = [
        "authorization",
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
        "x-prometheus-scrape-timeout-seconds",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-content-sha256",
    ];
    let Kind::Map(entries) = &node.kind else { return fail(node, "http_headers must be a map") };
    let mut found = Vec::new();
    for (key, value) in entries {
        let name = super::section::text(key)?;
        if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
            return fail(key, format!("setting header {name:?} is not allowed"));
        }
        let mut section = Section::of(value, "config.Header")?;
        let mut values = section.strings("values")?;
        values.extend(section.strings("secrets")?);
        let files = section.strings("files")?;
        section.finish()?;
        let values = values.into_iter().map(Secret).collect();
        found.push(HttpHeader { name: name.to_owned(), values, files });
    }
    Ok(found)
}

fn proxy(section: &mut Section<'_>) -> Result<()> {
    let url = section.string_or_empty("proxy_url")?;
    let exceptions = section.string_or_empty("no_proxy")?;
    let environment = section.boolean("proxy_from_environment")?.unwrap_or(false);
    let mut connect_header = false;
    if let Some(node) = section.get("proxy_connect_header") {
        let Kind::Map(entries) = &node.kind else {
            return fail(node, "proxy_connect_header must be a map of lists");
        };
        for (_, values) in entries {
            items(values).and_then(|_| strings(values))?;
        }
        connect_header = !entries.is_empty();
    }
    if connect_header && !environment && url.is_empty() {
        return section.fail("proxy_connect_header", "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured");
    }
    if environment && !url.is_empty() {
        return section.fail(
            "proxy_url",
            "if proxy_from_environment is configured, proxy_url must not be configured",
        );
    }
    if environment && !exceptions.is_empty() {
        return section.fail(
            "no_proxy",
            "if proxy_from_environment is configured, no_proxy must not be configured",
        );
    }
    if url.is_empty() && !exceptions.is_empty() {
        return section
            .fail("no_proxy", "if no_proxy is configured, proxy_url must also be configured");
    }
    Ok(())
}

impl TlsConfig {
    pub(crate) fn read(node: &Node) -> Result<Self> {
        let mut section = Section::of(node, "config.TLSConfig")?;
        let config = Self {
            ca: Credential::read(&mut section, "ca", "ca_file")?,
            cert: Credential::read(&mut section, "cert", "cert_file")?,
            key: Credential::read(&mut section, "key", "key_file")?,
            server_name: section.string_or_empty("server_name")?,
            insecure_skip_verify: section.boolean("insecure_skip_verify")?.unwrap_or(false),
        };
        no_reference(&mut section, &["ca_ref", "cert_ref", "key_ref"])?;
        for key in ["min_version", "max_version"] {
            if let Some(version) = section.string(key)?
                && !matches!(version.as_str(), "TLS10" | "TLS11" | "TLS12" | "TLS13")
            {
                return section.fail(key, format!("unknown TLS version: {version}"));
            }
        }
        for (credential, names) in [
            (&config.ca, "ca, ca_file & ca_ref"),
            (&config.cert, "cert, cert_file & cert_ref"),
            (&config.key, "key and key_file"),
        ] {
            if credential.is_twice() {
                return fail(node, format!("at most one of {names} must be configured"));
            }
        }
        if config.cert.is_set() && !config.key.is_set() {
            return fail(
                node,
                "exactly one of key or key_file must be configured when a client certificate is configured",
            );
        }
        if config.key.is_set() && !config.cert.is_set() {
            return fail(
                node,
                "exactly one of cert or cert_file must be configured when a client key is configured",
            );
        }
        section.finish()?;
        Ok(config)
    }
}
