//! Vector selectors and their label matchers.

use super::{Parse, Parser};
use crate::ast::{DurationArg, LabelMatcher, Span, VectorSelector};
use crate::ops::{BinaryOp, MatchOp};
use crate::text::Text;
use crate::token::{Token, TokenKind};

/// The label that holds the name of a metric.
const METRIC_NAME: &str = "__name__";

const CONTEXT: &str = "label matching";

impl Parser<'_> {
    /// `name`, `name{…}` or `{…}`.
    pub(super) fn vector_selector(&mut self) -> Parse<VectorSelector> {
        let start = self.peek_token().span.start;
        let name = if self.peek() == TokenKind::LeftBrace {
            None
        } else {
            let token = self.advance();
            Some(self.text(token).to_owned())
        };
        let mut matchers = Vec::new();
        if self.eat(TokenKind::LeftBrace) {
            matchers = self.label_matchers()?;
        }
        if let Some(name) = &name {
            matchers.push(name_matcher(Text::from(name.as_str())));
        }
        Ok(VectorSelector {
            name,
            matchers,
            offset: DurationArg::default(),
            at: None,
            anchored: false,
            smoothed: false,
            unquoted_utf8_names: self.options.unquoted_utf8_names,
            span: self.span_from(start),
        })
    }

    /// The matchers behind an opening brace, up to and with the closing one.
    fn label_matchers(&mut self) -> Parse<Vec<LabelMatcher>> {
        let mut matchers = Vec::new();
        if self.eat(TokenKind::RightBrace) {
            return Ok(matchers);
        }
        loop {
            matchers.push(self.label_matcher()?);
            let comma = self.eat(TokenKind::Comma);
            if self.eat(TokenKind::RightBrace) {
                return Ok(matchers);
            }
            if !comma {
                return Err(self.unexpected(CONTEXT, "\",\" or \"}\""));
            }
        }
    }

    /// `label="value"`, `"label"="value"`, or `"metric name"` alone.
    fn label_matcher(&mut self) -> Parse<LabelMatcher> {
        let token = self.peek_token();
        let op = match token.kind {
            TokenKind::Identifier | TokenKind::String => {
                self.advance();
                self.match_op()
            }
            _ => return Err(self.unexpected(CONTEXT, "identifier or \"}\"")),
        };
        match op {
            Some(op) => self.matcher_value(token, op),
            None if token.kind == TokenKind::String => Ok(name_matcher(self.unquoted(token)?)),
            None => Err(self.unexpected(CONTEXT, "label matching operator")),
        }
    }

    fn match_op(&mut self) -> Option<MatchOp> {
        let op = match self.peek() {
            TokenKind::Assign => MatchOp::Eq,
            TokenKind::Operator(BinaryOp::Ne) => MatchOp::Ne,
            TokenKind::MatchRegex => MatchOp::Re,
            TokenKind::NotMatchRegex => MatchOp::Nre,
            _ => return None,
        };
        self.advance();
        Some(op)
    }

    fn matcher_value(&mut self, label: Token, op: MatchOp) -> Parse<LabelMatcher> {
        let value_token = self.expect(TokenKind::String, CONTEXT, "string")?;
        let name = if label.kind == TokenKind::String {
            let name = self.unquoted(label)?;
            let invalid = || self.error(label.span, format!("invalid label name: {name:?}"));
            name.as_str().ok_or_else(invalid)?.to_owned()
        } else {
            self.text(label).to_owned()
        };
        let value = self.unquoted(value_token)?;
        let matcher = LabelMatcher { name, op, value };
        self.check_regex(&matcher, label.span.to(value_token.span))?;
        Ok(matcher)
    }

    fn check_regex(&self, matcher: &LabelMatcher, span: Span) -> Parse<()> {
        if !matches!(matcher.op, MatchOp::Re | MatchOp::Nre) {
            return Ok(());
        }
        let invalid_utf8 = || {
            let value = &matcher.value;
            self.error(span, format!("error parsing regexp: invalid UTF-8: {value:?}"))
        };
        let pattern = matcher.value.as_str().ok_or_else(invalid_utf8)?;
        model::Matcher::new(matcher.name.as_str(), model::MatchOp::Regex, pattern)
            .map_err(|error| self.error(span, error.to_string()))?;
        Ok(())
    }
}

fn name_matcher(value: Text) -> LabelMatcher {
    LabelMatcher { name: METRIC_NAME.into(), op: MatchOp::Eq, value }
}
