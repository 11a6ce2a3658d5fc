//! `fieldSelector` and `labelSelector` of lists and watches, in Kubernetes' syntax.

use std::collections::BTreeMap;

use portal::dashboard::resource::INTERNAL_ID_LABEL;

use super::Refusal;
use crate::portal::query_parameters::Pairs;

/// Requirements that one request may name.
const REQUIREMENTS_MAX: usize = 100;

/// What an object must be to be listed.
#[derive(Debug, Default)]
pub(super) struct Selector {
    fields: Vec<Field>,
    labels: Vec<Requirement>,
}

#[derive(Debug)]
struct Field {
    value: String,
    /// Of the namespace, which is the same for all; otherwise of the name.
    of_namespace: bool,
    equal: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    condition: Condition,
}

#[derive(Debug, PartialEq, Eq)]
enum Condition {
    Exists,
    Absent,
    In(Vec<String>),
    /// Objects without the label are in.
    NotIn(Vec<String>),
}

impl Selector {
    pub(super) fn of(pairs: &Pairs) -> Result<Self, Refusal> {
        let fields = fields(pairs.first("fieldSelector"))?;
        let labels = requirements(pairs.first("labelSelector"))?;
        if fields.len() + labels.len() > REQUIREMENTS_MAX {
            let text = format!("selectors have {REQUIREMENTS_MAX} requirements at most");
            return Err(Refusal::bad_request(text));
        }
        Ok(Self { fields, labels })
    }

    /// By what every list knows of an object.
    pub(super) fn names(&self, name: &str, namespace: &str) -> bool {
        self.fields.iter().all(|field| {
            let value = if field.of_namespace { namespace } else { name };
            (field.value == value) == field.equal
        })
    }

    /// Whether an object has to be read before it is known whether it is selected.
    pub(super) fn needs_labels(&self) -> bool {
        self.labels.iter().any(|label| label.key != INTERNAL_ID_LABEL)
    }

    /// By the labels that its author gave it and by its number.
    pub(super) fn labelled(&self, labels: &BTreeMap<String, String>, internal_id: i64) -> bool {
        self.labels.iter().all(|Requirement { key, condition }| {
            let id;
            let value = if key == INTERNAL_ID_LABEL {
                id = internal_id.to_string();
                Some(&id)
            } else {
                labels.get(key)
            };
            match condition {
                Condition::Exists => value.is_some(),
                Condition::Absent => value.is_none(),
                Condition::In(values) => value.is_some_and(|value| values.contains(value)),
                Condition::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
            }
        })
    }
}

fn fields(text: &str) -> Result<Vec<Field>, Refusal> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(field).collect()
}

fn field(part: &str) -> Result<Field, Refusal> {
    let (path, value, equal) = if let Some((path, value)) = part.split_once("!=") {
        (path, value, false)
    } else if let Some((path, value)) = part.split_once('=') {
        (path, value.strip_prefix('=').unwrap_or(value), true)
    } else {
        let text = format!("invalid selector: {part:?}; can't understand it");
        return Err(Refusal::bad_request(text));
    };
    let of_namespace = match path.trim() {
        "metadata.name" => false,
        "metadata.namespace" => true,
        other => {
            return Err(Refusal::bad_request(format!("field label not supported: {other}")));
        }
    };
    Ok(Field { value: value.trim().to_owned(), of_namespace, equal })
}

fn requirements(text: &str) -> Result<Vec<Requirement>, Refusal> {
    split_outside_parentheses(text).into_iter().map(requirement).collect()
}

/// `a in (b,c),d` is two requirements.
fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn requirement(part: &str) -> Result<Requirement, Refusal> {
    let wrong = || Refusal::bad_request(format!("unable to parse requirement: {part:?}"));
    let of = |key: &str, condition| {
        let key = key.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        if key.is_empty() || !key.chars().all(plain) {
            return Err(wrong());
        }
        Ok(Requirement { key: key.to_owned(), condition })
    };
    let one = |value: &str| vec![value.trim().to_owned()];
    if let Some(key) = part.strip_prefix('!') {
        return of(key, Condition::Absent);
    }
    if let Some((key, value)) = part.split_once("!=") {
        return of(key, Condition::NotIn(one(value)));
    }
    if let Some((key, value)) = part.split_once('=') {
        return of(key, Condition::In(one(value.strip_prefix('=').unwrap_or(value))));
    }
    let Some((left, list)) = part.split_once('(') else { return of(part, Condition::Exists) };
    let list = list.strip_suffix(')').ok_or_else(wrong)?;
    let values: Vec<String> = list.split(',').map(|value| value.trim().to_owned()).collect();
    let mut words = left.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(key), Some("in"), None) => of(key, Condition::In(values)),
        (Some(key), Some("notin"), None) => of(key, Condition::NotIn(values)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Selector, fields, requirements};

    fn labelled(text: &str) -> bool {
        let selector = Selector { fields: Vec::new(), labels: requirements(text).unwrap() };
        let labels = [("team", "blue"), ("tier", "1")];
        let labels: BTreeMap<String, String> =
            labels.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        selector.labelled(&labels, 7)
    }

    #[test]
    fn labels_are_selected_as_by_kubernetes() {
        for (text, want) in [
            ("", true),
            ("team=blue", true),
            ("team==blue,tier=1", true),
            ("team=blue,tier=2", false),
            ("team!=red", true),
            ("none!=red", true),
            ("team in (red, blue),tier", true),
            ("team notin (red,blue)", false),
            ("none notin (red)", true),
            ("!none", true),
            ("!team", false),
            ("none", false),
            ("grafana.app/deprecatedInternalID=7", true),
            ("grafana.app/deprecatedInternalID in (8)", false),
        ] {
            assert_eq!(labelled(text), want, "{text}");
        }
        for bad in ["team in (a", "team on (a)", "te am", "=a", "a b=c", "(a)"] {
            assert!(requirements(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn fields_are_the_name_and_the_namespace() {
        let selected = |text: &str| {
            let selector = Selector { fields: fields(text).unwrap(), labels: Vec::new() };
            selector.names("a", "default")
        };
        assert!(selected("metadata.name=a") && selected("metadata.name==a"));
        assert!(selected("metadata.name!=b,metadata.namespace=default") && selected(""));
        assert!(!selected("metadata.name=b") && !selected("metadata.namespace=org-2"));
        let refused = fields("spec.title=x").unwrap_err();
        assert_eq!(refused.message, "field label not supported: spec.title");
        assert!(fields("metadata.name").is_err());
    }
}
