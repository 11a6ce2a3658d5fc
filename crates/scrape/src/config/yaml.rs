//! YAML documents as trees whose every node knows its line: what strict reading with good
//! messages needs. Scalars keep their text, because the reader decides what `no` or `010` means.

use std::collections::HashMap;
use std::rc::Rc;

use base64::Engine;
use granit_parser::{Event, Parser, ScalarStyle};

use super::error::ConfigError;

/// Aliases multiply nodes; a document may not grow beyond this many.
const NODES_MAX: usize = 1_000_000;

/// Key and value of a mapping.
pub(crate) type Entry = (Rc<Node>, Rc<Node>);

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    /// Nodes below, aliases expanded, itself included.
    weight: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Absent text, `~` or `null`.
    Null,
    /// `plain` scalars may also be read as numbers or booleans.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Rc<Node>>),
    /// In file order; merge keys are resolved, names are unique.
    Map(Vec<Entry>),
}

impl Node {
    fn new(line: usize, kind: Kind) -> Rc<Self> {
        let weight = match &kind {
            Kind::Null | Kind::Scalar { .. } => 1,
            Kind::List(items) => items.iter().map(|n| n.weight).fold(1, usize::saturating_add),
            Kind::Map(entries) => entries
                .iter()
                .map(|(key, value)| key.weight.saturating_add(value.weight))
                .fold(1, usize::saturating_add),
        };
        Rc::new(Self { line, kind, weight })
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// The text of a scalar, whatever it looks like.
    pub(crate) fn scalar(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The tag the reference would show for it in a message.
    pub(crate) fn tag(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "!!null",
            Kind::List(_) => "!!seq",
            Kind::Map(_) => "!!map",
            Kind::Scalar { text, plain } if *plain => plain_tag(text),
            Kind::Scalar { .. } => "!!str",
        }
    }
}

fn plain_tag(text: &str) -> &'static str {
    if super::section::parse_bool(text).is_some() {
        "!!bool"
    } else if text.replace('_', "").parse::<i64>().is_ok() {
        "!!int"
    } else if text.parse::<f64>().is_ok() {
        "!!float"
    } else {
        "!!str"
    }
}

/// Reads the first document. An empty text is a null node.
pub(crate) fn parse(text: &str) -> Result<Rc<Node>, ConfigError> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| {
            let text = e.to_string();
            let what = text.split(" at line").next().unwrap_or(&text).to_owned();
            ConfigError::at(e.marker().line(), format!("yaml: {what}"))
        })?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        builder.take(event, span.start.line().max(1))?;
    }
    Ok(builder.root.unwrap_or_else(|| Node::new(1, Kind::Null)))
}

#[derive(Default)]
struct Builder {
    root: Option<Rc<Node>>,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
}

struct Open {
    line: usize,
    anchor: usize,
    children: Vec<Rc<Node>>,
    is_map: bool,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), ConfigError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let is = |suffix: &str| {
                    tag.as_ref().is_some_and(|tag| tag.to_string().ends_with(suffix))
                };
                let kind = if is("binary") {
                    Kind::Scalar { text: binary(&text, line)?, plain: false }
                } else if (plain || is("null"))
                    && matches!(&*text, "" | "~" | "null" | "Null" | "NULL")
                {
                    Kind::Null
                } else {
                    Kind::Scalar { text: text.into_owned(), plain }
                };
                self.close(Node::new(line, kind), anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.open.push(Open { line, anchor, children: Vec::new(), is_map: false });
                Ok(())
            }
            Event::MappingStart(_, anchor, _) => {
                self.open.push(Open { line, anchor, children: Vec::new(), is_map: true });
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let kind = if open.is_map {
                    Kind::Map(entries(open.children)?)
                } else {
                    Kind::List(open.children)
                };
                self.close(Node::new(open.line, kind), open.anchor)
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).cloned();
                let target = target
                    .ok_or_else(|| ConfigError::at(line, "yaml: anchor contains itself".into()))?;
                self.close(target, 0)
            }
            _ => Ok(()),
        }
    }

    fn close(&mut self, node: Rc<Node>, anchor: usize) -> Result<(), ConfigError> {
        if node.weight > NODES_MAX {
            let text = format!("yaml: more than {NODES_MAX} nodes with aliases expanded");
            return Err(ConfigError::at(node.line, text));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }
}

/// Pairs up keys and values; `<<` brings in the entries of other maps that are not set here.
fn entries(children: Vec<Rc<Node>>) -> Result<Vec<Entry>, ConfigError> {
    let mut found: Vec<Entry> = Vec::new();
    // Line of each name: a map of a discovery service may be long.
    let mut lines: HashMap<String, usize> = HashMap::new();
    let mut merged: Vec<Rc<Node>> = Vec::new();
    let mut children = children.into_iter();
    while let (Some(key), Some(value)) = (children.next(), children.next()) {
        if matches!(&key.kind, Kind::Scalar { text, plain: true } if text == "<<") {
            merged.push(value);
            continue;
        }
        if let Some(name) = key.scalar()
            && let Some(first) = lines.insert(name.to_owned(), key.line)
        {
            let text = format!(
                "yaml: unmarshal errors:\n  line {}: key {name:?} already set in map at line {first}",
                key.line
            );
            return Err(ConfigError::at(key.line, text));
        }
        found.push((key, value));
    }
    for source in merged {
        let maps: Vec<_> = match &source.kind {
            Kind::List(items) => items.clone(),
            _ => vec![Rc::clone(&source)],
        };
        for map in maps {
            let Kind::Map(inherited) = &map.kind else {
                let text = "yaml: map merge requires map or sequence of maps as the value";
                return Err(ConfigError::at(map.line, text.into()));
            };
            for (key, value) in inherited {
                let is_new = key
                    .scalar()
                    .is_none_or(|name| lines.insert(name.to_owned(), key.line).is_none());
                if is_new {
                    found.push((Rc::clone(key), Rc::clone(value)));
                }
            }
        }
    }
    Ok(found)
}

/// Binary scalars are strings for us, so their bytes have to be text.
fn binary(text: &str, line: usize) -> Result<String, ConfigError> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let lenient = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    let bytes = lenient.decode(compact).map_err(|_| {
        ConfigError::at(line, "yaml: !!binary value contains invalid base64 data".into())
    })?;
    String::from_utf8(bytes).map_err(|e| {
        let shown = e.as_bytes().escape_ascii().to_string();
        ConfigError::at(line, format!("\"{shown}\" is not a valid label value"))
    })
}

#[cfg(test)]
mod tests {
    use super::{Kind, Node, parse};

    fn show(node: &Node) -> String {
        match &node.kind {
            Kind::Null => "null".into(),
            Kind::Scalar { text, plain: true } => text.clone(),
            Kind::Scalar { text, .. } => format!("{text:?}"),
            Kind::List(items) => {
                format!("[{}]", items.iter().map(|n| show(n)).collect::<Vec<_>>().join(" "))
            }
            Kind::Map(entries) => {
                let pair = |(k, v): &(std::rc::Rc<Node>, std::rc::Rc<Node>)| {
                    format!("{}@{}={}", show(k), k.line, show(v))
                };
                format!("{{{}}}", entries.iter().map(pair).collect::<Vec<_>>().join(" "))
            }
        }
    }

    fn check(text: &str, want: Result<&str, &str>) {
        let got = parse(text).map(|node| show(&node)).map_err(|e| e.to_string());
        match want {
            Ok(want) => assert_eq!(got, Ok(want.to_owned()), "{text:?}"),
            Err(want) => {
                assert!(got.as_ref().is_err_and(|e| e.contains(want)), "{text:?}: {got:?}");
            }
        }
    }

    #[test]
    fn trees_keep_lines_text_and_order() {
        check("", Ok("null"));
        check("a: 010\nb: [yes, 'no', ~]\n", Ok(r#"{a@1=010 b@2=[yes "no" null]}"#));
        check(
            "x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3",
            Ok("{x@1={a@1=1 b@1=2} y@2={b@4=3 a@1=1}}"),
        );
        check("a: !!binary aGk=", Ok(r#"{a@1="hi"}"#));
        check("a: 1\nb: 2\na: 3", Err("line 3: key \"a\" already set in map"));
        check("a: [1", Err("yaml: "));
        check("a: !!binary '/w='", Err("invalid base64"));
        let bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]";
        check(bomb, Err("more than"));
    }
}
