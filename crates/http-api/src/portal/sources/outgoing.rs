//! How a data source is asked over HTTP: its row and its secrets, read into one description.
//! Pure; `client` acts on it.

use std::time::Duration;

use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use portal::tables::{NewDataSource, SecureJsonData};
use reqwest::Url;
use serde_json::{Map, Value};

/// `httpHeaderName1` to this.
const HEADERS_MAX: usize = 64;

/// Everything about a request to a data source but what is asked. Equal descriptions may share
/// connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    /// Without credentials, query and fragment.
    pub(crate) base: Url,
    /// Set on every request, over whatever a visitor sent under the same name.
    pub(crate) headers: HeaderMap,
    /// `customQueryParameters`, added to every request.
    pub(crate) query: String,
    pub(crate) tls: Tls,
    pub(crate) timeout: Duration,
    /// Names of the visitor's cookies that are passed on.
    pub(crate) cookies: Vec<String>,
    /// How queries are sent: `httpMethod`.
    pub(crate) method: Method,
    /// What the source asks for and does not get.
    pub(crate) notices: Vec<&'static str>,
}

#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Tls {
    pub(crate) skip_verify: bool,
    /// The name that the certificate is for, when the address has another.
    pub(crate) server_name: Option<String>,
    /// PEM
    pub(crate) ca: Option<String>,
    /// PEM of the certificate chain and of its key.
    pub(crate) identity: Option<(String, String)>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls")
            .field("skip_verify", &self.skip_verify)
            .field("server_name", &self.server_name)
            .finish_non_exhaustive()
    }
}

/// The settings of a source make no request. The text says which.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the settings of data source {name:?} cannot be used: {reason}")]
pub(crate) struct BadSource {
    pub(crate) name: String,
    pub(crate) reason: String,
}

/// How long sources are waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) default: Duration,
    pub(crate) max: Duration,
}

impl Outgoing {
    pub(crate) fn of(source: &NewDataSource, timeouts: Timeouts) -> Result<Self, BadSource> {
        let secrets = &source.secure_json_data;
        let bad = |reason: String| BadSource { name: source.name.clone(), reason };
        let settings: Map<String, Value> =
            serde_json::from_str(&source.json_data).unwrap_or_default();
        let mut base = address(&source.url).map_err(bad)?;
        let mut headers = HeaderMap::new();
        if let Some(value) = basic(source, secrets, &base) {
            headers.insert(header::AUTHORIZATION, value);
        }
        // Told to the server as a header, not left in an address that ends up in messages. Setting
        // them fails for addresses that cannot have any.
        base.set_username("").ok();
        base.set_password(None).ok();
        custom_headers(&settings, secrets, &mut headers).map_err(bad)?;
        let flag = |name: &str| settings.get(name).and_then(Value::as_bool).unwrap_or_default();
        Ok(Self {
            base,
            headers,
            query: text(&settings, "customQueryParameters").trim_start_matches('?').to_owned(),
            tls: tls(&settings, secrets).map_err(bad)?,
            timeout: timeout(&settings, timeouts),
            cookies: strings(settings.get("keepCookies")),
            method: if text(&settings, "httpMethod").eq_ignore_ascii_case("GET") {
                Method::GET
            } else {
                Method::POST
            },
            notices: NOT_SUPPORTED
                .iter()
                .filter(|(name, _)| flag(name))
                .map(|(_, notice)| *notice)
                .collect(),
        })
    }
}

/// The headers that a source is to be sent, alone.
pub(crate) fn custom_headers_of(source: &NewDataSource) -> Result<HeaderMap, BadSource> {
    let secrets = &source.secure_json_data;
    let settings: Map<String, Value> = serde_json::from_str(&source.json_data).unwrap_or_default();
    let mut headers = HeaderMap::new();
    custom_headers(&settings, secrets, &mut headers)
        .map_err(|reason| BadSource { name: source.name.clone(), reason })?;
    Ok(headers)
}

/// Ways to sign in that are not there.
const NOT_SUPPORTED: [(&str, &str); 4] = [
    (
        "oauthPassThru",
        "oauthPassThru is ignored: there is no OAuth login whose token could be sent",
    ),
    ("sigV4Auth", "sigV4Auth is ignored: requests are not signed for AWS"),
    ("azureAuthEnabled", "Azure authentication is ignored"),
    ("enableSecureSocksProxy", "the secure SOCKS proxy is ignored: the source is asked directly"),
];

fn address(url: &str) -> Result<Url, String> {
    let url = url.trim();
    if url.is_empty() {
        return Err("it has no URL".to_owned());
    }
    // `host:9090` reads as the scheme `host`.
    let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let mut parsed = Url::parse(&full).map_err(|error| format!("URL: {error}"))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(format!("URL: {} is not spoken, only http and https", parsed.scheme()));
    }
    if parsed.host_str().is_none_or(str::is_empty) {
        return Err("URL: it names no host".to_owned());
    }
    parsed.set_query(None);
    parsed.set_fragment(None);
    Ok(parsed)
}

/// `basicAuth` with the secret password, or the credentials that the URL has.
fn basic(source: &NewDataSource, secrets: &SecureJsonData, base: &Url) -> Option<HeaderValue> {
    let pair = if source.basic_auth {
        let password = secrets.get("basicAuthPassword").or_else(|| secrets.get("password"));
        format!("{}:{}", source.basic_auth_user, password.unwrap_or_default())
    } else if base.username().is_empty() && base.password().is_none() {
        return None;
    } else {
        let plain = |text: &str| super::path::decode(text).unwrap_or_else(|_| text.to_owned());
        format!("{}:{}", plain(base.username()), plain(base.password().unwrap_or_default()))
    };
    let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
    let mut value = HeaderValue::from_str(&format!("Basic {encoded}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn custom_headers(
    settings: &Map<String, Value>,
    secrets: &SecureJsonData,
    headers: &mut HeaderMap,
) -> Result<(), String> {
    for number in 1..=HEADERS_MAX {
        let name = text(settings, &format!("httpHeaderName{number}"));
        if name.is_empty() {
            // As in Grafana the first gap ends the list.
            return Ok(());
        }
        let Some(value) = secrets.get(&format!("httpHeaderValue{number}")) else { continue };
        let header = HeaderName::from_bytes(name.trim().as_bytes())
            .map_err(|_| format!("httpHeaderName{number}: {name:?} is no header name"))?;
        if super::headers::is_of_the_connection(&header) {
            return Err(format!(
                "httpHeaderName{number}: {name:?} belongs to the connection and cannot be set"
            ));
        }
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| format!("httpHeaderValue{number}: it cannot be a header's value"))?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Err(format!("more than {HEADERS_MAX} headers"))
}

fn tls(settings: &Map<String, Value>, secrets: &SecureJsonData) -> Result<Tls, String> {
    let flag = |name: &str| settings.get(name).and_then(Value::as_bool).unwrap_or_default();
    let needed = |setting: &str, name: &str| {
        let secret = secrets.get(name).map(str::to_owned);
        secret.ok_or_else(|| format!("{setting} is on, but the secret {name} is missing"))
    };
    let ca = flag("tlsAuthWithCACert").then(|| needed("tlsAuthWithCACert", "tlsCACert"));
    let identity = flag("tlsAuth").then(|| {
        Ok::<_, String>((needed("tlsAuth", "tlsClientCert")?, needed("tlsAuth", "tlsClientKey")?))
    });
    let server_name = text(settings, "serverName");
    Ok(Tls {
        skip_verify: flag("tlsSkipVerify"),
        server_name: (!server_name.is_empty()).then(|| server_name.to_owned()),
        ca: ca.transpose()?,
        identity: identity.transpose()?,
    })
}

/// `timeout` in seconds, as number or text, or `queryTimeout` as a duration; the longer one, for
/// both are limits that somebody raised.
fn timeout(settings: &Map<String, Value>, timeouts: Timeouts) -> Duration {
    let seconds = match settings.get("timeout") {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let own = seconds
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let query = promql_syntax::parse_duration(text(settings, "queryTimeout").trim()).ok();
    let query = query.and_then(|ns| u64::try_from(ns).ok()).map(Duration::from_nanos);
    own.max(query.filter(|query| !query.is_zero())).unwrap_or(timeouts.default).min(timeouts.max)
}

fn text<'a>(settings: &'a Map<String, Value>, name: &str) -> &'a str {
    settings.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::Method;
    use portal::tables::NewDataSource;
    use serde_json::{Value, json};

    use super::{Outgoing, Timeouts};

    const TIMEOUTS: Timeouts =
        Timeouts { default: Duration::from_secs(30), max: Duration::from_mins(5) };

    fn outgoing(url: &str, settings: &Value, secrets: &[(&str, &str)]) -> Result<Outgoing, String> {
        let mut source = NewDataSource {
            name: "S".into(),
            url: url.into(),
            json_data: settings.to_string(),
            basic_auth: settings["basic"].is_string(),
            basic_auth_user: settings["basic"].as_str().unwrap_or_default().into(),
            ..NewDataSource::default()
        };
        let secrets = secrets.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        source.secure_json_data = secrets.collect();
        Outgoing::of(&source, TIMEOUTS).map_err(|error| error.to_string())
    }

    #[test]
    fn addresses_are_read_as_people_write_them() {
        let check = |url: &str, want: Result<&str, &str>| {
            let got = outgoing(url, &json!({}), &[]).map(|outgoing| outgoing.base.to_string());
            match (got, want) {
                (Ok(got), Ok(want)) => assert_eq!(got, want),
                (Err(got), Err(want)) => assert!(got.contains(want), "{got}"),
                (got, want) => panic!("{url}: {got:?}, not {want:?}"),
            }
        };
        check("http://prometheus:9090", Ok("http://prometheus:9090/"));
        check(" prometheus:9090/p/ ", Ok("http://prometheus:9090/p/"));
        check("https://user:pw@host/x?y=1#z", Ok("https://host/x"));
        check("http://2852039166/", Ok("http://169.254.169.254/"));
        check("http://0xa9.254.0251.254/", Ok("http://169.254.169.254/"));
        check("", Err("no URL"));
        check("ftp://host/", Err("ftp is not spoken"));
        check("file:///etc/passwd", Err("file is not spoken"));
        check("http://", Err("URL"));
        check("http://[::1", Err("URL"));
    }

    #[test]
    fn credentials_and_headers_are_set() {
        let settings = json!({
            "basic": "ada", "httpHeaderName1": "X-Tenant-ID", "httpHeaderName2": "X-None",
            "httpHeaderName4": "X-Beyond-The-Gap",
        });
        let secrets = [
            ("basicAuthPassword", "p:w"),
            ("httpHeaderValue1", "tenant-123"),
            ("httpHeaderValue4", "no"),
        ];
        let got = outgoing("http://h", &settings, &secrets).unwrap();
        assert_eq!(got.headers["authorization"], "Basic YWRhOnA6dw==");
        assert_eq!(got.headers["x-tenant-id"], "tenant-123");
        assert_eq!(got.headers.len(), 2);
        let shown = format!("{got:?}");
        assert!(!shown.contains("tenant-123") && !shown.contains("YWRh"), "{shown}");

        let in_url = outgoing("http://a%40b:p%3A@h", &json!({}), &[]).unwrap();
        assert_eq!(in_url.headers["authorization"], "Basic YUBiOnA6");
        let legacy = outgoing("http://h", &json!({ "basic": "a" }), &[("password", "b")]).unwrap();
        assert_eq!(legacy.headers["authorization"], "Basic YTpi");
    }

    #[test]
    fn headers_cannot_break_the_request() {
        for (name, value, want) in [
            ("A\r\nB", "x", "no header name"),
            ("X-A", "x\r\nEvil: y", "cannot be a header's value"),
            ("Content-Length", "0", "belongs to the connection"),
            ("Transfer-Encoding", "chunked", "belongs to the connection"),
            ("Connection", "x", "belongs to the connection"),
        ] {
            let settings = json!({ "httpHeaderName1": name });
            let error = outgoing("http://h", &settings, &[("httpHeaderValue1", value)]);
            assert!(error.unwrap_err().contains(want), "{name}");
        }
    }

    #[test]
    fn times_methods_and_tls_are_read() {
        let check = |settings: Value, want_s: u64| {
            let got = outgoing("http://h", &settings, &[]).unwrap().timeout;
            assert_eq!(got, Duration::from_secs(want_s), "{settings}");
        };
        check(json!({}), 30);
        check(json!({ "timeout": 7 }), 7);
        check(json!({ "timeout": "8" }), 8);
        check(json!({ "queryTimeout": "60s" }), 60);
        check(json!({ "timeout": 7, "queryTimeout": "60s" }), 60);
        check(json!({ "timeout": 1e300 }), 30);
        check(json!({ "timeout": -1, "queryTimeout": "x" }), 30);
        check(json!({ "timeout": 100_000 }), 300);
        let got = outgoing("http://h", &json!({ "httpMethod": "get" }), &[]).unwrap();
        assert_eq!(got.method, Method::GET);
        let missing = outgoing("https://h", &json!({ "tlsAuth": true }), &[]).unwrap_err();
        assert!(missing.contains("tlsClientCert is missing"), "{missing}");
        let passed = outgoing("https://h", &json!({ "oauthPassThru": true }), &[]).unwrap();
        assert_eq!(passed.notices.len(), 1);
        assert_eq!(outgoing("http://h", &json!([]), &[]).unwrap().method, Method::POST);
    }
}
