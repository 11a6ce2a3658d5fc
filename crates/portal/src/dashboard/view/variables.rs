//! Variables: options, selection and the order in which they depend on each other.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::fields::{array, as_text, flag, integer, items, object, text};
use super::{Current, Notices, Resolver, Variable, VariableOption};

/// More variables than anybody has.
pub(super) const VARIABLES_MAX: usize = 1000;

pub(super) fn variables(
    dashboard: &Value,
    resolver: &Resolver<'_>,
    notices: &mut Notices,
) -> Vec<Variable> {
    let schema = integer(dashboard, "schemaVersion").unwrap_or(0);
    let mut list = items(dashboard, "templating", "list");
    if list.is_empty() {
        // Before schema 2 they were kept with the filters.
        list = items(object(dashboard, "services"), "filter", "list");
    }
    let named = list.iter().filter(|raw| !text(raw, "name").is_empty());
    if list.len() > VARIABLES_MAX {
        notices.add(format!("the first {VARIABLES_MAX} of {} variables are read", list.len()));
    }
    let named = named.take(VARIABLES_MAX);
    let variables: Vec<Variable> = named.map(|raw| variable(raw, schema, resolver)).collect();
    in_dependency_order(variables, notices)
}

/// The type of today. Before schema 6 queries were filters or had no type; before schema 27 a
/// constant that is to be seen could be typed over.
fn kind(original: &str, schema: i64, hide: u8) -> String {
    match original {
        "" | "filter" => "query",
        "constant" if schema < 27 && hide < 2 => "textbox",
        other => other,
    }
    .to_owned()
}

/// Before schema 29 queries that were never refreshed were asked all the same.
fn refresh(raw: &Value, kind: &str, schema: i64) -> u8 {
    let refresh = match raw.get("refresh") {
        Some(Value::Bool(refresh)) => u8::from(*refresh),
        _ => integer(raw, "refresh").and_then(|n| u8::try_from(n).ok()).unwrap_or(0),
    };
    match refresh {
        1 | 2 => refresh,
        _ => u8::from(kind == "query" && schema < 29),
    }
}

fn variable(raw: &Value, schema: i64, resolver: &Resolver<'_>) -> Variable {
    let original_type = text(raw, "type");
    let hide = hide(raw);
    let kind = kind(&original_type, schema, hide);
    let query = query_text(raw, &original_type);
    let small = |key: &str| integer(raw, key).and_then(|n| u8::try_from(n).ok());
    let all_value = raw.get("allValue").map(as_text).filter(|all| !all.is_empty());
    let options = options(raw, &kind, &query, resolver);
    let uses_source = matches!(kind.as_str(), "query" | "adhoc");
    let multi = flag(raw, "multi");
    let mut current = current(raw, &original_type, &query, &options, multi);
    if schema < 23 && raw.get("multi").is_some() {
        current = aligned(current, multi);
    }
    let auto_count = integer(raw, "auto_count").and_then(|n| u32::try_from(n).ok());
    Variable {
        name: text(raw, "name"),
        label: text(raw, "label"),
        hide,
        original_type,
        multi,
        include_all: flag(raw, "includeAll"),
        all_value,
        datasource: if uses_source { resolver.resolve(raw.get("datasource")) } else { None },
        regex: text(raw, "regex"),
        sort: small("sort").filter(|sort| *sort <= 8).unwrap_or(0),
        refresh: refresh(raw, &kind, schema),
        current,
        options,
        auto: flag(raw, "auto"),
        auto_count: auto_count.unwrap_or(30),
        auto_min: Some(text(raw, "auto_min")).filter(|m| !m.is_empty()).unwrap_or("10s".to_owned()),
        skip_url_sync: flag(raw, "skipUrlSync"),
        query,
        kind,
    }
}

/// 0 shown, 1 without its label, 2 not at all; before schema 12 two flags.
fn hide(raw: &Value) -> u8 {
    match raw.get("hide") {
        Some(Value::Bool(hide)) => 2 * u8::from(*hide),
        Some(Value::String(word)) if word == "hideLabel" => 1,
        Some(Value::String(word)) if word == "hideVariable" => 2,
        None if flag(raw, "hideVariable") => 2,
        None => u8::from(flag(raw, "hideLabel")),
        _ => {
            integer(raw, "hide").and_then(|n| u8::try_from(n).ok()).filter(|n| *n <= 2).unwrap_or(0)
        }
    }
}

/// Before schema 23 a list could be saved for a variable of one value, and the other way round.
fn aligned(current: Current, multi: bool) -> Current {
    let align = |value: Value| match value {
        Value::Array(list) if !multi => list.into_iter().next().unwrap_or(json!("")),
        Value::String(_) if multi => json!([value]),
        value => value,
    };
    Current { text: align(current.text), value: align(current.value) }
}

/// The query as one string; query editors have kept it in several shapes.
fn query_text(raw: &Value, kind: &str) -> String {
    let from = |value: &Value| {
        let inner = ["query", "expr", "rawSql", "stream"].iter().map(|key| text(value, key));
        inner.into_iter().find(|query| !query.is_empty())
    };
    match raw.get("query") {
        Some(query @ Value::Object(_)) => {
            from(query).or_else(|| loki_query(query)).unwrap_or_else(|| text(raw, "definition"))
        }
        Some(query) if !as_text(query).is_empty() => as_text(query),
        // Old constants kept their value in nothing but the selection.
        _ if matches!(kind, "constant" | "textbox") => {
            raw.get("current").map(|current| text(current, "value")).unwrap_or_default()
        }
        _ => text(raw, "definition"),
    }
}

/// Loki's editor keeps type, label and stream apart: 0 names, 1 values.
fn loki_query(query: &Value) -> Option<String> {
    let label = text(query, "label");
    let stream = text(query, "stream");
    match integer(query, "type")? {
        0 => Some("label_names()".to_owned()),
        1 if stream.is_empty() => Some(format!("label_values({label})")),
        1 => Some(format!("label_values({stream}, {label})")),
        _ => None,
    }
}

fn options(raw: &Value, kind: &str, query: &str, resolver: &Resolver<'_>) -> Vec<VariableOption> {
    let plain = |text: &str| VariableOption { text: text.to_owned(), value: text.to_owned() };
    match kind {
        "custom" => match text(raw, "valuesFormat").as_str() {
            "json" => listed_custom(query),
            _ => split_custom(query),
        },
        "interval" => {
            query.split(',').map(str::trim).filter(|i| !i.is_empty()).map(plain).collect()
        }
        "constant" | "textbox" => vec![plain(query)],
        "datasource" => {
            let regex = text(raw, "regex");
            let inner = regex.trim_matches('/').to_lowercase();
            // Only what a name can be asked without a regex engine: part of it.
            let wanted = inner.trim_matches(['.', '*', '^', '$']).to_owned();
            let plain_word = wanted.chars().all(|c| c.is_alphanumeric() || " _-".contains(c));
            let passes = |name: &str| !plain_word || name.to_lowercase().contains(&wanted);
            let found = resolver.known().choices(query, passes);
            found.into_iter().map(|(text, value)| VariableOption { text, value }).collect()
        }
        _ => array(raw, "options")
            .iter()
            .map(|option| VariableOption {
                text: joined(option.get("text")),
                value: joined(option.get("value")),
            })
            .filter(|option| option.value != "$__all")
            .collect(),
    }
}

fn joined(value: Option<&Value>) -> String {
    match value {
        Some(Value::Array(parts)) => parts.iter().map(as_text).collect::<Vec<String>>().join(" + "),
        Some(value) => as_text(value),
        None => String::new(),
    }
}

/// `a, b\,c, Label : value`: a comma may be escaped, a colon between spaces parts text and value.
fn split_custom(query: &str) -> Vec<VariableOption> {
    let mut parts = vec![String::new()];
    let mut letters = query.chars().peekable();
    while let Some(c) = letters.next() {
        let last = parts.len() - 1;
        match c {
            '\\' if letters.peek() == Some(&',') => {
                letters.next();
                parts[last].push(',');
            }
            ',' => parts.push(String::new()),
            c => parts[last].push(c),
        }
    }
    let trimmed = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    let option = |part: &str| {
        let (text, value) = part.split_once(" : ").unwrap_or((part, part));
        VariableOption { text: text.trim().to_owned(), value: value.trim().to_owned() }
    };
    trimmed.map(option).collect()
}

/// A JSON list of words, or of objects with `text` and `value`.
fn listed_custom(query: &str) -> Vec<VariableOption> {
    let list: Vec<Value> = serde_json::from_str(query).unwrap_or_default();
    let option = |entry: &Value| {
        let value = if entry.is_object() { text(entry, "value") } else { as_text(entry) };
        let label = text(entry, "text");
        VariableOption { text: if label.is_empty() { value.clone() } else { label }, value }
    };
    list.iter().map(option).collect()
}

/// What is selected: as saved, when it can be; otherwise the first option.
fn current(
    raw: &Value,
    kind: &str,
    query: &str,
    options: &[VariableOption],
    multi: bool,
) -> Current {
    let saved = raw.get("current").filter(|current| current.is_object());
    let field = |key: &str| saved.and_then(|c| c.get(key)).filter(|v| !v.is_null()).map(normal);
    let (text, value) = (field("text"), field("value"));
    let is_empty = |v: &Value| matches!(v, Value::String(s) if s.is_empty()) || v == &json!([]);
    let all = || json!(if multi { json!(["$__all"]) } else { json!("$__all") });
    let first = || {
        let first = options.first();
        (
            json!(first.map_or("", |option| option.text.as_str())),
            json!(first.map_or("", |option| option.value.as_str())),
        )
    };
    let (text, value) = match (text, value) {
        _ if kind == "constant" => (json!(query), json!(query)),
        (text, Some(value)) if !is_empty(&value) => {
            if kind == "datasource" {
                known_source(&value, options).unwrap_or_else(first)
            } else {
                (text.unwrap_or_else(|| value.clone()), value)
            }
        }
        // The oldest dashboards kept the label "All" alone.
        (Some(Value::String(text)), None) if text == "All" => (json!("All"), all()),
        (Some(text), None) if !is_empty(&text) => (text.clone(), text),
        (Some(text), Some(value)) if kind == "textbox" => (text, value),
        _ => first(),
    };
    Current { text, value }
}

/// A saved source is kept when it is here, by uid or by name.
fn known_source(value: &Value, options: &[VariableOption]) -> Option<(Value, Value)> {
    let wanted = value.as_str().or_else(|| value.get(0).and_then(Value::as_str))?;
    let found = options.iter().find(|option| option.value == wanted || option.text == wanted)?;
    Some((json!(found.text), json!(found.value)))
}

/// Strings and lists of strings only.
fn normal(value: &Value) -> Value {
    match value {
        Value::Array(parts) => parts.iter().map(|part| json!(as_text(part))).collect(),
        value => json!(as_text(value)),
    }
}

/// Each variable after those it uses; otherwise as they stand. A circle is told and left alone.
fn in_dependency_order(variables: Vec<Variable>, notices: &mut Notices) -> Vec<Variable> {
    let names: Vec<String> = variables.iter().map(|variable| variable.name.clone()).collect();
    let places: HashMap<&str, Vec<usize>> =
        names.iter().enumerate().fold(HashMap::new(), |mut places, (at, name)| {
            places.entry(name.as_str()).or_insert_with(Vec::new).push(at);
            places
        });
    let uses: Vec<Vec<usize>> = variables
        .iter()
        .enumerate()
        .map(|(own, variable)| {
            let source = variable.datasource.as_ref().map_or("", |source| source.uid.as_str());
            let texts = [variable.query.as_str(), variable.regex.as_str(), source];
            let named = texts.into_iter().flat_map(mentioned);
            let used = named.filter_map(|name| places.get(name)).flatten().copied();
            let mut used: Vec<usize> = used.filter(|other| *other != own).collect();
            used.sort_unstable();
            used.dedup();
            used
        })
        .collect();
    let mut used_by: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    let mut waits_for: Vec<usize> = uses.iter().map(Vec::len).collect();
    for (own, uses) in uses.iter().enumerate() {
        for used in uses {
            used_by[*used].push(own);
        }
    }
    let mut left: BTreeSet<usize> = (0..names.len()).collect();
    let mut ready: BTreeSet<usize> =
        left.iter().copied().filter(|own| waits_for[*own] == 0).collect();
    let mut order = Vec::with_capacity(names.len());
    while let Some(first) = left.first().copied() {
        let next = ready.pop_first().unwrap_or_else(|| {
            notices.add(format!("variable {:?} depends on itself in a circle", names[first]));
            first
        });
        left.remove(&next);
        order.push(next);
        for user in &used_by[next] {
            waits_for[*user] -= 1;
            if waits_for[*user] == 0 && left.contains(user) {
                ready.insert(*user);
            }
        }
    }
    let mut variables: Vec<Option<Variable>> = variables.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| variables[at].take()).collect()
}

/// The names that a text uses as `$name`, `${name}`, `${name:format}` or `[[name]]`.
fn mentioned(text: &str) -> impl Iterator<Item = &str> {
    let signs = text.match_indices('$').chain(text.match_indices("[["));
    signs.filter_map(|(at, sign)| {
        let after = &text[at + sign.len()..];
        let after = after.strip_prefix('{').unwrap_or(after);
        let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let name = &after[..end.unwrap_or(after.len())];
        (!name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::sources::{KnownSource, KnownSources, Resolver};
    use super::{Notices, Variable, variables};

    fn read(list: &Value) -> (Vec<Variable>, Vec<String>) {
        let source = |uid: &str, is_default| KnownSource {
            uid: uid.into(),
            name: uid.to_uppercase(),
            kind: "prometheus".into(),
            is_default,
        };
        let known = KnownSources::new(vec![source("a", false), source("b", true)]);
        let dashboard = json!({ "templating": { "list": list } });
        let resolver = Resolver::new(&dashboard, &known);
        let mut notices = Notices::default();
        (variables(&dashboard, &resolver, &mut notices), notices.list)
    }

    #[test]
    fn each_type_has_its_options_and_a_selection() {
        let check = |raw: Value, options: &[&str], current: Value| {
            let (found, _) = read(&json!([raw]));
            let shown: Vec<String> = found[0]
                .options
                .iter()
                .map(|o| {
                    if o.text == o.value {
                        o.text.clone()
                    } else {
                        format!("{}={}", o.text, o.value)
                    }
                })
                .collect();
            assert_eq!(shown, options, "{raw}");
            assert_eq!(found[0].current.value, current, "{raw}");
        };
        check(
            json!({ "name": "v", "type": "custom", "query": "a,b\\,c , Long : l" }),
            &["a", "b,c", "Long=l"],
            json!("a"),
        );
        check(
            json!({ "name": "v", "type": "interval", "query": "1m, 10m", "current": { "value": "10m" } }),
            &["1m", "10m"],
            json!("10m"),
        );
        check(
            json!({ "name": "v", "type": "constant", "query": "x", "current": { "value": "old" } }),
            &["x"],
            json!("x"),
        );
        check(
            json!({ "name": "v", "type": "textbox", "query": "x", "current": { "value": "typed" } }),
            &["x"],
            json!("typed"),
        );
        check(
            json!({ "name": "v", "type": "datasource", "query": "prometheus", "current": { "value": "elsewhere" } }),
            &["A=a", "B=b"],
            json!("a"),
        );
        check(
            json!({ "name": "v", "type": "datasource", "query": "prometheus", "current": { "value": "B" } }),
            &["A=a", "B=b"],
            json!("b"),
        );
        check(
            json!({ "name": "v", "type": "datasource", "query": "prometheus", "regex": "/B/" }),
            &["B=b"],
            json!("b"),
        );
        check(
            json!({ "name": "v", "type": "query", "query": { "query": "label_values(x)", "refId": "A" }, "current": { "text": ["a", 1], "value": ["a", 1] }, "options": [{ "text": "All", "value": "$__all" }, { "text": "a", "value": "a" }] }),
            &["a"],
            json!(["a", "1"]),
        );
        check(
            json!({ "name": "v", "type": "query", "query": "q", "current": { "text": "All" }, "multi": true }),
            &[],
            json!(["$__all"]),
        );
        check(json!({ "name": "v", "type": "query", "query": "q", "current": {} }), &[], json!(""));
    }

    #[test]
    fn older_schemas_are_brought_up_to_date() {
        let read = |schema: i64, raw: Value| {
            let dashboard = json!({ "schemaVersion": schema, "templating": { "list": [raw] } });
            let known = KnownSources::default();
            let resolver = Resolver::new(&dashboard, &known);
            variables(&dashboard, &resolver, &mut Notices::default()).remove(0)
        };
        let constant = json!({ "name": "v", "type": "constant", "query": "x" });
        let seen = read(26, constant.clone());
        assert_eq!((seen.kind.as_str(), seen.original_type.as_str()), ("textbox", "constant"));
        assert_eq!(read(27, constant.clone()).kind, "constant");
        let mut hidden = constant;
        hidden["hide"] = json!(2);
        assert_eq!(read(26, hidden).kind, "constant");
        let old = read(5, json!({ "name": "v", "hideLabel": true, "refresh": false }));
        assert_eq!((old.kind.as_str(), old.hide, old.refresh), ("query", 1, 1));
        assert_eq!(read(29, json!({ "name": "v", "type": "query", "refresh": 0 })).refresh, 0);
        let one = json!({ "name": "v", "type": "query", "multi": false, "current": { "value": ["a", "b"] } });
        assert_eq!(read(22, one.clone()).current.value, json!("a"));
        assert_eq!(read(23, one).current.value, json!(["a", "b"]));
        let many = json!({ "name": "v", "type": "query", "multi": true, "current": { "text": "a", "value": "a" } });
        assert_eq!(read(22, many).current.value, json!(["a"]));
        let listed = json!({ "name": "v", "type": "custom", "valuesFormat": "json", "query": "[{\"text\":\"A\",\"value\":\"a\"},\"b\"]" });
        let options: Vec<String> = read(42, listed)
            .options
            .into_iter()
            .map(|o| format!("{}={}", o.text, o.value))
            .collect();
        assert_eq!(options, ["A=a", "b=b"]);
    }

    #[test]
    fn variables_come_after_those_they_use() {
        let (found, notices) = read(&json!([
            { "name": "host", "type": "query", "query": "label_values(up{job=\"$job\"}, host)", "datasource": "${ds}" },
            { "name": "job", "type": "query", "query": "label_values(job)", "datasource": { "uid": "$ds" } },
            { "name": "jobs", "type": "query", "query": "label_values(up{j=\"[[job]]\"}, j)" },
            { "name": "ds", "type": "datasource", "query": "prometheus" },
            { "type": "query" },
        ]));
        let names: Vec<&str> = found.iter().map(|variable| variable.name.as_str()).collect();
        assert_eq!(names, ["ds", "job", "host", "jobs"]);
        assert!(notices.is_empty());
        assert_eq!(found[1].datasource.as_ref().unwrap().uid, "${ds}");
        let (found, notices) = read(&json!([
            { "name": "a", "type": "query", "query": "$b" }, { "name": "b", "type": "query", "query": "$a" },
        ]));
        assert_eq!((found.len(), notices.len()), (2, 1));
    }
}
