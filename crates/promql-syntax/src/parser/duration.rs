//! Durations of ranges, steps and offsets, and the arithmetic over them.

use super::expr::signed;
use super::{Parse, Parser};
use crate::ast::{DurationArg, DurationExpr, DurationKind, NumberLiteral, Span};
use crate::error::ParseError;
use crate::literal::{seconds_out_of_range, seconds_to_nanos};
use crate::ops::{BinaryOp, DurationOp, UNARY_PRECEDENCE, UnaryOp};
use crate::token::{Keyword, Token, TokenKind};

/// How an error message says what was being read and what may stand there.
#[derive(Clone, Copy)]
struct Place {
    context: &'static str,
    expected: &'static str,
}

impl Parser<'_> {
    /// The duration of a range or step; a literal must be above 0.
    pub(super) fn positive_duration(
        &mut self,
        context: &'static str,
        expected: &'static str,
    ) -> Parse<DurationArg> {
        let duration = self.duration_expr(0, Place { context, expected })?;
        if let Some(number) = literal(&duration) {
            // Not `<= 0.0`: NaN passes in the reference and is cut to nothing later.
            if number.value <= 0.0 {
                return Err(self.late_error(number.span, "duration must be greater than 0"));
            }
        }
        Ok(argument(duration))
    }

    /// The duration behind `offset`: without parentheses it ends before an operator, so that
    /// `foo offset 5m + bar` is a sum of vectors.
    pub(super) fn offset_duration(&mut self) -> Parse<DurationArg> {
        let place = Place { context: "offset", expected: "number, duration, step(), or range()" };
        let sign = self.peek_sign();
        let first = if sign.is_some() { self.peek_second() } else { self.peek() };
        let is_literal = matches!(first, TokenKind::Number | TokenKind::Duration);
        let duration = match sign {
            Some(op) if is_literal => {
                let token = self.advance();
                // Its size is checked with the sign, where the error then points.
                let number = number_expr(self.number_literal()?);
                self.apply_sign(op, token, number, false)?
            }
            Some(op) if first.is_duration_word() => {
                let token = self.advance();
                let operand = self.duration_operand(place)?;
                self.apply_sign(op, token, operand, true)?
            }
            Some(op) if first == TokenKind::LeftParen => {
                let token = self.advance();
                self.advance();
                let inner = self.duration_expr(0, place)?;
                self.expect(TokenKind::RightParen, place.context, place.expected)?;
                self.apply_sign(op, token, DurationExpr { wrapped: true, ..inner }, false)?
            }
            None if is_literal || first.is_duration_word() => self.duration_operand(place)?,
            _ => self.duration_expr(0, place)?,
        };
        Ok(argument(duration))
    }

    fn duration_expr(&mut self, precedence_min: u8, place: Place) -> Parse<DurationExpr> {
        self.enter()?;
        let mut left = match self.peek_sign() {
            Some(op) => {
                let token = self.advance();
                let operand = self.duration_expr(UNARY_PRECEDENCE + 1, place)?;
                self.apply_sign(op, token, operand, false)?
            }
            None => self.duration_operand(place)?,
        };
        let mut depth = 0;
        while let TokenKind::Operator(written) = self.peek() {
            let Some(op) = arithmetic(written) else { break };
            if written.precedence() < precedence_min {
                break;
            }
            let token = self.advance();
            let tighter = u8::from(!written.is_right_associative());
            let right = self.duration_expr(written.precedence() + tighter, place)?;
            depth += 1;
            self.check_depth(self.nesting + depth, token.span)?;
            left = self.duration_binary(op, token, left, right)?;
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn duration_binary(
        &self,
        op: DurationOp,
        token: Token,
        left: DurationExpr,
        right: DurationExpr,
    ) -> Parse<DurationExpr> {
        self.check_enabled(left.span)?;
        let by_zero = literal(&right).is_some_and(|number| number.value == 0.0);
        match op {
            DurationOp::Div if by_zero => {
                return Err(self.late_error(token.span, "division by zero"));
            }
            DurationOp::Mod if by_zero => return Err(self.late_error(token.span, "modulo by zero")),
            _ => {}
        }
        let span = left.span.to(right.span);
        let kind = DurationKind::Binary(op, Box::new(left), Box::new(right));
        Ok(DurationExpr { kind, wrapped: false, span })
    }

    fn duration_operand(&mut self, place: Place) -> Parse<DurationExpr> {
        let token = self.peek_token();
        let kind = match token.kind {
            TokenKind::Number | TokenKind::Duration => {
                let number = self.number_literal()?;
                self.check_range(&number, token.span)?;
                return Ok(number_expr(number));
            }
            TokenKind::LeftParen => {
                self.advance();
                let inner = self.duration_expr(0, place)?;
                self.expect(TokenKind::RightParen, place.context, place.expected)?;
                self.check_enabled(inner.span)?;
                // The place of a number begins with its parenthesis, but does not end with it.
                let start = if literal(&inner).is_some() { token.span } else { inner.span }.start;
                let span = Span::new(start, inner.span.end);
                return Ok(DurationExpr { wrapped: true, span, ..inner });
            }
            TokenKind::Keyword(Keyword::Step) => self.niladic(DurationKind::Step, place)?,
            TokenKind::Keyword(Keyword::Range) => self.niladic(DurationKind::Range, place)?,
            TokenKind::Keyword(Keyword::MaxOf) => return self.dyadic(DurationOp::MaxOf, place),
            TokenKind::Keyword(Keyword::MinOf) => return self.dyadic(DurationOp::MinOf, place),
            _ => return Err(self.unexpected(place.context, place.expected)),
        };
        let span = self.span_from(token.span.start);
        self.check_enabled(span)?;
        Ok(DurationExpr { kind, wrapped: false, span })
    }

    /// `step()`
    fn niladic(&mut self, kind: DurationKind, place: Place) -> Parse<DurationKind> {
        self.advance();
        self.expect(TokenKind::LeftParen, place.context, place.expected)?;
        self.expect(TokenKind::RightParen, place.context, place.expected)?;
        Ok(kind)
    }

    /// `max_of(a, b)`
    fn dyadic(&mut self, op: DurationOp, place: Place) -> Parse<DurationExpr> {
        let start = self.advance().span.start;
        self.expect(TokenKind::LeftParen, place.context, place.expected)?;
        let left = self.duration_expr(0, place)?;
        self.expect(TokenKind::Comma, place.context, place.expected)?;
        let right = self.duration_expr(0, place)?;
        self.expect(TokenKind::RightParen, place.context, place.expected)?;
        self.check_enabled(left.span.to(right.span))?;
        let kind = DurationKind::Binary(op, Box::new(left), Box::new(right));
        Ok(DurationExpr { kind, wrapped: false, span: self.span_from(start) })
    }

    /// Folds a sign into a bare literal. `+` vanishes before anything else, unless `keep_plus`.
    fn apply_sign(
        &self,
        op: UnaryOp,
        token: Token,
        operand: DurationExpr,
        keep_plus: bool,
    ) -> Parse<DurationExpr> {
        let span = token.span.to(operand.span);
        if let DurationExpr { kind: DurationKind::Number(number), wrapped: false, .. } = operand {
            let number = NumberLiteral { span, ..signed(op, number) };
            self.check_range(&number, token.span)?;
            return Ok(number_expr(number));
        }
        if op == UnaryOp::Plus && !keep_plus {
            return Ok(operand);
        }
        let kind = DurationKind::Unary(op, Box::new(operand));
        Ok(DurationExpr { kind, wrapped: false, span })
    }

    /// An error that the reference finds when it has read the next token, so that a text which is
    /// none comes first.
    #[expect(clippy::unnecessary_box_returns, reason = "goes into a boxed result")]
    fn late_error(&self, span: Span, message: &str) -> Box<ParseError> {
        match self.peek() {
            TokenKind::Invalid => self.unexpected("", ""),
            _ => self.error(span, message),
        }
    }

    fn check_range(&self, number: &NumberLiteral, span: Span) -> Parse<()> {
        if seconds_out_of_range(number.value) {
            return Err(self.error(span, "duration out of range"));
        }
        Ok(())
    }

    fn check_enabled(&self, span: Span) -> Parse<()> {
        if self.options.duration_expr {
            return Ok(());
        }
        Err(self.error(span, "experimental duration expression is not enabled"))
    }
}

fn arithmetic(op: BinaryOp) -> Option<DurationOp> {
    Some(match op {
        BinaryOp::Add => DurationOp::Add,
        BinaryOp::Sub => DurationOp::Sub,
        BinaryOp::Mul => DurationOp::Mul,
        BinaryOp::Div => DurationOp::Div,
        BinaryOp::Mod => DurationOp::Mod,
        BinaryOp::Pow => DurationOp::Pow,
        _ => return None,
    })
}

fn number_expr(number: NumberLiteral) -> DurationExpr {
    let span = number.span;
    DurationExpr { kind: DurationKind::Number(number), wrapped: false, span }
}

/// The number, if that is all that was written; in parentheses it counts as computed.
fn literal(duration: &DurationExpr) -> Option<&NumberLiteral> {
    match duration {
        DurationExpr { kind: DurationKind::Number(number), wrapped: false, .. } => Some(number),
        _ => None,
    }
}

fn argument(duration: DurationExpr) -> DurationArg {
    match literal(&duration) {
        Some(number) => DurationArg::Fixed(seconds_to_nanos(number.value)),
        None => DurationArg::Computed(Box::new(duration)),
    }
}
