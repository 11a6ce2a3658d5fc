//! Byte-level codecs: varints, bit streams, number packing, checksums.

pub mod bits;
pub mod checksum;
pub mod decimal;
pub mod packed;
pub mod varint;
pub mod xor;
