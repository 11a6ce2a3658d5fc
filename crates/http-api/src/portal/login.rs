//! Signing in and out, by JSON or by a plain HTML form.

use auth::{Identity, Password};
use axum::body::Bytes;
use axum::extract::{FromRequest, Query, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use portal::AccountError;
use portal::tables::{MAIN_ORG_ID, NewAudit};
use serde::Deserialize;
use serde_json::json;

use super::guard::{COOKIE, client_address, cookie_value, session_cookie};
use super::pages;
use super::reply::{ApiError, ApiResult, json, parse_json};
use super::state::PortalState;

#[derive(Deserialize)]
struct Credentials {
    #[serde(default)]
    user: String,
    #[serde(default)]
    password: String,
    /// Only of the form.
    #[serde(default)]
    redirect: String,
}

#[derive(Deserialize)]
pub(crate) struct LoginQuery {
    #[serde(default)]
    redirect: String,
}

pub(crate) async fn page(
    State(state): State<PortalState>,
    Query(query): Query<LoginQuery>,
    headers: HeaderMap,
) -> ApiResult {
    // Somebody who is signed in already has no use for the page.
    if let Some(token) = cookie_value(&headers, COOKIE)
        && state
            .accounts
            .by_token(token, None)
            .await?
            .is_some_and(|found| found.new_token.is_none())
    {
        return Ok(see_other(StatusCode::FOUND, safe_path(&query.redirect)));
    }
    Ok(pages::login(StatusCode::OK, "", safe_path(&query.redirect)))
}

pub(crate) async fn sign_in(State(state): State<PortalState>, request: Request) -> ApiResult {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let address = client_address(&request);
    let agent = request.headers().get(header::USER_AGENT).cloned();
    let agent = agent.as_ref().and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let body = Bytes::from_request(request, &())
        .await
        .map_err(|error| ApiError::new(error.status(), error.body_text()))?;
    let Credentials { user, password, redirect } = if is_form {
        serde_urlencoded::from_bytes(&body)
            .map_err(|error| ApiError::bad_request(format!("bad login data: {error}")))?
    } else {
        parse_json(&body)?
    };
    let visitor =
        portal::Visitor { address: &address, user_agent: agent.get(..200).unwrap_or(agent) };
    let signed_in = state.accounts.sign_in(&user, Password::new(password), visitor).await;
    // A flood of guesses must not push everything else out of the audit log: the throttle lets
    // only so many be compared.
    if let Ok((Identity { user_id, org_id, .. }, _)) = &signed_in {
        tell(&state, (*org_id, *user_id), &user, &address, "done").await;
    } else if let Err(AccountError::Refused) = &signed_in {
        tell(&state, (MAIN_ORG_ID, 0), &user, &address, "refused").await;
    }
    let (identity, token) = match signed_in {
        Ok(signed_in) => signed_in,
        Err(AccountError::Refused | AccountError::Throttled) if is_form => {
            let message = AccountError::Refused.to_string();
            return Ok(pages::login(StatusCode::UNAUTHORIZED, &message, safe_path(&redirect)));
        }
        Err(error) => return Err(error.into()),
    };
    let mut response = if is_form {
        see_other(StatusCode::SEE_OTHER, safe_path(&redirect))
    } else {
        json(&json!({
            "message": "Logged in",
            "redirectUrl": "/",
            "mustChangePassword": identity.must_change_password,
        }))
    };
    let cookie = session_cookie(&state.config, token.expose())?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Writes a login into the audit log.
async fn tell(
    state: &PortalState,
    (org_id, actor_id): (i64, i64),
    login: &str,
    address: &str,
    outcome: &str,
) {
    let actor: String = login.chars().take(190).collect();
    let entry = NewAudit {
        org_id,
        actor_id,
        actor: &actor,
        address,
        action: "login",
        kind: "session",
        outcome,
        ..NewAudit::default()
    };
    state.audit(&entry).await;
}

pub(crate) async fn sign_out(State(state): State<PortalState>, headers: HeaderMap) -> ApiResult {
    if let Some(token) = cookie_value(&headers, COOKIE) {
        state.accounts.sign_out(token).await?;
    }
    let mut response = see_other(StatusCode::FOUND, "/login");
    response.headers_mut().insert(header::SET_COOKIE, session_cookie(&state.config, "")?);
    Ok(response)
}

/// Where a page's visitor signs in, and comes back from.
pub(crate) fn login_address(page: &Uri) -> String {
    match page.path_and_query().map(PathAndQuery::as_str) {
        None | Some("/") => "/login".to_owned(),
        Some(to) => format!("/login?redirect={}", percent_encode(to)),
    }
}

/// A path of this server, or `/`: a link to the login page must not lead elsewhere.
fn safe_path(wanted: &str) -> &str {
    let plain = wanted.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let local = wanted.starts_with('/') && !wanted.starts_with("//");
    if plain && local && !wanted.starts_with("/login") && !wanted.starts_with("/logout") {
        wanted
    } else {
        "/"
    }
}

fn see_other(status: StatusCode, to: &str) -> Response {
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (status, [(header::LOCATION, to)]).into_response()
}

fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            _ => write!(out, "%{byte:02X}").expect("strings grow"),
        }
        out
    })
}

#[cfg(test)]
mod addresses {
    use super::{login_address, safe_path};

    #[test]
    fn only_paths_of_this_server_are_returned_to() {
        let check = |wanted: &str, want: &str| assert_eq!(safe_path(wanted), want, "{wanted:?}");
        check("/d/abc/x?from=now-1h&to=now", "/d/abc/x?from=now-1h&to=now");
        check("", "/");
        check("//evil.example", "/");
        check("/\\evil.example", "/");
        check("https://evil.example", "/");
        check("/a\r\nSet-Cookie: x", "/");
        check("/login", "/");
        assert_eq!(login_address(&"/".parse().unwrap()), "/login");
        assert_eq!(
            login_address(&"/d/a?b=c&d".parse().unwrap()),
            "/login?redirect=/d/a%3Fb%3Dc%26d"
        );
    }
}
