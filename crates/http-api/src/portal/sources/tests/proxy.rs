//! What goes through the proxy, and what does not.

use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use portal::tables::AuditSearch;
use serde_json::json;

use super::server::{Server, empty, make_source};
use crate::portal::PortalConfig;
use crate::portal::tests::site::{ADMIN, As, Site, VIEWER, request};

const EDITOR: As = As::Basic("eddy", "editor password");

#[tokio::test]
async fn requests_and_answers_pass_without_what_belongs_to_the_portal() {
    let server = Server::start(|_| {
        let headers = [
            ("set-cookie", "grafana_session=evil"),
            ("content-security-policy", "default-src *"),
            ("x-kept", "yes"),
        ];
        (StatusCode::IM_A_TEAPOT, headers, "<script>").into_response()
    })
    .await;
    let site = Site::start().await;
    let url = server.url.replace("http://", "http://user:p%40ss@");
    make_source(
        &site,
        "loki",
        &format!("{url}/base/"),
        &json!({ "keepCookies": ["keep"], "customQueryParameters": "x=1" }),
    )
    .await;
    let mut asked = request(
        "POST",
        "/api/datasources/proxy/uid/far2/loki/api/v1/query?query=%7Ba%3D%22b%22%7D&a=b+c",
        &VIEWER,
        Body::from("limit=1"),
    );
    let headers = asked.headers_mut();
    headers.insert("x-grafana-org-id", "1".parse().unwrap());
    headers.insert("x-scope-orgid", "other".parse().unwrap());
    headers.insert("connection", "x-smuggled".parse().unwrap());
    headers.insert("x-smuggled", "1".parse().unwrap());
    headers.insert("x-custom", "kept".parse().unwrap());
    headers.insert("cookie", "grafana_session=a; keep=b".parse().unwrap());
    let answer = site.send(asked).await;

    assert_eq!(answer.status, StatusCode::IM_A_TEAPOT);
    assert_eq!(answer.text(), "<script>");
    assert_eq!(answer.header(&header::SET_COOKIE), "");
    assert_eq!(answer.header(&header::CONTENT_SECURITY_POLICY), "sandbox");
    assert_eq!(answer.headers["x-kept"], "yes");
    let arrived = server.last();
    assert_eq!(arrived.method, "POST");
    assert_eq!(arrived.uri, "/base/loki/api/v1/query?query=%7Ba%3D%22b%22%7D&a=b+c&x=1");
    assert_eq!(arrived.body, "limit=1");
    assert_eq!(arrived.header("authorization"), "Basic dXNlcjpwQHNz");
    assert_eq!(arrived.header("cookie"), "keep=b");
    assert_eq!(arrived.header("x-custom"), "kept");
    assert_eq!(arrived.header("content-length"), "7");
    for name in
        ["x-grafana-org-id", "x-scope-orgid", "x-smuggled", "x-grafana-user", "transfer-encoding"]
    {
        assert_eq!(arrived.header(name), "", "{name}");
    }
}

#[tokio::test]
async fn the_slot_takes_number_uid_and_name() {
    let server = Server::json(json!({ "traces": [] })).await;
    let site = Site::start().await;
    make_source(&site, "tempo", &server.url, &json!({})).await;
    let id = site.get("/api/datasources/uid/far2", &ADMIN).await.json()["id"].clone();
    for path in [
        format!("/api/datasources/proxy/{id}/api/search?limit=10"),
        "/api/datasources/proxy/far2/api/search?limit=10".to_owned(),
        "/api/datasources/proxy/FAR%20two/api/search?limit=10".to_owned(),
        "/api/datasources/proxy/uid/far2/api/search?limit=10".to_owned(),
        "/api/datasources/uid/far2/resources/api/search?limit=10".to_owned(),
        format!("/api/datasources/{id}/resources/api/search?limit=10"),
    ] {
        let answer = site.get(&path, &VIEWER).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, r#"{"traces":[]}"#), "{path}");
        assert_eq!(server.last().uri, "/api/search?limit=10", "{path}");
    }
    let none = site.get("/api/datasources/proxy/nobody/api/search", &VIEWER).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn paths_that_lead_elsewhere_never_leave() {
    let server = Server::start(|_| empty()).await;
    let site = Site::start().await;
    make_source(&site, "loki", &format!("{}/base", server.url), &json!({})).await;
    for path in [
        "../secret",
        "a/../../secret",
        "%2e%2e/secret",
        "a/%252e%252e/b",
        "a//b",
        "/evil.example/",
        "a%5c..%5cb",
        "a%2f..%2fb",
        "..;/b",
        "a%00",
        "a%0d%0aX: y",
    ] {
        for door in ["proxy/uid/far2", "proxy/far2", "uid/far2/resources"] {
            let path = format!("/api/datasources/{door}/{}", path.replace(' ', "%20"));
            let answer = site.get(&path, &ADMIN).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
            assert!(answer.text().contains("the path is not valid"), "{}", answer.text());
        }
    }
    assert!(server.arrived().is_empty());
}

#[tokio::test]
async fn viewers_read_and_administrators_may_more() {
    let server = Server::start(|_| empty()).await;
    let site = Site::start().await;
    make_source(&site, "prometheus", &server.url, &json!({})).await;
    for (method, path, who, allowed) in [
        ("GET", "api/v1/query?query=up", &VIEWER, true),
        ("POST", "api/v1/query", &VIEWER, true),
        ("DELETE", "api/v1/series", &VIEWER, false),
        ("PUT", "api/v1/x", &EDITOR, false),
        ("POST", "api/v1/admin/tsdb/delete_series", &VIEWER, false),
        ("GET", "api/v1/admin/tsdb/snapshot", &EDITOR, false),
        ("POST", "api/v1/admin/tsdb/delete_series", &ADMIN, true),
        ("POST", "config/v1/rules/ns", &VIEWER, false),
        ("POST", "config/v1/rules/ns", &EDITOR, true),
    ] {
        let path = format!("/api/datasources/proxy/uid/far2/{path}");
        let before = server.arrived().len();
        let answer = site.send(request(method, &path, who, Body::empty())).await;
        let want = if allowed { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status, want, "{method} {path} {who:?}");
        assert_eq!(server.arrived().len() - before, usize::from(allowed), "{method} {path}");
    }
    let audit = AuditSearch { action: "proxy".into(), limit: 10, ..AuditSearch::default() };
    let audit = site.state.tables.audit(&audit).await.unwrap();
    let told: Vec<(&str, &str, &str)> =
        audit.iter().map(|row| (&*row.actor, &*row.resource, &*row.detail)).collect();
    assert_eq!(told, [("admin", "far2", "POST api/v1/admin/tsdb/delete_series")]);
    // Our own is held to the same.
    for (who, want) in [(&VIEWER, StatusCode::FORBIDDEN), (&ADMIN, StatusCode::OK)] {
        let path = "/api/datasources/proxy/uid/own/prometheus/api/v1/admin/tsdb/delete_series";
        assert_eq!(site.send(request("POST", path, who, Body::empty())).await.status, want);
    }
}

#[tokio::test]
async fn addresses_of_credentials_are_refused() {
    let site = Site::start().await;
    for url in [
        "http://169.254.169.254/latest",
        "http://2852039166",
        "http://[::ffff:a9fe:a9fe]/",
        "http://metadata.google.internal/computeMetadata",
        "http://[fd00:ec2::254]",
        "http://100.100.100.200",
        "http://0.0.0.0:9090",
        "169.254.1.1",
    ] {
        make_source(&site, "loki", url, &json!({})).await;
        let answer = site.get("/api/datasources/proxy/uid/far2/x", &ADMIN).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{url}: {}", answer.text());
        assert!(answer.text().contains("portal.data_source_allow"), "{}", answer.text());
    }
    // Written down once, not for every request.
    let audit = AuditSearch { action: "ask".into(), limit: 10, ..AuditSearch::default() };
    let audit = site.state.tables.audit(&audit).await.unwrap();
    let told: Vec<(&str, &str)> = audit.iter().map(|row| (&*row.resource, &*row.outcome)).collect();
    assert_eq!(told, [("far2", "refused")]);
}

#[tokio::test]
async fn redirects_and_foreign_logins_are_told_not_followed() {
    let server = Server::start(|arrived| {
        if arrived.uri == "/to" {
            return (StatusCode::FOUND, [("location", "http://169.254.169.254/")]).into_response();
        }
        (StatusCode::UNAUTHORIZED, [("www-authenticate", "Basic")]).into_response()
    })
    .await;
    let site = Site::start().await;
    make_source(&site, "loki", &server.url, &json!({})).await;
    let moved = site.get("/api/datasources/proxy/uid/far2/to", &VIEWER).await;
    assert_eq!(moved.status, StatusCode::BAD_GATEWAY);
    assert!(moved.text().contains("redirect"), "{}", moved.text());
    assert_eq!(server.arrived().len(), 1);
    let login = site.get("/api/datasources/proxy/uid/far2/x", &VIEWER).await;
    assert_eq!(
        (login.status, &login.json()["message"]),
        (StatusCode::BAD_REQUEST, &json!("Authentication to data source failed"))
    );
}

#[tokio::test]
async fn limits_hold_and_name_themselves() {
    let server = Server::start(|arrived| match arrived.uri.as_str() {
        "/large" => "x".repeat(3000).into_response(),
        "/endless" => {
            let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>("x".repeat(500)));
            Body::from_stream(futures_util::stream::iter(chunks)).into_response()
        }
        _ => empty(),
    })
    .await;
    let config = PortalConfig {
        data_source_response_bytes_max: 2000,
        body_bytes_max: 1000,
        ..PortalConfig::default()
    };
    let site = Site::with(config).await;
    make_source(&site, "loki", &server.url, &json!({})).await;
    let large = site.get("/api/datasources/proxy/uid/far2/large", &VIEWER).await;
    assert_eq!(large.status, StatusCode::BAD_GATEWAY);
    assert!(large.text().contains("limits.data_source_response_bytes_max"));

    let path = "/api/datasources/proxy/uid/far2/loki/api/v1/query";
    let long = site.send(request("POST", path, &VIEWER, Body::from("x".repeat(1001)))).await;
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
    let chunks =
        futures_util::stream::iter((0..3).map(|_| Ok::<_, std::io::Error>("x".repeat(500))));
    let long = site.send(request("POST", path, &VIEWER, Body::from_stream(chunks))).await;
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", long.text());
    assert!(long.text().contains("limits.portal_body_bytes_max"));

    let mut headers = request("GET", "/api/datasources/proxy/uid/far2/x", &VIEWER, Body::empty());
    headers.headers_mut().insert("x-long", "x".repeat(70_000).parse().unwrap());
    assert_eq!(site.send(headers).await.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);

    // Without a length nobody knows before: the answer breaks off.
    let endless = site.open_get("/api/datasources/proxy/uid/far2/endless", &VIEWER).await;
    assert_eq!(endless.status(), StatusCode::OK);
    assert!(axum::body::to_bytes(endless.into_body(), usize::MAX).await.is_err());
}

#[tokio::test]
async fn a_source_that_is_away_or_silent_is_told_as_such() {
    let site = Site::start().await;
    make_source(&site, "loki", "http://127.0.0.1:1", &json!({})).await;
    let away = site.get("/api/datasources/proxy/uid/far2/x", &VIEWER).await;
    assert_eq!(away.status, StatusCode::BAD_GATEWAY, "{}", away.text());

    // Accepts connections and says nothing.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    make_source(&site, "loki", &url, &json!({ "timeout": 0.05 })).await;
    let silent = site.get("/api/datasources/proxy/uid/far2/x", &VIEWER).await;
    assert_eq!(silent.status, StatusCode::GATEWAY_TIMEOUT, "{}", silent.text());
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_may_be() {
    let config = PortalConfig {
        data_source_requests_max: 1,
        data_source_timeout: Duration::from_millis(50),
        ..PortalConfig::default()
    };
    let site = Site::with(config).await;
    let server = Server::json(json!(1)).await;
    make_source(&site, "loki", &server.url, &json!({})).await;
    // The first one's answer is not read: its place stays taken.
    let first = site.open_get("/api/datasources/proxy/uid/far2/x", &VIEWER).await;
    assert_eq!(first.status(), StatusCode::OK);
    let second = site.get("/api/datasources/proxy/uid/far2/x", &VIEWER).await;
    assert_eq!(second.status, StatusCode::SERVICE_UNAVAILABLE, "{}", second.text());
    assert!(second.text().contains("limits.data_source_requests_max"));
    drop(first);
    assert_eq!(site.get("/api/datasources/proxy/uid/far2/x", &VIEWER).await.status, StatusCode::OK);
}
