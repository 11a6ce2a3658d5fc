//! Health checks: the words for each type, and advice when something is wrong.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::json;

use super::server::{Server, empty, make_source};
use crate::portal::tests::site::{ADMIN, As, Site, VIEWER};

const HEALTH: &str = "/api/datasources/uid/far2/health";
const OF_UI: &str = "/api/ui/data-sources/far2/health";

#[tokio::test]
async fn every_type_is_asked_its_own_question() {
    let server = Server::start(|_| empty()).await;
    let site = Site::start().await;
    for (kind, uri, words) in [
        (
            "prometheus",
            "/api/v1/query?query=1%2B1",
            "Data source is working: successfully queried the Prometheus API.",
        ),
        (
            "loki",
            "/loki/api/v1/query?query=vector(1)%2Bvector(1)",
            "Data source successfully connected.",
        ),
        ("tempo", "/api/echo", "Data source is working"),
        ("jaeger", "/api/services", "Data source is working"),
        ("graphite", "/", "Data source is reachable: its URL answers."),
    ] {
        make_source(&site, kind, &server.url, &json!({})).await;
        let answer = site.get(HEALTH, &VIEWER).await;
        assert_eq!(answer.status, StatusCode::OK, "{kind}: {}", answer.text());
        assert_eq!(answer.json(), json!({ "status": "OK", "message": words }));
        assert_eq!(server.last().uri, uri, "{kind}");
        let of_ui = site.get(OF_UI, &VIEWER).await.json();
        assert_eq!((&of_ui["status"], &of_ui["message"]), (&json!("OK"), &json!(words)));
        assert_eq!((&of_ui["uid"], &of_ui["type"]), (&json!("far2"), &json!(kind)));
    }
    assert_eq!(site.get(OF_UI, &As::Nobody).await.status, StatusCode::UNAUTHORIZED);
    let none = site.get("/api/ui/data-sources/none/health", &VIEWER).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let id = site.get("/api/datasources/uid/far2", &ADMIN).await.json()["id"].clone();
    let by_id = site.get(&format!("/api/datasources/{id}/health"), &VIEWER).await;
    assert_eq!(by_id.json()["status"], "OK");
}

#[tokio::test]
async fn an_old_tempo_is_asked_another_way() {
    let server = Server::start(|arrived| {
        if arrived.uri == "/api/echo" { StatusCode::NOT_FOUND.into_response() } else { empty() }
    })
    .await;
    let site = Site::start().await;
    make_source(&site, "tempo", &server.url, &json!({})).await;
    let answer = site.get(HEALTH, &VIEWER).await;
    assert_eq!(answer.json()["message"], "Data source is working");
    assert_eq!(server.last().uri, "/api/search?limit=1");
}

#[tokio::test]
async fn what_is_wrong_comes_with_advice() {
    let server = Server::start(|arrived| match arrived.uri.as_str() {
        uri if uri.starts_with("/sealed") => StatusCode::UNAUTHORIZED.into_response(),
        uri if uri.starts_with("/moved") => {
            (StatusCode::FOUND, [("location", "/elsewhere")]).into_response()
        }
        uri if uri.starts_with("/broken") => {
            (StatusCode::INTERNAL_SERVER_ERROR, "no disk").into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    })
    .await;
    let site = Site::start().await;
    let sealed = server.url.replace("http://", "http://a:hush@");
    for (url, words) in [
        ("http://127.0.0.1:1".to_owned(), "cannot reach http://127.0.0.1:1"),
        ("http://127.0.0.1:1".to_owned(), "check that the server runs"),
        ("http://169.254.169.254".to_owned(), "portal.data_source_allow"),
        ("ftp://host".to_owned(), "only http and https"),
        (format!("{sealed}/sealed"), "check the user and the password"),
        (format!("{}/moved", server.url), "it redirects"),
        (format!("{}/broken", server.url), "(no disk)"),
        (format!("{}/nothing", server.url), "check the URL and its path"),
    ] {
        make_source(&site, "prometheus", &url, &json!({})).await;
        let answer = site.get(HEALTH, &VIEWER).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{url}");
        assert_eq!(answer.json()["status"], "ERROR", "{url}");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(words), "{url}: {message}");
        assert!(!message.contains("hush"), "{message}");
        let of_ui = site.get(OF_UI, &VIEWER).await;
        assert_eq!(of_ui.status, StatusCode::OK, "{url}");
        assert_eq!(of_ui.json()["status"], "ERROR", "{url}");
        assert_eq!(of_ui.json()["message"], answer.json()["message"], "{url}");
    }
}
