//! Hostile queries end in an error, on the small stack of a test thread.

use promql_syntax::{DEPTH_MAX_DEFAULT, ParseOptions, parse, prettify};

/// Parses, prints and drops.
fn is_accepted(query: &str) -> bool {
    parse(query, &ParseOptions::all_features()).is_ok_and(|expr| {
        assert!(!prettify(&expr).is_empty());
        parse(&expr.to_string(), &ParseOptions::all_features()).is_ok()
    })
}

/// Every way to nest, `levels` times, each up to three levels.
fn nested(levels: usize) -> Vec<String> {
    let wrap = |before: &str, inner: &str, after: &str| {
        before.repeat(levels) + inner + &after.repeat(levels)
    };
    vec![
        wrap("(", "a", ")"),
        wrap("-", "a", ""),
        wrap("sum(", "a", ")"),
        wrap("abs(", "a", ")"),
        wrap("a or ", "a", ""),
        wrap("2 ^ ", "2", ""),
        wrap("last_over_time((", "a", ")[1m:])"),
        wrap("-a + (", "a", ")"),
        format!("a[{}]", wrap("(", "1", ")")),
        format!("a[{}]", wrap("2 ^ ", "2", "")),
        format!("a[{}]", wrap("1 + ", "1", "")),
        format!("a[{}]", wrap("--", "1", "")),
        format!("a offset {}", wrap("max_of(1, ", "1", ")")),
    ]
}

#[test]
fn nesting_is_limited() {
    for query in nested(DEPTH_MAX_DEFAULT / 3 - 1) {
        assert!(is_accepted(&query), "{query}");
    }
    for query in nested(DEPTH_MAX_DEFAULT + 1).into_iter().chain(nested(20_000)) {
        let error = parse(&query, &ParseOptions::all_features()).expect_err(&query);
        assert_eq!(error.message, "expression is nested deeper than the limit of 256 levels");
    }
}

#[test]
fn length_is_limited() {
    let options = ParseOptions { length_max: 10, ..ParseOptions::default() };
    assert!(parse("a12345678 ", &options).is_ok());
    let error = parse("a123456789 ", &options).expect_err("too long");
    assert_eq!(error.message, "query of 11 bytes is longer than the limit of 10 bytes");
}
