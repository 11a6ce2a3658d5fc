//! Strict reading of one mapping: every key is asked for once, what is left over is an error.

use std::rc::Rc;
use std::time::Duration;

use super::error::{ConfigError, Notice};
use super::units::{parse_bytes, parse_duration};
use super::yaml::{Kind, Node};

pub(crate) type Result<T, E = ConfigError> = std::result::Result<T, E>;

/// A mapping being read. Null values count as absent, as for the reference.
pub(crate) struct Section<'a> {
    /// Shown in messages, e.g. `config.global`.
    pub(crate) name: &'static str,
    pub(crate) line: usize,
    entries: Vec<(&'a str, &'a Node, &'a Node, bool)>,
}

pub(crate) fn fail<T>(node: &Node, message: impl Into<String>) -> Result<T> {
    Err(ConfigError::at(node.line, message.into()))
}

pub(crate) fn mismatch<T>(node: &Node, wanted: &str) -> Result<T> {
    let shown = node.scalar().map(|text| format!(" `{text:.40}`")).unwrap_or_default();
    let line = node.line;
    let tag = node.tag();
    fail(
        node,
        format!(
            "yaml: unmarshal errors:\n  line {line}: cannot unmarshal {tag}{shown} into {wanted}"
        ),
    )
}

/// What counts as a boolean for the reference's YAML library.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            Some(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            Some(false)
        }
        _ => None,
    }
}

pub(crate) fn text(node: &Node) -> Result<&str> {
    node.scalar().map_or_else(|| mismatch(node, "string"), Ok)
}

/// Items of a list; a null node is an empty one.
pub(crate) fn items(node: &Node) -> Result<&[Rc<Node>]> {
    match &node.kind {
        Kind::Null => Ok(&[]),
        Kind::List(items) => Ok(items),
        _ => mismatch(node, "a list"),
    }
}

pub(crate) fn strings(node: &Node) -> Result<Vec<String>> {
    let string = |item: &Rc<Node>| {
        if item.is_null() { Ok(String::new()) } else { text(item).map(str::to_owned) }
    };
    items(node)?.iter().map(string).collect()
}

pub(crate) fn string_map(node: &Node) -> Result<Vec<(String, String)>> {
    let Kind::Map(entries) = &node.kind else { return mismatch(node, "a map of strings") };
    let pair = |(key, value): &(Rc<Node>, Rc<Node>)| {
        let value = if value.is_null() { "" } else { text(value)? };
        Ok((text(key)?.to_owned(), value.to_owned()))
    };
    entries.iter().map(pair).collect()
}

impl<'a> Section<'a> {
    pub(crate) fn of(node: &'a Node, name: &'static str) -> Result<Self> {
        let entries = match &node.kind {
            Kind::Null => Vec::new(),
            Kind::Map(entries) => {
                let entry = |(key, value): &'a (Rc<Node>, Rc<Node>)| {
                    Ok((text(key)?, &**key, &**value, false))
                };
                entries.iter().map(entry).collect::<Result<Vec<_>>>()?
            }
            _ => return mismatch(node, name),
        };
        Ok(Self { name, line: node.line, entries })
    }

    /// The value of `key`, which is then known; `None` when absent or null.
    pub(crate) fn get(&mut self, key: &str) -> Option<&'a Node> {
        self.get_or_null(key).filter(|node| !node.is_null())
    }

    pub(crate) fn get_or_null(&mut self, key: &str) -> Option<&'a Node> {
        let entry = self.entries.iter_mut().find(|(name, ..)| *name == key)?;
        entry.3 = true;
        Some(entry.2)
    }

    pub(crate) fn string(&mut self, key: &str) -> Result<Option<String>> {
        self.get(key).map(|node| text(node).map(str::to_owned)).transpose()
    }

    /// Empty when absent.
    pub(crate) fn string_or_empty(&mut self, key: &str) -> Result<String> {
        Ok(self.string(key)?.unwrap_or_default())
    }

    pub(crate) fn boolean(&mut self, key: &str) -> Result<Option<bool>> {
        let Some(node) = self.get(key) else { return Ok(None) };
        match &node.kind {
            Kind::Scalar { text, plain: true } if parse_bool(text).is_some() => {
                Ok(parse_bool(text))
            }
            _ => mismatch(node, "bool"),
        }
    }

    fn number<T: std::str::FromStr>(&mut self, key: &str, wanted: &str) -> Result<Option<T>> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let parsed = match &node.kind {
            Kind::Scalar { text, plain: true } => text.replace('_', "").parse().ok(),
            _ => None,
        };
        parsed.map_or_else(|| mismatch(node, wanted), |v| Ok(Some(v)))
    }

    pub(crate) fn uint(&mut self, key: &str) -> Result<Option<u64>> {
        self.number(key, "uint")
    }

    pub(crate) fn int(&mut self, key: &str) -> Result<Option<i64>> {
        self.number(key, "int")
    }

    pub(crate) fn float(&mut self, key: &str) -> Result<Option<f64>> {
        self.number(key, "float64")
    }

    pub(crate) fn duration(&mut self, key: &str) -> Result<Option<Duration>> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let parsed = parse_duration(text(node)?);
        parsed.map(Some).map_err(|message| ConfigError::at(node.line, message))
    }

    pub(crate) fn bytes(&mut self, key: &str) -> Result<Option<u64>> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let parsed = parse_bytes(text(node)?);
        parsed.map(Some).map_err(|message| ConfigError::at(node.line, message))
    }

    pub(crate) fn strings(&mut self, key: &str) -> Result<Vec<String>> {
        self.get(key).map_or(Ok(Vec::new()), strings)
    }

    pub(crate) fn string_map(&mut self, key: &str) -> Result<Vec<(String, String)>> {
        self.get(key).map_or(Ok(Vec::new()), string_map)
    }

    /// Items of a list of sections; null items are handed on for the caller to refuse.
    pub(crate) fn list(&mut self, key: &str) -> Result<&'a [Rc<Node>]> {
        self.get(key).map_or(Ok(&[]), items)
    }

    /// Line of `key`, or of the section when it is absent.
    pub(crate) fn line_of(&self, key: &str) -> usize {
        self.entries.iter().find(|(name, ..)| *name == key).map_or(self.line, |e| e.1.line)
    }

    pub(crate) fn fail<T>(&self, key: &str, message: impl Into<String>) -> Result<T> {
        Err(ConfigError::at(self.line_of(key), message.into()))
    }

    /// Tells of a key that is set and has no effect.
    pub(crate) fn not_acted_on(&self, key: &str, place: &str, notices: &mut Vec<Notice>) {
        if self.entries.iter().any(|(name, _, value, _)| *name == key && !value.is_null()) {
            notices.push(Notice {
                line: self.line_of(key),
                key: format!("{place}{key}"),
                text: "not acted on yet".into(),
            });
        }
    }

    /// Fails on keys that nobody asked for.
    pub(crate) fn finish(self) -> Result<()> {
        let mut unknown = self.entries.iter().filter(|entry| !entry.3).peekable();
        let Some(first) = unknown.peek().map(|entry| entry.1.line) else { return Ok(()) };
        let mut message = String::from("yaml: unmarshal errors:");
        for (name, key, ..) in unknown {
            let line = key.line;
            let text = format!("\n  line {line}: field {name} not found in type {}", self.name);
            message.push_str(&text);
        }
        Err(ConfigError::at(first, message))
    }
}
