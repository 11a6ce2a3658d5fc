//! What follows an operand: ranges, subqueries, `offset`, `@`, `anchored` and `smoothed`.

use super::expr::signed;
use super::{Parse, Parsed, Parser};
use crate::ast::{At, DurationArg, Expr, MatrixSelector, Span, Subquery};
use crate::go_float;
use crate::token::{Keyword, TokenKind};

impl Parser<'_> {
    pub(super) fn modifiers(&mut self, mut operand: Parsed) -> Parse<Parsed> {
        loop {
            match self.peek() {
                TokenKind::LeftBracket => operand = self.range(operand)?,
                TokenKind::Keyword(Keyword::Offset) => self.offset(&mut operand.expr)?,
                TokenKind::At => self.at(&mut operand.expr)?,
                TokenKind::Keyword(Keyword::Anchored) => {
                    self.advance();
                    self.extend(&mut operand.expr, "anchored")?;
                }
                TokenKind::Keyword(Keyword::Smoothed) => {
                    self.advance();
                    self.extend(&mut operand.expr, "smoothed")?;
                }
                _ => return Ok(operand),
            }
        }
    }

    /// `[5m]`, `[1h:]` or `[1h:5m]`.
    fn range(&mut self, operand: Parsed) -> Parse<Parsed> {
        let bracket = self.advance().span;
        let what = "number, duration, step(), or range()";
        let range = self.positive_duration("subquery or range selector", what)?;
        if self.eat(TokenKind::RightBracket) {
            let bracket = bracket.to(self.span_from(bracket.start));
            return self.matrix(*operand.expr, range, bracket).map(Parsed::leaf);
        }
        if !self.eat(TokenKind::Colon) {
            return Err(self.unexpected("subquery or range", "\":\" or \"]\""));
        }
        let context = "subquery selector";
        let mut step = None;
        if !self.eat(TokenKind::RightBracket) {
            let what = "number, duration, step(), range(), or \"]\"";
            step = Some(self.positive_duration(context, what)?);
            self.expect(TokenKind::RightBracket, context, "\"]\"")?;
        }
        let span = self.span_from(operand.expr.span().start);
        let (expr, offset) = (operand.expr, DurationArg::default());
        let subquery = Subquery { expr, range, step, offset, at: None, span };
        self.node(operand.depth, Expr::Subquery(subquery))
    }

    fn matrix(&self, expr: Expr, range: DurationArg, bracket: Span) -> Parse<Expr> {
        let Expr::Vector(selector) = expr else {
            return Err(self.error(bracket, "ranges only allowed for vector selectors"));
        };
        if !selector.offset.is_zero() {
            return Err(self.error(bracket, "no offset modifiers allowed before range"));
        }
        if selector.at.is_some() {
            return Err(self.error(bracket, "no @ modifiers allowed before range"));
        }
        let span = selector.span.to(bracket);
        Ok(Expr::Matrix(MatrixSelector { selector, range, span }))
    }

    fn offset(&mut self, expr: &mut Expr) -> Parse<()> {
        self.advance();
        let offset = self.offset_duration()?;
        let span = expr.span();
        let Some(target) = Target::of(expr) else {
            return Err(self.error(
                span,
                "offset modifier must be preceded by an instant vector selector or range vector \
                 selector or a subquery",
            ));
        };
        if !target.offset.is_zero() {
            return Err(self.error(span, "offset may not be set multiple times"));
        }
        *target.offset = offset;
        *target.span = self.span_from(span.start);
        Ok(())
    }

    fn at(&mut self, expr: &mut Expr) -> Parse<()> {
        self.advance();
        let (at, span) = (self.at_value(expr)?, expr.span());
        let Some(target) = Target::of(expr) else {
            return Err(self.error(
                span,
                "@ modifier must be preceded by an instant vector selector or range vector \
                 selector or a subquery",
            ));
        };
        if target.at.is_some() {
            return Err(self.error(span, "@ <timestamp> may not be set multiple times"));
        }
        *target.at = Some(at);
        *target.span = self.span_from(span.start);
        Ok(())
    }

    fn at_value(&mut self, expr: &Expr) -> Parse<At> {
        const CONTEXT: &str = "@";
        let preset = match self.peek() {
            TokenKind::Keyword(Keyword::Start) => Some(At::Start),
            TokenKind::Keyword(Keyword::End) => Some(At::End),
            _ => None,
        };
        if let Some(preset) = preset {
            self.advance();
            self.expect(TokenKind::LeftParen, CONTEXT, "timestamp")?;
            self.expect(TokenKind::RightParen, CONTEXT, "timestamp")?;
            return Ok(preset);
        }
        let sign = self.peek_sign();
        if sign.is_some() {
            self.advance();
        }
        if !matches!(self.peek(), TokenKind::Number | TokenKind::Duration) {
            return Err(self.unexpected(CONTEXT, "timestamp"));
        }
        let number = self.number_literal()?;
        let seconds = sign.map_or(number.value, |op| signed(op, number).value);
        if !seconds.is_finite() || seconds.abs() >= i64::MAX as f64 {
            let shown = if seconds.is_finite() {
                format!("{seconds:.6}")
            } else {
                go_float::plain(seconds)
            };
            let message = format!("timestamp out of bounds for @ modifier: {shown}");
            return Err(self.error(expr.span(), message));
        }
        Ok(At::TimestampMs((seconds * 1e3).round() as i64))
    }

    /// Marks a selector as anchored or smoothed.
    fn extend(&self, expr: &mut Expr, word: &str) -> Parse<()> {
        let span = expr.span();
        if !self.options.extended_range_selectors {
            let message = format!("{word} modifier is experimental and not enabled");
            return Err(self.error(span, message));
        }
        let selector = match expr {
            Expr::Vector(selector) => selector,
            Expr::Matrix(matrix) => &mut matrix.selector,
            Expr::Subquery(_) => {
                let message = format!("{word} modifier is not supported for subqueries");
                return Err(self.error(span, message));
            }
            _ => return Err(self.error(span, format!("{word} modifier not implemented"))),
        };
        match word {
            "anchored" => selector.anchored = true,
            _ => selector.smoothed = true,
        }
        if selector.anchored && selector.smoothed {
            let message = "anchored and smoothed modifiers cannot be used together";
            return Err(self.error(span, message));
        }
        Ok(())
    }
}

/// The parts of an expression that `offset` and `@` set.
struct Target<'e> {
    offset: &'e mut DurationArg,
    at: &'e mut Option<At>,
    span: &'e mut Span,
}

impl<'e> Target<'e> {
    fn of(expr: &'e mut Expr) -> Option<Self> {
        Some(match expr {
            Expr::Vector(node) => {
                Self { offset: &mut node.offset, at: &mut node.at, span: &mut node.span }
            }
            Expr::Matrix(node) => Self {
                offset: &mut node.selector.offset,
                at: &mut node.selector.at,
                span: &mut node.span,
            },
            Expr::Subquery(node) => {
                Self { offset: &mut node.offset, at: &mut node.at, span: &mut node.span }
            }
            _ => return None,
        })
    }
}
