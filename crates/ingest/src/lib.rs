//! Every metrics wire format, from bytes to sample batches.
