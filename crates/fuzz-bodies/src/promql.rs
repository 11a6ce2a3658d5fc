//! Queries: parsing ends, and what it accepts prints as a text that it accepts, too.

use promql_syntax::{Expr, ParseOptions, parse, parse_selector, prettify};

/// Parses a query with and without the experimental features, and prints it.
pub fn promql(query: &[u8]) {
    let Ok(query) = std::str::from_utf8(query) else { return };
    let with_names = ParseOptions::all_features();
    let quoted_names = ParseOptions { unquoted_utf8_names: false, ..with_names };
    drop(parse_selector(query, &with_names));
    drop(parse_selector(query, &quoted_names));
    let default = parse(query, &ParseOptions::default());
    // Names in UTF-8 take something away: labels with a colon in a clause.
    if let Ok(expr) = parse(query, &with_names) {
        reads_back(&expr, &with_names);
    }
    let Ok(expr) = parse(query, &quoted_names) else {
        assert!(default.is_err(), "features take nothing away");
        return;
    };
    reads_back(&expr, &quoted_names);
}

fn reads_back(expr: &Expr, options: &ParseOptions) {
    let canonical = expr.to_string();
    assert!(!prettify(expr).is_empty(), "a query prints");
    match parse(&canonical, options) {
        Ok(again) => {
            assert_eq!(
                again.value_type(),
                expr.value_type(),
                "the printed query has the same type"
            );
        }
        // Durations below a millisecond print as 0s, which a range does not take.
        Err(error) => assert!(canonical.contains("0s"), "{canonical} does not read back: {error}"),
    }
}
