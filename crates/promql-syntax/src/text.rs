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
