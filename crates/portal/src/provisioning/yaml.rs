//! Reads a provisioning file leniently: YAML to a JSON tree with the environment filled in, and
//! fields taken from it by any of the names they have had.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::expansion::resolve;
use crate::tables::MAIN_ORG_ID;

/// Environment variables that files may name; the binary decides which.
pub type Environment = BTreeMap<String, String>;

/// Longest provisioning file read, bytes.
pub(super) const FILE_BYTES_MAX: usize = 4 << 20;

#[derive(Debug, thiserror::Error)]
pub enum YamlError {
    #[error("line {line}: {reason}")]
    Syntax { line: u64, reason: String },
    #[error("file is {size} bytes long, the limit is {FILE_BYTES_MAX}")]
    TooLong { size: usize },
    #[error("{0} is missing or not a string")]
    Missing(String),
    /// A `$__file{…}`.
    #[error("cannot read {path}: {reason}")]
    Unreadable { path: String, reason: String },
}

impl YamlError {
    pub(super) fn syntax(error: &serde_saphyr::Error) -> Self {
        let reason = error.without_snippet().to_string();
        let reason = reason.lines().next().unwrap_or_default().to_owned();
        Self::Syntax { line: error.location().map_or(0, |at| at.line()), reason }
    }
}

/// One object of the tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

/// Parses; an empty file is an empty object.
pub(super) fn parse(text: &str, environment: &Environment) -> Result<Value, YamlError> {
    if text.len() > FILE_BYTES_MAX {
        return Err(YamlError::TooLong { size: text.len() });
    }
    let mut tree: Value =
        serde_saphyr::from_str(text).map_err(|error| YamlError::syntax(&error))?;
    fill_in(&mut tree, environment)?;
    Ok(tree)
}

fn fill_in(tree: &mut Value, environment: &Environment) -> Result<(), YamlError> {
    match tree {
        Value::String(text) if text.contains('$') => {
            *text = expand(&resolve(text, environment)?, environment);
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| fill_in(item, environment)),
        Value::Object(fields) => fields.values_mut().try_for_each(|v| fill_in(v, environment)),
        _ => Ok(()),
    }
}

/// Replaces `$NAME` and `${NAME}` with the variable's value (nothing when unset) and `$$` with
/// `$`, as Grafana does in provisioning files.
pub(super) fn expand(text: &str, environment: &Environment) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(escaped) = after.strip_prefix('$') {
            out.push('$');
            rest = escaped;
            continue;
        }
        let (name, left) = variable(after);
        match name {
            Some(name) => out.push_str(environment.get(name).map_or("", String::as_str)),
            None => out.push('$'),
        }
        rest = left;
    }
    out.push_str(rest);
    out
}

/// Replaces `${NAME}` alone: texts with templates of their own have `$name` in them.
pub(super) fn expand_braced(text: &str, environment: &Environment) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        match variable(&rest[at + 1..]) {
            (Some(name), left) => {
                out.push_str(environment.get(name).map_or("", String::as_str));
                rest = left;
            }
            (None, left) => {
                out.push('$');
                rest = left;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The variable's name after a `$`, and what follows it.
fn variable(after: &str) -> (Option<&str>, &str) {
    let is_name = |name: &str| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if let Some((name, left)) = after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
        return if is_name(name) { (Some(name), left) } else { (None, after) };
    }
    let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
    let (name, left) = after.split_at(end);
    if is_name(name) { (Some(name), left) } else { (None, after) }
}

impl<'a> Fields<'a> {
    pub(super) fn of(tree: &'a Value) -> Option<Self> {
        tree.as_object().map(Self)
    }

    pub(super) fn value(self, names: &[&str]) -> Option<&'a Value> {
        names.iter().find_map(|name| self.0.get(*name)).filter(|value| !value.is_null())
    }

    /// A number counts as its digits: YAML's `name: 5` means a name.
    pub(super) fn text(self, names: &[&str]) -> String {
        match self.value(names) {
            Some(Value::String(text)) => text.clone(),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
            _ => String::new(),
        }
    }

    pub(super) fn required(self, names: &[&str]) -> Result<String, YamlError> {
        let text = self.text(names);
        if text.is_empty() { Err(YamlError::Missing(names[0].to_owned())) } else { Ok(text) }
    }

    /// A string counts when it says so: it may have come from the environment.
    pub(super) fn flag(self, names: &[&str]) -> bool {
        match self.value(names) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text == "1",
            _ => false,
        }
    }

    pub(super) fn seconds(self, names: &[&str]) -> Option<u64> {
        match self.value(names) {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        }
    }

    pub(super) fn integer(self, names: &[&str]) -> Option<i64> {
        match self.value(names) {
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        }
    }

    /// The organisation that an entry is for; the main one when it names none.
    pub(super) fn org(self) -> i64 {
        self.integer(&["orgId", "org_id"]).filter(|org| *org > 0).unwrap_or(MAIN_ORG_ID)
    }

    /// The objects of a list; anything else in it is passed over.
    pub(super) fn list(self, names: &[&str]) -> impl Iterator<Item = Fields<'a>> {
        self.value(names).and_then(Value::as_array).into_iter().flatten().filter_map(Fields::of)
    }

    /// Every field that is text, a number or a flag, as text.
    pub(super) fn texts(self) -> impl Iterator<Item = (&'a str, String)> {
        self.0.keys().map(move |key| (key.as_str(), self.text(&[key])))
    }
}

#[cfg(test)]
mod tests {
    use super::{Environment, YamlError, expand, parse};

    #[test]
    fn variables_are_filled_in() {
        let environment = Environment::from([
            ("URL".to_owned(), "http://x".to_owned()),
            ("N".to_owned(), "5".to_owned()),
        ]);
        let check = |text: &str, want: &str| assert_eq!(expand(text, &environment), want);
        check("$URL/a", "http://x/a");
        check("${URL}b${N}", "http://xb5");
        check("$UNSET-", "-");
        check("$$URL", "$URL");
        check("Trace: $${__value.raw}", "Trace: ${__value.raw}");
        check("${__value.raw}", "${__value.raw}");
        check("cost $5 $", "cost $5 $");
        check("${open", "${open");
        check("größe $N€", "größe 5€");
    }

    #[test]
    fn a_broken_file_names_its_line() {
        let broken = "apiVersion: 1\nproviders:\n  - name: [\n";
        match parse(broken, &Environment::new()).unwrap_err() {
            YamlError::Syntax { line, reason } => assert!(line >= 3 && !reason.is_empty()),
            other => panic!("{other}"),
        }
    }
}
