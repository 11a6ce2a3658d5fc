//! YAML with the line of every value, and strict reading of it: what is there must have its kind,
//! and what is wrong is told with its line.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::Spanned;

use super::expansion::resolve;
use super::yaml::{Environment, FILE_BYTES_MAX, YamlError, expand, expand_braced};

/// A value and the line it stands on.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) line: u64,
    pub(super) value: Tree,
}

#[derive(Debug)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// Parses; an empty file is null.
pub(super) fn parse(text: &str) -> Result<Node, YamlError> {
    if text.len() > FILE_BYTES_MAX {
        return Err(YamlError::TooLong { size: text.len() });
    }
    if text.lines().all(|line| line.trim_start().starts_with('#') || line.trim().is_empty()) {
        return Ok(Node { line: 1, value: Tree::Null });
    }
    // `y`, `no` and `on` are words, as in YAML 1.2 and in Grafana.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| YamlError::syntax(&error))
}

impl Node {
    pub(super) fn refuse(&self, reason: impl Into<String>) -> YamlError {
        YamlError::Syntax { line: self.line, reason: reason.into() }
    }

    /// The value as JSON, its strings changed.
    fn json(&self, change: &dyn Fn(&str) -> String) -> Value {
        match &self.value {
            Tree::Null => Value::Null,
            Tree::Bool(flag) => Value::Bool(*flag),
            Tree::Number(number) => Value::Number(number.clone()),
            Tree::Text(text) => Value::String(change(text)),
            Tree::List(list) => list.iter().map(|node| node.json(change)).collect(),
            Tree::Map(map) => {
                let fields = map.iter().map(|(key, node)| (key.clone(), node.json(change)));
                Value::Object(fields.collect())
            }
        }
    }
}

/// An object of a file, read with the environment that its strings may name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) node: &'a Node,
    fields: &'a [(String, Node)],
    environment: &'a Environment,
}

impl<'a> Entry<'a> {
    /// `what` names the entry when it is not an object.
    pub(super) fn of(
        node: &'a Node,
        environment: &'a Environment,
        what: &str,
    ) -> Result<Self, YamlError> {
        match &node.value {
            Tree::Map(fields) => Ok(Self { node, fields, environment }),
            _ => Err(node.refuse(format!("{what} is not an object"))),
        }
    }

    pub(super) fn refuse(&self, reason: impl Into<String>) -> YamlError {
        self.node.refuse(reason)
    }

    /// A field that is there and not null; the last of equal names counts.
    pub(super) fn field(&self, name: &str) -> Option<&'a Node> {
        let found = self.fields.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, node)| node).filter(|node| !matches!(node.value, Tree::Null))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.fields.iter().map(|(key, _)| key.as_str())
    }

    /// A string, the environment filled in; empty when absent. Numbers and flags count as written.
    pub(super) fn text(&self, name: &str) -> Result<String, YamlError> {
        self.field(name).map_or_else(|| Ok(String::new()), |node| self.text_of(node, name))
    }

    fn text_of(&self, node: &Node, name: &str) -> Result<String, YamlError> {
        match &node.value {
            Tree::Text(text) => Ok(expand(&resolve(text, self.environment)?, self.environment)),
            Tree::Number(number) => Ok(number.to_string()),
            Tree::Bool(flag) => Ok(flag.to_string()),
            Tree::Null => Ok(String::new()),
            Tree::List(_) | Tree::Map(_) => Err(node.refuse(format!("{name} is not a string"))),
        }
    }

    pub(super) fn required(&self, name: &str, reason: &str) -> Result<String, YamlError> {
        let text = self.text(name)?;
        if text.trim().is_empty() { Err(self.refuse(reason)) } else { Ok(text) }
    }

    /// A whole number; a string that is one counts, for it may come from the environment.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, YamlError> {
        let Some(node) = self.field(name) else { return Ok(None) };
        let text = self.text_of(node, name)?;
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse().map(Some);
        number.map_err(|_| node.refuse(format!("{name} is not a whole number: {text:?}")))
    }

    /// The organisation an entry is for: the first one unless it says another.
    pub(super) fn org_id(&self) -> Result<i64, YamlError> {
        Ok(self.integer("orgId")?.unwrap_or(1).max(1))
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, YamlError> {
        let Some(node) = self.field(name) else { return Ok(false) };
        let text = self.text_of(node, name)?;
        match text.trim().to_lowercase().as_str() {
            "true" | "1" | "t" | "y" | "yes" | "on" => Ok(true),
            "false" | "0" | "f" | "n" | "no" | "off" | "" => Ok(false),
            _ => Err(node.refuse(format!("{name} is neither true nor false: {text:?}"))),
        }
    }

    /// A duration such as `5m`, milliseconds.
    pub(super) fn duration_ms(&self, name: &str) -> Result<Option<i64>, YamlError> {
        let Some(node) = self.field(name) else { return Ok(None) };
        let text = self.text_of(node, name)?;
        if text.is_empty() {
            return Ok(None);
        }
        let nanos = promql_syntax::parse_duration(text.trim());
        nanos
            .map(|nanos| Some(nanos / 1_000_000))
            .map_err(|reason| node.refuse(format!("{name}: {reason}")))
    }

    pub(super) fn list(&self, name: &str) -> Result<&'a [Node], YamlError> {
        match self.field(name) {
            None => Ok(&[]),
            Some(Node { value: Tree::List(list), .. }) => Ok(list),
            Some(node) => Err(node.refuse(format!("{name} is not a list"))),
        }
    }

    /// The objects of a list.
    pub(super) fn entries(&self, name: &str) -> Result<Vec<Entry<'a>>, YamlError> {
        let what = format!("an entry of {name}");
        let entry = |node: &'a Node| Entry::of(node, self.environment, &what);
        self.list(name)?.iter().map(entry).collect()
    }

    /// The strings of a list.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, YamlError> {
        let what = format!("an entry of {name}");
        self.list(name)?.iter().map(|node| self.text_of(node, &what)).collect()
    }

    pub(super) fn entry(&self, name: &str) -> Result<Option<Entry<'a>>, YamlError> {
        let entry = |node: &'a Node| Entry::of(node, self.environment, name);
        self.field(name).map(entry).transpose()
    }

    /// Names and strings of an object. `braced` fills in `${NAME}` alone: templates have `$x`.
    pub(super) fn pairs(
        &self,
        name: &str,
        braced: bool,
    ) -> Result<Vec<(String, String)>, YamlError> {
        let Some(entry) = self.entry(name)? else { return Ok(Vec::new()) };
        let pair = |(key, node): &(String, Node)| {
            let text = match &node.value {
                Tree::Text(text) if braced => expand_braced(text, self.environment),
                _ => self.text_of(node, key)?,
            };
            Ok((key.clone(), text))
        };
        entry.fields.iter().map(pair).collect()
    }

    /// A value as JSON as it stands.
    pub(super) fn json(&self, name: &str) -> Value {
        self.field(name).map_or(Value::Null, |node| node.json(&|text| text.to_owned()))
    }

    /// A value as JSON with `${NAME}` filled in.
    pub(super) fn json_expanded(&self, name: &str) -> Value {
        let fill = |text: &str| expand_braced(text, self.environment);
        self.field(name).map_or(Value::Null, |node| node.json(&fill))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Tree>::deserialize(deserializer)?;
        Ok(Self { line: spanned.referenced.line(), value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Tree;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("any value")
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Tree, E> {
                Ok(Tree::Bool(flag))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
                Ok(Tree::Number(number.into()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
                Ok(Tree::Number(number.into()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
                // Infinity and NaN are no JSON; their text is kept.
                let text = || Tree::Text(number.to_string());
                Ok(Number::from_f64(number).map_or_else(text, Tree::Number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
                Ok(Tree::Text(text.to_owned()))
            }

            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Null)
            }

            fn visit_none<E>(self) -> Result<Tree, E> {
                Ok(Tree::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Tree, D::Error> {
                Tree::deserialize(inner)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
                let mut list = Vec::new();
                while let Some(node) = seq.next_element()? {
                    list.push(node);
                }
                Ok(Tree::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Tree::Map(fields))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Environment, parse};

    #[test]
    fn values_know_their_lines() {
        let text = "a: 1\nb:\n  - x: yes it is\n    n: 3.5\n  - {x: }\nc: \"$N\"\nd: [1, two]\n";
        let environment = Environment::from([("N".to_owned(), "7".to_owned())]);
        let tree = parse(text).unwrap();
        let root = Entry::of(&tree, &environment, "the file").unwrap();
        assert_eq!((root.integer("a").unwrap(), root.integer("c").unwrap()), (Some(1), Some(7)));
        let entries = root.entries("b").unwrap();
        assert_eq!(
            (entries[0].text("x").unwrap(), entries[0].text("n").unwrap()),
            ("yes it is".into(), "3.5".into())
        );
        assert_eq!((entries[0].node.line, entries[1].node.line), (3, 5));
        assert_eq!(entries[1].required("x", "no x").unwrap_err().to_string(), "line 5: no x");
        assert_eq!(root.texts("d").unwrap(), ["1", "two"]);
        assert_eq!(
            root.entries("d").unwrap_err().to_string(),
            "line 7: an entry of d is not an object"
        );
        assert_eq!(root.list("a").unwrap_err().to_string(), "line 1: a is not a list");
        assert_eq!(
            root.duration_ms("a").unwrap_err().to_string(),
            "line 1: a: not a valid duration string: \"1\""
        );
        assert_eq!(root.json("b").to_string(), r#"[{"n":3.5,"x":"yes it is"},{"x":null}]"#);
    }

    #[test]
    fn files_without_content_are_empty_and_broken_ones_say_where() {
        for text in ["", "# nothing\n\n", "---\n"] {
            assert!(matches!(parse(text).unwrap().value, super::Tree::Null), "{text:?}");
        }
        let broken = parse("a:\n  - b: [\n").unwrap_err().to_string();
        assert!(broken.starts_with("line "), "{broken}");
    }
}
