//! Byte classes and single-token scans shared by both text formats; no state of a document.

/// How a quoted string may look at one place of a grammar.
#[derive(Clone, Copy)]
pub(super) struct Quoting {
    pub(super) newline: bool,
    pub(super) nul: bool,
}

pub(super) fn is_label_start(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_'
}

pub(super) fn is_metric_start(b: u8) -> bool {
    is_label_start(b) || b == b':'
}

pub(super) fn is_blank(b: u8) -> bool {
    b == b' ' || b == b'\t'
}

/// End of the metric name that starts at `from`; equals `from` when there is none.
pub(super) fn metric_name(bytes: &[u8], from: usize) -> usize {
    identifier(bytes, from, is_metric_start)
}

/// End of the label name that starts at `from`; equals `from` when there is none.
pub(super) fn label_name(bytes: &[u8], from: usize) -> usize {
    identifier(bytes, from, is_label_start)
}

fn identifier(bytes: &[u8], from: usize, start: fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    if !rest.first().is_some_and(|b| start(*b)) {
        return from;
    }
    let inside = |b: &u8| start(*b) || b.is_ascii_digit();
    from + rest.iter().position(|b| !inside(b)).unwrap_or(rest.len())
}

/// End of the quoted string whose opening quote is at `from`, behind its closing quote.
/// A backslash takes any byte but a newline with it; `None` when the string does not end.
pub(super) fn quoted(bytes: &[u8], from: usize, allow: Quoting) -> Option<usize> {
    let mut at = from + 1;
    loop {
        match *bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => {
                at += 1;
                match *bytes.get(at)? {
                    b'\n' => return None,
                    0 if !allow.nul => return None,
                    _ => {}
                }
            }
            b'\n' if !allow.newline => return None,
            0 if !allow.nul => return None,
            _ => {}
        }
        at += 1;
    }
}

pub(super) fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|b| !is_blank(*b)).unwrap_or(rest.len())
}

/// End of the run of bytes from `from` that are none of `stops` and not NUL.
pub(super) fn until(bytes: &[u8], from: usize, stops: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|b| *b == 0 || stops.contains(b)).unwrap_or(rest.len())
}

/// Position of the next newline at or behind `from`, or the end of the bytes.
pub(super) fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + memchr::memchr(b'\n', rest).unwrap_or(rest.len())
}

/// Replaces `\\`, `\n` and, when `quotes` is set, `\"`; any other backslash stays as it is.
pub(super) fn unescape(text: &str, quotes: bool) -> std::borrow::Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let replaced = match (c, chars.peek()) {
            ('\\', Some('\\')) => Some('\\'),
            ('\\', Some('n')) => Some('\n'),
            ('\\', Some('"')) if quotes => Some('"'),
            _ => None,
        };
        if replaced.is_some() {
            chars.next();
        }
        out.push(replaced.unwrap_or(c));
    }
    out.into()
}
