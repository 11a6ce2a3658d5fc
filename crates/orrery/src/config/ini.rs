//! `grafana.ini` and `GF_*` as one list of settings: who says what, and where. Pure but for the
//! files that values are read from.

use std::collections::BTreeMap;

use portal::provisioning::expand_setting;

/// One setting as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GrafanaSetting {
    /// Empty for keys above the first section.
    pub(crate) section: String,
    pub(crate) key: String,
    pub(crate) value: String,
    /// `grafana.ini line 3`, `GF_SERVER_HTTP_PORT`
    pub(crate) source: String,
}

/// Everything that the text of a file says, in its order. Comments start with `;` or `#`; a value
/// may stand in quotes, three of them around one with line breaks.
/// Errors: a line that is neither section, setting nor comment.
pub(crate) fn parse(
    text: &str,
    environment: &BTreeMap<String, String>,
) -> Result<Vec<GrafanaSetting>, String> {
    let mut settings = Vec::new();
    let mut section = String::new();
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let source = format!("grafana.ini line {}", index + 1);
        let line = line.trim();
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            let name = name.split_once(']').ok_or_else(|| format!("{source}: no ] after ["))?.0;
            name.trim().clone_into(&mut section);
            continue;
        }
        let (key, value) = line
            .split_once('=')
            .ok_or_else(|| format!("{source}: neither a section, nor key = value: {line:?}"))?;
        let mut value = value.trim().to_owned();
        if let Some(begun) = value.strip_prefix("\"\"\"") {
            let mut whole = begun.to_owned();
            while !whole.contains("\"\"\"") {
                let (_, next) =
                    lines.next().ok_or_else(|| format!("{source}: no closing quotes"))?;
                whole.push('\n');
                whole.push_str(next);
            }
            whole.split("\"\"\"").next().unwrap_or_default().clone_into(&mut value);
        }
        let value = expand_setting(plain(&value), environment)
            .map_err(|error| format!("{source}: {error}"))?;
        let (section, key) = (section.clone(), key.trim().to_owned());
        settings.push(GrafanaSetting { section, key, value, source });
    }
    Ok(settings)
}

/// Without quotes around it, and without a comment behind it.
fn plain(value: &str) -> &str {
    for quote in ['"', '`', '\''] {
        if let Some(inner) = value.strip_prefix(quote)
            && let Some((inner, _)) = inner.split_once(quote)
        {
            return inner;
        }
    }
    let end = value.find(" ;").or_else(|| value.find(" #")).unwrap_or(value.len());
    value[..end].trim()
}

/// `GF_SECTION_KEY` for a setting: dots and hyphens become underscores.
pub(crate) fn variable(section: &str, key: &str) -> String {
    let mut name = "GF".to_owned();
    for part in [section, key].into_iter().filter(|part| !part.is_empty()) {
        name.push('_');
        name.push_str(&part.to_uppercase().replace(['.', '-'], "_"));
    }
    name
}

/// The value of a variable, or of the file that `NAME__FILE` names.
pub(crate) fn from_environment(
    name: &str,
    environment: &BTreeMap<String, String>,
) -> Result<Option<String>, String> {
    let file = format!("{name}__FILE");
    let text = match (environment.get(name), environment.get(&file)) {
        (Some(_), Some(_)) => return Err(format!("both {name} and {file} are set")),
        (Some(value), None) => value.clone(),
        (None, Some(path)) => format!("$__file{{{path}}}"),
        (None, None) => return Ok(None),
    };
    let value = expand_setting(&text, environment);
    value.map(Some).map_err(|error| format!("{name}: {error}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{from_environment, parse, variable};

    #[test]
    fn every_way_to_write_a_setting() {
        let environment = BTreeMap::from([("NAME".to_owned(), "n".to_owned())]);
        let text = "; comment\n# too\napp_mode = production\n[server]\nhttp_port=3001 ; why\nroot_url = \"http://x/?a=b;c\"\n[auth.anonymous]\n  enabled = true\norg_name = `Main # Org.`\nempty =\n[a]\nb = $__env{NAME}-${NAME}\npassword = a#b;c$d\nmany = \"\"\"one\ntwo\"\"\"\n";
        let settings = parse(text, &environment).unwrap();
        let found: Vec<(&str, &str, &str)> = settings
            .iter()
            .map(|s| (s.section.as_str(), s.key.as_str(), s.value.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("", "app_mode", "production"),
                ("server", "http_port", "3001"),
                ("server", "root_url", "http://x/?a=b;c"),
                ("auth.anonymous", "enabled", "true"),
                ("auth.anonymous", "org_name", "Main # Org."),
                ("auth.anonymous", "empty", ""),
                ("a", "b", "n-n"),
                ("a", "password", "a#b;c$d"),
                ("a", "many", "one\ntwo"),
            ]
        );
        assert_eq!(settings[1].source, "grafana.ini line 5");
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        for (text, want) in [
            ("[server\n", "line 1: no ] after ["),
            ("\nnonsense\n", "line 2: neither"),
            ("a = $__file{/nowhere}\n", "line 1: cannot read /nowhere"),
            ("a = \"\"\"x\n", "line 1: no closing"),
        ] {
            let error = parse(text, &BTreeMap::new()).unwrap_err();
            assert!(error.contains(want), "{text:?}: {error}");
        }
    }

    #[test]
    fn variables_have_grafanas_names_and_may_lie_in_files() {
        assert_eq!(variable("auth.generic-oauth", "api_url"), "GF_AUTH_GENERIC_OAUTH_API_URL");
        assert_eq!(variable("", "app_mode"), "GF_APP_MODE");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "hush\n").unwrap();
        let path = file.path().display().to_string();
        let mut environment = BTreeMap::from([("GF_A_B__FILE".to_owned(), path)]);
        assert_eq!(from_environment("GF_A_B", &environment), Ok(Some("hush".to_owned())));
        assert_eq!(from_environment("GF_A_C", &environment), Ok(None));
        environment.insert("GF_A_B".to_owned(), "x".to_owned());
        assert!(from_environment("GF_A_B", &environment).is_err());
    }
}
