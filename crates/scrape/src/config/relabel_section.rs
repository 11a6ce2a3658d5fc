//! Relabelling rules as they stand in a configuration file.

use std::rc::Rc;

use super::section::{Result, Section, fail, text};
use super::yaml::Node;
use crate::relabel::{Action, NameScheme, Rule, RuleSpec};

/// Reads a list of rules; `null_message` refuses an empty item.
pub(crate) fn read_rules(
    section: &mut Section<'_>,
    key: &str,
    scheme: NameScheme,
    null_message: &str,
) -> Result<Vec<Rule>> {
    let rule = |node: &Rc<Node>| {
        if node.is_null() {
            return fail(node, null_message);
        }
        let spec = read_rule(node)?;
        spec.compile(scheme).or_else(|message| fail(node, message))
    };
    section.list(key)?.iter().map(rule).collect()
}

fn read_rule(node: &Node) -> Result<RuleSpec> {
    let mut section = Section::of(node, "relabel.Config")?;
    let mut spec = RuleSpec::default();
    if section.get("source_labels").is_some() {
        spec.source_labels = Some(section.strings("source_labels")?);
    }
    if let Some(separator) = section.string("separator")? {
        spec.separator = separator;
    }
    if let Some(node) = section.get_or_null("regex") {
        // A regex that is there and empty matches only an empty source.
        spec.regex = Some(if node.is_null() { String::new() } else { text(node)?.to_owned() });
    }
    spec.modulus = section.uint("modulus")?.unwrap_or(0);
    spec.target_label = section.string_or_empty("target_label")?;
    if let Some(replacement) = section.string("replacement")? {
        spec.replacement = replacement;
    }
    if let Some(word) = section.string("action")? {
        spec.action = Action::parse(&word);
        if spec.action.is_none() {
            return section.fail("action", format!("unknown relabel action {word:?}"));
        }
    }
    section.finish()?;
    Ok(spec)
}
