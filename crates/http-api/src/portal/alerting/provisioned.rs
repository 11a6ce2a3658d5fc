//! `/api/v1/provisioning/…` and the old list of notification channels: what alerting files hold,
//! as of the last pass over them. Read-only; the files are where they are changed.

use axum::extract::{Path, State};
use portal::provisioning::{AlertingFile, ContactPoint, Deletion, MuteTiming, Receiver, RuleGroup};
use portal::tables::FolderRow;
use serde_json::{Map, Value, json};

use super::shapes;
use crate::portal::guard::Visitor;
use crate::portal::query_parameters::{Asked, Parameter, parameters};
use crate::portal::reply::{ApiError, ApiResult, json};
use crate::portal::state::PortalState;

/// The alerting files, in the order of their names; each list is of one organisation.
struct Files {
    all: Vec<(String, AlertingFile)>,
    org: i64,
}

impl Files {
    fn of(state: &PortalState, visitor: &Visitor) -> Self {
        Self { all: state.providers.alerting(), org: visitor.org() }
    }

    /// What the files list and none of them deletes.
    fn kept<'a, T, L, D>(&'a self, list: L, deleted: D, key: fn(&T) -> &str) -> Vec<&'a T>
    where
        L: Fn(&'a AlertingFile) -> Box<dyn Iterator<Item = (i64, &'a T)> + 'a>,
        D: Fn(&AlertingFile) -> &[Deletion],
    {
        let is_gone = |key: &str| {
            let mut deletions = self.all.iter().flat_map(|(_, file)| deleted(file));
            deletions.any(|gone| gone.org_id == self.org && gone.of == key)
        };
        let here = self.all.iter().flat_map(|(_, file)| list(file));
        here.filter(|(org, _)| *org == self.org)
            .map(|(_, one)| one)
            .filter(|one| !is_gone(key(one)))
            .collect()
    }

    fn groups(&self) -> impl Iterator<Item = &RuleGroup> {
        let groups = self.all.iter().flat_map(|(_, file)| &file.groups);
        groups.filter(|group| group.org_id == self.org)
    }

    fn rule_is_deleted(&self, uid: &str) -> bool {
        let mut gone = self.all.iter().flat_map(|(_, file)| &file.delete_rules);
        gone.any(|gone| gone.org_id == self.org && gone.of == uid)
    }

    /// Contact points with the ways that no file deletes.
    fn receivers(&self) -> Vec<(&ContactPoint, &Receiver)> {
        let gone = |uid: &str| {
            let mut deletions = self.all.iter().flat_map(|(_, file)| &file.delete_contact_points);
            deletions.any(|gone| gone.org_id == self.org && gone.of == uid)
        };
        let points = self.all.iter().flat_map(|(_, file)| &file.contact_points);
        let own = points.filter(|point| point.org_id == self.org);
        own.flat_map(|point| point.receivers.iter().map(move |receiver| (point, receiver)))
            .filter(|(_, receiver)| !gone(&receiver.uid))
            .collect()
    }

    fn mute_timings(&self) -> Vec<&MuteTiming> {
        self.kept(
            |file| Box::new(file.mute_timings.iter().map(|timing| (timing.org_id, timing))),
            |file| &file.delete_mute_timings,
            |timing| &timing.name,
        )
    }

    /// Every rule with its place, as the provisioning API writes rules.
    fn rules(&self, folders: &[FolderRow]) -> Vec<Value> {
        let mut rules = Vec::new();
        for group in self.groups() {
            let folder = folder_uid(folders, &group.folder);
            let kept = group.rules.iter().filter(|rule| !self.rule_is_deleted(&rule.uid));
            for rule in kept {
                rules.push(shapes::rule(rules.len() + 1, group, folder, rule));
            }
        }
        rules
    }
}

/// The folder of a title; `a/b` is `b` inside of `a`. Empty while no dashboard has made it.
fn folder_uid<'a>(folders: &'a [FolderRow], path: &str) -> &'a str {
    let mut parent = "";
    for title in path.split('/') {
        let inside = |folder: &&FolderRow| folder.parent_uid == parent && folder.title == title;
        let Some(found) = folders.iter().find(inside) else { return "" };
        parent = &found.uid;
    }
    parent
}

/// `GET /api/v1/provisioning/alert-rules`
pub(crate) async fn rules(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let folders = state.tables.folders(visitor.org()).await?;
    Ok(json(&Files::of(&state, &visitor).rules(&folders)))
}

/// `GET /api/v1/provisioning/alert-rules/{uid}`
pub(crate) async fn rule(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let folders = state.tables.folders(visitor.org()).await?;
    let rules = Files::of(&state, &visitor).rules(&folders);
    let found = rules.iter().find(|rule| rule["uid"] == uid.as_str());
    found.map(json).ok_or_else(|| ApiError::not_found("alert rule not found"))
}

/// `GET /api/v1/provisioning/folder/{uid}/rule-groups/{group}`
pub(crate) async fn group(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path((folder, name)): Path<(String, String)>,
) -> ApiResult {
    let folders = state.tables.folders(visitor.org()).await?;
    let files = Files::of(&state, &visitor);
    let of_folder = |group: &&RuleGroup| {
        group.name == name && folder_uid(&folders, &group.folder) == folder && !folder.is_empty()
    };
    let Some(found) = files.groups().find(of_folder) else {
        return Err(ApiError::not_found("rule group not found"));
    };
    let mut rules = files.rules(&folders);
    rules.retain(|rule| rule["ruleGroup"] == name.as_str() && rule["folderUID"] == folder.as_str());
    Ok(json(&json!({
        "title": name, "folderUid": folder, "interval": found.interval_ms / 1000, "rules": rules,
    })))
}

/// `GET /api/ruler/grafana/api/v1/rules`: groups by folder.
pub(crate) async fn ruler(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let folders = state.tables.folders(visitor.org()).await?;
    let files = Files::of(&state, &visitor);
    let mut by_folder = Map::new();
    for group in files.groups() {
        let uid = folder_uid(&folders, &group.folder);
        let kept = group.rules.iter().filter(|rule| !files.rule_is_deleted(&rule.uid));
        let rules: Vec<Value> = kept.map(|rule| shapes::ruler_rule(group, uid, rule)).collect();
        let list = by_folder.entry(group.folder.clone()).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            let interval = shapes::duration(group.interval_ms);
            list.push(json!({ "name": group.name, "interval": interval, "rules": rules }));
        }
    }
    Ok(json(&by_folder))
}

parameters! {
    /// Of the list of contact points.
    pub(crate) ContactPoints:
    Parameter::text("name", "One contact point."),
}

/// `GET /api/v1/provisioning/contact-points`, of one `name` when that is given. Secrets are
/// blacked out.
pub(crate) async fn contact_points(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<ContactPoints>,
) -> ApiResult {
    let name = pairs.first("name");
    let files = Files::of(&state, &visitor);
    let mut found = files.receivers();
    found.retain(|(point, _)| name.is_empty() || point.name == name);
    let shown: Vec<Value> = found.iter().map(|(p, r)| shapes::contact_point(p, r)).collect();
    Ok(json(&shown))
}

/// `GET /api/alert-notifications`: the same as channels, as before Grafana 11.
pub(crate) async fn channels(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let files = Files::of(&state, &visitor);
    let found = files.receivers();
    let channels = found.iter().enumerate().map(|(i, (p, r))| shapes::channel(i + 1, p, r));
    Ok(json(&channels.collect::<Vec<Value>>()))
}

/// `GET /api/alert-notifications/lookup`
pub(crate) async fn channels_briefly(
    State(state): State<PortalState>,
    visitor: Visitor,
) -> ApiResult {
    let files = Files::of(&state, &visitor);
    let found = files.receivers();
    let brief = found.iter().enumerate().map(|(i, (point, receiver))| {
        json!({
            "id": i + 1, "uid": receiver.uid, "name": point.name, "type": receiver.kind,
            "isDefault": false,
        })
    });
    Ok(json(&brief.collect::<Vec<Value>>()))
}

/// `GET /api/v1/provisioning/policies`: the tree of the last file that has one.
pub(crate) async fn policies(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let files = Files::of(&state, &visitor);
    let mut policies = files.all.iter().flat_map(|(_, file)| &file.policies);
    let root = policies.rfind(|policy| policy.org_id == files.org);
    Ok(json(&root.map_or_else(|| json!({ "receiver": "" }), |policy| shapes::policy(&policy.root))))
}

/// `GET /api/v1/provisioning/mute-timings`
pub(crate) async fn mute_timings(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let files = Files::of(&state, &visitor);
    let timings = files.mute_timings();
    Ok(json(&timings.into_iter().map(shapes::mute_timing).collect::<Vec<Value>>()))
}

/// `GET /api/v1/provisioning/mute-timings/{name}`
pub(crate) async fn mute_timing(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> ApiResult {
    let files = Files::of(&state, &visitor);
    let found = files.mute_timings().into_iter().find(|timing| timing.name == name);
    let found = found.ok_or_else(|| ApiError::not_found("mute timing not found"))?;
    Ok(json(&shapes::mute_timing(found)))
}

/// `GET /api/v1/provisioning/templates`
pub(crate) async fn templates(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let files = Files::of(&state, &visitor);
    let templates = files.kept(
        |file| Box::new(file.templates.iter().map(|template| (template.org_id, template))),
        |file| &file.delete_templates,
        |template| &template.name,
    );
    let shown = templates.into_iter().map(|template| {
        json!({ "name": template.name, "template": template.template, "provenance": "file" })
    });
    Ok(json(&shown.collect::<Vec<Value>>()))
}
