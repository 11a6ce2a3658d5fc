//! Byte-level codecs: varints, bit streams, number packing, checksums, and the memory they grow in.

pub mod bits;
pub mod chain;
pub mod checksum;
pub mod decimal;
pub mod growing;
pub mod packed;
pub mod paged;
pub mod varint;
pub mod xor;
