//! Grafana's functions inside of settings and provisioning files: `$__env{NAME}`, and
//! `$__file{/path}` for what is mounted as a secret.

use std::fs;
use std::io::Read as _;

use super::yaml::{Environment, YamlError};

/// Longest file that a value is read from, bytes.
const VALUE_BYTES_MAX: u64 = 1 << 20;

/// Replaces both functions. A `$` in what they bring is doubled, so that the variables are filled
/// in afterwards without touching it.
pub(super) fn resolve(text: &str, environment: &Environment) -> Result<String, YamlError> {
    replace(text, environment, |value| value.replace('$', "$$"))
}

/// A value of `grafana.ini` or of a `GF_*` variable: both functions, and `${NAME}`. A bare `$`
/// stays, for passwords have them.
pub fn expand_setting(text: &str, environment: &Environment) -> Result<String, YamlError> {
    let text = replace(text, environment, str::to_owned)?;
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("${") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let inner = &after[2..];
        match inner.split_once('}') {
            Some((name, left)) if is_name(name) => {
                out.push_str(environment.get(name).map_or("", String::as_str));
                rest = left;
            }
            _ => {
                out.push_str("${");
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn replace(
    text: &str,
    environment: &Environment,
    keep: impl Fn(&str) -> String,
) -> Result<String, YamlError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("$__") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let function = &after[3..];
        let call = ["env{", "file{"].iter().enumerate().find_map(|(which, name)| {
            let (argument, left) = function.strip_prefix(name)?.split_once('}')?;
            Some((which, argument, left))
        });
        let Some((which, argument, left)) = call else {
            out.push_str("$__");
            rest = function;
            continue;
        };
        let value = match which {
            0 => environment.get(argument).cloned().unwrap_or_default(),
            _ => read(argument)?,
        };
        out.push_str(&keep(&value));
        rest = left;
    }
    out.push_str(rest);
    Ok(out)
}

/// The content of a file, without the white space around it.
fn read(path: &str) -> Result<String, YamlError> {
    let unreadable = |reason: String| YamlError::Unreadable { path: path.to_owned(), reason };
    let file = fs::File::open(path).map_err(|error| unreadable(error.to_string()))?;
    // A pipe or a device would be waited for, or never end.
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err(unreadable("it is no file".to_owned()));
    }
    let mut text = String::new();
    let read = file.take(VALUE_BYTES_MAX + 1).read_to_string(&mut text);
    let read = read.map_err(|error| unreadable(error.to_string()))?;
    if read as u64 > VALUE_BYTES_MAX {
        return Err(unreadable(format!("it is longer than {VALUE_BYTES_MAX} bytes")));
    }
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Environment, YamlError, expand_setting};
    use crate::provisioning::yaml::parse;

    #[test]
    fn functions_and_variables_are_filled_in() {
        let dir = tempfile::TempDir::new().unwrap();
        let secret = dir.path().join("secret");
        std::fs::write(&secret, " pa$$word$X\n").unwrap();
        let environment = Environment::from([
            ("X".to_owned(), "x".to_owned()),
            ("P".to_owned(), "a$X".to_owned()),
        ]);
        let file = format!("$__file{{{}}}", secret.display());
        // As written; in a provisioning file; in a setting.
        for (text, in_file, in_setting) in [
            ("$__env{X}-${X}", "x-x", "x-x"),
            ("$__env{P}", "a$X", "a$X"),
            (file.as_str(), "pa$$word$X", "pa$$word$X"),
            ("$__env{UNSET}", "", ""),
            ("$__from $__interval", " ", "$__from $__interval"),
            ("$$__env", "$__env", "$$__env"),
            ("pa$word ${", "pa ${", "pa$word ${"),
        ] {
            let yaml = serde_json::to_string(&serde_json::json!({ "v": text })).unwrap();
            assert_eq!(parse(&yaml, &environment).unwrap()["v"], in_file, "{text}");
            assert_eq!(expand_setting(text, &environment).unwrap(), in_setting, "{text}");
        }
    }

    #[test]
    fn a_secret_that_cannot_be_read_is_named() {
        for path in ["/nowhere/at-all", "/dev/zero"] {
            let error = expand_setting(&format!("$__file{{{path}}}"), &Environment::new());
            let error = error.unwrap_err();
            assert!(matches!(&error, YamlError::Unreadable { path: p, .. } if p == path));
            assert!(error.to_string().contains(path), "{error}");
        }
    }
}
