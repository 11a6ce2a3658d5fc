//! Token kinds of texts where the context decides, and texts that are no tokens.

use super::lex;

#[track_caller]
fn check(input: &str, want: &str) {
    check_with(input, false, want);
}

#[track_caller]
fn check_with(input: &str, utf8_names: bool, want: &str) {
    let lexed = lex(input, utf8_names);
    let mut got: Vec<String> =
        lexed.tokens.iter().map(|token| format!("{:?}", token.kind)).collect();
    if let Some((span, message)) = lexed.error {
        got.push(format!("{}: {message}", span.start));
    }
    assert_eq!(got.join(" "), want, "{input}");
}

#[test]
fn numbers_and_durations() {
    check("1_000 0x1f 1e5 .5 017", "Number Number Number Number Number End");
    check("5m 1h30m 1y2w 10ms 5e3s", "Duration Duration Duration Duration Duration End");
    check("Inf nAn", "Number Number End");
    check("1..2", "0: bad number or duration syntax: \"1..\"");
    check("0xfe", "0: bad number or duration syntax: \"0xfe\"");
    check("0xfe ", "Number End");
    check("5q", "0: bad number or duration syntax: \"5\"");
    check("1e", "0: bad number or duration syntax: \"1e\"");
}

#[test]
fn words() {
    check("foo foo:bar :foo", "Identifier MetricIdentifier MetricIdentifier End");
    check("SUM bool", "Aggregator(Sum) Keyword(Bool) End");
    check("{sum, foo}", "LeftBrace Identifier Comma Identifier RightBrace End");
    check("fill fill (", "Identifier Keyword(Fill) LeftParen 11: unclosed left parenthesis");
}

#[test]
fn brackets_hold_durations_only() {
    check("[5m:]", "LeftBracket Duration Colon RightBracket End");
    check("[step()]", "LeftBracket Keyword(Step) LeftParen RightParen RightBracket End");
    check(
        "[step():5m]",
        "LeftBracket Keyword(Step) LeftParen RightParen Colon Duration RightBracket End",
    );
    let early = "unexpected colon before duration in duration expression";
    check("[:5m]", &format!("LeftBracket 2: {early}"));
    check("[5m][:5m]", &format!("LeftBracket Duration RightBracket LeftBracket 6: {early}"));
    check(
        "[step()::",
        "LeftBracket Keyword(Step) LeftParen RightParen Colon \
         9: unexpected repeated colon in duration expression",
    );
    check("[foo]", "LeftBracket 1: unexpected character in duration expression: 'f'");
    check("[5m foo]", "LeftBracket Duration 4: unexpected character: 'f', expected ':'");
    check("[5m", "LeftBracket Duration 3: unclosed left bracket");
}

#[test]
fn names_of_other_scripts_are_a_feature() {
    let both = |input: &str, off: &str, on: &str| {
        check_with(input, false, off);
        check_with(input, true, on);
    };
    both("é", "0: unexpected character: 'é'", "Identifier End");
    both("a.b", "Identifier 1: unexpected character: '.'", "Identifier End");
    both("a:é.", "MetricIdentifier 2: unexpected character: 'é'", "MetricIdentifier End");
    both("inf.x", "Number 3: unexpected character: '.'", "Identifier End");
    both("sum.x", "Aggregator(Sum) 3: unexpected character: '.'", "Identifier End");
    both("a .5", "Identifier Number End", "Identifier Number End");
    both(".a", "0: unexpected character: '.'", "0: unexpected character: '.'");
    both("5m.a", "Duration 2: unexpected character: '.'", "Duration 2: unexpected character: '.'");
    both("5é", "Number 1: unexpected character: 'é'", "Number Identifier End");
    both(
        "{é.}",
        "LeftBrace 1: unexpected character inside braces: 'é'",
        "LeftBrace Identifier RightBrace End",
    );
    both(
        "[1é",
        "LeftBracket Number 2: unexpected character: 'é'",
        "LeftBracket Number 2: unexpected character: 'é', expected ':'",
    );
    let in_duration = "LeftBracket 1: unexpected character in duration expression: 'é'";
    both("[é]", in_duration, in_duration);
    // Lower case would make these `start` and `inf`, but a name keeps its letters.
    both("ſtart İnf", "0: unexpected character: 'ſ'", "Identifier Identifier End");
}

#[test]
fn strings_and_comments() {
    check(r#""a\"b" 'it"s' `\`"#, "String String String End");
    check("# a comment\n1", "Number End");
    check("{a # }\n}", "LeftBrace Identifier RightBrace End");
    check("\"a", "0: unterminated quoted string");
    check(r#""\q""#, "0: unknown escape sequence U+0071 'q'");
    check(r#""\400""#, "0: escape sequence is an invalid Unicode code point");
    check(r#""\ud800""#, "0: escape sequence is an invalid Unicode code point");
    check("`a", "0: unterminated raw string");
}
