//! Byte-level codecs: varints, bit streams, number packing, checksums.

pub mod checksum;
pub mod varint;
