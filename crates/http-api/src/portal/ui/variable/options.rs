//! From found texts to options: the variable's regex with its groups, sorting, no doubles.

use std::cmp::Ordering;
use std::collections::HashSet;

use regex::{Captures, Regex, RegexBuilder};

/// Matches in one text that count.
const MATCHES_MAX: usize = 1000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) text: String,
    pub(super) value: String,
}

/// Errors: the regex in words.
pub(super) fn choices(found: Vec<String>, regex: &str, sort: u8) -> Result<Vec<Choice>, String> {
    let (regex, all) = pattern(regex)?;
    let mut seen = HashSet::new();
    let mut choices: Vec<Choice> = found
        .into_iter()
        .flat_map(|text| match &regex {
            None => vec![Choice { value: text.clone(), text }],
            Some(regex) => captured(regex, all, &text),
        })
        .filter(|choice| seen.insert(choice.value.clone()))
        .collect();
    order(&mut choices, sort);
    Ok(choices)
}

/// `/pattern/flags`, or a bare pattern for the whole text; and whether the flags ask for every
/// match in a text (`g`) and not only the first.
fn pattern(text: &str) -> Result<(Option<Regex>, bool), String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok((None, false));
    }
    let (pattern, flags) = match text.strip_prefix('/').and_then(|inner| inner.rsplit_once('/')) {
        Some((pattern, flags)) => (pattern.to_owned(), flags),
        None => (format!("^(?:{text})$"), ""),
    };
    // JavaScript lets a slash be escaped; here it needs none.
    RegexBuilder::new(&pattern.replace("\\/", "/"))
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .build()
        .map(|regex| (Some(regex), flags.contains('g')))
        .map_err(|error| format!("the variable's regex cannot be used: {error}"))
}

/// Groups named `text` and `value` say which is which, from whichever match has them; otherwise the
/// first group is both, of every match when `all`, and without groups the whole text is.
fn captured(regex: &Regex, all: bool, text: &str) -> Vec<Choice> {
    let matches = regex.captures_iter(text).take(if all { MATCHES_MAX } else { 1 });
    let matches: Vec<Captures<'_>> = matches.collect();
    let named = |name: &str| matches.iter().find_map(|found| found.name(name));
    let both = |kept: &str| Choice { text: kept.to_owned(), value: kept.to_owned() };
    if let Some(first) = named("text").or_else(|| named("value")) {
        let value = named("value").unwrap_or(first);
        return vec![Choice { text: first.as_str().to_owned(), value: value.as_str().to_owned() }];
    }
    let group = |found: &Captures<'_>| {
        (1..found.len()).find_map(|i| found.get(i)).map(|group| both(group.as_str()))
    };
    let groups: Vec<Choice> = matches.iter().filter_map(group).collect();
    if groups.is_empty() && !matches.is_empty() { vec![both(text)] } else { groups }
}

fn order(choices: &mut [Choice], sort: u8) {
    let folded = |choice: &Choice| choice.text.to_lowercase();
    match sort {
        1 | 2 => choices.sort_by(|a, b| a.text.cmp(&b.text)),
        3 | 4 => choices.sort_by(|a, b| number(&a.text).total_cmp(&number(&b.text))),
        5 | 6 => choices.sort_by_key(folded),
        7 | 8 => choices.sort_by(|a, b| natural(&a.text, &b.text)),
        _ => return,
    }
    if sort.is_multiple_of(2) {
        choices.reverse();
    }
}

/// The first number in a text; texts without one come first.
fn number(text: &str) -> f64 {
    let Some(start) = text.find(|c: char| c.is_ascii_digit()) else { return -1.0 };
    let digits = &text[start..];
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    digits[..end].trim_end_matches('.').parse().unwrap_or(-1.0)
}

/// Runs of digits compare as numbers, everything else by letters without case.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        match (left.chars().next(), right.chars().next()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(l), Some(r)) if l.is_ascii_digit() && r.is_ascii_digit() => {
                let (l, r) = (take_digits(&mut left), take_digits(&mut right));
                let by_value = l.len().cmp(&r.len()).then_with(|| l.cmp(r));
                if by_value != Ordering::Equal {
                    return by_value;
                }
            }
            (Some(l), Some(r)) => {
                let by_letter = l.to_lowercase().cmp(r.to_lowercase());
                if by_letter != Ordering::Equal {
                    return by_letter;
                }
                left = &left[l.len_utf8()..];
                right = &right[r.len_utf8()..];
            }
        }
    }
}

/// The digits at the start, without leading zeros.
fn take_digits<'a>(text: &mut &'a str) -> &'a str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    *text = rest;
    digits.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use super::choices;

    fn check(found: &[&str], regex: &str, sort: u8, want: &[&str]) {
        let found = found.iter().map(|text| (*text).to_owned()).collect();
        let options = choices(found, regex, sort).unwrap();
        let shown: Vec<String> = options
            .into_iter()
            .map(|c| if c.text == c.value { c.text } else { format!("{}={}", c.text, c.value) })
            .collect();
        assert_eq!(shown, want, "{regex} {sort}");
    }

    #[test]
    fn a_regex_filters_and_cuts() {
        check(&["a1", "b2", "a3"], "", 0, &["a1", "b2", "a3"]);
        check(&["a1", "b2", "a3"], "/a/", 0, &["a1", "a3"]);
        check(&["a1", "b2", "a3"], "a.", 0, &["a1", "a3"]);
        check(&["a1", "b2"], "a", 0, &[]);
        check(&["x-1", "y-1", "y-2"], r"/-(\d)/", 0, &["1", "2"]);
        check(&["A1"], "/a/i", 0, &["A1"]);
        check(&["a1 b2", "c3"], r"/\w(\d)/", 0, &["1", "3"]);
        check(&["a1 b2", "c3"], r"/\w(\d)/g", 0, &["1", "2", "3"]);
        check(&["a1 b2"], r"/\d/g", 0, &["a1 b2"]);
        check(&["t=x v=1"], r"/t=(?<text>\w)|v=(?<value>\w)/g", 0, &["x=1"]);
        check(&["/dev/sda"], r"/\/dev\/(.*)/", 0, &["sda"]);
        check(&[r#"up{i="h:1"} 1 2"#], r#"/i="(?<text>.*):(?<value>\d+)"/"#, 0, &["h=1"]);
        assert!(choices(Vec::new(), "/(?=x)/", 0).unwrap_err().contains("regex"));
    }

    #[test]
    fn sorting_has_grafanas_eight_ways() {
        let found = ["b10", "B9", "a2", "c"];
        check(&found, "", 1, &["B9", "a2", "b10", "c"]);
        check(&found, "", 2, &["c", "b10", "a2", "B9"]);
        check(&found, "", 3, &["c", "a2", "B9", "b10"]);
        check(&found, "", 4, &["b10", "B9", "a2", "c"]);
        check(&found, "", 5, &["a2", "b10", "B9", "c"]);
        check(&found, "", 7, &["a2", "B9", "b10", "c"]);
        check(&found, "", 8, &["c", "b10", "B9", "a2"]);
        check(&["a", "a"], "", 0, &["a"]);
    }
}
