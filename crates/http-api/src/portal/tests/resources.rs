//! Health, search, dashboards, folders, data sources, proxy: Grafana's shapes.

use std::fs;

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::json;

use super::site::{ADMIN, As, BOARD, Site, VIEWER, request};

#[tokio::test]
async fn health_has_grafanas_keys_and_fails_with_the_tables() {
    let site = Site::start().await;
    let healthy = site.get("/api/health", &As::Nobody).await;
    assert_eq!(healthy.status, StatusCode::OK);
    let said = healthy.json();
    assert_eq!(
        (&said["commit"], &said["database"], &said["ok"]),
        (&json!(""), &json!("ok"), &json!(true))
    );
    let major =
        said["version"].as_str().and_then(|version| version.split('.').next()?.parse().ok());
    assert!(major >= Some(10_u32), "clients look for a Grafana that they know: {said}");
    site.state.tables.close().await;
    let sick = site.get("/api/health", &As::Nobody).await;
    assert_eq!(sick.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((&sick.json()["database"], &sick.json()["ok"]), (&json!("failing"), &json!(false)));
}

#[tokio::test]
async fn search_finds_by_title_tag_folder_and_star() {
    let site = Site::start().await;
    let check = async |query: &str, want: &[&str]| {
        let answer = site.get(&format!("/api/search{query}"), &VIEWER).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        let found = answer.json();
        let titles: Vec<&str> =
            found.as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap()).collect();
        assert_eq!(titles, want, "{query}");
    };
    check("", &["Hosts", "A Board", "Zoo"]).await;
    check("?type=dash-db", &["A Board", "Zoo"]).await;
    check("?type=dash-folder", &["Hosts"]).await;
    check("?type=dash-db&query=BOARD", &["A Board"]).await;
    check("?tag=host", &["A Board"]).await;
    check("?tag=host&tag=none", &[]).await;
    check("?type=dash-db&limit=1", &["A Board"]).await;
    check("?type=dash-db&limit=1&page=2", &["Zoo"]).await;
    check("?dashboardUIDs=board", &["A Board"]).await;
    let is_starred = async |who: &As| {
        let metas = ["/api/dashboards/uid/board", "/api/ui/dashboards/board"];
        let [of_grafana, own] =
            metas.map(async |path| site.get(path, who).await.json()["meta"]["isStarred"].clone());
        let (of_grafana, own) = tokio::join!(of_grafana, own);
        assert_eq!(of_grafana, own);
        own
    };
    check("?starred=true", &[]).await;
    assert_eq!(is_starred(&VIEWER).await, false);
    let star = "/api/user/stars/dashboard/uid/board";
    assert_eq!(site.post(star, &VIEWER, &json!({})).await.json()["message"], "Dashboard starred!");
    check("?starred=true", &["A Board"]).await;
    assert_eq!((is_starred(&VIEWER).await, is_starred(&ADMIN).await), (true.into(), false.into()));
    let answer = site.send(request("DELETE", star, &VIEWER, Body::empty())).await;
    assert_eq!(answer.json()["message"], "Dashboard unstarred");
    check("?starred=true", &[]).await;
    assert_eq!(site.get("/api/search?limit=x", &VIEWER).await.status, StatusCode::BAD_REQUEST);

    let hit = &site.get("/api/search?query=board", &VIEWER).await.json()[0];
    assert_eq!(hit["url"], "/d/board/a-board");
    assert_eq!(hit["uri"], "db/a-board");
    assert_eq!(hit["folderTitle"], "Hosts");
    assert_eq!(hit["tags"], json!(["host"]));
}

#[tokio::test]
async fn a_dashboard_comes_as_received_with_the_servers_fields() {
    let site = Site::start().await;
    let answer = site.get("/api/dashboards/uid/board", &VIEWER).await;
    assert!(answer.text().contains(r#""zz":1.10"#), "numbers keep their digits: {}", answer.text());
    let json = answer.json();
    assert_eq!(json["dashboard"]["title"], "A Board");
    assert_eq!(
        (&json["dashboard"]["version"], &json["dashboard"]["uid"]),
        (&json!(1), &json!("board"))
    );
    assert_eq!(json["meta"]["provisioned"], true);
    assert_eq!(json["meta"]["folderTitle"], "Hosts");
    assert_eq!(json["meta"]["url"], "/d/board/a-board");
    assert_eq!(site.state.tables.dashboard(1, "board").await.unwrap().unwrap().received, BOARD);
    let missing = site.get("/api/dashboards/uid/nope", &VIEWER).await;
    assert_eq!(
        (missing.status, &missing.json()["message"]),
        (StatusCode::NOT_FOUND, &json!("Dashboard not found"))
    );
    let home = site.get("/api/dashboards/home", &VIEWER).await.json();
    assert_eq!(home["redirectUri"], "/d/board/a-board");
    assert!(fs::exists(site.dir.path().join("portal.db")).unwrap());
}

#[tokio::test]
async fn folders_and_organisation_are_listed() {
    let site = Site::start().await;
    let folders = site.get("/api/folders", &VIEWER).await.json();
    assert_eq!(folders[0]["title"], "Hosts");
    let uid = folders[0]["uid"].as_str().unwrap();
    let one = site.get(&format!("/api/folders/{uid}"), &VIEWER).await.json();
    assert_eq!(one["title"], "Hosts");
    let page = site.get("/api/ui/dashboards/board", &VIEWER).await.json();
    let meta = &page["meta"];
    assert_eq!((&meta["folderTitle"], &meta["folderUid"]), (&json!("Hosts"), &folders[0]["uid"]));
    assert_eq!(site.get("/api/folders/nope", &VIEWER).await.status, StatusCode::NOT_FOUND);
    let org = site.get("/api/org", &VIEWER).await.json();
    assert_eq!((&org["id"], &org["name"]), (&json!(1), &json!("Main Org.")));
    let settings = site.get("/api/frontend/settings", &ADMIN).await.json();
    assert_eq!(settings["defaultDatasource"], "Metrics");
    assert_eq!(settings["anonymousEnabled"], false);
}

#[tokio::test]
async fn data_sources_are_listed_without_their_secrets() {
    let site = Site::start().await;
    let list = site.get("/api/datasources", &ADMIN).await.json();
    let names: Vec<&str> =
        list.as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Far", "Metrics", "Own"]);
    assert_eq!(list[1]["uid"], "orrery-metrics");
    assert_eq!(list[1]["isDefault"], true);
    let far = site.get("/api/datasources/uid/far", &ADMIN).await;
    assert!(!far.text().contains("hush"));
    assert_eq!(far.json()["secureJsonFields"], json!({ "password": true }));
    let id = far.json()["id"].clone();
    let by_id = site.get(&format!("/api/datasources/{id}"), &ADMIN).await.json();
    assert_eq!(by_id["name"], "Far");
    assert_eq!(site.get("/api/datasources/name/Own", &ADMIN).await.json()["uid"], "own");
    let missing = site.get("/api/datasources/uid/nope", &ADMIN).await;
    assert_eq!(
        (missing.status, &missing.json()["message"]),
        (StatusCode::NOT_FOUND, &json!("Data source not found"))
    );
}

#[tokio::test]
async fn own_sources_are_healthy() {
    let site = Site::start().await;
    for uid in ["orrery-metrics", "own"] {
        let answer = site.get(&format!("/api/datasources/uid/{uid}/health"), &VIEWER).await;
        assert_eq!((answer.status, &answer.json()["status"]), (StatusCode::OK, &json!("OK")));
        assert!(answer.text().contains("Data source is working"));
    }
}

#[tokio::test]
async fn the_proxy_calls_the_prometheus_api_in_process() {
    let site = Site::start().await;
    let id = site.get("/api/datasources/uid/own", &ADMIN).await.json()["id"].clone();
    for path in [
        "/api/datasources/proxy/uid/own/api/v1/query?query=up%7B%7D".to_owned(),
        "/api/datasources/uid/own/resources/api/v1/query?query=up%7B%7D".to_owned(),
        "/api/datasources/proxy/uid/own/prometheus/api/v1/query?query=up%7B%7D".to_owned(),
        format!("/api/datasources/proxy/{id}/api/v1/query?query=up%7B%7D"),
        "/api/datasources/proxy/own/api/v1/query?query=up%7B%7D".to_owned(),
    ] {
        let answer = site.get(&path, &VIEWER).await;
        assert_eq!(
            answer.text(),
            "GET /api/v1/query?query=up%7B%7D tenant=default secrets=false body=",
            "{path}"
        );
    }
    let form = request(
        "POST",
        "/api/datasources/proxy/uid/own/api/v1/query",
        &VIEWER,
        Body::from("query=up"),
    );
    assert!(site.send(form).await.text().ends_with("body=query=up"));
}
