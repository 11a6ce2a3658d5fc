//! Hostile input to the smaller objects: what is kept comes back as it was sent, as JSON that no
//! browser takes for a page; what is too much is refused, and the limit named.

use axum::body::Body;
use axum::http::header;
use serde_json::{Value, json};

use super::script::run;
use super::site::{ADMIN, Answer, As, Site, request};
use crate::portal::{ObjectLimits, PortalConfig};

const EDDY: As = As::Basic("eddy", "editor password");

/// Texts that a page or a statement might take for something else.
const TEXTS: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'; DROP TABLE annotations; --",
    "${jndi:ldap://evil}{{7*7}}",
    "\u{202e}\u{1}\u{2028}end",
    "%00%2e%2e/\\..\\",
];

async fn post(site: &Site, path: &str, body: &str) -> Answer {
    let mut request = request("POST", path, &EDDY, Body::from(body.to_owned()));
    request.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    site.send(request).await
}

fn is_plain_json(answer: &Answer) {
    assert!(answer.header(&header::CONTENT_TYPE).starts_with("application/json"));
    assert_eq!(answer.header(&header::X_CONTENT_TYPE_OPTIONS), "nosniff");
}

/// PostgreSQL keeps no NUL in a text, so no database is given one.
#[tokio::test]
async fn nul_is_refused() {
    let site = Site::start().await;
    for (path, body) in [
        ("/api/annotations", r#"{"text":"a\u0000","time":1}"#),
        ("/api/playlists", r#"{"name":"a\u0000b","interval":"5m","items":[]}"#),
        ("/api/folders", r#"{"title":"\u0000"}"#),
    ] {
        let answer = post(&site, path, body).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        assert!(answer.text().contains("NUL"), "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn texts_come_back_as_they_were_sent() {
    let site = Site::start().await;
    for text in TEXTS {
        let check = async |make: &str, body: Value, read: &str, pointer: &str| {
            let made = post(&site, make, &body.to_string()).await;
            assert_eq!(made.status, 200, "{make} {text:?}: {}", made.text());
            is_plain_json(&made);
            let found = site.get(read, &EDDY).await;
            is_plain_json(&found);
            assert_eq!(found.json().pointer(pointer), Some(&json!(text)), "{read} {text:?}");
        };
        let annotation = json!({ "text": text, "time": 1 });
        check("/api/annotations", annotation, "/api/annotations?limit=1", "/0/text").await;
        let element = json!({ "name": text, "kind": 1, "model": { "title": text } });
        let elements = "/api/library-elements";
        check(elements, element, "/api/library-elements", "/result/elements/0/name").await;
        let uid = site.get(elements, &EDDY).await.json()["result"]["elements"][0]["uid"].clone();
        let path = format!("/api/library-elements/{}", uid.as_str().unwrap());
        let gone = site.send(request("DELETE", &path, &EDDY, Body::empty())).await;
        assert_eq!(gone.status, 200, "{}", gone.text());
        let snapshot = json!({ "name": text, "dashboard": { "title": text } });
        check("/api/snapshots", snapshot, "/api/dashboard/snapshots", "/0/name").await;
        let query = json!({ "datasourceUid": "own", "queries": [{ "expr": text }] });
        let last = "/result/queryHistory/0/queries/0/expr";
        check("/api/query-history", query, "/api/query-history", last).await;
        let uid =
            site.get("/api/query-history", &EDDY).await.json()["result"]["queryHistory"][0]["uid"]
                .clone();
        let path = format!("/api/query-history/{}", uid.as_str().unwrap());
        site.send(request("DELETE", &path, &EDDY, Body::empty())).await;
        let items = json!([{ "type": "dashboard_by_tag", "value": text }]);
        let playlist = json!({ "name": text, "interval": "5m", "items": items });
        check("/api/playlists", playlist, "/api/playlists", "/0/name").await;
        let uid = site.get("/api/playlists", &EDDY).await.json()[0]["uid"].clone();
        let path = format!("/api/playlists/{}", uid.as_str().unwrap());
        site.send(request("DELETE", &path, &EDDY, Body::empty())).await;
    }
}

#[tokio::test]
async fn nonsense_depth_and_length_are_refused() {
    let site = Site::start().await;
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    for path in [
        "/api/annotations",
        "/api/annotations/graphite",
        "/api/annotations/mass-delete",
        "/api/library-elements",
        "/api/snapshots",
        "/api/playlists",
        "/api/short-urls",
        "/api/query-history",
        "/api/query-history/migrate",
        "/api/alerts/test",
    ] {
        for body in ["", "null", "5", "\"x\"", "{\"", "\u{feff}{}", deep.as_str()] {
            let answer = post(&site, path, body).await;
            let start: String = body.chars().take(20).collect();
            assert_eq!(answer.status, 400, "{path} {start}: {}", answer.text());
            is_plain_json(&answer);
        }
        let nested = format!(
            r#"{{"data":{{"x":{deep}}},"dashboard":{{"x":{deep}}},"model":{{"x":{deep}}},"queries":{deep},"kind":1,"name":"x","path":"x","text":"x","what":"x","interval":"5m","items":{deep}}}"#
        );
        let answer = post(&site, path, &nested).await;
        // Fields that a route does not know are read over, however deep they are.
        let knows_none = matches!(path, "/api/short-urls" | "/api/alerts/test");
        assert!(knows_none || answer.status == 400, "{path} nested: {}", answer.text());
        let long = format!(r#"{{"text":"{}"}}"#, "x".repeat(5 << 20));
        assert_eq!(post(&site, path, &long).await.status, 413, "{path}");
    }
}

#[tokio::test]
async fn limits_are_named() {
    let objects = ObjectLimits {
        correlations_max: 0,
        annotations_max: 1,
        annotation_bytes_max: 10,
        annotation_tags_max: 1,
        library_elements_max: 0,
        library_element_bytes_max: 50,
        snapshots_max: 0,
        snapshot_bytes_max: 20,
        playlists_max: 0,
        playlist_items_max: 1,
        short_urls_max: 0,
        short_url_bytes_max: 10,
        query_history_max: 1,
        query_history_bytes_max: 20,
    };
    let site = Site::with(PortalConfig { objects, ..PortalConfig::default() }).await;
    let long = "x".repeat(60);
    for (path, body, status, limit) in [
        ("annotations", json!({ "text": long }), 400, "limits.annotation_bytes_max is 10"),
        ("annotations", json!({ "text": "x", "tags": ["a", "b"] }), 400, "annotation_tags_max"),
        ("annotations", json!({ "text": "x" }), 200, "Annotation added"),
        ("annotations", json!({ "text": "x" }), 403, "limits.annotations_max is reached"),
        ("annotations/graphite", json!({ "what": "x" }), 403, "limits.annotations_max"),
        (
            "library-elements",
            json!({ "kind": 1, "model": { "t": long } }),
            400,
            "limits.library_element_bytes_max",
        ),
        ("library-elements", json!({ "kind": 1 }), 403, "limits.library_elements_max"),
        ("snapshots", json!({ "dashboard": { "t": long } }), 400, "limits.snapshot_bytes_max"),
        ("snapshots", json!({ "dashboard": {} }), 403, "limits.snapshots_max"),
        ("playlists", json!({ "name": "x", "interval": "5m" }), 403, "limits.playlists_max"),
        ("short-urls", json!({ "path": long }), 400, "limits.short_url_bytes_max"),
        ("short-urls", json!({ "path": "x" }), 403, "limits.short_urls_max"),
        ("query-history", json!({ "queries": [long] }), 400, "limits.query_history_bytes_max"),
        ("query-history", json!({ "queries": [1] }), 200, "[1]"),
        // The oldest makes room.
        ("query-history", json!({ "queries": [2] }), 200, "[2]"),
    ] {
        let answer = post(&site, &format!("/api/{path}"), &body.to_string()).await;
        assert_eq!(answer.status, status, "{path} {limit}: {}", answer.text());
        assert!(answer.text().contains(limit), "{path} {limit}: {}", answer.text());
    }
    let history = site.get("/api/query-history", &EDDY).await.json();
    assert_eq!(history["result"]["totalCount"], 1);
    let item = json!({ "type": "dashboard_by_tag", "value": "a" });
    let playlist = json!({ "name": "x", "interval": "5m", "items": [item, item] });
    let answer = post(&site, "/api/playlists", &playlist.to_string()).await;
    assert!(answer.text().contains("limits.playlist_items_max is 1"), "{}", answer.text());
}

#[tokio::test]
async fn expired_snapshots_are_gone_and_other_organisations_see_nothing() {
    let site = Site::start().await;
    let kept = run(
        &site,
        "> eddy POST /api/snapshots {\"dashboard\":{},\"name\":\"other\"}\n200\nkeep key /key\n\
         > eddy POST /api/annotations {\"text\":\"of the first\"}\n200\nkeep annotation /id\n\
         > eddy POST /api/playlists {\"name\":\"p\",\"interval\":\"5m\"}\n200\nkeep playlist /uid\n\
         > eddy POST /api/library-elements {\"name\":\"l\",\"kind\":1}\n200\nkeep element /result/uid\n\
         > admin POST /api/orgs {\"name\":\"Other\"}\n200\nkeep org /orgId\n",
    )
    .await;
    let org: i64 = kept["org"].parse().unwrap();
    let elsewhere = As::BasicIn("admin", super::site::ADMIN_PASSWORD, org);
    for path in [
        format!("/api/annotations/{}", kept["annotation"]),
        format!("/api/playlists/{}", kept["playlist"]),
        format!("/api/library-elements/{}", kept["element"]),
    ] {
        assert_eq!(site.get(&path, &ADMIN).await.status, 200, "{path}");
        assert_eq!(site.get(&path, &elsewhere).await.status, 404, "{path}");
    }
    for path in ["/api/annotations", "/api/playlists", "/api/dashboard/snapshots"] {
        assert_eq!(site.get(path, &elsewhere).await.text(), "[]", "{path}");
    }
    let foreign =
        request("DELETE", &format!("/api/snapshots/{}", kept["key"]), &elsewhere, Body::empty());
    assert_eq!(site.send(foreign).await.status, 404);
    let tables = &site.state.tables;
    let now_ms = site.state.clock.unix_ms();
    assert!(tables.snapshot(&kept["key"], now_ms).await.unwrap().is_some());
    assert!(tables.snapshot(&kept["key"], i64::MAX).await.unwrap().is_none());
}
