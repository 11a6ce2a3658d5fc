//! The query language of Grafana's Prometheus variables.

use promql_syntax::ParseOptions;

/// What a variable's query asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// `label_names()`, `label_names(selector)`
    LabelNames(String),
    /// `label_values(label)`, `label_values(selector, label)`
    LabelValues { selector: String, label: String },
    /// `metrics(regex)`
    Metrics(String),
    /// `query_result(expr)`, or any expression that is no selector.
    Result(String),
    /// A selector by itself: the series it finds.
    Series(String),
}

impl Ask {
    /// Errors: why the query cannot be understood.
    pub(super) fn parse(query: &str, options: &ParseOptions) -> Result<Self, String> {
        let query = query.trim();
        if let Some(inner) = call(query, "label_names") {
            return Ok(Self::LabelNames(inner.to_owned()));
        }
        if let Some(inner) = call(query, "label_values") {
            let (selector, label) = match inner.rfind(',') {
                Some(at) if is_label(inner[at + 1..].trim()) => {
                    (inner[..at].trim(), inner[at + 1..].trim())
                }
                _ => ("", inner),
            };
            if !is_label(label) {
                return Err(format!("label_values needs a label name, {label:?} is none"));
            }
            return Ok(Self::LabelValues {
                selector: selector.to_owned(),
                label: label.to_owned(),
            });
        }
        if let Some(inner) = call(query, "metrics") {
            return Ok(Self::Metrics(unquoted(inner).to_owned()));
        }
        if let Some(inner) = call(query, "query_result") {
            return Ok(Self::Result(inner.to_owned()));
        }
        if query.is_empty() {
            return Err("the query is empty".to_owned());
        }
        if promql_syntax::parse_selector(query, options).is_ok() {
            return Ok(Self::Series(query.to_owned()));
        }
        Ok(Self::Result(query.to_owned()))
    }
}

/// What stands between the parentheses of `name(…)`.
fn call<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let rest = query.strip_prefix(name)?.trim_start();
    Some(rest.strip_prefix('(')?.trim_end().strip_suffix(')')?.trim())
}

fn is_label(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_alphanumeric() || "_.:-/".contains(c))
}

fn unquoted(text: &str) -> &str {
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    quoted('"').or_else(|| quoted('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::{Ask, ParseOptions};

    #[test]
    fn every_form_is_understood() {
        let values = |selector: &str, label: &str| {
            Ok(Ask::LabelValues { selector: selector.into(), label: label.into() })
        };
        let plain = ParseOptions::default();
        let check = |query: &str, want: Result<Ask, String>| {
            assert_eq!(Ask::parse(query, &plain), want, "{query}");
        };
        check("label_values(job)", values("", "job"));
        check(" label_values( up , job ) ", values("up", "job"));
        check(
            r#"label_values(up{a="b,c)",d=~"e|f"}, job)"#,
            values(r#"up{a="b,c)",d=~"e|f"}"#, "job"),
        );
        check(
            "label_values({__name__=~\"a|b\"}, __name__)",
            values("{__name__=~\"a|b\"}", "__name__"),
        );
        check("label_names()", Ok(Ask::LabelNames(String::new())));
        check("label_names(up)", Ok(Ask::LabelNames("up".into())));
        check("metrics(node_.*)", Ok(Ask::Metrics("node_.*".into())));
        check("metrics(\"node_\")", Ok(Ask::Metrics("node_".into())));
        check("query_result(topk(5, up))", Ok(Ask::Result("topk(5, up)".into())));
        check("sum(up)", Ok(Ask::Result("sum(up)".into())));
        check("up > 0", Ok(Ask::Result("up > 0".into())));
        check("up{a=\"b\"}", Ok(Ask::Series("up{a=\"b\"}".into())));
        assert!(Ask::parse("", &plain).is_err());
        assert!(Ask::parse("label_values()", &plain).is_err());
        assert!(Ask::parse("label_values(up{a=\"b\"})", &plain).is_err());
        // A name with dots is one with the feature only.
        check("up.time", Ok(Ask::Result("up.time".into())));
        let names = ParseOptions { unquoted_utf8_names: true, ..plain };
        assert_eq!(Ask::parse("up.time", &names), Ok(Ask::Series("up.time".into())));
    }
}
