//! Recursive descent over the tokens, with binding strengths for operators. The first error ends
//! the parse. Files beside this one hold one part of the grammar each.
//!
//! Source: Prometheus 3.16, `promql/parser/generated_parser.y`. Modifiers (`[…]`, `offset`, `@`,
//! `anchored`, `smoothed`) bind tighter than any operator there, and so they do here.

mod duration;
mod expr;
mod invocation;
mod matching;
mod modifiers;
mod selector;

use crate::ast::{Expr, LabelMatcher, Span};
use crate::check::check;
use crate::error::ParseError;
use crate::lexer::lex;
use crate::options::ParseOptions;
use crate::token::{Keyword, Token, TokenKind, describe};

/// Boxed, as are the expressions: the parser recurses, so what it returns must be small.
type Parse<T> = Result<T, Box<ParseError>>;

/// Parses and type-checks a query. Cost: linear in its length, plus compiling its regular
/// expressions once. Errors: the first place where it is not PromQL, or a limit of `options`.
pub fn parse(query: &str, options: &ParseOptions) -> Result<Expr, ParseError> {
    let mut expr = parse_syntax(query, options).map_err(|error| *error)?;
    check(query, &mut expr)?;
    Ok(expr)
}

fn parse_syntax(query: &str, options: &ParseOptions) -> Parse<Expr> {
    let mut parser = Parser::new(query, options)?;
    if parser.peek() == TokenKind::End {
        return Err(parser.error(Span::default(), "no expression found in input"));
    }
    let expr = parser.expr(0)?.expr;
    if parser.peek() != TokenKind::End {
        return Err(parser.unexpected("", ""));
    }
    Ok(*expr)
}

/// Parses a selector alone, such as `up{job="a"}`, as `match[]` takes it: no modifiers, and the
/// matchers may all accept the empty string.
pub fn parse_selector(
    query: &str,
    options: &ParseOptions,
) -> Result<Vec<LabelMatcher>, ParseError> {
    parse_selector_syntax(query, options).map_err(|error| *error)
}

fn parse_selector_syntax(query: &str, options: &ParseOptions) -> Parse<Vec<LabelMatcher>> {
    let mut parser = Parser::new(query, options)?;
    if !(parser.peek().is_metric_name() || parser.peek() == TokenKind::LeftBrace) {
        return Err(parser.unexpected("", ""));
    }
    let selector = parser.vector_selector()?;
    if parser.peek() != TokenKind::End {
        return Err(parser.unexpected("", ""));
    }
    Ok(selector.matchers)
}

struct Parser<'a> {
    query: &'a str,
    options: &'a ParseOptions,
    tokens: Vec<Token>,
    /// The token that comes next.
    index: usize,
    lex_error: Option<(Span, String)>,
    /// Calls of [`Parser::expr`] and [`Parser::duration_expr`] that have not returned.
    nesting: usize,
    /// Aggregations whose arguments are being read; error messages mention it.
    open_aggregations: usize,
}

/// A finished part of the tree and its depth, which the limit is about.
struct Parsed {
    expr: Box<Expr>,
    depth: usize,
}

impl Parsed {
    fn leaf(expr: Expr) -> Self {
        Self { expr: Box::new(expr), depth: 1 }
    }
}

impl<'a> Parser<'a> {
    fn new(query: &'a str, options: &'a ParseOptions) -> Parse<Self> {
        if query.len() > options.length_max {
            let message = format!(
                "query of {} bytes is longer than the limit of {} bytes",
                query.len(),
                options.length_max
            );
            return Err(Box::new(ParseError::new(query, Span::default(), message)));
        }
        let mut lexed = lex(query, options.unquoted_utf8_names);
        if let Some((span, _)) = &lexed.error {
            lexed.tokens.push(Token { kind: TokenKind::Invalid, span: *span });
        }
        Ok(Self {
            query,
            options,
            tokens: lexed.tokens,
            index: 0,
            lex_error: lexed.error,
            nesting: 0,
            open_aggregations: 0,
        })
    }

    fn peek(&self) -> TokenKind {
        self.peek_token().kind
    }

    fn peek_second(&self) -> TokenKind {
        self.tokens.get(self.index + 1).map_or(TokenKind::End, |token| token.kind)
    }

    fn peek_token(&self) -> Token {
        let last = self.tokens.last().expect("the lexer ends in End, a failed one in Invalid");
        *self.tokens.get(self.index).unwrap_or(last)
    }

    fn advance(&mut self) -> Token {
        let token = self.peek_token();
        self.index += 1;
        token
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.peek() == kind;
        self.index += usize::from(found);
        found
    }

    fn eat_keyword(&mut self, keyword: Keyword) -> bool {
        self.eat(TokenKind::Keyword(keyword))
    }

    fn expect(&mut self, kind: TokenKind, context: &str, expected: &str) -> Parse<Token> {
        if self.peek() == kind {
            return Ok(self.advance());
        }
        Err(self.unexpected(context, expected))
    }

    fn text(&self, token: Token) -> &'a str {
        &self.query[token.span.start..token.span.end]
    }

    /// The span from `start` to the end of the token before this one.
    fn span_from(&self, start: usize) -> Span {
        let last = self.index.checked_sub(1).and_then(|index| self.tokens.get(index));
        Span::new(start, last.map_or(start, |token| token.span.end))
    }

    #[expect(clippy::unnecessary_box_returns, reason = "goes into a boxed result")]
    fn error(&self, span: Span, message: impl Into<String>) -> Box<ParseError> {
        Box::new(ParseError::new(self.query, span, message))
    }

    /// Complains about the next token.
    #[expect(clippy::unnecessary_box_returns, reason = "goes into a boxed result")]
    fn unexpected(&self, context: &str, expected: &str) -> Box<ParseError> {
        let token = self.peek_token();
        if let (TokenKind::Invalid, Some((span, message))) = (token.kind, &self.lex_error) {
            return self.error(*span, message.clone());
        }
        let mut message = format!("unexpected {}", describe(token.kind, self.text(token)));
        let context = match context {
            "" if self.open_aggregations > 0 => "aggregation",
            context => context,
        };
        for (before, part) in [(" in ", context), (", expected ", expected)] {
            if !part.is_empty() {
                message.push_str(before);
                message.push_str(part);
            }
        }
        self.error(token.span, message)
    }

    /// Enters a level of recursion; the caller leaves it with `self.nesting -= 1`.
    fn enter(&mut self) -> Parse<()> {
        self.nesting += 1;
        self.check_depth(self.nesting, self.peek_token().span)
    }

    fn check_depth(&self, depth: usize, span: Span) -> Parse<()> {
        if depth <= self.options.depth_max {
            return Ok(());
        }
        let max = self.options.depth_max;
        Err(self.error(span, format!("expression is nested deeper than the limit of {max} levels")))
    }

    /// A node over children of which the deepest has `depth` levels.
    fn node(&self, depth: usize, expr: Expr) -> Parse<Parsed> {
        self.check_depth(depth + 1, expr.span())?;
        Ok(Parsed { expr: Box::new(expr), depth: depth + 1 })
    }
}
