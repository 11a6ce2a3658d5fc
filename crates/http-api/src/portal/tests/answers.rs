//! Every answer has the shape that `answers.json` describes: the shapes are made anew from a walk
//! through the whole API. `UPDATE_EXPECT=1` writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::provisioning::ALERTING;
use super::script::run;
use super::site::Site;
use crate::portal::answers::ANSWERS;
use crate::portal::routes::table;

/// What all values seen in one place have in common.
#[derive(Default)]
struct Shape {
    types: BTreeSet<&'static str>,
    /// Objects seen, and of each field its shape and in how many objects it was.
    objects: usize,
    fields: BTreeMap<String, (usize, Shape)>,
    items: Option<Box<Shape>>,
}

impl Shape {
    fn add(&mut self, value: &Value) {
        self.types.insert(match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(n) if n.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        });
        match value {
            Value::Array(items) => {
                let shape = self.items.get_or_insert_default();
                for item in items {
                    shape.add(item);
                }
            }
            Value::Object(fields) => {
                self.objects += 1;
                for (name, value) in fields {
                    let (seen, shape) = self.fields.entry(name.clone()).or_default();
                    *seen += 1;
                    shape.add(value);
                }
            }
            _ => {}
        }
    }

    /// A map of things by name has other names each time: only what every value is, is said.
    fn schema(&self, at: &str) -> Value {
        let mut types = self.types.clone();
        if types.contains("number") {
            types.remove("integer");
        }
        let mut schema = Map::new();
        let types: Vec<&str> = types.into_iter().collect();
        match types[..] {
            [] => {}
            [one] => drop(schema.insert("type".into(), one.into())),
            ref many => drop(schema.insert("type".into(), many.into())),
        }
        if let Some(items) = &self.items {
            schema.insert("items".into(), items.schema(&format!("{at}[]")));
        }
        if self.types.contains("object") && !FREE.iter().any(|end| at.ends_with(end)) {
            let fields = self.fields.iter();
            let properties: Map<String, Value> = fields
                .map(|(name, (_, shape))| (name.clone(), shape.schema(&format!("{at}.{name}"))))
                .collect();
            let always = self.fields.iter().filter(|(_, (seen, _))| *seen == self.objects);
            let required: Vec<&String> = always.map(|(name, _)| name).collect();
            if !properties.is_empty() {
                schema.insert("properties".into(), properties.into());
                schema.insert("required".into(), json!(required));
            }
        }
        schema.into()
    }
}

/// The route of a path: the one with the fewest parameters that fits.
fn route_of(method: &str, path: &str) -> Option<&'static str> {
    let fits = |route: &str| {
        let (mut want, mut have) = (route.split('/'), path.split('/'));
        loop {
            match (want.next(), have.next()) {
                (None, None) => return true,
                (Some(part), Some(_)) if part.starts_with("{*") => return true,
                (Some(part), Some(_)) if part.starts_with('{') => {}
                (Some(a), Some(b)) if a == b => {}
                _ => return false,
            }
        }
    };
    let routes = table().into_iter().filter(|route| route.method == method && fits(route.path));
    let vagueness = |path: &str| (path.contains("{*"), path.matches('{').count());
    routes.min_by_key(|route| vagueness(route.path)).map(|route| route.path)
}

/// Ends of the places where authors, data or settings give objects their fields.
const FREE: [&str; 19] = [
    ".annotations",
    ".config",
    ".dashboard",
    ".data",
    ".differences",
    ".jsonData",
    ".labels",
    ".metadata",
    ".model",
    ".panels",
    ".raw",
    ".results",
    ".secureFields",
    ".secureJsonFields",
    ".settings",
    ".view",
    "GET /api/access-control/user/actions",
    "GET /api/access-control/user/permissions",
    "GET /api/admin/settings",
];

/// Routes whose answers are none of the portal's own, or no JSON.
fn undescribed(path: &str) -> bool {
    ["/proxy/", "/resources/", "/api/live/ws", "/api/ui/query", "/api/openapi.json"]
        .iter()
        .any(|part| path.contains(part))
}

/// Asked by tests of their own, since they need a file or a cookie.
const ELSEWHERE: [&str; 10] = [
    "POST /api/admin/provisioning/{what}/reload",
    "POST /api/admin/users/{id}/revoke-auth-token",
    "POST /api/alerts/test",
    "GET /api/datasources/{id}/health",
    "GET /api/ui/dashboards/{uid}/drift",
    "POST /api/ui/dashboards/{uid}/provisioned/discard",
    "POST /api/ui/dashboards/{uid}/provisioned/write-back",
    "POST /api/user/revoke-auth-token",
    "POST /api/user/signup",
    "GET /api/v1/provisioning/folder/{uid}/rule-groups/{group}",
];

#[tokio::test]
async fn answers_have_the_shapes_that_are_described() {
    let mut shapes: BTreeMap<String, Shape> = BTreeMap::new();
    let site = Site::start().await;
    std::fs::create_dir_all(site.dir.path().join("provisioning/alerting")).unwrap();
    std::fs::write(site.dir.path().join("provisioning/alerting/a.yaml"), ALERTING).unwrap();
    site.provision_again().await;
    run(&site, include_str!("scripts/everything.txt")).await;
    for (method, path, answer) in site.answers.lock().iter() {
        let Some(route) = route_of(method, path).filter(|route| !undescribed(route)) else {
            continue;
        };
        shapes.entry(format!("{method} {route}")).or_default().add(answer);
    }
    let made: BTreeMap<&String, Value> =
        shapes.iter().map(|(route, shape)| (route, shape.schema(route))).collect();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/portal/answers.json");
        std::fs::write(path, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
        return;
    }
    for (route, schema) in &made {
        let told = ANSWERS.get(*route);
        assert_eq!(told, Some(schema), "{route}: run with UPDATE_EXPECT=1 when that is meant");
    }
    assert_eq!(made.len(), ANSWERS.len(), "a route is gone");
}

#[test]
fn every_route_of_the_api_has_its_answer_described() {
    let missing: Vec<String> = table()
        .iter()
        .filter(|route| route.path.starts_with("/api/") && !undescribed(route.path))
        .map(|route| format!("{} {}", route.method, route.path))
        .filter(|route| !ANSWERS.contains_key(route) && !ELSEWHERE.contains(&route.as_str()))
        .collect();
    assert!(missing.is_empty(), "add them to scripts/everything.txt: {missing:#?}");
}
