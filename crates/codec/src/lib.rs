//! Byte-level codecs: varints, bit streams, number packing, checksums.
