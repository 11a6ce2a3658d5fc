//! Signing in and out, by JSON, form, cookie and Basic; passwords.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::json;

use super::site::{ADMIN, ADMIN_PASSWORD, As, Site, request};

#[tokio::test]
async fn a_json_login_gives_a_session_and_logout_ends_it() {
    let site = Site::start().await;
    let body = json!({ "user": "Admin", "password": ADMIN_PASSWORD });
    let answer = site.post("/login", &As::Nobody, &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.json(),
        json!({ "message": "Logged in", "redirectUrl": "/", "mustChangePassword": false })
    );
    let set = answer.header(&header::SET_COOKIE);
    assert!(set.starts_with("grafana_session=") && set.contains("HttpOnly"), "{set}");
    assert!(set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");
    let cookie = answer.cookie();
    let user = site.get("/api/user", &cookie).await.json();
    assert_eq!((&user["login"], &user["isGrafanaAdmin"]), (&json!("admin"), &json!(true)));

    let out = site.get("/logout", &cookie).await;
    assert_eq!((out.status, out.header(&header::LOCATION)), (StatusCode::FOUND, "/login"));
    assert!(out.header(&header::SET_COOKIE).contains("Max-Age=0"));
    assert_eq!(site.get("/api/user", &cookie).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/d/board", &cookie).await.status, StatusCode::FOUND);
}

#[tokio::test]
async fn a_wrong_login_says_the_same_whatever_was_wrong() {
    let site = Site::start().await;
    for (user, password) in [("admin", "wrong"), ("nobody", "wrong"), ("", "")] {
        let body = json!({ "user": user, "password": password });
        let answer = site.post("/login", &As::Nobody, &body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{user}");
        assert_eq!(answer.json()["message"], "Invalid username or password");
        assert_eq!(answer.header(&header::SET_COOKIE), "");
    }
    let broken = site.send(request("POST", "/login", &As::Nobody, Body::from("{"))).await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_form_works_without_scripts() {
    let site = Site::start().await;
    let send = async |body: &'static str| {
        let mut request = request("POST", "/login", &As::Nobody, Body::from(body));
        let form = "application/x-www-form-urlencoded".parse().unwrap();
        request.headers_mut().insert(header::CONTENT_TYPE, form);
        site.send(request).await
    };
    let good = send("user=admin&password=correct+horse&redirect=%2Fd%2Fboard%3Fa%3Db").await;
    assert_eq!(good.status, StatusCode::SEE_OTHER);
    assert_eq!(good.header(&header::LOCATION), "/d/board?a=b");
    assert_eq!(site.get("/api/user", &good.cookie()).await.status, StatusCode::OK);
    let elsewhere = send("user=admin&password=correct+horse&redirect=%2F%2Fevil").await;
    assert_eq!(elsewhere.header(&header::LOCATION), "/");
    let bad = send("user=admin&password=wrong").await;
    // Without a web build there is no page to put the error into.
    assert!(matches!(bad.status, StatusCode::UNAUTHORIZED | StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(bad.header(&header::SET_COOKIE), "");
}

#[tokio::test]
async fn a_changed_password_replaces_the_old_one_at_once() {
    let site = Site::start().await;
    let (mine, other) = (site.sign_in().await, site.sign_in().await);
    assert_eq!(site.get("/api/user", &ADMIN).await.status, StatusCode::OK);
    let change = async |old: &str, new: &str| {
        let body = json!({ "oldPassword": old, "newPassword": new }).to_string();
        site.send(request("PUT", "/api/user/password", &mine, Body::from(body))).await
    };
    let wrong = change("wrong", "another one").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.json()["message"], "Invalid old password");
    let short = change(ADMIN_PASSWORD, "abc").await;
    assert_eq!(short.status, StatusCode::BAD_REQUEST);
    assert_eq!(short.json()["message"], "New password is too short");
    let good = change(ADMIN_PASSWORD, "another one").await;
    assert_eq!(
        (good.status, &good.json()["message"]),
        (StatusCode::OK, &json!("User password changed"))
    );

    assert_eq!(site.get("/api/user", &ADMIN).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        site.get("/api/user", &As::Basic("admin", "another one")).await.status,
        StatusCode::OK
    );
    assert_eq!(site.get("/api/user", &mine).await.status, StatusCode::OK);
    assert_eq!(site.get("/api/user", &other).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn pages_lead_to_the_login_and_back() {
    let site = Site::start().await;
    let away = site.get("/d/board/a-board?from=now-6h", &As::Nobody).await;
    assert_eq!(away.status, StatusCode::FOUND);
    assert_eq!(away.header(&header::LOCATION), "/login?redirect=/d/board/a-board%3Ffrom%3Dnow-6h");
    let cookie = site.sign_in().await;
    let back = site.get("/login?redirect=/d/board", &cookie).await;
    assert_eq!((back.status, back.header(&header::LOCATION)), (StatusCode::FOUND, "/d/board"));
    let stale = site.get("/login", &As::Cookie("grafana_session=stale".into())).await;
    assert_ne!(stale.status, StatusCode::FOUND, "no loop between the page and the login");
}
