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
pub use text::describe as to_text;

use model::FloatHistogram;

/// The sum of two histograms; none of an exponential and a custom one.
pub fn add(a: &FloatHistogram, b: &FloatHistogram) -> Option<FloatHistogram> {
    let mut total = sum::HistogramSum::new(a);
    total.add(b).ok()?;
    Some(total.finish())
}

/// The difference of two histograms; none of an exponential and a custom one.
pub fn sub(a: &FloatHistogram, b: &FloatHistogram) -> Option<FloatHistogram> {
    let mut total = sum::HistogramSum::new(a);
    total.sub(b).ok()?;
    Some(total.finish())
}

/// Whether a counter started again between two samples.
pub fn is_reset(current: &FloatHistogram, before: &FloatHistogram) -> bool {
    reset::is_reset(current, before)
}
