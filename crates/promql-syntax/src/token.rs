//! Tokens of PromQL, and how error messages name them.

use crate::ast::Span;
use crate::ops::{AggregateOp, BinaryOp};
use crate::text::quote;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    End,
    /// Where the lexer gave up.
    Invalid,
    Number,
    Duration,
    String,
    Identifier,
    /// An identifier with a colon: never a label name or a function.
    MetricIdentifier,
    Aggregator(AggregateOp),
    Operator(BinaryOp),
    Keyword(Keyword),
    Assign,
    MatchRegex,
    NotMatchRegex,
    At,
    Comma,
    Colon,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    LeftParen,
    RightParen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyword {
    Anchored,
    Bool,
    By,
    End,
    Fill,
    FillLeft,
    FillRight,
    GroupLeft,
    GroupRight,
    Ignoring,
    MaxOf,
    MinOf,
    Offset,
    On,
    Range,
    Smoothed,
    Start,
    Step,
    Without,
}

const KEYWORDS: &[(&str, TokenKind)] = &[
    ("anchored", TokenKind::Keyword(Keyword::Anchored)),
    ("bool", TokenKind::Keyword(Keyword::Bool)),
    ("by", TokenKind::Keyword(Keyword::By)),
    ("end", TokenKind::Keyword(Keyword::End)),
    ("fill", TokenKind::Keyword(Keyword::Fill)),
    ("fill_left", TokenKind::Keyword(Keyword::FillLeft)),
    ("fill_right", TokenKind::Keyword(Keyword::FillRight)),
    ("group_left", TokenKind::Keyword(Keyword::GroupLeft)),
    ("group_right", TokenKind::Keyword(Keyword::GroupRight)),
    ("ignoring", TokenKind::Keyword(Keyword::Ignoring)),
    ("inf", TokenKind::Number),
    ("max_of", TokenKind::Keyword(Keyword::MaxOf)),
    ("min_of", TokenKind::Keyword(Keyword::MinOf)),
    ("nan", TokenKind::Number),
    ("offset", TokenKind::Keyword(Keyword::Offset)),
    ("on", TokenKind::Keyword(Keyword::On)),
    ("range", TokenKind::Keyword(Keyword::Range)),
    ("smoothed", TokenKind::Keyword(Keyword::Smoothed)),
    ("start", TokenKind::Keyword(Keyword::Start)),
    ("step", TokenKind::Keyword(Keyword::Step)),
    ("without", TokenKind::Keyword(Keyword::Without)),
    ("and", TokenKind::Operator(BinaryOp::And)),
    ("atan2", TokenKind::Operator(BinaryOp::Atan2)),
    ("or", TokenKind::Operator(BinaryOp::Or)),
    ("unless", TokenKind::Operator(BinaryOp::Unless)),
];

impl TokenKind {
    /// The keyword spelled `word`, in any mix of upper and lower case.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        let listed = KEYWORDS.iter().find(|(text, _)| text.eq_ignore_ascii_case(word));
        listed.map(|(_, kind)| *kind).or_else(|| {
            let same = |op: &&AggregateOp| op.as_str().eq_ignore_ascii_case(word);
            AggregateOp::ALL.iter().find(same).map(|op| Self::Aggregator(*op))
        })
    }

    /// True for `step`, `range`, `max_of` and `min_of`, the only words of duration expressions.
    pub(crate) fn is_duration_word(self) -> bool {
        use Keyword::{MaxOf, MinOf, Range, Step};
        matches!(self, Self::Keyword(Step | Range | MaxOf | MinOf))
    }

    /// True if an expression may start with the token; also where the lexer gave up, so that its
    /// error is the one reported.
    pub(crate) fn starts_operand(self) -> bool {
        match self {
            Self::Number
            | Self::Duration
            | Self::String
            | Self::LeftParen
            | Self::LeftBrace
            | Self::Operator(BinaryOp::Add | BinaryOp::Sub)
            | Self::Invalid => true,
            _ => self.is_metric_name(),
        }
    }

    /// True if the token may stand as a metric name. Left out are words that would be ambiguous
    /// after an operator.
    pub(crate) fn is_metric_name(self) -> bool {
        use Keyword::{Bool, GroupLeft, GroupRight, Ignoring, On};
        match self {
            Self::Identifier | Self::MetricIdentifier | Self::Aggregator(_) => true,
            Self::Keyword(word) => !matches!(word, Bool | GroupLeft | GroupRight | Ignoring | On),
            Self::Operator(op) => op.is_set(),
            _ => false,
        }
    }

    /// True if the token may stand as a label name in a grouping.
    pub(crate) fn is_grouping_label(self) -> bool {
        match self {
            Self::Identifier | Self::MetricIdentifier | Self::Aggregator(_) => true,
            Self::Keyword(word) => word != Keyword::Without,
            Self::Operator(op) => op.is_set() || op == BinaryOp::Atan2,
            _ => false,
        }
    }
}

/// The token as an error message names it, e.g. `identifier "foo"`, `<op:+>`, `end of input`.
pub(crate) fn describe(kind: TokenKind, text: &str) -> String {
    match kind {
        TokenKind::End => "end of input".into(),
        TokenKind::Identifier => format!("identifier {}", quote(text.as_bytes())),
        TokenKind::MetricIdentifier => format!("metric identifier {}", quote(text.as_bytes())),
        TokenKind::Number => format!("number {}", shortened(text)),
        TokenKind::Duration => format!("duration {}", shortened(text)),
        TokenKind::String => format!("string {}", shortened(text)),
        TokenKind::Aggregator(_) => format!("<aggr:{text}>"),
        TokenKind::Operator(_)
        | TokenKind::At
        | TokenKind::MatchRegex
        | TokenKind::NotMatchRegex => format!("<op:{text}>"),
        TokenKind::Keyword(word) if word.is_plain() => format!("<{text}>"),
        _ => shortened(text),
    }
}

impl Keyword {
    /// False for the words that can also be called.
    fn is_plain(self) -> bool {
        !matches!(
            self,
            Self::Start | Self::End | Self::Step | Self::Range | Self::MaxOf | Self::MinOf
        )
    }
}

/// Characters of a token an error message shows before cutting it.
const SHOWN_CHARS: usize = 10;

fn shortened(text: &str) -> String {
    if text.len() <= SHOWN_CHARS {
        return quote(text.as_bytes());
    }
    let shown: String = text.chars().take(SHOWN_CHARS).collect();
    format!("{}...", quote(shown.as_bytes()))
}
