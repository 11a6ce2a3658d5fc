//! Regular expressions of the RE2 dialect, which Prometheus, Loki and Alertmanager take, on the
//! engine of the `regex` crate, whose dialect differs: there `{` must be escaped, `\d` means every
//! script's digits, `[` nests inside classes, `a**` is allowed, and some escapes are missing or
//! mean something else.
//!
//! Source: Go's `regexp/syntax` with Perl flags; the messages are those of that package.

use std::fmt::Write as _;

use regex::Regex;

use crate::matcher::InvalidRegex;

/// Upper bound of a compiled expression's program, so a hostile pattern is an error, not memory.
const REGEX_BYTES_MAX: usize = 8 << 20;
/// Upper bound of a counted repetition, as in RE2.
const REPEAT_MAX: u32 = 1000;

/// Compiles `pattern` to match a whole text; `.` matches newlines.
pub fn compile_anchored(pattern: &str) -> Result<Regex, InvalidRegex> {
    compile_within(pattern, REGEX_BYTES_MAX)
}

/// The same, with another bound of the program.
pub(crate) fn compile_within(pattern: &str, bytes_max: usize) -> Result<Regex, InvalidRegex> {
    let failed = |message: String| InvalidRegex { pattern: pattern.to_owned(), message };
    let translated = translate(pattern).map_err(failed)?;
    regex::RegexBuilder::new(&format!("^(?s:{translated})$"))
        .size_limit(bytes_max)
        .build()
        .map_err(|error| failed(reason(&error)))
}

/// The last line of the library's multi-line drawing is the reason in words.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// `pattern` in the dialect of the `regex` crate. Errors: what is wrong with it, where that crate
/// would not notice.
fn translate(pattern: &str) -> Result<String, String> {
    let mut translator = Translator { rest: pattern, out: String::with_capacity(pattern.len()) };
    translator.run()?;
    Ok(translator.out)
}

struct Translator<'a> {
    rest: &'a str,
    out: String,
}

type Step = Result<(), String>;

impl Translator<'_> {
    fn run(&mut self) -> Step {
        let mut open_groups = 0_usize;
        // Whether what was read last is a repetition, which may not be repeated again.
        let mut repeated = false;
        while let Some(c) = self.next() {
            let repeats = match c {
                '*' | '+' | '?' => Some(c.to_string()),
                '{' => self.counted_repetition()?,
                _ => None,
            };
            if let Some(operator) = repeats {
                if repeated {
                    return Err("invalid nested repetition operator".into());
                }
                repeated = true;
                self.out.push_str(&operator);
                if self.accept('?') {
                    self.out.push('?');
                }
                continue;
            }
            repeated = false;
            match c {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => {
                    open_groups += 1;
                    self.group()?;
                }
                ')' => {
                    open_groups = open_groups.checked_sub(1).ok_or("unexpected )")?;
                    self.out.push(')');
                }
                '{' | '}' | ']' => self.literal(c),
                _ => self.out.push(c),
            }
        }
        if open_groups > 0 {
            return Err("missing closing )".into());
        }
        Ok(())
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn accept(&mut self, c: char) -> bool {
        let found = self.rest.strip_prefix(c);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn push_code_point(&mut self, value: u32) {
        write!(self.out, "\\x{{{value:x}}}").expect("writing to a string cannot fail");
    }

    /// A character that stands for itself.
    fn literal(&mut self, c: char) {
        if c.is_ascii_punctuation() {
            self.push_code_point(u32::from(c));
        } else {
            self.out.push(c);
        }
    }

    /// What follows a brace, if it is a count such as `{2,3}`; the brace is a literal otherwise.
    fn counted_repetition(&mut self) -> Result<Option<String>, String> {
        let Some((count, behind)) = self.rest.split_once('}') else { return Ok(None) };
        let number = |text: &str| -> Option<u32> {
            let plain = text.len() == 1 || !text.starts_with('0');
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            (plain && digits).then(|| text.parse().unwrap_or(u32::MAX))
        };
        let bounds = match count.split_once(',') {
            None => number(count).map(|min| (min, Some(min))),
            Some((min, "")) => number(min).map(|min| (min, None)),
            Some((min, max)) => number(min).zip(number(max).map(Some)),
        };
        let Some((min, max)) = bounds else { return Ok(None) };
        if min > REPEAT_MAX || max.is_some_and(|max| max > REPEAT_MAX || max < min) {
            return Err("invalid repeat count".into());
        }
        self.rest = behind;
        Ok(Some(format!("{{{count}}}")))
    }

    /// What follows an opening parenthesis: flags or a name.
    fn group(&mut self) -> Step {
        self.out.push('(');
        if !self.accept('?') {
            return Ok(());
        }
        self.out.push('?');
        let flags = self.rest.find(|c: char| !"imsU-".contains(c)).unwrap_or(self.rest.len());
        let (flags, behind) = self.rest.split_at(flags);
        if !behind.starts_with([':', ')', 'P', '<']) {
            return Err("invalid or unsupported Perl syntax".into());
        }
        self.out.push_str(flags);
        self.rest = behind;
        // `(?i)` has no group to close; leave the parenthesis to the caller's count.
        Ok(())
    }

    /// What follows a backslash outside of a class.
    fn escape(&mut self) -> Step {
        let before = self.rest;
        let Some(c) = self.next() else {
            return Err("trailing backslash at end of expression".into());
        };
        match c {
            'A' | 'z' => self.out.extend(['\\', c]),
            'b' => self.out.push_str("(?-u:\\b)"),
            // Of Unicode words: the ASCII form could match inside of a character.
            'B' => self.out.push_str("\\B"),
            'Q' => {
                // Without its end it would swallow the anchor behind the pattern.
                let (literal, behind) = self.rest.split_once("\\E").ok_or("missing closing )")?;
                self.rest = behind;
                literal.chars().for_each(|c| self.literal(c));
            }
            'p' | 'P' => self.unicode_class(c)?,
            'd' | 'D' | 'w' | 'W' | 's' | 'S' => {
                let caret = if c.is_uppercase() { "^" } else { "" };
                let members = perl_class(c);
                write!(self.out, "[{caret}{members}]").expect("writing to a string cannot fail");
            }
            _ => {
                self.rest = before;
                let value = self.escaped_char()?;
                self.push_code_point(value);
            }
        }
        Ok(())
    }

    /// The character an escape sequence stands for; the backslash has been read.
    fn escaped_char(&mut self) -> Result<u32, String> {
        const INVALID: &str = "invalid escape sequence";
        let c = self.next().ok_or("trailing backslash at end of expression")?;
        Ok(match c {
            'a' => 0x07,
            'f' => 0x0c,
            'n' => 0x0a,
            'r' => 0x0d,
            't' => 0x09,
            'v' => 0x0b,
            'x' => return self.hexadecimal().ok_or_else(|| INVALID.into()),
            // One digit alone would be a reference to a group.
            '1'..='7' if !self.rest.starts_with(|c: char| c.is_digit(8)) => {
                return Err(INVALID.into());
            }
            '0'..='7' => {
                let more = self.rest.bytes().take(2).take_while(|b| (b'0'..=b'7').contains(b));
                let (digits, behind) = self.rest.split_at(more.count());
                self.rest = behind;
                let value = u32::from(c) - u32::from('0');
                digits.bytes().fold(value, |value, digit| value * 8 + u32::from(digit - b'0'))
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => u32::from(c),
            _ => return Err(INVALID.into()),
        })
    }

    /// `7F` or `{10FFFF}`.
    fn hexadecimal(&mut self) -> Option<u32> {
        let (digits, behind) = match self.rest.strip_prefix('{') {
            Some(rest) => rest.split_once('}')?,
            None => self.rest.split_at_checked(2)?,
        };
        self.rest = behind;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u32::from_str_radix(digits, 16).ok().filter(|value| char::from_u32(*value).is_some())
    }

    /// What follows `\p` or `\P`: one letter, or a name in braces, which `^` may negate.
    fn unicode_class(&mut self, kind: char) -> Step {
        const INVALID: &str = "invalid character class range";
        let name = match self.rest.strip_prefix('{') {
            Some(rest) => {
                let (name, behind) = rest.split_once('}').ok_or(INVALID)?;
                self.rest = behind;
                name.to_owned()
            }
            None => self.next().ok_or(INVALID)?.to_string(),
        };
        let negated = name.starts_with('^') != (kind == 'P');
        let name = name.trim_start_matches('^');
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_') {
            return Err(INVALID.into());
        }
        let kind = if negated { 'P' } else { 'p' };
        let name = if name == "Any" { "any" } else { name };
        write!(self.out, "\\{kind}{{{name}}}").expect("writing to a string cannot fail");
        Ok(())
    }

    /// What follows an opening bracket.
    fn class(&mut self) -> Step {
        self.out.push('[');
        if self.accept('^') {
            self.out.push('^');
        }
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            if self.rest.is_empty() {
                return Err("missing closing ]".into());
            }
            if !self.class_set()? {
                self.class_range()?;
            }
        }
        self.next();
        self.out.push(']');
        Ok(())
    }

    /// Reads a named set of characters inside a class, if one comes next.
    fn class_set(&mut self) -> Result<bool, String> {
        if let Some((name, behind)) =
            self.rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]"))
        {
            write!(self.out, "[:{name}:]").expect("writing to a string cannot fail");
            self.rest = behind;
            return Ok(true);
        }
        let mut ahead = self.rest.chars();
        let (Some('\\'), Some(c)) = (ahead.next(), ahead.next()) else { return Ok(false) };
        match c {
            'p' | 'P' => {
                self.rest = ahead.as_str();
                self.unicode_class(c)?;
            }
            'd' | 'w' | 's' => {
                self.rest = ahead.as_str();
                self.out.push_str(perl_class(c));
            }
            'D' | 'W' | 'S' => {
                self.rest = ahead.as_str();
                let members = perl_class(c);
                write!(self.out, "[^{members}]").expect("writing to a string cannot fail");
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Reads `a` or `a-z` inside a class.
    fn class_range(&mut self) -> Step {
        let low = self.class_char()?;
        let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]");
        let mut high = low;
        if is_range && self.rest.len() > 1 {
            self.next();
            high = self.class_char()?;
            if high < low {
                return Err("invalid character class range".into());
            }
        }
        self.push_code_point(low);
        if high != low {
            self.out.push('-');
            self.push_code_point(high);
        }
        Ok(())
    }

    fn class_char(&mut self) -> Result<u32, String> {
        match self.next() {
            Some('\\') => self.escaped_char(),
            Some(c) => Ok(u32::from(c)),
            None => Err("missing closing ]".into()),
        }
    }
}

/// The members of `\d`, `\w` and `\s`, which are ASCII in RE2.
fn perl_class(c: char) -> &'static str {
    match c {
        'd' | 'D' => "0-9",
        'w' | 'W' => "0-9A-Za-z_",
        _ => r"\t\n\f\r\x20",
    }
}

#[cfg(test)]
mod tests {
    use super::compile_anchored;

    #[track_caller]
    fn check(pattern: &str, matching: &[&str], others: &[&str]) {
        let regex = compile_anchored(pattern).expect(pattern);
        for text in matching {
            assert!(regex.is_match(text), "{pattern} should match {text:?}");
        }
        for text in others {
            assert!(!regex.is_match(text), "{pattern} should not match {text:?}");
        }
    }

    #[test]
    fn braces_that_count_nothing_are_literals() {
        check("{a}", &["{a}"], &["a"]);
        check("a{,2}", &["a{,2}"], &["aa"]);
        check("a{02}", &["a{02}"], &["aa"]);
        check("a{1,2}", &["a", "aa"], &["aaa"]);
        check("a}]", &["a}]"], &[]);
    }

    #[test]
    fn classes_know_no_set_operators() {
        check("[[&&~~]+", &["[&~"], &["]"]);
        check("[]a]", &["]", "a"], &["[]a]"]);
        check("[a-]", &["a", "-"], &["b"]);
        check(r"[^\d]", &["a", "٣"], &["3"]);
        check(r"[\W_]", &["-", "_"], &["a"]);
        check("[[:alpha:]1]", &["a", "1"], &[":"]);
    }

    #[test]
    fn escapes_are_those_of_re2() {
        check(r"\d", &["3"], &["٣"]);
        check(r"\w+", &["aZ_9"], &["é"]);
        check(r"\<a\>", &["<a>"], &["a"]);
        check(r"\Qa.b\E.", &["a.bc"], &["axbc"]);
        check(r"\101\x42\x{43}", &["ABC"], &[]);
        check(r"\p{^L}\pL", &["1a"], &["aa"]);
        check("(?i)a(?-i:b)", &["Ab"], &["aB"]);
        check("(?P<x>a)|(?<y>b)", &["a", "b"], &["ab"]);
        check("a.b", &["a\nb"], &[]);
    }

    #[test]
    fn other_dialects_are_refused() {
        for pattern in [
            "a**", "a+*", "a{2}{3}", "a{1001}", "a{3,2}", "(", ")", "a)|(b", "[", "[b-a]", "(?x)a",
            "(?=a)", r"\1", r"\u0041", r"\E", r"\Qa", r"\C", r"\Z", "\\", "*", r"[a-\d]", "(?u:a)",
        ] {
            assert!(compile_anchored(pattern).is_err(), "{pattern}");
        }
    }
}
