//! The HTML pages: the login page, the shell of the app with its boot data, and pages that need
//! neither.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use portal::tables::Preferences;
use serde_json::json;

use super::assets;
use super::guard::Visitor;
use super::reply::ApiResult;
use super::state::{PortalConfig, PortalState};

/// What the pages may load and run: files of this server, nothing inline, nothing foreign.
/// Images may stand in the page itself (`data:`), as dashboards' text panels have them.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; \
     font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

const NOT_BUILT: &str = "The web UI is not part of this build. Run `npm ci && npm run build` in \
     web/, then build the binary again (`make run` does both). The HTTP API works without it.\n";

/// Puts the boot data where the shell expects it.
const BOOT_MARK: &str = "<!--boot-->";
const ERROR_MARK: &str = "<!--login-error-->";
const REDIRECT_MARK: &str = r#"name="redirect" type="hidden" value=""#;

/// Any page behind the login.
pub(crate) async fn shell(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let Some(html) = assets::page("app.html") else { return Ok(not_built()) };
    let preferences = super::account::effective_preferences(&state, &visitor).await?;
    let boot = boot(&state.config, &visitor, &preferences);
    let script = format!(
        r#"<script type="application/json" id="boot">{}</script>"#,
        escape_script(&boot.to_string())
    );
    Ok(page(StatusCode::OK, html.replacen(BOOT_MARK, &script, 1)))
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

fn page(status: StatusCode, html: String) -> Response {
    let mut response = (status, html).into_response();
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
    use super::{escape_html, escape_script};

    #[test]
    fn nothing_breaks_out_of_its_place() {
        assert_eq!(escape_script(r#"{"n":"</script><!--"}"#), r#"{"n":"\u003c/script>\u003c!--"}"#);
        assert_eq!(escape_html(r#""'><b>&"#), "&quot;&#39;&gt;&lt;b&gt;&amp;");
    }
}
