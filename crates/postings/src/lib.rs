//! Inverted index from label pairs to series.
