//! Label matchers: `name="value"`, `!=`, `=~`, `!~`, with the regular expression compiled once.

use std::fmt;

use crate::pattern::Pattern;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchOp {
    Equal,
    NotEqual,
    Regex,
    NotRegex,
}

impl MatchOp {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error parsing regexp: {message}: `{pattern}`")]
pub struct InvalidRegex {
    pub pattern: String,
    pub message: String,
}

/// One condition on a label; an absent label counts as the empty string. Regular expressions are
/// anchored at both ends and `.` matches newlines, as in Prometheus.
#[derive(Clone, Debug)]
pub struct Matcher {
    name: String,
    op: MatchOp,
    value: String,
    pattern: Option<Pattern>,
}

impl Matcher {
    pub fn new(
        name: impl Into<String>,
        op: MatchOp,
        value: impl Into<String>,
    ) -> Result<Self, InvalidRegex> {
        let (name, value) = (name.into(), value.into());
        let pattern = match op {
            MatchOp::Equal | MatchOp::NotEqual => None,
            MatchOp::Regex | MatchOp::NotRegex => Some(Pattern::compile(&value)?),
        };
        Ok(Self { name, op, value, pattern })
    }

    pub fn equal(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), op: MatchOp::Equal, value: value.into(), pattern: None }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn op(&self) -> MatchOp {
        self.op
    }

    /// The literal or the expression as written.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether a label with this value passes; pass `""` for an absent label.
    pub fn matches(&self, value: &str) -> bool {
        match self.op {
            MatchOp::Equal => value == self.value,
            MatchOp::NotEqual => value != self.value,
            MatchOp::Regex => self.pattern_matches(value),
            MatchOp::NotRegex => !self.pattern_matches(value),
        }
    }

    /// Whether series without the label pass.
    pub fn matches_empty(&self) -> bool {
        self.matches("")
    }

    fn pattern_matches(&self, value: &str) -> bool {
        self.pattern.as_ref().is_some_and(|pattern| pattern.matches(value))
    }

    /// The only values that can pass, when the condition names them (`=`, or a regular expression
    /// that is an alternation of literals). Lets an index look values up instead of scanning.
    pub fn literals(&self) -> Option<Vec<&str>> {
        match (self.op, &self.pattern) {
            (MatchOp::Equal, _) => Some(vec![&self.value]),
            (MatchOp::Regex, Some(Pattern::Literals(set))) => {
                Some(set.iter().map(String::as_str).collect())
            }
            _ => None,
        }
    }

    /// Whether every value passes, the absent label included: such a matcher selects nothing away.
    pub fn matches_everything(&self) -> bool {
        matches!((self.op, &self.pattern), (MatchOp::Regex, Some(Pattern::Anything)))
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (self.op, &self.name, &self.value) == (other.op, &other.name, &other.value)
    }
}

impl Eq for Matcher {}

impl std::hash::Hash for Matcher {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.op, &self.name, &self.value).hash(state);
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:?}", self.name, self.op.as_str(), self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::{MatchOp, Matcher};

    #[test]
    fn anchors_regular_expressions_and_counts_absence_as_empty() {
        let check = |op: MatchOp, pattern: &str, value: &str, want: bool| {
            let matcher = Matcher::new("l", op, pattern).unwrap();
            assert_eq!(matcher.matches(value), want, "{matcher} on {value:?}");
        };
        check(MatchOp::Regex, "a|b", "a", true);
        check(MatchOp::Regex, "a|b", "ab", false);
        check(MatchOp::Regex, "a|", "", true);
        check(MatchOp::Regex, "5..", "503", true);
        check(MatchOp::Regex, "5..", "5031", false);
        check(MatchOp::Regex, "a.b", "a\nb", true);
        check(MatchOp::Regex, ".+", "", false);
        check(MatchOp::NotRegex, "a.*", "b", true);
        check(MatchOp::NotEqual, "a", "", true);
    }

    #[test]
    fn literal_alternations_name_their_values() {
        let matcher = Matcher::new("l", MatchOp::Regex, "a|b").unwrap();
        assert_eq!(matcher.literals(), Some(vec!["a", "b"]));
        assert!(Matcher::new("l", MatchOp::Regex, "a.*").unwrap().literals().is_none());
        assert!(Matcher::new("l", MatchOp::Regex, "a(").is_err());
    }
}
