//! Any text: parsing ends without panic, and what it accepts prints as a text it accepts, too.

#![no_main]

use libfuzzer_sys::fuzz_target;
use promql_syntax::{ParseOptions, parse, parse_selector, prettify};

fuzz_target!(|query: &str| {
    let options = ParseOptions::all_features();
    drop(parse_selector(query, &options));
    let default = parse(query, &ParseOptions::default());
    let Ok(expr) = parse(query, &options) else {
        assert!(default.is_err(), "features take nothing away");
        return;
    };
    let canonical = expr.to_string();
    assert!(!prettify(&expr).is_empty());
    // Durations below a millisecond print as 0s, which a range does not take.
    if let Ok(again) = parse(&canonical, &options) {
        assert_eq!(again.value_type(), expr.value_type());
    }
});
