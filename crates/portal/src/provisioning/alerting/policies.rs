//! Notification policies: the tree of routes from alerts to contact points.

use serde::Serialize;

use super::super::tree::{Entry, Tree};
use super::super::yaml::YamlError;

/// Deepest tree of routes.
const DEPTH_MAX: u32 = 32;

/// The tree of one organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    pub org_id: i64,
    pub root: Route,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    /// Empty = that of the route above.
    pub receiver: String,
    pub matchers: Vec<Matcher>,
    pub group_by: Vec<String>,
    pub is_continued: bool,
    pub group_wait_ms: Option<i64>,
    pub group_interval_ms: Option<i64>,
    pub repeat_interval_ms: Option<i64>,
    pub mute_time_intervals: Vec<String>,
    pub active_time_intervals: Vec<String>,
    pub routes: Vec<Route>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Matcher {
    pub label: String,
    pub operator: MatchOperator,
    pub value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum MatchOperator {
    Equal,
    NotEqual,
    Matches,
    NotMatches,
}

pub(super) fn policy(entry: Entry<'_>) -> Result<Policy, YamlError> {
    entry.required("receiver", "notification policy has no receiver")?;
    Ok(Policy { org_id: entry.org_id()?, root: route(entry, DEPTH_MAX)? })
}

fn route(entry: Entry<'_>, depth: u32) -> Result<Route, YamlError> {
    if depth == 0 {
        return Err(entry.refuse(format!("routes are nested deeper than {DEPTH_MAX}")));
    }
    let routes = entry.entries("routes")?.into_iter().map(|inner| route(inner, depth - 1));
    Ok(Route {
        receiver: entry.text("receiver")?,
        matchers: matchers(entry)?,
        group_by: entry.texts("group_by")?,
        is_continued: entry.flag("continue")?,
        group_wait_ms: entry.duration_ms("group_wait")?,
        group_interval_ms: entry.duration_ms("group_interval")?,
        repeat_interval_ms: entry.duration_ms("repeat_interval")?,
        mute_time_intervals: entry.texts("mute_time_intervals")?,
        active_time_intervals: entry.texts("active_time_intervals")?,
        routes: routes.collect::<Result<_, _>>()?,
    })
}

/// Matchers have had four forms: triples, texts, and two objects of names and values.
fn matchers(entry: Entry<'_>) -> Result<Vec<Matcher>, YamlError> {
    let mut matchers = Vec::new();
    for node in entry.list("object_matchers")? {
        let wrong = || node.refuse("a matcher is a list of label, operator and value");
        let Tree::List(parts) = &node.value else { return Err(wrong()) };
        let parts: Vec<&str> = parts
            .iter()
            .filter_map(|part| match &part.value {
                Tree::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let [label, operator, value] = parts[..] else { return Err(wrong()) };
        let operator = self::operator(operator)
            .ok_or_else(|| node.refuse(format!("unknown match operator {operator:?}")))?;
        matchers.push(Matcher { label: label.to_owned(), operator, value: value.to_owned() });
    }
    for (text, node) in entry.texts("matchers")?.iter().zip(entry.list("matchers")?) {
        matchers.push(written(text).ok_or_else(|| node.refuse(format!("bad matcher {text:?}")))?);
    }
    for (list, operator) in [("match", MatchOperator::Equal), ("match_re", MatchOperator::Matches)]
    {
        let pairs = entry.pairs(list, false)?.into_iter();
        matchers.extend(pairs.map(|(label, value)| Matcher { label, operator, value }));
    }
    Ok(matchers)
}

fn operator(text: &str) -> Option<MatchOperator> {
    Some(match text.trim() {
        "=" => MatchOperator::Equal,
        "!=" => MatchOperator::NotEqual,
        "=~" => MatchOperator::Matches,
        "!~" => MatchOperator::NotMatches,
        _ => return None,
    })
}

/// `severity = "page"`, the quotes as one likes.
fn written(text: &str) -> Option<Matcher> {
    let at = text.find(['=', '!'])?;
    let (label, rest) = text.split_at(at);
    let long = ["=~", "!~", "!="].into_iter().find(|operator| rest.starts_with(operator));
    let sign = long.unwrap_or("=");
    let value = rest.strip_prefix(sign)?.trim();
    let value = value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(value);
    let label = label.trim().trim_matches('"');
    let operator = operator(sign)?;
    (!label.is_empty()).then(|| Matcher {
        label: label.to_owned(),
        operator,
        value: value.to_owned(),
    })
}
