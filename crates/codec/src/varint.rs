//! Variable-length integers: LEB128 for unsigned numbers, zig-zag on top of it for signed ones.

/// Most bytes that one 64-bit number takes.
pub const VARINT_BYTES_MAX: usize = 10;

/// Why bytes are not a number. Both mean that the bytes are damaged or cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VarintError {
    #[error("number is cut off")]
    Truncated,
    #[error("number does not fit into 64 bits")]
    Overflow,
}

/// Appends `value`, 7 bits a byte, lowest first; the high bit says that more follow.
pub fn put_u64(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends `value` zig-zagged, so that small numbers of either sign stay short.
pub fn put_i64(out: &mut Vec<u8>, value: i64) {
    put_u64(out, zigzag(value));
}

/// Takes one number off the front of `bytes`. On an error `bytes` is unchanged.
///
/// Longer spellings of the same number (padding with zero groups) are accepted up to ten bytes.
#[inline]
pub fn take_u64(bytes: &mut &[u8]) -> Result<u64, VarintError> {
    match bytes.split_first() {
        Some((byte, rest)) if *byte < 0x80 => {
            *bytes = rest;
            Ok(u64::from(*byte))
        }
        _ => take_long_u64(bytes),
    }
}

fn take_long_u64(bytes: &mut &[u8]) -> Result<u64, VarintError> {
    // All groups at once, if the number ends within eight bytes.
    if let Some(word) = bytes.first_chunk::<8>().map(|word| u64::from_le_bytes(*word)) {
        let ends = !word & 0x8080_8080_8080_8080;
        if ends != 0 {
            // The bits up to the first byte without a high bit.
            let groups = word & (ends ^ (ends - 1)) & 0x7f7f_7f7f_7f7f_7f7f;
            *bytes = &bytes[ends.trailing_zeros() as usize / 8 + 1..];
            return Ok(joined(groups));
        }
    }
    let mut value = 0_u64;
    for (index, &byte) in bytes.iter().enumerate() {
        let group = u64::from(byte & 0x7f);
        if index == VARINT_BYTES_MAX - 1 && byte > 1 {
            return Err(VarintError::Overflow);
        }
        value |= group << (7 * index);
        if byte < 0x80 {
            *bytes = &bytes[index + 1..];
            return Ok(value);
        }
    }
    Err(VarintError::Truncated)
}

/// Closes the gaps between eight groups of seven bits.
const fn joined(groups: u64) -> u64 {
    let low = 0x007f_007f_007f_007f;
    let pairs = (groups & low) | ((groups & !low) >> 1);
    let low = 0x0000_3fff_0000_3fff;
    let fours = (pairs & low) | ((pairs & !low) >> 2);
    let low = 0x0000_0000_0fff_ffff;
    (fours & low) | ((fours & !low) >> 4)
}

/// Takes one zig-zagged number off the front of `bytes`. On an error `bytes` is unchanged.
pub fn take_i64(bytes: &mut &[u8]) -> Result<i64, VarintError> {
    take_u64(bytes).map(unzigzag)
}

/// Maps 0, -1, 1, -2, … to 0, 1, 2, 3, …
pub const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Undoes [`zigzag`].
pub const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Bytes that [`put_u64`] writes for `value`.
pub const fn len_u64(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(bytes: &[u8], want: Result<u64, VarintError>) {
        let mut rest = bytes;
        let got = take_u64(&mut rest);
        assert_eq!(got, want, "{bytes:?}");
        if got.is_err() {
            assert_eq!(rest, bytes, "a failed take must not consume");
        }
    }

    #[test]
    fn decodes_by_table() {
        check(&[], Err(VarintError::Truncated));
        check(&[0], Ok(0));
        check(&[0x7f], Ok(127));
        check(&[0x80, 1], Ok(128));
        check(&[0x80, 0x80], Err(VarintError::Truncated));
        check(&[0x80, 0], Ok(0));
        check(&[0xff; 9], Err(VarintError::Truncated));
        check(&[0xff; 10], Err(VarintError::Overflow));
        check(&[255, 255, 255, 255, 255, 255, 255, 255, 255, 1], Ok(u64::MAX));
        check(&[255, 255, 255, 255, 255, 255, 255, 255, 255, 2], Err(VarintError::Overflow));
    }

    proptest! {
        #[test]
        fn numbers_come_back(values in prop::collection::vec(any::<u64>(), 0..50), shift in 0_u32..64) {
            let mut out = Vec::new();
            for value in &values {
                let value = value >> shift;
                let before = out.len();
                put_u64(&mut out, value);
                prop_assert_eq!(out.len() - before, len_u64(value));
                put_i64(&mut out, value as i64);
            }
            let mut rest = out.as_slice();
            for value in &values {
                let value = value >> shift;
                prop_assert_eq!(take_u64(&mut rest), Ok(value));
                prop_assert_eq!(take_i64(&mut rest), Ok(value as i64));
            }
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn any_bytes_are_a_number_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..14)) {
            let mut rest = bytes.as_slice();
            while take_u64(&mut rest).is_ok() {}
        }
    }
}
