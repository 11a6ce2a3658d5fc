//! What one request may ask for, named as in the configuration.

/// Checked before the work they bound. Byte limits hold per request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteLimits {
    /// `ingest.body_bytes_max`: compressed.
    pub body_bytes_max: usize,
    /// `ingest.decompressed_bytes_max`: read from the snappy header, before memory is taken.
    pub decompressed_bytes_max: usize,
    /// `ingest.samples_max`: float and histogram samples of one request.
    pub samples_max: usize,
    /// `ingest.label_count_max`
    pub label_count_max: usize,
    /// `ingest.label_name_bytes_max`
    pub label_name_bytes_max: usize,
    /// `ingest.label_value_bytes_max`
    pub label_value_bytes_max: usize,
}

impl Default for WriteLimits {
    fn default() -> Self {
        Self {
            body_bytes_max: 32 << 20,
            decompressed_bytes_max: 128 << 20,
            samples_max: 2_000_000,
            label_count_max: 128,
            label_name_bytes_max: 1024,
            label_value_bytes_max: 16 << 10,
        }
    }
}
