//! The door of every route: recognises the visitor by cookie or Basic credentials, asks `auth`
//! whether the route's need is met, and refuses foreign pages that act with a visitor's cookie.

use std::net::SocketAddr;

use auth::{Action, Identity, OriginCheck, Password, Principal, check_origin};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use portal::AccountError;

use super::login::login_address;
use super::reply::ApiError;
use super::state::{PortalConfig, PortalState};

pub(crate) const COOKIE: &str = "grafana_session";

/// What a route asks of its visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Anybody may.
    Nothing,
    /// Anybody may, but a foreign page may not make a browser do it.
    OwnPage,
    /// The right to do this; otherwise 401 or 403.
    Right(Action),
    /// Somebody signed in; otherwise on to the login page.
    Page,
}

/// The visitor, for handlers behind [`Needs::Right`] and [`Needs::Page`].
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) identity: Identity,
    /// 0 for Basic credentials.
    pub(crate) session_id: i64,
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::unauthorized)
    }
}

#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) state: PortalState,
    pub(crate) needs: Needs,
}

pub(crate) async fn guard(
    State(guard): State<Guard>,
    mut request: Request,
    next: Next,
) -> Response {
    let by_cookie = match guard.needs {
        Needs::Nothing => return next.run(request).await,
        Needs::OwnPage => true,
        Needs::Right(_) | Needs::Page => !has_basic(request.headers()),
    };
    if let Err(error) = check_origin(&origin_of(&request, by_cookie)) {
        return ApiError::forbidden(error.to_string()).into_response();
    }
    if guard.needs == Needs::OwnPage {
        return next.run(request).await;
    }
    let shown = Shown::in_request(&request);
    let (visitor, cookie) = match recognise(&guard.state, shown).await {
        Ok(Some(recognised)) => recognised,
        Ok(None) if guard.needs == Needs::Page => {
            let to = login_address(request.uri());
            return (StatusCode::FOUND, [(header::LOCATION, to)]).into_response();
        }
        Ok(None) => return ApiError::unauthorized().into_response(),
        Err(error) => return error.into_response(),
    };
    if let Needs::Right(action) = guard.needs
        && let Err(denied) =
            guard.state.authority.permit(&Principal::User(&visitor.identity), action)
    {
        return ApiError::from(denied).into_response();
    }
    request.extensions_mut().insert(visitor);
    let mut response = next.run(request).await;
    // A handler that sets the cookie itself (logout) has the last word.
    if let Some(cookie) = cookie
        && !response.headers().contains_key(header::SET_COOKIE)
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// What a request shows to be recognised by.
enum Shown {
    Basic { credentials: Option<(String, Password)>, address: String },
    Cookie(String),
    Nothing,
}

impl Shown {
    fn in_request(request: &Request) -> Self {
        let headers = request.headers();
        if has_basic(headers) {
            let credentials = basic_credentials(headers);
            return Self::Basic { credentials, address: client_address(request) };
        }
        cookie_value(headers, COOKIE).map_or(Self::Nothing, |token| Self::Cookie(token.to_owned()))
    }
}

/// The visitor and, when the session's token was replaced, the new cookie.
async fn recognise(
    state: &PortalState,
    shown: Shown,
) -> Result<Option<(Visitor, Option<HeaderValue>)>, ApiError> {
    let token = match shown {
        Shown::Nothing => return Ok(None),
        Shown::Cookie(token) => token,
        Shown::Basic { credentials, address } => {
            let (login, password) = credentials.ok_or(AccountError::Refused)?;
            let identity = state.accounts.by_basic(&login, password, &address).await?;
            return Ok(Some((Visitor { identity, session_id: 0 }, None)));
        }
    };
    let Some(found) = state.accounts.by_token(&token).await? else { return Ok(None) };
    let cookie =
        found.new_token.map(|token| session_cookie(&state.config, token.expose())).transpose()?;
    Ok(Some((Visitor { identity: found.identity, session_id: found.session_id }, cookie)))
}

/// `Set-Cookie` for a session's token; an empty token takes the cookie away.
pub(crate) fn session_cookie(config: &PortalConfig, token: &str) -> Result<HeaderValue, ApiError> {
    let age = if token.is_empty() { 0 } else { config.cookie_lifetime.as_secs() };
    let secure = if config.cookie_secure { "; Secure" } else { "" };
    let text = format!("{COOKIE}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).map_err(|error| ApiError::internal(&error))
}

/// The first cookie of that name.
pub(crate) fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
}

/// Address of the other end of the connection, for the throttle and the session list.
pub(crate) fn client_address(request: &Request) -> String {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map(|ConnectInfo(peer)| peer.ip().to_string()).unwrap_or_default()
}

fn header_text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn has_basic(headers: &HeaderMap) -> bool {
    header_text(headers, &header::AUTHORIZATION)
        .and_then(|text| text.get(..6))
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic "))
}

fn basic_credentials(headers: &HeaderMap) -> Option<(String, Password)> {
    let encoded = header_text(headers, &header::AUTHORIZATION)?.get(6..)?.trim();
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (login, password) = text.split_once(':')?;
    Some((login.to_owned(), Password::new(password.to_owned())))
}

fn origin_of(request: &Request, by_cookie: bool) -> OriginCheck<'_> {
    let headers = request.headers();
    let fetch_site = header::HeaderName::from_static("sec-fetch-site");
    OriginCheck {
        changes_state: !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS),
        by_cookie,
        host: header_text(headers, &header::HOST)
            .or_else(|| request.uri().authority().map(Authority::as_str)),
        origin: header_text(headers, &header::ORIGIN),
        sec_fetch_site: header_text(headers, &fetch_site),
    }
}

#[cfg(test)]
mod words {
    use axum::http::{HeaderMap, header};

    use super::{basic_credentials, cookie_value};

    #[test]
    fn cookies_and_credentials_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; grafana_session=tok ; b=2".parse().unwrap());
        assert_eq!(cookie_value(&headers, "grafana_session"), Some("tok"));
        assert_eq!(cookie_value(&headers, "session"), None);
        let check = |text: &str, want: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, text.parse().unwrap());
            assert_eq!(basic_credentials(&headers).map(|(login, _)| login).as_deref(), want);
        };
        check("Basic YWRtaW46YTpi", Some("admin"));
        check("basic YWRtaW46", Some("admin"));
        check("Basic YWRtaW4", None);
        check("Basic !", None);
    }
}
