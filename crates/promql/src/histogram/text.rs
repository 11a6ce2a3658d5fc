//! A histogram as `count_values` writes it into a label.

use std::fmt::Write as _;

use model::FloatHistogram;

use super::buckets::populated_buckets;
use crate::number::general;

/// `{count:4, sum:9.5, (1,2]:1, (2,4]:3}`
pub fn describe(h: &FloatHistogram) -> String {
    let mut out = format!("{{count:{}, sum:{}", general(h.count), general(h.sum));
    for bucket in populated_buckets(h) {
        let open = if bucket.lower_inclusive { '[' } else { '(' };
        let close = if bucket.upper_inclusive { ']' } else { ')' };
        let (lower, upper) = (general(bucket.lower), general(bucket.upper));
        let written = write!(out, ", {open}{lower},{upper}{close}:{}", general(bucket.count));
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
    }
    out.push('}');
    out
}
