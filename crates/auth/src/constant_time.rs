//! Comparison whose time tells nothing about where two secrets differ.

use subtle::ConstantTimeEq;

/// True when the bytes are equal. Cost: O(length) whatever the content; unequal lengths return at
/// once, so compare digests or fixed-size secrets.
#[must_use]
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::equal;

    #[test]
    fn equality_is_by_content() {
        assert!(equal(b"abc", b"abc"));
        assert!(!equal(b"abc", b"abd"));
        assert!(!equal(b"abc", b"ab"));
        assert!(equal(b"", b""));
    }
}
