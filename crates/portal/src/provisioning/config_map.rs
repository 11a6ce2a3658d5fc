//! Kubernetes manifests in a provisioning folder: each entry of a `ConfigMap` is a file of its
//! own, wherever the manifest itself was mounted.

use serde_json::Value;

use super::yaml::{FILE_BYTES_MAX, YamlError};

/// Documents of one manifest file that are looked at.
const DOCUMENTS_MAX: usize = 1000;

/// The files inside, as name and text, when the text holds a `ConfigMap`; `None` when it is an
/// ordinary file. Errors: it names one, but is no YAML.
pub fn unwrap_config_maps(text: &str) -> Result<Option<Vec<(String, String)>>, YamlError> {
    // Most files are none; they need not be parsed twice.
    if !text.contains("ConfigMap") || text.len() > FILE_BYTES_MAX {
        return Ok(None);
    }
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(text).map_err(|error| YamlError::syntax(&error))?;
    let mut files = Vec::new();
    let mut found = false;
    for document in documents.iter().take(DOCUMENTS_MAX) {
        let items = document.get("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for map in items.iter().chain(std::iter::once(document)) {
            if map.get("kind").and_then(Value::as_str) != Some("ConfigMap") {
                continue;
            }
            found = true;
            let data = map.get("data").and_then(Value::as_object);
            let entries = data.into_iter().flatten();
            files.extend(
                entries.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned()))),
            );
        }
    }
    Ok(found.then_some(files))
}

#[cfg(test)]
mod tests {
    use super::unwrap_config_maps;

    #[test]
    fn each_entry_of_data_is_a_file() {
        let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n  a.yaml: |\n    apiVersion: 1\n  b.json: '{}'\n---\nkind: Service\n---\nkind: List\nitems:\n- kind: ConfigMap\n  data: {c.yaml: x}\n";
        let files = unwrap_config_maps(manifest).unwrap().unwrap();
        let named = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(
            files,
            [named("a.yaml", "apiVersion: 1\n"), named("b.json", "{}"), named("c.yaml", "x")]
        );
        assert_eq!(unwrap_config_maps("kind: Other\nname: ConfigMap\n").unwrap(), None);
        assert_eq!(unwrap_config_maps("apiVersion: 1\n").unwrap(), None);
        assert!(unwrap_config_maps("kind: ConfigMap\ndata: [\n").is_err());
    }
}
