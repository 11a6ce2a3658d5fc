//! Carries data source files out: what they name is saved, what they no longer have goes, and the
//! sources that come with the binary give way to an operator's.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::documents::{Documents, Kind};
use super::sources::{self, SourceEntry, redirect};
use super::worker::{BUILT_IN_UID, Course, Provisioner, digest, uid_of};
use crate::tables::{By, DataSourceRow, MAIN_ORG_ID, NewCorrelation, NewDataSource, TableError};

const BUILT_IN_NAME: &str = "Metrics";
/// Setting: which bundled sources have been set up, as digests by uid.
const BUNDLED_SETTING: &str = "provisioning.bundled_data_sources";

/// What all files together ask for.
#[derive(Debug, Default)]
struct Wanted {
    own: Vec<(String, SourceEntry)>,
    bundled: Vec<SourceEntry>,
    /// File, organisation, name.
    deletions: Vec<(i64, String)>,
    /// Files that prune.
    pruning: Vec<String>,
    built_in_interval: Option<String>,
}

impl Provisioner {
    pub(super) async fn data_sources(
        &mut self,
        documents: &Documents,
        course: &mut Course,
    ) -> Result<(), TableError> {
        let wanted = self.wanted_sources(documents, course);
        let orgs: HashSet<i64> = self.tables.orgs().await?.into_iter().map(|org| org.id).collect();
        let mut present: HashMap<i64, Vec<DataSourceRow>> = HashMap::new();
        for org in &orgs {
            present.insert(*org, self.tables.data_sources(*org).await?);
        }
        self.bundled_sources(&wanted, &present, course).await?;
        for (place, entry) in &wanted.own {
            let Some(rows) = present.get(&entry.org) else {
                course.complain(format!("{place}: there is no organisation {}", entry.org));
                continue;
            };
            match self.save_source(entry, rows, course).await {
                Ok(()) => self.link(entry).await?,
                Err(reason) => course.complain(format!("{place}: {reason}")),
            }
        }
        for (org, rows) in &present {
            for row in rows {
                let source = &row.source;
                let is_named = wanted.own.iter().any(|(_, entry)| {
                    entry.org == *org
                        && (entry.source.uid == source.uid || entry.source.name == source.name)
                });
                let is_asked = wanted.deletions.iter().any(|d| d.0 == *org && d.1 == source.name);
                let is_pruned = wanted.pruning.contains(&source.provisioned_from);
                if !is_named && (is_asked || is_pruned) && source.uid != BUILT_IN_UID {
                    let gone = self.tables.delete_data_source(*org, &source.uid, self.by()).await?;
                    course.pass.sources_removed += usize::from(gone);
                }
            }
        }
        self.built_in_source(wanted.built_in_interval, course).await
    }

    fn by(&self) -> By<'static> {
        By::provisioning(self.clock.unix_ms())
    }

    /// Reads the files; what is wrong in them is complained about and left out.
    fn wanted_sources(&self, documents: &Documents, course: &mut Course) -> Wanted {
        let mut wanted = Wanted::default();
        for document in documents.of(Kind::DataSources) {
            let file = &document.origin;
            let read = document.text.clone().and_then(|text| {
                sources::read(&text, &self.config.environment, file).map_err(|e| e.to_string())
            });
            let read = match read {
                Ok(read) => read,
                Err(reason) => {
                    course.complain(format!("data source file {file}: {reason}"));
                    continue;
                }
            };
            for (index, entry) in read.sources.into_iter().enumerate() {
                let place = format!("data source file {file}, entry {}", index + 1);
                match entry {
                    Ok(entry) if is_built_in(&entry.source) => {
                        // The same file serves a Grafana beside us; here the source is there
                        // already, and only its time interval is taken over.
                        let interval = time_interval(&entry.source);
                        wanted.built_in_interval = interval.or(wanted.built_in_interval);
                    }
                    Ok(entry) if document.bundled => wanted.bundled.push(entry),
                    Ok(entry) => wanted.own.push((place, entry)),
                    Err(error) => course.complain(format!("{place}: {error}")),
                }
            }
            wanted.deletions.extend(read.deletions);
            if read.prune {
                wanted.pruning.push(file.clone());
            }
        }
        wanted
    }

    /// Saves when something differs, so that versions count changes and not passes.
    async fn save_source(
        &self,
        entry: &SourceEntry,
        present: &[DataSourceRow],
        course: &mut Course,
    ) -> Result<(), String> {
        let SourceEntry { org, source, version, .. } = entry;
        if source.uid == BUILT_IN_UID || source.name == BUILT_IN_NAME {
            return Err(format!(
                "the name {BUILT_IN_NAME:?} and the uid {BUILT_IN_UID:?} belong to the built-in source"
            ));
        }
        let same = present.iter().find(|row| row.source.uid == source.uid);
        if same.is_some_and(|row| row.source == *source) {
            return Ok(());
        }
        if let Some(row) = same.filter(|row| *version > 0 && row.version > *version) {
            return Err(format!(
                "the data source is at version {}, the file says {version}: not replaced",
                row.version
            ));
        }
        let saved = self.tables.save_data_source(*org, source, self.by()).await;
        let id = saved.map_err(|error| error.to_string())?;
        let raised = self.tables.raise_data_source_version(*org, id, *version).await;
        raised.map_err(|error| error.to_string())?;
        course.pass.sources_saved += 1;
        Ok(())
    }

    /// Puts the correlations of a source in the place of those its file had before. Their uids
    /// follow from their place, so that they stay the same.
    async fn link(&self, entry: &SourceEntry) -> Result<(), TableError> {
        let SourceEntry { org, source, correlations, .. } = entry;
        let rows = correlations.iter().enumerate().map(|(index, link)| NewCorrelation {
            uid: uid_of(&format!("{}\0{index}", source.uid)),
            source_uid: source.uid.clone(),
            target_uid: link.target_uid.clone(),
            label: link.label.clone(),
            description: link.description.clone(),
            kind: link.kind.clone(),
            config: link.config.clone(),
            provisioned: true,
        });
        let rows: Vec<NewCorrelation> = rows.collect();
        let now_ms = self.clock.unix_ms();
        self.tables.replace_provisioned_correlations(*org, &source.uid, &rows, now_ms).await
    }

    /// Sets up what comes with the binary: once for each state of the bundled file, so that people
    /// may change or delete it; and never beside a source of the same name or uid.
    async fn bundled_sources(
        &self,
        wanted: &Wanted,
        present: &HashMap<i64, Vec<DataSourceRow>>,
        course: &mut Course,
    ) -> Result<(), TableError> {
        let rows = present.get(&MAIN_ORG_ID).map_or(&[][..], Vec::as_slice);
        let recorded = self.tables.setting(BUNDLED_SETTING).await?.unwrap_or_default();
        let recorded: BTreeMap<String, String> =
            serde_json::from_str(&recorded).unwrap_or_default();
        let mut record = BTreeMap::new();
        for (entry, replaced_by) in settle(wanted) {
            let source = &entry.source;
            let ours = |row: &&DataSourceRow| {
                row.source.uid == source.uid
                    && row.source.provisioned_from == source.provisioned_from
            };
            if let Some(uid) = replaced_by {
                if rows.iter().filter(ours).any(|row| row.source.uid != uid) {
                    let same_name =
                        wanted.own.iter().any(|(_, own)| own.source.name == source.name);
                    // A file that gives the name another uid takes the row over as it is.
                    if !same_name {
                        let gone = self
                            .tables
                            .delete_data_source(MAIN_ORG_ID, &source.uid, self.by())
                            .await?;
                        course.pass.sources_removed += usize::from(gone);
                    }
                }
                continue;
            }
            let digest = digest(&format!("{source:?}"));
            let is_done = recorded.get(&source.uid) == Some(&digest);
            record.insert(source.uid.clone(), digest);
            let is_taken = rows.iter().any(|row| {
                (row.source.uid == source.uid || row.source.name == source.name)
                    && row.source.provisioned_from != source.provisioned_from
            });
            if is_done || is_taken || rows.iter().any(|row| row.source == *source) {
                continue;
            }
            self.tables.save_data_source(MAIN_ORG_ID, source, self.by()).await?;
            course.pass.sources_saved += 1;
        }
        if record != recorded {
            let text = serde_json::to_string(&record).unwrap_or_default();
            self.tables.set_setting(BUNDLED_SETTING, &text).await?;
        }
        Ok(())
    }

    /// The built-in source is always there, and the default when there is no other.
    async fn built_in_source(
        &self,
        time_interval: Option<String>,
        course: &mut Course,
    ) -> Result<(), TableError> {
        let rows = self.tables.data_sources(MAIN_ORG_ID).await?;
        let other_default =
            rows.iter().any(|row| row.source.is_default && row.source.uid != BUILT_IN_UID);
        let mut json_data = serde_json::json!({ "httpMethod": "POST" });
        if let Some(interval) = time_interval {
            json_data["timeInterval"] = interval.into();
        }
        let wanted = NewDataSource {
            uid: BUILT_IN_UID.to_owned(),
            name: BUILT_IN_NAME.to_owned(),
            kind: "prometheus".to_owned(),
            access: "proxy".to_owned(),
            is_default: !other_default,
            json_data: json_data.to_string(),
            read_only: true,
            provisioned_from: "built-in".to_owned(),
            ..NewDataSource::default()
        };
        if !rows.iter().any(|row| row.source == wanted) {
            self.tables.save_data_source(MAIN_ORG_ID, &wanted, self.by()).await?;
            course.pass.sources_saved += 1;
        }
        Ok(())
    }
}

/// The bundled sources beside an operator's: each with the uid of the one that replaces it, if one
/// does; links lead to the replacement, and an operator's default is the only one.
fn settle(wanted: &Wanted) -> Vec<(SourceEntry, Option<String>)> {
    let own = || wanted.own.iter().map(|(_, entry)| entry).filter(|e| e.org == MAIN_ORG_ID);
    let replacement = |source: &NewDataSource| {
        let found = own().find(|entry| {
            entry.source.uid == source.uid || entry.source.name.eq_ignore_ascii_case(&source.name)
        });
        found.map(|entry| entry.source.uid.clone())
    };
    let has_default = own().any(|entry| entry.source.is_default);
    let settled = |entry: &SourceEntry| {
        let mut entry = entry.clone();
        entry.source.is_default &= !has_default;
        for other in &wanted.bundled {
            if let Some(uid) = replacement(&other.source) {
                let json_data = redirect(&entry.source.json_data, &other.source.uid, &uid);
                entry.source.json_data = json_data;
            }
        }
        let replaced_by = replacement(&entry.source);
        (entry, replaced_by)
    };
    wanted.bundled.iter().map(settled).collect()
}

fn is_built_in(source: &NewDataSource) -> bool {
    source.uid == BUILT_IN_UID && source.name == BUILT_IN_NAME
}

/// What a file says of the shortest scrape interval behind a source.
fn time_interval(source: &NewDataSource) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(&source.json_data).ok()?;
    json["timeInterval"].as_str().map(str::to_owned)
}
