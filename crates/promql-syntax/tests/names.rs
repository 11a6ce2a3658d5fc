//! Names without quotes that are more than ASCII words: what they may be, how they print, and that
//! nothing of it is there without the feature.

use promql_syntax::ast::LabelMatcher;
use promql_syntax::{Expr, ParseError, ParseOptions, parse, parse_selector, prettify};

fn names() -> ParseOptions {
    ParseOptions { unquoted_utf8_names: true, ..ParseOptions::default() }
}

fn both(query: &str) -> [Result<Expr, ParseError>; 2] {
    [ParseOptions::default(), names()].map(|options| parse(query, &options))
}

#[test]
fn names_of_metrics_are_letters_and_dots() {
    let check = |name: &str| {
        let [without, with] = both(name);
        assert!(without.is_err(), "{name} is a name without the feature");
        let expr = with.unwrap();
        assert_eq!(expr.to_string(), name);
        assert!(matches!(&expr, Expr::Vector(node) if node.name.as_deref() == Some(name)));
        let quoted = parse_selector(&format!("{{{name:?}}}"), &ParseOptions::default());
        assert_eq!(parse_selector(name, &names()), quoted);
    };
    for name in ["Björn", "温度", "θερμοκρασία", "حرارة", "\u{10400}", "a\u{10400}9", "ª"]
    {
        check(name);
    }
    for name in ["http.server.duration", "a..b", "a.", "_:温.x", ":.", "a.5"] {
        check(name);
    }
    // Words of the language and of numbers are none with a dot behind, nor in other letters.
    for name in ["sum.x", "on.x", "rate.", "Inf.x", "nan.1", "start.", "fill.", "İnf", "ſum"] {
        check(name);
    }
}

#[test]
fn other_texts_are_no_names() {
    let check = |query: &str, want: &str| {
        let got = parse(query, &names()).expect_err(query);
        assert_eq!(got.to_string(), want, "{query}");
    };
    check(".foo", "1:1: parse error: unexpected character: '.'");
    check("5foo", "1:1: parse error: bad number or duration syntax: \"5\"");
    check("5温", "1:2: parse error: unexpected identifier \"温\"");
    check("foo😀", "1:4: parse error: unexpected character: '😀'");
    check("foo١", "1:4: parse error: unexpected character: '١'");
    check("o\u{308}", "1:2: parse error: unexpected character: '\u{308}'");
    check("foo[5m.x]", "1:7: parse error: unexpected character: '.'");
    check("foo[5m é]", "1:8: parse error: unexpected character: 'é', expected ':'");
    check("foo{.a=\"x\"}", "1:5: parse error: unexpected character inside braces: '.'");
    check("foo{a:b=\"x\"}", "1:6: parse error: unexpected character inside braces: ':'");
    check("foo{é😀=\"x\"}", "1:7: parse error: unexpected character inside braces: '😀'");
    check("rate.x(foo)", "1:1: parse error: unknown function with name \"rate.x\"");
    check("温度(foo)", "1:1: parse error: unknown function with name \"温度\"");
    check(
        "a.b{\"c.d\"}",
        "1:1: parse error: metric name must not be set twice: \"a.b\" or \"c.d\"",
    );
}

#[test]
fn they_print_without_quotes() {
    let check = |query: &str, with: &str, without: &str| {
        for (options, want) in [(names(), with), (ParseOptions::default(), without)] {
            let printed = parse(query, &options).expect(query).to_string();
            assert_eq!(printed, want, "{query}");
            assert_eq!(parse(&printed, &options).expect(want).to_string(), want);
        }
    };
    check(
        r#"foo{"service.name"="api","équipe"!~"a|b"}[5m]"#,
        r#"foo{service.name="api",équipe!~"a|b"}[5m]"#,
        r#"foo{"service.name"="api","équipe"!~"a|b"}[5m]"#,
    );
    check(
        r#"sum(foo) by ("a.b", "équipe")"#,
        "sum by (a.b, équipe) (foo)",
        r#"sum by ("a.b", "équipe") (foo)"#,
    );
    check(
        r#"sum(foo) without ("a.b", "5a")"#,
        r#"sum without (a.b, "5a") (foo)"#,
        r#"sum without ("a.b", "5a") (foo)"#,
    );
    check(
        r#"a + on ("a.b") group_left ("équipe") b"#,
        "a + on (a.b) group_left (équipe) b",
        r#"a + on ("a.b") group_left ("équipe") b"#,
    );
    check(
        r#"a + ignoring ("a:b", "a b") b"#,
        r#"a + ignoring ("a:b", "a b") b"#,
        r#"a + ignoring ("a:b", "a b") b"#,
    );
    // Sorted by what is printed: without the quotes another order.
    check(
        r#"{"z.z"="1", "é"="2", a="3", ".a"="4", "o\u0308"="5"}"#,
        "{\".a\"=\"4\",\"o\u{308}\"=\"5\",a=\"3\",z.z=\"1\",é=\"2\"}",
        "{\".a\"=\"4\",\"o\u{308}\"=\"5\",\"z.z\"=\"1\",\"é\"=\"2\",a=\"3\"}",
    );
    // A name in quotes stays where it is.
    check(r#"{"é.é"}"#, r#"{__name__="é.é"}"#, r#"{__name__="é.é"}"#);
}

#[test]
fn long_queries_print_without_quotes_too() {
    let long = "温度.".repeat(7);
    let query = format!("sum by (場.所) (rate({long}[5m]) / on (場.所) rate({long}[5m]))");
    let expr = parse(&query, &names()).unwrap();
    let want =
        format!("sum by (場.所) (\n    rate({long}[5m])\n  / on (場.所)\n    rate({long}[5m])\n)");
    assert_eq!(prettify(&expr), want);
}

#[test]
fn colons_are_for_metrics_only() {
    let check = |query: &str, column: usize, label: &str| {
        let [without, with] = both(query);
        assert!(without.is_ok(), "{query} was always read");
        let want = format!("1:{column}: parse error: invalid label name for grouping: {label:?}");
        assert_eq!(with.expect_err(query).to_string(), want, "{query}");
    };
    check("sum by (a:b) (foo)", 9, "a:b");
    check("sum(foo) without (x, :)", 22, ":");
    check("foo + on (a:b) bar", 11, "a:b");
    check("foo + ignoring () group_left (a:b) bar", 31, "a:b");
    assert!(both(r#"sum by ("a:b") (foo)"#).iter().all(Result::is_ok));
}

#[test]
fn dots_are_no_operators_and_take_no_digits_away() {
    let check = |query: &str, want: &str| {
        assert_eq!(parse(query, &names()).expect(query).to_string(), want, "{query}");
    };
    check("foo.x + .5", "foo.x + 0.5");
    check("foo.x offset 5m @ .5", "foo.x @ 0.500 offset 5m");
    check("Inf.x + Inf", "Inf.x + +Inf");
    check("5.", "5");
    check("0x1f + 1e3", "31 + 1000");
    check("on.x + on (on.x) on.x", "on.x + on (on.x) on.x");
}

#[test]
fn without_the_feature_nothing_changes() {
    let check = |query: &str, want: &str| {
        let got = parse(query, &ParseOptions::default()).expect_err(query);
        assert_eq!(got.to_string(), want, "{query}");
    };
    check("é", "1:1: parse error: unexpected character: 'é'");
    check("a.b", "1:2: parse error: unexpected character: '.'");
    check("sum by (a.b) (c)", "1:10: parse error: unexpected character: '.'");
    check("a{é=\"1\"}", "1:3: parse error: unexpected character inside braces: 'é'");
    check("a[5m é]", "1:6: parse error: unexpected character: 'é'");
    check("bool.x", "1:1: parse error: unexpected <bool>");
}

/// A matcher by itself may end up in front of any parser.
#[test]
fn a_matcher_alone_keeps_its_quotes() {
    let matchers = parse_selector(r#"foo{a.b="c"}"#, &names()).unwrap();
    let texts: Vec<String> = matchers.iter().map(LabelMatcher::to_string).collect();
    assert_eq!(texts, [r#""a.b"="c""#, r#"__name__="foo""#]);
}
