//! Grafana's alerting files: rules, contact points, policies, mute timings, templates, and what is
//! to be deleted of each. They are kept for the ruler; here they are read, strictly: a file with
//! one wrong entry is refused as a whole, with line and reason, as Grafana does.

mod contacts;
mod policies;
mod rules;
mod timings;

use serde::Serialize;

pub use self::contacts::{ContactPoint, Receiver};
pub use self::policies::{MatchOperator, Matcher, Policy, Route};
pub use self::rules::{
    AlertQuery, NotificationSettings, Recording, Rule, RuleGroup, StateWithoutResult,
};
pub use self::timings::{MuteTiming, TimeInterval};
use super::tree::{Entry, Tree, parse};
use super::yaml::{Environment, YamlError};

/// What a file asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AlertingFile {
    pub groups: Vec<RuleGroup>,
    /// Uids of rules.
    pub delete_rules: Vec<Deletion>,
    pub contact_points: Vec<ContactPoint>,
    /// Uids of receivers.
    pub delete_contact_points: Vec<Deletion>,
    pub policies: Vec<Policy>,
    /// Organisations whose policies go back to the default.
    pub reset_policies: Vec<i64>,
    pub mute_timings: Vec<MuteTiming>,
    /// Names.
    pub delete_mute_timings: Vec<Deletion>,
    pub templates: Vec<MessageTemplate>,
    /// Names.
    pub delete_templates: Vec<Deletion>,
}

/// One thing to delete, by uid or name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deletion {
    pub org_id: i64,
    pub of: String,
}

/// A template of notifications in Go's template language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageTemplate {
    pub org_id: i64,
    pub name: String,
    pub template: String,
}

/// Reads a file, YAML or JSON. Errors: the line and what is wrong there.
pub fn read_alerting(text: &str, environment: &Environment) -> Result<AlertingFile, YamlError> {
    let tree = parse(text)?;
    if matches!(tree.value, Tree::Null) {
        return Ok(AlertingFile::default());
    }
    let file = Entry::of(&tree, environment, "the file")?;
    file.integer("apiVersion")?;
    let groups = file.entries("groups")?;
    let contacts = file.entries("contactPoints")?;
    let policies = file.entries("policies")?;
    let timings = file.entries("muteTimes")?;
    let templates = file.entries("templates")?;
    Ok(AlertingFile {
        groups: groups.into_iter().map(rules::group).collect::<Result<_, _>>()?,
        delete_rules: deletions(file, "deleteRules", "uid")?,
        contact_points: contacts
            .into_iter()
            .map(contacts::contact_point)
            .collect::<Result<_, _>>()?,
        delete_contact_points: deletions(file, "deleteContactPoints", "uid")?,
        policies: policies.into_iter().map(policies::policy).collect::<Result<_, _>>()?,
        reset_policies: organisations(file)?,
        mute_timings: timings.into_iter().map(timings::mute_timing).collect::<Result<_, _>>()?,
        delete_mute_timings: deletions(file, "deleteMuteTimes", "name")?,
        templates: templates.into_iter().map(template).collect::<Result<_, _>>()?,
        delete_templates: deletions(file, "deleteTemplates", "name")?,
    })
}

fn deletions(file: Entry<'_>, list: &str, key: &str) -> Result<Vec<Deletion>, YamlError> {
    let deletion = |entry: Entry<'_>| {
        let of = entry.required(key, &format!("an entry of {list} has no {key}"))?;
        Ok(Deletion { org_id: entry.org_id()?, of })
    };
    file.entries(list)?.into_iter().map(deletion).collect()
}

/// Numbers, as Grafana reads them, or objects with an `orgId`.
fn organisations(file: Entry<'_>) -> Result<Vec<i64>, YamlError> {
    let list = file.list("resetPolicies")?;
    if list.iter().any(|node| matches!(node.value, Tree::Map(_))) {
        return file.entries("resetPolicies")?.into_iter().map(|entry| entry.org_id()).collect();
    }
    let number = |(text, index): (String, usize)| {
        text.trim()
            .parse()
            .map_err(|_| list[index].refuse("resetPolicies has something else than numbers"))
    };
    file.texts("resetPolicies")?.into_iter().zip(0..).map(number).collect()
}

fn template(entry: Entry<'_>) -> Result<MessageTemplate, YamlError> {
    let name = entry.required("name", "template has no name")?;
    let text = entry.json("template");
    let template = text.as_str().filter(|text| !text.trim().is_empty());
    let template =
        template.ok_or_else(|| entry.refuse(format!("template {name:?} has no text")))?;
    Ok(MessageTemplate { org_id: entry.org_id()?, template: template.to_owned(), name })
}

#[cfg(test)]
mod tests;
