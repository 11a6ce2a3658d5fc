//! What may stand between an operator and its right side, and label lists in parentheses.

use super::expr::signed;
use super::{Parse, Parser};
use crate::ast::{Cardinality, VectorMatching};
use crate::error::ParseError;
use crate::names::needs_quotes;
use crate::text::quote;
use crate::token::{Keyword, Token, TokenKind};

impl Parser<'_> {
    /// `bool on (a) group_left (b) fill (0)`, all of it optional; true for `bool`.
    pub(super) fn binary_modifiers(&mut self) -> Parse<(bool, Box<VectorMatching>)> {
        let mut matching = Box::<VectorMatching>::default();
        let return_bool = self.eat_keyword(Keyword::Bool);
        matching.on = self.eat_keyword(Keyword::On);
        if matching.on || self.eat_keyword(Keyword::Ignoring) {
            matching.labels = self.grouping_labels()?;
            let cardinality = if self.eat_keyword(Keyword::GroupLeft) {
                Some(Cardinality::ManyToOne)
            } else if self.eat_keyword(Keyword::GroupRight) {
                Some(Cardinality::OneToMany)
            } else {
                None
            };
            if let Some(cardinality) = cardinality {
                matching.cardinality = cardinality;
                let next = self.peek();
                // Labels, too, are what was missing if no operand follows.
                if next == TokenKind::LeftParen || !next.starts_operand() {
                    matching.include = self.grouping_labels()?;
                }
            }
        }
        if self.eat_keyword(Keyword::Fill) {
            let value = Some(self.fill_value()?);
            (matching.fill.lhs, matching.fill.rhs) = (value, value);
        } else if self.eat_keyword(Keyword::FillLeft) {
            matching.fill.lhs = Some(self.fill_value()?);
            if self.eat_keyword(Keyword::FillRight) {
                matching.fill.rhs = Some(self.fill_value()?);
            }
        } else if self.eat_keyword(Keyword::FillRight) {
            matching.fill.rhs = Some(self.fill_value()?);
            if self.eat_keyword(Keyword::FillLeft) {
                matching.fill.lhs = Some(self.fill_value()?);
            }
        }
        Ok((return_bool, matching))
    }

    /// `(-1)`
    fn fill_value(&mut self) -> Parse<f64> {
        self.expect(TokenKind::LeftParen, "", "")?;
        let sign = self.peek_sign();
        if sign.is_some() {
            self.advance();
        }
        if !matches!(self.peek(), TokenKind::Number | TokenKind::Duration) {
            return Err(self.unexpected("", ""));
        }
        let number = self.number_literal()?;
        self.expect(TokenKind::RightParen, "", "")?;
        Ok(sign.map_or(number.value, |op| signed(op, number).value))
    }

    /// `(a, "b.c")`; words of the language are labels here, and the last comma may be one too many.
    pub(super) fn grouping_labels(&mut self) -> Parse<Vec<String>> {
        const CONTEXT: &str = "grouping opts";
        self.expect(TokenKind::LeftParen, CONTEXT, "\"(\"")?;
        let mut labels = Vec::new();
        if self.eat(TokenKind::RightParen) {
            return Ok(labels);
        }
        loop {
            labels.push(self.grouping_label(CONTEXT)?);
            let comma = self.eat(TokenKind::Comma);
            if self.eat(TokenKind::RightParen) {
                return Ok(labels);
            }
            if !comma {
                return Err(self.unexpected(CONTEXT, "\",\" or \")\""));
            }
        }
    }

    fn grouping_label(&mut self, context: &str) -> Parse<String> {
        let kind = self.peek();
        if kind.is_grouping_label() {
            let token = self.advance();
            return self.unquoted_label(token);
        }
        if kind != TokenKind::String {
            return Err(self.unexpected(context, "label"));
        }
        let token = self.advance();
        let label = self.unquoted(token)?;
        match label.as_str() {
            Some(name) if !name.is_empty() => Ok(name.to_owned()),
            _ => Err(self.invalid_label(token, label.as_bytes())),
        }
    }

    /// A label that is a word. With names in UTF-8, colons are for metrics only; without, they have
    /// always been taken here.
    fn unquoted_label(&self, token: Token) -> Parse<String> {
        let name = self.text(token);
        if self.options.unquoted_utf8_names && needs_quotes(name, true) {
            return Err(self.invalid_label(token, name.as_bytes()));
        }
        Ok(name.to_owned())
    }

    #[expect(clippy::unnecessary_box_returns, reason = "goes into a boxed result")]
    fn invalid_label(&self, token: Token, label: &[u8]) -> Box<ParseError> {
        let message = format!("invalid label name for grouping: {}", quote(label));
        self.error(token.span, message)
    }
}
