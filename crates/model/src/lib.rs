//! The nouns of observability: labels, matchers, tenants, time, samples, histograms.
