//! Which headers go through the proxy. What opens the portal stays here, what belongs to one
//! connection ends with it, and a data source does not get to set anything in our pages' origin.

use std::net::IpAddr;

use axum::http::HeaderMap;
use axum::http::header::{self, HeaderName, HeaderValue};

/// Bytes of names and values that are passed on.
const BYTES_MAX: usize = 64 << 10;

/// More than [`BYTES_MAX`]: 431.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request's headers have more than {BYTES_MAX} bytes")]
pub(crate) struct TooManyHeaders;

/// Framing and what RFC 9110 §7.6.1 calls hop-by-hop.
const OF_THE_CONNECTION: [HeaderName; 10] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// Of a request: credentials of the portal, and where the visitor came from. Tenants are chosen by
/// the data source, not by who looks through it.
const KEPT_FROM_SOURCES: [HeaderName; 9] = [
    header::AUTHORIZATION,
    header::COOKIE,
    header::EXPECT,
    header::FORWARDED,
    header::ORIGIN,
    header::REFERER,
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-scope-orgid"),
    HeaderName::from_static("x-tenant-id"),
];

/// Of an answer: what browsers would hold against the portal's own origin.
const KEPT_FROM_VISITORS: [HeaderName; 10] = [
    header::ALT_SVC,
    header::CONTENT_SECURITY_POLICY,
    header::CONTENT_SECURITY_POLICY_REPORT_ONLY,
    header::REFRESH,
    header::SET_COOKIE,
    header::STRICT_TRANSPORT_SECURITY,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("clear-site-data"),
    HeaderName::from_static("service-worker-allowed"),
    HeaderName::from_static("sourcemap"),
];

/// Families of headers that stay, by how they begin.
const PREFIXES: [&str; 5] = ["x-grafana-", "x-forwarded-", "sec-", "access-control-", "x-ds-"];

/// A header whose meaning ends with the connection, or that frames the message.
pub(crate) fn is_of_the_connection(name: &HeaderName) -> bool {
    OF_THE_CONNECTION.contains(name) || name.as_str() == "proxy-connection"
}

/// Who asks, as far as a data source is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker<'a> {
    /// Sent as `X-Grafana-User` when there.
    pub(crate) login: Option<&'a str>,
    pub(crate) address: Option<IpAddr>,
    /// Names of cookies that are passed on.
    pub(crate) cookies: &'a [String],
    /// The portal's own session cookie, never passed on.
    pub(crate) session_cookie: &'a str,
}

/// What of a visitor's headers a data source is sent.
pub(crate) fn of_request(
    visitors: &HeaderMap,
    asker: &Asker<'_>,
) -> Result<HeaderMap, TooManyHeaders> {
    let ends_here = named_by_connection(visitors);
    let mut out = HeaderMap::with_capacity(visitors.len());
    let mut bytes = 0;
    for (name, value) in visitors {
        if is_of_the_connection(name)
            || KEPT_FROM_SOURCES.contains(name)
            || PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix))
            || ends_here.iter().any(|other| other == name.as_str())
        {
            continue;
        }
        bytes += name.as_str().len() + value.len();
        if bytes > BYTES_MAX {
            return Err(TooManyHeaders);
        }
        out.append(name.clone(), value.clone());
    }
    // The visitor's own credentials for the source, as Grafana takes them.
    if let Some(value) = visitors.get("x-ds-authorization") {
        out.insert(header::AUTHORIZATION, value.clone());
    }
    if let Some(cookies) = kept_cookies(visitors, asker) {
        out.insert(header::COOKIE, cookies);
    }
    let mut set = |name: &'static str, text: Option<String>| {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            out.insert(HeaderName::from_static(name), value);
        }
    };
    set("x-forwarded-for", asker.address.map(|address| address.to_string()));
    set("x-grafana-user", asker.login.map(str::to_owned));
    Ok(out)
}

/// What of a data source's headers a visitor is sent, with the policy that keeps whatever it
/// answers from running in our origin.
pub(crate) fn of_answer(sources: &HeaderMap) -> HeaderMap {
    let ends_here = named_by_connection(sources);
    let mut out = HeaderMap::with_capacity(sources.len() + 1);
    for (name, value) in sources {
        let framing = is_of_the_connection(name) && name != header::CONTENT_LENGTH;
        if framing
            || KEPT_FROM_VISITORS.contains(name)
            || name.as_str().starts_with("access-control-")
            || ends_here.iter().any(|other| other == name.as_str())
        {
            continue;
        }
        out.append(name.clone(), value.clone());
    }
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    out
}

/// Names that `Connection` declares to end here.
fn named_by_connection(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::CONNECTION).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect()
}

fn kept_cookies(visitors: &HeaderMap, asker: &Asker<'_>) -> Option<HeaderValue> {
    let texts = visitors.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).map(str::trim);
    let kept = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default().trim();
        name != asker.session_cookie && asker.cookies.iter().any(|cookie| cookie == name)
    };
    let kept: Vec<&str> = pairs.filter(kept).collect();
    if kept.is_empty() {
        return None;
    }
    HeaderValue::from_str(&kept.join("; ")).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Asker, BYTES_MAX, TooManyHeaders, of_answer, of_request};

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        map
    }

    fn shown(map: &HeaderMap) -> Vec<String> {
        let mut lines: Vec<String> =
            map.iter().map(|(n, v)| format!("{n}: {}", v.to_str().unwrap())).collect();
        lines.sort();
        lines
    }

    #[test]
    fn what_opens_the_portal_stays_here() {
        let visitors = map(&[
            ("accept", "application/json"),
            ("authorization", "Basic x"),
            ("connection", "close, X-Smuggled"),
            ("x-smuggled", "1"),
            ("content-length", "3"),
            ("transfer-encoding", "chunked"),
            ("host", "here:3000"),
            ("cookie", "grafana_session=t; keep=1; other=2"),
            ("x-grafana-org-id", "1"),
            ("x-forwarded-host", "evil"),
            ("forwarded", "for=x"),
            ("origin", "http://here"),
            ("x-scope-orgid", "other"),
            ("sec-fetch-site", "none"),
            ("x-custom", "a"),
            ("x-custom", "b"),
        ]);
        let cookies = ["keep".to_owned(), "grafana_session".to_owned()];
        let asker = Asker {
            login: None,
            address: Some("10.1.2.3".parse().unwrap()),
            cookies: &cookies,
            session_cookie: "grafana_session",
        };
        let got = of_request(&visitors, &asker).unwrap();
        assert_eq!(
            shown(&got),
            [
                "accept: application/json",
                "cookie: keep=1",
                "x-custom: a",
                "x-custom: b",
                "x-forwarded-for: 10.1.2.3",
            ]
        );
    }

    #[test]
    fn the_visitors_name_and_own_credentials_go_when_they_are_meant_to() {
        let asker = Asker { login: Some("ada"), address: None, cookies: &[], session_cookie: "s" };
        let visitors = map(&[("x-ds-authorization", "Bearer t"), ("x-grafana-user", "root")]);
        let got = of_request(&visitors, &asker).unwrap();
        assert_eq!(shown(&got), ["authorization: Bearer t", "x-grafana-user: ada"]);
    }

    #[test]
    fn oversized_headers_are_refused() {
        let asker = Asker { login: None, address: None, cookies: &[], session_cookie: "s" };
        let long = "x".repeat(BYTES_MAX);
        assert_eq!(of_request(&map(&[("x-long", &long)]), &asker), Err(TooManyHeaders));
        let fits = "x".repeat(BYTES_MAX - "x-long".len());
        assert!(of_request(&map(&[("x-long", &fits)]), &asker).is_ok());
    }

    #[test]
    fn answers_cannot_touch_our_origin() {
        let got = of_answer(&map(&[
            ("content-type", "text/html"),
            ("content-length", "5"),
            ("set-cookie", "grafana_session=evil"),
            ("content-security-policy", "default-src *"),
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("access-control-allow-origin", "*"),
            ("www-authenticate", "Basic"),
            ("x-kept", "1"),
        ]));
        assert_eq!(
            shown(&got),
            [
                "content-length: 5",
                "content-security-policy: sandbox",
                "content-type: text/html",
                "x-kept: 1",
            ]
        );
    }
}
