//! Reads `orrery.yaml`: typed, with unknown keys refused by name, nearest key and line.

use std::path::Path;

use super::Config;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read {path}: {source}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("{path}: {message}")]
    Invalid { path: String, message: String },
    #[error("environment: {0}")]
    Environment(String),
    /// In a setting of Grafana's; the text says which.
    #[error("{0}")]
    Grafana(String),
}

pub(crate) fn read(path: &Path) -> Result<Config, ConfigError> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Unreadable { path: name.clone(), source })?;
    parse(&text).map_err(|message| ConfigError::Invalid { path: name, message })
}

/// Pure: text to config, or what is wrong and where.
pub(crate) fn parse(text: &str) -> Result<Config, String> {
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Config::default());
    }
    serde_saphyr::from_str(text).map_err(|error| describe(&error))
}

/// `line 3: unknown key "prot" (did you mean "port"?)`
fn describe(error: &serde_saphyr::Error) -> String {
    let place = error.location().map(|at| format!("line {}: ", at.line())).unwrap_or_default();
    let plain = error.without_snippet().to_string();
    let message = match unknown_field(&plain) {
        Some((key, known)) => {
            let hint = nearest(&key, known.iter().map(String::as_str));
            let hint = hint.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
            format!("unknown key {key:?}{hint}")
        }
        // The place is said already.
        None => {
            let line = plain.lines().next().unwrap_or_default();
            line.split(" at line ").next().unwrap_or_default().to_owned()
        }
    };
    format!("{place}{message}")
}

/// Takes the sentence "unknown field `a`, expected one of b, c at line 2, column 3" apart; names
/// may be quoted or not.
fn unknown_field(message: &str) -> Option<(String, Vec<String>)> {
    let (_, rest) = message.split_once("unknown field `")?;
    let (key, rest) = rest.split_once('`')?;
    let list = rest.split_once("expected ")?.1.split(" at line ").next()?;
    let words = list.trim_start_matches("one of ").split([',', ' ', '`']);
    let known = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
    Some((key.to_owned(), known))
}

/// The most similar known key, if any is similar at all.
pub(crate) fn nearest<'a>(key: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(key, candidate), candidate))
        .filter(|(score, _)| *score > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_key() {
        let check = |text: &str, want: &str| {
            let error = parse(text).unwrap_err();
            assert!(error.contains(want), "{error:?} does not contain {want:?}");
        };
        check(
            "storage:\n  retension: 3d\n",
            "line 2: unknown key \"retension\" (did you mean \"retention\"?)",
        );
        check("listn: {}\n", "line 1: unknown key \"listn\" (did you mean \"listen\"?)");
        check("storage:\n  retention: soon\n", "line 2: ");
        check("storage:\n  retention_rules: [{matchers: 'sum(up)', retention: 1d}]\n", "no series");
        check("storage:\n  retention_by_tenant: {a/b: 1d}\n", "tenant");
        check("storage:\n  retention: soon\n", "\"soon\" is no duration");
    }

    #[test]
    fn an_empty_file_and_a_printed_config_are_the_defaults() {
        assert_eq!(parse("# nothing\n"), Ok(super::Config::default()));
        let mut config = super::Config::default();
        config.portal.admin_password.0 = "<secret>".into();
        config.storage.retention_by_tenant =
            [("team-a".parse().unwrap(), super::super::Period::days(30))].into();
        config.storage.retention_rules = vec![crate::config::RetentionRuleConfig {
            matchers: r#"{__name__=~"debug_.*", job="a"}"#.parse().unwrap(),
            retention: super::super::Period::days(1),
            tenant: None,
        }];
        let printed = config.to_public_yaml();
        assert_eq!(parse(&printed), Ok(config), "{printed}");
    }
}
