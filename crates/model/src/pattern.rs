//! What a regular expression of a matcher is turned into: most of those that people write need no
//! automaton, and compiling one costs more than many a query.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use regex::Regex;

use crate::matcher::InvalidRegex;
use crate::re2::{compile_anchored, compile_within};

/// Strings that groups may multiply to before they are no longer listed.
const PRODUCT_MAX: usize = 256;
/// Bytes that the strings may have together, where the expression itself does not have more.
const LITERAL_BYTES_MAX: usize = 64 << 10;
/// Automata that are kept for the next query; dashboards ask with the same ones.
const KEPT_MAX: usize = 16;
/// Longer expressions are not kept.
const KEPT_BYTES_MAX: usize = 1024;
/// Nor are those with a larger program: a short text may count to thousands.
const KEPT_PROGRAM_MAX: usize = 256 << 10;

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
    static KEPT: Kept = Kept::new(KEPT_MAX);
    KEPT.automaton(pattern)
}

/// Small automata that were asked for lately.
struct Kept {
    capacity: usize,
    newest_first: Mutex<VecDeque<(String, Regex)>>,
}

impl Kept {
    const fn new(capacity: usize) -> Self {
        Self { capacity, newest_first: Mutex::new(VecDeque::new()) }
    }

    fn automaton(&self, pattern: &str) -> Result<Regex, InvalidRegex> {
        if pattern.len() > KEPT_BYTES_MAX {
            return compile_anchored(pattern);
        }
        if let Some(regex) = self.hit(pattern) {
            return Ok(regex);
        }
        let Ok(small) = compile_within(pattern, KEPT_PROGRAM_MAX) else {
            return compile_anchored(pattern);
        };
        self.put(pattern, small.clone());
        Ok(small)
    }

    /// What is asked for again becomes the newest.
    fn hit(&self, pattern: &str) -> Option<Regex> {
        let mut kept = self.lock();
        let at = kept.iter().position(|(text, _)| text == pattern)?;
        let found = kept.remove(at)?;
        let regex = found.1.clone();
        kept.push_front(found);
        Some(regex)
    }

    fn put(&self, pattern: &str, regex: Regex) {
        let mut kept = self.lock();
        // Somebody else may have compiled the same meanwhile.
        kept.retain(|(text, _)| text != pattern);
        kept.push_front((pattern.to_owned(), regex));
        kept.truncate(self.capacity);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, Regex)>> {
        self.newest_first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A character that stands for itself wherever it is written.
fn is_plain(c: char) -> bool {
    !".+*?()[]{}^$\\|".contains(c)
}

/// The strings that an expression stands for, if it is made of characters, groups and
/// alternatives only. Cost: as much memory as the expression has, or [`LITERAL_BYTES_MAX`].
fn literals(pattern: &str) -> Option<Vec<String>> {
    let size_max = LITERAL_BYTES_MAX.max(pattern.len() + 1);
    let mut listing = Listing { left: pattern, size_max };
    let found = listing.alternatives(0)?;
    listing.left.is_empty().then_some(found.texts)
}

struct Strings {
    texts: Vec<String>,
    /// The bytes of all, and one for each, which is what its sign `|` takes in an alternation.
    size: usize,
}

/// Reads an expression; nothing when it stands for more than strings, or for too many.
struct Listing<'a> {
    left: &'a str,
    size_max: usize,
}

impl Listing<'_> {
    /// Up to the end or to a closing parenthesis.
    fn alternatives(&mut self, depth: usize) -> Option<Strings> {
        let mut all = self.sequence(depth)?;
        while let Some(rest) = self.left.strip_prefix('|') {
            self.left = rest;
            let mut more = self.sequence(depth)?;
            all.size = self.bounded(all.size + more.size)?;
            all.texts.append(&mut more.texts);
        }
        Some(all)
    }

    fn sequence(&mut self, depth: usize) -> Option<Strings> {
        /// Deeper ones are left to the automaton.
        const DEPTH_MAX: usize = 8;
        let mut all = Strings { texts: vec![String::new()], size: 1 };
        while let Some(c) = self.left.chars().next().filter(|c| !"|)".contains(*c)) {
            if c == '(' && depth < DEPTH_MAX {
                let inner = self.left.strip_prefix("(?:").or_else(|| self.left.strip_prefix('('));
                self.left = inner?;
                let choices = self.alternatives(depth + 1)?;
                self.left = self.left.strip_prefix(')')?;
                self.join(&mut all, &choices)?;
            } else {
                let (c, rest) = character(self.left)?;
                self.push(&mut all, c.encode_utf8(&mut [0; 4]))?;
                self.left = rest;
            }
            if self.left.starts_with(['*', '+', '?', '{']) {
                return None;
            }
        }
        Some(all)
    }

    /// Appends a text to each.
    fn push(&self, all: &mut Strings, end: &str) -> Option<()> {
        // Many times nothing would take time that no bound of the size limits.
        if !end.is_empty() {
            all.size = self.bounded(all.size + all.texts.len() * end.len())?;
            all.texts.iter_mut().for_each(|text| text.push_str(end));
        }
        Some(())
    }

    /// Appends every choice to each.
    fn join(&self, all: &mut Strings, choices: &Strings) -> Option<()> {
        if let [choice] = choices.texts.as_slice() {
            return self.push(all, choice);
        }
        let (texts, ends) = (all.texts.len(), choices.texts.len());
        if texts > 1 && texts * ends > PRODUCT_MAX {
            return None;
        }
        let bytes = (all.size - texts) * ends + (choices.size - ends) * texts;
        all.size = self.bounded(bytes + texts * ends)?;
        let joined = |text: &String| -> Vec<String> {
            choices.texts.iter().map(|end| format!("{text}{end}")).collect()
        };
        all.texts = all.texts.iter().flat_map(joined).collect();
        Some(())
    }

    fn bounded(&self, size: usize) -> Option<usize> {
        (size <= self.size_max).then_some(size)
    }
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
    use super::{KEPT_BYTES_MAX, Kept, LITERAL_BYTES_MAX, Pattern, literals};
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
    fn what_groups_multiply_is_bounded_in_bytes() {
        let pattern = |tail: usize| "(a|b)".repeat(8) + &"x".repeat(tail);
        let tail = LITERAL_BYTES_MAX / 256 - 9;
        assert_eq!(literals(&pattern(tail)).map(|all| all.len()), Some(256));
        assert!(literals(&pattern(tail + 1)).is_none());
        assert!(literals(&pattern(1 << 20)).is_none());
        // Ahead of the groups, in a group of its own, and in strings that have no bytes.
        let long = "x".repeat(1 << 20);
        assert!(literals(&format!("{long}{}", pattern(0))).is_none());
        assert!(literals(&format!("(a|b)({long})")).is_none());
        assert!(literals(&vec!["(|)".repeat(8); 1 << 12].join("|")).is_none());
        assert_eq!(literals(&long), Some(vec![long]));
    }

    #[test]
    fn long_alternations_are_listed() {
        let hosts: Vec<String> = (0..1000).map(|i| format!("host-{i}")).collect();
        let list = hosts.join("|");
        assert_eq!(literals(&list).as_ref(), Some(&hosts));
        assert_eq!(literals(&format!("({list})")).as_ref(), Some(&hosts));
        assert_eq!(literals(&format!("{list}:9100")).map(|all| all.len()), Some(1000));
        assert_eq!(literals(&format!("(?:{list}):9(1)00")).map(|all| all.len()), Some(1000));
        assert!(literals(&format!("({list})(a|b)")).is_none());
        let longer = vec!["x".repeat(99); LITERAL_BYTES_MAX / 50];
        assert_eq!(literals(&longer.join("|")), Some(longer));
    }

    #[test]
    fn small_automata_are_kept_until_others_are_asked_for() {
        let kept = Kept::new(2);
        let ask = |pattern: &str| {
            assert!(kept.automaton(pattern).is_ok(), "{pattern}");
            let texts: Vec<String> = kept.lock().iter().map(|(text, _)| text.clone()).collect();
            texts.join(" ")
        };
        assert_eq!(ask("[a]"), "[a]");
        assert_eq!(ask("[b]"), "[b] [a]");
        assert_eq!(ask("[a]"), "[a] [b]", "a hit is the newest");
        assert_eq!(ask("[c]"), "[c] [a]", "the oldest goes");
        assert_eq!(ask(&"x".repeat(KEPT_BYTES_MAX + 1)), "[c] [a]", "a long text");
        assert_eq!(ask("(?:[ab]{1000}){20}"), "[c] [a]", "a large program");
        assert!(kept.automaton("[").is_err());
        let longest = "x".repeat(KEPT_BYTES_MAX);
        assert_eq!(ask(&longest), format!("{longest} [c]"));
        assert!(kept.automaton("[c]").is_ok_and(|regex| regex.is_match("c")));
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
