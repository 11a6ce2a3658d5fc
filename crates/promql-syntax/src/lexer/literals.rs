//! Numbers, durations and strings: where they end, and which texts are none.

use super::{Lexer, Step, is_word};
use crate::token::TokenKind;

impl Lexer<'_> {
    pub(super) fn number_or_duration(&mut self) -> Step {
        if self.scan_number() {
            self.emit(TokenKind::Number);
            return Ok(());
        }
        if self.scan_rest_of_duration() {
            self.emit(TokenKind::Duration);
            return Ok(());
        }
        let found = crate::text::quote(&self.input.as_bytes()[self.start..self.pos]);
        Err(format!("bad number or duration syntax: {found}"))
    }

    /// Steps over a number; false if what follows the part read cannot be one. Whether the text
    /// means anything is decided when it is converted.
    fn scan_number(&mut self) -> bool {
        const DECIMAL: &[u8] = b"0123456789";
        const HEXADECIMAL: &[u8] = b"0123456789abcdefABCDEF";
        let hex = self.accept(b"0") && self.accept(b"xX");
        if hex {
            self.accept(b"_");
        }
        let digits = if hex { HEXADECIMAL } else { DECIMAL };
        self.accept(b".");
        self.accept(digits);
        let (mut dot, mut exponent) = (false, false);
        while let Some(byte) = self.peek() {
            match byte {
                b'.' => {
                    self.pos += 1;
                    if dot || self.accept(b"_.") || hex {
                        return false;
                    }
                    dot = true;
                }
                // Also for a hexadecimal digit, if it comes second: the reference does so.
                b'e' | b'E' => {
                    self.pos += 1;
                    if exponent {
                        return false;
                    }
                    self.accept(b"+-");
                    if self.accept(b"._eE") || self.peek().is_none() {
                        return false;
                    }
                    exponent = true;
                }
                b'_' => {
                    self.pos += 1;
                    if self.accept(b"._eE") || self.peek().is_none() {
                        return false;
                    }
                }
                _ if digits.contains(&byte) => self.accept_while(|byte| digits.contains(&byte)),
                _ => break,
            }
        }
        !self.peek().is_some_and(is_word)
    }

    /// Steps over the units, and further digits with units, behind the first number of a duration.
    fn scan_rest_of_duration(&mut self) -> bool {
        if !self.accept(b"smhdwy") {
            return false;
        }
        self.accept(b"s");
        while self.accept(b"0123456789") {
            self.accept_while(|byte| byte.is_ascii_digit());
            if !self.accept(b"smhdw") {
                return false;
            }
            self.accept(b"s");
        }
        // The letter behind belongs to the text that the error shows.
        let joined = self.peek().is_some_and(is_word);
        self.pos += usize::from(joined);
        !joined
    }

    /// A string in the kind of quotes it starts with; backquotes take everything literally.
    pub(super) fn string(&mut self, quote: u8) -> Step {
        let raw = quote == b'`';
        self.pos += 1;
        loop {
            let Some(c) = self.rest().chars().next() else {
                let what = if raw { "raw" } else { "quoted" };
                return Err(format!("unterminated {what} string"));
            };
            self.pos += c.len_utf8();
            match c {
                char::REPLACEMENT_CHARACTER => return Err("invalid UTF-8 rune".into()),
                '\n' if !raw => return Err("unterminated quoted string".into()),
                '\\' if !raw => self.escape(quote)?,
                _ if c == char::from(quote) => break,
                _ => {}
            }
        }
        self.emit(TokenKind::String);
        Ok(())
    }

    /// Checks the escape sequence behind a backslash.
    fn escape(&mut self, quote: u8) -> Step {
        let Some(kind) = self.rest().chars().next() else {
            return Err("escape sequence not terminated".into());
        };
        let (digits, base, max) = match kind {
            'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\' => return self.step_over(kind),
            _ if kind == char::from(quote) => return self.step_over(kind),
            '0'..='7' => (3, 8, 255),
            'x' => (2, 16, 255),
            'u' => (4, 16, u32::from(char::MAX)),
            'U' => (8, 16, u32::from(char::MAX)),
            _ => return Err(format!("unknown escape sequence {}", code_point(kind))),
        };
        if base == 16 {
            self.step_over(kind)?;
        }
        let mut value: u32 = 0;
        for _ in 0..digits {
            let Some(c) = self.rest().chars().next() else {
                return Err("escape sequence not terminated".into());
            };
            let Some(digit) = c.to_digit(base) else {
                let c = code_point(c);
                return Err(format!("illegal character {c} in escape sequence"));
            };
            value = value * base + digit;
            self.step_over(c)?;
        }
        if value > max || (0xD800..0xE000).contains(&value) {
            return Err("escape sequence is an invalid Unicode code point".into());
        }
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "ends match arms that return a step")]
    fn step_over(&mut self, c: char) -> Step {
        self.pos += c.len_utf8();
        Ok(())
    }
}

/// `U+002E '.'`
fn code_point(c: char) -> String {
    format!("U+{:04X} '{c}'", u32::from(c))
}
