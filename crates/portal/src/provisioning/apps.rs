//! Grafana's plug-in files: which apps are on, and their settings.

use serde::Serialize;
use serde_json::Value;

use super::tree::{Entry, Tree, parse};
use super::yaml::{Environment, YamlError};

/// One entry of `apps`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct App {
    /// Plug-in id.
    pub id: String,
    pub org_id: i64,
    pub org_name: String,
    pub is_enabled: bool,
    pub is_pinned: bool,
    pub json_data: Value,
    /// Names of the secret settings; their values are not kept.
    pub secure_fields: Vec<String>,
}

/// Reads a file. Errors: the line and what is wrong there.
pub fn read_apps(text: &str, environment: &Environment) -> Result<Vec<App>, YamlError> {
    let tree = parse(text)?;
    if matches!(tree.value, Tree::Null) {
        return Ok(Vec::new());
    }
    let file = Entry::of(&tree, environment, "the file")?;
    file.entries("apps")?.into_iter().map(app).collect()
}

fn app(entry: Entry<'_>) -> Result<App, YamlError> {
    let secure = entry.entry("secureJsonData")?;
    Ok(App {
        id: entry.required("type", "app has no type")?,
        org_id: entry.org_id()?,
        org_name: entry.text("orgName")?,
        is_enabled: !entry.flag("disabled")?,
        is_pinned: entry.field("pinned").is_none() || entry.flag("pinned")?,
        json_data: entry.json_expanded("jsonData"),
        secure_fields: secure.iter().flat_map(Entry::names).map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Environment, read_apps};

    #[test]
    fn apps_are_read_without_their_secrets() {
        let text = "apps:\n- type: a-app\n  disabled: true\n  jsonData: {x: 1}\n  secureJsonData: {token: hush}\n- {type: b-app, orgId: 2}\n";
        let apps = read_apps(text, &Environment::new()).unwrap();
        assert_eq!((apps[0].id.as_str(), apps[0].is_enabled, apps[1].org_id), ("a-app", false, 2));
        assert_eq!(apps[0].secure_fields, ["token"]);
        assert!(!format!("{apps:?}").contains("hush"));
        let error = read_apps("apps:\n- {name: a}\n", &Environment::new()).unwrap_err();
        assert_eq!(error.to_string(), "line 2: app has no type");
    }
}
