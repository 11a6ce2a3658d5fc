//! Splits a query into tokens. What a character means depends on where it stands: inside braces
//! there are no keywords, inside brackets only durations and their arithmetic.
//!
//! Source: Prometheus 3.16, `promql/parser/lex.go`, whose oddities decide which texts are PromQL.

use crate::ast::Span;
use crate::names::{continues_name, starts_name};
use crate::ops::BinaryOp;
use crate::text::quote_char;
use crate::token::{Keyword, Token, TokenKind};

/// The tokens up to the end, or up to the first text that is none.
#[derive(Debug)]
pub(crate) struct Lexed {
    /// Ends in a [`TokenKind::End`] if there is no error.
    pub(crate) tokens: Vec<Token>,
    pub(crate) error: Option<(Span, String)>,
}

/// With `utf8_names`, names are what `ParseOptions::unquoted_utf8_names` says.
pub(crate) fn lex(input: &str, utf8_names: bool) -> Lexed {
    let mut lexer = Lexer::new(input, utf8_names);
    let error = match lexer.run() {
        Ok(()) => None,
        Err(message) => Some((Span::new(lexer.start, input.len()), message)),
    };
    Lexed { tokens: lexer.tokens, error }
}

struct Lexer<'a> {
    input: &'a str,
    utf8_names: bool,
    pos: usize,
    /// Where the token being read starts.
    start: usize,
    tokens: Vec<Token>,
    mode: Mode,
    open_parens: usize,
    /// Some while a bracket is open.
    bracket: Option<Bracket>,
}

/// What has been seen since a bracket was opened.
#[derive(Clone, Copy, Default)]
struct Bracket {
    colon: bool,
    /// A number or a word of a duration.
    duration: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Statement,
    Braces,
    /// Right after `[`, until the first number.
    Duration,
}

type Step = Result<(), String>;

impl<'a> Lexer<'a> {
    fn new(input: &'a str, utf8_names: bool) -> Self {
        Self {
            input,
            utf8_names,
            pos: 0,
            start: 0,
            tokens: Vec::new(),
            mode: Mode::Statement,
            open_parens: 0,
            bracket: None,
        }
    }

    fn run(&mut self) -> Step {
        loop {
            self.start = self.pos;
            let first = self.peek();
            match (first, self.mode) {
                (None, Mode::Braces) => {
                    return Err("unexpected end of input inside braces".into());
                }
                (None, Mode::Duration) => {
                    return Err("unexpected end of input in duration expression".into());
                }
                (None, Mode::Statement) => return self.end(),
                (Some(b' ' | b'\t' | b'\n' | b'\r'), _) => self.pos += 1,
                (Some(b'#'), Mode::Statement | Mode::Braces) => self.skip_comment(),
                (Some(byte), Mode::Statement) => self.statement(byte)?,
                (Some(byte), Mode::Braces) => self.inside_braces(byte)?,
                (Some(byte), Mode::Duration) => self.duration_expr(byte)?,
            }
        }
    }

    fn end(&mut self) -> Step {
        if self.open_parens > 0 {
            return Err("unclosed left parenthesis".into());
        }
        if self.bracket.is_some() {
            return Err("unclosed left bracket".into());
        }
        self.emit(TokenKind::End);
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.input.as_bytes().get(self.pos).copied()
    }

    fn peek_second(&self) -> Option<u8> {
        self.input.as_bytes().get(self.pos + 1).copied()
    }

    fn rest(&self) -> &'a str {
        &self.input[self.pos..]
    }

    /// Steps over the next byte if it is one of `set`.
    fn accept(&mut self, set: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| set.contains(&byte));
        self.pos += usize::from(found);
        found
    }

    fn accept_while(&mut self, set: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&set) {
            self.pos += 1;
        }
    }

    /// Whether a name starts here.
    fn name_starts(&self) -> bool {
        self.rest().chars().next().is_some_and(|c| starts_name(c, self.utf8_names))
    }

    /// Steps over the rest of a name; that of a metric may have colons.
    fn accept_name(&mut self, colons: bool) {
        let utf8 = self.utf8_names;
        let is_end = |c: char| !(continues_name(c, utf8) || colons && c == ':');
        let rest = self.rest();
        self.pos += rest.find(is_end).unwrap_or(rest.len());
    }

    fn emit(&mut self, kind: TokenKind) {
        self.tokens.push(Token { kind, span: Span::new(self.start, self.pos) });
        self.start = self.pos;
    }

    /// Emits a token of `length` bytes.
    fn take(&mut self, length: usize, kind: TokenKind) {
        self.pos += length;
        self.emit(kind);
    }

    /// Steps over what an error is about: the reference places some errors behind it.
    fn step_past(&mut self, length: usize) {
        self.pos += length;
        self.start = self.pos;
    }

    /// The character at `offset` bytes from here in quotes, for an error message.
    fn quoted(&self, offset: usize) -> String {
        let found = self.rest().get(offset..).and_then(|rest| rest.chars().next());
        quote_char(found.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn skip_comment(&mut self) {
        self.accept_while(|byte| byte != b'\n' && byte != b'\r');
    }

    fn statement(&mut self, byte: u8) -> Step {
        if let Some((length, op)) = operator(byte, self.peek_second()) {
            self.take(length, TokenKind::Operator(op));
            return Ok(());
        }
        match byte {
            b',' => self.take(1, TokenKind::Comma),
            b'@' => self.take(1, TokenKind::At),
            b'=' if self.peek_second() == Some(b'~') => {
                return Err("unexpected character after '=': '~'".into());
            }
            b'=' => self.take(1, TokenKind::Assign),
            b'!' => return Err(format!("unexpected character after '!': {}", self.quoted(1))),
            b'0'..=b'9' => return self.number_or_duration(),
            b'.' if self.peek_second().is_some_and(|next| next.is_ascii_digit()) => {
                return self.number_or_duration();
            }
            b'"' | b'\'' | b'`' => return self.string(byte),
            b'(' | b')' => return self.paren(byte),
            b'{' => {
                self.take(1, TokenKind::LeftBrace);
                self.mode = Mode::Braces;
            }
            b'[' if self.bracket.is_some() => return Err("unexpected left bracket '['".into()),
            b'[' => {
                self.take(1, TokenKind::LeftBracket);
                self.bracket = Some(Bracket::default());
                self.mode = Mode::Duration;
            }
            b']' if self.bracket.is_none() => return Err("unexpected right bracket ']'".into()),
            b']' => {
                self.take(1, TokenKind::RightBracket);
                self.bracket = None;
            }
            _ if byte == b':' || self.name_starts() => return self.word(byte),
            _ => return Err(format!("unexpected character: {}", self.quoted(0))),
        }
        Ok(())
    }

    fn inside_braces(&mut self, byte: u8) -> Step {
        match (byte, self.peek_second()) {
            (b',', _) => self.take(1, TokenKind::Comma),
            (b'"' | b'\'' | b'`', _) => return self.string(byte),
            (b'=', Some(b'~')) => self.take(2, TokenKind::MatchRegex),
            (b'=', _) => self.take(1, TokenKind::Assign),
            (b'!', Some(b'~')) => self.take(2, TokenKind::NotMatchRegex),
            (b'!', Some(b'=')) => self.take(2, TokenKind::Operator(BinaryOp::Ne)),
            (b'!', _) => {
                let found = self.quoted(1);
                return Err(format!("unexpected character after '!' inside braces: {found}"));
            }
            (b'{', _) => return Err("unexpected left brace '{'".into()),
            (b'}', _) => {
                self.take(1, TokenKind::RightBrace);
                self.mode = Mode::Statement;
            }
            _ if self.name_starts() => {
                self.accept_name(false);
                self.emit(TokenKind::Identifier);
            }
            _ => return Err(format!("unexpected character inside braces: {}", self.quoted(0))),
        }
        Ok(())
    }

    fn duration_expr(&mut self, byte: u8) -> Step {
        let operator = match byte {
            b'+' => BinaryOp::Add,
            b'-' => BinaryOp::Sub,
            b'*' => BinaryOp::Mul,
            b'/' => BinaryOp::Div,
            b'%' => BinaryOp::Mod,
            b'^' => BinaryOp::Pow,
            _ => return self.duration_operand(byte),
        };
        self.take(1, TokenKind::Operator(operator));
        Ok(())
    }

    fn duration_operand(&mut self, byte: u8) -> Step {
        match byte {
            b']' => {
                self.take(1, TokenKind::RightBracket);
                self.bracket = None;
                self.mode = Mode::Statement;
            }
            b':' => {
                let seen = self.bracket.get_or_insert_default();
                if !seen.duration {
                    self.step_past(1);
                    return Err("unexpected colon before duration in duration expression".into());
                }
                if seen.colon {
                    self.step_past(1);
                    return Err("unexpected repeated colon in duration expression".into());
                }
                seen.colon = true;
                self.take(1, TokenKind::Colon);
            }
            b'(' | b')' => return self.paren(byte),
            b',' => self.take(1, TokenKind::Comma),
            _ if byte.is_ascii_digit()
                || byte == b'.' && self.peek_second().is_some_and(|next| next.is_ascii_digit()) =>
            {
                self.bracket.get_or_insert_default().duration = true;
                self.mode = Mode::Statement;
                return self.number_or_duration();
            }
            _ if self.duration_word() => self.bracket.get_or_insert_default().duration = true,
            _ => {
                let found = self.quoted(0);
                return Err(format!("unexpected character in duration expression: {found}"));
            }
        }
        Ok(())
    }

    fn paren(&mut self, byte: u8) -> Step {
        if byte == b'(' {
            self.take(1, TokenKind::LeftParen);
            self.open_parens += 1;
            return Ok(());
        }
        let Some(open) = self.open_parens.checked_sub(1) else {
            self.step_past(1);
            return Err("unexpected right parenthesis ')'".into());
        };
        self.open_parens = open;
        self.take(1, TokenKind::RightParen);
        Ok(())
    }

    /// A keyword or identifier outside of braces.
    fn word(&mut self, byte: u8) -> Step {
        use Keyword::{Fill, FillLeft, FillRight};
        if self.bracket.is_some() {
            return self.word_in_brackets(byte);
        }
        self.accept_name(true);
        let word = &self.input[self.start..self.pos];
        let kind = match TokenKind::of_word(word) {
            // These came late to the language: without arguments they stay metric names.
            Some(TokenKind::Keyword(Fill | FillLeft | FillRight)) if !self.paren_follows() => {
                TokenKind::Identifier
            }
            Some(kind) => kind,
            None if word.contains(':') => TokenKind::MetricIdentifier,
            None => TokenKind::Identifier,
        };
        self.emit(kind);
        Ok(())
    }

    fn paren_follows(&self) -> bool {
        self.rest().trim_start_matches([' ', '\t', '\n', '\r']).starts_with('(')
    }

    /// A colon or a word after the first number inside brackets.
    fn word_in_brackets(&mut self, byte: u8) -> Step {
        if byte == b':' {
            let seen = self.bracket.get_or_insert_default();
            if seen.colon {
                return Err("unexpected colon ':'".into());
            }
            seen.colon = true;
            self.take(1, TokenKind::Colon);
            return Ok(());
        }
        let found = self.quoted(0);
        if self.duration_word() {
            return Ok(());
        }
        Err(format!("unexpected character: {found}, expected ':'"))
    }

    /// Reads `step`, `range`, `max_of` or `min_of`; otherwise stays where it is.
    fn duration_word(&mut self) -> bool {
        self.accept_while(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        match TokenKind::of_word(&self.input[self.start..self.pos]) {
            Some(kind) if kind.is_duration_word() => {
                self.emit(kind);
                true
            }
            _ => {
                self.pos = self.start;
                false
            }
        }
    }
}

/// The operator written with punctuation at `byte`, and its length.
fn operator(byte: u8, next: Option<u8>) -> Option<(usize, BinaryOp)> {
    Some(match (byte, next) {
        (b'*', _) => (1, BinaryOp::Mul),
        (b'/', _) => (1, BinaryOp::Div),
        (b'%', _) => (1, BinaryOp::Mod),
        (b'+', _) => (1, BinaryOp::Add),
        (b'-', _) => (1, BinaryOp::Sub),
        (b'^', _) => (1, BinaryOp::Pow),
        (b'=', Some(b'=')) => (2, BinaryOp::Eq),
        (b'!', Some(b'=')) => (2, BinaryOp::Ne),
        (b'<', Some(b'=')) => (2, BinaryOp::Le),
        (b'<', Some(b'/')) => (2, BinaryOp::TrimUpper),
        (b'<', _) => (1, BinaryOp::Lt),
        (b'>', Some(b'=')) => (2, BinaryOp::Ge),
        (b'>', Some(b'/')) => (2, BinaryOp::TrimLower),
        (b'>', _) => (1, BinaryOp::Gt),
        _ => return None,
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

mod literals;

#[cfg(test)]
mod tests;
