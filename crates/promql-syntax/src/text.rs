//! Strings of a query: bytes that are nearly always UTF-8, and Go-style quoting of them.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// The bytes of a PromQL string. Escapes such as `"\xff"` can make them something else than UTF-8,
/// which the language allows and the printer must give back.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Text(Box<[u8]>);

impl Text {
    /// The text, unless its bytes are not UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with U+FFFD for whatever is not UTF-8.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quote(self.as_bytes()))
    }
}

/// `bytes` as a double-quoted string: printable characters as they are, the rest escaped, bytes
/// that are not UTF-8 as `\x..`.
pub fn quote(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|c| push_escaped(&mut out, c));
        chunk.invalid().iter().for_each(|byte| push_hex(&mut out, 'x', 2, u32::from(*byte)));
    }
    out.push('"');
    out
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '"' | '\\' => out.extend(['\\', c]),
        ' '..='~' => out.push(c),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        '\0'..='\u{1f}' | '\u{7f}' => push_hex(out, 'x', 2, u32::from(c)),
        c if is_printable(c) => out.push(c),
        c if u32::from(c) < 0x1_0000 => push_hex(out, 'u', 4, u32::from(c)),
        c => push_hex(out, 'U', 8, u32::from(c)),
    }
}

fn push_hex(out: &mut String, kind: char, digits: usize, value: u32) {
    write!(out, "\\{kind}{value:0digits$x}").expect("writing to a string cannot fail");
}

/// Letters, marks, numbers, punctuation and symbols. The standard library keeps its table of these
/// private but shows it through `escape_debug`; the leading letter is there because a combining
/// mark at the beginning of a string is escaped, too.
fn is_printable(c: char) -> bool {
    let mut shown = String::from("a");
    shown.push(c);
    shown.escape_debug().eq(shown.chars())
}

/// `c` in single quotes, escaped where it cannot be shown.
pub(crate) fn quote_char(c: char) -> String {
    let mut out = String::from("'");
    match c {
        '\'' => out.push_str("\\'"),
        '"' => out.push('"'),
        _ => push_escaped(&mut out, c),
    }
    out.push('\'');
    out
}

/// The bytes a string token stands for. Shape: `token` includes its quotes and came out of the
/// lexer, which has checked every escape; None if it did not.
pub(crate) fn unquote(token: &str) -> Option<Vec<u8>> {
    let quote = token.chars().next()?;
    let inner = token.strip_prefix(quote)?.strip_suffix(quote)?;
    if quote == '`' || !inner.contains('\\') {
        return Some(inner.into());
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((before, escape)) = rest.split_once('\\') {
        out.extend_from_slice(before.as_bytes());
        let kind = escape.chars().next()?;
        // Digits start right after the letter; an octal escape has no letter.
        let (from, digits, base) = match kind {
            '0'..='7' => (0, 3, 8),
            'x' => (1, 2, 16),
            'u' => (1, 4, 16),
            'U' => (1, 8, 16),
            _ => {
                out.push(single_escape(kind)?);
                rest = &escape[1..];
                continue;
            }
        };
        let value = u32::from_str_radix(escape.get(from..from + digits)?, base).ok()?;
        if matches!(kind, 'u' | 'U') {
            out.extend_from_slice(char::from_u32(value)?.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            out.push(u8::try_from(value).ok()?);
        }
        rest = &escape[from + digits..];
    }
    out.extend_from_slice(rest.as_bytes());
    Some(out)
}

fn single_escape(kind: char) -> Option<u8> {
    Some(match kind {
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0c,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 0x0b,
        '\\' | '\'' | '"' => u8::try_from(kind).ok()?,
        _ => return None,
    })
}
