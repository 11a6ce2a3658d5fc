//! Refuses state-changing requests that a foreign page sent with our visitor's cookie.

/// The words of a request that decide.
#[derive(Clone, Copy, Debug, Default)]
pub struct OriginCheck<'a> {
    /// GET, HEAD and OPTIONS change nothing.
    pub changes_state: bool,
    /// Recognised by cookie; other credentials are not sent along by browsers.
    pub by_cookie: bool,
    pub host: Option<&'a str>,
    pub origin: Option<&'a str>,
    pub sec_fetch_site: Option<&'a str>,
}

/// The message is Grafana's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("origin not allowed")]
pub struct CrossOrigin;

/// Browsers of today send `Sec-Fetch-Site`, older ones at least `Origin`; a client that sends
/// neither is no browser and holds its cookie knowingly. Source: OWASP CSRF Prevention, "Fetch
/// Metadata"; Grafana's `csrf_always_check` compares `Origin` with `Host` in the same way.
pub fn check_origin(request: &OriginCheck<'_>) -> Result<(), CrossOrigin> {
    if !request.changes_state || !request.by_cookie {
        return Ok(());
    }
    match (request.sec_fetch_site, request.origin) {
        // A proxy in front may change `Host`; the browser's own word is worth more.
        (Some("same-origin" | "none"), _) | (None, None) => Ok(()),
        (Some(_), _) => Err(CrossOrigin),
        (None, Some(origin)) => match (authority_of(origin), request.host) {
            (Some(from), Some(host)) if from.eq_ignore_ascii_case(host) => Ok(()),
            _ => Err(CrossOrigin),
        },
    }
}

fn authority_of(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, authority)| authority)
}

#[cfg(test)]
mod tests {
    use super::{OriginCheck, check_origin};

    #[test]
    fn a_foreign_page_cannot_act_with_our_cookie() {
        let check = |changes_state, by_cookie, origin, sec_fetch_site, allowed| {
            let host = Some("here:3000");
            let request = OriginCheck { changes_state, by_cookie, host, origin, sec_fetch_site };
            assert_eq!(check_origin(&request).is_ok(), allowed, "{request:?}");
        };
        check(true, true, Some("http://here:3000"), Some("same-origin"), true);
        check(true, true, Some("http://here:3000"), None, true);
        check(true, true, Some("http://HERE:3000"), None, true);
        check(true, true, None, None, true);
        check(true, true, None, Some("none"), true);
        check(true, true, Some("http://evil"), None, false);
        check(true, true, Some("null"), None, false);
        check(true, true, Some("http://here:3001"), Some("same-site"), false);
        check(true, true, Some("http://evil"), Some("cross-site"), false);
        check(true, true, Some("http://here:3000"), Some("unheard-of"), false);
        check(false, true, Some("http://evil"), Some("cross-site"), true);
        check(true, false, Some("http://evil"), Some("cross-site"), true);
    }
}
