//! The tables of a new database, and those of the first release brought up to date.

use std::sync::Arc;

use platform::HostRandom;
use sqlx::any::AnyPoolOptions;
use tempfile::TempDir;

use super::{By, MAIN_ORG_ID, NewDataSource, SecureJsonData, Tables, TablesConfig};

async fn open(dir: &TempDir) -> Tables {
    Tables::open_in(dir.path(), TablesConfig::default(), Arc::new(HostRandom)).await.unwrap()
}

#[tokio::test]
async fn the_first_release_is_brought_up_to_date_with_all_it_holds() {
    const CONTENT: &str = "
CREATE TABLE migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO migrations VALUES (1, 'first tables');
INSERT INTO users VALUES (7, 'Ada', 'ada', 'a@x', 'A', 'hash', 'Editor', 1, 0, 0, 5, 6);
INSERT INTO folders VALUES (3, 'f', 'Folder', 1, 2);
INSERT INTO dashboards VALUES (9, 'd', 3, 'Board', 'board', 'a', 4, '{}', 'c', 'P', 'x.json', 1, 2);
INSERT INTO data_sources VALUES (2, 's', 'S', 'loki', 'u', 'proxy', 1, '', '', 0, '', 0, '{}', 'token', 0, '', 1, 1, 1);
INSERT INTO stars VALUES (7, 'd', 1);
INSERT INTO preferences VALUES (7, 'dark', '', '', '');
";
    let dir = TempDir::new().unwrap();
    sqlx::any::install_default_drivers();
    let url = super::sqlite_url(&dir.path().join("portal.db"));
    let old = AnyPoolOptions::new().connect(&url).await.unwrap();
    sqlx::raw_sql(include_str!("migrations/0001_first_tables.sql")).execute(&old).await.unwrap();
    sqlx::raw_sql(CONTENT).execute(&old).await.unwrap();
    old.close().await;

    let tables = open(&dir).await;
    let user = tables.user_by_login("ADA").await.unwrap().unwrap();
    assert_eq!((user.id, user.org_id, user.grafana_admin), (7, MAIN_ORG_ID, true));
    assert_eq!(tables.org_role(MAIN_ORG_ID, 7).await.unwrap(), Some(auth::Role::Editor));
    let board = tables.dashboard(MAIN_ORG_ID, "d").await.unwrap().unwrap();
    assert_eq!((board.folder_uid.as_str(), board.folder_title.as_str()), ("f", "Folder"));
    assert_eq!(tables.dashboard_versions(9, 10, 0).await.unwrap()[0].version, 4);
    assert_eq!(tables.stars(MAIN_ORG_ID, 7).await.unwrap(), ["d"]);
    let sources = tables.data_sources(MAIN_ORG_ID).await.unwrap();
    assert!(sources[0].source.is_default && sources[0].source.secure_json_data.is_empty());
    assert_eq!(tables.org(MAIN_ORG_ID).await.unwrap().unwrap().name, "Main Org.");
}

#[tokio::test]
async fn secrets_lie_encrypted_and_outlive_a_restart() {
    let dir = TempDir::new().unwrap();
    let tables = open(&dir).await;
    let secrets: SecureJsonData =
        [("token".to_owned(), "hush-hush".to_owned())].into_iter().collect();
    let source = NewDataSource {
        uid: "u".into(),
        name: "N".into(),
        kind: "loki".into(),
        secure_json_data: secrets,
        ..NewDataSource::default()
    };
    tables.save_data_source(MAIN_ORG_ID, &source, By::provisioning(1)).await.unwrap();
    tables.seal.rotate().unwrap();
    assert_eq!(tables.reseal().await.unwrap(), 1);
    tables.close().await;
    let bytes = std::fs::read(dir.path().join("portal.db")).unwrap();
    assert!(!bytes.windows(9).any(|window| window == b"hush-hush"));
    let again = open(&dir).await.data_sources(MAIN_ORG_ID).await.unwrap();
    assert_eq!(again[0].source, source);
    assert!(!format!("{:?}", again[0]).contains("hush"));
}
