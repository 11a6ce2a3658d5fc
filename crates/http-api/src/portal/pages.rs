//! The HTML pages: the login page, the shell of the app with its boot data and the dashboard that
//! it opens, and pages that need neither.

use std::convert::Infallible;
use std::future::ready;

use auth::{Action, Principal, Via};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::stream::once;
use portal::tables::Preferences;
use serde_json::{Value, json};

use super::assets;
use super::data_sources;
use super::guard::Visitor;
use super::reply::{ApiError, ApiResult};
use super::state::{PortalConfig, PortalState};
use super::ui::dashboard_seen_by;

/// What the pages may load and run: files of this server, nothing inline, nothing foreign.
/// Images may stand in the page itself (`data:`), as dashboards' text panels have them.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; \
     font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

const NOT_BUILT: &str = "The web UI is not part of this build. Run `npm ci && npm run build` in \
     web/, then build the binary again (`make run` does both). The HTTP API works without it.\n";

/// Puts the boot data where the shell expects it.
const BOOT_MARK: &str = "<!--boot-->";
/// And the dashboard that the page opens.
const OPENING_MARK: &str = "<!--opening-->";
const ERROR_MARK: &str = "<!--login-error-->";
const REDIRECT_MARK: &str = r#"name="redirect" type="hidden" value=""#;

/// Any page behind the login. That of a dashboard carries the dashboard behind its head, so that
/// the browser need not ask for it, and loads the code meanwhile.
pub(crate) async fn shell(
    State(state): State<PortalState>,
    visitor: Visitor,
    uri: Uri,
) -> ApiResult {
    let Some(html) = assets::page("app.html") else { return Ok(not_built()) };
    let preferences = super::account::effective_preferences(&state, &visitor).await?;
    let boot = boot(&state.config, &visitor, &preferences);
    let opened = opened_dashboard(&uri).filter(|_| visitor.identity.via != Via::Anonymous);
    // The script in the head asks by itself for what does not come.
    let coming = if opened.is_some() { " data-opening" } else { "" };
    let script = format!(
        r#"<script type="application/json" id="boot"{coming}>{}</script>"#,
        escape_script(&boot.to_string())
    );
    let html = html.replacen(BOOT_MARK, &script, 1);
    let (Some(uid), Some((head, rest))) = (opened, html.split_once(OPENING_MARK)) else {
        return Ok(page(StatusCode::OK, html));
    };
    let (uid, head, rest) = (uid.to_owned(), head.to_owned(), rest.to_owned());
    let rest = async move {
        // What cannot be sent along, the page asks for, and shows why it does not get it.
        let opening = opening(&state, &visitor, &uid).await.unwrap_or_default();
        Ok::<_, Infallible>(opening + &rest)
    };
    Ok(page(StatusCode::OK, Body::from_stream(once(ready(Ok(head))).chain(once(rest)))))
}

/// The uid in the address of a dashboard's page; none where the address names an organisation,
/// because what the page asks later on is asked in the visitor's own.
fn opened_dashboard(uri: &Uri) -> Option<&str> {
    let path = uri.path().strip_prefix("/d/").or_else(|| uri.path().strip_prefix("/d-solo/"))?;
    let uid = path.split('/').next().unwrap_or_default();
    // A uid that must be written in another way is left to the page.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    let elsewhere = uri.query().is_some_and(|query| query.contains("orgId="));
    (!uid.is_empty() && uid.chars().all(plain) && !elsewhere).then_some(uid)
}

/// What the page of a dashboard asks first, as the routes `/api/ui/dashboards/{uid}` and
/// `/api/datasources` answer this visitor: who may not see it, gets nothing.
async fn opening(state: &PortalState, visitor: &Visitor, uid: &str) -> Result<String, ApiError> {
    let who = Principal::User(&visitor.identity);
    state.authority.permit(&who, Action::ReadDashboards)?;
    let dashboard = dashboard_seen_by(state, visitor, uid).await?;
    let sources = match state.authority.permit(&who, Action::ReadDataSources) {
        Ok(()) => Value::from(data_sources::seen_by(state, visitor).await?),
        Err(_) => Value::Null,
    };
    let data =
        format!(r#"{{"uid":{},"dashboard":{dashboard},"sources":{sources}}}"#, Value::from(uid));
    Ok(format!(r#"<script type="application/json" id="opening">{}</script>"#, escape_script(&data)))
}

/// The login page with an error in its place and the path to return to in the form.
pub(crate) fn login(status: StatusCode, error: &str, redirect: &str) -> Response {
    let Some(html) = assets::page("login.html") else { return not_built() };
    let html = html.replacen(ERROR_MARK, &escape_html(error), 1);
    let filled = format!("{REDIRECT_MARK}{}", escape_html(redirect));
    page(status, html.replacen(REDIRECT_MARK, &filled, 1))
}

/// A page of the build as it stands.
pub(crate) fn standalone(name: &str) -> Response {
    assets::page(name).map_or_else(not_built, |html| page(StatusCode::OK, html.into_owned()))
}

fn boot(config: &PortalConfig, visitor: &Visitor, preferences: &Preferences) -> serde_json::Value {
    let user = &visitor.identity;
    let or = |own: &str, default: &str| if own.is_empty() { default } else { own }.to_owned();
    json!({
        "user": {
            "login": user.login,
            "name": user.name,
            "email": user.email,
            "orgRole": user.role.as_str(),
            "isGrafanaAdmin": user.grafana_admin,
            "mustChangePassword": user.must_change_password,
        },
        "settings": {
            "version": config.version,
            "theme": or(&preferences.theme, &config.default_theme),
            "timezone": or(&preferences.timezone, "browser"),
            "metricsPort": config.metrics_port,
        },
    })
}

/// JSON inside a script element: `</script>` and `<!--` in somebody's name must not end it.
fn escape_script(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn page(status: StatusCode, html: impl Into<Body>) -> Response {
    let mut response = (status, html.into()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn not_built() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT).into_response()
}

#[cfg(test)]
mod escaping {
    use axum::http::Uri;

    use super::{escape_html, escape_script, opened_dashboard};

    #[test]
    fn only_the_pages_of_dashboards_open_one() {
        for (address, uid) in [
            ("/d/board", Some("board")),
            ("/d/board/a-board?from=now-1h&var-x=1", Some("board")),
            ("/d-solo/a.b_c-D~1/x?panelId=2", Some("a.b_c-D~1")),
            ("/d/", None),
            ("/d", None),
            ("/dashboards", None),
            ("/d//x", None),
            ("/d/a%2Fb", None),
            ("/d/board?orgId=2", None),
            ("/explore", None),
        ] {
            assert_eq!(opened_dashboard(&address.parse::<Uri>().unwrap()), uid, "{address}");
        }
    }

    #[test]
    fn nothing_breaks_out_of_its_place() {
        assert_eq!(escape_script(r#"{"n":"</script><!--"}"#), r#"{"n":"\u003c/script>\u003c!--"}"#);
        assert_eq!(escape_html(r#""'><b>&"#), "&quot;&#39;&gt;&lt;b&gt;&amp;");
    }
}
