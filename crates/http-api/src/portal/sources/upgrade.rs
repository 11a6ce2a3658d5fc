//! WebSockets through the proxy, for Loki's tail: the handshake goes to the source as it came, and
//! then bytes go both ways unread.

use auth::{OriginCheck, check_origin};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use super::client::{AskError, Upstream};
use crate::portal::reply::{ApiError, ApiResult};

/// Headers of the handshake that go to the source.
const TO_SOURCE: [HeaderName; 4] = [
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_VERSION,
    header::SEC_WEBSOCKET_PROTOCOL,
    header::SEC_WEBSOCKET_EXTENSIONS,
];

/// And those that come back.
const TO_VISITOR: [HeaderName; 3] = [
    header::SEC_WEBSOCKET_ACCEPT,
    header::SEC_WEBSOCKET_PROTOCOL,
    header::SEC_WEBSOCKET_EXTENSIONS,
];

pub(crate) fn is_asked_for(method: &Method, headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE).and_then(|value| value.to_str().ok());
    *method == Method::GET && upgrade.is_some_and(|name| name.eq_ignore_ascii_case("websocket"))
}

/// `headers`: what of the visitor's headers may be passed on.
pub(crate) async fn tunnel(
    upstream: Upstream,
    path: &str,
    headers: HeaderMap,
    mut request: Request,
) -> ApiResult {
    same_origin(request.headers())?;
    let on_upgrade = request.extensions_mut().remove::<OnUpgrade>().ok_or_else(|| {
        ApiError::bad_request("this connection cannot be upgraded to a WebSocket")
    })?;
    let mut outer = headers;
    for name in TO_SOURCE {
        for value in request.headers().get_all(&name) {
            outer.append(name.clone(), value.clone());
        }
    }
    outer.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    outer.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let outer = upstream
        .request(Method::GET, path, request.uri().query(), outer)
        // Of the handshake; what follows goes on for as long as both want.
        .timeout(TUNNEL_TIME_MAX);
    let handshake = upstream.outgoing().timeout;
    let answer = tokio::time::timeout(handshake, upstream.send(outer))
        .await
        .map_err(|_| AskError::Timeout(handshake))??;
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(ApiError::new(
            StatusCode::BAD_GATEWAY,
            format!("the data source does not open a WebSocket, it answers {}", answer.status()),
        ));
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let out = response.headers_mut();
    out.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    out.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    for name in TO_VISITOR {
        if let Some(value) = answer.headers().get(&name) {
            out.insert(name, value.clone());
        }
    }
    let (mut source, place) = answer.upgrade().await?;
    tokio::spawn(async move {
        let _place = place;
        // Either end may leave at any time; there is nobody to tell.
        if let Ok(visitor) = on_upgrade.await {
            let mut visitor = TokioIo::new(visitor);
            let copied = tokio::io::copy_bidirectional(&mut visitor, &mut source);
            tokio::time::timeout(TUNNEL_TIME_MAX, copied).await.ok();
        }
    });
    Ok(response)
}

/// A tunnel holds a place of those that all requests share, so it ends some day.
const TUNNEL_TIME_MAX: std::time::Duration = std::time::Duration::from_hours(12);

/// A foreign page may not open a WebSocket with a visitor's cookie: browsers let it, and no
/// preflight asks us.
pub(crate) fn same_origin(headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let check = OriginCheck {
        changes_state: true,
        by_cookie: headers.contains_key(header::COOKIE),
        host: text(header::HOST),
        origin: text(header::ORIGIN),
        sec_fetch_site: text(HeaderName::from_static("sec-fetch-site")),
    };
    check_origin(&check).map_err(|error| ApiError::forbidden(error.to_string()))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Method};

    use super::{is_asked_for, same_origin};

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn only_websockets_are_tunnelled() {
        let upgrade = |name| map(&[("upgrade", name)]);
        assert!(is_asked_for(&Method::GET, &upgrade("WebSocket")));
        assert!(!is_asked_for(&Method::GET, &upgrade("h2c")));
        assert!(!is_asked_for(&Method::POST, &upgrade("websocket")));
        assert!(!is_asked_for(&Method::GET, &HeaderMap::new()));
    }

    #[test]
    fn foreign_pages_are_refused() {
        let cookie = ("cookie", "grafana_session=x");
        let check = |pairs: &[(&'static str, &'static str)], allowed: bool| {
            assert_eq!(same_origin(&map(pairs)).is_ok(), allowed, "{pairs:?}");
        };
        check(&[cookie, ("host", "here:3000"), ("origin", "http://here:3000")], true);
        check(&[cookie, ("host", "here:3000"), ("origin", "http://evil.example")], false);
        check(&[("host", "here:3000"), ("origin", "http://evil.example")], true);
        check(&[cookie, ("host", "here:3000")], true);
    }
}
