//! Tables: query → canonical text, and query → error.

use promql_syntax::{ParseOptions, parse, prettify};

#[track_caller]
fn canonical(query: &str, want: &str) {
    let options = ParseOptions { unquoted_utf8_names: false, ..ParseOptions::all_features() };
    let expr = parse(query, &options);
    assert_eq!(expr.map(|expr| expr.to_string()), Ok(want.to_owned()), "{query}");
}

#[track_caller]
fn error(query: &str, want: &str) {
    let got = parse(query, &ParseOptions::default()).expect_err(query);
    assert_eq!(got.to_string(), want, "{query}");
}

#[test]
fn literals_print_in_their_shortest_form() {
    canonical("0x1F", "31");
    canonical("017", "15");
    canonical("08.50", "8.5");
    canonical("1_000e3", "1000000");
    canonical("inf", "+Inf");
    canonical("-NaN", "NaN");
    canonical("90m", "1h30m");
    canonical("-1w", "-1w");
    canonical("8d", "8d");
    canonical(r"'it\'s \x41\u00e9\377'", r#""it's Aé\xff""#);
    canonical("`a\\b`", r#""a\\b""#);
}

#[test]
fn signs_bind_like_multiplication() {
    canonical("-1^2", "-1 ^ 2");
    canonical("-foo * 2", "-foo * 2");
    canonical("- - 1", "1");
    canonical("2 ^ 3 ^ 4 * 5", "2 ^ 3 ^ 4 * 5");
}

#[test]
fn selectors_sort_their_matchers() {
    canonical(r#"{z="1", "a b"=~"x", "name"}"#, r#"{"a b"=~"x",__name__="name",z="1"}"#);
    canonical(r#"sum{by!="x",}"#, r#"sum{by!="x"}"#);
    canonical("foo @ 1.5 offset -5m", "foo @ 1.500 offset -5m");
    canonical("foo offset 1m @ end()", "foo @ end() offset 1m");
    canonical("foo anchored[5m]", "foo[5m] anchored");
    canonical("foo offset 0 offset 1m", "foo offset 1m");
}

#[test]
fn modifiers_bind_tighter_than_operators() {
    canonical("a + b offset 5m", "a + b offset 5m");
    canonical("foo offset 2 ^ 2", "foo offset 2s ^ 2");
    canonical("foo offset (2) ^ 2", "foo offset (2) ^ 2");
    canonical("foo[5m + step() * 2:-(1m - 2m)]", "foo[5m + step() * 2:-(1m - 2m)]");
    canonical("foo offset max_of(step(), +1m)", "foo offset max_of(step(), 1m)");
}

#[test]
fn aggregations_put_the_grouping_first() {
    canonical(r#"SUM(a) by (on, "x.y",)"#, r#"sum by (on, "x.y") (a)"#);
    canonical("sum without () (a)", "sum without () (a)");
    canonical("sum by () (a)", "sum(a)");
    canonical("topk(3, a)", "topk(3, a)");
    canonical("sum + avg", "sum + avg");
}

#[test]
fn matching_is_dropped_between_scalars() {
    canonical("a == bool on (x) group_left b", "a == bool on (x) group_left () b");
    canonical("a / ignoring () b", "a / b");
    canonical("a + on () 1", "a + 1");
    canonical("a and fill", "a and fill");
    canonical("a + fill_right(1e6) fill_left(-1) b", "a + fill_left (-1) fill_right (1e+06) b");
    canonical("a </ 5 >/ 2", "a </ 5 >/ 2");
}

#[test]
fn syntax_errors_say_what_was_found() {
    error("", "unknown position: parse error: no expression found in input");
    error("# only a comment", "1:1: parse error: no expression found in input");
    error("foo\n  bar", "2:3: parse error: unexpected identifier \"bar\"");
    error("1 +", "1:4: parse error: unexpected end of input");
    error("sum(", "1:5: parse error: unclosed left parenthesis");
    error("sum(a,)", "1:6: parse error: trailing commas not allowed in function call args");
    error(
        "foo{a}",
        "1:6: parse error: unexpected \"}\" in label matching, expected label matching operator",
    );
    error("foo[5m", "1:7: parse error: unclosed left bracket");
    error("foo @ bar", "1:7: parse error: unexpected identifier \"bar\" in @, expected timestamp");
    error(
        "a + on b",
        "1:8: parse error: unexpected identifier \"b\" in grouping opts, expected \"(\"",
    );
    error(
        "a + on () group_left * b",
        "1:22: parse error: unexpected <op:*> in grouping opts, expected \"(\"",
    );
    error("1 $ 2", "1:3: parse error: unexpected character: '$'");
    error(
        "1e400",
        "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"1e400\": value out of range",
    );
}

#[test]
fn type_errors_name_the_types() {
    error(
        "rate(foo)",
        "1:6: parse error: expected type range vector in call to function \"rate\", got instant vector",
    );
    error(
        "sum(1)",
        "1:5: parse error: expected type instant vector in aggregation expression, got scalar",
    );
    error("1 < 2", "1:3: parse error: comparisons between scalars must use BOOL modifier");
    error(
        "a and 1",
        "1:1: parse error: set operator \"and\" not allowed in binary scalar expression",
    );
    error("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher");
    error(
        "topk(a)",
        "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1",
    );
    error(
        "round(a, 1, 2)",
        "1:1: parse error: expected at most 2 argument(s) in call to \"round\", got 3",
    );
    error(
        "(a offset 1m) offset 1m",
        "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
    );
    error("a[5m] offset 1m offset 2m", "1:1: parse error: offset may not be set multiple times");
}

#[test]
fn features_are_off_by_default() {
    error(
        "limitk(1, a)",
        "1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions",
    );
    error("info(a)", "1:1: parse error: function \"info\" is not enabled");
    error(
        "a + fill(0) b",
        "1:1: parse error: binop fill modifiers are experimental and not enabled",
    );
}

/// What has become part of the language can still be switched off.
#[test]
fn the_language_of_older_servers_can_be_asked_for() {
    let older = ParseOptions {
        duration_expr: false,
        extended_range_selectors: false,
        ..ParseOptions::default()
    };
    let check = |query: &str, want: &str| {
        assert!(parse(query, &ParseOptions::default()).is_ok(), "{query}");
        assert_eq!(parse(query, &older).expect_err(query).to_string(), want, "{query}");
    };
    let computed = "1:3: parse error: experimental duration expression is not enabled";
    check("a[1m+1m]", computed);
    check("a[step()]", computed);
    check("a offset (5m)", "1:11: parse error: experimental duration expression is not enabled");
    check("a anchored", "1:1: parse error: anchored modifier is experimental and not enabled");
    check("a[5m] smoothed", "1:1: parse error: smoothed modifier is experimental and not enabled");
}

#[test]
fn long_queries_are_broken_over_lines() {
    let long = "a_metric_with_quite_a_long_name_to_fill_the_line";
    let query = format!("sum by (job) (rate({long}[5m]) / on (job) rate({long}[5m]))");
    let expr = parse(&query, &ParseOptions::default()).unwrap();
    let want =
        format!("sum by (job) (\n    rate({long}[5m])\n  / on (job)\n    rate({long}[5m])\n)");
    assert_eq!(prettify(&expr), want);
}

#[test]
fn a_selector_alone_takes_no_modifiers() {
    let check = |query: &str, want: Option<usize>| {
        let matchers = promql_syntax::parse_selector(query, &ParseOptions::default());
        assert_eq!(matchers.ok().map(|matchers| matchers.len()), want, "{query}");
    };
    check("up", Some(1));
    check(r#"up{a="b"}"#, Some(2));
    check("{}", Some(0));
    check("up offset 1m", None);
    check("1", None);
    check("", None);
}
