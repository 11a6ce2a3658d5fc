//! Every route of the table against every kind of visitor.

use auth::Action;
use axum::body::Body;
use axum::http::{Method, StatusCode, header};

use super::site::{ADMIN, As, Site, VIEWER, request};
use crate::portal::guard::Needs;
use crate::portal::routes::table;

/// The path with its parameters filled in.
fn filled(path: &str) -> String {
    path.replace("{uid}", "nothing")
        .replace("{id}", "7000")
        .replace("{name}", "nothing")
        .replace("{*path}", "api/v1/query")
        .replace("{*page}", "d/board")
}

fn refused(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

#[tokio::test]
async fn every_route_opens_to_whom_its_table_entry_says() {
    let site = Site::start().await;
    let nora = As::Basic("nora", "no role at all");
    for route in table() {
        let path = filled(route.path);
        let answer =
            |who: &As| site.send(request(route.method.as_str(), &path, who, Body::empty()));
        let place = format!("{} {path}", route.method);
        let stranger = answer(&As::Nobody).await;
        let admin = answer(&ADMIN).await;
        assert!(!refused(admin.status) || path == "/login", "{place} as admin: {}", admin.status);
        match route.needs {
            Needs::Nothing | Needs::OwnPage => {
                assert_ne!(stranger.status, StatusCode::UNAUTHORIZED, "{place}");
            }
            Needs::Page => {
                assert_eq!(stranger.status, StatusCode::FOUND, "{place}");
                assert!(stranger.header(&header::LOCATION).starts_with("/login"), "{place}");
            }
            Needs::Right(action) => {
                assert_eq!(stranger.status, StatusCode::UNAUTHORIZED, "{place}");
                assert_eq!(stranger.json()["message"], "Unauthorized", "{place}");
                let viewer = answer(&VIEWER).await;
                let kept_out = action == Action::ReadDataSources;
                assert_eq!(viewer.status == StatusCode::FORBIDDEN, kept_out, "{place} as viewer");
                let nobody = answer(&nora).await;
                let own = action == Action::UseOwnAccount;
                assert_eq!(nobody.status == StatusCode::FORBIDDEN, !own, "{place} without role");
            }
        }
    }
}

#[tokio::test]
async fn wrong_passwords_are_refused_everywhere_and_then_slowed_down() {
    let site = Site::start().await;
    let wrong = As::Basic("admin", "wrong");
    for route in table() {
        if matches!(route.needs, Needs::Nothing | Needs::OwnPage) {
            continue;
        }
        let path = filled(route.path);
        let answer = site.send(request(route.method.as_str(), &path, &wrong, Body::empty())).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {path}", route.method);
        assert_eq!(answer.json()["message"], "Invalid username or password");
    }
    // By now the throttle has closed, for the right password too.
    let admin = site.get("/api/user", &ADMIN).await;
    assert_eq!(admin.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/api/user", &VIEWER).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_foreign_page_cannot_act_with_our_cookie() {
    let site = Site::start().await;
    let cookie = site.sign_in().await;
    let star = "/api/user/stars/dashboard/uid/board";
    let send = async |who: &As, name: &'static str, value: &'static str| {
        let mut request = request("POST", star, who, Body::empty());
        request.headers_mut().insert(name, value.parse().unwrap());
        site.send(request).await
    };
    let foreign = send(&cookie, "origin", "http://evil.example").await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert_eq!(foreign.json()["message"], "origin not allowed");
    assert_eq!(send(&cookie, "sec-fetch-site", "cross-site").await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(&cookie, "origin", "http://here:3000").await.status, StatusCode::OK);
    assert_eq!(send(&ADMIN, "origin", "http://evil.example").await.status, StatusCode::OK);
    let mut login = request("POST", "/login", &As::Nobody, Body::from("{}"));
    login.headers_mut().insert("origin", "http://evil.example".parse().unwrap());
    assert_eq!(site.send(login).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn answers_are_hardened_and_unknown_ones_say_so() {
    let site = Site::start().await;
    for path in ["/login", "/api/health", "/api/search", "/assets/none.js", "/api/nothing"] {
        let answer = site.get(path, &ADMIN).await;
        assert_eq!(answer.header(&header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
        assert_eq!(answer.header(&header::X_FRAME_OPTIONS), "deny", "{path}");
        assert!(!answer.header(&header::REFERRER_POLICY).is_empty(), "{path}");
    }
    let unknown = site.get("/api/nothing/here", &ADMIN).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(unknown.json()["message"], "Not found");
    let wrong = site.send(request(Method::DELETE.as_str(), "/api/search", &ADMIN, Body::empty()));
    assert_eq!(wrong.await.status, StatusCode::METHOD_NOT_ALLOWED);
}
