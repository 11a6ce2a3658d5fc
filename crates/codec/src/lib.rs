//! Byte-level codecs: varints, bit streams, number packing, checksums, and the memory they grow in.

pub mod bits;
pub mod chain;
pub mod checksum;
pub mod decimal;
pub mod floats;
pub mod growing;
mod integers;
pub mod packed;
pub mod paged;
mod reals;
pub mod table;
pub mod times;
pub mod varint;
pub mod xor;

pub use xor::ChunkError;
