//! The name of a series on screen.

use model::Labels;

/// `format` with `{{label}}` filled in; without one, or when nothing comes of it, the series as
/// Prometheus prints it. Of a series without labels, what the format asks for, or the expression.
pub(in crate::portal) fn name(format: &str, labels: &Labels, expr: &str) -> String {
    let name = if format == "__auto" { String::new() } else { filled_in(format, labels) };
    if !name.trim().is_empty() {
        return name;
    }
    if !labels.is_empty() {
        return labels.to_string();
    }
    let asked = format.trim().trim_start_matches("{{").trim_end_matches("}}").trim();
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | ' ' | '-');
    let named = !asked.is_empty() && format != "__auto" && asked.chars().all(is_word);
    if named { asked.to_owned() } else { expr.to_owned() }
}

fn filled_in(format: &str, labels: &Labels) -> String {
    let mut out = String::with_capacity(format.len() + 16);
    let mut rest = format;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start + 2..].find("}}") else { break };
        out.push_str(&rest[..start]);
        let label = rest[start + 2..start + 2 + length].trim();
        out.push_str(labels.get(label).unwrap_or_default());
        rest = &rest[start + length + 4..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use model::Labels;

    use super::name;

    #[test]
    fn legends_are_filled_in() {
        let labels = Labels::from_pairs([("__name__", "up"), ("job", "node"), ("a", "é")]);
        let check = |format: &str, want: &str| assert_eq!(name(format, &labels, "up"), want);
        check("{{job}} on {{ a }}", "node on é");
        check("{{missing}}-{{job}}", "-node");
        check("{{__name__}}", "up");
        check("plain", "plain");
        check("open {{job", "open {{job");
        check("", r#"up{a="é", job="node"}"#);
        check("__auto", r#"up{a="é", job="node"}"#);
        check("{{missing}}", r#"up{a="é", job="node"}"#);
        check(" {{missing}} {{gone}}", r#"up{a="é", job="node"}"#);
        let bare = |format: &str| name(format, &Labels::empty(), "sum(up)");
        assert_eq!([bare(""), bare("__auto"), bare("{{a}}{{b}}")], ["sum(up)"; 3]);
        assert_eq!(bare("{{ input }}"), "input");
    }
}
