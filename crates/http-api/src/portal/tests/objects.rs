//! The smaller objects, by scripts.

use portal::tables::{By, NewDataSource, PlaylistRow, Room};

use super::script::run;
use super::site::{ADMIN, Site};

/// A source that a person made, and so may change.
async fn source(site: &Site, uid: &str, kind: &str) {
    let source = NewDataSource {
        uid: uid.to_owned(),
        name: uid.to_owned(),
        kind: kind.to_owned(),
        access: "proxy".to_owned(),
        json_data: "{}".to_owned(),
        ..NewDataSource::default()
    };
    site.state.tables.insert_data_source(1, &source, By::provisioning(1)).await.unwrap();
}

#[tokio::test]
async fn annotations_are_kept_found_and_guarded() {
    let site = Site::start().await;
    run(&site, include_str!("scripts/annotations.txt")).await;
}

#[tokio::test]
async fn correlations_lead_from_source_to_source() {
    let site = Site::start().await;
    source(&site, "logs", "loki").await;
    source(&site, "traces", "tempo").await;
    run(&site, include_str!("scripts/correlations.txt")).await;
}

#[tokio::test]
async fn plugins_are_what_is_built_in() {
    let site = Site::start().await;
    run(&site, include_str!("scripts/plugins.txt")).await;
}

#[tokio::test]
async fn library_elements_are_shared_by_dashboards() {
    let site = Site::start().await;
    run(&site, include_str!("scripts/library.txt")).await;
}

#[tokio::test]
async fn snapshots_are_open_to_who_has_the_key() {
    let site = Site::start().await;
    run(&site, include_str!("scripts/snapshots.txt")).await;
}

#[tokio::test]
async fn playlists_short_urls_quotas_and_statistics() {
    let site = Site::start().await;
    run(&site, include_str!("scripts/playlists.txt")).await;
}

#[tokio::test]
async fn query_history_is_ones_own() {
    let site = Site::start().await;
    run(&site, include_str!("scripts/query_history.txt")).await;
}

#[tokio::test]
async fn alerting_says_that_there_is_none() {
    let site = Site::start().await;
    run(&site, include_str!("scripts/alerting.txt")).await;
}

#[tokio::test]
async fn changes_of_settings_are_kept_and_undone() {
    let site = Site::start().await;
    run(&site, include_str!("scripts/changes.txt")).await;
}

#[tokio::test]
async fn what_was_done_to_things_is_undone_as_a_whole() {
    let site = Site::start().await;
    run(&site, include_str!("scripts/undo.txt")).await;
}

#[tokio::test]
async fn a_page_of_changes_is_bounded() {
    let site = Site::start().await;
    for n in 0..203 {
        let playlist = PlaylistRow { uid: format!("p{n}"), ..PlaylistRow::default() };
        let by = By { user_id: 1, name: "admin", now_ms: n };
        let room = Room { setting: "a limit", rows_max: 1_000 };
        site.state.tables.insert_playlist(1, &playlist, room, by).await.unwrap();
    }
    for (page, want) in [(1, 200), (2, 3)] {
        let path = format!("/api/ui/changes?kind=playlist&limit=5000&page={page}");
        let answer = site.get(&path, &ADMIN).await.json();
        assert_eq!(answer["changes"].as_array().unwrap().len(), want);
    }
}
