//! Natural order of label values: runs of digits compare as numbers, so that `node2` comes before
//! `node10`.

use std::cmp::Ordering;

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while !left.is_empty() && !right.is_empty() {
        let (left_run, left_rest) = split_run(left);
        let (right_run, right_rest) = split_run(right);
        let order = match (digits(left_run), digits(right_run)) {
            (Some(x), Some(y)) => x.len().cmp(&y.len()).then_with(|| x.cmp(y)),
            _ => left_run.cmp(right_run),
        };
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// The first run of digits or of anything else, and the rest.
fn split_run(text: &str) -> (&str, &str) {
    let is_digit = |c: char| c.is_ascii_digit();
    let first = text.chars().next().is_some_and(is_digit);
    let end = text.find(|c| is_digit(c) != first).unwrap_or(text.len());
    text.split_at(end)
}

/// A run of digits without leading zeros.
fn digits(run: &str) -> Option<&str> {
    run.starts_with(|c: char| c.is_ascii_digit()).then(|| run.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::compare;
    use std::cmp::Ordering;

    #[test]
    fn numbers_inside_text_compare_as_numbers() {
        let check = |a: &str, b: &str, want: Ordering| assert_eq!(compare(a, b), want, "{a} {b}");
        check("node2", "node10", Ordering::Less);
        check("a", "b", Ordering::Less);
        check("4m5", "4m1000", Ordering::Less);
        check("x", "x", Ordering::Equal);
        check("x1", "x", Ordering::Greater);
        check("01", "1", Ordering::Less);
    }
}
