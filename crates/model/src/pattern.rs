//! What a regular expression of a matcher is turned into: most of those that people write need no
//! automaton, and compiling one costs more than many a query.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use regex::Regex;

use crate::matcher::InvalidRegex;
use crate::re2::compile_anchored;

/// Strings that an expression may stand for before they are no longer listed.
const LITERALS_MAX: usize = 256;
/// Automata that are kept for the next query; dashboards ask with the same ones.
const KEPT_MAX: usize = 16;
/// Longer expressions are not kept.
const KEPT_BYTES_MAX: usize = 1024;

#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// The only strings that match.
    Literals(Vec<String>),
    /// `.*`
    Anything,
    /// `.+`
    NonEmpty,
    Glob(Glob),
    Automaton(Regex),
}

/// Literals with anything between them.
#[derive(Clone, Debug)]
pub(crate) struct Glob {
    prefix: String,
    /// At least so many characters, then the literal; that of the last one ends the string and may
    /// be empty.
    rest: Vec<(usize, String)>,
}

impl Pattern {
    pub(crate) fn compile(pattern: &str) -> Result<Self, InvalidRegex> {
        match pattern {
            ".*" => return Ok(Self::Anything),
            ".+" => return Ok(Self::NonEmpty),
            _ => {}
        }
        let simple = literals(pattern).map(Self::Literals);
        let simple = simple.or_else(|| Glob::parse(pattern).map(Self::Glob));
        simple.map_or_else(|| automaton(pattern).map(Self::Automaton), Ok)
    }

    pub(crate) fn matches(&self, value: &str) -> bool {
        match self {
            Self::Literals(set) => set.iter().any(|literal| literal == value),
            Self::Anything => true,
            Self::NonEmpty => !value.is_empty(),
            Self::Glob(glob) => glob.matches(value),
            Self::Automaton(regex) => regex.is_match(value),
        }
    }
}

/// Compiled anew, or as it was lately. Cost: some hundred microseconds, or a copy.
fn automaton(pattern: &str) -> Result<Regex, InvalidRegex> {
    static KEPT: Mutex<VecDeque<(String, Regex)>> = Mutex::new(VecDeque::new());
    let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, regex)) = kept().iter().find(|(text, _)| text == pattern) {
        return Ok(regex.clone());
    }
    let regex = compile_anchored(pattern)?;
    if pattern.len() <= KEPT_BYTES_MAX {
        let mut kept = kept();
        kept.truncate(KEPT_MAX - 1);
        kept.push_front((pattern.to_owned(), regex.clone()));
    }
    Ok(regex)
}

/// A character that stands for itself wherever it is written.
fn is_plain(c: char) -> bool {
    !".+*?()[]{}^$\\|".contains(c)
}

/// The strings that an expression stands for, if it is made of characters, groups and
/// alternatives only.
fn literals(pattern: &str) -> Option<Vec<String>> {
    let mut left = pattern;
    let found = alternatives(&mut left, 0)?;
    left.is_empty().then_some(found)
}

/// Up to the end or to a closing parenthesis.
fn alternatives(left: &mut &str, depth: usize) -> Option<Vec<String>> {
    let mut all = sequence(left, depth)?;
    while let Some(rest) = left.strip_prefix('|') {
        *left = rest;
        all.append(&mut sequence(left, depth)?);
        if all.len() > LITERALS_MAX {
            return None;
        }
    }
    Some(all)
}

fn sequence(left: &mut &str, depth: usize) -> Option<Vec<String>> {
    /// Deeper ones are left to the automaton.
    const DEPTH_MAX: usize = 8;
    let mut all = vec![String::new()];
    while let Some(c) = left.chars().next().filter(|c| !"|)".contains(*c)) {
        if c == '(' && depth < DEPTH_MAX {
            let inner = left.strip_prefix("(?:").or_else(|| left.strip_prefix('('))?;
            *left = inner;
            let choices = alternatives(left, depth + 1)?;
            *left = left.strip_prefix(')')?;
            if all.len() * choices.len() > LITERALS_MAX {
                return None;
            }
            let joined = |text: &String| choices.iter().map(|c| format!("{text}{c}")).collect();
            all = all.iter().flat_map(|text| -> Vec<String> { joined(text) }).collect();
        } else {
            let (c, rest) = character(left)?;
            for text in &mut all {
                text.push(c);
            }
            *left = rest;
        }
        if left.starts_with(['*', '+', '?', '{']) {
            return None;
        }
    }
    Some(all)
}

/// A character that stands for itself, or an escaped sign.
fn character(text: &str) -> Option<(char, &str)> {
    let escaped = text.strip_prefix('\\');
    let mut chars = escaped.unwrap_or(text).chars();
    let c = chars.next()?;
    let stands = if escaped.is_some() { c.is_ascii_punctuation() } else { is_plain(c) };
    stands.then_some((c, chars.as_str()))
}

impl Glob {
    /// Nothing when there is more in the expression than literals, `.*` and `.+`.
    fn parse(pattern: &str) -> Option<Self> {
        let mut left = pattern;
        let mut glob = Self { prefix: String::new(), rest: Vec::new() };
        while !left.is_empty() {
            let gap = left.strip_prefix('.').and_then(|rest| rest.chars().next());
            if let Some(quantifier) = gap {
                let least = match quantifier {
                    '*' => 0,
                    '+' => 1,
                    _ => return None,
                };
                left = left.get(2..)?;
                match glob.rest.last_mut() {
                    Some((gap, literal)) if literal.is_empty() => *gap += least,
                    _ => glob.rest.push((least, String::new())),
                }
            } else {
                let (c, rest) = character(left)?;
                let last = glob.rest.last_mut().map(|(_, literal)| literal);
                last.unwrap_or(&mut glob.prefix).push(c);
                left = rest;
            }
            if left.starts_with(['*', '+', '?', '{']) {
                return None;
            }
        }
        (!glob.rest.is_empty()).then_some(glob)
    }

    /// Each literal is taken where it is found first: that leaves the most for those behind it.
    fn matches(&self, value: &str) -> bool {
        let Some(mut left) = value.strip_prefix(self.prefix.as_str()) else { return false };
        let Some(((least, end), middle)) = self.rest.split_last() else { return left.is_empty() };
        for (least, literal) in middle {
            let found = behind(left, *least).and_then(|left| left.split_once(literal.as_str()));
            let Some((_, after)) = found else { return false };
            left = after;
        }
        behind(left, *least).is_some_and(|left| left.ends_with(end.as_str()))
    }
}

/// What is left behind so many characters, if there are as many.
fn behind(text: &str, characters: usize) -> Option<&str> {
    let mut chars = text.chars();
    (0..characters).all(|_| chars.next().is_some()).then_some(chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::{KEPT_MAX, Pattern, automaton};
    use crate::re2::compile_anchored;
    use proptest::prelude::*;

    #[test]
    fn what_needs_no_automaton_has_none() {
        let kind = |pattern: &str| match Pattern::compile(pattern) {
            Ok(Pattern::Literals(set)) => set.join(","),
            Ok(Pattern::Glob(glob)) => format!("{} {:?}", glob.prefix, glob.rest),
            Ok(Pattern::Automaton(_)) => "automaton".to_owned(),
            other => format!("{other:?}"),
        };
        let check = |pattern: &str, want: &str| assert_eq!(kind(pattern), want, "{pattern}");
        check("a|b", "a,b");
        check("host_(1|2|3)", "host_1,host_2,host_3");
        check("(a|b(?:c|))(x|y)", "ax,ay,bcx,bcy,bx,by");
        check(r"10\.0\.0\.1:9100", "10.0.0.1:9100");
        check("node_.+", r#"node_ [(1, "")]"#);
        check("node_.+_total", r#"node_ [(1, "_total")]"#);
        check(".*api.*.+v1.*", r#" [(0, "api"), (1, "v1"), (0, "")]"#);
        for pattern in ["5..", "a?b", "(a)*", "[ab]", "(?i)a", r"\d", "^a$", "a{2}", ".*?", "a|b.*"]
        {
            check(pattern, "automaton");
        }
        let many = "(a|b|c|d|e|f|g)".repeat(3);
        check(&many, "automaton");
        for bad in ["a(", "a)", "(?:a", "*", ".**", "a|*"] {
            assert!(Pattern::compile(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn automata_are_kept_in_bounds() {
        for i in 0..3 * KEPT_MAX {
            let again =
                || automaton(&format!("[x]{i}.")).map(|regex| regex.is_match(&format!("x{i}y")));
            assert_eq!((again(), again()), (Ok(true), Ok(true)));
        }
    }

    proptest! {
        #[test]
        fn matches_what_the_automaton_matches(
            pattern in prop::collection::vec(
                prop_oneof![
                    Just("a"), Just("b"), Just("é"), Just(".*"), Just(".+"), Just("(a|bé)"),
                    Just("(?:|b)"), Just("|"), Just(r"\."), Just("ab"), Just("?"),
                ],
                0..7,
            ),
            values in prop::collection::vec("[abé.\n]{0,6}", 8),
        ) {
            let pattern = pattern.concat();
            match (Pattern::compile(&pattern), compile_anchored(&pattern)) {
                (Ok(got), Ok(want)) => {
                    for value in &values {
                        prop_assert_eq!(got.matches(value), want.is_match(value), "{} {:?}", pattern, value);
                    }
                }
                (got, want) => prop_assert_eq!(got.is_err(), want.is_err(), "{}", pattern),
            }
        }
    }
}
