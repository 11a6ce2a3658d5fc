//! Files that are read and kept for others: which apps are on, and what the alerting engine is to
//! do.

use super::alerting::{AlertingFile, read_alerting};
use super::apps::{App, read_apps};
use super::documents::{Document, Documents, Kind};
use super::worker::{Course, Provisioner};
use super::yaml::{Environment, YamlError};

/// What files of a kind hold, as of the last pass; a broken file leaves only itself out.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    pub(super) apps: Vec<App>,
    /// Each with where it came from.
    pub(super) alerting: Vec<(String, AlertingFile)>,
}

impl Provisioner {
    pub(super) fn keep(&mut self, documents: &Documents, course: &mut Course) {
        let environment = &self.config.environment;
        let apps = each(documents, Kind::Plugins, environment, read_apps, course);
        let alerting = each(documents, Kind::Alerting, environment, read_alerting, course);
        for (file, content) in &alerting {
            let rules: usize = content.groups.iter().map(|group| group.rules.len()).sum();
            let contacts = content.contact_points.len();
            self.tell(format!(
                "alerting file {file}: {rules} rules and {contacts} contact points are kept for \
                 the alerting engine"
            ));
        }
        let apps = apps.into_iter().flat_map(|(_, apps)| apps).collect();
        self.published.keep(Kept { apps, alerting });
    }
}

fn each<T>(
    documents: &Documents,
    kind: Kind,
    environment: &Environment,
    read: impl Fn(&str, &Environment) -> Result<T, YamlError>,
    course: &mut Course,
) -> Vec<(String, T)> {
    let mut found = Vec::new();
    for Document { origin, text, .. } in documents.of(kind) {
        let content = text.clone().and_then(|t| read(&t, environment).map_err(|e| e.to_string()));
        match content {
            Ok(content) => found.push((origin.clone(), content)),
            Err(reason) => course.complain(format!("{} file {origin}: {reason}", kind.noun())),
        }
    }
    found
}
