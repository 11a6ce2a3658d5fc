//! Dashboards: imported as the HTTP API and provisioning do it, looked at in the normalised view,
//! exported again.

use portal::dashboard::{
    DashboardFormat, Envelope, KnownSource, KnownSources, Panel, RawObject, View, view,
};
use serde_json::Value;

use super::Failure;
use super::counted::{Counts, Facts, count, v2_kind};

/// What does not hold of a dashboard. `stated` are the facts of a manifest.
pub(super) fn check(text: &str, stated: Option<&Value>) -> Vec<Failure> {
    let refused = |reason: String| vec![Failure { place: "import", reason }];
    if stated.is_some_and(|facts| facts["valid"] == false) {
        return match Envelope::open(text) {
            Ok(_) => refused("imports, but should be refused".to_owned()),
            Err(_) => Vec::new(),
        };
    }
    let envelope = match Envelope::open(text) {
        Ok(envelope) => envelope,
        Err(error) => return refused(error.to_string()),
    };
    let body: Value = match serde_json::from_str(envelope.body) {
        Ok(body) => body,
        Err(error) => return refused(error.to_string()),
    };
    let sources = sources(&body, stated);
    let view = view(&body, &sources);
    let mut checks = Checks { failures: Vec::new() };
    checks.view(&envelope, &body, &view, &count(&body));
    if let Some(stated) = stated {
        checks.stated(&envelope, &body, &view, stated);
    }
    checks.export(text, &envelope);
    checks.failures
}

/// One source of every type that the dashboard or its manifest names, Prometheus the default.
fn sources(body: &Value, stated: Option<&Value>) -> KnownSources {
    let mut kinds = vec!["prometheus".to_owned(), "loki".to_owned()];
    let inputs = body["__inputs"].as_array().into_iter().flatten();
    let inputs = inputs.filter_map(|input| input["pluginId"].as_str()).map(str::to_owned);
    let named = stated.and_then(|facts| facts["datasources"].as_object());
    let named = named.into_iter().flat_map(|named| named.keys().cloned());
    for kind in inputs.chain(named).chain(count(body).datasources.into_keys()) {
        if !kind.starts_with('$') && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let source = |(index, kind): (usize, String)| KnownSource {
        uid: format!("source-{index}"),
        name: kind.clone(),
        is_default: index == 0,
        kind,
    };
    KnownSources::new(kinds.into_iter().enumerate().map(source).collect())
}

struct Checks {
    failures: Vec<Failure>,
}

impl Checks {
    fn fail(&mut self, place: &'static str, reason: String) {
        self.failures.push(Failure { place, reason });
    }

    fn same<T: PartialEq + std::fmt::Debug + ?Sized>(
        &mut self,
        place: &'static str,
        want: &T,
        got: &T,
    ) {
        if want != got {
            self.fail(place, format!("want {want:?}\ngot  {got:?}"));
        }
    }

    /// The view against what can be counted in the file.
    fn view(&mut self, envelope: &Envelope<'_>, body: &Value, view: &View, want: &Facts) {
        let is_v2 = envelope.format == DashboardFormat::V2;
        self.same("title", &envelope.title, &view.title);
        self.same("panels", &want.panels_by_type, &panels(view, body, is_v2));
        self.same("targets", &want.targets, &targets(view));
        self.same("variables", &want.variables, &variables(view));
        self.same("annotations", &want.annotations, &view.annotations.len());
        let mut ids: Vec<i64> = view.panels.iter().map(|panel| panel.id).collect();
        ids.sort_unstable();
        ids.dedup();
        self.same("ids", &view.panels.len(), &ids.len());
        for panel in &view.panels {
            let place = panel.grid_pos;
            if place.w == 0 || place.h == 0 || place.x + place.w > 24 {
                self.fail("panels", format!("panel {} does not fit the grid: {place:?}", panel.id));
            }
            if panel.kind == "graph" || panel.kind == "singlestat" || panel.kind == "table-old" {
                self.fail(
                    "panels",
                    format!("panel {} has still the type {}", panel.id, panel.kind),
                );
            }
        }
    }

    /// The view against the facts of a manifest; a fact that it does not state is not checked.
    fn stated(&mut self, envelope: &Envelope<'_>, body: &Value, view: &View, facts: &Value) {
        let text = |key: &str| facts[key].as_str().map(str::to_owned);
        if facts.get("title").is_some() {
            self.same("manifest title", &text("title").unwrap_or_default(), &view.title);
        }
        if facts.get("uid").is_some() {
            self.same("manifest uid", &text("uid").filter(|u| !u.is_empty()), &envelope.uid);
        }
        if facts.get("schemaVersion").is_some() {
            self.same(
                "manifest schemaVersion",
                &facts["schemaVersion"].as_i64(),
                &view.schema_version,
            );
        }
        if let Some(wrapped) = facts["wrapped"].as_bool() {
            let is_v2 = envelope.format == DashboardFormat::V2;
            let inside =
                envelope.api_version.is_none() && !is_v2 && body.get("dashboard").is_none();
            if wrapped && !inside {
                self.fail("manifest wrapped", "the dashboard was not unwrapped".to_owned());
            }
        }
        if facts["has_inputs"] == true && body.get("__inputs").is_none() {
            self.fail("manifest has_inputs", "the inputs are gone".to_owned());
        }
        let is_v2 = envelope.format == DashboardFormat::V2;
        if let Some(want) = counts(&facts["panels_by_type"]) {
            self.same("manifest panels_by_type", &want, &panels(view, body, is_v2));
        }
        if let Some(want) = facts["targets"].as_u64() {
            self.same("manifest targets", &want, &(targets(view) as u64));
        }
        if let Some(want) = facts["annotations"].as_u64() {
            self.same("manifest annotations", &want, &(view.annotations.len() as u64));
        }
        if let Some(list) = facts["variables"].as_array() {
            let mut want = Counts::new();
            for variable in list {
                let kind = variable["type"].as_str().unwrap_or_default();
                let kind = if kind == "?" { String::new() } else { v2_kind(kind) };
                let name = variable["name"].as_str().unwrap_or_default();
                *want.entry(format!("{name} {kind}")).or_default() += 1;
            }
            self.same("manifest variables", &want, &variables(view));
        }
        for (source, want) in counts(&facts["datasources"]).unwrap_or_default() {
            let got = using(view, body, &source);
            if got < want {
                let reason = format!("want {want} targets of {source:?}\ngot  {got}");
                self.fail("manifest datasources", reason);
            }
        }
    }

    /// What leaves the server is what came, byte for byte, but for the server's own fields.
    fn export(&mut self, text: &str, envelope: &Envelope<'_>) {
        if !text.contains(envelope.body) {
            self.fail("export", "the body is not a part of what was received".to_owned());
        }
        if Envelope::open(envelope.body).map(|again| again.body.to_owned()).ok().as_deref()
            != Some(envelope.body)
        {
            self.fail("export", "the body alone does not import as itself".to_owned());
        }
        let fields = match RawObject::parse(envelope.body) {
            Ok(fields) => fields,
            Err(error) => return self.fail("export", error.to_string()),
        };
        let number = |key: &str| fields.get(key).and_then(|value| value.parse::<i64>().ok());
        let uid = fields.string("uid");
        if let (Some(id), Some(version), Some(uid)) = (number("id"), number("version"), uid) {
            match envelope.export(id, &uid, version) {
                Ok(exported) if exported == envelope.body => {}
                Ok(_) => self.fail("export", "changed although nothing differs".to_owned()),
                Err(error) => self.fail("export", error.to_string()),
            }
        }
        let exported = match envelope.export(4711, "another-uid", 12) {
            Ok(exported) => exported,
            Err(error) => return self.fail("export", error.to_string()),
        };
        let own = ["id", "uid", "version"];
        let others = |text: &str| -> Option<Vec<(String, String)>> {
            let fields = RawObject::parse(text).ok()?;
            let pair = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
            Some(fields.iter().filter(|(key, _)| !own.contains(key)).map(pair).collect())
        };
        if others(&exported) != others(envelope.body) {
            self.fail("export", "fields that are not the server's changed".to_owned());
        }
    }
}

fn counts(value: &Value) -> Option<Counts> {
    serde_json::from_value(value.clone()).ok()
}

/// Panels by the type they came with. Rows that only the page has are no panels of the file.
fn panels(view: &View, body: &Value, is_v2: bool) -> Counts {
    let row_of_the_file = |panel: &Panel| {
        let id = Value::from(panel.id);
        let panels = body["panels"].as_array().into_iter().flatten();
        let rows = body["rows"].as_array().is_some_and(|rows| !rows.is_empty());
        !rows
            || panels
                .clone()
                .any(|raw| raw["type"] == "row" && (raw["id"] == id || raw["id"].is_null()))
    };
    let mut counts = Counts::new();
    for panel in &view.panels {
        let is_row = panel.original_type == "row";
        if is_row && (is_v2 || !row_of_the_file(panel)) {
            continue;
        }
        let kind = if panel.original_type.is_empty() { "?" } else { &panel.original_type };
        *counts.entry(kind.to_owned()).or_default() += 1;
    }
    counts
}

/// Queries of the file: those of a library panel are its own.
fn targets(view: &View) -> usize {
    let own = view.panels.iter();
    let own = own.filter(|panel| panel.library_panel.is_none() || !panel.original_type.is_empty());
    own.map(|panel| panel.targets.len()).sum()
}

fn variables(view: &View) -> Counts {
    let mut counts = Counts::new();
    for variable in &view.variables {
        let name = format!("{} {}", variable.name, variable.original_type);
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// Targets whose data source is of a type, of an input's type, or a variable. What names nothing
/// has the default.
fn using(view: &View, body: &Value, source: &str) -> usize {
    let name = source.trim_start_matches('$').trim_matches(['{', '}']);
    let inputs = body["__inputs"].as_array().into_iter().flatten();
    let input =
        inputs.filter(|input| input["name"] == name).find_map(|input| input["pluginId"].as_str());
    let is_variable = source.starts_with('$') && input.is_none() && !name.starts_with("DS_");
    let kind =
        input.unwrap_or(if source.starts_with('$') || source == "None" { "" } else { source });
    let uid = format!("${{{name}}}");
    let targets = view.panels.iter().flat_map(|panel| &panel.targets);
    targets
        .filter_map(|target| target.datasource.as_ref())
        .filter(|reference| {
            if is_variable {
                reference.uid == uid
            } else {
                kind.is_empty() || reference.kind == kind
            }
        })
        .count()
}
