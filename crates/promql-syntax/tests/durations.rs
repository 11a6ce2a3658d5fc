//! Tables of computed durations: query → canonical text, place of the duration, or error.

use promql_syntax::ast::{DurationArg, Expr};
use promql_syntax::{ParseOptions, parse};

fn parsed(query: &str) -> Expr {
    parse(query, &ParseOptions::default()).unwrap_or_else(|error| panic!("{query}: {error}"))
}

#[track_caller]
fn canonical(query: &str, want: &str) {
    let printed = parsed(query).to_string();
    assert_eq!(printed, want, "{query}");
    assert_eq!(parsed(&printed).to_string(), want, "{query}, printed and read back");
}

#[track_caller]
fn error(query: &str, want: &str) {
    let got = parse(query, &ParseOptions::default()).expect_err(query);
    assert_eq!(got.to_string(), want, "{query}");
}

/// The only computed duration of `query` stands at `want`.
#[track_caller]
fn place(query: &str, want: &str) {
    let expr = parsed(query);
    let args = match &expr {
        Expr::Vector(node) => vec![&node.offset],
        Expr::Matrix(node) => vec![&node.range, &node.selector.offset],
        Expr::Subquery(node) => [&node.range, &node.offset].into_iter().chain(&node.step).collect(),
        _ => panic!("{query} has no durations"),
    };
    let computed = args.into_iter().find_map(|arg| match arg {
        DurationArg::Computed(duration) => Some(duration.span),
        DurationArg::Fixed(_) => None,
    });
    let span = computed.unwrap_or_else(|| panic!("{query} computes nothing"));
    assert_eq!(&query[span.start..span.end], want, "{query}");
}

#[test]
fn ranges_of_subqueries_are_computed_too() {
    canonical("a[range():1s]", "a[range():1s]");
    canonical("a[step():]", "a[step():]");
    canonical("a[STEP( ) : Range()]", "a[step():range()]");
    canonical("a[-range() + 2h:step()/2]", "a[-range() + 2h:step() / 2]");
    canonical("a[max_of(step(),1m):]", "a[max_of(step(), 1m):]");
    canonical("a[(range()):1s] offset step()", "a[(range()):1s] offset step()");
    let twice = "max_over_time(a[5m:range()])[step():]";
    canonical(twice, twice);
}

#[test]
fn a_colon_needs_a_duration_before_it() {
    let early = "unexpected colon before duration in duration expression";
    error("a[:1s]", &format!("1:4: parse error: {early}"));
    error(
        "a[():1s]",
        "1:4: parse error: unexpected \")\" in subquery or range selector, expected number, duration, step(), or range()",
    );
    error("a[5m:1m][:1s]", &format!("1:11: parse error: {early}"));
    error("a[range()::1s]", "1:12: parse error: unexpected repeated colon in duration expression");
    error("a[range():1s:]", "1:13: parse error: unexpected colon ':'");
    error(
        "a[range:1s]",
        "1:8: parse error: unexpected \":\" in subquery or range selector, expected number, duration, step(), or range()",
    );
}

#[test]
fn parentheses_are_kept() {
    canonical("a[(5m)]", "a[(5m)]");
    canonical("a[((5))]", "a[(5)]");
    canonical("a[(5m):(1m)]", "a[(5m):(1m)]");
    canonical("a[+(5m)]", "a[(5m)]");
    canonical("a[-(-5m)]", "a[-(-5m)]");
    canonical("a[2*(5m)]", "a[2 * (5m)]");
    canonical("a[max_of((5m),+(1m))]", "a[max_of((5m), (1m))]");
    canonical("a offset (1m)", "a offset (1m)");
    canonical("a offset -(1m)", "a offset -(1m)");
    canonical("a offset ((1 + (2)))", "a offset (1 + (2))");
}

#[test]
fn places_are_those_of_error_messages() {
    place("a[min_of(1m, 2m)]", "min_of(1m, 2m)");
    place("a[max_of(1m, 2m):]", "max_of(1m, 2m)");
    place("a[1h:min_of(1m, 2m)]", "min_of(1m, 2m)");
    place("a offset max_of(1m, 2m)", "max_of(1m, 2m)");
    place("a offset +max_of(1m, 2m)", "+max_of(1m, 2m)");
    place("a offset - min_of(1m, 2m)", "- min_of(1m, 2m)");
    place("a[min_of(1m, max_of(2m, 3m)) + 1m]", "min_of(1m, max_of(2m, 3m)) + 1m");
    place("a[1m + max_of(2m, 3m)]", "1m + max_of(2m, 3m)");
    place("a[ range() ]", "range()");
    // The closing parenthesis of a number is left out, both of anything else.
    place("a[(5m)]", "(5m");
    place("a[((5m))]", "(5m");
    place("a[(1m + 2m)]", "1m + 2m");
    place("a offset -(5m)", "-(5m");
}

#[test]
fn errors_point_at_what_is_wrong() {
    error("a[0]", "1:3: parse error: duration must be greater than 0");
    error("a[max_of(1 / 0, 1)]", "1:12: parse error: division by zero");
    error("a offset min_of(1, 5m % 0)", "1:23: parse error: modulo by zero");
    error("a[min_of(1, 99999999999999999999)]", "1:13: parse error: duration out of range");
    error("a offset -99999999999999999999", "1:10: parse error: duration out of range");
    error("a offset - 99999999999999999999", "1:10: parse error: duration out of range");
    error("a offset 99999999999999999999", "1:10: parse error: duration out of range");
    // The next token is read first.
    error("a[0 $", "1:5: parse error: unexpected character: '$'");
    error("a[1 / 0 $", "1:9: parse error: unexpected character: '$'");
}

#[test]
fn no_modifier_stands_before_a_range() {
    let check = |modifier: &str, what: &str| {
        let column = modifier.len() + 4;
        error(
            &format!("a {modifier} [5m]"),
            &format!("1:{column}: parse error: no {what} modifiers allowed before range"),
        );
        // A subquery is taken of anything.
        parsed(&format!("a {modifier} [5m:1m]"));
    };
    for offset in ["5m", "-5m", "step()", "-range()", "(5m)", "(0)", "max_of(1m, step())"] {
        check(&format!("offset {offset}"), "offset");
    }
    for at in ["10", "-1.5", "start()", "end()"] {
        check(&format!("@ {at}"), "@");
    }
    check("@ end() offset step()", "offset");
    check("offset step() @ start()", "offset");
    canonical("a offset 0 [5m]", "a[5m]");
}
