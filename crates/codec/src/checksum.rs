//! The one checksum of all our files: XXH3 with 64 bits, seed 0.
//!
//! It finds accidents (bit rot, torn writes), not forgeries. It hashes at memory speed, so every
//! page, section and record can carry one.

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Checksum of a contiguous run of bytes.
pub fn checksum(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

/// Checksum of `parts` as if they were one run; copies nothing.
pub fn checksum_parts(parts: &[&[u8]]) -> u64 {
    match parts {
        [] => xxh3_64(&[]),
        [one] => xxh3_64(one),
        many => {
            let mut hasher = Xxh3::new();
            for part in many {
                hasher.update(part);
            }
            hasher.digest()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values_are_frozen() {
        // The reference implementation's value for the empty input; part of the file formats.
        assert_eq!(checksum(b""), 0x2d06_8005_38d3_94c2);
        assert_eq!(checksum_parts(&[]), checksum(b""));
    }

    proptest! {
        #[test]
        fn parts_hash_like_the_whole(bytes in prop::collection::vec(any::<u8>(), 0..2000), cut in 0_usize..2000) {
            let cut = cut.min(bytes.len());
            let (a, b) = bytes.split_at(cut);
            prop_assert_eq!(checksum_parts(&[a, b]), checksum(&bytes));
            prop_assert_eq!(checksum_parts(&[a, &[], b]), checksum(&bytes));
        }
    }
}
