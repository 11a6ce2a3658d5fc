//! `/api/openapi.json`: the routes of the portal as OpenAPI 3.1, made from the route table itself.
//!
//! `docs/develop/portal-api.json` is the same document, committed: a test compares the two, so a
//! changed route shows in the commit that changes it, and the web UI's types are made from it.

use axum::http::Method;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::answers::ANSWERS;
use super::guard::Needs;
use super::query_parameters::Parameter;
use super::reply::{ApiResult, json};
use super::routes::{Route, table};

pub(crate) async fn document() -> ApiResult {
    Ok(json(&describe(&table())))
}

/// The document. Pure: routes in, JSON out, in the order of paths.
fn describe(routes: &[Route]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    // Many bodies are called `Create`: each is written out where it belongs.
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut generator = settings.into_generator();
    let mut sorted: Vec<&Route> =
        routes.iter().filter(|route| route.path.starts_with("/api")).collect();
    sorted.sort_by_key(|route| (route.path, route.method.to_string()));
    for route in sorted {
        let path = route.path.replace("{*", "{");
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[route.method.as_str().to_ascii_lowercase()] = operation(route, &mut generator);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Orrery portal",
            "description": "Grafana's HTTP API as Orrery's portal answers it, and the routes of its own UI (/api/ui).",
            "version": "1",
        },
        "security": [{ "session": [] }, { "basic": [] }, { "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": super::guard::COOKIE },
                "basic": { "type": "http", "scheme": "basic" },
                "token": { "type": "http", "scheme": "bearer" },
            },
            "responses": {
                "Refusal": {
                    "description": "Why not, in words.",
                    "content": { "application/json": { "schema": {
                        "type": "object",
                        "required": ["message"],
                        "properties": { "message": { "type": "string" }, "status": { "type": "string" } },
                    } } },
                },
            },
        },
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let refusal = || json!({ "$ref": "#/components/responses/Refusal" });
    let mut done = json!({ "description": "Done, or what was asked for." });
    if let Some(schema) = ANSWERS.get(&format!("{} {}", route.method, route.path)) {
        done["content"] = json!({ "application/json": { "schema": schema } });
    }
    let mut responses = json!({ "200": done, "400": refusal() });
    let mut operation = json!({
        "operationId": operation_id(route),
        "tags": [route.path.split('/').nth(2).unwrap_or_default()],
    });
    if let Needs::Right(action) = route.needs {
        responses["401"] = refusal();
        responses["403"] = refusal();
        let role = action.role_min().map_or("server administrator", auth::Role::as_str);
        operation["x-right"] = format!("{action:?}").into();
        operation["x-role-min"] = role.into();
    } else {
        operation["security"] = json!([]);
    }
    if !route.audited.is_empty() {
        operation["x-audited"] = route.audited.into();
    }
    let mut parameters: Vec<Value> = parameters(route.path).collect();
    if !parameters.is_empty() {
        responses["404"] = refusal();
    }
    let query = (route.query)().unwrap_or_default();
    parameters.extend(query.into_iter().map(Parameter::describe));
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if matches!(route.method, Method::POST | Method::PUT | Method::PATCH) {
        let schema = (route.body)(generator).map_or_else(|| json!({}), Value::from);
        operation["requestBody"] =
            json!({ "content": { "application/json": { "schema": schema } } });
    }
    operation["responses"] = responses;
    operation
}

/// `{id}` and its like, in order. Numbers where only numbers are taken.
fn parameters(path: &str) -> impl Iterator<Item = Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| {
        let kind = match name {
            "user" | "org" | "token" | "version" => "integer",
            _ => "string",
        };
        let name = name.trim_start_matches('*');
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": kind } })
    })
}

/// `GET /api/folders/{uid}/counts` → `getFoldersByUidCounts`.
fn operation_id(route: &Route) -> String {
    let mut id = route.method.as_str().to_ascii_lowercase();
    for part in route.path.split('/').skip(2) {
        let (by, word) = match part.strip_prefix('{') {
            Some(name) => ("By", name.trim_start_matches('*').trim_end_matches('}')),
            None => ("", part),
        };
        id.push_str(by);
        for word in word.split(['-', '_', '.']) {
            let mut letters = word.chars();
            id.extend(letters.next().map(|first| first.to_ascii_uppercase()));
            id.push_str(letters.as_str());
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{describe, table};

    /// With `UPDATE_EXPECT=1` the file is written anew.
    #[test]
    fn the_committed_document_is_the_present_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/develop/portal-api.json");
        let mut present = serde_json::to_string_pretty(&describe(&table())).unwrap();
        present.push('\n');
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(path, &present).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap();
        assert!(
            committed == present,
            "docs/develop/portal-api.json is not up to date: run this test with UPDATE_EXPECT=1, \
             then `npm run routes` in web/"
        );
    }

    /// A handler that looks at the whole address can read what nobody is told of: those that must
    /// are named here.
    #[test]
    fn every_route_says_what_it_reads_of_the_query() {
        let whole = ["/proxy/", "/resources/", "/public/plugins/", "/login", "/{*page}", "/goto/"];
        let silent: Vec<String> = table()
            .iter()
            .filter(|route| (route.query)().is_none())
            .filter(|route| route.path.starts_with("/api"))
            .filter(|route| !whole.iter().any(|part| route.path.contains(part)))
            .map(|route| format!("{} {}", route.method, route.path))
            .collect();
        assert!(silent.is_empty(), "they take a Uri or a Request: {silent:#?}");
        let document = describe(&table());
        let search = &document["paths"]["/api/search"]["get"]["parameters"];
        let limit = search.as_array().unwrap().iter().find(|p| p["name"] == "limit").unwrap();
        assert_eq!((&limit["in"], &limit["required"]), (&"query".into(), &false.into()));
        assert_eq!(limit["schema"], serde_json::json!({ "type": "integer", "default": 1000 }));
    }

    #[test]
    fn operations_have_names_of_their_own() {
        let document = describe(&table());
        let mut seen = HashSet::new();
        let paths = document["paths"].as_object().unwrap();
        for operation in paths.values().flat_map(|path| path.as_object().unwrap().values()) {
            let id = operation["operationId"].as_str().unwrap();
            assert!(seen.insert(id.to_owned()), "{id} is there twice");
        }
        assert!(paths.len() > 50);
    }
}
