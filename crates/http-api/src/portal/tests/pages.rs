//! The HTML pages and assets, with a web build and without.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use auth::Role;
use portal::accounts::Anonymous;

use super::site::{ADMIN, As, Site, VIEWER, request};
use crate::portal::{PortalConfig, assets};

#[tokio::test]
async fn the_shell_carries_its_boot_data_and_runs_nothing_inline() {
    let site = Site::start().await;
    let page = site.get("/d/board/a-board", &ADMIN).await;
    let Some(built) = assets::page("app.html") else {
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(page.text().contains("npm run build"), "{}", page.text());
        return;
    };
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header(&header::CONTENT_TYPE), "text/html; charset=utf-8");
    let policy = page.header(&header::CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    let boot = data(page.text(), "boot").expect("the boot mark is filled");
    assert_eq!(boot["user"]["login"], "admin");
    assert_eq!(boot["user"]["orgRole"], "Admin");
    assert_eq!(boot["settings"]["theme"], "system");
    assert!(!built.contains("<script>"), "the policy forbids inline scripts");
    assert_eq!(site.get("/", &ADMIN).await.status, StatusCode::OK);
    for path in built.split('"').filter(|text| text.starts_with("/assets/")) {
        let asset = site.get(path, &As::Nobody).await;
        assert_eq!(asset.status, StatusCode::OK, "{path}");
        assert!(asset.header(&header::CACHE_CONTROL).contains("immutable"), "{path}");
        compressed_twins(&site, path).await;
    }
}

/// The JSON that the server wrote into a page.
fn data(page: &str, id: &str) -> Option<Value> {
    let (_, after) = page.split_once(&format!(r#"<script type="application/json" id="{id}""#))?;
    let (text, _) = after.split_once('>')?.1.split_once("</script>")?;
    Some(serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

#[tokio::test]
async fn the_page_of_a_dashboard_carries_what_its_visitor_may_see_of_it() {
    if assets::page("app.html").is_none() {
        return;
    }
    let site = Site::with_anonymous(PortalConfig::default(), Some(open_to_viewers())).await;
    for uid in ["hidden", "shown"] {
        let title = format!("{uid} </script><script>alert(1)</script><!--");
        let board = json!({ "dashboard": { "uid": uid, "title": title }, "overwrite": true });
        assert_eq!(site.post("/api/dashboards/db", &ADMIN, &board).await.status, StatusCode::OK);
    }
    let editors = json!({ "items": [{ "role": "Editor", "permission": 1 }] });
    let permissions = "/api/dashboards/uid/hidden/permissions";
    assert_eq!(site.post(permissions, &ADMIN, &editors).await.status, StatusCode::OK);
    let cookie = site.sign_in().await;
    let nora = As::Basic("nora", "no role at all");
    for (address, who, carries) in [
        ("/d/hidden", &cookie, true),
        ("/d/hidden/a-slug?from=now-1h", &ADMIN, true),
        ("/d-solo/hidden?panelId=1", &ADMIN, true),
        ("/d/shown", &VIEWER, true),
        ("/d/hidden", &VIEWER, false),
        ("/d/shown", &nora, false),
        ("/d/shown?orgId=1", &ADMIN, false),
        ("/d/none", &ADMIN, false),
        ("/dashboards", &ADMIN, false),
        // Whoever has not signed in asks for what the address says, and gets a page without data.
        ("/d/shown", &As::Nobody, false),
    ] {
        let page = site.get(address, who).await;
        assert_eq!(page.status, StatusCode::OK, "{address} {who:?}");
        assert_eq!(page.header(&header::CACHE_CONTROL), "no-store");
        assert!(!page.text().contains("alert(1)</script>"), "{address}: a title is a script");
        let opening = data(page.text(), "opening");
        assert_eq!(opening.is_some(), carries, "{address} {who:?}");
        let Some(opening) = opening else {
            assert!(!page.text().contains("alert(1)"), "{address} {who:?} is told of it");
            continue;
        };
        assert!(page.text().contains("</html>"), "{address}: the page goes on behind it");
        let uid = opening["uid"].as_str().unwrap();
        let asked = site.get(&format!("/api/ui/dashboards/{uid}"), who).await;
        assert_eq!(opening["dashboard"], asked.json(), "{address} {who:?}");
        let sources = site.get("/api/datasources", who).await;
        let listed = if sources.status.is_success() { sources.json() } else { Value::Null };
        assert_eq!(opening["sources"], listed, "{address} {who:?}");
    }
}

/// Whoever comes without an account sees what a viewer sees.
fn open_to_viewers() -> Anonymous {
    Anonymous { org_name: "Main Org.".to_owned(), role: Role::Viewer }
}

/// A compressed answer says so and is smaller, where the build made one.
async fn compressed_twins(site: &Site, path: &str) {
    let plain = site.get(path, &As::Nobody).await.body.len();
    for encoding in ["br", "gzip"] {
        let mut request = request("GET", path, &As::Nobody, Body::empty());
        request.headers_mut().insert(header::ACCEPT_ENCODING, encoding.parse().unwrap());
        let answer = site.send(request).await;
        if !answer.header(&header::CONTENT_ENCODING).is_empty() {
            assert_eq!(answer.header(&header::CONTENT_ENCODING), encoding);
            assert!(answer.body.len() < plain, "{path} as {encoding}");
        }
    }
}

#[tokio::test]
async fn the_login_page_is_open_and_safe_to_fill() {
    let site = Site::start().await;
    let page = site.get("/login?redirect=%2Fd%2Fa%3Fb%3D%22%3E", &As::Nobody).await;
    if assets::page("login.html").is_none() {
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
        return;
    }
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(r#"value="/d/a?b=&quot;&gt;""#), "{}", page.text());
    let head = site.send(request("HEAD", "/login", &As::Nobody, Body::empty())).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn no_path_leads_out_of_the_assets() {
    let site = Site::start().await;
    for path in
        ["/assets/../app.html", "/assets/%2e%2e/app.html", "/assets/..%2fapp.html", "/assets/"]
    {
        let status = site.get(path, &As::Nobody).await.status;
        assert!(matches!(status, StatusCode::NOT_FOUND | StatusCode::FOUND), "{path}: {status}");
    }
}
