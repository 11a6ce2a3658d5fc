//! The metric at the start of a line: `name{label="value", "quoted name"="value"}`. Names without
//! quotes may be those of any script, and have dots.

use model::{Labels, LabelsBuilder, METRIC_NAME};

use super::notation::unquote;

/// Labels, and the rest of the line.
pub(super) fn parse(line: &str) -> Result<(Labels, &str), String> {
    let name_end = line.find(|c: char| c == '{' || c.is_whitespace()).unwrap_or(line.len());
    let (name, mut rest) = line.split_at(name_end);
    let mut builder = LabelsBuilder::default();
    if !name.is_empty() {
        builder.set(METRIC_NAME, name);
    }
    // `foo {a="b"}` is one metric, `foo {{count:1}}` a metric and its histogram.
    let braces = rest.trim_start();
    if braces.starts_with('{') && !braces.starts_with("{{") {
        rest = labels(&braces[1..], &mut builder)?;
    }
    Ok((builder.build(), rest))
}

fn labels<'l>(text: &'l str, builder: &mut LabelsBuilder) -> Result<&'l str, String> {
    let mut rest = text.trim_start();
    loop {
        if let Some(tail) = rest.strip_prefix('}') {
            return Ok(tail);
        }
        let (name, tail) = label_name(rest)?;
        let tail = tail.trim_start();
        if let Some(tail) = tail.strip_prefix('=') {
            let tail = tail.trim_start();
            let (value, tail) = quoted(tail)?;
            builder.set(&name, &value);
            rest = tail.trim_start();
        } else {
            // A quoted string alone is the metric's name.
            builder.set(METRIC_NAME, &name);
            rest = tail;
        }
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
}

fn label_name(text: &str) -> Result<(String, &str), String> {
    if text.starts_with(['"', '\'', '`']) {
        return quoted(text);
    }
    let is_word = |c: char| "_:.".contains(c) || c.is_alphanumeric();
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    if end == 0 {
        return Err(format!("expected a label at {text:?}"));
    }
    Ok((text[..end].to_owned(), &text[end..]))
}

fn quoted(text: &str) -> Result<(String, &str), String> {
    let invalid = || format!("expected a quoted string at {text:?}");
    let quote = text.chars().next().filter(|c| "\"'`".contains(*c)).ok_or_else(invalid)?;
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote != '`' {
            escaped = true;
        } else if c == quote {
            let end = i + c.len_utf8();
            return Ok((unquote(&text[..end]).ok_or_else(invalid)?, &text[end..]));
        }
    }
    Err(invalid())
}
