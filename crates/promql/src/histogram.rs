//! Native histograms as values: buckets, arithmetic, counter resets, quantiles, trimming.
//!
//! Everything works on sparse `(index, count)` lists, whichever spans a histogram came with.

pub(crate) mod buckets;
pub(crate) mod quantile;
pub(crate) mod reset;
pub(crate) mod sum;
pub(crate) mod text;
pub(crate) mod trim;

pub use buckets::{Bucket, compact, populated_buckets};
