//! `label_replace` and `label_join`: new labels from old ones, the values untouched.

use model::re2::compile_anchored;
use model::{Labels, LabelsBuilder, METRIC_NAME};

use super::{arg, label_arg, text_arg};
use crate::error::QueryError;
use crate::eval::{Evaluator, Rows, merge_same_labels};
use crate::grid::Grid;
use crate::plan::CallNode;

pub(super) fn label_replace<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    let replacement = text_arg(call, 2)?;
    let (source, pattern) = (text_arg(call, 3)?, text_arg(call, 4)?);
    let regex = compile_anchored(&pattern).map_err(|_| {
        QueryError::Execution(format!("invalid regular expression in label_replace(): {pattern}"))
    })?;
    let target = label_arg(call, 1, "destination")?;
    let replacement = Template::parse(&replacement);
    relabel(evaluator, call, grid, &target, |labels| {
        let value = labels.get(&source).unwrap_or_default();
        regex.captures(value).map(|captures| replacement.expand(&captures))
    })
}

pub(super) fn label_join<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    let separator = text_arg(call, 2)?;
    let mut sources = Vec::new();
    for index in 3..call.args.len() {
        sources.push(label_arg(call, index, "source")?);
    }
    let target = label_arg(call, 1, "destination")?;
    relabel(evaluator, call, grid, &target, |labels| {
        let values = sources.iter().map(|source| labels.get(source).unwrap_or_default());
        Some(values.collect::<Vec<_>>().join(&separator))
    })
}

/// Sets `target` to what `value` says; `None` leaves the series alone.
fn relabel<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
    target: &str,
    value: impl Fn(&Labels) -> Option<String>,
) -> Result<Rows<'a>, QueryError> {
    let mut rows = evaluator.rows(arg(call, 0)?, grid)?.into_vec();
    let mut builder = LabelsBuilder::default();
    for row in &mut rows {
        let Some(value) = value(&row.labels) else { continue };
        builder.reset_to(&row.labels);
        builder.set(target, &value);
        row.labels = builder.build();
        if target == METRIC_NAME {
            row.drop_name = false;
        }
    }
    evaluator.hold(merge_same_labels(rows)?)
}

/// A replacement text with references to groups: `$1`, `${1}`, `$name`, `$$`.
#[derive(Debug)]
struct Template(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Group(String),
}

impl Template {
    fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            pieces.push(Piece::Text(rest[..at].to_owned()));
            let after = &rest[at + 1..];
            if let Some(tail) = after.strip_prefix('$') {
                pieces.push(Piece::Text("$".into()));
                rest = tail;
            } else if let Some((name, tail)) = group_name(after) {
                pieces.push(Piece::Group(name.to_owned()));
                rest = tail;
            } else {
                // A dollar that starts no reference stands for itself.
                pieces.push(Piece::Text("$".into()));
                rest = after;
            }
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Self(pieces)
    }

    fn expand(&self, captures: &regex::Captures<'_>) -> String {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Group(name) => {
                    let group = name
                        .parse::<usize>()
                        .map_or_else(|_| captures.name(name), |index| captures.get(index));
                    out.push_str(group.map_or("", |group| group.as_str()));
                }
            }
        }
        out
    }
}

/// The group named at the start of `text`, and what follows: the longest run of word characters,
/// or whatever is in braces.
fn group_name(text: &str) -> Option<(&str, &str)> {
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    if let Some(inside) = text.strip_prefix('{') {
        let (name, tail) = inside.split_once('}')?;
        return (!name.is_empty() && name.chars().all(is_word)).then_some((name, tail));
    }
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::Template;
    use model::re2::compile_anchored;

    #[test]
    fn expands_groups() {
        let check = |template: &str, want: &str| {
            let regex = compile_anchored("(?P<first>a+)(b+)").unwrap();
            let captures = regex.captures("aabb").unwrap();
            assert_eq!(Template::parse(template).expand(&captures), want, "{template}");
        };
        check("$1-$2", "aa-bb");
        check("${1}x$first", "aaxaa");
        check("$1x", "");
        check("$$1", "$1");
        check("$", "$");
        check("${", "${");
        check("$9", "");
    }
}
