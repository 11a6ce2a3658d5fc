//! The name of a series on screen.

use model::Labels;

/// `format` with `{{label}}` filled in; without one, the series as Prometheus prints it, or the
/// expression when no label is left to print.
pub(in crate::portal) fn name(format: &str, labels: &Labels, expr: &str) -> String {
    if format.is_empty() || format == "__auto" {
        return if labels.is_empty() { expr.to_owned() } else { labels.to_string() };
    }
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
        assert_eq!(name("", &Labels::empty(), "sum(up)"), "sum(up)");
    }
}
