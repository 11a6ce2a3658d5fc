//! Operators, signs, literals and parentheses.

use super::{Parse, Parsed, Parser};
use crate::ast::{Binary, Expr, NumberLiteral, Paren, Span, StringLiteral, Unary, VectorMatching};
use crate::literal::{nanos_to_seconds, parse_duration, parse_number};
use crate::ops::{BinaryOp, UNARY_PRECEDENCE, UnaryOp};
use crate::text::{Text, quote, unquote};
use crate::token::{Keyword, Token, TokenKind};

impl Parser<'_> {
    /// An expression whose operators all bind at least as strongly as `precedence_min`.
    pub(super) fn expr(&mut self, precedence_min: u8) -> Parse<Parsed> {
        self.enter()?;
        let mut left = self.signed_operand()?;
        while let TokenKind::Operator(op) = self.peek() {
            let precedence = op.precedence();
            if precedence < precedence_min {
                break;
            }
            left = self.binary(left, op)?;
        }
        self.nesting -= 1;
        Ok(left)
    }

    /// The operator that comes next, its modifiers and its right side.
    fn binary(&mut self, left: Parsed, op: BinaryOp) -> Parse<Parsed> {
        let op_start = self.advance().span.start;
        let (return_bool, matching) = self.binary_modifiers()?;
        let op_span = self.span_from(op_start);
        let tighter = u8::from(!op.is_right_associative());
        let right = self.expr(op.precedence() + tighter)?;
        self.binary_node(left, right, (op, op_span), (return_bool, matching))
    }

    /// The node of an operator. It is built here and not in [`Self::binary`], which is on the
    /// stack while the right side is read.
    fn binary_node(
        &self,
        left: Parsed,
        right: Parsed,
        (op, op_span): (BinaryOp, Span),
        (return_bool, matching): (bool, Box<VectorMatching>),
    ) -> Parse<Parsed> {
        let span = left.expr.span().to(right.expr.span());
        if !matching.fill.is_empty() && !self.options.fill_modifiers {
            let message = "binop fill modifiers are experimental and not enabled";
            return Err(self.error(span, message));
        }
        let binary = Binary {
            op,
            lhs: left.expr,
            rhs: right.expr,
            matching: Some(*matching),
            return_bool,
            unquoted_utf8_names: self.options.unquoted_utf8_names,
            op_span,
            span,
        };
        self.node(left.depth.max(right.depth), Expr::Binary(binary))
    }

    fn signed_operand(&mut self) -> Parse<Parsed> {
        let Some(op) = self.peek_sign() else {
            let operand = self.operand()?;
            return self.modifiers(operand);
        };
        let start = self.advance().span.start;
        let operand = self.expr(UNARY_PRECEDENCE + 1)?;
        self.signed(op, start, operand)
    }

    fn signed(&self, op: UnaryOp, start: usize, operand: Parsed) -> Parse<Parsed> {
        let span = Span::new(start, operand.expr.span().end);
        if let Expr::Number(number) = *operand.expr {
            return Ok(Parsed::leaf(Expr::Number(NumberLiteral { span, ..signed(op, number) })));
        }
        self.node(operand.depth, Expr::Unary(Unary { op, expr: operand.expr, span }))
    }

    pub(super) fn peek_sign(&self) -> Option<UnaryOp> {
        match self.peek() {
            TokenKind::Operator(BinaryOp::Add) => Some(UnaryOp::Plus),
            TokenKind::Operator(BinaryOp::Sub) => Some(UnaryOp::Minus),
            _ => None,
        }
    }

    fn operand(&mut self) -> Parse<Parsed> {
        match self.peek() {
            TokenKind::LeftParen => self.paren(),
            TokenKind::Aggregator(op) if self.aggregation_follows() => self.aggregate(op),
            kind if self.is_call(kind) => self.call(),
            _ => self.leaf(),
        }
    }

    /// An operand without expressions in it.
    fn leaf(&mut self) -> Parse<Parsed> {
        let expr = match self.peek() {
            TokenKind::Number | TokenKind::Duration => Expr::Number(self.number_literal()?),
            TokenKind::String => {
                let token = self.advance();
                let value = self.unquoted(token)?;
                Expr::String(StringLiteral { value, span: token.span })
            }
            TokenKind::LeftBrace => Expr::Vector(self.vector_selector()?),
            kind if kind.is_metric_name() => Expr::Vector(self.vector_selector()?),
            _ => return Err(self.unexpected("", "")),
        };
        Ok(Parsed::leaf(expr))
    }

    fn is_call(&self, kind: TokenKind) -> bool {
        use Keyword::{End, MaxOf, MinOf, Range, Start, Step};
        let callable = matches!(
            kind,
            TokenKind::Identifier | TokenKind::Keyword(Start | End | Step | Range | MaxOf | MinOf)
        );
        callable && self.peek_second() == TokenKind::LeftParen
    }

    fn paren(&mut self) -> Parse<Parsed> {
        let start = self.advance().span.start;
        let inner = self.expr(0)?;
        self.expect(TokenKind::RightParen, "", "")?;
        let paren = Paren { expr: inner.expr, span: self.span_from(start) };
        self.node(inner.depth, Expr::Paren(paren))
    }

    /// The number or duration that comes next.
    pub(super) fn number_literal(&mut self) -> Parse<NumberLiteral> {
        let token = self.advance();
        let (span, text) = (token.span, self.text(token));
        let is_duration = token.kind == TokenKind::Duration;
        let value = if is_duration {
            parse_duration(text).map(nanos_to_seconds)
        } else {
            parse_number(text)
        };
        let value = value.map_err(|message| self.error(span, message))?;
        Ok(NumberLiteral { value, is_duration, span })
    }

    pub(super) fn unquoted(&self, token: Token) -> Parse<Text> {
        let text = self.text(token);
        let failed = || {
            let text = quote(text.as_bytes());
            self.error(token.span, format!("error unquoting string {text}: invalid syntax"))
        };
        unquote(text).map(Text::from).ok_or_else(failed)
    }
}

/// The literal with the sign folded in.
pub(super) fn signed(op: UnaryOp, mut number: NumberLiteral) -> NumberLiteral {
    if op == UnaryOp::Minus {
        number.value = -number.value;
    }
    number
}
