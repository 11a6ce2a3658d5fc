//! The inverted index: which series carry a label pair, and which series a set of matchers selects.
//!
//! [`resolve`] works on anything that can name its lists ([`LabelIndex`]): the growing index of
//! the head ([`MemoryIndex`]) and the encoded one inside a part file. Series are dense `u32` ids
//! whose meaning belongs to the index that gave them out.

mod encoded;
mod front;
mod list;
mod memory;
mod resolve;

pub use encoded::EncodedList;
pub use front::{FrontCoded, FrontCodedWriter};
pub use list::{List, ListView};
pub use memory::{MemoryIndex, Pair, VisitPairs};
pub use resolve::{LabelIndex, resolve, resolve_any};
pub use roaring::RoaringBitmap;
