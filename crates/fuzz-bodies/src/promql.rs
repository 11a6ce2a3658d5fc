//! Queries: parsing ends, and what it accepts prints as a text that it accepts, too.

use promql_syntax::{ParseOptions, parse, parse_selector, prettify};

/// Parses a query with and without the experimental features, and prints it.
pub fn promql(query: &[u8]) {
    let Ok(query) = std::str::from_utf8(query) else { return };
    let options = ParseOptions::all_features();
    drop(parse_selector(query, &options));
    let default = parse(query, &ParseOptions::default());
    let Ok(expr) = parse(query, &options) else {
        assert!(default.is_err(), "features take nothing away");
        return;
    };
    let canonical = expr.to_string();
    assert!(!prettify(&expr).is_empty(), "a query prints");
    match parse(&canonical, &options) {
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
