//! Function calls and aggregations.

use super::{Parse, Parsed, Parser};
use crate::ast::{Aggregate, Call, Expr};
use crate::functions::Function;
use crate::ops::AggregateOp;
use crate::token::{Keyword, TokenKind};

impl Parser<'_> {
    pub(super) fn call(&mut self) -> Parse<Parsed> {
        let token = self.advance();
        let name = self.text(token);
        let (args, depth) = self.args()?;
        let Some(function) = Function::named(name) else {
            return Err(self.error(token.span, format!("unknown function with name {name:?}")));
        };
        if function.experimental && !self.options.experimental_functions {
            return Err(self.error(token.span, format!("function {name:?} is not enabled")));
        }
        let span = self.span_from(token.span.start);
        self.node(depth, Expr::Call(Call { function, args, span }))
    }

    /// `(a, b)`, and the depth of the deepest of them.
    fn args(&mut self) -> Parse<(Vec<Expr>, usize)> {
        self.expect(TokenKind::LeftParen, "", "")?;
        let (mut args, mut depth) = (Vec::new(), 0);
        if self.eat(TokenKind::RightParen) {
            return Ok((args, depth));
        }
        loop {
            let arg = self.expr(0)?;
            depth = depth.max(arg.depth);
            args.push(*arg.expr);
            let comma = self.peek_token();
            if !self.eat(TokenKind::Comma) {
                self.expect(TokenKind::RightParen, "", "")?;
                return Ok((args, depth));
            }
            if !self.peek().starts_operand() {
                let message = "trailing commas not allowed in function call args";
                return Err(self.error(comma.span, message));
            }
        }
    }

    /// Whether the aggregation operator that comes next is one, and not the name of a metric.
    pub(super) fn aggregation_follows(&self) -> bool {
        use Keyword::{Anchored, Offset, Smoothed};
        !matches!(
            self.peek_second(),
            TokenKind::End
                | TokenKind::Operator(_)
                | TokenKind::Comma
                | TokenKind::RightParen
                | TokenKind::LeftBrace
                | TokenKind::LeftBracket
                | TokenKind::At
                | TokenKind::Keyword(Anchored | Offset | Smoothed)
        )
    }

    pub(super) fn aggregate(&mut self, op: AggregateOp) -> Parse<Parsed> {
        let start = self.advance().span.start;
        let before = self.grouping_clause()?;
        if self.peek() != TokenKind::LeftParen {
            let context = if before.is_some() { "aggregation" } else { "" };
            return Err(self.unexpected(context, ""));
        }
        self.open_aggregations += 1;
        let (mut args, depth) = self.args()?;
        self.open_aggregations -= 1;
        let clause = match before {
            Some(clause) => Some(clause),
            None => self.grouping_clause()?,
        };
        let (without, grouping) = clause.unwrap_or_default();
        let span = self.span_from(start);
        if args.is_empty() {
            return Err(self.error(span, "no arguments for aggregate expression provided"));
        }
        if op.is_experimental() && !self.options.experimental_functions {
            return Err(self.error(
                span,
                format!(
                    "{op}() is experimental and must be enabled with \
                     --enable-feature=promql-experimental-functions"
                ),
            ));
        }
        let wanted = 1 + usize::from(op.takes_param());
        let got = args.len();
        let (Some(expr), true) = (args.pop(), got == wanted) else {
            let message = format!(
                "wrong number of arguments for aggregate expression provided, \
                 expected {wanted}, got {got}"
            );
            return Err(self.error(span, message));
        };
        let (expr, param) = (Box::new(expr), args.pop().map(Box::new));
        let unquoted_utf8_names = self.options.unquoted_utf8_names;
        let aggregate = Aggregate { op, expr, param, grouping, without, unquoted_utf8_names, span };
        self.node(depth, Expr::Aggregate(aggregate))
    }

    /// `by (…)` or, with true, `without (…)`.
    fn grouping_clause(&mut self) -> Parse<Option<(bool, Vec<String>)>> {
        let without = self.eat_keyword(Keyword::Without);
        if without || self.eat_keyword(Keyword::By) {
            return Ok(Some((without, self.grouping_labels()?)));
        }
        Ok(None)
    }
}
