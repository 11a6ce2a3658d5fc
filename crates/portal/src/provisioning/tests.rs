//! The provisioner against real folders: files come, change, break and go.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use platform::{HostClock, HostRandom};
use tempfile::TempDir;

use super::{BUILT_IN_UID, Environment, Pass, Provisioner, ProvisioningConfig, write_bundled};
use crate::dashboard::DASHBOARD_BYTES_MAX;
use crate::tables::{MAIN_ORG_ID, Tables, TablesConfig};

struct Site {
    dir: TempDir,
    tables: Tables,
    provisioner: Provisioner,
}

async fn site() -> Site {
    let dir = TempDir::new().unwrap();
    fs::create_dir_all(dir.path().join("p/dashboards")).unwrap();
    fs::create_dir_all(dir.path().join("p/datasources")).unwrap();
    fs::create_dir_all(dir.path().join("boards/Team A")).unwrap();
    let tables =
        Tables::open_in(dir.path(), TablesConfig::default(), Arc::new(HostRandom)).await.unwrap();
    let config = ProvisioningConfig {
        roots: vec![dir.path().join("p")],
        environment: Environment::from([("PORT".to_owned(), "9090".to_owned())]),
        poll_interval_max: None,
    };
    let provisioner = Provisioner::new(tables.clone(), Arc::new(HostClock::new()), config);
    Site { dir, tables, provisioner }
}

impl Site {
    fn write(&self, path: &str, text: &str) {
        fs::write(self.dir.path().join(path), text).unwrap();
    }

    fn provider(&self, more: &str) {
        let boards = self.dir.path().join("boards");
        let yaml = format!(
            "apiVersion: 1\nproviders:\n- name: P\n  folder: Shared\n{more}  options:\n    path: {}\n",
            boards.display()
        );
        self.write("p/dashboards/p.yaml", &yaml);
    }

    async fn pass(&mut self) -> Pass {
        self.provisioner.pass().await.unwrap()
    }

    async fn titles(&self) -> Vec<String> {
        let listing = self.tables.listing(MAIN_ORG_ID).await.unwrap();
        let folder = |uid| listing.folder(uid).map_or("", |folder| folder.title.as_str());
        let boards = listing.rows.iter().filter(|row| !row.is_folder);
        boards.map(|row| format!("{}/{}", folder(&row.folder_uid), row.title)).collect()
    }
}

#[tokio::test]
async fn dashboards_follow_their_files() {
    let mut site = site().await;
    site.provider("");
    site.write("boards/one.json", r#"{"uid":"one","title":"One","tags":["x"]}"#);
    site.write("boards/Team A/two.json", r#"{"title":"Two"}"#);
    assert_eq!(site.pass().await.dashboards_saved, 2);
    assert_eq!(site.titles().await, ["Shared/One", "Shared/Two"]);
    assert_eq!(site.pass().await, Pass::default(), "nothing changed, nothing is written");

    site.write("boards/one.json", r#"{"uid":"one","title":"One, changed"}"#);
    assert_eq!(site.pass().await.dashboards_saved, 1);
    let row = site.tables.dashboard(MAIN_ORG_ID, "one").await.unwrap().unwrap();
    assert_eq!(
        (row.version, row.received.as_str()),
        (2, r#"{"uid":"one","title":"One, changed"}"#)
    );
    assert_eq!(row.provisioned_by, "P");

    site.write("boards/one.json", "{\"uid\":\"one\",\n oops");
    let pass = site.pass().await;
    assert_eq!((pass.failures, pass.dashboards_saved, pass.dashboards_removed), (1, 0, 0));
    assert_eq!(
        site.titles().await,
        ["Shared/One, changed", "Shared/Two"],
        "the last good one stays"
    );
    assert_eq!(site.pass().await.failures, 1, "a standing complaint still counts");

    fs::remove_file(site.dir.path().join("boards/one.json")).unwrap();
    assert_eq!(site.pass().await.dashboards_removed, 1);
    assert_eq!(site.titles().await, ["Shared/Two"]);
}

#[tokio::test]
async fn files_may_lend_their_folders_and_deletion_may_be_off() {
    let mut site = site().await;
    site.provider("  disableDeletion: true\n");
    let yaml = fs::read_to_string(site.dir.path().join("p/dashboards/p.yaml")).unwrap();
    site.write("p/dashboards/p.yaml", &format!("{yaml}    foldersFromFilesStructure: true\n"));
    site.write("boards/Team A/two.json", r#"{"title":"Two"}"#);
    site.write("boards/one.json", r#"{"title":"One"}"#);
    site.pass().await;
    assert_eq!(site.titles().await, ["/One", "Team A/Two"]);
    fs::remove_file(site.dir.path().join("boards/one.json")).unwrap();
    assert_eq!(site.pass().await.dashboards_removed, 0);
    assert_eq!(site.titles().await.len(), 2);
}

#[tokio::test]
async fn a_broken_provider_file_costs_no_dashboards_but_a_removed_one_does() {
    let mut site = site().await;
    site.provider("");
    site.write("boards/one.json", r#"{"title":"One"}"#);
    site.pass().await;
    site.write("p/dashboards/p.yaml", "providers: [");
    let pass = site.pass().await;
    assert_eq!((pass.failures, pass.dashboards_removed), (1, 0));
    fs::remove_file(site.dir.path().join("p/dashboards/p.yaml")).unwrap();
    assert_eq!(site.pass().await.dashboards_removed, 1);
}

#[tokio::test]
async fn what_is_no_file_is_passed_over_and_a_missing_folder_is_said() {
    let mut site = site().await;
    site.provider("");
    site.write("boards/one.json", r#"{"title":"One"}"#);
    fs::create_dir(site.dir.path().join("p/dashboards/folder.yaml")).unwrap();
    fs::create_dir(site.dir.path().join("boards/folder.json")).unwrap();
    let long = fs::File::create(site.dir.path().join("boards/long.json")).unwrap();
    long.set_len(DASHBOARD_BYTES_MAX as u64 + 1).unwrap();
    let pass = site.pass().await;
    assert_eq!((pass.failures, pass.dashboards_saved), (1, 1), "the long one is refused");
    fs::remove_dir_all(site.dir.path().join("p")).unwrap();
    assert_eq!(site.pass().await.failures, 1);
}

#[tokio::test]
async fn one_uid_comes_from_one_file() {
    let mut site = site().await;
    site.provider("");
    site.write("boards/a.json", r#"{"uid":"same","title":"A"}"#);
    site.write("boards/b.json", r#"{"uid":"same","title":"B"}"#);
    assert_eq!(site.pass().await.failures, 1);
    assert_eq!(site.titles().await, ["Shared/A"]);
    fs::rename(site.dir.path().join("boards/a.json"), site.dir.path().join("boards/c.json"))
        .unwrap();
    site.pass().await;
    assert_eq!(site.titles().await.len(), 1, "a moved file keeps its uid");
    fs::remove_file(site.dir.path().join("boards/b.json")).unwrap();
    site.pass().await;
    fs::rename(site.dir.path().join("boards/c.json"), site.dir.path().join("boards/d.json"))
        .unwrap();
    let pass = site.pass().await;
    assert_eq!((pass.failures, site.titles().await), (0, vec!["Shared/A".to_owned()]));
}

#[tokio::test]
async fn sources_follow_their_files_and_the_built_in_one_stays() {
    let mut site = site().await;
    assert_eq!(site.pass().await.sources_saved, 1);
    let rows = site.tables.data_sources(MAIN_ORG_ID).await.unwrap();
    assert!(rows[0].source.uid == BUILT_IN_UID && rows[0].source.is_default);

    let yaml = "prune: true\ndatasources:\n- {name: A, type: prometheus, url: 'http://h:$PORT', isDefault: true}\n- {name: B, type: loki}\n";
    site.write("p/datasources/d.yaml", yaml);
    site.write("p/datasources/broken.yaml", "datasources: {");
    let pass = site.pass().await;
    assert_eq!(
        (pass.sources_saved, pass.failures),
        (2, 1),
        "A and B are saved, the broken file is named"
    );
    let rows = site.tables.data_sources(MAIN_ORG_ID).await.unwrap();
    let of = |name: &str| rows.iter().find(|row| row.source.name == name).unwrap().source.clone();
    assert_eq!(of("A").url, "http://h:9090");
    assert!(of("A").is_default && !of("Metrics").is_default);
    assert_eq!(site.pass().await.sources_saved, 0);

    site.write(
        "p/datasources/d.yaml",
        "prune: true\ndatasources:\n- {name: B, type: loki}\n- {name: Metrics, type: loki}\n",
    );
    let pass = site.pass().await;
    assert_eq!((pass.sources_removed, pass.failures), (1, 2));
    let rows = site.tables.data_sources(MAIN_ORG_ID).await.unwrap();
    assert!(rows.iter().any(|row| row.source.uid == BUILT_IN_UID && row.source.is_default));
}

#[tokio::test]
async fn the_built_in_source_takes_its_time_interval_from_a_file() {
    let mut site = site().await;
    let file = |interval: &str| {
        format!(
            "datasources:\n- {{name: Metrics, uid: {BUILT_IN_UID}, type: prometheus, jsonData: {{{interval}}}}}\n"
        )
    };
    for (interval, want, saved) in [
        ("timeInterval: 30s", r#"{"httpMethod":"POST","timeInterval":"30s"}"#, 1),
        ("timeInterval: 30s", r#"{"httpMethod":"POST","timeInterval":"30s"}"#, 0),
        ("", r#"{"httpMethod":"POST"}"#, 1),
    ] {
        site.write("p/datasources/d.yaml", &file(interval));
        let pass = site.pass().await;
        assert_eq!((pass.sources_saved, pass.failures), (saved, 0), "{interval}");
        let rows = site.tables.data_sources(MAIN_ORG_ID).await.unwrap();
        assert_eq!(rows[0].source.json_data, want);
    }
}

#[tokio::test]
async fn bundled_files_are_laid_out_and_stale_ones_removed() {
    let dir = TempDir::new().unwrap();
    let root = dir.path().join("bundled");
    fs::create_dir_all(root.join("dashboards")).unwrap();
    fs::write(root.join("dashboards/gone.json"), "{}").unwrap();
    let folder = write_bundled(&root).unwrap();
    assert_eq!(folder, root.join("dashboards/provisioning"));
    assert!(folder.join("dashboards/orrery.yaml").is_file());
    assert!(!root.join("dashboards/gone.json").exists());
    write_bundled(&root).unwrap();
}

/// Every provisioning file of the conformance collection, where it is present.
#[test]
fn real_files_are_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/grafana/provisioning");
    if !root.exists() {
        println!("skipped: no conformance data at {}", root.display());
        return;
    }
    let environment = Environment::new();
    let variable = Environment::from([("TEST_VAR".to_owned(), "name".to_owned())]);
    let mut read = 0;
    for (path, text) in super::scan::yaml_files(&root.join("dashboards")) {
        let entries = super::providers::read(&text.unwrap(), &environment, &root).unwrap();
        assert!(!entries.is_empty(), "{}", path.display());
        for entry in entries {
            entry.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            read += 1;
        }
    }
    for (path, text) in super::scan::yaml_files(&root.join("datasources")) {
        let file = super::sources::read(&text.unwrap(), &variable, "f").unwrap();
        for source in file.sources {
            source.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            read += 1;
        }
    }
    assert!(read > 40, "only {read} entries");
}
