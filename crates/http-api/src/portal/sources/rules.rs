//! What may be asked of a data source through the proxy, by its type, and by whom. Sources are
//! there to be read: whoever may query may read, the rest takes an administrator.

use axum::http::Method;

/// The least that a request takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Takes {
    /// The right to query.
    Query,
    Editor,
    Admin,
}

/// A request that is more than reading.
struct Rule {
    /// `None` = any.
    method: Option<Method>,
    /// The path is this, or goes on behind it with a slash.
    path: &'static str,
    takes: Takes,
}

const fn post(path: &'static str) -> Rule {
    Rule { method: Some(Method::POST), path, takes: Takes::Query }
}

const fn edit(path: &'static str) -> Rule {
    Rule { method: None, path, takes: Takes::Editor }
}

const fn admin(path: &'static str) -> Rule {
    Rule { method: None, path, takes: Takes::Admin }
}

/// Prometheus and what speaks as it. Forms are posted where an expression is too long for a URL.
const PROMETHEUS: [Rule; 15] = [
    admin("api/v1/admin"),
    admin("-/reload"),
    admin("-/quit"),
    admin("debug"),
    admin("api/v1/write"),
    post("api/v1/query"),
    post("api/v1/query_range"),
    post("api/v1/query_exemplars"),
    post("api/v1/series"),
    post("api/v1/labels"),
    post("api/v1/format_query"),
    post("api/v1/parse_query"),
    edit("rules"),
    edit("config/v1/rules"),
    edit("api/v1/rules"),
];

const LOKI: [Rule; 15] = [
    admin("loki/api/v1/delete"),
    admin("loki/api/v1/push"),
    admin("api/prom/push"),
    admin("debug"),
    post("loki/api/v1/query"),
    post("loki/api/v1/query_range"),
    post("loki/api/v1/series"),
    post("loki/api/v1/labels"),
    post("loki/api/v1/index"),
    post("loki/api/v1/format_query"),
    post("loki/api/v1/detected_fields"),
    post("loki/api/v1/patterns"),
    edit("loki/api/v1/rules"),
    edit("api/prom/rules"),
    edit("prometheus/api/v1/rules"),
];

const TEMPO: [Rule; 4] =
    [admin("debug"), admin("flush"), admin("shutdown"), post("api/metrics/query_range")];

const ELASTICSEARCH: [Rule; 2] = [post("_msearch"), post("_search")];

/// What a request to a source of type `kind` takes. `path` has passed `path::check` and has no
/// leading slash.
pub(crate) fn takes(kind: &str, method: &Method, path: &str) -> Takes {
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let rules: &[Rule] = match kind {
        "prometheus" | "mimir" => &PROMETHEUS,
        "loki" => &LOKI,
        "tempo" => &TEMPO,
        "elasticsearch" | "opensearch" => &ELASTICSEARCH,
        // Nothing is known of it: as in Grafana, whoever may query may ask anything.
        _ => return Takes::Query,
    };
    // As the server behind will read it.
    let decoded = super::path::decode(path).unwrap_or_else(|_| path.to_owned());
    let path = decoded.trim_matches('/').to_ascii_lowercase();
    let below = |rule: &Rule| {
        let rest = path.strip_prefix(rule.path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let by_method = |rule: &&Rule| rule.method.as_ref().is_none_or(|own| own == method);
    let found = rules.iter().filter(by_method).find(|rule| below(rule));
    match found.map(|rule| rule.takes) {
        // Rule lists may be looked at by those who may not change them.
        Some(Takes::Editor) | None if reads => Takes::Query,
        Some(takes) => takes,
        None => Takes::Admin,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::Takes::{Admin, Editor, Query};
    use super::takes;

    #[test]
    fn reading_takes_less_than_changing() {
        for (kind, method, path, want) in [
            ("prometheus", "GET", "api/v1/query", Query),
            ("prometheus", "POST", "api/v1/query", Query),
            ("prometheus", "POST", "api/v1/query_range", Query),
            ("prometheus", "POST", "api/v1/series", Query),
            ("prometheus", "POST", "api/v1/query_rangex", Admin),
            ("prometheus", "POST", "api/v1/write", Admin),
            ("prometheus", "DELETE", "api/v1/series", Admin),
            ("prometheus", "PUT", "api/v1/query", Admin),
            ("prometheus", "PATCH", "x", Admin),
            ("prometheus", "POST", "api/v1/admin/tsdb/delete_series", Admin),
            ("prometheus", "GET", "api/v1/admin/tsdb/snapshot", Admin),
            ("prometheus", "GET", "API/v1/%61dmin/tsdb/snapshot", Admin),
            ("prometheus", "GET", "/api/v1/admin", Admin),
            ("prometheus", "POST", "-/reload", Admin),
            ("prometheus", "GET", "debug/pprof/heap", Admin),
            ("prometheus", "GET", "api/v1/administration", Query),
            ("mimir", "POST", "config/v1/rules/ns", Editor),
            ("mimir", "GET", "config/v1/rules", Query),
            ("loki", "POST", "loki/api/v1/query_range", Query),
            ("loki", "GET", "loki/api/v1/tail", Query),
            ("loki", "POST", "loki/api/v1/push", Admin),
            ("loki", "GET", "loki/api/v1/delete", Admin),
            ("loki", "DELETE", "loki/api/v1/rules/ns/g", Editor),
            ("tempo", "GET", "api/search", Query),
            ("tempo", "POST", "flush", Admin),
            ("tempo", "GET", "shutdown", Admin),
            ("elasticsearch", "POST", "_msearch", Query),
            ("elasticsearch", "DELETE", "index", Admin),
            ("influxdb", "POST", "query", Query),
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(takes(kind, &method, path), want, "{kind} {method} {path}");
        }
    }
}
