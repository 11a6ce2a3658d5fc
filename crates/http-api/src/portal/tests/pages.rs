//! The HTML pages and assets, with a web build and without.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::Value;

use super::site::{ADMIN, As, Site, request};
use crate::portal::assets;

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
    let (_, after) = page.text().split_once(r#"id="boot">"#).expect("the boot mark is filled");
    let boot: Value = serde_json::from_str(after.split_once("</script>").unwrap().0).unwrap();
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
