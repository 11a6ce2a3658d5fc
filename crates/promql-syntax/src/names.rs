//! Names of metrics and labels that need no quotes.
//!
//! Source: Prometheus 3.16, `promql/parser/lex.go` and `printer.go`. `utf8` stands for the feature
//! `promql-unquoted-utf8-names`: with it, letters of all scripts and, behind the first character,
//! dots belong to a name. Marks, digits of other scripts and symbols never do.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// Whether a name may start with `c`.
pub(crate) fn starts_name(c: char, utf8: bool) -> bool {
    c == '_' || c.is_ascii_alphabetic() || utf8 && is_foreign_letter(c)
}

/// Whether `c` may stand in a name behind its first character.
pub(crate) fn continues_name(c: char, utf8: bool) -> bool {
    starts_name(c, utf8) || c.is_ascii_digit() || utf8 && c == '.'
}

/// Whether a label has to be written in quotes.
pub(crate) fn needs_quotes(label: &str, utf8: bool) -> bool {
    let mut chars = label.chars();
    !(chars.next().is_some_and(|c| starts_name(c, utf8)) && chars.all(|c| continues_name(c, utf8)))
}

/// A letter outside of ASCII. `char::is_alphabetic` is wider: it has vowel signs and letters in
/// circles.
fn is_foreign_letter(c: char) -> bool {
    !c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Letter
}

#[cfg(test)]
mod tests {
    use super::needs_quotes;

    #[track_caller]
    fn check(label: &str, without_feature: bool, with_feature: bool) {
        assert_eq!(needs_quotes(label, false), without_feature, "{label:?} without the feature");
        assert_eq!(needs_quotes(label, true), with_feature, "{label:?} with the feature");
    }

    #[test]
    fn letters_and_dots_need_no_quotes_with_the_feature() {
        check("job", false, false);
        check("_9", false, false);
        check("service.name", true, false);
        check("a..", true, false);
        check("温度", true, false);
        check("ö\u{10400}9", true, false);
        check("ªǅʰ", true, false);
    }

    #[test]
    fn everything_else_needs_them() {
        let others = ["", ".a", "9a", "a:b", "a b", "a·b", "a😀", "\u{fffd}"];
        let marks_and_digits = ["o\u{308}", "a\u{903}", "a\u{200d}b", "a١", "a²", "aⅧ", "aⓐ"];
        for label in others.into_iter().chain(marks_and_digits) {
            check(label, true, true);
        }
    }
}
