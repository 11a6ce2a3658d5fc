//! The door of every route: recognises the visitor by cookie, Basic credentials or a service
//! account's token, asks `auth` whether the route's need is met, refuses foreign pages that act
//! with a visitor's cookie, and writes what changes the server into the audit log.

use std::net::SocketAddr;

use auth::{Action, Denied, Identity, OriginCheck, Password, Principal, check_origin};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use portal::AccountError;
use portal::tables::{By, NewAudit};

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
    /// 0 for anything but a cookie.
    pub(crate) session_id: i64,
}

impl Visitor {
    pub(crate) fn org(&self) -> i64 {
        self.identity.org_id
    }

    pub(crate) fn user(&self) -> i64 {
        self.identity.user_id
    }

    /// As the author of a change that is made now.
    pub(crate) fn by(&self, now_ms: i64) -> By<'_> {
        By { user_id: self.identity.user_id, name: &self.identity.login, now_ms }
    }
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
    /// What kind of thing the route changes, for the audit log; empty when it changes nothing of
    /// the server's.
    pub(crate) audited: &'static str,
}

pub(crate) async fn guard(
    State(guard): State<Guard>,
    mut request: Request,
    next: Next,
) -> Response {
    let by_cookie = match guard.needs {
        Needs::Nothing => return next.run(request).await,
        Needs::OwnPage => true,
        Needs::Right(_) | Needs::Page => !request.headers().contains_key(header::AUTHORIZATION),
    };
    if let Err(error) = check_origin(&origin_of(&request, by_cookie)) {
        return ApiError::forbidden(error.to_string()).into_response();
    }
    if guard.needs == Needs::OwnPage {
        return next.run(request).await;
    }
    let address = client_address(&request);
    let org = wanted_org(&request);
    let shown = Shown::in_request(&request);
    let (visitor, cookie) = match recognise(&guard.state, shown, org, &address).await {
        Ok(Some(recognised)) => recognised,
        Ok(None) if guard.needs == Needs::Page => {
            let to = login_address(request.uri());
            return (StatusCode::FOUND, [(header::LOCATION, to)]).into_response();
        }
        Ok(None) => return ApiError::unauthorized().into_response(),
        Err(error) => return error.into_response(),
    };
    let entry = Entry::of(&guard, &request);
    if let Err(denied) = permitted(&guard, &visitor) {
        entry.write(&guard.state, &visitor.identity, &address, StatusCode::FORBIDDEN).await;
        return ApiError::from(denied).into_response();
    }
    let identity = (!entry.kind.is_empty()).then(|| visitor.identity.clone());
    request.extensions_mut().insert(visitor);
    let mut response = next.run(request).await;
    if let Some(identity) = identity {
        entry.write(&guard.state, &identity, &address, response.status()).await;
    }
    // A handler that sets the cookie itself (logout) has the last word.
    if let Some(cookie) = cookie
        && !response.headers().contains_key(header::SET_COOKIE)
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn permitted(guard: &Guard, visitor: &Visitor) -> Result<(), Denied> {
    let permit = |action| guard.state.authority.permit(&Principal::User(&visitor.identity), action);
    match guard.needs {
        Needs::Right(action) => permit(action),
        Needs::Nothing | Needs::OwnPage | Needs::Page => Ok(()),
    }
}

/// What a request shows to be recognised by.
enum Shown {
    Basic(Option<(String, Password)>),
    Token(String),
    Cookie(String),
    Nothing,
}

impl Shown {
    fn in_request(request: &Request) -> Self {
        let headers = request.headers();
        if has_basic(headers) {
            return Self::Basic(basic_credentials(headers));
        }
        if let Some(token) = bearer(headers) {
            return Self::Token(token.to_owned());
        }
        cookie_value(headers, COOKIE).map_or(Self::Nothing, |token| Self::Cookie(token.to_owned()))
    }
}

/// The visitor and, when the session's token was replaced, the new cookie.
async fn recognise(
    state: &PortalState,
    shown: Shown,
    org: Option<i64>,
    address: &str,
) -> Result<Option<(Visitor, Option<HeaderValue>)>, ApiError> {
    let accounts = &state.accounts;
    let visitor = |identity, session_id| Visitor { identity, session_id };
    let token = match shown {
        Shown::Nothing => None,
        Shown::Cookie(token) => Some(token),
        Shown::Token(token) => {
            return Ok(Some((visitor(accounts.by_service_token(&token).await?, 0), None)));
        }
        Shown::Basic(_) if !state.config.basic_auth => None,
        Shown::Basic(credentials) => {
            let (login, password) = credentials.ok_or(AccountError::Refused)?;
            let identity = accounts.by_basic(&login, password, address, org).await?;
            return Ok(Some((visitor(identity, 0), None)));
        }
    };
    if let Some(token) = token
        && let Some(found) = accounts.by_token(&token, org).await?
    {
        let cookie = found.new_token.map(|token| session_cookie(&state.config, token.expose()));
        return Ok(Some((visitor(found.identity, found.session_id), cookie.transpose()?)));
    }
    Ok(accounts.anonymous().await?.map(|identity| (visitor(identity, 0), None)))
}

/// The organisation that a request is about: the header, or `orgId` in the address.
fn wanted_org(request: &Request) -> Option<i64> {
    let header = request.headers().get("x-grafana-org-id").and_then(|value| value.to_str().ok());
    let in_query = || {
        let pairs = request.uri().query()?.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == "orgId").map(|(_, value)| value).next()
    };
    header.or_else(in_query)?.parse().ok().filter(|org| *org > 0)
}

/// An entry for the audit log in the making.
struct Entry {
    kind: &'static str,
    action: &'static str,
    resource: String,
}

impl Entry {
    fn of(guard: &Guard, request: &Request) -> Self {
        let action = match *request.method() {
            Method::POST => "create",
            Method::DELETE => "delete",
            _ => "update",
        };
        let resource =
            if guard.audited.is_empty() { String::new() } else { request.uri().path().to_owned() };
        Self { kind: guard.audited, action, resource }
    }

    async fn write(&self, state: &PortalState, who: &Identity, address: &str, status: StatusCode) {
        if self.kind.is_empty() {
            return;
        }
        let refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        let outcome = match status {
            _ if status.is_success() => "done",
            _ if refused => "refused",
            _ => "failed",
        };
        let entry = NewAudit {
            org_id: who.org_id,
            actor_id: who.user_id,
            actor: &who.login,
            address,
            action: self.action,
            kind: self.kind,
            resource: &self.resource,
            outcome,
            detail: status.as_str(),
        };
        state.audit(&entry).await;
    }
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

/// The token of `Authorization: Bearer …`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = header_text(headers, &header::AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
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
